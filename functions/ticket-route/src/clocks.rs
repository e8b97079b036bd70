//! A ticket's clocks in its site's terms: what is due, what has to be told, and when to look again.

use chrono::{DateTime, TimeDelta, Utc};
use orilla_desk::assign::{Next, Patience};
use orilla_desk::calendar::Calendar;
use orilla_desk::escalation;
use orilla_desk::sla::{Clock, State, clocks};

use crate::happened::{Event, What, history};
use crate::settings::Desk;
use crate::ticket::Ticket;

/// How often somebody else gets a ticket that nobody answers, before the lead has to look at it. Chosen: three people who do not answer are no
/// accident.
const MOST_HANDS: u32 = 2;

/// What is to be told, each once.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Alarm {
    /// What tells it from every other of the ticket.
    pub key: String,
    /// The clock.
    pub metric: &'static str,
    /// Whom, where a step of the chain says so; else everybody who listens.
    pub target: Option<String>,
    /// Whether it is a warning only.
    pub is_warning: bool,
}

/// The clocks of a ticket.
#[must_use]
pub fn of(events: &[Event], desk: &Desk, now: DateTime<Utc>) -> Vec<Clock> {
    clocks(&history(events, desk), &desk.policies, &desk.calendars, now)
}

/// The calendar of the ticket's team.
#[must_use]
pub fn calendar<'d>(ticket: &Ticket, desk: &'d Desk) -> &'d Calendar {
    static ALWAYS: Calendar = Calendar::always();
    desk.calendars.get(desk.calendar_of_team(&ticket.team)).unwrap_or(&ALWAYS)
}

/// What has to be told by now and was not yet.
#[must_use]
pub fn alarms(ticket: &Ticket, events: &[Event], desk: &Desk, now: DateTime<Utc>) -> Vec<Alarm> {
    untold(&of(events, desk, now), ticket, events, desk, now)
}

fn untold(clocks: &[Clock], ticket: &Ticket, events: &[Event], desk: &Desk, now: DateTime<Utc>) -> Vec<Alarm> {
    let calendar = calendar(ticket, desk);
    let mut found = Vec::new();
    for clock in clocks {
        let name = clock.metric.name();
        let key = |what: &str| format!("{name}:{}:{what}", clock.cycle);
        let warned = clock.warn_at.filter(|at| *at <= now && clock.ended().is_none_or(|ended| *at < ended));
        if warned.is_some() && clock.breach_at.is_none_or(|at| at > now) {
            found.push(Alarm { key: key("warning"), metric: name, target: None, is_warning: true });
        }
        if matches!(clock.state, State::Breached { at, .. } if at <= now) {
            found.push(Alarm { key: key("breach"), metric: name, target: None, is_warning: false });
        }
        for step in escalation::due(clock, &desk.settings.escalation, calendar, now) {
            let is_warning = clock.breach_at.is_none_or(|at| at > now);
            found.push(Alarm { key: key(&format!("step{}", step.step)), metric: name, target: Some(step.target), is_warning });
        }
    }
    found.retain(|alarm| !is_told(alarm, events));
    found
}

/// That nobody of several answered, for who leads the team; `None` if it was told of who has the ticket.
#[must_use]
pub fn no_reply(ticket: &Ticket, events: &[Event]) -> Option<Alarm> {
    let key = format!("no_reply:{}", ticket.assignee.as_deref().unwrap_or_default());
    let alarm = Alarm { key, metric: "no_reply", target: Some("team_lead".to_owned()), is_warning: false };
    (!is_told(&alarm, events)).then_some(alarm)
}

fn is_told(alarm: &Alarm, events: &[Event]) -> bool {
    events.iter().any(|event| matches!(&event.what, What::Alarm { key, .. } if *key == alarm.key))
}

/// What becomes of the assignment by now.
#[must_use]
pub fn patience(ticket: &Ticket, desk: &Desk, now: DateTime<Utc>) -> Next {
    let (Some(minutes), Some(assigned_at), false) = (desk.settings.reassigns_after_minutes, ticket.assigned_at, ticket.status.is_done())
    else {
        return Next::Keep;
    };
    if ticket.assignee.is_none() {
        return Next::Keep;
    }
    let calendar = calendar(ticket, desk);
    Patience { minutes, most: MOST_HANDS }
        .next(assigned_at, ticket.replied, ticket.refused.len(), now, |from, to| calendar.open_between(from, to))
}

/// Sets when the ticket is due, and when the clock has to look at it next.
pub fn wind(ticket: &mut Ticket, events: &[Event], desk: &Desk, now: DateTime<Utc>) {
    let clocks = of(events, desk, now);
    let calendar = calendar(ticket, desk);
    let running = clocks.iter().filter(|clock| !clock.is_over());
    ticket.due = running.clone().filter_map(|clock| clock.due).min();
    let own = running.flat_map(|clock| [clock.warn_at, clock.breach_at.or(clock.due)]).flatten().filter(|at| *at > now).min();
    let steps = clocks.iter().filter_map(|clock| escalation::next_moment(clock, &desk.settings.escalation, calendar, now)).min();
    let hands = ticket.assigned_at.zip(desk.settings.reassigns_after_minutes).filter(|_| {
        ticket.assignee.is_some()
            && !ticket.status.is_done()
            && ticket.replied.is_none_or(|at| ticket.assigned_at.is_some_and(|since| at < since))
    });
    let hands = hands.map(|(at, minutes)| calendar.after(at, TimeDelta::minutes(i64::from(minutes)))).filter(|at| *at > now);
    // What ran out while nobody looked is told although it was answered since.
    let untold = (!untold(&clocks, ticket, events, desk, now).is_empty()).then_some(now);
    ticket.next = [untold, own, steps, hands].into_iter().flatten().min();
}
