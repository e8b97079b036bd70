//! One submission: what is taken, what is told, and that nothing happens twice.

use chrono::Duration;
use http::StatusCode;
use orilla_native::testing::{Call, SqlFault};
use serde_json::json;

use crate::support::{Shore, ana, person, violations};

#[tokio::test]
async fn a_submission_becomes_a_lead_with_a_receipt_and_one_delivery() {
    let shore = Shore::new().await;
    let reply = shore.submit(&ana()).await;
    assert_eq!(reply.status, StatusCode::CREATED);
    assert_eq!(reply.json()["ok"], true);
    let lead = shore.leads().await.remove(0);
    assert_eq!((&lead["email"], &lead["verdict"], &lead["submissions"]), (&json!("ana@olas.example"), &json!("accept"), &json!(1)));
    let journey = shore.read(&format!("/v1/leads/{}", lead["id"].as_str().unwrap())).await;
    let receipt = &journey["consents"][0];
    assert_eq!(
        (&receipt["item"], &receipt["is_given"], receipt["text_hash"].as_str().unwrap().len()),
        (&json!("consent"), &json!(true), 64)
    );
    assert_eq!(shore.count("outbox").await, 1);
}

#[tokio::test]
async fn every_violation_is_told_at_once_in_the_visitors_language() {
    let shore = Shore::new().await;
    let wrong = json!({ "email": "ana@", "name": "x".repeat(121) });
    let spanish = shore.submit(&json!({ "email": "ana@", "name": "x".repeat(121), "_locale": "es" })).await;
    assert_eq!(violations(&spanish), ["email type_email", "name too_long", "consent consent_required"]);
    assert!(spanish.text().contains("Necesitamos tu permiso"));
    let english = shore.send(Call::post("/v1/forms/demo/submissions").header("accept-language", "en-GB,en").json(&wrong)).await;
    assert!(english.text().contains("We need your permission"));
    assert_eq!(shore.count("submissions").await, 0);
}

#[tokio::test]
async fn the_same_key_and_payload_give_the_same_answer_and_do_nothing_twice() {
    let shore = Shore::new().await;
    let first = shore.submit_as("k-1", &ana()).await;
    let mut later = ana();
    later["_elapsed_ms"] = json!(20_000);
    let second = shore.submit_as("k-1", &later).await;
    assert_eq!((first.status, &first.body), (second.status, &second.body));
    assert_eq!((shore.count("submissions").await, shore.count("leads").await, shore.count("outbox").await), (1, 1, 1));
}

#[tokio::test]
async fn the_key_may_stand_in_a_hidden_field() {
    let shore = Shore::new().await;
    let body = "email=ana%40olas.example&consent=on&_gotcha=&_idempotency_key=h-1";
    for _ in 0..2 {
        let reply = shore.send(Call::post("/f/demo").header("accept", "application/json").body(body)).await;
        assert_eq!(reply.status, StatusCode::OK, "{}", reply.text());
    }
    assert_eq!(shore.count("submissions").await, 1);
}

#[tokio::test]
async fn the_same_key_with_another_payload_is_refused() {
    let shore = Shore::new().await;
    shore.submit_as("k-1", &ana()).await;
    let other = shore.submit_as("k-1", &person("eva@olas.example")).await;
    assert_eq!(violations(&other), ["Idempotency-Key idempotency_mismatch"]);
    assert_eq!(shore.count("submissions").await, 1);
}

#[tokio::test]
async fn a_key_is_forgotten_after_seven_days() {
    let shore = Shore::new().await;
    shore.submit_as("k-1", &ana()).await;
    shore.host.manual_clock().advance(Duration::days(7).to_std().unwrap());
    assert_eq!(shore.submit_as("k-1", &person("eva@olas.example")).await.status, StatusCode::CREATED);
}

