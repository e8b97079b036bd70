//! Verdicts: every reason, what the visitor can and cannot see of it, and "not spam".

use http::StatusCode;
use orilla_core::sql::Statement;
use orilla_native::testing::{Answer, Call, SqlFault};
use serde_json::{Value as Json, json};

use crate::support::{Shore, ana, person};

/// Sends a submission that is spam in one way, and tells verdict and reasons.
async fn verdict(change: impl FnOnce(&mut Json)) -> (String, Vec<String>) {
    let shore = Shore::with(|site| site["forms"]["demo"]["spam"] = json!({})).await;
    let mut fields = ana();
    change(&mut fields);
    let reply = shore.submit(&fields).await;
    assert_eq!(reply.status, StatusCode::CREATED, "{}", reply.text());
    let stored = shore.read("/v1/submissions").await["submissions"][0].clone();
    let reasons = stored["reasons"].as_array().unwrap().iter().map(|it| it.as_str().unwrap().to_owned()).collect();
    (stored["verdict"].as_str().unwrap().to_owned(), reasons)
}

#[track_caller]
fn check(found: (String, Vec<String>), verdict: &str, reasons: &[&str]) {
    assert_eq!((found.0.as_str(), found.1.iter().map(String::as_str).collect::<Vec<_>>().as_slice()), (verdict, reasons));
}

#[tokio::test]
async fn each_sign_of_spam_has_its_reason() {
    check(verdict(|_| {}).await, "accept", &[]);
    check(verdict(|it| it["_gotcha"] = json!("x")).await, "quarantine", &["decoy_filled"]);
    check(verdict(|it| it["_elapsed_ms"] = json!(300)).await, "quarantine", &["too_fast"]);
    check(verdict(|it| it["_webdriver"] = json!(true)).await, "quarantine", &["webdriver"]);
    check(verdict(|it| it["email"] = json!("x@mailinator.com")).await, "quarantine", &["disposable_domain"]);
    let links = "https://a.example https://b.example https://c.example https://d.example";
    check(verdict(|it| it["message"] = json!(links)).await, "quarantine", &["link_density"]);
}

#[tokio::test]
async fn a_missing_decoy_is_noted_where_the_form_has_one() {
    let shore = Shore::new().await;
    let call = Call::post("/f/demo").header("accept", "application/json").body("email=ana%40olas.example&consent=on");
    assert_eq!(shore.send(call).await.status, StatusCode::OK);
    let stored = shore.read("/v1/submissions").await["submissions"][0].clone();
    assert_eq!((&stored["verdict"], &stored["reasons"]), (&json!("accept"), &json!(["decoy_missing"])));
}

#[tokio::test]
async fn formsprees_session_header_tells_how_fast_it_was() {
    use base64::Engine;
    let shore = Shore::new().await;
    let loaded = shore.now().timestamp_millis() - 500;
    let session = base64::engine::general_purpose::STANDARD.encode(json!({ "loadedAt": loaded, "webdriver": false }).to_string());
    let fields = json!({ "email": "ana@olas.example", "consent": true });
    shore.send(Call::post("/f/demo").header("accept", "application/json").header("formspree-session-data", session).json(&fields)).await;
    assert_eq!(shore.read("/v1/submissions").await["submissions"][0]["reasons"], json!(["too_fast"]));
}

#[tokio::test]
async fn a_repeat_is_held_and_a_lead_is_not_doubled() {
    let shore = Shore::new().await;
    shore.submit(&ana()).await;
    shore.submit(&ana()).await;
    let stored = shore.read("/v1/submissions?verdict=quarantine").await;
    assert_eq!(stored["submissions"][0]["reasons"], json!(["repeated_content"]));
    assert_eq!((shore.count("leads").await, shore.count("outbox").await), (1, 1));
}

