//! When each clock starts and ends, from what happened; how long it took is reckoned elsewhere.

use chrono::{DateTime, Utc};

use super::history::{Entry, Happened, Side};
use super::policy::Metric;
use crate::{Priority, Status};

/// What a ticket is judged by.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Regime {
    pub priority: Priority,
    pub policy: Option<usize>,
    pub calendar: usize,
}

/// One clock's stretch of history.
#[derive(Debug, Clone)]
pub(super) struct Run {
    pub metric: Metric,
    pub cycle: u32,
    pub start: DateTime<Utc>,
    pub end: Option<End>,
    /// The regimes that came while it was over, and when it went on: they judge it only from then.
    reopened: Vec<(std::ops::Range<usize>, DateTime<Utc>)>,
}

impl Run {
    /// From when on a regime judges it.
    pub fn judged_from(&self, place: usize, at: DateTime<Utc>) -> DateTime<Utc> {
        let reopened = self.reopened.iter().find(|(places, _)| places.contains(&place));
        reopened.map_or(at, |(_, reopened)| *reopened).max(self.start)
    }
}

/// How a stretch ended.
#[derive(Debug, Clone, Copy)]
pub(super) struct End {
    pub at: DateTime<Utc>,
    pub is_answer: bool,
    /// How many regimes there had been: later ones do not judge it.
    pub regimes: usize,
}

/// A history, read.
#[derive(Debug)]
pub(super) struct Replay {
    pub runs: Vec<Run>,
    pub statuses: Vec<(DateTime<Utc>, Status)>,
    /// From the beginning of time on.
    pub regimes: Vec<(DateTime<Utc>, Regime)>,
    has_reply: bool,
}

impl Replay {
    /// Reads a history; what is out of order in time is put in order, and what happened at once stays as it stands.
    pub fn of(history: &[Entry]) -> Self {
        let regime = Regime { priority: Priority::Normal, policy: None, calendar: 0 };
        let mut replay =
            Self { runs: Vec::new(), statuses: Vec::new(), regimes: vec![(DateTime::<Utc>::MIN_UTC, regime)], has_reply: false };
        let mut entries: Vec<&Entry> = history.iter().collect();
        entries.sort_by_key(|entry| entry.at);
        for entry in entries {
            replay.read(*entry);
            if entry.happened == Happened::Merged {
                break;
            }
        }
        replay
    }

    /// Where the work stood at the end.
    pub fn status(&self) -> Status {
        self.statuses.last().map_or(Status::New, |(_, status)| *status)
    }

    fn regime(&self) -> Regime {
        self.regimes.last().map_or(Regime { priority: Priority::Normal, policy: None, calendar: 0 }, |(_, regime)| *regime)
    }

    fn read(&mut self, Entry { at, happened }: Entry) {
        let regime = self.regime();
        match happened {
            Happened::PrioritySet(priority) => self.judge(at, Regime { priority, ..regime }),
            Happened::PolicySet(policy) => self.judge(at, Regime { policy, ..regime }),
            Happened::CalendarSet(calendar) => self.judge(at, Regime { calendar, ..regime }),
            Happened::StatusSet(status) => self.set(at, status),
            Happened::Opened { by } if self.runs.is_empty() => self.open(at, by),
            Happened::Merged => Metric::ALL.into_iter().for_each(|metric| self.end(at, metric, false)),
            _ if self.runs.is_empty() => {}
            Happened::CustomerWrote { is_thanks: false } => self.customer_wrote(at),
            Happened::AgentWrote => self.agent_wrote(at),
            Happened::Opened { .. } | Happened::CustomerWrote { is_thanks: true } | Happened::Noted | Happened::Assigned => {}
        }
    }

    fn judge(&mut self, at: DateTime<Utc>, regime: Regime) {
        if regime != self.regime() {
            self.regimes.push((at, regime));
        }
    }

    fn open(&mut self, at: DateTime<Utc>, by: Side) {
        if self.statuses.is_empty() {
            self.statuses.push((at, Status::New));
        }
        self.start(at, Metric::Resolution);
        match by {
            Side::Customer => self.start(at, Metric::FirstReply),
            Side::Agent => self.agent_wrote(at),
        }
    }

    fn agent_wrote(&mut self, at: DateTime<Utc>) {
        self.has_reply = true;
        for metric in [Metric::FirstReply, Metric::NextReply, Metric::PeriodicUpdate] {
            self.end(at, metric, true);
        }
        if !self.status().is_done() {
            self.start(at, Metric::PeriodicUpdate);
        }
    }

    /// A message to a solved ticket opens it again, also where nobody says so; one to a closed ticket is the beginning of another.
    fn customer_wrote(&mut self, at: DateTime<Utc>) {
        match self.status() {
            Status::Closed => return,
            Status::Solved => self.set(at, Status::Open),
            _ => {}
        }
        if self.has_reply && !self.is_running(Metric::NextReply) {
            self.start(at, Metric::NextReply);
        }
    }

    fn set(&mut self, at: DateTime<Utc>, status: Status) {
        let was_done = self.status().is_done();
        if status == self.status() {
            return;
        }
        self.statuses.push((at, status));
        match (was_done, status.is_done()) {
            (false, true) => {
                self.end(at, Metric::Resolution, true);
                // Nobody waits any more, and nobody was answered.
                for metric in [Metric::FirstReply, Metric::NextReply, Metric::PeriodicUpdate] {
                    self.end(at, metric, false);
                }
            }
            (true, false) => self.reopen(at),
            _ => {}
        }
    }

    /// The resolution goes on from what it had used up, and so does a first reply that nobody gave.
    fn reopen(&mut self, at: DateTime<Utc>) {
        let regimes = self.regimes.len();
        for run in &mut self.runs {
            let goes_on = match run.metric {
                Metric::Resolution => true,
                Metric::FirstReply => run.end.is_some_and(|end| !end.is_answer),
                Metric::NextReply | Metric::PeriodicUpdate => false,
            };
            if goes_on && let Some(end) = run.end.take() {
                run.reopened.push((end.regimes..regimes, at));
            }
        }
        if self.has_reply && !self.runs.is_empty() {
            self.start(at, Metric::PeriodicUpdate);
        }
    }

    fn is_running(&self, metric: Metric) -> bool {
        self.runs.iter().any(|run| run.metric == metric && run.end.is_none())
    }

    fn start(&mut self, start: DateTime<Utc>, metric: Metric) {
        let before = self.runs.iter().rev().find(|run| run.metric == metric);
        let cycle = before.map_or(1, |run| run.cycle + 1);
        self.runs.push(Run { metric, cycle, start, end: None, reopened: Vec::new() });
    }

    fn end(&mut self, at: DateTime<Utc>, metric: Metric, is_answer: bool) {
        let regimes = self.regimes.len();
        if let Some(run) = self.runs.iter_mut().rev().find(|run| run.metric == metric && run.end.is_none()) {
            run.end = Some(End { at, is_answer, regimes });
        }
    }
}
