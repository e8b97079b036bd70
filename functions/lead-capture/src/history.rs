//! Everything a lead's score is made of, read again: for a release, and for scoring history with newer rules.

use std::collections::BTreeMap;

use chrono::{DateTime, Utc};
use orilla_core::sites::SiteId;
use orilla_core::sql::{Row, SqlError, Statement, take};
use orilla_core::{Error, Sql};
use serde_json::{Value as Json, json};

use crate::journey::{TALKED, TALKS};
use crate::record::{LeadRow, ScoreRow, SubmissionRow};
use crate::score::{Known, Person, RuleSet, VisitorEvent};
use crate::store::{SCORED_EVENTS, visitor_event};
use crate::submit::merged;
use crate::tags::Activity;

/// The most submissions of one lead that are read, the newest. Chosen: twice what its events may be.
const READ_SUBMISSIONS: u32 = 1_000;

/// A lead with its submissions, oldest first, and what its visitors did.
#[derive(Debug, Clone)]
pub struct History {
    /// The lead as stored.
    pub lead: LeadRow,
    /// The optimistic lock.
    pub revision: i64,
    /// Whether the mailbox's owner ever confirmed it.
    pub was_asked_and_confirmed: bool,
    /// When the lead came about.
    pub first_seen: DateTime<Utc>,
    /// Every submission.
    pub submissions: Vec<Past>,
    events: Vec<VisitorEvent>,
}

/// One submission of a history.
#[derive(Debug, Clone)]
pub struct Past {
    /// As stored.
    pub row: SubmissionRow,
    /// The consents given with it.
    pub consents: Vec<String>,
}

/// Reads the histories of these leads.
///
/// Errors: what the store gives.
pub async fn read(sql: &impl Sql, site: &SiteId, leads: &[String]) -> Result<Vec<History>, Error> {
    let ids = json!(leads).to_string();
    let of_leads = |query: String| Statement::new(query).bind(site).bind(ids.as_str());
    let [leads, submissions, consents, events] = take(
        sql.batch(vec![
            of_leads(
                "SELECT id, revision, created_at, email, email_key, fields, locale, verdict, visitor_id, first_touch, last_touch, tags, score, fit, \
                 engagement, band, score_detail, is_confirmed, \
                 EXISTS (SELECT 1 FROM confirmations c WHERE c.site_id = ?1 AND c.lead_id = leads.id) AS was_asked_and_confirmed FROM leads \
                 WHERE site_id = ?1 AND id IN (SELECT value FROM json_each(?2)) ORDER BY created_at DESC, id DESC"
                    .to_owned(),
            ),
            of_leads(
                "SELECT * FROM (SELECT id, lead_id, form_id, form_version, fields, extra, locale, verdict, content_hash, address_hash, \
                   visitor_id, variant, touch, received_at, \
                   row_number() OVER (PARTITION BY lead_id ORDER BY received_at DESC, id DESC) AS age FROM submissions \
                   WHERE site_id = ?1 AND lead_id IN (SELECT value FROM json_each(?2))) \
                 WHERE age <= ?3 ORDER BY received_at, id"
                    .to_owned(),
            )
            .bind(READ_SUBMISSIONS),
            of_leads(
                "SELECT submission_id, item FROM consents \
                 WHERE site_id = ?1 AND is_given = 1 AND lead_id IN (SELECT value FROM json_each(?2))"
                    .to_owned(),
            ),
            of_leads(format!(
                "WITH owners AS MATERIALIZED (SELECT DISTINCT lead_id, visitor_id FROM submissions \
                   WHERE site_id = ?1 AND lead_id IN (SELECT value FROM json_each(?2))), \
                 theirs AS (SELECT o.lead_id AS owner, e.source, e.message_id, e.type, e.name, e.url, e.occurred_at FROM owners o \
                     CROSS JOIN events e INDEXED BY events_by_visitor ON e.site_id = ?1 AND e.visitor_id = o.visitor_id \
                   UNION SELECT o.lead_id, e.source, e.message_id, e.type, e.name, e.url, e.occurred_at FROM owners o \
                     CROSS JOIN events e INDEXED BY events_by_lead ON e.site_id = ?1 AND e.lead_id = o.lead_id), {TALKS}, \
                 done AS (SELECT owner, type, name, url, occurred_at FROM theirs UNION ALL {TALKED}) \
                 SELECT * FROM (SELECT owner, type, name, url, occurred_at, \
                   row_number() OVER (PARTITION BY owner ORDER BY occurred_at DESC) AS age FROM done) \
                 WHERE age <= ?3 ORDER BY occurred_at DESC"
            ))
            .bind(SCORED_EVENTS),
        ])
        .await?,
    )?;
    let mut given: BTreeMap<String, Vec<String>> = BTreeMap::new();
    for row in consents.iter() {
        given.entry(row.text("submission_id")?.to_owned()).or_default().push(row.text("item")?.to_owned());
    }
    let mut past: BTreeMap<String, Vec<Past>> = BTreeMap::new();
    for row in submissions.iter() {
        let submission = submission_row(row)?;
        let consents = given.remove(&submission.id).unwrap_or_default();
        past.entry(row.text("lead_id")?.to_owned()).or_default().push(Past { row: submission, consents });
    }
    let mut seen: BTreeMap<String, Vec<VisitorEvent>> = BTreeMap::new();
    for row in events.iter() {
        seen.entry(row.text("owner")?.to_owned()).or_default().push(visitor_event(row)?);
    }
    let histories = leads.iter().map(|row| {
        let lead = lead_row(row)?;
        Ok(History {
            revision: row.integer("revision")?,
            was_asked_and_confirmed: row.boolean("was_asked_and_confirmed")?,
            first_seen: row.time("created_at")?,
            submissions: past.remove(&lead.id).unwrap_or_default(),
            events: seen.remove(&lead.id).unwrap_or_default(),
            lead,
        })
    });
    histories.collect::<Result<_, SqlError>>().map_err(Error::from)
}

