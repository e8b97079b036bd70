//! Umami's clients: known by the site's id, with nobody's key.

use std::net::IpAddr;

use http::StatusCode;
use orilla_native::testing::{Call, Reply};
use serde_json::{Value as Json, json};

use crate::support::{BROWSER, OTHER, SITE, Shore, codes};

/// `@umami/node` 0.4.0, as recorded, of our site.
const NODE_PAGE: &str = r#"{"type":"event","payload":{"website":"5e0f3c1a-9b7d-4c62-8a54-2d1f6b8e7a90","url":"/home"}}"#;
const NODE_EVENT: &str = r#"{"type":"event","payload":{"website":"5e0f3c1a-9b7d-4c62-8a54-2d1f6b8e7a90","name":"ev","data":{"a":1}}}"#;

async fn send(shore: &Shore, body: impl Into<Vec<u8>>) -> Reply {
    shore.send(Call::post("/api/send").header("user-agent", BROWSER).body(body.into())).await
}

fn payload(more: Json) -> Json {
    let mut payload = json!({ "website": SITE, "hostname": "marea.example", "language": "es-MX", "screen": "1920x1080", "title": "Marea",
        "url": "https://marea.example/precios?utm_source=news", "referrer": "https://www.example.org/" });
    payload.as_object_mut().unwrap().extend(more.as_object().unwrap().clone());
    json!({ "type": "event", "payload": payload })
}

#[tokio::test]
async fn the_node_client_is_read() {
    let shore = Shore::new().await;
    for body in [NODE_PAGE, NODE_EVENT] {
        let call = Call::post("/api/send")
            .header("content-type", "application/json")
            .header("user-agent", "Mozilla/5.0 Umami/v20.20.2")
            .body(body);
        let reply = shore.send(call).await;
        assert_eq!((reply.status, reply.json()["sessionId"].is_string()), (StatusCode::OK, true), "{}", reply.text());
        shore.pass(1);
    }
    let events = shore.events().await;
    assert_eq!((&events[0]["type"], &events[0]["path"], &events[0]["user"]), (&json!("page"), &json!("/home"), &Json::Null));
    assert_eq!((&events[1]["type"], &events[1]["name"], &events[1]["properties"]), (&json!("track"), &json!("ev"), &json!({ "a": 1 })));
    assert_eq!(events[0]["visitor"], events[1]["visitor"]);
    shore.check_ledger().await;
}

#[tokio::test]
async fn the_tracker_hears_who_it_was() {
    let shore = Shore::new().await;
    let call = Call::post("/api/send").header("user-agent", BROWSER).header("origin", "https://marea.example");
    let first = shore.send(call.json(&payload(json!({})))).await;
    assert_eq!(first.header("access-control-allow-origin"), "https://marea.example");
    let first = first.json();
    shore.pass(2);
    let call = Call::post("/api/send").header("user-agent", BROWSER).header("x-umami-cache", first["cache"].as_str().unwrap());
    let again = shore.send(call.json(&payload(json!({ "name": "Signup", "tag": "b", "data": { "plan": "pro" } })))).await.json();
    assert_eq!((&again["sessionId"], &again["visitId"]), (&first["sessionId"], &first["visitId"]));
    assert!(first["cache"].is_string());
    let events = shore.events().await;
    assert_eq!(events[1]["properties"], json!({ "plan": "pro", "tag": "b" }));
    assert_eq!(
        shore
            .count(
                "SELECT count(*) AS n FROM sessions WHERE source = 'news' AND language = 'es' AND entry_path = '/precios' AND events = 2"
            )
            .await,
        1
    );
    assert_eq!(shore.events().await[0]["context"]["title"], "Marea");
}

#[tokio::test]
async fn identities_and_measurements_have_their_place() {
    let shore = Shore::new().await;
    for (kind, more) in [
        ("identify", json!({ "id": "ana", "data": { "plan": "pro" } })),
        ("performance", json!({ "lcp": 1200, "cls": 0.1 })),
        ("identify", json!({ "id": "ana", "vid": "device" })),
    ] {
        let mut body = payload(more);
        body["type"] = kind.into();
        let reply = send(&shore, body.to_string()).await;
        assert_eq!(reply.status, StatusCode::OK, "{}", reply.text());
        shore.pass(1);
    }
    let events = shore.events().await;
    assert_eq!(
        (&events[0]["type"], &events[0]["person"], &events[0]["properties"]),
        (&json!("identify"), &json!("user:ana"), &json!({ "plan": "pro" }))
    );
    assert_eq!((&events[1]["name"], &events[1]["properties"]), (&json!("performance"), &json!({ "lcp": 1200, "cls": 0.1 })));
    assert_eq!((&events[2]["visitor"], &events[2]["person"]), (&json!("device"), &json!("user:ana")));
    shore.check_ledger().await;
}

