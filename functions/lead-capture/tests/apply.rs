//! Applying a site, through the function's own routes on the native host's stores.
#![allow(clippy::unwrap_used, clippy::panic, reason = "tests")]

use http::StatusCode;
use lead_capture::LeadCapture;
use orilla_core::function::OPERATOR_KEY;
use orilla_core::sql::Statement;
use orilla_native::testing::{Call, Reply, TestHost};
use serde_json::{Value as Json, json};

const SITE: &str = "5e0f3c1a-9b7d-4c62-8a54-2d1f6b8e7a90";
const OTHER: &str = "0190a8c0-0000-7000-8000-000000000002";

/// A host with an operator and no site yet.
async fn host() -> TestHost {
    let host = TestHost::new().await;
    host.set_variable(OPERATOR_KEY, "operator");
    host
}

fn toml(text: &str) -> Json {
    toml::from_str(text).unwrap()
}

/// The demo site as its files say, with destinations of a test.
fn demo() -> Json {
    let mut site = toml(include_str!("../../../sites/demo/site.toml"));
    site["destinations"] = json!([
        { "id": "crm", "kind": "webhook", "url": "https://crm.example/hook" },
        { "id": "team", "kind": "email", "to": ["team@marea.example"], "events": ["lead.created"] },
    ]);
    json!({
        "site": site,
        "forms": { "demo": toml(include_str!("../../../sites/demo/forms/demo.toml")) },
        "scoring": toml(include_str!("../../../sites/demo/scoring.toml")),
    })
}

async fn send(host: &TestHost, call: Call) -> Reply {
    host.send::<LeadCapture<TestHost>>(call).await
}

async fn put(host: &TestHost, site: &str, body: &Json) -> Reply {
    send(host, Call::put(format!("/v1/sites/{site}")).key("operator").json(body)).await
}

/// Applies, and gives what changed as `op what`.
#[track_caller]
fn changes(reply: &Reply) -> Vec<String> {
    assert_eq!(reply.status, StatusCode::OK, "{}", reply.text());
    let json = reply.json();
    let changes = json["changes"].as_array().unwrap().iter();
    changes.map(|change| format!("{} {}", change["op"].as_str().unwrap(), change["what"].as_str().unwrap())).collect()
}

/// The violations of a refusal as `path code`.
#[track_caller]
fn violations(reply: &Reply) -> Vec<String> {
    assert_eq!(reply.status, StatusCode::UNPROCESSABLE_ENTITY, "{}", reply.text());
    let json = reply.json();
    let errors = json["errors"].as_array().unwrap().iter();
    errors.map(|error| format!("{} {}", error["field"].as_str().unwrap(), error["code"].as_str().unwrap())).collect()
}

#[tokio::test]
async fn applies_the_demo_once_and_then_changes_nothing() {
    let host = host().await;
    let first = put(&host, SITE, &demo()).await;
    assert_eq!(changes(&first), ["add site", "add forms/demo", "add destinations/crm", "add destinations/team", "add scoring"]);
    let before = host.rows(Statement::new("SELECT * FROM sites JOIN forms JOIN score_rules JOIN destinations")).await;
    assert_eq!(changes(&put(&host, SITE, &demo()).await), [""; 0]);
    let after = host.rows(Statement::new("SELECT * FROM sites JOIN forms JOIN score_rules JOIN destinations")).await;
    assert_eq!(before, after);
    let shown = send(&host, Call::get("/v1/forms/demo?locale=en&variant=b")).await;
    assert_eq!((shown.status, shown.json()["submit"].clone()), (StatusCode::OK, json!("Book a demo")));
}

#[tokio::test]
async fn what_is_shown_can_be_applied_again_and_changes_nothing() {
    let host = host().await;
    let mut site = demo();
    site["segments"] = toml(include_str!("../../../sites/demo/segments.toml"))["segments"].clone();
    site["site"]["alerts"] = json!([{ "id": "slow", "measure": "p95", "above": 2000 }]);
    put(&host, SITE, &site).await;
    let mut shown = send(&host, Call::get(format!("/v1/sites/{SITE}")).key("operator")).await.json();
    shown.as_object_mut().unwrap().remove("keys");
    assert_eq!(changes(&put(&host, SITE, &shown).await), [""; 0]);
}

