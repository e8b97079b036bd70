//! A slow and obvious clock: it walks through time minute by minute and counts.

use chrono::TimeDelta;
use proptest::prelude::*;

use super::tests::target;
use super::*;
use crate::calendar::{Day, Definition, Hours};
use crate::{Priority, Status};

/// One clock as the walk sees it.
#[derive(Debug, Clone)]
struct Walked {
    metric: Metric,
    cycle: usize,
    started: usize,
    /// How it ended, and by an answer or not.
    ended: Option<(usize, bool)>,
    breached: Option<usize>,
    /// Minutes used up and allowed, by the promise of the moment.
    used: Option<(i64, i64)>,
}

/// A ticket, minute by minute.
struct Walk<'a> {
    policies: &'a [Policy],
    calendars: &'a [Calendar],
    begin: DateTime<Utc>,
    promise: (Priority, Option<usize>, usize),
    /// The status in each minute that has passed.
    past: Vec<Status>,
    status: Status,
    is_open: bool,
    was_answered: bool,
    is_merged: bool,
    clocks: Vec<Walked>,
}

impl Walk<'_> {
    fn counts(&self, metric: Metric, minute: usize) -> bool {
        let (priority, policy, calendar) = self.promise;
        let Some(policy) = policy.and_then(|place| self.policies.get(place)) else { return false };
        let Some(target) = policy.target(priority, metric) else { return false };
        let at = self.begin + TimeDelta::minutes(minute as i64);
        let is_open = target.hours == Measure::Wall || self.calendars.get(calendar).is_none_or(|calendar| calendar.is_open(at));
        is_open && policy.counts(metric, self.past[minute])
    }

    fn target(&self, metric: Metric) -> Option<i64> {
        let (priority, policy, _) = self.promise;
        Some(i64::from(self.policies.get(policy?)?.target(priority, metric)?.seconds.get()) / 60)
    }

    /// Counts a clock from its start again, by the promise as it is now.
    fn recount(&self, clock: &Walked, now: usize) -> Option<(i64, i64)> {
        let target = self.target(clock.metric)?;
        let used = (clock.started..now).filter(|minute| self.counts(clock.metric, *minute)).count();
        Some((used as i64, target))
    }

    fn judge(clock: &mut Walked, now: usize) {
        let is_late = clock.used.is_some_and(|(used, target)| used >= target);
        clock.breached = is_late.then(|| clock.breached.unwrap_or(now));
    }

    fn running(&mut self, metrics: &[Metric]) -> impl Iterator<Item = &mut Walked> {
        self.clocks.iter_mut().filter(|clock| clock.ended.is_none() && metrics.contains(&clock.metric))
    }

    fn end(&mut self, metrics: &[Metric], now: usize, by_answer: bool) {
        for clock in self.running(metrics) {
            clock.ended = Some((now, by_answer));
            Self::judge(clock, now);
        }
    }

    fn start(&mut self, metric: Metric, now: usize) {
        let cycle = self.clocks.iter().filter(|clock| clock.metric == metric).count() + 1;
        let used = self.target(metric).map(|target| (0, target));
        self.clocks.push(Walked { metric, cycle, started: now, ended: None, breached: None, used });
    }

    fn promise(&mut self, promise: (Priority, Option<usize>, usize), now: usize) {
        self.promise = promise;
        let mut clocks = std::mem::take(&mut self.clocks);
        for clock in clocks.iter_mut().filter(|clock| clock.ended.is_none()) {
            clock.used = self.recount(clock, now);
        }
        self.clocks = clocks;
    }

    fn set(&mut self, status: Status, now: usize) {
        let was = std::mem::replace(&mut self.status, status);
        if !was.is_done() && status.is_done() {
            self.end(&[Metric::Resolution], now, true);
            self.end(&Metric::ALL, now, false);
        }
        if was.is_done() && !status.is_done() {
            let mut clocks = std::mem::take(&mut self.clocks);
            for clock in &mut clocks {
                let goes_on =
                    clock.metric == Metric::Resolution || (clock.metric == Metric::FirstReply && matches!(clock.ended, Some((_, false))));
                if goes_on {
                    clock.ended = None;
                    clock.used = self.recount(clock, now);
                }
            }
            self.clocks = clocks;
            if self.was_answered {
                self.start(Metric::PeriodicUpdate, now);
            }
        }
    }

    fn happen(&mut self, happened: Happened, now: usize) {
        let (priority, policy, calendar) = self.promise;
        match happened {
            _ if self.is_merged => {}
            Happened::PrioritySet(priority) => self.promise((priority, policy, calendar), now),
            Happened::PolicySet(policy) => self.promise((priority, policy, calendar), now),
            Happened::CalendarSet(calendar) => self.promise((priority, policy, calendar), now),
            Happened::Opened { by } if !self.is_open => {
                self.is_open = true;
                self.start(Metric::Resolution, now);
                if by == Side::Customer {
                    self.start(Metric::FirstReply, now);
                } else {
                    self.was_answered = true;
                    self.start(Metric::PeriodicUpdate, now);
                }
            }
            Happened::StatusSet(status) => self.set(status, now),
            Happened::CustomerWrote { is_thanks: false } if self.status != Status::Closed => {
                if self.status == Status::Solved {
                    self.set(Status::Open, now);
                }
                if self.was_answered && self.running(&[Metric::NextReply]).next().is_none() {
                    self.start(Metric::NextReply, now);
                }
            }
            Happened::AgentWrote => {
                self.end(&[Metric::FirstReply, Metric::NextReply, Metric::PeriodicUpdate], now, true);
                self.was_answered = true;
                if !self.status.is_done() {
                    self.start(Metric::PeriodicUpdate, now);
                }
            }
            Happened::Merged => {
                self.end(&Metric::ALL, now, false);
                self.is_merged = true;
            }
            _ => {}
        }
    }

    fn pass(&mut self, now: usize) {
        self.past.push(self.status);
        let mut clocks = std::mem::take(&mut self.clocks);
        for clock in clocks.iter_mut().filter(|clock| clock.ended.is_none()) {
            if self.counts(clock.metric, now)
                && let Some((used, _)) = &mut clock.used
            {
                *used += 1;
            }
        }
        self.clocks = clocks;
    }
}

