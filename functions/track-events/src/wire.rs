//! The wires: what published clients send, read into events, and what they want to hear back.
//!
//! A wire is one file with a `read`; a new one is that file, a variant here and its rows in the route table.

mod json;
pub mod segment;

use chrono::{DateTime, Utc};
use http::StatusCode;
use orilla_core::http::json as json_answer;
use orilla_core::router::Matched;
use orilla_core::sites::SiteId;
use orilla_core::{Error, Request, Response};
use serde_json::json;

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
}

impl Wire {
    /// The word that a source begins with.
    #[must_use]
    pub const fn family(self) -> &'static str {
        match self {
            Self::SegmentBatch | Self::SegmentOne(_) => "segment",
        }
    }

    /// Reads a request.
    ///
    /// Errors: `Malformed` or `TooLarge` for a body of which not one event can be told.
    pub fn read(self, request: &Request, matched: &Matched<'_, Operation>) -> Result<Parcel, Error> {
        let limit = matched.route.body_limit;
        match self {
            Self::SegmentBatch => segment::read_batch(request, limit),
            Self::SegmentOne(kind) => segment::read_one(kind, request, limit),
        }
    }

    /// Tells the client what became of its events.
    ///
    /// Errors: none that our own types cause.
    pub fn answer(self, outcome: &Outcome) -> Result<Response, Error> {
        match self {
            Self::SegmentBatch | Self::SegmentOne(_) => tally(outcome),
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
    /// By the site's domain.
    Domain(String),
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

/// The answer that tells everything, which Segment's clients do not read and people do.
fn tally(outcome: &Outcome) -> Result<Response, Error> {
    let told = |list: &[(usize, Reason)]| -> Vec<_> {
        list.iter().map(|(index, reason)| json!({ "index": index, "code": reason.name() })).collect()
    };
    json_answer(
        StatusCode::OK,
        &json!({
            "success": true,
            "accepted": outcome.accepted,
            "duplicate": outcome.duplicate,
            "rejected": told(&outcome.rejected),
            "filtered": told(&outcome.filtered),
        }),
    )
}
