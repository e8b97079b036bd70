//! What a site's people see first: visitors, visits, views.

use std::collections::{BTreeMap, BTreeSet};

use chrono::{DateTime, TimeDelta, Utc};
use orilla_core::sites::Kind;
use orilla_core::sql::Statement;
use orilla_native::testing::Call;
use proptest::prelude::*;
use serde_json::{Value as Json, json};

use crate::support::{OTHER, Shore, at, track};

fn view(id: &str, who: &str, url: &str) -> Json {
    json!({ "type": "page", "messageId": id, "anonymousId": who, "properties": { "url": url }, "context": { "locale": "es-MX" } })
}

fn listed(answer: &Json, list: &str) -> Vec<String> {
    let entry = |entry: &Json| {
        format!("{} {}", entry["name"].as_str().unwrap(), if entry["views"].is_i64() { &entry["views"] } else { &entry["sessions"] })
    };
    answer[list].as_array().unwrap().iter().map(entry).collect()
}

#[tokio::test]
async fn visits_and_views_add_up() {
    let shore = Shore::new().await;
    shore.host.manual_clock().set(at("2026-03-01T23:50:00Z"));
    shore.batch(json!([view("m1", "a", "https://marea.example/?utm_source=news&utm_medium=email&utm_campaign=spring")])).await;
    shore.host.manual_clock().set(at("2026-03-02T08:00:00Z"));
    shore.batch(json!([view("m2", "a", "https://marea.example/precios"), view("m3", "b", "https://marea.example/")])).await;
    shore.host.manual_clock().set(at("2026-03-02T08:10:00Z"));
    shore.batch(json!([view("m4", "a", "https://marea.example/"), track("m5", "a", "Signup"), track("m7", "server", "Paid")])).await;
    let silent = shore.call("/v1/page").header("sec-gpc", "1").json(&view("m6", "c", "https://marea.example/"));
    assert_eq!(shore.send(silent).await.json()["accepted"], 0);
    let answer = shore.ask("/v1/stats").await;
    let totals = json!({
        "visitors": 3, "sessions": 4, "views": 5, "uncounted_views": 1, "events": 6, "views_per_session": 1.0, "bounce_rate": 0.6667,
        "mean_duration_s": 150.0, "median_duration_s": 0.0,
    });
    assert_eq!(answer["totals"], totals);
    let series = answer["series"].as_array().unwrap();
    assert_eq!(
        (series.len(), &series[0]["at"], &answer["until"]),
        (7, &json!("2026-02-24T00:00:00+00:00"), &json!("2026-03-02T09:00:00.000Z"))
    );
    assert_eq!(series[5], json!({ "at": "2026-03-01T00:00:00+00:00", "visitors": 1, "sessions": 1, "views": 1, "events": 1 }));
    assert_eq!(series[6], json!({ "at": "2026-03-02T00:00:00+00:00", "visitors": 3, "sessions": 3, "views": 4, "events": 5 }));
    assert_eq!(listed(&answer, "pages"), ["/ 4", "/precios 1"]);
    assert_eq!(listed(&answer, "sources"), [" 3", "news 1"]);
    assert_eq!(listed(&answer, "mediums"), [" 3", "email 1"]);
    assert_eq!(listed(&answer, "campaigns"), [" 3", "spring 1"]);
    assert_eq!(listed(&answer, "entry_pages"), ["/ 2", " 1", "/precios 1"]);
    assert_eq!(
        (listed(&answer, "countries"), listed(&answer, "languages"), listed(&answer, "devices")),
        (vec![" 4".into()], vec!["es 3".into(), " 1".into()], vec!["desktop 4".into()])
    );
    let one = shore.ask("/v1/stats?limit=1&from=2026-03-02T08:00:00Z&until=2026-03-02T08:30:00Z&interval=hour").await;
    assert_eq!(
        (listed(&one, "pages"), one["series"].as_array().unwrap().len(), &one["totals"]["views"]),
        (vec!["/ 3".to_owned()], 1, &json!(4))
    );
}

#[tokio::test]
async fn statistics_read_no_events() {
    let shore = Shore::new().await;
    shore.batch(json!([view("m1", "a", "https://marea.example/")])).await;
    let before = shore.ask("/v1/stats").await;
    shore.host.rows(Statement::new("DELETE FROM events")).await;
    assert_eq!(shore.ask("/v1/stats").await, before);
    assert_eq!(before["totals"]["views"], 1);
}

