//! Addresses of mailboxes and of servers.

use std::net::IpAddr;

use orilla_core::guard::{self, Exemptions};
use orilla_text::email;
use url::{Host, Url};

use crate::text;

/// A mailbox: what is taken is taken again, under the same key.
pub fn email(input: &[u8]) {
    let input = text(input);
    let Some(taken) = email::parse(&input) else { return };
    let again = email::parse(&taken.address).expect("an address that was taken");
    assert_eq!((again.key.as_str(), again.address.as_str()), (taken.key.as_str(), taken.address.as_str()));
    assert_eq!(email::parse(&taken.key).map(|it| it.key), Some(taken.key.clone()));
    assert!(taken.key.is_ascii() && taken.key.ends_with(&taken.domain) && !taken.address.contains(char::is_whitespace));
}

/// A server that a user names: none in a private network, none by another way than HTTPS.
pub fn guard(input: &[u8]) {
    let input = text(input);
    let Ok(destination) = guard::check(&input, &Exemptions::default()) else { return };
    let url = destination.url();
    assert!(url.scheme() == "https" && url.username().is_empty() && url.password().is_none() && !destination.is_exempt());
    let again = Url::parse(url.as_str()).expect("a URL that was taken");
    assert_eq!(&again, url);
    match url.host().expect("a host") {
        Host::Ipv4(address) => assert!(!guard::is_private(IpAddr::V4(address))),
        Host::Ipv6(address) => assert!(!guard::is_private(IpAddr::V6(address))),
        Host::Domain(name) => {
            assert!(name.parse::<IpAddr>().is_err() && name.trim_end_matches('.').rsplit('.').next() != Some("localhost"))
        }
    }
}
