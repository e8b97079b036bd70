//! A site with a desk on a host of the test's own, and short words for what customers and agents do.

use std::time::Duration;

use chrono::{DateTime, Utc};
use http::{Method, StatusCode};
use orilla_core::ports::DB;
use orilla_core::sites::{self, Kind, SiteId};
use orilla_core::sql::Statement;
use orilla_core::{Clock, Function, Platform, Sql};
use orilla_knowledge::kb::Article;
use orilla_knowledge::{library, model};
use orilla_native::testing::{Call, Reply, TestHost};
use serde_json::{Value as Json, json};
use ticket_route::TicketRoute;

pub const SITE: &str = "5e0f3c1a-9b7d-4c62-8a54-2d1f6b8e7a90";
pub const OTHER: &str = "0190a8c0-0000-7000-8000-000000000002";
/// A Friday, eleven o'clock in Madrid.
pub const NOW: &str = "2026-11-27T10:00:00Z";

/// A host with a site and its keys.
pub struct Shore {
    pub host: TestHost,
    pub write: String,
    pub read: String,
    pub admin: String,
}

/// Two teams in Madrid's office hours, three people.
pub fn office() -> Json {
    json!({
        "calendars": { "madrid": { "time_zone": "Europe/Madrid", "hours": [{ "days": ["mon", "tue", "wed", "thu", "fri"], "from": "09:00", "to": "18:00" }] } },
        "teams": [{ "id": "support", "calendar": "madrid", "lead": "ana" }, { "id": "money", "calendar": "madrid" }],
        "routes": { "billing": "money" },
        "agents": [
            { "id": "ana", "team": "support", "skills": ["technical"], "languages": ["es", "en"], "capacity": 2 },
            { "id": "bea", "team": "support", "skills": ["account"], "languages": ["es"], "capacity": 2 },
            { "id": "carl", "team": "money", "skills": ["billing"], "languages": ["es", "en"], "capacity": 5 },
        ],
        "escalation": { "steps": [{ "after_seconds": 1800, "target": "team_lead" }] },
    })
}

impl Shore {
    /// With a site whose desk was never described.
    pub async fn bare() -> Self {
        let host = TestHost::new().await;
        host.manual_clock().set(at(NOW));
        let mut shore = Self { host, write: String::new(), read: String::new(), admin: String::new() };
        shore.site(SITE).await;
        shore.write = shore.key(SITE, Kind::Write).await;
        shore.read = shore.key(SITE, Kind::Read).await;
        shore.admin = shore.key(SITE, Kind::Admin).await;
        shore
    }

    /// With this desk.
    pub async fn with(desk: Json) -> Self {
        let shore = Self::bare().await;
        shore.apply(&desk).await;
        shore
    }

    pub async fn apply(&self, desk: &Json) -> Json {
        self.ok(Call::put(format!("/v1/routing/sites/{SITE}")).key(&self.admin).json(desk)).await
    }