#[tokio::test]
async fn days_are_the_sites_own_and_have_23_to_25_hours() {
    let shore = Shore::with(json!({ "time_zone": "Europe/Madrid" })).await;
    let minutes_to_midnight =
        [("m1", "2026-03-28T22:59:00Z"), ("m2", "2026-03-28T23:00:00Z"), ("m3", "2026-03-29T21:59:00Z"), ("m4", "2026-03-29T22:00:00Z")];
    for (id, time) in minutes_to_midnight {
        shore.host.manual_clock().set(at(time));
        shore.batch(json!([view(id, id, "https://marea.example/")])).await;
    }
    let answer = shore.ask("/v1/stats?from=2026-03-27T23:00:00Z&until=2026-03-30T22:00:00Z").await;
    let days: Vec<_> = answer["series"]
        .as_array()
        .unwrap()
        .iter()
        .map(|day| (day["at"].as_str().unwrap(), day["views"].clone(), day["sessions"].clone()))
        .collect();
    let expect = [("2026-03-28T00:00:00+01:00", 1), ("2026-03-29T00:00:00+01:00", 2), ("2026-03-30T00:00:00+02:00", 1)];
    assert_eq!(days, expect.map(|(day, views)| (day, json!(views), json!(views))));
    let hours = async |from: &str, until: &str| {
        shore.ask(&format!("/v1/stats?interval=hour&from={from}&until={until}")).await["series"].as_array().unwrap().len()
    };
    assert_eq!(hours("2026-03-28T23:00:00Z", "2026-03-29T22:00:00Z").await, 23);
    assert_eq!(hours("2026-10-24T22:00:00Z", "2026-10-25T23:00:00Z").await, 25);
    // Half an hour off: views count by its own hours.
    let half = Shore::with(json!({ "time_zone": "Asia/Kolkata" })).await;
    half.host.manual_clock().set(at("2026-03-02T18:40:00Z"));
    half.batch(json!([view("m1", "a", "https://marea.example/")])).await;
    let answer = half.ask("/v1/stats?interval=hour&from=2026-03-02T18:40:00Z").await;
    assert_eq!(answer["series"], json!([{ "at": "2026-03-03T00:00:00+05:30", "visitors": 1, "sessions": 1, "views": 1, "events": 1 }]));
}

#[tokio::test]
async fn sites_are_apart_and_bad_questions_are_refused() {
    let shore = Shore::new().await;
    shore.batch(json!([view("m1", "a", "https://marea.example/")])).await;
    shore.site(OTHER, &json!({})).await;
    let other = shore.key(OTHER, Kind::Read).await;
    let answer = shore.send(Call::get("/v1/stats").key(&other)).await.json();
    let nothing = json!({
        "visitors": 0, "sessions": 0, "views": 0, "uncounted_views": 0, "events": 0, "views_per_session": null, "bounce_rate": null,
        "mean_duration_s": null, "median_duration_s": null,
    });
    assert_eq!((&answer["totals"], &answer["pages"], &answer["sources"]), (&nothing, &json!([]), &json!([])));
    for query in [
        "interval=minute",
        "limit=0",
        "limit=201",
        "limit=x",
        "from=now",
        "until=2026-13-01T00:00:00Z",
        "from=2026-03-03T00:00:00Z&until=2026-03-02T00:00:00Z",
        "interval=hour&from=2025-01-01T00:00:00Z",
        "from=0001-01-01T00:00:00Z",
        "from=0001-01-01T00:00:00Z&until=9999-12-31T23:59:59Z&interval=hour",
    ] {
        shore.refuses(&format!("/v1/stats?{query}")).await;
    }
    for query in ["until=0001-01-01T00:00:00Z", "until=9999-12-31T23:59:59Z", "from=2026-03-02T00:00:00Z&until=2026-03-02T00:00:00Z"] {
        assert_eq!(shore.ask(&format!("/v1/stats?{query}")).await["totals"]["visitors"], 0, "{query}");
    }
}

/// Requests with views and events of a few visitors within three days, some of them told twice, in any order.
fn requests() -> impl Strategy<Value = Vec<Vec<Json>>> {
    let paths = prop::sample::select(vec!["/", "/", "/precios", "/blog"]);
    let sources = prop::sample::select(vec!["", "", "?utm_source=news", "?utm_source=ads&utm_medium=cpc"]);
    let event = (0..40u32, 0..4u32, 0..3 * 24 * 4i64, any::<bool>(), paths, sources).prop_map(|(id, who, quarter, is_view, path, source)| {
        json!({
            "type": if is_view { "page" } else { "track" }, "event": "A", "messageId": format!("m{id}"), "anonymousId": format!("v{who}"),
            "timestamp": at("2026-03-02T00:00:00Z") + TimeDelta::minutes(15 * quarter), "properties": { "url": format!("https://marea.example{path}{source}") },
        })
    });
    prop::collection::vec(prop::collection::vec(event, 1..8), 0..8)
}

/// Its first and last moment, its visitor, its views and its events.
type Visit<'a> = (DateTime<Utc>, DateTime<Utc>, &'a str, i64, i64);

