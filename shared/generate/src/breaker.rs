//! Who is not asked for a while because it failed again and again, and how much a site may still have written today.
//!
//! The state stands in two tables; here are the decisions on it and the statements, which go into a caller's own batches. Once the time is
//! over everybody may try again, and one failure more ends that at once.

use std::collections::BTreeMap;
use std::time::Duration;

use chrono::{DateTime, NaiveDate, Utc};
use orilla_core::sql::{Rows, SqlError, Statement};
use serde_json::json;

use super::stream::Usage;

/// Failures in a row from which on an endpoint is left alone. Chosen: one may be a hiccup, and each costs a visitor a time-out.
pub const MOST_FAILURES: u32 = 3;
/// For how long, the first time; each further failure doubles it. Chosen: a server restarts in less.
const FIRST_PAUSE: Duration = Duration::from_secs(30);
/// The longest pause, however often or whatever the server itself asks for. Chosen: a repaired server is used again within it.
const LONGEST_PAUSE: Duration = Duration::from_secs(15 * 60);
/// How many days of usage are kept. Chosen: what an operator compares with a month's bill.
const KEPT_DAYS: i64 = 92;

/// How an endpoint was lately.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct Health {
    /// Failures since it last succeeded.
    pub failures: u32,
    /// Until when it is left alone.
    pub open_until: Option<DateTime<Utc>>,
}

impl Health {
    /// Whether it is left alone.
    #[must_use]
    pub fn is_open(&self, now: DateTime<Utc>) -> bool {
        self.open_until.is_some_and(|until| now < until)
    }
}

/// What a site had written on one day.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct Spent {
    /// Its tokens.
    pub usage: Usage,
    /// How often a model was asked.
    pub calls: u32,
}

impl Spent {
    /// Whether a day's budget has no room for one more answer of at most so many tokens. What runs at the same time is not counted yet.
    #[must_use]
    pub const fn is_over(&self, daily_tokens: u32, most_tokens: u32) -> bool {
        self.usage.total().saturating_add(most_tokens) > daily_tokens
    }
}

/// Reads how endpoints were, and what a site spent: two statements, whose rows are for [`health`] and [`spent`].
#[must_use]
pub fn look(endpoints: &[&str], site: &str, day: NaiveDate) -> [Statement; 2] {
    let health =
        Statement::new("SELECT endpoint, failures, open_until FROM generator_health WHERE endpoint IN (SELECT value FROM json_each(?1))");
    let spent = Statement::new("SELECT prompt_tokens, completion_tokens, calls FROM generator_usage WHERE site_id = ?1 AND day = ?2");
    [health.bind(json!(endpoints).to_string()), spent.bind(site).bind(day.to_string())]
}

/// How each endpoint was that ever failed; of another the default holds.
///
/// Errors: `Column` for rows of another statement.
pub fn health(rows: &Rows) -> Result<BTreeMap<String, Health>, SqlError> {
    let read = |row: orilla_core::sql::Row<'_>| {
        let failures = u32::try_from(row.integer("failures")?).unwrap_or(u32::MAX);
        Ok((row.text("endpoint")?.to_owned(), Health { failures, open_until: Some(row.time("open_until")?) }))
    };
    rows.iter().map(read).collect()
}

/// What the site spent.
///
/// Errors: `Column` for rows of another statement.
pub fn spent(rows: &Rows) -> Result<Spent, SqlError> {
    let Some(row) = rows.first() else { return Ok(Spent::default()) };
    let number = |name| Ok::<_, SqlError>(u32::try_from(row.integer(name)?).unwrap_or(u32::MAX));
    let usage = Usage { prompt_tokens: number("prompt_tokens")?, completion_tokens: number("completion_tokens")? };
    Ok(Spent { usage, calls: number("calls")? })
}

/// Adds what one answer cost.
#[must_use]
pub fn charge(site: &str, day: NaiveDate, usage: Usage, calls: u32) -> Statement {
    Statement::new(
        "INSERT INTO generator_usage (site_id, day, prompt_tokens, completion_tokens, calls) VALUES (?1, ?2, ?3, ?4, ?5) \
         ON CONFLICT (site_id, day) DO UPDATE SET prompt_tokens = prompt_tokens + excluded.prompt_tokens, \
           completion_tokens = completion_tokens + excluded.completion_tokens, calls = calls + excluded.calls",
    )
    .bind(site)
    .bind(day.to_string())
    .bind(usage.prompt_tokens)
    .bind(usage.completion_tokens)
    .bind(calls)
}

/// Counts a failure; from the third in a row on the endpoint is left alone, for at least as long as it asked for itself.
#[must_use]
pub fn failed(endpoint: &str, now: DateTime<Utc>, retry_after: Option<Duration>) -> Statement {
    let asked = retry_after.map_or(now, |pause| now + pause.min(LONGEST_PAUSE));
    Statement::new(
        "INSERT INTO generator_health (endpoint, failures, open_until) VALUES (?1, 1, ?3) \
         ON CONFLICT (endpoint) DO UPDATE SET failures = failures + 1, open_until = max(?3, \
           CASE WHEN failures + 1 < ?4 THEN 0 ELSE ?2 + min(?5 * (1 << min(failures + 1 - ?4, 10)), ?6) END)",
    )
    .bind(endpoint)
    .bind(now)
    .bind(asked)
    .bind(MOST_FAILURES)
    .bind(millis(FIRST_PAUSE))
    .bind(millis(LONGEST_PAUSE))
}

