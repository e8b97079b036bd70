//! What people do with tickets.

use http::Method;
use orilla_native::testing::Call;
use serde_json::json;

use crate::support::{Shore, kinds, office};

#[tokio::test]
async fn everything_that_is_changed_stands_in_the_audit_with_who_did_it() {
    let shore = Shore::with(office()).await;
    shore.open("Factura", "Necesito la factura de octubre", "eva@mar.example").await;
    let ticket = shore.patch("1", json!({ "agent": "bea", "category": "technical", "tags": ["b", "a", "a"], "status": "pending" })).await;
    assert_eq!(
        (ticket["team"].as_str(), ticket["tags"].clone(), ticket["status"].as_str()),
        (Some("support"), json!(["a", "b"]), Some("pending"))
    );
    assert!(ticket["events"].as_array().unwrap().iter().skip(1).all(|event| event["actor"] == "agent:bea"), "{ticket}");
    let again = shore.patch("1", json!({ "status": "pending" })).await;
    assert_eq!(kinds(&again), kinds(&ticket), "what is so already is no change");
    let note = shore.write_into("1", json!({ "agent": "bea", "text": "Ojo, es la tercera vez", "is_public": false })).await;
    assert_eq!(note["events"].as_array().unwrap().last().unwrap()["is_public"], false);
    assert_eq!(note["replied_at"], json!(null), "a note is no reply");
}

#[tokio::test]
async fn what_the_desk_does_not_know_is_refused() {
    let shore = Shore::with(office()).await;
    shore.open("Factura", "Necesito la factura de octubre", "eva@mar.example").await;
    for (change, field) in [
        (json!({ "category": "magic" }), "category"),
        (json!({ "team": "ghosts" }), "team"),
        (json!({ "assignee": "zoe" }), "assignee"),
        (json!({ "tags": [""] }), "tags"),
    ] {
        let reply = shore.send(Call::new(Method::PATCH, "/v1/tickets/1").key(&shore.admin).json(&change)).await;
        assert_eq!((reply.status.as_u16(), reply.json()["errors"][0]["field"].as_str()), (422, Some(field)), "{}", reply.text());
    }
    for body in [json!({ "text": "" }), json!({ "text": "psst", "is_public": false })] {
        let reply = shore.send(Call::post("/v1/tickets/1/comments").key(&shore.admin).json(&body)).await;
        assert_eq!(reply.status.as_u16(), 422, "{}", reply.text());
    }
    assert_eq!(shore.send(Call::get("/v1/tickets/99").key(&shore.read)).await.status.as_u16(), 404);
    assert_eq!(shore.send(Call::get("/v1/tickets?status=lost").key(&shore.read)).await.status.as_u16(), 400);
}

#[tokio::test]
async fn tickets_are_listed_by_what_is_due_first() {
    let shore = Shore::with(office()).await;
    for (number, priority) in ["low", "critical", "high"].into_iter().enumerate() {
        shore.open("Algo", &format!("Mensaje {number}"), &format!("p{number}@mar.example")).await;
        shore.patch(&(number + 1).to_string(), json!({ "priority": priority })).await;
    }
    let listed = shore.ok(Call::get("/v1/tickets?order=due&status=unsolved").key(&shore.read)).await;
    let numbers: Vec<_> = listed["tickets"].as_array().unwrap().iter().map(|it| it["number"].as_i64().unwrap()).collect();
    assert_eq!(numbers, [2, 3, 1]);
    let one = shore.ok(Call::get("/v1/tickets?requester=P1@mar.example").key(&shore.read)).await;
    assert_eq!(one["tickets"].as_array().unwrap().len(), 1);
}

#[tokio::test]
async fn erasing_leaves_a_receipt_and_nothing_else() {
    let shore = Shore::with(office()).await;
    shore.listen().await;
    let ticket = shore.open("Secreto", "Mi palabra es xiloprax", "eva@mar.example").await;
    shore.patch("1", json!({ "category": "account" })).await;
    assert!(shore.dump().await.contains("xiloprax"));
    let receipt = shore.ok(Call::delete("/v1/tickets/1").key(&shore.admin)).await;
    assert!(receipt["rows"]["ticket_events"].as_i64().unwrap() > 1 && receipt["rows"]["ticket_lessons"] == 1, "{receipt}");
    assert_eq!(
        shore.send(Call::get(format!("/v1/tickets/{}", ticket["id"].as_str().unwrap())).key(&shore.read)).await.status.as_u16(),
        404
    );
    let dump = shore.dump().await;
    assert!(!dump.contains("xiloprax") && !dump.contains("eva@mar.example"));
}
