//! E-mail addresses: which ones are taken, and which ones are the same mailbox.

use url::Host;

/// The longest address. Source: RFC 5321 §4.5.3.1.3, a path of 256 octets with its angle brackets.
const MAX_BYTES: usize = 254;
/// The longest local part. Source: RFC 5321 §4.5.3.1.1.
const MAX_LOCAL_BYTES: usize = 64;

/// An address that mail can be sent to.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Email {
    /// As typed, with the domain in lower case.
    pub address: String,
    /// What the mailbox is known by: all in lower case, the domain in ASCII.
    pub key: String,
    /// The domain in ASCII and lower case.
    pub domain: String,
}

/// Reads an address.
///
/// Source: WHATWG HTML, "valid e-mail address"; beyond it, the domain has a dot and may be international.
///
/// The local part's case is ignored for the key: no provider of note gives `Ana@` and `ana@` to different people. Dots and
/// `+tags` are kept: that they mean nothing is one provider's rule, and taking two people for one loses a lead.
#[must_use]
pub fn parse(text: &str) -> Option<Email> {
    let (local, domain) = text.rsplit_once('@')?;
    let is_atom = |c: char| c.is_ascii_alphanumeric() || ".!#$%&'*+/=?^_`{|}~-".contains(c);
    if local.is_empty() || local.len() > MAX_LOCAL_BYTES || !local.chars().all(is_atom) {
        return None;
    }
    let ascii = ascii_domain(domain)?;
    let key = format!("{}@{ascii}", local.to_ascii_lowercase());
    if key.len() > MAX_BYTES || text.len() > MAX_BYTES {
        return None;
    }
    Some(Email { address: format!("{local}@{}", domain.to_lowercase()), key, domain: ascii })
}

fn ascii_domain(domain: &str) -> Option<String> {
    // A URL's host may be percent-encoded, may be an IP address, may end with a dot; a mailbox's domain is none of these.
    if domain.contains('%') || domain.ends_with('.') {
        return None;
    }
    let Ok(Host::Domain(ascii)) = Host::parse(domain) else { return None };
    let is_label = |label: &str| {
        (1..=63).contains(&label.len())
            && label.bytes().all(|b| b.is_ascii_alphanumeric() || b == b'-')
            && !label.starts_with('-')
            && !label.ends_with('-')
    };
    (ascii.contains('.') && ascii.split('.').all(is_label)).then_some(ascii)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[track_caller]
    fn check(text: &str, key: Option<&str>) {
        assert_eq!(parse(text).map(|email| email.key).as_deref(), key, "{text:?}");
    }

    #[test]
    fn takes_what_html_takes() {
        check("ana@escuela.mx", Some("ana@escuela.mx"));
        check("Ana.Lopez+demo@Escuela.MX", Some("ana.lopez+demo@escuela.mx"));
        check("a!#$%&'*+/=?^_`{|}~-b@x.co", Some("a!#$%&'*+/=?^_`{|}~-b@x.co"));
        check("..@x.co", Some("..@x.co"));
        check("ana@sub.escuela-1.com.mx", Some("ana@sub.escuela-1.com.mx"));
        check("ana@españa.es", Some("ana@xn--espaa-rta.es"));
        check("ana@ESPAÑA.es", Some("ana@xn--espaa-rta.es"));
        check("ana@例え.jp", Some("ana@xn--r8jz45g.jp"));
        check(&format!("{}@x.co", "a".repeat(64)), Some(&format!("{}@x.co", "a".repeat(64))));
    }

    #[test]
    fn refuses_what_mail_cannot_reach() {
        for text in [
            "",
            "@",
            "ana",
            "ana@",
            "@escuela.mx",
            "ana@escuela",
            "ana@.mx",
            "ana@escuela.",
            "ana@escuela..mx",
            "ana@-escuela.mx",
            "ana@escuela-.mx",
            "ana lopez@escuela.mx",
            "ana@es cuela.mx",
            "ana@b@escuela.mx",
            "\"ana\"@escuela.mx",
            "ana@127.0.0.1",
            "ana@[::1]",
            "ana@escuela.mx\r\nBcc: x@y.co",
            "ana@es%63uela.mx",
            "ñandu@escuela.mx",
            "ana@es_cuela.mx",
            "ana@1.2",
            "<ana@escuela.mx>",
            "ana@escuela.mx>",
            "ana,eva@escuela.mx",
            "ana@escuela.mx,eva@escuela.mx",
        ] {
            check(text, None);
        }
        check(&format!("{}@x.co", "a".repeat(65)), None);
        check(&format!("a@{}.co", "b.".repeat(126)), None);
        check(&format!("a@{}.co", "b".repeat(64)), None);
    }

    #[test]
    fn shows_the_address_as_it_was_typed() {
        assert_eq!(parse("Ana@ESPAÑA.es").unwrap().address, "Ana@españa.es");
    }
}
