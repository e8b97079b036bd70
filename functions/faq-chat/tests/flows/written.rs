//! Answers that a model writes.

use http::StatusCode;
use orilla_core::ports::FetchError;
use orilla_generate::config::{GENERATOR_FALLBACK_MODEL, GENERATOR_FALLBACK_URL, GENERATOR_MODEL, GENERATOR_URL};
use orilla_native::testing::{Answer, Call};
use serde_json::{Value as Json, json};

use crate::support::Shore;

/// A question that spans two entries.
const BOTH: &str = "¿Cuánto cuesta una clase de surf y puedo cancelar mi reserva?";
const TRUE_WORDS: &str = "Una clase de dos horas cuesta 45 euros por persona [1]. ";

/// A site with a model that writes these pieces.
async fn with_model(pieces: &[&str]) -> Shore {
    let shore = Shore::new().await;
    shore.host.set_variable(GENERATOR_URL, "http://models.test/v1");
    shore.host.set_variable(GENERATOR_MODEL, "tiny");
    let body = streamed(pieces);
    shore.host.answer_fetches(move |_| Ok(Answer { body: body.clone().into(), ..StatusCode::OK.into() }));
    shore
}

fn streamed(pieces: &[&str]) -> String {
    let chunk = |delta: Json, finish: Json| {
        format!("data: {}\n\n", json!({ "choices": [{ "index": 0, "delta": delta, "finish_reason": finish }] }))
    };
    let words: String = pieces.iter().map(|text| chunk(json!({ "content": text }), Json::Null)).collect();
    format!("{words}{}data: [DONE]\n\n", chunk(json!({}), json!("stop")))
}

async fn asked(shore: &Shore) -> Json {
    shore.chat(json!({ "message": BOTH, "locale": "es" })).await
}

#[tokio::test]
async fn a_model_writes_what_spans_entries_and_the_invented_is_cut() {
    let shore = with_model(&[TRUE_WORDS, "Todas las clases son gratis los lunes [1]. ", "Puedes cancelar hasta 24 horas antes [2]."]).await;
    let answer = asked(&shore).await;
    assert_eq!((answer["action"].as_str(), answer["is_generated"].as_bool()), (Some("answer"), Some(true)), "{answer}");
    let text = answer["answer"].as_str().unwrap();
    assert!(text.contains("45 euros") && !text.contains("gratis"), "{text}");
    assert_eq!(answer["sources"][0]["id"], "price", "{answer}");
    let kept = shore.ask(&format!("/v1/conversations/{}", answer["conversation_id"].as_str().unwrap())).await;
    assert_eq!(kept["messages"][1]["text"], text, "what was shown is what is kept");
    assert_eq!(shore.count("kb_questions").await, 0, "what was answered is no gap");
    assert_eq!(shore.count("generator_usage").await, 1);
}

#[tokio::test]
async fn it_comes_in_pieces_and_ends_whole() {
    let shore = with_model(&[TRUE_WORDS, "Puedes cancelar hasta 24 horas antes [2]."]).await;
    let reply = shore.send(shore.turn(&json!({ "message": BOTH, "locale": "es", "stream": true }))).await;
    let text = reply.text();
    let names: Vec<_> = text.lines().filter_map(|line| line.strip_prefix("event: ")).collect();
    assert!(names.starts_with(&["start", "text"]) && names.ends_with(&["text", "end"]), "{names:?}");
    let end: Json = serde_json::from_str(text.trim_end().rsplit("data: ").next().unwrap()).unwrap();
    assert_eq!(end["is_generated"], true);
}

#[tokio::test]
async fn the_same_question_is_not_paid_for_twice_until_an_article_changes() {
    let shore = with_model(&[TRUE_WORDS]).await;
    asked(&shore).await;
    assert_eq!(shore.host.take_fetches().len(), 1);
    assert_eq!(asked(&shore).await["is_generated"], true);
    assert_eq!(shore.host.take_fetches().len(), 0);
    let article = json!({ "locale": "es", "question": "¿Hay duchas?", "answer": "Sí." });
    shore.ok(Call::put("/v1/kb/articles/showers").key(&shore.admin).json(&article)).await;
    asked(&shore).await;
    assert_eq!(shore.host.take_fetches().len(), 1);
}

