//! The read side for server keys: leads, their submissions, their journeys.

use chrono::{DateTime, Utc};
use http::StatusCode;
use orilla_core::http::json;
use orilla_core::ids::rfc3339;
use orilla_core::paging::PageOf;
use orilla_core::sites::SiteId;
use orilla_core::sql::{Row, SqlError, Statement, take};
use orilla_core::{Error, Request, Response, Sql};
use orilla_text::Locale;
use serde::Serialize;
use serde_json::Value as Json;

use crate::form::{Form, Text};
use crate::journey::TALKS;
use crate::segment;

/// The most events of one journey that are shown, newest first. Chosen: more is for the events function.
const JOURNEY_EVENTS: u32 = 200;
/// The most submissions of one lead that are shown, newest first. Chosen: `GET /v1/submissions` has them all.
const HISTORY: u32 = 200;

/// The most conversations, and the most tickets, of one lead that are shown, newest first. Chosen: more is for the desk.
const TALKS_SHOWN: u32 = 50;

/// One lead as server keys read it.
#[derive(Debug, Serialize)]
pub struct LeadView {
    pub(crate) id: String,
    pub(crate) email: String,
    pub(crate) name: Option<String>,
    pub(crate) fields: Json,
    pub(crate) form: String,
    pub(crate) locale: String,
    pub(crate) verdict: String,
    pub(crate) reasons: Json,
    pub(crate) score: i64,
    pub(crate) fit: i64,
    pub(crate) engagement: i64,
    pub(crate) band: String,
    pub(crate) contributions: Json,
    pub(crate) rules_version: Json,
    pub(crate) tags: Json,
    pub(crate) segments: Json,
    pub(crate) first_touch: Json,
    pub(crate) last_touch: Json,
    pub(crate) is_confirmed: bool,
    pub(crate) submissions: i64,
    pub(crate) created_at: String,
    pub(crate) updated_at: String,
}

/// One submission as server keys read it.
#[derive(Debug, Serialize)]
struct SubmissionView {
    id: String,
    lead: String,
    form: String,
    form_version: i64,
    fields: Json,
    extra: Json,
    locale: String,
    verdict: String,
    reasons: Json,
    variant: Option<String>,
    touch: Json,
    score: i64,
    released_at: Option<String>,
    received_at: String,
}

#[derive(Debug, Serialize)]
struct ConsentView {
    submission: String,
    item: String,
    is_given: bool,
    text_hash: String,
    form_version: i64,
    locale: String,
    given_at: String,
    confirmed_at: Option<String>,
}

#[derive(Debug, Serialize)]
struct EventView {
    r#type: String,
    name: String,
    url: Option<String>,
    properties: Json,
    occurred_at: String,
}

#[derive(Debug, Serialize)]
struct ConversationView {
    id: String,
    state: String,
    locale: String,
    page: Option<String>,
    ticket: Option<String>,
    messages: i64,
    created_at: String,
    updated_at: String,
}

#[derive(Debug, Serialize)]
struct TicketView {
    id: String,
    number: i64,
    subject: String,
    status: String,
    priority: String,
    category: String,
    assignee: Option<String>,
    due_at: Option<String>,
    created_at: String,
}

#[derive(Debug, Serialize)]
struct FormSummary {
    id: String,
    title: Text,
    locales: Vec<Locale>,
    version: i64,
    is_active: bool,
    accepted: i64,
    quarantined: i64,
    leads: i64,
    last_submission_at: Option<String>,
    updated_at: String,
}

#[derive(Debug, Serialize)]
struct LeadPage {
    leads: Vec<LeadView>,
    next: Option<String>,
}

#[derive(Debug, Serialize)]
struct SubmissionPage {
    submissions: Vec<SubmissionView>,
    next: Option<String>,
}

#[derive(Debug, Serialize)]
struct LeadJourney {
    #[serde(flatten)]
    lead: LeadView,
    history: Vec<SubmissionView>,
    consents: Vec<ConsentView>,
    events: Vec<EventView>,
    conversations: Vec<ConversationView>,
    tickets: Vec<TicketView>,
}

/// What a list of leads is narrowed by; every part is optional.
#[derive(Debug, Default, Clone)]
pub struct LeadFilter {
    form: Option<String>,
    verdict: Option<String>,
    band: Option<String>,
    since: Option<DateTime<Utc>>,
    until: Option<DateTime<Utc>>,
    text: Option<String>,
    segment: Option<String>,
}

