//! One clock: what it has used up, when it is due, and what became of it.

use chrono::{DateTime, TimeDelta, Utc};

use super::policy::{Measure, Metric, Policy};
use super::replay::{Regime, Replay, Run};
use crate::Priority;
use crate::calendar::Calendar;

static WALL_CLOCK: Calendar = Calendar::always();

/// A clock as it stands.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Clock {
    /// What it times.
    pub metric: Metric,
    /// The how many-th of its metric, from one.
    pub cycle: u32,
    /// The priority that it is judged by.
    pub priority: Priority,
    /// When it started.
    pub started: DateTime<Utc>,
    /// When the time is up if all stays as it is, or was; `None` where it stands still, or ended before.
    pub due: Option<DateTime<Utc>>,
    /// What became of it.
    pub state: State,
    /// What it has used up.
    pub spent: TimeDelta,
    /// What it may still use; below zero when overdue.
    pub left: TimeDelta,
    /// When to warn, or when that was; `None` as for `due`, and where the policy warns of nothing.
    pub warn_at: Option<DateTime<Utc>>,
    /// When it breaches or did: when due, but never before the change that made it so.
    pub breach_at: Option<DateTime<Utc>>,
    pub(super) ended: Option<DateTime<Utc>>,
    pub(super) track: Track,
}

/// What became of a clock.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum State {
    /// It runs. It may be outside of hours: then it runs and uses nothing up.
    Running,
    /// It stands still until the status changes.
    Paused,
    /// In time.
    Met {
        /// When.
        at: DateTime<Utc>,
    },
    /// Too late.
    Breached {
        /// When it became so.
        at: DateTime<Utc>,
        /// When it was done after all.
        met_at: Option<DateTime<Utc>>,
    },
    /// Nobody waits for it any more.
    Cancelled,
}

/// The stretches in which a clock runs, and what it may use.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Track {
    /// In order; the last has no end while the clock runs.
    stretches: Vec<(DateTime<Utc>, Option<DateTime<Utc>>)>,
    target: TimeDelta,
    measure: Measure,
    warns_before: TimeDelta,
    /// Since when it has been judged like this.
    since: DateTime<Utc>,
}

impl Clock {
    /// Whether nothing more can become of it, unless the ticket is opened again.
    #[must_use]
    pub const fn is_over(&self) -> bool {
        self.ended.is_some()
    }

    /// When an answer or the ticket's end stopped it.
    #[must_use]
    pub const fn ended(&self) -> Option<DateTime<Utc>> {
        self.ended
    }

    /// When no more than this much is left, on the clock's own time; never before that was known. `None` where it stands still, or ended
    /// before.
    #[must_use]
    pub fn when_left(&self, left: TimeDelta, calendar: &Calendar) -> Option<DateTime<Utc>> {
        self.track.reaches(self.track.target - left, calendar).map(|at| at.max(self.track.since))
    }
}

impl Track {
    fn of(run: &Run, replay: &Replay, since: DateTime<Utc>, regime: Regime, policies: &[Policy]) -> Option<Self> {
        let policy = policies.get(regime.policy?)?;
        let target = policy.target(regime.priority, run.metric)?;
        let end = run.end.map(|end| end.at);
        let mut stretches: Vec<(DateTime<Utc>, Option<DateTime<Utc>>)> = Vec::new();
        for (place, (at, status)) in replay.statuses.iter().enumerate() {
            let from = (*at).max(run.start);
            let next = replay.statuses.get(place + 1).map(|(next, _)| *next);
            let to = match (next, end) {
                (Some(next), Some(end)) => Some(next.min(end)),
                (next, end) => next.or(end),
            };
            if !policy.counts(run.metric, *status) || to.is_some_and(|to| to <= from) {
                continue;
            }
            match stretches.last_mut() {
                Some(last) if last.1 == Some(from) => last.1 = to,
                _ => stretches.push((from, to)),
            }
        }
        let seconds = i64::from(target.seconds.get());
        let warns_before = i64::from(policy.warns_before_seconds).min(seconds / 2);
        let [allowed, warns_before] = [seconds, warns_before].map(TimeDelta::seconds);
        Some(Self { stretches, target: allowed, measure: target.hours, warns_before, since })
    }

