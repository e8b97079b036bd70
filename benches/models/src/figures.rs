//! The arithmetic of the figures: accuracy, ranks, areas and quantiles. Nothing here knows where scores come from.

/// Where the best of the right ones stands among the wrong ones, from 0; a wrong one that scores as much stands before it: to find nothing is
/// not to find the right one.
#[must_use]
pub fn rank(scores: &[f32], right: &[usize]) -> usize {
    let own = right.iter().filter_map(|right| scores.get(*right)).copied().fold(f32::NEG_INFINITY, f32::max);
    scores.iter().enumerate().filter(|(index, score)| !right.contains(index) && (**score >= own)).count()
}

/// What a list of ranks says, in percent.
#[derive(Debug, Clone, Copy, Default, PartialEq)]
pub struct Ranks {
    /// How often the right one is first.
    pub first: f64,
    /// How often it is among the first three.
    pub third: f64,
    /// Mean reciprocal rank.
    pub reciprocal: f64,
}

impl Ranks {
    /// Of ranks from 0.
    #[must_use]
    pub fn of(ranks: &[usize]) -> Self {
        let share = |value: &dyn Fn(usize) -> f64| percent_of(ranks.iter().map(|rank| value(*rank)));
        Self {
            first: share(&|rank| f64::from(u8::from(rank == 0))),
            third: share(&|rank| f64::from(u8::from(rank < 3))),
            reciprocal: share(&|rank| 1.0 / (rank + 1) as f64),
        }
    }
}

/// How often the highest score is the right one's alone, in percent.
#[must_use]
pub fn accuracy(hits: &[bool]) -> f64 {
    percent_of(hits.iter().map(|hit| f64::from(u8::from(*hit))))
}

/// The first of the highest.
#[must_use]
pub fn best(scores: &[f32]) -> usize {
    let better = |kept: (usize, f32), next: (usize, f32)| if next.1 > kept.1 { next } else { kept };
    scores.iter().copied().enumerate().fold((0, f32::NEG_INFINITY), better).0
}

/// The area under the ROC curve, in percent: how often one inside scores above one outside, a tie being half.
///
/// Source: Mann & Whitney 1947.
#[must_use]
pub fn auroc(inside: &[f32], outside: &[f32]) -> f64 {
    let mut sorted = outside.to_vec();
    sorted.sort_by(f32::total_cmp);
    let above = |score: f32| {
        let less = sorted.partition_point(|other| *other < score);
        let not_more = sorted.partition_point(|other| *other <= score);
        (less + not_more) as f64 / 2.0
    };
    100.0 * inside.iter().map(|score| above(*score)).sum::<f64>() / (inside.len() * outside.len()) as f64
}

/// How many of the scores reach a threshold, in percent.
#[must_use]
pub fn reached(scores: &[f32], threshold: f32) -> f64 {
    percent_of(scores.iter().map(|score| f64::from(u8::from(*score >= threshold))))
}

/// How many of the questions inside are answered, in percent, if as many answers are given as leave `most_wrong` percent of them wrong at most,
/// the surest first. An answer to a question outside is wrong.
///
/// Shape: of each question its confidence, whether its answer is right, and whether it is inside.
#[must_use]
pub fn covered(outcomes: &[(f32, bool, bool)], most_wrong: f64) -> f64 {
    let mut falling = outcomes.to_vec();
    falling.sort_by(|a, b| b.0.total_cmp(&a.0));
    let (mut wrong, mut inside, mut best) = (0_usize, 0_usize, 0_usize);
    for (at, (_, is_right, is_inside)) in falling.iter().enumerate() {
        wrong += usize::from(!is_right);
        inside += usize::from(*is_inside);
        if 100.0 * wrong as f64 <= most_wrong * (at + 1) as f64 {
            best = inside;
        }
    }
    100.0 * best as f64 / outcomes.iter().filter(|it| it.2).count() as f64
}

/// The mean.
#[must_use]
pub fn mean(values: &[f64]) -> f64 {
    values.iter().sum::<f64>() / values.len() as f64
}

fn percent_of(values: impl ExactSizeIterator<Item = f64>) -> f64 {
    let count = values.len() as f64;
    100.0 * values.sum::<f64>() / count
}

#[cfg(test)]
mod tests {
    use orilla_learn::abstain::threshold;

    use super::*;

    #[track_caller]
    fn near(found: f64, expect: f64) {
        assert!((found - expect).abs() < 1e-9, "{found}, expected {expect}");
    }

