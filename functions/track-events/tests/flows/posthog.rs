//! PostHog's libraries, in every wrapping that they send.

use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use http::StatusCode;
use orilla_core::sites::Kind;
use orilla_native::testing::{Call, Reply};
use serde_json::{Value as Json, json};

use crate::support::{BROWSER, SITE, Shore, at, codes, gzip};

/// `posthog-node` 5.70.0, as recorded.
const NODE: &str = r#"{"api_key":"phc_x","batch":[{"event":"Signup","properties":{"plan":"pro","$lib":"posthog-node","$lib_version":"5.70.0","$is_server":true,"$geoip_disable":true},"timestamp":"2026-11-23T11:39:53.296Z","uuid":"01a20834-9450-7dce-96cc-bc8ff23fbe66","distinct_id":"u1"}],"sent_at":"2026-11-23T11:39:53.297Z"}"#;
/// `posthog` 7.91.1 of PyPI, as recorded.
const PYTHON: &str = r#"{"batch": [{"properties": {"plan": "pro", "$python_runtime": "CPython", "$python_version": "3.11.7", "$os": "Linux", "$os_version": "12", "$os_distro": "Debian GNU/Linux", "$lib": "posthog-python", "$lib_version": "7.91.1", "$geoip_disable": true, "$is_server": true}, "timestamp": "2026-11-23T11:39:55.353977+00:00", "distinct_id": "u1", "event": "Signup", "uuid": "103d9be6-fac2-4cfb-8712-da3f1b427891"}], "historical_migration": false, "sent_at": "2026-11-23T11:39:55.354257+00:00", "api_key": "phc_x"}"#;
/// `posthog-js` 1.449.2, as recorded up to `$session_id`, where the recording breaks off; a page view before anybody is known.
const VIEW: &str = r#"{"api_key":"phc_x","batch":[{"uuid":"01a20840-c324-7744-a74e-3a02be78ce8f","event":"$pageview","properties":{"$os":"Linux","$browser":"Safari","$device_type":"Desktop","$timezone":"UTC","$timezone_offset":0,"$current_url":"http://shop.example/p?utm_source=x","$host":"shop.example","$pathname":"/p","$raw_user_agent":"Mozilla/5.0 (linux) AppleWebKit/537.36 (KHTML, like Gecko) jsdom/24.1.3","$browser_version":null,"$browser_language":"en-US","$browser_language_prefix":"en","$screen_height":0,"$screen_width":0,"$viewport_height":768,"$viewport_width":1024,"$lib":"web","$lib_version":"1.449.2","$insert_id":"pc9b5q59nipgz3es","$time":1795434791.737,"$sdk_dist_channel":"npm","$initialization_time":"2026-11-23T11:53:11.671Z","$configured_session_timeout_ms":1800000,"distinct_id":"01a20840-c2fb-7c00-b605-57e0b566666d","$device_id":"01a20840-c2fb-7c00-b605-57e0b566666d","$sdk_debug_extensions_init_method":"synchronous","$sdk_debug_extensions_init_time_ms":2,"li_fat_id":null,"utm_source":"x","utm_medium":null,"$referrer":"$direct","$referring_domain":"$direct","title":"","token":"phc_x","$config_defaults":"unset","$session_id":"01a20840-c339-7e68-8e0f-b48ba8e32f00","$is_identified":false,"$process_person_profile":false},"timestamp":"2026-11-23T11:53:11.737Z"}],"sent_at":"2026-11-23T11:53:14.800Z"}"#;
/// The same library's `$identify`.
const IDENTIFY: &str = r#"{"api_key":"phc_x","batch":[{"uuid":"01a20840-c648-71a9-94bf-33f23d0999db","event":"$identify","properties":{"$os":"Linux","$current_url":"http://shop.example/p?utm_source=x","$raw_user_agent":"Mozilla/5.0 (linux) AppleWebKit/537.36 (KHTML, like Gecko) jsdom/24.1.3","$lib":"web","$lib_version":"1.449.2","$insert_id":"pedomkav9w644o04","$time":1795434792.52,"distinct_id":"u1","$device_id":"01a20840-c2fb-7c00-b605-57e0b566666d","$user_id":"u1","$referrer":"$direct","$anon_distinct_id":"01a20840-c2fb-7c00-b605-57e0b566666d","token":"phc_x","$session_id":"01a20840-c339-7e68-8e0f-b48ba8e32f00","$is_identified":true,"$process_person_profile":true},"$set":{"email":"ana@olas.example"},"$set_once":{"$initial_referrer":"$direct"},"timestamp":"2026-11-23T11:53:12.520Z"}],"sent_at":"2026-11-23T11:53:14.810Z"}"#;

