//! Deliveries: signed, retried with the same id, isolated, replayed, and never into a private network.

use std::cell::RefCell;
use std::rc::Rc;
use std::time::Duration;

use http::StatusCode;
use orilla_core::ports::FetchError;
use orilla_core::signing::{Secret, verify};
use orilla_native::testing::{Call, TestHost};
use serde_json::json;

use crate::support::{HOOK, Shore, ana, person};

/// Answers every delivery with this, and gives host and `webhook-id` of each attempt.
fn answering(host: &TestHost, answer: impl Fn(&str) -> Result<StatusCode, FetchError> + 'static) -> Rc<RefCell<Vec<(String, String)>>> {
    let attempts: Rc<RefCell<Vec<(String, String)>>> = Rc::default();
    let log = attempts.clone();
    host.answer_fetches(move |outbound| {
        let to = outbound.destination.url().host_str().unwrap_or_default().to_owned();
        let id = outbound.headers.get("webhook-id").map(|id| id.to_str().unwrap().to_owned()).unwrap_or_default();
        log.borrow_mut().push((to.clone(), id));
        answer(&to).map(Into::into)
    });
    attempts
}

#[tokio::test]
async fn a_webhook_arrives_signed_right_after_the_answer() {
    let shore = Shore::new().await;
    let rotated = shore.post("/v1/destinations/crm/rotate").await.json();
    let secret = Secret::parse(rotated["secret"].as_str().unwrap()).unwrap();
    shore.submit(&ana()).await;
    assert!(shore.host.take_fetches().is_empty(), "nothing is sent before the answer is out");
    shore.host.settle().await;
    let sent = shore.host.take_fetches();
    assert_eq!(sent.len(), 1);
    let header = |name: &str| sent[0].headers[name].to_str().unwrap();
    assert_eq!(sent[0].destination.url().as_str(), HOOK);
    verify(&[secret], header("webhook-id"), header("webhook-timestamp"), header("webhook-signature"), &sent[0].body, shore.now()).unwrap();
    let body: serde_json::Value = serde_json::from_slice(&sent[0].body).unwrap();
    assert_eq!((&body["type"], &body["data"]["lead"]["email"]), (&json!("lead.created"), &json!("ana@olas.example")));
    assert_eq!(shore.read("/v1/deliveries?status=delivered").await["deliveries"].as_array().unwrap().len(), 1);
}

#[tokio::test]
async fn a_dead_receiver_is_tried_ten_times_over_three_days_with_one_id() {
    let shore = Shore::new().await;
    let attempts = answering(&shore.host, |_| Ok(StatusCode::BAD_GATEWAY));
    shore.submit(&ana()).await;
    shore.host.settle().await;
    for wait in [5, 300, 1_800, 7_200, 18_000, 36_000, 50_400, 72_000, 86_400] {
        shore.host.manual_clock().advance(Duration::from_secs(wait - 1));
        shore.tick().await;
        let before = attempts.borrow().len();
        shore.host.manual_clock().advance(Duration::from_secs(1));
        shore.tick().await;
        assert_eq!(attempts.borrow().len(), before + 1, "after {wait} s");
    }
    let ids: std::collections::BTreeSet<_> = attempts.borrow().iter().map(|(_, id)| id.clone()).collect();
    assert_eq!((attempts.borrow().len(), ids.len()), (10, 1));
    let failed = shore.read("/v1/deliveries?status=failed").await["deliveries"][0].clone();
    assert_eq!((&failed["attempts"], &failed["last_status"]), (&json!(10), &json!(502)));
    let same = ids.into_iter().next().unwrap();
    let attempts = answering(&shore.host, |_| Ok(StatusCode::NO_CONTENT));
    assert_eq!(shore.post(&format!("/v1/deliveries/{same}/replay")).await.status, StatusCode::ACCEPTED);
    shore.host.settle().await;
    shore.tick().await;
    assert_eq!(*attempts.borrow(), [("crm.example".to_owned(), same)]);
}

