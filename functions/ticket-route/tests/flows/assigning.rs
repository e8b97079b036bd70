//! Who gets a ticket, and who does not.

use futures_util::future::join_all;
use http::Method;
use orilla_native::testing::Call;
use serde_json::json;

use crate::support::{Shore, at, kinds, office};

#[tokio::test]
async fn nobody_who_is_not_there_gets_a_ticket_and_the_backlog_drains_when_people_return() {
    let shore = Shore::with(office()).await;
    let ticket = shore.open("Error", "La aplicación da un error al abrir el calendario", "eva@mar.example").await;
    assert_eq!((ticket["assignee"].clone(), ticket["routing"]["why"].as_str()), (json!(null), Some("nobody_online")), "{ticket}");
    shore.presence("ana", "online").await;
    let ticket = shore.ticket("1").await;
    assert_eq!((ticket["assignee"].as_str(), kinds(&ticket)), (Some("ana"), vec!["opened", "assigned"]));
    assert!(ticket["routing"]["reasons"].as_array().unwrap().iter().any(|it| it["kind"] == "skill"), "{}", ticket["routing"]);
}

#[tokio::test]
async fn nobody_gets_a_ticket_outside_of_hours_or_beyond_what_they_may_hold() {
    let shore = Shore::with(office()).await;
    shore.presence("ana", "online").await;
    for number in 0..3 {
        shore
            .open("Error", &format!("La aplicación da el error {number} al abrir el calendario"), &format!("eva{number}@mar.example"))
            .await;
    }
    let held = shore.ok(Call::get("/v1/tickets?assignee=ana").key(&shore.read)).await;
    assert_eq!(held["tickets"].as_array().unwrap().len(), 2, "as many as she may hold");
    assert_eq!(shore.ticket("3").await["routing"]["why"], "all_full");
    shore.host.manual_clock().set(at("2026-11-27T17:30:00Z"));
    shore.patch("1", json!({ "status": "solved" })).await;
    assert_eq!(shore.ticket("3").await["assignee"], json!(null), "half past six in Madrid");
    shore.host.manual_clock().set(at("2026-11-30T08:05:00Z"));
    shore.tick().await;
    assert_eq!(shore.ticket("3").await["assignee"], "ana");
}

#[tokio::test]
async fn of_two_claims_one_wins_and_the_other_is_told() {
    let shore = Shore::with(office()).await;
    shore.open("Error", "La aplicación da un error", "eva@mar.example").await;
    let claim = |agent: &str| Call::post("/v1/tickets/1/claim").key(&shore.admin).json(&json!({ "agent": agent }));
    let replies = join_all([shore.send(claim("ana")), shore.send(claim("bea"))]).await;
    let mut codes: Vec<_> = replies.iter().map(|reply| reply.status.as_u16()).collect();
    codes.sort_unstable();
    assert_eq!(codes, [200, 409]);
    assert_eq!(kinds(&shore.ticket("1").await), ["opened", "assigned"]);
    let nobody = shore.send(Call::post("/v1/tickets/1/claim").key(&shore.admin).json(&json!({ "agent": "zoe" }))).await;
    assert_eq!(nobody.status.as_u16(), 422);
}

#[tokio::test]
async fn who_does_not_reply_loses_the_ticket_to_another_and_never_gets_it_back() {
    let mut desk = office();
    desk["reassigns_after_minutes"] = json!(30);
    let shore = Shore::with(desk).await;
    shore.presence("ana", "online").await;
    shore.open("Error", "La aplicación da un error al abrir el calendario", "eva@mar.example").await;
    assert_eq!(shore.ticket("1").await["assignee"], "ana");
    shore.presence("bea", "online").await;
    shore.pass(29);
    shore.tick().await;
    assert_eq!(shore.ticket("1").await["assignee"], "ana");
    shore.pass(1);
    shore.tick().await;
    assert_eq!(shore.ticket("1").await["assignee"], "bea");
    shore.pass(31);
    shore.tick().await;
    let ticket = shore.ticket("1").await;
    assert_eq!((ticket["assignee"].clone(), ticket["routing"]["why"].as_str()), (json!(null), Some("all_refused")), "{ticket}");
}

#[tokio::test]
async fn people_say_whether_they_are_there() {
    let shore = Shore::with(office()).await;
    shore.presence("ana", "away").await;
    let agents = shore.ok(Call::get("/v1/agents").key(&shore.read)).await;
    let states: Vec<_> = agents["agents"].as_array().unwrap().iter().map(|it| it["presence"].as_str().unwrap()).collect();
    assert_eq!(states, ["away", "offline", "offline"]);
    let patch = |path: &str, body| Call::new(Method::PATCH, path.to_owned()).key(&shore.admin).json(&body);
    assert_eq!(shore.send(patch("/v1/agents/zoe", json!({ "presence": "online" }))).await.status.as_u16(), 404);
    assert_eq!(shore.send(patch("/v1/agents/ana", json!({ "presence": "asleep" }))).await.status.as_u16(), 422);
}