/// Forgets an endpoint's failures.
#[must_use]
pub fn succeeded(endpoint: &str) -> Statement {
    Statement::new("DELETE FROM generator_health WHERE endpoint = ?1").bind(endpoint)
}

/// Removes usage that is past its time.
#[must_use]
pub fn forget(today: NaiveDate) -> Statement {
    let first = today - chrono::TimeDelta::days(KEPT_DAYS);
    Statement::new("DELETE FROM generator_usage WHERE day < ?1 RETURNING 1 AS gone").bind(first.to_string())
}

fn millis(pause: Duration) -> i64 {
    i64::try_from(pause.as_millis()).unwrap_or(i64::MAX)
}

#[cfg(test)]
mod tests {
    use orilla_core::ports::DB;
    use orilla_core::{Platform, Sql};
    use orilla_native::testing::TestHost;

    use super::*;

    fn at(seconds: i64) -> DateTime<Utc> {
        DateTime::from_timestamp(1_800_000_000 + seconds, 0).unwrap()
    }

    /// A store with the two tables, as the migration has them.
    struct Store(TestHost);

    impl Store {
        async fn new() -> Self {
            let store = Self(TestHost::new().await);
            store.run(Statement::new(
                "CREATE TABLE IF NOT EXISTS generator_health (endpoint TEXT PRIMARY KEY, failures INTEGER NOT NULL, open_until INTEGER NOT NULL)",
            )).await;
            store
                .run(Statement::new(
                    "CREATE TABLE IF NOT EXISTS generator_usage (site_id TEXT NOT NULL, day TEXT NOT NULL, prompt_tokens INTEGER NOT NULL, \
                 completion_tokens INTEGER NOT NULL, calls INTEGER NOT NULL, PRIMARY KEY (site_id, day))",
                ))
                .await;
            store
        }

        async fn run(&self, statement: Statement) -> Rows {
            self.0.sql(DB).unwrap().query(statement).await.unwrap()
        }

        async fn looked(&self, site: &str) -> (BTreeMap<String, Health>, Spent) {
            let [endpoints, usage] = look(&["a", "b"], site, day());
            (health(&self.run(endpoints).await).unwrap(), spent(&self.run(usage).await).unwrap())
        }
    }

    fn day() -> NaiveDate {
        NaiveDate::from_ymd_opt(2026, 11, 27).unwrap()
    }

    #[tokio::test]
    async fn three_failures_in_a_row_end_it_for_longer_and_longer() {
        let store = Store::new().await;
        let mut found = Vec::new();
        for failure in 0..10 {
            store.run(failed("a", at(failure), None)).await;
            let health = store.looked("s").await.0["a"];
            found.push(health.open_until.map_or(0, |until| (until - at(failure)).num_seconds().max(0)));
        }
        assert_eq!(found, [0, 0, 30, 60, 120, 240, 480, 900, 900, 900]);
        let health = store.looked("s").await.0["a"];
        assert!(health.is_open(at(900)) && !health.is_open(at(909)), "{health:?}");
        assert!(!store.looked("s").await.0.contains_key("b"));
        store.run(succeeded("a")).await;
        assert!(store.looked("s").await.0.is_empty());
    }

    #[tokio::test]
    async fn a_server_may_ask_for_a_pause() {
        let store = Store::new().await;
        store.run(failed("a", at(0), Some(Duration::from_secs(20)))).await;
        store.run(failed("b", at(0), Some(Duration::from_secs(1 << 40)))).await;
        let (health, _) = store.looked("s").await;
        assert!(health["a"].is_open(at(19)) && !health["a"].is_open(at(20)));
        assert!(health["b"].is_open(at(899)) && !health["b"].is_open(at(900)));
    }

    #[tokio::test]
    async fn usage_adds_up_by_site_and_day() {
        let store = Store::new().await;
        let usage = Usage { prompt_tokens: 700, completion_tokens: 90 };
        store.run(charge("s", day(), usage, 1)).await;
        store.run(charge("s", day(), usage, 2)).await;
        store.run(charge("other", day(), usage, 1)).await;
        store.run(charge("s", NaiveDate::from_ymd_opt(2026, 8, 1).unwrap(), usage, 1)).await;
        let (_, spent) = store.looked("s").await;
        assert_eq!(spent, Spent { usage: Usage { prompt_tokens: 1_400, completion_tokens: 180 }, calls: 3 });
        assert!(!spent.is_over(2_580, 1_000) && spent.is_over(2_579, 1_000) && spent.is_over(0, 0));
        assert_eq!(store.looked("nobody").await.1, Spent::default());
        assert_eq!((store.run(forget(day())).await.len(), store.looked("s").await.1), (1, spent));
    }
}
