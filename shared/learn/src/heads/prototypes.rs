//! One prototype for each class: the mean direction of its examples.

use super::{Examples, Head, direction};
use crate::error::Error;
use crate::matrix::{Matrix, dot, normalise};

/// Scores are cosines to the classes' prototypes, in [−1, 1].
///
/// Source: Snell, Swersky & Zemel 2017, §2, with cosines for distances.
#[derive(Debug, Clone)]
pub struct Prototypes {
    means: Matrix,
    leave_one_out: Matrix,
}

impl Prototypes {
    /// Averages the unit vectors of each class.
    ///
    /// Errors: none beyond those of [`Matrix::new`].
    pub fn new(examples: Examples) -> Result<Self, Error> {
        let examples = examples.unit();
        let (classes, columns) = (examples.counts.len(), examples.vectors.columns());
        let mut sums = vec![0.0; classes * columns];
        for (vector, label) in examples.iter() {
            for (sum, value) in sums[label * columns..].iter_mut().zip(vector) {
                *sum += value;
            }
        }
        let sums = Matrix::new(classes, columns, sums)?;
        let means = sums.clone().unit();
        let mut held_out = Vec::with_capacity(examples.labels.len() * classes);
        for (vector, label) in examples.iter() {
            let mut others: Vec<f32> = sums.row(label).iter().zip(vector).map(|(sum, value)| sum - value).collect();
            normalise(&mut others);
            held_out.extend(means.iter().enumerate().map(|(class, mean)| dot(if class == label { &others } else { mean }, vector)));
        }
        let leave_one_out = Matrix::new(examples.labels.len(), classes, held_out)?;
        Ok(Self { means, leave_one_out })
    }

    /// What each example would have scored, had it not been there; for a class of one its own score is 0.
    ///
    /// Shape: `[n, classes]`.
    #[must_use]
    pub const fn leave_one_out(&self) -> &Matrix {
        &self.leave_one_out
    }
}

impl Head for Prototypes {
    fn classes(&self) -> usize {
        self.means.rows()
    }

    fn scores(&self, query: &[f32]) -> Result<Vec<f32>, Error> {
        let query = direction(query, self.means.columns())?;
        Ok(self.means.iter().map(|mean| dot(mean, &query)).collect())
    }
}
