//! What the clock does: forgets events that a site keeps no longer; a visit goes with its last event, and so does the name of somebody with the last
//! thing that they did. What only counts, ledger and views, stays as it was.

use std::collections::BTreeSet;

use chrono::{DateTime, Utc};
use orilla_core::sql::{Rows, Statement};
use orilla_core::{Error, Sql};
use serde_json::json;

/// Events that one tick forgets. Chosen: a batch of a fraction of a second, and 720,000 a day.
const FORGOTTEN: u32 = 500;

/// Events that were received longer ago than their site keeps them.
const TOO_OLD: &str = "WITH terms AS (SELECT id AS site_id, ?1 - 86400000 * (definition ->> '$.tracking.keeps_days') AS until FROM sites \
       WHERE definition ->> '$.tracking.keeps_days' IS NOT NULL) \
     SELECT e.site_id, e.source, e.message_id, e.session_id, e.visitor_id, e.person_id FROM terms t \
     CROSS JOIN events e INDEXED BY events_by_time ON e.site_id = t.site_id AND e.received_at < t.until LIMIT ?2";

const EVENTS: &str = "DELETE FROM events WHERE (site_id, source, message_id) IN (SELECT value ->> 0, value ->> 1, value ->> 2 FROM json_each(?1)) \
     RETURNING 1 AS gone";

/// Visits of which no event is left.
const VISITS: &str = "DELETE FROM sessions WHERE (site_id, session_id) IN (SELECT value ->> 0, value ->> 1 FROM json_each(?1)) \
     AND NOT EXISTS (SELECT 1 FROM events e INDEXED BY events_by_visitor WHERE e.site_id = sessions.site_id AND e.visitor_id = sessions.visitor_id \
       AND e.occurred_at BETWEEN sessions.started_at AND sessions.last_at AND e.session_id = sessions.session_id) RETURNING 1 AS gone";

/// Mailboxes by which somebody is found of whom nothing is left: neither under that name nor under another of theirs.
const MAILBOXES: &str = "WITH names AS (SELECT value ->> 0 AS site_id, value ->> 1 AS visitor_id FROM json_each(?2) \
       UNION SELECT p.site_id, p.visitor_id FROM json_each(?1) n \
         CROSS JOIN people p INDEXED BY people_by_person ON p.site_id = n.value ->> 0 AND p.person_id = n.value ->> 1) \
     DELETE FROM mailboxes WHERE (site_id, visitor_id, email_key) IN (SELECT m.site_id, m.visitor_id, m.email_key \
       FROM names n CROSS JOIN mailboxes m ON m.site_id = n.site_id AND m.visitor_id = n.visitor_id \
       WHERE NOT EXISTS (SELECT 1 FROM events e WHERE e.site_id = m.site_id AND e.visitor_id = m.visitor_id) \
         AND NOT EXISTS (SELECT 1 FROM people p CROSS JOIN events e ON e.site_id = p.site_id AND e.person_id = p.person_id \
           WHERE p.site_id = m.site_id AND p.visitor_id = m.visitor_id)) RETURNING 1 AS gone";

/// Names of somebody of whom nothing is left.
const PEOPLE: &str = "DELETE FROM people INDEXED BY people_by_person \
     WHERE (site_id, person_id) IN (SELECT value ->> 0, value ->> 1 FROM json_each(?1)) \
       AND NOT EXISTS (SELECT 1 FROM events e WHERE e.site_id = people.site_id AND e.person_id = people.person_id) RETURNING 1 AS gone";

/// Forgets what is too old by the `keeps_days` of each site's `[tracking]`; how many rows that were.
///
/// Errors: what the store gives.
pub async fn forget(sql: &impl Sql, now: DateTime<Utc>) -> Result<u32, Error> {
    let rows = sql.query(Statement::new(TOO_OLD).bind(now).bind(FORGOTTEN)).await?;
    if rows.is_empty() {
        return Ok(0);
    }
    let mut events = Vec::new();
    let [mut visits, mut visitors, mut people] = [const { BTreeSet::new() }; 3];
    for row in rows.iter() {
        let site = row.text("site_id")?;
        events.push([site, row.text("source")?, row.text("message_id")?]);
        visits.insert([site, row.text("session_id")?]);
        visitors.insert([site, row.text("visitor_id")?]);
        people.insert([site, row.text("person_id")?]);
    }
    let [events, visits, visitors, people] = [json!(events), json!(visits), json!(visitors), json!(people)].map(|list| list.to_string());
    // In this order: what is left of a visit and of a person is told by the events that are, whose a mailbox is by the names that were.
    let statements = vec![
        Statement::new(EVENTS).bind(events),
        Statement::new(VISITS).bind(visits),
        Statement::new(MAILBOXES).bind(people.as_str()).bind(visitors),
        Statement::new(PEOPLE).bind(people),
    ];
    let gone = sql.batch(statements).await?;
    Ok(u32::try_from(gone.iter().map(Rows::len).sum::<usize>()).unwrap_or(u32::MAX))
}
