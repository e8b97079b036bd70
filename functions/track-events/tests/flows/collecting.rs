//! What comes in comes out, once.

use http::StatusCode;
use orilla_core::sites::Kind;
use orilla_native::testing::Call;
use serde_json::{Value as Json, json};

use crate::support::{OTHER, Shore, codes, track};

#[tokio::test]
async fn a_batch_comes_back_as_it_was_sent() {
    let shore = Shore::new().await;
    let sent = json!([
        { "type": "identify", "messageId": "m1", "userId": "u1", "anonymousId": "a1", "traits": { "email": "ana@olas.example" } },
        { "type": "track", "messageId": "m2", "userId": "u1", "event": "Signup", "properties": { "plan": "pro", "n": 3 },
          "context": { "library": { "name": "@segment/analytics-node", "version": "3.1.0" } }, "timestamp": "2026-03-02T08:59:00.500Z" },
        { "type": "page", "messageId": "m3", "anonymousId": "a1", "name": "Home",
          "context": { "page": { "url": "https://marea.example/es?utm_source=news&utm_medium=email", "referrer": "https://www.example.org/" }, "locale": "es-MX" } },
    ]);
    let answer = shore.batch(sent).await;
    assert_eq!((&answer["accepted"], &answer["duplicate"], &answer["rejected"]), (&json!(3), &json!(0), &json!([])));
    let events = shore.events().await;
    let ids: Vec<_> = events.iter().map(|event| event["id"].as_str().unwrap()).collect();
    assert_eq!(ids, ["m1", "m2", "m3"]);
    assert_eq!(events[1]["properties"], json!({ "plan": "pro", "n": 3 }));
    assert_eq!(
        (&events[1]["visitor"], &events[1]["user"], &events[1]["occurred_at"]),
        (&json!("user:u1"), &json!("u1"), &json!("2026-03-02T08:59:00.500Z"))
    );
    assert_eq!((&events[2]["path"], &events[2]["context"]["language"]), (&json!("/es"), &json!("es-MX")));
    assert_eq!(
        shore
            .count(
                "SELECT count(*) AS n FROM sessions WHERE source = 'news' AND medium = 'email' AND language = 'es' AND device = 'desktop'"
            )
            .await,
        1
    );
    assert_eq!(shore.count("SELECT sum(views) AS n FROM page_views WHERE path = '/es'").await, 1);
}

#[tokio::test]
async fn traits_may_stand_in_the_context_and_the_events_own_win() {
    let shore = Shore::new().await;
    let identify = |id: &str, own: Json| json!({ "type": "identify", "messageId": id, "userId": "u1", "traits": own, "context": { "traits": { "plan": "pro" } } });
    let track = json!({ "type": "track", "messageId": "c", "userId": "u1", "event": "Signup", "context": { "traits": { "plan": "pro" } } });
    shore.batch(json!([identify("a", Json::Null), identify("b", json!({ "plan": "free", "n": 1 })), track])).await;
    let properties: Vec<_> = shore.events().await.iter().map(|event| event["properties"].clone()).collect();
    assert_eq!(json!(properties), json!([{ "plan": "pro" }, { "plan": "free", "n": 1 }, {}]));
}

#[tokio::test]
async fn single_calls_take_their_kind_from_the_path() {
    let shore = Shore::new().await;
    for (path, body) in [
        ("/v1/track", json!({ "event": "Signup", "userId": 7, "messageId": "a" })),
        ("/v1/p", json!({ "anonymousId": "v", "messageId": "b", "properties": { "url": "https://marea.example/x" } })),
        ("/v1/screen/", json!({ "anonymousId": "v", "name": "Start", "messageId": "c" })),
        ("/v1/g", json!({ "userId": "7", "groupId": "g", "messageId": "d" })),
        ("/v1/alias", json!({ "userId": "7", "previousId": "v", "messageId": "e" })),
    ] {
        let reply = shore.send(shore.call(path).json(&body)).await;
        assert_eq!((reply.status, &reply.json()["accepted"]), (StatusCode::OK, &json!(1)), "{path}: {}", reply.text());
    }
    let kinds: Vec<_> = shore.events().await.iter().map(|event| (event["id"].clone(), event["type"].clone())).collect();
    assert_eq!(json!(kinds), json!([["a", "track"], ["b", "page"], ["c", "screen"], ["d", "group"], ["e", "alias"]]));
    assert_eq!(shore.events().await[0]["user"], "7");
}

#[tokio::test]
async fn a_retry_is_a_duplicate_and_another_source_is_not() {
    let shore = Shore::new().await;
    let events = json!([track("m1", "v", "A"), track("m2", "v", "B"), track("m2", "v", "B")]);
    let first = shore.batch(events.clone()).await;
    assert_eq!((&first["accepted"], &first["duplicate"]), (&json!(2), &json!(1)));
    let again = shore.batch(events).await;
    assert_eq!((&again["accepted"], &again["duplicate"]), (&json!(0), &json!(3)));
    let second_key = shore.key(crate::support::SITE, Kind::Write).await;
    let reply = shore.send(Call::post("/v1/track").key(&second_key).json(&track("m1", "v", "A"))).await;
    assert_eq!(reply.json()["accepted"], 1);
    let sums = shore.check_ledger().await;
    assert_eq!((sums["received"], sums["accepted"], sums["duplicate"]), (7, 3, 4));
    assert_eq!(shore.count("SELECT sum(events) AS n FROM sessions").await, 3);
}

