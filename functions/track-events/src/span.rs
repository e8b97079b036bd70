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
        // The moment in which the question is asked is part of the answer.
        let until = moment(request, "until")?.unwrap_or(request.received + TimeDelta::milliseconds(1));
        let from = moment(request, "from")?.unwrap_or(until - length);
        if from > until { Err(Error::malformed("`from` is after `until`.")) } else { Ok(Self { from, until }) }
    }
}

/// A time of the query, if it is there.
///
/// Errors: `Malformed` for what is none.
pub fn moment(request: &Request, name: &str) -> Result<Option<DateTime<Utc>>, Error> {
    let Some(text) = request.query(name) else { return Ok(None) };
    let time =
        DateTime::parse_from_rfc3339(&text).map_err(|_| Error::malformed(format!("`{name}` is a time such as 2026-01-31T09:00:00Z.")))?;
    Ok(Some(time.to_utc()))
}
