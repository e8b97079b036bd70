//! Erasing a person everywhere: the one list of what any function keeps of people, and one atomic batch that empties it.
//!
//! Functions do not know each other, but they share a store, and a person asks once to be forgotten.

use std::collections::BTreeSet;

use chrono::{DateTime, Utc};
use serde::Serialize;
use serde_json::{Value as Json, json};

use crate::error::Error;
use crate::ports::Sql;
use crate::sites::SiteId;
use crate::sql::{Rows, Statement};

/// Every name that a site knows one person by.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize)]
pub struct Person {
    /// Browsers and devices, as events, forms and the chat name them.
    pub visitors: BTreeSet<String>,
    /// Whom funnels count.
    pub people: BTreeSet<String>,
    /// Leads.
    pub leads: BTreeSet<String>,
    /// Normalised mailboxes that are nobody else's.
    pub mailboxes: BTreeSet<String>,
}

/// The most pairs in one `json_object`. Source: Cloudflare D1's limits, 32 arguments for a function.
const PAIRS: usize = 16;

macro_rules! list {
    ($name:literal) => {
        concat!("(SELECT value FROM json_each(?2, '$.", $name, "'))")
    };
}

const VISITORS: &str = list!("visitors");
const PEOPLE: &str = list!("people");
const LEADS: &str = list!("leads");
const MAILBOXES: &str = list!("mailboxes");
const CONVERSATIONS: &str = list!("conversations");
const TICKETS: &str = list!("tickets");

/// Tables that hold something of a person, and which rows are theirs: over the site `?1` and the lists `?2`. Order matters: visits are found by events,
/// and keys by answers. A test holds this list against the schema.
///
/// Each row is found by an index of its own, since a planner without statistics takes a site for ten rows, and for an `OR` reads all of it.
#[must_use]
pub fn holdings() -> Vec<(&'static str, String)> {
    let of = |column: &str, list: &str| format!("site_id = ?1 AND {column} IN {list}");
    let events = format!(
        "SELECT source, message_id, session_id FROM events INDEXED BY events_by_visitor WHERE site_id = ?1 AND visitor_id IN {VISITORS} \
         UNION SELECT source, message_id, session_id FROM events INDEXED BY events_by_person WHERE site_id = ?1 AND person_id IN {PEOPLE} \
         UNION SELECT source, message_id, session_id FROM events INDEXED BY events_by_lead WHERE site_id = ?1 AND lead_id IN {LEADS}"
    );
    // Who never said who they are is a visitor by the same id.
    let browsers = "(SELECT value FROM json_each(?2, '$.visitors') UNION SELECT value FROM json_each(?2, '$.people'))";
    let answers = |table: &str| {
        format!(
            "SELECT id FROM {table} INDEXED BY {table}_by_email WHERE site_id = ?1 AND email IN {MAILBOXES} \
             UNION SELECT id FROM {table} INDEXED BY {table}_by_visitor WHERE site_id = ?1 AND visitor IN {VISITORS} AND email IS NULL"
        )
    };
    let [nps, csat] = ["survey_answers", "csat_answers"].map(answers);
    let subjects = "(SELECT value FROM json_each(?2, '$.leads') UNION SELECT value FROM json_each(?2, '$.conversations') \
                     UNION SELECT value FROM json_each(?2, '$.tickets'))";
    vec![
        (
            "sessions",
            format!(
                "site_id = ?1 AND session_id IN (SELECT session_id FROM sessions INDEXED BY sessions_by_visitor \
                   WHERE site_id = ?1 AND visitor_id IN {browsers} UNION SELECT session_id FROM ({events}))"
            ),
        ),
        ("events", format!("site_id = ?1 AND (source, message_id) IN (SELECT source, message_id FROM ({events}))")),
        (
            "exposures",
            format!(
                "site_id = ?1 AND (experiment, visitor_id) IN (SELECT experiment, visitor_id FROM exposures INDEXED BY exposures_by_visitor \
                   WHERE site_id = ?1 AND visitor_id IN {browsers} \
                 UNION SELECT experiment, visitor_id FROM exposures INDEXED BY exposures_by_lead WHERE site_id = ?1 AND lead_id IN {LEADS})"
            ),
        ),
        (
            "mailboxes",
            format!(
                "site_id = ?1 AND (visitor_id, email_key) IN (SELECT visitor_id, email_key FROM mailboxes \
                   WHERE site_id = ?1 AND visitor_id IN {browsers} \
                 UNION SELECT visitor_id, email_key FROM mailboxes INDEXED BY mailboxes_by_email WHERE site_id = ?1 AND email_key IN {MAILBOXES})"
            ),
        ),
        (
            "people",
            format!(
                "site_id = ?1 AND visitor_id IN (SELECT value FROM json_each(?2, '$.visitors') UNION SELECT value FROM json_each(?2, '$.people') \
                 UNION SELECT visitor_id FROM people INDEXED BY people_by_person WHERE site_id = ?1 AND person_id IN {PEOPLE} \
                 UNION SELECT visitor_id FROM people INDEXED BY people_by_lead WHERE site_id = ?1 AND lead_id IN {LEADS})"
            ),
        ),
        ("outbox", format!("site_id = ?1 AND subject_id IN {subjects}")),
        ("idempotency", format!("site_id = ?1 AND subject_id IN (SELECT value FROM {subjects} UNION {nps} UNION {csat})")),
        (
            "segment_members",
            format!(
                "site_id = ?1 AND (segment, lead_id) IN (SELECT segment, lead_id FROM segment_members INDEXED BY segment_members_by_lead \
           WHERE site_id = ?1 AND lead_id IN {LEADS})"
            ),
        ),
        ("segment_standings", of("lead_id", LEADS)),
        ("consents", of("lead_id", LEADS)),
        ("confirmations", of("lead_id", LEADS)),
        ("submissions", of("lead_id", LEADS)),
        ("leads", of("id", LEADS)),
        ("messages", of("conversation_id", CONVERSATIONS)),
        ("kb_questions", of("conversation_id", CONVERSATIONS)),
        (
            "ticket_requests",
            format!(
                "site_id = ?1 AND id IN (SELECT value FROM json_each(?2, '$.tickets') UNION SELECT id FROM ticket_requests \
                   INDEXED BY ticket_requests_by_subject WHERE site_id = ?1 AND subject_id IN {CONVERSATIONS})"
            ),
        ),
        ("conversations", of("id", CONVERSATIONS)),
        ("ticket_events", of("ticket_id", TICKETS)),
        ("ticket_origins", of("ticket_id", TICKETS)),
        ("ticket_lessons", of("id", TICKETS)),
        ("tickets", of("id", TICKETS)),
        ("survey_answers", format!("site_id = ?1 AND id IN ({nps})")),
        ("csat_answers", format!("site_id = ?1 AND id IN ({csat})")),
        ("survey_invitations", of("visitor", VISITORS)),
    ]
}

