//! One person: what they did, and how they are forgotten.

use http::StatusCode;
use orilla_core::sites::Kind;
use orilla_core::sql::Statement;
use orilla_native::testing::{Call, Reply};
use serde_json::{Value as Json, json};

use crate::support::{OTHER, SITE, Shore, codes, track};

/// Ana on two devices, and somebody else.
async fn ana() -> Shore {
    let shore = Shore::new().await;
    shore.batch(json!([{ "type": "page", "messageId": "m1", "anonymousId": "phone", "properties": { "url": "https://marea.example/precios" } }])).await;
    shore.host.manual_clock().advance(std::time::Duration::from_secs(60));
    for (id, who) in [("m2", "phone"), ("m3", "desk")] {
        let identify =
            json!({ "type": "identify", "messageId": id, "anonymousId": who, "userId": "ana", "traits": { "email": "Ana@olas.example" } });
        shore.batch(json!([identify])).await;
    }
    shore.host.manual_clock().advance(std::time::Duration::from_secs(60));
    shore.batch(json!([track("m4", "desk", "Signup"), track("x1", "stranger", "Signup")])).await;
    shore
}

fn ids(journey: &Json) -> Vec<&str> {
    journey["events"].as_array().unwrap().iter().map(|event| event["id"].as_str().unwrap()).collect()
}

#[tokio::test]
async fn a_journey_is_the_same_by_any_id() {
    let shore = ana().await;
    for id in ["ana", "user:ana", "user%3Aana", "phone", "desk", "ana@olas.example", "ANA@olas.example"] {
        let journey = shore.ask(&format!("/v1/people/{id}/journey")).await;
        assert_eq!(ids(&journey), ["m1", "m2", "m3", "m4"], "{id}");
        let identities: Vec<_> =
            journey["identities"].as_array().unwrap().iter().map(|it| (it["visitor"].clone(), it["person"].clone())).collect();
        assert_eq!(json!(identities), json!([["desk", "user:ana"], ["phone", "user:ana"]]));
        assert_eq!(journey["sessions"].as_array().unwrap().len(), 2);
    }
    let journey = shore.ask("/v1/people/stranger/journey").await;
    assert_eq!((ids(&journey), &journey["identities"], &journey["next_cursor"]), (vec!["x1"], &json!([]), &Json::Null));
}

#[tokio::test]
async fn a_leads_journey_is_that_of_their_mailbox() {
    let shore = ana().await;
    let lead = "INSERT INTO leads (id, site_id, email, email_key, fields, locale, verdict, form_id, visitor_id, first_touch, last_touch, tags, score, fit, \
         engagement, band, score_detail, is_confirmed, submissions, revision, created_at, updated_at) \
         VALUES ('lead-1', ?1, 'ana@olas.example', 'ana@olas.example', '{}', 'es', 'accept', 'demo', 'phone', '{}', '{}', '[]', 0, 0, 0, 'C3', '{}', 1, 1, 1, 0, 0)";
    shore.host.rows(Statement::new(lead).bind(SITE)).await;
    let journey = shore.ask("/v1/people/lead-1/journey").await;
    assert_eq!((ids(&journey), &journey["leads"]), (vec!["m1", "m2", "m3", "m4"], &json!(["lead-1"])));
}

#[tokio::test]
async fn a_journey_goes_on_where_its_cursor_says() {
    let shore = ana().await;
    let (mut cursor, mut seen) = (String::new(), Vec::new());
    loop {
        let journey = shore.ask(&format!("/v1/people/ana/journey?limit=1{cursor}")).await;
        seen.extend(ids(&journey).into_iter().map(str::to_owned));
        assert_eq!(journey["sessions"].as_array().unwrap().len(), 1);
        match journey["next_cursor"].as_str() {
            Some(next) => cursor = format!("&cursor={next}"),
            None => break,
        }
    }
    assert_eq!(seen, ["m1", "m2", "m3", "m4"]);
    for query in ["limit=0", "limit=1001", "cursor=x", "cursor=W10"] {
        shore.refuses(&format!("/v1/people/ana/journey?{query}")).await;
    }
}

async fn erase(shore: &Shore, id: &str) -> Reply {
    let admin = shore.key(SITE, Kind::Admin).await;
    shore.send(Call::delete(format!("/v1/people/{id}")).key(&admin)).await
}

