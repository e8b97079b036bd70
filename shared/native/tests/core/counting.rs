//! Limits, idempotency and salts.

use std::time::Duration;

use chrono::TimeDelta;
use futures_util::future::join_all;
use orilla_core::idempotency::{self, Key, Outcome, Slot, fingerprint};
use orilla_core::limit::{self, Limit};
use orilla_core::sql::{SqlError, Statement};
use orilla_core::visitors::{self, visitor_hash};
use orilla_core::{Clock, Platform, Sql};
use orilla_native::testing::TestHost;
use serde_json::{Value, json};

use crate::{other_site, site, sql};

const LIMIT: Limit = Limit { hits: 3, window: Duration::from_secs(60) };

/// Whether one hit passes, and if not, how long it says to wait.
async fn hit(host: &TestHost, key: &str) -> Option<u64> {
    let now = host.clock().now();
    let rows = sql(host).query(LIMIT.hit(key, now)).await.unwrap();
    LIMIT.read(&rows, now).unwrap().map(|exceeded| exceeded.retry_after.as_secs())
}

#[tokio::test]
async fn a_window_opens_with_the_first_hit_and_ends_on_time() {
    let host = TestHost::new().await;
    let clock = host.manual_clock();
    for _ in 0..3 {
        assert_eq!(hit(&host, "a").await, None);
        clock.advance(Duration::from_secs(10));
    }
    assert_eq!(hit(&host, "a").await, Some(30));
    assert_eq!(hit(&host, "b").await, None, "another key is another count");
    clock.advance(Duration::from_secs(29));
    assert_eq!(hit(&host, "a").await, Some(1), "refused hits lengthen nothing");
    clock.advance(Duration::from_secs(1));
    assert_eq!(hit(&host, "a").await, None, "whoever waits as long as told gets through");
    for expect in [None, None, Some(60)] {
        assert_eq!(hit(&host, "a").await, expect);
    }
}

#[tokio::test]
async fn hits_that_race_are_each_counted() {
    let host = TestHost::new().await;
    let outcomes = join_all((0..50).map(|_| hit(&host, "a"))).await;
    assert_eq!(outcomes.iter().filter(|outcome| outcome.is_none()).count(), 3);
    let rows = host.rows(Statement::new("SELECT count FROM limits")).await;
    assert_eq!(rows.first().unwrap().integer("count").unwrap(), 50);
}

#[tokio::test]
async fn several_limits_go_in_one_batch() {
    let host = TestHost::new().await;
    let now = host.clock().now();
    let wide = Limit { hits: 100, window: Duration::from_secs(3_600) };
    for round in 0..5 {
        let rows = sql(&host).batch(vec![LIMIT.hit("address", now), wide.hit("form", now)]).await.unwrap();
        assert_eq!(LIMIT.read(&rows[0], now).unwrap().is_some(), round >= 3);
        assert_eq!(wide.read(&rows[1], now).unwrap(), None);
    }
    host.manual_clock().advance(Duration::from_secs(60));
    let gone = sql(&host).query(limit::forget_ended(host.clock().now())).await.unwrap();
    assert_eq!(gone.len(), 1, "the shorter window has ended, the longer has not");
}

fn key(text: &str) -> Key {
    Key::parse(text).unwrap()
}

async fn remember(host: &TestHost, key: &Key, payload: &Value) -> Result<(), SqlError> {
    let site = site();
    let slot = Slot { site: &site, scope: "form:demo", key };
    let statements = slot.remember(&fingerprint(payload), &json!({ "id": 1 }), "lead-1", host.clock().now());
    sql(host).batch(statements.into()).await.map(|_| ())
}

async fn look_up(host: &TestHost, slot: Slot<'_>, payload: &Value) -> Outcome {
    let rows = sql(host).query(slot.look_up(host.clock().now())).await.unwrap();
    idempotency::outcome(&rows, &fingerprint(payload)).unwrap()
}

#[tokio::test]
async fn a_key_replays_its_answer_in_its_own_slot_for_seven_days() {
    let host = TestHost::new().await;
    let (site, other) = (site(), other_site());
    let key = key("k1");
    let payload = json!({ "email": "a@example.com" });
    let slot = Slot { site: &site, scope: "form:demo", key: &key };
    assert_eq!(look_up(&host, slot, &payload).await, Outcome::New);
    remember(&host, &key, &payload).await.unwrap();
    assert_eq!(look_up(&host, slot, &payload).await, Outcome::Replay(json!({ "id": 1 })));
    assert_eq!(look_up(&host, slot, &json!({ "email": "b@example.com" })).await, Outcome::Mismatch);
    assert_eq!(look_up(&host, Slot { scope: "form:other", ..slot }, &payload).await, Outcome::New);
    assert_eq!(look_up(&host, Slot { site: &other, ..slot }, &payload).await, Outcome::New);
    host.manual_clock().advance(Duration::from_secs(7 * 86_400 - 1));
    assert_eq!(look_up(&host, slot, &payload).await, Outcome::Replay(json!({ "id": 1 })));
    host.manual_clock().advance(Duration::from_secs(1));
    assert_eq!(look_up(&host, slot, &payload).await, Outcome::New);
    remember(&host, &key, &payload).await.expect("an expired key makes room even before the tick removed it");
}

#[tokio::test]
async fn a_race_for_a_key_fails_the_whole_batch() {
    let host = TestHost::new().await;
    let key = key("k1");
    let payload = json!({ "email": "a@example.com" });
    remember(&host, &key, &payload).await.unwrap();
    let error = remember(&host, &key, &payload).await.unwrap_err();
    assert!(idempotency::is_race(&error), "{error}");
    let error = sql(&host).query(Statement::new("INSERT INTO salts (day, salt) VALUES ('d', x'00'), ('d', x'00')")).await.unwrap_err();
    assert!(!idempotency::is_race(&error), "{error}");
}

#[tokio::test]
async fn everybody_gets_the_same_salt_for_a_day_and_a_new_one_the_next() {
    let host = TestHost::new().await;
    let hash = async || {
        let salt = visitors::salt(&sql(&host), &host.random(), host.clock().now()).await.unwrap();
        visitor_hash(&salt, &site(), None, "Firefox")
    };
    let today = join_all([hash(), hash(), hash()]).await;
    assert!(today.iter().all(|hash| *hash == today[0]));
    host.manual_clock().advance(Duration::from_secs(12 * 3_600));
    assert_ne!(hash().await, today[0]);
    let later = host.clock().now() + TimeDelta::days(2);
    assert_eq!(sql(&host).query(visitors::forget_salts(later)).await.unwrap().len(), 1);
}
