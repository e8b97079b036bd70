//! Who is who, and who is a lead: what an alias, an identity and an erasure change of what was before them and of what comes after.

use std::collections::BTreeMap;

use http::StatusCode;
use orilla_core::sites::Kind;
use orilla_core::sql::Statement;
use orilla_native::testing::Call;
use serde_json::{Value as Json, json};

use crate::support::{SITE, Shore, codes, track};

/// One member of each event.
async fn told(shore: &Shore, member: &str) -> BTreeMap<String, String> {
    let of = |event: &Json| (event["id"].as_str().unwrap().to_owned(), event[member].as_str().unwrap_or("-").to_owned());
    shore.events().await.iter().map(of).collect()
}

async fn journey(shore: &Shore, id: &str) -> Vec<String> {
    let journey = shore.ask(&format!("/v1/people/{id}/journey")).await;
    let mut ids: Vec<_> = journey["events"].as_array().unwrap().iter().map(|event| event["id"].as_str().unwrap().to_owned()).collect();
    ids.sort();
    ids
}

fn by(user: &str, id: &str) -> Json {
    json!({ "type": "track", "messageId": id, "userId": user, "event": "A" })
}

fn alias(id: &str, user: &str, previous: &str) -> Json {
    json!({ "type": "alias", "messageId": id, "userId": user, "previousId": previous })
}

fn identify(id: &str, visitor: &str, user: &str, traits: &Json) -> Json {
    json!({ "type": "identify", "messageId": id, "anonymousId": visitor, "userId": user, "traits": traits })
}

/// Every event's person is this one, and each of the ids has the whole journey.
async fn check_one_person(shore: &Shore, person: &str, ids: &[&str]) {
    let people = told(shore, "person").await;
    assert!(people.values().all(|it| it == person), "{people:?}");
    let all: Vec<_> = people.into_keys().collect();
    for id in ids {
        assert_eq!(journey(shore, id).await, all, "{id}");
    }
}

#[tokio::test]
async fn an_alias_joins_two_users_with_all_that_was_theirs() {
    let shore = Shore::new().await;
    shore.batch(json!([by("old", "m1"), track("m2", "anon", "A"), identify("m3", "anon", "old", &json!({ "plan": "pro" }))])).await;
    shore.batch(json!([by("new", "m4")])).await;
    shore.batch(json!([alias("m5", "new", "old")])).await;
    shore.batch(json!([by("old", "m6"), track("m7", "anon", "A"), by("new", "m8")])).await;
    let ids = ["old", "new", "anon", "user:old"];
    check_one_person(&shore, "user:new", &ids).await;
    // The other way round it is the same people.
    shore.batch(json!([alias("m9", "old", "new"), by("old", "n1"), by("new", "n2")])).await;
    check_one_person(&shore, "user:new", &ids).await;
    // And once more, on to a third.
    shore.batch(json!([alias("n3", "newest", "new"), by("old", "n4"), by("newest", "n5")])).await;
    check_one_person(&shore, "user:newest", &["old", "new", "newest", "anon"]).await;
    assert_eq!(shore.count("SELECT count(*) AS n FROM people WHERE visitor_id = 'anon' AND traits ->> '$.plan' = 'pro'").await, 1);
}

#[tokio::test]
async fn an_alias_and_what_follows_it_may_come_in_one_request() {
    let shore = Shore::new().await;
    shore
        .batch(json!([identify("m1", "anon", "old", &json!({})), alias("m2", "new", "old"), track("m3", "anon", "A"), by("old", "m4")]))
        .await;
    check_one_person(&shore, "user:new", &["old", "new", "anon"]).await;
}

#[tokio::test]
async fn nobody_takes_a_users_history_by_a_visitors_name() {
    let shore = Shore::new().await;
    shore.batch(json!([by("ana", "m1")])).await;
    shore.batch(json!([identify("m2", "user:ana", "evil", &json!({})), by("ana", "m3")])).await;
    let people = told(&shore, "person").await;
    assert_eq!([&people["m1"], &people["m2"], &people["m3"]], ["user:ana", "user:evil", "user:ana"]);
}

#[tokio::test]
async fn posthogs_libraries_say_the_same_alias_the_other_way_round() {
    for (library, distinct, other) in [("posthog-node", "u", "before"), ("posthog-python", "before", "u"), ("web", "before", "u")] {
        let shore = Shore::new().await;
        let event =
            |uuid: &str, who: &str, properties: Json| json!({ "uuid": uuid, "event": "A", "distinct_id": who, "properties": properties });
        let server = json!({ "$lib": "posthog-node" });
        let mut told_of = event("m4", distinct, json!({ "distinct_id": distinct, "alias": other, "$lib": library }));
        told_of["event"] = "$create_alias".into();
        let batch = [event("m1", "before", json!({})), event("m2", "before", server.clone()), event("m3", "u", server.clone()), told_of];
        for one in
            batch.into_iter().chain([event("m5", "before", json!({})), event("m6", "before", server.clone()), event("m7", "u", server)])
        {
            let body = json!({ "api_key": shore.write, "batch": [one] });
            assert_eq!(shore.send(shore.call("/batch/").json(&body)).await.json()["accepted"], 1, "{library}");
        }
        check_one_person(&shore, "user:u", &["u", "before"]).await;
    }
}

/// A lead with this mailbox.
async fn lead(shore: &Shore, email: &str) {
    let lead = "INSERT INTO leads (id, site_id, email, email_key, fields, locale, verdict, form_id, first_touch, last_touch, tags, score, fit, engagement, \
         band, score_detail, is_confirmed, submissions, revision, created_at, updated_at) \
         VALUES ('lead-1', ?1, ?2, ?2, '{}', 'es', 'accept', 'demo', '{}', '{}', '[]', 0, 0, 0, 'C3', '{}', 1, 1, 1, 0, 0)";
    shore.host.rows(Statement::new(lead).bind(SITE).bind(email)).await;
}

