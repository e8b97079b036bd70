//! A site with a small help centre on a host of the test's own, and short words for what visitors and agents do.

use std::time::Duration;

use chrono::{DateTime, Utc};
use faq_chat::FaqChat;
use http::StatusCode;
use orilla_core::sites::{self, Kind, SiteId};
use orilla_core::sql::Statement;
use orilla_core::{Clock, Platform};
use orilla_native::testing::{Call, Reply, TestHost};
use serde_json::{Value as Json, json};

pub const SITE: &str = "5e0f3c1a-9b7d-4c62-8a54-2d1f6b8e7a90";
pub const OTHER: &str = "0190a8c0-0000-7000-8000-000000000002";

/// A host with a site and its keys.
pub struct Shore {
    pub host: TestHost,
    pub write: String,
    pub read: String,
    pub admin: String,
}

impl Shore {
    /// With a site that says nothing of its chat, and no articles.
    pub async fn bare() -> Self {
        Self::with(json!({})).await
    }

    /// With this policy.
    pub async fn with(policy: Json) -> Self {
        let host = TestHost::new().await;
        host.manual_clock().set(at("2026-11-27T10:00:00Z"));
        let mut shore = Self { host, write: String::new(), read: String::new(), admin: String::new() };
        shore.site(SITE, &policy).await;
        shore.write = shore.key(SITE, Kind::Write).await;
        shore.read = shore.key(SITE, Kind::Read).await;
        shore.admin = shore.key(SITE, Kind::Admin).await;
        shore
    }

    /// With a help centre of a few articles.
    pub async fn new() -> Self {
        let shore = Self::bare().await;
        shore.stock().await;
        shore
    }

    pub async fn site(&self, id: &str, policy: &Json) {
        let definition = json!({
            "id": id, "name": "Marea", "default_locale": "es", "locales": ["es", "en"], "origins": ["https://marea.example"], "chat": policy,
        });
        let statement = Statement::new(
            "INSERT INTO sites (id, definition, digest, link_secret, created_at, updated_at) VALUES (?1, ?2, '', x'01', 0, 0)",
        );
        self.host.rows(statement.bind(id).bind(definition.to_string())).await;
    }

    pub async fn key(&self, site: &str, kind: Kind) -> String {
        let key = sites::new_key(kind, &self.host.random());
        self.host.rows(sites::store_key(&SiteId::parse(site).unwrap(), kind, &key, self.host.clock().now())).await;
        key
    }

    /// Lets some seconds go by.
    pub fn pass(&self, seconds: u64) {
        self.host.manual_clock().advance(Duration::from_secs(seconds));
    }

    pub async fn send(&self, call: Call) -> Reply {
        self.host.send::<FaqChat<TestHost>>(call).await
    }

    /// An answer in JSON, whatever is asked for must work.
    pub async fn ok(&self, call: Call) -> Json {
        let reply = self.send(call).await;
        assert_eq!(reply.status, StatusCode::OK, "{}", reply.text());
        self.host.settle().await;
        reply.json()
    }

    /// Puts the help centre in.
    pub async fn stock(&self) {
        let lines: Vec<_> = HELP
            .iter()
            .map(|(id, lang, question, answer)| {
                json!({ "id": id, "lang": lang, "question": question, "answer": answer, "links": [format!("/ayuda/{id}")] }).to_string()
            })
            .collect();
        let answer = self.ok(Call::post("/v1/kb/import?format=jsonl").key(&self.admin).body(lines.join("\n"))).await;
        assert_eq!((answer["read"].as_u64(), answer["refused"].as_u64()), (Some(HELP.len() as u64), Some(0)), "{answer}");
        assert_eq!(self.ok(Call::get("/v1/kb/quality").key(&self.read)).await["index"]["is_current"], true);
    }

    /// A visitor's turn.
    pub async fn chat(&self, body: Json) -> Json {
        self.ok(self.turn(&body)).await
    }

    pub fn turn(&self, body: &Json) -> Call {
        Call::post("/v1/chat").header("x-write-key", &self.write).json(body)
    }

    pub async fn say(&self, conversation: &Json, message: &str) -> Json {
        self.chat(json!({ "message": message, "conversation_id": conversation["conversation_id"] })).await
    }

    /// What a read key asks.
    pub async fn ask(&self, uri: &str) -> Json {
        self.ok(Call::get(uri).key(&self.read)).await
    }

    /// How many rows a table has.
    pub async fn count(&self, table: &str) -> i64 {
        let rows = self.host.rows(Statement::new(format!("SELECT count(*) AS n FROM {table}"))).await;
        rows.first().unwrap().integer("n").unwrap()
    }
}

pub fn at(time: &str) -> DateTime<Utc> {
    time.parse().unwrap()
}

/// A few articles of a surf school's help centre.
pub const HELP: [(&str, &str, &str, &str); 9] = [
    (
        "price",
        "es",
        "¿Cuánto cuesta una clase de surf?",
        "Una clase de dos horas cuesta 45 euros por persona, con tabla y traje incluidos.",
    ),
    ("price", "en", "How much does a surf lesson cost?", "A lesson of two hours costs 45 euros a person, board and wetsuit included."),
    ("cancel", "es", "¿Puedo cancelar mi reserva?", "Puedes cancelar hasta 24 horas antes y te devolvemos todo el dinero."),
    ("cancel", "en", "Can I cancel my booking?", "You can cancel up to 24 hours before and get all of your money back."),
    ("weather", "es", "¿Qué pasa si hace mal tiempo?", "Si el mar no está para clases, te cambiamos el día sin coste."),
    ("weather", "en", "What happens in bad weather?", "If the sea is not fit for lessons, we move your day at no cost."),
    ("kids", "es", "¿Desde qué edad dais clases a niños?", "Damos clases a niños a partir de los seis años, en grupos de cuatro."),
    (
        "parking",
        "en",
        "Is there parking near the beach?",
        "There is a free car park 200 metres from the school; it fills up before ten in summer.",
    ),
    ("food", "es", "¿Hay donde comer cerca?", "Al lado de la escuela hay un bar con bocadillos y menú del día."),
];