#[tokio::test]
async fn whatever_a_model_does_the_visitor_gets_the_articles_words() {
    let plain = {
        let shore = Shore::new().await;
        asked(&shore).await["answer"].clone()
    };
    type Fault = fn() -> Result<Answer, FetchError>;
    let faults: [(&str, Fault); 7] = [
        ("down", || Err(FetchError::Connect("refused".into()))),
        ("late", || Err(FetchError::Deadline)),
        ("busy", || Ok(StatusCode::TOO_MANY_REQUESTS.into())),
        ("broken", || Ok(StatusCode::INTERNAL_SERVER_ERROR.into())),
        ("garbage", || Ok(Answer { body: "<html>hello".into(), ..StatusCode::OK.into() })),
        ("cut", || Ok(Answer { body: "data: {\"choices\": [{\"delta\": {\"cont".into(), ..StatusCode::OK.into() })),
        ("lies", || Ok(Answer { body: streamed(&["Las clases son gratis para siempre."]).into(), ..StatusCode::OK.into() })),
    ];
    for (name, fault) in faults {
        let shore = with_model(&[]).await;
        shore.host.answer_fetches(move |_| fault());
        let answer = asked(&shore).await;
        assert_eq!((answer["is_generated"].as_bool(), &answer["answer"]), (Some(false), &plain), "{name}: {answer}");
        let reply = shore.send(shore.turn(&json!({ "message": BOTH, "locale": "es", "stream": true }))).await;
        assert!(reply.text().contains("event: end\n") && !reply.is_broken, "{name}");
    }
}

#[tokio::test]
async fn a_second_model_is_asked_where_the_first_fails_and_one_that_fails_again_and_again_is_left_alone() {
    let shore = with_model(&[]).await;
    shore.host.set_variable(GENERATOR_FALLBACK_URL, "http://other.test/v1");
    shore.host.set_variable(GENERATOR_FALLBACK_MODEL, "other");
    let good = streamed(&[TRUE_WORDS]);
    shore.host.answer_fetches(move |request| match request.destination.url().host_str() {
        Some("models.test") => Ok(StatusCode::INTERNAL_SERVER_ERROR.into()),
        _ => Ok(Answer { body: good.clone().into(), ..StatusCode::OK.into() }),
    });
    let mut asked_of = Vec::new();
    for n in 0..5 {
        let message = format!("{BOTH} {n}");
        assert_eq!(shore.chat(json!({ "message": message, "locale": "es" })).await["is_generated"], true);
        asked_of.push(shore.host.take_fetches().len());
    }
    assert_eq!(asked_of, [2, 2, 2, 1, 1]);
}

#[tokio::test]
async fn a_site_that_has_spent_its_tokens_or_wants_no_model_gets_none() {
    for policy in [json!({ "daily_tokens": 10 }), json!({ "generates": false })] {
        let shore = Shore::with(policy).await;
        shore.stock().await;
        shore.host.set_variable(GENERATOR_URL, "http://models.test/v1");
        shore.host.set_variable(GENERATOR_MODEL, "tiny");
        assert_eq!(asked(&shore).await["is_generated"], false);
        assert!(shore.host.take_fetches().is_empty());
    }
}

#[tokio::test]
async fn what_is_configured_wrongly_is_told_to_the_operator_and_not_to_the_visitor() {
    let shore = with_model(&[TRUE_WORDS]).await;
    shore.host.set_variable(GENERATOR_URL, "models.test");
    assert_eq!(asked(&shore).await["is_generated"], false);
    assert!(shore.host.take_log().iter().any(|line| line.contains("GENERATOR_URL: it is not an absolute URL")));
}
