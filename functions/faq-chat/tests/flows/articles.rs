//! How articles come in, change and go, and what becomes of their index.

use http::Method;
use orilla_native::testing::Call;
use serde_json::json;

use crate::support::{SITE, Shore};

const OPERATOR: &str = "operator-key";

fn apply(shore: &Shore, articles: &serde_json::Value) -> Call {
    shore.host.set_variable(orilla_core::function::OPERATOR_KEY, OPERATOR);
    Call::new(Method::PUT, format!("/v1/kb/sites/{SITE}")).key(OPERATOR).json(&json!({ "articles": articles }))
}

fn file(id: &str, question: &str, answer: &str) -> String {
    format!("---\nid: {id}\nlocale: es\nquestion: {question}\n---\n\n{answer}\n")
}

#[tokio::test]
async fn an_article_is_written_found_changed_and_removed() {
    let shore = Shore::new().await;
    let put = |answer: &str| {
        let article = json!({ "locale": "es", "question": "¿Alquiláis trajes de neopreno?", "answer": answer });
        Call::new(Method::PUT, "/v1/kb/articles/wetsuits").key(&shore.admin).json(&article)
    };
    assert_eq!(shore.ok(put("Sí, por 10 euros al día.")).await, json!({ "id": "wetsuits", "is_changed": true }));
    assert_eq!(shore.ok(put("Sí, por 10 euros al día.")).await["is_changed"], false);
    let ask = json!({ "message": "¿alquiláis trajes de neopreno?" });
    assert!(shore.chat(ask.clone()).await["answer"].as_str().unwrap().contains("10 euros"));
    shore.ok(put("Sí, por 12 euros al día.")).await;
    assert!(shore.chat(ask.clone()).await["answer"].as_str().unwrap().contains("12 euros"));
    assert_eq!(shore.ask("/v1/kb/articles/wetsuits").await["articles"][0]["answer"], "Sí, por 12 euros al día.");
    let removed = shore.ok(Call::delete("/v1/kb/articles/wetsuits").key(&shore.admin)).await;
    assert_eq!(removed["removed"], 1);
    assert_ne!(shore.chat(ask).await["sources"][0]["id"], "wetsuits");
    assert_eq!(shore.send(Call::delete("/v1/kb/articles/wetsuits").key(&shore.admin)).await.status.as_u16(), 404);
}

#[tokio::test]
async fn everything_that_is_wrong_with_an_article_is_told() {
    let shore = Shore::bare().await;
    let article = json!({ "locale": "fr", "answer": "", "links": ["javascript:alert(1)"], "id": "other" });
    let reply = shore.send(Call::new(Method::PUT, "/v1/kb/articles/x").key(&shore.admin).json(&article)).await;
    assert_eq!(reply.status.as_u16(), 422);
    let article = json!({ "locale": "fr", "answer": "", "links": ["javascript:alert(1)"] });
    let reply = shore.send(Call::new(Method::PUT, "/v1/kb/articles/x").key(&shore.admin).json(&article)).await;
    let fields: Vec<_> = reply.json()["errors"].as_array().unwrap().iter().map(|it| it["field"].as_str().unwrap().to_owned()).collect();
    assert_eq!(fields, ["locale", "question", "links[0]", "answer"]);
    assert_eq!(shore.count("kb_articles").await, 0);
}

