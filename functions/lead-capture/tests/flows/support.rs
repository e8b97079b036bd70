//! The demo site on a host of the test's own, and short words for what people do with it.

use chrono::{DateTime, Utc};
use http::StatusCode;
use lead_capture::LeadCapture;
use lead_capture::config::PUBLIC_URL;
use orilla_core::function::{OPERATOR_KEY, Tick};
use orilla_core::sql::{Statement, Value};
use orilla_native::testing::{Call, Reply, TestHost};
use serde_json::{Value as Json, json};

pub const SITE: &str = "5e0f3c1a-9b7d-4c62-8a54-2d1f6b8e7a90";
pub const OTHER: &str = "0190a8c0-0000-7000-8000-000000000002";
pub const HOOK: &str = "https://crm.example/hook";

/// The demo site with one webhook.
pub fn demo() -> Json {
    let mut site: Json = toml::from_str(include_str!("../../../../sites/demo/site.toml")).unwrap();
    site["destinations"] = json!([{ "id": "crm", "kind": "webhook", "url": HOOK }]);
    json!({
        "site": site,
        "forms": { "demo": toml::from_str::<Json>(include_str!("../../../../sites/demo/forms/demo.toml")).unwrap() },
        "scoring": toml::from_str::<Json>(include_str!("../../../../sites/demo/scoring.toml")).unwrap(),
    })
}

/// A host with a site applied, and its keys.
pub struct Shore {
    pub host: TestHost,
    pub read: String,
    pub admin: String,
    pub write: String,
}

impl Shore {
    /// With the demo site.
    pub async fn new() -> Self {
        Self::with(|_| {}).await
    }

    /// With the demo site, changed.
    pub async fn with(change: impl FnOnce(&mut Json)) -> Self {
        let host = TestHost::new().await;
        host.set_variable(OPERATOR_KEY, "operator");
        host.set_variable(PUBLIC_URL, "https://forms.marea.example");
        host.manual_clock().set(DateTime::parse_from_rfc3339("2026-03-02T09:00:00Z").unwrap().to_utc());
        let mut definition = demo();
        change(&mut definition);
        let shore = Self { host, read: String::new(), admin: String::new(), write: String::new() };
        shore.apply(SITE, &definition).await;
        let [read, admin, write] = [shore.issue(SITE, "read").await, shore.issue(SITE, "admin").await, shore.issue(SITE, "write").await];
        Self { read, admin, write, ..shore }
    }

    pub async fn apply(&self, site: &str, definition: &Json) {
        let reply = self.send(Call::put(format!("/v1/sites/{site}")).key("operator").json(definition)).await;
        assert_eq!(reply.status, StatusCode::OK, "{}", reply.text());
    }

    pub async fn issue(&self, site: &str, kind: &str) -> String {
        let reply = self.send(Call::post(format!("/v1/sites/{site}/keys")).key("operator").json(&json!({ "kind": kind }))).await;
        reply.json()["key"].as_str().unwrap().to_owned()
    }

    pub async fn send(&self, call: Call) -> Reply {
        self.host.send::<LeadCapture<TestHost>>(call).await
    }

    /// Sends the demo form as a script would.
    pub async fn submit(&self, fields: &Json) -> Reply {
        self.send(Call::post("/v1/forms/demo/submissions").json(fields)).await
    }

    /// Sends it with an idempotency key.
    pub async fn submit_as(&self, key: &str, fields: &Json) -> Reply {
        self.send(Call::post("/v1/forms/demo/submissions").header("idempotency-key", key).json(fields)).await
    }

    /// Reads with the read key.
    pub async fn read(&self, uri: &str) -> Json {
        let reply = self.send(Call::get(uri).key(&self.read)).await;
        assert_eq!(reply.status, StatusCode::OK, "{uri}: {}", reply.text());
        reply.json()
    }

    /// Every lead, newest first.
    pub async fn leads(&self) -> Vec<Json> {
        self.read("/v1/leads").await["leads"].as_array().unwrap().clone()
    }

    pub async fn post(&self, uri: &str) -> Reply {
        self.send(Call::post(uri).key(&self.admin).json(&json!({}))).await
    }

    pub async fn tick(&self) -> Tick {
        self.host.tick::<LeadCapture<TestHost>>().await.unwrap()
    }

    /// How many rows a table has.
    pub async fn count(&self, table: &str) -> i64 {
        let rows = self.host.rows(Statement::new(format!("SELECT count(*) AS n FROM {table}"))).await;
        rows.first().unwrap().integer("n").unwrap()
    }

    pub async fn text(&self, query: &'static str) -> String {
        self.host.rows(Statement::new(query)).await.first().unwrap().text("it").unwrap().to_owned()
    }

    /// Every table's name.
    pub async fn tables(&self) -> Vec<String> {
        let rows = self.host.rows(Statement::new("SELECT name FROM sqlite_master WHERE type = 'table' AND name NOT LIKE 'sqlite_%'")).await;
        rows.iter().map(|row| row.text("name").unwrap().to_owned()).collect()
    }

    /// The tables in which some cell holds this text.
    pub async fn tables_with(&self, needle: &str) -> Vec<String> {
        let mut found = Vec::new();
        for table in self.tables().await {
            let rows = self.host.rows(Statement::new(format!("SELECT * FROM {table}"))).await;
            let holds = |value: &Value| match value {
                Value::Text(text) => text.contains(needle),
                Value::Blob(bytes) => bytes.windows(needle.len()).any(|window| window == needle.as_bytes()),
                _ => false,
            };
            if rows.values.iter().flatten().any(holds) {
                found.push(table);
            }
        }
        found
    }

    pub fn now(&self) -> DateTime<Utc> {
        use orilla_core::{Clock, Platform};
        self.host.clock().now()
    }
}

/// Ana, who fills in what is needed and takes her time.
pub fn ana() -> Json {
    person("ana@olas.example")
}

/// Somebody at this address.
pub fn person(email: &str) -> Json {
    json!({ "email": email, "consent": true, "company": "Olas del Sur", "role": "Directora", "_elapsed_ms": 9000, "_locale": "es" })
}

/// The violations of a refusal as `field code`.
#[track_caller]
pub fn violations(reply: &Reply) -> Vec<String> {
    assert_eq!(reply.status, StatusCode::UNPROCESSABLE_ENTITY, "{}", reply.text());
    let errors = reply.json()["errors"].as_array().unwrap().clone();
    errors.iter().map(|it| format!("{} {}", it["field"].as_str().unwrap(), it["code"].as_str().unwrap())).collect()
}
