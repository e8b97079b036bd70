//! Whose history is a lead's: that of the visitor who submitted, and of every visitor of whoever identified themselves by the mailbox.
//!
//! Events are stored by event tracking; here they become a lead's, once.

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