#[tokio::test]
async fn a_key_belongs_to_its_form() {
    let shore = Shore::with(|site| site["forms"]["twin"] = site["forms"]["demo"].clone()).await;
    shore.submit_as("k-1", &ana()).await;
    let twin =
        shore.send(Call::post("/v1/forms/twin/submissions").header("idempotency-key", "k-1").json(&person("eva@olas.example"))).await;
    assert_eq!(twin.status, StatusCode::CREATED, "{}", twin.text());
}

#[tokio::test]
async fn concurrent_retries_store_once() {
    let shore = Shore::new().await;
    let replies = futures_util::future::join_all((0..8).map(|_| {
        let shore = &shore;
        async move { shore.submit_as("k-1", &ana()).await }
    }))
    .await;
    assert!(replies.iter().all(|reply| reply.status == StatusCode::CREATED && reply.body == replies[0].body));
    assert_eq!((shore.count("submissions").await, shore.count("outbox").await), (1, 1));
}

#[tokio::test]
async fn concurrent_submissions_of_one_mailbox_make_one_lead() {
    let shore = Shore::new().await;
    let replies = futures_util::future::join_all((0..6).map(|n| {
        let shore = &shore;
        async move {
            let mut fields = ana();
            fields["message"] = json!(format!("pregunta {n}"));
            shore.submit(&fields).await
        }
    }))
    .await;
    assert!(replies.iter().all(|reply| reply.status == StatusCode::CREATED));
    assert_eq!((shore.count("leads").await, shore.count("submissions").await, shore.count("outbox").await), (1, 6, 6));
    assert_eq!(shore.leads().await[0]["submissions"], 6);
}

#[tokio::test]
async fn a_lost_answer_is_made_good_by_a_retry() {
    let shore = Shore::new().await;
    shore.host.fail_sql(SqlFault::on("INSERT INTO submissions").losing_only_the_answer().times(1));
    let lost = shore.submit_as("k-1", &ana()).await;
    assert_eq!(lost.status, StatusCode::SERVICE_UNAVAILABLE);
    assert_eq!(shore.submit_as("k-1", &ana()).await.status, StatusCode::CREATED);
    assert_eq!((shore.count("submissions").await, shore.count("outbox").await), (1, 1));
}

#[tokio::test]
async fn storage_that_is_down_is_a_503_and_the_retry_succeeds() {
    let shore = Shore::new().await;
    shore.host.fail_sql(SqlFault::always());
    let down = shore.submit_as("k-1", &ana()).await;
    assert_eq!((down.status, down.header("retry-after")), (StatusCode::SERVICE_UNAVAILABLE, "5"));
    shore.host.heal();
    assert_eq!(shore.submit_as("k-1", &ana()).await.status, StatusCode::CREATED);
    assert_eq!(shore.count("submissions").await, 1);
}

#[tokio::test]
async fn a_page_load_is_sent_on_and_a_script_gets_json() {
    let shore = Shore::new().await;
    let html = |body: &'static str| Call::post("/f/demo").header("accept", "text/html,application/xhtml+xml").body(body);
    let reply = shore.send(html("email=ana%40olas.example&consent=on&_next=https://marea.example/gracias")).await;
    assert_eq!((reply.status, reply.header("location")), (StatusCode::SEE_OTHER, "https://marea.example/gracias"));
    let thanks = shore.send(html("email=eva%40olas.example&consent=on")).await;
    let location = thanks.header("location").to_owned();
    assert!(location.starts_with("/f/demo/thanks?locale=es&asset="), "{location}");
    let page = shore.send(Call::get(location)).await;
    assert!(page.text().contains("/v1/assets/12-semanas"), "{}", page.text());
    let json = shore.send(Call::post("/f/demo").header("accept", "application/json").json(&person("leo@olas.example"))).await.json();
    assert!(json["next"].as_str().unwrap().starts_with("http"), "{json}");
}

