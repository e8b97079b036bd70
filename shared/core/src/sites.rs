//! Tenants and their keys: which site a caller speaks for, and what its key opens.
//!
//! Every row has its site and every query is scoped by it; a [`Caller`] is where that scope comes from.

use std::fmt;

use base64::Engine;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use chrono::{DateTime, Utc};
use serde::{Deserialize, Serialize};
use subtle::ConstantTimeEq;
use uuid::Uuid;

use crate::auth;
use crate::error::{Code, Error};
use crate::http::Request;
use crate::ports::{Platform, Random, Sql};
use crate::router::Access;
use crate::sql::{SqlError, Statement, Value};

/// A site's public id: a UUID in lower case with hyphens.
#[derive(Debug, Clone, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(try_from = "String", into = "String")]
pub struct SiteId(String);

impl SiteId {
    /// Reads a UUID in any of its spellings; `None` if it is none.
    #[must_use]
    pub fn parse(text: &str) -> Option<Self> {
        Uuid::try_parse(text).ok().map(|uuid| Self(uuid.as_hyphenated().to_string()))
    }

    /// The canonical spelling.
    #[must_use]
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

impl fmt::Display for SiteId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

impl TryFrom<String> for SiteId {
    type Error = &'static str;
    fn try_from(text: String) -> Result<Self, Self::Error> {
        Self::parse(&text).ok_or("a site's id is a UUID")
    }
}

impl From<SiteId> for String {
    fn from(id: SiteId) -> Self {
        id.0
    }
}

impl From<&SiteId> for Value {
    fn from(id: &SiteId) -> Self {
        Self::Text(id.0.clone())
    }
}

/// What a site's key opens.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Kind {
    /// Public: stands in pages, opens nothing that a visitor may not do.
    Write,
    /// Secret: reads leads and lists.
    Read,
    /// Secret: everything of one site.
    Admin,
}

impl Kind {
    /// Every kind.
    pub const ALL: [Self; 3] = [Self::Write, Self::Read, Self::Admin];

    /// The word in the database, on the wire and in the key itself.
    #[must_use]
    pub const fn name(self) -> &'static str {
        match self {
            Self::Write => "write",
            Self::Read => "read",
            Self::Admin => "admin",
        }
    }

    /// Whether a key of this kind opens such a route.
    #[must_use]
    pub const fn opens(self, access: Access) -> bool {
        match access {
            Access::Public => true,
            Access::Read => matches!(self, Self::Read | Self::Admin),
            Access::Admin => matches!(self, Self::Admin),
            Access::Operator => false,
        }
    }
}

/// A site's key met with its request.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Caller {
    /// The tenant every query of this request is scoped to.
    pub site: SiteId,
    /// What the key opens.
    pub kind: Kind,
}

/// A fresh key: `orl_`, its kind, and 256 random bits. Shown once, stored only as its hash.
pub fn new_key(kind: Kind, random: &impl Random) -> String {
    let mut bits = [0; 32];
    random.fill(&mut bits);
    format!("orl_{}_{}", kind.name(), URL_SAFE_NO_PAD.encode(bits))
}

/// Stores a key's hash.
#[must_use]
pub fn store_key(site: &SiteId, kind: Kind, key: &str, now: DateTime<Utc>) -> Statement {
    Statement::new("INSERT INTO keys (hash, site_id, kind, created_at) VALUES (?1, ?2, ?3, ?4)")
        .bind(&auth::hash(key)[..])
        .bind(site)
        .bind(kind.name())
        .bind(now)
}

/// Who shows a key; `None` if the request shows none.
///
/// Errors: `Unauthenticated` for a key nobody issued.
pub async fn identify(sql: &impl Sql, request: &Request) -> Result<Option<Caller>, Error> {
    let Some(shown) = auth::shown_key(request) else { return Ok(None) };
    let hash = auth::hash(&shown);
    let rows = sql.query(Statement::new("SELECT hash, site_id, kind FROM keys WHERE hash = ?1").bind(&hash[..])).await?;
    // The index finds by hash, of which a caller learns nothing by timing; the last word is in constant time all the same.
    match rows.first() {
        Some(row) if bool::from(row.blob("hash")?.ct_eq(&hash)) => {
            let site = SiteId(row.text("site_id")?.to_owned());
            let kind = Kind::ALL.into_iter().find(|kind| row.text("kind").is_ok_and(|name| name == kind.name()));
            let kind = kind.ok_or(SqlError::Column { name: "kind", expected: "a kind of key" })?;
            Ok(Some(Caller { site, kind }))
        }
        _ => Err(Error::new(Code::Unauthenticated, "Nobody issued this key.")),
    }
}

/// Lets a site's key through to a `Read` or `Admin` route.
///
/// Errors: `Unauthenticated` without a key or with an unknown one; `Forbidden` for a key of another kind.
pub async fn authenticate(sql: &impl Sql, request: &Request, access: Access) -> Result<Caller, Error> {
    let caller = identify(sql, request).await?;
    let caller = caller.ok_or_else(|| Error::new(Code::Unauthenticated, "This takes a secret key of the site as a bearer token."))?;
    if caller.kind.opens(access) {
        return Ok(caller);
    }
    Err(Error::forbidden(format!("A {} key does not open this.", caller.kind.name())))
}