#[tokio::test]
async fn articles_come_from_a_spreadsheet_and_from_a_page() {
    let shore = Shore::bare().await;
    let csv = "id;idioma;pregunta;respuesta;variantes\nhoras;es;¿Qué horario tenéis?;De nueve a siete.;¿a qué hora abrís?|¿cuándo cerráis?\nmal;es;;Sin pregunta.;\n";
    let read = shore.ok(Call::post("/v1/kb/import").key(&shore.admin).header("content-type", "text/csv").body(csv)).await;
    assert_eq!(
        (read["read"].as_u64(), read["changed"].as_u64(), read["refusals"][0]["line"].as_u64()),
        (Some(1), Some(1), Some(3)),
        "{read}"
    );
    let page = "<h2>¿Tenéis duchas?</h2><p>Sí, con agua caliente.</p><h2>¿Hay taquillas?</h2><p>Sí, sin coste.</p>";
    let read = shore.ok(Call::post("/v1/kb/import?locale=es&url=https://marea.example/faq").key(&shore.admin).body(page)).await;
    assert_eq!(read["read"], 2, "{read}");
    let answer = shore.chat(json!({ "message": "¿tenéis duchas?" })).await;
    assert_eq!(answer["sources"][0]["url"], "https://marea.example/faq", "{answer}");
    let listed = shore.ask("/v1/kb/articles?limit=2").await;
    assert_eq!(listed["articles"].as_array().unwrap().len(), 2);
    let rest = shore.ask(&format!("/v1/kb/articles?limit=2&after={}", listed["next"].as_str().unwrap().replace(' ', "%20"))).await;
    assert_eq!((rest["articles"].as_array().unwrap().len(), rest["next"].is_null()), (1, true), "{rest}");
    assert_eq!(shore.send(Call::post("/v1/kb/import").key(&shore.admin).body(page)).await.status.as_u16(), 400);
}

#[tokio::test]
async fn applying_files_changes_what_changed_and_keeps_what_others_wrote() {
    let shore = Shore::bare().await;
    shore
        .ok(Call::new(Method::PUT, "/v1/kb/articles/own")
            .key(&shore.admin)
            .json(&json!({ "locale": "es", "question": "¿Y esto?", "answer": "Por la API." })))
        .await;
    let two = json!([file("a", "¿Hay duchas?", "Sí."), file("b", "¿Hay taquillas?", "También.")]);
    let applied = shore.ok(apply(&shore, &two)).await;
    assert_eq!(
        (applied["changed"].as_u64(), applied["removed"].as_u64(), applied["same"].as_u64()),
        (Some(2), Some(0), Some(0)),
        "{applied}"
    );
    let version = |shore: &Shore| {
        let host = shore.host.clone();
        async move { host.rows(orilla_core::sql::Statement::new("SELECT version FROM kb")).await.first().unwrap().integer("version").unwrap() }
    };
    let before = version(&shore).await;
    let again = shore.ok(apply(&shore, &two)).await;
    assert_eq!((again["changed"].as_u64(), again["same"].as_u64()), (Some(0), Some(2)));
    assert_eq!(version(&shore).await, before, "nothing changed, nothing is built again");
    let one = shore.ok(apply(&shore, &json!([file("a", "¿Hay duchas?", "Sí, tres.")]))).await;
    assert_eq!((one["changed"].as_u64(), one["removed"].as_u64()), (Some(1), Some(1)));
    assert_eq!(shore.count("kb_articles").await, 2);
    let bad = json!([file("a", "¿Hay duchas?", "Sí."), "no front matter", file("a", "¿Hay duchas?", "Sí.")]);
    let reply = shore.send(apply(&shore, &bad)).await;
    assert_eq!(reply.status.as_u16(), 422);
    let told = reply.text();
    assert!(told.contains("articles[1].front_matter") && told.contains("duplicate"), "{told}");
}

#[tokio::test]
async fn a_long_build_goes_on_from_call_to_call() {
    let shore = Shore::bare().await;
    let lines: Vec<_> = (0..150).map(|n| json!({ "id": format!("n{n:03}"), "lang": "es", "question": format!("¿Pregunta número {n}?"), "answer": format!("Respuesta {n}.") }).to_string()).collect();
    let reply = shore.send(Call::post("/v1/kb/import?format=jsonl").key(&shore.admin).body(lines.join("\n"))).await;
    assert_eq!(reply.json()["read"], 150);
    let mut pending = vec![150];
    while *pending.last().unwrap() > 0 {
        let built = shore.send(Call::post("/v1/kb/index").key(&shore.admin).body("{}")).await.json();
        pending.push(built["pending"].as_u64().unwrap());
    }
    assert!(pending.len() > 3 && pending.is_sorted_by(|a, b| a > b), "{pending:?}");
    assert_eq!(shore.ask("/v1/kb/quality").await["index"]["entries"], 150);
    let parts = shore.host.rows(orilla_core::sql::Statement::new("SELECT DISTINCT generation FROM kb_parts")).await;
    assert!(parts.len() <= 2, "the index in force and the one before");
}
