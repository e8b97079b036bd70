//! Counters: gathered in the instance, added to the store now and then, since instances are many and short-lived.
//!
//! What an instance holds when it is thrown away is lost: what it counted since it last wrote, thirty seconds at most while requests come.

use std::cell::RefCell;
use std::collections::BTreeMap;
use std::rc::Rc;

use chrono::{DateTime, TimeDelta, Utc};
use serde_json::{Value as Json, json};

use super::Seen;
use crate::error::Error;
use crate::ports::Sql;
use crate::sql::{Row, SqlError, Statement};

/// The upper ends of all latency buckets but the last, in milliseconds. Chosen: from what an edge function takes to what people wait for.
pub const BOUNDS_MILLIS: [u32; 9] = [10, 50, 100, 250, 500, 1_000, 2_000, 5_000, 10_000];

/// How many buckets there are; the last has no end.
pub const BUCKETS: usize = BOUNDS_MILLIS.len() + 1;

/// How often an instance writes. Chosen: as often as Prometheus scrapes by the habit of most, and a few rows a minute.
const EVERY: TimeDelta = TimeDelta::seconds(30);

/// The most minutes that wait for a store that is away. Chosen: a day of one function; older ones go, and counters keep them.
const MOST_MINUTES: usize = 1_440;

/// What is counted.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum Family {
    /// Requests answered.
    Request,
    /// Ticks done.
    Tick,
    /// Deliveries tried.
    Delivery,
}

impl Family {
    /// The word in the database.
    #[must_use]
    pub const fn name(self) -> &'static str {
        match self {
            Self::Request => "request",
            Self::Tick => "tick",
            Self::Delivery => "delivery",
        }
    }
}

/// One counter's name: closed words only.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub struct Series {
    /// What is counted.
    pub family: Family,
    /// By which function; empty where that is chance.
    pub function: &'static str,
    /// At which route's template.
    pub route: &'static str,
    /// By which method.
    pub method: &'static str,
    /// With which outcome.
    pub outcome: &'static str,
}

/// What was counted.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct Tally {
    /// How many.
    pub count: u64,
    /// Of them, our own faults.
    pub faults: u64,
    /// What they took, together.
    pub millis: u64,
    /// How many of them took how long.
    pub buckets: [u64; BUCKETS],
}

impl Tally {
    fn add(&mut self, millis: u32, is_fault: bool) {
        self.count += 1;
        self.faults += u64::from(is_fault);
        self.millis += u64::from(millis);
        if let Some(bucket) = self.buckets.get_mut(BOUNDS_MILLIS.partition_point(|bound| *bound < millis)) {
            *bucket += 1;
        }
    }

    /// Both together.
    pub fn merge(&mut self, other: &Self) {
        self.count += other.count;
        self.faults += other.faults;
        self.millis += other.millis;
        for (mine, theirs) in self.buckets.iter_mut().zip(other.buckets) {
            *mine += theirs;
        }
    }

    /// The counts and the buckets of a row; what it took together and faults are read by whoever asked for them.
    ///
    /// Errors: `Column` if the row is of another statement.
    pub fn read(row: &Row<'_>) -> Result<Self, SqlError> {
        const COLUMNS: [&str; BUCKETS] =
            ["bucket_0", "bucket_1", "bucket_2", "bucket_3", "bucket_4", "bucket_5", "bucket_6", "bucket_7", "bucket_8", "bucket_9"];
        let whole = |name| row.integer(name).map(|n| u64::try_from(n).unwrap_or_default());
        let mut tally = Self { count: whole("count")?, ..Self::default() };
        for (bucket, column) in tally.buckets.iter_mut().zip(COLUMNS) {
            *bucket = whole(column)?;
        }
        Ok(tally)
    }
}

/// What one instance has counted and not written yet: the same for every request that the instance serves.
#[derive(Debug, Clone, Default)]
pub struct Meter(Rc<RefCell<Gathered>>);

