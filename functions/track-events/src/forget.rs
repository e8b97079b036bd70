//! What the clock does: forgets what a site keeps no longer, its events and visits, and who somebody was once nothing that they did is left. What only
//! counts, ledger and views, stays as it was.

use std::collections::BTreeSet;

use chrono::{DateTime, Utc};
use orilla_core::sql::{Rows, Statement};
use orilla_core::{Error, Sql};
use serde_json::json;

/// Events, and visits, that one tick forgets. Chosen: a batch of a fraction of a second, and 720,000 a day.
const FORGOTTEN: u32 = 500;

/// Events that were received longer ago than their site keeps them, found by the time index of each such site.
const OLD_EVENTS: &str = "SELECT e.site_id, e.source, e.message_id, e.visitor_id, e.person_id FROM sites s \
     CROSS JOIN events e INDEXED BY events_by_time ON e.site_id = s.id AND e.received_at < ?1 - 86400000 * (s.definition ->> '$.tracking.keeps_days') \
     WHERE s.definition ->> '$.tracking.keeps_days' IS NOT NULL LIMIT ?2";

/// Visits that ended longer ago than that.
const VISITS: &str = "DELETE FROM sessions WHERE (site_id, session_id) IN (SELECT v.site_id, v.session_id FROM sites s \
     CROSS JOIN sessions v INDEXED BY sessions_by_time ON v.site_id = s.id AND v.started_at < ?1 - 86400000 * (s.definition ->> '$.tracking.keeps_days') \
     WHERE s.definition ->> '$.tracking.keeps_days' IS NOT NULL AND v.last_at < ?1 - 86400000 * (s.definition ->> '$.tracking.keeps_days') \
     LIMIT ?2) RETURNING 1 AS gone";

const EVENTS: &str = "DELETE FROM events WHERE (site_id, source, message_id) IN (SELECT value ->> 0, value ->> 1, value ->> 2 FROM json_each(?1)) \
     RETURNING 1 AS gone";

/// A person of whom nothing is left that they did, by all their names.
const PEOPLE: &str = "DELETE FROM people INDEXED BY people_by_person \
     WHERE (site_id, person_id) IN (SELECT value ->> 0, value ->> 1 FROM json_each(?1)) \
       AND NOT EXISTS (SELECT 1 FROM events e WHERE e.site_id = people.site_id AND e.person_id = people.person_id) RETURNING 1 AS gone";

/// Mailboxes that nobody is found by any more.
const MAILBOXES: &str = "DELETE FROM mailboxes WHERE (site_id, visitor_id) IN (SELECT value ->> 0, value ->> 1 FROM json_each(?1)) \
     AND NOT EXISTS (SELECT 1 FROM events e WHERE e.site_id = mailboxes.site_id AND e.visitor_id = mailboxes.visitor_id) \
     AND NOT EXISTS (SELECT 1 FROM people p WHERE p.site_id = mailboxes.site_id AND p.visitor_id = mailboxes.visitor_id) RETURNING 1 AS gone";

/// Forgets what is too old by the `keeps_days` of each site's `[tracking]`; how many rows that were.
///
/// Errors: what the store gives.
pub async fn forget(sql: &impl Sql, now: DateTime<Utc>) -> Result<u32, Error> {
    let old = |query: &'static str| Statement::new(query).bind(now).bind(FORGOTTEN);
    let rows = sql.query(old(OLD_EVENTS)).await?;
    let (mut events, mut visitors, mut people) = (Vec::new(), BTreeSet::new(), BTreeSet::new());
    for row in rows.iter() {
        let (site, visitor, person) = (row.text("site_id")?, row.text("visitor_id")?, row.text("person_id")?);
        events.push([site, row.text("source")?, row.text("message_id")?]);
        visitors.insert([site, visitor]);
        people.insert([site, person]);
    }
    let mut statements = vec![old(VISITS)];
    if !events.is_empty() {
        // In this order: people are looked for among what is left of events, mailboxes among what is left of both.
        let lists = [(EVENTS, json!(events)), (PEOPLE, json!(people)), (MAILBOXES, json!(visitors))];
        statements.extend(lists.map(|(query, list)| Statement::new(query).bind(list.to_string())));
    }
    let gone = sql.batch(statements).await?;
    Ok(u32::try_from(gone.iter().map(Rows::len).sum::<usize>()).unwrap_or(u32::MAX))
}