#[tokio::test]
async fn a_visitor_cannot_tell_that_they_are_held_back() {
    let shore = Shore::new().await;
    let mut held = person("eva@olas.example");
    held["_gotcha"] = json!("x");
    let (accepted, held) = (shore.submit(&ana()).await, shore.submit(&held).await);
    assert_eq!(accepted.status, held.status);
    let shape = |reply: &orilla_native::testing::Reply| {
        let mut json = reply.json();
        json["id"] = json!("");
        json
    };
    assert_eq!(shape(&accepted), shape(&held));
    let names = |reply: &orilla_native::testing::Reply| reply.headers.keys().cloned().collect::<Vec<_>>();
    assert_eq!(names(&accepted), names(&held));
}

#[tokio::test]
async fn what_is_held_back_notifies_nobody_until_it_is_released_once() {
    let shore = Shore::new().await;
    let mut fields = ana();
    fields["_gotcha"] = json!("x");
    shore.submit(&fields).await;
    assert_eq!((shore.count("outbox").await, shore.leads().await[0]["verdict"].clone()), (0, json!("quarantine")));
    let id = shore.read("/v1/submissions?verdict=quarantine").await["submissions"][0]["id"].as_str().unwrap().to_owned();
    let release = format!("/v1/submissions/{id}/release");
    let (one, two) = tokio::join!(shore.post(&release), shore.post(&release));
    assert_eq!((one.status, two.status), (StatusCode::OK, StatusCode::OK));
    assert_ne!(one.json()["is_released"], two.json()["is_released"]);
    assert_eq!(shore.post(&release).await.json()["is_released"], false);
    assert_eq!((shore.count("outbox").await, shore.leads().await[0]["verdict"].clone()), (1, json!("accept")));
    assert_eq!(shore.text("SELECT event AS it FROM outbox").await, "lead.created");
    assert!(shore.leads().await[0]["score"].as_i64().unwrap() > 0);
}

#[tokio::test]
async fn what_is_held_back_never_changes_an_accepted_lead() {
    let shore = Shore::new().await;
    shore.submit(&ana()).await;
    let before = shore.leads().await.remove(0);
    let mut spam = ana();
    spam["company"] = json!("CHEAP PILLS");
    spam["_gotcha"] = json!("x");
    shore.submit(&spam).await;
    let after = shore.leads().await.remove(0);
    assert_eq!((&before["fields"], &before["score"], &after["verdict"]), (&after["fields"], &after["score"], &json!("accept")));
    assert_eq!(after["submissions"], 2);
}

#[tokio::test]
async fn too_many_from_one_address_are_turned_away_with_a_time_to_wait() {
    let shore = Shore::with(|site| site["forms"]["demo"]["spam"]["thresholds"] = json!({ "address_per_minute": 2 })).await;
    for n in 0..2 {
        assert_eq!(shore.submit(&person(&format!("p{n}@olas.example"))).await.status, StatusCode::CREATED);
    }
    let refused = shore.submit(&person("p3@olas.example")).await;
    assert_eq!((refused.status, refused.header("retry-after")), (StatusCode::TOO_MANY_REQUESTS, "60"));
    let elsewhere = Call::post("/v1/forms/demo/submissions").from_address([198, 51, 100, 7]).json(&person("p4@olas.example"));
    assert_eq!(shore.send(elsewhere).await.status, StatusCode::CREATED);
    shore.host.manual_clock().advance(std::time::Duration::from_secs(60));
    assert_eq!(shore.submit(&person("p3@olas.example")).await.status, StatusCode::CREATED);
}

#[tokio::test]
async fn nobody_shares_a_rate_for_want_of_an_address() {
    let shore = Shore::with(|site| site["forms"]["demo"]["spam"]["thresholds"] = json!({ "address_per_minute": 2 })).await;
    for n in 0..4 {
        let call = Call::post("/v1/forms/demo/submissions").from_nowhere().json(&person(&format!("p{n}@olas.example")));
        assert_eq!(shore.send(call).await.status, StatusCode::CREATED);
    }
}

#[tokio::test]
async fn a_lost_race_counts_one_attempt() {
    let shore = Shore::new().await;
    let send = async |message: &str| {
        let mut fields = ana();
        fields["message"] = json!(message);
        shore.submit(&fields).await.status
    };
    let statuses = tokio::join!(send("one"), send("two"), send("three"), send("four"));
    assert_eq!(statuses, (StatusCode::CREATED, StatusCode::CREATED, StatusCode::CREATED, StatusCode::CREATED));
    let counts = shore.host.rows(Statement::new("SELECT count FROM limits")).await;
    assert!(counts.iter().all(|row| row.integer("count").unwrap() == 4), "{counts:?}");
}