#[tokio::test]
async fn a_dry_run_tells_and_writes_nothing() {
    let host = host().await;
    let reply = send(&host, Call::put(format!("/v1/sites/{SITE}?dry_run=1")).key("operator").json(&demo())).await;
    assert_eq!(changes(&reply).len(), 5);
    assert_eq!(reply.json()["is_dry_run"], true);
    for table in ["sites", "forms", "score_rules", "destinations"] {
        let rows = host.rows(Statement::new(format!("SELECT 1 FROM {table}"))).await;
        assert!(rows.is_empty(), "{table}");
    }
}

#[tokio::test]
async fn a_change_is_named_and_versioned() {
    let host = host().await;
    put(&host, SITE, &demo()).await;
    let mut changed = demo();
    changed["forms"]["demo"]["submit"]["en"] = json!("Go");
    changed["forms"]["second"] = changed["forms"]["demo"].clone();
    changed["site"]["destinations"][1]["to"][0] = json!("other@marea.example");
    let reply = put(&host, SITE, &changed).await;
    assert_eq!(changes(&reply), ["change forms/demo", "add forms/second", "change destinations/team"]);
    assert_eq!(reply.json()["changes"][0]["paths"], json!(["submit.en"]));
    let version = |id: &'static str| {
        let host = host.clone();
        async move {
            host.rows(Statement::new("SELECT version FROM forms WHERE id = ?1").bind(id)).await.first().unwrap().integer("version").unwrap()
        }
    };
    assert_eq!((version("demo").await, version("second").await), (2, 1));

    let mut without = demo();
    without["forms"].as_object_mut().unwrap().remove("demo");
    without["site"]["destinations"] = json!([]);
    without["scoring"] = Json::Null;
    let reply = put(&host, SITE, &without).await;
    assert_eq!(
        changes(&reply),
        ["remove forms/demo", "remove forms/second", "remove destinations/crm", "remove destinations/team", "change scoring"]
    );
    assert_eq!(send(&host, Call::get("/v1/forms/demo")).await.status, StatusCode::NOT_FOUND);

    let reply = put(&host, SITE, &demo()).await;
    assert_eq!(changes(&reply), ["add forms/demo", "add destinations/crm", "add destinations/team", "change scoring"]);
    assert_eq!(version("demo").await, 3);
    assert_eq!(send(&host, Call::get("/v1/forms/demo")).await.status, StatusCode::OK);
    let rules = host.rows(Statement::new("SELECT max(version) AS n FROM score_rules")).await;
    assert_eq!(rules.first().unwrap().integer("n").unwrap(), 3);
}

#[tokio::test]
async fn a_webhook_keeps_its_secret_when_it_moves() {
    let host = host().await;
    let made = put(&host, SITE, &demo()).await.json()["secrets"].clone();
    let secrets = || host.rows(Statement::new("SELECT id, secret, target, disabled_at FROM destinations ORDER BY id"));
    let before = secrets().await;
    let crm = before.first().unwrap();
    assert!(crm.text("secret").unwrap().starts_with("whsec_"));
    assert_eq!(made, json!({ "crm": crm.text("secret").unwrap() }), "a new webhook's secret is shown once");
    assert_eq!(before.iter().nth(1).unwrap().optional_text("secret").unwrap(), None);
    host.rows(Statement::new("UPDATE destinations SET disabled_at = 1, disabled_reason = 'gone' WHERE id = 'crm'")).await;
    let mut moved = demo();
    moved["site"]["destinations"][0]["url"] = json!("https://crm.example/new");
    let reply = put(&host, SITE, &moved).await;
    assert_eq!((changes(&reply), reply.json()["secrets"].clone()), (vec!["change destinations/crm".to_owned()], json!({})));
    let after = secrets().await;
    let row = after.first().unwrap();
    assert_eq!(row.text("secret").unwrap(), crm.text("secret").unwrap());
    assert_eq!((row.text("target").unwrap(), row.optional_integer("disabled_at").unwrap()), ("https://crm.example/new", None));
}

