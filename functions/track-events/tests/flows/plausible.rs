//! Plausible's tracker: known by the site's domain, answered with 202 whatever happens.

use http::StatusCode;
use orilla_native::testing::{Call, Reply};
use serde_json::{Value as Json, json};

use crate::support::{BROWSER, OTHER, SITE, Shore};

/// `@plausible-analytics/tracker` 0.4.6, as recorded, of our site's domain.
const PAGE: &str =
    r#"{"n":"pageview","v":36,"u":"http://shop.example/p?utm_source=x","d":"5e0f3c1a-9b7d-4c62-8a54-2d1f6b8e7a90.example","r":null}"#;
const GOAL: &str = r#"{"n":"Signup","v":36,"u":"http://shop.example/p?utm_source=x","d":"5e0f3c1a-9b7d-4c62-8a54-2d1f6b8e7a90.example","r":null,"p":{"plan":"pro"},"$":{"amount":10,"currency":"USD"}}"#;

async fn send(shore: &Shore, body: impl Into<Vec<u8>>) -> Reply {
    shore.send(Call::post("/api/event").header("content-type", "text/plain").header("user-agent", BROWSER).body(body.into())).await
}

fn event(more: &Json) -> String {
    let mut event = json!({ "name": "Signup", "url": "https://shop.example/p", "domain": format!("{SITE}.example") });
    event.as_object_mut().unwrap().extend(more.as_object().unwrap().clone());
    event.to_string()
}

#[tokio::test]
async fn the_tracker_is_read() {
    let shore = Shore::new().await;
    for body in [PAGE, GOAL] {
        let reply = send(&shore, body).await;
        assert_eq!((reply.status, reply.text().as_str(), reply.header("x-plausible-dropped")), (StatusCode::ACCEPTED, "ok", ""));
        shore.pass(1);
    }
    let events = shore.events().await;
    assert_eq!((&events[0]["type"], &events[0]["name"], &events[0]["path"]), (&json!("page"), &json!(""), &json!("/p")));
    assert_eq!(events[0]["context"]["library"], "plausible 36");
    assert_eq!(
        (&events[1]["name"], &events[1]["properties"]),
        (&json!("Signup"), &json!({ "plan": "pro", "revenue": 10, "currency": "USD" }))
    );
    assert_eq!(events[0]["session"], events[1]["session"]);
    assert_eq!(shore.count("SELECT count(*) AS n FROM sessions WHERE source = 'x' AND views = 1 AND events = 2").await, 1);
    assert_eq!(shore.ledger().await[0]["source"], "plausible");
    shore.check_ledger().await;
}

#[tokio::test]
async fn long_names_and_older_ways_are_read_too() {
    let shore = Shore::new().await;
    for more in [
        json!({ "props": { "plan": "pro" }, "referrer": "https://www.example.org/", "interactive": false }),
        json!({ "m": "{\"plan\":\"pro\"}", "name": "B", "revenue": "{\"currency\":\"EUR\",\"amount\":\"10.29\"}" }),
        json!({ "meta": { "plan": "pro" }, "name": "C", "props": null, "p": "" }),
        json!({ "name": "engagement", "sd": 80, "e": 3100 }),
    ] {
        assert_eq!(send(&shore, event(&more)).await.header("x-orilla-reason"), "", "{more}");
        shore.pass(1);
    }
    let properties: Vec<_> = shore.events().await.iter().map(|event| event["properties"].clone()).collect();
    let expect = [
        json!({ "plan": "pro", "interactive": false }),
        json!({ "plan": "pro", "revenue": "10.29", "currency": "EUR" }),
        json!({ "plan": "pro" }),
        json!({ "scroll_depth": 80, "engagement_time": 3100 }),
    ];
    assert_eq!(properties, expect);
    shore.check_ledger().await;
}

