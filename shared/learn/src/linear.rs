//! Positive definite systems by Cholesky, in `f64`, and nothing else of linear algebra.

use crate::error::Error;

/// Columns factored together, so that their rows stay in the cache while all rows below pass by.
///
/// Chosen: 64 rows of 1,000 `f64` are half a megabyte, within a second-level cache.
const BLOCK: usize = 64;

/// Right-hand sides that are solved together. Chosen as [`BLOCK`] is: 64 columns of 2,000 `f64` are a megabyte.
const PANEL: usize = 64;

/// The most rows one system may have: 12,000 make 576 MB, which a build has. A function, whose isolate has 128 MB, bounds its examples itself.
pub const MOST_ROWS: usize = 12_000;

/// The lower triangle of a symmetric matrix, packed: row `i` has `i + 1` values, and row follows row.
#[derive(Debug, Clone, PartialEq)]
pub struct Triangle {
    size: usize,
    values: Vec<f64>,
}

impl Triangle {
    /// Fills the triangle row by row; row `i` is handed out as `i + 1` zeros.
    ///
    /// Errors: `TooMany` beyond [`MOST_ROWS`].
    pub fn from_rows(size: usize, mut fill: impl FnMut(usize, &mut [f64])) -> Result<Self, Error> {
        if size > MOST_ROWS {
            return Err(Error::TooMany { most: MOST_ROWS, found: size });
        }
        let mut triangle = Self { size, values: vec![0.0; start(size)] };
        (0..size).for_each(|i| fill(i, triangle.split_at(i).1));
        Ok(triangle)
    }

    /// `(1 − part) A + part t I`, where `t` is the mean of the diagonal.
    ///
    /// Source: Ledoit & Wolf 2004, eq. 14, with the part given.
    #[must_use]
    pub fn shrunk(mut self, part: f64) -> Self {
        let trace = self.trace();
        self.values.iter_mut().for_each(|value| *value *= 1.0 - part);
        (0..self.size).for_each(|i| self.values[start(i) + i] += part * trace / self.size as f64);
        self
    }

    /// `A + B Bᵀ`.
    ///
    /// Shape: `rows` is `B`, `[n, columns]`; what is beyond does not count.
    pub(crate) fn add_products(&mut self, rows: &[f64], columns: usize) {
        for (i, left) in rows.chunks_exact(columns).take(self.size).enumerate() {
            for (value, right) in self.split_at(i).1.iter_mut().zip(rows.chunks_exact(columns)) {
                *value += dot(left, right);
            }
        }
    }

    /// `A + part t I`, where `t` is the mean of the diagonal.
    pub(crate) fn raised(mut self, part: f64) -> Self {
        let mean = self.trace() / self.size as f64;
        (0..self.size).for_each(|i| self.values[start(i) + i] += part * mean);
        self
    }

    /// Adds to the value of two rows, of which the first is not before the other.
    pub(crate) fn add(&mut self, later: usize, earlier: usize, value: f64) {
        self.values[start(later) + earlier] += value;
    }

    fn trace(&self) -> f64 {
        (0..self.size).map(|i| self.row(i)[i]).sum()
    }

    fn row(&self, index: usize) -> &[f64] {
        row(&self.values, index)
    }

    /// The rows above one, to read, and the row itself, to write.
    fn split_at(&mut self, index: usize) -> (&[f64], &mut [f64]) {
        let (above, rest) = self.values.split_at_mut(start(index));
        (above, &mut rest[..=index])
    }
}

const fn start(row: usize) -> usize {
    row * (row + 1) / 2
}

fn row(packed: &[f64], index: usize) -> &[f64] {
    &packed[start(index)..start(index + 1)]
}

/// The factor `L` of a symmetric positive definite `A = L Lᵀ`.
///
/// Source: Golub & Van Loan 2013, §4.2.5.
#[derive(Debug, Clone)]
pub struct Cholesky(Triangle);

impl Cholesky {
    /// Factors in place.
    ///
    /// Errors: `NotPositive` if the matrix is not positive definite, or a value is not finite.
    pub fn factor(mut matrix: Triangle) -> Result<Self, Error> {
        for first in (0..matrix.size).step_by(BLOCK) {
            for i in first..matrix.size {
                let (above, own) = matrix.split_at(i);
                for j in first..i.min(first + BLOCK) {
                    let other = row(above, j);
                    own[j] = (own[j] - dot(&own[..j], &other[..j])) / other[j];
                }
                if i < first + BLOCK {
                    let pivot = own[i] - dot(&own[..i], &own[..i]);
                    if !(pivot > 0.0 && pivot.is_finite()) {
                        return Err(Error::NotPositive);
                    }
                    own[i] = pivot.sqrt();
                }
            }
        }
        Ok(Self(matrix))
    }

