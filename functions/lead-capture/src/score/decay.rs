//! How much of an occurrence is left after some time, in integers, so that every host rounds alike and a replay is byte-equal.

use chrono::TimeDelta;

/// What remains of one, in units of 2⁻³⁰: halves with every half-life, never rises with age.
///
/// A half-life of zero leaves nothing of the past and all of the present.
pub fn remaining(age: TimeDelta, half_life: TimeDelta) -> i64 {
    let age_ms = age.num_milliseconds().max(0).unsigned_abs();
    let half_life_ms = half_life.num_milliseconds().max(0).unsigned_abs();
    if age_ms == 0 {
        return ONE;
    }
    let (Some(halvings), Some(rest_ms)) = (age_ms.checked_div(half_life_ms), age_ms.checked_rem(half_life_ms)) else {
        return 0;
    };
    if halvings > u64::from(UNIT_BITS) {
        return 0;
    }
    let fraction = (u128::from(rest_ms) << FRACTION_BITS) / u128::from(half_life_ms.max(1));
    let steps = ROOTS.iter().enumerate().filter(|(bit, _)| fraction >> (FRACTION_BITS - 1 - bit) & 1 == 1);
    let left = steps.fold(ONE, |left, (_, root)| (left * root) >> UNIT_BITS);
    left >> halvings
}

/// Units to whole points, halves up.
pub fn round(units: i128) -> i64 {
    let points = (units + i128::from(ONE / 2)) >> UNIT_BITS;
    i64::try_from(points).unwrap_or(i64::MAX)
}

const UNIT_BITS: u32 = 30;
const ONE: i64 = 1 << UNIT_BITS;
const FRACTION_BITS: usize = 16;

/// 2 to the power of −1/2, −1/4, …, −1/65536, in units of 2⁻³⁰; computed, not measured.
const ROOTS: [i64; FRACTION_BITS] = [
    759_250_125,
    902_905_651,
    984_625_594,
    1_028_218_693,
    1_050_733_751,
    1_062_175_491,
    1_067_942_999,
    1_070_838_486,
    1_072_289_173,
    1_073_015_252,
    1_073_378_477,
    1_073_560_135,
    1_073_650_976,
    1_073_696_399,
    1_073_719_111,
    1_073_730_468,
];

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn halves_with_every_half_life() {
        let week = TimeDelta::days(7);
        for (weeks, expected) in [(0, ONE), (1, ONE / 2), (2, ONE / 4), (10, ONE / 1024), (30, 1), (31, 0), (10_000, 0)] {
            assert_eq!(remaining(week * weeks, week), expected, "{weeks} weeks");
        }
        assert_eq!(remaining(TimeDelta::seconds(-5), week), ONE);
        assert_eq!(remaining(TimeDelta::zero(), TimeDelta::zero()), ONE);
        assert_eq!(remaining(TimeDelta::seconds(1), TimeDelta::zero()), 0);
    }

    #[test]
    fn agrees_with_the_power_of_two_in_floating_point() {
        let half_life = TimeDelta::days(30);
        for hours in 0..3_000 {
            let expected = (-f64::from(hours) / 720.0).exp2();
            let actual = remaining(TimeDelta::hours(i64::from(hours)), half_life) as f64 / ONE as f64;
            assert!((actual - expected).abs() < 2e-5, "{hours} h: {actual} against {expected}");
        }
    }

    #[test]
    fn never_rises_with_age() {
        let half_life = TimeDelta::minutes(90);
        let left: Vec<_> = (0..200_000).map(|seconds| remaining(TimeDelta::seconds(seconds), half_life)).collect();
        assert!(left.windows(2).all(|pair| pair[0] >= pair[1]));
    }

    #[test]
    fn rounds_halves_up() {
        for (units, expected) in [(0, 0), (ONE / 2 - 1, 0), (ONE / 2, 1), (ONE, 1), (3 * ONE / 2, 2), (-3 * ONE, -3)] {
            assert_eq!(round(i128::from(units)), expected);
        }
    }
}
