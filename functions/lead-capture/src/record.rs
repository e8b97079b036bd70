//! The one write of a submission: statements that happen together or not at all.
//!
//! The batch fails when the facts it was decided on have changed; see "Concurrency without transactions" in ARCHITECTURE.md.

use chrono::{DateTime, Utc};
use orilla_core::sites::SiteId;
use orilla_core::sql::Statement;
use serde_json::{Map, Value as Json};

use crate::score::Score;
use crate::submission::Answered;
use crate::verdict::Reason;

/// The revision a lead begins with.
pub const FIRST_REVISION: i64 = 1;

/// A lead as it will stand.
#[derive(Debug, Clone)]
pub struct LeadRow {
    /// Its id: fresh, or the known one.
    pub id: String,
    /// As last given.
    pub email: String,
    /// Normalised.
    pub email_key: String,
    /// The newest non-empty value of each field.
    pub fields: Map<String, Json>,
    /// Of the newest accepted submission.
    pub locale: String,
    /// Whether any submission was accepted.
    pub is_accepted: bool,
    /// The visitor of the newest submission.
    pub visitor_id: Option<String>,
    /// Where the person first came from.
    pub first_touch: Json,
    /// Where they came from this time.
    pub last_touch: Json,
    /// Segment tags.
    pub tags: Vec<String>,
    /// The score and its reasons.
    pub score: ScoreRow,
    /// Whether a double opt-in is done or was never asked for.
    pub is_confirmed: bool,
}

/// A score as it is stored.
#[derive(Debug, Clone, PartialEq)]
pub struct ScoreRow {
    /// 0 to 100.
    pub combined: i64,
    /// 0 to 100.
    pub fit: i64,
    /// 0 to 100.
    pub engagement: i64,
    /// A1 to C3.
    pub band: String,
    /// `{"rules_version", "contributions"}`.
    pub detail: Json,
}

impl ScoreRow {
    /// As the rules of this version gave it.
    #[must_use]
    pub fn of(score: &Score, rules_version: i64) -> Self {
        Self {
            combined: score.combined,
            fit: score.fit,
            engagement: score.engagement,
            band: score.band.to_owned(),
            detail: score.detail(rules_version),
        }
    }

    /// Of a site without rules: nothing, for no reason.
    #[must_use]
    pub fn none() -> Self {
        let detail = serde_json::json!({ "rules_version": null, "contributions": [] });
        Self { combined: 0, fit: 0, engagement: 0, band: "C3".to_owned(), detail }
    }
}

/// A submission as it will stand.
#[derive(Debug, Clone)]
pub struct SubmissionRow {
    /// Its id.
    pub id: String,
    /// The form it came through.
    pub form: String,
    /// The form's version then.
    pub form_version: i64,
    /// As given, by field.
    pub fields: Map<String, Json>,
    /// What the form does not define.
    pub extra: Map<String, Json>,
    /// The visitor's language.
    pub locale: String,
    /// Accepted, or held for a person to look at.
    pub is_accepted: bool,
    /// Why, and what was noted.
    pub reasons: Vec<Reason>,
    /// Finds repeats.
    pub content_hash: String,
    /// The address, salted by day.
    pub address_hash: Option<String>,
    /// The visitor.
    pub visitor_id: Option<String>,
    /// The experiment's variant.
    pub variant: Option<String>,
    /// Where the visitor came from.
    pub touch: Json,
    /// The score of this submission.
    pub score: ScoreRow,
    /// When it arrived.
    pub received: DateTime<Utc>,
}

/// Writes a lead nobody has seen before. A twin breaks the unique key on the mailbox.
#[must_use]
pub fn insert_lead(site: &SiteId, form: &str, lead: &LeadRow, now: DateTime<Utc>) -> Statement {
    let insert = Statement::new(format!(
        "INSERT INTO leads (id, site_id, email_key, form_id, created_at, updated_at, email, fields, locale, verdict, visitor_id, \
         first_touch, last_touch, tags, score, fit, engagement, band, score_detail, is_confirmed, submissions, revision) \
         VALUES (?1, ?2, ?3, ?4, ?5, ?5, ?6, ?7, ?8, ?9, ?10, ?11, ?12, ?13, ?14, ?15, ?16, ?17, ?18, ?19, 1, {FIRST_REVISION})"
    ))
    .bind(lead.id.as_str())
    .bind(site)
    .bind(lead.email_key.as_str())
    .bind(form)
    .bind(now);
    bind_lead(insert, lead)
}

