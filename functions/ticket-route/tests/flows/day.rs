//! Days in the life of a desk: two hundred tickets, six people in three time zones, a holiday and the night on which New York's clocks go back, a
//! tick every minute. What happened is held against an oracle that walks minute by minute and knows nothing of the kernel.

use std::collections::BTreeMap;

use chrono::{DateTime, Datelike, TimeDelta, Timelike, Utc, Weekday};
use chrono_tz::Tz;
use serde_json::{Value as Json, json};

use crate::support::{Shore, at};

const TEAMS: [&str; 3] = ["madrid", "york", "manila"];
/// Two of each team, and how many tickets each may hold.
const PEOPLE: [(&str, &str, u32); 6] =
    [("ana", "madrid", 6), ("bea", "madrid", 4), ("cal", "york", 6), ("dan", "york", 4), ("eli", "manila", 6), ("fay", "manila", 4)];
const BEGINS: &str = "2026-10-30T00:00:00Z";
const MINUTES: i64 = 4 * 24 * 60;
/// Minutes until the first reply. Source: the brief.
const TARGETS: [(&str, i64); 4] = [("critical", 60), ("high", 240), ("normal", 1_440), ("low", 2_880)];

fn desk() -> Json {
    let weekdays = json!(["mon", "tue", "wed", "thu", "fri"]);
    let people = PEOPLE.map(|(id, team, capacity)| json!({ "id": id, "team": team, "languages": ["es", "en"], "capacity": capacity }));
    let rule = |id: &str, word: &str, then: Json| json!({ "id": id, "when": { "words": [word] }, "then": then });
    let of_teams = TEAMS.map(|team| rule(team, &format!("for {team}"), json!({ "team": team })));
    let of_priorities =
        TARGETS.map(|(priority, _)| rule(priority, &format!("it is {priority}"), json!({ "priority": priority, "category": "technical" })));
    json!({
        "calendars": {
            // Siesta, and a holiday that was moved to Monday.
            "madrid": { "time_zone": "Europe/Madrid", "hours": [{ "days": weekdays, "from": "09:00", "to": "18:00" }], "breaks": [{ "days": weekdays, "from": "14:00", "to": "15:00" }],
                "holidays": [{ "from": "2026-11-02", "to": "2026-11-02", "name": "Todos los Santos" }] },
            // By day, and on the night of Sunday, which has an hour twice.
            "york": { "time_zone": "America/New_York", "hours": [{ "days": weekdays, "from": "09:00", "to": "17:00" }, { "days": ["sun"], "from": "00:00", "to": "08:00" }] },
            "manila": { "time_zone": "Asia/Manila", "hours": [{ "days": ["mon", "tue", "wed", "thu", "fri", "sat"], "from": "08:00", "to": "20:00" }] },
        },
        "teams": TEAMS.map(|team| json!({ "id": team, "calendar": team })),
        "agents": people,
        "rules": of_teams.into_iter().chain(of_priorities).collect::<Vec<_>>(),
        "escalation": { "steps": [{ "after_seconds": 1800, "target": "team_lead" }] },
    })
}

/// Whether a team works in this minute, by its clock on the wall.
fn is_open(team: &str, minute: DateTime<Utc>) -> bool {
    let (zone, is_holiday): (Tz, fn(u32, u32) -> bool) = match team {
        "madrid" => (Tz::Europe__Madrid, |month, day| (month, day) == (11, 2)),
        "york" => (Tz::America__New_York, |_, _| false),
        _ => (Tz::Asia__Manila, |_, _| false),
    };
    let local = minute.with_timezone(&zone);
    let (hour, day) = (local.hour(), local.weekday());
    let is_weekday = !matches!(day, Weekday::Sat | Weekday::Sun);
    !is_holiday(local.month(), local.day())
        && match team {
            "madrid" => is_weekday && (9..18).contains(&hour) && hour != 14,
            "york" => is_weekday && (9..17).contains(&hour) || day == Weekday::Sun && hour < 8,
            _ => day != Weekday::Sun && (8..20).contains(&hour),
        }
}