    /// Solves `A X = B`; `right` holds `B` before and `X` after.
    ///
    /// Shape: `right` is `[n, columns]`.
    /// Errors: `Dimension` if it is not.
    pub fn solve(&self, right: &mut [f64], columns: usize) -> Result<(), Error> {
        let size = self.0.size;
        if size.checked_mul(columns) != Some(right.len()) {
            return Err(Error::Dimension { expected: size.saturating_mul(columns), found: right.len() });
        }
        self.descend(right, columns);
        self.ascend(right, columns);
        Ok(())
    }

    /// Solves `L X = B`, in place. Shape: `right` is `[n, columns]`.
    fn descend(&self, right: &mut [f64], columns: usize) {
        self.descend_from(0, right, columns);
    }

    /// Solves `L X = B` where `B` is zeros above a row, and so is `X`.
    ///
    /// Shape: `right` is what is not above it, `[n - first, columns]`.
    fn descend_from(&self, first: usize, right: &mut [f64], columns: usize) {
        for i in 0..self.0.size - first {
            let (above, rest) = right.split_at_mut(i * columns);
            let (factors, target) = (&self.0.row(first + i)[first..], &mut rest[..columns]);
            for (k, factor) in factors[..i].iter().enumerate() {
                add(target, -factor, &above[k * columns..][..columns]);
            }
            target.iter_mut().for_each(|value| *value /= factors[i]);
        }
    }

    /// Solves `L x = b` for each row `b`, which `x` takes the place of.
    ///
    /// Shape: `rows` is `[any, n]`.
    pub(crate) fn descend_rows(&self, rows: &mut [f32]) {
        let size = self.0.size;
        let mut panel = Vec::new();
        for rows in rows.chunks_mut(PANEL * size.max(1)) {
            let count = rows.len() / size;
            panel.clear();
            panel.extend((0..size).flat_map(|at| rows.iter().skip(at).step_by(size).map(|value| f64::from(*value))));
            self.descend(&mut panel, count);
            for (at, row) in rows.chunks_exact_mut(size).enumerate() {
                row.iter_mut().zip(panel.iter().skip(at).step_by(count)).for_each(|(value, solved)| *value = *solved as f32);
            }
        }
    }

    /// Solves `Lᵀ X = B`, in place. Shape: `right` is `[n, columns]`.
    pub(crate) fn ascend(&self, right: &mut [f64], columns: usize) {
        for i in (0..self.0.size).rev() {
            let (above, rest) = right.split_at_mut(i * columns);
            let (factors, solved) = (self.0.row(i), &mut rest[..columns]);
            solved.iter_mut().for_each(|value| *value /= factors[i]);
            for (k, factor) in factors[..i].iter().enumerate() {
                add(&mut above[k * columns..][..columns], -factor, solved);
            }
        }
    }

    /// The diagonal of `A⁻¹`: the column norms of `L⁻¹`, of which a few columns stand at a time.
    #[must_use]
    pub fn inverse_diagonal(&self) -> Vec<f64> {
        let size = self.0.size;
        let mut diagonal = vec![0.0; size];
        for (at, sums) in diagonal.chunks_mut(PANEL).enumerate() {
            let (first, columns) = (at * PANEL, sums.len());
            let mut inverse = vec![0.0; (size - first) * columns];
            (0..columns).for_each(|i| inverse[i * columns + i] = 1.0);
            self.descend_from(first, &mut inverse, columns);
            for row in inverse.chunks_exact(columns) {
                sums.iter_mut().zip(row).for_each(|(sum, value)| *sum += value.powi(2));
            }
        }
        diagonal
    }
}

/// Inner product; the shorter side decides how far.
pub(crate) fn dot(left: &[f64], right: &[f64]) -> f64 {
    // Eight sums that do not wait for one another: the compiler makes them lanes.
    let mut lanes = [0.0; 8];
    let (left_blocks, left_rest) = left.as_chunks::<8>();
    let (right_blocks, right_rest) = right.as_chunks::<8>();
    for (a, b) in left_blocks.iter().zip(right_blocks) {
        for ((lane, a), b) in lanes.iter_mut().zip(a).zip(b) {
            *lane += a * b;
        }
    }
    lanes.iter().sum::<f64>() + left_rest.iter().zip(right_rest).map(|(a, b)| a * b).sum::<f64>()
}

