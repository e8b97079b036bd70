//! Who came back, counted by the function and by the calendar.

use std::collections::{BTreeMap, BTreeSet};

use chrono::{DateTime, Datelike, NaiveDate, TimeDelta, Utc, Weekday};
use chrono_tz::Europe::Madrid;
use orilla_core::sites::Kind;
use orilla_native::testing::Call;
use proptest::prelude::*;
use serde_json::{Value as Json, json};

use crate::history::{Told, histories, tell};
use crate::support::{OTHER, SITE, Shore, at, track};

fn told(person: usize, name: &'static str, time: &str) -> Told {
    Told { person, name, at: at(time), sequence: 0, plan: None }
}

#[tokio::test]
async fn weeks_begin_on_monday_in_the_sites_own_time_zone() {
    let shore = Shore::with(json!({ "time_zone": "Europe/Madrid" })).await;
    shore.host.manual_clock().set(at("2026-03-25T12:00:00Z"));
    let history = [
        // Sunday night in Greenwich, Monday in Madrid.
        told(0, "A", "2026-03-08T23:30:00Z"),
        told(0, "A", "2026-03-17T10:00:00Z"),
        told(1, "A", "2026-03-08T22:30:00Z"),
        told(1, "B", "2026-03-09T10:00:00Z"),
        told(1, "B", "2026-03-09T11:00:00Z"),
        told(1, "B", "2026-03-22T22:59:59.999Z"),
        told(2, "B", "2026-03-11T10:00:00Z"),
    ];
    tell(&shore, SITE, &history).await;
    let table = shore.ask("/v1/retention?from=2026-03-02T00:00:00Z").await;
    let expect = json!([
        { "start": "2026-03-02", "size": 1, "returned": [1, 1, 1, 0], "rates": [1.0, 1.0, 1.0, 0.0] },
        { "start": "2026-03-09", "size": 2, "returned": [2, 1, 0], "rates": [1.0, 0.5, 0.0] },
        { "start": "2026-03-16", "size": 0, "returned": [0, 0], "rates": [null, null] },
        { "start": "2026-03-23", "size": 0, "returned": [0], "rates": [null] },
    ]);
    assert_eq!((&table["cohorts"], &table["period"], &table["time_zone"]), (&expect, &json!("week"), &json!("Europe/Madrid")));
    let named = shore.ask("/v1/retention?from=2026-03-02T00:00:00Z&cohort=A&returning=B&periods=1").await;
    let returned: Vec<_> = named["cohorts"].as_array().unwrap().iter().map(|cohort| cohort["returned"].clone()).collect();
    assert_eq!(json!(returned), json!([[1, 1], [1, 0], [0, 0], [0]]));
    let default = shore.ask("/v1/retention").await;
    assert_eq!((default["cohorts"].as_array().unwrap().len(), &default["cohorts"][0]["start"]), (9, &json!("2026-01-26")));
}

#[tokio::test]
async fn days_of_23_and_25_hours_are_days() {
    let shore = Shore::with(json!({ "time_zone": "Europe/Madrid" })).await;
    shore.host.manual_clock().set(at("2026-10-26T12:00:00Z"));
    let history = [
        told(0, "A", "2026-03-28T23:00:00Z"),
        told(0, "A", "2026-03-29T22:00:00Z"),
        told(1, "A", "2026-03-29T21:59:59.999Z"),
        told(2, "A", "2026-10-24T22:00:00Z"),
        told(2, "A", "2026-10-25T23:00:00Z"),
        told(3, "A", "2026-10-25T22:59:59.999Z"),
    ];
    tell(&shore, SITE, &history).await;
    for (from, until, start) in
        [("2026-03-28T23:00:00Z", "2026-03-29T22:00:00Z", "2026-03-29"), ("2026-10-24T22:00:00Z", "2026-10-25T23:00:00Z", "2026-10-25")]
    {
        let table = shore.ask(&format!("/v1/retention?period=day&periods=1&from={from}&until={until}")).await;
        assert_eq!(table["cohorts"], json!([{ "start": start, "size": 2, "returned": [2, 1], "rates": [1.0, 0.5] }]));
    }
}

#[tokio::test]
async fn sites_are_apart_and_bad_questions_are_refused() {
    let shore = Shore::new().await;
    shore.batch(json!([track("m1", "a", "Tour")])).await;
    let sizes = |table: Json| table["cohorts"].as_array().unwrap().iter().map(|cohort| cohort["size"].as_i64().unwrap()).sum::<i64>();
    assert_eq!(sizes(shore.ask("/v1/retention").await), 1);
    shore.site(OTHER, &json!({})).await;
    let other = shore.key(OTHER, Kind::Read).await;
    assert_eq!(sizes(shore.send(Call::get("/v1/retention").key(&other)).await.json()), 0);
    for query in [
        "period=year",
        "periods=0",
        "periods=61",
        "periods=many",
        "cohort=",
        "returning=",
        "from=1",
        "period=day&from=2025-01-01T00:00:00Z",
        "from=2026-03-20T00:00:00Z&until=2026-03-01T00:00:00Z",
        "from=0001-01-01T00:00:00Z",
        "until=9999-12-31T00:00:00Z&from=0001-01-01T00:00:00Z",
    ] {
        shore.refuses(&format!("/v1/retention?{query}")).await;
    }
    for query in ["until=9999-12-31T23:59:59Z&periods=60", "until=0001-01-01T00:00:00Z", "cohort=%27--&returning=%22"] {
        assert_eq!(sizes(shore.ask(&format!("/v1/retention?{query}")).await), 0, "{query}");
    }
}