fn of(shore: &Shore, recorded: &str) -> String {
    recorded.replace("phc_x", &shore.write)
}

async fn send(shore: &Shore, path: &str, body: impl Into<Vec<u8>>) -> Reply {
    shore.send(Call::post(path).header("content-type", "text/plain").header("user-agent", BROWSER).body(body.into())).await
}

fn event(shore: &Shore, uuid: &str) -> Json {
    json!({ "token": shore.write, "uuid": uuid, "event": "A", "distinct_id": "v", "properties": { "plan": "pro" } })
}

#[tokio::test]
async fn the_servers_libraries_are_read() {
    let shore = Shore::new().await;
    shore.host.manual_clock().set(at("2026-11-23T11:39:56Z"));
    let node = Call::post("/batch/")
        .header("user-agent", "posthog-node/5.70.0")
        .header("content-type", "application/json")
        .header("content-encoding", "gzip");
    let python = Call::post("/batch/").header("user-agent", "posthog-python/7.91.1").header("content-type", "application/json");
    for call in [node.body(gzip(&of(&shore, NODE))), python.body(of(&shore, PYTHON))] {
        let reply = shore.send(call).await;
        assert_eq!(
            (reply.status, &reply.json()["status"], &reply.json()["accepted"]),
            (StatusCode::OK, &json!(1), &json!(1)),
            "{}",
            reply.text()
        );
        shore.pass(1);
    }
    let events = shore.events().await;
    let ids: Vec<_> = events.iter().map(|event| event["id"].as_str().unwrap()).collect();
    assert_eq!(ids, ["01a20834-9450-7dce-96cc-bc8ff23fbe66", "103d9be6-fac2-4cfb-8712-da3f1b427891"]);
    for event in &events {
        assert_eq!((&event["user"], &event["visitor"], &event["properties"]["plan"]), (&json!("u1"), &json!("user:u1"), &json!("pro")));
    }
    assert_eq!(events[0]["context"]["library"], "posthog-node 5.70.0");
    assert_eq!(events[0]["occurred_at"], "2026-11-23T11:39:53.296Z");
    shore.check_ledger().await;
}

#[tokio::test]
async fn the_browsers_library_keeps_one_history() {
    let shore = Shore::new().await;
    shore.host.manual_clock().set(at("2026-11-23T11:53:15Z"));
    for body in [VIEW, IDENTIFY] {
        let reply = send(&shore, "/e/?ip=0&_=1795434794800&ver=1.449.2", gzip(&of(&shore, body))).await;
        assert_eq!(reply.json()["accepted"], 1, "{}", reply.text());
    }
    let events = shore.events().await;
    let device = "01a20840-c2fb-7c00-b605-57e0b566666d";
    for event in &events {
        assert_eq!(
            (&event["visitor"], &event["person"], &event["session"]),
            (&json!(device), &json!("user:u1"), &json!("01a20840-c339-7e68-8e0f-b48ba8e32f00"))
        );
    }
    assert_eq!((&events[0]["type"], &events[0]["path"], &events[0]["user"]), (&json!("page"), &json!("/p"), &Json::Null));
    assert_eq!(events[1]["properties"], json!({ "$initial_referrer": "$direct", "email": "ana@olas.example" }));
    let stored = shore
        .count(
            "SELECT count(*) AS n FROM events WHERE properties LIKE '%jsdom%' OR context LIKE '%jsdom%' OR properties LIKE '%orl_write%'",
        )
        .await;
    assert_eq!(stored, 0, "browsers and keys are kept nowhere");
    assert_eq!(shore.count("SELECT count(*) AS n FROM sessions WHERE source = 'x' AND views = 1").await, 1);
    shore.check_ledger().await;
}