/// `target += factor × vector`.
pub(crate) fn add(target: &mut [f64], factor: f64, vector: &[f64]) {
    for (sum, value) in target.iter_mut().zip(vector) {
        *sum += factor * value;
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    /// `R Rᵀ + I` of the values in reading order: positive definite whatever they are.
    fn positive(size: usize, values: &[f64]) -> Triangle {
        let vector = |i: usize| &values[i * size..][..size];
        let fill = |i: usize, row: &mut [f64]| {
            row.iter_mut().enumerate().for_each(|(j, value)| *value = dot(vector(i), vector(j)));
            row[i] += 1.0;
        };
        Triangle::from_rows(size, fill).unwrap()
    }

    fn at(matrix: &Triangle, i: usize, j: usize) -> f64 {
        matrix.row(i.max(j))[i.min(j)]
    }

    fn sample(count: usize) -> Vec<f64> {
        (0..count).map(|i| (i as f64 * 12.9898).sin()).collect()
    }

    #[track_caller]
    fn check(matrix: &Triangle, right: &[f64], columns: usize) {
        let cholesky = Cholesky::factor(matrix.clone()).unwrap();
        let mut solved = right.to_vec();
        cholesky.solve(&mut solved, columns).unwrap();
        for i in 0..matrix.size {
            for c in 0..columns {
                let back: f64 = (0..matrix.size).map(|k| at(matrix, i, k) * solved[k * columns + c]).sum();
                assert!((back - right[i * columns + c]).abs() < 1e-8, "row {i}, column {c}: {back}");
            }
        }
        for (i, found) in cholesky.inverse_diagonal().into_iter().enumerate() {
            let mut unit = vec![0.0; matrix.size];
            unit[i] = 1.0;
            cholesky.solve(&mut unit, 1).unwrap();
            assert!((found - unit[i]).abs() < 1e-9, "diagonal {i}: {found}");
        }
    }

    #[test]
    fn solves_across_blocks() {
        for size in [1, 2, BLOCK - 1, BLOCK, BLOCK + 1, 2 * BLOCK + 3] {
            check(&positive(size, &sample(size * size)), &sample(size * 3), 3);
        }
    }

    #[test]
    fn rows_are_solved_where_they_stand() {
        let cholesky = Cholesky::factor(positive(3, &sample(9))).unwrap();
        let rows: Vec<f32> = sample(3 * (PANEL + 2)).into_iter().map(|value| value as f32).collect();
        let mut solved = rows.clone();
        cholesky.descend_rows(&mut solved);
        for (row, solved) in rows.chunks_exact(3).zip(solved.chunks_exact(3)) {
            let mut alone: Vec<f64> = row.iter().map(|value| f64::from(*value)).collect();
            cholesky.descend(&mut alone, 1);
            assert!(alone.iter().zip(solved).all(|(a, b)| (*a as f32) == *b), "{alone:?} {solved:?}");
        }
    }

    #[test]
    fn refuses_what_has_no_factor() {
        let of = |values: [f64; 3]| Cholesky::factor(Triangle { size: 2, values: values.into() }).map(|_| ());
        assert_eq!(of([1.0, 0.5, 1.0]), Ok(()));
        assert_eq!(of([1.0, 2.0, 1.0]), Err(Error::NotPositive));
        assert_eq!(of([0.0, 0.0, 1.0]), Err(Error::NotPositive));
        assert_eq!(of([1.0, f64::NAN, 1.0]), Err(Error::NotPositive));
        assert_eq!(of([1.0, 0.0, f64::INFINITY]), Err(Error::NotPositive));
    }

    #[test]
    fn refuses_sizes_that_disagree_and_solves_nothing_of_nothing() {
        let cholesky = Cholesky::factor(positive(2, &sample(4))).unwrap();
        assert_eq!(cholesky.solve(&mut [0.0; 3], 2), Err(Error::Dimension { expected: 4, found: 3 }));
        assert_eq!(cholesky.solve(&mut [], 0), Ok(()));
        assert_eq!(Triangle::from_rows(MOST_ROWS + 1, |_, _| ()), Err(Error::TooMany { most: MOST_ROWS, found: MOST_ROWS + 1 }));
        assert_eq!(Cholesky::factor(positive(0, &[])).unwrap().inverse_diagonal(), &[] as &[f64]);
    }

    proptest! {
        #[test]
        fn solves_any_positive_matrix(size in 1usize..9, values in prop::collection::vec(-2.0f64..2.0, 81)) {
            check(&positive(size, &values), &values[..size * 2], 2);
        }
    }
}
