//! Linear discriminant analysis: classes as Gaussians of one shrunk covariance.

use super::{Examples, Head, affine};
use crate::error::Error;
use crate::linear::{Cholesky, Triangle, dot};
use crate::matrix::Matrix;

/// Scores are log posteriors, up to one constant that all classes share; their softmax are the posteriors.
///
/// Source: Hastie, Tibshirani & Friedman 2009, §4.3; covariance as in scikit-learn's `solver="lsqr"`.
#[derive(Debug, Clone)]
pub struct Discriminant {
    /// Shape: `[classes, d]`.
    weights: Matrix,
    intercepts: Vec<f64>,
}

impl Discriminant {
    /// Shrinks the covariance towards a multiple of the identity: by nothing at 0, to nothing else at 1.
    ///
    /// Errors: `Range` if `shrinkage` is not in [0, 1]; `TooFew` if there is one class; `TooMany` if vectors are longer than
    /// [`crate::linear::MOST_ROWS`]; `NotPositive` if nothing varies within the classes, or too little does to do without shrinkage.
    pub fn new(examples: &Examples, shrinkage: f64) -> Result<Self, Error> {
        if !(0.0..=1.0).contains(&shrinkage) {
            return Err(Error::Range("shrinkage"));
        }
        let (classes, columns) = (examples.counts.len(), examples.vectors.columns());
        if classes < 2 {
            return Err(Error::TooFew);
        }
        let mut means = vec![vec![0.0; columns]; classes];
        for (vector, label) in examples.iter() {
            for (mean, value) in means[label].iter_mut().zip(vector) {
                *mean += f64::from(*value) / examples.counts[label] as f64;
            }
        }
        let covariance = covariance(examples, &means)?.shrunk(shrinkage);
        let mut weights = vec![0.0; columns * classes];
        for (i, row) in weights.chunks_exact_mut(classes).enumerate() {
            row.iter_mut().zip(&means).for_each(|(value, mean)| *value = mean[i]);
        }
        Cholesky::factor(covariance)?.solve(&mut weights, classes)?;
        let row = |class: usize| weights.iter().skip(class).step_by(classes).copied();
        let prior = |class: usize| (examples.counts[class] as f64 / examples.labels.len() as f64).ln();
        let half_norm = |class: usize| row(class).zip(&means[class]).map(|(weight, mean)| weight * mean).sum::<f64>() / 2.0;
        Ok(Self {
            weights: Matrix::new(classes, columns, (0..classes).flat_map(row).map(|weight| weight as f32).collect())?,
            intercepts: (0..classes).map(|class| prior(class) - half_norm(class)).collect(),
        })
    }
}

/// Mean product of what sets each example apart from its class's mean.
fn covariance(examples: &Examples, means: &[Vec<f64>]) -> Result<Triangle, Error> {
    let (size, columns) = (examples.labels.len(), examples.vectors.columns());
    let mut apart = vec![0.0; columns * size];
    for (i, (vector, label)) in examples.iter().enumerate() {
        for (column, (value, mean)) in vector.iter().zip(&means[label]).enumerate() {
            apart[column * size + i] = f64::from(*value) - mean;
        }
    }
    let column = |i: usize| &apart[i * size..][..size];
    Triangle::from_rows(columns, |i, row| {
        row.iter_mut().enumerate().for_each(|(j, value)| *value = dot(column(i), column(j)) / size as f64);
    })
}

impl Head for Discriminant {
    fn classes(&self) -> usize {
        self.intercepts.len()
    }

    fn scores(&self, query: &[f32]) -> Result<Vec<f32>, Error> {
        affine(&self.weights, &self.intercepts, query)
    }
}
