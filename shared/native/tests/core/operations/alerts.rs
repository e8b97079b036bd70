//! Alerts from rule to news: raised once, cleared once, by whichever tick comes first.

use std::time::Duration;

use chrono::TimeDelta;
use orilla_core::operations::alerts::{self, Measure, Rule};
use orilla_core::operations::look_out;
use orilla_core::outbox::destinations::{Destination, Kind};
use orilla_core::signing::Secret;
use orilla_core::sites::SiteId;
use orilla_core::sql::Statement;
use orilla_core::{Clock, Platform, Sql};
use orilla_native::testing::{Call, TestHost};
use serde_json::{Value as Json, json};

use super::{Other, Toy, host, scrape, send};
use crate::{other_site, site, sql};

fn rule(id: &str, measure: Measure, above: f64) -> Rule {
    Rule { id: id.to_owned(), measure, above, over_minutes: None, function: None, least_requests: None }
}

/// A site of this language that listens by webhook and in Slack, and has these rules.
async fn watch(host: &TestHost, site: &SiteId, locale: &str, rules: &[Rule]) {
    let definition = json!({ "default_locale": locale }).to_string();
    let put = "INSERT INTO sites (id, definition, digest, link_secret, created_at, updated_at) VALUES (?1, ?2, '', x'00', 0, 0)";
    let mut statements = vec![Statement::new(put).bind(site).bind(definition)];
    let events = ["alert.raised".to_owned(), "alert.cleared".to_owned()];
    for (id, kind) in [("hook", Kind::Webhook), ("chat", Kind::Slack)] {
        let destination = Destination { id, kind, target: "https://hooks.example.com/", events: &events };
        statements.push(destination.add(site, &Secret::generate(&host.random()), host.clock().now()));
    }
    statements.extend(alerts::apply(site, rules));
    sql(host).batch(statements).await.unwrap();
}

/// What a site was told by webhook so far: each event with its data.
async fn told(host: &TestHost, site: &SiteId) -> Vec<(String, Json)> {
    let query = "SELECT event, body FROM outbox WHERE site_id = ?1 AND kind = 'webhook' ORDER BY created_at, id";
    let rows = host.rows(Statement::new(query).bind(site)).await;
    rows.iter().map(|row| (row.text("event").unwrap().to_owned(), row.json::<Json>("body").unwrap()["data"].clone())).collect()
}

async fn names(host: &TestHost, site: &SiteId) -> Vec<String> {
    told(host, site).await.into_iter().map(|(event, _)| event).collect()
}

async fn slack(host: &TestHost, site: &SiteId) -> Vec<String> {
    let query = "SELECT body FROM outbox WHERE site_id = ?1 AND kind = 'slack' AND event LIKE 'alert.%' ORDER BY created_at, id";
    let rows = host.rows(Statement::new(query).bind(site)).await;
    rows.iter().map(|row| row.json::<Json>("body").unwrap().to_string()).collect()
}

/// A minute with so many requests, of which some fail, then a tick, and two more at a time.
async fn minute(host: &TestHost, good: u32, bad: u32) {
    for _ in 0..good {
        send(host, Call::get("/v1/things/a?millis=1")).await;
    }
    for _ in 0..bad {
        send(host, Call::get("/v1/things/a?fails=unavailable")).await;
    }
    host.manual_clock().advance(Duration::from_secs(60));
    host.tick::<Toy<TestHost>>().await.unwrap();
    let (again, other) = tokio::join!(host.tick::<Toy<TestHost>>(), host.tick::<Other>());
    again.unwrap();
    other.unwrap_err();
}

#[tokio::test]
async fn an_alert_is_raised_once_and_cleared_once_however_often_the_clock_calls() {
    let host = host().await;
    let rules = [Rule { over_minutes: Some(2), ..rule("errors", Measure::ErrorRate, 0.05) }];
    watch(&host, &site(), "es", &rules).await;
    watch(&host, &other_site(), "en", &[]).await;
    minute(&host, 30, 0).await;
    assert_eq!(names(&host, &site()).await, [""; 0]);
    for _ in 0..4 {
        minute(&host, 25, 5).await;
        assert_eq!(names(&host, &site()).await, ["alert.raised"]);
        assert_eq!(scrape(&host, "/metrics").await["orilla_alerts_raised"], 1.0);
    }
    let mut calm = Vec::new();
    for _ in 0..8 {
        minute(&host, 100, 0).await;
        calm.push(names(&host, &site()).await.len());
    }
    assert_eq!(calm.last(), Some(&2), "{calm:?}");
    assert_eq!(calm.first(), Some(&1), "it takes a while to be believed: {calm:?}");
    let told = told(&host, &site()).await;
    assert_eq!(told[1].0, "alert.cleared");
    let raised = &told[0].1;
    assert_eq!(
        (&raised["alert"], &raised["measure"], &raised["above"], &raised["over_minutes"]),
        (&json!("errors"), &json!("error_rate"), &json!(0.05), &json!(2))
    );
    assert!(raised["value"].as_f64().unwrap() > 0.05 && raised["requests"].as_i64().unwrap() >= 20, "{raised}");
    assert!(told[1].1["lasted_seconds"].as_i64().unwrap() > 240, "{}", told[1].1);
    assert_eq!(names(&host, &other_site()).await, [""; 0], "whoever asked for nothing hears nothing");
    let sent = host.take_fetches().len();
    assert_eq!(sent, 4, "each news went out once to each destination");
}

