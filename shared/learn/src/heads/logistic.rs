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
        let task = Task::new(&examples.labels, examples.counts.len());
        let rows = Dense(&examples.vectors);
        let solved = fit(&rows, &task, c, TOLERANCE)?;
        let (weights, intercepts) = solved.split_at(rows.columns() * task.classes);
        Ok(Self {
            weights: Matrix::new(task.classes, rows.columns(), weights.iter().map(|weight| *weight as f32).collect())?,
            intercepts: intercepts.to_vec(),
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

/// What is to be told apart.
#[derive(Debug, Clone)]
pub(crate) struct Task<'a> {
    /// The class of each example.
    pub labels: &'a [usize],
    /// How many classes there are.
    pub classes: usize,
    /// What each example counts; all the same, if it is empty.
    pub importance: Vec<f64>,
    /// What is added to each example's logits before anything is learnt: `[n, classes]`; nothing, if it is empty.
    pub offsets: Vec<f64>,
}

impl<'a> Task<'a> {
    /// Every example counts the same, and nothing is known before.
    pub const fn new(labels: &'a [usize], classes: usize) -> Self {
        Self { labels, classes, importance: Vec::new(), offsets: Vec::new() }
    }
}

/// Examples as rows of features; how weights are laid out is a matter of the rows.
pub(crate) trait Rows {
    /// How many features there are.
    fn columns(&self) -> usize;

    /// Adds the logits of all examples. Shape: `weights` is of `columns × classes`, `logits` is `[n, classes]`.
    fn forward(&self, weights: &[f64], classes: usize, logits: &mut [f64]);

    /// Adds what residuals say of the weights. Shape: `residuals` is `[n, classes]`, `sums` as `weights` above.
    fn backward(&self, residuals: &[f64], classes: usize, sums: &mut [f64]);
}

/// Weights class by class.
pub(crate) struct Dense<'a>(pub &'a Matrix);

impl Rows for Dense<'_> {
    fn columns(&self) -> usize {
        self.0.columns()
    }

    fn forward(&self, weights: &[f64], classes: usize, logits: &mut [f64]) {
        for (row, logits) in self.0.iter().zip(logits.chunks_exact_mut(classes)) {
            for (class, logit) in weights.chunks_exact(row.len()).zip(logits) {
                *logit += row.iter().zip(class).map(|(value, weight)| f64::from(*value) * weight).sum::<f64>();
            }
        }
    }

    fn backward(&self, residuals: &[f64], classes: usize, sums: &mut [f64]) {
        for (row, residuals) in self.0.iter().zip(residuals.chunks_exact(classes)) {
            for (class, residual) in sums.chunks_exact_mut(row.len()).zip(residuals) {
                class.iter_mut().zip(row).for_each(|(sum, value)| *sum += residual * f64::from(*value));
            }
        }
    }
}

/// Weights of all features, class by class as the rows lay them out, then the intercepts.
///
/// Shape: `[columns × classes + classes]`.
/// `tolerance` is the part of the first gradient at which the search ends.
/// Errors: `Range` if `c` is not above zero and finite; `TooFew` if there are fewer than two classes.
pub(crate) fn fit(rows: &impl Rows, task: &Task<'_>, c: f64, tolerance: f64) -> Result<Vec<f64>, Error> {
    if !(c > 0.0 && c.is_finite()) {
        return Err(Error::Range("c"));
    }
    if task.classes < 2 {
        return Err(Error::TooFew);
    }
    // Of two classes scikit-learn penalises one vector of weights; two opposite halves of it would be penalised half.
    let penalty = if task.classes == 2 { 2.0 } else { 1.0 } / c;
    Ok(Problem { rows, task, penalty, tolerance }.minimise())
}

struct Problem<'a, R> {
    rows: &'a R,
    task: &'a Task<'a>,
    penalty: f64,
    tolerance: f64,
}

/// Where the search stands.
struct Point {
    weights: Vec<f64>,
    /// Shape: `[n, classes]`.
    probabilities: Vec<f64>,
    loss: f64,
}

impl<R: Rows> Problem<'_, R> {
    fn minimise(&self) -> Vec<f64> {
        let mut point = self.at(vec![0.0; self.penalised() + self.task.classes]);
        let mut gradient = self.gradient(&point);
        let enough = self.tolerance * norm(&gradient);
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

    /// How many of the weights are no intercepts.
    fn penalised(&self) -> usize {
        self.rows.columns() * self.task.classes
    }

    fn importance(&self, example: usize) -> f64 {
        self.task.importance.get(example).copied().unwrap_or(1.0)
    }

    fn at(&self, weights: Vec<f64>) -> Point {
        let mut probabilities = self.forward(&weights);
        probabilities.iter_mut().zip(&self.task.offsets).for_each(|(logit, offset)| *logit += offset);
        let mut loss = self.penalty / 2.0 * weights[..self.penalised()].iter().map(|weight| weight * weight).sum::<f64>();
        for (example, (row, label)) in probabilities.chunks_exact_mut(self.task.classes).zip(self.task.labels).enumerate() {
            let logit = row[*label];
            loss += self.importance(example) * (softmax(row) - logit);
        }
        Point { weights, probabilities, loss }
    }

    fn gradient(&self, point: &Point) -> Vec<f64> {
        let mut residuals = point.probabilities.clone();
        for (example, (row, label)) in residuals.chunks_exact_mut(self.task.classes).zip(self.task.labels).enumerate() {
            row[*label] -= 1.0;
            row.iter_mut().for_each(|value| *value *= self.importance(example));
        }
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
        let classes = self.task.classes;
        let mut moved = self.forward(direction);
        let rows = moved.chunks_exact_mut(classes).zip(point.probabilities.chunks_exact(classes));
        for (example, (row, probabilities)) in rows.enumerate() {
            let (mean, importance) = (dot(row, probabilities), self.importance(example));
            row.iter_mut().zip(probabilities).for_each(|(value, probability)| *value = importance * probability * (*value - mean));
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

    /// Logits of all examples, without their offsets. Shape: `[n, classes]`.
    fn forward(&self, weights: &[f64]) -> Vec<f64> {
        let (weights, intercepts) = weights.split_at(self.penalised());
        let mut logits = intercepts.repeat(self.task.labels.len());
        self.rows.forward(weights, self.task.classes, &mut logits);
        logits
    }

    /// What residuals say of the weights, and what the penalty says. Shape: as the weights.
    fn backward(&self, residuals: &[f64], weights: &[f64]) -> Vec<f64> {
        let penalised = self.penalised();
        let mut sums: Vec<f64> = weights.iter().map(|weight| self.penalty * weight).collect();
        sums[penalised..].fill(0.0);
        self.rows.backward(residuals, self.task.classes, &mut sums[..penalised]);
        for row in residuals.chunks_exact(self.task.classes) {
            add(&mut sums[penalised..], 1.0, row);
        }
        sums
    }
}

fn norm(vector: &[f64]) -> f64 {
    dot(vector, vector).sqrt()
}