#[tokio::test]
async fn everything_wrong_is_told_at_once_and_nothing_is_written() {
    let host = host().await;
    let mut wrong = demo();
    wrong["site"]["origins"] = json!(["https://fine.example", "nope"]);
    wrong["site"]["destinations"][0]["url"] = json!("http://169.254.169.254/");
    wrong["site"]["tracking"]["keeps_days"] = json!(0);
    wrong["site"]["destinations"][1]["to"] = json!(["nobody"]);
    wrong["site"]["destinations"][1]["events"] = json!(["lead.creatd"]);
    wrong["forms"]["demo"]["fields"][0]["name"] = json!("_email");
    wrong["forms"]["demo"]["notifications"] = json!({ "destinations": ["crm", "crn"] });
    wrong["forms"]["demo"]["intro"] = json!({ "es": "Solo" });
    wrong["forms"]["Typo!"] = json!({ "titel": { "es": "x" } });
    wrong["extra"] = json!(1);
    let mut told = violations(&put(&host, SITE, &wrong).await);
    told.sort();
    assert_eq!(
        told,
        [
            "extra unknown",
            "forms.Typo! name",
            "forms.Typo! type",
            "forms.Typo!.titel type",
            "forms.demo.fields[0].name reserved",
            "forms.demo.intro locale",
            "forms.demo.notifications.destinations[1] unknown_destination",
            "forms.demo.variants[1].fields unknown_field",
            "forms.demo.variants[1].fields[1] unknown_field",
            "site.destinations[0].url url",
            "site.destinations[1].events[0] event",
            "site.destinations[1].to[0] type_email",
            "site.origins[1] origin",
            "site.tracking.keeps_days range",
        ]
    );
    assert!(host.rows(Statement::new("SELECT 1 FROM sites")).await.is_empty());
}

#[tokio::test]
async fn a_type_error_is_told_with_its_path() {
    let host = host().await;
    let told = |at: &'static [&'static str], value: Json| {
        let host = host.clone();
        async move {
            let mut wrong = demo();
            let mut place = &mut wrong;
            for name in at {
                place = match name.parse::<usize>() {
                    Ok(index) => &mut place[index],
                    Err(_) => &mut place[*name],
                };
            }
            *place = value;
            violations(&put(&host, SITE, &wrong).await)
        }
    };
    assert_eq!(told(&["forms", "demo", "fields", "1", "requird"], json!(true)).await, ["forms.demo.fields[1].requird type"]);
    assert_eq!(told(&["forms", "demo", "fields", "1", "required"], json!("yes")).await, ["forms.demo.fields[1].required type"]);
    assert_eq!(told(&["forms", "demo", "fields", "1", "type"], json!("txt")).await, ["forms.demo.fields[1].type type"]);
    assert_eq!(told(&["forms", "demo", "headline", "fr"], json!("Salut")).await, ["forms.demo.headline.fr type"]);
    assert_eq!(told(&["forms", "demo", "spam", "actions", "webdrivr"], json!("accept")).await, ["forms.demo.spam.actions.webdrivr type"]);
    assert_eq!(told(&["forms", "demo"], json!([])).await, ["forms.demo type"]);
    assert_eq!(told(&["forms"], json!([])).await, ["forms type"]);
    assert_eq!(told(&["site"], Json::Null).await, ["site type"]);
    assert_eq!(told(&["site", "id"], json!(OTHER)).await, ["site.id id"]);
    assert_eq!(told(&["scoring", "unknown"], json!(1)).await, ["scoring.unknown type"]);
}

#[tokio::test]
async fn every_typo_is_told_at_once() {
    let host = host().await;
    let mut wrong = demo();
    wrong["site"]["nmae"] = json!("x");
    for index in [0, 2, 4] {
        wrong["forms"]["demo"]["fields"][index]["requird"] = json!(true);
    }
    wrong["forms"]["demo"]["consents"][0]["txt"] = json!({});
    wrong["forms"]["demo"]["headlin"] = json!({});
    let mut told = violations(&put(&host, SITE, &wrong).await);
    told.sort();
    assert_eq!(
        told,
        [
            "forms.demo.consents[0].txt type",
            "forms.demo.fields[0].requird type",
            "forms.demo.fields[2].requird type",
            "forms.demo.fields[4].requird type",
            "forms.demo.headlin type",
            "site.nmae type",
        ]
    );
}

#[tokio::test]
async fn a_form_of_another_site_is_not_taken_over() {
    let host = host().await;
    put(&host, SITE, &demo()).await;
    let mut other = demo();
    other["site"]["id"] = json!(OTHER);
    assert_eq!(violations(&put(&host, OTHER, &other).await), ["forms.demo taken"]);
    let owners = host.rows(Statement::new("SELECT site_id FROM forms")).await;
    assert_eq!(owners.first().unwrap().text("site_id").unwrap(), SITE);
}

