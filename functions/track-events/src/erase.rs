//! Erasing a person: what they did, said and sent goes, with every id they had; a receipt without anything of theirs stays, and hashes that
//! keep them out from then on. What only counts, ledger and views, stays as it was.

use chrono::{DateTime, Utc};
use http::StatusCode;
use orilla_core::erasure::Person;
use orilla_core::http::json;
use orilla_core::ids::rfc3339;
use orilla_core::sites::SiteId;
use orilla_core::sql::Statement;
use orilla_core::{Error, Response, Sql};
use serde_json::json;

use crate::desk::suppression;
use crate::{people, policy};

/// What a mailbox is suppressed as, told apart from a visitor of that name.
#[must_use]
pub fn mailbox(key: &str) -> String {
    format!("email:{key}")
}

/// `DELETE /v1/people/{id}`: what every function keeps of them, in one atomic batch; the receipt's counts are taken inside it. `id` is a person's, a
/// visitor's, a user's or a lead's, or an e-mail address. The answer names the leads that went, and those that were only seen with the same browsers.
///
/// Errors: `NotFound` if the site knows nobody by this id, and what the store gives.
pub async fn erase(sql: &impl Sql, site: &SiteId, id: &str, receipt: &str, now: DateTime<Utc>) -> Result<Response, Error> {
    let (ids, _) = people::look_up(sql, site, id).await?;
    let secret = policy::secret(sql, site).await?;
    let known = ids.people.iter().chain(&ids.visitors).cloned().chain(ids.mailboxes.iter().map(|key| mailbox(key)));
    let hashes: Vec<_> = known.map(|id| suppression(&secret, &id)).collect();
    let keeps_out = Statement::new(
        "INSERT INTO suppressions (site_id, hash, created_at) SELECT ?1, h.value, ?3 FROM json_each(?2) h \
         WHERE EXISTS (SELECT 1 FROM erasures WHERE id = ?4) ON CONFLICT DO NOTHING",
    );
    let keeps_out = keeps_out.bind(site).bind(json!(hashes).to_string()).bind(now).bind(receipt);
    let (leads, mailboxes) = ids.own();
    let others: Vec<_> = ids.leads.difference(&leads).cloned().collect();
    let person = Person { visitors: ids.visitors.clone(), people: ids.people.clone(), leads: leads.clone(), mailboxes };
    let rows = person.erase(sql, site, "person", receipt, now, vec![keeps_out]).await?.ok_or_else(people::unknown)?;
    json(StatusCode::OK, &json!({ "receipt": receipt, "erased_at": rfc3339(now), "rows": rows, "leads": leads, "other_leads": others }))
}
