//! Questions and their answers, and what is no question.

use serde_json::json;

use crate::support::{SITE, Shore};
use orilla_native::testing::Call;

#[tokio::test]
async fn a_question_is_answered_from_an_article_with_its_source() {
    let shore = Shore::new().await;
    let answer = shore.chat(json!({ "message": "¿cuánto cuesta una clase de surf?", "locale": "en" })).await;
    assert_eq!(
        (answer["action"].as_str(), answer["locale"].as_str(), answer["state"].as_str()),
        (Some("answer"), Some("es"), Some("bot")),
        "{answer}"
    );
    assert!(answer["answer"].as_str().unwrap().contains("45 euros"), "{answer}");
    assert_eq!(answer["sources"][0]["id"], "price");
    assert_eq!(answer["sources"][0]["url"], "/ayuda/price");
    assert!(answer["confidence"].as_f64().unwrap() > 0.5);
    assert_eq!(answer["number"], 2);
}

#[tokio::test]
async fn an_answer_of_the_other_language_says_so() {
    let shore = Shore::new().await;
    let answer = shore.chat(json!({ "message": "¿hay parking cerca de la playa para aparcar?", "locale": "es" })).await;
    let choice = answer["suggestions"].as_array().unwrap().iter().any(|it| it["id"] == "parking");
    assert!(answer["sources"][0]["id"] == "parking" || choice, "{answer}");
    let chosen = shore.chat(json!({ "message": "Is there parking near the beach?", "choice": "parking", "locale": "es", "conversation_id": answer["conversation_id"] })).await;
    assert_eq!(chosen["reasons"][0], "chosen", "{chosen}");
    let question = shore.chat(json!({ "message": "el aparcamiento", "choice": "parking", "locale": "es" })).await;
    assert!(question["answer"].as_str().unwrap().starts_with("Esta respuesta solo está en inglés:"), "{question}");
    // A page that comes back to the conversation reads which part is in which language.
    let path = format!("/v1/chat/{}?site={SITE}", question["conversation_id"].as_str().unwrap());
    let followed = shore.ok(Call::get(&path)).await;
    assert_eq!(followed["messages"][1]["reasons"], question["reasons"], "{followed}");
}

#[tokio::test]
async fn what_is_not_known_is_said_and_choices_are_offered() {
    let shore = Shore::new().await;
    let answer = shore.chat(json!({ "message": "¿quién ganó el mundial de fútbol de 1982?", "locale": "es" })).await;
    assert_eq!((answer["action"].as_str(), answer["offers_person"].as_bool()), (Some("clarify"), Some(true)), "{answer}");
    assert!(answer["sources"].as_array().unwrap().is_empty());
    assert!(!answer["answer"].as_str().unwrap().is_empty());
    assert_eq!(shore.count("kb_questions").await, 1);
}

#[tokio::test]
async fn a_site_without_articles_and_messages_without_words_have_answers() {
    let shore = Shore::bare().await;
    let answer = shore.chat(json!({ "message": "¿cuánto cuesta?" })).await;
    assert_eq!((answer["action"].as_str(), answer["reasons"][0].as_str()), (Some("clarify"), Some("nothing_known")), "{answer}");
    let answer = shore.chat(json!({ "message": "🏄🌊" })).await;
    assert_eq!(answer["reasons"], json!(["no_words"]));
    assert_eq!(shore.count("kb_questions").await, 1, "what has no word is no question");
    shore.chat(json!({ "message": "<script>alert(1)</script> **hola** [x](javascript:1)" })).await;
    let long = "palabra ".repeat(1_900);
    assert!(shore.chat(json!({ "message": long })).await["reasons"].as_array().unwrap().contains(&json!("nothing_known")));
}

