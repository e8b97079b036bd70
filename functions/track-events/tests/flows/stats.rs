//! What a site's people see first: visitors, visits, views.

use orilla_core::sites::Kind;
use orilla_core::sql::Statement;
use orilla_native::testing::Call;
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
