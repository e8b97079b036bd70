//! What peers' users complained about, one test each, and what clocks owe whatever happens.

use std::num::NonZeroU32;

use chrono::TimeDelta;

use super::*;
use crate::calendar::{Day, Definition, Hours};
use crate::{Priority, Status};

fn utc(text: &str) -> DateTime<Utc> {
    text.parse().unwrap()
}

pub(super) fn target(minutes: u32, hours: Measure) -> Option<Target> {
    Some(Target { seconds: NonZeroU32::new(minutes * 60)?, hours })
}

/// Wall-clock targets of the brief's length, and an update every two hours.
fn policy() -> Policy {
    let of = |reply, resolution| Targets {
        first_reply: target(reply, Measure::Wall),
        next_reply: target(reply, Measure::Wall),
        periodic_update: target(120, Measure::Wall),
        resolution: target(resolution, Measure::Wall),
    };
    let targets = [(Priority::High, of(240, 1_440)), (Priority::Critical, of(60, 240)), (Priority::Normal, of(1_440, 2_880))];
    Policy { id: "wall".into(), targets: targets.into(), pauses: Pauses::default(), warns_before_seconds: 1_800 }
}

/// Monday to Friday, nine to five, in Madrid.
fn office() -> Calendar {
    let hours = vec![Hours { days: Day::ALL[..5].to_vec(), from: "09:00".into(), to: "17:00".into() }];
    Calendar::new(&Definition { time_zone: "Europe/Madrid".into(), hours, ..Definition::default() }).unwrap()
}

/// On Monday 5 January 2026, a high ticket of a customer opens at 08:00 UTC; then what happened at which time of the day.
fn ticket(more: &[(&str, Happened)]) -> Vec<Entry> {
    let opening = [Happened::PolicySet(Some(0)), Happened::PrioritySet(Priority::High), Happened::Opened { by: Side::Customer }];
    let mut history: Vec<Entry> = opening.map(|happened| Entry { at: at("08:00"), happened }).to_vec();
    history.extend(more.iter().map(|(time, happened)| Entry { at: at(time), happened: *happened }));
    history
}

fn at(time: &str) -> DateTime<Utc> {
    utc(&format!("2026-01-05T{time}:00Z"))
}

fn of(history: &[Entry], now: &str, metric: Metric) -> Vec<Clock> {
    let mut clocks = clocks(history, &[policy(), Policy::brief()], &[office()], at(now));
    clocks.retain(|clock| clock.metric == metric);
    clocks
}

#[track_caller]
fn check(history: &[Entry], now: &str, metric: Metric, expect: &[State]) {
    let states: Vec<_> = of(history, now, metric).iter().map(|clock| clock.state).collect();
    assert_eq!(states, expect, "{metric:?} at {now}");
}

const ASKS: Happened = Happened::CustomerWrote { is_thanks: false };
const THANKS: Happened = Happened::CustomerWrote { is_thanks: true };
const REPLY: Happened = Happened::AgentWrote;

fn set(status: Status) -> Happened {
    Happened::StatusSet(status)
}

fn met(time: &str) -> State {
    State::Met { at: at(time) }
}

fn breached(time: &str, met_at: Option<&str>) -> State {
    State::Breached { at: at(time), met_at: met_at.map(at) }
}

#[test]
fn a_first_reply_is_in_time_strictly_before_it_is_due() {
    let first = Metric::FirstReply;
    check(&ticket(&[]), "11:59", first, &[State::Running]);
    check(&ticket(&[]), "12:00", first, &[breached("12:00", None)]);
    check(&ticket(&[("11:59", REPLY)]), "18:00", first, &[met("11:59")]);
    check(&ticket(&[("12:00", REPLY)]), "18:00", first, &[breached("12:00", Some("12:00"))]);
    check(&ticket(&[("13:00", REPLY), ("14:00", REPLY)]), "18:00", first, &[breached("12:00", Some("13:00"))]);
    check(&ticket(&[("09:00", Happened::Noted), ("09:30", ASKS), ("09:40", Happened::Assigned)]), "10:00", first, &[State::Running]);
}

