//! How the help was: a signed link for whoever asked, a page that shows what they chose, and a vote that only a `POST` stores, since mail scanners
//! open every link. A vote is an event of its ticket; the last one counts.

mod page;

use chrono::{DateTime, TimeDelta, Utc};
use http::{StatusCode, header};
use orilla_core::body::{self, Payload};
use orilla_core::http::json;
use orilla_core::idempotency::{self, Key};
use orilla_core::ids::rfc3339;
use orilla_core::signing::Token;
use orilla_core::sites::SiteId;
use orilla_core::sql::Statement;
use orilla_core::{Code, Error, Platform, Request, Response, Sql, Violation, problem};
use orilla_desk::Status;
use orilla_text::Locale;
use serde_json::{Value as Json, json};

use self::page::{Page, State};
pub use self::page::{question, scale};
use crate::TicketRoute;
use crate::desk::{self, Front};
use crate::happened::{Actor, Event, What};
use crate::intervals::{rounded, wilson};
use crate::notice;
use crate::ticket::Ticket;
use crate::work::{Deed, Opened};

/// What the signature of a link is for.
const PURPOSE: &str = "satisfaction";
/// Where a link leads.
const PATH: &str = "/v1/satisfaction";
/// How long a link is good. Chosen: who comes back from a holiday may still answer.
const OPEN_FOR: TimeDelta = TimeDelta::days(30);
/// How long a vote may be changed once it was given. Source: the brief.
const CHANGED_FOR: TimeDelta = TimeDelta::days(7);
/// The most votes of one ticket. Chosen: whoever changes their mind more often holds a script.
const MOST_VOTES: usize = 20;
/// The most characters of a comment. Chosen: a page of a letter.
const COMMENT_CHARS: usize = 2_000;

/// A link for the customer.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Link {
    /// Where it leads; `?score=` with 1 to 5 chooses.
    pub url: String,
    /// Until when.
    pub expires: DateTime<Utc>,
}

impl Link {
    /// As programs of the site read it.
    #[must_use]
    pub fn view(&self) -> Json {
        json!({ "url": self.url, "expires_at": rfc3339(self.expires) })
    }
}

/// A vote.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Rating<'e> {
    /// From 1 to 5.
    pub score: u8,
    /// What they said beside.
    pub comment: Option<&'e str>,
    /// Whose help it was.
    pub agent: Option<&'e str>,
    /// When.
    pub at: DateTime<Utc>,
}

impl Rating<'_> {
    /// As people of the site read it.
    #[must_use]
    pub fn view(&self) -> Json {
        json!({ "score": self.score, "comment": self.comment, "agent": self.agent, "rated_at": rfc3339(self.at) })
    }
}

/// The vote that counts.
#[must_use]
pub fn rating(events: &[Event]) -> Option<Rating<'_>> {
    votes(events).next_back()
}

fn votes(events: &[Event]) -> impl DoubleEndedIterator<Item = Rating<'_>> {
    events.iter().filter_map(|event| match &event.what {
        What::Rated { score, agent } => {
            Some(Rating { score: *score, comment: event.text.as_deref(), agent: agent.as_deref(), at: event.at })
        }
        _ => None,
    })
}

/// Until when the vote may be changed; `None` if nobody voted since the ticket was solved last.
#[must_use]
pub fn closes(events: &[Event]) -> Option<DateTime<Utc>> {
    let solved = events.iter().rposition(|event| event.what == What::Status { to: Status::Solved }).unwrap_or_default();
    votes(events.get(solved..).unwrap_or_default()).next().map(|first| first.at + CHANGED_FOR)
}

/// Whether a change solves a ticket, so that its customer can say how the help was.
#[must_use]
pub fn is_asked(before: &Ticket, after: &Ticket) -> bool {
    before.status != Status::Solved && after.status == Status::Solved
}

/// The link of a ticket; `None` for a site that is not there.
#[must_use]
pub fn link(front: &Front, ticket: &Ticket, origin: &str, now: DateTime<Utc>) -> Option<Link> {
    let expires = now + OPEN_FOR;
    let token = Token::issue(front.links.bytes()?, PURPOSE, &format!("{}/{}", front.site, ticket.id), expires);
    Some(Link { url: format!("{origin}{PATH}/{token}"), expires })
}

/// A link, read and believed, and the ticket that it is for.
struct Asked {
    front: Front,
    opened: Opened,
}

