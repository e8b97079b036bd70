//! When a ticket is taken from somebody who does not reply, and when that has gone on for long enough.

use chrono::{DateTime, TimeDelta, Utc};
use serde::{Deserialize, Serialize};

/// How long a site waits for a reply.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub struct Patience {
    /// Minutes of open time without a reply after which a ticket goes to somebody else.
    pub minutes: u32,
    /// How often a ticket may change hands so.
    pub most: u32,
}

impl Default for Patience {
    /// Source: chosen; half of the brief's hour for what is critical, so that the next has the other half, and two changes of hands.
    fn default() -> Self {
        Self { minutes: 30, most: 2 }
    }
}

/// What happens to a ticket that its agent has.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Next {
    /// They keep it.
    Keep,
    /// They have refused it: it waits for another.
    Reassign,
    /// They keep it, and their lead is told: it has changed hands often enough.
    TellLead,
}

impl Patience {
    /// What happens to a ticket that so many have refused before.
    ///
    /// A ticket changes hands at most [`Self::most`] times until somebody replies, and whoever had it is among `refused`, so that it never comes back:
    /// two who do not reply cannot play it to each other.
    #[must_use]
    pub fn next(
        &self,
        assigned_at: DateTime<Utc>,
        last_reply: Option<DateTime<Utc>>,
        refused: usize,
        now: DateTime<Utc>,
        open_between: impl Fn(DateTime<Utc>, DateTime<Utc>) -> TimeDelta,
    ) -> Next {
        if !is_overdue(assigned_at, last_reply, now, self.minutes, open_between) {
            Next::Keep
        } else if refused < self.most as usize {
            Next::Reassign
        } else {
            Next::TellLead
        }
    }
}

/// Whether an agent has had a ticket for so many minutes of open time without replying.
///
/// `open_between` is the calendar's. By the desk's hours whoever goes home without a reply loses the ticket to those who are still there, and nobody
/// does while all sleep; by the agent's own hours it waits for them. A reply from before the ticket was theirs is another's.
#[must_use]
pub fn is_overdue(
    assigned_at: DateTime<Utc>,
    last_reply: Option<DateTime<Utc>>,
    now: DateTime<Utc>,
    minutes: u32,
    open_between: impl Fn(DateTime<Utc>, DateTime<Utc>) -> TimeDelta,
) -> bool {
    let has_replied = last_reply.is_some_and(|reply| assigned_at <= reply);
    // A clock that goes backwards has measured nothing.
    !has_replied && assigned_at < now && open_between(assigned_at, now) >= TimeDelta::minutes(i64::from(minutes))
}