#[tokio::test]
async fn keys_are_shown_once_and_listed_by_fingerprint() {
    let host = host().await;
    let wish = || Call::post(format!("/v1/sites/{SITE}/keys")).json(&json!({ "kind": "admin" }));
    assert_eq!(send(&host, wish().key("operator")).await.status, StatusCode::NOT_FOUND);
    put(&host, SITE, &demo()).await;
    let made = send(&host, wish().key("operator")).await;
    assert_eq!(made.status, StatusCode::CREATED, "{}", made.text());
    let key = made.json()["key"].as_str().unwrap().to_owned();
    assert!(key.starts_with("orl_admin_"));

    let shown = send(&host, Call::get(format!("/v1/sites/{SITE}")).key(&key)).await;
    assert_eq!(shown.status, StatusCode::OK);
    assert!(!shown.text().contains(&key));
    assert_eq!(shown.json()["keys"][0]["fingerprint"], made.json()["fingerprint"]);
    assert_eq!(shown.json()["forms"]["demo"]["title"]["en"], "Demo request");
    assert_eq!(shown.json()["site"]["destinations"][0]["url"], "https://crm.example/hook");

    let bad = Call::post(format!("/v1/sites/{SITE}/keys")).key("operator").json(&json!({ "kind": "root" }));
    assert_eq!(send(&host, bad).await.status, StatusCode::UNPROCESSABLE_ENTITY);
}

#[tokio::test]
async fn only_the_operator_and_the_sites_own_admin_apply() {
    let host = host().await;
    put(&host, SITE, &demo()).await;
    let mut other = demo();
    other["site"]["id"] = json!(OTHER);
    other["forms"] = json!({});
    changes(&put(&host, OTHER, &other).await);
    let make = |site: &'static str, kind: &'static str| {
        let host = host.clone();
        async move {
            let made = send(&host, Call::post(format!("/v1/sites/{site}/keys")).key("operator").json(&json!({ "kind": kind }))).await;
            made.json()["key"].as_str().unwrap().to_owned()
        }
    };
    let (admin, read, foreign) = (make(SITE, "admin").await, make(SITE, "read").await, make(OTHER, "admin").await);
    for (key, expect) in [
        (Some(admin.as_str()), StatusCode::OK),
        (Some(&read), StatusCode::FORBIDDEN),
        (Some(&foreign), StatusCode::FORBIDDEN),
        (Some("guess"), StatusCode::UNAUTHORIZED),
        (None, StatusCode::UNAUTHORIZED),
    ] {
        let with_key = |call: Call| key.map_or(call.clone(), |key| call.key(key));
        for call in [
            Call::put(format!("/v1/sites/{SITE}")).json(&demo()),
            Call::get(format!("/v1/sites/{SITE}")),
            Call::put(format!("/v1/sites/{SITE}/assets/guide.pdf")).body("%PDF"),
        ] {
            let reply = send(&host, with_key(call)).await;
            assert_eq!(reply.status, expect, "{key:?}: {}", reply.text());
        }
    }
}

#[tokio::test]
async fn an_asset_is_stored_once() {
    let host = host().await;
    put(&host, SITE, &demo()).await;
    let store = |name: &str, bytes: Vec<u8>| {
        let call = Call::put(format!("/v1/sites/{SITE}/assets/{name}")).key("operator").body(bytes);
        let host = host.clone();
        async move { send(&host, call).await }
    };
    let gzip_like = vec![0x1f, 0x8b, 8, 0, 1, 2, 3];
    let first = store("guide.pdf", gzip_like.clone()).await;
    assert_eq!((first.status, first.json()["is_changed"].clone(), first.json()["bytes"].clone()), (StatusCode::OK, json!(true), json!(7)));
    assert_eq!(store("guide.pdf", gzip_like).await.json()["is_changed"], false);
    assert_eq!(store("guide.pdf", b"%PDF".to_vec()).await.json()["is_changed"], true);
    assert_eq!(store("noending", b"%PDF".to_vec()).await.status, StatusCode::UNPROCESSABLE_ENTITY);
    assert_eq!(store("empty.pdf", Vec::new()).await.status, StatusCode::UNPROCESSABLE_ENTITY);
    assert_eq!(store("large.pdf", vec![b'x'; 1_000_001]).await.status, StatusCode::PAYLOAD_TOO_LARGE);
}