#[tokio::test]
async fn a_form_without_script_comes_back_with_what_was_typed() {
    let shore = Shore::new().await;
    let call = Call::post("/f/demo").header("accept", "text/html").body("email=ana&company=%22%3E%3Cscript%3E&consent=on&_locale=en");
    let reply = shore.send(call).await;
    assert_eq!(reply.status, StatusCode::UNPROCESSABLE_ENTITY);
    let page = reply.text();
    assert!(page.contains("value=\"ana\"") && page.contains("This email looks incomplete") && page.contains("checked"), "{page}");
    assert!(page.contains("&quot;&gt;&lt;script&gt;") && !page.contains("<script"), "{page}");
}

#[tokio::test]
async fn formsprees_clients_read_their_own_error_codes() {
    let shore = Shore::new().await;
    let call = |uri: &str| Call::post(uri).header("accept", "application/json").json(&json!({ "email": "nobody" }));
    let invalid = shore.send(call("/f/demo")).await;
    assert_eq!(invalid.status, StatusCode::UNPROCESSABLE_ENTITY);
    assert_eq!(invalid.json()["errors"][0]["code"], "TYPE_EMAIL");
    assert_eq!(invalid.json()["errors"][1]["code"], "REQUIRED_FIELD_MISSING");
    let unknown = shore.send(call("/f/nope")).await;
    assert_eq!((unknown.status, &unknown.json()["errors"][0]["code"]), (StatusCode::NOT_FOUND, &json!("FORM_NOT_FOUND")));
}

#[tokio::test]
async fn reserved_names_are_stripped_and_unknown_ones_kept() {
    let shore = Shore::new().await;
    let mut fields = ana();
    fields["_subject"] = json!("Hola");
    fields["form-name"] = json!("demo");
    fields["g-recaptcha-response"] = json!("token");
    fields["shoe_size"] = json!("42");
    shore.submit(&fields).await;
    let stored = shore.read("/v1/submissions").await["submissions"][0].clone();
    assert_eq!(stored["extra"], json!({ "shoe_size": "42" }));
    assert_eq!(stored["fields"], json!({ "email": "ana@olas.example", "company": "Olas del Sur", "role": "Directora" }));
}

#[tokio::test]
async fn fields_may_be_wrapped() {
    let shore = Shore::new().await;
    let reply = shore.submit(&json!({ "fields": { "email": "ana@olas.example", "consent": "yes" }, "_locale": "en" })).await;
    assert_eq!(reply.status, StatusCode::CREATED, "{}", reply.text());
}

#[tokio::test]
async fn a_form_that_comes_back_keeps_what_the_page_sent_along() {
    let shore = Shore::new().await;
    let body = "email=ana&consent=on&budget=%3C5k%22&utm_source=feria&_subject=Hola&_page=https%3A%2F%2Fmarea.example%2Fx\
                &topic=a&topic=b&_variant=b&_gotcha=&_visitor=v-7&cf-turnstile-response=spent";
    let page = shore.send(Call::post("/f/demo").header("accept", "text/html").body(body)).await;
    assert_eq!(page.status, StatusCode::UNPROCESSABLE_ENTITY);
    let page = page.text();
    for input in [
        "name=\"budget\" value=\"&lt;5k&quot;\"",
        "name=\"utm_source\" value=\"feria\"",
        "name=\"_subject\" value=\"Hola\"",
        "name=\"_page\" value=\"https://marea.example/x\"",
        "name=\"_visitor\" value=\"v-7\"",
        "name=\"topic\" value=\"a\"",
        "name=\"topic\" value=\"b\"",
    ] {
        assert!(page.contains(&format!("<input type=hidden {input}>")), "{input}: {page}");
    }
    assert!(page.contains("value=\"b\"") && page.contains("Agendar una demo"), "the variant stays: {page}");
    assert_eq!(page.matches("name=\"email\"").count(), 1);
    assert_eq!(page.matches("_gotcha").count(), 1);
    assert!(!page.contains("spent"), "a challenge is solved anew: {page}");
}
