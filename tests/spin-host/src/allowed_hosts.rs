//! `allowed_outbound_hosts`: which URLs a component may call. Pure; the sending is in `outbound`.
//! Of Spin's syntax, address ranges (`10.0.0.0/8`) are refused at load rather than served.

use std::ops::Range;

use crate::variables::Variables;

/// The hosts one component may call.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct AllowedHosts(Vec<AllowedHost>);

#[derive(Debug, Clone, PartialEq, Eq)]
struct AllowedHost {
    scheme: Option<String>,
    host: Host,
    ports: Option<Range<u32>>,
}

#[derive(Debug, Clone, PartialEq, Eq)]
enum Host {
    Any,
    Itself,
    Exactly(String),
    EndsWith(String),
}

impl AllowedHosts {
    /// Parses the manifest's entries after filling their templates.
    ///
    /// Errors: one sentence that names the entry and what is wrong with it.
    pub fn parse(entries: &[String], variables: &Variables) -> Result<Self, String> {
        let parse = |entry: &String| {
            let resolved = variables.resolve(entry).map_err(|e| format!("allowed_outbound_hosts {entry:?}: {e}"))?;
            AllowedHost::parse(resolved.trim()).map_err(|e| format!("allowed_outbound_hosts {entry:?}: {e}"))
        };
        entries.iter().map(parse).collect::<Result<_, _>>().map(Self)
    }

    /// Whether a request to this address may leave.
    pub fn allows(&self, scheme: &str, host: &str, port: Option<u16>) -> bool {
        let port = port.map(u32::from).or_else(|| well_known_port(scheme));
        self.0.iter().any(|allowed| {
            allowed.scheme.as_deref().is_none_or(|s| s == scheme)
                && allowed.host.allows(host)
                && allowed.ports.as_ref().is_none_or(|ports| port.is_some_and(|p| ports.contains(&p)))
        })
    }

    /// Whether a request without a host, or to `self.alt`, may go to this application itself.
    pub fn allows_itself(&self) -> bool {
        self.0.iter().any(|allowed| {
            allowed.scheme.as_deref().is_none_or(|s| s == "http" || s == "https") && matches!(allowed.host, Host::Any | Host::Itself)
        })
    }
}

impl AllowedHost {
    fn parse(entry: &str) -> Result<Self, String> {
        let (scheme, rest) = entry.split_once("://").ok_or_else(|| format!("{entry:?} has no scheme (\"http://\", or \"*://\")"))?;
        let rest = rest.strip_suffix('/').unwrap_or(rest);
        if rest.contains('/') {
            return Err(format!("{entry:?} has a path or an address range, neither is served"));
        }
        let (host, port) = split_port(rest);
        Ok(Self { scheme: parse_scheme(scheme)?, host: Host::parse(host)?, ports: parse_ports(port, scheme)? })
    }
}

impl Host {
    fn parse(host: &str) -> Result<Self, String> {
        match host.strip_prefix("*.") {
            _ if host.is_empty() => Err("the host is empty".to_owned()),
            _ if host == "*" => Ok(Self::Any),
            _ if host == "self" || host == "self.alt" => Ok(Self::Itself),
            Some(domain) if !domain.contains('*') => Ok(Self::EndsWith(format!(".{domain}"))),
            None if !host.contains(['*', '{']) => Ok(Self::Exactly(host.to_owned())),
            _ => Err(format!("host {host:?}: a wildcard stands alone or before the first dot")),
        }
    }

    fn allows(&self, host: &str) -> bool {
        match self {
            Self::Any => true,
            Self::Itself => false,
            Self::Exactly(exact) => exact == host,
            Self::EndsWith(suffix) => host.ends_with(suffix.as_str()),
        }
    }
}

/// Splits at the last colon that is not inside the brackets of an IPv6 address.
fn split_port(rest: &str) -> (&str, Option<&str>) {
    match rest.rsplit_once(':') {
        Some((host, port)) if !port.ends_with(']') => (host, Some(port)),
        _ => (rest, None),
    }
}

fn parse_scheme(scheme: &str) -> Result<Option<String>, String> {
    match scheme {
        "*" => Ok(None),
        _ if !scheme.is_empty() && scheme.chars().all(char::is_alphabetic) => Ok(Some(scheme.to_owned())),
        _ => Err(format!("scheme {scheme:?} is not a word")),
    }
}

