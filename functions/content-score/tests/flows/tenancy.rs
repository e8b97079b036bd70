//! Whose is what: sites and keys.

use content_score::routes::{Operation, ROUTES};
use orilla_core::sites::Kind;
use orilla_native::testing::Call;
use serde_json::json;

use crate::support::{GOOD, OTHER, SITE, Shore};

#[tokio::test]
async fn another_sites_document_is_not_seen() {
    let shore = Shore::new().await;
    shore.score(json!({ "content": GOOD, "document": "inicio" })).await;
    shore.watch("inicio", json!({ "url": "https://marea.example/" })).await;
    shore.site(OTHER).await;
    let admin = shore.key(OTHER, Kind::Admin).await;
    for (method, path) in [
        (http::Method::GET, "/v1/content/documents/inicio"),
        (http::Method::DELETE, "/v1/content/documents/inicio"),
        (http::Method::GET, "/v1/content/pages/inicio"),
        (http::Method::DELETE, "/v1/content/pages/inicio"),
    ] {
        assert_eq!(shore.send(Call::new(method.clone(), path).key(&admin)).await.status.as_u16(), 404, "{method} {path}");
    }
    for (path, name) in [("/v1/content/documents", "documents"), ("/v1/content/pages", "pages")] {
        assert!(shore.ok(Call::get(path).key(&admin)).await[name].as_array().unwrap().is_empty());
    }
    let theirs = shore.ok(Call::post("/v1/content/score").key(&admin).json(&json!({ "content": GOOD, "document": "inicio" }))).await;
    assert_eq!(theirs["document"]["number"], 1);
    assert_eq!(shore.send(Call::put(format!("/v1/content/sites/{SITE}")).key(&admin).json(&json!({}))).await.status.as_u16(), 403);
    assert_eq!((shore.count("content_documents").await, shore.count("content_pages").await), (2, 1));
}

#[tokio::test]
async fn every_route_wants_its_key() {
    let shore = Shore::new().await;
    for route in ROUTES {
        let path = route.path.replace("{document}", "d").replace("{page}", "p").replace("{site}", SITE);
        let call = || Call::new(route.method.clone(), &path).json(&json!({ "content": "a" }));
        assert_eq!(shore.send(call()).await.status.as_u16(), 401, "{} {path}", route.method);
        if route.name != Operation::Check {
            assert_eq!(shore.send(call().key(&shore.write)).await.status.as_u16(), 403, "{} {path}", route.method);
        }
    }
}

#[tokio::test]
async fn a_read_key_judges_and_keeps_nothing() {
    let shore = Shore::new().await;
    let sent = json!({ "content": GOOD, "document": "inicio" });
    assert_eq!(shore.send(Call::post("/v1/content/score").key(&shore.read).json(&sent)).await.status.as_u16(), 403);
    assert_eq!(shore.count("content_documents").await, 0);
}

#[tokio::test]
async fn no_word_of_a_text_and_no_address_is_logged() {
    let shore = Shore::new().await;
    shore.send(Call::post("/v1/content/score").key(&shore.read).json(&json!({ "content": "secretísimo", "kind": "secretisimo" }))).await;
    shore.send(Call::post("/v1/content/score").key(&shore.read).json(&json!({ "url": "https://127.0.0.1/secretisimo" }))).await;
    let log = shore.host.take_log().join("\n");
    assert!(log.contains("content-score") && !log.contains("secret"), "{log}");
}
