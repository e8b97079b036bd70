//! Rates and medians, as answers give them. Pure.

/// A share of a whole to four places; `None` of nothing.
#[must_use]
pub fn rate(part: i64, whole: i64) -> Option<f64> {
    // Counts of rows are far below 2^53.
    (whole > 0).then(|| ((part as f64 / whole as f64) * 1e4).round() / 1e4)
}

/// The middle of these, or between the two in the middle; `None` of none. Their order is lost.
#[must_use]
pub fn median(values: &mut [i64]) -> Option<f64> {
    let (half, is_even) = (values.len() / 2, values.len().is_multiple_of(2));
    let (below, middle, _) = values.get(half).is_some().then(|| values.select_nth_unstable(half))?;
    let middle = *middle as f64;
    match below.iter().max().filter(|_| is_even) {
        Some(lower) => Some((*lower as f64).midpoint(middle)),
        None => Some(middle),
    }
}

/// Milliseconds as seconds.
#[must_use]
pub fn seconds(millis: f64) -> f64 {
    millis.round() / 1e3
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn rates_are_of_something() {
        assert_eq!([rate(1, 3), rate(3, 3), rate(0, 5), rate(0, 0)], [Some(0.3333), Some(1.0), Some(0.0), None]);
    }

    #[track_caller]
    fn check(mut values: Vec<i64>, expect: Option<f64>) {
        assert_eq!(median(&mut values), expect);
    }

    #[test]
    fn medians_stand_in_the_middle() {
        check(vec![], None);
        check(vec![7], Some(7.0));
        check(vec![9, 1], Some(5.0));
        check(vec![9, 1, 2], Some(2.0));
        check(vec![4, 4, 1, 2, 9, 3], Some(3.5));
    }
}
