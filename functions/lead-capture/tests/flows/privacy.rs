//! Erasure that leaves nothing, tenants that never meet, keys that open only their own doors, origins that are granted or not.

use http::{Method, StatusCode};
use lead_capture::routes::ROUTES;
use orilla_core::router::Access;
use orilla_core::sql::Statement;
use orilla_native::testing::{Call, Reply};
use serde_json::json;

use crate::support::{OTHER, SITE, Shore, ana, demo, person};

#[tokio::test]
async fn an_erased_person_is_nowhere_and_the_receipt_knows_nothing_of_them() {
    let shore = Shore::new().await;
    let mut fields = ana();
    fields["name"] = json!("Ana Marina Quintanilla");
    fields["favourite"] = json!("rosa de los vientos");
    fields["_visitor"] = json!("visitor-of-ana");
    fields["_variant"] = json!("a");
    let variant = shore.send(Call::get("/v1/forms/demo?visitor=visitor-of-ana")).await.json()["variant"].clone();
    shore.send(Call::post("/v1/forms/demo/exposures").json(&json!({ "visitor": "visitor-of-ana", "variant": variant }))).await;
    let event = "INSERT INTO events (site_id, source, message_id, type, visitor_id, person_id, session_id, sequence, name, properties, context, \
                   occurred_at, received_at) \
                 VALUES (?1, 'web', 'm-1', 'page', 'visitor-of-ana', 'visitor-of-ana', 's', 0, 'Precios', '{}', '{}', 1, 1)";
    shore.host.rows(Statement::new(event).bind(SITE)).await;
    shore.submit_as("key-of-ana", &fields).await;
    shore.host.settle().await;
    shore.submit(&person("eva@olas.example")).await;
    let traces = ["ana@olas.example", "Quintanilla", "rosa de los vientos", "visitor-of-ana", "key-of-ana"];
    for trace in traces {
        assert!(!shore.tables_with(trace).await.is_empty(), "{trace} was never stored, so this test proves nothing");
    }
    let id = shore.leads().await.into_iter().find(|lead| lead["email"] == "ana@olas.example").unwrap()["id"].as_str().unwrap().to_owned();
    let call = || Call::delete(format!("/v1/leads/{id}")).key(&shore.admin);
    let receipt = shore.send(call()).await;
    assert_eq!(receipt.status, StatusCode::OK, "{}", receipt.text());
    let rows = receipt.json()["rows"].clone();
    for table in ["leads", "submissions", "consents", "outbox", "idempotency", "exposures", "events"] {
        assert_eq!(rows[table], 1, "{table}: {rows}");
    }
    for trace in traces.into_iter().chain([id.as_str()]) {
        assert_eq!(shore.tables_with(trace).await, [""; 0], "{trace}");
    }
    assert_eq!((shore.count("erasures").await, shore.count("leads").await), (1, 1));
    assert_eq!(shore.send(call()).await.status, StatusCode::NOT_FOUND);
}

/// A second tenant with a form and a lead of its own.
async fn two_sites() -> (Shore, String) {
    let shore = Shore::new().await;
    let mut other = demo();
    other["site"]["id"] = json!(OTHER);
    other["forms"] = json!({ "theirs": other["forms"]["demo"] });
    shore.apply(OTHER, &other).await;
    let admin = shore.issue(OTHER, "admin").await;
    shore.submit(&ana()).await;
    (shore, admin)
}

#[tokio::test]
async fn no_route_shows_one_site_to_another() {
    let (shore, theirs) = two_sites().await;
    let lead = shore.leads().await[0]["id"].as_str().unwrap().to_owned();
    let submission = shore.read("/v1/submissions").await["submissions"][0]["id"].as_str().unwrap().to_owned();
    let delivery = shore.read("/v1/deliveries").await["deliveries"][0]["id"].as_str().unwrap().to_owned();
    let before = shore.leads().await;
    let mut checked = 0;
    for route in ROUTES.iter().filter(|route| matches!(route.access, Access::Read | Access::Admin)) {
        let uri = route
            .path
            .replace("{lead}", &lead)
            .replace("{submission}", &submission)
            .replace("{delivery}", &delivery)
            .replace("{destination}", "crm")
            .replace("{experiment}", "demo");
        if route.method == Method::DELETE && route.path.contains("{destination}") {
            continue;
        }
        let body = if route.path.ends_with("import") { "email\nx@olas.example\n".to_owned() } else { "{}".to_owned() };
        let reply = shore.send(Call::new(route.method.clone(), &uri).key(&theirs).body(body)).await;
        if route.path.contains('{') && !route.path.contains("{destination}") {
            assert_eq!(reply.status, StatusCode::NOT_FOUND, "{} {uri}: {}", route.method, reply.text());
        }
        for secret in ["ana@olas.example", lead.as_str(), submission.as_str(), delivery.as_str()] {
            assert!(!reply.text().contains(secret), "{} {uri} shows {secret}", route.method);
        }
        checked += 1;
    }
    assert!(checked > 12, "only {checked} routes were checked");
    assert_eq!(shore.leads().await, before);
}

