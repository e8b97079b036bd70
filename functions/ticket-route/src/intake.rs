//! A ticket comes: by a form or a program, from the chat. It is read, weighed, and stored once with everything that was thought of it.

use chrono::{DateTime, TimeDelta, Utc};
use http::StatusCode;
use orilla_core::http::json;
use orilla_core::idempotency::{self, Key, Outcome as Earlier, Slot};
use orilla_core::ids::uuid_v7;
use orilla_core::sites::SiteId;
use orilla_core::sql::{Rows, SqlError, Statement, take};
use orilla_core::{Error, Platform, Request, Response, Sql, Violation, body};
use orilla_desk::Status;
use orilla_text::{Locale, email};
use serde::Deserialize;
use serde_json::{Value as Json, json};

use crate::TicketRoute;
use crate::classify::text::{Readable, of_html};
use crate::desk::{self, Front};
use crate::happened::{Actor, Event, What};
use crate::learn::Learnt;
use crate::ticket::{Requester, Ticket};
use crate::{clocks, notice, origins, rates, ticket};

/// The most bytes of a ticket's words. Source: the issue, which wants a body of 1 MB refused or kept; D1 takes 2 MB for a row.
pub const MAX_TEXT_BYTES: usize = 256 * 1024;
/// The most characters of a subject.
pub const MAX_SUBJECT_CHARS: usize = 300;
/// How long the same words of the same person are the same ticket. Chosen: somebody who writes again after a day wants to be heard again.
const SAME_FOR: TimeDelta = TimeDelta::hours(24);
const ROUNDS: u32 = 5;
const SCOPE: &str = "ticket";

/// What a program sends.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
struct Sent {
    #[serde(default)]
    site: Option<SiteId>,
    #[serde(default)]
    subject: String,
    #[serde(default)]
    text: Option<String>,
    #[serde(default)]
    html: Option<String>,
    #[serde(default)]
    requester: Requester,
    #[serde(default)]
    locale: Option<String>,
    #[serde(default)]
    external_id: Option<String>,
    #[serde(default)]
    tags: Vec<String>,
}

/// A ticket as it comes, from wherever.
#[derive(Debug, Clone, Default)]
pub struct Arrival {
    /// Its id; a fresh one if there is none.
    pub id: Option<String>,
    /// Where it comes from.
    pub source: &'static str,
    /// One line, perhaps empty.
    pub subject: String,
    /// What was written, whole.
    pub text: String,
    /// What of it tells what it is about, if not all of it does.
    pub told: Option<String>,
    /// Who asks.
    pub requester: Requester,
    /// The language of the page or the client.
    pub locale: Option<String>,
    /// What the client calls it.
    pub external_id: Option<String>,
    /// What it is called already.
    pub tags: Vec<String>,
    /// What tells it from everything else that its source sends, hashed: what comes under it again is the same, whatever it says.
    pub origin: Option<String>,
}

/// What became of an arrival.
#[derive(Debug)]
pub struct Taken {
    /// The ticket; of a duplicate the one that stands.
    pub id: String,
    /// Its number.
    pub number: i64,
    /// Whether it was there already.
    pub is_duplicate: bool,
}

impl<P: Platform> TicketRoute<P> {
    /// `POST /v1/tickets`.
    ///
    /// Errors: what is wrong with it, by field; as [`desk::open`]; `Unavailable` if nothing could be stored.
    pub(crate) async fn create(&self, request: &Request, limit: usize) -> Result<Response, Error> {
        let sent: Sent = body::json(request, limit)?;
        let front = desk::open(&self.sql, request, sent.site.as_ref()).await?;
        let arrival = checked(sent)?;
        rates::admit(&self.sql, &self.random, &front, request).await?;
        let taken = self.take(&front, arrival, Key::of(request, None)?, request.received).await?;
        let mut told = json!({ "ticket_id": taken.id, "number": taken.number, "is_duplicate": taken.is_duplicate });
        if front.is_trusted {
            let rows = self.sql.query(ticket::find(&front.site, &taken.id)).await?;
            if let Some(row) = rows.first() {
                told["ticket"] = Ticket::read(row)?.view();
            }
        }
        json(if taken.is_duplicate { StatusCode::OK } else { StatusCode::CREATED }, &told)
    }