#[tokio::test]
async fn every_path_and_wrapping_is_read() {
    let shore = Shore::new().await;
    let text = |uuid: &str| event(&shore, uuid).to_string();
    let percent = |text: &str| url::form_urlencoded::byte_serialize(text.as_bytes()).collect::<String>();
    let bodies: Vec<(&str, Vec<u8>)> = vec![
        ("/capture", text("a").into()),
        ("/capture/", format!("[{},{}]", text("b"), text("c")).into()),
        ("/e/?compression=gzip-js", gzip(&text("d"))),
        ("/i/v0/e/", gzip(&format!("[{}]", text("e")))),
        ("/track/", format!("data={}", percent(&text("f"))).into()),
        ("/e/?compression=base64", format!("data={}", percent(&STANDARD.encode(text("g")))).into()),
        ("/e/?compression=base64", format!("data={}", STANDARD.encode(text("h"))).into()),
        ("/e/", format!("data={}&compression=gzip-js", percent(&STANDARD.encode(gzip(&text("i"))))).into()),
        ("/e/", STANDARD.encode(text("j")).trim_end_matches('=').into()),
        ("/e/", gzip(&format!("data={}", percent(&STANDARD.encode(text("k")))))),
        (
            "/batch",
            json!({ "token": shore.write, "historical_migration": true, "batch": [{ "uuid": "l", "event": "A", "distinct_id": 7 }] })
                .to_string()
                .into(),
        ),
        ("/engage/", json!({ "$token": shore.write, "$distinct_id": "v", "uuid": "m", "$set": { "plan": "pro" } }).to_string().into()),
        ("/e/", json!({ "uuid": "n", "event": "A", "properties": { "token": shore.write, "distinct_id": "v" } }).to_string().into()),
    ];
    for (path, body) in bodies {
        let reply = send(&shore, path, body).await;
        assert_eq!(
            (reply.status, &reply.json()["status"], &reply.json()["rejected"]),
            (StatusCode::OK, &json!(1), &json!([])),
            "{path}: {}",
            reply.text()
        );
    }
    let mut ids: Vec<_> = shore.events().await.iter().map(|event| event["id"].as_str().unwrap().to_owned()).collect();
    ids.sort();
    assert_eq!(ids.concat(), "abcdefghijklmn");
    assert_eq!(shore.count("SELECT count(*) AS n FROM events WHERE type = 'identify' AND user_id = 'v'").await, 1);
    shore.check_ledger().await;
}

#[tokio::test]
async fn events_become_what_they_are_called() {
    let shore = Shore::new().await;
    let batch = json!([
        { "event": "$screen", "uuid": "a", "distinct_id": "v", "properties": { "$screen_name": "Start" } },
        { "event": "$groupidentify", "uuid": "b", "distinct_id": "$company_5", "properties": { "$group_type": "company", "$group_key": "5", "$group_set": { "size": 3 } } },
        { "event": "A", "uuid": "c", "distinct_id": "old", "timestamp": "2026-03-02T08:59:00Z" },
        { "event": "$create_alias", "uuid": "d", "distinct_id": "ana", "properties": { "alias": "old", "$is_server": true } },
        { "event": "B", "uuid": "e", "distinct_id": "$posthog_cookieless", "properties": { "$cookieless_mode": true } },
        { "event": "C", "uuid": "f", "distinct_id": "v", "offset": 60_000 },
    ]);
    let reply = send(&shore, "/batch/", json!({ "api_key": shore.write, "batch": batch }).to_string()).await;
    assert_eq!(reply.json()["accepted"], 6, "{}", reply.text());
    let events = shore.events().await;
    let of = |id: &str| events.iter().find(|event| event["id"] == id).unwrap();
    assert_eq!((&of("a")["type"], &of("a")["name"]), (&json!("screen"), &json!("Start")));
    assert_eq!(
        (&of("b")["type"], &of("b")["properties"]),
        (&json!("group"), &json!({ "size": 3, "groupId": "5", "groupType": "company" }))
    );
    assert_eq!((&of("c")["person"], &of("d")["person"]), (&json!("user:ana"), &json!("user:ana")));
    assert_ne!(of("e")["visitor"], "$posthog_cookieless");
    assert_eq!(of("f")["occurred_at"], "2026-03-02T08:59:00.000Z");
    shore.check_ledger().await;
}

