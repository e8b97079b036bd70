//! The SSRF guard: turns a URL somebody typed into a [`Destination`] that may be called, or says why not.

use std::net::IpAddr;

use thiserror::Error as ThisError;
use url::{Host, Url};

/// A URL that passed the guard; the only thing the `Fetch` port accepts.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Destination {
    url: Url,
    is_exempt: bool,
}

impl Destination {
    /// The URL.
    #[must_use]
    pub const fn url(&self) -> &Url {
        &self.url
    }

    /// Whether the operator named this host: then its resolved addresses are not checked either.
    #[must_use]
    pub const fn is_exempt(&self) -> bool {
        self.is_exempt
    }
}

/// Why a URL may not be called.
#[derive(Debug, Clone, Copy, PartialEq, Eq, ThisError)]
pub enum Refusal {
    /// It is no absolute URL.
    #[error("it is not an absolute URL")]
    NotUrl,
    /// Only `https`, and `http` for hosts the operator named.
    #[error("it must start with https://")]
    Scheme,
    /// It carries a user name or password.
    #[error("it must not carry a user name or password")]
    Credentials,
    /// It points into a private network.
    #[error("it points to a private, loopback, link-local or metadata address")]
    Private,
}

/// The hosts that the operator exempts from the guard, as `host` or `host:port`.
#[derive(Debug, Clone, Default)]
pub struct Exemptions(Vec<String>);

impl Exemptions {
    /// Reads a comma-separated list.
    #[must_use]
    pub fn parse(list: &str) -> Self {
        Self(list.split(',').map(|host| host.trim().to_ascii_lowercase()).filter(|host| !host.is_empty()).collect())
    }

    fn name(&self, url: &Url) -> bool {
        let host = url.host_str().unwrap_or_default();
        let with_port = format!("{host}:{}", url.port_or_known_default().unwrap_or_default());
        self.0.iter().any(|exempt| *exempt == host || *exempt == with_port)
    }
}

/// Checks a URL that a user gave.
///
/// Errors: a [`Refusal`] that can be told to whoever typed it.
pub fn check(url: &str, exemptions: &Exemptions) -> Result<Destination, Refusal> {
    let url = Url::parse(url).map_err(|_| Refusal::NotUrl)?;
    let host = url.host().ok_or(Refusal::NotUrl)?;
    let is_exempt = exemptions.name(&url);
    match url.scheme() {
        "https" => {}
        "http" if is_exempt => {}
        _ => return Err(Refusal::Scheme),
    }
    if !url.username().is_empty() || url.password().is_some() {
        return Err(Refusal::Credentials);
    }
    let is_private = match host {
        Host::Ipv4(address) => is_private(IpAddr::V4(address)),
        Host::Ipv6(address) => is_private(IpAddr::V6(address)),
        Host::Domain(name) => is_private_name(name),
    };
    if is_private && !is_exempt {
        return Err(Refusal::Private);
    }
    Ok(Destination { url, is_exempt })
}

/// Takes a URL from the operator's own configuration: an API of theirs may well be private.
///
/// Errors: `NotUrl`, or `Scheme` for anything but `http` and `https`.
pub fn trusted(url: &str) -> Result<Destination, Refusal> {
    let url = Url::parse(url).map_err(|_| Refusal::NotUrl)?;
    url.host().ok_or(Refusal::NotUrl)?;
    if matches!(url.scheme(), "http" | "https") { Ok(Destination { url, is_exempt: true }) } else { Err(Refusal::Scheme) }
}