#[tokio::test]
async fn the_first_domain_that_is_a_site_has_the_event() {
    let shore = Shore::new().await;
    shore.site(OTHER, &json!({})).await;
    let mine = format!("{SITE}.example");
    for (name, domains) in [("A", format!("nobody.example, www.{mine},{OTHER}.example")), ("B", mine.to_uppercase())] {
        assert_eq!(send(&shore, event(&json!({ "name": name, "domain": domains }))).await.status, StatusCode::ACCEPTED, "{domains}");
    }
    let by_host = json!({ "name": "C", "url": format!("https://www.{mine}/p"), "domain": null });
    assert_eq!(send(&shore, event(&by_host)).await.status, StatusCode::ACCEPTED);
    assert_eq!((shore.events().await.len(), shore.count("SELECT count(*) AS n FROM events").await), (3, 3));
    for (domains, status) in [("nobody.example", StatusCode::NOT_FOUND), ("a,b,c,d,e,f,g,h,i,j,k", StatusCode::BAD_REQUEST)] {
        assert_eq!(send(&shore, event(&json!({ "domain": domains }))).await.status, status, "{domains}");
    }
    shore.check_ledger().await;
}

#[tokio::test]
async fn what_is_dropped_says_so_and_why() {
    let shore = Shore::new().await;
    let many: serde_json::Map<String, Json> = (0..31).map(|n| (format!("p{n}"), json!(1))).collect();
    for (more, reason) in [
        (json!({ "name": "x".repeat(121) }), "too_large"),
        (json!({ "url": format!("https://shop.example/{}", "x".repeat(2_000)) }), "too_large"),
        (json!({ "referrer": format!("https://shop.example/{}", "x".repeat(2_000)) }), "too_large"),
        (json!({ "props": { "p": "x".repeat(2_001) } }), "too_large"),
        (json!({ "props": { "x".repeat(301): 1 } }), "too_large"),
        (json!({ "props": many }), "too_many_properties"),
        (json!({ "props": "no object" }), "malformed"),
        (json!({ "props": [1] }), "malformed"),
        (json!({ "url": null }), "malformed"),
        (json!({ "url": "data:text/html,x" }), "malformed"),
        (json!({ "name": null }), "name_missing"),
        (json!({ "name": { "not": "text" } }), "name_missing"),
        (json!({ "referrer": "https://semalt.com/" }), "spam_referrer"),
    ] {
        let reply = send(&shore, event(&more)).await;
        let told = (reply.status, reply.header("x-plausible-dropped"), reply.header("x-orilla-reason"));
        assert_eq!(told, (StatusCode::ACCEPTED, "1", reason), "{more}");
    }
    let robot = shore.send(Call::post("/api/event").header("user-agent", "curl/8.5.0").body(PAGE)).await;
    assert_eq!((robot.status, robot.header("x-orilla-reason")), (StatusCode::ACCEPTED, "user_agent"));
    let sums = shore.check_ledger().await;
    assert_eq!((sums["received"], sums["invalid"], sums["bot"]), (14, 12, 2));
}

#[tokio::test]
async fn limits_are_reached_without_a_loss() {
    let shore = Shore::new().await;
    let many: serde_json::Map<String, Json> = (0..30).map(|n| (format!("p{n}"), json!("x".repeat(500)))).collect();
    let whole = event(&json!({ "name": "ñ".repeat(120), "props": many, "url": format!("https://shop.example/{}", "x".repeat(1_999)) }));
    assert_eq!(send(&shore, whole).await.header("x-orilla-reason"), "");
    assert_eq!(shore.events().await[0]["properties"].as_object().unwrap().len(), 30);
}

#[tokio::test]
async fn what_is_no_event_is_refused() {
    let shore = Shore::new().await;
    for body in [&b""[..], b"null", b"[]", b"\"x\"", b"{}", b"{\"n\":", b"\xff\xfe", b"{\"d\":42}"] {
        let reply = send(&shore, body).await;
        assert!(matches!(reply.status, StatusCode::BAD_REQUEST | StatusCode::NOT_FOUND), "{body:?}: {}", reply.status);
    }
    let half = PAGE.replace("\"r\":null", r#""r":"https://a.example/\ud83c""#);
    assert_eq!(send(&shore, half).await.header("x-orilla-reason"), "");
    let large = send(&shore, event(&json!({ "props": { "p": "x".repeat(70_000) } }))).await;
    assert_eq!(large.status, StatusCode::PAYLOAD_TOO_LARGE);
    shore.check_ledger().await;
}