#[tokio::test]
async fn events_without_an_id_are_known_by_their_content() {
    let shore = Shore::new().await;
    let event = json!({ "type": "track", "anonymousId": "v", "event": "A", "timestamp": "2026-03-02T08:00:00Z" });
    let other = json!({ "type": "track", "anonymousId": "v", "event": "A", "timestamp": "2026-03-02T08:00:01Z" });
    shore.batch(json!([event, other])).await;
    let again = shore.batch(json!([event])).await;
    assert_eq!((&again["accepted"], &again["duplicate"]), (&json!(0), &json!(1)));
}

#[tokio::test]
async fn two_and_a_half_thousand_events_are_one_answer_and_one_more_is_told() {
    let shore = Shore::new().await;
    let events: Vec<Json> = (0..2_501).map(|n| track(&format!("m{n}"), &format!("v{}", n % 50), "A")).collect();
    let answer = shore.batch(Json::from(events)).await;
    assert_eq!(answer["accepted"], 2_500);
    assert_eq!(codes(&answer["rejected"]), ["2500 too_many"]);
    let (mut cursor, mut seen) = (String::new(), 0);
    loop {
        let reply = shore.send(Call::get(format!("/v1/events?limit=1000{cursor}")).key(&shore.read)).await;
        seen += reply.text().lines().count();
        match reply.header("x-next-cursor") {
            "" => break,
            next => cursor = format!("&cursor={next}"),
        }
    }
    assert_eq!(seen, 2_500);
}

#[tokio::test]
async fn a_site_sees_its_own_events_only() {
    let shore = Shore::new().await;
    shore.site(OTHER, &json!({})).await;
    let (theirs, read) = (shore.key(OTHER, Kind::Write).await, shore.key(OTHER, Kind::Read).await);
    shore.batch(json!([track("m1", "v", "A")])).await;
    let reply = shore.send(Call::post("/v1/track").key(&theirs).json(&track("m1", "v", "Theirs"))).await;
    assert_eq!(reply.json()["accepted"], 1);
    let seen = shore.send(Call::get("/v1/events").key(&read)).await.text();
    assert!(seen.contains("Theirs") && seen.lines().count() == 1);
    assert_eq!(shore.events().await.len(), 1);
    let write_key = shore.send(Call::get("/v1/events").key(&shore.write)).await;
    assert_eq!(write_key.status, StatusCode::FORBIDDEN);
}

#[tokio::test]
async fn whoever_identifies_takes_their_history_along() {
    let shore = Shore::new().await;
    shore.batch(json!([track("m1", "anon", "Before"), track("m2", "other", "Stranger")])).await;
    shore.batch(json!([{ "type": "identify", "messageId": "m3", "anonymousId": "anon", "userId": "ana" }])).await;
    shore.batch(json!([track("m4", "anon", "After")])).await;
    let person = |event: &Json| format!("{} {}", event["id"].as_str().unwrap(), event["person"].as_str().unwrap());
    let people: std::collections::BTreeSet<_> = shore.events().await.iter().map(person).collect();
    assert_eq!(people, ["m1 user:ana", "m2 other", "m3 user:ana", "m4 user:ana"].map(str::to_owned).into());
}

#[tokio::test]
async fn the_export_narrows_and_writes_csv() {
    let shore = Shore::new().await;
    shore.batch(json!([track("m1", "v", "A"), track("m2", "w", "=HYPERLINK()")])).await;
    assert_eq!(shore.export("/v1/events?name=A").await.len(), 1);
    assert_eq!(shore.export("/v1/events?visitor=w").await.len(), 1);
    assert_eq!(shore.export("/v1/events?from=2026-03-02T09:00:01Z").await.len(), 0);
    let csv = shore.send(Call::get("/v1/events?format=csv").key(&shore.read)).await.text();
    assert!(csv.starts_with("source,id,type,name,") && csv.contains("'=HYPERLINK()") && csv.lines().count() == 3, "{csv}");
    for query in ["format=xml", "limit=0", "limit=1001", "cursor=x", "from=yesterday"] {
        assert_eq!(shore.send(Call::get(format!("/v1/events?{query}")).key(&shore.read)).await.status, StatusCode::BAD_REQUEST, "{query}");
    }
}

#[tokio::test]
async fn an_alias_joins_the_id_that_was() {
    let shore = Shore::new().await;
    shore.batch(json!([track("m1", "anon", "Before")])).await;
    shore.batch(json!([{ "type": "alias", "messageId": "m2", "userId": "ana", "previousId": "anon" }])).await;
    shore.batch(json!([track("m3", "anon", "After")])).await;
    assert!(shore.events().await.iter().all(|event| event["person"] == "user:ana"));
}

/// Each event has the batch's context: of a long one, a request of half a megabyte would become gigabytes.
#[tokio::test]
async fn a_context_for_all_events_is_no_way_to_make_much_of_little() {
    let shore = Shore::new().await;
    let batch = |traits: usize| {
        let event = |at: usize| json!({ "type": "identify", "messageId": format!("{traits}-{at}"), "userId": "u" });
        json!({ "context": { "traits": { "about": "a".repeat(traits) } }, "batch": (0..3).map(event).collect::<Vec<_>>() })
    };
    let kept = shore.send(shore.call("/v1/batch").json(&batch(7_000))).await.json();
    assert_eq!((&kept["accepted"], &kept["rejected"]), (&json!(3), &json!([])));
    let refused = shore.send(shore.call("/v1/batch").json(&batch(9_000))).await.json();
    assert_eq!(refused["accepted"], 0);
    assert_eq!(codes(&refused["rejected"]), ["0 too_large", "1 too_large", "2 too_large"]);
    shore.check_ledger().await;
}
