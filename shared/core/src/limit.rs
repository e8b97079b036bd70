//! Rate limits: so many hits per key and window, counted atomically in the SQL store on every host.

use std::time::Duration;

use chrono::{DateTime, TimeDelta, Utc};

use crate::error::Error;
use crate::sql::{Rows, SqlError, Statement};

/// How many hits a key may have within one window.
///
/// # Contract
///
/// 1. A window opens with a key's first hit and ends `window` later; the next hit opens a new one.
/// 2. Hits up to `hits` pass, those beyond are [`Exceeded`] until the window ends.
/// 3. Refused hits count, but lengthen nothing: whoever waits as long as told gets through.
/// 4. Hits that race are each counted: one statement reads and writes.
/// 5. Hits on several keys, of different limits, go in one batch; keys are apart from one another.
/// 6. Rows of ended windows go with the tick.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Limit {
    /// How many pass.
    pub hits: u32,
    /// Within how long.
    pub window: Duration,
}

/// Too many hits.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Exceeded {
    /// When the window ends, from now.
    pub retry_after: Duration,
}

impl From<Exceeded> for Error {
    fn from(exceeded: Exceeded) -> Self {
        Self::too_many(exceeded.retry_after)
    }
}

impl Limit {
    /// Counts one hit. `key` names site, subject and visitor; never put a plain address into it.
    #[must_use]
    pub fn hit(self, key: &str, now: DateTime<Utc>) -> Statement {
        self.add(1, key, now)
    }

    /// Reads what was counted so far, and counts nothing.
    #[must_use]
    pub fn look(self, key: &str, now: DateTime<Utc>) -> Statement {
        self.add(0, key, now)
    }

    fn add(self, hits: u32, key: &str, now: DateTime<Utc>) -> Statement {
        let window = TimeDelta::from_std(self.window).unwrap_or(TimeDelta::MAX);
        let expires = now.checked_add_signed(window).unwrap_or(now);
        Statement::new(
            "INSERT INTO limits (key, window_start, count, expires_at) VALUES (?1, ?2, ?4, ?3) \
             ON CONFLICT (key) DO UPDATE SET \
               count = CASE WHEN limits.expires_at <= ?2 THEN ?4 ELSE limits.count + ?4 END, \
               window_start = CASE WHEN limits.expires_at <= ?2 THEN ?2 ELSE limits.window_start END, \
               expires_at = CASE WHEN limits.expires_at <= ?2 THEN ?3 ELSE limits.expires_at END \
             RETURNING count, expires_at",
        )
        .bind(key)
        .bind(now)
        .bind(expires)
        .bind(hits)
    }

    /// What the rows of [`Self::hit`] say.
    ///
    /// Errors: `Column` if they are of another statement.
    pub fn read(self, rows: &Rows, now: DateTime<Utc>) -> Result<Option<Exceeded>, SqlError> {
        let row = rows.first().ok_or(SqlError::Column { name: "count", expected: "to be there" })?;
        if row.integer("count")? <= i64::from(self.hits) {
            return Ok(None);
        }
        let wait = (row.time("expires_at")? - now).to_std().unwrap_or_default();
        Ok(Some(Exceeded { retry_after: whole_seconds(wait) }))
    }
}

/// Rounds up: a caller who comes back a fraction early would be refused again.
fn whole_seconds(wait: Duration) -> Duration {
    Duration::from_secs(wait.as_secs() + u64::from(wait.subsec_nanos() > 0))
}

/// Forgets windows that have ended.
#[must_use]
pub fn forget_ended(now: DateTime<Utc>) -> Statement {
    Statement::new("DELETE FROM limits WHERE expires_at <= ?1 RETURNING 1 AS gone").bind(now)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::ids::RequestId;
    use crate::problem;
    use crate::sql::Value;
    use crate::testing::Sevens;

    const LIMIT: Limit = Limit { hits: 20, window: Duration::from_secs(60) };

    #[track_caller]
    fn check(count: i64, ends_in_millis: i64, expect: Option<u64>) {
        let now = DateTime::from_timestamp_millis(1_700_000_000_000).unwrap();
        let columns = ["count".to_owned(), "expires_at".to_owned()];
        let values = vec![vec![Value::Integer(count), Value::from(now + TimeDelta::milliseconds(ends_in_millis))]];
        let exceeded = LIMIT.read(&Rows { columns: columns.into(), values }, now).unwrap();
        assert_eq!(exceeded.map(|e| e.retry_after), expect.map(Duration::from_secs));
    }

    #[test]
    fn hits_beyond_the_limit_wait_for_the_end_of_the_window() {
        check(1, 60_000, None);
        check(20, 1, None);
        check(21, 60_000, Some(60));
        check(21, 59_001, Some(60));
        check(500, 1, Some(1));
        check(21, -5, Some(0));
    }

    #[test]
    fn the_answer_is_429_with_retry_after() {
        let error = Error::from(Exceeded { retry_after: Duration::from_secs(37) });
        let response = problem::response(&error, RequestId::new(DateTime::UNIX_EPOCH, &Sevens));
        assert_eq!((response.status().as_u16(), &response.headers()["retry-after"]), (429, &"37".parse().unwrap()));
        let error = Error::from(Exceeded { retry_after: Duration::ZERO });
        let response = problem::response(&error, RequestId::new(DateTime::UNIX_EPOCH, &Sevens));
        assert_eq!(&response.headers()["retry-after"], "1");
    }

    #[test]
    fn an_endless_window_does_not_overflow() {
        let endless = Limit { hits: 1, window: Duration::MAX };
        assert!(endless.hit("k", DateTime::UNIX_EPOCH).check().is_ok());
    }
}