#[tokio::test]
async fn looks_at_the_same_moment_are_one_look() {
    let host = host().await;
    watch(&host, &site(), "es", &[rule("errors", Measure::ErrorRate, 0.05)]).await;
    for _ in 0..30 {
        send(&host, Call::get("/v1/things/a?fails=internal")).await;
    }
    host.manual_clock().advance(Duration::from_secs(31));
    send(&host, Call::get("/v1/things/a")).await;
    let looked = futures_util::future::join_all((0..5).map(|_| look_out(&host))).await;
    assert_eq!(looked.into_iter().filter(|it| *it.as_ref().unwrap()).count(), 1);
    assert_eq!(names(&host, &site()).await, ["alert.raised"]);
    // Even two that both believe to be the one: what the first wrote is found out by the second.
    let again = "UPDATE duties SET next_at = 0";
    host.rows(Statement::new(again)).await;
    host.rows(Statement::new("UPDATE alerts SET raised_at = NULL")).await;
    let late = async {
        host.rows(Statement::new(again)).await;
        look_out(&host).await.unwrap()
    };
    let (first, second) = tokio::join!(look_out(&host), late);
    assert!(first.unwrap() || second);
    assert_eq!(names(&host, &site()).await.len(), 2, "one more, not two");
}

#[tokio::test]
async fn each_site_hears_of_its_own_in_its_own_language() {
    let host = host().await;
    let rules = [rule("late", Measure::OutboxAge, 300.0), rule("broken", Measure::SlaBreaches, 0.0)];
    watch(&host, &site(), "es", &rules).await;
    watch(&host, &other_site(), "en", &rules).await;
    let now = host.clock().now();
    let event = "INSERT INTO ticket_events (site_id, ticket_id, number, kind, actor, data, created_at) VALUES (?1, 't', ?2, 'alarm', 'system', ?3, ?4)";
    for (number, key, age) in [(1, "reply:1:breach", 1), (2, "reply:1:warning", 1), (3, "solve:1:breach", 6)] {
        let event = Statement::new(event).bind(&other_site()).bind(i64::from(number)).bind(json!({ "key": key }).to_string());
        host.rows(event.bind(now - TimeDelta::minutes(age))).await;
    }
    let waiting = "INSERT INTO outbox (id, site_id, destination_id, kind, target, event, subject_id, body, status, next_at, created_at) \
                   VALUES ('msg_1', ?1, 'gone', 'slack', '', 'lead.created', 's', '{}', 'pending', ?2, ?2)";
    host.rows(Statement::new(waiting).bind(&site()).bind(now - TimeDelta::minutes(10))).await;
    look_out(&host).await.unwrap();
    let alert =
        |told: Vec<(String, Json)>| told.into_iter().map(|(_, data)| (data["alert"].clone(), data["value"].clone())).collect::<Vec<_>>();
    assert_eq!(alert(told(&host, &site()).await), [(json!("late"), json!(600.0))]);
    assert_eq!(
        alert(told(&host, &other_site()).await),
        [(json!("broken"), json!(1.0))],
        "a warning is no breach, and the window is five minutes"
    );
    let (es, en) = (slack(&host, &site()).await, slack(&host, &other_site()).await);
    assert!(es[0].contains("Alerta: late") && es[0].contains("600 s"), "{es:?}");
    assert!(en[0].contains("Alert: broken") && en[0].contains("Promises to customers broken"), "{en:?}");
    let page = scrape(&host, "/metrics").await;
    assert_eq!((page["orilla_sla_breaches_last_hour"], page["orilla_outbox_oldest_due_seconds"]), (2.0, 600.0));
    assert_eq!(page["orilla_outbox_pending"], 5.0, "the one that waits, and two news for two destinations each");
}

#[tokio::test]
async fn a_rule_may_be_about_one_function_and_about_time() {
    let host = host().await;
    let of = |function: &str| Rule { function: Some(function.to_owned()), ..rule(function, Measure::P95, 1_000.0) };
    watch(&host, &site(), "en", &[of("lead-capture"), of("ticket-route")]).await;
    for _ in 0..20 {
        send(&host, Call::get("/v1/things/a?millis=1200")).await;
        host.send::<Other>(Call::get("/v1/tickets")).await;
    }
    host.manual_clock().advance(Duration::from_secs(31));
    host.tick::<Toy<TestHost>>().await.unwrap();
    host.manual_clock().advance(Duration::from_secs(60));
    host.tick::<Toy<TestHost>>().await.unwrap();
    let told = told(&host, &site()).await;
    assert_eq!(told.iter().map(|(_, data)| data["alert"].as_str().unwrap()).collect::<Vec<_>>(), ["lead-capture"]);
    let value = told[0].1["value"].as_f64().unwrap();
    assert!((1_000.0..=2_000.0).contains(&value), "{value}");
}

#[tokio::test]
async fn rules_that_stay_in_the_files_stay_as_they_stand() {
    let host = host().await;
    let (errors, late) = (rule("errors", Measure::ErrorRate, 0.05), rule("late", Measure::OutboxAge, 60.0));
    watch(&host, &site(), "es", &[errors.clone(), late]).await;
    host.rows(Statement::new("UPDATE alerts SET raised_at = 7 WHERE id = 'errors'")).await;
    sql(&host).batch(alerts::apply(&site(), &[Rule { above: 0.1, ..errors }]).into()).await.unwrap();
    let rows = host.rows(Statement::new("SELECT id, rule, raised_at FROM alerts")).await;
    let row = rows.first().unwrap();
    assert_eq!((rows.len(), row.text("id").unwrap(), row.integer("raised_at").unwrap()), (1, "errors", 7));
    assert_eq!(row.json::<Rule>("rule").unwrap().above, 0.1);
}