impl LeadFilter {
    /// The same, of those in this segment.
    #[must_use]
    pub fn in_segment(self, segment: &str) -> Self {
        Self { segment: Some(segment.to_owned()), ..self }
    }

    /// The segment it is narrowed by.
    #[must_use]
    pub fn segment(&self) -> Option<&str> {
        self.segment.as_deref()
    }

    /// Reads `?form= &verdict= &band= &since= &until= &q= &segment=`.
    ///
    /// Errors: `Malformed` for an unknown verdict, a band outside A1–C3, a time that is not RFC 3339.
    pub fn from_query(request: &Request) -> Result<Self, Error> {
        let verdict = request.query("verdict");
        if verdict.as_deref().is_some_and(|verdict| !matches!(verdict, "accept" | "quarantine")) {
            return Err(Error::malformed("`verdict` is accept or quarantine."));
        }
        let band = request.query("band");
        if band.as_deref().is_some_and(|band| !matches!(band.as_bytes(), [b'A'..=b'C', b'1'..=b'3'])) {
            return Err(Error::malformed("`band` is a letter A to C and a digit 1 to 3, such as A1."));
        }
        Ok(Self {
            form: request.query("form"),
            verdict,
            band,
            since: request.time("since")?,
            until: request.time("until")?,
            text: request.query("q").filter(|text| !text.is_empty()),
            segment: request.query("segment"),
        })
    }
}

const LEAD_COLUMNS: &str = "SELECT id, email, fields, form_id, locale, verdict, score, fit, engagement, band, score_detail, tags, \
     first_touch, last_touch, is_confirmed, submissions, created_at, updated_at, \
     (SELECT reasons FROM submissions s WHERE s.site_id = leads.site_id AND s.lead_id = leads.id \
      ORDER BY s.received_at DESC, s.id DESC LIMIT 1) AS reasons, \
     (SELECT json_group_array(segment) FROM (SELECT segment FROM segment_members m WHERE m.site_id = leads.site_id AND m.lead_id = leads.id \
      ORDER BY segment)) AS segments FROM leads";

/// `GET /v1/forms`: ids, titles and counts.
///
/// Errors: what the store gives.
pub async fn list_forms(sql: &impl Sql, site: &SiteId) -> Result<Response, Error> {
    let statement = Statement::new(
        "SELECT f.id, f.version, f.definition, f.is_active, f.updated_at, \
         count(CASE s.verdict WHEN 'accept' THEN 1 END) AS accepted, count(CASE s.verdict WHEN 'quarantine' THEN 1 END) AS quarantined, \
         count(DISTINCT s.lead_id) AS leads, max(s.received_at) AS last_at \
         FROM forms f LEFT JOIN submissions s ON s.site_id = f.site_id AND s.form_id = f.id \
         WHERE f.site_id = ?1 GROUP BY f.id ORDER BY f.id",
    )
    .bind(site);
    let rows = sql.query(statement).await?;
    let forms = rows.iter().map(form_view).collect::<Result<Vec<_>, _>>()?;
    json(StatusCode::OK, &serde_json::json!({ "forms": forms }))
}

fn form_view(row: Row<'_>) -> Result<FormSummary, SqlError> {
    let form: Form = row.json("definition")?;
    Ok(FormSummary {
        id: row.text("id")?.to_owned(),
        title: form.title,
        locales: form.locales,
        version: row.integer("version")?,
        is_active: row.boolean("is_active")?,
        accepted: row.integer("accepted")?,
        quarantined: row.integer("quarantined")?,
        leads: row.integer("leads")?,
        last_submission_at: row.optional_time("last_at")?.map(rfc3339),
        updated_at: rfc3339(row.time("updated_at")?),
    })
}

