//! Whose events they are: the site a request is for, its policy, and who may send to it.

use chrono_tz::Tz;
use orilla_core::ids::hex;
use orilla_core::origins::Origins;
use orilla_core::sites::{Kind, SiteId};
use orilla_core::sql::{Rows, SqlError, Statement, take};
use orilla_core::tracking::{Network, Policy};
use orilla_core::visitors::{self, Salt};
use orilla_core::{Code, Error, Random, Request, Sql, auth};
use serde::Deserialize;
use sha2::{Digest, Sha256};

use crate::policy;
use crate::wire::{Door, Wire};

/// The site that a request was let in to.
#[derive(Debug)]
pub struct Desk {
    /// The tenant.
    pub site: SiteId,
    /// What it says about tracking.
    pub policy: Policy,
    /// The time zone in which its days begin.
    pub zone: Tz,
    /// The networks whose events it sets aside.
    pub blocked: Vec<Network>,
    /// The wire, and the beginning of the key's hash where one was shown: message ids are unique within it.
    pub source: String,
    /// Whether the caller showed a secret key: then it speaks for other people's browsers.
    pub is_trusted: bool,
    /// Whether any key was shown: then a program of the site's own may be what sends.
    pub has_key: bool,
    /// Today's salt.
    pub salt: Salt,
    secret: Vec<u8>,
}

impl Desk {
    /// The store as its events are written to it.
    #[must_use]
    pub fn store<S: Sql>(&self, sql: &S) -> S {
        if self.policy.shares_commits { sql.lane(&self.site.to_string()) } else { sql.clone() }
    }

    /// What remains of a visitor, a user or a mailbox that asked to be forgotten: a hash that only this site can make.
    #[must_use]
    pub fn suppression(&self, id: &str) -> String {
        suppression(&self.secret, id)
    }
}

/// The hash of somebody who asked to be forgotten, under a site's own secret.
#[must_use]
pub fn suppression(secret: &[u8], id: &str) -> String {
    let mut hasher = Sha256::new();
    hasher.update((secret.len() as u64).to_be_bytes());
    hasher.update(secret);
    hasher.update(id.as_bytes());
    hex(&hasher.finalize())
}

/// What of a site's definition tracking reads.
#[derive(Debug, Deserialize)]
struct Definition {
    #[serde(default)]
    origins: Vec<String>,
    #[serde(default)]
    tracking: Policy,
}

/// How many hex digits of a key's hash tell its events apart. Chosen: a site has a handful of keys.
const FINGERPRINT_CHARS: usize = 8;

/// Finds the site, by the key a header shows, else by what the body says.
///
/// Errors: `Unauthenticated` without a key or with an unknown one; `NotFound` for an unknown site; `Forbidden` for a page of a
/// foreign origin; what the store gives.
pub async fn open(sql: &impl Sql, random: &impl Random, request: &Request, wire: Wire, door: Option<Door>) -> Result<Desk, Error> {
    let named = door.clone();
    let door = auth::shown_key(request).filter(|key| !key.is_empty()).map(Door::Key).or(door);
    let door = door.ok_or_else(|| Error::new(Code::Unauthenticated, "Events take a site's write key."))?;
    let salt = Statement::new("SELECT salt FROM salts WHERE day = ?1").bind(visitors::day(request.received));
    let [sites, salts]: [Rows; 2] = take(sql.batch(vec![find(&door), salt]).await?)?;
    let site = sites.first().ok_or_else(|| stranger(&door))?;
    let id = SiteId::parse(site.text("id")?).ok_or(SqlError::Column { name: "id", expected: "a UUID" })?;
    if matches!(named, Some(Door::Site(named)) if named != id) {
        return Err(Error::forbidden("This key belongs to another site than the body names."));
    }
    let definition: Definition = site.json("definition")?;
    Origins::parse(&definition.origins).map_err(Error::internal)?.admit(request)?;
    let fingerprint = match &door {
        Door::Key(key) => format!(":{}", hex(&auth::hash(key)).get(..FINGERPRINT_CHARS).unwrap_or_default()),
        Door::Site(_) | Door::Domains(_) => String::new(),
    };
    let salt = match salts.first() {
        Some(row) => Salt::from_bytes(row.blob("salt")?),
        None => visitors::salt(sql, random, request.received).await?,
    };
    Ok(Desk {
        site: id,
        zone: policy::zone_of(&definition.tracking),
        blocked: definition.tracking.networks(),
        policy: definition.tracking,
        source: format!("{}{fingerprint}", wire.family()),
        has_key: matches!(door, Door::Key(_)),
        secret: site.blob("link_secret")?.to_vec(),
        is_trusted: site.optional_text("kind")?.is_some_and(|kind| kind != Kind::Write.name()),
        salt,
    })
}

fn find(door: &Door) -> Statement {
    match door {
        Door::Key(key) => Statement::new(
            "SELECT s.id, s.definition, s.link_secret, k.kind FROM keys k JOIN sites s ON s.id = k.site_id WHERE k.hash = ?1",
        )
        .bind(&auth::hash(key)[..]),
        Door::Site(site) => Statement::new("SELECT id, definition, link_secret, NULL AS kind FROM sites WHERE id = ?1").bind(site),
        Door::Domains(domains) => Statement::new(
            "SELECT s.id, s.definition, s.link_secret, NULL AS kind FROM json_each(?1) d JOIN sites s ON s.definition ->> '$.domain' = d.value \
             ORDER BY d.key, s.id LIMIT 1",
        )
        .bind(serde_json::json!(domains).to_string()),
    }
}

fn stranger(door: &Door) -> Error {
    match door {
        Door::Key(_) => Error::new(Code::Unauthenticated, "Nobody issued this key."),
        Door::Site(_) | Door::Domains(_) => Error::not_found("No site of this deployment has this id or domain."),
    }
}
