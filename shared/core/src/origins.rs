//! Which web origins a site's pages live on: what CORS answers are granted to and what public writes are bound to.

use http::header;
use thiserror::Error as ThisError;
use url::Host;

use crate::error::Error;
use crate::http::Request;

/// The origins a site allows.
///
/// A pattern is `https://example.com` (with a port if it is not the default one), `http://localhost:*` for any port,
/// `https://*.example.com` for any subdomain but not the domain itself, `null`, or `*` for every origin.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Origins(Vec<Pattern>);

/// A pattern that is none of those [`Origins`] knows.
#[derive(Debug, Clone, Copy, PartialEq, Eq, ThisError)]
#[error("an origin is https://host, https://host:port, http://localhost:*, https://*.example.com, null or *; without a path")]
pub struct BadOrigin {
    /// Where it stands in the list.
    pub index: usize,
}

#[derive(Debug, Clone, PartialEq, Eq)]
enum Pattern {
    Any,
    Null,
    Web { scheme: String, host: HostPattern, port: Option<u16> },
}

#[derive(Debug, Clone, PartialEq, Eq)]
enum HostPattern {
    Exactly(Host),
    Under(String),
}

impl Origins {
    /// Reads the list of a site's definition.
    ///
    /// Errors: the first pattern that is none.
    pub fn parse<S: AsRef<str>>(list: &[S]) -> Result<Self, BadOrigin> {
        let read = |(index, text): (usize, &S)| pattern(text.as_ref().trim()).ok_or(BadOrigin { index });
        list.iter().enumerate().map(read).collect::<Result<_, _>>().map(Self)
    }

    /// Whether an `Origin` header's value is one of these.
    #[must_use]
    pub fn contain(&self, origin: &str) -> bool {
        let seen = split(origin);
        self.0.iter().any(|pattern| match (pattern, &seen) {
            (Pattern::Any, _) => true,
            (Pattern::Null, _) => origin == "null",
            (Pattern::Web { scheme, host, port }, Some(seen)) => {
                let is_host = match (host, &seen.host) {
                    (HostPattern::Exactly(host), actual) => host == actual,
                    (HostPattern::Under(domain), Host::Domain(actual)) => {
                        actual.strip_suffix(domain.as_str()).is_some_and(|rest| rest.len() > 1 && rest.ends_with('.'))
                    }
                    (HostPattern::Under(_), _) => false,
                };
                *scheme == seen.scheme && is_host && port.is_none_or(|port| port == seen.port)
            }
            (Pattern::Web { .. }, None) => false,
        })
    }

    /// Grants CORS to an allowed origin and lets it pass. No `Origin` passes: that is no page of another site's.
    ///
    /// Errors: `Forbidden` for any other origin, except the one the request itself was sent to.
    pub fn admit(&self, request: &Request) -> Result<(), Error> {
        let Some(origin) = request.headers.get(header::ORIGIN) else { return Ok(()) };
        let origin = origin.to_str().unwrap_or_default();
        if self.contain(origin) {
            request.is_origin_allowed.set(true);
            return Ok(());
        }
        if is_own(origin, request) {
            return Ok(());
        }
        Err(Error::forbidden("This site does not list the page's origin; see `origins` in its site.toml."))
    }
}

/// One origin in its parts.
struct Seen {
    scheme: String,
    host: Host,
    port: u16,
}

fn split(origin: &str) -> Option<Seen> {
    let (scheme, rest) = origin.split_once("://")?;
    let (host, port) = authority(rest)?;
    let scheme = web_scheme(scheme)?;
    let port = port.map_or_else(|| default_port(&scheme), |port| port.parse().ok())?;
    Some(Seen { host: Host::parse(host).ok()?, scheme, port })
}

fn pattern(text: &str) -> Option<Pattern> {
    match text {
        "*" => return Some(Pattern::Any),
        "null" => return Some(Pattern::Null),
        _ => {}
    }
    let (scheme, rest) = text.split_once("://")?;
    let (host, port) = authority(rest)?;
    let scheme = web_scheme(scheme)?;
    let port = match port {
        Some("*") => None,
        Some(port) => Some(port.parse().ok()?),
        None => Some(default_port(&scheme)?),
    };
    let host = match host.strip_prefix("*.") {
        _ if host.rfind('*').is_some_and(|at| at > 0) || host == "*" => return None,
        None => HostPattern::Exactly(Host::parse(host).ok()?),
        Some(domain) => match Host::parse(domain).ok()? {
            // A whole top-level domain is nobody's site.
            Host::Domain(domain) if domain.contains('.') => HostPattern::Under(domain),
            _ => return None,
        },
    };
    Some(Pattern::Web { scheme, host, port })
}

