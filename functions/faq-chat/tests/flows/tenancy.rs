//! Whose is what: sites, keys, origins.

use faq_chat::routes::{Operation, ROUTES};
use orilla_core::sites::Kind;
use orilla_native::testing::Call;
use serde_json::json;

use crate::support::{OTHER, SITE, Shore};

#[tokio::test]
async fn another_site_finds_nothing_and_changes_nothing() {
    let shore = Shore::new().await;
    shore.site(OTHER, &json!({})).await;
    let (write, admin) = (shore.key(OTHER, Kind::Write).await, shore.key(OTHER, Kind::Admin).await);
    let mine = shore.chat(json!({ "message": "¿puedo cancelar mi reserva?" })).await;
    let id = mine["conversation_id"].as_str().unwrap();
    let theirs = Call::post("/v1/chat").header("x-write-key", &write).json(&json!({ "message": "hola", "conversation_id": id }));
    assert_eq!(shore.send(theirs).await.status.as_u16(), 404);
    let nothing =
        shore.ok(Call::post("/v1/chat").header("x-write-key", &write).json(&json!({ "message": "¿puedo cancelar mi reserva?" }))).await;
    assert_eq!(nothing["reasons"][0], "nothing_known", "another site's knowledge is not this one's");
    for route in ROUTES.iter().filter(|route| route.path.contains("{conversation}") || route.path.contains("{article}")) {
        let path = route.path.replace("{conversation}", id).replace("{article}", "price");
        let key = if matches!(route.name, Operation::Visit(_)) { &write } else { &admin };
        let body = match route.path {
            path if path.ends_with("/feedback") => json!({ "number": 2, "is_helpful": true }),
            path if path.ends_with("/messages") => json!({ "text": "x" }),
            path if path.contains("{article}") => json!({ "locale": "es", "question": "¿Q?", "answer": "A." }),
            _ => json!({ "act": "take" }),
        };
        let reply = shore.send(Call::new(route.method.clone(), &path).key(key).json(&body)).await;
        // What it writes under the same id is its own, and so is what it removes.
        let is_own = [http::Method::PUT, http::Method::DELETE].contains(&route.method) && route.path.contains("{article}");
        assert_eq!(reply.status.as_u16(), if is_own { 200 } else { 404 }, "{} {path}", route.method);
    }
    assert_eq!(shore.ask("/v1/kb/articles/price").await["articles"].as_array().unwrap().len(), 2, "the other site's article is its own");
    assert_eq!(shore.ask(&format!("/v1/conversations/{id}")).await["state"], "bot");
}

#[tokio::test]
async fn every_route_wants_its_key() {
    let shore = Shore::bare().await;
    for route in ROUTES {
        let path = route.path.replace("{conversation}", SITE).replace("{article}", "price").replace("{site}", SITE);
        let reply = shore.send(Call::new(route.method.clone(), &path).json(&json!({ "message": "hola" }))).await;
        let is_read_first = matches!(route.name, Operation::Visit(_)) && route.path.ends_with("/feedback");
        assert_eq!(reply.status.as_u16(), if is_read_first { 422 } else { 401 }, "{} {path}: {}", route.method, reply.text());
        let is_secret = !matches!(route.name, Operation::Visit(_));
        if is_secret {
            let reply = shore.send(Call::new(route.method.clone(), &path).key(&shore.write).json(&json!({}))).await;
            assert_eq!(reply.status.as_u16(), 403, "{} {path}", route.method);
        }
    }
}

#[tokio::test]
async fn a_page_of_a_foreign_origin_is_turned_away() {
    let shore = Shore::bare().await;
    let call = || Call::post("/v1/chat").json(&json!({ "message": "hola", "site": SITE }));
    assert_eq!(shore.send(call().header("origin", "https://evil.example")).await.status.as_u16(), 403);
    let reply = shore.send(call().header("origin", "https://marea.example")).await;
    assert_eq!((reply.status.as_u16(), reply.header("access-control-allow-origin")), (200, "https://marea.example"));
    let both = Call::post("/v1/chat").header("x-write-key", &shore.write).json(&json!({ "message": "hola", "site": OTHER }));
    assert_eq!(shore.send(both).await.status.as_u16(), 403);
}