type Totals = BTreeMap<Series, Tally>;
/// By the minute's beginning and the function.
type Minutes = BTreeMap<(i64, &'static str), Tally>;

#[derive(Debug, Default)]
struct Gathered {
    totals: Totals,
    minutes: Minutes,
    written_at: Option<DateTime<Utc>>,
}

impl Meter {
    /// Whether both count into one.
    #[must_use]
    pub fn is_same(&self, other: &Self) -> bool {
        Rc::ptr_eq(&self.0, &other.0)
    }

    /// Counts a request.
    pub(crate) fn request(&self, seen: &Seen, now: DateTime<Utc>) {
        let Seen { function, route, method, outcome, millis, .. } = *seen;
        let mut gathered = self.0.borrow_mut();
        let series = Series { family: Family::Request, function, route, method, outcome };
        gathered.totals.entry(series).or_default().add(millis, seen.is_fault());
        gathered.minutes.entry((minute(now), function)).or_default().add(millis, seen.is_fault());
        while gathered.minutes.len() > MOST_MINUTES {
            gathered.minutes.pop_first();
        }
    }

    /// Counts a tick.
    pub(crate) fn tick(&self, function: &'static str, outcome: &'static str, millis: u32) {
        let series = Series { family: Family::Tick, function, route: "", method: "", outcome };
        self.0.borrow_mut().totals.entry(series).or_default().add(millis, false);
    }

    /// Whether it is time to write; whoever hears yes does it, and nobody else for a while.
    pub(crate) fn claim(&self, now: DateTime<Utc>) -> bool {
        let mut gathered = self.0.borrow_mut();
        let is_due = gathered.written_at.is_none_or(|at| (now - at).abs() >= EVERY);
        if is_due {
            gathered.written_at = Some(now);
        }
        is_due
    }

    fn take(&self) -> (Totals, Minutes) {
        let mut gathered = self.0.borrow_mut();
        (std::mem::take(&mut gathered.totals), std::mem::take(&mut gathered.minutes))
    }

    fn give_back(&self, totals: Totals, minutes: Minutes) {
        let mut gathered = self.0.borrow_mut();
        for (series, tally) in totals {
            gathered.totals.entry(series).or_default().merge(&tally);
        }
        for (minute, tally) in minutes {
            gathered.minutes.entry(minute).or_default().merge(&tally);
        }
    }
}

/// Adds what was gathered to the store, in one batch; what could not be written is kept for the next time. A store that wrote and could not say so
/// counts it twice.
///
/// Errors: as the store.
pub async fn flush(sql: &impl Sql, meter: &Meter) -> Result<(), Error> {
    let (totals, minutes) = meter.take();
    let mut statements = Vec::new();
    if !totals.is_empty() {
        statements.push(add_totals(totals.iter().map(|(series, tally)| (*series, tally))));
    }
    if !minutes.is_empty() {
        statements.push(add_minutes(&minutes));
    }
    if statements.is_empty() {
        return Ok(());
    }
    let outcome = sql.batch(statements).await;
    if outcome.is_err() {
        meter.give_back(totals, minutes);
    }
    outcome.map(drop).map_err(Error::from)
}

/// Counts something whose own batch this goes into.
#[must_use]
pub fn record(series: Series) -> Statement {
    let mut tally = Tally::default();
    tally.add(0, false);
    add_totals(std::iter::once((series, &tally)))
}

/// The beginning of a minute, in Unix milliseconds.
pub(super) fn minute(at: DateTime<Utc>) -> i64 {
    at.timestamp_millis().div_euclid(60_000) * 60_000
}

fn add_totals<'a>(totals: impl Iterator<Item = (Series, &'a Tally)>) -> Statement {
    let rows: Json = totals
        .map(|(series, tally)| {
            let Series { family, function, route, method, outcome } = series;
            json!([family.name(), function, route, method, outcome, tally.count, tally.millis, tally.buckets])
        })
        .collect();
    Statement::new(
        "INSERT INTO metric_totals (family, function, route, method, outcome, count, millis, bucket_0, bucket_1, bucket_2, bucket_3, bucket_4, \
           bucket_5, bucket_6, bucket_7, bucket_8, bucket_9) \
         SELECT value ->> '$[0]', value ->> '$[1]', value ->> '$[2]', value ->> '$[3]', value ->> '$[4]', value ->> '$[5]', value ->> '$[6]', \
           value ->> '$[7][0]', value ->> '$[7][1]', value ->> '$[7][2]', value ->> '$[7][3]', value ->> '$[7][4]', value ->> '$[7][5]', \
           value ->> '$[7][6]', value ->> '$[7][7]', value ->> '$[7][8]', value ->> '$[7][9]' FROM json_each(?1) WHERE true \
         ON CONFLICT (family, function, route, method, outcome) DO UPDATE SET count = count + excluded.count, millis = millis + excluded.millis, \
           bucket_0 = bucket_0 + excluded.bucket_0, bucket_1 = bucket_1 + excluded.bucket_1, bucket_2 = bucket_2 + excluded.bucket_2, \
           bucket_3 = bucket_3 + excluded.bucket_3, bucket_4 = bucket_4 + excluded.bucket_4, bucket_5 = bucket_5 + excluded.bucket_5, \
           bucket_6 = bucket_6 + excluded.bucket_6, bucket_7 = bucket_7 + excluded.bucket_7, bucket_8 = bucket_8 + excluded.bucket_8, \
           bucket_9 = bucket_9 + excluded.bucket_9",
    )
    .bind(rows.to_string())
}

