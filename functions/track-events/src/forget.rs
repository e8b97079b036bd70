//! What the clock does: forgets what a site keeps no longer, its events and visits, and who somebody was once nothing that they did is left. What only
//! counts, ledger and views, stays as it was.

use std::collections::BTreeSet;

use chrono::{DateTime, Utc};
use orilla_core::sql::{Rows, Statement};
use orilla_core::{Error, Sql};
use serde_json::json;

/// Events, and visits, that one tick forgets. Chosen: a batch of a fraction of a second, and 720,000 a day.
const FORGOTTEN: u32 = 500;

/// Sites that keep nothing for ever, and until when what they have is too old.
const TERMS: &str = "terms AS (SELECT id AS site_id, ?1 - 86400000 * (definition ->> '$.tracking.keeps_days') AS until FROM sites \
     WHERE definition ->> '$.tracking.keeps_days' IS NOT NULL)";

const EVENTS: &str = "DELETE FROM events WHERE (site_id, source, message_id) IN (SELECT value ->> 0, value ->> 1, value ->> 2 FROM json_each(?1)) \
     RETURNING 1 AS gone";

/// Mailboxes by which somebody is found of whom nothing is left: neither under that name nor under another of theirs.
const MAILBOXES: &str = "DELETE FROM mailboxes WHERE (site_id, visitor_id) IN (SELECT value ->> 0, value ->> 1 FROM json_each(?2) \
       UNION SELECT p.site_id, p.visitor_id FROM json_each(?1) n \
         CROSS JOIN people p INDEXED BY people_by_person ON p.site_id = n.value ->> 0 AND p.person_id = n.value ->> 1) \
     AND NOT EXISTS (SELECT 1 FROM events e WHERE e.site_id = mailboxes.site_id AND e.visitor_id = mailboxes.visitor_id) \
     AND NOT EXISTS (SELECT 1 FROM people p CROSS JOIN events e ON e.site_id = p.site_id AND e.person_id = p.person_id \
       WHERE p.site_id = mailboxes.site_id AND p.visitor_id = mailboxes.visitor_id) RETURNING 1 AS gone";

/// Names of somebody of whom nothing is left.
const PEOPLE: &str = "DELETE FROM people INDEXED BY people_by_person \
     WHERE (site_id, person_id) IN (SELECT value ->> 0, value ->> 1 FROM json_each(?1)) \
       AND NOT EXISTS (SELECT 1 FROM events e WHERE e.site_id = people.site_id AND e.person_id = people.person_id) RETURNING 1 AS gone";

/// Forgets what is too old by the `keeps_days` of each site's `[tracking]`; how many rows that were.
///
/// Errors: what the store gives.
pub async fn forget(sql: &impl Sql, now: DateTime<Utc>) -> Result<u32, Error> {
    let old = |query: &str| Statement::new(format!("WITH {TERMS} {query}")).bind(now).bind(FORGOTTEN);
    let too_old = old("SELECT e.site_id, e.source, e.message_id, e.visitor_id, e.person_id FROM terms t \
         CROSS JOIN events e INDEXED BY events_by_time ON e.site_id = t.site_id AND e.received_at < t.until LIMIT ?2");
    let visits = old("DELETE FROM sessions WHERE (site_id, session_id) IN (SELECT v.site_id, v.session_id FROM terms t \
         CROSS JOIN sessions v INDEXED BY sessions_by_time ON v.site_id = t.site_id AND v.started_at < t.until WHERE v.last_at < t.until LIMIT ?2) \
         RETURNING 1 AS gone");
    let rows = sql.query(too_old).await?;
    let (mut events, mut visitors, mut people) = (Vec::new(), BTreeSet::new(), BTreeSet::new());
    for row in rows.iter() {
        let (site, visitor, person) = (row.text("site_id")?, row.text("visitor_id")?, row.text("person_id")?);
        events.push([site, row.text("source")?, row.text("message_id")?]);
        visitors.insert([site, visitor]);
        people.insert([site, person]);
    }
    let mut statements = vec![visits];
    if !events.is_empty() {
        let [events, people, visitors] = [json!(events), json!(people), json!(visitors)].map(|list| list.to_string());
        // In this order: who is left is told by the events that are, and whose a mailbox is by the names that were.
        statements.push(Statement::new(EVENTS).bind(events));
        statements.push(Statement::new(MAILBOXES).bind(people.as_str()).bind(visitors));
        statements.push(Statement::new(PEOPLE).bind(people));
    }
    let gone = sql.batch(statements).await?;
    Ok(u32::try_from(gone.iter().map(Rows::len).sum::<usize>()).unwrap_or(u32::MAX))
}