#[tokio::test]
async fn bad_input_is_told_and_nothing_is_stored() {
    let shore = Shore::new().await;
    for (body, status) in [
        (r#"{}"#, 422),
        (r#"{"message": ""}"#, 422),
        (r#"{"message": "\u0007\u0008"}"#, 422),
        (r#"{"message": "\u0000"}"#, 400),
        (r#"{"message": 5}"#, 422),
        (r#"{"message": "hola", "contact": {"email": "no"}}"#, 422),
        (r#"{"message": "hola", "conversation_id": "nope"}"#, 404),
        (r#"{"message": "hola", "conversation_id": "0190a8c0-0000-7000-8000-00000000abcd"}"#, 404),
        (r#"{"message": "#, 400),
        ("\u{0}\u{1}", 400),
        ("", 400),
    ] {
        let reply = shore.send(Call::post("/v1/chat").header("x-write-key", &shore.write).body(body.to_owned())).await;
        assert_eq!(reply.status.as_u16(), status, "{body}: {}", reply.text());
        assert!(reply.json()["code"].is_string());
    }
    let reply = shore.send(shore.turn(&json!({ "message": "a".repeat(100_000) }))).await;
    assert_eq!(reply.status.as_u16(), 413);
    let reply = shore.send(shore.turn(&json!({ "message": "a".repeat(20_000) }))).await;
    assert_eq!(reply.status.as_u16(), 422);
    assert_eq!(shore.count("conversations").await, 0);
}

#[tokio::test]
async fn a_follow_up_is_understood_and_a_burst_is_one_turn() {
    let shore = Shore::new().await;
    let answer = shore.chat(json!({ "message": ["hola", "una cosa", "¿puedo cancelar mi reserva?"] })).await;
    assert_eq!(answer["sources"][0]["id"], "cancel", "{answer}");
    assert_eq!(answer["number"], 2, "a burst is one message");
}

#[tokio::test]
async fn what_was_answered_is_not_the_answer_to_the_next_question_too() {
    let shore = Shore::new().await;
    let first = shore.chat(json!({ "message": "¿cuánto cuesta una clase de surf?", "locale": "es" })).await;
    let second = shore.say(&first, "¿quién ganó el mundial de fútbol de 1982?").await;
    assert_eq!(second["action"], "clarify", "{second}");
}

#[tokio::test]
async fn small_talk_is_answered_in_kind() {
    let shore = Shore::new().await;
    let answer = shore.chat(json!({ "message": "thanks!", "locale": "es" })).await;
    assert_eq!((answer["action"].as_str(), answer["locale"].as_str()), (Some("smalltalk"), Some("en")), "{answer}");
}

#[tokio::test]
async fn a_retry_changes_nothing_and_another_message_with_its_key_is_refused() {
    let shore = Shore::new().await;
    let call = |message: &str| shore.turn(&json!({ "message": message })).header("idempotency-key", "k1");
    let first = shore.ok(call("¿puedo cancelar mi reserva?")).await;
    let second = shore.ok(call("¿puedo cancelar mi reserva?")).await;
    assert_eq!(first, second);
    assert_eq!((shore.count("conversations").await, shore.count("messages").await), (1, 2));
    assert_eq!(shore.send(call("otra cosa")).await.status.as_u16(), 422);
}

#[tokio::test]
async fn a_conversation_is_read_back_and_only_what_is_new() {
    let shore = Shore::new().await;
    let first =
        shore.chat(json!({ "message": "¿puedo cancelar mi reserva?", "page": "https://marea.example/es/precios?email=a@b.c" })).await;
    shore.say(&first, "¿y si hace mal tiempo?").await;
    let id = first["conversation_id"].as_str().unwrap();
    let whole = shore.ok(Call::get(format!("/v1/chat/{id}?site={}", crate::support::SITE))).await;
    let authors: Vec<_> = whole["messages"].as_array().unwrap().iter().map(|it| it["author"].as_str().unwrap()).collect();
    assert_eq!(authors, ["visitor", "bot", "visitor", "bot"]);
    assert_eq!(whole["messages"][1]["sources"][0]["id"], "cancel");
    let rest = shore.ok(Call::get(format!("/v1/chat/{id}?site={}&after=2", crate::support::SITE))).await;
    assert_eq!(rest["messages"].as_array().unwrap().len(), 2);
    let shown = shore.ask(&format!("/v1/conversations/{id}")).await;
    assert_eq!(shown["page"], "https://marea.example/es/precios", "what a query says is not kept");
}

#[tokio::test]
async fn who_floods_is_told_when_to_come_back() {
    let shore = Shore::bare().await;
    for _ in 0..30 {
        shore.chat(json!({ "message": "🏄" })).await;
    }
    let reply = shore.send(shore.turn(&json!({ "message": "🏄" }))).await;
    assert_eq!(reply.status.as_u16(), 429);
    assert!(!reply.header("retry-after").is_empty());
    shore.pass(61);
    shore.chat(json!({ "message": "🏄" })).await;
}
