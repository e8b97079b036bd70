//! Heads: what turns a sentence vector into a score for each class, learnt from a few labelled examples in one go.

use crate::error::Error;
use crate::matrix::{Matrix, normalise};

pub mod discriminant;
mod kernel;
pub mod landmarks;
pub mod logistic;
pub mod nearest;
pub mod prototypes;
pub mod ridge;

pub use discriminant::Discriminant;
pub use landmarks::LandmarkRidge;
pub use logistic::Logistic;
pub use nearest::Nearest;
pub use prototypes::Prototypes;
pub use ridge::KernelRidge;

/// Scores one query against every class.
pub trait Head {
    /// How many classes it knows.
    fn classes(&self) -> usize;

    /// One score for each class, in the order of their labels; the highest is the head's choice.
    ///
    /// Shape: `query` is `[d]`, as the examples were; returns `[classes]`.
    /// Errors: `Dimension` if `query` has another length; `NotFinite` if one of its values is.
    fn scores(&self, query: &[f32]) -> Result<Vec<f32>, Error>;
}

/// Labelled vectors; every class from 0 to the highest label has at least one.
#[derive(Debug, Clone)]
pub struct Examples {
    vectors: Matrix,
    labels: Vec<usize>,
    counts: Vec<usize>,
}

impl Examples {
    /// Joins vectors and their labels.
    ///
    /// Errors: `Dimension` if there are not as many labels as vectors; `TooFew` if there is none, or a class below the highest
    /// label has none.
    pub fn new(vectors: Matrix, labels: Vec<usize>) -> Result<Self, Error> {
        if labels.len() != vectors.rows() {
            return Err(Error::Dimension { expected: vectors.rows(), found: labels.len() });
        }
        let highest = labels.iter().copied().max().ok_or(Error::TooFew)?;
        if highest >= labels.len() {
            return Err(Error::TooFew);
        }
        let mut counts = vec![0; highest + 1];
        labels.iter().for_each(|&label| counts[label] += 1);
        if counts.contains(&0) {
            return Err(Error::TooFew);
        }
        Ok(Self { vectors, labels, counts })
    }

    /// The vectors, one row for each example.
    #[must_use]
    pub const fn vectors(&self) -> &Matrix {
        &self.vectors
    }

    /// The class of each example.
    #[must_use]
    pub fn labels(&self) -> &[usize] {
        &self.labels
    }

    /// How many examples each class has; its length is the number of classes.
    #[must_use]
    pub fn counts(&self) -> &[usize] {
        &self.counts
    }

    /// The same examples with unit vectors.
    #[must_use]
    pub fn unit(self) -> Self {
        Self { vectors: self.vectors.unit(), ..self }
    }

    fn iter(&self) -> impl Iterator<Item = (&[f32], usize)> {
        self.vectors.iter().zip(self.labels.iter().copied())
    }
}

/// A query as a head wants it.
fn check(query: &[f32], expected: usize) -> Result<&[f32], Error> {
    if query.len() != expected {
        return Err(Error::Dimension { expected, found: query.len() });
    }
    if query.iter().any(|value| !value.is_finite()) {
        return Err(Error::NotFinite);
    }
    Ok(query)
}

/// A checked query with L2 norm 1.
fn direction(query: &[f32], expected: usize) -> Result<Vec<f32>, Error> {
    let mut unit = check(query, expected)?.to_vec();
    normalise(&mut unit);
    Ok(unit)
}

/// `W x + b`, of a checked query.
fn affine(weights: &Matrix, intercepts: &[f64], query: &[f32]) -> Result<Vec<f32>, Error> {
    let query = check(query, weights.columns())?;
    let product = |row: &[f32]| row.iter().zip(query).map(|(weight, value)| f64::from(*weight) * f64::from(*value)).sum::<f64>();
    Ok(weights.iter().zip(intercepts).map(|(row, intercept)| (product(row) + intercept) as f32).collect())
}

#[cfg(test)]
mod tests;
