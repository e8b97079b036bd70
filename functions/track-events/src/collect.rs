//! One request with events, step by step: read, let in, judge, know the visitor, order in time, store, answer.

use std::collections::{BTreeMap, BTreeSet};
use std::time::Duration;

use chrono::{DateTime, TimeDelta, Utc};
use orilla_core::ids::{hex, uuid_of};
use orilla_core::limit::Limit;
use orilla_core::router::Matched;
use orilla_core::sql::SqlError;
use orilla_core::visitors::{address_hash, visitor_hash};
use orilla_core::{Error, Platform, Request, Response, Sql};
use sha2::{Digest, Sha256};

use crate::desk::{self, Desk};
use crate::event::{self, Event, Kind};
use crate::judge::{self, Circumstances};
use crate::routes::Operation;
use crate::sessions::Sessions;
use crate::store::{self, Filtered, Row};
use crate::verdict::{Reason, Verdict};
use crate::wire::{Parcel, Wire};
use crate::{TrackEvents, erase, instant, place, privacy};

/// How often a request is decided on again when somebody asked to be forgotten meanwhile. Chosen: each time is another person.
const ROUNDS: u32 = 4;
/// Requests of one address. Chosen: a busy office behind one address, or a server that sends a batch every hundredth of a second.
const PER_ADDRESS: Limit = Limit { hits: 6_000, window: Duration::from_secs(60) };

/// What became of a request's events.
#[derive(Debug, Default, Clone, PartialEq, Eq)]
pub struct Outcome {
    /// Stored now.
    pub accepted: usize,
    /// Stored before.
    pub duplicate: usize,
    /// None that can be an event, by their place in the request.
    pub rejected: Vec<(usize, Reason)>,
    /// Events that are kept out.
    pub filtered: Vec<(usize, Reason)>,
    /// Visitor and visit of the first event that is kept.
    pub first: Option<(String, String)>,
}

impl<P: Platform> TrackEvents<P> {
    /// Takes a request's events.
    ///
    /// Errors: `Malformed`, `TooLarge`, `Unauthenticated`, `Forbidden`, `NotFound` and `TooManyRequests` for the whole request;
    /// `Unavailable` if the store does not answer, and then nothing was stored.
    pub(crate) async fn collect(&self, wire: Wire, request: &Request, matched: &Matched<'_, Operation>) -> Result<Response, Error> {
        let parcel = match wire.read(request, matched) {
            Ok(parcel) => parcel,
            Err(error) => return self.count_unread(wire, request, error).await,
        };
        let desk = desk::open(&self.sql, &self.random, request, wire, parcel.door.clone()).await?;
        let outcome = self.take(&desk, parcel, request).await?;
        wire.answer(&outcome)
    }

    /// A body of which not one event can be told is one invalid event of whoever shows a key, and the client hears why.
    async fn count_unread(&self, wire: Wire, request: &Request, error: Error) -> Result<Response, Error> {
        if let Ok(desk) = desk::open(&self.sql, &self.random, request, wire, None).await {
            let reason = if error.code == orilla_core::Code::TooLarge { Reason::TooLarge } else { Reason::Malformed };
            let filtered = [Filtered { reason, event: None, path: None }];
            desk.store(&self.sql).batch(store::ledger(&desk, &filtered, request.received)).await?;
        }
        Err(error)
    }