/// Whether an address is not on the public internet.
///
/// Source: IANA special-purpose address registries (RFC 6890), with the addresses that embed an IPv4 one unwrapped.
#[must_use]
pub fn is_private(address: IpAddr) -> bool {
    match address {
        IpAddr::V4(v4) => {
            let [a, b, c, _] = v4.octets();
            v4.is_unspecified()
                || v4.is_loopback()
                || v4.is_private()
                || v4.is_link_local()
                || v4.is_broadcast()
                || v4.is_documentation()
                || v4.is_multicast()
                || a == 0
                || a >= 240
                || (a == 100 && (64..128).contains(&b))
                || (a == 192 && b == 0 && c == 0)
                || (a == 198 && (18..20).contains(&b))
        }
        IpAddr::V6(v6) => {
            if let Some(v4) = v6.to_ipv4() {
                return is_private(IpAddr::V4(v4));
            }
            let [a, b, c, d, _, _, g, h] = v6.segments();
            let embedded = |high: u16, low: u16| {
                let [p, q] = high.to_be_bytes();
                let [r, s] = low.to_be_bytes();
                is_private(IpAddr::from([p, q, r, s]))
            };
            v6.is_unspecified()
                || v6.is_loopback()
                || v6.is_multicast()
                || (a & 0xfe00) == 0xfc00
                || (a & 0xffc0) == 0xfe80
                || (a & 0xffc0) == 0xfec0
                || (a == 0x2001 && b == 0xdb8)
                || (a == 0x2001 && b < 0x200)
                || (a == 0x100 && b == 0 && c == 0 && d == 0)
                || (a == 0x64 && b == 0xff9b && (c == 1 || embedded(g, h)))
                || (a == 0x2002 && embedded(b, c))
        }
    }
}

/// Whether a name can only mean something inside a private network.
///
/// Source: RFC 6761 and RFC 6762 special-use names, ICANN's reservation of `.internal`, and the clouds' metadata names.
fn is_private_name(name: &str) -> bool {
    let name = name.trim_end_matches('.').to_ascii_lowercase();
    let suffixes = ["localhost", "local", "internal", "intranet", "lan", "home", "corp", "home.arpa", "test", "invalid", "onion"];
    let is_under = |suffix: &&str| name == **suffix || name.strip_suffix(*suffix).is_some_and(|rest| rest.ends_with('.'));
    name.is_empty() || !name.contains('.') || suffixes.iter().any(is_under)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[track_caller]
    fn check_url(url: &str, expect: Result<(), Refusal>) {
        let exemptions = Exemptions::parse("127.0.0.1:9999, hooks.intranet");
        assert_eq!(check(url, &exemptions).map(|_| ()), expect, "{url}");
    }

    #[test]
    fn lets_public_https_through() {
        check_url("https://hooks.example.com/x?y=1", Ok(()));
        check_url("https://8.8.8.8/", Ok(()));
        check_url("https://[2606:4700::1111]/", Ok(()));
    }

    #[test]
    fn refuses_what_leads_inside() {
        for url in [
            "https://127.0.0.1/",
            "https://127.1/",
            "https://2130706433/",
            "https://0x7f.0.0.1/",
            "https://0/",
            "https://10.0.0.1/",
            "https://172.16.0.1/",
            "https://192.168.1.1/",
            "https://169.254.169.254/latest/meta-data",
            "https://100.64.0.1/",
            "https://[::1]/",
            "https://[::]/",
            "https://[::ffff:127.0.0.1]/",
            "https://[::ffff:a9fe:a9fe]/",
            "https://[fd00::1]/",
            "https://[fe80::1]/",
            "https://[64:ff9b::7f00:1]/",
            "https://[64:ff9b:1::808:808]/",
            "https://[2002:7f00:1::]/",
            "https://localhost/",
            "https://a.localhost./",
            "https://metadata.google.internal/",
            "https://printer.local/",
            "https://intranet/",
            "https://224.0.0.1/",
            "https://255.255.255.255/",
        ] {
            check_url(url, Err(Refusal::Private));
        }
    }

    #[test]
    fn refuses_other_schemes_and_credentials() {
        check_url("http://hooks.example.com/", Err(Refusal::Scheme));
        check_url("ftp://hooks.example.com/", Err(Refusal::Scheme));
        check_url("file:///etc/passwd", Err(Refusal::NotUrl));
        check_url("javascript:alert(1)", Err(Refusal::NotUrl));
        check_url("/relative", Err(Refusal::NotUrl));
        check_url("https://user:pass@hooks.example.com/", Err(Refusal::Credentials));
    }

    #[test]
    fn the_operator_may_name_exceptions() {
        check_url("http://127.0.0.1:9999/hook", Ok(()));
        check_url("http://127.0.0.1:9998/hook", Err(Refusal::Scheme));
        check_url("https://127.0.0.1:9998/hook", Err(Refusal::Private));
        check_url("https://hooks.intranet/", Ok(()));
    }
}