fn add_minutes(minutes: &Minutes) -> Statement {
    let rows: Json =
        minutes.iter().map(|((minute, function), tally)| json!([minute, function, tally.count, tally.faults, tally.buckets])).collect();
    Statement::new(
        "INSERT INTO metric_minutes (minute, function, count, faults, bucket_0, bucket_1, bucket_2, bucket_3, bucket_4, bucket_5, bucket_6, bucket_7, \
           bucket_8, bucket_9) \
         SELECT value ->> '$[0]', value ->> '$[1]', value ->> '$[2]', value ->> '$[3]', \
           value ->> '$[4][0]', value ->> '$[4][1]', value ->> '$[4][2]', value ->> '$[4][3]', value ->> '$[4][4]', value ->> '$[4][5]', \
           value ->> '$[4][6]', value ->> '$[4][7]', value ->> '$[4][8]', value ->> '$[4][9]' FROM json_each(?1) WHERE true \
         ON CONFLICT (minute, function) DO UPDATE SET count = count + excluded.count, faults = faults + excluded.faults, \
           bucket_0 = bucket_0 + excluded.bucket_0, bucket_1 = bucket_1 + excluded.bucket_1, bucket_2 = bucket_2 + excluded.bucket_2, \
           bucket_3 = bucket_3 + excluded.bucket_3, bucket_4 = bucket_4 + excluded.bucket_4, bucket_5 = bucket_5 + excluded.bucket_5, \
           bucket_6 = bucket_6 + excluded.bucket_6, bucket_7 = bucket_7 + excluded.bucket_7, bucket_8 = bucket_8 + excluded.bucket_8, \
           bucket_9 = bucket_9 + excluded.bucket_9",
    )
    .bind(rows.to_string())
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    #[track_caller]
    fn check(millis: u32, bucket: usize) {
        let mut tally = Tally::default();
        tally.add(millis, false);
        assert_eq!(tally.buckets.iter().position(|count| *count == 1), Some(bucket), "{millis} ms");
    }

    #[test]
    fn a_bucket_holds_its_upper_end() {
        check(0, 0);
        check(10, 0);
        check(11, 1);
        check(2_000, 6);
        check(10_000, 8);
        check(10_001, 9);
        check(u32::MAX, 9);
    }

    #[test]
    fn one_caller_writes_each_half_minute() {
        let meter = Meter::default();
        let at = |second| DateTime::from_timestamp(second, 0).unwrap();
        let claims = [0, 0, 29, 30, 31, 59, 60].map(|second| meter.claim(at(second)));
        assert_eq!(claims, [true, false, false, true, false, false, true]);
        assert!(meter.claim(at(0)), "a clock that was put back does not silence it");
    }

    proptest! {
        #[test]
        fn buckets_add_up_to_the_count(times in proptest::collection::vec(0u32..20_000, 0..50)) {
            let mut tally = Tally::default();
            for millis in &times {
                tally.add(*millis, millis % 2 == 0);
            }
            prop_assert_eq!(tally.count, times.len() as u64);
            prop_assert_eq!(tally.buckets.iter().sum::<u64>(), tally.count);
            prop_assert_eq!(tally.millis, times.iter().map(|it| u64::from(*it)).sum::<u64>());
            prop_assert!(tally.faults <= tally.count);
        }
    }
}