    fn calendar<'a>(&self, calendar: &'a Calendar) -> &'a Calendar {
        if self.measure == Measure::Wall { &WALL_CLOCK } else { calendar }
    }

    fn spent(&self, until: DateTime<Utc>, calendar: &Calendar) -> TimeDelta {
        let calendar = self.calendar(calendar);
        let open = |(from, to): &(DateTime<Utc>, Option<DateTime<Utc>>)| calendar.open_between(*from, to.unwrap_or(until).min(until));
        self.stretches.iter().map(open).sum()
    }

    /// The earliest instant by which so much has been used up.
    fn reaches(&self, amount: TimeDelta, calendar: &Calendar) -> Option<DateTime<Utc>> {
        let calendar = self.calendar(calendar);
        let mut left = amount;
        for (from, to) in &self.stretches {
            let Some(to) = to else { return Some(calendar.after(*from, left)) };
            let open = calendar.open_between(*from, *to);
            if open >= left {
                return Some(calendar.after(*from, left));
            }
            left -= open;
        }
        None
    }
}

/// Reckons one clock at an instant; `None` if nothing is promised.
pub(super) fn reckon(run: &Run, replay: &Replay, policies: &[Policy], calendars: &[Calendar], now: DateTime<Utc>) -> Option<Clock> {
    let regimes = &replay.regimes[..run.end.map_or(replay.regimes.len(), |end| end.regimes)];
    let until = run.end.map_or(now, |end| end.at);
    let (mut warn_at, mut breach_at, mut last) = (None, None, None);
    for (place, (at, regime)) in regimes.iter().enumerate() {
        let since = run.judged_from(place, *at);
        let next = regimes.get(place + 1).map(|(next, _)| run.judged_from(place + 1, *next));
        if next.is_some_and(|next| next <= since) {
            continue;
        }
        let calendar = calendars.get(regime.calendar).unwrap_or(&WALL_CLOCK);
        let Some(track) = Track::of(run, replay, since, *regime, policies) else {
            (warn_at, breach_at, last) = (None, None, None);
            continue;
        };
        // What was so already stays so since then; what a change made so is so since the change.
        let held = |reached: Option<DateTime<Utc>>, before: Option<DateTime<Utc>>| {
            let at = reached.filter(|at| next.is_none_or(|next| *at < next))?;
            Some(if at <= since { before.unwrap_or(since) } else { at })
        };
        let due = track.reaches(track.target, calendar);
        breach_at = held(due, breach_at);
        warn_at =
            if track.warns_before.is_zero() { None } else { held(track.reaches(track.target - track.warns_before, calendar), warn_at) };
        last = Some((track, due, *regime, calendar));
    }
    let (track, due, regime, calendar) = last?;
    let spent = track.spent(until, calendar);
    let met_at = run.end.filter(|end| end.is_answer).map(|end| end.at);
    let state = match (breach_at.filter(|at| *at <= until), run.end) {
        (Some(at), _) => State::Breached { at, met_at },
        (None, Some(end)) if end.is_answer => State::Met { at: end.at },
        (None, Some(_)) => State::Cancelled,
        (None, None) if track.stretches.last().is_some_and(|(_, to)| to.is_none()) => State::Running,
        (None, None) => State::Paused,
    };
    Some(Clock {
        metric: run.metric,
        cycle: run.cycle,
        priority: regime.priority,
        started: run.start,
        due,
        state,
        spent,
        left: track.target - spent,
        warn_at,
        breach_at,
        ended: run.end.map(|end| end.at),
        track,
    })
}