/// Days that a walk goes through.
const DAYS: usize = 6;

/// What the walk sees at a minute, and how each clock will stand at the end if nothing more happens.
fn walk(case: &Case, now: usize) -> (Vec<Walked>, Status, Vec<Walked>) {
    let mut walk = Walk {
        policies: &case.policies,
        calendars: &case.calendars,
        begin: case.begin,
        promise: (Priority::Normal, None, 0),
        past: Vec::new(),
        status: Status::New,
        is_open: false,
        was_answered: false,
        is_merged: false,
        clocks: Vec::new(),
    };
    let mut seen = (Vec::new(), Status::New);
    for minute in 0..DAYS * 24 * 60 {
        for (_, happened) in case.entries.iter().filter(|(at, _)| *at == minute) {
            walk.happen(*happened, minute);
        }
        for clock in walk.clocks.iter_mut().filter(|clock| clock.ended.is_none()) {
            Walk::judge(clock, minute);
        }
        if minute == now {
            seen = (walk.clocks.clone(), walk.status);
        }
        walk.pass(minute);
    }
    (seen.0, seen.1, walk.clocks)
}

#[derive(Debug, Clone)]
struct Case {
    policies: Vec<Policy>,
    calendars: Vec<Calendar>,
    begin: DateTime<Utc>,
    /// Minutes from the beginning, in order.
    entries: Vec<(usize, Happened)>,
}

impl Case {
    fn at(&self, minute: usize) -> DateTime<Utc> {
        self.begin + TimeDelta::minutes(minute as i64)
    }

    fn history(&self) -> Vec<Entry> {
        self.entries.iter().map(|(minute, happened)| Entry { at: self.at(*minute), happened: *happened }).collect()
    }

    fn last(&self) -> usize {
        self.entries.last().map_or(0, |(minute, _)| *minute)
    }

    fn clocks(&self, now: usize) -> Vec<Clock> {
        clocks(&self.history(), &self.policies, &self.calendars, self.at(now))
    }
}

fn calendars() -> Vec<Calendar> {
    let hours = |days: &[Day], from: &str, to: &str| Hours { days: days.to_vec(), from: from.into(), to: to.into() };
    let office = Definition {
        time_zone: "Europe/Madrid".into(),
        hours: vec![hours(&Day::ALL, "09:00", "18:00")],
        breaks: vec![hours(&Day::ALL, "14:00", "15:30")],
        ..Definition::default()
    };
    let night = Definition { time_zone: "America/New_York".into(), hours: vec![hours(&Day::ALL[2..], "22:00", "06:00")], ..office.clone() };
    [office, night].iter().map(|definition| Calendar::new(definition).unwrap()).collect()
}