    /// Stores a ticket once, however often it is sent.
    ///
    /// Errors: `Invalid` for a key that was used for another one; `Unavailable` if nothing could be stored.
    pub(crate) async fn take(&self, front: &Front, arrival: Arrival, key: Option<Key>, now: DateTime<Utc>) -> Result<Taken, Error> {
        let slot = key.as_ref().map(|key| Slot { site: &front.site, scope: SCOPE, key });
        let fingerprint = fingerprint(&arrival);
        let same_as = arrival.origin.as_ref().unwrap_or(&fingerprint);
        let learnt = Learnt::of(&self.sql, &front.site).await?;
        let fresh = arrival.id.clone().unwrap_or_else(|| uuid_v7(now, &self.random).to_string());
        let begun = self.weigh(front, &arrival, &learnt, &fresh, &fingerprint, now)?;
        for _ in 0..ROUNDS {
            let nothing = || Statement::new("SELECT 1 AS one WHERE 0");
            let same = Statement::new(
                "SELECT * FROM tickets WHERE site_id = ?1 AND fingerprint = ?2 AND created_at > ?3 ORDER BY created_at DESC LIMIT 1",
            );
            let same = same.bind(&front.site).bind(fingerprint.as_str()).bind(now - SAME_FOR);
            let [earlier, twins]: [Rows; 2] = take(self.sql.batch(vec![slot.map_or_else(nothing, |slot| slot.look_up(now)), same]).await?)?;
            match idempotency::outcome(&earlier, same_as)? {
                Earlier::Replay(kept) => {
                    let id = kept["id"].as_str().unwrap_or_default().to_owned();
                    return self.standing(&front.site, id, kept["is_duplicate"].as_bool().unwrap_or_default()).await;
                }
                Earlier::Mismatch => return Err(idempotency::mismatch()),
                Earlier::New => {}
            }
            let twin = twins.first().map(Ticket::read).transpose()?.filter(|_| arrival.requester.email.is_some() && arrival.id.is_none());
            let (id, mut statements) = match &twin {
                Some(twin) => (twin.id.clone(), again(front, twin, &arrival, now)),
                None => (fresh.clone(), self.begin(front, &begun, &arrival, now)),
            };
            if let Some(slot) = slot {
                statements.extend(slot.remember(same_as, &json!({ "id": id, "is_duplicate": twin.is_some() }), &id, now));
            }
            statements.extend(arrival.origin.as_ref().map(|origin| origins::remember(&front.site, origin, &id, now)));
            if arrival.id.is_some() {
                let took = "UPDATE ticket_requests SET taken_at = ?3 WHERE site_id = ?1 AND id = ?2";
                statements.push(Statement::new(took).bind(&front.site).bind(id.as_str()).bind(now));
            }
            statements.push(number_of(&front.site, &id));
            match self.sql.batch(statements).await {
                Ok(results) => {
                    self.follow_up(&front.site);
                    let number = results.last().and_then(Rows::first).map_or(Ok(0), |row| row.integer("number"))?;
                    return Ok(Taken { id, number, is_duplicate: twin.is_some() });
                }
                Err(SqlError::Unique { constraint }) if constraint.starts_with("tickets.site_id, tickets.id") => {
                    return self.standing(&front.site, id, true).await;
                }
                Err(SqlError::Unique { .. } | SqlError::Constraint(_)) => {}
                Err(error) => return Err(error.into()),
            }
        }
        Err(Error::unavailable("every round lost the race for the ticket"))
    }

    /// What is told of a ticket that was there already; an erased one has no number.
    async fn standing(&self, site: &SiteId, id: String, is_duplicate: bool) -> Result<Taken, Error> {
        let rows = self.sql.query(number_of(site, &id)).await?;
        let number = rows.first().map_or(Ok(0), |row| row.integer("number"))?;
        Ok(Taken { id, number, is_duplicate })
    }

    fn weigh(
        &self,
        front: &Front,
        arrival: &Arrival,
        learnt: &Learnt,
        id: &str,
        fingerprint: &str,
        now: DateTime<Utc>,
    ) -> Result<Begun, Error> {
        let ticket = Readable::new(&arrival.subject, arrival.told.as_deref().unwrap_or(&arrival.text));
        let page = Locale::negotiate(arrival.locale.as_deref(), None, &front.locales);
        let weighed = learnt.weigh(&front.desk, &ticket, arrival, page)?;
        let verdict = weighed.verdict;
        let category = verdict.category.label.clone();
        let mut tags: Vec<String> = arrival.tags.iter().chain(&verdict.tags).cloned().collect();
        tags.sort_unstable();
        tags.dedup();
        let relied = (!verdict.is_unsure).then_some(category.as_str());
        let team = verdict.team.clone().unwrap_or_else(|| front.desk.team_of(relied).to_owned());
        let subject = if ticket.subject.is_empty() { ticket.body.chars().take(80).collect() } else { ticket.subject.clone() };
        let begun = Ticket {
            id: id.to_owned(),
            number: 0,
            source: arrival.source.to_owned(),
            external_id: arrival.external_id.clone(),
            subject: subject.split_whitespace().collect::<Vec<_>>().join(" "),
            requester: arrival.requester.clone(),
            locale: verdict.locale,
            status: Status::New,
            priority: verdict.priority(),
            category,
            team,
            assignee: None,
            assigned_at: None,
            refused: Vec::new(),
            tags,
            verdict: json!(verdict),
            routing: Json::Null,
            fingerprint: fingerprint.to_owned(),
            merged_into: None,
            events: 1,
            replied: None,
            due: None,
            next: None,
            created: now,
            updated: now,
            solved: None,
        };
        Ok(Begun { ticket: begun, vector: weighed.vector })
    }

