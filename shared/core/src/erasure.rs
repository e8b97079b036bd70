//! Erasing a subject wherever it stands, with a receipt that holds nothing of it: one atomic batch, whose counts are taken inside it.

mod person;

use chrono::{DateTime, Utc};
use http::StatusCode;
use serde_json::{Value as Json, json};

use crate::error::Error;
use crate::http::{Response, json};
use crate::ids::rfc3339;
use crate::ports::Sql;
use crate::sites::SiteId;
use crate::sql::{Rows, Statement};

pub use person::{Person, holdings};

/// Whom it is about.
#[derive(Debug, Clone, Copy)]
pub struct Subject<'a> {
    /// What it is, such as `lead`.
    pub kind: &'static str,
    /// Its id.
    pub id: &'a str,
}

/// Deletes what stands of a subject, and answers with the receipt of this id; `None` if the site has no such subject.
///
/// `holdings` are tables and the condition of its rows there, over the site `?1` and the subject `?2`; the last is the table of the subject itself, which
/// may have several rows of it.
///
/// Errors: what the store gives.
pub async fn erase<C: AsRef<str>>(
    sql: &impl Sql,
    site: &SiteId,
    subject: Subject<'_>,
    holdings: &[(&str, C)],
    receipt: &str,
    now: DateTime<Utc>,
) -> Result<Option<Response>, Error> {
    let Some((own, itself)) = holdings.last() else { return Ok(None) };
    let count = |(table, rows): &(&str, C)| format!("'{table}', (SELECT count(*) FROM {table} WHERE {})", rows.as_ref());
    let counts: Vec<_> = holdings.iter().map(count).collect();
    let record = format!(
        "INSERT INTO erasures (id, site_id, subject_kind, counts, erased_at) SELECT ?3, ?1, ?5, json_object({}), ?4 \
         WHERE EXISTS (SELECT 1 FROM {own} WHERE {}) RETURNING counts",
        counts.join(", "),
        itself.as_ref(),
    );
    let mut statements = vec![Statement::new(record).bind(site).bind(subject.id).bind(receipt).bind(now).bind(subject.kind)];
    statements.extend(
        holdings
            .iter()
            .map(|(table, rows)| Statement::new(format!("DELETE FROM {table} WHERE {}", rows.as_ref())).bind(site).bind(subject.id)),
    );
    let results = sql.batch(statements).await?;
    let Some(recorded) = results.first().and_then(Rows::first) else { return Ok(None) };
    let rows: Json = recorded.json("counts")?;
    json(StatusCode::OK, &json!({ "receipt": receipt, "erased_at": rfc3339(now), "rows": rows })).map(Some)
}
