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
    let beyond = shore.ok(Call::get("/v1/tickets?offset=4294967295").key(&shore.read)).await;
    assert_eq!((beyond["tickets"].clone(), beyond["next_offset"].clone()), (json!([]), json!(null)));
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

#[tokio::test]
async fn a_merged_ticket_stops_and_the_other_holds_its_words() {
    let shore = Shore::with(office()).await;
    shore.open("Factura", "Necesito la factura de octubre", "eva@mar.example").await;
    shore.open("Otra vez", "Sigo sin la factura", "eva@mar.example").await;
    let merge = |into: &str| Call::post("/v1/tickets/2/merge").key(&shore.admin).json(&json!({ "into": into, "agent": "ana" }));
    assert_eq!(shore.send(merge("2")).await.status.as_u16(), 422, "into itself");
    let into = shore.ok(merge("1")).await;
    assert_eq!((into["number"].as_i64(), kinds(&into)), (Some(1), vec!["opened", "comment"]));
    assert!(into["events"][1]["text"].as_str().unwrap().contains("Sigo sin la factura") && into["events"][1]["is_public"] == false);
    let from = shore.ticket("2").await;
    assert_eq!(
        (from["status"].as_str(), from["merged_into"].clone(), from["due_at"].clone()),
        (Some("closed"), into["id"].clone(), json!(null))
    );
    assert_eq!(kinds(&shore.ok(merge("1")).await).len(), 2, "said again it changes nothing");
}

#[tokio::test]
async fn a_report_counts_what_was_solved_at_once_and_what_was_late() {
    let mut desk = office();
    desk["rules"] = json!([{ "id": "all", "when": { "source": ["api"] }, "then": { "priority": "critical", "category": "technical" } }]);
    let shore = Shore::with(desk).await;
    for number in 1..=3 {
        shore.open("Web", &format!("La web {number} no carga"), &format!("p{number}@mar.example")).await;
    }
    shore.write_into("1", json!({ "agent": "ana", "text": "Arreglado.", "status": "solved" })).await;
    shore.write_into("1", json!({ "text": "¡Gracias!" })).await;
    shore.write_into("2", json!({ "agent": "ana", "text": "¿Qué navegador?" })).await;
    shore.write_into("2", json!({ "text": "El de siempre" })).await;
    shore.patch("2", json!({ "agent": "ana", "status": "solved" })).await;
    shore.pass(61);
    shore.tick().await;
    shore.pass(1);
    let report = shore.ok(Call::get("/v1/routing/report?days=7").key(&shore.read)).await;
    let figures = (report["tickets"].as_i64(), report["solved"].as_i64(), report["first_contact_resolution"].as_f64());
    assert_eq!(figures, (Some(3), Some(2), Some(0.5)), "{report}");
    assert_eq!(report["breaches"], json!([{ "team": "support", "priority": "critical", "metric": "first_reply", "breaches": 1 }]));
    assert_eq!(report["categories"][0]["this_week"], 3);
    let csv = shore.send(Call::get("/v1/routing/report?format=csv&table=breaches").key(&shore.read)).await;
    assert_eq!(csv.text(), "team,priority,metric,breaches\r\nsupport,critical,first_reply,1\r\n");
    for bad in ["days=0", "format=csv", "format=xml&table=agents"] {
        assert_eq!(shore.send(Call::get(format!("/v1/routing/report?{bad}")).key(&shore.read)).await.status.as_u16(), 400, "{bad}");
    }
}

#[tokio::test]
async fn suggestions_are_the_sites_own_articles() {
    let shore = Shore::with(office()).await;
    shore.open("Factura", "¿Dónde descargo la factura de octubre?", "eva@mar.example").await;
    let none = shore.ok(Call::get("/v1/tickets/1/suggestions").key(&shore.read)).await;
    assert_eq!(none["suggestions"], json!([]), "no article was ever written");
    shore.know("invoice", "¿Dónde están mis facturas?", "En Ajustes, Facturas: cada una se descarga en PDF.").await;
    shore.know("weather", "¿Qué pasa si hace mal tiempo?", "Te cambiamos el día sin coste.").await;
    let told = shore.ok(Call::get("/v1/tickets/1/suggestions").key(&shore.read)).await;
    assert_eq!(
        (told["suggestions"][0]["article"].as_str(), told["suggestions"][0]["locale"].as_str()),
        (Some("invoice"), Some("es")),
        "{told}"
    );
    assert!(told["suggestions"][0]["text"].as_str().unwrap().contains("PDF"));
}

#[tokio::test]
async fn an_answer_that_is_sent_again_is_written_once() {
    let shore = Shore::with(office()).await;
    shore.open("Factura", "Necesito la factura", "eva@mar.example").await;
    let call = |text: &str| {
        let body = json!({ "agent": "ana", "text": text });
        Call::post("/v1/tickets/1/comments").key(&shore.admin).header("idempotency-key", "k1").json(&body)
    };
    let (one, two) = (shore.ok(call("Ahí va.")).await, shore.ok(call("Ahí va.")).await);
    assert_eq!((kinds(&one), kinds(&two)), (vec!["opened", "comment", "status"], vec!["opened", "comment", "status"]));
    assert_eq!(shore.send(call("Otra cosa.")).await.status.as_u16(), 422);
    let given = shore.patch("1", json!({ "agent": "bea", "assignee": "carl" })).await;
    assert_eq!(given["routing"], json!({ "agent": "carl", "why": "hand" }));
}
