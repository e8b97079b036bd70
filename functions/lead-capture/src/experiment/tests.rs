use proptest::prelude::*;

use super::comparison::SIGNIFICANT;
use super::*;

fn arm(id: &str, weight: u32, exposed: u64, converted: u64) -> Arm {
    Arm { id: id.to_owned(), weight, exposed, converted }
}

#[test]
fn a_visitor_keeps_a_variant_on_every_host() {
    // Reference: the first eight bytes of SHA-256 over "s|demo|v1", big-endian, are 0.6007… of 2⁶⁴; of "s|demo|v2", 0.3196….
    for (visitor, weights, expected) in [
        ("v1", &[1, 1][..], Some(1)),
        ("v2", &[1, 1], Some(0)),
        ("v1", &[60, 40], Some(1)),
        ("v1", &[61, 39], Some(0)),
        ("v2", &[0, 1], Some(1)),
        ("v2", &[31, 0, 69], Some(2)),
        ("v2", &[u32::MAX, u32::MAX, u32::MAX], Some(0)),
        ("v1", &[7], Some(0)),
        ("v1", &[0, 0], None),
        ("v1", &[], None),
    ] {
        assert_eq!(bucket("s", "demo", visitor, weights), expected, "{visitor} {weights:?}");
    }
}

#[test]
fn sites_and_experiments_split_independently() {
    let split = |site: &str, experiment: &str| -> Vec<_> {
        (0..2_000).map(|i| bucket(site, experiment, &format!("visitor-{i}"), &[1, 1])).collect()
    };
    let base = split("s", "demo");
    for other in [split("s", "other"), split("t", "demo")] {
        let same = base.iter().zip(&other).filter(|(a, b)| a == b).count();
        assert!((900..1_100).contains(&same), "{same} of 2000 alike");
    }
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(20))]
    #[test]
    fn visitors_are_split_by_weight(weights in prop::collection::vec(1..20_u32, 2..6), experiment in "[a-z]{1,12}") {
        let mut arms: Vec<_> = weights.iter().enumerate().map(|(i, weight)| arm(&i.to_string(), *weight, 0, 0)).collect();
        for visitor in 0..4_000 {
            let index = bucket("site", &experiment, &format!("v{visitor}"), &weights).unwrap();
            arms[index].exposed += 1;
        }
        let ratio = report(&experiment, &arms).sample_ratio;
        // Twenty cases at one in a million each: a failure is a defect.
        prop_assert!(ratio.p_value.unwrap() > 1e-6, "{:?}", arms);
    }

    #[test]
    fn more_weight_takes_no_visitor_away(visitor in ".{0,30}", weight in 1..1_000_u32, more in 1..1_000_u32) {
        let before = bucket("s", "e", &visitor, &[weight, 1_000]);
        let after = bucket("s", "e", &visitor, &[weight + more, 1_000]);
        prop_assert!(before != Some(0) || after == Some(0));
    }
}

#[test]
fn rates_come_with_wilson_intervals() {
    // Reference values by mpmath; 81 of 263 is the example of Newcombe 1998, table I.
    for (converted, exposed, low, high) in [
        (10, 100, 0.055_229_137_060_7, 0.174_365_661_505),
        (0, 10, 0.0, 0.277_532_799_863),
        (10, 10, 0.722_467_200_137, 1.0),
        (81, 263, 0.255_288_519_878, 0.366_209_576_983),
    ] {
        let (actual_low, actual_high) = wilson(converted, exposed).unwrap();
        assert!((actual_low - low).abs() < 1e-11 && (actual_high - high).abs() < 1e-11, "{converted} of {exposed}");
    }
    assert_eq!(wilson(0, 0), None);
}

#[test]
fn a_wrong_split_raises_the_alarm() {
    let ratio = |arms: &[Arm]| report("demo", arms).sample_ratio;
    let fair = ratio(&[arm("a", 1, 5_000, 0), arm("b", 1, 5_100, 0)]);
    assert!(!fair.is_mismatch && fair.p_value.unwrap() > 0.3);
    let wrong = ratio(&[arm("a", 1, 5_000, 0), arm("b", 1, 5_400, 0)]);
    assert!(wrong.is_mismatch && wrong.p_value.unwrap() < 0.0001);
    assert_eq!(wrong.degrees_of_freedom, 1);
    assert!((wrong.chi_squared.unwrap() - 15.384_615_384_615_4).abs() < 1e-9);
    assert!(!ratio(&[arm("a", 3, 7_500, 0), arm("b", 1, 2_500, 0)]).is_mismatch);
    assert!(ratio(&[arm("a", 3, 5_000, 0), arm("b", 1, 5_000, 0)]).is_mismatch);
    assert!(ratio(&[arm("a", 1, 100, 0), arm("b", 1, 100, 0), arm("off", 0, 3, 0)]).is_mismatch);
}