/// One page of leads, newest first, and the cursor of the next.
///
/// Errors: what the store gives.
pub async fn page(
    sql: &impl Sql,
    site: &SiteId,
    filter: &LeadFilter,
    paging: &PageOf,
) -> Result<(Vec<LeadView>, Option<PageOf>), SqlError> {
    let (at, id) = paging.bounds();
    let statement = Statement::new(format!(
        "{LEAD_COLUMNS} WHERE site_id = ?1 \
         AND (?2 IS NULL OR (created_at, id) < (?2, ?3)) \
         AND (?4 IS NULL OR EXISTS (SELECT 1 FROM submissions f WHERE f.site_id = ?1 AND f.lead_id = leads.id AND f.form_id = ?4)) \
         AND (?5 IS NULL OR verdict = ?5) AND (?6 IS NULL OR band = ?6) \
         AND (?7 IS NULL OR created_at >= ?7) AND (?8 IS NULL OR created_at < ?8) \
         AND (?9 IS NULL OR instr({email}, ?9) > 0 \
           OR EXISTS (SELECT 1 FROM json_each(leads.fields) AS said WHERE instr({said}, ?9) > 0)) \
         AND (?11 IS NULL OR EXISTS (SELECT 1 FROM segment_members i WHERE i.site_id = ?1 AND i.segment = ?11 AND i.lead_id = leads.id)) \
         ORDER BY created_at DESC, id DESC LIMIT ?10",
        email = searched_sql("email"),
        said = searched_sql("said.value"),
    ))
    .bind(site)
    .bind(at)
    .bind(id)
    .bind(filter.form.clone())
    .bind(filter.verdict.clone())
    .bind(filter.band.clone())
    .bind(filter.since)
    .bind(filter.until)
    .bind(filter.text.as_deref().map(searched))
    .bind(paging.rows + 1)
    .bind(filter.segment.clone());
    let rows = sql.query(statement).await?;
    let (rows, next) = paging.cut(&rows, "created_at")?;
    let leads = rows.map(lead_view).collect::<Result<Vec<_>, _>>()?;
    Ok((leads, next))
}

/// The letters beyond ASCII that a search takes for plain ones: SQLite's `lower` leaves them alone. Source: the Spanish alphabet.
const LETTERS: [(char, char); 14] = [
    ('á', 'a'),
    ('é', 'e'),
    ('í', 'i'),
    ('ó', 'o'),
    ('ú', 'u'),
    ('ü', 'u'),
    ('ñ', 'n'),
    ('Á', 'a'),
    ('É', 'e'),
    ('Í', 'i'),
    ('Ó', 'o'),
    ('Ú', 'u'),
    ('Ü', 'u'),
    ('Ñ', 'n'),
];

/// A text as it is searched for; [`searched_sql`] spells a column's alike.
fn searched(text: &str) -> String {
    let plain = |c: char| LETTERS.iter().find(|(letter, _)| *letter == c).map_or(c, |(_, plain)| *plain);
    text.chars().map(plain).collect::<String>().to_ascii_lowercase()
}

fn searched_sql(column: &str) -> String {
    LETTERS.iter().fold(format!("lower({column})"), |sql, (letter, plain)| format!("replace({sql}, '{letter}', '{plain}')"))
}

/// `GET /v1/leads`.
///
/// Errors: `Malformed` for a query that cannot be read, `NotFound` for a segment that the site does not have, and what the store gives.
pub async fn list(sql: &impl Sql, site: &SiteId, request: &Request) -> Result<Response, Error> {
    list_by(sql, site, LeadFilter::from_query(request)?, request).await
}

/// A page of the leads that a filter leaves.
///
/// Errors: as [`list`].
pub(crate) async fn list_by(sql: &impl Sql, site: &SiteId, filter: LeadFilter, request: &Request) -> Result<Response, Error> {
    segment::require(sql, site, filter.segment()).await?;
    let (leads, next) = page(sql, site, &filter, &PageOf::from_query(request)?).await?;
    json(StatusCode::OK, &LeadPage { leads, next: next.and_then(|page| page.cursor()) })
}

/// `GET /v1/submissions`: every submission with its verdict, so that nothing is held back unseen.
///
/// Errors: `Malformed` for a query that cannot be read, and what the store gives.
pub async fn list_submissions(sql: &impl Sql, site: &SiteId, request: &Request) -> Result<Response, Error> {
    let filter = LeadFilter::from_query(request)?;
    let paging = PageOf::from_query(request)?;
    let (at, id) = paging.bounds();
    let statement = Statement::new(format!(
        "{SUBMISSION_COLUMNS} WHERE site_id = ?1 AND (?2 IS NULL OR (received_at, id) < (?2, ?3)) \
         AND (?4 IS NULL OR form_id = ?4) AND (?5 IS NULL OR verdict = ?5) \
         AND (?6 IS NULL OR received_at >= ?6) AND (?7 IS NULL OR received_at < ?7) \
         ORDER BY received_at DESC, id DESC LIMIT ?8"
    ))
    .bind(site)
    .bind(at)
    .bind(id)
    .bind(filter.form)
    .bind(filter.verdict)
    .bind(filter.since)
    .bind(filter.until)
    .bind(paging.rows + 1);
    let rows = sql.query(statement).await?;
    let (rows, next) = paging.cut(&rows, "received_at")?;
    let submissions = rows.map(submission_view).collect::<Result<Vec<_>, _>>()?;
    let next = next.and_then(|page| page.cursor());
    json(StatusCode::OK, &SubmissionPage { submissions, next })
}

