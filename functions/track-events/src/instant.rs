//! Times as clients write them, and what a wrong clock does to them.

use chrono::{DateTime, NaiveDate, NaiveDateTime, TimeDelta, Utc};
use serde_json::Value as Json;

/// How wrong a device's clock may be before it is corrected. Below it, what looks like a wrong clock is a slow network.
///
/// Source: PostHog issue 98250: a correction that counts a stalled request as skew puts a device's own events out of order.
pub const TOLERANCE: TimeDelta = TimeDelta::minutes(5);

/// Reads a time: RFC 3339 and its loose relatives, RFC 2822, or Unix time in seconds, milliseconds or microseconds.
///
/// A time without an offset is UTC, as every published client means it.
#[must_use]
pub fn parse(value: &Json) -> Option<DateTime<Utc>> {
    match value {
        Json::Number(number) => unix(number.as_f64()?),
        Json::String(text) => text_time(text.trim()),
        _ => None,
    }
}

fn text_time(text: &str) -> Option<DateTime<Utc>> {
    if let Ok(time) = DateTime::parse_from_rfc3339(text).or_else(|_| DateTime::parse_from_rfc2822(text)) {
        return Some(time.to_utc());
    }
    if let Ok(time) =
        DateTime::parse_from_str(text, "%Y-%m-%dT%H:%M:%S%.f%z").or_else(|_| DateTime::parse_from_str(text, "%Y-%m-%d %H:%M:%S%.f%z"))
    {
        return Some(time.to_utc());
    }
    for format in ["%Y-%m-%dT%H:%M:%S%.f", "%Y-%m-%d %H:%M:%S%.f", "%Y-%m-%dT%H:%M"] {
        if let Ok(time) = NaiveDateTime::parse_from_str(text, format) {
            return Some(time.and_utc());
        }
    }
    if let Ok(day) = NaiveDate::parse_from_str(text, "%Y-%m-%d") {
        return day.and_hms_opt(0, 0, 0).map(|time| time.and_utc());
    }
    unix(text.parse().ok()?)
}

/// Unix time in the unit that puts it between 1973 and the year 5138.
fn unix(number: f64) -> Option<DateTime<Utc>> {
    let millis = match number.abs() {
        size if size < 1e11 => number * 1e3,
        size if size < 1e14 => number,
        _ => number / 1e3,
    };
    // In range of 64 bits by the comparison, and of dates by chrono's own check.
    #[allow(clippy::cast_possible_truncation)]
    let whole = (millis.is_finite() && millis.abs() < 1e15).then_some(millis.round() as i64)?;
    DateTime::from_timestamp_millis(whole)
}

/// How far a device's clock is from ours, if it is too far to be believed; rounded to the minute, so that two requests of one
/// device agree.
#[must_use]
pub fn skew(sent: Option<DateTime<Utc>>, received: DateTime<Utc>) -> TimeDelta {
    let Some(ahead) = sent.map(|sent| received - sent) else { return TimeDelta::zero() };
    if ahead.abs() <= TOLERANCE { TimeDelta::zero() } else { TimeDelta::minutes((ahead.num_seconds() as f64 / 60.0).round() as i64) }
}

/// When an event happened, by our clock. What would lie in the future happened when it was received.
#[must_use]
pub fn corrected(occurred: Option<DateTime<Utc>>, skew: TimeDelta, received: DateTime<Utc>) -> DateTime<Utc> {
    let Some(time) = occurred.and_then(|time| time.checked_add_signed(skew)) else { return received };
    if time > received + TOLERANCE { received } else { time }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    fn at(text: &str) -> DateTime<Utc> {
        text.parse().unwrap()
    }

    #[test]
    fn reads_what_clients_write() {
        let expect = at("2026-11-23T11:39:54.170Z");
        for value in [
            json!("2026-11-23T11:39:54.170Z"),
            json!("2026-11-23T11:39:54.170+00:00"),
            json!("2026-11-23T12:39:54.170+01:00"),
            json!("2026-11-23T12:39:54.170+0100"),
            json!("2026-11-23 11:39:54.170"),
            json!("2026-11-23T11:39:54.170"),
            json!(" 2026-11-23 11:39:54.170Z "),
            json!(1_795_433_994_170_i64),
            json!(1_795_433_994.170),
            json!("1795433994170"),
            json!(1_795_433_994_170_000_i64),
        ] {
            assert_eq!(parse(&value), Some(expect), "{value}");
        }
        assert_eq!(parse(&json!("Mon, 23 Nov 2026 11:39:54 GMT")), Some(at("2026-11-23T11:39:54Z")));
        assert_eq!(parse(&json!("2026-11-23")), Some(at("2026-11-23T00:00:00Z")));
        for value in [json!(null), json!(""), json!("yesterday"), json!({}), json!(1e300), json!("NaN"), json!("2026-13-01")] {
            assert_eq!(parse(&value), None, "{value}");
        }
    }

    #[test]
    fn a_slow_network_is_no_wrong_clock() {
        let now = at("2026-11-23T12:00:00Z");
        assert_eq!(skew(Some(now - TimeDelta::seconds(32)), now), TimeDelta::zero());
        assert_eq!(skew(Some(now - TimeDelta::minutes(5)), now), TimeDelta::zero());
        assert_eq!(skew(Some(now - TimeDelta::minutes(90) - TimeDelta::seconds(20)), now), TimeDelta::minutes(90));
        assert_eq!(skew(Some(now + TimeDelta::days(365)), now), -TimeDelta::days(365));
        assert_eq!(skew(None, now), TimeDelta::zero());
    }

    #[test]
    fn nothing_happens_in_the_future() {
        let now = at("2026-11-23T12:00:00Z");
        assert_eq!(corrected(Some(at("2038-01-19T03:14:07Z")), TimeDelta::zero(), now), now);
        assert_eq!(corrected(Some(at("1970-01-01T00:00:00Z")), TimeDelta::zero(), now), at("1970-01-01T00:00:00Z"));
        assert_eq!(corrected(None, TimeDelta::days(1), now), now);
        assert_eq!(corrected(Some(DateTime::<Utc>::MAX_UTC), TimeDelta::days(1), now), now);
    }
}