    /// The rows of a new ticket.
    fn begin(&self, front: &Front, begun: &Begun, arrival: &Arrival, now: DateTime<Utc>) -> Vec<Statement> {
        let mut ticket = begun.ticket.clone();
        let promise = front.desk.promise(&ticket.category, &ticket.tags).and_then(|at| front.desk.policies.get(at));
        let what = What::Opened { priority: ticket.priority, policy: promise.map(|it| it.id.clone()), team: ticket.team.clone() };
        let event = Event { number: 1, what, actor: Actor::Customer, text: Some(arrival.text.clone()), at: now };
        clocks::wind(&mut ticket, std::slice::from_ref(&event), &front.desk, now);
        vec![
            ticket.begin(&front.site, &begun.vector),
            event.add(&front.site, &ticket.id),
            notice::created(&front.site, &front.desk, &ticket, &arrival.text, front.locales.first().copied(), now, &self.random),
        ]
    }
}

/// A ticket about to be stored.
struct Begun {
    ticket: Ticket,
    vector: Vec<u8>,
}

/// The rows of what came again.
fn again(front: &Front, twin: &Ticket, arrival: &Arrival, now: DateTime<Utc>) -> Vec<Statement> {
    let mut ticket = twin.clone();
    ticket.events += 1;
    ticket.updated = now;
    let event = Event { number: ticket.events, what: What::Duplicate, actor: Actor::Customer, text: Some(arrival.text.clone()), at: now };
    vec![ticket.change(&front.site, twin.events), event.add(&front.site, &ticket.id)]
}

fn number_of(site: &SiteId, id: &str) -> Statement {
    Statement::new("SELECT number FROM tickets WHERE site_id = ?1 AND id = ?2").bind(site).bind(id)
}

/// Of who asks and what; the id that a hand-off has tells it from every other.
fn fingerprint(arrival: &Arrival) -> String {
    let words = |text: &str| text.split_whitespace().map(str::to_lowercase).collect::<Vec<_>>().join(" ");
    idempotency::fingerprint(&json!([arrival.requester.key(), words(&arrival.subject), words(&arrival.text), arrival.id]))
}

/// Reads a ticket that is only asked about.
///
/// Errors: what is wrong with it, by field.
pub fn read(request: &Request, limit: usize) -> Result<Arrival, Error> {
    checked(body::json(request, limit)?)
}

/// Checks a ticket that came in other words.
///
/// Errors: what is wrong with it, by field.
pub fn check(arrival: Arrival) -> Result<Arrival, Error> {
    let source = arrival.source;
    let sent = Sent {
        site: None,
        subject: arrival.subject,
        text: Some(arrival.text),
        html: None,
        requester: arrival.requester,
        locale: arrival.locale,
        external_id: arrival.external_id,
        tags: arrival.tags,
    };
    Ok(Arrival { source, ..checked(sent)? })
}

fn checked(sent: Sent) -> Result<Arrival, Error> {
    let mut violations = Vec::new();
    let mut refuse = |field: &str, code: &str, message: &str| {
        violations.push(Violation { field: field.to_owned(), code: code.to_owned().into(), message: message.to_owned() });
    };
    let text = match (sent.text, sent.html) {
        (Some(text), _) if !text.trim().is_empty() => text,
        (_, Some(html)) => of_html(&html),
        _ => String::new(),
    };
    if text.trim().is_empty() && sent.subject.trim().is_empty() {
        refuse("text", "required", "A ticket says something, in its subject or its text.");
    }
    if text.len() > MAX_TEXT_BYTES {
        refuse("text", "length", "A ticket has at most 262,144 bytes of text.");
    }
    if sent.subject.chars().count() > MAX_SUBJECT_CHARS {
        refuse("subject", "length", "A subject has at most 300 characters.");
    }
    let mut requester = sent.requester;
    match requester.email.as_deref().map(str::trim).filter(|it| !it.is_empty()).map(email::parse) {
        Some(Some(address)) => requester.email = Some(address.address),
        Some(None) => refuse("requester.email", "email", "This is no e-mail address."),
        None => requester.email = None,
    }
    requester.name = requester.name.map(|name| name.trim().chars().take(200).collect::<String>()).filter(|name| !name.is_empty());
    if sent.tags.len() > 20 || sent.tags.iter().any(|tag| tag.trim().is_empty() || tag.len() > 64) {
        refuse("tags", "length", "A ticket has at most 20 tags of 1 to 64 bytes.");
    }
    if sent.external_id.as_ref().is_some_and(|id| id.is_empty() || id.len() > 200) {
        refuse("external_id", "length", "An id has 1 to 200 bytes.");
    }
    if !violations.is_empty() {
        return Err(Error::invalid("The ticket cannot be taken.", violations));
    }
    Ok(Arrival {
        id: None,
        source: "api",
        subject: sent.subject,
        text,
        told: None,
        requester,
        locale: sent.locale,
        external_id: sent.external_id,
        tags: sent.tags,
        origin: None,
    })
}
