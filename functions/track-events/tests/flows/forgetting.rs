//! What is forgotten by age: events, visits and names, as the site says; never a count.

use http::StatusCode;
use orilla_core::sites::Kind;
use orilla_core::sql::Statement;
use serde_json::{Value as Json, json};
use track_events::TrackEvents;

use crate::support::{OTHER, Shore, track};

const DAY: u64 = 86_400;

/// One tick; how many rows went.
async fn tick(shore: &Shore) -> u32 {
    shore.host.tick::<TrackEvents<_>>().await.unwrap().expired
}

fn identify(id: &str, who: &str, user: &str) -> Json {
    json!({ "type": "identify", "messageId": id, "anonymousId": who, "userId": user, "traits": { "email": format!("{user}@olas.example") } })
}

async fn ids(shore: &Shore) -> Vec<Json> {
    shore.events().await.into_iter().map(|event| event["id"].clone()).collect()
}

/// Rows of people and of mailboxes.
async fn names(shore: &Shore) -> [i64; 2] {
    [shore.count("SELECT count(*) AS n FROM people").await, shore.count("SELECT count(*) AS n FROM mailboxes").await]
}

#[tokio::test]
async fn events_visits_and_names_go_when_their_site_says_and_counts_stay() {
    let shore = Shore::with(json!({ "keeps_days": 30 })).await;
    let page =
        json!({ "type": "page", "messageId": "m1", "anonymousId": "phone", "properties": { "url": "https://marea.example/precios" } });
    shore.batch(json!([page, identify("m2", "phone", "ana"), identify("m3", "old", "bo")])).await;
    let before = shore.check_ledger().await;
    shore.pass(20 * DAY);
    shore.batch(json!([{ "type": "identify", "messageId": "m4", "anonymousId": "desk", "userId": "ana" }])).await;
    assert_eq!((tick(&shore).await, names(&shore).await), (0, [3, 2]), "twenty days are not thirty");

    shore.pass(10 * DAY);
    assert_eq!(tick(&shore).await, 0, "a whole day more, not a moment less");
    shore.pass(1);
    // Three events, two visits, and Bo with a mailbox; Ana was here ten days ago, and is found by what she said on her telephone.
    assert_eq!(tick(&shore).await, 7);
    assert_eq!((ids(&shore).await, names(&shore).await), (vec![json!("m4")], [2, 1]));
    let journey = shore.ask("/v1/people/ana@olas.example/journey").await;
    assert_eq!((journey["events"].as_array().unwrap().len(), journey["sessions"].as_array().unwrap().len()), (1, 1));

    shore.pass(20 * DAY);
    assert_eq!(tick(&shore).await, 5);
    assert_eq!((shore.count("SELECT count(*) AS n FROM sessions").await, names(&shore).await), (0, [0, 0]));
    assert_eq!(shore.count("SELECT sum(views) AS n FROM page_views").await, 1);
    let line: i64 = shore.ledger().await.iter().map(|line| line["accepted"].as_i64().unwrap()).sum();
    assert_eq!(line, before["accepted"] + 1);
    assert_eq!(tick(&shore).await, 0);
}

#[tokio::test]
async fn an_imported_history_stays_as_long_as_anything() {
    let shore = Shore::with(json!({ "keeps_days": 30 })).await;
    let mut old = track("m1", "phone", "Signup");
    old["timestamp"] = json!("2024-05-01T10:00:00Z");
    shore.batch(json!([old])).await;
    assert_eq!((tick(&shore).await, shore.events().await[0]["occurred_at"].clone()), (0, json!("2024-05-01T10:00:00.000Z")));
    assert_eq!(shore.count("SELECT count(*) AS n FROM sessions").await, 1);
    shore.pass(30 * DAY + 1);
    assert_eq!(tick(&shore).await, 2);
}

#[tokio::test]
async fn what_one_site_forgets_another_keeps() {
    let mut shore = Shore::with(json!({ "keeps_days": 1 })).await;
    shore.batch(json!([identify("m1", "phone", "ana")])).await;
    shore.site(OTHER, &json!({})).await;
    let own = std::mem::take(&mut shore.write);
    shore.write = shore.key(OTHER, Kind::Write).await;
    let reply = shore.send(shore.call("/v1/batch").json(&json!({ "batch": [identify("m1", "phone", "ana")] }))).await;
    assert_eq!(reply.status, StatusCode::OK, "{}", reply.text());
    shore.write = own;
    shore.pass(400 * DAY);
    assert_eq!(tick(&shore).await, 4);
    for table in ["events", "sessions", "people", "mailboxes"] {
        let rows = shore.host.rows(Statement::new(format!("SELECT site_id FROM {table}"))).await;
        let sites: Vec<_> = rows.iter().map(|row| row.text("site_id").unwrap()).collect();
        assert_eq!(sites, [OTHER], "{table}");
    }
}

#[tokio::test]
async fn many_are_forgotten_bite_by_bite() {
    let shore = Shore::with(json!({ "keeps_days": 1 })).await;
    for part in 0..3 {
        let events: Vec<_> = (0..200).map(|number| track(&format!("m{part}-{number}"), "phone", "Step")).collect();
        shore.batch(json!(events)).await;
    }
    shore.pass(2 * DAY);
    assert_eq!(tick(&shore).await, 500);
    assert_eq!(shore.count("SELECT count(*) AS n FROM sessions").await, 1, "a visit of which events are left");
    assert_eq!(tick(&shore).await, 101);
    assert_eq!((tick(&shore).await, ids(&shore).await.len()), (0, 0));
}