    pub async fn site(&self, id: &str) {
        let definition = json!({
            "id": id, "name": "Marea", "default_locale": "es", "locales": ["es", "en"], "origins": ["https://marea.example"],
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

    /// Lets some minutes go by.
    pub fn pass(&self, minutes: u64) {
        self.host.manual_clock().advance(Duration::from_secs(60 * minutes));
    }

    pub async fn tick(&self) {
        TicketRoute::open(&self.host).unwrap().tick().await.unwrap();
        self.host.settle().await;
    }

    pub async fn send(&self, call: Call) -> Reply {
        let reply = self.host.send::<TicketRoute<TestHost>>(call).await;
        self.host.settle().await;
        reply
    }

    /// An answer in JSON, whatever is asked for must work.
    pub async fn ok(&self, call: Call) -> Json {
        let reply = self.send(call).await;
        assert!([StatusCode::OK, StatusCode::CREATED].contains(&reply.status), "{}", reply.text());
        reply.json()
    }

    /// A new ticket, whole; with the admin key, so that what became of it is told.
    pub async fn open(&self, subject: &str, text: &str, email: &str) -> Json {
        let sent = json!({ "subject": subject, "text": text, "requester": { "email": email } });
        let told = self.ok(Call::post("/v1/tickets").key(&self.admin).json(&sent)).await;
        self.ticket(told["ticket_id"].as_str().unwrap()).await
    }

    pub async fn ticket(&self, id: &str) -> Json {
        self.ok(Call::get(format!("/v1/tickets/{id}")).key(&self.read)).await
    }

    pub async fn patch(&self, id: &str, change: Json) -> Json {
        self.ok(Call::new(Method::PATCH, format!("/v1/tickets/{id}")).key(&self.admin).json(&change)).await
    }

    pub async fn write_into(&self, id: &str, comment: Json) -> Json {
        self.ok(Call::post(format!("/v1/tickets/{id}/comments")).key(&self.admin).json(&comment)).await
    }

    /// Somebody comes or goes.
    pub async fn presence(&self, agent: &str, presence: &str) {
        self.ok(Call::new(Method::PATCH, format!("/v1/agents/{agent}")).key(&self.admin).json(&json!({ "presence": presence }))).await;
    }

    /// A destination that hears everything; what it was sent are rows.
    pub async fn listen(&self) {
        let put = "INSERT INTO destinations (site_id, id, kind, target, events, secret, created_at, is_managed) VALUES (?1, 'crm', 'webhook', \
                   'https://crm.example/hook', '[\"*\"]', 'whsec_AAAA', 0, 1)";
        self.host.rows(Statement::new(put).bind(SITE)).await;
    }

    /// To whom mails are, and what they say, in order; not those of destinations.
    pub async fn mails(&self) -> Vec<(String, Json)> {
        let select = "SELECT target, body FROM outbox WHERE kind = 'email' AND destination_id = '' ORDER BY created_at, id";
        let rows = self.host.rows(Statement::new(select)).await;
        rows.iter().map(|row| (row.text("target").unwrap().to_owned(), row.json("body").unwrap())).collect()
    }

    /// The names of what was told, in order.
    pub async fn told(&self) -> Vec<String> {
        let rows = self.host.rows(Statement::new("SELECT event FROM outbox ORDER BY created_at, id")).await;
        rows.iter().map(|row| row.text("event").unwrap().to_owned()).collect()
    }

    /// Writes an article and puts it into the index, as the chat does.
    pub async fn know(&self, id: &str, question: &str, answer: &str) {
        let site = SiteId::parse(SITE).unwrap();
        let article: Article = serde_json::from_value(json!({ "id": id, "locale": "es", "question": question, "answer": answer })).unwrap();
        let sql = self.host.sql(DB).unwrap();
        let now = self.host.clock().now();
        sql.batch(vec![library::put(&site, &article, id, false, now), library::touch(&site)]).await.unwrap();
        library::advance(&sql, &model::shipped().unwrap(), &self.host.random(), &site, now).await.unwrap();
    }

    /// Every row of every table, as text.
    pub async fn dump(&self) -> String {
        let tables =
            self.host.rows(Statement::new("SELECT name FROM sqlite_master WHERE type = 'table' AND name NOT LIKE 'sqlite_%'")).await;
        let mut all = String::new();
        for table in tables.iter() {
            all += &format!("{:?}", self.host.rows(Statement::new(format!("SELECT * FROM {}", table.text("name").unwrap()))).await);
        }
        all
    }

    pub async fn count(&self, table: &str) -> i64 {
        let rows = self.host.rows(Statement::new(format!("SELECT count(*) AS n FROM {table}"))).await;
        rows.first().unwrap().integer("n").unwrap()
    }
}

pub fn at(time: &str) -> DateTime<Utc> {
    time.parse().unwrap()
}

/// The kinds of a ticket's events, in order.
pub fn kinds(ticket: &Json) -> Vec<&str> {
    ticket["events"].as_array().unwrap().iter().map(|event| event["kind"].as_str().unwrap()).collect()
}
