//! Bad input and broken stores: each event has its verdict, nothing is half stored.

use http::StatusCode;
use orilla_native::testing::Call;
use serde_json::json;

use crate::support::{Shore, codes, gzip, track};

#[tokio::test]
async fn each_bad_event_of_a_batch_is_told_by_its_place() {
    let shore = Shore::new().await;
    let long = "x".repeat(33 * 1024);
    let deep = format!("{}1{}", "[".repeat(5_000), "]".repeat(5_000));
    let many: Vec<String> = (0..1_200).map(|n| format!("\"p{n}\":1")).collect();
    let batch = [
        track("ok", "v", "A").to_string(),
        "null".to_owned(),
        "[]".to_owned(),
        "42".to_owned(),
        json!({ "type": "dance", "anonymousId": "v" }).to_string(),
        json!({ "type": "track", "anonymousId": "v" }).to_string(),
        json!({ "type": "track", "event": "A" }).to_string(),
        json!({ "type": "track", "event": "A", "anonymousId": "v", "properties": { "p": long } }).to_string(),
        format!("{{\"type\":\"track\",\"event\":\"A\",\"anonymousId\":\"v\",\"properties\":{{\"p\":{deep}}}}}"),
        format!("{{\"type\":\"track\",\"event\":\"A\",\"anonymousId\":\"v\",\"properties\":{{{}}}}}", many.join(",")),
        json!({ "type": "track", "event": "A", "anonymousId": "v".repeat(201) }).to_string(),
        json!({ "type": "track", "event": "A", "anonymousId": {"not": "text"}, "messageId": 12 }).to_string(),
        r#"{"type":"track","event":"A \ud83c b","anonymousId":"v","messageId":"half"}"#.to_owned(),
    ];
    let reply = shore.send(shore.call("/v1/batch").body(format!("{{\"batch\":[{}]}}", batch.join(",")))).await;
    assert_eq!(reply.status, StatusCode::OK, "{}", reply.text());
    let expect = [
        "1 malformed",
        "2 malformed",
        "3 malformed",
        "4 unknown_type",
        "5 name_missing",
        "6 identity_missing",
        "7 too_large",
        "8 malformed",
        "9 too_many_properties",
        "10 bad_id",
        "11 identity_missing",
    ];
    assert_eq!(codes(&reply.json()["rejected"]), expect);
    let events = shore.events().await;
    assert_eq!((events.len(), events[1]["name"].as_str()), (2, Some("A \u{fffd} b")));
    let sums = shore.check_ledger().await;
    assert_eq!((sums["received"], sums["accepted"], sums["invalid"]), (13, 2, 11));
}

/// A store that keeps what it cannot give back answers no export any more.
#[tokio::test]
async fn a_place_that_no_host_can_carry_is_none() {
    let shore = Shore::new().await;
    for (id, sequence) in [("m1", json!(7)), ("m2", json!(i64::MAX)), ("m3", json!(-1_i64 << 53)), ("m4", json!(u64::MAX))] {
        let mut event = track(id, "v", "A");
        event["context"] = json!({ "orilla": { "sequence": sequence } });
        shore.batch(json!([event])).await;
    }
    let sequences: Vec<_> = shore.events().await.iter().map(|event| event["sequence"].clone()).collect();
    assert_eq!(sequences.iter().filter(|it| **it == json!(7)).count(), 1, "{sequences:?}");
    assert_eq!(sequences.iter().filter(|it| **it == json!(0)).count(), 3, "{sequences:?}");
}

