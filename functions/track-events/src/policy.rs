//! What a site says about tracking, as the rest of this function wants it.

use chrono_tz::Tz;
use orilla_core::sites::SiteId;
use orilla_core::sql::Statement;
use orilla_core::tracking::Policy;
use orilla_core::{Error, Sql};

/// The time zone in which the site's days begin.
///
/// Errors: what the store gives.
pub async fn zone(sql: &impl Sql, site: &SiteId) -> Result<Tz, Error> {
    let rows = sql.query(Statement::new("SELECT definition ->> '$.tracking' AS tracking FROM sites WHERE id = ?1").bind(site)).await?;
    let policy: Policy = match rows.first() {
        Some(row) if row.optional_text("tracking")?.is_some() => row.json("tracking")?,
        _ => Policy::default(),
    };
    Ok(zone_of(&policy))
}

/// The time zone that a policy names; applying the site has checked it.
#[must_use]
pub fn zone_of(policy: &Policy) -> Tz {
    policy.time_zone.parse().unwrap_or(Tz::UTC)
}

/// What hashes who asked to be forgotten.
///
/// Errors: `NotFound` if the site is gone, and what the store gives.
pub async fn secret(sql: &impl Sql, site: &SiteId) -> Result<Vec<u8>, Error> {
    let rows = sql.query(Statement::new("SELECT link_secret FROM sites WHERE id = ?1").bind(site)).await?;
    let row = rows.first().ok_or_else(|| Error::not_found("This site is gone."))?;
    Ok(row.blob("link_secret")?.to_vec())
}
