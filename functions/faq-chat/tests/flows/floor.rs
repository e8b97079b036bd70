//! Who has the floor, and what is told of it.

use orilla_core::sql::Statement;
use orilla_native::testing::Call;
use serde_json::{Value as Json, json};

use crate::support::{Shore, at};

async fn ticket(shore: &Shore) -> Json {
    let rows = shore.host.rows(Statement::new("SELECT body FROM ticket_requests")).await;
    rows.first().unwrap().json("body").unwrap()
}

#[tokio::test]
async fn asking_for_a_person_opens_one_ticket_with_all_that_was_said() {
    let shore = Shore::new().await;
    let first = shore.chat(json!({ "message": "¿puedo traer a mi perro a clase?", "locale": "es" })).await;
    let asked = shore.say(&first, "quiero hablar con una persona").await;
    assert_eq!((asked["action"].as_str(), asked["state"].as_str()), (Some("handoff"), Some("waiting")), "{asked}");
    assert_eq!(asked["answer"], "He pasado tu conversación a una persona del equipo.");
    let again = shore.chat(json!({ "want": "person", "conversation_id": first["conversation_id"], "contact": { "email": "ana@correo.example", "name": "Ana" } })).await;
    assert_eq!((again["action"].as_str(), again["state"].as_str()), (Some("handoff"), Some("waiting")));
    assert_eq!(shore.count("ticket_requests").await, 1);
    let ticket = ticket(&shore).await;
    assert_eq!((ticket["subject"].as_str(), ticket["locale"].as_str()), (Some("¿puedo traer a mi perro a clase?"), Some("es")));
    let said: Vec<_> = ticket["transcript"].as_array().unwrap().iter().map(|it| it["author"].as_str().unwrap()).collect();
    assert_eq!(said, ["visitor", "bot", "visitor", "notice"]);
    assert!(!ticket["candidates"].as_array().unwrap().is_empty(), "{ticket}");
    let id = first["conversation_id"].as_str().unwrap();
    let shown = shore.ask(&format!("/v1/conversations/{id}")).await;
    assert_eq!(shown["contact"], json!({ "email": "ana@correo.example", "name": "Ana" }));
    assert!(shown["ticket_id"].is_string() && shown["handoffs"] == 1);
}

#[tokio::test]
async fn the_bot_is_silent_while_people_have_the_floor_and_comes_back_after() {
    let shore = Shore::new().await;
    let asked = shore.chat(json!({ "want": "person", "locale": "es" })).await;
    let waiting = shore.say(&asked, "¿cuánto cuesta una clase de surf?").await;
    assert_eq!(
        (waiting["action"].as_str(), waiting["answer"].as_str(), waiting["state"].as_str()),
        (Some("handoff"), Some(""), Some("waiting"))
    );
    let id = asked["conversation_id"].as_str().unwrap();
    let path = format!("/v1/conversations/{id}");
    let taken = shore.ok(Call::new(http::Method::PATCH, &path).key(&shore.admin).json(&json!({ "act": "take", "agent": "lucia" }))).await;
    assert_eq!((taken["state"].as_str(), taken["agent"].as_str()), (Some("human"), Some("lucia")));
    shore
        .ok(Call::post(format!("{path}/messages"))
            .key(&shore.admin)
            .json(&json!({ "text": "Hola, soy Lucía. Son 45 euros.", "agent": "lucia" })))
        .await;
    let human = shore.say(&asked, "quiero hablar con una persona").await;
    assert_eq!((human["answer"].as_str(), human["state"].as_str()), (Some(""), Some("human")));
    let seen = shore.ok(Call::get(format!("/v1/chat/{id}?after={}", waiting["number"])).header("x-write-key", &shore.write)).await;
    let authors: Vec<_> = seen["messages"].as_array().unwrap().iter().map(|it| it["author"].as_str().unwrap()).collect();
    assert_eq!(authors, ["notice", "agent", "visitor"], "{seen}");
    let resolved = shore.ok(Call::new(http::Method::PATCH, &path).key(&shore.admin).json(&json!({ "act": "resolve" }))).await;
    assert_eq!(resolved["state"], "resolved");
    let thanks = shore.say(&asked, "gracias!").await;
    assert_eq!((thanks["action"].as_str(), thanks["state"].as_str()), (Some("smalltalk"), Some("resolved")), "thanks are no new beginning");
    let anew = shore.say(&asked, "¿puedo cancelar mi reserva?").await;
    assert_eq!((anew["action"].as_str(), anew["state"].as_str()), (Some("answer"), Some("bot")), "{anew}");
    assert_eq!(shore.count("ticket_requests").await, 1);
}

#[tokio::test]
async fn out_of_hours_it_says_when_somebody_answers() {
    let hours =
        json!({ "time_zone": "Europe/Madrid", "hours": [{ "days": ["mon", "tue", "wed", "thu", "fri"], "from": "09:00", "to": "18:00" }] });
    let shore = Shore::with(hours).await;
    shore.host.manual_clock().set(at("2026-11-28T10:00:00Z"));
    let asked = shore.chat(json!({ "want": "person", "locale": "en" })).await;
    assert_eq!(asked["answers_at"], "2026-11-30T08:00:00.000Z");
    assert!(asked["answer"].as_str().unwrap().contains("30 Nov at 09:00"), "{asked}");
    let left = shore
        .chat(json!({ "contact": { "email": "ana@correo.example" }, "conversation_id": asked["conversation_id"], "locale": "en" }))
        .await;
    assert!(left["answer"].as_str().unwrap().contains("ana@correo.example"), "{left}");
}

#[tokio::test]
async fn a_site_may_hand_over_by_itself_after_questions_without_an_answer() {
    let shore = Shore::with(json!({ "hands_over_after": 2 })).await;
    shore.stock().await;
    let first = shore.chat(json!({ "message": "¿quién ganó el mundial de fútbol?", "locale": "es" })).await;
    assert_eq!(first["state"], "bot");
    let second = shore.say(&first, "¿y la capital de Mongolia cuál es?").await;
    assert_eq!((second["action"].as_str(), second["state"].as_str()), (Some("handoff"), Some("waiting")), "{second}");
    assert!(second["reasons"].as_array().unwrap().contains(&json!("gave_up")));
}

#[tokio::test]
async fn whoever_listens_hears_of_it() {
    let shore = Shore::new().await;
    let insert = "INSERT INTO destinations (site_id, id, kind, target, secret, events, is_managed, created_at) VALUES (?1, 'crm', 'webhook', \
                  'https://crm.example/hook', 'whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw', '[\"*\"]', 1, 0)";
    shore.host.rows(Statement::new(insert).bind(crate::support::SITE)).await;
    let asked = shore.chat(json!({ "want": "person", "locale": "es" })).await;
    shore.say(&asked, "¿seguís ahí?").await;
    let id = asked["conversation_id"].as_str().unwrap();
    shore.ok(Call::new(http::Method::PATCH, format!("/v1/conversations/{id}")).key(&shore.admin).json(&json!({ "act": "resolve" }))).await;
    let sent: Vec<Json> = shore.host.take_fetches().iter().map(|it| serde_json::from_slice(&it.body).unwrap()).collect();
    let names: Vec<_> = sent.iter().map(|it| it["type"].as_str().unwrap()).collect();
    assert_eq!(names, ["conversation.handed_off", "conversation.message", "conversation.resolved"]);
    assert!(sent.iter().all(|it| it["data"]["conversation_id"] == *id), "{sent:?}");
    assert!(sent[0]["data"]["ticket_id"].is_string());
}
