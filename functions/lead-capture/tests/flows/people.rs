//! What a person is promised: confirmation by their own act, and the guide by a link that ends.

use std::time::Duration;

use http::StatusCode;
use lead_capture::config::PUBLIC_URL;
use orilla_core::outbox::{MAIL_API_KEY, MAIL_FROM};
use orilla_core::sql::Statement;
use orilla_native::testing::Call;
use serde_json::{Value as Json, json};

use crate::support::{SITE, Shore, ana};

const GUIDE: &str = "12-semanas-para-llenar-tu-escuela.pdf";

async fn with_guide() -> Shore {
    let shore = Shore::new().await;
    let call = Call::put(format!("/v1/sites/{SITE}/assets/{GUIDE}")).key("operator").body(&b"%PDF-1.7 guide"[..]);
    assert_eq!(shore.send(call).await.status, StatusCode::OK);
    shore
}

/// The path and query of an absolute link.
fn path(link: &str) -> String {
    let url = url::Url::parse(link).unwrap();
    format!("{}?{}", url.path(), url.query().unwrap_or_default())
}

#[tokio::test]
async fn the_guide_comes_by_a_signed_link_that_expires() {
    let shore = with_guide().await;
    let link = path(shore.submit(&ana()).await.json()["download"].as_str().unwrap());
    let guide = shore.send(Call::get(link.as_str())).await;
    assert_eq!((guide.status, guide.header("content-type"), &guide.body[..]), (StatusCode::OK, "application/pdf", &b"%PDF-1.7 guide"[..]));
    let tampered = link.replace("token=", "token=A");
    let status = shore.send(Call::get(tampered)).await.status;
    assert!(matches!(status, StatusCode::FORBIDDEN | StatusCode::BAD_REQUEST), "{status}");
    let other = link.replace(GUIDE, "12-weeks-to-a-full-school.pdf");
    assert_eq!(shore.send(Call::get(other)).await.status, StatusCode::FORBIDDEN);
    shore.host.manual_clock().advance(Duration::from_secs(72 * 3_600));
    assert_eq!(shore.send(Call::get(link)).await.status, StatusCode::GONE);
    assert_eq!(shore.send(Call::get(format!("/v1/assets/{GUIDE}"))).await.status, StatusCode::BAD_REQUEST);
}

#[tokio::test]
async fn a_mailbox_is_confirmed_by_its_owner_once() {
    let shore = Shore::with(|site| site["forms"]["demo"]["double_opt_in"] = json!({})).await;
    shore.host.set_variable(MAIL_API_KEY, "re_test");
    shore.host.set_variable(MAIL_FROM, "Marea <hola@marea.example>");
    let answer = shore.submit(&ana()).await.json();
    assert_eq!(answer["download"], Json::Null, "who must confirm first gets it afterwards");
    assert_eq!(shore.leads().await[0]["is_confirmed"], false);
    shore.host.settle().await;
    let mail = shore.host.take_fetches().into_iter().find(|it| it.destination.url().path() == "/emails").unwrap();
    assert!(mail.headers.contains_key("idempotency-key"));
    let mail: Json = serde_json::from_slice(&mail.body).unwrap();
    assert_eq!(mail["to"], json!(["ana@olas.example"]));
    let link = mail["text"].as_str().unwrap().lines().find(|line| line.starts_with("http")).unwrap().to_owned();
    let page = shore.send(Call::get(path(&link))).await.text();
    assert_eq!(shore.leads().await[0]["is_confirmed"], false, "opening the link confirms nothing: mail scanners open links");
    assert!(page.contains("method=post"), "{page}");
    let token = url::Url::parse(&link).unwrap().query_pairs().find(|(name, _)| name == "token").unwrap().1.into_owned();
    let confirm = || shore.send(Call::post("/v1/confirm?locale=es").body(format!("token={token}")));
    let (one, two) = tokio::join!(confirm(), confirm());
    assert_eq!((one.status, two.status), (StatusCode::OK, StatusCode::OK), "{}", one.text());
    assert!(one.text().contains("/v1/assets/"), "{}", one.text());
    let lead = shore.leads().await.remove(0);
    assert_eq!(lead["is_confirmed"], true);
    let confirmed = shore.host.rows(Statement::new("SELECT id FROM outbox WHERE event = 'lead.confirmed'")).await;
    assert_eq!(confirmed.len(), 1);
    let receipts = shore.host.rows(Statement::new("SELECT confirmed_at FROM consents")).await;
    assert!(receipts.first().unwrap().optional_time("confirmed_at").unwrap().is_some());
    shore.host.manual_clock().advance(Duration::from_secs(8 * 86_400));
    assert_eq!(confirm().await.status, StatusCode::GONE);
}

