//! Erasing a person: every row that holds anything of theirs goes, a receipt that holds nothing of theirs stays.

use chrono::{DateTime, Utc};
use orilla_core::erasure::{self, Subject};
use orilla_core::sites::SiteId;
use orilla_core::{Error, Response, Sql};

/// The visitors this lead was seen as: the link from a person to anonymous rows.
const VISITORS: &str = "(SELECT visitor_id FROM submissions WHERE site_id = ?1 AND lead_id = ?2 AND visitor_id IS NOT NULL \
     UNION SELECT visitor_id FROM leads WHERE site_id = ?1 AND id = ?2 AND visitor_id IS NOT NULL \
     UNION SELECT visitor_id FROM people INDEXED BY people_by_lead WHERE site_id = ?1 AND lead_id = ?2)";

/// The rows of `table` that are the lead's or one of its visitors', by their key: each by an index of its own, since for an `OR` the
/// planner reads all that the site has, and for a list of two keys whatever is not a plain `SELECT`.
fn theirs(table: &str, key: &str, visitors_index: &str) -> String {
    let of_visitors = format!("SELECT {key} FROM {table} {visitors_index} WHERE site_id = ?1 AND visitor_id IN {VISITORS}");
    either(key, &format!("SELECT {key} FROM {table} INDEXED BY {table}_by_lead WHERE site_id = ?1 AND lead_id = ?2"), &of_visitors)
}

/// What they answered when the site asked them: under their address, or as one of these visitors.
fn answered(table: &str) -> String {
    let by_mailbox =
        format!("SELECT id FROM {table} WHERE site_id = ?1 AND email = (SELECT email_key FROM leads WHERE site_id = ?1 AND id = ?2)");
    either("id", &by_mailbox, &format!("SELECT id FROM {table} WHERE site_id = ?1 AND visitor IN {VISITORS}"))
}

fn either(key: &str, one: &str, other: &str) -> String {
    format!("site_id = ?1 AND ({key}) IN (SELECT * FROM ({one} UNION {other}))")
}

/// Table, and the rows of it that hold something of lead `?2`. Order matters: `people`, `submissions` and `leads` name the visitors.
fn holdings() -> [(&'static str, String); 16] {
    [
        ("events", theirs("events", "source, message_id", "INDEXED BY events_by_visitor")),
        ("sessions", format!("site_id = ?1 AND visitor_id IN {VISITORS}")),
        (
            "mailboxes",
            either(
                "visitor_id, email_key",
                &format!("SELECT visitor_id, email_key FROM mailboxes WHERE site_id = ?1 AND visitor_id IN {VISITORS}"),
                "SELECT visitor_id, email_key FROM mailboxes INDEXED BY mailboxes_by_email WHERE site_id = ?1 \
                 AND email_key = (SELECT email_key FROM leads WHERE site_id = ?1 AND id = ?2)",
            ),
        ),
        ("exposures", theirs("exposures", "experiment, visitor_id", "INDEXED BY exposures_by_visitor")),
        ("people", theirs("people", "visitor_id", "")),
        ("idempotency", "site_id = ?1 AND subject_id = ?2".to_owned()),
        ("outbox", "site_id = ?1 AND subject_id = ?2".to_owned()),
        ("survey_answers", answered("survey_answers")),
        ("csat_answers", answered("csat_answers")),
        ("survey_invitations", format!("site_id = ?1 AND visitor IN {VISITORS}")),
        ("segment_members", "site_id = ?1 AND lead_id = ?2".to_owned()),
        ("segment_standings", "site_id = ?1 AND lead_id = ?2".to_owned()),
        ("consents", "site_id = ?1 AND lead_id = ?2".to_owned()),
        ("confirmations", "site_id = ?1 AND lead_id = ?2".to_owned()),
        ("submissions", "site_id = ?1 AND lead_id = ?2".to_owned()),
        ("leads", "site_id = ?1 AND id = ?2".to_owned()),
    ]
}

/// `DELETE /v1/leads/{lead}`: one atomic batch; the receipt's counts are taken inside it.
///
/// Errors: `NotFound` if this site has no such lead, and what the store gives.
pub async fn erase(sql: &impl Sql, site: &SiteId, lead: &str, receipt: &str, now: DateTime<Utc>) -> Result<Response, Error> {
    let subject = Subject { kind: "lead", id: lead };
    let erased = erasure::erase(sql, site, subject, &holdings(), receipt, now).await?;
    erased.ok_or_else(|| Error::not_found("This site has no such lead."))
}
