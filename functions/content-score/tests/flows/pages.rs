//! Pages that are read again and again: kept as versions, and told of once per fall.

use orilla_core::ports::FetchError;
use orilla_core::sql::Statement;
use orilla_native::testing::Call;
use serde_json::json;

use crate::support::{GOOD, POOR, Shore, violations};

/// A page with a threshold between the good text and the poor one.
async fn shore() -> Shore {
    let shore = Shore::new().await;
    shore.listen().await;
    let score = async |content: &str| {
        shore.score(json!({ "content": content, "keyphrase": "clases de surf", "kind": "landing" })).await["score"].as_u64()
    };
    let (good, poor) = (score(GOOD).await.unwrap(), score(POOR).await.unwrap());
    assert!(good > poor + 1, "{good} {poor}");
    let page = json!({ "url": "https://marea.example/", "keyphrase": "clases de surf", "kind": "landing", "threshold": (good + poor) / 2 });
    assert_eq!(shore.watch("inicio", page).await["threshold"], (good + poor) / 2);
    shore
}

#[tokio::test]
async fn a_fall_is_told_once_and_again_after_a_recovery() {
    let shore = shore().await;
    for (html, told) in [(GOOD, 0), (POOR, 1), (POOR, 1), (GOOD, 1), (POOR, 2)] {
        shore.publish(html);
        shore.tick().await;
        let dropped = shore.told().await.into_iter().filter(|event| event == "content.score_dropped").count();
        assert_eq!(dropped, told);
        shore.pass(25);
    }
    let shown = shore.get("/documents/inicio").await;
    assert_eq!(shown["versions"].as_array().unwrap().len(), 4, "the same again is no version");
    let page = shore.get("/pages/inicio").await;
    assert_eq!((page["is_low"].as_bool(), page["score"].as_i64()), (Some(true), shown["score"].as_i64()));
    let rows = shore.host.rows(Statement::new("SELECT body FROM outbox ORDER BY created_at LIMIT 1")).await;
    let body: serde_json::Value = rows.first().unwrap().json("body").unwrap();
    assert!(body["data"]["previous_score"].as_i64() > body["data"]["score"].as_i64(), "{body}");
}

#[tokio::test]
async fn a_page_is_read_when_its_time_has_come_and_no_sooner() {
    let shore = shore().await;
    shore.publish(GOOD);
    let mut read = Vec::new();
    for hours in [0, 1, 22, 2] {
        shore.pass(hours);
        shore.tick().await;
        read.push(shore.host.take_fetches().iter().filter(|it| it.destination.url().host_str() == Some("marea.example")).count());
    }
    assert_eq!(read, [1, 0, 0, 1]);
}

#[tokio::test]
async fn two_ticks_at_a_time_read_a_page_once() {
    let shore = shore().await;
    shore.publish(POOR);
    tokio::join!(shore.tick(), shore.tick());
    let fetched = shore.host.take_fetches().iter().filter(|it| it.destination.url().host_str() == Some("marea.example")).count();
    assert_eq!((fetched, shore.told().await.len(), shore.count("content_versions").await), (1, 1, 1));
}

#[tokio::test]
async fn a_page_that_cannot_be_read_is_told_of_after_some_failures_once() {
    let shore = shore().await;
    shore.host.answer_fetches(|_| Err(FetchError::Connect("refused".into())));
    let mut told = Vec::new();
    for _ in 0..5 {
        shore.tick().await;
        told.push(shore.told().await.iter().filter(|event| *event == "content.page_unreachable").count());
        shore.pass(2);
    }
    assert_eq!(told, [0, 0, 1, 1, 1]);
    let page = shore.get("/pages/inicio").await;
    assert_eq!(
        (page["is_lost"].as_bool(), page["problem"].as_str(), page["failures"].as_i64()),
        (Some(true), Some("unreachable"), Some(5))
    );
    shore.publish(GOOD);
    shore.tick().await;
    assert_eq!(shore.get("/pages/inicio").await["failures"], 0);
}

#[tokio::test]
async fn a_page_is_put_listed_changed_and_taken_away() {
    let shore = Shore::with(json!({ "pages": { "most": 1 } })).await;
    let put =
        |page: &str, body: serde_json::Value| shore.send(Call::put(format!("/v1/content/pages/{page}")).key(&shore.admin).json(&body));
    let fine = json!({ "url": "https://marea.example/a", "threshold": 50 });
    assert_eq!(put("a", fine.clone()).await.status.as_u16(), 201);
    assert_eq!(put("a", fine.clone()).await.status.as_u16(), 200);
    assert_eq!(violations(&put("b", fine).await), [("page".to_owned(), "full".to_owned())]);
    let wrong = put("a", json!({ "url": "https://10.0.0.1/", "threshold": 0, "content": "x" })).await;
    assert_eq!(wrong.status.as_u16(), 422);
    assert_eq!(shore.get("/pages").await["pages"][0]["url"], "https://marea.example/a");
    assert_eq!(shore.send(Call::delete("/v1/content/pages/a").key(&shore.admin)).await.status.as_u16(), 204);
    assert_eq!(shore.send(Call::get("/v1/content/pages/a").key(&shore.read)).await.status.as_u16(), 404);
}
