//! RudderStack's own paths: the configuration, the beacon and the pixel.

use http::StatusCode;
use orilla_native::testing::Call;
use serde_json::json;

use crate::support::{BROWSER, Shore, gzip};

/// `@rudderstack/analytics-js` 3.34.1, as recorded.
const PAGE: &str = r#"{"properties":{"path":"/p","referrer":"$direct","referring_domain":"","search":"?utm_source=x","title":"","url":"http://shop.example/p?utm_source=x","tab_url":"http://shop.example/p?utm_source=x","initial_referrer":"$direct","initial_referring_domain":""},"type":"page","channel":"web","context":{"traits":{},"sessionId":1795434797520,"sessionStart":true,"app":{"name":"RudderLabs JavaScript SDK","namespace":"com.rudderlabs.javascript","version":"3.34.1","installType":"npm"},"library":{"name":"RudderLabs JavaScript SDK","version":"3.34.1","variant":"bundled"},"userAgent":"Mozilla/5.0 (linux) AppleWebKit/537.36 (KHTML, like Gecko) jsdom/24.1.3","os":{"name":"","version":""},"locale":"en-US","screen":{"width":0,"height":0},"campaign":{"source":"x"},"page":{"path":"/p","referrer":"$direct","referring_domain":"","search":"?utm_source=x","title":"","url":"http://shop.example/p?utm_source=x","tab_url":"http://shop.example/p?utm_source=x","initial_referrer":"$direct","initial_referring_domain":""},"timezone":"GMT+0000"},"originalTimestamp":"2026-11-23T11:53:18.474Z","messageId":"ef24aee4-341e-4e63-b14c-f57e035b3f55","userId":"","anonymousId":"04b2f2d7-68c5-4b87-b5a1-b09dd22731ba","integrations":{"All":true},"sentAt":"2026-11-23T11:53:18.483Z"}"#;
/// `@rudderstack/rudder-sdk-node` 3.0.13, as recorded, sent gzipped under the content type of a form.
const NODE: &str = r#"{"batch":[{"userId":"u1","traits":{"email":"a@b.c"},"context":{"traits":{"email":"a@b.c"},"library":{"name":"analytics-node","version":"3.0.13"}},"type":"identify","channel":"server","_metadata":{"nodeVersion":"20.20.2"},"originalTimestamp":"2026-11-23T11:39:52.335Z","messageId":"0530efa2-2fe5-4b72-9a77-69e766229f94","sentAt":"2026-11-23T11:39:52.344Z"}],"timestamp":"2026-11-23T11:39:52.344Z","sentAt":"2026-11-23T11:39:52.344Z"}"#;
const SERVED: &str = "2026-11-23T11:53:19Z";

#[tokio::test]
async fn the_browser_client_may_start_and_sends() {
    let shore = Shore::new().await;
    shore.host.manual_clock().set(crate::support::at(SERVED));
    let basic = |key: &str| shore.basic(key);
    let query = "/sourceConfig/?p=npm&v=3.34.1&build=modern&lockIntegrationsVersion=true&lockPluginsVersion=true";
    let by_header = Call::get(query).header("authorization", basic(&shore.write)).header("origin", "https://marea.example");
    let by_query = Call::get(format!("/sourceConfig?writeKey={}", shore.write)).header("origin", "https://marea.example");
    for call in [by_header, by_query] {
        let reply = shore.send(call).await;
        assert_eq!((reply.status, reply.header("access-control-allow-origin")), (StatusCode::OK, "https://marea.example"));
        let source = &reply.json()["source"];
        assert_eq!((&source["writeKey"], &source["enabled"], &source["config"]), (&json!(shore.write), &json!(true), &json!({})));
        assert_eq!((&source["destinations"], source["id"].is_string()), (&json!([]), true));
    }
    for key in [&shore.read, "guess", ""] {
        assert_eq!(shore.send(Call::get(query).header("authorization", basic(key))).await.status, StatusCode::UNAUTHORIZED, "{key}");
    }
    let page = Call::post("/v1/page").header("authorization", basic(&shore.write)).header("user-agent", BROWSER);
    let page = page.header("anonymousid", "MDRiMmYyZDctNjhjNS00Yjg3LWI1YTEtYjA5ZGQyMjczMWJh").header("sentat", "2026-11-23T11:53:18.483Z");
    let reply = shore.send(page.body(PAGE)).await;
    assert_eq!(reply.json()["accepted"], 1, "{}", reply.text());
    let events = shore.events().await;
    assert_eq!((&events[0]["session"], &events[0]["path"]), (&json!("1795434797520"), &json!("/p")));
    assert_eq!(events[0]["occurred_at"], "2026-11-23T11:53:18.474Z");
    shore.check_ledger().await;
}

