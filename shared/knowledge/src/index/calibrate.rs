//! How far scores can be believed on this site: learnt from its own questions, each asked as if it had not been there. No question of a
//! visitor is needed; strangers are the site's own questions whose entry is taken away.

use orilla_learn::search::Int8;

use super::bytes::{Reader, Writer};
use super::{Index, Refusal};

/// How confidence rises with how well the best entry fits, and with what it has before the second, both in deviations of strangers.
///
/// Source: logistic regression on both of our help centres of development, with no paraphrases and with three.
const BY_FIT: f32 = 0.41;
const BY_MARGIN: f32 = 1.16;
const AT_ZERO: f32 = -1.64;
/// What strangers of a middling site score, and how many real ones that is worth: an index of one entry has none. Source: the same.
const PRIOR_MEAN: f32 = 0.58;
const PRIOR_DEVIATION: f32 = 0.065;
const PRIOR_WORTH: f32 = 10.0;
/// What of the answers may be wrong. Source: the issue that asked for it.
const MOST_WRONG: f32 = 0.05;
/// What a stranger counts beside a question of the site. Source: the help centres of development: with it, visitors' own questions were answered
/// wrongly about as often as promised.
const STRANGER: f32 = 0.25;
/// The confidence that is asked for where too little was tried to learn one, and the bounds of what is learnt. Chosen: below the lower an
/// answer is a guess, above the upper nothing is ever answered.
const DEFAULT_LEAST: f32 = 0.8;
const LEAST: (f32, f32) = (0.5, 0.95);
/// Trials from which a threshold is learnt. Chosen: one wrong answer among fewer is more than [`MOST_WRONG`].
const ENOUGH: usize = 20;

/// What an index knows of its own scores.
#[derive(Debug, Clone, PartialEq)]
pub struct Calibration {
    /// What a question scores whose entry is not there.
    mean: f32,
    deviation: f32,
    /// The confidence from which a question is answered.
    pub least: f32,
    /// What that comes to on the site's own questions.
    pub quality: Quality,
}

/// What came of the site's own questions, each as if it had not been there.
#[derive(Debug, Clone, Copy, Default, PartialEq, serde::Serialize)]
pub struct Quality {
    /// How many were asked.
    pub asked: u32,
    /// How many found their entry first.
    pub first: u32,
    /// How many were answered.
    pub answered: u32,
    /// How many of these wrongly.
    pub wrong: u32,
    /// How many of as many strangers were answered, all of them wrongly.
    pub strangers_answered: u32,
}

impl Default for Calibration {
    fn default() -> Self {
        Self { mean: PRIOR_MEAN, deviation: PRIOR_DEVIATION, least: DEFAULT_LEAST, quality: Quality::default() }
    }
}

/// One of the site's own questions.
#[derive(Debug)]
pub struct Trial {
    /// Whose it is.
    pub article: usize,
    /// Its vector.
    pub question: Int8,
    /// The article's prototype without it.
    pub rest: Int8,
}

/// What a question came to.
#[derive(Debug, Clone, Copy)]
struct Outcome {
    confidence: f32,
    is_right: bool,
    is_stranger: bool,
}

/// How probable it is that the best entry answers the question, by its deviations from what strangers score and its lead before the second.
#[must_use]
pub fn confidence(fit: f32, margin: f32) -> f32 {
    (1.0 + (-(BY_FIT * fit + BY_MARGIN * margin + AT_ZERO)).exp()).recip()
}

impl Calibration {
    /// Tries the site's own questions on its index.
    pub fn of(index: &Index, trials: &[Trial]) -> Self {
        let scored: Vec<(Vec<f32>, usize, f32)> = trials.iter().filter_map(|trial| scored(index, trial)).collect();
        let strangers: Vec<f32> = scored.iter().filter_map(|(cosines, own, _)| highest(cosines, Some(*own))).map(|it| it.1).collect();
        let mut calibration = Self::of_strangers(&strangers);
        let mut outcomes = Vec::with_capacity(2 * scored.len());
        for (mut cosines, own, without) in scored {
            outcomes.extend(calibration.outcome(&cosines, Some(own), None));
            if let Some(value) = cosines.get_mut(own) {
                *value = without;
            }
            outcomes.extend(calibration.outcome(&cosines, None, Some(own)));
        }
        calibration.least = least(&outcomes);
        calibration.quality = quality(&outcomes, calibration.least);
        calibration
    }

    fn of_strangers(strangers: &[f32]) -> Self {
        let count = strangers.len() as f32 + PRIOR_WORTH;
        let mean = (strangers.iter().sum::<f32>() + PRIOR_WORTH * PRIOR_MEAN) / count;
        let spread: f32 = strangers.iter().map(|it| (it - mean).powi(2)).sum();
        let deviation = ((spread + PRIOR_WORTH * PRIOR_DEVIATION.powi(2)) / count).sqrt();
        Self { mean, deviation, ..Self::default() }
    }

    /// How well the best entry fits, in deviations of what strangers score.
    #[must_use]
    pub fn fit(&self, cosine: f32) -> f32 {
        (cosine - self.mean) / self.deviation
    }

    /// What the best has before the second, in the same measure. Where there is no second, or one that is far off, what a lesser stranger
    /// would score stands in: that nothing else is there proves nothing.
    #[must_use]
    pub fn margin(&self, best: f32, second: Option<f32>) -> f32 {
        (best - second.unwrap_or(f32::NEG_INFINITY).max(self.mean - self.deviation)) / self.deviation
    }

