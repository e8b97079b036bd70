//! What a submission reads and writes: two reads, one atomic write. Decides nothing.

use std::time::Duration;

use chrono::{DateTime, TimeDelta, Utc};
use orilla_core::idempotency::{self, Slot};
use orilla_core::limit::Limit;
use orilla_core::sites::SiteId;
use orilla_core::sql::{Row, Rows, SqlError, Statement, take};
use orilla_core::visitors::{self, Salt};
use orilla_core::{Error, Sql};
use serde_json::{Map, Value as Json};

use crate::form::Form;
use crate::journey::{TALKED, TALKS_OF_THEM, THEM};
use crate::score::{RuleSet, VisitorEvent};
use crate::segment::sorting::Before;
use crate::segment::{Segments, store as segment};
use crate::site::Site;

/// How long the same content from the same mailbox counts as a repeat. Chosen: longer than any double click or nervous retry.
const REPEAT_WINDOW: TimeDelta = TimeDelta::minutes(10);
/// The most events of a visitor that a score looks at, newest first. Chosen: bounds the work of a submit.
pub const SCORED_EVENTS: u32 = 500;

/// Submissions as the events that scoring rules see; the same as [`VisitorEvent::submitted`].
const SUBMITTED: &str = "SELECT 'submission', form_id, json_extract(touch, '$.page'), received_at FROM submissions";

/// A limit of so many in a minute.
#[must_use]
pub const fn per_minute(hits: u32) -> Limit {
    Limit { hits, window: Duration::from_secs(60) }
}

fn count(rows: &Rows) -> Result<u32, SqlError> {
    let count = rows.first().ok_or(SqlError::Column { name: "count", expected: "to be there" })?.integer("count")?;
    Ok(u32::try_from(count).unwrap_or(u32::MAX))
}

/// A form with everything its submissions are judged by.
#[derive(Debug)]
pub struct OpenForm {
    /// The tenant.
    pub site_id: SiteId,
    /// The tenant's own settings.
    pub site: Site,
    /// Signs the tenant's links.
    pub link_secret: Vec<u8>,
    /// The form's id.
    pub id: String,
    /// Grows with every changed apply.
    pub version: i64,
    /// What the form asks and how it answers.
    pub form: Form,
    /// The scoring rules in force and their version; a site may have none.
    pub rules: Option<(i64, RuleSet)>,
    /// The segments in force.
    pub segments: Segments,
    /// Today's salt for visitor hashes, unless nobody needed one yet today.
    pub salt: Option<Salt>,
    /// Yesterday's: who was shown the form before midnight may answer it after.
    pub salt_before: Option<Salt>,
}

/// Reads a form by its public id.
///
/// Errors: `NotFound` if no active form has this id, and what the store gives.
pub async fn open_form(sql: &impl Sql, id: &str, now: DateTime<Utc>) -> Result<OpenForm, Error> {
    let statement = Statement::new(format!(
        "SELECT f.site_id, f.version, f.definition, s.definition AS site, s.link_secret, r.version AS rules_version, r.rules, \
         (SELECT salt FROM salts WHERE day = ?2) AS salt, (SELECT salt FROM salts WHERE day = ?3) AS salt_before, {segments} \
         FROM forms f JOIN sites s ON s.id = f.site_id \
         LEFT JOIN score_rules r ON r.site_id = f.site_id \
           AND r.version = (SELECT max(version) FROM score_rules WHERE site_id = f.site_id) \
         WHERE f.id = ?1 AND f.is_active = 1",
        segments = segment::columns("f.site_id"),
    ))
    .bind(id)
    .bind(visitors::day(now))
    .bind(visitors::day(now - TimeDelta::days(1)));
    let rows = sql.query(statement).await?;
    let row = rows.first().ok_or_else(|| Error::not_found("There is no form of this name."))?;
    let rules = match row.optional_integer("rules_version")? {
        Some(version) => Some((version, row.json("rules")?)),
        None => None,
    };
    Ok(OpenForm {
        site_id: site_id(&row)?,
        site: row.json("site")?,
        link_secret: row.blob("link_secret")?.to_vec(),
        id: id.to_owned(),
        version: row.integer("version")?,
        form: row.json("definition")?,
        rules,
        segments: segment::segments(&row)?,
        salt: row.optional_blob("salt")?.map(Salt::from_bytes),
        salt_before: row.optional_blob("salt_before")?.map(Salt::from_bytes),
    })
}