fn parse_ports(port: Option<&str>, scheme: &str) -> Result<Option<Range<u32>>, String> {
    let number = |text: &str| text.parse::<u16>().map(u32::from).map_err(|_| format!("port {text:?} is not a number up to 65535"));
    match port.filter(|p| !p.is_empty()) {
        Some("*") => Ok(None),
        Some(range) => match range.split_once("..") {
            Some((start, end)) => Ok(Some(number(start)?..number(end)?)),
            None => number(range).map(|port| Some(port..port + 1)),
        },
        None => well_known_port(scheme)
            .map(|port| Some(port..port + 1))
            .ok_or_else(|| format!("scheme {scheme:?} has no known port: write one, or \":*\"")),
    }
}

fn well_known_port(scheme: &str) -> Option<u32> {
    match scheme {
        "http" => Some(80),
        "https" => Some(443),
        "postgres" => Some(5432),
        "mysql" => Some(3306),
        "redis" => Some(6379),
        "mqtt" => Some(1883),
        _ => None,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn hosts(entries: &[&str]) -> Result<AllowedHosts, String> {
        let entries: Vec<_> = entries.iter().map(|e| (*e).to_owned()).collect();
        AllowedHosts::parse(&entries, &Variables::default())
    }

    #[test]
    fn each_part_of_an_entry_narrows_what_it_allows() {
        let check = |entry: &str, url: (&str, &str, Option<u16>), expect: bool| {
            let hosts = hosts(&[entry]).unwrap();
            assert_eq!(hosts.allows(url.0, url.1, url.2), expect, "{entry} and {url:?}");
        };
        check("http://a.example", ("http", "a.example", None), true);
        check("http://a.example/", ("http", "a.example", Some(80)), true);
        check("http://a.example", ("http", "a.example", Some(8080)), false);
        check("http://a.example", ("https", "a.example", None), false);
        check("http://a.example", ("http", "b.a.example", None), false);
        check("http://a.example:8080", ("http", "a.example", Some(8080)), true);
        check("http://a.example:8080", ("http", "a.example", None), false);
        check("http://a.example:8000..8010", ("http", "a.example", Some(8009)), true);
        check("http://a.example:8000..8010", ("http", "a.example", Some(8010)), false);
        check("https://*", ("https", "any.example", Some(443)), true);
        check("https://*", ("https", "any.example", Some(8443)), false);
        check("https://*.example", ("https", "a.b.example", None), true);
        check("https://*.example", ("https", "example", None), false);
        check("https://*.example", ("https", "badexample", None), false);
        check("*://*:*", ("http", "127.0.0.1", Some(1)), true);
        check("*://127.0.0.1:*", ("http", "127.0.0.1", Some(65535)), true);
        check("*://127.0.0.1:*", ("http", "127.0.0.2", Some(1)), false);
        check("http://[::1]:8080", ("http", "[::1]", Some(8080)), true);
        check("http://[::1]", ("http", "[::1]", Some(80)), true);
        check("http://self", ("http", "self", None), false);
        check("http://*.spin.internal", ("http", "back.spin.internal", None), true);
        assert!(!AllowedHosts::default().allows("http", "a.example", None));
    }

    #[test]
    fn requests_to_the_application_itself_need_self_or_any() {
        assert!(hosts(&["http://self"]).unwrap().allows_itself());
        assert!(hosts(&["*://*:*"]).unwrap().allows_itself());
        assert!(!hosts(&["http://a.example"]).unwrap().allows_itself());
        assert!(!hosts(&["redis://self"]).unwrap().allows_itself());
    }

    #[test]
    fn malformed_entries_are_refused_at_load() {
        for entry in [
            "",
            "*",
            "a.example",
            "http://",
            "http://a.example/path",
            "http://10.0.0.0/8",
            "foo://a.example",
            "http://a.*.example",
            "http://*.*.example",
            "http://a.example:port",
            "http://a.example:70000",
            "1://a",
            "{http,https}://a",
            "http://{a,b}",
            "{{ unknown }}",
        ] {
            assert!(hosts(&[entry]).is_err(), "{entry:?}");
        }
    }
}
