//! Who is told of a lead, and in which words: webhooks read data, people read a note.

use chrono::{DateTime, Utc};
use orilla_core::Random;
use orilla_core::outbox::{self, Event, Mail, Note};
use orilla_core::sites::SiteId;
use orilla_core::sql::Statement;
use orilla_text::Locale;
use serde_json::{Map, Value as Json, json};

use crate::form::Form;
use crate::record::{LeadRow, SubmissionRow};
use crate::site::Site;

/// A mailbox's first accepted submission.
pub const CREATED: &str = "lead.created";
/// A later one.
pub const UPDATED: &str = "lead.updated";
/// The mailbox's owner confirmed.
pub const CONFIRMED: &str = "lead.confirmed";
/// The mail that asks for it, or says that it is done already.
const CONFIRMATION: &str = "confirmation";
/// The most bytes of what people typed in one webhook. Source: Standard Webhooks, "payloads should be small, under 20 kB".
const MAX_TYPED_BYTES: usize = 12_000;
/// The most reasons a note lists. Chosen: what fits a glance.
const REASONS: usize = 5;

/// An accepted submission, about to be told.
#[derive(Debug)]
pub struct News<'a> {
    /// The tenant.
    pub site: &'a SiteId,
    /// The tenant's settings.
    pub settings: &'a Site,
    /// The form's id.
    pub form_id: &'a str,
    /// The form.
    pub form: &'a Form,
    /// What happened.
    pub event: &'a str,
    /// The lead as it stands now.
    pub lead: &'a LeadRow,
    /// What was said.
    pub submission: &'a SubmissionRow,
    /// The subject that the page asked for.
    pub subject: Option<&'a str>,
    /// The mail to the visitor: asks to confirm, or brings what was promised.
    pub mail: Option<Mail>,
}

/// A lead as webhooks carry it.
#[must_use]
pub fn lead_data(lead: &LeadRow) -> Json {
    json!({
        "id": lead.id,
        "email": lead.email,
        "fields": bounded(&lead.fields),
        "locale": lead.locale,
        "tags": lead.tags,
        "score": lead.score.combined,
        "fit": lead.score.fit,
        "engagement": lead.score.engagement,
        "band": lead.score.band,
        "contributions": lead.score.detail["contributions"],
        "rules_version": lead.score.detail["rules_version"],
        "first_touch": lead.first_touch,
        "last_touch": lead.last_touch,
        "is_confirmed": lead.is_confirmed,
    })
}

impl News<'_> {
    /// The outbox rows, for the batch that is their cause.
    #[must_use]
    pub fn statements(&self, now: DateTime<Utc>, random: &impl Random) -> Vec<Statement> {
        let event = Event {
            site: self.site,
            name: self.event,
            subject: &self.lead.id,
            only: self.form.notifications.destinations.as_deref(),
            data: self.data(),
            note: self.note(),
        };
        let mut statements = vec![event.announce(now, random)];
        if let Some(mail) = &self.mail {
            statements.push(outbox::post(self.site, CONFIRMATION, &self.lead.id, mail, now, random));
        }
        statements
    }

    /// What a webhook carries.
    fn data(&self) -> Json {
        let (lead, submission) = (self.lead, self.submission);
        json!({
            "lead": lead_data(lead),
            "submission": {
                "id": submission.id,
                "form": submission.form,
                "fields": bounded(&submission.fields),
                "variant": submission.variant,
                "received_at": orilla_core::ids::rfc3339(submission.received),
            },
        })
    }

    /// What people read, in the site's own language.
    fn note(&self) -> Note {
        let locale = self.settings.default_locale;
        let words = words(locale);
        let subject = self.subject.map(str::to_owned);
        let own = self.form.notifications.subject.as_ref().map(|text| text.get(locale).to_owned());
        let title = subject.or(own).unwrap_or_else(|| format!("{}: {}", words.new_lead, self.lead.email));
        let mut facts = vec![
            (words.email.to_owned(), self.lead.email.clone()),
            (words.score.to_owned(), format!("{} ({})", self.lead.score.combined, self.lead.score.band)),
        ];
        let said = self.form.fields.iter().filter_map(|field| {
            let value = self.submission.fields.get(&field.name)?;
            Some((field.label.get(locale).to_owned(), plain(value)))
        });
        facts.extend(said.filter(|(_, value)| *value != self.lead.email));
        let reasons = reasons(&self.lead.score.detail, locale);
        if !reasons.is_empty() {
            facts.push((words.reasons.to_owned(), reasons));
        }
        facts.push((words.form.to_owned(), self.form_id.to_owned()));
        Note { title, facts }
    }
}

/// The weightiest reasons of a score, a line each.
fn reasons(detail: &Json, locale: Locale) -> String {
    let mut reasons: Vec<(i64, &str)> = detail["contributions"]
        .as_array()
        .into_iter()
        .flatten()
        .filter_map(|it| Some((it["points"].as_i64()?, it["label"][locale.as_str()].as_str()?)))
        .filter(|(points, _)| *points != 0)
        .collect();
    reasons.sort_by_key(|(points, _)| std::cmp::Reverse(points.abs()));
    reasons.iter().take(REASONS).map(|(points, label)| format!("{points:+} {label}")).collect::<Vec<_>>().join("\n")
}

/// What somebody typed, or nothing of it if it would swell the message; the lead's own page has all of it.
fn bounded(fields: &Map<String, Json>) -> Json {
    let whole = Json::Object(fields.clone());
    if whole.to_string().len() <= MAX_TYPED_BYTES / 2 { whole } else { Json::Null }
}

fn plain(value: &Json) -> String {
    match value {
        Json::String(text) => text.clone(),
        Json::Array(items) => items.iter().map(plain).collect::<Vec<_>>().join(", "),
        other => other.to_string(),
    }
}

struct Words {
    new_lead: &'static str,
    email: &'static str,
    score: &'static str,
    reasons: &'static str,
    form: &'static str,
}

const fn words(locale: Locale) -> Words {
    match locale {
        Locale::Es => Words { new_lead: "Nuevo contacto", email: "Correo", score: "Puntaje", reasons: "Por qué", form: "Formulario" },
        Locale::En => Words { new_lead: "New lead", email: "E-mail", score: "Score", reasons: "Why", form: "Form" },
    }
}