#[test]
fn a_clock_tells_what_it_used_and_when_it_warns() {
    let clock = of(&ticket(&[]), "09:30", Metric::FirstReply).remove(0);
    assert_eq!((clock.spent, clock.left), (TimeDelta::minutes(90), TimeDelta::minutes(150)));
    assert_eq!((clock.started, clock.due, clock.warn_at), (at("08:00"), Some(at("12:00")), Some(at("11:30"))));
    let late = of(&ticket(&[]), "13:00", Metric::FirstReply).remove(0);
    assert_eq!((late.left, late.due, late.breach_at), (TimeDelta::minutes(-60), Some(at("12:00")), Some(at("12:00"))));
    let met = of(&ticket(&[("09:00", REPLY)]), "13:00", Metric::FirstReply).remove(0);
    assert_eq!((met.left, met.due, met.breach_at, met.ended()), (TimeDelta::minutes(180), None, None, Some(at("09:00"))));
}

#[test]
fn a_ticket_that_an_agent_opens_waits_for_no_first_reply() {
    let mut history = ticket(&[("09:00", ASKS)]);
    history[2].happened = Happened::Opened { by: Side::Agent };
    check(&history, "09:30", Metric::FirstReply, &[]);
    check(&history, "09:30", Metric::NextReply, &[State::Running]);
    check(&history, "09:30", Metric::PeriodicUpdate, &[State::Running]);
}

#[test]
fn the_next_reply_counts_from_the_oldest_unanswered_message() {
    let next = Metric::NextReply;
    let history = ticket(&[("08:30", ASKS), ("09:00", REPLY), ("10:00", ASKS), ("13:00", ASKS)]);
    check(&history, "13:59", next, &[State::Running]);
    check(&history, "14:00", next, &[breached("14:00", None)]);
    let again = ticket(&[("09:00", REPLY), ("10:00", ASKS), ("13:00", ASKS), ("13:30", REPLY), ("13:45", ASKS)]);
    check(&again, "17:00", next, &[met("13:30"), State::Running]);
    assert_eq!(of(&again, "17:00", next)[1].cycle, 2);
    assert_eq!(of(&again, "17:00", next)[1].due, Some(at("17:45")));
}

/// Source: chatwoot, issue 10178.
#[test]
fn thanks_start_no_next_reply_and_none_runs_after_the_solution_as_in_chatwoot_10178() {
    let thanked = ticket(&[("09:00", REPLY), ("09:10", THANKS), ("10:00", set(Status::Solved)), ("10:05", THANKS)]);
    check(&thanked, "23:00", Metric::NextReply, &[]);
    check(&thanked, "23:00", Metric::Resolution, &[met("10:00")]);
    let asked_before = ticket(&[("09:00", REPLY), ("09:10", ASKS), ("10:00", set(Status::Solved))]);
    check(&asked_before, "23:00", Metric::NextReply, &[State::Cancelled]);
    let asked_after = ticket(&[("09:00", REPLY), ("10:00", set(Status::Solved)), ("11:00", ASKS)]);
    check(&asked_after, "14:00", Metric::NextReply, &[State::Running]);
    check(&asked_after, "16:00", Metric::NextReply, &[breached("15:00", None)]);
}

/// Source: zammad, issue 1322.
#[test]
fn a_message_to_a_waiting_ticket_starts_a_clock_as_in_zammad_1322() {
    let waiting = ticket(&[("09:00", REPLY), ("09:01", set(Status::Pending)), ("10:00", ASKS)]);
    check(&waiting, "13:00", Metric::NextReply, &[State::Running]);
    check(&waiting, "14:00", Metric::NextReply, &[breached("14:00", None)]);
}

/// Source: zammad, issue 2579.
#[test]
fn a_solution_tells_what_it_took_as_in_zammad_2579() {
    let solved = &of(&ticket(&[("10:00", set(Status::Closed))]), "23:00", Metric::Resolution)[0];
    assert_eq!((solved.spent, solved.left), (TimeDelta::hours(2), TimeDelta::hours(22)));
}

/// Source: dbt_zendesk, pull request 136.
#[test]
fn a_ticket_solved_without_a_reply_breaches_no_next_reply_as_in_dbt_zendesk_136() {
    let solved = ticket(&[("09:00", REPLY), ("09:10", ASKS), ("09:20", set(Status::Solved))]);
    check(&solved, "23:00", Metric::NextReply, &[State::Cancelled]);
    let unanswered = ticket(&[("09:20", set(Status::Solved))]);
    check(&unanswered, "23:00", Metric::FirstReply, &[State::Cancelled]);
    let too_late = ticket(&[("09:00", REPLY), ("09:10", ASKS), ("13:20", set(Status::Solved))]);
    check(&too_late, "23:00", Metric::NextReply, &[breached("13:10", None)]);
}