#[tokio::test]
async fn who_names_a_leads_mailbox_is_that_lead_before_and_after() {
    let shore = Shore::new().await;
    lead(&shore, "ana@olas.example").await;
    shore
        .batch(json!([track("m1", "phone", "A"), identify("m2", "phone", "ana", &json!({})), identify("m3", "desk", "ana", &json!({}))]))
        .await;
    shore.batch(json!([track("m4", "stranger", "A")])).await;
    assert!(told(&shore, "lead").await.values().all(|lead| lead == "-"));
    let says = identify("m5", "desk", "ana", &json!({ "email": "Ana@olas.example" }));
    for _ in 0..2 {
        shore.batch(json!([says])).await;
        shore.batch(json!([track("m6", "desk", "A"), track("m7", "phone", "A"), track("m8", "stranger", "A")])).await;
        let leads = told(&shore, "lead").await;
        let theirs: Vec<_> = leads.iter().filter(|(_, lead)| *lead == "lead-1").map(|(id, _)| id.as_str()).collect();
        assert_eq!((theirs, leads.len()), (vec!["m1", "m2", "m3", "m5", "m6", "m7"], 8));
    }
    // On a third device by the same user, which names no mailbox.
    shore.batch(json!([track("n3", "tablet", "A"), by("ana", "n4")])).await;
    shore.batch(json!([identify("n5", "tablet", "ana", &json!({}))])).await;
    shore.batch(json!([track("n6", "tablet", "A"), by("ana", "n7")])).await;
    let leads = told(&shore, "lead").await;
    assert!(["n3", "n4", "n5", "n6", "n7"].iter().all(|id| leads[*id] == "lead-1"), "{leads:?}");
    // Without a user of the site's own, too.
    shore.batch(json!([{ "type": "identify", "messageId": "n1", "anonymousId": "tv", "traits": { "email": "ana@olas.example" } }])).await;
    shore.batch(json!([track("n2", "tv", "A")])).await;
    let leads = told(&shore, "lead").await;
    assert_eq!((leads["n1"].as_str(), leads["n2"].as_str()), ("lead-1", "lead-1"));
}

#[tokio::test]
async fn a_lead_who_did_something_waits_to_be_sorted_into_segments_again_and_nobody_else_does() {
    let shore = Shore::new().await;
    lead(&shore, "ana@olas.example").await;
    for id in ["lead-1", "lead-2"] {
        let standing = "INSERT INTO segment_standings (site_id, lead_id, version, revision, due_at) VALUES (?1, ?2, 1, 1, NULL)";
        shore.host.rows(Statement::new(standing).bind(SITE).bind(id)).await;
    }
    let waiting = async || {
        let waiting = "SELECT lead_id || ' ' || revision AS it FROM segment_standings WHERE due_at IS NOT NULL";
        let rows = shore.host.rows(Statement::new(waiting));
        rows.await.iter().map(|row| row.text("it").unwrap().to_owned()).collect::<Vec<_>>()
    };
    shore.batch(json!([track("m1", "stranger", "A")])).await;
    assert_eq!(waiting().await, [""; 0]);
    shore.batch(json!([identify("m2", "anon", "u-1", &json!({ "email": "ana@olas.example" }))])).await;
    assert_eq!(waiting().await, ["lead-1 2"], "whoever says who they are, at once");
    shore.batch(json!([track("m3", "anon", "A"), track("m4", "anon", "B")])).await;
    assert_eq!(waiting().await, ["lead-1 3"], "and whoever sorts them now begins anew");
}

#[tokio::test]
async fn what_was_decided_on_before_an_erasure_is_not_stored_after_it() {
    let shore = Shore::new().await;
    shore.batch(json!([track("m1", "v", "A")])).await;
    let admin = shore.key(SITE, Kind::Admin).await;
    assert_eq!(shore.send(Call::delete("/v1/people/v").key(&admin)).await.status, StatusCode::OK);
    // The erasure again, but committed right after the facts of the next request were read: that request is counted last of them.
    for statement in [
        "CREATE TABLE erased AS SELECT * FROM suppressions",
        "DELETE FROM suppressions",
        "CREATE TRIGGER meanwhile AFTER INSERT ON limits BEGIN INSERT INTO suppressions SELECT * FROM erased; END",
    ] {
        shore.host.rows(Statement::new(statement)).await;
    }
    let events = json!([track("m2", "v", "A"), track("m3", "w", "A"), track("m3", "w", "A")]);
    let call = shore.call("/v1/batch").from_address(std::net::Ipv4Addr::new(192, 0, 2, 7));
    let reply = shore.send(call.json(&json!({ "batch": events }))).await;
    assert_eq!(reply.status, StatusCode::OK, "{}", reply.text());
    let answer = reply.json();
    assert_eq!(
        (&answer["accepted"], &answer["duplicate"], codes(&answer["filtered"])),
        (&json!(1), &json!(1), vec!["0 suppressed".to_owned()])
    );
    assert_eq!(told(&shore, "visitor").await, BTreeMap::from([("m3".to_owned(), "w".to_owned())]));
    let count = async |verdict: &str| -> i64 { shore.ledger().await.iter().map(|line| line[verdict].as_i64().unwrap()).sum() };
    assert_eq!((count("received").await, count("accepted").await, count("duplicate").await, count("quarantined").await), (4, 2, 1, 1));
}
