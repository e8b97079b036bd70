//! A dense matrix: rows of equal length, each one vector.

use crate::error::Error;

/// Rows of `f32`, one after another; every row has at least one column.
#[derive(Debug, Clone, PartialEq)]
pub struct Matrix {
    rows: usize,
    columns: usize,
    values: Vec<f32>,
}

impl Matrix {
    /// Takes the values row by row.
    ///
    /// Shape: `values` is `[rows, columns]`.
    /// Errors: `Dimension` if `values` is longer or shorter, or `columns` is zero; `NotFinite` if a value is.
    pub fn new(rows: usize, columns: usize, values: Vec<f32>) -> Result<Self, Error> {
        if columns == 0 || rows.checked_mul(columns) != Some(values.len()) {
            return Err(Error::Dimension { expected: rows.saturating_mul(columns.max(1)), found: values.len() });
        }
        if values.iter().any(|value| !value.is_finite()) {
            return Err(Error::NotFinite);
        }
        Ok(Self { rows, columns, values })
    }

    /// Stacks vectors of equal length.
    ///
    /// Errors: as [`Self::new`].
    pub fn from_rows<R: AsRef<[f32]>>(rows: &[R]) -> Result<Self, Error> {
        let columns = rows.first().map_or(1, |row| row.as_ref().len());
        if let Some(odd) = rows.iter().find(|row| row.as_ref().len() != columns) {
            return Err(Error::Dimension { expected: columns, found: odd.as_ref().len() });
        }
        Self::new(rows.len(), columns, rows.iter().flat_map(|row| row.as_ref()).copied().collect())
    }

    /// How many vectors.
    #[must_use]
    pub const fn rows(&self) -> usize {
        self.rows
    }

    /// How long each of them is.
    #[must_use]
    pub const fn columns(&self) -> usize {
        self.columns
    }

    /// One vector; empty beyond the last.
    #[must_use]
    pub fn row(&self, index: usize) -> &[f32] {
        let start = index.saturating_mul(self.columns);
        self.values.get(start..start.saturating_add(self.columns)).unwrap_or_default()
    }

    /// All vectors in order.
    pub fn iter(&self) -> impl ExactSizeIterator<Item = &[f32]> {
        self.values.chunks_exact(self.columns)
    }

    /// All values, row by row, to be changed.
    pub(crate) fn values_mut(&mut self) -> &mut [f32] {
        &mut self.values
    }

    /// The same rows, each with L2 norm 1, or zeros where it was zeros.
    #[must_use]
    pub fn unit(mut self) -> Self {
        self.values.chunks_exact_mut(self.columns).for_each(normalise);
        self
    }
}

/// Inner product; the shorter side decides how far.
#[must_use]
pub fn dot(left: &[f32], right: &[f32]) -> f32 {
    // Eight sums that do not wait for one another: the compiler makes them lanes.
    let mut lanes = [0.0; 8];
    let (left_blocks, left_rest) = left.as_chunks::<8>();
    let (right_blocks, right_rest) = right.as_chunks::<8>();
    for (a, b) in left_blocks.iter().zip(right_blocks) {
        for ((lane, a), b) in lanes.iter_mut().zip(a).zip(b) {
            *lane += a * b;
        }
    }
    let rest: f32 = left_rest.iter().zip(right_rest).map(|(a, b)| a * b).sum();
    lanes.iter().sum::<f32>() + rest
}

/// Scales a vector to L2 norm 1; zeros stay zeros.
pub fn normalise(vector: &mut [f32]) {
    let norm = vector.iter().map(|&value| f64::from(value).powi(2)).sum::<f64>().sqrt();
    if norm > 0.0 {
        vector.iter_mut().for_each(|value| *value = (f64::from(*value) / norm) as f32);
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    #[test]
    fn refuses_sizes_that_disagree() {
        let dimension = |expected, found| Err(Error::Dimension { expected, found });
        assert_eq!(Matrix::new(2, 3, vec![0.0; 5]), dimension(6, 5));
        assert_eq!(Matrix::new(1, 0, vec![]), dimension(1, 0));
        assert_eq!(Matrix::new(usize::MAX, 2, vec![]), dimension(usize::MAX, 0));
        assert_eq!(Matrix::new(1, 1, vec![f32::NAN]), Err(Error::NotFinite));
        assert_eq!(Matrix::from_rows(&[vec![1.0], vec![1.0, 2.0]]), dimension(1, 2));
        assert_eq!(Matrix::from_rows::<Vec<f32>>(&[]).map(|it| it.rows()), Ok(0));
    }

    #[test]
    fn hands_out_rows() {
        let matrix = Matrix::from_rows(&[[3.0, 4.0], [0.0, 0.0]]).unwrap().unit();
        assert_eq!((matrix.row(0), matrix.row(1), matrix.row(2)), (&[0.6, 0.8][..], &[0.0, 0.0][..], &[][..]));
        assert_eq!(matrix.row(usize::MAX), &[] as &[f32]);
        assert_eq!(matrix.iter().count(), 2);
    }

    proptest! {
        #[test]
        fn dot_equals_the_plain_sum(pairs in prop::collection::vec((-1.0f32..1.0, -1.0f32..1.0), 0..40)) {
            let (left, right): (Vec<_>, Vec<_>) = pairs.iter().copied().unzip();
            let plain: f32 = pairs.iter().map(|(a, b)| a * b).sum();
            prop_assert!((dot(&left, &right) - plain).abs() < 1e-5);
        }
    }
}
