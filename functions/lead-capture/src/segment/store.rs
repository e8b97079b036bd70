//! What sorting reads, and how a lead is told to wait for it. Decides nothing.

use chrono::{DateTime, Utc};
use orilla_core::Error;
use orilla_core::Sql;
use orilla_core::sites::SiteId;
use orilla_core::sql::{Row, SqlError, Statement};
use serde_json::{Value as Json, json};

use super::sorting::Before;
use super::{Definition, Saved, Segments};
use crate::site::Site;

/// The segments of the site in `{site}`, as a JSON list, and their version; columns for a `SELECT`.
#[must_use]
pub fn columns(site: &str) -> String {
    format!(
        "(SELECT json_group_array(json_object('id', g.id, 'version', g.version, 'label', json(g.definition -> '$.label'), \
           'when', json(g.definition -> '$.when'))) FROM segments g WHERE g.site_id = {site}) AS segments, \
         (SELECT w.version FROM segment_sweeps w WHERE w.site_id = {site}) AS segments_version"
    )
}

/// The segments of a row with [`columns`].
///
/// Errors: `Column` for another row.
pub fn segments(row: &Row<'_>) -> Result<Segments, SqlError> {
    let saved: Vec<Saved> = row.json("segments")?;
    Ok(Segments::new(row.optional_integer("segments_version")?.unwrap_or_default(), saved))
}

/// The segments of a site and its settings; none of a site that is not there.
///
/// Errors: what the store gives.
pub async fn of_site(sql: &impl Sql, site: &SiteId) -> Result<Option<(Site, Segments)>, Error> {
    let statement = Statement::new(format!("SELECT s.definition, {} FROM sites s WHERE s.id = ?1", columns("s.id"))).bind(site);
    let rows = sql.query(statement).await?;
    let Some(row) = rows.first() else { return Ok(None) };
    Ok(Some((row.json("definition")?, segments(&row)?)))
}

/// How leads `l` were sorted; beside it what segments ask that the lead's own rows do not tell. `?1` is the site.
const BEFORE: &str = "SELECT l.id, s.version, s.revision, \
       (SELECT json_group_array(m.segment) FROM segment_members m WHERE m.site_id = ?1 AND m.lead_id = l.id) AS members, \
       (SELECT json_group_array(DISTINCT c.item) FROM consents c JOIN submissions f ON f.id = c.submission_id AND f.verdict = 'accept' \
         WHERE c.site_id = ?1 AND c.lead_id = l.id AND c.is_given = 1 AND NOT EXISTS (SELECT 1 FROM consents n \
           JOIN submissions g ON g.id = n.submission_id AND g.verdict = 'accept' WHERE n.site_id = ?1 AND n.lead_id = l.id AND n.item = c.item \
           AND n.is_given = 0 AND n.given_at > c.given_at)) AS consents";

/// The latest answer to the NPS question from a mailbox.
fn nps(mailbox: &str) -> String {
    format!(
        "(SELECT a.score FROM survey_answers a WHERE a.site_id = ?1 AND a.email = {mailbox} ORDER BY a.updated_at DESC, a.id DESC LIMIT 1) AS nps"
    )
}

/// How the lead of a mailbox was sorted; one row, also of a mailbox that nobody knows.
#[must_use]
pub fn before_of_mailbox(site: &SiteId, email_key: &str) -> Statement {
    Statement::new(format!(
        "{BEFORE}, {} FROM (SELECT ?2 AS email_key) k LEFT JOIN leads l ON l.site_id = ?1 AND l.email_key = k.email_key \
         LEFT JOIN segment_standings s ON s.site_id = ?1 AND s.lead_id = l.id",
        nps("k.email_key")
    ))
    .bind(site)
    .bind(email_key)
}

