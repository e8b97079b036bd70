//! Whose history is a lead's: that of the visitor who submitted, and of every visitor of whoever identified themselves by the mailbox.
//!
//! Events are stored by event tracking; here they become a lead's, once. Conversations are the chat's; they are read, and join by visitor or mailbox.

use chrono::{DateTime, Utc};
use orilla_core::sites::SiteId;
use orilla_core::sql::Statement;

/// The visitors of site `?1` that are the person behind visitor `?2` and mailbox `?3`, as the table `them`; a `WITH` goes before it.
/// Who else uses the submitting visitor's name says nothing: without a cookie it is a network and a browser.
pub const THEM: &str = "named AS MATERIALIZED (SELECT visitor_id FROM mailboxes INDEXED BY mailboxes_by_email \
       WHERE site_id = ?1 AND email_key = ?3), \
     persons AS MATERIALIZED (SELECT p.person_id FROM named CROSS JOIN people p ON p.site_id = ?1 AND p.visitor_id = named.visitor_id), \
     them AS MATERIALIZED (SELECT ?2 AS id UNION SELECT visitor_id FROM named UNION SELECT person_id FROM persons \
       UNION SELECT visitor_id FROM people INDEXED BY people_by_person WHERE site_id = ?1 AND person_id IN persons)";

/// The conversations of each of the leads `?2`, a list in JSON, as the table `talks` of `owner, id, page`; a `WITH` goes before it. Who left a mailbox in
/// the chat is known by that; else it is the visitor's.
pub const TALKS: &str = "asked AS MATERIALIZED (SELECT id, email_key FROM leads WHERE site_id = ?1 AND id IN (SELECT value FROM json_each(?2))), \
     browsers AS MATERIALIZED (SELECT lead_id, visitor_id FROM submissions WHERE site_id = ?1 AND lead_id IN (SELECT id FROM asked) \
       UNION SELECT lead_id, visitor_id FROM people INDEXED BY people_by_lead WHERE site_id = ?1 AND lead_id IN (SELECT id FROM asked)), \
     talks AS MATERIALIZED (SELECT b.lead_id AS owner, c.id, c.page FROM browsers b CROSS JOIN conversations c INDEXED BY conversations_by_visitor \
         ON c.site_id = ?1 AND c.visitor_id = b.visitor_id WHERE c.contact ->> '$.key' IS NULL \
       UNION SELECT a.id, c.id, c.page FROM asked a CROSS JOIN conversations c INDEXED BY conversations_by_contact \
         ON c.site_id = ?1 AND c.contact ->> '$.key' = a.email_key)";

/// The same of whoever submits now: of the lead in the table `lead`, if it is known, and of [`THEM`].
pub const TALKS_OF_THEM: &str = "browsers AS MATERIALIZED (SELECT ?2 AS id \
       UNION SELECT them.id FROM them LEFT JOIN people k ON k.site_id = ?1 AND k.visitor_id = them.id WHERE k.lead_id IS NULL \
       UNION SELECT visitor_id FROM submissions WHERE site_id = ?1 AND lead_id = (SELECT id FROM lead) \
       UNION SELECT visitor_id FROM people INDEXED BY people_by_lead WHERE site_id = ?1 AND lead_id = (SELECT id FROM lead)), \
     talks AS MATERIALIZED (SELECT NULL AS owner, c.id, c.page FROM browsers b CROSS JOIN conversations c INDEXED BY conversations_by_visitor \
         ON c.site_id = ?1 AND c.visitor_id = b.id WHERE c.contact ->> '$.key' IS NULL \
       UNION SELECT NULL, id, page FROM conversations INDEXED BY conversations_by_contact WHERE site_id = ?1 AND contact ->> '$.key' = ?3)";

/// What rules see of `talks`, as events of type `chat`: each `message` of the visitor's, and each `handoff` to people.
pub const TALKED: &str = "SELECT t.owner, 'chat' AS type, 'message' AS name, t.page AS url, m.created_at AS occurred_at FROM talks t \
       CROSS JOIN messages m ON m.site_id = ?1 AND m.conversation_id = t.id WHERE m.author = 'visitor' \
     UNION ALL SELECT t.owner, 'chat', 'handoff', t.page, r.created_at FROM talks t \
       CROSS JOIN ticket_requests r INDEXED BY ticket_requests_by_subject ON r.site_id = ?1 AND r.subject_id = t.id";

/// Makes what they did the lead's, and what they will do. Who is known as another lead stays that lead.
#[must_use]
pub fn claim(site: &SiteId, visitor: &str, email_key: &str, lead: &str, now: DateTime<Utc>) -> [Statement; 2] {
    let of_them = |query: String| Statement::new(query).bind(site).bind(visitor).bind(email_key).bind(lead);
    let of_no_lead_yet = format!(
        "WITH {THEM}, unknown AS (SELECT them.id FROM them LEFT JOIN people k ON k.site_id = ?1 AND k.visitor_id = them.id WHERE k.lead_id IS NULL)"
    );
    [
        of_them(format!(
            "{of_no_lead_yet} UPDATE events INDEXED BY events_by_visitor SET lead_id = ?4 \
             WHERE site_id = ?1 AND visitor_id IN unknown AND lead_id IS NULL"
        )),
        of_them(format!(
            "{of_no_lead_yet} INSERT INTO people (site_id, visitor_id, person_id, lead_id, traits, first_at, last_at) \
             SELECT ?1, id, id, ?4, '{{}}', ?5, ?5 FROM unknown WHERE true \
             ON CONFLICT (site_id, visitor_id) DO UPDATE SET lead_id = excluded.lead_id"
        ))
        .bind(now),
    ]
}
