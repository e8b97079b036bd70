//! Kernel ridge regression onto the labels: one Cholesky factorisation, and leave-one-out scores of the same.

use super::kernel::{Expansion, RIDGE, similarities};
use super::{Examples, Head};
use crate::error::Error;
use crate::linear::{Cholesky, Triangle};
use crate::matrix::Matrix;
use crate::sparse::{Postings, Sparse};

/// Scores are near 1 for the class a query belongs to and near 0 for the others.
///
/// Source: Saunders, Gammerman & Vovk 1998; the kernel is the Gaussian one on unit vectors.
#[derive(Debug, Clone)]
pub struct KernelRidge {
    expansion: Expansion,
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
    /// Errors: `Dimension` if it has another number; `TooMany` beyond [`MOST_ROWS`](crate::linear::MOST_ROWS), where
    /// [`LandmarkRidge`](super::LandmarkRidge) serves; `NotFinite` if a value of `view` is.
    pub fn fused(examples: Examples, view: &[Sparse]) -> Result<Self, Error> {
        let Examples { vectors, labels, counts } = examples.unit();
        let (size, classes) = (labels.len(), counts.len());
        if !view.is_empty() && view.len() != size {
            return Err(Error::Dimension { expected: size, found: view.len() });
        }
        let (postings, nothing) = (Postings::new(view), Sparse::default());
        let gram = Triangle::from_rows(size, |i, row| {
            let similarities = similarities(&vectors, &postings, vectors.row(i), view.get(i).unwrap_or(&nothing));
            row.iter_mut().zip(similarities).for_each(|(value, similarity)| *value = similarity);
            row[i] += RIDGE;
        })?;
        let factor = Cholesky::factor(gram)?;
        let mut weights = vec![0.0; size * classes];
        labels.iter().enumerate().for_each(|(i, label)| weights[i * classes + label] = 1.0);
        factor.solve(&mut weights, classes)?;
        let mut held_out = Vec::with_capacity(weights.len());
        for ((row, label), diagonal) in weights.chunks_exact(classes).zip(labels).zip(factor.inverse_diagonal()) {
            let truth = |class: usize| if class == label { 1.0 } else { 0.0 };
            held_out.extend(row.iter().enumerate().map(|(class, weight)| (truth(class) - weight / diagonal) as f32));
        }
        let weights = Matrix::new(size, classes, weights.into_iter().map(|weight| weight as f32).collect())?;
        let leave_one_out = Matrix::new(size, classes, held_out)?;
        Ok(Self { expansion: Expansion { vectors, view: postings, weights }, leave_one_out })
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
        self.expansion.scores(query, view)
    }
}

impl Head for KernelRidge {
    fn classes(&self) -> usize {
        self.expansion.weights.columns()
    }

    /// Of a head with a second view: as if the query shared nothing with any example there.
    fn scores(&self, query: &[f32]) -> Result<Vec<f32>, Error> {
        self.scores_fused(query, &Sparse::default())
    }
}