/// The first date of the period that a moment is in, and of the one after it, as the calendar has them.
fn begin(period: &str, time: DateTime<Utc>) -> NaiveDate {
    let date = time.with_timezone(&Madrid).date_naive();
    match period {
        "day" => date,
        "week" => date.week(Weekday::Mon).first_day(),
        _ => date.with_day(1).unwrap(),
    }
}

fn following(period: &str, start: NaiveDate) -> NaiveDate {
    match period {
        "day" => start.succ_opt().unwrap(),
        "week" => start + TimeDelta::days(7),
        _ => start.checked_add_months(chrono::Months::new(1)).unwrap(),
    }
}

fn by_hand(history: &[Told], cohort: &str, returning: &str, period: &str, later: usize) -> BTreeMap<String, Vec<usize>> {
    let mut table: BTreeMap<NaiveDate, Vec<usize>> = BTreeMap::new();
    for person in 0..4 {
        let of = |name: &str| {
            history
                .iter()
                .filter(move |told| told.person == person && (told.name == name || ["first", "any"].contains(&name)))
                .collect::<Vec<_>>()
        };
        let Some(first) = of(cohort).iter().map(|told| told.at).min() else { continue };
        let seen: BTreeSet<_> = of(returning).iter().map(|told| begin(period, told.at)).collect();
        let mut start = begin(period, first);
        let cells = table.entry(start).or_insert_with(|| vec![0; later + 1]);
        cells[0] += 1;
        for cell in &mut cells[1..] {
            start = following(period, start);
            *cell += usize::from(seen.contains(&start));
        }
    }
    table.into_iter().map(|(start, cells)| (start.to_string(), cells)).collect()
}

#[test]
fn every_history_is_counted_as_by_the_calendar() {
    let runtime = tokio::runtime::Builder::new_current_thread().build().unwrap();
    let shore = runtime.block_on(Shore::with(json!({ "time_zone": "Europe/Madrid" })));
    shore.host.manual_clock().set(at("2027-01-01T00:00:00Z"));
    let events = || prop::sample::select(vec!["", "A", "B"]);
    let periods = prop::sample::select(vec![("day", 1), ("week", 7), ("month", 30)]);
    // Quarters of a period around the changes of clocks in March and in October.
    let strategy = (periods, events(), events(), 1..6usize).prop_flat_map(|(period, cohort, returning, later)| {
        let start = prop::sample::select(vec!["2026-03-27T22:30:00Z", "2026-10-23T21:30:00Z"]);
        let history = start.prop_flat_map(move |start| histories(start, TimeDelta::days(period.1), 20));
        (Just((period, cohort, returning, later)), history)
    });
    let mut runner = proptest::test_runner::TestRunner::new(ProptestConfig::with_cases(200));
    let outcome = runner.run(&strategy, |(((period, days), cohort, returning, later), history)| {
        let (cohort, returning) = (if cohort.is_empty() { "first" } else { cohort }, if returning.is_empty() { "any" } else { returning });
        let table = runtime.block_on(async {
            tell(&shore, SITE, &history).await;
            let (from, until) = history.first().map_or((at("2026-03-27T00:00:00Z"), at("2026-03-28T00:00:00Z")), |_| {
                let times = || history.iter().map(|told| told.at);
                (times().min().unwrap() - TimeDelta::days(days), times().max().unwrap() + TimeDelta::days(days))
            });
            let span = format!("from={}&until={}", from.format("%Y-%m-%dT%H:%M:%SZ"), until.format("%Y-%m-%dT%H:%M:%SZ"));
            shore.ask(&format!("/v1/retention?cohort={cohort}&returning={returning}&period={period}&periods={later}&{span}")).await
        });
        let here: BTreeMap<_, _> = table["cohorts"]
            .as_array()
            .unwrap()
            .iter()
            .filter(|cohort| cohort["size"] != 0)
            .map(|cohort| {
                let returned: Vec<_> =
                    cohort["returned"].as_array().unwrap().iter().map(|n| usize::try_from(n.as_u64().unwrap()).unwrap()).collect();
                (cohort["start"].as_str().unwrap().to_owned(), returned)
            })
            .collect();
        let expect: BTreeMap<_, _> = by_hand(&history, cohort, returning, period, later)
            .into_iter()
            .map(|(start, mut cells)| {
                // What has not begun yet is not told.
                let known = here.get(&start).map_or(cells.len(), Vec::len);
                cells.truncate(known);
                (start, cells)
            })
            .collect();
        prop_assert_eq!(here, expect);
        Ok(())
    });
    outcome.unwrap();
}
