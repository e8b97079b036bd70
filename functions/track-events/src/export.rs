//! `GET /v1/events`: the events themselves, in the order in which they came, as lines of JSON or as CSV.

use base64::Engine;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use http::{HeaderValue, StatusCode};
use orilla_core::http::text;
use orilla_core::ids::rfc3339;
use orilla_core::sites::SiteId;
use orilla_core::sql::{Row, Rows, SqlError, Statement};
use orilla_core::{Error, Request, Response, Sql};
use orilla_text::csv_out::{self, Dialect};
use serde_json::{Value as Json, json};

/// Events of one answer when the caller does not say, and at most. Chosen: a megabyte or two.
pub const LISTED: (u32, u32) = (100, 1_000);
/// The header with the cursor of the next answer, absent from the last one: the body's lines are events and nothing else.
const NEXT: &str = "x-next-cursor";
/// The columns of the CSV, which are also the names of the JSON's members.
const COLUMNS: [&str; 18] = [
    "source",
    "id",
    "type",
    "name",
    "visitor",
    "user",
    "person",
    "lead",
    "session",
    "sequence",
    "occurred_at",
    "occurred_raw",
    "sent_raw",
    "received_at",
    "url",
    "path",
    "properties",
    "context",
];

/// Where an answer goes on: after this row.
pub type Place = (i64, i64, String, String);

/// Before every row.
#[must_use]
pub const fn beginning() -> Place {
    (-orilla_core::sql::MAX_SAFE_INTEGER, 0, String::new(), String::new())
}

/// One answer of the export: `?format=ndjson|csv &limit= &cursor= &from= &until= &name= &user= &visitor=`.
///
/// Errors: `Malformed` for a query that cannot be read, and what the store gives.
pub async fn show(sql: &impl Sql, site: &SiteId, request: &Request) -> Result<Response, Error> {
    let is_csv = match request.query("format").as_deref() {
        None | Some("ndjson") => false,
        Some("csv") => true,
        Some(_) => return Err(Error::malformed("`format` is ndjson or csv.")),
    };
    let limit = request.number("limit", LISTED.0, LISTED.1)?;
    let after = request.query("cursor").map(|cursor| decode(&cursor)).transpose()?;
    let rows = sql.query(select(site, request, after.as_ref(), limit)?).await?;
    let (events, next) = cut(&rows, limit, "received_at")?;
    let mut response = if is_csv { csv(&events, after.is_none())? } else { lines(&events) };
    if let Some(next) = next.and_then(|next| HeaderValue::from_str(&next).ok()) {
        response.headers_mut().insert(NEXT, next);
    }
    Ok(response)
}

fn select(site: &SiteId, request: &Request, after: Option<&Place>, limit: u32) -> Result<Statement, Error> {
    let (at, sequence, source, id) = after.cloned().unwrap_or_else(beginning);
    Ok(Statement::new(
        "SELECT * FROM events INDEXED BY events_by_time WHERE site_id = ?1 AND (received_at, sequence, source, message_id) > (?2, ?3, ?4, ?5) \
         AND (?6 IS NULL OR received_at >= ?6) AND (?7 IS NULL OR received_at < ?7) AND (?8 IS NULL OR name = ?8) \
         AND (?9 IS NULL OR user_id = ?9) AND (?10 IS NULL OR visitor_id = ?10) \
         ORDER BY received_at, sequence, source, message_id LIMIT ?11",
    )
    .bind(site)
    .bind(at)
    .bind(sequence)
    .bind(source)
    .bind(id)
    .bind(request.time("from")?)
    .bind(request.time("until")?)
    .bind(request.query("name"))
    .bind(request.query("user"))
    .bind(request.query("visitor"))
    .bind(limit + 1))
}

/// The events of an answer, of one more that were read in order of the times `at`, and the cursor of the next answer if there is one.
///
/// Errors: `Column` if the rows are none of the table's.
pub fn cut(rows: &Rows, limit: u32, at: &'static str) -> Result<(Vec<Json>, Option<String>), SqlError> {
    let wanted = limit as usize;
    let last = rows.iter().nth(wanted.saturating_sub(1)).filter(|_| rows.len() > wanted);
    let next = last.map(|row| place(row, at)).transpose()?.map(|place| encode(&place));
    Ok((rows.iter().take(wanted).map(event).collect::<Result<_, _>>()?, next))
}

fn event(row: Row<'_>) -> Result<Json, SqlError> {
    let time = |name| row.optional_time(name).map(|time| time.map(rfc3339));
    Ok(json!({
        "source": row.text("source")?,
        "id": row.text("message_id")?,
        "type": row.text("type")?,
        "name": row.text("name")?,
        "visitor": row.text("visitor_id")?,
        "user": row.optional_text("user_id")?,
        "person": row.text("person_id")?,
        "lead": row.optional_text("lead_id")?,
        "session": row.text("session_id")?,
        "sequence": row.integer("sequence")?,
        "occurred_at": time("occurred_at")?,
        "occurred_raw": time("occurred_raw")?,
        "sent_raw": time("sent_raw")?,
        "received_at": time("received_at")?,
        "url": row.optional_text("url")?,
        "path": row.optional_text("path")?,
        "properties": row.json::<Json>("properties")?,
        "context": row.json::<Json>("context")?,
    }))
}

fn lines(events: &[Json]) -> Response {
    let body: String = events.iter().map(|event| format!("{event}\n")).collect();
    text(StatusCode::OK, "application/x-ndjson", body)
}

fn csv(events: &[Json], is_first: bool) -> Result<Response, Error> {
    let cell = |value: &Json| match value {
        Json::Null => String::new(),
        Json::String(text) => text.clone(),
        other => other.to_string(),
    };
    let mut body = if is_first { csv_out::header(Dialect::Plain, &COLUMNS).map_err(Error::internal)? } else { Vec::new() };
    let rows = events.iter().map(|event| COLUMNS.map(|column| cell(&event[column])));
    body.extend(csv_out::rows(Dialect::Plain, rows).map_err(Error::internal)?);
    Ok(text(StatusCode::OK, "text/csv; charset=utf-8", body))
}

fn place(row: Row<'_>, at: &'static str) -> Result<Place, SqlError> {
    Ok((row.integer(at)?, row.integer("sequence")?, row.text("source")?.to_owned(), row.text("message_id")?.to_owned()))
}

fn encode(place: &Place) -> String {
    URL_SAFE_NO_PAD.encode(json!(place).to_string())
}

/// The place of a cursor.
///
/// Errors: `Malformed` for one that is none of ours.
pub fn decode(cursor: &str) -> Result<Place, Error> {
    let bytes = URL_SAFE_NO_PAD.decode(cursor).ok();
    let place: Option<Place> = bytes.and_then(|bytes| serde_json::from_slice(&bytes).ok());
    let is_ours =
        |(at, sequence, ..): &Place| [*at, *sequence].iter().all(|n| n.unsigned_abs() <= orilla_core::sql::MAX_SAFE_INTEGER.unsigned_abs());
    place.filter(is_ours).ok_or_else(|| Error::malformed("`cursor` is not one that this endpoint gave."))
}