#[tokio::test]
async fn a_receiver_that_is_gone_is_switched_off_and_on_again() {
    let shore = Shore::new().await;
    let attempts = answering(&shore.host, |_| Ok(StatusCode::GONE));
    shore.submit(&ana()).await;
    shore.host.settle().await;
    shore.submit(&person("eva@olas.example")).await;
    shore.host.settle().await;
    assert_eq!(attempts.borrow().len(), 1);
    let listed = shore.send(Call::get("/v1/destinations").key(&shore.admin)).await.json();
    assert!(listed["destinations"][0]["disabled_at"].is_string(), "{listed}");
    assert_eq!(shore.post("/v1/destinations/crm/enable").await.status, StatusCode::OK);
    answering(&shore.host, |_| Ok(StatusCode::OK));
    let replayed = shore.post("/v1/deliveries/replay").await.json()["replayed"].as_i64().unwrap();
    assert!(replayed >= 1);
    shore.submit(&person("leo@olas.example")).await;
    shore.host.settle().await;
    assert_eq!(shore.read("/v1/deliveries?status=failed").await["deliveries"], json!([]));
}

#[tokio::test]
async fn one_dead_destination_delays_no_other() {
    let shore = Shore::with(|site| {
        site["site"]["destinations"] = json!([
            { "id": "dead", "kind": "webhook", "url": "https://dead.example/" },
            { "id": "well", "kind": "webhook", "url": "https://well.example/" },
        ]);
    })
    .await;
    let attempts = answering(&shore.host, |to| if to == "dead.example" { Err(FetchError::Deadline) } else { Ok(StatusCode::OK) });
    for n in 0..10 {
        shore.submit(&person(&format!("p{n}@olas.example"))).await;
        shore.host.settle().await;
    }
    let well = attempts.borrow().iter().filter(|(to, _)| to == "well.example").count();
    assert_eq!(well, 10);
}

#[tokio::test]
async fn two_drains_at_once_send_once() {
    let shore = Shore::new().await;
    for n in 0..5 {
        shore.submit(&person(&format!("p{n}@olas.example"))).await;
    }
    let attempts = answering(&shore.host, |_| Ok(StatusCode::OK));
    tokio::join!(shore.tick(), shore.tick(), shore.tick());
    shore.host.settle().await;
    assert_eq!(attempts.borrow().len(), 5);
}

#[tokio::test]
async fn no_destination_leads_inside() {
    let shore = Shore::new().await;
    for target in [
        "http://crm.example/",
        "https://127.0.0.1/",
        "https://169.254.169.254/",
        "https://[::ffff:10.0.0.1]/",
        "https://localhost/",
        "nonsense",
    ] {
        let call = Call::post("/v1/destinations").key(&shore.admin).json(&json!({ "kind": "webhook", "target": target }));
        assert_eq!(shore.send(call).await.status, StatusCode::UNPROCESSABLE_ENTITY, "{target}");
    }
    shore.host.set_variable(orilla_core::outbox::ALLOWED_PRIVATE_HOSTS, "127.0.0.1:9999");
    let call = Call::post("/v1/destinations").key(&shore.admin).json(&json!({ "kind": "webhook", "target": "http://127.0.0.1:9999/hook" }));
    let added = shore.send(call).await;
    assert_eq!(added.status, StatusCode::CREATED, "{}", added.text());
    assert!(added.json()["secret"].as_str().unwrap().starts_with("whsec_"));
}

#[tokio::test]
async fn a_redirect_is_a_failure_and_not_followed() {
    let shore = Shore::new().await;
    let attempts = answering(&shore.host, |_| Ok(StatusCode::TEMPORARY_REDIRECT));
    shore.submit(&ana()).await;
    shore.host.settle().await;
    assert_eq!(attempts.borrow().len(), 1);
    assert_eq!(shore.read("/v1/deliveries?status=pending").await["deliveries"][0]["last_status"], 307);
}