impl Person {
    /// Deletes everything that any function keeps of them, together with `also`, which may ask whether the receipt stands; how many rows went, by
    /// table. `None` if there was nothing, and then there is no receipt.
    ///
    /// A conversation or an answer is theirs by its mailbox, or by its visitor where it names none: what somebody else of the same network said under
    /// their own address stays. A ticket is theirs by its requester, or came out of such a conversation.
    ///
    /// Errors: what the store gives.
    pub async fn erase(
        &self,
        sql: &impl Sql,
        site: &SiteId,
        kind: &'static str,
        receipt: &str,
        now: DateTime<Utc>,
        also: Vec<Statement>,
    ) -> Result<Option<Json>, Error> {
        let mut lists = json!(self);
        (lists["conversations"], lists["tickets"]) = (json!([]), json!([]));
        for row in sql.query(self.talks(site)).await?.iter() {
            if let Some(list) = lists[row.text("list")?].as_array_mut() {
                list.push(row.text("id")?.into());
            }
        }
        let lists = lists.to_string();
        let holdings = holdings();
        let count = |(table, rows): &(&str, String)| format!("'{table}', (SELECT count(*) FROM {table} WHERE {rows})");
        let counts = holdings
            .chunks(PAIRS)
            .map(|some| format!("json_object({})", some.iter().map(count).collect::<Vec<_>>().join(", ")))
            .reduce(|all, more| format!("json_patch({all}, {more})"))
            .unwrap_or_else(|| "'{}'".to_owned());
        let record = format!(
            "INSERT INTO erasures (id, site_id, subject_kind, counts, erased_at) SELECT ?3, ?1, ?5, counts, ?4 FROM (SELECT {counts} AS counts) \
             WHERE EXISTS (SELECT 1 FROM json_each(counts) WHERE value > 0) RETURNING counts"
        );
        let mut statements = vec![Statement::new(record).bind(site).bind(lists.as_str()).bind(receipt).bind(now).bind(kind)];
        statements.extend(
            holdings
                .iter()
                .map(|(table, rows)| Statement::new(format!("DELETE FROM {table} WHERE {rows}")).bind(site).bind(lists.as_str())),
        );
        statements.extend(also);
        let results = sql.batch(statements).await?;
        let recorded = results.first().and_then(Rows::first);
        recorded.map(|row| row.json("counts")).transpose().map_err(Error::from)
    }

    /// Their conversations and tickets.
    fn talks(&self, site: &SiteId) -> Statement {
        Statement::new(format!(
            "WITH talks AS MATERIALIZED (SELECT id FROM conversations INDEXED BY conversations_by_contact \
                WHERE site_id = ?1 AND contact ->> '$.key' IN {MAILBOXES} \
              UNION SELECT id FROM conversations INDEXED BY conversations_by_visitor \
                WHERE site_id = ?1 AND visitor_id IN {VISITORS} AND contact ->> '$.key' IS NULL), \
             theirs AS MATERIALIZED (SELECT id FROM tickets INDEXED BY tickets_by_requester WHERE site_id = ?1 AND requester_key IN {MAILBOXES} \
              UNION SELECT t.id FROM talks CROSS JOIN ticket_requests r INDEXED BY ticket_requests_by_subject ON r.site_id = ?1 AND r.subject_id = talks.id \
                CROSS JOIN tickets t ON t.site_id = ?1 AND t.id = r.id WHERE t.requester_key IS NULL OR t.requester_key IN {MAILBOXES}) \
             SELECT 'conversations' AS list, id FROM talks UNION ALL SELECT 'tickets', id FROM theirs"
        ))
        .bind(site)
        .bind(json!(self).to_string())
    }
}
