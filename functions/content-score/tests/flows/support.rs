//! A site on a host of the test's own, and short words for what is asked of it.

use std::time::Duration;

use content_score::ContentScore;
use http::{HeaderMap, HeaderValue, StatusCode};
use orilla_core::sites::{self, Kind, SiteId};
use orilla_core::sql::Statement;
use orilla_core::{Clock, Function, Platform};
use orilla_native::testing::{Answer, Call, Reply, TestHost};
use serde_json::{Value as Json, json};

pub const SITE: &str = "5e0f3c1a-9b7d-4c62-8a54-2d1f6b8e7a90";
pub const OTHER: &str = "0190a8c0-0000-7000-8000-000000000002";

/// A page that an editor would let pass, and one that they would not.
pub const GOOD: &str = "<h1>Clases de surf para familias</h1><p>Las clases de surf de Marea duran dos horas. Además, incluyen tabla y neopreno. \
                        Por eso, no hace falta traer nada.</p><h2>¿Cuánto cuestan las clases de surf?</h2><p>Una clase cuesta 45 euros por persona. Sin \
                        embargo, los grupos pagan menos.</p><p><a class=\"btn\" href=\"/reserva\">Reserva tu clase</a></p><img src=a.jpg alt=\"Clases de surf\">";
pub const POOR: &str = "<p>texto</p><img src=a.jpg>";

pub struct Shore {
    pub host: TestHost,
    pub write: String,
    pub read: String,
    pub admin: String,
}

impl Shore {
    pub async fn new() -> Self {
        let host = TestHost::new().await;
        host.manual_clock().set("2026-11-27T10:00:00Z".parse().unwrap());
        let mut shore = Self { host, write: String::new(), read: String::new(), admin: String::new() };
        shore.site(SITE).await;
        shore.write = shore.key(SITE, Kind::Write).await;
        shore.read = shore.key(SITE, Kind::Read).await;
        shore.admin = shore.key(SITE, Kind::Admin).await;
        shore
    }

    pub async fn with(settings: Json) -> Self {
        let shore = Self::new().await;
        shore.ok(Call::put(format!("/v1/content/sites/{SITE}")).key(&shore.admin).json(&settings)).await;
        shore
    }

    pub async fn site(&self, id: &str) {
        let definition =
            json!({ "id": id, "name": "Marea", "default_locale": "es", "locales": ["es", "en"], "origins": ["https://marea.example"] });
        let put = "INSERT INTO sites (id, definition, digest, link_secret, created_at, updated_at) VALUES (?1, ?2, '', x'01', 0, 0)";
        self.host.rows(Statement::new(put).bind(id).bind(definition.to_string())).await;
    }

    pub async fn key(&self, site: &str, kind: Kind) -> String {
        let key = sites::new_key(kind, &self.host.random());
        self.host.rows(sites::store_key(&SiteId::parse(site).unwrap(), kind, &key, self.host.clock().now())).await;
        key
    }

    pub fn pass(&self, hours: u64) {
        self.host.manual_clock().advance(Duration::from_secs(3_600 * hours));
    }

    pub async fn tick(&self) {
        ContentScore::open(&self.host).unwrap().tick().await.unwrap();
        self.host.settle().await;
    }

    pub async fn send(&self, call: Call) -> Reply {
        let reply = self.host.send::<ContentScore<TestHost>>(call).await;
        self.host.settle().await;
        reply
    }

    /// An answer in JSON; whatever is asked for must work.
    pub async fn ok(&self, call: Call) -> Json {
        let reply = self.send(call).await;
        assert!([StatusCode::OK, StatusCode::CREATED].contains(&reply.status), "{}", reply.text());
        reply.json()
    }

    pub async fn score(&self, text: Json) -> Json {
        self.ok(Call::post("/v1/content/score").key(&self.admin).json(&text)).await
    }

    pub async fn get(&self, path: &str) -> Json {
        self.ok(Call::get(format!("/v1/content{path}")).key(&self.read)).await
    }

    pub async fn watch(&self, page: &str, definition: Json) -> Json {
        self.ok(Call::put(format!("/v1/content/pages/{page}")).key(&self.admin).json(&definition)).await
    }

    /// A destination that hears everything; what it was sent are rows.
    pub async fn listen(&self) {
        let put = "INSERT INTO destinations (site_id, id, kind, target, events, secret, created_at, is_managed) VALUES (?1, 'crm', 'webhook', \
                   'https://crm.example/hook', '[\"*\"]', 'whsec_AAAA', 0, 1)";
        self.host.rows(Statement::new(put).bind(SITE)).await;
    }

    /// The names of what was told, in order.
    pub async fn told(&self) -> Vec<String> {
        let rows = self.host.rows(Statement::new("SELECT event FROM outbox ORDER BY created_at, id")).await;
        rows.iter().map(|row| row.text("event").unwrap().to_owned()).collect()
    }

    pub async fn count(&self, table: &str) -> i64 {
        let rows = self.host.rows(Statement::new(format!("SELECT count(*) AS n FROM {table}"))).await;
        rows.first().unwrap().integer("n").unwrap()
    }

    /// From now on every page is this one.
    pub fn publish(&self, html: &'static str) {
        self.host.answer_fetches(move |_| Ok(html_page(html.as_bytes(), "text/html; charset=utf-8")));
    }
}

pub fn html_page(body: &'static [u8], content_type: &'static str) -> Answer {
    let mut headers = HeaderMap::new();
    headers.insert("content-type", HeaderValue::from_static(content_type));
    Answer { status: StatusCode::OK, headers, body: body.into() }
}

/// The fields and codes of a refusal.
pub fn violations(reply: &Reply) -> Vec<(String, String)> {
    let told = reply.json();
    let list = told["errors"].as_array().cloned().unwrap_or_default();
    list.iter().map(|it| (it["field"].as_str().unwrap().to_owned(), it["code"].as_str().unwrap().to_owned())).collect()
}