/// Source: zammad, issue 3140.
#[test]
fn an_answer_ends_the_clock_as_in_zammad_3140() {
    let answered = ticket(&[("09:00", REPLY), ("10:00", ASKS), ("10:30", REPLY), ("10:40", set(Status::Solved))]);
    for metric in Metric::ALL {
        let clocks = of(&answered, "23:00", metric);
        assert!(clocks.iter().all(|clock| matches!(clock.state, State::Met { .. } | State::Cancelled)), "{clocks:?}");
    }
    assert_eq!(next_moment(&answered, &[policy()], &[office()], at("10:40")), None);
}

/// Source: zammad, issue 5177: where an update was due before the first reply, its deadline stood in the reply's place.
#[test]
fn an_update_never_overrules_the_first_reply_as_in_zammad_5177() {
    let silent = ticket(&[("08:10", Happened::Noted), ("08:20", ASKS)]);
    check(&silent, "11:00", Metric::PeriodicUpdate, &[]);
    check(&silent, "11:00", Metric::NextReply, &[]);
    check(&silent, "11:00", Metric::FirstReply, &[State::Running]);
    assert_eq!(of(&silent, "11:00", Metric::FirstReply)[0].due, Some(at("12:00")));
}

#[test]
fn an_update_is_due_between_public_messages_and_waits_in_pending() {
    let update = Metric::PeriodicUpdate;
    let history = ticket(&[("09:00", REPLY), ("10:00", set(Status::Pending)), ("13:00", set(Status::Open)), ("13:30", REPLY)]);
    check(&history, "12:00", update, &[met("13:30"), State::Running]);
    check(&history[..5], "12:00", update, &[State::Paused]);
    check(&history, "15:30", update, &[met("13:30"), breached("15:30", None)]);
    let solved = ticket(&[("09:00", REPLY), ("10:00", set(Status::Solved)), ("15:00", ASKS)]);
    check(&solved, "16:00", update, &[State::Cancelled, State::Running]);
    check(&solved, "17:00", update, &[State::Cancelled, breached("17:00", None)]);
}

/// Source: zammad, issue 904.
#[test]
fn a_merged_ticket_stops_every_clock_as_in_zammad_904() {
    let merged = ticket(&[("09:00", REPLY), ("09:30", ASKS), ("10:00", Happened::Merged), ("11:00", ASKS), ("11:00", set(Status::Open))]);
    for (metric, expect) in [
        (Metric::FirstReply, met("09:00")),
        (Metric::NextReply, State::Cancelled),
        (Metric::PeriodicUpdate, State::Cancelled),
        (Metric::Resolution, State::Cancelled),
    ] {
        check(&merged, "23:00", metric, &[expect]);
    }
    assert_eq!(next_moment(&merged, &[policy()], &[office()], at("10:00")), None);
}

/// Source: GLPI, issue 6902; osTicket, issue 6438, asks for the pause itself.
#[test]
fn a_pause_outlives_a_change_of_policy_as_in_glpi_6902() {
    let history =
        ticket(&[("09:00", set(Status::Pending)), ("14:00", set(Status::Open)), ("15:00", Happened::PrioritySet(Priority::Critical))]);
    let resolution = |now| of(&history, now, Metric::Resolution).remove(0);
    assert_eq!(resolution("15:30").spent, TimeDelta::minutes(150));
    assert_eq!((resolution("15:30").state, resolution("15:30").due), (State::Running, Some(at("17:00"))));
    assert_eq!(resolution("17:00").state, breached("17:00", None));
    let paused = &of(&history[..4], "13:00", Metric::Resolution)[0];
    assert_eq!((paused.state, paused.due, paused.spent), (State::Paused, None, TimeDelta::hours(1)));
}

/// Source: Zendesk's requester wait time.
#[test]
fn a_resolution_counts_in_new_open_and_on_hold() {
    let history = ticket(&[("09:00", set(Status::Open)), ("10:00", set(Status::OnHold)), ("11:00", set(Status::Pending))]);
    assert_eq!(of(&history, "15:00", Metric::Resolution)[0].spent, TimeDelta::hours(3));
}