#[tokio::test]
async fn a_key_opens_only_its_own_doors() {
    let (shore, theirs) = two_sites().await;
    let get = async |key: &str, uri: &str| shore.send(Call::get(uri).key(key)).await.status;
    assert_eq!(get(&shore.write, "/v1/leads").await, StatusCode::FORBIDDEN);
    assert_eq!(get(&shore.admin, "/v1/leads").await, StatusCode::OK);
    assert_eq!(get("orl_read_made-up", "/v1/leads").await, StatusCode::UNAUTHORIZED);
    assert_eq!(shore.send(Call::get("/v1/leads")).await.status, StatusCode::UNAUTHORIZED);
    let erase = Call::delete("/v1/leads/whoever").key(&shore.read);
    assert_eq!(shore.send(erase).await.status, StatusCode::FORBIDDEN);
    assert_eq!(get(&theirs, &format!("/v1/sites/{SITE}")).await, StatusCode::FORBIDDEN);
    let submit =
        async |key: &str| shore.send(Call::post("/v1/forms/demo/submissions").key(key).json(&person("x@olas.example"))).await.status;
    assert_eq!(submit(&theirs).await, StatusCode::FORBIDDEN);
    assert_eq!(submit("orl_write_made-up").await, StatusCode::UNAUTHORIZED);
    assert_eq!(submit(&shore.write).await, StatusCode::CREATED);
}

#[tokio::test]
async fn a_form_id_of_another_site_cannot_be_taken() {
    let (shore, _) = two_sites().await;
    let mut greedy = demo();
    greedy["site"]["id"] = json!(OTHER);
    let reply = shore.send(Call::put(format!("/v1/sites/{OTHER}")).key("operator").json(&greedy)).await;
    assert_eq!(reply.status, StatusCode::UNPROCESSABLE_ENTITY, "{}", reply.text());
}

#[tokio::test]
async fn cors_is_granted_to_the_sites_origins_and_to_no_other() {
    let shore = Shore::new().await;
    let from = async |method: Method, origin: &str| {
        let call = Call::new(method, "/v1/forms/demo/submissions").header("origin", origin).header("access-control-request-method", "POST");
        shore.send(call.json(&ana())).await
    };
    let allow = |reply: &Reply| reply.headers.get("access-control-allow-origin").map(|it| it.to_str().unwrap().to_owned());
    let preflight = from(Method::OPTIONS, "https://www.marea.example").await;
    assert_eq!((preflight.status, allow(&preflight).as_deref()), (StatusCode::NO_CONTENT, Some("https://www.marea.example")));
    assert_eq!(preflight.header("access-control-max-age"), "900");
    for name in
        ["authorization", "content-type", "content-encoding", "idempotency-key", "formspree-client", "formspree-session-data", "accept"]
    {
        assert!(preflight.header("access-control-allow-headers").contains(name), "{name}");
    }
    let posted = from(Method::POST, "http://localhost:5173").await;
    assert_eq!((posted.status, allow(&posted).as_deref()), (StatusCode::CREATED, Some("http://localhost:5173")));
    let wrong = shore.send(Call::post("/f/demo").header("origin", "https://marea.example").json(&json!({ "email": "x" }))).await;
    assert_eq!(allow(&wrong).as_deref(), Some("https://marea.example"), "a script may read what was wrong");
    for method in [Method::OPTIONS, Method::POST] {
        let foreign = from(method, "https://evil.example").await;
        assert_eq!((foreign.status, allow(&foreign)), (StatusCode::FORBIDDEN, None));
        assert!(foreign.header("vary").to_ascii_lowercase().contains("origin"));
    }
}

#[tokio::test]
async fn the_log_holds_nothing_of_the_visitor() {
    let shore = Shore::new().await;
    shore.submit_as("k", &ana()).await;
    shore.submit_as("k", &person("eva@olas.example")).await;
    shore.submit(&json!({ "email": "leo@", "name": "Leo Marino" })).await;
    shore.send(Call::get("/v1/leads?q=secretissimo").key("orl_read_made-up")).await;
    let log = shore.host.take_log().join("\n");
    assert!(log.contains("\"code\":\"invalid\""), "{log}");
    for trace in ["olas.example", "leo@", "Marino", "secretissimo", "made-up", "127.0.0.1"] {
        assert!(!log.contains(trace), "{trace} in {log}");
    }
}
