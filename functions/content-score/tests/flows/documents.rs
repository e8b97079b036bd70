//! What became of a document, version by version.

use orilla_core::sql::Statement;
use orilla_native::testing::Call;
use serde_json::{Value as Json, json};

use crate::support::{GOOD, POOR, Shore, violations};

fn text(content: &str) -> Json {
    json!({ "content": content, "document": "inicio", "keyphrase": "clases de surf" })
}

#[tokio::test]
async fn keeps_a_version_for_each_text_and_none_for_the_same() {
    let shore = Shore::new().await;
    let first = shore.score(text(POOR)).await;
    assert_eq!(first["document"], json!({ "id": "inicio", "number": 1, "is_new": true }));
    assert_eq!(shore.score(text(POOR)).await["document"], json!({ "id": "inicio", "number": 1, "is_new": false }));
    let mut labelled = text(GOOD);
    labelled["version"] = json!("v2");
    assert_eq!(shore.score(labelled).await["document"]["number"], 2);
    // Back to what it was is a version as well: the latest one differed.
    assert_eq!(shore.score(text(POOR)).await["document"]["number"], 3);
    let shown = shore.get("/documents/inicio").await;
    let numbers: Vec<_> = shown["versions"].as_array().unwrap().iter().map(|it| it["version"].as_i64().unwrap()).collect();
    assert_eq!((numbers, shown["versions"][1]["label"].as_str()), (vec![3, 2, 1], Some("v2")));
    let (poor, good) = (first["score"].as_i64().unwrap(), shown["versions"][1]["score"].as_i64().unwrap());
    assert_eq!((shown["trend"]["change"]["score"].as_i64(), shown["trend"]["slope"].as_f64()), (Some(poor - good), Some(0.0)));
    assert!(!shown["versions"][0]["failing"].as_array().unwrap().is_empty());
}

#[tokio::test]
async fn the_text_is_kept_only_where_the_site_says_so() {
    let shore = Shore::new().await;
    shore.score(text(GOOD)).await;
    let with = Shore::with(json!({ "keeps": { "texts": true } })).await;
    with.score(text(GOOD)).await;
    for (shore, expect) in [(&shore, 0), (&with, 1)] {
        let rows = shore.host.rows(Statement::new("SELECT count(*) AS n FROM content_versions WHERE content LIKE '%neopreno%'")).await;
        assert_eq!(rows.first().unwrap().integer("n").unwrap(), expect);
        assert_eq!(shore.get("/documents/inicio").await["versions"][0]["has_text"], expect == 1);
    }
}

#[tokio::test]
async fn the_same_key_keeps_once_and_refuses_another_text() {
    let shore = Shore::new().await;
    let send =
        |content: &str| shore.send(Call::post("/v1/content/score").key(&shore.admin).header("idempotency-key", "k1").json(&text(content)));
    assert_eq!(send(POOR).await.json()["document"]["is_new"], true);
    shore.score(text(GOOD)).await;
    assert_eq!(send(POOR).await.json()["document"], json!({ "id": "inicio", "number": 1, "is_new": true }), "the answer is the same again");
    assert_eq!(shore.count("content_versions").await, 2);
    assert_eq!(violations(&send("otro").await), [("Idempotency-Key".to_owned(), "idempotency_mismatch".to_owned())]);
}

#[tokio::test]
async fn two_at_a_time_are_two_versions_or_one() {
    let shore = Shore::new().await;
    let send = |content: &str| shore.send(Call::post("/v1/content/score").key(&shore.admin).json(&text(content)));
    let (one, other) = tokio::join!(send(GOOD), send(POOR));
    assert_eq!((one.status.as_u16(), other.status.as_u16(), shore.count("content_versions").await), (200, 200, 2));
    let rows = shore
        .host
        .rows(Statement::new("SELECT d.score = v.score AS is_same FROM content_documents d JOIN content_versions v ON v.number = d.number"))
        .await;
    assert!(rows.first().unwrap().boolean("is_same").unwrap());
}