#[tokio::test]
async fn the_node_client_sends_gzip_as_a_form() {
    let shore = Shore::new().await;
    let call = Call::post("/v1/batch").header("authorization", shore.basic(&shore.write)).header("user-agent", "analytics-node/3.0.13");
    let call = call.header("content-type", "application/x-www-form-urlencoded").header("content-encoding", "gzip").body(gzip(NODE));
    assert_eq!(shore.send(call).await.json()["accepted"], 1);
    assert_eq!(shore.events().await[0]["user"], "u1");
}

#[tokio::test]
async fn a_closing_page_sends_by_beacon() {
    let shore = Shore::new().await;
    let uri = format!("/beacon/v1/batch?writeKey={}", shore.write);
    let beacon = |uri: &str, body: Vec<u8>| {
        Call::post(uri).header("content-type", "text/plain;charset=UTF-8").header("user-agent", BROWSER).body(body)
    };
    let batch = format!("{{\"batch\":[{PAGE}]}}").into_bytes();
    let reply = shore.send(beacon(&uri, batch.clone())).await;
    assert_eq!((&reply.json()["success"], &reply.json()["accepted"]), (&json!(true), &json!(1)), "{}", reply.text());
    assert_eq!(shore.send(beacon(&uri, batch.clone())).await.json()["duplicate"], 1);
    for uri in ["/beacon/v1/batch", "/beacon/v1/batch?writeKey=", "/beacon/v1/batch?writeKey=guess"] {
        assert_eq!(shore.send(beacon(uri, batch.clone())).await.status, StatusCode::UNAUTHORIZED, "{uri}");
    }
    assert_eq!(shore.send(beacon(&uri, b"null".to_vec())).await.status, StatusCode::BAD_REQUEST);
    let sums = shore.check_ledger().await;
    assert_eq!((sums["received"], sums["accepted"], sums["duplicate"], sums["invalid"]), (3, 1, 1, 1));
    assert!(shore.ledger().await[0]["source"].as_str().unwrap().starts_with("rudder:"));
}

#[tokio::test]
async fn an_image_carries_an_event() {
    let shore = Shore::new().await;
    let pixel = |rest: &str| Call::get(format!("/pixel/v1/{rest}&writeKey={}", shore.write)).header("user-agent", BROWSER);
    let reply = shore
        .send(pixel(
            "track?event=Opened&anonymousId=%22v%22&messageId=m1&properties.mail=welcome&context.page.url=https%3A%2F%2Fmarea.example%2Fes",
        ))
        .await;
    assert_eq!((reply.status, reply.header("content-type"), reply.header("cache-control")), (StatusCode::OK, "image/gif", "no-store"));
    assert!(reply.text().starts_with("GIF89a") && reply.header("x-orilla-reason").is_empty());
    shore.pass(1);
    shore.send(pixel("page?name=Mail&userId=u1&messageId=m2")).await;
    let events = shore.events().await;
    assert_eq!((&events[0]["visitor"], &events[0]["name"], &events[0]["path"]), (&json!("v"), &json!("Opened"), &json!("/es")));
    assert_eq!(events[0]["properties"], json!({ "mail": "welcome" }));
    assert_eq!((&events[1]["type"], &events[1]["user"]), (&json!("page"), &json!("u1")));
    let deep = format!("track?event=A&anonymousId=v&{}=1", ["a"; 5_000].join("."));
    for (query, reason) in [
        ("track?anonymousId=v", "name_missing"),
        ("track?event=A", "identity_missing"),
        ("track?event=A&event.x=1&anonymousId=", "identity_missing"),
    ] {
        let reply = shore.send(pixel(query)).await;
        assert_eq!((reply.status, reply.header("x-orilla-reason")), (StatusCode::OK, reason), "{query}");
    }
    assert_eq!(shore.send(pixel(&deep)).await.status, StatusCode::OK);
    assert_eq!(shore.send(Call::get("/pixel/v1/track?event=A&anonymousId=v")).await.status, StatusCode::UNAUTHORIZED);
    let sums = shore.check_ledger().await;
    assert_eq!((sums["received"], sums["accepted"], sums["invalid"]), (6, 3, 3));
}
