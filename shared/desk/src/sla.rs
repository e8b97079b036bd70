//! The clocks of a service level agreement, reckoned anew from what happened each time: nothing counts down in a store, so nothing drifts.
//!
//! A clock is met strictly before it is due; when due, it breaches. A change of priority, policy or calendar judges a running clock from
//! its start by the new promise, with every pause it had: it breaches at the change if it is past it already, and is in time again if it
//! no longer is. What has ended is judged by what was promised then.

mod clock;
mod history;
mod policy;
mod replay;

#[cfg(test)]
mod oracle;
#[cfg(test)]
mod tests;

use chrono::{DateTime, Utc};

use crate::calendar::Calendar;
pub use clock::{Clock, State};
pub use history::{Entry, Happened, Side};
pub use policy::{Measure, Metric, Pauses, Policy, Target, Targets};
use replay::Replay;

/// Every clock of a ticket, in the order of their beginnings.
///
/// A `now` before the last entry is taken for the entry's time: what stands in a history has happened.
#[must_use]
pub fn clocks(history: &[Entry], policies: &[Policy], calendars: &[Calendar], now: DateTime<Utc>) -> Vec<Clock> {
    let now = history.iter().map(|entry| entry.at).fold(now, DateTime::max);
    let replay = Replay::of(history);
    replay.runs.iter().filter_map(|run| clock::reckon(run, &replay, policies, calendars, now)).collect()
}

/// The next instant after `now` at which a clock warns or breaches if nothing else happens.
#[must_use]
pub fn next_moment(history: &[Entry], policies: &[Policy], calendars: &[Calendar], now: DateTime<Utc>) -> Option<DateTime<Utc>> {
    let clocks = clocks(history, policies, calendars, now);
    let moments = clocks.iter().filter(|clock| !clock.is_over()).flat_map(|clock| [clock.warn_at, clock.breach_at]);
    moments.flatten().filter(|at| *at > now).min()
}
