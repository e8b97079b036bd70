//! The contracts of `Platform`, `Clock` and `Random`, number by number.

use std::cell::Cell;
use std::rc::Rc;
use std::time::Duration;

use chrono::TimeDelta;
use orilla_core::ports::{Binding, OpenError, Variable};
use orilla_core::{Clock, Platform, Random};

use crate::{Case, Outcome, claim, same};

/// A variable that whoever runs the suite sets to [`SET_VALUE`].
pub const SET: Variable = Variable("CONTRACT_SET");
/// Its value.
pub const SET_VALUE: &str = "ñ = \"as given\"";
/// A variable that whoever runs the suite sets to the empty string.
pub const EMPTY: Variable = Variable("CONTRACT_EMPTY");
/// A variable that nobody sets.
pub const UNSET: Variable = Variable("CONTRACT_UNSET");

/// `Platform` 1.
pub async fn missing_stores_are_named<P: Platform>(case: &Case<'_, P>) -> Outcome {
    let missing = Binding { workers: "CONTRACT_MISSING", spin: "contract-missing" };
    let is_named = |outcome: Result<(), OpenError>| outcome.is_err_and(|error| [missing.workers, missing.spin].contains(&error.name));
    claim(is_named(case.platform.sql(missing).map(drop)), "a missing SQL store was opened, or not named")?;
    claim(is_named(case.platform.kv(missing).map(drop)), "a missing key-value store was opened, or not named")
}

/// `Platform` 2.
pub async fn unset_and_empty_variables_are_none<P: Platform>(case: &Case<'_, P>) -> Outcome {
    same("a variable that is set", &case.platform.variable(SET)?, &Some(SET_VALUE.to_owned()))?;
    same("an empty variable", &case.platform.variable(EMPTY)?, &None)?;
    same("an unset variable", &case.platform.variable(UNSET)?, &None)
}

/// `Platform` 3.
pub async fn deferred_work_does_not_run_at_once<P: Platform>(case: &Case<'_, P>) -> Outcome {
    let has_run = Rc::new(Cell::new(false));
    let mark = has_run.clone();
    case.platform.defer(async move { mark.set(true) });
    claim(!has_run.get(), "deferred work ran while the answer was being made")
}

/// `Platform` 4.
pub async fn one_meter_counts_for_a_whole_instance<P: Platform>(case: &Case<'_, P>) -> Outcome {
    let meter = case.platform.meter();
    claim(meter.is_same(&case.platform.meter()), "two looks at the meter gave two")?;
    claim(meter.is_same(&case.platform.clone().meter()), "another request's platform counts elsewhere")
}

/// `Clock` 1.
pub async fn the_clock_shows_utc_in_milliseconds<P: Platform>(case: &Case<'_, P>) -> Outcome {
    let clock = case.platform.clock();
    let before = clock.now();
    let millis: i64 = case.fetch_text("/now").await?.parse()?;
    let peers = chrono::DateTime::from_timestamp_millis(millis).ok_or("the peer's time is none")?;
    let after = clock.now();
    same("a time to the millisecond", &before.timestamp_subsec_nanos().checked_rem(1_000_000), &Some(0))?;
    claim(after >= before, "the clock went backwards")?;
    // Both run on one machine; a Worker's clock may stand still meanwhile.
    let apart = (peers - before).abs();
    claim(apart < TimeDelta::seconds(30), format!("the clock is {apart} off"))
}

/// `Random` 1.
pub async fn random_bytes_never_repeat<P: Platform>(case: &Case<'_, P>) -> Outcome {
    let random = case.platform.random();
    let draw = |length| {
        let mut bytes = vec![0; length];
        random.fill(&mut bytes);
        bytes
    };
    let draws: std::collections::BTreeSet<_> = (0..1000).map(|_| draw(16)).collect();
    same("different draws of 16 bytes", &draws.len(), &1000)?;
    same("an empty draw", &draw(0), &Vec::new())?;
    // 65,536 is where `crypto.getRandomValues` stops taking more at a time.
    let long = draw(100_000);
    let ones: u32 = long.iter().map(|byte| byte.count_ones()).sum();
    // 800,000 bits: the bounds are 22 standard deviations (447) from the mean.
    claim((390_000..410_000).contains(&ones), format!("{ones} of 800,000 bits are set"))?;
    claim(long[65_536..].iter().any(|byte| *byte != 0), "the end of a long draw is empty")
}

/// How long a test waits for a peer that answers at once.
pub(crate) const PATIENCE: Duration = Duration::from_secs(5);