    async fn take(&self, desk: &Desk, parcel: Parcel, request: &Request) -> Result<Outcome, Error> {
        let circumstances = Circumstances::of(request);
        let mut outcome = Outcome::default();
        let (mut kept, mut filtered) = (Vec::new(), Vec::new());
        let mut known = BTreeSet::new();
        for (index, event) in parcel.events.into_iter().enumerate() {
            match sorted_out(event, &circumstances, desk) {
                Ok(event) => {
                    let arrival = arrive(index, event, desk, request);
                    // The same id twice in one request is one event told twice.
                    if known.insert(arrival.message_id.clone()) { kept.push(arrival) } else { outcome.duplicate += 1 }
                }
                Err(refused) => {
                    let (reason, event) = *refused;
                    let list = if reason.verdict() == Verdict::Invalid { &mut outcome.rejected } else { &mut outcome.filtered };
                    list.push((index, reason));
                    let path = event.as_ref().and_then(|event| place::path(event.context.url.as_deref()?));
                    filtered.push(Filtered { reason, event, path });
                }
            }
        }
        let twice = outcome.duplicate;
        let skew = instant::skew(parcel.sent, request.received);
        for round in 0..ROUNDS {
            let facts = self.facts(desk, &kept, request, round == 0).await?;
            let (rows, suppressed) = settle(kept, facts, skew, desk, request);
            for arrival in suppressed {
                outcome.filtered.push((arrival.index, Reason::Suppressed));
                filtered.push(Filtered { reason: Reason::Suppressed, path: arrival.path.clone(), event: Some(arrival.event) });
            }
            match store::write(&desk.store(&self.sql), desk, &rows, &filtered, twice, parcel.sent, request.received).await {
                Ok(stored) => {
                    let first = rows.iter().min_by_key(|row| row.arrival.index);
                    outcome.first = first.map(|row| (row.arrival.visitor.clone(), row.session.clone()));
                    outcome.accepted = stored;
                    outcome.duplicate += rows.len() - stored;
                    return Ok(outcome);
                }
                // One of these people was erased since the facts were read.
                Err(SqlError::Constraint(_)) => kept = rows.into_iter().map(|row| row.arrival).collect(),
                Err(error) => return Err(error.into()),
            }
        }
        Err(Error::unavailable("every round lost the race against an erasure"))
    }

    async fn facts(&self, desk: &Desk, kept: &[Arrival], request: &Request, is_counted: bool) -> Result<Facts, Error> {
        let client = request.client.filter(|_| is_counted);
        let address = client.map(|client| format!("events:{}:{}", desk.site, address_hash(&desk.salt, &desk.site, client)));
        // Counting a request is a write too.
        let rate = address.map(|key| PER_ADDRESS.hit(&key, request.received));
        let facts = store::facts(&desk.store(&self.sql), desk, kept, rate).await?;
        match facts.hits.as_ref().map(|rows| PER_ADDRESS.read(rows, request.received)).transpose()?.flatten() {
            Some(exceeded) => Err(exceeded.into()),
            None => Ok(facts),
        }
    }
}

/// What the store knew before.
#[derive(Debug, Default)]
pub struct Facts {
    /// Running sessions.
    pub sessions: Sessions,
    /// Which visitors and users are known as whom.
    pub people: BTreeMap<String, String>,
    /// Hashes of who asked to be forgotten.
    pub suppressed: BTreeSet<String>,
    /// The count of the address's requests.
    pub hits: Option<orilla_core::sql::Rows>,
}

/// An event that is kept, and whose it is.
#[derive(Debug, Clone)]
pub struct Arrival {
    /// Its place in the request.
    pub index: usize,
    /// Its id within the source.
    pub message_id: String,
    /// The visitor.
    pub visitor: String,
    /// The page's path.
    pub path: Option<String>,
    /// Itself.
    pub event: Event,
}

impl Arrival {
    /// The mailbox that an `identify` names.
    #[must_use]
    pub fn email_key(&self) -> Option<String> {
        let email = self.event.properties.get("email").filter(|_| self.event.kind == Kind::Identify)?;
        orilla_text::email::parse(email.as_str()?).map(|email| email.key)
    }

    /// Every id it says its person has, as they are suppressed.
    #[must_use]
    pub fn ids(&self) -> Vec<String> {
        let mailbox = self.email_key().map(|key| erase::mailbox(&key));
        [Some(self.visitor.clone()), self.event.user(), self.event.previous_id.clone(), mailbox].into_iter().flatten().collect()
    }

    /// The names whose history it says is its person's: its own visitor's, or of an alias those of both ids, each as a visitor and as
    /// a user. A user is nobody's anonymous history: only an alias can say so of one.
    #[must_use]
    pub fn tells_of(&self) -> Vec<String> {
        match &self.event.previous_id {
            Some(previous) => [previous.clone(), event::user(previous)].into_iter().chain(self.event.user_id.clone()).collect(),
            None if event::is_user(&self.visitor) => Vec::new(),
            None => vec![self.visitor.clone()],
        }
    }
}

