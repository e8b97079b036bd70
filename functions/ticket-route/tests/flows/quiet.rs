//! News reach people in the hours that the site gives them, programs at once, and each team's destinations hear of its tickets.

use std::collections::BTreeMap;

use orilla_core::ids::rfc3339;
use orilla_core::outbox::{MAIL_API_KEY, MAIL_FROM};
use orilla_core::sql::Statement;
use serde_json::{Value as Json, json};

use crate::support::{SITE, Shore, at, office};

async fn listening(desk: Json) -> Shore {
    let shore = Shore::with(desk).await;
    let put = "INSERT INTO destinations (site_id, id, kind, target, events, secret, created_at, is_managed) VALUES (?1, ?2, ?2, ?3, '[\"*\"]', ?4, 0, 1)";
    for (kind, target, secret) in [
        ("webhook", "https://crm.example/hook", Some("whsec_AAAA")),
        ("slack", "https://hooks.example/x", None),
        ("email", "desk@marea.example", None),
    ] {
        shore.host.rows(Statement::new(put).bind(SITE).bind(kind).bind(target).bind(secret)).await;
    }
    shore.host.set_variable(MAIL_API_KEY, "k");
    shore.host.set_variable(MAIL_FROM, "desk@marea.example");
    shore
}

/// When each destination is told first of some news.
async fn told(shore: &Shore, name: &str) -> BTreeMap<String, String> {
    let select =
        "SELECT destination_id, created_at, min(next_at) AS next_at FROM outbox WHERE event = ?1 AND status = 'pending' GROUP BY 1";
    let rows = shore.host.rows(Statement::new(select).bind(name)).await;
    rows.iter().map(|row| (row.text("destination_id").unwrap().to_owned(), rfc3339(row.time("next_at").unwrap()))).collect()
}

fn quiet() -> Json {
    let mut desk = office();
    desk["quiet"] = json!({ "calendar": "madrid" });
    desk
}

#[tokio::test]
async fn at_night_people_wait_for_the_morning_and_programs_do_not() {
    let shore = listening(quiet()).await;
    shore.host.manual_clock().set(at("2026-11-27T20:00:00Z"));
    shore.open("Factura", "Necesito la factura de octubre, por favor.", "eva@mar.example").await;
    let fetched: Vec<_> = shore.host.take_fetches().iter().map(|it| it.destination.url().to_string()).collect();
    assert_eq!(fetched, ["https://crm.example/hook"]);
    let monday = "2026-11-30T08:00:00.000Z".to_owned();
    let expect = BTreeMap::from([("slack".to_owned(), monday.clone()), ("email".to_owned(), monday)]);
    assert_eq!(told(&shore, "ticket.created").await, expect, "nine o'clock in Madrid");
    shore.host.manual_clock().set(at("2026-11-30T08:00:00Z"));
    shore.tick().await;
    assert_eq!(told(&shore, "ticket.created").await, BTreeMap::new(), "all are told");
}

#[tokio::test]
async fn by_day_and_without_quiet_hours_everybody_is_told_at_once() {
    for (desk, now) in [(quiet(), "2026-11-27T10:00:00Z"), (office(), "2026-11-27T20:00:00Z")] {
        let shore = listening(desk).await;
        shore.host.manual_clock().set(at(now));
        shore.open("Factura", "Necesito la factura de octubre, por favor.", "eva@mar.example").await;
        assert_eq!(shore.host.take_fetches().len(), 3, "{now}");
    }
}

#[tokio::test]
async fn what_cannot_wait_does_not() {
    let mut desk = quiet();
    // Day and night, so that its clock runs out at night.
    desk["teams"][0]["calendar"] = Json::Null;
    desk["teams"][1]["calendar"] = Json::Null;
    desk["escalation"] = json!({ "steps": [] });
    for (priority, is_told) in [("critical", true), ("high", false)] {
        let shore = listening(desk.clone()).await;
        shore.host.manual_clock().set(at("2026-11-27T20:00:00Z"));
        shore.open("Caído", "La web no carga", "eva@mar.example").await;
        shore.patch("1", json!({ "priority": priority })).await;
        assert!(!shore.host.take_fetches().is_empty());
        shore.pass(6 * 60);
        shore.tick().await;
        let breached = told(&shore, "ticket.sla_breached").await;
        assert_eq!(breached.is_empty(), is_told, "{priority}: {breached:?}");
        let urls: Vec<_> = shore.host.take_fetches().iter().map(|it| it.destination.url().to_string()).collect();
        assert_eq!(urls.iter().any(|url| url.contains("hooks.example")), is_told, "{priority}: {urls:?}");
    }
}

#[tokio::test]
async fn each_team_has_its_destinations_and_the_others_hear_of_all() {
    let mut desk = office();
    desk["notify"] = json!({ "money": ["slack"], "support": ["email"] });
    let shore = listening(desk).await;
    shore.open("Cobro doble", "Me habéis cobrado dos veces la factura de octubre.", "eva@mar.example").await;
    let hosts = || -> Vec<String> {
        let mut hosts: Vec<_> = shore.host.take_fetches().iter().map(|it| it.destination.url().host_str().unwrap().to_owned()).collect();
        hosts.sort_unstable();
        hosts
    };
    assert_eq!(hosts(), ["crm.example", "hooks.example"]);
    shore.open("Error", "La aplicación da error 500 al guardar", "eva@mar.example").await;
    assert_eq!(hosts(), ["api.resend.com", "crm.example"]);
}