#[tokio::test]
async fn bodies_are_read_whatever_they_claim_to_be() {
    let shore = Shore::new().await;
    let body = |id: &str| json!({ "batch": [track(id, "v", "A")] }).to_string();
    // RudderStack's Node client, Segment's browser client, posthog-js, and one that says what it sends.
    let calls = [
        shore
            .call("/v1/batch")
            .header("content-type", "application/x-www-form-urlencoded")
            .header("content-encoding", "gzip")
            .body(gzip(&body("m1"))),
        shore.call("/v1/batch").header("content-type", "text/plain").body(body("m2")),
        shore.call("/v1/batch").header("content-type", "text/plain").body(gzip(&body("m3"))),
        shore.call("/v1/batch").header("content-type", "application/json").body(format!("\u{feff}{}", body("m4"))),
    ];
    for call in calls {
        let reply = shore.send(call).await;
        assert_eq!((reply.status, &reply.json()["accepted"]), (StatusCode::OK, &json!(1)), "{}", reply.text());
    }
}

#[tokio::test]
async fn a_body_of_which_nothing_can_be_told_is_refused_and_counted() {
    let shore = Shore::new().await;
    let whole = gzip(&json!({ "batch": [track("m", "v", "A")] }).to_string());
    for (body, status) in [
        (b"".to_vec(), StatusCode::BAD_REQUEST),
        (b"null".to_vec(), StatusCode::BAD_REQUEST),
        (b"{\"batch\":[".to_vec(), StatusCode::BAD_REQUEST),
        (b"{\"batch\":{}}".to_vec(), StatusCode::BAD_REQUEST),
        (whole[..whole.len() - 9].to_vec(), StatusCode::BAD_REQUEST),
        (gzip(&" ".repeat(4_000_000)), StatusCode::PAYLOAD_TOO_LARGE),
    ] {
        let reply = shore.send(shore.call("/v1/batch").body(body)).await;
        assert_eq!(reply.status, status, "{}", reply.text());
    }
    let sums = shore.check_ledger().await;
    assert_eq!((sums["received"], sums["invalid"]), (6, 6));
}

#[tokio::test]
async fn a_store_that_fails_has_stored_nothing() {
    use orilla_native::testing::SqlFault;
    let shore = Shore::new().await;
    for statement in ["INSERT INTO events", "INSERT INTO ledger", "INSERT INTO sessions", "FROM sessions", "FROM keys"] {
        shore.host.fail_sql(SqlFault::on(statement));
        let reply = shore.send(shore.call("/v1/track").json(&track("m1", "v", "A"))).await;
        assert_eq!(reply.status, StatusCode::SERVICE_UNAVAILABLE, "{statement}: {}", reply.text());
        shore.host.heal();
        assert!(shore.events().await.is_empty() && shore.check_ledger().await.is_empty(), "{statement}");
    }
    let reply = shore.send(shore.call("/v1/track").json(&track("m1", "v", "A"))).await;
    assert_eq!(reply.json()["accepted"], 1);
}

#[tokio::test]
async fn a_flood_of_one_address_is_told_when_to_come_back() {
    let shore = Shore::new().await;
    shore.send(shore.call("/v1/track").json(&track("m1", "v", "A"))).await;
    shore.host.rows(orilla_core::sql::Statement::new("UPDATE limits SET count = 6000")).await;
    let reply = shore.send(shore.call("/v1/track").json(&track("m2", "v", "A"))).await;
    assert_eq!((reply.status, reply.header("retry-after")), (StatusCode::TOO_MANY_REQUESTS, "60"));
    assert_eq!(shore.events().await.len(), 1);
}

#[tokio::test]
async fn segments_browser_client_may_start() {
    let shore = Shore::new().await;
    let settings = shore.send(Call::get(format!("/v1/projects/{}/settings", shore.write)).header("origin", "https://marea.example")).await;
    assert_eq!(settings.json()["integrations"]["Segment.io"]["apiKey"], json!(shore.write));
    assert_eq!(settings.header("access-control-allow-origin"), "https://marea.example");
    for key in ["guess", &shore.read] {
        assert_eq!(shore.send(Call::get(format!("/v1/projects/{key}/settings"))).await.status, StatusCode::NOT_FOUND);
    }
}
