//! The NPS survey: whether visitors would recommend the site. One answer of each in a month, a second one changes it; figures with how far they can
//! be trusted; erased by whoever's it is.

use std::collections::BTreeMap;

use chrono::{DateTime, TimeDelta, Utc};
use http::{StatusCode, header};
use orilla_core::erasure::{self, Subject};
use orilla_core::http::json;
use orilla_core::idempotency::{self, Key, Outcome as Earlier, Slot};
use orilla_core::ids::{rfc3339, uuid_v7};
use orilla_core::paging::PageOf;
use orilla_core::sites::SiteId;
use orilla_core::sql::{Row, Rows, SqlError, Statement, take};
use orilla_core::{Error, Platform, Request, Response, Sql, Violation, body, visitors};
use orilla_text::{Locale, email};
use serde::Deserialize;
use serde_json::{Value as Json, json};

use crate::TicketRoute;
use crate::desk;
use crate::intervals::Nps;
use crate::rates;

/// How long a second answer changes the first. Source: the brief; surveys of a quarter or a month ask everybody once.
const SAME_FOR: TimeDelta = TimeDelta::days(30);
/// What idempotency keys of answers are for.
const SCOPE: &str = "nps";
/// The most characters of a comment. Chosen: a page of a letter.
const COMMENT_CHARS: usize = 2_000;
/// The most bytes of a page's address. Chosen: what browsers and servers agree to take.
const PAGE_BYTES: usize = 2_048;
/// The most bytes of a visitor's name. Chosen: a UUID and then some.
const VISITOR_BYTES: usize = 128;
/// A week in milliseconds, and the first Monday after 1970 began.
const WEEK: i64 = 7 * 24 * 60 * 60 * 1_000;
const MONDAY: i64 = 4 * 24 * 60 * 60 * 1_000;

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
    /// `POST /v1/surveys/nps`: stores an answer once, or changes the one that is there.
    ///
    /// Errors: what is wrong with it, by field; as [`desk::open`]; `TooManyRequests`; `Unavailable` if nothing could be stored.
    pub(crate) async fn answer_nps(&self, request: &Request, limit: usize) -> Result<Response, Error> {
        let sent: Sent = body::json(request, limit)?;
        let front = desk::open(&self.sql, request, sent.site.as_ref()).await?;
        let answer = checked(sent)?;
        rates::admit_to(SCOPE, &self.sql, &self.random, &front, request).await?;
        let (site, now) = (&front.site, request.received);
        let fingerprint =
            idempotency::fingerprint(&json!([answer.score, answer.comment, answer.locale, answer.page, answer.visitor, answer.email]));
        let visitor = match answer.visitor.clone() {
            Some(visitor) => visitor,
            None => {
                let salt = visitors::salt(&self.sql, &self.random, now).await?;
                visitors::visitor_hash(&salt, site, request.client, request.header(header::USER_AGENT).unwrap_or_default())
            }
        };
        let locale = Locale::negotiate(answer.locale.as_deref(), request.header(header::ACCEPT_LANGUAGE), &front.locales);
        let key = Key::of(request, None)?;
        let slot = key.as_ref().map(|key| Slot { site, scope: SCOPE, key });
        // Whoever names themselves is who they say; whoever does not is their browser of today.
        let who = |sql: String| Statement::new(sql).bind(site).bind(visitor.as_str()).bind(answer.email.as_deref()).bind(now - SAME_FOR);
        let nothing = || Statement::new("SELECT 1 AS one WHERE 0");
        let known = who(format!("SELECT id FROM survey_answers WHERE {SAME} ORDER BY updated_at DESC, id DESC LIMIT 1"));
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
        let latest = format!("(SELECT id FROM survey_answers WHERE {SAME} ORDER BY updated_at DESC, id DESC LIMIT 1)");
        let mut statements = vec![
            values(format!(
                "UPDATE survey_answers SET score = ?6, comment = ?7, locale = ?8, page = ?9, updated_at = ?10, visitor = ?2, \
                 email = coalesce(?3, email) WHERE site_id = ?1 AND id = {latest} AND ?5 IS NOT NULL"
            )),
            values(format!(
                "INSERT INTO survey_answers (site_id, id, visitor, email, score, comment, locale, page, created_at, updated_at) \
                 SELECT ?1, ?5, ?2, ?3, ?6, ?7, ?8, ?9, ?10, ?10 WHERE NOT EXISTS (SELECT 1 FROM survey_answers WHERE {SAME})"
            )),
            who(format!("DELETE FROM survey_answers WHERE {SAME} AND id <> {latest}")),
        ];
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

    /// `GET /v1/surveys/nps?days= &cursor= &limit=`: figures, and what people wrote beside, the latest first.
    ///
    /// Errors: `Malformed` for a query that cannot be read, and what the store gives.
    pub(crate) async fn show_nps(&self, site: &SiteId, request: &Request) -> Result<Response, Error> {
        let days = request.number("days", 90, 365)?;
        let page = PageOf::from_query(request)?;
        let (to, (at, id)) = (request.received, page.bounds());
        let from = to - TimeDelta::days(i64::from(days));
        let counted = format!(
            "SELECT (updated_at - {MONDAY}) / {WEEK} AS week, locale, sum(score >= 9) AS promoters, sum(score IN (7, 8)) AS passives, \
             sum(score <= 6) AS detractors FROM survey_answers WHERE site_id = ?1 AND updated_at >= ?2 AND updated_at <= ?3 GROUP BY 1, 2 LIMIT 1000"
        );
        let said = "SELECT * FROM survey_answers WHERE site_id = ?1 AND updated_at >= ?2 AND updated_at <= ?3 AND comment IS NOT NULL \
                    AND (?4 IS NULL OR (updated_at, id) < (?4, ?5)) ORDER BY updated_at DESC, id DESC LIMIT ?6";
        let ask = |sql: &str| Statement::new(sql.to_owned()).bind(site).bind(from).bind(to);
        let [counted, said]: [Rows; 2] = take(self.sql.batch(vec![ask(&counted), ask(said).bind(at).bind(id).bind(page.rows + 1)]).await?)?;
        let (mut all, mut weeks, mut locales) = (Nps::default(), BTreeMap::<i64, Nps>::new(), BTreeMap::<String, Nps>::new());
        for row in counted.iter() {
            let number = |name| row.integer(name).map(i64::unsigned_abs);
            let some = Nps { promoters: number("promoters")?, passives: number("passives")?, detractors: number("detractors")? };
            all = sum(all, some);
            let week = weeks.entry(row.integer("week")?).or_default();
            *week = sum(*week, some);
            let locale = locales.entry(row.text("locale")?.to_owned()).or_default();
            *locale = sum(*locale, some);
        }
        let (said, next) = page.cut(&said, "updated_at")?;
        let mut view = all.view();
        view["from"] = rfc3339(from).into();
        view["to"] = rfc3339(to).into();
        view["weeks"] = weeks.iter().map(|(week, some)| with(some.view(), "week", day(*week))).collect();
        view["locales"] = locales.iter().map(|(locale, some)| with(some.view(), "locale", locale.clone())).collect();
        view["satisfaction"] = self.satisfaction(site, from, to).await?;
        view["comments"] = said.map(comment).collect::<Result<Vec<_>, _>>()?.into();
        view["next"] = json!(next.and_then(|next| next.cursor()));
        json(StatusCode::OK, &view)
    }

    /// `DELETE /v1/surveys/nps?visitor=` or `?email=`: erases what they answered, with a receipt.
    ///
    /// Errors: `Malformed` if nobody is named, or both; `NotFound` if they answered nothing, and what the store gives.
    pub(crate) async fn erase_answers(&self, site: &SiteId, request: &Request) -> Result<Response, Error> {
        let (column, id) = match (request.query("visitor"), request.query("email")) {
            (Some(visitor), None) => ("visitor", visitor.trim().to_owned()),
            (None, Some(address)) => ("email", email::parse(address.trim()).map(|it| it.key).unwrap_or_default()),
            _ => return Err(Error::malformed("Name whose answers: by `visitor` or by `email`.")),
        };
        let theirs = format!("site_id = ?1 AND {column} = ?2");
        let holdings = [
            ("idempotency", format!("site_id = ?1 AND scope = '{SCOPE}' AND subject_id IN (SELECT id FROM survey_answers WHERE {theirs})")),
            ("survey_answers", theirs),
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

fn sum(a: Nps, b: Nps) -> Nps {
    Nps { promoters: a.promoters + b.promoters, passives: a.passives + b.passives, detractors: a.detractors + b.detractors }
}

fn with(mut view: Json, name: &str, value: String) -> Json {
    view[name] = value.into();
    view
}

/// The Monday that a week of UTC begins with.
fn day(week: i64) -> String {
    DateTime::from_timestamp_millis(week * WEEK + MONDAY).map(|at: DateTime<Utc>| at.format("%Y-%m-%d").to_string()).unwrap_or_default()
}

fn comment(row: Row<'_>) -> Result<Json, SqlError> {
    Ok(json!({
        "id": row.text("id")?,
        "score": row.integer("score")?,
        "comment": row.optional_text("comment")?,
        "locale": row.text("locale")?,
        "page": row.optional_text("page")?,
        "visitor": row.text("visitor")?,
        "email": row.optional_text("email")?,
        "answered_at": rfc3339(row.time("updated_at")?),
    }))
}

fn checked(sent: Sent) -> Result<Answer, Error> {
    let mut violations = Vec::new();
    let mut refuse = |field: &str, code: &'static str, message: &str| {
        violations.push(Violation { field: field.into(), code: code.into(), message: message.into() });
    };
    if !(0..=10).contains(&sent.score) {
        refuse("score", "range", "A score is a whole number from 0 to 10.");
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
    use super::*;

    #[test]
    fn weeks_begin_on_mondays() {
        let week = |at: &str| (at.parse::<DateTime<Utc>>().unwrap().timestamp_millis() - MONDAY) / WEEK;
        assert_eq!(day(week("2026-11-27T10:00:00Z")), "2026-11-23");
        assert_eq!((day(week("2026-11-23T00:00:00Z")), day(week("2026-11-22T23:59:59Z"))), ("2026-11-23".into(), "2026-11-16".into()));
    }

    #[test]
    fn everything_that_is_wrong_with_an_answer_is_told_at_once() {
        let sent = |value: Json| checked(serde_json::from_value(value).unwrap());
        let wrong = json!({
            "score": 11, "comment": "a".repeat(2_001), "page": "p".repeat(2_049), "visitor": "v".repeat(129), "email": "nobody",
        });
        let fields: Vec<_> = sent(wrong).unwrap_err().violations.into_iter().map(|it| it.field).collect();
        assert_eq!(fields, ["score", "comment", "page", "visitor", "email"]);
        let page = "https://marea.example/precios?mail=eva@mar.example#top";
        let fine = sent(json!({ "score": 0, "comment": "  ", "email": " Eva@Mar.Example ", "page": page })).unwrap();
        assert_eq!((fine.comment, fine.email.as_deref()), (None, Some("eva@mar.example")));
        assert_eq!(fine.page.as_deref(), Some("https://marea.example/precios"), "only where it was, and nothing of whose it was");
    }
}