impl History {
    /// Score as of the newest of the submissions that `counts`, and tags as of `now`; nothing if none counts. A lead without
    /// any submission came from a file: it is scored by that.
    #[must_use]
    pub fn assess(
        &self,
        version: i64,
        rules: &RuleSet,
        now: DateTime<Utc>,
        counts: impl Fn(&SubmissionRow) -> bool,
    ) -> Option<(ScoreRow, Vec<String>)> {
        let counted: Vec<&Past> = self.submissions.iter().filter(|past| counts(&past.row)).collect();
        let Some(newest) = counted.last() else { return self.submissions.is_empty().then(|| self.assess_import(version, rules, now)) };
        let at = newest.row.received;
        // What no submission said came from a file.
        let fields = counted.iter().fold(self.lead.fields.clone(), |fields, past| merged(Some(&fields), &past.row.fields));
        let events = self.seen_until(Some(at), &counted);
        let person = Person {
            fields: &fields,
            email: &self.lead.email_key,
            country: newest.row.touch["country"].as_str(),
            locale: &newest.row.locale,
            consents: &newest.consents,
            touch: &newest.row.touch,
            known: Known { first_seen: Some(self.first_seen), ..Known::default() },
        };
        let person = rules.seen(&person, &events, at);
        let score = rules.score(&person, &events, at);
        let activity = Activity { engagement: score.engagement, last: at, now };
        Some((ScoreRow::of(&score, version), rules.tags.tags(&person, &activity)))
    }

    /// What the person did, the submissions that count among it, newest first.
    #[must_use]
    pub fn deeds(&self, counts: impl Fn(&SubmissionRow) -> bool) -> Vec<VisitorEvent> {
        let counted: Vec<&Past> = self.submissions.iter().filter(|past| counts(&past.row)).collect();
        self.seen_until(None, &counted)
    }

