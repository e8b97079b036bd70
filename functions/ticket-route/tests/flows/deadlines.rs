//! What the clock tells, and that it tells it once.

use futures_util::future::join_all;
use orilla_core::Function;
use serde_json::json;
use ticket_route::TicketRoute;

use crate::support::{Shore, at, kinds, office};

fn critical() -> serde_json::Value {
    let mut desk = office();
    desk["rules"] = json!([{ "id": "all", "when": { "source": ["api"] }, "then": { "priority": "critical", "category": "technical" } }]);
    desk
}

#[tokio::test]
async fn a_deadline_warns_breaches_and_escalates_once_each_however_often_the_clock_ticks() {
    let shore = Shore::with(critical()).await;
    shore.listen().await;
    let ticket = shore.open("Caído", "La web está caída", "eva@mar.example").await;
    assert_eq!(ticket["due_at"], "2026-11-27T11:00:00.000Z");
    shore.pass(29);
    shore.tick().await;
    assert_eq!(shore.told().await, ["ticket.created"]);
    shore.pass(1);
    shore.tick().await;
    shore.tick().await;
    assert_eq!(shore.told().await, ["ticket.created", "ticket.sla_warning"]);
    shore.pass(30);
    let ticks = (0..3).map(|_| async { TicketRoute::open(&shore.host).unwrap().tick().await.map(|_| ()) });
    join_all(ticks).await.into_iter().collect::<Result<Vec<_>, _>>().unwrap();
    assert_eq!(shore.told().await[2..], ["ticket.sla_breached"]);
    shore.pass(30);
    shore.tick().await;
    assert_eq!(shore.told().await[3..], ["ticket.escalated"]);
    let ticket = shore.ticket("1").await;
    assert_eq!(kinds(&ticket), ["opened", "alarm", "alarm", "alarm"]);
    assert_eq!(ticket["events"][3]["target"], "team_lead");
}

#[tokio::test]
async fn a_clock_that_comes_late_loses_no_alarm() {
    let shore = Shore::with(critical()).await;
    shore.listen().await;
    shore.open("Caído", "La web está caída", "eva@mar.example").await;
    shore.pass(3 * 60);
    shore.tick().await;
    let told = shore.told().await;
    assert_eq!(told.iter().filter(|name| *name == "ticket.sla_breached").count(), 1, "{told:?}");
    assert_eq!(told.iter().filter(|name| *name == "ticket.escalated").count(), 1, "{told:?}");
}

#[tokio::test]
async fn an_answer_in_time_stops_the_clock_and_thanks_start_none() {
    let shore = Shore::with(critical()).await;
    shore.listen().await;
    shore.open("Caído", "La web está caída", "eva@mar.example").await;
    shore.pass(20);
    let ticket = shore.write_into("1", json!({ "agent": "ana", "text": "La estamos levantando." })).await;
    assert_eq!(ticket["status"], "open");
    let first = ticket["clocks"].as_array().unwrap().iter().find(|it| it["metric"] == "first_reply").unwrap();
    assert_eq!(first["state"], "met");
    let ticket = shore.write_into("1", json!({ "text": "¡Gracias!" })).await;
    assert!(ticket["clocks"].as_array().unwrap().iter().all(|it| it["metric"] != "next_reply"), "{ticket}");
    let ticket = shore.write_into("1", json!({ "text": "Sigue sin abrir el panel de pagos" })).await;
    let next = ticket["clocks"].as_array().unwrap().iter().find(|it| it["metric"] == "next_reply").unwrap();
    assert_eq!((next["state"].as_str(), next["due_at"].as_str()), (Some("running"), Some("2026-11-27T11:20:00.000Z")));
    shore.patch("1", json!({ "agent": "ana", "status": "solved" })).await;
    shore.pass(10 * 60);
    shore.tick().await;
    let told = shore.told().await;
    assert!(!told.iter().any(|name| name.starts_with("ticket.sla")), "{told:?}");
    let ticket = shore.write_into("1", json!({ "text": "Vuelve a fallar" })).await;
    assert_eq!(ticket["status"], "open", "who writes again wants something again");
}

#[tokio::test]
async fn office_hours_count_and_a_change_of_priority_judges_anew() {
    let shore = Shore::with(office()).await;
    shore.host.manual_clock().set(at("2026-11-27T16:30:00Z"));
    shore.open("Web", "La web va lenta", "eva@mar.example").await;
    // Half an hour is left of Friday in Madrid, and half an hour more stands on Monday from nine.
    let ticket = shore.patch("1", json!({ "priority": "critical" })).await;
    assert_eq!(ticket["due_at"], "2026-11-30T08:30:00.000Z", "{ticket}");
    assert_eq!(kinds(&ticket), ["opened", "priority"]);
}