/// The mails that people were sent, the newest last.
async fn letters(shore: &Shore) -> Vec<Json> {
    let rows = shore.host.rows(Statement::new("SELECT body FROM outbox WHERE event = 'confirmation' ORDER BY created_at, id")).await;
    rows.iter().map(|row| row.json("body").unwrap()).collect()
}

#[tokio::test]
async fn an_answer_does_not_tell_whether_a_mailbox_was_confirmed() {
    let shore = Shore::with(|site| site["forms"]["demo"]["double_opt_in"] = json!({})).await;
    let first = shore.submit(&ana()).await.json();
    shore.host.rows(Statement::new("UPDATE leads SET is_confirmed = 1")).await;
    shore.host.rows(Statement::new("INSERT INTO confirmations SELECT site_id, id, 0 FROM leads")).await;
    shore.host.manual_clock().advance(Duration::from_secs(3_600));
    let mut again = ana();
    again["message"] = json!("again");
    let second = shore.submit(&again).await.json();
    let shape = |answer: &Json| answer.as_object().unwrap().iter().map(|(name, it)| (name.clone(), it.is_null())).collect::<Vec<_>>();
    assert_eq!(shape(&first), shape(&second));
    let [asked, promised] = <[Json; 2]>::try_from(letters(&shore).await).unwrap();
    assert!(asked["text"].as_str().unwrap().contains("/v1/confirm?"), "{asked}");
    assert!(promised["text"].as_str().unwrap().contains("/v1/assets/"), "{promised}");
}

#[tokio::test]
async fn a_mail_links_to_us_whatever_the_request_calls_us() {
    let shore = Shore::with(|site| site["forms"]["demo"]["double_opt_in"] = json!({})).await;
    let call = Call::post("http://evil.example/v1/forms/demo/submissions").header("host", "evil.example").json(&ana());
    assert_eq!(shore.send(call).await.status, StatusCode::CREATED);
    let letter = letters(&shore).await.remove(0).to_string();
    assert!(letter.contains("https://forms.marea.example/v1/confirm") && !letter.contains("evil"), "{letter}");
}

#[tokio::test]
async fn without_an_address_of_its_own_nothing_is_stored_that_needs_a_mail() {
    let shore = Shore::with(|site| site["forms"]["demo"]["double_opt_in"] = json!({})).await;
    shore.host.set_variable(PUBLIC_URL, "");
    assert_eq!(shore.submit(&ana()).await.status, StatusCode::SERVICE_UNAVAILABLE);
    assert_eq!(shore.count("leads").await, 0);
}

#[tokio::test]
async fn marketers_are_told_by_mail() {
    let shore = Shore::with(|site| {
        site["site"]["destinations"] = json!([{ "id": "team", "kind": "email", "to": ["ventas@marea.example", "hola@marea.example"] }]);
    })
    .await;
    shore.host.set_variable(MAIL_API_KEY, "re_test");
    shore.host.set_variable(MAIL_FROM, "Marea <hola@marea.example>");
    let mut fields = ana();
    fields["company"] = json!("<b>Olas</b>");
    fields["_subject"] = json!("Hola\r\nBcc: evil@evil.example");
    shore.submit(&fields).await;
    shore.host.settle().await;
    let sent = shore.host.take_fetches().remove(0);
    assert_eq!(sent.headers["authorization"], "Bearer re_test");
    let mail: Json = serde_json::from_slice(&sent.body).unwrap();
    assert_eq!(mail["to"], json!(["ventas@marea.example", "hola@marea.example"]));
    assert_eq!(mail["subject"], "Hola Bcc: evil@evil.example");
    assert!(mail["html"].as_str().unwrap().contains("&lt;b&gt;Olas&lt;/b&gt;"), "{mail}");
}

