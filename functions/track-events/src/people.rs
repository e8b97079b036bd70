//! Who somebody is: from a person's, a visitor's or a user's id, a lead's, or a mailbox, to every id that the site knows them by.

use std::collections::BTreeSet;

use orilla_core::sites::SiteId;
use orilla_core::sql::{Rows, Statement, take};
use orilla_core::{Error, Sql};
use serde_json::json;

use crate::event::user;

/// Every id of one person.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Ids {
    /// As funnels count them: a user, or a visitor who never said who they are.
    pub people: BTreeSet<String>,
    /// Every browser and device, and users as those name themselves.
    pub visitors: BTreeSet<String>,
    /// The leads they are.
    pub leads: BTreeSet<String>,
    /// The mailboxes they named.
    pub mailboxes: BTreeSet<String>,
    /// The leads that the id itself names.
    asked_leads: BTreeSet<String>,
    /// The mailboxes that the id itself names.
    asked_mailboxes: BTreeSet<String>,
}

impl Ids {
    /// The leads and mailboxes that are certainly theirs: those that the id itself names, since two leads may share a browser; all of a visitor's or a
    /// user's.
    #[must_use]
    pub fn own(&self) -> (BTreeSet<String>, BTreeSet<String>) {
        if self.asked_leads.is_empty() && self.asked_mailboxes.is_empty() {
            return (self.leads.clone(), self.mailboxes.clone());
        }
        (self.asked_leads.clone(), self.asked_mailboxes.clone())
    }
}

/// Finds a person by any of their ids.
///
/// Errors: `NotFound` if no event, visit, identity or lead of such a person is stored, and what the store gives.
pub async fn find(sql: &impl Sql, site: &SiteId, id: &str) -> Result<Ids, Error> {
    let (ids, is_known) = look_up(sql, site, id).await?;
    if is_known { Ok(ids) } else { Err(unknown()) }
}

/// What is told of somebody nobody knows.
#[must_use]
pub fn unknown() -> Error {
    Error::not_found("This site knows nobody by this id.")
}

/// Every id that goes with this one, and whether anything of them is stored here. A visitor's own history counts whoever used that browser.
///
/// Each table is read by the index that is named, or by its key: every index begins with the site, and a planner without statistics
/// takes a site for ten rows.
///
/// Errors: what the store gives.
pub async fn look_up(sql: &impl Sql, site: &SiteId, id: &str) -> Result<(Ids, bool), Error> {
    let mailbox = orilla_text::email::parse(id).map(|email| email.key);
    let named = |query: &'static str| Statement::new(query).bind(site).bind(id).bind(mailbox.as_deref());
    let [leads, visitors]: [Rows; 2] = take(
        sql.batch(vec![
            named("SELECT id, email_key FROM leads WHERE site_id = ?1 AND (id = ?2 OR email_key = ?3)"),
            named(
                "WITH found AS (SELECT id FROM leads WHERE site_id = ?1 AND (id = ?2 OR email_key = ?3) UNION SELECT ?2) \
                 SELECT visitor_id FROM mailboxes WHERE site_id = ?1 AND email_key = ?3 \
                 UNION SELECT visitor_id FROM leads WHERE +site_id = ?1 AND id IN found AND visitor_id IS NOT NULL \
                 UNION SELECT visitor_id FROM submissions WHERE site_id = ?1 AND lead_id IN found AND visitor_id IS NOT NULL \
                 UNION SELECT visitor_id FROM events INDEXED BY events_by_lead WHERE site_id = ?1 AND lead_id IN found",
            ),
        ])
        .await?,
    )?;
    let mut ids = Ids::default();
    for row in leads.iter() {
        ids.leads.insert(row.text("id")?.to_owned());
        ids.mailboxes.insert(row.text("email_key")?.to_owned());
    }
    ids.mailboxes.extend(mailbox);
    (ids.asked_leads, ids.asked_mailboxes) = (ids.leads.clone(), ids.mailboxes.clone());
    let mut names = BTreeSet::from([id.to_owned(), user(id)]);
    for row in visitors.iter() {
        names.insert(row.text("visitor_id")?.to_owned());
    }
    let rows = sql
        .query(
            Statement::new(
                "WITH names AS (SELECT value AS id FROM json_each(?2)), \
                 them AS MATERIALIZED (SELECT id FROM names \
                   UNION SELECT p.person_id FROM names CROSS JOIN people p ON p.site_id = ?1 AND p.visitor_id = names.id), \
                 visitors AS MATERIALIZED (SELECT id FROM names \
                   UNION SELECT visitor_id FROM people INDEXED BY people_by_person WHERE site_id = ?1 AND person_id IN them \
                   UNION SELECT visitor_id FROM events INDEXED BY events_by_person WHERE site_id = ?1 AND person_id IN them) \
                 SELECT 'person' AS kind, id FROM them UNION ALL SELECT 'visitor', id FROM visitors \
                 UNION ALL SELECT DISTINCT 'lead', lead_id FROM events INDEXED BY events_by_visitor WHERE site_id = ?1 AND visitor_id IN visitors AND lead_id IS NOT NULL \
                 UNION ALL SELECT 'mailbox', email_key FROM mailboxes WHERE site_id = ?1 AND visitor_id IN visitors \
                 UNION ALL SELECT 'known', count(*) FROM ( \
                   SELECT 1 FROM visitors CROSS JOIN people p ON p.site_id = ?1 AND p.visitor_id = visitors.id \
                   UNION ALL SELECT 1 FROM sessions INDEXED BY sessions_by_visitor WHERE site_id = ?1 AND visitor_id IN visitors \
                   UNION ALL SELECT 1 FROM (SELECT 1 FROM events INDEXED BY events_by_visitor WHERE site_id = ?1 AND visitor_id IN visitors LIMIT 1))",
            )
            .bind(site)
            .bind(json!(names).to_string()),
        )
        .await?;
    let mut is_known = !ids.leads.is_empty();
    for row in rows.iter() {
        let list = match row.text("kind")? {
            "person" => &mut ids.people,
            "visitor" => &mut ids.visitors,
            "lead" => &mut ids.leads,
            "mailbox" => &mut ids.mailboxes,
            _ => {
                is_known |= row.integer("id")? > 0;
                continue;
            }
        };
        list.insert(row.text("id")?.to_owned());
    }
    Ok((ids, is_known))
}
