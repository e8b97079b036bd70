//! Kernel ridge regression for more examples than one system may have: all are learnt from, some of them carry the weights.

use super::kernel::{Expansion, RIDGE, similarities};
use super::{Examples, Head};
use crate::error::Error;
use crate::linear::{Cholesky, Triangle};
use crate::matrix::Matrix;
use crate::sparse::{Postings, Sparse};

/// Examples that pass the triangle together. Chosen: 2,000 landmarks by 64 of them are a megabyte, within a second-level cache.
const BLOCK: usize = 64;

/// A part of the mean diagonal that is added to all of it, since two landmarks that are alike leave the system without a solution.
///
/// Chosen: far below the smallest of its eigenvalues that count, far above rounding in `f64`.
const JITTER: f64 = 1e-10;

/// Scores as those of [`KernelRidge`](super::KernelRidge); with every example a landmark, the same.
///
/// Source: Rasmussen & Williams 2006, §8.3.1, subset of regressors, eq. 8.14.
#[derive(Debug, Clone)]
pub struct LandmarkRidge(Expansion);

impl LandmarkRidge {
    /// Learns from all examples; `landmarks` of them, as many of each class as there are, keep a weight for each class.
    ///
    /// Time grows with the examples and with the square of the landmarks, memory with the latter alone.
    ///
    /// Shape: `view` is as for [`KernelRidge::fused`](super::KernelRidge::fused).
    /// Errors: `TooFew` without a landmark; `TooMany` if they are more than [`MOST_ROWS`](crate::linear::MOST_ROWS); `Dimension` if `view` has
    /// another number of vectors; `NotFinite` if a value of `view` is.
    pub fn new(examples: Examples, view: &[Sparse], landmarks: usize) -> Result<Self, Error> {
        let examples = examples.unit();
        let (size, classes) = (examples.labels.len(), examples.counts.len());
        if !view.is_empty() && view.len() != size {
            return Err(Error::Dimension { expected: size, found: view.len() });
        }
        if landmarks == 0 {
            return Err(Error::TooFew);
        }
        let chosen = in_turn(&examples.labels, landmarks);
        let vectors = Matrix::from_rows(&chosen.iter().map(|&i| examples.vectors.row(i)).collect::<Vec<_>>())?;
        let nothing = Sparse::default();
        let view_of = |i: usize| view.get(i).unwrap_or(&nothing);
        let own: Vec<_> = if view.is_empty() { Vec::new() } else { chosen.iter().map(|&i| view[i].clone()).collect() };
        let postings = Postings::new(&own);
        let between = |i: usize| similarities(&vectors, &postings, examples.vectors.row(i), view_of(i));

        let mut system = Triangle::from_rows(chosen.len(), |i, row| {
            row.iter_mut().zip(between(chosen[i])).for_each(|(value, similarity)| *value = RIDGE * similarity);
        })?;
        let mut weights = vec![0.0; chosen.len() * classes];
        let mut block = vec![0.0; chosen.len() * BLOCK];
        for first in (0..size).step_by(BLOCK) {
            block.fill(0.0);
            for i in first..size.min(first + BLOCK) {
                for (landmark, similarity) in between(i).enumerate() {
                    block[landmark * BLOCK + i - first] = similarity;
                    weights[landmark * classes + examples.labels[i]] += similarity;
                }
            }
            system.add_products(&block, BLOCK);
        }
        Cholesky::factor(system.raised(JITTER))?.solve(&mut weights, classes)?;
        let weights = Matrix::new(chosen.len(), classes, weights.into_iter().map(|weight| weight as f32).collect())?;
        Ok(Self(Expansion { vectors, view: postings, weights }))
    }

    /// As [`Head::scores`], with the second view of the query.
    ///
    /// Errors: as [`Head::scores`], of `view` too.
    pub fn scores_fused(&self, query: &[f32], view: &Sparse) -> Result<Vec<f32>, Error> {
        self.0.scores(query, view)
    }
}

impl Head for LandmarkRidge {
    fn classes(&self) -> usize {
        self.0.weights.columns()
    }

    /// Of a head with a second view: as if the query shared nothing with any landmark there.
    fn scores(&self, query: &[f32]) -> Result<Vec<f32>, Error> {
        self.scores_fused(query, &Sparse::default())
    }
}

/// The first example of each class, then the second, until there are enough; in ascending order.
fn in_turn(labels: &[usize], count: usize) -> Vec<usize> {
    let mut met = vec![0_usize; labels.iter().max().map_or(0, |highest| highest + 1)];
    let mut turns: Vec<(usize, usize)> = Vec::with_capacity(labels.len());
    for (i, &label) in labels.iter().enumerate() {
        turns.push((met[label], i));
        met[label] += 1;
    }
    turns.sort_unstable();
    let mut chosen: Vec<_> = turns.into_iter().take(count).map(|(_, i)| i).collect();
    chosen.sort_unstable();
    chosen
}

#[cfg(test)]
mod tests {
    use super::in_turn;

    #[test]
    fn classes_take_turns() {
        let labels = [0, 0, 0, 1, 2, 2];
        assert_eq!(in_turn(&labels, 3), [0, 3, 4]);
        assert_eq!(in_turn(&labels, 5), [0, 1, 3, 4, 5]);
        assert_eq!(in_turn(&labels, 99), [0, 1, 2, 3, 4, 5]);
        assert_eq!(in_turn(&labels, 0), [0_usize; 0]);
    }
}
