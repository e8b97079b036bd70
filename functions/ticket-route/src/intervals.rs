//! How far a figure of few answers can be trusted: 95 % intervals of a share and of a net promoter score. Pure arithmetic.

use serde_json::{Value as Json, json};

/// The normal quantile of a 95 % interval.
const Z: f64 = 1.959_963_984_540_054;

/// From where to where a figure lies, most likely.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Interval {
    /// The least.
    pub low: f64,
    /// The most.
    pub high: f64,
}

impl Interval {
    /// Around `centre`, inside of `[least, most]`, and never without the figure itself.
    fn around(centre: f64, half: f64, figure: f64, [least, most]: [f64; 2]) -> Self {
        Self { low: (centre - half).clamp(least, most).min(figure), high: (centre + half).clamp(least, most).max(figure) }
    }

    /// Its ends, rounded to so many places.
    #[must_use]
    pub fn view(&self, places: i32) -> Json {
        json!({ "low": rounded(self.low, places), "high": rounded(self.high, places) })
    }
}

/// The interval of a share; `None` of nothing.
///
/// Source: Wilson 1927, "Probable inference, the law of succession, and statistical inference"; the one that Brown, Cai and DasGupta 2001 advise for
/// small numbers.
#[must_use]
pub fn wilson(part: u64, all: u64) -> Option<Interval> {
    if all == 0 {
        return None;
    }
    let (n, share) = (all as f64, part.min(all) as f64 / all as f64);
    let spread = 1.0 + Z * Z / n;
    let centre = (share + Z * Z / (2.0 * n)) / spread;
    let half = Z / spread * (share * (1.0 - share) / n + Z * Z / (4.0 * n * n)).sqrt();
    Some(Interval::around(centre, half, share, [0.0, 1.0]))
}

/// How many would recommend, would perhaps, would not.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct Nps {
    /// 9 and 10.
    pub promoters: u64,
    /// 7 and 8.
    pub passives: u64,
    /// 0 to 6.
    pub detractors: u64,
}

impl Nps {
    /// Everybody who answered.
    #[must_use]
    pub const fn answers(&self) -> u64 {
        self.promoters + self.passives + self.detractors
    }

    /// The per cent of promoters less the per cent of detractors; `None` of nothing.
    ///
    /// Source: Reichheld 2003, "The one number you need to grow".
    #[must_use]
    pub fn figure(&self) -> Option<f64> {
        let answers = self.answers();
        (answers > 0).then(|| 100.0 * (self.promoters as f64 - self.detractors as f64) / answers as f64)
    }

    /// Its interval: Wald's for the difference of two shares of one trinomial, as if three more had answered, one half of them passives.
    ///
    /// Source: Rocks 2016, "Interval Estimation for the 'Net Promoter Score'", The American Statistician 70 (4), whose adjusted Wald interval with 3
    /// added covers best of those he compares.
    #[must_use]
    pub fn interval(&self) -> Option<Interval> {
        let figure = self.figure()?;
        let n = self.answers() as f64 + 3.0;
        let (pro, con) = ((self.promoters as f64 + 0.75) / n, (self.detractors as f64 + 0.75) / n);
        let centre = pro - con;
        let half = Z * ((pro + con - centre * centre) / n).sqrt();
        Some(Interval::around(100.0 * centre, 100.0 * half, figure, [-100.0, 100.0]))
    }

    /// Counts, figure and interval, as people of the site read them.
    #[must_use]
    pub fn view(&self) -> Json {
        json!({
            "answers": self.answers(),
            "promoters": self.promoters,
            "passives": self.passives,
            "detractors": self.detractors,
            "nps": self.figure().map(|it| rounded(it, 1)),
            "interval": self.interval().map(|it| it.view(1)),
        })
    }
}

