//! From scores to probabilities that mean what they say: softmax with a temperature, and isotonic regression.
//!
//! Fit on scores of examples the head did not learn from, such as its leave-one-out scores.

use crate::error::Error;
use crate::matrix::Matrix;

/// The flattest and the sharpest factor a fit may end at; of scores that are wrong more often than right, none is the best.
///
/// Chosen: a difference of a hundred is nothing at one end, and a difference of a thousandth is certainty at the other.
const FACTORS: (f64, f64) = (1e-4, 1e4);

/// Halvings that bring [`FACTORS`] together to the last bit of an `f64`, if no Newton step ever helps.
const MOST_STEPS: usize = 80;

/// Turns scores into probabilities, in place; returns the logarithm of the sum of their exponentials.
pub(crate) fn softmax(scores: &mut [f64]) -> f64 {
    let highest = scores.iter().copied().fold(f64::NEG_INFINITY, f64::max);
    scores.iter_mut().for_each(|score| *score = (*score - highest).exp());
    let sum: f64 = scores.iter().sum();
    scores.iter_mut().for_each(|score| *score /= sum);
    highest + sum.ln()
}

/// One factor for all scores, before their softmax.
///
/// Source: Guo, Pleiss, Sun & Weinberger 2017, §4.2; the guess is from Platt 1999, §2.2.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Temperature {
    /// The inverse of the temperature.
    factor: f64,
}

impl Temperature {
    /// Scores as they are.
    pub const ONE: Self = Self { factor: 1.0 };

    /// The temperature under which the labels are the least surprising.
    ///
    /// As if one in `n + 2` labels were anybody's guess: a head that is always right of ten examples is not certain of the next.
    ///
    /// Shape: `scores` is `[n, classes]`, `labels` is `[n]`.
    /// Errors: `Dimension` if there are not as many labels as rows; `Label` if one is none of the classes; `TooFew` if there are none.
    pub fn fit(scores: &Matrix, labels: &[usize]) -> Result<Self, Error> {
        if labels.len() != scores.rows() {
            return Err(Error::Dimension { expected: scores.rows(), found: labels.len() });
        }
        let highest = labels.iter().copied().max().ok_or(Error::TooFew)?;
        if highest >= scores.columns() {
            return Err(Error::Label { label: highest, classes: scores.columns() });
        }
        let (mut low, mut high) = FACTORS;
        let mut factor = 1.0;
        for _ in 0..MOST_STEPS {
            let (slope, curvature) = slope(scores, labels, factor);
            (low, high) = if slope > 0.0 { (low, factor) } else { (factor, high) };
            let newton = factor - slope / curvature;
            let next = if low < newton && newton < high { newton } else { f64::midpoint(low, high) };
            if (next - factor).abs() <= f64::EPSILON * factor {
                break;
            }
            factor = next;
        }
        Ok(Self { factor })
    }

    /// How far scores are divided: above 1 the head was too sure of itself.
    #[must_use]
    pub fn value(self) -> f64 {
        1.0 / self.factor
    }

    /// Probabilities of one query's scores; they add up to 1.
    #[must_use]
    pub fn probabilities(self, scores: &[f32]) -> Vec<f32> {
        let mut scaled: Vec<f64> = scores.iter().map(|score| f64::from(*score) * self.factor).collect();
        softmax(&mut scaled);
        scaled.into_iter().map(|probability| probability as f32).collect()
    }
}

/// First and second derivative of the negative log likelihood by the factor.
fn slope(scores: &Matrix, labels: &[usize], factor: f64) -> (f64, f64) {
    let guess = 1.0 / (labels.len() + 2) as f64;
    let (mut first, mut second) = (0.0, 0.0);
    for (row, label) in scores.iter().zip(labels) {
        let mut probabilities: Vec<f64> = row.iter().map(|score| f64::from(*score) * factor).collect();
        softmax(&mut probabilities);
        let mean = |power: i32| row.iter().zip(&probabilities).map(|(score, p)| p * f64::from(*score).powi(power)).sum::<f64>();
        let anybody = row.iter().map(|score| f64::from(*score)).sum::<f64>() / row.len() as f64;
        first += mean(1) - (1.0 - guess) * f64::from(row[*label]) - guess * anybody;
        second += mean(2) - mean(1).powi(2);
    }
    (first, second)
}

/// A rising curve through points: what a score is worth, learnt from cases of known worth.
///
/// Source: Zadrozny & Elkan 2002; pool adjacent violators of Ayer et al. 1955.
#[derive(Debug, Clone, PartialEq)]
pub struct Isotonic {
    /// Score and value, both rising; lines lead from one to the next.
    knots: Vec<(f32, f32)>,
}

/// Neighbours that share one value.
struct Pool {
    first: f32,
    last: f32,
    mean: f64,
    count: f64,
}

impl Isotonic {
    /// The rising curve nearest to the points by least squares. Of yes-or-no cases the values are 1 and 0.
    ///
    /// Errors: `TooFew` if there is no point; `NotFinite` if a number is.
    pub fn fit(points: &[(f32, f32)]) -> Result<Self, Error> {
        if points.is_empty() {
            return Err(Error::TooFew);
        }
        if points.iter().any(|(score, value)| !score.is_finite() || !value.is_finite()) {
            return Err(Error::NotFinite);
        }
        let mut sorted = points.to_vec();
        sorted.sort_by(|a, b| a.0.total_cmp(&b.0));
        let mut pools: Vec<Pool> = Vec::new();
        for same in sorted.chunk_by(|a, b| a.0 == b.0) {
            let count = same.len() as f64;
            let mean = same.iter().map(|point| f64::from(point.1)).sum::<f64>() / count;
            let mut pool = Pool { first: same[0].0, last: same[0].0, mean, count };
            while let Some(before) = pools.pop_if(|before| before.mean >= pool.mean) {
                let count = before.count + pool.count;
                let mean = (before.mean * before.count + pool.mean * pool.count) / count;
                pool = Pool { first: before.first, last: pool.last, mean, count };
            }
            pools.push(pool);
        }
        let ends = |pool: &Pool| [(pool.first, pool.mean as f32), (pool.last, pool.mean as f32)];
        let mut knots: Vec<_> = pools.iter().flat_map(ends).collect();
        knots.dedup();
        Ok(Self { knots })
    }

    /// The value of a score; beyond the ends, that of the end.
    #[must_use]
    pub fn value(&self, score: f32) -> f32 {
        let right = self.knots.partition_point(|knot| knot.0 < score);
        match (right.checked_sub(1).and_then(|left| self.knots.get(left)), self.knots.get(right)) {
            (Some(left), Some(right)) => between(*left, *right, score),
            (Some((_, end)), None) | (None, Some((_, end))) => *end,
            (None, None) => 0.0,
        }
    }
}

/// On the line from one knot to the next; in `f64`, where no distance of two `f32` overflows.
fn between(left: (f32, f32), right: (f32, f32), score: f32) -> f32 {
    let [x0, y0, x1, y1, x] = [left.0, left.1, right.0, right.1, score].map(f64::from);
    (y0 + (y1 - y0) * ((x - x0) / (x1 - x0))) as f32
}

#[cfg(test)]
mod tests;