#[tokio::test]
async fn a_challenge_decides_and_an_outage_of_it_turns_nobody_away() {
    let shore = Shore::with(|site| {
        site["forms"]["demo"]["challenge"] = json!({ "provider": "turnstile", "site_key": "1x00000000000000000000AA" });
    })
    .await;
    shore.host.set_variable(orilla_core::ports::Variable("TURNSTILE_SECRET"), "1x0000000000000000000000000000000AA");
    shore.host.answer_fetches(|outbound| {
        let is_dummy = String::from_utf8_lossy(&outbound.body).contains("response=XXXX.DUMMY.TOKEN.XXXX");
        let body = json!({ "success": is_dummy, "error-codes": [] }).to_string();
        Ok(Answer { body: body.into(), ..StatusCode::OK.into() })
    });
    let with = |email: &str, token: &str| {
        let mut fields = person(email);
        fields["cf-turnstile-response"] = json!(token);
        fields
    };
    let page = shore.send(Call::get("/f/demo").header("accept", "text/html")).await;
    assert!(page.text().contains("class=cf-turnstile data-sitekey=\"1x00000000000000000000AA\""), "{}", page.text());
    assert!(page.header("content-security-policy").contains("script-src https://challenges.cloudflare.com;"));
    assert_eq!(shore.submit(&with("a@olas.example", "XXXX.DUMMY.TOKEN.XXXX")).await.status, StatusCode::CREATED);
    assert_eq!(shore.submit(&with("b@olas.example", "made-up")).await.status, StatusCode::FORBIDDEN);
    assert_eq!(shore.submit(&person("c@olas.example")).await.status, StatusCode::FORBIDDEN);
    shore.host.answer_fetches(|_| Err(orilla_core::ports::FetchError::Deadline));
    assert_eq!(shore.submit(&with("d@olas.example", "whatever")).await.status, StatusCode::CREATED);
    assert_eq!(shore.read("/v1/submissions?verdict=quarantine").await["submissions"][0]["reasons"], json!(["challenge_failed"]));
}

#[tokio::test]
async fn a_retry_after_an_outage_does_not_spend_the_challenge_twice() {
    let shore = Shore::with(|site| {
        site["forms"]["demo"]["challenge"] = json!({ "provider": "turnstile", "site_key": "1x00000000000000000000AA" });
    })
    .await;
    shore.host.set_variable(orilla_core::ports::Variable("TURNSTILE_SECRET"), "1x0000000000000000000000000000000AA");
    // As siteverify: a token is good once, and again under the same idempotency key.
    let spent = std::cell::RefCell::new(std::collections::BTreeMap::new());
    shore.host.answer_fetches(move |outbound| {
        let form: std::collections::BTreeMap<_, _> = url::form_urlencoded::parse(&outbound.body).into_owned().collect();
        let Some(token) = form.get("response") else { return Ok(StatusCode::OK.into()) };
        assert_eq!(form["idempotency_key"].len(), 36, "it has to be a UUID");
        let first = spent.borrow_mut().entry(token.clone()).or_insert_with(|| form["idempotency_key"].clone()).clone();
        let body = json!({ "success": first == form["idempotency_key"] }).to_string();
        Ok(Answer { body: body.into(), ..StatusCode::OK.into() })
    });
    let mut fields = ana();
    fields["cf-turnstile-response"] = json!("token-1");
    shore.host.fail_sql(SqlFault::on("INSERT INTO submissions").times(1));
    assert_eq!(shore.submit(&fields).await.status, StatusCode::SERVICE_UNAVAILABLE);
    assert_eq!(shore.submit(&fields).await.status, StatusCode::CREATED);
    let mut other = person("eva@olas.example");
    other["cf-turnstile-response"] = json!("token-1");
    assert_eq!(shore.submit(&other).await.status, StatusCode::FORBIDDEN, "another submission needs another challenge");
}
