//! `GET /v1/ledger`: what was received and what became of it, by source and hour, so that anybody can add it up.

use std::collections::BTreeMap;

use chrono::{DateTime, TimeDelta, Utc};
use http::StatusCode;
use orilla_core::http::json;
use orilla_core::ids::rfc3339;
use orilla_core::sites::SiteId;
use orilla_core::sql::{Rows, Statement, take};
use orilla_core::{Error, Request, Response, Sql};
use serde_json::{Map, Value as Json};

use crate::span::Span;
use crate::verdict::Verdict;

/// How far back it looks when nobody says.
const DEFAULT: TimeDelta = TimeDelta::days(1);

/// The ledger of a span of time, with samples of what was filtered.
///
/// Errors: `Malformed` for times that are none, and what the store gives.
pub async fn show(sql: &impl Sql, site: &SiteId, request: &Request) -> Result<Response, Error> {
    let span = Span::from_query(request, DEFAULT)?;
    let from = crate::calendar::hour(span.from);
    let of_span = |query: &'static str| Statement::new(query).bind(site).bind(from).bind(span.until);
    let [counts, samples]: [Rows; 2] = take(
        sql.batch(vec![
            of_span(
                "SELECT source, hour, verdict, reason, count FROM ledger WHERE site_id = ?1 AND hour >= ?2 AND hour < ?3 \
                 ORDER BY hour, source, verdict, reason",
            ),
            of_span(
                "SELECT source, hour, reason, sample FROM ledger_samples WHERE site_id = ?1 AND hour >= ?2 AND hour < ?3 \
                 ORDER BY hour, source, reason, number",
            ),
        ])
        .await?,
    )?;
    let mut lines: BTreeMap<(DateTime<Utc>, String), Map<String, Json>> = BTreeMap::new();
    for row in counts.iter() {
        let (source, hour) = (row.text("source")?.to_owned(), row.time("hour")?);
        let line = lines.entry((hour, source.clone())).or_insert_with(|| empty(hour, &source));
        let (verdict, reason, count) = (row.text("verdict")?, row.text("reason")?, row.integer("count")?);
        for name in ["received", verdict] {
            let sum = line.get(name).and_then(Json::as_i64).unwrap_or_default() + count;
            line.insert(name.to_owned(), sum.into());
        }
        if !reason.is_empty() {
            line["reasons"][reason] = count.into();
        }
    }
    for row in samples.iter() {
        let Some(line) = lines.get_mut(&(row.time("hour")?, row.text("source")?.to_owned())) else { continue };
        let mut sample: Json = row.json("sample")?;
        sample["reason"] = row.text("reason")?.into();
        if let Some(samples) = line["samples"].as_array_mut() {
            samples.push(sample);
        }
    }
    let lines: Vec<_> = lines.into_values().collect();
    json(StatusCode::OK, &serde_json::json!({ "from": rfc3339(from), "until": rfc3339(span.until), "lines": lines }))
}

fn empty(hour: DateTime<Utc>, source: &str) -> Map<String, Json> {
    let mut line = Map::new();
    line.insert("hour".to_owned(), rfc3339(hour).into());
    line.insert("source".to_owned(), source.into());
    line.insert("received".to_owned(), 0.into());
    line.extend(Verdict::ALL.map(|verdict| (verdict.name().to_owned(), Json::from(0))));
    line.insert("reasons".to_owned(), Json::Object(Map::new()));
    line.insert("samples".to_owned(), Json::Array(Vec::new()));
    line
}
