//! What could be written instead: only what makes the text better, whoever words it.

use http::StatusCode;
use orilla_generate::config::{GENERATOR_MODEL, GENERATOR_URL};
use orilla_native::testing::{Answer, Call};
use serde_json::{Value as Json, json};

use crate::support::{GOOD, Shore};

fn text() -> Json {
    json!({ "content": GOOD, "keyphrase": "clases de surf", "title": "Inicio", "meta_description": "Hola", "slug": "x1" })
}

async fn suggest(shore: &Shore) -> Json {
    shore.ok(Call::post("/v1/content/suggest").key(&shore.admin).json(&text())).await
}

fn of<'a>(told: &'a Json, place: &str) -> Vec<&'a Json> {
    told["improvements"].as_array().unwrap().iter().filter(|it| it["place"] == place).collect()
}

#[tokio::test]
async fn rules_word_what_is_not_well_and_only_what_is_better_is_told() {
    let shore = Shore::new().await;
    let told = suggest(&shore).await;
    assert_eq!(told["generator"]["problem"], "no_generator");
    for improvement in told["improvements"].as_array().unwrap() {
        assert!(improvement["after"].as_u64() >= improvement["before"].as_u64() && !improvement["changes"].as_array().unwrap().is_empty());
        assert_eq!(improvement["author"], "rule");
    }
    assert!(of(&told, "title").iter().any(|it| it["text"].as_str().unwrap().starts_with("Clases de surf")), "{told}");
    assert_eq!(of(&told, "slug").first().map(|it| it["text"].as_str().unwrap()), Some("clases-de-surf"), "{told}");
    assert!(!of(&told, "meta_description").is_empty(), "{told}");
    assert!(!told["advice"].as_array().unwrap().is_empty());
}

#[tokio::test]
async fn a_generators_wordings_are_judged_like_any_other_and_invented_figures_are_dropped() {
    let shore = Shore::new().await;
    shore.host.set_variable(GENERATOR_URL, "http://models.test/v1");
    shore.host.set_variable(GENERATOR_MODEL, "tiny");
    let words = json!({
        "title": ["Clases de surf para familias en la playa", "Clases de surf por 9 euros", "x"],
        "headline": ["<b>Clases</b> de surf & olas para toda la familia"],
    });
    let words = format!("<think>hmm</think>Here: {words}");
    let chunk = |delta: Json, finish: Json| {
        format!("data: {}\n\n", json!({ "choices": [{ "index": 0, "delta": delta, "finish_reason": finish }] }))
    };
    let body = format!("{}{}data: [DONE]\n\n", chunk(json!({ "content": words }), Json::Null), chunk(json!({}), json!("stop")));
    shore.host.answer_fetches(move |_| Ok(Answer { body: body.clone().into(), ..StatusCode::OK.into() }));
    let told = suggest(&shore).await;
    assert_eq!((told["generator"]["model"].as_str(), told["generator"]["problem"].is_null()), (Some("tiny"), true), "{told}");
    let titles: Vec<_> = of(&told, "title").iter().map(|it| it["text"].as_str().unwrap()).collect();
    assert_eq!(titles, ["Clases de surf para familias en la playa"], "{told}");
    assert_eq!(shore.count("generator_usage").await, 1);
    assert!(!shore.host.take_log().iter().any(|line| line.contains("surf")), "no word of it is logged");
}

#[tokio::test]
async fn a_generator_that_fails_is_left_alone_and_rules_word_instead() {
    let shore = Shore::new().await;
    shore.host.set_variable(GENERATOR_URL, "http://models.test/v1");
    shore.host.set_variable(GENERATOR_MODEL, "tiny");
    shore.host.answer_fetches(|_| Ok(Answer { body: "<html>hello".into(), ..StatusCode::OK.into() }));
    let mut asked = Vec::new();
    for _ in 0..4 {
        let told = suggest(&shore).await;
        assert!(!told["improvements"].as_array().unwrap().is_empty() && told["generator"]["model"].is_null());
        asked.push(shore.host.take_fetches().len());
    }
    assert_eq!(asked, [1, 1, 1, 0]);
}