/// The same numbers, counted over every event.
fn scanned(events: &[Json]) -> Json {
    let mut visits: BTreeMap<&str, Visit<'_>> = BTreeMap::new();
    let mut pages: BTreeMap<&str, i64> = BTreeMap::new();
    let mut series = vec![(BTreeSet::new(), 0, 0, 0); 3];
    let day = |time: DateTime<Utc>| usize::try_from((time - at("2026-03-02T00:00:00Z")).num_days()).unwrap();
    for event in events {
        let time = at(event["occurred_at"].as_str().unwrap());
        let is_view = i64::from(event["type"] == "page");
        let visit = visits.entry(event["session"].as_str().unwrap());
        let visit = visit.or_insert_with(|| (time, time, event["visitor"].as_str().unwrap(), 0, 0));
        *visit = (visit.0.min(time), visit.1.max(time), visit.2, visit.3 + is_view, visit.4 + 1);
        if is_view == 1 {
            *pages.entry(event["path"].as_str().unwrap()).or_default() += 1;
            series[day(time)].2 += 1;
        }
    }
    for (start, _, visitor, _, events) in visits.values() {
        let point = &mut series[day(*start)];
        point.0.insert(*visitor);
        point.1 += 1;
        point.3 += events;
    }
    let mut lasted: Vec<_> = visits.values().map(|(start, last, ..)| (*last - *start).num_milliseconds()).collect();
    lasted.sort_unstable();
    let middle = lasted.len().checked_sub(1).map(|last| (lasted[last / 2] + lasted[lasted.len() / 2]) as f64 / 2_000.0);
    let mut pages: Vec<_> = pages.into_iter().collect();
    pages.sort_by_key(|(path, views)| (-views, *path));
    json!({
        "visitors": visits.values().map(|(_, _, visitor, ..)| visitor).collect::<BTreeSet<_>>().len(),
        "sessions": visits.len(),
        "views": visits.values().map(|visit| visit.3).sum::<i64>(),
        "events": events.len(),
        "bounced": visits.values().filter(|visit| visit.3 == 1).count(),
        "median": middle,
        "pages": pages.iter().map(|(path, views)| format!("{path} {views}")).collect::<Vec<_>>(),
        "series": series.iter().map(|(visitors, sessions, views, events)| json!([visitors.len(), sessions, views, events])).collect::<Vec<_>>(),
    })
}

/// What was answered, in the same words.
fn answered(answer: &Json, seen: i64) -> Json {
    let totals = &answer["totals"];
    let bounced = totals["bounce_rate"].as_f64().map_or(0.0, |rate| (rate * seen as f64).round());
    let point = |point: &Json| json!([point["visitors"], point["sessions"], point["views"], point["events"]]);
    json!({
        "visitors": totals["visitors"], "sessions": totals["sessions"], "views": totals["views"], "events": totals["events"],
        "bounced": bounced as i64,
        "median": totals["median_duration_s"],
        "pages": listed(answer, "pages"),
        "series": answer["series"].as_array().unwrap().iter().map(point).collect::<Vec<_>>(),
    })
}

#[test]
fn they_are_what_a_scan_of_every_event_gives() {
    let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build().unwrap();
    let shore = runtime.block_on(Shore::new());
    shore.host.manual_clock().set(at("2026-03-05T09:00:00Z"));
    let lists =
        [("sources", "source"), ("mediums", "medium"), ("entry_pages", "entry_path"), ("languages", "language"), ("devices", "device")];
    let mut runner = proptest::test_runner::TestRunner::new(ProptestConfig::with_cases(60));
    let outcome = runner.run(&requests(), |requests| {
        let (events, answer, seen, counted) = runtime.block_on(async {
            for table in ["events", "sessions", "page_views", "ledger"] {
                shore.host.rows(Statement::new(format!("DELETE FROM {table}"))).await;
            }
            for request in requests {
                shore.batch(Json::from(request)).await;
            }
            let answer = shore.ask("/v1/stats?from=2026-03-02T00:00:00Z&until=2026-03-05T00:00:00Z&limit=200").await;
            let mut counted = Vec::new();
            for (_, column) in lists {
                let query = format!(
                    "SELECT coalesce({column}, '') || ' ' || count(*) AS it FROM sessions GROUP BY {column} ORDER BY count(*) DESC, 1"
                );
                counted.push(
                    shore.host.rows(Statement::new(query)).await.iter().map(|row| row.text("it").unwrap().to_owned()).collect::<Vec<_>>(),
                );
            }
            let seen = shore.count("SELECT count(*) AS n FROM sessions WHERE views > 0").await;
            (shore.export("/v1/events?limit=1000").await, answer, seen, counted)
        });
        prop_assert_eq!(answered(&answer, seen), scanned(&events));
        for ((list, _), counted) in lists.iter().zip(counted) {
            prop_assert_eq!(listed(&answer, list), counted, "{}", list);
        }
        Ok(())
    });
    outcome.unwrap();
}