#[tokio::test]
async fn what_a_client_says_of_others_counts_with_a_secret_key() {
    let shore = Shore::with(json!({ "blocked": ["198.51.100.0/24"] })).await;
    let robot = "Mozilla/5.0 (compatible; Googlebot/2.1; +http://www.google.com/bot.html)";
    let claim = json!({ "ip": "198.51.100.7", "timestamp": 1_772_400_000, "userAgent": robot });
    assert_eq!(send(&shore, payload(claim.clone()).to_string()).await.status, StatusCode::OK);
    assert_eq!(shore.events().await[0]["occurred_at"], "2026-03-02T09:00:00.000Z");
    let server = |more: Json| Call::post("/api/send").key(&shore.read).header("user-agent", "node").json(&payload(more));
    assert_eq!(shore.send(server(claim)).await.json(), json!({ "beep": "boop", "filtered": "user_agent" }));
    assert_eq!(
        shore.send(server(json!({ "ip": "198.51.100.7", "userAgent": BROWSER }))).await.json(),
        json!({ "filtered": "blocked_address" })
    );
    let named = json!({ "ip": "192.0.2.9", "userAgent": BROWSER, "timestamp": 1_772_400_000 });
    assert!(shore.send(server(named)).await.json()["sessionId"].is_string());
    let events = shore.events().await;
    assert_eq!(events.iter().filter(|event| event["occurred_at"] == "2026-03-01T21:20:00.000Z").count(), 1);
    assert_ne!(events[0]["visitor"], events[1]["visitor"]);
    let stored = shore
        .count(
            "SELECT count(*) AS n FROM events WHERE context LIKE '%192.0.2%' OR properties LIKE '%192.0.2%' OR visitor_id LIKE '%192.0.2%'",
        )
        .await;
    assert_eq!(stored, 0);
    let foreign = payload(json!({ "website": OTHER }));
    shore.site(OTHER, &json!({})).await;
    assert_eq!(shore.send(Call::post("/api/send").key(&shore.read).json(&foreign)).await.status, StatusCode::FORBIDDEN);
    let sums = shore.check_ledger().await;
    assert_eq!((sums["received"], sums["accepted"], sums["bot"], sums["quarantined"]), (4, 2, 1, 1));
}

#[tokio::test]
async fn robots_and_the_blocked_are_told_by_the_answer() {
    let shore = Shore::with(json!({ "blocked": ["198.51.100.0/24"] })).await;
    let robot = shore.send(Call::post("/api/send").header("user-agent", "curl/8.5.0").body(NODE_PAGE)).await;
    assert_eq!((robot.status, &robot.json()["beep"]), (StatusCode::OK, &json!("boop")));
    let office: IpAddr = "198.51.100.7".parse().unwrap();
    let blocked = shore.send(Call::post("/api/send").header("user-agent", BROWSER).from_address(office).body(NODE_PAGE)).await;
    assert_eq!(blocked.json(), json!({ "filtered": "blocked_address" }));
    shore.check_ledger().await;
}

#[tokio::test]
async fn a_batch_has_a_verdict_for_each() {
    let shore = Shore::new().await;
    shore.site(OTHER, &json!({})).await;
    let mut dance = payload(json!({}));
    dance["type"] = "dance".into();
    let batch = json!([
        serde_json::from_str::<Json>(NODE_PAGE).unwrap(),
        null,
        payload(json!({ "website": OTHER })),
        dance,
        payload(json!({ "name": "x".repeat(51) })),
        payload(json!({ "data": { "p": "x".repeat(33_000) }, "name": "big" })),
        payload(json!({ "data": [1] })),
        { "type": "event", "payload": null },
        payload(json!({ "name": "ev" })),
    ]);
    let reply = shore.send(Call::post("/api/batch").header("user-agent", BROWSER).json(&batch)).await;
    let answer = reply.json();
    assert_eq!((&answer["size"], &answer["processed"], &answer["errors"]), (&json!(9), &json!(2), &json!(7)), "{answer}");
    let told: Vec<_> = answer["details"]
        .as_array()
        .unwrap()
        .iter()
        .map(|it| format!("{} {}", it["index"], it["response"]["error"]["code"].as_str().unwrap()))
        .collect();
    assert_eq!(told, ["1 malformed", "2 other_site", "3 unknown_type", "4 too_large", "5 too_large", "6 malformed", "7 malformed"]);
    assert!(answer["cache"].is_string() && codes(&answer["filtered"]).is_empty());
    let sums = shore.check_ledger().await;
    assert_eq!((sums["received"], sums["accepted"], sums["invalid"]), (9, 2, 7));
}

#[tokio::test]
async fn what_can_never_succeed_is_refused() {
    let shore = Shore::new().await;
    for body in [
        "",
        "null",
        "[]",
        "42",
        "{}",
        "{\"type\":\"event\"}",
        r#"{"type":"event","payload":{"website":"x"}}"#,
        r#"{"type":"event","payload":{"website":7}}"#,
        "{\"type\":",
    ] {
        assert_eq!(send(&shore, body).await.status, StatusCode::BAD_REQUEST, "{body}");
    }
    assert_eq!(send(&shore, NODE_PAGE.replace("5e0f", "0000")).await.status, StatusCode::NOT_FOUND);
    let long = send(&shore, payload(json!({ "name": "x".repeat(51) })).to_string()).await;
    assert!(long.status == StatusCode::BAD_REQUEST && long.text().contains("too_large"), "{}", long.text());
    for body in ["[null]", "[]", "{}"] {
        let reply = shore.send(Call::post("/api/batch").header("user-agent", BROWSER).body(body)).await;
        assert_eq!(reply.status, StatusCode::BAD_REQUEST, "{body}");
    }
    assert_eq!(shore.check_ledger().await["invalid"], 1);
}
