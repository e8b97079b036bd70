//! What agents see and do.

use orilla_native::testing::Call;
use serde_json::json;

use crate::support::Shore;

#[tokio::test]
async fn conversations_are_listed_by_state_the_latest_first() {
    let shore = Shore::bare().await;
    let mut ids = Vec::new();
    for want in [None, Some("person"), Some("person")] {
        let body = json!({ "message": if want.is_some() { None } else { Some("🏄") }, "want": want });
        ids.push(shore.chat(body).await["conversation_id"].as_str().unwrap().to_owned());
        shore.pass(1);
    }
    let all = shore.ask("/v1/conversations").await;
    let listed: Vec<_> = all["conversations"].as_array().unwrap().iter().map(|it| it["id"].as_str().unwrap()).collect();
    assert_eq!(listed, [ids[2].as_str(), &ids[1], &ids[0]]);
    let page = shore.ask("/v1/conversations?state=waiting&limit=1").await;
    assert_eq!(page["conversations"][0]["id"], ids[2].as_str());
    let next = shore.ask(&format!("/v1/conversations?state=waiting&limit=1&cursor={}", page["next"].as_str().unwrap())).await;
    assert_eq!((next["conversations"][0]["id"].as_str(), next["next"].as_str()), (Some(ids[1].as_str()), None));
    assert_eq!(shore.send(Call::get("/v1/conversations?state=lost").key(&shore.read)).await.status.as_u16(), 400);
}

#[tokio::test]
async fn an_agent_who_writes_takes_the_floor_and_gives_it_back() {
    let shore = Shore::new().await;
    let first = shore.chat(json!({ "message": "¿puedo cancelar mi reserva?" })).await;
    let path = format!("/v1/conversations/{}", first["conversation_id"].as_str().unwrap());
    let written =
        shore.ok(Call::post(format!("{path}/messages")).key(&shore.admin).json(&json!({ "text": "Te ayudo yo.", "agent": "leo" }))).await;
    assert_eq!((written["state"].as_str(), written["agent"].as_str()), (Some("human"), Some("leo")));
    let released = shore.ok(Call::new(http::Method::PATCH, &path).key(&shore.admin).json(&json!({ "act": "release" }))).await;
    assert_eq!((released["state"].as_str(), released["agent"].as_str()), (Some("bot"), None));
    assert_eq!(shore.say(&first, "¿cuánto cuesta una clase de surf?").await["action"], "answer");
    for (body, status) in [(json!({ "act": "sing" }), 422), (json!({}), 422)] {
        assert_eq!(shore.send(Call::new(http::Method::PATCH, &path).key(&shore.admin).json(&body)).await.status.as_u16(), status);
    }
    let empty = Call::post(format!("{path}/messages")).key(&shore.admin).json(&json!({ "text": "  " }));
    assert_eq!(shore.send(empty).await.status.as_u16(), 422);
}

#[tokio::test]
async fn an_erased_conversation_leaves_no_trace_but_a_receipt() {
    let shore = Shore::new().await;
    let call = shore.turn(&json!({ "message": "¿quién ganó la liga de Moldavia?", "contact": { "email": "zoe@correo.example" } }));
    let first = shore.ok(call.header("idempotency-key", "once")).await;
    shore.say(&first, "quiero hablar con una persona").await;
    let kept = shore.chat(json!({ "message": "¿puedo cancelar mi reserva?" })).await;
    let path = format!("/v1/conversations/{}", first["conversation_id"].as_str().unwrap());
    let receipt = shore.ok(Call::delete(&path).key(&shore.admin)).await;
    assert_eq!((receipt["rows"]["messages"].as_i64(), receipt["rows"]["ticket_requests"].as_i64()), (Some(4), Some(1)), "{receipt}");
    for table in ["conversations", "messages", "kb_questions", "ticket_requests", "outbox", "idempotency", "erasures"] {
        let rows = shore.host.rows(orilla_core::sql::Statement::new(format!("SELECT * FROM {table}"))).await;
        let text = format!("{rows:?}");
        assert!(!text.contains("zoe@") && !text.contains("Moldavia"), "{table}: {text}");
    }
    assert_eq!(shore.count("conversations").await, 1);
    assert_eq!(shore.say(&kept, "gracias").await["action"], "smalltalk");
    assert_eq!(shore.send(Call::delete(&path).key(&shore.admin)).await.status.as_u16(), 404);
}

#[tokio::test]
async fn old_conversations_are_forgotten_as_the_site_says() {
    let shore = Shore::with(json!({ "keeps_days": 2 })).await;
    shore.chat(json!({ "message": "🏄" })).await;
    shore.pass(86_400 + 60);
    shore.host.tick::<faq_chat::FaqChat<_>>().await.unwrap();
    assert_eq!(shore.count("conversations").await, 1);
    shore.pass(86_400);
    assert_eq!(shore.host.tick::<faq_chat::FaqChat<_>>().await.unwrap().expired, 1);
    assert_eq!((shore.count("conversations").await, shore.count("messages").await), (0, 0));
}
