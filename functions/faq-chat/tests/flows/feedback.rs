//! What visitors say of answers, and what the site learns of it.

use orilla_native::testing::Call;
use serde_json::json;

use crate::support::Shore;

#[tokio::test]
async fn what_did_not_help_is_a_gap_until_it_did() {
    let shore = Shore::new().await;
    let answer = shore.chat(json!({ "message": "¿puedo cancelar mi reserva?" })).await;
    let path = format!("/v1/chat/{}/feedback", answer["conversation_id"].as_str().unwrap());
    let rate = |is_helpful: bool| {
        Call::post(&path).header("x-write-key", &shore.write).json(&json!({ "number": answer["number"], "is_helpful": is_helpful }))
    };
    shore.ok(rate(false)).await;
    shore.ok(rate(false)).await;
    let gaps = shore.ask("/v1/kb/gaps").await;
    assert_eq!(
        (gaps["gaps"][0]["question"].as_str(), gaps["gaps"][0]["unhelpful"].as_u64()),
        (Some("¿puedo cancelar mi reserva?"), Some(1)),
        "{gaps}"
    );
    assert_eq!(shore.ask("/v1/kb/quality").await["visitors"]["deflection_percent"], 0.0);
    shore.ok(rate(true)).await;
    assert!(shore.ask("/v1/kb/gaps").await["gaps"].as_array().unwrap().is_empty());
    let quality = shore.ask("/v1/kb/quality").await;
    assert_eq!(
        (quality["visitors"]["deflection_percent"].as_f64(), quality["visitors"]["answers_rated_helpful"].as_u64()),
        (Some(100.0), Some(1)),
        "{quality}"
    );
    let wrong = Call::post(&path).header("x-write-key", &shore.write).json(&json!({ "number": 1, "is_helpful": true }));
    assert_eq!(shore.send(wrong).await.status.as_u16(), 404, "the visitor's own words are no answer");
}

#[tokio::test]
async fn questions_without_an_answer_are_grouped_the_commonest_first() {
    let shore = Shore::new().await;
    for message in [
        "¿Alquiláis trajes de neopreno?",
        "alquilais trajes de neopreno??",
        "¿se pueden alquilar trajes de neopreno?",
        "¿Quién ganó el mundial de fútbol de 1982?",
    ] {
        shore.chat(json!({ "message": message, "locale": "es" })).await;
        shore.pass(5);
    }
    let gaps = shore.ask("/v1/kb/gaps").await;
    let first = &gaps["gaps"][0];
    assert_eq!((first["people"].as_u64(), gaps["gaps"].as_array().unwrap().len()), (Some(3), 2), "{gaps}");
    assert!(first["draft"]["id"].as_str().unwrap().contains("trajes-de-neopreno"), "{first}");
    assert_eq!(first["draft"]["answer"], "");
}

#[tokio::test]
async fn a_site_that_keeps_no_questions_keeps_none() {
    let shore = Shore::with(json!({ "keeps_questions": false })).await;
    let answer = shore.chat(json!({ "message": "¿alquiláis trajes?" })).await;
    let path = format!("/v1/chat/{}/feedback", answer["conversation_id"].as_str().unwrap());
    shore.ok(Call::post(&path).header("x-write-key", &shore.write).json(&json!({ "number": 2, "is_helpful": false }))).await;
    assert_eq!(shore.count("kb_questions").await, 0);
}

#[tokio::test]
async fn quality_tells_how_many_are_answered_and_how_many_wrongly() {
    let shore = Shore::new().await;
    let own = shore.ask("/v1/kb/quality").await["own_questions"].clone();
    assert!(own["asked"].as_u64().unwrap() >= 9 && own["found_first_percent"].as_f64().unwrap() > 0.0, "{own}");
}
