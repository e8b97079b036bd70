//! What visitors are asked: whether they would recommend the site (NPS), and how satisfied they are (CSAT). One answer of each in a month, a second
//! one changes it; erased by whoever's it is.

mod invitation;
mod results;

use std::ops::RangeInclusive;

use chrono::TimeDelta;
use http::{StatusCode, header};
use orilla_core::erasure::{self, Subject};
use orilla_core::http::json;
use orilla_core::idempotency::{self, Key, Outcome as Earlier, Slot};
use orilla_core::ids::uuid_v7;
use orilla_core::sites::SiteId;
use orilla_core::sql::{Rows, Statement, take};
use orilla_core::{Error, Platform, Request, Response, Sql, Violation, body, visitors};
use orilla_text::{Locale, email};
use serde::Deserialize;
use serde_json::json;

use crate::TicketRoute;
use crate::desk;
use crate::rates;

/// How long a second answer changes the first. Source: the brief; surveys of a quarter or a month ask everybody once.
const SAME_FOR: TimeDelta = TimeDelta::days(30);
/// The most characters of a comment. Chosen: a page of a letter.
const COMMENT_CHARS: usize = 2_000;
/// The most bytes of a page's address. Chosen: what browsers and servers agree to take.
const PAGE_BYTES: usize = 2_048;
/// The most bytes of a visitor's name. Chosen: a UUID and then some.
const VISITOR_BYTES: usize = 128;

/// One of the questions.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Survey {
    /// Whether they would recommend the site, 0 to 10.
    Nps,
    /// How satisfied they are with it, 1 to 5.
    Csat,
}

impl Survey {
    /// The question of this name.
    #[must_use]
    pub fn parse(name: &str) -> Option<Self> {
        [Self::Nps, Self::Csat].into_iter().find(|survey| survey.name() == name)
    }

    /// What it is called, in paths and for idempotency keys.
    #[must_use]
    pub const fn name(self) -> &'static str {
        match self {
            Self::Nps => "nps",
            Self::Csat => "csat",
        }
    }

    const fn table(self) -> &'static str {
        match self {
            Self::Nps => "survey_answers",
            Self::Csat => "csat_answers",
        }
    }

    const fn scale(self) -> RangeInclusive<i64> {
        match self {
            Self::Nps => 0..=10,
            Self::Csat => 1..=5,
        }
    }
}

/// What a page sends.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
struct Sent {
    #[serde(default)]
    site: Option<SiteId>,
    score: i64,
    #[serde(default)]
    comment: Option<String>,
    #[serde(default)]
    locale: Option<String>,
    #[serde(default)]
    page: Option<String>,
    #[serde(default)]
    visitor: Option<String>,
    #[serde(default)]
    email: Option<String>,
}

/// An answer that was checked.
#[derive(Debug, PartialEq, Eq)]
struct Answer {
    score: i64,
    comment: Option<String>,
    locale: Option<String>,
    page: Option<String>,
    visitor: Option<String>,
    email: Option<String>,
}

