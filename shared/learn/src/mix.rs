//! How much each of several heads counts: a few factors, under which labels that the heads did not learn from are the least surprising.

use crate::calibrate::softmax;
use crate::error::Error;
use crate::linear::{Cholesky, Triangle};
use crate::matrix::Matrix;

/// Newton steps at most. Chosen: of a handful of factors under ten are used.
const MOST_STEPS: usize = 50;
/// Once no factor moves by more than this, the search ends. Chosen: far below what a probability shows.
const ENOUGH: f64 = 1e-9;
/// How strongly factors are held at one, in examples. Chosen: of ten examples a head's word is nearly taken as it is, of a hundred it is weighed.
const PRIOR: f64 = 5.0;

/// Factors, one for each head, by which scores are multiplied before they are added up; the softmax of the sum are probabilities.
///
/// The logarithm of opinions pools them: Genest & Zidek 1986, §3. The loss is convex, so the factors are the only ones.
///
/// Shape: each of `heads` is `[n, classes]`, `labels` is `[n]`; returns one factor for each head.
/// Errors: `TooFew` without heads or labels; `Dimension` if they disagree on `n` or on the classes; `Label` if a label is none of the classes.
pub fn fit(heads: &[Matrix], labels: &[usize]) -> Result<Vec<f64>, Error> {
    let first = heads.first().filter(|_| !labels.is_empty()).ok_or(Error::TooFew)?;
    for head in heads {
        if head.rows() != labels.len() {
            return Err(Error::Dimension { expected: labels.len(), found: head.rows() });
        }
        if head.columns() != first.columns() {
            return Err(Error::Dimension { expected: first.columns(), found: head.columns() });
        }
    }
    if let Some(label) = labels.iter().find(|label| **label >= first.columns()) {
        return Err(Error::Label { label: *label, classes: first.columns() });
    }
    let mut factors = vec![1.0; heads.len()];
    let mut before = loss(heads, labels, &factors);
    for _ in 0..MOST_STEPS {
        let step = newton(heads, labels, &factors)?;
        // Far from the end a whole step may go too far.
        let lengths = (0..20).map(|halvings| 0.5_f64.powi(halvings));
        let tried = lengths.map(|length| factors.iter().zip(&step).map(|(factor, step)| factor - length * step).collect::<Vec<_>>());
        let Some((next, after)) =
            tried.map(|next| (loss(heads, labels, &next), next)).find(|(loss, _)| *loss <= before).map(|(a, b)| (b, a))
        else {
            break;
        };
        let moved = next.iter().zip(&factors).map(|(a, b)| (a - b).abs()).fold(0.0, f64::max);
        (factors, before) = (next, after);
        if moved <= ENOUGH {
            break;
        }
    }
    Ok(factors)
}

/// The sum of several heads' scores of one query, each times its factor.
///
/// Shape: each of `scores` is `[classes]`.
#[must_use]
pub fn mixed(scores: &[&[f32]], factors: &[f64]) -> Vec<f64> {
    let classes = scores.first().map_or(0, |scores| scores.len());
    let mut sums = vec![0.0; classes];
    for (scores, factor) in scores.iter().zip(factors) {
        sums.iter_mut().zip(*scores).for_each(|(sum, score)| *sum += factor * f64::from(*score));
    }
    sums
}

/// Probabilities of scores; they add up to 1.
#[must_use]
pub fn probabilities(mut scores: Vec<f64>) -> Vec<f64> {
    softmax(&mut scores);
    scores
}

fn loss(heads: &[Matrix], labels: &[usize], factors: &[f64]) -> f64 {
    let prior: f64 = factors.iter().map(|factor| PRIOR / 2.0 * (factor - 1.0).powi(2)).sum();
    let surprise = labels.iter().enumerate().map(|(example, label)| {
        let mut sums = mixed(&rows(heads, example), factors);
        let own = sums.get(*label).copied().unwrap_or_default();
        softmax(&mut sums) - own
    });
    prior + surprise.sum::<f64>()
}