#[tokio::test]
async fn a_millisecond_has_an_order() {
    let shore = Shore::new().await;
    let named =
        |name: &str, uuid: &str| json!({ "event": name, "distinct_id": "v", "uuid": uuid, "timestamp": "2026-03-02T08:59:00.000Z" });
    let batch = json!([
        named("Third", "019caded-9da0-7dcf-8000-000000000000"),
        named("First", "019caded-9da0-7dce-96cc-bc8ff23fbe66"),
        named("Second", "019caded-9da0-7dce-96cc-bc90a23fbe66"),
    ]);
    send(&shore, "/batch/", json!({ "api_key": shore.write, "batch": batch }).to_string()).await;
    let mut events = shore.events().await;
    events.sort_by_key(|event| event["sequence"].as_i64());
    let names: Vec<_> = events.iter().map(|event| event["name"].as_str().unwrap()).collect();
    assert_eq!(names, ["First", "Second", "Third"]);
}

#[tokio::test]
async fn each_bad_event_is_told_by_its_place() {
    let shore = Shore::new().await;
    let foreign = shore.key(SITE, Kind::Write).await;
    let mut other = event(&shore, "other");
    other["token"] = foreign.into();
    let large = json!({ "token": shore.write, "event": "A", "distinct_id": "v", "properties": { "p": "x".repeat(930_000) } });
    let list = [
        event(&shore, "ok").to_string(),
        "null".to_owned(),
        "[[]]".to_owned(),
        json!({ "event": null, "distinct_id": "v" }).to_string(),
        json!({ "event": { "not": "text" }, "distinct_id": "v" }).to_string(),
        json!({ "event": "A" }).to_string(),
        json!({ "event": "A", "distinct_id": null, "properties": null }).to_string(),
        json!({ "event": "A", "distinct_id": "v".repeat(201) }).to_string(),
        other.to_string(),
        large.to_string(),
        format!("{{\"event\":\"A\",\"distinct_id\":\"v\",\"properties\":{{\"p\":{}1{}}}}}", "[".repeat(5_000), "]".repeat(5_000)),
        r#"{"event":"A \ud83c b","distinct_id":"v","uuid":"half","offset":-9223372036854775808}"#.to_owned(),
        r#"{"event":"A","distinct_id":"v","uuid":42,"timestamp":{},"properties":[1],"offset":9223372036854775807}"#.to_owned(),
    ];
    let reply = send(&shore, "/e/", format!("[{}]", list.join(","))).await;
    assert_eq!(
        (reply.status, &reply.json()["status"], &reply.json()["accepted"]),
        (StatusCode::OK, &json!(1), &json!(3)),
        "{}",
        reply.text()
    );
    let expect = [
        "1 malformed",
        "2 malformed",
        "3 name_missing",
        "4 name_missing",
        "5 identity_missing",
        "6 identity_missing",
        "7 bad_id",
        "8 other_site",
        "9 too_large",
        "10 malformed",
    ];
    assert_eq!(codes(&reply.json()["rejected"]), expect);
    let sums = shore.check_ledger().await;
    assert_eq!((sums["received"], sums["accepted"], sums["invalid"]), (13, 3, 10));
}

#[tokio::test]
async fn an_event_of_posthogs_size_is_stored_whole() {
    let shore = Shore::new().await;
    // Quotation marks count twice on the way into the store.
    let long = "\"".repeat(440_000);
    let body = json!({ "token": shore.write, "event": "A", "distinct_id": "v", "uuid": "a", "properties": { "p": long } });
    let reply = send(&shore, "/e/", gzip(&body.to_string())).await;
    assert_eq!(reply.json()["accepted"], 1, "{}", reply.text());
    assert_eq!(shore.events().await[0]["properties"]["p"].as_str().unwrap().len(), 440_000);
    shore.check_ledger().await;
}