#[tokio::test]
async fn a_form_that_asks_for_confirmation_asks_whoever_came_by_another_one() {
    let shore = Shore::with(|site| {
        let mut news = site["forms"]["demo"].clone();
        news["double_opt_in"] = json!({});
        site["forms"]["news"] = news;
    })
    .await;
    let send = async |form: &str, message: &str| {
        let mut fields = ana();
        fields["message"] = json!(message);
        let reply = shore.send(Call::post(format!("/v1/forms/{form}/submissions")).json(&fields)).await;
        assert_eq!(reply.status, StatusCode::CREATED, "{}", reply.text());
        (!reply.json()["download"].is_null(), shore.leads().await[0]["is_confirmed"] == true)
    };
    assert_eq!(send("demo", "one").await, (true, true), "nobody asked");
    assert_eq!(send("news", "two").await, (false, false), "the first form vouches for nobody");
    assert_eq!(send("demo", "three").await, (true, false), "a form that does not ask confirms nothing");
    let mail = shore.host.rows(Statement::new("SELECT body FROM outbox WHERE event = 'confirmation'")).await;
    assert_eq!(mail.len(), 1);
    let mail: Json = mail.first().unwrap().json("body").unwrap();
    let link = mail["text"].as_str().unwrap().lines().find(|line| line.starts_with("http")).unwrap().to_owned();
    let token = url::Url::parse(&link).unwrap().query_pairs().find(|(name, _)| name == "token").unwrap().1.into_owned();
    let confirmed = shore.send(Call::post("/v1/confirm").body(format!("token={token}"))).await;
    assert_eq!(confirmed.status, StatusCode::OK, "{}", confirmed.text());
    assert_eq!(send("news", "four").await, (false, true), "asked once is enough, and the answer does not tell who was");
    let id = shore.leads().await[0]["id"].as_str().unwrap().to_owned();
    assert!(shore.tables_with(&id).await.contains(&"confirmations".to_owned()));
    assert_eq!(shore.send(Call::delete(format!("/v1/leads/{id}")).key(&shore.admin)).await.status, StatusCode::OK);
    assert_eq!(shore.tables_with(&id).await, [""; 0]);
}

#[tokio::test]
async fn nobody_is_flooded_with_confirmation_mails() {
    let shore = Shore::with(|site| site["forms"]["demo"]["double_opt_in"] = json!({})).await;
    let mails = async || shore.host.rows(Statement::new("SELECT id FROM outbox WHERE event = 'confirmation'")).await.len();
    let send = async |message: &str| {
        let mut fields = ana();
        fields["message"] = json!(message);
        assert_eq!(shore.submit(&fields).await.status, StatusCode::CREATED);
    };
    send("one").await;
    send("two").await;
    assert_eq!(mails().await, 1);
    shore.host.manual_clock().advance(Duration::from_secs(601));
    send("three").await;
    assert_eq!(mails().await, 2, "whoever lost the first mail can ask again");
}

#[tokio::test]
async fn a_released_submission_asks_for_confirmation_too() {
    let shore = Shore::with(|site| {
        let mut news = site["forms"]["demo"].clone();
        news["double_opt_in"] = json!({});
        site["forms"]["news"] = news;
    })
    .await;
    shore.submit(&ana()).await;
    let mut held = ana();
    held["message"] = json!("two");
    held["_gotcha"] = json!("x");
    shore.send(Call::post("/v1/forms/news/submissions").json(&held)).await;
    let id = shore.read("/v1/submissions?verdict=quarantine").await["submissions"][0]["id"].as_str().unwrap().to_owned();
    assert_eq!(shore.post(&format!("/v1/submissions/{id}/release")).await.json()["is_released"], true);
    assert_eq!(shore.leads().await[0]["is_confirmed"], false);
    assert_eq!(shore.host.rows(Statement::new("SELECT id FROM outbox WHERE event = 'confirmation'")).await.len(), 1);
}

#[tokio::test]
async fn a_link_that_leads_nowhere_says_so_in_a_sentence() {
    let shore = with_guide().await;
    let link = path(shore.submit(&ana()).await.json()["download"].as_str().unwrap());
    let open = |uri: &str| shore.send(Call::get(uri).header("accept", "text/html").header("accept-language", "es-MX"));
    shore.host.manual_clock().advance(Duration::from_secs(72 * 3_600));
    let expired = open(&link).await;
    assert_eq!((expired.status, expired.header("content-type")), (StatusCode::GONE, "text/html; charset=utf-8"));
    assert!(expired.text().contains("ya venció"), "{}", expired.text());
    for (uri, status) in [("/v1/confirm?token=x", StatusCode::BAD_REQUEST), ("/f/none", StatusCode::NOT_FOUND)] {
        let reply = open(uri).await;
        assert_eq!(reply.status, status);
        assert!(reply.text().contains("no lleva a ninguna parte"), "{}", reply.text());
    }
    let script = shore.send(Call::get(link.as_str())).await;
    assert_eq!(script.header("content-type"), "application/problem+json");
}