/// The step that a Newton search would take back.
fn newton(heads: &[Matrix], labels: &[usize], factors: &[f64]) -> Result<Vec<f64>, Error> {
    let count = factors.len();
    let mut gradient: Vec<f64> = factors.iter().map(|factor| PRIOR * (factor - 1.0)).collect();
    let mut curvature = vec![0.0; count * count];
    (0..count).for_each(|i| curvature[i * count + i] = PRIOR);
    for (example, label) in labels.iter().enumerate() {
        let scores = rows(heads, example);
        let probabilities = probabilities(mixed(&scores, factors));
        let expected: Vec<f64> =
            scores.iter().map(|scores| scores.iter().zip(&probabilities).map(|(score, p)| f64::from(*score) * p).sum()).collect();
        for i in 0..count {
            gradient[i] += expected[i] - f64::from(scores[i][*label]);
            for j in 0..=i {
                let both: f64 = probabilities.iter().enumerate().map(|(k, p)| p * f64::from(scores[i][k]) * f64::from(scores[j][k])).sum();
                curvature[i * count + j] += both - expected[i] * expected[j];
            }
        }
    }
    let triangle = Triangle::from_rows(count, |i, row| row.copy_from_slice(&curvature[i * count..=i * count + i]))?;
    Cholesky::factor(triangle)?.solve(&mut gradient, 1)?;
    Ok(gradient)
}

fn rows(heads: &[Matrix], example: usize) -> Vec<&[f32]> {
    heads.iter().map(|head| head.row(example)).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn head(rows: &[[f32; 2]]) -> Matrix {
        Matrix::from_rows(rows).unwrap()
    }

    #[test]
    fn a_head_that_knows_counts_more_than_one_that_guesses() {
        let labels: Vec<usize> = (0..200).map(|i| i % 2).collect();
        let knows = head(&labels.iter().map(|label| if *label == 0 { [1.0, 0.0] } else { [0.0, 1.0] }).collect::<Vec<_>>());
        let guesses = head(&(0..200).map(|i| if i / 2 % 2 == 0 { [1.0, 0.0] } else { [0.0, 1.0] }).collect::<Vec<_>>());
        let factors = fit(&[knows, guesses], &labels).unwrap();
        assert!(factors[0] > 2.0 && factors[1] < factors[0] / 5.0, "{factors:?}");
    }

    /// Nothing moves the loss down any more: its slope is none.
    #[test]
    fn the_factors_are_where_the_loss_is_least() {
        let labels = [0, 1, 1, 0, 1, 0, 0];
        let one = head(&[[0.4, 0.1], [0.3, 0.9], [0.6, 0.5], [0.9, 0.2], [0.1, 0.2], [0.0, 0.3], [1.0, 0.1]]);
        let other = head(&[[0.1, 0.9], [0.2, 0.1], [0.4, 0.3], [0.3, 0.1], [0.7, 0.2], [0.8, 0.3], [0.2, 0.1]]);
        let heads = [one, other];
        let factors = fit(&heads, &labels).unwrap();
        let least = loss(&heads, &labels, &factors);
        for (i, by) in [(0, 1e-3), (0, -1e-3), (1, 1e-3), (1, -1e-3)] {
            let mut near = factors.clone();
            near[i] += by;
            assert!(loss(&heads, &labels, &near) > least, "{i} {by}");
        }
    }

    #[test]
    fn what_does_not_fit_is_refused() {
        let one = head(&[[1.0, 0.0]]);
        assert_eq!(fit(&[], &[0]), Err(Error::TooFew));
        assert_eq!(fit(std::slice::from_ref(&one), &[]), Err(Error::TooFew));
        assert_eq!(fit(std::slice::from_ref(&one), &[0, 1]), Err(Error::Dimension { expected: 2, found: 1 }));
        assert_eq!(fit(&[one], &[2]), Err(Error::Label { label: 2, classes: 2 }));
    }
}