    #[test]
    fn ties_count_against_the_system() {
        assert_eq!(rank(&[0.1, 0.9, 0.5], &[1]), 0);
        assert_eq!(rank(&[0.1, 0.9, 0.5], &[0]), 2);
        assert_eq!(rank(&[0.5, 0.5, 0.5], &[0]), 2);
        assert_eq!(rank(&[0.0; 100], &[0]), 99);
        assert_eq!(rank(&[1.0, f32::NAN], &[1]), 1);
        assert_eq!(rank(&[1.0, 2.0], &[]), 2);
    }

    #[test]
    fn the_best_of_several_right_ones_counts_and_they_are_no_rivals() {
        assert_eq!(rank(&[0.1, 0.9, 0.5], &[0, 2]), 1);
        assert_eq!(rank(&[0.5, 0.9, 0.9], &[1, 2]), 0);
        assert_eq!(rank(&[0.9, 0.9, 0.9], &[1, 2]), 1);
    }

    #[test]
    fn coverage_ends_where_too_many_answers_are_wrong() {
        let outcomes = [(0.9, true, true), (0.8, true, true), (0.7, false, false), (0.6, true, true), (0.5, false, true)];
        near(covered(&outcomes, 0.0), 50.0);
        near(covered(&outcomes, 25.0), 75.0);
        near(covered(&outcomes, 40.0), 100.0);
        near(covered(&[(0.9, false, true)], 5.0), 0.0);
    }

    #[test]
    fn ranks_make_shares_and_reciprocals() {
        let ranks = Ranks::of(&[0, 0, 1, 3]);
        near(ranks.first, 50.0);
        near(ranks.third, 75.0);
        near(ranks.reciprocal, 100.0 * (1.0 + 1.0 + 0.5 + 0.25) / 4.0);
    }

    #[test]
    fn the_area_is_the_share_of_pairs_in_order() {
        near(auroc(&[2.0, 3.0], &[0.0, 1.0]), 100.0);
        near(auroc(&[0.0, 1.0], &[2.0, 3.0]), 0.0);
        near(auroc(&[1.0, 1.0], &[1.0, 1.0]), 50.0);
        near(auroc(&[3.0, 1.0], &[2.0, 0.0]), 75.0);
        let (inside, outside) = ([0.3, 0.7, 0.7, 0.9, 0.1], [0.2, 0.7, 0.0]);
        let pairs = inside.iter().flat_map(|a| outside.iter().map(move |b| if a > b { 1.0 } else { f64::from(u8::from(a == b)) / 2.0 }));
        near(auroc(&inside, &outside), 100.0 * pairs.sum::<f64>() / 15.0);
    }

    /// The negative control: scores that say nothing of the truth find nothing, whatever the other figures would like.
    #[test]
    fn scores_without_meaning_are_worth_chance() {
        let mut random = crate::random::Random::new(7);
        let mut noise = |count: usize| (0..count).map(|_| random.below(1 << 20) as f32).collect::<Vec<_>>();
        let area = auroc(&noise(2_000), &noise(2_000));
        assert!((area - 50.0).abs() < 3.0, "{area}");
        let ranks: Vec<_> = (0..2_000).map(|_| rank(&noise(10), &[3])).collect();
        let found = Ranks::of(&ranks);
        assert!((found.first - 10.0).abs() < 3.0 && (found.third - 30.0).abs() < 4.0, "{found:?}");
        let constant: Vec<_> = (0..10).map(|right| rank(&[1.0; 10], &[right])).collect();
        assert_eq!(Ranks::of(&constant).first, 0.0);
    }

    #[test]
    fn a_threshold_keeps_the_wanted_share_of_what_it_was_made_of() {
        let scores: Vec<f32> = (0..=100).map(|i| i as f32).collect();
        let least = threshold(&scores, 0.75).unwrap();
        assert_eq!(least, 25.0);
        near(reached(&scores, least), 100.0 * 76.0 / 101.0);
        near(reached(&[24.9, 25.0], least), 50.0);
    }

    #[test]
    fn the_first_of_the_highest_is_the_best() {
        assert_eq!((best(&[0.0, 2.0, 2.0]), best(&[]), best(&[f32::NAN, 1.0])), (1, 0, 1));
        near(accuracy(&[true, false]), 50.0);
        near(mean(&[1.0, 2.0]), 1.5);
    }
}
