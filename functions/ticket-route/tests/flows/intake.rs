//! A ticket comes in.

use http::StatusCode;
use orilla_core::Function;
use orilla_core::sql::Statement;
use orilla_native::testing::Call;
use serde_json::json;
use ticket_route::TicketRoute;

use crate::support::{SITE, Shore, kinds, office};

#[tokio::test]
async fn a_ticket_is_weighed_and_gets_a_deadline_with_reasons() {
    let shore = Shore::with(office()).await;
    let said = "Hola, me habéis cobrado dos veces la factura de octubre, 39,90 y otra vez 39,90.\n> older words";
    let ticket = shore.open("Cobro doble", said, "Eva@Mar.example").await;
    assert_eq!(
        (ticket["category"].as_str(), ticket["team"].as_str(), ticket["locale"].as_str()),
        (Some("billing"), Some("money"), Some("es")),
        "{ticket}"
    );
    assert_eq!((ticket["number"].as_i64(), ticket["status"].as_str()), (Some(1), Some("new")));
    assert_eq!(ticket["requester"]["email"], "Eva@mar.example");
    let label = &ticket["verdict"]["category"];
    assert!(label["probability"].as_f64().unwrap() > 0.5 && !label["reasons"].as_array().unwrap().is_empty(), "{label}");
    let first = ticket["clocks"].as_array().unwrap().iter().find(|clock| clock["metric"] == "first_reply").unwrap();
    assert_eq!((first["state"].as_str(), first["due_at"].is_string()), (Some("running"), true), "{first}");
    assert_eq!(kinds(&ticket), ["opened"]);
    assert_eq!(ticket["events"][0]["text"], said, "the record keeps all of it");
}

#[tokio::test]
async fn the_same_again_is_linked_and_not_doubled() {
    let shore = Shore::with(office()).await;
    let first = shore.open("Ayuda", "No puedo entrar en mi cuenta.", "eva@mar.example").await;
    let sent = json!({ "subject": "ayuda", "text": "No  puedo entrar en mi cuenta.", "requester": { "email": "EVA@mar.example" } });
    let reply = shore.send(Call::post("/v1/tickets").key(&shore.admin).json(&sent)).await;
    assert_eq!(reply.status, StatusCode::OK);
    assert_eq!((reply.json()["ticket_id"].clone(), reply.json()["is_duplicate"].clone()), (first["id"].clone(), json!(true)));
    assert_eq!(kinds(&shore.ticket("1").await), ["opened", "duplicate"]);
    let other = json!({ "subject": "ayuda", "text": "No puedo entrar en mi cuenta.", "requester": { "email": "leo@mar.example" } });
    assert_eq!(shore.ok(Call::post("/v1/tickets").key(&shore.admin).json(&other)).await["number"], 2, "another person's is another ticket");
    shore.pass(25 * 60);
    assert_eq!(shore.ok(Call::post("/v1/tickets").key(&shore.admin).json(&sent)).await["number"], 3, "a day later it is said again");
}

#[tokio::test]
async fn a_key_makes_one_ticket_however_often_it_is_sent() {
    let shore = Shore::bare().await;
    let call = |text: &str| Call::post("/v1/tickets").key(&shore.admin).header("idempotency-key", "k1").json(&json!({ "text": text }));
    let (one, two) = (shore.ok(call("la web no carga")).await, shore.ok(call("la web no carga")).await);
    assert_eq!((&one["ticket_id"], &one["number"]), (&two["ticket_id"], &json!(1)));
    assert_eq!(one["number"], two["number"]);
    assert_eq!(shore.send(call("otra cosa")).await.status.as_u16(), 422);
    assert_eq!(shore.count("tickets").await, 1);
}

#[tokio::test]
async fn a_page_opens_a_ticket_and_learns_nothing_of_what_was_thought() {
    let shore = Shore::with(office()).await;
    let sent = json!({ "text": "I cannot log in", "locale": "en", "requester": { "name": "Al", "email": "al@mar.example" } });
    let told =
        shore.ok(Call::post("/v1/tickets").header("x-write-key", &shore.write).header("origin", "https://marea.example").json(&sent)).await;
    assert!(told["ticket_id"].is_string() && told.get("ticket").is_none(), "{told}");
    let foreign = Call::post("/v1/tickets").header("x-write-key", &shore.write).header("origin", "https://evil.example").json(&sent);
    assert_eq!(shore.send(foreign).await.status.as_u16(), 403);
}

#[tokio::test]
async fn bad_input_is_told_by_field_and_nothing_is_stored() {
    let shore = Shore::bare().await;
    for (body, field) in [
        (json!({}), "text"),
        (json!({ "text": "  ", "subject": " " }), "text"),
        (json!({ "text": "x".repeat(300_000) }), "text"),
        (json!({ "text": "hola", "subject": "s".repeat(301) }), "subject"),
        (json!({ "text": "hola", "requester": { "email": "nobody" } }), "requester.email"),
        (json!({ "text": "hola", "tags": [""] }), "tags"),
        (json!({ "text": "hola", "external_id": "" }), "external_id"),
    ] {
        let reply = shore.send(Call::post("/v1/tickets").key(&shore.admin).json(&body)).await;
        assert_eq!((reply.status.as_u16(), reply.json()["errors"][0]["field"].as_str()), (422, Some(field)), "{}", reply.text());
    }
    let huge = Call::post("/v1/tickets").key(&shore.admin).body("x".repeat(2 * 1024 * 1024));
    assert_eq!(shore.send(huge).await.status.as_u16(), 413);
    assert_eq!(shore.send(Call::post("/v1/tickets").key(&shore.admin).body("[not json")).await.status.as_u16(), 400);
    assert_eq!(shore.count("tickets").await, 0);
}

