//! Wrong clocks, slow networks, and the order that a device had.

use std::time::Duration;

use serde_json::{Value as Json, json};

use crate::support::{Shore, at, track};

fn timed(id: &str, name: &str, timestamp: &str) -> Json {
    let mut event = track(id, "v", name);
    event["timestamp"] = timestamp.into();
    event
}

async fn send(shore: &Shore, sent_at: &str, events: Json) {
    let reply = shore.send(shore.call("/v1/batch").json(&json!({ "sentAt": sent_at, "batch": events }))).await;
    assert_eq!(reply.json()["accepted"], events.as_array().unwrap().len(), "{}", reply.text());
    shore.check_ledger().await;
}

async fn order(shore: &Shore) -> Vec<String> {
    let mut events = shore.events().await;
    events.sort_by_key(|event| (event["occurred_at"].as_str().unwrap().to_owned(), event["sequence"].as_i64()));
    events.iter().map(|event| event["name"].as_str().unwrap().to_owned()).collect()
}

/// PostHog issue 98250: a request that stalls on the way looks like a wrong clock, and what it carries is put before what was sent
/// later and arrived at once.
#[tokio::test]
async fn a_stalled_request_reorders_nothing() {
    let shore = Shore::new().await;
    shore.host.manual_clock().set(at("2026-03-02T09:00:40Z"));
    send(&shore, "2026-03-02T09:00:30Z", json!([timed("m2", "Second", "2026-03-02T09:00:20Z")])).await;
    // Sent before the other, arrived 32 seconds late.
    shore.host.manual_clock().set(at("2026-03-02T09:00:47Z"));
    send(&shore, "2026-03-02T09:00:15Z", json!([timed("m1", "First", "2026-03-02T09:00:10Z")])).await;
    assert_eq!(order(&shore).await, ["First", "Second"]);
    assert_eq!(shore.events().await[1]["occurred_at"], "2026-03-02T09:00:10.000Z");
}

/// The same, by a device whose clock is 90 minutes slow: the whole visit is moved by one amount.
#[tokio::test]
async fn a_stalled_request_of_a_wrong_clock_reorders_nothing() {
    let shore = Shore::new().await;
    shore.host.manual_clock().set(at("2026-03-02T10:30:40Z"));
    send(&shore, "2026-03-02T09:00:30Z", json!([timed("m2", "Second", "2026-03-02T09:00:20Z")])).await;
    shore.host.manual_clock().set(at("2026-03-02T10:31:35Z"));
    send(
        &shore,
        "2026-03-02T09:00:25Z",
        json!([timed("m1", "First", "2026-03-02T09:00:10Z"), timed("m3", "Third", "2026-03-02T09:00:24Z")]),
    )
    .await;
    assert_eq!(order(&shore).await, ["First", "Second", "Third"]);
    let first = &shore.events().await[1];
    assert_eq!(
        (first["occurred_raw"].as_str(), first["occurred_at"].as_str()),
        (Some("2026-03-02T09:00:10.000Z"), Some("2026-03-02T10:30:10.000Z"))
    );
    assert_eq!(shore.count("SELECT count(*) AS n FROM sessions").await, 1);
}

#[tokio::test]
async fn clocks_of_1970_and_2038_are_put_right() {
    let shore = Shore::new().await;
    send(&shore, "1970-01-01T00:10:00Z", json!([timed("m1", "Old", "1970-01-01T00:09:00Z")])).await;
    send(&shore, "2038-01-19T03:14:00Z", json!([timed("m2", "New", "2038-01-19T03:13:00Z")])).await;
    shore
        .batch(json!([timed("m3", "Future", "2038-01-19T03:14:07Z"), timed("m4", "None", "soon"), timed("m5", "Number", "1772441940")]))
        .await;
    let times: Vec<_> = shore.events().await.iter().map(|event| event["occurred_at"].as_str().unwrap().to_owned()).collect();
    let expect = [
        "2026-03-02T08:59:00.000Z",
        "2026-03-02T08:59:00.000Z",
        "2026-03-02T09:00:00.000Z",
        "2026-03-02T09:00:00.000Z",
        "2026-03-02T08:59:00.000Z",
    ];
    let sorted = |mut list: Vec<String>| {
        list.sort();
        list
    };
    assert_eq!(sorted(times), sorted(expect.map(str::to_owned).to_vec()));
}

#[tokio::test]
async fn half_an_hour_without_an_event_ends_a_visit() {
    let shore = Shore::new().await;
    for (id, minutes) in [("m1", 0), ("m2", 29), ("m3", 31)] {
        shore.host.manual_clock().advance(Duration::from_secs(minutes * 60));
        shore.batch(json!([track(id, "v", "A")])).await;
    }
    assert_eq!(shore.count("SELECT count(*) AS n FROM sessions").await, 2);
    assert_eq!(shore.count("SELECT max(events) AS n FROM sessions").await, 2);
}
