//! The wires: what published clients send, read into events, and what they want to hear back.
//!
//! A wire is one file with a `read`; a new one is that file, a variant here and its rows in the route table.

mod json;
pub mod plausible;
pub mod posthog;
pub mod rudder;
pub mod segment;
pub mod umami;

use chrono::{DateTime, Utc};
use http::{HeaderName, HeaderValue, StatusCode};
use orilla_core::http::json as json_answer;
use orilla_core::router::Matched;
use orilla_core::sites::SiteId;
use orilla_core::{Error, Request, Response};
use serde_json::{Value as Json, json};

use crate::collect::Outcome;
use crate::event::{Event, Kind};
use crate::routes::Operation;
use crate::verdict::Reason;

/// How a client speaks.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Wire {
    /// A list of events in Segment's words, which are RudderStack's and our own too.
    SegmentBatch,
    /// One event of this kind in the same words.
    SegmentOne(Kind),
    /// The same list from a page that is closed, with the key in the query.
    RudderBeacon,
    /// One event of this kind in the query of an image.
    RudderPixel(Kind),
    /// One event in Umami's words.
    Umami,
    /// A list of them.
    UmamiBatch,
    /// One event in Plausible's words.
    Plausible,
    /// One event or a list in PostHog's words.
    PostHog,
}

impl Wire {
    /// The word that a source begins with.
    #[must_use]
    pub const fn family(self) -> &'static str {
        match self {
            Self::SegmentBatch | Self::SegmentOne(_) => "segment",
            Self::RudderBeacon | Self::RudderPixel(_) => "rudder",
            Self::Umami | Self::UmamiBatch => "umami",
            Self::Plausible => "plausible",
            Self::PostHog => "posthog",
        }
    }

    /// Reads a request.
    ///
    /// Errors: `Malformed` or `TooLarge` for a body of which not one event can be told.
    pub fn read(self, request: &Request, matched: &Matched<'_, Operation>) -> Result<Parcel, Error> {
        let limit = matched.route.body_limit;
        match self {
            Self::SegmentBatch | Self::RudderBeacon => segment::read_batch(request, limit),
            Self::SegmentOne(kind) => segment::read_one(kind, request, limit),
            Self::RudderPixel(kind) => rudder::read_pixel(kind, request),
            Self::Umami => umami::read_one(request, limit),
            Self::UmamiBatch => umami::read_batch(request, limit),
            Self::Plausible => plausible::read(request, limit),
            Self::PostHog => posthog::read(request, limit),
        }
    }

    /// Tells the client what became of its events.
    ///
    /// Errors: `Malformed` where a client hears of its one bad event by the status.
    pub fn answer(self, outcome: &Outcome) -> Result<Response, Error> {
        match self {
            Self::SegmentBatch | Self::SegmentOne(_) | Self::RudderBeacon => {
                let mut answer = tally(outcome);
                answer["success"] = true.into();
                json_answer(StatusCode::OK, &answer)
            }
            Self::RudderPixel(_) => Ok(rudder::answer_pixel(outcome)),
            Self::Umami => umami::answer_one(outcome),
            Self::UmamiBatch => umami::answer_batch(outcome),
            Self::Plausible => Ok(plausible::answer(outcome)),
            Self::PostHog => posthog::answer(outcome),
        }
    }
}

/// How a request says whose site it is for.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Door {
    /// By a key, in a header or in the body.
    Key(String),
    /// By the site's public id.
    Site(SiteId),
    /// By the site's domain, the first of these that is one's.
    Domains(Vec<String>),
}

/// What a request carries.
#[derive(Debug, Clone, PartialEq)]
pub struct Parcel {
    /// Whose site it is for, where the body says so; a header's key wins.
    pub door: Option<Door>,
    /// When the device's clock said that it was sent.
    pub sent: Option<DateTime<Utc>>,
    /// Its events in their order, or why one is none.
    pub events: Vec<Result<Event, Reason>>,
}

/// Events that may each say whose site they are for. The request's word counts for all; without one the first event's does, and an
/// event that says otherwise is refused.
fn of_one_site(
    told: Option<Door>,
    events: impl Iterator<Item = (Option<Door>, Result<Event, Reason>)>,
) -> (Option<Door>, Vec<Result<Event, Reason>>) {
    let is_told = told.is_some();
    let mut door = told;
    let check = |(own, event): (Option<Door>, Result<Event, Reason>)| {
        door = door.take().or_else(|| own.clone());
        if is_told || own.is_none() || own == door { event } else { event.and(Err(Reason::OtherSite)) }
    };
    let events = events.map(check).collect();
    (door, events)
}

/// The answer that tells everything, which clients do not read and people do.
fn tally(outcome: &Outcome) -> Json {
    json!({
        "accepted": outcome.accepted,
        "duplicate": outcome.duplicate,
        "rejected": told(&outcome.rejected),
        "filtered": told(&outcome.filtered),
    })
}

/// Places and reasons of events that are not kept.
fn told(list: &[(usize, Reason)]) -> Vec<Json> {
    list.iter().map(|(index, reason)| json!({ "index": index, "code": reason.name() })).collect()
}

/// Why the one event of a request is not kept, on wires whose answer has no room for it.
const REASON: HeaderName = HeaderName::from_static("x-orilla-reason");

/// Says so; whether there was something to say.
fn remark(response: &mut Response, outcome: &Outcome) -> bool {
    let reason = outcome.rejected.iter().chain(&outcome.filtered).next().map(|(_, reason)| HeaderValue::from_static(reason.name()));
    let is_dropped = reason.is_some();
    response.headers_mut().extend(reason.map(|reason| (REASON, reason)));
    is_dropped
}