    fn outcome(&self, cosines: &[f32], stranger_to: Option<usize>, own: Option<usize>) -> Option<Outcome> {
        let (first, best) = highest(cosines, stranger_to)?;
        let rest = cosines.iter().enumerate().filter(|(at, _)| *at != first && Some(*at) != stranger_to).map(|it| *it.1);
        let margin = self.margin(best, rest.reduce(f32::max));
        Some(Outcome { confidence: confidence(self.fit(best), margin), is_right: own == Some(first), is_stranger: own.is_none() })
    }

    pub(super) fn write(&self, out: &mut Writer) {
        [self.mean, self.deviation, self.least].into_iter().for_each(|value| out.f32(value));
        let Quality { asked, first, answered, wrong, strangers_answered } = self.quality;
        [asked, first, answered, wrong, strangers_answered].into_iter().for_each(|count| out.u32(count as usize));
    }

    pub(super) fn read(from: &mut Reader<'_>) -> Result<Self, Refusal> {
        let (mean, deviation, least) = (from.f32()?, from.f32()?, from.f32()?);
        let quality =
            Quality { asked: from.u32()?, first: from.u32()?, answered: from.u32()?, wrong: from.u32()?, strangers_answered: from.u32()? };
        if deviation > 0.0 { Ok(Self { mean, deviation, least, quality }) } else { Err(Refusal::Damaged) }
    }
}

/// The cosines of all entries, the trial's own, and what that one has without the question.
fn scored(index: &Index, trial: &Trial) -> Option<(Vec<f32>, usize, f32)> {
    let article = index.articles.get(trial.article)?;
    let cosines = index.cosines(&trial.question);
    let rest = orilla_learn::simd::dot(&trial.rest.values, &trial.question.values) as f32 * trial.rest.scale * trial.question.scale;
    let others: Vec<f32> =
        index.articles(article.entry).iter().filter(|it| *it != article).map(|it| index.cosine(it, &trial.question)).collect();
    let without = (rest + others.iter().sum::<f32>()) / (1 + others.len()) as f32;
    Some((cosines, article.entry, without))
}

/// The first of the highest, one left out.
fn highest(cosines: &[f32], without: Option<usize>) -> Option<(usize, f32)> {
    let wanted = cosines.iter().copied().enumerate().filter(|(at, _)| Some(*at) != without);
    wanted.reduce(|kept, next| if next.1 > kept.1 { next } else { kept })
}

/// The lowest confidence above which few enough are wrong.
fn least(outcomes: &[Outcome]) -> f32 {
    if outcomes.len() < ENOUGH {
        return DEFAULT_LEAST;
    }
    let mut falling = outcomes.to_vec();
    falling.sort_by(|a, b| b.confidence.total_cmp(&a.confidence));
    let (mut all, mut wrong, mut lowest) = (0.0, 0.0, LEAST.1);
    for outcome in falling {
        let worth = if outcome.is_stranger { STRANGER } else { 1.0 };
        all += worth;
        wrong += if outcome.is_right { 0.0 } else { worth };
        if wrong <= MOST_WRONG * all {
            lowest = outcome.confidence;
        }
    }
    lowest.clamp(LEAST.0, LEAST.1)
}

fn quality(outcomes: &[Outcome], least: f32) -> Quality {
    let count = |wanted: &dyn Fn(&Outcome) -> bool| u32::try_from(outcomes.iter().filter(|it| wanted(it)).count()).unwrap_or(u32::MAX);
    Quality {
        asked: count(&|it| !it.is_stranger),
        first: count(&|it| it.is_right),
        answered: count(&|it| !it.is_stranger && it.confidence >= least),
        wrong: count(&|it| !it.is_stranger && !it.is_right && it.confidence >= least),
        strangers_answered: count(&|it| it.is_stranger && it.confidence >= least),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn outcome(confidence: f32, is_right: bool, is_stranger: bool) -> Outcome {
        Outcome { confidence, is_right, is_stranger }
    }

    #[test]
    fn the_threshold_lies_where_few_enough_answers_are_wrong() {
        let good = (0..40u8).map(|at| outcome(0.9 - f32::from(at) / 100.0, true, false));
        let mut all: Vec<_> = good.collect();
        assert!((least(&all) - 0.51).abs() < 1e-6, "everything may be answered");
        all.push(outcome(0.7, false, false));
        assert!((least(&all) - 0.51).abs() < 1e-6, "one of forty-one is few enough");
        all.extend((0..4).map(|_| outcome(0.6, false, false)));
        assert!((least(&all) - 0.61).abs() < 1e-6, "four more are not: {}", least(&all));
        all.extend((0..4).map(|_| outcome(0.95, false, false)));
        assert_eq!(least(&all), LEAST.1, "where the surest are wrong, nothing is sure");
        assert_eq!(least(&all[..10]), DEFAULT_LEAST, "of ten questions nothing is learnt");
    }

    #[test]
    fn strangers_of_a_small_site_are_mostly_those_of_a_middling_one() {
        let none = Calibration::of_strangers(&[]);
        assert!((none.mean - PRIOR_MEAN).abs() < 1e-6 && (none.deviation - PRIOR_DEVIATION).abs() < 1e-6);
        let many = Calibration::of_strangers(&[0.4; 1_000]);
        assert!((many.mean - 0.4).abs() < 0.01 && many.deviation < 0.03);
        assert!(none.margin(0.6, None) < none.margin(0.7, None) && none.margin(0.6, Some(0.59)) < none.margin(0.6, Some(0.1)));
    }
}
