//! What our own script sends: a batch by the site's public id, whose visitors have no id of their own.

use http::StatusCode;
use orilla_core::sites::Kind;
use orilla_native::testing::{Call, Reply};
use serde_json::{Value as Json, json};

use crate::support::{BROWSER, OTHER, SITE, Shore, codes};

fn batch(events: Json) -> Json {
    json!({ "writeKey": SITE, "context": { "cookieless": true }, "batch": events })
}

/// From this visitor's address, and a page of the site's.
async fn send(shore: &Shore, path: &str, address: [u8; 4], body: &Json) -> Reply {
    let call = Call::post(path).header("user-agent", BROWSER).header("origin", "https://marea.example").from_address(address);
    let reply = shore.send(call.json(body)).await;
    shore.check_ledger().await;
    reply
}

#[tokio::test]
async fn a_visitor_without_an_id_is_whoever_sends_and_becomes_who_they_say() {
    let shore = Shore::new().await;
    let (home, elsewhere) = ([203, 0, 113, 7], [198, 51, 100, 7]);
    let page = |id: &str| json!({ "type": "page", "messageId": id, "context": { "page": { "url": "https://marea.example/es" } } });
    let identify = json!({ "type": "identify", "messageId": "m2", "userId": "ana", "traits": { "plan": "pro" } });
    for (address, body) in [(home, json!([page("m1"), identify])), (elsewhere, json!([page("m3")])), (home, json!([page("m4")]))] {
        let reply = send(&shore, "/v1/batch", address, &batch(body)).await;
        assert_eq!((reply.status, &reply.json()["rejected"]), (StatusCode::OK, &json!([])), "{}", reply.text());
    }
    let events = shore.events().await;
    let of = |id: &str| events.iter().find(|event| event["id"] == id).unwrap();
    assert_eq!(of("m1")["visitor"].as_str().map(str::len), Some(32), "a day's hash");
    assert_eq!([&of("m2")["visitor"], &of("m4")["visitor"]], [&of("m1")["visitor"]; 2]);
    assert_ne!(of("m3")["visitor"], of("m1")["visitor"]);
    let people: Vec<_> = ["m1", "m2", "m4"].iter().map(|id| of(id)["person"].clone()).collect();
    assert_eq!(json!(people), json!(["user:ana", "user:ana", "user:ana"]), "before and after");
    assert_eq!(of("m3")["person"], of("m3")["visitor"]);
    assert_eq!(of("m2")["session"], of("m1")["session"]);
}

#[tokio::test]
async fn only_who_says_so_has_no_id() {
    let shore = Shore::new().await;
    let event = json!({ "type": "track", "event": "Signup" });
    for context in [json!({}), json!({ "cookieless": false }), json!({ "cookieless": "yes" }), Json::Null] {
        let answer = shore.send(shore.call("/v1/batch").json(&json!({ "context": context, "batch": [event] }))).await.json();
        assert_eq!(codes(&answer["rejected"]), ["0 identity_missing"], "{context}");
    }
    // A context of the event's own is said beside the batch's, and wins.
    let own = json!({ "type": "track", "event": "Signup", "context": { "cookieless": false } });
    let answer = send(&shore, "/v1/batch", [203, 0, 113, 7], &batch(json!([event, own]))).await.json();
    assert_eq!((&answer["accepted"], codes(&answer["rejected"])), (&json!(1), vec!["1 identity_missing".to_owned()]));
}

#[tokio::test]
async fn a_batchs_context_counts_for_events_with_one_of_their_own() {
    let shore = Shore::with(json!({ "consent": "required" })).await;
    let page = |id: &str| json!({ "type": "page", "messageId": id, "context": { "page": { "url": "https://marea.example/es" } } });
    let with =
        |consent: Json, id: &str| json!({ "writeKey": SITE, "context": { "cookieless": true, "consent": consent }, "batch": [page(id)] });
    let agreed = send(&shore, "/v1/batch", [203, 0, 113, 7], &with(json!({ "given": true }), "m1")).await.json();
    let unasked = send(&shore, "/v1/batch", [203, 0, 113, 7], &with(json!({}), "m2")).await.json();
    assert_eq!((&agreed["accepted"], &unasked["accepted"]), (&json!(1), &json!(0)));
    assert_eq!(codes(&unasked["filtered"]), ["0 consent_missing"]);
    let events = shore.events().await;
    assert_eq!((&events[0]["id"], &events[0]["path"], &events[0]["context"]["consent"]), (&json!("m1"), &json!("/es"), &json!(true)));
}

#[tokio::test]
async fn the_public_id_opens_no_more_than_a_write_key() {
    let shore = Shore::new().await;
    shore.site(OTHER, &json!({})).await;
    let event =
        json!({ "type": "track", "event": "Signup", "context": { "cookieless": true, "ip": "198.51.100.9" }, "timestamp": "2020-01-01" });
    let body = |site: &str| json!({ "writeKey": site, "batch": [event] });
    let unknown = shore.send(Call::post("/v1/batch").json(&body("0190a8c0-0000-7000-8000-00000000ffff"))).await;
    assert_eq!(unknown.status, StatusCode::NOT_FOUND);
    let foreign = shore.send(Call::post("/v1/batch").header("origin", "https://elsewhere.example").json(&body(SITE))).await;
    assert_eq!(foreign.status, StatusCode::FORBIDDEN);
    let other = shore.key(OTHER, Kind::Write).await;
    let crossed = shore.send(Call::post("/v1/batch").key(&other).json(&body(SITE))).await;
    assert_eq!(crossed.status, StatusCode::FORBIDDEN, "a key of another site's");
    // The id stands for a key in a body of this wire only.
    for call in [Call::post("/v1/batch").key(SITE), Call::get("/v1/events").key(SITE)] {
        assert_eq!(shore.send(call.json(&json!({ "batch": [event] }))).await.status, StatusCode::UNAUTHORIZED);
    }
    assert_eq!(shore.events().await, [] as [Json; 0]);
}

#[tokio::test]
async fn any_word_of_the_sites_own_is_the_same_door() {
    let shore = Shore::new().await;
    let body = batch(json!([{ "type": "track", "event": "Signup", "messageId": "m1" }]));
    for (path, accepted, duplicate) in [("/o/olas", 1, 0), ("/o/%C3%B1andu/", 0, 1), ("/v1/batch", 0, 1)] {
        let reply = send(&shore, path, [203, 0, 113, 7], &body).await;
        assert_eq!(reply.status, StatusCode::OK, "{path}: {}", reply.text());
        assert_eq!((&reply.json()["accepted"], &reply.json()["duplicate"]), (&json!(accepted), &json!(duplicate)), "{path}");
    }
    for path in ["/o", "/o/", "/o/a/b"] {
        assert_eq!(shore.send(Call::post(path).json(&body)).await.status, StatusCode::NOT_FOUND, "{path}");
    }
}