/// `GET /v1/leads/{lead}`: the lead, every submission, every consent receipt, the journey, what they asked in the chat and of the desk.
///
/// Errors: `NotFound` if this site has no such lead, and what the store gives.
pub async fn show(sql: &impl Sql, site: &SiteId, lead: &str) -> Result<Response, Error> {
    let for_lead = |query: String| Statement::new(query).bind(site).bind(lead);
    let of_list = |query: String| Statement::new(query).bind(site).bind(serde_json::json!([lead]).to_string());
    let [leads, history, consents, events, conversations, tickets] = take(
        sql.batch(vec![
            for_lead(format!("{LEAD_COLUMNS} WHERE site_id = ?1 AND id = ?2")),
            for_lead(format!(
                "{SUBMISSION_COLUMNS} WHERE site_id = ?1 AND lead_id = ?2 ORDER BY received_at DESC, id DESC LIMIT {HISTORY}"
            )),
            for_lead(
                "SELECT submission_id, item, is_given, text_hash, form_version, locale, given_at, confirmed_at \
                 FROM consents WHERE site_id = ?1 AND lead_id = ?2 ORDER BY given_at DESC, item LIMIT 1000"
                    .to_owned(),
            ),
            for_lead(format!(
                "SELECT type, name, url, properties, occurred_at FROM \
                   (SELECT source, message_id, type, name, url, properties, occurred_at FROM events INDEXED BY events_by_lead \
                      WHERE site_id = ?1 AND lead_id = ?2 \
                    UNION SELECT source, message_id, type, name, url, properties, occurred_at FROM events INDEXED BY events_by_visitor \
                      WHERE site_id = ?1 AND visitor_id IN (SELECT visitor_id FROM submissions WHERE site_id = ?1 AND lead_id = ?2)) \
                 ORDER BY occurred_at DESC LIMIT {JOURNEY_EVENTS}"
            )),
            of_list(format!(
                "WITH {TALKS} SELECT c.*, (SELECT count(*) FROM messages m WHERE m.site_id = ?1 AND m.conversation_id = c.id) AS messages \
                 FROM talks t CROSS JOIN conversations c ON c.site_id = ?1 AND c.id = t.id ORDER BY c.created_at DESC LIMIT {TALKS_SHOWN}"
            )),
            of_list(format!(
                "WITH {TALKS}, opened AS (SELECT k.id FROM asked a CROSS JOIN tickets k INDEXED BY tickets_by_requester \
                     ON k.site_id = ?1 AND k.requester_key = a.email_key \
                   UNION SELECT r.id FROM talks t CROSS JOIN ticket_requests r INDEXED BY ticket_requests_by_subject \
                     ON r.site_id = ?1 AND r.subject_id = t.id) \
                 SELECT k.* FROM opened o CROSS JOIN tickets k ON k.site_id = ?1 AND k.id = o.id ORDER BY k.created_at DESC LIMIT {TALKS_SHOWN}"
            )),
        ])
        .await?,
    )?;
    let lead = leads.first().ok_or_else(|| Error::not_found("This site has no such lead."))?;
    let journey = LeadJourney {
        lead: lead_view(lead)?,
        history: history.iter().map(submission_view).collect::<Result<_, _>>()?,
        consents: consents.iter().map(consent_view).collect::<Result<_, _>>()?,
        events: events.iter().map(event_view).collect::<Result<_, _>>()?,
        conversations: conversations.iter().map(conversation_view).collect::<Result<_, _>>()?,
        tickets: tickets.iter().map(ticket_view).collect::<Result<_, _>>()?,
    };
    json(StatusCode::OK, &journey)
}

