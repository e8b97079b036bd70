//! Whether a page may ask its visitor a question now, and in which words: one question in a visit, whichever page or tab asks, and none of those who
//! answered lately. What was asked is known here by the day's hash of network and browser; the browser keeps nothing.

use chrono::TimeDelta;
use http::StatusCode;
use orilla_core::http::json;
use orilla_core::sites::SiteId;
use orilla_core::sql::{Rows, Statement, take};
use orilla_core::{Error, Platform, Request, Response, Sql, body, visitors};
use orilla_text::{Locale, email};
use serde::Deserialize;
use serde_json::{Value as Json, json};

use super::{SAME, SAME_FOR, Survey, VISITOR_BYTES};
use crate::TicketRoute;
use crate::desk::{self, Front};
use crate::rates;

/// Of whom it is asked.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
struct Sent {
    #[serde(default)]
    site: Option<SiteId>,
    #[serde(default)]
    visitor: Option<String>,
    #[serde(default)]
    email: Option<String>,
    #[serde(default)]
    locale: Option<String>,
}

impl<P: Platform> TicketRoute<P> {
    /// `POST /v1/surveys/{survey}/invitations`: `ask` is true once in a visit, which is a day of a browser; then the question's words come with it.
    /// Whose browser wants nothing remembered of them is never asked, since that would be remembered.
    ///
    /// Errors: `NotFound` for a question that is none; as [`desk::open`]; `TooManyRequests`, and what the store gives.
    pub(crate) async fn invite(&self, name: &str, request: &Request, limit: usize) -> Result<Response, Error> {
        let survey = Survey::parse(name).ok_or_else(|| Error::not_found("The questions are `nps` and `csat`."))?;
        let sent: Sent = body::json(request, limit)?;
        let front = desk::open(&self.sql, request, sent.site.as_ref()).await?;
        let no = || json(StatusCode::OK, &json!({ "ask": false }));
        let named = sent.visitor.as_deref().map(str::trim).filter(|it| !it.is_empty() && it.len() <= VISITOR_BYTES);
        if named.is_none() && ["dnt", "sec-gpc"].iter().any(|it| request.header(*it) == Some("1")) {
            return no();
        }
        let (site, now) = (&front.site, request.received);
        let visitor = self.visitor(site, request, named).await?;
        let mailbox = sent.email.as_deref().and_then(email::parse).map(|it| it.key);
        let today = visitors::day(now);
        let asked = Statement::new("SELECT 1 AS one FROM survey_invitations WHERE site_id = ?1 AND visitor = ?2 AND day = ?3")
            .bind(site)
            .bind(visitor.as_str())
            .bind(today.as_str());
        let answered = Statement::new(format!("SELECT 1 AS one FROM {} WHERE {SAME} LIMIT 1", survey.table()))
            .bind(site)
            .bind(visitor.as_str())
            .bind(mailbox)
            .bind(now - SAME_FOR);
        let [asked, answered]: [Rows; 2] = take(self.sql.batch(vec![asked, answered]).await?)?;
        if !asked.is_empty() || !answered.is_empty() {
            return no();
        }
        rates::admit_to("invitation", &self.sql, &self.random, &front, request).await?;
        let invite = Statement::new(
            "INSERT INTO survey_invitations (site_id, visitor, day) VALUES (?1, ?2, ?3) ON CONFLICT (site_id, visitor, day) DO NOTHING \
             RETURNING day",
        )
        .bind(site)
        .bind(visitor.as_str())
        .bind(today.as_str());
        // Yesterday's stay for whoever's midnight this is.
        let forget = Statement::new("DELETE FROM survey_invitations WHERE day < ?1").bind(visitors::day(now - TimeDelta::days(1)));
        let [invited, _]: [Rows; 2] = take(self.sql.batch(vec![invite, forget]).await?)?;
        // Of two tabs at a time one asks.
        if invited.is_empty() {
            return no();
        }
        let locale = Locale::negotiate(sent.locale.as_deref(), request.header(http::header::ACCEPT_LANGUAGE), &front.locales);
        json(
            StatusCode::OK,
            &json!({ "ask": true, "survey": survey.name(), "locale": locale.as_str(), "words": words(survey, locale, &front) }),
        )
    }
}

/// The words of a question: the site's own where its file has some.
fn words(survey: Survey, locale: Locale, front: &Front) -> Json {
    let site = &front.name;
    let (question, low, high) = match (survey, locale) {
        (Survey::Nps, Locale::Es) => (format!("¿Qué tan probable es que recomiendes {site}?"), "Nada probable", "Muy probable"),
        (Survey::Nps, Locale::En) => (format!("How likely are you to recommend {site}?"), "Not at all likely", "Very likely"),
        (Survey::Csat, Locale::Es) => (format!("¿Qué tal te va con {site}?"), "Muy mal", "Muy bien"),
        (Survey::Csat, Locale::En) => (format!("How is {site} working for you?"), "Very badly", "Very well"),
    };
    let thanks = match locale {
        Locale::Es => "Gracias. Lo leemos todo.",
        Locale::En => "Thank you. We read every answer.",
    };
    let own = front.surveys.get(survey.name());
    json!({
        "question": own.and_then(|own| own.question.get(&locale)).unwrap_or(&question),
        "low": low,
        "high": high,
        "thanks": own.and_then(|own| own.thanks.get(&locale)).map_or(thanks, String::as_str),
    })
}