/// The minute at whose beginning so many open minutes have passed.
fn after(team: &str, from: DateTime<Utc>, open_minutes: i64) -> DateTime<Utc> {
    let (mut minute, mut passed) = (from, 0);
    while passed < open_minutes {
        passed += i64::from(is_open(team, minute));
        minute += TimeDelta::minutes(1);
    }
    minute
}

/// Numbers that look like chance and are the same each time. Source: Knuth's MMIX generator.
struct Dice(u64);

impl Dice {
    fn below(&mut self, most: u64) -> u64 {
        self.0 = self.0.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
        (self.0 >> 33) % most
    }
}

/// Whether somebody is at their desk: in their hours, but for a person's long lunch.
fn is_there(person: &str, team: &str, minute: DateTime<Utc>) -> bool {
    is_open(team, minute) && !(person == "dan" && minute.hour() == 15)
}

#[tokio::test]
async fn every_deadline_alarm_and_assignment_is_what_a_slow_oracle_says() {
    let shore = Shore::with(desk()).await;
    let mut dice = Dice(7);
    let mut arrivals: Vec<(i64, &str, &str)> = (0..200)
        .map(|_| {
            let (team, priority) = (TEAMS[dice.below(3) as usize], TARGETS[dice.below(4) as usize].0);
            (dice.below(3 * 24 * 60) as i64, team, priority)
        })
        .collect();
    arrivals.sort_unstable();
    // Who answers how long after getting a ticket; one in four does not.
    let patience: Vec<Option<i64>> = (0..200).map(|_| (dice.below(4) > 0).then(|| 5 + dice.below(300) as i64)).collect();
    let mut replies: BTreeMap<i64, Vec<(String, String)>> = BTreeMap::new();
    let mut known: BTreeMap<String, usize> = BTreeMap::new();
    let (mut presence, mut next) = (BTreeMap::<&str, bool>::new(), 0);
    for minute in 0..MINUTES {
        let now = at(BEGINS) + TimeDelta::minutes(minute);
        shore.host.manual_clock().set(now);
        for (person, team, _) in PEOPLE {
            let there = is_there(person, team, now);
            if presence.insert(person, there) != Some(there) {
                shore.presence(person, if there { "online" } else { "offline" }).await;
            }
        }
        while next < arrivals.len() && arrivals[next].0 == minute {
            let (_, team, priority) = arrivals[next];
            let ticket = shore
                .open(&format!("Ticket {next}"), &format!("for {team}: it is {priority}, number {next}"), &format!("c{next}@mar.example"))
                .await;
            known.insert(ticket["id"].as_str().unwrap().to_owned(), next);
            next += 1;
        }
        for (id, agent) in replies.remove(&minute).unwrap_or_default() {
            shore.write_into(&id, json!({ "agent": agent, "text": "Lo estamos mirando.", "status": "pending" })).await;
        }
        shore.tick().await;
        // Nobody waits while somebody of the team is there and has room.
        for row in shore.host.rows(orilla_core::sql::Statement::new(OPEN)).await.iter() {
            let (id, team, assignee) = (row.text("id").unwrap(), row.text("team").unwrap(), row.optional_text("assignee").unwrap());
            match assignee {
                Some(agent) if row.integer("is_fresh").unwrap() == 1 => {
                    let number = known[id];
                    if let Some(minutes) = patience[number] {
                        replies.entry(minute + minutes).or_default().push((id.to_owned(), agent.to_owned()));
                    }
                    let held = "UPDATE tickets SET external_id = 'seen' WHERE id = ?1";
                    shore.host.rows(orilla_core::sql::Statement::new(held).bind(id)).await;
                }
                Some(_) => {}
                None => {
                    for (person, of, capacity) in PEOPLE.into_iter().filter(|(person, of, _)| *of == team && is_there(person, of, now)) {
                        let held = load(&shore, person).await;
                        assert_eq!(held, i64::from(capacity), "{id} waits at {now} although {person} of {of} holds only {held}");
                    }
                }
            }
        }
    }
    assert_eq!(known.len(), 200);
    let mut counts = BTreeMap::<&str, usize>::new();
    for (id, number) in &known {
        let (minute, team, priority) = arrivals[*number];
        let ticket = shore.ticket(id).await;
        check(&ticket, at(BEGINS) + TimeDelta::minutes(minute), team, priority, &mut counts);
    }
    assert!(
        counts["breach"] > 20 && counts["met"] > 20 && counts["step0"] > 10 && counts["warning"] > 20,
        "the days had some of everything: {counts:?}"
    );
}