/// Host and port of an authority; the brackets of IPv6 stay with the host.
fn authority(text: &str) -> Option<(&str, Option<&str>)> {
    if text.contains(['/', '?', '#', '@', ' ']) {
        return None;
    }
    let after_host = text.find(']').map_or(0, |bracket| bracket + 1);
    match text.get(after_host..)?.find(':') {
        Some(colon) => Some((text.get(..after_host + colon)?, text.get(after_host + colon + 1..))),
        None => Some((text, None)),
    }
    .filter(|(host, _)| !host.is_empty())
}

fn web_scheme(scheme: &str) -> Option<String> {
    let is_scheme = |c: char| c.is_ascii_alphanumeric() || matches!(c, '+' | '-' | '.');
    (!scheme.is_empty() && scheme.chars().all(is_scheme)).then(|| scheme.to_ascii_lowercase())
}

/// `0` for schemes without one, such as those of browser extensions: their origins never carry a port.
fn default_port(scheme: &str) -> Option<u16> {
    Some(match scheme {
        "https" => 443,
        "http" => 80,
        _ => 0,
    })
}

/// Whether a page that this very host served sent the request.
fn is_own(origin: &str, request: &Request) -> bool {
    let Some((_, authority)) = origin.split_once("://") else { return false };
    let host = request.header(header::HOST).or_else(|| request.uri.authority().map(http::uri::Authority::as_str));
    host.is_some_and(|host| host.eq_ignore_ascii_case(authority))
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;
    use crate::testing::request;

    #[track_caller]
    fn check(pattern: &str, origin: &str, expect: bool) {
        assert_eq!(Origins::parse(&[pattern]).unwrap().contain(origin), expect, "{pattern} and {origin}");
    }

    #[test]
    fn exact_origins_match_scheme_host_and_port() {
        check("https://example.com", "https://example.com", true);
        check("https://Example.com:443", "https://example.com", true);
        check("https://example.com", "https://example.com:443", true);
        check("https://españa.es", "https://xn--espaa-rta.es", true);
        check("http://[::1]:8080", "http://[::1]:8080", true);
        check("chrome-extension://abcdef", "chrome-extension://abcdef", true);
        check("https://example.com", "http://example.com", false);
        check("https://example.com", "https://example.com:8443", false);
        check("https://example.com", "https://www.example.com", false);
        check("https://example.com", "https://example.com.evil.net", false);
        check("https://example.com", "https://notexample.com", false);
        check("https://example.com", "https://example.com/", false);
        check("https://example.com", "https://example.com@evil.net", false);
        check("https://example.com", "null", false);
        check("https://example.com", "", false);
    }

    #[test]
    fn wildcards_reach_as_far_as_they_say() {
        check("http://localhost:*", "http://localhost", true);
        check("http://localhost:*", "http://localhost:5173", true);
        check("http://localhost:*", "https://localhost:5173", false);
        check("http://localhost:*", "http://localhost.evil.net:5173", false);
        check("https://*.example.com", "https://a.example.com", true);
        check("https://*.example.com", "https://a.b.example.com", true);
        check("https://*.example.com", "https://example.com", false);
        check("https://*.example.com", "https://evilexample.com", false);
        check("https://*.example.com", "https://.example.com", false);
        check("https://*.example.com", "http://a.example.com", false);
        check("null", "null", true);
        check("null", "https://example.com", false);
        check("*", "https://example.com", true);
        check("*", "null", true);
    }

    #[test]
    fn refuses_what_is_no_origin() {
        for text in [
            "",
            "example.com",
            "https://",
            "https://example.com/",
            "https://example.com/path",
            "https://*.com",
            "https://*",
            "https://a.*.com",
            "https://*.*.com",
            "https://a:b",
            "https://a b",
            "https://u@a.com",
        ] {
            assert_eq!(Origins::parse(&["https://fine.example", text]), Err(BadOrigin { index: 1 }), "{text}");
        }
    }

    #[track_caller]
    fn check_admit(headers: &[(&'static str, &str)], expect: Result<bool, ()>) {
        let origins = Origins::parse(&["https://example.com"]).unwrap();
        let request = request(headers, "");
        let outcome = origins.admit(&request).map(|()| request.is_origin_allowed.get()).map_err(|_| ());
        assert_eq!(outcome, expect, "{headers:?}");
    }

    #[test]
    fn grants_cors_only_to_listed_origins() {
        check_admit(&[("origin", "https://example.com")], Ok(true));
        check_admit(&[], Ok(false));
        check_admit(&[("origin", "https://forms.example.org"), ("host", "forms.example.org")], Ok(false));
        check_admit(&[("origin", "https://evil.net"), ("host", "forms.example.org")], Err(()));
        check_admit(&[("origin", "null"), ("host", "forms.example.org")], Err(()));
    }

    proptest! {
        #[test]
        fn no_origin_panics_or_slips_through(pattern: String, origin: String) {
            if let Ok(origins) = Origins::parse(&[pattern.as_str()]) {
                prop_assert!(!origins.contain(&origin) || origin.contains("://") || origin == "null" || pattern.trim() == "*");
            }
        }
    }
}