fn any_status() -> impl Strategy<Value = Status> {
    prop::sample::select(&Status::ALL[..])
}

fn any_target() -> impl Strategy<Value = Option<Target>> {
    (0u32..8, 1u32..900, any::<bool>()).prop_map(|(rare, minutes, is_wall)| {
        if rare == 0 { None } else { target(minutes, if is_wall { Measure::Wall } else { Measure::Business }) }
    })
}

fn any_policy() -> impl Strategy<Value = Policy> {
    let targets =
        (any_target(), any_target(), any_target(), any_target()).prop_map(|(first_reply, next_reply, periodic_update, resolution)| {
            Targets { first_reply, next_reply, periodic_update, resolution }
        });
    let pauses = || prop::collection::vec(any_status(), 0..3);
    let all_pauses = (pauses(), pauses(), pauses(), pauses()).prop_map(|(first_reply, next_reply, periodic_update, resolution)| Pauses {
        first_reply,
        next_reply,
        periodic_update,
        resolution,
    });
    (prop::collection::btree_map(prop::sample::select(&Priority::ALL[..]), targets, 2..=4), all_pauses)
        .prop_map(|(targets, pauses)| Policy { id: String::new(), targets, pauses, warns_before_seconds: 0 })
}

fn any_event() -> impl Strategy<Value = Happened> {
    prop_oneof![
        3 => any::<bool>().prop_map(|is_thanks| Happened::CustomerWrote { is_thanks }),
        3 => Just(Happened::AgentWrote),
        1 => Just(Happened::Noted),
        4 => any_status().prop_map(Happened::StatusSet),
        2 => prop::sample::select(&Priority::ALL[..]).prop_map(Happened::PrioritySet),
        1 => prop::option::weighted(0.8, 0usize..2).prop_map(Happened::PolicySet),
        1 => (0usize..3).prop_map(Happened::CalendarSet),
        1 => prop::bool::weighted(0.2).prop_map(|merges| if merges { Happened::Merged } else { Happened::Assigned }),
    ]
}

