//! When a delivery is tried again: ten attempts in a little over three days.

use chrono::{DateTime, TimeDelta, Utc};

/// The wait after each failed attempt, in seconds; the first attempt waits for nothing.
///
/// Source: Standard Webhooks 1.0, "Retry schedule": 5 s, 5 min, 30 min, 2 h, 5 h, 10 h, 14 h, 20 h, 24 h.
const WAITS_SECONDS: [u32; 9] = [5, 300, 1_800, 7_200, 18_000, 36_000, 50_400, 72_000, 86_400];

/// How many attempts a delivery has.
pub const ATTEMPTS: usize = WAITS_SECONDS.len() + 1;

/// When to try again after so many failed attempts, the last of them at `failed_at`; `None` once all are used up.
#[must_use]
pub fn next_attempt(attempts: u32, failed_at: DateTime<Utc>) -> Option<DateTime<Utc>> {
    let index = usize::try_from(attempts.checked_sub(1)?).ok()?;
    let wait = TimeDelta::seconds(i64::from(*WAITS_SECONDS.get(index)?));
    failed_at.checked_add_signed(wait)
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    #[test]
    fn ten_attempts_take_75_hours_35_minutes_and_5_seconds() {
        let start = DateTime::UNIX_EPOCH;
        let mut attempts = vec![start];
        while let Some(next) = next_attempt(u32::try_from(attempts.len()).unwrap(), attempts[attempts.len() - 1]) {
            attempts.push(next);
        }
        assert_eq!(attempts.len(), ATTEMPTS);
        assert_eq!(attempts[1] - start, TimeDelta::seconds(5));
        assert_eq!(attempts[9] - start, TimeDelta::hours(75) + TimeDelta::minutes(35) + TimeDelta::seconds(5));
    }

    #[test]
    fn what_was_never_tried_has_no_next_time() {
        assert_eq!(next_attempt(0, DateTime::UNIX_EPOCH), None);
        assert_eq!(next_attempt(10, DateTime::UNIX_EPOCH), None);
        assert_eq!(next_attempt(u32::MAX, DateTime::UNIX_EPOCH), None);
    }

    proptest! {
        #[test]
        fn waits_only_grow(attempts in 1u32..12, at in 0i64..4_000_000_000) {
            let at = DateTime::from_timestamp(at, 0).unwrap();
            let wait = |attempts| next_attempt(attempts, at).map(|next| next - at);
            match (wait(attempts), wait(attempts + 1)) {
                (Some(this), Some(next)) => prop_assert!(TimeDelta::zero() < this && this < next),
                (None, Some(_)) => prop_assert!(false, "a schedule does not begin again"),
                (_, None) => {}
            }
        }
    }
}
