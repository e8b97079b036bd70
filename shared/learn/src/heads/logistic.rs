//! Multinomial logistic regression with an L2 penalty, by Newton steps.

use super::{Examples, Head, affine};
use crate::calibrate::softmax;
use crate::error::Error;
use crate::linear::{add, dot};
use crate::matrix::Matrix;

/// Stop once the gradient is this part of what it was. Chosen: probabilities then agree with scikit-learn's to 1e-4.
const TOLERANCE: f64 = 1e-7;

/// Newton steps, and conjugate gradients within one. Chosen as bounds, to end on any input: of unit vectors under half is used.
const MOST_STEPS: usize = 50;
const MOST_GRADIENTS: usize = 200;

/// The part of the promised decrease that a step must make. Source: Nocedal & Wright 2006, §3.1.
const DECREASE: f64 = 1e-4;

/// Scores are logits; their softmax are the probabilities.
///
/// Source: Nocedal & Wright 2006, algorithm 7.1, on the objective of scikit-learn's `LogisticRegression`.
#[derive(Debug, Clone)]
pub struct Logistic {
    /// Shape: `[classes, d]`.
    weights: Matrix,
    intercepts: Vec<f64>,
}

impl Logistic {
    /// Fits; `c` weighs the examples against the penalty, larger trusts them more.
    ///
    /// Takes some ten times as long as a kernel ridge of the same examples: for a build, not for a request.
    ///
    /// Errors: `Range` if `c` is not above zero and finite; `TooFew` if there is one class.
    pub fn new(examples: &Examples, c: f64) -> Result<Self, Error> {
        if !(c > 0.0 && c.is_finite()) {
            return Err(Error::Range("c"));
        }
        if examples.counts.len() < 2 {
            return Err(Error::TooFew);
        }
        let problem = Problem::new(examples, c);
        let solved = problem.minimise();
        let rows = solved.chunks_exact(problem.columns);
        let weights = rows.clone().flat_map(|row| &row[..problem.columns - 1]).map(|weight| *weight as f32).collect();
        Ok(Self {
            weights: Matrix::new(problem.classes, problem.columns - 1, weights)?,
            intercepts: rows.map(|row| row[problem.columns - 1]).collect(),
        })
    }
}

impl Head for Logistic {
    fn classes(&self) -> usize {
        self.intercepts.len()
    }

    fn scores(&self, query: &[f32]) -> Result<Vec<f32>, Error> {
        affine(&self.weights, &self.intercepts, query)
    }
}

struct Problem<'a> {
    /// Shape: `[n, columns]`; the last column is 1, for the intercept.
    rows: Vec<f64>,
    columns: usize,
    labels: &'a [usize],
    classes: usize,
    penalty: f64,
}

/// Where the search stands.
struct Point {
    weights: Vec<f64>,
    /// Shape: `[n, classes]`.
    probabilities: Vec<f64>,
    loss: f64,
}

impl<'a> Problem<'a> {
    fn new(examples: &'a Examples, c: f64) -> Self {
        let extended = |row: &'a [f32]| row.iter().map(|value| f64::from(*value)).chain([1.0]);
        let classes = examples.counts.len();
        Self {
            rows: examples.vectors.iter().flat_map(extended).collect(),
            columns: examples.vectors.columns() + 1,
            labels: &examples.labels,
            classes,
            // Of two classes scikit-learn penalises one vector of weights; two opposite halves of it would be penalised half.
            penalty: if classes == 2 { 2.0 } else { 1.0 } / c,
        }
    }

    fn minimise(&self) -> Vec<f64> {
        let mut point = self.at(vec![0.0; self.classes * self.columns]);
        let mut gradient = self.gradient(&point);
        let enough = TOLERANCE * norm(&gradient);
        for _ in 0..MOST_STEPS {
            if norm(&gradient) <= enough {
                break;
            }
            let step = self.newton(&point, &gradient);
            let Some(next) = self.descend(&point, &step, dot(&gradient, &step)) else { break };
            point = next;
            gradient = self.gradient(&point);
        }
        point.weights
    }