    fn seen_until(&self, end: Option<DateTime<Utc>>, counted: &[&Past]) -> Vec<VisitorEvent> {
        let submitted =
            counted.iter().map(|past| VisitorEvent::submitted(&past.row.form, past.row.touch["page"].as_str(), past.row.received));
        let seen = self.events.iter().filter(|event| end.is_none_or(|end| event.occurred_at <= end));
        let mut events: Vec<_> = seen.cloned().chain(submitted).collect();
        events.sort_by_key(|event| std::cmp::Reverse(event.occurred_at));
        events.truncate(SCORED_EVENTS as usize);
        events
    }

    /// Tags that the rules never give are the file's own, and stay.
    fn assess_import(&self, version: i64, rules: &RuleSet, now: DateTime<Utc>) -> (ScoreRow, Vec<String>) {
        let touch = &self.lead.last_touch;
        let at = touch["at"].as_str().and_then(|at| DateTime::parse_from_rfc3339(at).ok()).map_or(now, |at| at.to_utc());
        let person = Person {
            fields: &self.lead.fields,
            email: &self.lead.email_key,
            country: None,
            locale: &self.lead.locale,
            consents: &[],
            touch,
            known: Known { first_seen: Some(self.first_seen), ..Known::default() },
        };
        let person = rules.seen(&person, &[], at);
        let score = rules.score(&person, &[], at);
        let activity = Activity { engagement: score.engagement, last: at, now };
        let mut tags = rules.tags.tags(&person, &activity);
        tags.extend(self.lead.tags.iter().filter(|tag| !rules.tags.can_give(tag)).cloned());
        tags.sort();
        tags.dedup();
        (ScoreRow::of(&score, version), tags)
    }
}

/// The rules in force and their version.
///
/// Errors: what the store gives.
pub async fn current_rules(sql: &impl Sql, site: &SiteId) -> Result<Option<(i64, RuleSet)>, Error> {
    let newest = "SELECT version, rules FROM score_rules WHERE site_id = ?1 ORDER BY version DESC LIMIT 1";
    let rows = sql.query(Statement::new(newest).bind(site)).await?;
    let read = |row: Row<'_>| Ok::<_, SqlError>((row.integer("version")?, row.json("rules")?));
    rows.first().map(read).transpose().map_err(Error::from)
}

fn lead_row(row: Row<'_>) -> Result<LeadRow, SqlError> {
    Ok(LeadRow {
        id: row.text("id")?.to_owned(),
        email: row.text("email")?.to_owned(),
        email_key: row.text("email_key")?.to_owned(),
        fields: row.json("fields")?,
        locale: row.text("locale")?.to_owned(),
        is_accepted: row.text("verdict")? == "accept",
        visitor_id: row.optional_text("visitor_id")?.map(str::to_owned),
        first_touch: row.json("first_touch")?,
        last_touch: row.json("last_touch")?,
        tags: row.json("tags")?,
        score: ScoreRow {
            combined: row.integer("score")?,
            fit: row.integer("fit")?,
            engagement: row.integer("engagement")?,
            band: row.text("band")?.to_owned(),
            detail: row.json("score_detail")?,
        },
        is_confirmed: row.boolean("is_confirmed")?,
    })
}

fn submission_row(row: Row<'_>) -> Result<SubmissionRow, SqlError> {
    Ok(SubmissionRow {
        id: row.text("id")?.to_owned(),
        form: row.text("form_id")?.to_owned(),
        form_version: row.integer("form_version")?,
        fields: row.json("fields")?,
        extra: row.json("extra")?,
        locale: row.text("locale")?.to_owned(),
        is_accepted: row.text("verdict")? == "accept",
        reasons: Vec::new(),
        content_hash: row.text("content_hash")?.to_owned(),
        address_hash: row.optional_text("address_hash")?.map(str::to_owned),
        visitor_id: row.optional_text("visitor_id")?.map(str::to_owned),
        variant: row.optional_text("variant")?.map(str::to_owned),
        touch: row.json::<Json>("touch")?,
        score: ScoreRow::none(),
        received: row.time("received_at")?,
    })
}
