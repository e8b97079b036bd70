//! What a rule's look asks the store, and what its answer comes to.

use chrono::{DateTime, Utc};

use super::{Measure, Reading, Rule};
use crate::operations::meter::{BOUNDS_MILLIS, Tally, minute};
use crate::sites::SiteId;
use crate::sql::{Rows, SqlError, Statement};

/// The question.
#[must_use]
pub fn ask(rule: &Rule, site: &SiteId, now: DateTime<Utc>) -> Statement {
    let since = now - rule.window();
    match rule.measure {
        Measure::ErrorRate | Measure::P95 => Statement::new(
            "SELECT coalesce(sum(count), 0) AS count, coalesce(sum(faults), 0) AS faults, coalesce(sum(bucket_0), 0) AS bucket_0, \
               coalesce(sum(bucket_1), 0) AS bucket_1, coalesce(sum(bucket_2), 0) AS bucket_2, coalesce(sum(bucket_3), 0) AS bucket_3, \
               coalesce(sum(bucket_4), 0) AS bucket_4, coalesce(sum(bucket_5), 0) AS bucket_5, coalesce(sum(bucket_6), 0) AS bucket_6, \
               coalesce(sum(bucket_7), 0) AS bucket_7, coalesce(sum(bucket_8), 0) AS bucket_8, coalesce(sum(bucket_9), 0) AS bucket_9 \
             FROM metric_minutes WHERE minute >= ?1 AND (?2 IS NULL OR function = ?2)",
        )
        .bind(minute(since))
        .bind(rule.function.as_deref()),
        Measure::OutboxAge => {
            Statement::new("SELECT min(next_at) AS due FROM outbox WHERE status = 'pending' AND next_at <= ?1 AND site_id = ?2")
                .bind(now)
                .bind(site)
        }
        Measure::SlaBreaches => Statement::new(
            "SELECT count(*) AS n FROM ticket_events WHERE kind = 'alarm' AND created_at > ?1 AND site_id = ?2 \
               AND data ->> '$.key' LIKE '%:breach'",
        )
        .bind(since)
        .bind(site),
    }
}

/// The answer.
///
/// Errors: `Column` if the rows are of another statement.
pub fn hear(rule: &Rule, rows: &Rows, now: DateTime<Utc>) -> Result<Reading, SqlError> {
    let row = rows.first().ok_or(SqlError::Column { name: "count", expected: "to be there" })?;
    // Counts and seconds: far below 2^53.
    #[allow(clippy::cast_precision_loss)]
    let number = |n: i64| n as f64;
    Ok(match rule.measure {
        Measure::ErrorRate | Measure::P95 => {
            let mut tally = Tally::read(&row)?;
            tally.faults = u64::try_from(row.integer("faults")?).unwrap_or_default();
            let value = if rule.measure == Measure::P95 { percentile(&tally, 0.95) } else { share(tally.faults, tally.count) };
            Reading { value, requests: Some(tally.count) }
        }
        Measure::OutboxAge => {
            let late = row.optional_time("due")?.map_or(0, |due| (now - due).num_seconds().max(0));
            Reading { value: number(late), requests: None }
        }
        Measure::SlaBreaches => Reading { value: number(row.integer("n")?), requests: None },
    })
}

#[allow(clippy::cast_precision_loss)] // Counts: far below 2^53.
fn share(part: u64, whole: u64) -> f64 {
    if whole == 0 { 0.0 } else { part as f64 / whole as f64 }
}

/// The value that so large a share of requests stays under, in milliseconds: along a straight line inside its bucket. What the last bucket holds is
/// told as its lower end.
///
/// Source: Prometheus, `histogram_quantile`.
#[allow(clippy::cast_precision_loss)] // Counts: far below 2^53.
fn percentile(tally: &Tally, part: f64) -> f64 {
    let total: u64 = tally.buckets.iter().sum();
    let wanted = part * total as f64;
    let (mut below, mut start) = (0.0, 0.0);
    for (bucket, end) in tally.buckets.iter().zip(BOUNDS_MILLIS) {
        let (inside, end) = (*bucket as f64, f64::from(end));
        if inside > 0.0 && below + inside >= wanted {
            return start + (end - start) * (wanted - below) / inside;
        }
        (below, start) = (below + inside, end);
    }
    if total == 0 { 0.0 } else { start }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    #[track_caller]
    fn check(buckets: [u64; 10], expect: f64) {
        let value = percentile(&Tally { buckets, ..Tally::default() }, 0.95);
        assert!((value - expect).abs() < 1e-9, "{buckets:?}: {value}");
    }

    #[test]
    fn percentiles_stand_on_a_line_inside_their_bucket() {
        check([0; 10], 0.0);
        check([100, 0, 0, 0, 0, 0, 0, 0, 0, 0], 9.5);
        check([90, 10, 0, 0, 0, 0, 0, 0, 0, 0], 30.0);
        check([0, 0, 0, 0, 0, 0, 0, 0, 0, 7], 10_000.0);
        check([95, 0, 0, 0, 0, 0, 0, 0, 0, 5], 10.0);
    }

    proptest! {
        #[test]
        fn more_slow_requests_never_make_it_faster(buckets in proptest::array::uniform10(0u64..1_000), more in 1u64..1_000) {
            let before = percentile(&Tally { buckets, ..Tally::default() }, 0.95);
            let mut slower = buckets;
            slower[9] += more;
            let after = percentile(&Tally { buckets: slower, ..Tally::default() }, 0.95);
            prop_assert!(after >= before - 1e-9);
        }
    }
}