prop_compose! {
    fn any_case()(
        policies in prop::collection::vec(any_policy(), 2),
        day in prop::sample::select(&["2026-03-27", "2026-10-23", "2026-03-06", "2026-06-10"][..]),
        by in prop::sample::select(&[Side::Customer, Side::Customer, Side::Agent][..]),
        opened in 0usize..24 * 60,
        more in prop::collection::vec((0usize..3 * 24 * 60, any_event()), 0..10),
    ) -> Case {
        let mut entries = vec![(opened, Happened::PolicySet(Some(0))), (opened, Happened::Opened { by })];
        entries.extend(more.into_iter().map(|(after, happened)| (opened + after, happened)));
        entries.sort_by_key(|(minute, _)| *minute);
        Case { policies, calendars: calendars(), begin: format!("{day}T00:00:00Z").parse().unwrap(), entries }
    }
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(200))]

    #[test]
    fn every_clock_is_that_of_a_walk_minute_by_minute(case in any_case(), later in 0usize..24 * 60) {
        let now = case.last() + later;
        let (walked, status, in_the_end) = walk(&case, now);
        let clocks = case.clocks(now);
        let promised: Vec<_> = walked.iter().zip(&in_the_end).filter(|(clock, _)| clock.used.is_some()).collect();
        prop_assert_eq!(clocks.len(), promised.len());
        for (clock, (walked, in_the_end)) in clocks.iter().zip(promised) {
            let at = |minute: Option<usize>| minute.map(|minute| case.at(minute));
            prop_assert_eq!((clock.metric, clock.cycle as usize, clock.started), (walked.metric, walked.cycle, case.at(walked.started)));
            let (used, target) = walked.used.unwrap();
            prop_assert_eq!((clock.spent, clock.left), (TimeDelta::minutes(used), TimeDelta::minutes(target - used)), "{:?}", clock);
            prop_assert_eq!(clock.ended(), at(walked.ended.map(|(minute, _)| minute)));
            match (clock.state, walked.breached, walked.ended) {
                (State::Breached { at: breached, met_at }, Some(minute), ended) => {
                    prop_assert_eq!(breached, case.at(minute), "{:?}", clock);
                    prop_assert_eq!(met_at, at(ended.and_then(|(minute, by_answer)| by_answer.then_some(minute))));
                }
                (State::Met { at: met }, None, Some((minute, true))) => prop_assert_eq!(met, case.at(minute)),
                (State::Cancelled, None, Some((_, false))) => {}
                (State::Running | State::Paused, None, None) => {
                    let counts = case.policies.iter().any(|policy| policy.counts(clock.metric, status));
                    prop_assert!(counts || clock.state == State::Paused);
                }
                other => prop_assert!(false, "{:?} in {:?}", other, clock),
            }
            // Whatever is still to come comes when the walk gets there.
            match in_the_end.breached {
                Some(minute) => prop_assert_eq!(clock.breach_at, Some(case.at(minute)), "{:?}", clock),
                None => prop_assert!(clock.breach_at.is_none_or(|at| at >= case.at(DAYS * 24 * 60)), "{:?}", clock),
            }
        }
    }

    #[test]
    fn nothing_breaches_early_and_what_was_used_only_grows(case in any_case(), later in 0usize..2_000, more in 0usize..2_000) {
        let now = case.last() + later;
        let (first, second) = (case.clocks(now), case.clocks(now + more));
        prop_assert_eq!(first.len(), second.len());
        for (first, second) in first.iter().zip(&second) {
            prop_assert!(second.spent >= first.spent && first.spent >= TimeDelta::zero());
            prop_assert_eq!(first.breach_at, second.breach_at);
            // Whatever was promised on the way, the shortest promise takes its time.
            let targets = case.policies.iter().flat_map(|policy| Priority::ALL.map(|priority| policy.target(priority, first.metric)));
            let shortest = targets.flatten().map(|target| TimeDelta::seconds(i64::from(target.seconds.get()))).min().unwrap();
            prop_assert!(first.breach_at.is_none_or(|at| at >= first.started + shortest));
            let is_late = matches!(first.state, State::Breached { .. });
            prop_assert!(!is_late || matches!(second.state, State::Breached { .. }), "{:?}", second);
        }
    }

    #[test]
    fn what_does_not_concern_a_clock_does_not_move_it(
        case in any_case(),
        noise in prop::collection::vec(0usize..5_000, 1..6),
        later in 0usize..3_000,
    ) {
        let now = case.last() + later;
        let mut noisy = case.clone();
        for minute in noise.into_iter().filter(|minute| *minute <= now) {
            // The status and the priority of the moment, set anew.
            let until = || case.entries.iter().filter(move |(at, _)| *at <= minute);
            let mut status = None;
            for (_, happened) in until() {
                match happened {
                    Happened::StatusSet(set) => status = Some(*set),
                    Happened::CustomerWrote { is_thanks: false } if status == Some(Status::Solved) => status = Some(Status::Open),
                    _ => {}
                }
            }
            let priority = until().filter_map(|(_, it)| if let Happened::PrioritySet(set) = it { Some(*set) } else { None }).next_back();
            noisy.entries.extend(status.map(|status| (minute, Happened::StatusSet(status))));
            noisy.entries.extend(priority.map(|priority| (minute, Happened::PrioritySet(priority))));
            noisy.entries.extend([(minute, Happened::Noted), (minute, Happened::CustomerWrote { is_thanks: true })]);
        }
        noisy.entries.sort_by_key(|(minute, _)| *minute);
        prop_assert_eq!(noisy.clocks(now), case.clocks(now));
    }

    #[test]
    fn a_tick_at_each_next_moment_misses_nothing(case in any_case(), warns_before_seconds in 0u32..20_000) {
        let mut case = case;
        case.policies.iter_mut().for_each(|policy| policy.warns_before_seconds = warns_before_seconds);
        let (history, now) = (case.history(), case.at(case.last()));
        let moments = |at: DateTime<Utc>| {
            let clocks = clocks(&history, &case.policies, &case.calendars, at);
            let both = clocks.iter().flat_map(|clock| [clock.warn_at, clock.breach_at]).flatten();
            let mut all: Vec<_> = both.filter(|at| *at > now).collect();
            all.sort_unstable();
            all.dedup();
            all
        };
        let (mut at, mut ticks) = (now, Vec::new());
        while let Some(next) = next_moment(&history, &case.policies, &case.calendars, at) {
            prop_assert!(next > at);
            ticks.push(next);
            at = next;
        }
        prop_assert_eq!(ticks, moments(now));
    }
}
