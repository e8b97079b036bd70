//! The upper tail of the χ² distribution, for whole degrees of freedom. No general incomplete gamma function.

use std::f64::consts::PI;

/// The probability that a χ² variable with `degrees` degrees of freedom is `x` or more.
///
/// Source: Abramowitz & Stegun 1964, 26.4.4 and 26.4.5: finite sums for odd and even degrees.
pub fn survival(x: f64, degrees: u32) -> f64 {
    if x.is_nan() || x <= 0.0 || degrees == 0 {
        return 1.0;
    }
    let half = x / 2.0;
    // Terms are x/2 to the power of k over Γ(k + 1), times e^(−x/2), where k runs in whole steps from 0 or from ½.
    let (mut tail, mut term, mut k) = if degrees.is_multiple_of(2) {
        ((-half).exp(), (-half).exp(), 0.0)
    } else {
        (upper_normal(x.sqrt()), (-half).exp() * (half / PI).sqrt() * 2.0, 0.5)
    };
    if degrees > 2 && !degrees.is_multiple_of(2) {
        tail += term;
    }
    let last = f64::from(degrees) / 2.0 - 1.0;
    while k + 1.0 <= last {
        k += 1.0;
        term *= half / k;
        tail += term;
    }
    tail.clamp(0.0, 1.0)
}

/// Twice the upper tail of the normal distribution beyond `z` > 0: by its series near the middle, by its continued fraction
/// in the tail, where the series would lose its digits. Source: Abramowitz & Stegun 1964, 26.2.11 and 26.2.14.
fn upper_normal(z: f64) -> f64 {
    let density = (-z * z / 2.0).exp() / (2.0 * PI).sqrt();
    if z < 3.0 {
        let (mut sum, mut term, mut odd) = (z, z, 1.0);
        while term > sum * f64::EPSILON {
            odd += 2.0;
            term *= z * z / odd;
            sum += term;
        }
        1.0 - 2.0 * density * sum
    } else {
        let fraction = (1..=FRACTION_TERMS).rev().fold(z, |tail, k| z + f64::from(k) / tail);
        2.0 * density / fraction
    }
}

/// Enough for full precision from 3 on: a test compares with reference values there.
const FRACTION_TERMS: u32 = 120;

#[cfg(test)]
mod tests {
    use super::*;

    /// Reference values: regularised upper incomplete gamma Q(degrees/2, x/2) by mpmath with 25 digits.
    #[test]
    fn agrees_with_reference_values() {
        let cases = [
            (1, 0.5, 0.479_500_122_186_953),
            (1, 3.841_458_820_694_124, 0.05),
            (1, 8.999, 0.002_701_273_756_498_03),
            (1, 9.001, 0.002_698_319_190_735_04),
            (1, 10.827_566_170_662_733, 0.001),
            (1, 100.0, 1.523_970_604_832_11e-23),
            (2, 5.991_464_547_107_979, 0.05),
            (3, 7.814_727_903_251_179, 0.05),
            (4, 3.0, 0.557_825_400_371_075),
            (5, 20.0, 0.001_249_730_563_031_38),
            (10, 18.307_038_053_275_146, 0.05),
            (19, 1.0, 0.999_999_999_224_061),
            (100, 124.342, 0.050_000_715_769_971_8),
        ];
        for (degrees, x, expected) in cases {
            let actual = survival(x, degrees);
            assert!((actual - expected).abs() <= expected * 1e-11, "χ²({degrees}) beyond {x}: {actual:e}, not {expected:e}");
        }
    }

    #[test]
    fn falls_from_one_to_nothing() {
        for degrees in 1..=20 {
            assert_eq!(survival(0.0, degrees), 1.0);
            let tails: Vec<_> = (0..2_000).map(|i| survival(f64::from(i) / 10.0, degrees)).collect();
            assert!(tails.windows(2).all(|pair| pair[1] <= pair[0]), "{degrees}");
            assert!(survival(2_000.0, degrees) < 1e-100);
        }
        assert_eq!(survival(f64::INFINITY, 1), 0.0);
        assert_eq!(survival(f64::NAN, 1), 1.0);
    }
}