#[tokio::test]
async fn html_mail_with_an_older_mail_in_it_is_weighed_by_its_own_words() {
    let shore = Shore::bare().await;
    let html = "<p>La aplicación da error 500 al guardar</p><blockquote><p>Su factura y el cobro de la tarjeta</p></blockquote>";
    let told = shore.ok(Call::post("/v1/tickets/classify").key(&shore.read).json(&json!({ "html": html }))).await;
    assert_eq!(told["category"]["label"], "technical", "{told}");
    assert_eq!(shore.count("tickets").await, 0, "it is only asked");
}

#[tokio::test]
async fn a_rule_of_the_site_decides_before_what_was_learnt() {
    let mut desk = office();
    desk["rules"] = json!([{ "id": "vip", "when": { "from": ["@bank.example"] }, "then": { "priority": "critical", "team": "money", "tags": ["vip"] } }]);
    let shore = Shore::with(desk).await;
    let ticket = shore.open("hi", "thanks for the nice newsletter", "ceo@bank.example").await;
    assert_eq!((ticket["priority"].as_str(), ticket["team"].as_str()), (Some("critical"), Some("money")));
    assert_eq!((ticket["tags"].clone(), ticket["verdict"]["rules"].clone()), (json!(["vip"]), json!(["vip"])));
    assert_eq!(ticket["verdict"]["priority"]["reasons"][0]["by"], "rule");
}

/// What the chat leaves becomes a routed ticket under the id that its visitor was told.
#[tokio::test]
async fn a_hand_off_of_the_chat_becomes_a_routed_ticket_once() {
    let shore = Shore::with(office()).await;
    shore.presence("carl", "online").await;
    let body = json!({
        "conversation_id": "c1", "subject": "¿Por qué me habéis cobrado dos veces la cuota?", "locale": "es",
        "contact": { "email": "eva@mar.example" }, "page": null, "candidates": [],
        "transcript": [
            { "author": "visitor", "text": "¿Por qué me habéis cobrado dos veces la cuota?", "at": "2026-11-27T09:59:00Z" },
            { "author": "bot", "text": "Eso no lo sé.", "at": "2026-11-27T09:59:01Z" },
            { "author": "visitor", "text": "quiero hablar con una persona, es por la factura", "at": "2026-11-27T09:59:30Z" },
        ],
    });
    let put = "INSERT INTO ticket_requests (site_id, id, source, subject_id, body, created_at) VALUES (?1, '0190a8c0-0000-7000-8000-00000000aaaa', 'chat', 'c1', ?2, 0)";
    shore.host.rows(Statement::new(put).bind(SITE).bind(body.to_string())).await;
    shore.tick().await;
    shore.tick().await;
    let ticket = shore.ticket("0190a8c0-0000-7000-8000-00000000aaaa").await;
    assert_eq!(
        (ticket["source"].as_str(), ticket["category"].as_str(), ticket["assignee"].as_str()),
        (Some("chat"), Some("billing"), Some("carl")),
        "{ticket}"
    );
    assert!(ticket["due_at"].is_string() && ticket["events"][0]["text"].as_str().unwrap().contains("bot: Eso no lo sé."));
    assert_eq!((shore.count("tickets").await, kinds(&ticket)), (1, vec!["opened", "assigned"]));
}

#[tokio::test]
async fn a_page_opens_no_flood_of_tickets_and_the_sites_own_program_may() {
    let shore = Shore::bare().await;
    let call = |key: &str, number: u32| Call::post("/v1/tickets").key(key).json(&json!({ "text": format!("asunto número {number}") }));
    for number in 0..10 {
        assert_eq!(shore.send(call(&shore.write, number)).await.status, StatusCode::CREATED);
    }
    let refused = shore.send(call(&shore.write, 10)).await;
    assert_eq!((refused.status.as_u16(), refused.header("retry-after")), (429, "600"));
    assert_eq!(shore.send(call(&shore.write, 11).from_address([198, 51, 100, 7])).await.status, StatusCode::CREATED);
    for number in 20..32 {
        assert_eq!(shore.send(call(&shore.admin, number)).await.status, StatusCode::CREATED);
    }
    shore.pass(11);
    assert_eq!(shore.send(call(&shore.write, 40)).await.status, StatusCode::CREATED);
}

/// What cannot be read holds up neither the tickets after it nor the clock.
#[tokio::test]
async fn a_hand_off_that_cannot_be_read_holds_up_nothing() {
    let shore = Shore::with(office()).await;
    let put = |id: &str, body: &str| {
        let put = "INSERT INTO ticket_requests (site_id, id, source, subject_id, body, created_at) VALUES (?1, ?2, 'chat', 'c', ?3, 0)";
        shore.host.rows(Statement::new(put).bind(SITE).bind(id.to_owned()).bind(body.to_owned()))
    };
    put("a", "[broken").await;
    put("b", &json!({ "subject": "Hola", "transcript": [{ "author": "visitor", "text": "No puedo entrar" }] }).to_string()).await;
    shore.open("Web", "La web no carga", "eva@mar.example").await;
    shore.pass(20 * 24 * 60);
    assert!(TicketRoute::open(&shore.host).unwrap().tick().await.is_err(), "it is told");
    assert_eq!(shore.ticket("b").await["source"], "chat");
    assert!(kinds(&shore.ticket("1").await).contains(&"alarm"));
}
