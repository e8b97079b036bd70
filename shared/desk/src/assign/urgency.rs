//! Which ticket is served first: what matters, what is due, and who has waited long. The same for all agents.

use chrono::{DateTime, TimeDelta, Utc};

use super::{Kind, Reason, Rules, Waiting};

/// An hour before its deadline a ticket has half the points. Chosen: the brief's tightest target is an hour.
const HALF: TimeDelta = TimeDelta::hours(1);

/// What makes a ticket urgent.
///
/// Once it is overdue the deadline counts for less again, as before it: the promises that can still be kept come first, or late work makes all
/// work late. Age goes on growing, so that a broken one is not forgotten.
#[must_use]
pub fn urgency(ticket: &Waiting, rules: &Rules, now: DateTime<Utc>) -> [Reason; 3] {
    let weights = &rules.weights;
    let distance = ticket.due.map(|due| (due - now).num_seconds().saturating_abs());
    let deadline =
        distance.map_or(0, |distance| i64::from(weights.deadline) * HALF.num_seconds() / HALF.num_seconds().saturating_add(distance));
    let waited = (now - ticket.since).max(TimeDelta::zero()).num_seconds();
    [
        Reason { kind: Kind::Priority, points: i64::from(weights.priority) * ticket.priority as i64 },
        Reason { kind: Kind::Deadline, points: deadline },
        Reason { kind: Kind::Age, points: i64::from(weights.age).saturating_mul(waited) / TimeDelta::hours(1).num_seconds() },
    ]
}

/// All of it.
pub(super) fn total(ticket: &Waiting, rules: &Rules, now: DateTime<Utc>) -> i64 {
    urgency(ticket, rules, now).iter().map(|reason| reason.points).sum()
}