/// What a visitor says; a comment that is not there stays as it was, an empty one goes.
struct Vote {
    score: u8,
    comment: Option<String>,
}

impl<P: Platform> TicketRoute<P> {
    /// `GET /v1/satisfaction/{token}?score=`: a page, and nothing is stored.
    ///
    /// Errors: `Malformed`, `Forbidden`, `Expired` for the link, `NotFound` if the ticket was erased, and what the store gives.
    pub(crate) async fn ask_satisfaction(&self, request: &Request, token: &str) -> Result<Response, Error> {
        let asked = self.asked(token, request.received).await?;
        let chosen = request.query("score").and_then(|score| score.parse().ok()).filter(|score| (1..=5).contains(score));
        let given = rating(&asked.opened.events);
        let state = match (chosen, given) {
            (Some(score), given) if given.is_none_or(|given| given.score != score) => State::Chosen(score),
            (_, Some(given)) => State::Stored(given.score),
            (_, None) => State::Open,
        };
        Ok(asked.page(token, state, given.and_then(|given| given.comment)))
    }

    /// `POST /v1/satisfaction/{token}`: stores a vote; the same again changes nothing.
    ///
    /// Errors: as [`TicketRoute::ask_satisfaction`], `Invalid` for what is no vote, `TooManyRequests` for one too many.
    pub(crate) async fn rate(&self, request: &Request, token: &str, limit: usize) -> Result<Response, Error> {
        let (now, payload) = (request.received, body::parse(request, limit).await?);
        let asked = self.asked(token, now).await?;
        let vote = match vote(&payload) {
            // A form's reader gets the form again, with what they wrote.
            Err(error) if request.wants_html() && error.code == Code::Invalid => {
                return Ok(asked.page(token, State::Refused, payload.get("comment").and_then(Json::as_str)));
            }
            vote => vote?,
        };
        let Asked { front, opened } = asked;
        let given = rating(&opened.events);
        let comment = match vote.comment {
            Some(comment) => Some(comment).filter(|comment| !comment.is_empty()),
            None => given.and_then(|given| given.comment).map(str::to_owned),
        };
        let is_new = given.is_none_or(|given| given.score != vote.score || given.comment != comment.as_deref());
        let opened = if is_new { self.store_vote(&front, &opened, vote.score, comment, now).await? } else { opened };
        let (stored, until) = (rating(&opened.events), closes(&opened.events));
        let (Some(stored), Some(until)) = (stored, until) else { return Err(Error::internal("a vote that was not stored")) };
        if request.wants_html() {
            let comment = stored.comment.map(str::to_owned);
            let score = stored.score;
            return Ok(Asked { front, opened }.page(token, State::Stored(score), comment.as_deref()));
        }
        let told = json!({
            "score": stored.score, "comment": stored.comment, "rated_at": rfc3339(stored.at), "changes_until": rfc3339(until),
        });
        json(StatusCode::OK, &told)
    }

    async fn store_vote(
        &self,
        front: &Front,
        opened: &Opened,
        score: u8,
        comment: Option<String>,
        now: DateTime<Utc>,
    ) -> Result<Opened, Error> {
        let (ticket, count) = (&opened.ticket, votes(&opened.events).count());
        if count >= MOST_VOTES {
            return Err(Error::too_many((closes(&opened.events).unwrap_or(now) - now).to_std().unwrap_or_default()));
        }
        // Of the same vote sent twice at a time one is stored.
        let fingerprint = idempotency::fingerprint(&json!(["rated", ticket.id, count, score, comment]));
        let key = Key::parse(&fingerprint)?;
        let solver = opened.events.iter().rev().find_map(|event| match (&event.what, &event.actor) {
            (What::Status { to: Status::Solved }, Actor::Agent(agent)) => Some(agent.clone()),
            _ => None,
        });
        self.change(front, &ticket.id, now, |ticket| {
            let agent = ticket.assignee.clone().or_else(|| solver.clone());
            Ok(Deed {
                done: vec![(What::Rated { score, agent }, Actor::Customer, comment.clone())],
                news: vec![notice::RATED],
                key: Some((key.clone(), fingerprint.clone())),
                ..Deed::default()
            })
        })
        .await
    }

