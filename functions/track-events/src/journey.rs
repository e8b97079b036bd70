//! `GET /v1/people/{id}/journey`: what one person did, oldest first, with who they are and the visits it happened in.

use http::StatusCode;
use orilla_core::http::json;
use orilla_core::ids::rfc3339;
use orilla_core::sites::SiteId;
use orilla_core::sql::{Row, Rows, SqlError, Statement, take};
use orilla_core::{Error, Request, Response, Sql};
use serde_json::{Value as Json, json};

use crate::{export, people};

/// One answer of a journey: `?limit= &cursor=`. Its visits are those of its events.
///
/// Errors: `NotFound` if the site knows nobody by this id, `Malformed` for a query that cannot be read, and what the store gives.
pub async fn show(sql: &impl Sql, site: &SiteId, request: &Request, id: &str) -> Result<Response, Error> {
    let limit = request.number("limit", export::LISTED.0, export::LISTED.1)?;
    let after = request.query("cursor").map(|cursor| export::decode(&cursor)).transpose()?;
    let ids = people::find(sql, site, id).await?;
    let visitors = json!(ids.visitors).to_string();
    let (at, sequence, source, message) = after.unwrap_or_else(export::beginning);
    let [events, identities]: [Rows; 2] = take(
        sql.batch(vec![
            Statement::new(
                "SELECT * FROM events INDEXED BY events_by_visitor WHERE site_id = ?1 AND visitor_id IN (SELECT value FROM json_each(?2)) \
                 AND (occurred_at, sequence, source, message_id) > (?3, ?4, ?5, ?6) \
                 ORDER BY occurred_at, sequence, source, message_id LIMIT ?7",
            )
            .bind(site)
            .bind(visitors.as_str())
            .bind(at)
            .bind(sequence)
            .bind(source)
            .bind(message)
            .bind(limit + 1),
            Statement::new(
                "SELECT visitor_id, person_id, lead_id, traits, first_at, last_at FROM people \
                 WHERE site_id = ?1 AND visitor_id IN (SELECT value FROM json_each(?2)) ORDER BY first_at, visitor_id",
            )
            .bind(site)
            .bind(visitors.as_str()),
        ])
        .await?,
    )?;
    let (listed, next) = export::cut(&events, limit, "occurred_at")?;
    let visits: Vec<_> = listed.iter().map(|event| &event["session"]).collect();
    let sessions = sql
        .query(
            Statement::new(
                "SELECT s.* FROM (SELECT DISTINCT value AS id FROM json_each(?2)) v \
                 CROSS JOIN sessions s ON s.site_id = ?1 AND s.session_id = v.id ORDER BY s.started_at, s.session_id",
            )
            .bind(site)
            .bind(json!(visits).to_string()),
        )
        .await?;
    json(
        StatusCode::OK,
        &json!({
            "leads": ids.leads,
            "identities": identities.iter().map(identity).collect::<Result<Vec<_>, SqlError>>()?,
            "sessions": sessions.iter().map(session).collect::<Result<Vec<_>, SqlError>>()?,
            "events": listed,
            "next_cursor": next,
        }),
    )
}

fn identity(row: Row<'_>) -> Result<Json, SqlError> {
    Ok(json!({
        "visitor": row.text("visitor_id")?,
        "person": row.text("person_id")?,
        "lead": row.optional_text("lead_id")?,
        "traits": row.json::<Json>("traits")?,
        "first_at": rfc3339(row.time("first_at")?),
        "last_at": rfc3339(row.time("last_at")?),
    }))
}

fn session(row: Row<'_>) -> Result<Json, SqlError> {
    Ok(json!({
        "id": row.text("session_id")?,
        "visitor": row.text("visitor_id")?,
        "started_at": rfc3339(row.time("started_at")?),
        "last_at": rfc3339(row.time("last_at")?),
        "views": row.integer("views")?,
        "events": row.integer("events")?,
        "entry_page": row.optional_text("entry_path")?,
        "source": row.text("source")?,
        "medium": row.text("medium")?,
        "campaign": row.text("campaign")?,
        "country": row.text("country")?,
        "language": row.text("language")?,
        "device": row.text("device")?,
    }))
}
