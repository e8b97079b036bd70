//! Kernel ridge regression onto the labels: one Cholesky factorisation, and leave-one-out scores of the same.

use super::{Examples, Head, check, direction};
use crate::error::Error;
use crate::linear::{Cholesky, Triangle};
use crate::matrix::{Matrix, dot};
use crate::sparse::{Postings, Sparse};

/// How steeply similarity falls with the angle: `exp(3 (cos − 1))`. Source: `models/train/heads.py`, `SHARPNESS`.
const SHARPNESS: f64 = 3.0;

/// What is added to the diagonal. Source: `models/train/heads.py`, `RIDGE`.
const RIDGE: f64 = 0.1;

/// What the second view counts beside the first. Source: `models/train/heads.py`, `LEXICAL`.
const SECOND: f64 = 0.15;

/// Scores are near 1 for the class a query belongs to and near 0 for the others.
///
/// Source: Saunders, Gammerman & Vovk 1998; the kernel is the Gaussian one on unit vectors.
#[derive(Debug, Clone)]
pub struct KernelRidge {
    vectors: Matrix,
    view: Postings,
    /// Shape: `[n, classes]`.
    weights: Matrix,
    leave_one_out: Matrix,
}

impl KernelRidge {
    /// Learns from sentence vectors alone.
    ///
    /// Errors: `TooMany` beyond [`MOST_ROWS`](crate::linear::MOST_ROWS).
    pub fn new(examples: Examples) -> Result<Self, Error> {
        Self::fused(examples, &[])
    }

    /// Learns from sentence vectors and a second view of the same examples, such as hashed n-grams of unit norm.
    ///
    /// Shape: `view` has one vector for each example, or none at all.
    /// Errors: `Dimension` if it has another number; `TooMany` beyond [`MOST_ROWS`](crate::linear::MOST_ROWS); `NotFinite` if a value of `view` is.
    pub fn fused(examples: Examples, view: &[Sparse]) -> Result<Self, Error> {
        let Examples { vectors, labels, counts } = examples.unit();
        let (size, classes) = (labels.len(), counts.len());
        if !view.is_empty() && view.len() != size {
            return Err(Error::Dimension { expected: size, found: view.len() });
        }
        let postings = Postings::new(view);
        let gram = Triangle::from_rows(size, |i, row| {
            let shared = view.get(i).map(|own| postings.similarities(own)).unwrap_or_default();
            for (j, value) in row.iter_mut().enumerate() {
                *value = kernel(dot(vectors.row(i), vectors.row(j)), shared.get(j).copied().unwrap_or_default());
            }
            row[i] += RIDGE;
        })?;
        let factor = Cholesky::factor(gram)?;
        let mut weights = vec![0.0; size * classes];
        labels.iter().enumerate().for_each(|(i, label)| weights[i * classes + label] = 1.0);
        factor.solve(&mut weights, classes)?;
        let mut held_out = Vec::with_capacity(weights.len());
        for ((row, label), diagonal) in weights.chunks_exact(classes).zip(labels).zip(factor.into_inverse_diagonal()) {
            let truth = |class: usize| if class == label { 1.0 } else { 0.0 };
            held_out.extend(row.iter().enumerate().map(|(class, weight)| (truth(class) - weight / diagonal) as f32));
        }
        Ok(Self {
            vectors,
            view: postings,
            weights: Matrix::new(size, classes, weights.into_iter().map(|weight| weight as f32).collect())?,
            leave_one_out: Matrix::new(size, classes, held_out)?,
        })
    }

    /// What each example would have scored, had it not been there.
    ///
    /// Shape: `[n, classes]`.
    /// Source: Rasmussen & Williams 2006, eq. 5.12.
    #[must_use]
    pub const fn leave_one_out(&self) -> &Matrix {
        &self.leave_one_out
    }

    /// As [`Head::scores`], with the second view of the query.
    ///
    /// Errors: as [`Head::scores`], of `view` too.
    pub fn scores_fused(&self, query: &[f32], view: &Sparse) -> Result<Vec<f32>, Error> {
        let query = direction(query, self.vectors.columns())?;
        let shared = self.view.similarities(view);
        let mut scores = vec![0.0; self.classes()];
        for (i, (vector, weights)) in self.vectors.iter().zip(self.weights.iter()).enumerate() {
            let similarity = kernel(dot(vector, &query), shared.get(i).copied().unwrap_or_default());
            for (score, weight) in scores.iter_mut().zip(weights) {
                *score += similarity * f64::from(*weight);
            }
        }
        let scores: Vec<f32> = scores.into_iter().map(|score| score as f32).collect();
        check(&scores, self.classes())?;
        Ok(scores)
    }
}

impl Head for KernelRidge {
    fn classes(&self) -> usize {
        self.weights.columns()
    }

    /// Of a head with a second view: as if the query shared nothing with any example there.
    fn scores(&self, query: &[f32]) -> Result<Vec<f32>, Error> {
        self.scores_fused(query, &Sparse::default())
    }
}

fn kernel(cosine: f32, second: f32) -> f64 {
    (SHARPNESS * (f64::from(cosine) - 1.0)).exp() + SECOND * f64::from(second)
}
