//! Judging texts: for their owners and for visitors of an editor.

use orilla_native::testing::Call;
use serde_json::json;

use crate::support::{GOOD, POOR, SITE, Shore, violations};

#[tokio::test]
async fn a_text_is_judged_with_a_reason_for_every_point() {
    let shore = Shore::new().await;
    let told =
        shore.ok(Call::post("/v1/content/score").key(&shore.read).json(&json!({ "content": GOOD, "keyphrase": "clases de surf" }))).await;
    assert_eq!((told["profile"].as_str(), told["language"]["main"].as_str()), (Some("brief"), Some("es")), "{told}");
    assert!(told["assessments"].as_array().unwrap().len() > 10);
    for assessment in told["assessments"].as_array().unwrap() {
        assert!(!assessment["message"]["es"].as_str().unwrap().is_empty() && !assessment["message"]["en"].as_str().unwrap().is_empty());
        for span in assessment["spans"].as_array().unwrap() {
            let range = span["start"].as_u64().unwrap() as usize..span["end"].as_u64().unwrap() as usize;
            assert!(GOOD.get(range).is_some(), "{assessment} does not point into the text");
        }
    }
    let poor = shore.score(json!({ "content": POOR, "keyphrase": "clases de surf" })).await;
    assert!(poor["score"].as_u64() < told["score"].as_u64(), "{} and {}", poor["score"], told["score"]);
    assert_eq!(shore.count("content_documents").await, 0, "nothing is kept that nobody named");
}

#[tokio::test]
async fn every_violation_of_a_request_is_told() {
    let shore = Shore::new().await;
    let call = Call::post("/v1/content/score").key(&shore.read).json(&json!({ "kind": "poem", "locale": "fr", "version": "1", "x": 1 }));
    let reply = shore.send(call).await;
    assert_eq!((reply.status.as_u16(), reply.headers["content-type"].to_str().unwrap()), (422, "application/problem+json"));
    let fields: Vec<_> = violations(&reply).into_iter().map(|(field, _)| field).collect();
    assert_eq!(fields, ["x", "kind", "content", "locale", "version"]);
}

#[tokio::test]
async fn the_sites_own_thresholds_count_where_it_has_some() {
    let shore = Shore::with(json!({ "profile": "own", "own": { "base": "yoast", "meta_description": { "min": 5, "max": 10 } } })).await;
    let text = json!({ "content": GOOD, "meta_description": "Surf ya" });
    let of = |told: serde_json::Value| {
        let list = told["assessments"].as_array().unwrap().clone();
        list.into_iter().find(|it| it["id"] == "metaDescriptionLength").unwrap()["rating"].clone()
    };
    assert_eq!(of(shore.score(text.clone()).await), "good");
    let mut yoast = text.clone();
    yoast["profile"] = json!("yoast");
    assert_ne!(of(shore.score(yoast).await), "good");
    let bare = Shore::new().await;
    let reply = bare.send(Call::post("/v1/content/score").key(&bare.read).json(&json!({ "content": "a", "profile": "own" }))).await;
    assert_eq!(violations(&reply), [("profile".to_owned(), "own".to_owned())]);
}

#[tokio::test]
async fn settings_are_applied_whole_or_not_at_all() {
    let shore = Shore::new().await;
    let path = format!("/v1/content/sites/{SITE}");
    let put = |path: &str, settings: &serde_json::Value| Call::put(path).key(&shore.admin).json(settings);
    let fine = json!({ "public_editor": true, "keeps": { "versions": 3 } });
    let dry = shore.ok(put(&format!("{path}?dry_run=1"), &fine)).await;
    assert_eq!((dry["is_changed"].clone(), shore.count("content_settings").await), (json!(true), 0));
    assert_eq!(shore.ok(put(&path, &fine)).await["is_changed"], true);
    assert_eq!(shore.ok(put(&path, &fine)).await["is_changed"], false);
    let wrong = json!({ "profile": "own", "keeps": { "versions": 0 }, "personas": [{ "id": "a", "description": "" }] });
    let reply = shore.send(put(&path, &wrong)).await;
    let fields: Vec<_> = violations(&reply).into_iter().map(|(field, _)| field).collect();
    assert_eq!(fields, ["profile", "personas[0].description", "keeps.versions"]);
    assert_eq!(shore.get("/settings").await["keeps"]["versions"], 3);
}

#[tokio::test]
async fn a_visitor_may_have_texts_judged_where_the_site_lets_them_and_from_its_pages_alone() {
    let closed = Shore::new().await;
    let check = |site: bool| {
        Call::post("/v1/content/check").json(&if site { json!({ "content": GOOD, "site": SITE }) } else { json!({ "content": GOOD }) })
    };
    assert_eq!(closed.send(check(true)).await.status.as_u16(), 403);
    let shore = Shore::with(json!({ "public_editor": true })).await;
    let told = shore.ok(check(true).header("origin", "https://marea.example")).await;
    assert!(told["score"].as_u64().is_some() && told["document"].is_null());
    assert_eq!(shore.ok(check(false).header("x-write-key", &shore.write)).await["score"], told["score"]);
    assert_eq!(shore.send(check(true).header("origin", "https://evil.example")).await.status.as_u16(), 403);
    assert_eq!(shore.send(check(false)).await.status.as_u16(), 401);
    let kept =
        shore.send(Call::post("/v1/content/check").json(&json!({ "site": SITE, "url": "https://a.example/", "document": "d" }))).await;
    assert_eq!(kept.status.as_u16(), 422);
    assert!(shore.host.take_fetches().is_empty(), "nothing is fetched for a visitor");
    assert_eq!(shore.count("content_versions").await, 0);
}

#[tokio::test]
async fn a_visitor_who_asks_too_often_is_told_when_to_come_again() {
    let shore = Shore::with(json!({ "public_editor": true })).await;
    let check = || Call::post("/v1/content/check").json(&json!({ "content": "hola", "site": SITE }));
    for _ in 0..240 {
        assert_eq!(shore.send(check()).await.status.as_u16(), 200);
    }
    let reply = shore.send(check()).await;
    assert!(reply.status.as_u16() == 429 && reply.headers.contains_key("retry-after"));
    assert_eq!(shore.send(check().from_address([203, 0, 113, 200])).await.status.as_u16(), 200, "another visitor is not kept out");
}
