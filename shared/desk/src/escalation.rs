//! Who is told when a clock runs out, and before: a chain of steps on business time.
//!
//! It names what is due, every time it is asked; a store that keeps each metric, cycle and step once tells each once, however often and
//! however late it asks.

use chrono::{DateTime, TimeDelta, Utc};
use serde::{Deserialize, Serialize};

use crate::Priority;
use crate::calendar::Calendar;
use crate::sla::{Clock, Metric};

/// The steps of an escalation.
#[derive(Debug, Clone, PartialEq, Eq, Default, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Chain {
    /// In any order; a step's place is its name.
    pub steps: Vec<Step>,
}

/// Whom to tell, and when.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Step {
    /// How much business time after the breach, whether or not the ticket waits for the customer or was solved for a while; or below zero,
    /// how much of the clock's own time before it.
    pub after_seconds: i32,
    /// A role, such as `team_lead` or `engineering`.
    pub target: String,
    /// For which metrics; for all if empty.
    #[serde(default)]
    pub metrics: Vec<Metric>,
    /// For which priorities; for all if empty.
    #[serde(default)]
    pub priorities: Vec<Priority>,
}

/// A step that is due.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Escalation {
    /// Of which metric.
    pub metric: Metric,
    /// In which cycle of it.
    pub cycle: u32,
    /// The step's place in the chain.
    pub step: usize,
    /// When it was due.
    pub at: DateTime<Utc>,
    /// The role to tell.
    pub target: String,
    /// When the clock ended after that, where it has: who asks late may tell of the matter as one that is over.
    pub ended: Option<DateTime<Utc>>,
}

/// Every step that has been due by now, told or not; none that an answer came before.
#[must_use]
pub fn due(clock: &Clock, chain: &Chain, calendar: &Calendar, now: DateTime<Utc>) -> Vec<Escalation> {
    let steps = chain.steps.iter().enumerate();
    let due = steps.filter_map(|(place, step)| Some((place, step, moment(clock, step, calendar).filter(|at| *at <= now)?)));
    due.map(|(step, Step { target, .. }, at)| Escalation {
        metric: clock.metric,
        cycle: clock.cycle,
        step,
        at,
        target: target.clone(),
        ended: clock.ended(),
    })
    .collect()
}

/// The next instant after `now` at which a step will be due if nothing else happens.
#[must_use]
pub fn next_moment(clock: &Clock, chain: &Chain, calendar: &Calendar, now: DateTime<Utc>) -> Option<DateTime<Utc>> {
    chain.steps.iter().filter_map(|step| moment(clock, step, calendar)).filter(|at| *at > now).min()
}

