//! Leads from CSV: every row is accounted for, taken, already known, or refused with its line and all its reasons.

use std::collections::BTreeMap;

use http::StatusCode;
use orilla_core::body;
use orilla_core::http::json;
use orilla_core::ids::{rfc3339, uuid_v7};
use orilla_core::sites::SiteId;
use orilla_core::sql::Statement;
use orilla_core::{Error, Platform, Request, Response, Sql};
use serde_json::{Value as Json, json};

use crate::LeadCapture;
use crate::csv_in::{self, Row};
use crate::export;
use crate::history;
use crate::record::ScoreRow;
use crate::score::{Known, Person};
use crate::segment::store as segment;
use crate::tags::Activity;

/// The form that imported leads name, since they came through none of the site's.
const FORM: &str = "import";
/// Rows per statement. Source: D1 binds values of at most 2 MB; a row with all its score reasons is a few kilobytes.
const ROWS_PER_STATEMENT: usize = 100;

impl<P: Platform> LeadCapture<P> {
    /// `POST /v1/leads/import?dry_run=1`: a known mailbox is left as it is, so importing a file twice adds nobody.
    ///
    /// Errors: `Invalid` for a file that cannot be read at all, `TooLarge`, and what the store gives: then nothing was taken.
    pub(crate) async fn import(&self, site: &SiteId, request: &Request, limit: usize) -> Result<Response, Error> {
        let is_dry_run = request.asks_for("dry_run");
        let bytes = body::bytes(request, limit)?;
        let names = export::field_names(&self.sql, site).await?;
        let names: Vec<&str> = names.iter().map(String::as_str).collect();
        let import = csv_in::read(&bytes, &names, request.received)
            .map_err(|violations| Error::invalid("The file cannot be read; nothing was taken.", violations))?;
        let rules = history::current_rules(&self.sql, site).await?;
        let leads: Vec<Json> = people(&import.rows).values().map(|row| self.lead(row, rules.as_ref(), request)).collect();
        let known = self.known(site, &leads).await?;
        let mut taken = leads.len() - known;
        if !is_dry_run {
            let mut statements: Vec<_> = leads.chunks(ROWS_PER_STATEMENT).map(|chunk| insert(site, chunk)).collect();
            if !statements.is_empty() {
                let ids: Json = leads.iter().map(|lead| lead["id"].clone()).collect();
                statements.push(segment::enlist(site, &ids, request.received));
                taken = self.sql.batch(statements).await?.iter().map(orilla_core::sql::Rows::len).sum();
                self.sort_soon();
            }
        }
        json(
            StatusCode::OK,
            &json!({
                "is_dry_run": is_dry_run,
                "encoding": import.encoding,
                "delimiter": import.delimiter,
                "columns": import.columns,
                "rows": import.rows.len() + import.bad.len(),
                "imported": taken,
                "known": leads.len() - taken,
                "repeated": import.rows.iter().filter(|row| row.repeats.is_some()).map(|row| row.line).collect::<Vec<_>>(),
                "bad": import.bad,
            }),
        )
    }

    /// How many of these mailboxes the site knows already.
    async fn known(&self, site: &SiteId, leads: &[Json]) -> Result<usize, Error> {
        let keys: Vec<&Json> = leads.iter().map(|lead| &lead["email_key"]).collect();
        let rows = self
            .sql
            .query(
                Statement::new("SELECT count(*) AS n FROM leads WHERE site_id = ?1 AND email_key IN (SELECT value FROM json_each(?2))")
                    .bind(site)
                    .bind(json!(keys).to_string()),
            )
            .await?;
        let count = rows.first().map(|row| row.integer("n")).transpose()?.unwrap_or_default();
        Ok(usize::try_from(count).unwrap_or_default())
    }

    /// One row as it will stand, scored by what it says.
    fn lead(&self, row: &Row, rules: Option<&(i64, crate::score::RuleSet)>, request: &Request) -> Json {
        let at = row.created_at.unwrap_or(request.received);
        let mut fields: serde_json::Map<String, Json> =
            row.fields.iter().map(|(name, value)| (name.clone(), value.as_str().into())).collect();
        fields.insert("email".to_owned(), row.email.address.as_str().into());
        let touch = json!({ "at": rfc3339(at), "page": null, "referrer": null, "utm": row.utm, "variant": null, "country": null });
        let locale = row.locale.as_deref().unwrap_or("und");
        let known = Known { first_seen: Some(at), ..Known::default() };
        let person = Person { fields: &fields, email: &row.email.key, country: None, locale, consents: &[], touch: &touch, known };
        let mut tags = row.tags.clone();
        let score = rules.map_or_else(ScoreRow::none, |(version, rules)| {
            let person = rules.seen(&person, &[], at);
            let score = rules.score(&person, &[], at);
            let activity = Activity { engagement: score.engagement, last: at, now: request.received };
            tags.extend(rules.tags.tags(&person, &activity));
            ScoreRow::of(&score, *version)
        });
        tags.sort();
        tags.dedup();
        json!({
            "id": uuid_v7(at, &self.random).to_string(),
            "email": row.email.address,
            "email_key": row.email.key,
            "fields": Json::Object(fields).to_string(),
            "locale": locale,
            "touch": touch.to_string(),
            "tags": json!(tags).to_string(),
            "score": score.combined,
            "fit": score.fit,
            "engagement": score.engagement,
            "band": score.band,
            "detail": score.detail.to_string(),
            "at": at.timestamp_millis(),
            "now": request.received.timestamp_millis(),
        })
    }
}

/// One row for each mailbox, by the line it first stands on: later rows add to it, and have the last word on a field.
fn people(rows: &[Row]) -> BTreeMap<u64, Row> {
    let mut people: BTreeMap<u64, Row> = BTreeMap::new();
    for row in rows {
        match row.repeats.and_then(|line| people.get_mut(&line)) {
            Some(person) => {
                person.fields.extend(row.fields.clone());
                person.tags.extend(row.tags.iter().cloned());
                person.locale = row.locale.clone().or_else(|| person.locale.take());
            }
            None => drop(people.insert(row.line, row.clone())),
        }
    }
    people
}

/// Writes rows that nobody knew; the ids of those that were written come back.
fn insert(site: &SiteId, leads: &[Json]) -> Statement {
    let get = |name: &str| format!("json_extract(value, '$.{name}')");
    Statement::new(format!(
        "INSERT INTO leads (id, site_id, email, email_key, fields, locale, verdict, form_id, first_touch, last_touch, tags, score, fit, \
         engagement, band, score_detail, is_confirmed, submissions, revision, created_at, updated_at) \
         SELECT {}, ?1, {}, {}, {}, {}, 'accept', '{FORM}', {touch}, {touch}, {}, {}, {}, {}, {}, {}, 1, 0, 1, {}, {} \
         FROM json_each(?2) WHERE true ON CONFLICT (site_id, email_key) DO NOTHING RETURNING id",
        get("id"),
        get("email"),
        get("email_key"),
        get("fields"),
        get("locale"),
        get("tags"),
        get("score"),
        get("fit"),
        get("engagement"),
        get("band"),
        get("detail"),
        get("at"),
        get("now"),
        touch = get("touch"),
    ))
    .bind(site)
    .bind(Json::from(leads).to_string())
}