    /// `POST /v1/tickets/{ticket}/satisfaction-link`: for those who mail themselves.
    ///
    /// Errors: `Conflict` for a ticket that is not solved, `NotFound`, and what the store gives.
    pub(crate) async fn issue_satisfaction_link(&self, site: &SiteId, name: &str, request: &Request) -> Result<Response, Error> {
        let front = desk::known(&self.sql, site).await?;
        let ticket = self.opened(site, name).await?.ticket;
        if !ticket.status.is_done() || ticket.merged_into.is_some() {
            return Err(Error::new(Code::Conflict, "This ticket is not solved: there is nothing to rate yet."));
        }
        let origin = self.public_url.clone().unwrap_or_else(|| request.own_origin());
        let link = link(&front, &ticket, &origin, request.received).ok_or_else(|| Error::internal("a site without a key for links"))?;
        json(StatusCode::OK, &link.view())
    }

    async fn asked(&self, token: &str, now: DateTime<Utc>) -> Result<Asked, Error> {
        let parsed = Token::parse(token)?;
        let (site, ticket) = parsed.subject.split_once('/').ok_or_else(unknown)?;
        let front = desk::known(&self.sql, &SiteId::parse(site).ok_or_else(unknown)?).await?;
        parsed.verify(front.links.bytes().ok_or_else(unknown)?, PURPOSE, now)?;
        let opened = self.opened(&front.site, ticket).await?;
        if closes(&opened.events).is_some_and(|until| now >= until) {
            return Err(Error::new(Code::Expired, "This vote cannot be changed any more."));
        }
        Ok(Asked { front, opened })
    }

    /// What customers said of the help between two moments: in all, and of each agent.
    ///
    /// Errors: what the store gives.
    pub(crate) async fn satisfaction(&self, site: &SiteId, from: DateTime<Utc>, to: DateTime<Utc>) -> Result<Json, Error> {
        let select = "SELECT agent, count(*) AS answers, sum(score >= 4) AS good, sum(score) AS total FROM \
               (SELECT data ->> '$.agent' AS agent, data ->> '$.score' AS score, max(number) FROM ticket_events \
                WHERE site_id = ?1 AND kind = 'rated' AND created_at >= ?2 AND created_at < ?3 GROUP BY ticket_id) \
             GROUP BY agent ORDER BY agent IS NULL, agent LIMIT 1000";
        let rows = self.sql.query(Statement::new(select).bind(site).bind(from).bind(to)).await?;
        let (mut all, mut agents) = (Tally::default(), Vec::new());
        for row in rows.iter() {
            let number = |name| row.integer(name).map(i64::unsigned_abs);
            let tally = Tally { answers: number("answers")?, good: number("good")?, total: number("total")? };
            all = Tally { answers: all.answers + tally.answers, good: all.good + tally.good, total: all.total + tally.total };
            let mut view = tally.view();
            view["agent"] = json!(row.optional_text("agent")?);
            agents.push(view);
        }
        let mut told = all.view();
        told["agents"] = agents.into();
        Ok(told)
    }
}

/// Votes, counted.
#[derive(Debug, Clone, Copy, Default)]
struct Tally {
    answers: u64,
    good: u64,
    total: u64,
}

impl Tally {
    /// How many, the share of 4 and 5 with its interval, the mean.
    fn view(&self) -> Json {
        let of_all = |part: u64, places| (self.answers > 0).then(|| rounded(part as f64 / self.answers as f64, places));
        json!({
            "answers": self.answers,
            "share": of_all(self.good, 3),
            "interval": wilson(self.good, self.answers).map(|it| it.view(3)),
            "mean": of_all(self.total, 2),
        })
    }
}

impl Asked {
    fn page(&self, token: &str, state: State, comment: Option<&str>) -> Response {
        let ticket = &self.opened.ticket;
        let page = Page {
            locale: ticket.locale,
            site: &self.front.name,
            about: &format!("#{} · {}", ticket.number, ticket.subject),
            action: &format!("{PATH}/{token}"),
            state,
            comment,
        };
        page.response()
    }
}

fn unknown() -> Error {
    Error::forbidden("This link was not made here, or was changed on its way.")
}