/// A lead as it stood when the facts were read.
#[derive(Debug, Clone, PartialEq)]
pub struct KnownLead {
    /// Its id, which never changes.
    pub id: String,
    /// Grows with every write: the optimistic lock.
    pub revision: i64,
    /// Whether any of its submissions was accepted.
    pub is_accepted: bool,
    /// The newest non-empty value of each field.
    pub fields: Map<String, Json>,
    /// Where the person first came from.
    pub first_touch: Json,
    /// Whether no double opt-in waits: one was confirmed, or none was asked for.
    pub is_confirmed: bool,
    /// Whether the mailbox's owner ever confirmed it.
    pub was_asked_and_confirmed: bool,
    /// How many submissions it has.
    pub submissions: i64,
    /// When it came about.
    pub first_seen: DateTime<Utc>,
}

/// What must be known before anything can be decided.
#[derive(Debug)]
pub struct Facts {
    /// What an earlier submission under the same key was answered.
    pub earlier: idempotency::Outcome,
    /// Submissions of this address in the current window, this one included.
    pub address_count: u32,
    /// Submissions to this form in the current window, this one included.
    pub form_count: u32,
    /// When a window that is full ends, from now.
    pub retry_after: Option<Duration>,
    /// The same content came a moment ago.
    pub is_repeated: bool,
    /// The lead of this mailbox.
    pub lead: Option<KnownLead>,
    /// What this visitor did before.
    pub events: Vec<VisitorEvent>,
    /// The campaign that this visitor last came by, as UTM parameters without their prefix.
    pub campaign: Map<String, Json>,
    /// How the lead was sorted into segments, as far as the site has any.
    pub before: Before,
}

/// What to read the facts for.
#[derive(Debug)]
pub struct Inquiry<'a> {
    /// The idempotency key's slot, if the client sent one.
    pub slot: Option<Slot<'a>>,
    /// The payload's fingerprint.
    pub fingerprint: &'a str,
    /// How many submissions of one address pass.
    pub per_address: Limit,
    /// How many submissions of the form pass.
    pub per_form: Limit,
    /// Whether this attempt is counted against the rates: once for each submission, however often its facts are read.
    pub is_counted: bool,
    /// The visitor's address, salted. Nobody shares a rate for want of one.
    pub address_hash: Option<&'a str>,
    /// The visitor.
    pub visitor_id: &'a str,
    /// The normalised mailbox.
    pub email_key: &'a str,
    /// Form, mailbox and fields.
    pub content_hash: &'a str,
    /// Now.
    pub now: DateTime<Utc>,
}

impl Inquiry<'_> {
    fn rate(&self, limit: Limit, key: &str) -> Statement {
        if self.is_counted { limit.hit(key, self.now) } else { limit.look(key, self.now) }
    }
}

