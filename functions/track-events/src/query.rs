//! What the questions of this function have in common: lists and lengths of time.

use chrono::TimeDelta;
use orilla_core::Request;

/// Every value of a query parameter that may stand more than once, in order.
#[must_use]
pub fn all(request: &Request, name: &str) -> Vec<String> {
    let pairs = url::form_urlencoded::parse(request.uri.query().unwrap_or_default().as_bytes());
    pairs.filter(|(key, _)| key == name).map(|(_, value)| value.into_owned()).collect()
}

/// Reads `30m`, `24h`, `7d` or `2w`: a whole number above none, and its unit.
#[must_use]
pub fn length(text: &str) -> Option<TimeDelta> {
    let (count, unit) = text.split_at_checked(text.len().checked_sub(1)?)?;
    // Five digits of weeks are within what a length of time holds.
    let count: i64 = count
        .bytes()
        .all(|byte| byte.is_ascii_digit())
        .then(|| count.parse().ok())
        .flatten()
        .filter(|count| (1..=99_999).contains(count))?;
    Some(match unit {
        "m" => TimeDelta::minutes(count),
        "h" => TimeDelta::hours(count),
        "d" => TimeDelta::days(count),
        "w" => TimeDelta::weeks(count),
        _ => return None,
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn lengths_are_a_number_and_a_unit() {
        let read = |text: &str| length(text).map(|length| length.num_minutes());
        assert_eq!(["30m", "24h", "7d", "2w"].map(read), [Some(30), Some(1_440), Some(10_080), Some(20_160)]);
        assert_eq!(["", "d", "7", "0d", "-7d", "+7d", "7 d", "7D", "1.5h", "7é", "999999999999999999w"].map(read), [None; 11]);
    }
}