fn vote(payload: &Payload) -> Result<Vote, Error> {
    let mut violations = Vec::new();
    let mut refuse = |field: &str, code: &'static str, message: &str| {
        violations.push(Violation { field: field.into(), code: code.into(), message: message.into() });
    };
    let score = match payload.get("score") {
        Some(Json::Number(number)) => number.as_u64(),
        Some(Json::String(text)) => text.parse().ok(),
        _ => None,
    };
    let score = score.and_then(|score| u8::try_from(score).ok()).filter(|score| (1..=5).contains(score));
    if score.is_none() {
        refuse("score", "range", "A score is a number from 1 to 5.");
    }
    let comment = match payload.get("comment") {
        None | Some(Json::Null) => None,
        Some(Json::String(text)) => Some(text.trim().replace("\r\n", "\n")),
        Some(_) => {
            refuse("comment", "type", "A comment is a text.");
            None
        }
    };
    if comment.as_ref().is_some_and(|comment| comment.chars().count() > COMMENT_CHARS) {
        refuse("comment", "length", "A comment has at most 2,000 characters.");
    }
    let refused = |violations| Error::invalid("This is no vote.", violations);
    match score {
        Some(score) if violations.is_empty() => Ok(Vote { score, comment }),
        _ => Err(refused(violations)),
    }
}

/// What a person reads who opened a link that leads nowhere: a sentence in their language, no JSON.
pub fn dead_end(request: &Request, error: &Error) -> Response {
    let locale = Locale::negotiate(request.query("locale").as_deref(), request.header(header::ACCEPT_LANGUAGE), &Locale::ALL);
    let mut response = page::notice(locale, error.code);
    problem::dress(&mut response, error);
    response
}

#[cfg(test)]
mod tests {
    use super::*;

    fn at(days: i64) -> DateTime<Utc> {
        DateTime::UNIX_EPOCH + TimeDelta::days(days)
    }

    fn event(what: What, days: i64) -> Event {
        Event { number: 1, what, actor: Actor::Customer, text: None, at: at(days) }
    }

    fn rated(score: u8, days: i64) -> Event {
        event(What::Rated { score, agent: None }, days)
    }

    #[test]
    fn the_last_vote_counts_and_the_first_one_since_the_solution_starts_the_week() {
        let solved = |days| event(What::Status { to: Status::Solved }, days);
        let once = [solved(0), rated(2, 1), rated(5, 3)];
        assert_eq!((rating(&once).map(|it| it.score), closes(&once)), (Some(5), Some(at(8))));
        assert_eq!((rating(&once[..1]), closes(&once[..1])), (None, None));
        let again = [solved(0), rated(2, 1), event(What::Status { to: Status::Open }, 2), solved(20)];
        assert_eq!((rating(&again).map(|it| it.score), closes(&again)), (Some(2), None), "a new solution may be rated anew");
    }

    #[test]
    fn a_vote_is_a_number_from_one_to_five_however_it_is_sent() {
        let read = |score: Json, comment: Json| {
            let fields = vec![("score".to_owned(), score), ("comment".to_owned(), comment)];
            vote(&Payload { kind: body::Kind::Json, fields })
        };
        let fields =
            |outcome: Result<Vote, Error>| outcome.err().map(|it| it.violations.into_iter().map(|it| it.field).collect::<Vec<_>>());
        let told = read(json!("4"), json!(" a\r\nb ")).map(|it| (it.score, it.comment)).unwrap();
        assert_eq!(told, (4, Some("a\nb".to_owned())));
        assert_eq!(read(json!(1), Json::Null).map(|it| (it.score, it.comment)).unwrap(), (1, None));
        for score in [json!(0), json!(6), json!(4.5), json!(-1), json!("five"), json!(true), json!(261), Json::Null] {
            assert_eq!(fields(read(score, Json::Null)), Some(vec!["score".to_owned()]));
        }
        assert_eq!(fields(read(json!(9), json!([]))), Some(vec!["score".to_owned(), "comment".to_owned()]));
        assert_eq!(fields(read(json!(5), json!("a".repeat(2_001)))), Some(vec!["comment".to_owned()]));
    }

    #[test]
    fn votes_are_counted_with_what_can_be_said_of_so_few() {
        let view = Tally { answers: 4, good: 3, total: 15 }.view();
        assert_eq!((view["share"].as_f64(), view["mean"].as_f64()), (Some(0.75), Some(3.75)));
        assert_eq!(view["interval"], json!({ "low": 0.301, "high": 0.954 }));
        assert_eq!(Tally::default().view(), json!({ "answers": 0, "share": null, "interval": null, "mean": null }));
    }
}
