//! Answers questions about calendars, for whoever compares them with another implementation: a JSON object a line in, one out.
//!
//! `{"definition":{…},"ask":"after","at":"2026-01-09T16:00:00Z","seconds":7200}`; also `before`, `between` with `to`, `is_open` and
//! `next_opening`. `{"feed":"BEGIN:VCALENDAR…","from":"2026-01-01","to":"2028-12-31"}` reads holidays. `--time N` asks nobody: it times N
//! deadlines and prints the microseconds of each.

#![allow(clippy::print_stdout, clippy::unwrap_used, reason = "a tool for tests")]
#![allow(clippy::disallowed_methods, reason = "it has no host that gives it the time")]

use std::hint::black_box;
use std::io::{self, BufRead, Write};
use std::time::Instant;

use chrono::{DateTime, NaiveDate, TimeDelta, Utc};
use orilla_desk::calendar::{Calendar, Day, Definition, Hours};
use orilla_desk::ical;
use orilla_desk::sla::{Entry, Happened, Policy, Side, clocks, next_moment};
use serde::Deserialize;
use serde_json::{Value, json};

#[derive(Deserialize)]
#[serde(untagged)]
enum Question {
    Calendar {
        definition: Definition,
        ask: String,
        at: DateTime<Utc>,
        #[serde(default)]
        seconds: i64,
        to: Option<DateTime<Utc>>,
    },
    Feed {
        feed: String,
        from: NaiveDate,
        to: NaiveDate,
    },
}

fn answer(question: Question) -> Value {
    match question {
        Question::Feed { feed, from, to } => match ical::read(&feed, from, to) {
            Ok(feed) => json!(feed),
            Err(error) => json!({"error": error.to_string()}),
        },
        Question::Calendar { definition, ask, at, seconds, to } => match Calendar::new(&definition) {
            Err(error) => json!({"error": error.to_string()}),
            Ok(calendar) => match ask.as_str() {
                "after" => json!(calendar.after(at, TimeDelta::seconds(seconds))),
                "before" => json!(calendar.before(at, TimeDelta::seconds(seconds))),
                "between" => json!(calendar.open_between(at, to.unwrap_or(at)).num_seconds()),
                "is_open" => json!(calendar.is_open(at)),
                "next_opening" => json!(calendar.next_opening(at)),
                other => json!({"error": format!("`{other}` is no question")}),
            },
        },
    }
}

fn main() {
    let words: Vec<String> = std::env::args().skip(1).collect();
    if let [switch, count] = words.as_slice()
        && switch == "--time"
    {
        return time(count.parse().unwrap());
    }
    let mut out = io::stdout().lock();
    for line in io::stdin().lock().lines() {
        let answer = serde_json::from_str(&line.unwrap()).map_or_else(|error| json!({"error": error.to_string()}), answer);
        writeln!(out, "{answer}").unwrap();
    }
}

/// What a tick costs that reckons every open ticket anew.
fn time(count: u32) {
    let week = |from: &str, to: &str| Hours { days: Day::ALL[..5].to_vec(), from: from.into(), to: to.into() };
    let definition = Definition {
        time_zone: "Europe/Madrid".into(),
        hours: vec![week("09:00", "14:00"), week("16:00", "19:00")],
        ..Definition::default()
    };
    let calendars = [Calendar::new(&definition).unwrap()];
    let policies = [Policy::brief()];
    let begin: DateTime<Utc> = "2026-01-01T00:00:00Z".parse().unwrap();
    let micros = |began: Instant| (began.elapsed().as_nanos() as f64 / f64::from(count) / 10.0).round() / 100.0;
    let at = |ticket: u32| begin + TimeDelta::minutes(i64::from(ticket) * 37 % 525_600);
    for hours in [4, 24, 120] {
        let began = Instant::now();
        for ticket in 0..count {
            black_box(calendars[0].after(at(ticket), TimeDelta::hours(hours)));
        }
        println!("a deadline of {hours} h: {} µs", micros(began));
    }
    let histories: Vec<Vec<Entry>> = (0..count)
        .map(|ticket| {
            let entry = |minutes, happened| Entry { at: at(ticket) + TimeDelta::minutes(minutes), happened };
            vec![
                entry(0, Happened::PolicySet(Some(0))),
                entry(0, Happened::Opened { by: Side::Customer }),
                entry(90, Happened::AgentWrote),
                entry(400, Happened::CustomerWrote { is_thanks: false }),
            ]
        })
        .collect();
    let began = Instant::now();
    for (ticket, history) in (0..).zip(&histories) {
        black_box(clocks(history, &policies, &calendars, at(ticket) + TimeDelta::days(1)));
    }
    println!("all clocks of a ticket: {} µs", micros(began));
    let began = Instant::now();
    for (ticket, history) in (0..).zip(&histories) {
        black_box(next_moment(history, &policies, &calendars, at(ticket) + TimeDelta::days(1)));
    }
    println!("its next moment: {} µs", micros(began));
}
