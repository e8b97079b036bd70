//! Whether something comes more often than before, or only seems to.

/// How probable it is that of `all` that came, `recent` or more came in a part of the time that is `part` of it, if they come as often as ever.
///
/// Counts of two stretches of time with one rate, given their sum, are binomial.
///
/// Errors: none; 1 for what says nothing, such as a part of 0 or more than came.
/// Source: Przyborowski & Wilenski 1940; the sum of the upper tail.
#[must_use]
pub fn chance(recent: u32, all: u32, part: f64) -> f64 {
    if recent == 0 || recent > all || !(part > 0.0 && part < 1.0) {
        return 1.0;
    }
    let (yes, no) = (part.ln(), (1.0 - part).ln());
    // ln of all! / (k! (all − k)!), from k = 0 on.
    let mut choices = 0.0_f64;
    let mut sum = 0.0;
    for count in 0..=all {
        if count > 0 {
            choices += (f64::from(all - count + 1) / f64::from(count)).ln();
        }
        if count >= recent {
            sum += (choices + f64::from(count) * yes + f64::from(all - count) * no).exp();
        }
    }
    sum.min(1.0)
}

/// Chances as they are worth where many were looked at: the more are looked at, the likelier one of them is small by chance.
///
/// Source: Holm 1979: the smallest times how many there are, the next times one less, none below one before it.
#[must_use]
pub fn corrected(chances: &[f64]) -> Vec<f64> {
    let mut order: Vec<usize> = (0..chances.len()).collect();
    order.sort_by(|a, b| chances[*a].total_cmp(&chances[*b]));
    let mut corrected = vec![1.0; chances.len()];
    let mut least = 0.0_f64;
    for (rank, at) in order.into_iter().enumerate() {
        least = least.max((chances[at] * (chances.len() - rank) as f64).min(1.0));
        corrected[at] = least;
    }
    corrected
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    #[track_caller]
    fn check(recent: u32, all: u32, part: f64, expect: f64) {
        assert!((chance(recent, all, part) - expect).abs() < 1e-9, "{}", chance(recent, all, part));
    }

    #[test]
    fn a_chance_is_the_tail_of_a_binomial() {
        check(1, 1, 0.25, 0.25);
        check(3, 3, 0.5, 0.125);
        // 1 − (0.9⁵ + 5 × 0.1 × 0.9⁴).
        check(2, 5, 0.1, 0.081_46);
        check(0, 9, 0.1, 1.0);
        check(9, 3, 0.1, 1.0);
        check(2, 5, 0.0, 1.0);
        check(2, 5, f64::NAN, 1.0);
    }

    #[test]
    fn many_chances_are_worth_less() {
        assert_eq!(corrected(&[0.01, 0.04, 0.03, 0.9]), [0.04, 0.09, 0.09, 0.9]);
        assert_eq!(corrected(&[]), [] as [f64; 0]);
    }

    proptest! {
        #[test]
        fn more_is_never_likelier(all in 0_u32..2_000, part in 0.01_f64..0.99, recent in 0_u32..2_000) {
            let (one, next) = (chance(recent, all, part), chance(recent + 1, all, part));
            prop_assert!((0.0..=1.0).contains(&one));
            prop_assert!(next <= one + 1e-12 || recent + 1 > all);
        }

        #[test]
        fn a_correction_keeps_the_order(chances in prop::collection::vec(0.0_f64..1.0, 0..12)) {
            let corrected = corrected(&chances);
            for (a, b) in chances.iter().zip(&corrected) {
                prop_assert!(b >= a && *b <= 1.0);
            }
        }
    }
}
