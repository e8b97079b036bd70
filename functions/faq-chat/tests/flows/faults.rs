//! What fails, and what of it anybody notices.

use orilla_core::sql::{Statement, Value};
use orilla_native::testing::{Call, SqlFault};
use serde_json::json;

use crate::support::Shore;

#[tokio::test]
async fn when_the_store_is_down_the_visitor_hears_when_to_try_again() {
    let shore = Shore::new().await;
    shore.host.fail_sql(SqlFault::always());
    let reply = shore.send(shore.turn(&json!({ "message": "hola" }))).await;
    assert_eq!((reply.status.as_u16(), reply.header("retry-after")), (503, "5"));
    shore.host.heal();
    assert_eq!(shore.count("messages").await, 0);
}

#[tokio::test]
async fn an_index_of_another_version_or_damaged_is_made_again() {
    let shore = Shore::new().await;
    for damage in ["UPDATE kb_parts SET bytes = x'00'", "DELETE FROM kb_parts"] {
        // A new name for the parts, as if another instance had written them.
        shore.host.rows(Statement::new(damage)).await;
        shore.host.rows(Statement::new("UPDATE kb_parts SET generation = generation + 1")).await;
        shore.host.rows(Statement::new("UPDATE kb SET generation = generation + 1")).await;
        let answer = shore.chat(json!({ "message": "¿puedo cancelar mi reserva?" })).await;
        assert_eq!(answer["sources"][0]["id"], "cancel", "{damage}: {answer}");
    }
}

#[tokio::test]
async fn two_turns_at_a_time_are_both_kept_in_order() {
    let shore = Shore::new().await;
    let first = shore.chat(json!({ "message": "¿puedo cancelar mi reserva?" })).await;
    let turn = |message: &str| shore.send(shore.turn(&json!({ "message": message, "conversation_id": first["conversation_id"] })));
    let (one, other) = tokio::join!(turn("¿cuánto cuesta una clase de surf?"), turn("gracias"));
    let mut numbers = [one.json()["number"].as_i64().unwrap(), other.json()["number"].as_i64().unwrap()];
    numbers.sort_unstable();
    assert_eq!(numbers, [4, 6]);
    assert_eq!(shore.count("messages").await, 6);
}

#[tokio::test]
async fn an_article_that_goes_between_search_and_answer_is_no_failure() {
    let shore = Shore::new().await;
    shore.host.rows(Statement::new("DELETE FROM kb_articles WHERE id = ?1").bind(Value::from("cancel"))).await;
    let answer = shore.chat(json!({ "message": "¿puedo cancelar mi reserva?" })).await;
    assert!(answer["sources"].as_array().unwrap().is_empty() && !answer["answer"].as_str().unwrap().is_empty(), "{answer}");
}

#[tokio::test]
async fn nothing_personal_is_logged() {
    let shore = Shore::new().await;
    shore.send(shore.turn(&json!({ "message": "soy ana@correo.example", "conversation_id": "nope" }))).await;
    shore.send(Call::post("/v1/chat").header("x-write-key", &shore.write).body("{\"message\": \"ana@correo.example")).await;
    let log = shore.host.take_log().join("\n");
    assert!(log.contains("faq-chat") && !log.contains("ana@"), "{log}");
}