#[tokio::test]
async fn a_body_of_which_nothing_can_be_told_is_refused() {
    let shore = Shore::new().await;
    let whole = gzip(&of(&shore, NODE));
    for (body, status) in [
        (b"".to_vec(), StatusCode::BAD_REQUEST),
        (b"null".to_vec(), StatusCode::BAD_REQUEST),
        (b"42".to_vec(), StatusCode::BAD_REQUEST),
        (b"data=".to_vec(), StatusCode::BAD_REQUEST),
        (b"data=%%%".to_vec(), StatusCode::BAD_REQUEST),
        (b"data=bm8gSlNPTg%3D%3D".to_vec(), StatusCode::BAD_REQUEST),
        (b"data=%7B%22event".to_vec(), StatusCode::BAD_REQUEST),
        (b"{\"batch\":7}".to_vec(), StatusCode::BAD_REQUEST),
        (b"{\"event\":\"A\",".to_vec(), StatusCode::BAD_REQUEST),
        (whole[..whole.len() - 9].to_vec(), StatusCode::BAD_REQUEST),
        (format!("data={}", STANDARD.encode(&whole[..whole.len() - 9])).into(), StatusCode::BAD_REQUEST),
        (b"\x1f\x8b\x08".to_vec(), StatusCode::BAD_REQUEST),
        (gzip(&" ".repeat(7_000_000)), StatusCode::PAYLOAD_TOO_LARGE),
        (format!("data={}", STANDARD.encode(gzip(&" ".repeat(7_000_000)))).into(), StatusCode::PAYLOAD_TOO_LARGE),
        (b"[]".to_vec(), StatusCode::UNAUTHORIZED),
        (b"{}".to_vec(), StatusCode::UNAUTHORIZED),
        (NODE.as_bytes().to_vec(), StatusCode::UNAUTHORIZED),
        (b"{\"api_key\":[],\"batch\":[null]}".to_vec(), StatusCode::UNAUTHORIZED),
    ] {
        let reply = send(&shore, "/batch/", body.clone()).await;
        assert_eq!(reply.status, status, "{}: {}", String::from_utf8_lossy(&body), reply.text());
    }
    assert!(shore.events().await.is_empty() && shore.check_ledger().await.is_empty());
}

#[tokio::test]
async fn libraries_hear_how_to_behave() {
    let shore = Shore::new().await;
    let get = |path: String| Call::get(path).header("origin", "https://marea.example");
    let config = shore.send(get(format!("/array/{}/config?ip=0&ver=1.449.2", shore.write))).await;
    assert_eq!((config.status, config.header("access-control-allow-origin")), (StatusCode::OK, "https://marea.example"));
    assert_eq!(
        (&config.json()["supportedCompression"][1], &config.json()["analytics"]["endpoint"]),
        (&json!("gzip-js"), &json!("/i/v0/e/"))
    );
    let script = shore.send(get(format!("/array/{}/config.js", shore.write))).await;
    assert!(script.header("content-type").starts_with("application/javascript"));
    assert!(script.text().contains(&format!("[\"{}\"] = {{\"config\":{{", shore.write)), "{}", script.text());
    for key in ["guess", &shore.read] {
        assert_eq!(shore.send(get(format!("/array/{key}/config"))).await.status, StatusCode::NOT_FOUND);
        assert_eq!(shore.send(get(format!("/array/{key}/config.js"))).await.status, StatusCode::NOT_FOUND);
    }
    let question = json!({ "token": shore.write, "distinct_id": "u1", "groups": {} }).to_string();
    for (path, body) in [("/flags/?v=2", gzip(&question)), ("/decide/?v=3", format!("data={}", STANDARD.encode(&question)).into())] {
        let flags = send(&shore, path, body).await;
        let answer = flags.json();
        assert_eq!(
            (flags.status, &answer["flags"], &answer["featureFlags"], &answer["errorsWhileComputingFlags"]),
            (StatusCode::OK, &json!({}), &json!({}), &json!(false))
        );
    }
    for path in ["config", "config.js"] {
        // posthog-js asks for the script of surveys wherever they are named.
        assert!(!shore.send(get(format!("/array/{}/{path}", shore.write))).await.text().contains("surveys"), "{path}");
    }
    assert!(!send(&shore, "/flags/", question).await.text().contains("surveys"));
    assert_eq!(send(&shore, "/flags/", "{}").await.status, StatusCode::UNAUTHORIZED);
    assert_eq!(send(&shore, "/flags/", "null").await.status, StatusCode::BAD_REQUEST);
    assert!(shore.check_ledger().await.is_empty());
}