#[tokio::test]
async fn refuses_a_form_whose_mail_could_not_link_back() {
    let host = host().await;
    let mut site = demo();
    site["forms"]["demo"]["double_opt_in"] = json!({});
    assert_eq!(violations(&put(&host, SITE, &site).await), ["forms.demo.double_opt_in public_url"]);
    host.set_variable(lead_capture::config::PUBLIC_URL, "https://forms.marea.example");
    assert_eq!(put(&host, SITE, &site).await.status, StatusCode::OK);
}

/// The demo with these alerts.
fn with_alerts(alerts: Json) -> Json {
    let mut site = demo();
    site["site"]["alerts"] = alerts;
    site
}

async fn alerts_of(host: &TestHost) -> Vec<String> {
    let rows = host.rows(Statement::new("SELECT site_id, id FROM alerts ORDER BY site_id, id")).await;
    rows.iter().map(|row| row.text("id").unwrap().to_owned()).collect()
}

#[tokio::test]
async fn alerts_are_applied_changed_and_taken_away() {
    let host = host().await;
    let all = json!([
        { "id": "errors", "measure": "error_rate", "above": 0.05, "over_minutes": 10, "function": "lead-capture" },
        { "id": "late", "measure": "outbox_age", "above": 300 },
    ]);
    put(&host, SITE, &with_alerts(all.clone())).await;
    assert_eq!(alerts_of(&host).await, ["errors", "late"]);
    assert_eq!(changes(&put(&host, SITE, &with_alerts(all.clone())).await), [""; 0]);
    assert_eq!(changes(&put(&host, SITE, &with_alerts(json!([all[1]]))).await), ["change site"]);
    assert_eq!(alerts_of(&host).await, ["late"]);
    put(&host, SITE, &demo()).await;
    assert_eq!(alerts_of(&host).await, [""; 0]);
}

#[tokio::test]
async fn every_mistake_in_an_alert_is_told() {
    let host = host().await;
    let alerts = json!([
        { "id": "a b", "measure": "error_rate", "above": 5, "function": "leads" },
        { "id": "late", "measure": "outbox_age", "above": 300, "over_minutes": 5 },
        { "id": "late", "measure": "sla_breaches", "above": 0 },
    ]);
    let mut found = violations(&put(&host, SITE, &with_alerts(alerts)).await);
    found.sort();
    let expect = [
        "site.alerts[0].above range",
        "site.alerts[0].function function",
        "site.alerts[0].id name",
        "site.alerts[1].over_minutes not_applicable",
        "site.alerts[2].id duplicate",
    ];
    assert_eq!(found, expect);
    let unknown = violations(&put(&host, SITE, &with_alerts(json!([{ "id": "x", "measure": "mood", "above": 1 }]))).await);
    assert!(unknown[0].starts_with("site.alerts[0].measure"), "{unknown:?}");
}

#[tokio::test]
async fn only_the_operator_adds_alerts_about_the_whole_deployment() {
    let host = host().await;
    put(&host, SITE, &demo()).await;
    let issued = send(&host, Call::post(format!("/v1/sites/{SITE}/keys")).key("operator").json(&json!({ "kind": "admin" }))).await;
    let admin = issued.json()["key"].as_str().unwrap().to_owned();
    let apply = |body: &Json| send(&host, Call::put(format!("/v1/sites/{SITE}")).key(&admin).json(body));
    let errors = json!({ "id": "errors", "measure": "error_rate", "above": 0.05 });
    let late = json!({ "id": "late", "measure": "outbox_age", "above": 300 });
    let broken = json!({ "id": "broken", "measure": "sla_breaches", "above": 0 });
    assert_eq!(violations(&apply(&with_alerts(json!([late, errors]))).await), ["site.alerts[1].measure operator"]);
    assert_eq!(alerts_of(&host).await, [""; 0]);
    put(&host, SITE, &with_alerts(json!([errors]))).await;
    assert_eq!(changes(&apply(&with_alerts(json!([errors, late, broken]))).await), ["change site"], "what the operator added may stay");
    let mut stricter = errors.clone();
    stricter["above"] = json!(0.01);
    assert_eq!(violations(&apply(&with_alerts(json!([stricter]))).await), ["site.alerts[0].measure operator"]);
    assert_eq!(alerts_of(&host).await, ["broken", "errors", "late"]);
}