    fn at(&self, weights: Vec<f64>) -> Point {
        let mut probabilities = self.forward(&weights);
        let mut loss = self.penalty / 2.0 * self.without_intercepts(&weights).map(|weight| weight * weight).sum::<f64>();
        for (row, label) in probabilities.chunks_exact_mut(self.classes).zip(self.labels) {
            let logit = row[*label];
            loss += softmax(row) - logit;
        }
        Point { weights, probabilities, loss }
    }

    fn gradient(&self, point: &Point) -> Vec<f64> {
        let mut residuals = point.probabilities.clone();
        residuals.chunks_exact_mut(self.classes).zip(self.labels).for_each(|(row, label)| row[*label] -= 1.0);
        self.backward(&residuals, &point.weights)
    }

    /// Roughly `−H⁻¹ g`, by conjugate gradients: the nearer the optimum, the less roughly.
    fn newton(&self, point: &Point, gradient: &[f64]) -> Vec<f64> {
        let mut step = vec![0.0; gradient.len()];
        let mut residual: Vec<f64> = gradient.iter().map(|value| -value).collect();
        let mut direction = residual.clone();
        let mut left = dot(&residual, &residual);
        let enough = left * left.sqrt().min(0.25);
        for _ in 0..MOST_GRADIENTS {
            let curved = self.curvature(point, &direction);
            let curvature = dot(&direction, &curved);
            if left <= enough || curvature <= 0.0 {
                break;
            }
            let length = left / curvature;
            add(&mut step, length, &direction);
            add(&mut residual, -length, &curved);
            let after = dot(&residual, &residual);
            direction.iter_mut().zip(&residual).for_each(|(old, new)| *old = new + after / left * *old);
            left = after;
        }
        step
    }

    /// The Hessian times a direction.
    fn curvature(&self, point: &Point, direction: &[f64]) -> Vec<f64> {
        let mut moved = self.forward(direction);
        for (row, probabilities) in moved.chunks_exact_mut(self.classes).zip(point.probabilities.chunks_exact(self.classes)) {
            let mean = dot(row, probabilities);
            row.iter_mut().zip(probabilities).for_each(|(value, probability)| *value = probability * (*value - mean));
        }
        self.backward(&moved, direction)
    }

    /// Halves the step until it decreases the loss; nothing once rounding hides any decrease.
    fn descend(&self, point: &Point, step: &[f64], slope: f64) -> Option<Point> {
        (0..40).map(|halvings| 0.5_f64.powi(halvings)).find_map(|length| {
            let mut weights = point.weights.clone();
            add(&mut weights, length, step);
            let next = self.at(weights);
            (next.loss < point.loss && next.loss <= point.loss + DECREASE * length * slope).then_some(next)
        })
    }

    /// Logits of all examples. Shape: `[classes, columns]` → `[n, classes]`.
    fn forward(&self, weights: &[f64]) -> Vec<f64> {
        self.rows.chunks_exact(self.columns).flat_map(|row| weights.chunks_exact(self.columns).map(|class| dot(row, class))).collect()
    }

    /// What residuals say of the weights, and what the penalty says. Shape: `[n, classes]` → `[classes, columns]`.
    fn backward(&self, residuals: &[f64], weights: &[f64]) -> Vec<f64> {
        let mut sums: Vec<f64> = weights.iter().map(|weight| self.penalty * weight).collect();
        sums.iter_mut().skip(self.columns - 1).step_by(self.columns).for_each(|intercept| *intercept = 0.0);
        for (row, residuals) in self.rows.chunks_exact(self.columns).zip(residuals.chunks_exact(self.classes)) {
            for (class, residual) in sums.chunks_exact_mut(self.columns).zip(residuals) {
                add(class, *residual, row);
            }
        }
        sums
    }

    fn without_intercepts<'w>(&self, weights: &'w [f64]) -> impl Iterator<Item = &'w f64> {
        weights.chunks_exact(self.columns).flat_map(|row| row.iter().take(row.len() - 1))
    }
}

fn norm(vector: &[f64]) -> f64 {
    dot(vector, vector).sqrt()
}
