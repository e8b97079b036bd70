//! Segments as server keys read them: how many leads each has, and which.

use http::StatusCode;
use orilla_core::http::json;
use orilla_core::ids::rfc3339;
use orilla_core::sites::SiteId;
use orilla_core::sql::{Row, Rows, SqlError, Statement, take};
use orilla_core::{Error, Request, Response, Sql};
use serde_json::{Value as Json, json};

use super::Definition;
use crate::leads::{self, LeadFilter};

/// `GET /v1/segments`: each with its leads counted, and whether everybody was sorted since the segments last changed.
///
/// Errors: what the store gives.
pub(crate) async fn list(sql: &impl Sql, site: &SiteId) -> Result<Response, Error> {
    let of_site = |query: &'static str| Statement::new(query).bind(site);
    let [segments, state]: [Rows; 2] = take(
        sql.batch(vec![
            of_site(
                "SELECT g.id, g.definition, g.updated_at, count(m.lead_id) AS leads, max(m.since) AS latest FROM segments g \
                 LEFT JOIN segment_members m ON m.site_id = ?1 AND m.segment = g.id WHERE g.site_id = ?1 GROUP BY g.id ORDER BY g.id",
            ),
            of_site(
                "SELECT w.version, w.is_done AND NOT EXISTS (SELECT 1 FROM segment_standings s WHERE s.site_id = ?1 AND s.version < w.version \
                   AND s.due_at IS NOT NULL) AS is_settled FROM segment_sweeps w WHERE w.site_id = ?1",
            ),
        ])
        .await?,
    )?;
    let is_settled = state.first().map(|row| row.boolean("is_settled")).transpose()?.unwrap_or(true);
    let segments = segments.iter().map(view).collect::<Result<Vec<_>, _>>()?;
    json(StatusCode::OK, &json!({ "segments": segments, "is_settled": is_settled }))
}

fn view(row: Row<'_>) -> Result<Json, SqlError> {
    let definition: Definition = row.json("definition")?;
    Ok(json!({
        "id": row.text("id")?,
        "label": definition.label,
        "when": definition.when,
        "leads": row.integer("leads")?,
        "last_entered_at": row.optional_time("latest")?.map(rfc3339),
        "updated_at": rfc3339(row.time("updated_at")?),
    }))
}

/// `GET /v1/segments/{segment}/leads`: who is in it, the newest lead first, by the filters of `GET /v1/leads`.
///
/// Errors: `NotFound` if the site has no such segment, and as [`leads::list`].
pub(crate) async fn list_leads(sql: &impl Sql, site: &SiteId, segment: &str, request: &Request) -> Result<Response, Error> {
    let filter = LeadFilter::from_query(request)?.in_segment(segment);
    leads::list_by(sql, site, filter, request).await
}

/// Refuses a name that is none of the site's segments.
///
/// Errors: `NotFound`, and what the store gives.
pub(crate) async fn require(sql: &impl Sql, site: &SiteId, segment: Option<&str>) -> Result<(), Error> {
    let Some(segment) = segment else { return Ok(()) };
    let known = Statement::new("SELECT 1 AS one FROM segments WHERE site_id = ?1 AND id = ?2").bind(site).bind(segment);
    if sql.query(known).await?.is_empty() { Err(Error::not_found("This site has no such segment.")) } else { Ok(()) }
}
