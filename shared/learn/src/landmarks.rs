//! A few examples by their meaning: what anything else means is told by how near it is to each of them.

use crate::error::Error;
use crate::linear::{Cholesky, Triangle};
use crate::matrix::{Matrix, dot, normalise};
use crate::search::Int8;

/// How steeply nearness falls with the angle: `exp(3 (cos − 1))`. Source: `models/train/heads.py`, `SHARPNESS`.
pub(crate) const SHARPNESS: f32 = 3.0;

/// What is added to the nearness of each landmark to itself. Chosen: landmarks are alike, and vectors in bytes; without it there is no factor.
const JITTER: f64 = 1e-3;

/// Landmarks.
#[derive(Debug, Clone, PartialEq)]
pub struct Landmarks {
    /// Unit vectors of whole steps, as [`Self::to_bytes`] writes them.
    vectors: Matrix,
    steps: Vec<i8>,
}

impl Landmarks {
    /// Takes at most so many vectors, evenly from all.
    ///
    /// Source: Williams & Seeger 2000, whose landmarks are drawn at random; rows that are in no order are as good.
    /// Errors: `TooFew` if there are none.
    pub fn choose(vectors: &Matrix, most: usize) -> Result<Self, Error> {
        let chosen = evenly(vectors.rows(), most).map(|at| vectors.row(at));
        let steps = chosen.map(|vector| Ok(Int8::new(vector)?.values)).collect::<Result<Vec<_>, Error>>()?.concat();
        Self::of_steps(vectors.columns(), steps)
    }

    fn of_steps(columns: usize, steps: Vec<i8>) -> Result<Self, Error> {
        if columns == 0 || steps.is_empty() {
            return Err(Error::TooFew);
        }
        let vectors = Matrix::new(steps.len() / columns, columns, steps.iter().map(|step| f32::from(*step)).collect())?.unit();
        Ok(Self { vectors, steps })
    }

    /// At most so many of them, evenly from all.
    ///
    /// Errors: `TooFew` if there are none.
    pub fn fewer(&self, most: usize) -> Result<Self, Error> {
        let chosen = evenly(self.len(), most).flat_map(|at| &self.steps[at * self.dimensions()..][..self.dimensions()]);
        Self::of_steps(self.dimensions(), chosen.copied().collect())
    }

    /// How many.
    #[must_use]
    pub const fn len(&self) -> usize {
        self.vectors.rows()
    }

    /// Never: there is at least one.
    #[must_use]
    pub const fn is_empty(&self) -> bool {
        self.vectors.rows() == 0
    }

    /// The length of the vectors.
    #[must_use]
    pub const fn dimensions(&self) -> usize {
        self.vectors.columns()
    }

    /// How near a vector is to each, from 0 to 1; its length does not count.
    ///
    /// Shape: `vector` is `[d]`; returns `[landmarks]`.
    /// Errors: `Dimension` if `vector` has another length; `NotFinite` if a value is.
    pub fn near(&self, vector: &[f32]) -> Result<Vec<f32>, Error> {
        if vector.len() != self.dimensions() {
            return Err(Error::Dimension { expected: self.dimensions(), found: vector.len() });
        }
        if vector.iter().any(|value| !value.is_finite()) {
            return Err(Error::NotFinite);
        }
        let mut unit = vector.to_vec();
        normalise(&mut unit);
        Ok(self.vectors.iter().map(|landmark| nearness(landmark, &unit)).collect())
    }

    /// The root of how near they are to one another: `L` of `L Lᵀ`.
    ///
    /// Errors: `TooMany`, `NotPositive`: as of systems.
    pub(crate) fn root(&self) -> Result<Cholesky, Error> {
        Cholesky::factor(Triangle::from_rows(self.len(), |i, row| {
            let own = self.vectors.row(i);
            row.iter_mut().zip(self.vectors.iter()).for_each(|(value, other)| *value = f64::from(nearness(own, other)));
            row[i] += JITTER;
        })?)
    }

    /// A byte a number, one vector after another.
    #[must_use]
    pub fn to_bytes(&self) -> Vec<u8> {
        self.steps.iter().map(|step| step.cast_unsigned()).collect()
    }

    /// Reads [`Self::to_bytes`], of vectors of so many numbers.
    ///
    /// Errors: `Malformed` if they do not fill whole vectors, or there are none.
    pub fn parse(bytes: &[u8], dimensions: usize) -> Result<Self, Error> {
        if dimensions == 0 || bytes.is_empty() || !bytes.len().is_multiple_of(dimensions) {
            return Err(Error::Malformed("landmarks"));
        }
        Self::of_steps(dimensions, bytes.iter().map(|byte| byte.cast_signed()).collect())
    }
}

/// At most so many numbers below `all`, evenly.
pub fn evenly(all: usize, most: usize) -> impl Iterator<Item = usize> {
    let count = most.min(all);
    (0..count).map(move |at| at * all / count)
}

fn nearness(left: &[f32], right: &[f32]) -> f32 {
    (SHARPNESS * (dot(left, right) - 1.0)).exp()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn vectors() -> Matrix {
        Matrix::from_rows(&[[3.0, 4.0], [0.0, 1.0], [1.0, 0.0], [-1.0, 0.0]]).unwrap()
    }

    #[test]
    fn landmarks_are_taken_evenly_and_come_back_from_their_bytes() {
        let all = Landmarks::choose(&vectors(), 9).unwrap();
        assert_eq!((all.len(), all.dimensions()), (4, 2));
        let two = Landmarks::choose(&vectors(), 2).unwrap();
        assert_eq!(
            two.near(&[1.0, 0.0]).unwrap(),
            Landmarks::choose(&vectors(), 4).unwrap().near(&[1.0, 0.0]).map(|all| vec![all[0], all[2]]).unwrap()
        );
        assert_eq!((all.fewer(2).unwrap(), all.fewer(0)), (two, Err(Error::TooFew)));
        assert_eq!(Landmarks::parse(&all.to_bytes(), 2), Ok(all.clone()));
        assert_eq!(Landmarks::parse(&all.to_bytes(), 3), Err(Error::Malformed("landmarks")));
        assert_eq!(Landmarks::parse(&[], 2), Err(Error::Malformed("landmarks")));
        assert_eq!(Landmarks::choose(&vectors(), 0), Err(Error::TooFew));
    }

    #[test]
    fn nearness_is_of_the_angle_alone() {
        let near = Landmarks::choose(&vectors(), 4).unwrap().near(&[0.0, 9.0]).unwrap();
        assert!((near[1] - 1.0).abs() < 1e-6 && (near[2] - (-3.0_f32).exp()).abs() < 1e-6 && near[0] > near[2], "{near:?}");
        assert!(Landmarks::choose(&vectors(), 4).unwrap().near(&[1.0]).is_err());
        assert_eq!(Landmarks::choose(&vectors(), 4).unwrap().near(&[f32::NAN, 0.0]), Err(Error::NotFinite));
    }
}