impl<P: Platform> TicketRoute<P> {
    /// `POST /v1/surveys/nps` and `…/csat`: stores an answer once, or changes the one that is there.
    ///
    /// Errors: what is wrong with it, by field; as [`desk::open`]; `TooManyRequests`; `Unavailable` if nothing could be stored.
    pub(crate) async fn answer_survey(&self, survey: Survey, request: &Request, limit: usize) -> Result<Response, Error> {
        let sent: Sent = body::json(request, limit)?;
        let front = desk::open(&self.sql, request, sent.site.as_ref()).await?;
        let answer = checked(survey, sent)?;
        let table = survey.table();
        rates::admit_to(survey.name(), &self.sql, &self.random, &front, request).await?;
        let (site, now) = (&front.site, request.received);
        let fingerprint =
            idempotency::fingerprint(&json!([answer.score, answer.comment, answer.locale, answer.page, answer.visitor, answer.email]));
        let visitor = self.visitor(site, request, answer.visitor.as_deref()).await?;
        let locale = Locale::negotiate(answer.locale.as_deref(), request.header(header::ACCEPT_LANGUAGE), &front.locales);
        let key = Key::of(request, None)?;
        let slot = key.as_ref().map(|key| Slot { site, scope: survey.name(), key });
        // Whoever names themselves is who they say; whoever does not is their browser of today.
        let who = |sql: String| Statement::new(sql).bind(site).bind(visitor.as_str()).bind(answer.email.as_deref()).bind(now - SAME_FOR);
        let nothing = || Statement::new("SELECT 1 AS one WHERE 0");
        let known = who(format!("SELECT id FROM {table} WHERE {SAME} ORDER BY updated_at DESC, id DESC LIMIT 1"));
        let [earlier, known]: [Rows; 2] = take(self.sql.batch(vec![slot.map_or_else(nothing, |slot| slot.look_up(now)), known]).await?)?;
        match idempotency::outcome(&earlier, &fingerprint)? {
            Earlier::Replay(kept) => return told(kept["is_change"].as_bool().unwrap_or_default()),
            Earlier::Mismatch => return Err(idempotency::mismatch()),
            Earlier::New => {}
        }
        let is_change = known.first().is_some();
        let id = match known.first() {
            Some(row) => row.text("id")?.to_owned(),
            None => uuid_v7(now, &self.random).to_string(),
        };
        let values = |sql: String| {
            who(sql)
                .bind(id.as_str())
                .bind(answer.score)
                .bind(answer.comment.as_deref())
                .bind(locale.as_str())
                .bind(answer.page.as_deref())
                .bind(now)
        };
        // The latest of theirs changes, one is added where there is none, and of two that turn out to be the same person's one stays.
        let latest = format!("(SELECT id FROM {table} WHERE {SAME} ORDER BY updated_at DESC, id DESC LIMIT 1)");
        let mut statements = vec![
            values(format!(
                "UPDATE {table} SET score = ?6, comment = ?7, locale = ?8, page = ?9, updated_at = ?10, visitor = ?2, \
                 email = coalesce(?3, email) WHERE site_id = ?1 AND id = {latest} AND ?5 IS NOT NULL"
            )),
            values(format!(
                "INSERT INTO {table} (site_id, id, visitor, email, score, comment, locale, page, created_at, updated_at) \
                 SELECT ?1, ?5, ?2, ?3, ?6, ?7, ?8, ?9, ?10, ?10 WHERE NOT EXISTS (SELECT 1 FROM {table} WHERE {SAME})"
            )),
            who(format!("DELETE FROM {table} WHERE {SAME} AND id <> {latest}")),
        ];
        // A lead who answered has to be sorted into segments again; lead capture does that, at its next tick.
        statements.extend(answer.email.as_deref().map(|email| {
            Statement::new(
                "UPDATE segment_standings SET due_at = ?3, revision = revision + 1 \
                 WHERE site_id = ?1 AND lead_id = (SELECT id FROM leads WHERE site_id = ?1 AND email_key = ?2)",
            )
            .bind(site)
            .bind(email)
            .bind(now)
        }));
        if let Some(slot) = slot {
            statements.extend(slot.remember(&fingerprint, &json!({ "is_change": is_change }), &id, now));
        }
        match self.sql.batch(statements).await {
            Ok(_) => told(is_change),
            // The same was sent twice at a time, and the other one was faster.
            Err(error) if idempotency::is_race(&error) => told(is_change),
            Err(error) => Err(error.into()),
        }
    }

    /// The page's own name for a visitor, else today's hash of network and browser.
    async fn visitor(&self, site: &SiteId, request: &Request, named: Option<&str>) -> Result<String, Error> {
        if let Some(named) = named {
            return Ok(named.to_owned());
        }
        let salt = visitors::salt(&self.sql, &self.random, request.received).await?;
        Ok(visitors::visitor_hash(&salt, site, request.client, request.header(header::USER_AGENT).unwrap_or_default()))
    }

    /// `DELETE /v1/surveys/nps?visitor=` and `…/csat`, or `?email=`: erases what they answered, with a receipt.
    ///
    /// Errors: `Malformed` if nobody is named, or both; `NotFound` if they answered nothing, and what the store gives.
    pub(crate) async fn erase_answers(&self, survey: Survey, site: &SiteId, request: &Request) -> Result<Response, Error> {
        let (column, id) = match (request.query("visitor"), request.query("email")) {
            (Some(visitor), None) => ("visitor", visitor.trim().to_owned()),
            (None, Some(address)) => ("email", email::parse(address.trim()).map(|it| it.key).unwrap_or_default()),
            _ => return Err(Error::malformed("Name whose answers: by `visitor` or by `email`.")),
        };
        let theirs = format!("site_id = ?1 AND {column} = ?2");
        let (table, scope) = (survey.table(), survey.name());
        let answers = format!("SELECT id FROM {table} WHERE {theirs}");
        let holdings = [
            ("idempotency", format!("site_id = ?1 AND scope = '{scope}' AND subject_id IN ({answers})")),
            ("survey_invitations", format!("site_id = ?1 AND visitor IN (SELECT visitor FROM {table} WHERE {theirs})")),
            (table, theirs),
        ];
        let receipt = uuid_v7(request.received, &self.random).to_string();
        let subject = Subject { kind: "respondent", id: &id };
        let erased = erasure::erase(&self.sql, site, subject, &holdings, &receipt, request.received).await?;
        erased.ok_or_else(|| Error::not_found("This site has no answer of theirs."))
    }
}