#[test]
fn a_reopened_ticket_goes_on_from_what_it_used_up() {
    let raised = Happened::PrioritySet(Priority::Critical);
    let history = ticket(&[("08:00", raised), ("10:00", set(Status::Solved)), ("16:00", set(Status::Open))]);
    check(&history[..5], "15:00", Metric::Resolution, &[met("10:00")]);
    let reopened = &of(&history, "17:00", Metric::Resolution)[0];
    assert_eq!((reopened.state, reopened.spent, reopened.due), (State::Running, TimeDelta::hours(3), Some(at("18:00"))));
    // The first reply that nobody gave goes on too, from its breach.
    check(&history, "17:00", Metric::FirstReply, &[breached("09:00", None)]);
}

#[test]
fn what_is_promised_while_a_ticket_is_solved_counts_from_its_reopening() {
    let raised = ("14:00", Happened::PrioritySet(Priority::Critical));
    let history = ticket(&[("13:00", set(Status::Solved)), raised, ("16:00", set(Status::Open))]);
    check(&history[..5], "15:00", Metric::Resolution, &[met("13:00")]);
    check(&history, "16:00", Metric::Resolution, &[breached("16:00", None)]);
}

#[test]
fn a_message_to_a_closed_ticket_starts_nothing() {
    let closed = ticket(&[("09:00", REPLY), ("10:00", set(Status::Closed)), ("11:00", ASKS)]);
    check(&closed, "23:00", Metric::NextReply, &[]);
    check(&closed, "23:00", Metric::Resolution, &[met("10:00")]);
}

#[test]
fn a_warning_comes_in_the_last_half_of_the_time_at_most() {
    let mut policy = policy();
    let warned = |policy: &Policy| clocks(&ticket(&[]), std::slice::from_ref(policy), &[], at("08:00")).remove(1).warn_at;
    policy.warns_before_seconds = 3 * 3_600;
    assert_eq!(warned(&policy), Some(at("10:00")));
    policy.warns_before_seconds = 0;
    assert_eq!(warned(&policy), None);
}

#[test]
fn a_shorter_promise_is_broken_when_it_is_made_and_not_before() {
    let history = ticket(&[("10:00", Happened::PrioritySet(Priority::Critical))]);
    check(&history, "10:30", Metric::FirstReply, &[breached("10:00", None)]);
    assert_eq!(of(&history, "10:30", Metric::FirstReply)[0].due, Some(at("09:00")));
    // What was broken already was broken then, also by the next promise.
    let late = ticket(&[("13:00", Happened::PrioritySet(Priority::Critical))]);
    check(&late, "14:00", Metric::FirstReply, &[breached("12:00", None)]);
    // A longer promise takes it back while nobody has answered, and breaks in its own time: osTicket, issue 5160.
    let lowered = ticket(&[("13:00", Happened::PrioritySet(Priority::Normal))]);
    check(&lowered, "14:00", Metric::FirstReply, &[State::Running]);
    // After the answer no promise changes anything.
    let answered = ticket(&[("10:00", REPLY), ("10:30", Happened::PrioritySet(Priority::Critical))]);
    check(&answered, "14:00", Metric::FirstReply, &[met("10:00")]);
}

/// Source of the first: zammad, issue 4353, where a ticket stayed escalated when its policy was gone.
#[test]
fn without_a_policy_or_a_target_there_is_no_clock() {
    let taken = ticket(&[("09:00", Happened::PolicySet(None))]);
    let unknown = ticket(&[("09:00", Happened::PolicySet(Some(9)))]);
    let low = ticket(&[("09:00", Happened::PrioritySet(Priority::Low))]);
    for history in [&taken, &unknown, &low, &taken[3..], &[]] {
        assert_eq!(clocks(history, &[policy()], &[office()], at("20:00")), []);
        assert_eq!(next_moment(history, &[policy()], &[office()], at("09:00")), None);
    }
}