fn moment(clock: &Clock, step: &Step, calendar: &Calendar) -> Option<DateTime<Utc>> {
    let is_meant = (step.metrics.is_empty() || step.metrics.contains(&clock.metric))
        && (step.priorities.is_empty() || step.priorities.contains(&clock.priority));
    let after = TimeDelta::seconds(i64::from(step.after_seconds));
    let at = match clock.breach_at {
        _ if !is_meant => None,
        _ if after < TimeDelta::zero() => clock.when_left(-after, calendar),
        Some(breach) => Some(calendar.after(breach, after)),
        None => None,
    };
    at.filter(|at| clock.ended().is_none_or(|ended| *at < ended))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::Status;
    use crate::calendar::{Day, Definition, Hours};
    use crate::sla::{Entry, Happened, Policy, Side, clocks};

    fn utc(text: &str) -> DateTime<Utc> {
        text.parse().unwrap()
    }

    /// Monday to Friday, eight to six.
    fn office() -> Calendar {
        let hours = vec![Hours { days: Day::ALL[..5].to_vec(), from: "08:00".into(), to: "18:00".into() }];
        Calendar::new(&Definition { time_zone: "UTC".into(), hours, ..Definition::default() }).unwrap()
    }

    fn chain() -> Chain {
        let step = |after_seconds, target: &str| Step { after_seconds, target: target.into(), metrics: vec![], priorities: vec![] };
        let mut steps = vec![step(-3_600, "assignee"), step(0, "team_lead"), step(7_200, "engineering"), step(0, "sales")];
        steps[3].metrics = vec![Metric::Resolution];
        steps[2].priorities = vec![Priority::High];
        Chain { steps }
    }

    /// A ticket of high priority, opened on a Monday at five: its first reply is due on Tuesday at eleven.
    fn ticket(more: &[(&str, Happened)]) -> Vec<Entry> {
        let opening = [Happened::PolicySet(Some(0)), Happened::PrioritySet(Priority::High), Happened::Opened { by: Side::Customer }];
        let mut history: Vec<Entry> = opening.map(|happened| Entry { at: utc("2026-01-05T17:00:00Z"), happened }).to_vec();
        history.extend(more.iter().map(|(at, happened)| Entry { at: utc(at), happened: *happened }));
        history
    }

    fn told(history: &[Entry], now: &str) -> Vec<(String, usize, String)> {
        let (calendar, now) = (office(), utc(now));
        let clocks = clocks(history, &[Policy::brief()], std::slice::from_ref(&calendar), now);
        let first = clocks.iter().find(|clock| clock.metric == Metric::FirstReply).unwrap();
        let due = due(first, &chain(), &calendar, now);
        due.into_iter().map(|told| (told.at.to_rfc3339()[..16].to_owned(), told.step, told.target)).collect()
    }

    #[track_caller]
    fn check(history: &[Entry], now: &str, expect: &[(&str, usize, &str)]) {
        let expect: Vec<_> = expect.iter().map(|(at, step, target)| ((*at).to_owned(), *step, (*target).to_owned())).collect();
        assert_eq!(told(history, now), expect, "{now}");
    }

    const WARNED: (&str, usize, &str) = ("2026-01-06T10:00", 0, "assignee");
    const LED: (&str, usize, &str) = ("2026-01-06T11:00", 1, "team_lead");
    const RAISED: (&str, usize, &str) = ("2026-01-06T13:00", 2, "engineering");

    /// Source: GLPI, pull request 22678, where the first of these came out at midnight.
    #[test]
    fn steps_before_and_after_a_deadline_are_due_on_business_time_as_in_glpi_22678() {
        let silent = ticket(&[]);
        check(&silent, "2026-01-06T09:59:59Z", &[]);
        check(&silent, "2026-01-06T10:00:00Z", &[WARNED]);
        check(&silent, "2026-01-06T11:00:00Z", &[WARNED, LED]);
        check(&silent, "2026-01-06T13:00:00Z", &[WARNED, LED, RAISED]);
    }

    #[test]
    fn a_tick_that_comes_twice_or_late_names_the_same_steps() {
        let silent = ticket(&[]);
        for now in ["2026-01-06T13:00:00Z", "2026-01-06T13:00:00Z", "2026-02-06T13:00:00Z"] {
            check(&silent, now, &[WARNED, LED, RAISED]);
        }
    }

    /// Source: zammad, issue 3140.
    #[test]
    fn nothing_escalates_after_an_answer_as_in_zammad_3140() {
        let answered = ticket(&[("2026-01-06T10:30:00Z", Happened::AgentWrote)]);
        check(&answered, "2026-01-09T13:00:00Z", &[WARNED]);
        let late = ticket(&[("2026-01-06T12:30:00Z", Happened::AgentWrote)]);
        check(&late, "2026-01-09T13:00:00Z", &[WARNED, LED]);
        let calendar = office();
        let clocks = clocks(&late, &[Policy::brief()], std::slice::from_ref(&calendar), utc("2026-01-09T13:00:00Z"));
        let due = due(&clocks[1], &chain(), &calendar, utc("2026-01-09T13:00:00Z"));
        assert!(due.iter().all(|told| told.ended == Some(utc("2026-01-06T12:30:00Z"))));
        let solved = ticket(&[("2026-01-06T09:30:00Z", Happened::StatusSet(Status::Solved))]);
        check(&solved, "2026-01-09T13:00:00Z", &[]);
    }

    #[test]
    fn a_change_that_makes_a_step_due_is_its_moment() {
        let raised = ticket(&[("2026-01-06T08:30:00Z", Happened::PrioritySet(Priority::Critical))]);
        check(&raised, "2026-01-06T11:00:00Z", &[("2026-01-06T08:30", 0, "assignee"), ("2026-01-06T08:30", 1, "team_lead")]);
    }

    #[test]
    fn the_next_moment_is_that_of_the_next_step() {
        let calendar = office();
        let next = |now: &str| {
            let clocks = clocks(&ticket(&[]), &[Policy::brief()], std::slice::from_ref(&calendar), utc(now));
            next_moment(&clocks[1], &chain(), &calendar, utc(now))
        };
        assert_eq!(next("2026-01-05T17:00:00Z"), Some(utc("2026-01-06T10:00:00Z")));
        assert_eq!(next("2026-01-06T10:00:00Z"), Some(utc("2026-01-06T11:00:00Z")));
        assert_eq!(next("2026-01-06T11:30:00Z"), Some(utc("2026-01-06T13:00:00Z")));
        assert_eq!(next("2026-01-06T13:00:00Z"), None);
    }
}