type Refused = (Reason, Option<Event>);

/// Faults of the event itself first, then reasons to keep it out; what is left is relieved of what the site does not keep.
fn sorted_out(event: Result<Event, Reason>, circumstances: &Circumstances<'_>, desk: &Desk) -> Result<Event, Box<Refused>> {
    let mut event = event.map_err(|reason| Box::new((reason, None)))?;
    event.believe(desk.is_trusted);
    match event.fault().or_else(|| judge::objection(&event, circumstances, desk)) {
        Some(reason) => Err(Box::new((reason, Some(event)))),
        None => {
            privacy::redact(&mut event, &desk.policy);
            Ok(event)
        }
    }
}

fn arrive(index: usize, event: Event, desk: &Desk, request: &Request) -> Arrival {
    let browser = event.context.user_agent.as_deref().filter(|_| desk.is_trusted).or_else(|| request.header(http::header::USER_AGENT));
    let visitor = event.anonymous_id.clone().or_else(|| event.user().filter(|_| !event.is_cookieless));
    let visitor = visitor
        .unwrap_or_else(|| visitor_hash(&desk.salt, &desk.site, event.claims.address.or(request.client), browser.unwrap_or_default()));
    let message_id = event.message_id.clone().unwrap_or_else(|| id_of_content(&visitor, &event, request.received));
    let path = event.context.url.as_deref().and_then(place::path);
    Arrival { index, message_id, visitor, path, event }
}

/// The id of an event that has none: the same content of the same visitor at the same time is the same event. Without a time of
/// its own, the second in which it was received is its time.
fn id_of_content(visitor: &str, event: &Event, received: DateTime<Utc>) -> String {
    let at = event.occurred.map_or_else(|| received.timestamp() * 1000, |time| time.timestamp_millis());
    let content = serde_json::json!([visitor, event.kind.name(), event.name, event.context.url, event.properties, at]);
    format!("content-{}", hex(&Sha256::digest(content.to_string().as_bytes())).get(..32).unwrap_or_default())
}

/// Gives each event its time, its session and its person, in the order in which the device had them.
fn settle(kept: Vec<Arrival>, mut facts: Facts, skew: TimeDelta, desk: &Desk, request: &Request) -> (Vec<Row>, Vec<Arrival>) {
    let (suppressed, mut kept): (Vec<_>, Vec<_>) =
        kept.into_iter().partition(|arrival| arrival.ids().iter().any(|id| facts.suppressed.contains(&desk.suppression(id))));
    kept.sort_by_key(|arrival| (arrival.event.occurred.unwrap_or(request.received), arrival.event.sequence, arrival.index));
    let mut rows = Vec::with_capacity(kept.len());
    for arrival in kept {
        let occurred = instant::corrected(arrival.event.occurred, skew, request.received);
        let new = || uuid_of(&format!("{}\n{}\n{}", desk.site, arrival.visitor, occurred.timestamp_millis())).to_string();
        let session = facts.sessions.join(&arrival.visitor, arrival.event.session_id.as_deref(), occurred, skew, new);
        // The visit's own correction, so that requests of one device agree to the millisecond; another device's clock is its own.
        let skew = if (session.skew - skew).abs() <= instant::TOLERANCE { session.skew } else { skew };
        let occurred = instant::corrected(arrival.event.occurred, skew, request.received);
        // A user may have become another's alias.
        let name = arrival.event.user().unwrap_or_else(|| arrival.visitor.clone());
        let person = facts.people.get(&name).cloned().unwrap_or(name);
        let mut linked = arrival.tells_of();
        linked.retain(|name| *name != person && facts.people.get(name) != Some(&person));
        if arrival.event.previous_id.is_some() {
            facts.people.values_mut().filter(|known| linked.contains(known)).for_each(|known| known.clone_from(&person));
        }
        facts.people.extend(linked.iter().map(|name| (name.clone(), person.clone())));
        rows.push(Row {
            session: session.id,
            skew,
            occurred,
            person,
            linked,
            email_key: arrival.email_key(),
            place: place::of(&arrival.event, request),
            arrival,
        });
    }
    (rows, suppressed)
}
