//! Erasing a person: what they did goes, with every id they had; a receipt without anything of theirs stays, and hashes that keep
//! them out from then on. What only counts, ledger and views, stays as it was.

use chrono::{DateTime, Utc};
use http::StatusCode;
use orilla_core::http::json;
use orilla_core::ids::rfc3339;
use orilla_core::sites::SiteId;
use orilla_core::sql::{Rows, Statement};
use orilla_core::{Error, Response, Sql};
use serde_json::{Value as Json, json};

use crate::desk::suppression;
use crate::{people, policy};

/// The events of visitors `?2` and people `?3`. Each by its own index: a planner that knows of no other site would read them all.
const EVENTS: &str = "SELECT source, message_id, session_id FROM events INDEXED BY events_by_visitor \
       WHERE site_id = ?1 AND visitor_id IN (SELECT value FROM json_each(?2)) \
     UNION SELECT source, message_id, session_id FROM events INDEXED BY events_by_person \
       WHERE site_id = ?1 AND person_id IN (SELECT value FROM json_each(?3))";

/// Table, and the rows of it that are theirs, but for the events, which go last: they name the visits.
fn holdings() -> [(&'static str, String); 4] {
    // A person who never said who they are is a visitor by the same id.
    let of_visitors = "site_id = ?1 AND visitor_id IN (SELECT value FROM json_each(?2) UNION SELECT value FROM json_each(?3))";
    let visits = format!(
        "SELECT session_id FROM sessions INDEXED BY sessions_by_visitor WHERE site_id = ?1 AND visitor_id IN (SELECT value FROM json_each(?2)) \
         UNION SELECT session_id FROM ({EVENTS})"
    );
    let known = "SELECT value FROM json_each(?2) UNION SELECT visitor_id FROM people INDEXED BY people_by_person \
                 WHERE site_id = ?1 AND person_id IN (SELECT value FROM json_each(?3))";
    [
        ("sessions", format!("site_id = ?1 AND session_id IN ({visits})")),
        (
            "exposures",
            format!(
                "site_id = ?1 AND (experiment, visitor_id) IN (SELECT experiment, visitor_id FROM exposures INDEXED BY exposures_by_visitor WHERE {of_visitors})"
            ),
        ),
        ("mailboxes", of_visitors.to_owned()),
        ("people", format!("site_id = ?1 AND visitor_id IN ({known})")),
    ]
}

/// What a mailbox is suppressed as, told apart from a visitor of that name.
#[must_use]
pub fn mailbox(key: &str) -> String {
    format!("email:{key}")
}

/// `DELETE /v1/people/{id}`: one atomic batch; the receipt's counts are taken inside it. `id` is a person's, a visitor's, a user's or a
/// lead's, or an e-mail address. The answer names the leads, whose forms are erased by lead capture.
///
/// Errors: `NotFound` if the site knows nobody by this id, and what the store gives.
pub async fn erase(sql: &impl Sql, site: &SiteId, id: &str, receipt: &str, now: DateTime<Utc>) -> Result<Response, Error> {
    let ids = people::find(sql, site, id).await?;
    let secret = policy::secret(sql, site).await?;
    let known = ids.people.iter().chain(&ids.visitors).cloned().chain(ids.mailboxes.iter().map(|key| mailbox(key)));
    let hashes: Vec<_> = known.map(|id| suppression(&secret, &id)).collect();
    let (visitors, people) = (json!(ids.visitors).to_string(), json!(ids.people).to_string());
    let of_them = |query: String| Statement::new(query).bind(site).bind(visitors.as_str()).bind(people.as_str());
    let holdings = holdings();
    let mut counts: Vec<_> =
        holdings.iter().map(|(table, rows)| format!("'{table}', (SELECT count(*) FROM {table} WHERE {rows})")).collect();
    counts.push(format!("'events', (SELECT count(*) FROM ({EVENTS}))"));
    let record = format!(
        "INSERT INTO erasures (id, site_id, subject_kind, counts, erased_at) VALUES (?4, ?1, 'person', json_object({}), ?5) RETURNING counts",
        counts.join(", ")
    );
    let mut statements = vec![of_them(record).bind(receipt).bind(now)];
    statements.extend(holdings.iter().map(|(table, rows)| of_them(format!("DELETE FROM {table} WHERE {rows}"))));
    for (index, column, list) in [("events_by_visitor", "visitor_id", &visitors), ("events_by_person", "person_id", &people)] {
        let delete = format!("DELETE FROM events INDEXED BY {index} WHERE site_id = ?1 AND {column} IN (SELECT value FROM json_each(?2))");
        statements.push(Statement::new(delete).bind(site).bind(list.as_str()));
    }
    statements.push(
        Statement::new(
            "INSERT INTO suppressions (site_id, hash, created_at) SELECT ?1, h.value, ?3 FROM json_each(?2) h WHERE true ON CONFLICT DO NOTHING",
        )
        .bind(site)
        .bind(json!(hashes).to_string())
        .bind(now),
    );
    let results = sql.batch(statements).await?;
    let recorded = results.first().and_then(Rows::first).ok_or_else(|| Error::internal("a receipt that was not written"))?;
    let counts: Json = recorded.json("counts")?;
    json(StatusCode::OK, &json!({ "receipt": receipt, "erased_at": rfc3339(now), "rows": counts, "leads": ids.leads }))
}