const OPEN: &str = "SELECT id, team, assignee, external_id IS NULL AS is_fresh FROM tickets WHERE status IN ('new', 'open')";

async fn load(shore: &Shore, person: &str) -> i64 {
    let count = "SELECT count(*) AS n FROM tickets WHERE assignee = ?1 AND status IN ('new', 'open')";
    shore.host.rows(orilla_core::sql::Statement::new(count).bind(person)).await.first().unwrap().integer("n").unwrap()
}

/// Holds one ticket against the oracle.
fn check(ticket: &Json, created: DateTime<Utc>, team: &str, priority: &str, counts: &mut BTreeMap<&'static str, usize>) {
    assert_eq!((ticket["team"].as_str(), ticket["priority"].as_str()), (Some(team), Some(priority)), "{ticket}");
    let end = at(BEGINS) + TimeDelta::minutes(MINUTES - 1);
    let events = ticket["events"].as_array().unwrap();
    let time = |event: &Json| at(event["created_at"].as_str().unwrap());
    let replied = events.iter().find(|event| event["kind"] == "comment").map(time);
    let target = TARGETS.iter().find(|it| it.0 == priority).unwrap().1;
    let due = after(team, created, target);
    let first = ticket["clocks"].as_array().unwrap().iter().find(|it| it["metric"] == "first_reply").unwrap();
    assert_eq!(at(first["started_at"].as_str().unwrap()), created);
    let is_late = replied.is_none_or(|at| at >= due) && due <= end;
    let is_met = replied.is_some_and(|at| at < due);
    let state = if is_late {
        "breached"
    } else if is_met {
        "met"
    } else {
        "running"
    };
    assert_eq!(first["state"], state, "due {due}, replied {replied:?}: {first}");
    if state == "running" {
        assert_eq!(first["due_at"].as_str().map(at), Some(due));
    }
    *counts.entry(if is_met { "met" } else { "open" }).or_default() += 1;
    // An answer that comes with the breach's own minute is too late, and everything that was due by then was told.
    let told = |what: &str| events.iter().filter(|event| event["key"] == format!("first_reply:1:{what}")).map(time).collect::<Vec<_>>();
    let until = replied.unwrap_or(end + TimeDelta::minutes(1));
    let expect = |moment: DateTime<Utc>, is_at_breach: bool| {
        let is_told = moment <= end && (moment < until || is_at_breach && moment <= until);
        if is_told { vec![moment] } else { vec![] }
    };
    let expected = [
        ("warning", expect(after(team, created, target - 30), false)),
        ("breach", expect(due, true)),
        ("step0", expect(after(team, due, 30), false)),
    ];
    for (what, expected) in expected {
        assert_eq!(told(what), expected, "{what} of {priority} for {team}, created {created}, due {due}, replied {replied:?}");
        *counts.entry(what).or_default() += expected.len();
    }
    for event in events.iter().filter(|event| event["kind"] == "assigned") {
        let agent = event["to"].as_str().unwrap();
        let (person, of, _) = PEOPLE.into_iter().find(|it| it.0 == agent).unwrap();
        assert!(of == team && is_there(person, of, time(event)), "{person} got a ticket for {team} at {}", time(event));
    }
}
