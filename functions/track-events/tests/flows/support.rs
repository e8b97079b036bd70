//! A site on a host of the test's own, and short words for what clients do with it.

use std::collections::BTreeMap;
use std::io::Write;
use std::time::Duration;

use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use chrono::{DateTime, Utc};
use flate2::Compression;
use flate2::write::GzEncoder;
use http::StatusCode;
use orilla_core::sites::{self, Kind, SiteId};
use orilla_core::sql::Statement;
use orilla_core::{Clock, Platform};
use orilla_native::testing::{Call, Reply, TestHost};
use serde_json::{Value as Json, json};
use track_events::TrackEvents;

pub const SITE: &str = "5e0f3c1a-9b7d-4c62-8a54-2d1f6b8e7a90";
pub const OTHER: &str = "0190a8c0-0000-7000-8000-000000000002";
/// A person's browser.
pub const BROWSER: &str = "Mozilla/5.0 (X11; Ubuntu; Linux x86_64; rv:132.0) Gecko/20100101 Firefox/132.0";

/// A host with a site and its keys.
pub struct Shore {
    pub host: TestHost,
    pub write: String,
    pub read: String,
}

impl Shore {
    /// With a site that says nothing of tracking.
    pub async fn new() -> Self {
        Self::with(json!({})).await
    }

    /// With this policy.
    pub async fn with(policy: Json) -> Self {
        let host = TestHost::new().await;
        host.manual_clock().set(at("2026-03-02T09:00:00Z"));
        let mut shore = Self { host, write: String::new(), read: String::new() };
        shore.site(SITE, &policy).await;
        shore.write = shore.key(SITE, Kind::Write).await;
        shore.read = shore.key(SITE, Kind::Read).await;
        shore
    }

    /// Makes a site.
    pub async fn site(&self, id: &str, policy: &Json) {
        let definition = json!({ "id": id, "name": "Marea", "domain": format!("{id}.example"), "origins": ["https://marea.example"], "tracking": policy });
        let statement = Statement::new(
            "INSERT INTO sites (id, definition, digest, link_secret, created_at, updated_at) VALUES (?1, ?2, '', x'01', 0, 0)",
        );
        self.host.rows(statement.bind(id).bind(definition.to_string())).await;
    }

    /// Makes a key.
    pub async fn key(&self, site: &str, kind: Kind) -> String {
        let key = sites::new_key(kind, &self.host.random());
        self.host.rows(sites::store_key(&SiteId::parse(site).unwrap(), kind, &key, self.now())).await;
        key
    }

    pub fn now(&self) -> DateTime<Utc> {
        self.host.clock().now()
    }

    /// Lets some seconds go by.
    pub fn pass(&self, seconds: u64) {
        self.host.manual_clock().advance(Duration::from_secs(seconds));
    }

    pub async fn send(&self, call: Call) -> Reply {
        self.host.send::<TrackEvents<TestHost>>(call).await
    }

    /// A call that carries the write key and comes from a person's browser.
    pub fn call(&self, path: &str) -> Call {
        Call::post(path).key(&self.write).header("user-agent", BROWSER)
    }

    /// Sends a batch; the answer must be 200.
    pub async fn batch(&self, events: Json) -> Json {
        let reply = self.send(self.call("/v1/batch").json(&json!({ "batch": events }))).await;
        assert_eq!(reply.status, StatusCode::OK, "{}", reply.text());
        self.check_ledger().await;
        reply.json()
    }

    /// Everything stored, as the export gives it.
    pub async fn events(&self) -> Vec<Json> {
        self.export("/v1/events").await
    }

    pub async fn export(&self, uri: &str) -> Vec<Json> {
        let reply = self.send(Call::get(uri).key(&self.read)).await;
        assert_eq!(reply.status, StatusCode::OK, "{uri}: {}", reply.text());
        reply.text().lines().map(|line| serde_json::from_str(line).unwrap()).collect()
    }

    /// An answer in JSON, to the read key.
    pub async fn ask(&self, uri: &str) -> Json {
        let reply = self.send(Call::get(uri).key(&self.read)).await;
        assert_eq!(reply.status, StatusCode::OK, "{uri}: {}", reply.text());
        reply.json()
    }

    /// A question that is refused as malformed.
    pub async fn refuses(&self, uri: &str) {
        let reply = self.send(Call::get(uri).key(&self.read)).await;
        assert_eq!(reply.status, StatusCode::BAD_REQUEST, "{uri}: {}", reply.text());
    }

    /// The ledger's lines.
    pub async fn ledger(&self) -> Vec<Json> {
        let reply = self.send(Call::get("/v1/ledger?from=2020-01-01T00:00:00Z&until=2040-01-01T00:00:00Z").key(&self.read)).await;
        assert_eq!(reply.status, StatusCode::OK, "{}", reply.text());
        reply.json()["lines"].as_array().unwrap().clone()
    }

    /// The sums of the ledger: each line adds up, and as many are accepted as are stored.
    pub async fn check_ledger(&self) -> BTreeMap<String, i64> {
        let mut sums = BTreeMap::new();
        for line in self.ledger().await {
            let number = |name: &str| line[name].as_i64().unwrap();
            let parts: i64 = ["accepted", "duplicate", "bot", "quarantined", "invalid"].map(number).iter().sum();
            assert_eq!(number("received"), parts, "{line}");
            for name in ["received", "accepted", "duplicate", "bot", "quarantined", "invalid"] {
                *sums.entry(name.to_owned()).or_default() += number(name);
            }
        }
        let rows = self.host.rows(Statement::new("SELECT count(*) AS n FROM events WHERE site_id = ?1").bind(SITE)).await;
        assert_eq!(sums.get("accepted").copied().unwrap_or_default(), rows.first().unwrap().integer("n").unwrap());
        sums
    }

    /// The header in which Segment's and RudderStack's clients show a key.
    pub fn basic(&self, key: &str) -> String {
        format!("Basic {}", STANDARD.encode(format!("{key}:")))
    }

    pub async fn count(&self, query: &'static str) -> i64 {
        self.host.rows(Statement::new(query)).await.first().unwrap().integer("n").unwrap()
    }
}

/// As clients compress.
pub fn gzip(text: &str) -> Vec<u8> {
    let mut encoder = GzEncoder::new(Vec::new(), Compression::default());
    encoder.write_all(text.as_bytes()).unwrap();
    encoder.finish().unwrap()
}

pub fn at(text: &str) -> DateTime<Utc> {
    text.parse().unwrap()
}

/// A track event of visitor `who`.
pub fn track(id: &str, who: &str, name: &str) -> Json {
    json!({ "type": "track", "messageId": id, "anonymousId": who, "event": name })
}

/// The codes of a list in an answer, with their places.
pub fn codes(list: &Json) -> Vec<String> {
    list.as_array().unwrap().iter().map(|it| format!("{} {}", it["index"], it["code"].as_str().unwrap())).collect()
}