#[tokio::test]
async fn keeps_as_many_versions_and_documents_as_the_site_says() {
    let shore = Shore::with(json!({ "keeps": { "versions": 2, "documents": 1 } })).await;
    for number in 0..4 {
        shore.score(text(&format!("<p>texto {number}</p>"))).await;
    }
    let shown = shore.get("/documents/inicio").await;
    let numbers: Vec<_> = shown["versions"].as_array().unwrap().iter().map(|it| it["version"].as_i64().unwrap()).collect();
    assert_eq!(numbers, [4, 3]);
    let mut another = text(GOOD);
    another["document"] = json!("otra");
    let reply = shore.send(Call::post("/v1/content/score").key(&shore.admin).json(&another)).await;
    assert_eq!(violations(&reply), [("document".to_owned(), "full".to_owned())]);
}

#[tokio::test]
async fn forgets_what_is_older_than_the_site_keeps() {
    let shore = Shore::with(json!({ "keeps": { "days": 2 } })).await;
    shore.score(text(POOR)).await;
    shore.pass(24);
    shore.score(text(GOOD)).await;
    shore.pass(36);
    shore.tick().await;
    assert_eq!(
        (shore.count("content_versions").await, shore.count("content_documents").await),
        (1, 1),
        "the latest stays with its document"
    );
    shore.pass(24);
    shore.tick().await;
    assert_eq!((shore.count("content_versions").await, shore.count("content_documents").await), (0, 0));
}

#[tokio::test]
async fn lists_documents_by_score_and_kind_page_by_page_and_as_a_spreadsheet() {
    let shore = Shore::new().await;
    for (id, kind, content) in [("a", "blog", GOOD), ("b", "landing", GOOD), ("=c", "blog", POOR)] {
        shore.score(json!({ "content": content, "document": id, "kind": kind, "keyphrase": "clases de surf" })).await;
        shore.pass(1);
    }
    let ids =
        |told: &Json| told["documents"].as_array().unwrap().iter().map(|it| it["id"].as_str().unwrap().to_owned()).collect::<Vec<_>>();
    assert_eq!(ids(&shore.get("/documents").await), ["=c", "b", "a"]);
    assert_eq!(ids(&shore.get("/documents?kind=blog").await), ["=c", "a"]);
    let low = shore.get("/documents").await["documents"][0]["score"].as_i64().unwrap();
    assert_eq!(ids(&shore.get(&format!("/documents?max_score={low}")).await), ["=c"]);
    let first = shore.get("/documents?limit=2").await;
    let rest = shore.get(&format!("/documents?limit=2&cursor={}", first["next"].as_str().unwrap())).await;
    assert_eq!((ids(&first), ids(&rest), rest["next"].is_null()), (vec!["=c".to_owned(), "b".to_owned()], vec!["a".to_owned()], true));
    let reply = shore.send(Call::get("/v1/content/documents").key(&shore.read).header("accept", "text/csv")).await;
    let csv = reply.text();
    assert!(csv.starts_with("id,kind,title") && csv.lines().count() == 4 && csv.contains("'=c,blog"), "{csv}");
    let versions = shore.send(Call::get("/v1/content/documents/a?format=csv").key(&shore.read)).await.text();
    assert!(versions.starts_with("version,label") && versions.lines().count() == 2, "{versions}");
    assert_eq!(shore.send(Call::get("/v1/content/documents?kind=x").key(&shore.read)).await.status.as_u16(), 400);
}

#[tokio::test]
async fn a_document_that_is_forgotten_leaves_nothing() {
    let shore = Shore::new().await;
    shore.send(Call::post("/v1/content/score").key(&shore.admin).header("idempotency-key", "k1").json(&text(POOR))).await;
    let receipt = shore.ok(Call::delete("/v1/content/documents/inicio").key(&shore.admin)).await;
    assert_eq!((receipt["rows"]["content_versions"].as_i64(), receipt["rows"]["idempotency"].as_i64()), (Some(1), Some(1)), "{receipt}");
    for table in ["content_documents", "content_versions", "idempotency"] {
        assert_eq!(shore.count(table).await, 0, "{table}");
    }
    assert_eq!(shore.send(Call::delete("/v1/content/documents/inicio").key(&shore.admin)).await.status.as_u16(), 404);
}