/// Lets a visitor of this site through: a public route needs no key, but refuses a wrong one rather than ignore it.
///
/// Errors: `Unauthenticated` for an unknown key; `Forbidden` for another site's.
pub async fn admit_visitor(sql: &impl Sql, request: &Request, site: &SiteId) -> Result<(), Error> {
    match identify(sql, request).await? {
        Some(caller) if caller.site != *site => Err(Error::forbidden("This key belongs to another site.")),
        Some(_) | None => Ok(()),
    }
}

/// Lets the operator through to any site, and an admin key to its own.
///
/// Errors: `Unauthenticated` without a key or with an unknown one; `Forbidden` for a key of another kind or site.
pub async fn admit_operator<P: Platform>(platform: &P, sql: &P::Sql, request: &Request, site: &SiteId) -> Result<(), Error> {
    if auth::require_operator(platform, request).is_ok() {
        return Ok(());
    }
    let caller = authenticate(sql, request, Access::Admin).await?;
    if caller.site == *site { Ok(()) } else { Err(Error::forbidden("This key belongs to another site.")) }
}

/// Lets the operator through, and nobody else: what this opens holds a site's secrets.
///
/// Errors: `Unauthenticated` without a key or with an unknown one; `Forbidden` for a key of a site, whatever its kind.
pub async fn admit_operator_alone<P: Platform>(platform: &P, sql: &P::Sql, request: &Request) -> Result<(), Error> {
    let Err(refusal) = auth::require_operator(platform, request) else { return Ok(()) };
    match identify(sql, request).await? {
        Some(_) => Err(Error::forbidden("This takes the operator's key; no key of a site opens it.")),
        None => Err(refusal),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::testing::{FakeSql, Sevens, block_on, request};

    const SITE: &str = "0190a8c0-0000-7000-8000-000000000001";

    fn site() -> SiteId {
        SiteId::parse(SITE).unwrap()
    }

    #[test]
    fn ids_are_uuids_in_one_spelling() {
        assert_eq!(SiteId::parse("0190A8C0-0000-7000-8000-000000000001").unwrap().as_str(), SITE);
        assert_eq!(SiteId::parse("demo"), None);
        assert_eq!(SiteId::parse(""), None);
        assert_eq!(serde_json::from_str::<SiteId>(&format!("\"{SITE}\"")).unwrap(), site());
        assert!(serde_json::from_str::<SiteId>("\"demo\"").is_err());
    }

    #[test]
    fn keys_carry_their_kind_and_256_bits() {
        for kind in Kind::ALL {
            let key = new_key(kind, &Sevens);
            let bits = key.strip_prefix(&format!("orl_{}_", kind.name())).unwrap();
            assert_eq!(URL_SAFE_NO_PAD.decode(bits).unwrap(), [7; 32]);
            assert_eq!(bits.len(), 43);
            let stored = format!("{:?}", store_key(&site(), kind, &key, DateTime::UNIX_EPOCH));
            assert!(!stored.contains(&key), "the key itself is never stored");
        }
    }

    #[track_caller]
    fn check(shown: Option<&str>, access: Access, expect: Result<Kind, Code>) {
        let sql = FakeSql::answering(|statement| {
            let known = Kind::ALL.into_iter().find(|kind| statement.parameters == [Value::from(&auth::hash(kind.name())[..])]);
            known.map(|kind| vec![("hash", statement.parameters[0].clone()), ("site_id", SITE.into()), ("kind", kind.name().into())])
        });
        let header = shown.map(|key| format!("Bearer {key}"));
        let headers: Vec<_> = header.iter().map(|value| ("authorization", value.as_str())).collect();
        let outcome = block_on(authenticate(&sql, &request(&headers, ""), access));
        assert_eq!(outcome.map(|caller| caller.kind).map_err(|e| e.code), expect, "{shown:?} on {access:?}");
    }

    #[test]
    fn a_key_opens_what_its_kind_may() {
        check(Some("read"), Access::Read, Ok(Kind::Read));
        check(Some("admin"), Access::Read, Ok(Kind::Admin));
        check(Some("admin"), Access::Admin, Ok(Kind::Admin));
        check(Some("read"), Access::Admin, Err(Code::Forbidden));
        check(Some("write"), Access::Read, Err(Code::Forbidden));
        check(Some("write"), Access::Admin, Err(Code::Forbidden));
        check(Some("admin"), Access::Operator, Err(Code::Forbidden));
        check(Some("guess"), Access::Read, Err(Code::Unauthenticated));
        check(None, Access::Read, Err(Code::Unauthenticated));
    }

    #[test]
    fn a_visitor_needs_no_key_but_not_a_wrong_one() {
        let other = "0190a8c0-0000-7000-8000-000000000002";
        let sql = FakeSql::answering(move |statement| {
            let owner = [("mine", SITE), ("theirs", other)]
                .into_iter()
                .find(|(key, _)| statement.parameters == [Value::from(&auth::hash(key)[..])]);
            owner.map(|(_, site)| vec![("hash", statement.parameters[0].clone()), ("site_id", site.into()), ("kind", "write".into())])
        });
        let admit = |headers: &[(&'static str, &str)]| block_on(admit_visitor(&sql, &request(headers, ""), &site())).map_err(|e| e.code);
        assert_eq!(admit(&[]), Ok(()));
        assert_eq!(admit(&[("x-write-key", "mine")]), Ok(()));
        assert_eq!(admit(&[("x-write-key", "theirs")]), Err(Code::Forbidden));
        assert_eq!(admit(&[("x-write-key", "guess")]), Err(Code::Unauthenticated));
    }
}
