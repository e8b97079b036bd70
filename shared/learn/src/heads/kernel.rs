//! The kernel that ridge heads share, and weighted sums of it.

use super::{check, direction};
use crate::error::Error;
use crate::landmarks::SHARPNESS;
use crate::matrix::{Matrix, dot};
use crate::sparse::{Postings, Sparse};

/// What is added to the diagonal. Source: `models/train/heads.py`, `RIDGE`.
pub(super) const RIDGE: f64 = 0.1;

/// What the second view counts beside the first. Source: `models/train/heads.py`, `LEXICAL`.
const SECOND: f64 = 0.15;

/// The similarity of two examples, by their cosine and their second view.
pub(super) fn kernel(cosine: f32, second: f32) -> f64 {
    (f64::from(SHARPNESS) * (f64::from(cosine) - 1.0)).exp() + SECOND * f64::from(second)
}

/// Examples, and what each says of every class.
#[derive(Debug, Clone)]
pub(super) struct Expansion {
    /// Unit vectors.
    pub vectors: Matrix,
    pub view: Postings,
    /// Shape: `[n, classes]`.
    pub weights: Matrix,
}

impl Expansion {
    /// The similarities of a query to all examples, weighed.
    ///
    /// Shape: `query` is `[d]`; returns `[classes]`.
    /// Errors: `Dimension` if `query` has another length; `NotFinite` if one of its values is, or of `view`.
    pub fn scores(&self, query: &[f32], view: &Sparse) -> Result<Vec<f32>, Error> {
        let query = direction(query, self.vectors.columns())?;
        let mut scores = vec![0.0; self.weights.columns()];
        for (similarity, weights) in similarities(&self.vectors, &self.view, &query, view).zip(self.weights.iter()) {
            for (score, weight) in scores.iter_mut().zip(weights) {
                *score += similarity * f64::from(*weight);
            }
        }
        let scores: Vec<f32> = scores.into_iter().map(|score| score as f32).collect();
        check(&scores, scores.len())?;
        Ok(scores)
    }
}

/// The kernel between a unit query and each example.
pub(super) fn similarities<'a>(
    vectors: &'a Matrix,
    postings: &Postings,
    query: &'a [f32],
    view: &Sparse,
) -> impl Iterator<Item = f64> + use<'a> {
    let shared = postings.similarities(view);
    vectors.iter().enumerate().map(move |(i, vector)| kernel(dot(vector, query), shared.get(i).copied().unwrap_or_default()))
}
