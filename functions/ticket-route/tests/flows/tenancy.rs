//! Whose is what: sites and keys.

use orilla_core::sites::Kind;
use orilla_native::testing::Call;
use serde_json::json;
use ticket_route::routes::{Operation, ROUTES, Visit};

use crate::support::{OTHER, SITE, Shore, kinds, office};

#[tokio::test]
async fn another_site_finds_nothing_and_changes_nothing() {
    let shore = Shore::with(office()).await;
    shore.site(OTHER).await;
    let admin = shore.key(OTHER, Kind::Admin).await;
    let mine = shore.open("Factura", "Necesito la factura", "eva@mar.example").await;
    for route in ROUTES.iter().filter(|route| route.path.contains("{ticket}") || route.path.contains("{agent}")) {
        let path = route.path.replace("{ticket}", mine["id"].as_str().unwrap()).replace("{agent}", "ana");
        let body = match route.path {
            path if path.ends_with("/comments") => json!({ "text": "x" }),
            path if path.contains("{agent}") => json!({ "presence": "online" }),
            path if path.ends_with("/claim") => json!({ "agent": "ana" }),
            path if path.ends_with("/macro") => json!({ "macro": "m", "agent": "ana" }),
            _ => json!({}),
        };
        let reply = shore.send(Call::new(route.method.clone(), &path).key(&admin).json(&body)).await;
        assert!([404, 422].contains(&reply.status.as_u16()), "{} {path}: {}", route.method, reply.text());
    }
    let theirs = shore.ok(Call::get("/v1/tickets").key(&admin)).await;
    assert!(theirs["tickets"].as_array().unwrap().is_empty());
    let desk = Call::put(format!("/v1/routing/sites/{SITE}")).key(&admin).json(&json!({}));
    assert_eq!(shore.send(desk).await.status.as_u16(), 403);
    assert_eq!(kinds(&shore.ticket("1").await), ["opened"]);
}

#[tokio::test]
async fn every_route_wants_its_key() {
    let shore = Shore::bare().await;
    // A satisfaction link and a source's path are their own keys.
    for route in ROUTES.iter().filter(|route| !route.path.contains("{token}") && route.name != Operation::Inbound) {
        let path = route.path.replace("{ticket}", "1").replace("{agent}", "ana").replace("{site}", SITE).replace("{survey}", "nps");
        let body = if route.path.ends_with("/nps") || route.path.ends_with("/csat") {
            json!({ "score": 5 })
        } else if route.path.ends_with("/invitations") {
            json!({})
        } else {
            json!({ "text": "hola" })
        };
        let reply = shore.send(Call::new(route.method.clone(), &path).json(&body)).await;
        assert_eq!(reply.status.as_u16(), 401, "{} {path}: {}", route.method, reply.text());
        if !matches!(route.name, Operation::Visit(Visit::Create | Visit::AnswerNps | Visit::AnswerCsat | Visit::Invite)) {
            let reply = shore.send(Call::new(route.method.clone(), &path).key(&shore.write).json(&json!({}))).await;
            assert_eq!(reply.status.as_u16(), 403, "{} {path}", route.method);
        }
    }
}

#[tokio::test]
async fn a_desk_is_applied_whole_or_not_at_all() {
    let shore = Shore::bare().await;
    let path = format!("/v1/routing/sites/{SITE}");
    let dry = shore.ok(Call::put(format!("{path}?dry_run=1")).key(&shore.admin).json(&office())).await;
    assert_eq!((dry["is_changed"].clone(), dry["is_dry_run"].clone()), (json!(true), json!(true)));
    assert_eq!(shore.count("desks").await, 0);
    assert_eq!(shore.apply(&office()).await["is_changed"], true);
    assert_eq!(shore.apply(&office()).await["is_changed"], false);
    let mut wrong = office();
    wrong["agents"][0]["team"] = json!("ghosts");
    let reply = shore.send(Call::put(&path).key(&shore.admin).json(&wrong)).await;
    assert_eq!((reply.status.as_u16(), reply.json()["errors"][0]["field"].as_str()), (422, Some("agents[0].team")));
    assert_eq!(shore.ok(Call::get("/v1/routing/desk").key(&shore.read)).await["agents"][0]["team"], "support");
}