/// Source: chatwoot, pull request 13392, and osTicket, issues 1168 and 2131.
#[test]
fn a_target_in_business_hours_heeds_them_as_in_chatwoot_13392_and_osticket_1168() {
    // Monday 17:00 in Madrid is closing time.
    let mut history = ticket(&[("08:00", Happened::PolicySet(Some(1)))]);
    history.iter_mut().for_each(|entry| entry.at = at("14:30"));
    let first = of(&history, "15:00", Metric::FirstReply).remove(0);
    assert_eq!(first.due, Some(utc("2026-01-06T10:30:00Z")));
    assert_eq!(first.warn_at, Some(utc("2026-01-06T10:00:00Z")));
    let clock = |now| clocks(&history, &[policy(), Policy::brief()], &[office()], utc(now)).remove(1);
    assert_eq!(clock("2026-01-06T07:00:00Z").spent, TimeDelta::minutes(90));
    assert_eq!(clock("2026-01-06T10:29:59Z").state, State::Running);
    assert!(matches!(clock("2026-01-06T10:30:00Z").state, State::Breached { .. }));
    // Without that calendar, the wall clock.
    history.push(Entry { at: at("14:30"), happened: Happened::CalendarSet(7) });
    assert_eq!(of(&history, "15:00", Metric::FirstReply)[0].due, Some(at("18:30")));
}

#[test]
fn a_change_of_calendar_replays_the_clock() {
    let mut history = ticket(&[("08:00", Happened::PolicySet(Some(1)))]);
    history.push(Entry { at: at("10:00"), happened: Happened::CalendarSet(1) });
    let due = |calendars: &[Calendar]| clocks(&history, &[policy(), Policy::brief()], calendars, at("10:30"))[1].due;
    assert_eq!(due(&[office(), Calendar::always()]), Some(at("12:00")));
}

/// Source: the brief.
#[test]
fn the_policy_of_the_brief_promises_an_hour_four_and_a_day() {
    let brief = Policy::brief();
    let seconds = |priority| brief.target(priority, Metric::FirstReply).map(|target| target.seconds.get());
    assert_eq!(seconds(Priority::Critical), Some(3_600));
    assert_eq!(seconds(Priority::High), Some(4 * 3_600));
    assert_eq!(seconds(Priority::Normal), Some(24 * 3_600));
    assert_eq!(serde_json::from_str::<Policy>(&serde_json::to_string(&brief).unwrap()).unwrap(), brief);
    assert!(serde_json::from_str::<Target>(r#"{"seconds":0}"#).is_err());
}

#[test]
fn a_clock_that_goes_backwards_and_a_shuffled_history_change_nothing() {
    let history = ticket(&[("09:00", REPLY), ("10:00", ASKS), ("10:20", set(Status::Pending)), ("11:00", REPLY)]);
    let mut shuffled = history.clone();
    shuffled[3..].reverse();
    let now = at("12:00");
    assert_eq!(clocks(&shuffled, &[policy()], &[office()], now), clocks(&history, &[policy()], &[office()], now));
    let before = clocks(&history, &[policy()], &[office()], at("01:00"));
    assert_eq!(before, clocks(&history, &[policy()], &[office()], at("11:00")));
    assert!(before.iter().all(|clock| clock.spent >= TimeDelta::zero()));
    for now in [DateTime::<Utc>::MIN_UTC, DateTime::<Utc>::MAX_UTC] {
        assert_eq!(clocks(&history, &[policy(), Policy::brief()], &[office()], now).len(), 5);
    }
    let extremes = [Happened::PolicySet(Some(1)), Happened::Opened { by: Side::Customer }, REPLY, ASKS, REPLY];
    let times = [DateTime::<Utc>::MIN_UTC, DateTime::<Utc>::MIN_UTC, at("08:00"), DateTime::<Utc>::MAX_UTC, DateTime::<Utc>::MIN_UTC];
    let extreme: Vec<_> = extremes.into_iter().zip(times).map(|(happened, at)| Entry { at, happened }).collect();
    assert!(!clocks(&extreme, &[policy(), Policy::brief()], &[office()], at("09:00")).is_empty());
}

#[test]
fn the_next_moment_is_the_next_warning_or_breach() {
    let history = ticket(&[]);
    let next = |now: &str| next_moment(&history, &[policy()], &[office()], at(now));
    assert_eq!(next("08:00"), Some(at("11:30")));
    assert_eq!(next("11:30"), Some(at("12:00")));
    assert_eq!(next("12:00"), Some(utc("2026-01-06T07:30:00Z")));
}
