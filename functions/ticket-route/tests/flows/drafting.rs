//! Replies that a model drafts from the site's articles.

use http::StatusCode;
use orilla_core::ports::FetchError;
use orilla_core::sql::Statement;
use orilla_generate::config::{GENERATOR_MODEL, GENERATOR_URL};
use orilla_native::testing::{Answer, Call, Reply};
use serde_json::{Value as Json, json};

use crate::support::{SITE, Shore, kinds, office};

const TRUE_WORDS: &str = "Una clase de dos horas cuesta 45 euros por persona [1]. ";

/// A site with an article and a ticket about it.
async fn shore() -> Shore {
    let shore = Shore::with(office()).await;
    shore
        .know("price", "¿Cuánto cuesta una clase de surf?", "Una clase de dos horas cuesta 45 euros por persona, con tabla y neopreno.")
        .await;
    let requester = json!({ "name": "Eva Pérez", "email": "eva@mar.example" });
    let sent = json!({ "subject": "Precio", "text": "Hola, ¿cuánto cuesta una clase de surf para mí?", "requester": requester });
    shore.ok(Call::post("/v1/tickets").key(&shore.admin).json(&sent)).await;
    shore
}

/// With a model that writes these pieces.
async fn with_model(pieces: &[&str]) -> Shore {
    let shore = shore().await;
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

async fn draft(shore: &Shore, wish: Json) -> Reply {
    shore.send(Call::post("/v1/tickets/1/draft").key(&shore.admin).json(&wish)).await
}

#[tokio::test]
async fn a_draft_holds_what_articles_support_and_is_neither_sent_nor_kept() {
    let shore = with_model(&[TRUE_WORDS, "Todas las clases son gratis los lunes [1]. "]).await;
    let told = draft(&shore, json!({ "agent": "ana", "tone": "formal" })).await.json();
    assert_eq!(told["draft"], "Buen día, Eva Pérez:\n\nUna clase de dos horas cuesta 45 euros por persona.\n\nAtentamente,\nana", "{told}");
    assert_eq!((told["locale"].as_str(), told["dropped"].as_u64(), told["model"].as_str()), (Some("es"), Some(1), Some("tiny")));
    assert_eq!((told["sources"][0]["article"].as_str(), told["sources"].as_array().unwrap().len()), (Some("price"), 1));
    let friendly = draft(&shore, json!({})).await.json();
    assert!(friendly["draft"].as_str().unwrap().starts_with("Hola, Eva:\n\n") && !friendly["draft"].as_str().unwrap().contains("saludo"));
    assert_eq!(kinds(&shore.ticket("1").await), ["opened"]);
    assert_eq!(shore.count("generator_usage").await, 1);
    let asked = shore.host.take_fetches();
    let body = String::from_utf8(asked[0].body.to_vec()).unwrap();
    assert!(body.contains("trata de usted") && body.contains("cuesta una clase de surf para mí"), "{body}");
    assert!(!body.contains("eva@mar.example") && !body.contains("Pérez"), "who asks is nobody else's business");
    assert!(!shore.host.take_log().iter().any(|line| line.contains("surf")), "no word of it is logged");
}

#[tokio::test]
async fn where_nothing_is_supported_there_is_no_draft() {
    let shore = with_model(&["Todas las clases son gratis los lunes [1]. "]).await;
    let told = draft(&shore, json!({})).await.json();
    assert_eq!(
        (told["draft"].clone(), told["problem"].as_str(), told["dropped"].as_u64()),
        (json!(null), Some("unsupported"), Some(1)),
        "{told}"
    );
    let bare = Shore::with(office()).await;
    bare.open("Precio", "¿Cuánto cuesta una clase?", "eva@mar.example").await;
    bare.host.set_variable(GENERATOR_URL, "http://models.test/v1");
    bare.host.set_variable(GENERATOR_MODEL, "tiny");
    let told = draft(&bare, json!({})).await.json();
    assert_eq!((told["draft"].clone(), told["problem"].as_str()), (json!(null), Some("no_article")), "{told}");
    assert!(bare.host.take_fetches().is_empty(), "nothing to write from, nobody to pay");
}

#[tokio::test]
async fn without_a_generator_or_with_one_that_fails_it_is_said_so() {
    let shore = shore().await;
    let reply = draft(&shore, json!({})).await;
    assert_eq!(reply.status, StatusCode::SERVICE_UNAVAILABLE);
    assert!(reply.json()["detail"].as_str().unwrap().contains("No generator is configured"), "{}", reply.text());
    type Fault = fn() -> Result<Answer, FetchError>;
    let faults: [Fault; 4] = [
        || Err(FetchError::Deadline),
        || Err(FetchError::Connect("refused".into())),
        || Ok(StatusCode::TOO_MANY_REQUESTS.into()),
        || Ok(Answer { body: "<html>hello".into(), ..StatusCode::OK.into() }),
    ];
    for fault in faults {
        let shore = with_model(&[]).await;
        shore.host.answer_fetches(move |_| fault());
        let mut asked = Vec::new();
        for _ in 0..4 {
            assert_eq!(draft(&shore, json!({})).await.status, StatusCode::SERVICE_UNAVAILABLE);
            asked.push(shore.host.take_fetches().len());
        }
        assert_eq!(asked, [1, 1, 1, 0], "who fails again and again is left alone");
    }
}

#[tokio::test]
async fn a_site_that_wants_none_or_has_spent_its_tokens_gets_none() {
    for (chat, expect) in
        [(json!({ "generates": false }), StatusCode::FORBIDDEN), (json!({ "daily_tokens": 10 }), StatusCode::TOO_MANY_REQUESTS)]
    {
        let shore = with_model(&[TRUE_WORDS]).await;
        let set = Statement::new("UPDATE sites SET definition = json_set(definition, '$.chat', json(?2)) WHERE id = ?1");
        shore.host.rows(set.bind(SITE).bind(chat.to_string())).await;
        assert_eq!(draft(&shore, json!({})).await.status, expect);
        assert!(shore.host.take_fetches().is_empty());
    }
    let shore = with_model(&[TRUE_WORDS]).await;
    for wish in [json!({ "agent": "zoe" }), json!({ "tone": "rude" })] {
        assert_eq!(draft(&shore, wish).await.status, StatusCode::UNPROCESSABLE_ENTITY);
    }
}
