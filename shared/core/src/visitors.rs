//! Who a visitor is without a cookie: a hash that lasts one day, because its salt is thrown away.
//!
//! Neither an address nor a user agent is stored anywhere.

use std::fmt;
use std::net::IpAddr;

use chrono::{DateTime, TimeDelta, Utc};
use sha2::{Digest, Sha256};

use crate::error::Error;
use crate::ids::hex;
use crate::ports::{Random, Sql};
use crate::sites::SiteId;
use crate::sql::{SqlError, Statement};

/// How long a day's salt is kept. Chosen: a submission just after midnight still finds yesterday's visitor.
const SALT_DAYS: i64 = 2;

/// One day's secret. Without it the day's hashes lead back to nobody.
#[derive(Clone)]
pub struct Salt(Vec<u8>);

impl fmt::Debug for Salt {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Salt")
    }
}

impl Salt {
    /// A salt of these bytes, as the `salts` table has them.
    #[must_use]
    pub fn from_bytes(bytes: impl Into<Vec<u8>>) -> Self {
        Self(bytes.into())
    }
}

/// The salt of the day of `now`, made on first use. Two requests that race for it get the same one.
///
/// Errors: as the store.
pub async fn salt(sql: &impl Sql, random: &impl Random, now: DateTime<Utc>) -> Result<Salt, Error> {
    let day = day(now);
    let select = Statement::new("SELECT salt FROM salts WHERE day = ?1").bind(day.as_str());
    let rows = sql.query(select.clone()).await?;
    if let Some(row) = rows.first() {
        return Ok(Salt(row.blob("salt")?.to_vec()));
    }
    let mut fresh = [0; 32];
    random.fill(&mut fresh);
    let insert = Statement::new("INSERT INTO salts (day, salt) VALUES (?1, ?2) ON CONFLICT DO NOTHING").bind(day).bind(&fresh[..]);
    let rows = sql.batch(vec![insert, select]).await?;
    let row = rows.last().and_then(|rows| rows.first()).ok_or(SqlError::Column { name: "salt", expected: "to be there" })?;
    Ok(Salt(row.blob("salt")?.to_vec()))
}

/// Forgets the salts of days past.
#[must_use]
pub fn forget_salts(now: DateTime<Utc>) -> Statement {
    Statement::new("DELETE FROM salts WHERE day < ?1 RETURNING day").bind(day(now - TimeDelta::days(SALT_DAYS)))
}

/// A visitor of one site on one day, as 32 hex digits: of the network they come from and their browser, not of their address.
#[must_use]
pub fn visitor_hash(salt: &Salt, site: &SiteId, address: Option<IpAddr>, user_agent: &str) -> String {
    digest(salt, &["visitor", site.as_str(), &address.map(truncated).unwrap_or_default(), user_agent])
}

/// An address without the part that names one connection: its last 8 bits, or its last 80.
///
/// Source: what Google Analytics' `anonymizeIp` and Matomo cut off.
fn truncated(address: IpAddr) -> String {
    match address.to_canonical() {
        IpAddr::V4(v4) => {
            let [a, b, c, _] = v4.octets();
            format!("{a}.{b}.{c}")
        }
        IpAddr::V6(v6) => {
            let [a, b, c, ..] = v6.segments();
            format!("{a:x}:{b:x}:{c:x}")
        }
    }
}

/// Where a request came from on one day, as 32 hex digits: an IPv4 address, or the /64 network one IPv6 customer has.
#[must_use]
pub fn address_hash(salt: &Salt, site: &SiteId, address: IpAddr) -> String {
    let network = match address.to_canonical() {
        IpAddr::V4(v4) => v4.to_string(),
        IpAddr::V6(v6) => {
            let [a, b, c, d, ..] = v6.segments();
            format!("{a:x}:{b:x}:{c:x}:{d:x}::/64")
        }
    };
    digest(salt, &["address", site.as_str(), &network])
}

/// SHA-256 over the salt and the parts, each with its length in front so that no two lists of parts run together.
fn digest(Salt(salt): &Salt, parts: &[&str]) -> String {
    let mut hasher = Sha256::new();
    for part in std::iter::once(salt.as_slice()).chain(parts.iter().map(|part| part.as_bytes())) {
        hasher.update((part.len() as u64).to_be_bytes());
        hasher.update(part);
    }
    let digest = hasher.finalize();
    // 128 bits: no two visitors of a day ever meet by accident.
    hex(digest.get(..16).unwrap_or(&digest))
}

/// The day a salt belongs to, as the table spells it.
#[must_use]
pub fn day(now: DateTime<Utc>) -> String {
    now.format("%Y-%m-%d").to_string()
}

#[cfg(test)]
mod tests {
    use std::collections::HashSet;

    use super::*;

    fn site(n: u8) -> SiteId {
        SiteId::parse(&format!("0190a8c0-0000-7000-8000-00000000000{n}")).unwrap()
    }

    #[test]
    fn a_visitor_is_told_apart_by_day_site_network_and_browser() {
        let (monday, tuesday) = (Salt::from_bytes([1; 32]), Salt::from_bytes([2; 32]));
        let (home, work) = ("203.0.113.7".parse().ok(), "198.51.100.7".parse().ok());
        let all = [
            visitor_hash(&monday, &site(1), home, "Firefox"),
            visitor_hash(&tuesday, &site(1), home, "Firefox"),
            visitor_hash(&monday, &site(2), home, "Firefox"),
            visitor_hash(&monday, &site(1), work, "Firefox"),
            visitor_hash(&monday, &site(1), home, "Chrome"),
            visitor_hash(&monday, &site(1), None, "203.0.113Firefox"),
            address_hash(&monday, &site(1), "203.0.113.7".parse().unwrap()),
        ];
        assert!(all.iter().all(|hash| hash.len() == 32 && hash.bytes().all(|b| b.is_ascii_hexdigit())));
        assert_eq!(all.iter().collect::<HashSet<_>>().len(), all.len());
        assert_eq!(all[0], visitor_hash(&monday, &site(1), home, "Firefox"));
        let same_network =
            ["203.0.113.200", "::ffff:203.0.113.9"].map(|address| visitor_hash(&monday, &site(1), address.parse().ok(), "Firefox"));
        assert_eq!(same_network, [all[0].clone(), all[0].clone()]);
        let v6 = |address: &str| visitor_hash(&monday, &site(1), address.parse().ok(), "Firefox");
        assert_eq!(v6("2001:db8:1:2::1"), v6("2001:db8:1:ffff::9"));
    }

    #[test]
    fn one_customer_is_one_address() {
        let salt = Salt::from_bytes([1; 32]);
        let hash = |address: &str| address_hash(&salt, &site(1), address.parse().unwrap());
        assert_eq!(hash("2001:db8:1:2::1"), hash("2001:db8:1:2:ffff::9"));
        assert_ne!(hash("2001:db8:1:2::1"), hash("2001:db8:1:3::1"));
        assert_eq!(hash("::ffff:203.0.113.7"), hash("203.0.113.7"));
    }

    #[test]
    fn salts_go_after_their_day() {
        let now = "2026-03-01T00:00:01Z".parse().unwrap();
        assert_eq!(forget_salts(now).parameters, ["2026-02-27".into()]);
    }
}