/// A figure with so many places.
#[must_use]
pub fn rounded(figure: f64, places: i32) -> f64 {
    let unit = 10_f64.powi(places);
    (figure * unit).round() / unit
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    fn nps(promoters: u64, passives: u64, detractors: u64) -> Nps {
        Nps { promoters, passives, detractors }
    }

    #[track_caller]
    fn check(interval: Option<Interval>, low: f64, high: f64) {
        let Interval { low: a, high: b } = interval.unwrap();
        assert!((a - low).abs() < 5e-4 && (b - high).abs() < 5e-4, "{a} {b}");
    }

    #[test]
    fn a_share_has_the_published_interval() {
        // Source: Newcombe 1998, "Two-sided confidence intervals for the single proportion", table I, method 3.
        check(wilson(81, 263), 0.2553, 0.3662);
        check(wilson(15, 148), 0.0624, 0.1605);
        check(wilson(0, 20), 0.0, 0.1611);
        check(wilson(1, 29), 0.0061, 0.1718);
        assert_eq!(wilson(0, 0), None);
    }

    #[test]
    fn a_net_promoter_score_has_the_adjusted_interval() {
        // By hand: 10 promoters, 5 passives, 5 detractors are 10.75, 6.5 and 5.75 of 23: 0.21739 ± 1.95996 √((0.71739 − 0.04726) ∕ 23).
        check(nps(10, 5, 5).interval(), 100.0 * (0.217_391 - 0.334_553), 100.0 * (0.217_391 + 0.334_553));
        assert_eq!(nps(10, 5, 5).figure(), Some(25.0));
        assert_eq!((nps(0, 0, 0).figure(), nps(0, 0, 0).interval()), (None, None));
    }

    #[test]
    fn one_answer_says_little() {
        let Interval { low, high } = nps(1, 0, 0).interval().unwrap();
        assert!(low < -40.0 && (high - 100.0).abs() < f64::EPSILON, "{low} {high}");
        let Interval { low, high } = nps(0, 0, 1).interval().unwrap();
        assert!(high > 40.0 && (low + 100.0).abs() < f64::EPSILON, "{low} {high}");
    }

    /// How many ways there are to choose `some` of `all`.
    fn ways(all: u64, some: u64) -> f64 {
        (0..some).map(|at| (all - at) as f64 / (at + 1) as f64).product()
    }

    /// How often the interval of so many answers holds the truth, reckoned over every outcome there can be.
    fn coverage(answers: u64, [pro, passive, con]: [f64; 3]) -> f64 {
        let truth = 100.0 * (pro - con);
        let mut covered = 0.0;
        for promoters in 0..=answers {
            for detractors in 0..=answers - promoters {
                let it = nps(promoters, answers - promoters - detractors, detractors);
                let Interval { low, high } = it.interval().unwrap();
                if low - 1e-9 <= truth && truth <= high + 1e-9 {
                    let power = |p: f64, n: u64| p.powi(i32::try_from(n).unwrap());
                    covered += ways(answers, promoters)
                        * ways(answers - promoters, detractors)
                        * power(pro, promoters)
                        * power(passive, it.passives)
                        * power(con, detractors);
                }
            }
        }
        covered
    }

    #[test]
    fn nineteen_of_twenty_intervals_hold_the_truth_even_of_few_answers() {
        let customers = [[0.5, 0.3, 0.2], [0.7, 0.2, 0.1], [0.33, 0.34, 0.33], [0.9, 0.08, 0.02], [0.1, 0.8, 0.1]];
        for (answers, least) in [(5, 0.91), (10, 0.92), (20, 0.94), (50, 0.94)] {
            for truth in customers {
                let covered = coverage(answers, truth);
                assert!((least..=1.0 + 1e-9).contains(&covered), "{answers} answers of {truth:?}: {covered}");
            }
        }
    }

    proptest! {
        #[test]
        fn a_score_lies_within_its_interval_which_stays_on_the_scale(a in 0_u64..5_000, b in 0_u64..5_000, c in 0_u64..5_000) {
            let it = nps(a, b, c);
            prop_assume!(it.answers() > 0);
            let (figure, Interval { low, high }) = (it.figure().unwrap(), it.interval().unwrap());
            prop_assert!(-100.0 <= low && low <= figure && figure <= high && high <= 100.0, "{low} {figure} {high}");
        }

        #[test]
        fn more_answers_of_the_same_kind_say_more(a in 0_u64..50, b in 0_u64..50, c in 0_u64..50, times in 2_u64..20) {
            let few = nps(a, b, c);
            prop_assume!(few.answers() > 0);
            let width = |it: Nps| it.interval().map(|it| it.high - it.low).unwrap();
            prop_assert!(width(nps(a * times, b * times, c * times)) < width(few));
        }

        #[test]
        fn promoters_and_detractors_are_mirror_images(a in 0_u64..500, b in 0_u64..500, c in 1_u64..500) {
            let (here, there) = (nps(a, b, c).interval().unwrap(), nps(c, b, a).interval().unwrap());
            prop_assert!((here.low + there.high).abs() < 1e-9 && (here.high + there.low).abs() < 1e-9);
        }

        #[test]
        fn a_share_lies_within_its_interval_which_narrows(part in 0_u64..500, rest in 0_u64..500, times in 2_u64..20) {
            let all = part + rest;
            prop_assume!(all > 0);
            let (few, many) = (wilson(part, all).unwrap(), wilson(part * times, all * times).unwrap());
            let share = part as f64 / all as f64;
            prop_assert!(0.0 <= few.low && few.low <= share && share <= few.high && few.high <= 1.0);
            prop_assert!(many.high - many.low < few.high - few.low);
        }
    }
}
