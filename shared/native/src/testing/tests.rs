//! The test host itself: a fault that does not strike would make every flow test lie.

use std::time::Duration;

use orilla_core::ports::{DB, FetchError, KV, MIN_EXPIRY};
use orilla_core::sql::{SqlError, Statement};
use orilla_core::{Kv, Platform, Random, Sql};

use super::*;

async fn host_with_table() -> TestHost {
    let host = TestHost::new().await;
    host.rows(Statement::new("CREATE TABLE t (n INTEGER)")).await;
    host
}

async fn insert(host: &TestHost) -> Result<Rows, SqlError> {
    host.sql(DB).unwrap().query(Statement::new("INSERT INTO t (n) VALUES (1)")).await
}

async fn count(host: &TestHost) -> i64 {
    host.rows(Statement::new("SELECT count(*) AS n FROM t")).await.first().unwrap().integer("n").unwrap()
}

#[tokio::test]
async fn faults_strike_when_told_to_and_no_longer() {
    let host = host_with_table().await;
    host.fail_sql(SqlFault::on("INSERT INTO t").after(1).times(1));
    let outcomes = [insert(&host).await.is_ok(), insert(&host).await.is_ok(), insert(&host).await.is_ok()];
    assert_eq!(outcomes, [true, false, true]);
    assert_eq!(count(&host).await, 2);
    host.fail_sql(SqlFault::always());
    let select = || async { host.sql(DB).unwrap().query(Statement::new("SELECT 1")).await };
    assert!(matches!(select().await, Err(SqlError::Unavailable(_))));
    host.heal();
    assert!(select().await.is_ok());
}

#[tokio::test]
async fn an_answer_can_be_lost_after_the_work_is_done() {
    let host = host_with_table().await;
    host.fail_sql(SqlFault::on("INSERT").losing_only_the_answer());
    assert!(matches!(insert(&host).await, Err(SqlError::Unavailable(_))));
    assert_eq!(count(&host).await, 1);
}

#[tokio::test]
async fn values_expire_by_the_tests_clock_and_not_before_a_minute() {
    let host = TestHost::new().await;
    let kv = host.kv(KV).unwrap();
    kv.put("short", b"x", Some(Duration::ZERO)).await.unwrap();
    kv.put("long", b"x", Some(MIN_EXPIRY * 2)).await.unwrap();
    kv.put("forever", b"x", None).await.unwrap();
    let mut lives = Vec::new();
    for _ in 0..3 {
        for key in ["short", "long", "forever"] {
            lives.push(kv.get(key).await.unwrap().is_some());
        }
        host.manual_clock().advance(MIN_EXPIRY);
    }
    assert_eq!(lives, [true, true, true, false, true, true, false, false, true]);
    host.fail_kv();
    assert!(kv.get("forever").await.is_err());
}

#[tokio::test]
async fn the_outside_is_recorded_and_answers_as_told() {
    let host = TestHost::new().await;
    let send = || async {
        let destination = orilla_core::guard::trusted("https://example.com/hook").unwrap();
        let (method, headers, body) = (Method::POST, HeaderMap::new(), Bytes::from_static(b"hi"));
        let request = Outbound { method, destination, headers, body, deadline: Duration::from_secs(1), max_bytes: 10 };
        orilla_core::Fetch::fetch(&host.fetch(), request).await.map(|inbound| inbound.status)
    };
    assert_eq!(send().await, Ok(http::StatusCode::OK));
    host.answer_fetches(|request| if request.body.is_empty() { Ok(http::StatusCode::OK.into()) } else { Err(FetchError::Deadline) });
    assert_eq!(send().await, Err(FetchError::Deadline));
    let seen = host.take_fetches();
    assert_eq!(seen.iter().map(|request| request.body.as_ref()).collect::<Vec<_>>(), [b"hi", b"hi"]);
    assert!(host.take_fetches().is_empty());
}

#[tokio::test]
async fn deferred_work_waits_for_settle_and_may_defer_more() {
    let host = TestHost::new().await;
    let (outer, inner) = (host.clone(), host.clone());
    host.defer(async move { outer.defer(async move { inner.log(format_args!("done")) }) });
    assert!(host.take_log().is_empty());
    host.settle().await;
    assert_eq!(host.take_log(), ["done"]);
}

#[test]
fn seeds_repeat_and_differ() {
    let draw = |seed| {
        let mut bytes = [0; 20];
        SeededRandom::new(seed).fill(&mut bytes);
        bytes
    };
    assert_eq!(draw(1), draw(1));
    assert_ne!(draw(1), draw(2));
}
