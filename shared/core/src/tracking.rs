//! What a site says about tracking: a part of its definition, checked when it is applied and obeyed when events come in.
//!
//! Only the words and their rules; what an event is stands in the events function.

use std::net::IpAddr;

use serde::{Deserialize, Serialize};

/// A site's policy. Everything has a default, so that a site without a `[tracking]` table can be tracked too.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub struct Policy {
    /// The IANA name of the time zone in which days begin.
    pub time_zone: String,
    /// Whether an event needs the visitor's consent. Without it only counts are kept.
    pub consent: Consent,
    /// Whether browsers that send `DNT: 1` or `Sec-GPC: 1` are counted only.
    pub respects_opt_out: bool,
    /// Addresses and networks whose events are set aside: one's own office, a scraper.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub blocked: Vec<String>,
    /// If not empty, only these properties of an event are kept.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub allow_properties: Vec<String>,
    /// Properties that are never kept.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub deny_properties: Vec<String>,
    /// Whether e-mail addresses and telephone numbers inside properties and URLs are masked.
    pub masks_contacts: bool,
    /// For how many days an event is kept after it was received; if nothing is said, until its person is erased.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub keeps_days: Option<u32>,
    /// Whether its requests share commits with one another where the host can do that: for sites with many visitors at a time.
    pub shares_commits: bool,
}

impl Default for Policy {
    fn default() -> Self {
        Self {
            time_zone: "UTC".to_owned(),
            consent: Consent::NotNeeded,
            respects_opt_out: true,
            blocked: Vec::new(),
            allow_properties: Vec::new(),
            deny_properties: Vec::new(),
            masks_contacts: true,
            keeps_days: None,
            shares_commits: false,
        }
    }
}

/// Whether events wait for the visitor's consent.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Consent {
    /// Cookieless counting stands on another ground.
    NotNeeded,
    /// An event that does not say that consent was given is counted, and its visitor is not kept.
    Required,
}

/// A network in CIDR notation, or one address.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Network {
    address: IpAddr,
    prefix: u8,
}

impl Network {
    /// Reads `203.0.113.7`, `203.0.113.0/24` or `2001:db8::/32`; `None` for anything else.
    ///
    /// Source: RFC 4632 §3.1, RFC 4291 §2.3.
    #[must_use]
    pub fn parse(text: &str) -> Option<Self> {
        let (address, prefix) = text.split_once('/').map_or((text, None), |(address, prefix)| (address, Some(prefix)));
        let address: IpAddr = address.trim().parse().ok()?;
        let longest = if address.is_ipv4() { 32 } else { 128 };
        let prefix = prefix.map_or(Some(longest), |prefix| prefix.trim().parse().ok())?;
        (prefix <= longest).then_some(Self { address, prefix })
    }

    /// Whether an address is in it.
    #[must_use]
    pub fn contains(&self, address: IpAddr) -> bool {
        let kept = |bits: u128, of: u8| if self.prefix == 0 { 0 } else { bits >> (of - self.prefix) };
        match (self.address, address.to_canonical()) {
            (IpAddr::V4(own), IpAddr::V4(other)) => kept(u32::from(own).into(), 32) == kept(u32::from(other).into(), 32),
            (IpAddr::V6(own), IpAddr::V6(other)) => kept(own.into(), 128) == kept(other.into(), 128),
            _ => false,
        }
    }
}

impl Policy {
    /// The networks that are blocked. Entries that are none were refused when the site was applied.
    #[must_use]
    pub fn networks(&self) -> Vec<Network> {
        self.blocked.iter().filter_map(|text| Network::parse(text)).collect()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[track_caller]
    fn check(network: &str, address: &str, expect: bool) {
        let network = Network::parse(network).unwrap();
        assert_eq!(network.contains(address.parse().unwrap()), expect, "{network:?} and {address}");
    }

    #[test]
    fn networks_contain_their_addresses() {
        check("203.0.113.7", "203.0.113.7", true);
        check("203.0.113.7", "203.0.113.8", false);
        check("203.0.113.0/24", "203.0.113.255", true);
        check("203.0.113.0/24", "203.0.114.0", false);
        check("203.0.113.7", "::ffff:203.0.113.7", true);
        check("0.0.0.0/0", "198.51.100.1", true);
        check("0.0.0.0/0", "2001:db8::1", false);
        check("2001:db8::/32", "2001:db8:ffff::1", true);
        check("2001:db8::/32", "2001:db9::1", false);
    }

    #[test]
    fn refuses_what_is_no_network() {
        for text in ["", "office", "203.0.113", "203.0.113.0/33", "::/129", "203.0.113.0/", "203.0.113.0/x"] {
            assert_eq!(Network::parse(text), None, "{text}");
        }
    }

    #[test]
    fn a_site_that_says_nothing_has_a_policy() {
        assert_eq!(serde_json::from_str::<Policy>("{}").unwrap(), Policy::default());
        assert!(serde_json::from_str::<Policy>(r#"{"timezone":"UTC"}"#).is_err());
    }
}
