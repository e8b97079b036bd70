//! Who is kept out, told and counted.

use std::net::IpAddr;

use http::StatusCode;
use orilla_native::testing::Call;
use serde_json::json;

use crate::support::{BROWSER, Shore, codes, track};

#[tokio::test]
async fn robots_are_counted_and_sampled() {
    let shore = Shore::new().await;
    let page = json!({ "messageId": "m1", "anonymousId": "v", "properties": { "url": "https://marea.example/precios?who=ana" } });
    let robot = "Mozilla/5.0 (compatible; Googlebot/2.1; +http://www.google.com/bot.html)";
    let reply = shore.send(Call::post("/v1/page").key(&shore.write).header("user-agent", robot).json(&page)).await;
    assert_eq!(codes(&reply.json()["filtered"]), ["0 user_agent"]);
    let ahead = shore.send(shore.call("/v1/page").header("sec-purpose", "prefetch;prerender").json(&page)).await;
    assert_eq!(codes(&ahead.json()["filtered"]), ["0 prefetch"]);
    let sums = shore.check_ledger().await;
    assert_eq!((sums["received"], sums["bot"]), (2, 2));
    let samples = &shore.ledger().await[0]["samples"];
    assert_eq!(samples[0], json!({ "type": "page", "path": "/precios", "library": null, "referrer": null, "reason": "prefetch" }));
    assert!(shore.events().await.is_empty());
}

#[tokio::test]
async fn a_sites_own_server_is_no_robot() {
    let shore = Shore::new().await;
    let reply = shore
        .send(Call::post("/v1/track").key(&shore.write).header("user-agent", "analytics-node-next/latest").json(&track("m1", "v", "A")))
        .await;
    assert_eq!(reply.json()["accepted"], 1);
}

#[tokio::test]
async fn a_browser_that_asks_not_to_be_tracked_is_a_view_and_nobody() {
    let shore = Shore::new().await;
    let page = json!({ "messageId": "m1", "anonymousId": "v", "properties": { "url": "https://marea.example/" } });
    let reply = shore.send(shore.call("/v1/page").header("sec-gpc", "1").json(&page)).await;
    assert_eq!(codes(&reply.json()["filtered"]), ["0 opted_out"]);
    assert_eq!(shore.count("SELECT sum(uncounted) AS n FROM page_views").await, 1);
    assert_eq!(shore.check_ledger().await["quarantined"], 1);
    let indifferent = Shore::with(json!({ "respects_opt_out": false })).await;
    let reply = indifferent.send(indifferent.call("/v1/page").header("dnt", "1").json(&page)).await;
    assert_eq!(reply.json()["accepted"], 1);
}

#[tokio::test]
async fn consent_and_blocked_addresses_are_the_sites_word() {
    let shore = Shore::with(json!({ "consent": "required", "blocked": ["198.51.100.0/24"] })).await;
    let agreed = json!({ "event": "A", "messageId": "m1", "anonymousId": "v", "context": { "consent": { "given": true } } });
    let answer = shore.batch(json!([track("m2", "v", "A")])).await;
    assert_eq!(codes(&answer["filtered"]), ["0 consent_missing"]);
    let office: IpAddr = "198.51.100.7".parse().unwrap();
    let blocked = shore.send(shore.call("/v1/track").from_address(office).json(&agreed)).await;
    assert_eq!(codes(&blocked.json()["filtered"]), ["0 blocked_address"]);
    let reply = shore.send(shore.call("/v1/track").json(&agreed)).await;
    assert_eq!(reply.json()["accepted"], 1);
    assert_eq!(shore.check_ledger().await["quarantined"], 2);
}

#[tokio::test]
async fn contacts_are_masked_and_denied_properties_dropped() {
    let shore = Shore::with(json!({ "deny_properties": ["password"] })).await;
    let event = json!({ "type": "track", "messageId": "m1", "anonymousId": "v", "event": "A",
        "properties": { "note": "ana@olas.example, +34 600 123 456", "password": "x" },
        "context": { "page": { "url": "https://marea.example/?mail=ana%40olas.example" } } });
    shore.batch(json!([event])).await;
    let stored = &shore.events().await[0];
    assert_eq!(stored["properties"], json!({ "note": "[email], [phone]" }));
    assert_eq!(stored["url"], "https://marea.example/?mail=[email]");
}

#[tokio::test]
async fn a_page_of_another_origin_and_a_stranger_are_refused() {
    let shore = Shore::new().await;
    let event = track("m1", "v", "A");
    let foreign = shore.send(shore.call("/v1/track").header("origin", "https://evil.example").json(&event)).await;
    assert_eq!(foreign.status, StatusCode::FORBIDDEN);
    let own = shore.send(shore.call("/v1/track").header("origin", "https://marea.example").json(&event)).await;
    assert_eq!((own.status, own.header("access-control-allow-origin")), (StatusCode::OK, "https://marea.example"));
    for call in [Call::post("/v1/track"), Call::post("/v1/track").key("guess")] {
        let reply = shore.send(call.header("user-agent", BROWSER).json(&event)).await;
        assert_eq!(reply.status, StatusCode::UNAUTHORIZED);
    }
    let in_the_body = json!({ "writeKey": shore.write, "event": "A", "anonymousId": "v", "messageId": "m2" });
    let reply = shore.send(Call::post("/v1/track").header("user-agent", BROWSER).json(&in_the_body)).await;
    assert_eq!(reply.json()["accepted"], 1);
}

#[tokio::test]
async fn a_server_with_a_secret_key_speaks_for_its_visitors() {
    let shore = Shore::with(json!({ "blocked": ["198.51.100.0/24"] })).await;
    let event = json!({ "event": "A", "messageId": "m1", "userId": "ana", "context": { "ip": "198.51.100.7" } });
    let secret = shore.send(Call::post("/v1/track").key(&shore.read).header("user-agent", "node").json(&event)).await;
    assert_eq!(codes(&secret.json()["filtered"]), ["0 blocked_address"]);
    let public = shore.send(shore.call("/v1/track").json(&event)).await;
    assert_eq!(public.json()["accepted"], 1);
    shore.check_ledger().await;
}
