//! Erasing a person by their lead: every row that holds anything of theirs goes, a receipt that holds nothing of theirs stays.

use chrono::{DateTime, Utc};
use http::StatusCode;
use orilla_core::erasure::Person;
use orilla_core::http::json;
use orilla_core::ids::rfc3339;
use orilla_core::sites::SiteId;
use orilla_core::sql::{Rows, Statement, take};
use orilla_core::{Error, Response, Sql};
use serde_json::json;

/// The visitors this lead was seen as: the link from a person to anonymous rows.
const VISITORS: &str = "SELECT visitor_id FROM submissions WHERE site_id = ?1 AND lead_id = ?2 AND visitor_id IS NOT NULL \
     UNION SELECT visitor_id FROM leads WHERE site_id = ?1 AND id = ?2 AND visitor_id IS NOT NULL \
     UNION SELECT visitor_id FROM people INDEXED BY people_by_lead WHERE site_id = ?1 AND lead_id = ?2";

/// `DELETE /v1/leads/{lead}`: what every function keeps of them, in one atomic batch; the receipt's counts are taken inside it. The same mailbox may come
/// again; `DELETE /v1/people/{id}` keeps it out as well.
///
/// Errors: `NotFound` if this site has no such lead, and what the store gives.
pub async fn erase(sql: &impl Sql, site: &SiteId, lead: &str, receipt: &str, now: DateTime<Utc>) -> Result<Response, Error> {
    let missing = || Error::not_found("This site has no such lead.");
    let of_lead = |query: &'static str| Statement::new(query).bind(site).bind(lead);
    let own = of_lead("SELECT email_key FROM leads WHERE site_id = ?1 AND id = ?2");
    let [own, seen]: [Rows; 2] = take(sql.batch(vec![own, of_lead(VISITORS)]).await?)?;
    let mailbox = own.first().ok_or_else(missing)?.text("email_key")?.to_owned();
    let visitors = seen.iter().map(|row| row.text("visitor_id").map(str::to_owned)).collect::<Result<_, _>>()?;
    let person = Person { visitors, leads: [lead.to_owned()].into(), mailboxes: [mailbox].into(), ..Person::default() };
    let rows = person.erase(sql, site, "lead", receipt, now, Vec::new()).await?.ok_or_else(missing)?;
    json(StatusCode::OK, &json!({ "receipt": receipt, "erased_at": rfc3339(now), "rows": rows }))
}
