//! Knowing when not to answer: three measures of how well a query fits what was learnt, and a threshold that keeps a wanted share.
//!
//! All learn from leave-one-out scores of the examples alone: no query out of scope is needed.

use crate::error::Error;
use crate::matrix::Matrix;

/// The two highest scores apart: near 0 where two classes fit alike, and infinite where there is but one class.
#[must_use]
pub fn margin(scores: &[f32]) -> f32 {
    let (mut first, mut second) = (f32::NEG_INFINITY, f32::NEG_INFINITY);
    for &score in scores {
        if score > first {
            (first, second) = (score, first);
        } else if score > second {
            second = score;
        }
    }
    if scores.is_empty() { 0.0 } else { first - second }
}

/// The value that `keep` of the scores reach or pass.
///
/// Errors: `Range` if `keep` is not in [0, 1]; `TooFew` if there are no scores; `NotFinite` if one is not a number.
/// Source: the linear quantile of Hyndman & Fan 1996 (type 7), as numpy's.
pub fn threshold(scores: &[f32], keep: f32) -> Result<f32, Error> {
    if !(0.0..=1.0).contains(&keep) {
        return Err(Error::Range("keep"));
    }
    if scores.iter().any(|score| score.is_nan()) {
        return Err(Error::NotFinite);
    }
    let mut falling = scores.to_vec();
    falling.sort_by(|a, b| b.total_cmp(a));
    let place = falling.len().checked_sub(1).ok_or(Error::TooFew)? as f64 * f64::from(keep);
    let (above, below) = (falling[place as usize], falling[place.ceil() as usize]);
    Ok(if above == below { above } else { (f64::from(above) + place.fract() * (f64::from(below) - f64::from(above))) as f32 })
}

/// In scope or not, by the best ridge score and the best prototype cosine, each in deviations from its mean over the examples.
///
/// Source: the best of the scores that the prototype compared; `cargo xtask bench models` measures it.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Scope {
    ridge: Spread,
    cosine: Spread,
    threshold: f32,
}

impl Scope {
    /// Learns from what each example would have scored, had it not been there, and keeps so many of them in scope.
    ///
    /// Shape: `ridge` and `cosines` are `[n, classes]`.
    /// Errors: `Dimension` if they disagree on `n`; as [`threshold`] for the rest.
    pub fn new(ridge: &Matrix, cosines: &Matrix, keep: f32) -> Result<Self, Error> {
        if ridge.rows() != cosines.rows() {
            return Err(Error::Dimension { expected: ridge.rows(), found: cosines.rows() });
        }
        let [ridge, cosines] = [ridge, cosines].map(|scores| scores.iter().map(highest).collect::<Vec<_>>());
        let mut scope = Self { ridge: Spread::of(&ridge), cosine: Spread::of(&cosines), threshold: 0.0 };
        let fits: Vec<f32> = ridge.iter().zip(&cosines).map(|(ridge, cosine)| scope.sum(*ridge, *cosine)).collect();
        scope.threshold = threshold(&fits, keep)?;
        Ok(scope)
    }

    /// How far above the threshold a query fits; below zero it is out of scope.
    #[must_use]
    pub fn slack(&self, ridge: &[f32], cosines: &[f32]) -> f32 {
        self.sum(highest(ridge), highest(cosines)) - self.threshold
    }

    fn sum(&self, ridge: f32, cosine: f32) -> f32 {
        self.ridge.deviations(ridge) + self.cosine.deviations(cosine)
    }
}

/// How far from its prototype a class reaches.
#[derive(Debug, Clone, PartialEq)]
pub struct Radii(Vec<f32>);

impl Radii {
    /// The distance `1 − cos` within which each class keeps so many of its examples.
    ///
    /// A class of one has no other to be near to; it takes the widest radius of the others.
    ///
    /// Shape: `cosines` is `[n, classes]`, left one out; `labels` is `[n]`.
    /// Errors: `Dimension` if they disagree on `n`; `Label` if one is none of the classes; `TooFew` if no class has two examples; as
    /// [`threshold`] for `keep`.
    pub fn new(cosines: &Matrix, labels: &[usize], keep: f32) -> Result<Self, Error> {
        if labels.len() != cosines.rows() {
            return Err(Error::Dimension { expected: cosines.rows(), found: labels.len() });
        }
        let mut own = vec![Vec::new(); cosines.columns()];
        for (row, label) in cosines.iter().zip(labels) {
            let cosine = row.get(*label).ok_or(Error::Label { label: *label, classes: row.len() })?;
            own[*label].push(*cosine);
        }
        let mut radii = Vec::with_capacity(own.len());
        for cosines in &own {
            radii.push(if cosines.len() < 2 { None } else { Some(1.0 - threshold(cosines, keep)?) });
        }
        let widest = radii.iter().flatten().copied().reduce(f32::max).ok_or(Error::TooFew)?;
        Ok(Self(radii.into_iter().map(|radius| radius.unwrap_or(widest)).collect()))
    }

    /// How far inside the nearest reach of any class a query is; below zero it is outside of all.
    #[must_use]
    pub fn slack(&self, cosines: &[f32]) -> f32 {
        highest(&self.0.iter().zip(cosines).map(|(radius, cosine)| radius - (1.0 - cosine)).collect::<Vec<_>>())
    }
}

#[derive(Debug, Clone, Copy, PartialEq)]
struct Spread {
    mean: f64,
    deviation: f64,
}