#[tokio::test]
async fn a_person_is_erased_by_any_id_and_stays_erased() {
    for id in ["ana", "phone", "desk", "ana@olas.example"] {
        let shore = ana().await;
        let before = shore.check_ledger().await;
        let reply = erase(&shore, id).await;
        assert_eq!(reply.status, StatusCode::OK, "{id}: {}", reply.text());
        assert_eq!(reply.json()["rows"], json!({ "sessions": 2, "exposures": 0, "mailboxes": 2, "people": 2, "events": 4 }), "{id}");
        let left: Vec<_> = shore.events().await.iter().map(|event| event["id"].clone()).collect();
        assert_eq!(left, ["x1"], "{id}");
        for table in ["sessions", "people", "mailboxes", "events"] {
            let query = format!("SELECT count(*) AS n FROM {table} WHERE visitor_id <> 'stranger'");
            assert_eq!(shore.host.rows(Statement::new(query)).await.first().unwrap().integer("n").unwrap(), 0, "{table}");
        }
        // What only counts stays.
        assert_eq!(shore.count("SELECT sum(views) AS n FROM page_views").await, 1);
        let receipt = "SELECT count(*) AS n FROM erasures WHERE subject_kind = 'person' AND counts ->> '$.events' = 4";
        assert_eq!(shore.count(receipt).await, 1);
        // Whoever comes again by any of the ids is kept out; the stranger is not.
        let again = json!([
            track("n1", "phone", "A"), track("n2", "desk", "A"), { "type": "track", "messageId": "n3", "anonymousId": "new", "userId": "ana", "event": "A" },
            { "type": "identify", "messageId": "n4", "anonymousId": "newer", "traits": { "email": "ana@OLAS.example" } },
            { "type": "alias", "messageId": "n5", "userId": "somebody", "previousId": "phone" }, track("n6", "stranger", "A"),
        ]);
        let reply = shore.send(shore.call("/v1/batch").json(&json!({ "batch": again }))).await.json();
        assert_eq!(
            (&reply["accepted"], codes(&reply["filtered"])),
            (&json!(1), (0..5).map(|n| format!("{n} suppressed")).collect()),
            "{id}"
        );
        let lines = shore.ledger().await;
        let sum = |name: &str| lines.iter().map(|line| line[name].as_i64().unwrap()).sum::<i64>();
        assert_eq!((sum("received"), sum("accepted"), sum("quarantined")), (before["received"] + 6, before["accepted"] + 1, 5));
        assert_eq!(shore.events().await.len(), 2);
        assert_eq!(erase(&shore, id).await.status, StatusCode::NOT_FOUND);
    }
}

#[tokio::test]
async fn a_failed_erasure_erases_nothing() {
    let shore = ana().await;
    let admin = shore.key(SITE, Kind::Admin).await;
    shore.host.rows(Statement::new("CREATE TRIGGER broken BEFORE INSERT ON suppressions BEGIN SELECT RAISE(ABORT, 'broken'); END")).await;
    let reply = shore.send(Call::delete("/v1/people/ana").key(&admin)).await;
    assert!(reply.status.is_server_error() || reply.status == StatusCode::CONFLICT, "{}", reply.status);
    assert_eq!((shore.events().await.len(), shore.count("SELECT count(*) AS n FROM erasures").await), (5, 0));
}

#[tokio::test]
async fn only_the_sites_own_keys_open_a_person() {
    let shore = ana().await;
    shore.site(OTHER, &json!({})).await;
    let (read, admin) = (shore.key(OTHER, Kind::Read).await, shore.key(OTHER, Kind::Admin).await);
    assert_eq!(shore.send(Call::get("/v1/people/ana/journey").key(&read)).await.status, StatusCode::NOT_FOUND);
    assert_eq!(shore.send(Call::delete("/v1/people/ana").key(&admin)).await.status, StatusCode::NOT_FOUND);
    assert_eq!(shore.send(Call::delete("/v1/people/ana").key(&shore.read)).await.status, StatusCode::FORBIDDEN);
    assert_eq!(shore.send(Call::get("/v1/people/ana/journey")).await.status, StatusCode::UNAUTHORIZED);
    for id in ["nobody", "%27%20OR%201", "nobody@olas.example"] {
        assert_eq!(shore.send(Call::get(format!("/v1/people/{id}/journey")).key(&shore.read)).await.status, StatusCode::NOT_FOUND, "{id}");
    }
    assert_eq!(shore.events().await.len(), 5);
}