/// Writes what changed about a known lead, if it still stands at `revision`; `arrived` more submissions are counted.
#[must_use]
pub fn update_lead(site: &SiteId, lead: &LeadRow, revision: i64, arrived: u32, now: DateTime<Utc>) -> Statement {
    let update = Statement::new(
        "UPDATE leads SET updated_at = ?5, email = ?6, fields = ?7, locale = ?8, verdict = ?9, visitor_id = ?10, first_touch = ?11, \
         last_touch = ?12, tags = ?13, score = ?14, fit = ?15, engagement = ?16, band = ?17, score_detail = ?18, is_confirmed = ?19, \
         submissions = submissions + ?20, revision = revision + 1 \
         WHERE id = ?1 AND site_id = ?2 AND email_key = ?3 AND revision = ?4",
    )
    .bind(lead.id.as_str())
    .bind(site)
    .bind(lead.email_key.as_str())
    .bind(revision)
    .bind(now);
    bind_lead(update, lead).bind(arrived)
}

/// Binds `?6` to `?19`, the same in insert and update.
fn bind_lead(statement: Statement, lead: &LeadRow) -> Statement {
    statement
        .bind(lead.email.as_str())
        .bind(text_of(&lead.fields))
        .bind(lead.locale.as_str())
        .bind(verdict_name(lead.is_accepted))
        .bind(lead.visitor_id.clone())
        .bind(lead.first_touch.to_string())
        .bind(lead.last_touch.to_string())
        .bind(Json::from(lead.tags.clone()).to_string())
        .bind(lead.score.combined)
        .bind(lead.score.fit)
        .bind(lead.score.engagement)
        .bind(lead.score.band.as_str())
        .bind(lead.score.detail.to_string())
        .bind(lead.is_confirmed)
}

/// Counts a submission that is held back against a known lead, and changes nothing else about it.
#[must_use]
pub fn count_submission(site: &SiteId, lead: &str, revision: i64) -> Statement {
    Statement::new(
        "UPDATE leads SET submissions = submissions + 1, revision = revision + 1 WHERE id = ?1 AND site_id = ?2 AND revision = ?3",
    )
    .bind(lead)
    .bind(site)
    .bind(revision)
}

/// Writes a lead's new score and tags, if nobody scored it meanwhile; the row comes back if it was written.
#[must_use]
pub fn update_score(site: &SiteId, lead: &str, revision: i64, score: &ScoreRow, tags: &[String]) -> Statement {
    Statement::new(
        "UPDATE leads SET score = ?4, fit = ?5, engagement = ?6, band = ?7, score_detail = ?8, tags = ?9, revision = revision + 1 \
         WHERE site_id = ?1 AND id = ?2 AND revision = ?3 RETURNING id",
    )
    .bind(site)
    .bind(lead)
    .bind(revision)
    .bind(score.combined)
    .bind(score.fit)
    .bind(score.engagement)
    .bind(score.band.as_str())
    .bind(score.detail.to_string())
    .bind(Json::from(tags).to_string())
}

/// Turns a held submission into an accepted one, while its lead stands at `revision`; goes before what raises it.
/// Whoever comes second writes NULL, which undoes their batch.
#[must_use]
pub fn release_submission(site: &SiteId, submission: &str, lead: &str, revision: i64, now: DateTime<Utc>) -> Statement {
    Statement::new(
        "UPDATE submissions SET verdict = CASE verdict WHEN 'quarantine' THEN 'accept' END, released_at = ?5, \
         lead_id = (SELECT id FROM leads WHERE id = ?3 AND site_id = ?1 AND revision = ?4) \
         WHERE site_id = ?1 AND id = ?2",
    )
    .bind(site)
    .bind(submission)
    .bind(lead)
    .bind(revision)
    .bind(now)
}