#[test]
fn too_few_visitors_say_nothing() {
    let report = report("demo", &[arm("a", 1, 9, 1), arm("b", 1, 0, 0)]);
    assert_eq!(report.sample_ratio, SampleRatio { chi_squared: None, degrees_of_freedom: 1, p_value: None, is_mismatch: false });
    assert_eq!((report.exposed, report.converted), (9, 1));
    assert_eq!((report.variants[1].rate, report.variants[1].rate_low), (None, None));
    assert_eq!((report.comparisons[0].p_value, report.comparisons[0].is_significant), (None, false));
    assert_eq!(super::report("demo", &[]).comparisons, []);
    assert_eq!(super::report("demo", &[arm("a", 1, 900, 1)]).sample_ratio.p_value, None);
}

#[test]
fn a_clear_difference_is_found_and_bounded() {
    let report = report("demo", &[arm("a", 1, 5_000, 500), arm("b", 1, 5_000, 650), arm("c", 1, 5_000, 510)]);
    let (b, c) = (&report.comparisons[0], &report.comparisons[1]);
    assert!(b.is_significant && b.p_value.unwrap() < 0.001 && b.difference_low.unwrap() > 0.0);
    assert!(!c.is_significant && c.difference_low.unwrap() < 0.0 && c.difference_high.unwrap() > 0.0);
    assert_eq!((b.variant.as_str(), b.control.as_str()), ("b", "a"));
    assert!((b.difference.unwrap() - 0.03).abs() < 1e-12);
}

#[test]
fn interval_and_p_value_agree() {
    for converted in 0..=400 {
        let report = report("demo", &[arm("a", 1, 1_000, 100), arm("b", 1, 1_000, converted)]);
        let comparison = &report.comparisons[0];
        let excludes_zero = comparison.difference_low.unwrap() > 0.0 || comparison.difference_high.unwrap() < 0.0;
        assert_eq!(comparison.is_significant, excludes_zero, "{converted}");
    }
}

/// Numbers that look random and never change: SplitMix64 (Steele, Lea & Flood 2014).
struct Numbers(u64);

impl Numbers {
    fn is_hit(&mut self, rate: f64) -> bool {
        self.0 = self.0.wrapping_add(0x9e37_79b9_7f4a_7c15);
        let mut z = self.0;
        z = (z ^ (z >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
        z = (z ^ (z >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
        float((z ^ (z >> 31)) >> 11) < rate * float(1 << 53)
    }
}

/// How many of 400 experiments somebody who looks every 100 visitors, 20 times, would stop for a winner.
fn stopped(base: f64, other: f64, is_winner: impl Fn(&[Arm; 2]) -> bool) -> usize {
    (0..400)
        .filter(|seed| {
            let mut numbers = Numbers(seed * 7_919);
            let mut arms = [arm("a", 1, 0, 0), arm("b", 1, 0, 0)];
            (0..20).any(|_| {
                for _ in 0..100 {
                    for (arm, rate) in arms.iter_mut().zip([base, other]) {
                        arm.exposed += 1;
                        arm.converted += u64::from(numbers.is_hit(rate));
                    }
                }
                is_winner(&arms)
            })
        })
        .count()
}

#[test]
fn daily_peeking_stays_within_the_promise() {
    let always_valid = |arms: &[Arm; 2]| report("demo", arms).comparisons[0].is_significant;
    let one_look = |arms: &[Arm; 2]| {
        let (a, b) = (arms[0].rate().unwrap(), arms[1].rate().unwrap());
        let pooled = f64::midpoint(a, b);
        (b - a).abs() / (2.0 * pooled * (1.0 - pooled) / float(arms[0].exposed)).sqrt() > Z_95
    };
    let promised = SIGNIFICANT * 400.0;
    let found = stopped(0.1, 0.1, always_valid);
    assert!(float(found as u64) <= promised, "{found} of 400");
    // The control: an ordinary test, looked at as often, breaks the promise by far, so this simulation can tell.
    assert!(float(stopped(0.1, 0.1, one_look) as u64) > 2.0 * promised);
    // And it finds what is there.
    assert!(stopped(0.1, 0.16, always_valid) > 380);
}
