//! A span of time as queries name it.

use chrono::{DateTime, TimeDelta, Utc};
use orilla_core::{Error, Request};

/// From one moment until just before another.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Span {
    /// Its first moment.
    pub from: DateTime<Utc>,
    /// The first moment after it.
    pub until: DateTime<Utc>,
}

impl Span {
    /// Reads `?from=` and `?until=`; the end is now, and the beginning `length` before it, where they are not given.
    ///
    /// Errors: `Malformed` for what is no RFC 3339 time, or for an end before the beginning.
    pub fn from_query(request: &Request, length: TimeDelta) -> Result<Self, Error> {
        let until = until(request)?;
        let from = request.time("from")?.unwrap_or(until - length);
        if from > until { Err(Error::malformed("`from` is after `until`.")) } else { Ok(Self { from, until }) }
    }
}

/// `?until=`, or now: the moment in which the question is asked is part of the answer.
///
/// Errors: `Malformed` for what is no RFC 3339 time.
pub fn until(request: &Request) -> Result<DateTime<Utc>, Error> {
    Ok(request.time("until")?.unwrap_or(request.received + TimeDelta::milliseconds(1)))
}