/// Reads the facts, and counts this attempt against the rates, in one batch.
///
/// Errors: what the store gives.
pub async fn facts(sql: &impl Sql, open: &OpenForm, inquiry: &Inquiry<'_>) -> Result<Facts, Error> {
    let site = open.site_id.as_str();
    let now = inquiry.now;
    let uncounted = || Statement::new("SELECT 0 AS count, ?1 AS expires_at").bind(now);
    let address = inquiry.address_hash.map(|address| format!("submit:{}:{address}", open.id));
    let nothing = || Statement::new("SELECT 1 WHERE 0");
    let look_up = inquiry.slot.map_or_else(nothing, |slot| slot.look_up(now));
    let results = sql
        .batch(vec![
            look_up,
            address.map_or_else(uncounted, |key| inquiry.rate(inquiry.per_address, &key)),
            inquiry.rate(inquiry.per_form, &format!("submit:{}", open.id)),
            Statement::new("SELECT count(*) AS n FROM submissions WHERE site_id = ?1 AND content_hash = ?2 AND received_at > ?3")
                .bind(site)
                .bind(inquiry.content_hash)
                .bind(now - REPEAT_WINDOW),
            Statement::new(
                "SELECT id, revision, verdict, fields, first_touch, is_confirmed, submissions, created_at, \
                 EXISTS (SELECT 1 FROM confirmations c WHERE c.site_id = ?1 AND c.lead_id = leads.id) AS was_asked_and_confirmed \
                 FROM leads WHERE site_id = ?1 AND email_key = ?2",
            )
            .bind(site)
            .bind(inquiry.email_key),
            Statement::new(format!(
                "WITH lead AS (SELECT id FROM leads WHERE site_id = ?1 AND email_key = ?3), {THEM}, \
                 theirs AS (SELECT source, message_id, type, name, url, occurred_at FROM events INDEXED BY events_by_visitor \
                     WHERE site_id = ?1 AND visitor_id IN them AND (visitor_id = ?2 OR lead_id IS NULL) \
                   UNION SELECT source, message_id, type, name, url, occurred_at FROM events INDEXED BY events_by_lead \
                     WHERE site_id = ?1 AND lead_id = (SELECT id FROM lead)), {TALKS_OF_THEM} \
                 SELECT type, name, url, occurred_at FROM theirs \
                 UNION ALL SELECT type, name, url, occurred_at FROM ({TALKED}) \
                 UNION ALL {SUBMITTED} WHERE site_id = ?1 AND verdict = 'accept' AND lead_id = (SELECT id FROM lead) \
                 ORDER BY occurred_at DESC LIMIT {SCORED_EVENTS}"
            ))
            .bind(site)
            .bind(inquiry.visitor_id)
            .bind(inquiry.email_key),
            Statement::new(
                "SELECT source, medium, campaign FROM sessions INDEXED BY sessions_by_visitor \
                 WHERE site_id = ?1 AND visitor_id = ?2 AND (medium <> '' OR campaign <> '') ORDER BY last_at DESC LIMIT 1",
            )
            .bind(site)
            .bind(inquiry.visitor_id),
            if open.segments.is_empty() { nothing() } else { segment::before_of_mailbox(&open.site_id, inquiry.email_key) },
        ])
        .await?;
    let [earlier, address, form, repeats, lead, events, campaign, before]: [Rows; 8] = take(results)?;
    Ok(Facts {
        earlier: idempotency::outcome(&earlier, inquiry.fingerprint)?,
        address_count: count(&address)?,
        form_count: count(&form)?,
        retry_after: [inquiry.per_address.read(&address, now)?, inquiry.per_form.read(&form, now)?]
            .into_iter()
            .flatten()
            .map(|exceeded| exceeded.retry_after)
            .max(),
        is_repeated: repeats.first().map(|row| row.integer("n")).transpose()?.unwrap_or_default() > 0,
        lead: lead.first().map(known_lead).transpose()?,
        events: events.iter().map(visitor_event).collect::<Result<_, _>>()?,
        campaign: campaign.first().map(campaign_of).transpose()?.unwrap_or_default(),
        before: before.first().map(|row| segment::before(&row)).transpose()?.unwrap_or_default(),
    })
}

fn campaign_of(row: Row<'_>) -> Result<Map<String, Json>, SqlError> {
    let mut found = Map::new();
    for name in ["source", "medium", "campaign"] {
        let value = row.text(name)?;
        if !value.is_empty() {
            found.insert(name.to_owned(), value.into());
        }
    }
    Ok(found)
}

/// The tenant a row belongs to.
///
/// Errors: `Column` if it is no id of ours.
pub fn site_id(row: &Row<'_>) -> Result<SiteId, SqlError> {
    SiteId::parse(row.text("site_id")?).ok_or(SqlError::Column { name: "site_id", expected: "a UUID" })
}

/// The scope of a form's idempotency keys.
#[must_use]
pub fn scope(form: &str) -> String {
    format!("form:{form}")
}

fn known_lead(row: Row<'_>) -> Result<KnownLead, SqlError> {
    Ok(KnownLead {
        id: row.text("id")?.to_owned(),
        revision: row.integer("revision")?,
        is_accepted: row.text("verdict")? == "accept",
        fields: row.json("fields")?,
        first_touch: row.json("first_touch")?,
        is_confirmed: row.boolean("is_confirmed")?,
        was_asked_and_confirmed: row.boolean("was_asked_and_confirmed")?,
        submissions: row.integer("submissions")?,
        first_seen: row.time("created_at")?,
    })
}

/// One event as scoring rules see it.
///
/// Errors: `Column` if the row is not one of `type, name, url, occurred_at`.
pub fn visitor_event(row: Row<'_>) -> Result<VisitorEvent, SqlError> {
    Ok(VisitorEvent {
        kind: row.text("type")?.to_owned(),
        name: row.text("name")?.to_owned(),
        url: row.optional_text("url")?.map(str::to_owned),
        occurred_at: row.time("occurred_at")?,
    })
}