impl Spread {
    fn of(values: &[f32]) -> Self {
        let mean_of = |value: &dyn Fn(f64) -> f64| values.iter().map(|it| value(f64::from(*it))).sum::<f64>() / values.len() as f64;
        let mean = mean_of(&|value| value);
        Self { mean, deviation: mean_of(&|value| (value - mean).powi(2)).sqrt() }
    }

    /// Of values that are all the same, any other is no deviation at all: the other score decides alone.
    fn deviations(self, value: f32) -> f32 {
        if self.deviation > 0.0 { ((f64::from(value) - self.mean) / self.deviation) as f32 } else { 0.0 }
    }
}

fn highest(scores: &[f32]) -> f32 {
    scores.iter().copied().fold(f32::NEG_INFINITY, f32::max)
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    #[track_caller]
    fn check_margin(scores: &[f32], expect: f32) {
        assert_eq!(margin(scores), expect);
    }

    #[test]
    fn the_margin_is_between_the_first_two() {
        check_margin(&[], 0.0);
        check_margin(&[0.5], f32::INFINITY);
        check_margin(&[0.25, 0.75], 0.5);
        check_margin(&[0.75, 0.75, 0.5], 0.0);
        check_margin(&[-1.0, -3.0, -1.5], 0.5);
    }

    #[track_caller]
    fn check_threshold(scores: &[f32], keep: f32, expect: Result<f32, Error>) {
        assert_eq!(threshold(scores, keep), expect);
    }

    #[test]
    fn the_threshold_keeps_its_share() {
        let scores = [3.0, 1.0, 2.0, 5.0, 4.0];
        check_threshold(&scores, 1.0, Ok(1.0));
        check_threshold(&scores, 0.75, Ok(2.0));
        check_threshold(&scores, 0.875, Ok(1.5));
        check_threshold(&scores, 0.0, Ok(5.0));
        check_threshold(&[7.0], 0.95, Ok(7.0));
        check_threshold(&[], 0.95, Err(Error::TooFew));
        check_threshold(&scores, 1.5, Err(Error::Range("keep")));
        check_threshold(&scores, f32::NAN, Err(Error::Range("keep")));
        check_threshold(&[f32::NAN], 0.5, Err(Error::NotFinite));
    }

    fn rows(rows: &[[f32; 2]]) -> Matrix {
        Matrix::from_rows(rows).unwrap()
    }

    #[test]
    fn scope_is_what_scores_as_the_examples_did() {
        let ridge = rows(&[[0.9, 0.1], [0.8, 0.2], [0.1, 0.7], [0.0, 0.6]]);
        let cosines = rows(&[[0.8, 0.1], [0.9, 0.2], [0.1, 0.8], [0.0, 0.5]]);
        let scope = Scope::new(&ridge, &cosines, 1.0).unwrap();
        let fits: Vec<f32> = ridge.iter().zip(cosines.iter()).map(|(ridge, cosines)| scope.slack(ridge, cosines)).collect();
        assert!(fits.iter().all(|fit| *fit >= 0.0) && fits[3] == 0.0, "{fits:?}");
        assert!(scope.slack(&[0.3, 0.4], &[0.4, 0.4]) < 0.0);
        assert_eq!(Scope::new(&ridge, &rows(&[[0.0; 2]]), 1.0), Err(Error::Dimension { expected: 4, found: 1 }));
        assert_eq!(Scope::new(&rows(&[]), &rows(&[]), 1.0), Err(Error::TooFew));
    }

    #[test]
    fn where_all_examples_score_the_same_the_other_score_decides() {
        let same = rows(&[[0.5, 0.0], [0.5, 0.0]]);
        let scope = Scope::new(&same, &rows(&[[0.8, 0.0], [0.6, 0.0]]), 1.0).unwrap();
        assert!(scope.slack(&[0.0, 0.0], &[0.7, 0.0]) > 0.0 && scope.slack(&[1.0, 0.0], &[0.5, 0.0]) < 0.0);
    }

    #[test]
    fn a_class_reaches_as_far_as_its_examples() {
        let cosines = rows(&[[0.75, 0.0], [0.5, 0.0], [0.0, 0.0]]);
        let radii = Radii::new(&cosines, &[0, 0, 1], 1.0).unwrap();
        assert_eq!(radii, Radii(vec![0.5, 0.5]));
        assert_eq!((radii.slack(&[0.75, 0.0]), radii.slack(&[0.25, 0.375])), (0.25, -0.125));
        assert_eq!(Radii::new(&cosines, &[0, 1, 2], 1.0), Err(Error::Label { label: 2, classes: 2 }));
        assert_eq!(Radii::new(&cosines, &[0, 1], 1.0), Err(Error::Dimension { expected: 3, found: 2 }));
        assert_eq!(Radii::new(&rows(&[[0.5, 0.0], [0.0, 0.5]]), &[0, 1], 1.0), Err(Error::TooFew));
    }

    proptest! {
        #[test]
        fn at_least_the_wanted_share_is_kept(scores in prop::collection::vec(-1.0f32..1.0, 1..60), keep in 0.0f32..=1.0) {
            let least = threshold(&scores, keep).unwrap();
            let kept = scores.iter().filter(|score| **score >= least).count();
            // The quantile may fall between two scores: then all but the part of one.
            prop_assert!(kept as f32 + 1.0 >= keep * scores.len() as f32, "{kept} of {}", scores.len());
        }
    }
}