/// Writes the submission of a lead that stands at `revision`; any other one breaks `NOT NULL` and undoes the batch.
///
/// Goes before the statement that raises the revision: after it, a twin's revision would pass for ours.
#[must_use]
pub fn insert_submission(site: &SiteId, submission: &SubmissionRow, lead: &str, revision: i64) -> Statement {
    Statement::new(
        "INSERT INTO submissions (id, site_id, form_id, form_version, lead_id, fields, extra, locale, verdict, reasons, content_hash, \
         address_hash, visitor_id, variant, touch, score, score_detail, received_at) \
         VALUES (?1, ?2, ?3, ?4, (SELECT id FROM leads WHERE id = ?5 AND site_id = ?2 AND revision = ?6), \
         ?7, ?8, ?9, ?10, ?11, ?12, ?13, ?14, ?15, ?16, ?17, ?18, ?19)",
    )
    .bind(submission.id.as_str())
    .bind(site)
    .bind(submission.form.as_str())
    .bind(submission.form_version)
    .bind(lead)
    .bind(revision)
    .bind(text_of(&submission.fields))
    .bind(text_of(&submission.extra))
    .bind(submission.locale.as_str())
    .bind(verdict_name(submission.is_accepted))
    .bind(reason_names(&submission.reasons))
    .bind(submission.content_hash.as_str())
    .bind(submission.address_hash.clone())
    .bind(submission.visitor_id.clone())
    .bind(submission.variant.clone())
    .bind(submission.touch.to_string())
    .bind(submission.score.combined)
    .bind(submission.score.detail.to_string())
    .bind(submission.received)
}

/// Keeps a receipt for every consent item: what exactly was read, whether it was given, and when.
#[must_use]
pub fn insert_consents(site: &SiteId, submission: &SubmissionRow, lead: &str, consents: &[Answered]) -> Statement {
    let items: Vec<Json> = consents.iter().map(|it| serde_json::json!([it.item, i64::from(it.is_given), it.text_hash])).collect();
    Statement::new(
        "INSERT INTO consents (submission_id, site_id, lead_id, item, is_given, text_hash, form_version, locale, given_at) \
         SELECT ?1, ?2, ?3, json_extract(value, '$[0]'), json_extract(value, '$[1]'), json_extract(value, '$[2]'), ?4, ?5, ?6 \
         FROM json_each(?7)",
    )
    .bind(submission.id.as_str())
    .bind(site)
    .bind(lead)
    .bind(submission.form_version)
    .bind(submission.locale.as_str())
    .bind(submission.received)
    .bind(Json::from(items).to_string())
}

/// Marks the exposure of a visitor, by the first of these names that has one, as converted; the first conversion counts.
#[must_use]
pub fn convert<'v>(
    site: &SiteId,
    experiment: &str,
    visitors: impl IntoIterator<Item = &'v String>,
    lead: &str,
    now: DateTime<Utc>,
) -> Statement {
    Statement::new(
        "UPDATE exposures SET converted_at = ?4, lead_id = ?5 WHERE site_id = ?1 AND experiment = ?2 AND converted_at IS NULL \
         AND visitor_id = (SELECT e.visitor_id FROM json_each(?3) j JOIN exposures e \
           ON e.site_id = ?1 AND e.experiment = ?2 AND e.visitor_id = j.value ORDER BY j.key LIMIT 1)",
    )
    .bind(site)
    .bind(experiment)
    .bind(visitors.into_iter().map(|visitor| Json::from(visitor.as_str())).collect::<Json>().to_string())
    .bind(now)
    .bind(lead)
}

/// The wire and column name of a kept submission's verdict.
#[must_use]
pub const fn verdict_name(is_accepted: bool) -> &'static str {
    if is_accepted { "accept" } else { "quarantine" }
}

fn reason_names(reasons: &[Reason]) -> String {
    Json::from(reasons.iter().map(|reason| reason.as_str()).collect::<Vec<_>>()).to_string()
}

fn text_of(fields: &Map<String, Json>) -> String {
    Json::Object(fields.clone()).to_string()
}