const SUBMISSION_COLUMNS: &str = "SELECT id, lead_id, form_id, form_version, fields, extra, locale, verdict, reasons, variant, touch, \
     score, released_at, received_at FROM submissions";

fn lead_view(row: Row<'_>) -> Result<LeadView, SqlError> {
    let fields: Json = row.json("fields")?;
    let mut detail: Json = row.json("score_detail")?;
    Ok(LeadView {
        id: row.text("id")?.to_owned(),
        email: row.text("email")?.to_owned(),
        name: fields.get("name").and_then(Json::as_str).map(str::to_owned),
        fields,
        form: row.text("form_id")?.to_owned(),
        locale: row.text("locale")?.to_owned(),
        verdict: row.text("verdict")?.to_owned(),
        reasons: row.optional_text("reasons")?.and_then(|text| serde_json::from_str(text).ok()).unwrap_or_else(|| Json::Array(Vec::new())),
        score: row.integer("score")?,
        fit: row.integer("fit")?,
        engagement: row.integer("engagement")?,
        band: row.text("band")?.to_owned(),
        contributions: detail["contributions"].take(),
        rules_version: detail["rules_version"].take(),
        tags: row.json("tags")?,
        segments: row.json("segments")?,
        first_touch: row.json("first_touch")?,
        last_touch: row.json("last_touch")?,
        is_confirmed: row.boolean("is_confirmed")?,
        submissions: row.integer("submissions")?,
        created_at: rfc3339(row.time("created_at")?),
        updated_at: rfc3339(row.time("updated_at")?),
    })
}

fn submission_view(row: Row<'_>) -> Result<SubmissionView, SqlError> {
    Ok(SubmissionView {
        id: row.text("id")?.to_owned(),
        lead: row.text("lead_id")?.to_owned(),
        form: row.text("form_id")?.to_owned(),
        form_version: row.integer("form_version")?,
        fields: row.json("fields")?,
        extra: row.json("extra")?,
        locale: row.text("locale")?.to_owned(),
        verdict: row.text("verdict")?.to_owned(),
        reasons: row.json("reasons")?,
        variant: row.optional_text("variant")?.map(str::to_owned),
        touch: row.json("touch")?,
        score: row.integer("score")?,
        released_at: row.optional_time("released_at")?.map(rfc3339),
        received_at: rfc3339(row.time("received_at")?),
    })
}

fn consent_view(row: Row<'_>) -> Result<ConsentView, SqlError> {
    Ok(ConsentView {
        submission: row.text("submission_id")?.to_owned(),
        item: row.text("item")?.to_owned(),
        is_given: row.boolean("is_given")?,
        text_hash: row.text("text_hash")?.to_owned(),
        form_version: row.integer("form_version")?,
        locale: row.text("locale")?.to_owned(),
        given_at: rfc3339(row.time("given_at")?),
        confirmed_at: row.optional_time("confirmed_at")?.map(rfc3339),
    })
}

fn event_view(row: Row<'_>) -> Result<EventView, SqlError> {
    Ok(EventView {
        r#type: row.text("type")?.to_owned(),
        name: row.text("name")?.to_owned(),
        url: row.optional_text("url")?.map(str::to_owned),
        properties: row.json("properties")?,
        occurred_at: rfc3339(row.time("occurred_at")?),
    })
}

fn conversation_view(row: Row<'_>) -> Result<ConversationView, SqlError> {
    Ok(ConversationView {
        id: row.text("id")?.to_owned(),
        state: row.text("state")?.to_owned(),
        locale: row.text("locale")?.to_owned(),
        page: row.optional_text("page")?.map(str::to_owned),
        ticket: row.optional_text("ticket_id")?.map(str::to_owned),
        messages: row.integer("messages")?,
        created_at: rfc3339(row.time("created_at")?),
        updated_at: rfc3339(row.time("updated_at")?),
    })
}

fn ticket_view(row: Row<'_>) -> Result<TicketView, SqlError> {
    Ok(TicketView {
        id: row.text("id")?.to_owned(),
        number: row.integer("number")?,
        subject: row.text("subject")?.to_owned(),
        status: row.text("status")?.to_owned(),
        priority: row.text("priority")?.to_owned(),
        category: row.text("category")?.to_owned(),
        assignee: row.optional_text("assignee")?.map(str::to_owned),
        due_at: row.optional_time("due_at")?.map(rfc3339),
        created_at: rfc3339(row.time("created_at")?),
    })
}