/// The answers of the month that are by the same visitor or from the same mailbox.
const SAME: &str = "site_id = ?1 AND created_at > ?4 AND (visitor = ?2 OR email = ?3)";

fn told(is_change: bool) -> Result<Response, Error> {
    json(if is_change { StatusCode::OK } else { StatusCode::CREATED }, &json!({ "is_change": is_change }))
}

fn checked(survey: Survey, sent: Sent) -> Result<Answer, Error> {
    let mut violations = Vec::new();
    let mut refuse = |field: &str, code: &'static str, message: &str| {
        violations.push(Violation { field: field.into(), code: code.into(), message: message.into() });
    };
    let scale = survey.scale();
    if !scale.contains(&sent.score) {
        refuse("score", "range", &format!("A score is a whole number from {} to {}.", scale.start(), scale.end()));
    }
    let trimmed = |text: Option<String>| text.map(|text| text.trim().to_owned()).filter(|text| !text.is_empty());
    let (comment, visitor) = (trimmed(sent.comment), trimmed(sent.visitor));
    // What stands behind the path is often somebody's: an address, a token of a mail.
    let page = trimmed(sent.page).and_then(|page| page.split(['?', '#']).next().map(str::to_owned));
    if comment.as_ref().is_some_and(|text| text.chars().count() > COMMENT_CHARS) {
        refuse("comment", "length", "A comment has at most 2,000 characters.");
    }
    if page.as_ref().is_some_and(|text| text.len() > PAGE_BYTES) {
        refuse("page", "length", "A page's address has at most 2,048 bytes.");
    }
    if visitor.as_ref().is_some_and(|text| text.len() > VISITOR_BYTES) {
        refuse("visitor", "length", "A visitor's id has at most 128 bytes.");
    }
    let email = match trimmed(sent.email).map(|text| email::parse(&text)) {
        Some(Some(address)) => Some(address.key),
        Some(None) => {
            refuse("email", "email", "This is no e-mail address.");
            None
        }
        None => None,
    };
    if !violations.is_empty() {
        return Err(Error::invalid("The answer cannot be taken.", violations));
    }
    Ok(Answer { score: sent.score, comment, locale: sent.locale, page, visitor, email })
}

#[cfg(test)]
mod tests {
    use serde_json::Value as Json;

    use super::*;

    #[test]
    fn everything_that_is_wrong_with_an_answer_is_told_at_once() {
        let sent = |value: Json| checked(Survey::Nps, serde_json::from_value(value).unwrap());
        let wrong = json!({
            "score": 11, "comment": "a".repeat(2_001), "page": "p".repeat(2_049), "visitor": "v".repeat(129), "email": "nobody",
        });
        let fields: Vec<_> = sent(wrong).unwrap_err().violations.into_iter().map(|it| it.field).collect();
        assert_eq!(fields, ["score", "comment", "page", "visitor", "email"]);
        let page = "https://marea.example/precios?mail=eva@mar.example#top";
        let fine = sent(json!({ "score": 0, "comment": "  ", "email": " Eva@Mar.Example ", "page": page })).unwrap();
        assert_eq!((fine.comment, fine.email.as_deref()), (None, Some("eva@mar.example")));
        assert_eq!(fine.page.as_deref(), Some("https://marea.example/precios"), "only where it was, and nothing of whose it was");
        let csat = |score: i64| checked(Survey::Csat, serde_json::from_value(json!({ "score": score })).unwrap());
        assert_eq!((0..=6).filter(|score| csat(*score).is_ok()).collect::<Vec<_>>(), [1, 2, 3, 4, 5]);
    }
}