/// How these leads were sorted.
#[must_use]
pub fn before_of(site: &SiteId, leads: &[String]) -> Statement {
    Statement::new(format!(
        "{BEFORE}, {} FROM json_each(?2) k JOIN leads l ON l.site_id = ?1 AND l.id = k.value \
         LEFT JOIN segment_standings s ON s.site_id = ?1 AND s.lead_id = l.id",
        nps("l.email_key")
    ))
    .bind(site)
    .bind(json!(leads).to_string())
}

/// One row of either.
///
/// Errors: `Column` for another row.
pub fn before(row: &Row<'_>) -> Result<Before, SqlError> {
    Ok(Before {
        version: row.optional_integer("version")?.unwrap_or_default(),
        revision: row.optional_integer("revision")?,
        members: row.json("members")?,
        consents: row.json("consents")?,
        nps: row.optional_integer("nps")?,
    })
}

/// Tells leads that wait for nothing yet to be sorted at the next tick; whoever sorts them now has to begin anew. Leads that were never
/// sorted are left to the sweep.
#[must_use]
pub fn mark(site: &SiteId, leads: &[String], now: DateTime<Utc>) -> Statement {
    Statement::new(
        "UPDATE segment_standings SET due_at = ?3, revision = revision + 1 \
         WHERE site_id = ?1 AND lead_id IN (SELECT value FROM json_each(?2))",
    )
    .bind(site)
    .bind(json!(leads).to_string())
    .bind(now)
}

/// Tells leads to be sorted at the next tick, also those that never were; nothing of a site without segments.
#[must_use]
pub fn enlist(site: &SiteId, leads: &Json, now: DateTime<Utc>) -> Statement {
    Statement::new(
        "INSERT INTO segment_standings (site_id, lead_id, version, revision, due_at) \
         SELECT ?1, l.id, 0, 0, ?3 FROM json_each(?2) k JOIN leads l ON l.site_id = ?1 AND l.id = k.value \
         WHERE l.verdict = 'accept' AND EXISTS (SELECT 1 FROM segments WHERE site_id = ?1) \
         ON CONFLICT (site_id, lead_id) DO UPDATE SET due_at = excluded.due_at, revision = revision + 1",
    )
    .bind(site)
    .bind(leads.to_string())
    .bind(now)
}

/// The site's segments are of a new version; a sweep sorts everybody by it.
#[must_use]
pub fn begin_sweep(site: &SiteId) -> Statement {
    Statement::new(
        "INSERT INTO segment_sweeps (site_id, version, is_done) VALUES (?1, 1, 0) \
         ON CONFLICT (site_id) DO UPDATE SET version = version + 1, after_at = NULL, after_id = NULL, is_done = 0",
    )
    .bind(site)
}

/// Writes a segment, of the version that [`begin_sweep`] made.
#[must_use]
pub fn put(site: &SiteId, id: &str, definition: &Json, now: DateTime<Utc>) -> Statement {
    Statement::new(
        "INSERT INTO segments (site_id, id, version, definition, updated_at) \
         SELECT ?1, ?2, version, ?3, ?4 FROM segment_sweeps WHERE site_id = ?1 \
         ON CONFLICT (site_id, id) DO UPDATE SET version = excluded.version, definition = excluded.definition, updated_at = excluded.updated_at",
    )
    .bind(site)
    .bind(id)
    .bind(definition.to_string())
    .bind(now)
}

/// Removes a segment and forgets who was in it; nobody is told.
#[must_use]
pub fn remove(site: &SiteId, id: &str) -> [Statement; 2] {
    [
        Statement::new("DELETE FROM segments WHERE site_id = ?1 AND id = ?2").bind(site).bind(id),
        Statement::new("DELETE FROM segment_members WHERE site_id = ?1 AND segment = ?2").bind(site).bind(id),
    ]
}

/// A stored segment's definition, as an apply compares it.
///
/// Errors: `Column` for another row.
pub fn definition(row: &Row<'_>) -> Result<Definition, SqlError> {
    row.json("definition")
}
