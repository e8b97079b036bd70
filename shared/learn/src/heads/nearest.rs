//! The nearest examples vote.

use super::{Examples, Head, direction};
use crate::error::Error;
use crate::matrix::dot;
use crate::search::Best;

/// Scores are shares of the votes of the `k` nearest examples, each weighted by its cosine; votes of a negative cosine do not count.
///
/// Source: Dudani 1976, with cosines for weights.
#[derive(Debug, Clone)]
pub struct Nearest {
    examples: Examples,
    k: usize,
}

impl Nearest {
    /// Keeps the examples; a `k` beyond their number asks them all.
    ///
    /// Errors: `Range` if `k` is zero.
    pub fn new(examples: Examples, k: usize) -> Result<Self, Error> {
        if k == 0 {
            return Err(Error::Range("k"));
        }
        Ok(Self { examples: examples.unit(), k })
    }
}

impl Head for Nearest {
    fn classes(&self) -> usize {
        self.examples.counts.len()
    }

    fn scores(&self, query: &[f32]) -> Result<Vec<f32>, Error> {
        let query = direction(query, self.examples.vectors.columns())?;
        let mut nearest = Best::new(self.k);
        self.examples.vectors.iter().enumerate().for_each(|(index, vector)| nearest.offer(index, dot(vector, &query)));
        let mut votes = vec![0.0; self.classes()];
        for hit in nearest.into_hits() {
            votes[self.examples.labels[hit.index]] += hit.score.max(0.0);
        }
        let all: f32 = votes.iter().sum();
        if all > 0.0 {
            votes.iter_mut().for_each(|vote| *vote /= all);
        }
        Ok(votes)
    }
}
