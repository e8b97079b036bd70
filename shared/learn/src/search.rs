//! The nearest of many vectors: int8 with a scale for each, scanned whole. No index; a site's entries are thousands, not millions.

use std::cmp::Ordering;
use std::collections::BinaryHeap;

use crate::error::Error;
use crate::simd;

/// A vector in 8 bits: `value × scale` gives back each number within half a scale.
#[derive(Debug, Clone, PartialEq)]
pub struct Int8 {
    /// What one step is worth.
    pub scale: f32,
    /// From −127 to 127.
    pub values: Vec<i8>,
}

impl Int8 {
    /// Rounds to steps of the largest magnitude / 127.
    ///
    /// Errors: `NotFinite` if a value is.
    pub fn new(vector: &[f32]) -> Result<Self, Error> {
        if vector.iter().any(|value| !value.is_finite()) {
            return Err(Error::NotFinite);
        }
        let largest = vector.iter().fold(0.0_f32, |largest, value| largest.max(value.abs()));
        let scale = largest / 127.0;
        // Of a scale so small that its inverse overflows, nothing is left.
        let steps = if scale > f32::MIN_POSITIVE { 1.0 / scale } else { 0.0 };
        Ok(Self { scale, values: vector.iter().map(|value| (value * steps).round() as i8).collect() })
    }
}

/// One of the nearest.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Hit {
    /// Where the vector stands.
    pub index: usize,
    /// How near it is: larger is nearer.
    pub score: f32,
}

/// Vectors of one length, one after another.
#[derive(Debug, Clone, Default)]
pub struct Vectors {
    columns: usize,
    scales: Vec<f32>,
    values: Vec<i8>,
}

impl Vectors {
    /// An empty collection.
    ///
    /// Errors: `Range` if `columns` is zero; `TooMany` beyond [`simd::MOST_COLUMNS`].
    pub fn new(columns: usize) -> Result<Self, Error> {
        match columns {
            0 => Err(Error::Range("columns")),
            1..=simd::MOST_COLUMNS => Ok(Self { columns, ..Self::default() }),
            _ => Err(Error::TooMany { most: simd::MOST_COLUMNS, found: columns }),
        }
    }

    /// How many vectors.
    #[must_use]
    pub const fn len(&self) -> usize {
        self.scales.len()
    }

    /// Whether there are none.
    #[must_use]
    pub const fn is_empty(&self) -> bool {
        self.scales.is_empty()
    }

    /// Adds one at the end.
    ///
    /// Errors: `Dimension` if it has another length; `NotFinite` if its scale is.
    pub fn push(&mut self, vector: &Int8) -> Result<(), Error> {
        self.check(vector)?;
        self.scales.push(vector.scale);
        self.values.extend_from_slice(&vector.values);
        Ok(())
    }

    /// The `k` vectors of the largest inner product with the query, best first; of equals the earlier one.
    ///
    /// Errors: `Dimension` if the query has another length; `NotFinite` if its scale is.
    pub fn nearest(&self, query: &Int8, k: usize) -> Result<Vec<Hit>, Error> {
        self.check(query)?;
        let mut best = Best::new(k);
        for (index, (row, scale)) in self.values.chunks_exact(self.columns.max(1)).zip(&self.scales).enumerate() {
            best.offer(index, simd::dot(row, &query.values) as f32 * (scale * query.scale));
        }
        Ok(best.into_hits())
    }

    fn check(&self, vector: &Int8) -> Result<(), Error> {
        if vector.values.len() != self.columns {
            return Err(Error::Dimension { expected: self.columns, found: vector.values.len() });
        }
        if vector.scale.is_finite() { Ok(()) } else { Err(Error::NotFinite) }
    }
}

/// Keeps the `k` best of what it is offered.
#[derive(Debug, Clone)]
pub struct Best {
    k: usize,
    /// The worst on top.
    kept: BinaryHeap<Worse>,
}

impl Best {
    /// Keeps at most `k`.
    #[must_use]
    pub const fn new(k: usize) -> Self {
        Self { k, kept: BinaryHeap::new() }
    }

    /// Takes a candidate if it is among the best so far.
    pub fn offer(&mut self, index: usize, score: f32) {
        let candidate = Worse(Hit { index, score });
        if self.kept.len() < self.k {
            self.kept.push(candidate);
        } else if let Some(mut worst) = self.kept.peek_mut()
            && candidate < *worst
        {
            *worst = candidate;
        }
    }

    /// What was kept, best first; of equals the one of the lower index.
    #[must_use]
    pub fn into_hits(self) -> Vec<Hit> {
        self.kept.into_sorted_vec().into_iter().map(|Worse(hit)| hit).collect()
    }
}

/// Orders the better first.
#[derive(Debug, Clone, Copy)]
struct Worse(Hit);

impl Ord for Worse {
    fn cmp(&self, other: &Self) -> Ordering {
        other.0.score.total_cmp(&self.0.score).then(self.0.index.cmp(&other.0.index))
    }
}
impl PartialOrd for Worse {
    fn partial_cmp(&self, other: &Self) -> Option<Ordering> {
        Some(self.cmp(other))
    }
}
impl PartialEq for Worse {
    fn eq(&self, other: &Self) -> bool {
        self.cmp(other).is_eq()
    }
}
impl Eq for Worse {}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    #[track_caller]
    fn check(scores: &[f32], k: usize, expect: &[usize]) {
        let mut best = Best::new(k);
        scores.iter().enumerate().for_each(|(index, score)| best.offer(index, *score));
        assert_eq!(best.into_hits().iter().map(|hit| hit.index).collect::<Vec<_>>(), expect);
    }

    #[test]
    fn the_best_come_first_and_of_equals_the_earlier() {
        check(&[], 3, &[]);
        check(&[0.1, 0.9, 0.5], 0, &[]);
        check(&[0.1, 0.9, 0.5], 2, &[1, 2]);
        check(&[0.1, 0.9, 0.5], usize::MAX, &[1, 2, 0]);
        check(&[0.5, 0.9, 0.5, 0.5], 2, &[1, 0]);
        check(&[-0.5, -0.9, f32::NEG_INFINITY], 2, &[0, 1]);
    }

    #[test]
    fn refuses_vectors_of_another_length() {
        assert!(Vectors::new(0).is_err() && Vectors::new(simd::MOST_COLUMNS + 1).is_err());
        let mut vectors = Vectors::new(2).unwrap();
        let long = Int8::new(&[1.0, 2.0, 3.0]).unwrap();
        assert_eq!(vectors.push(&long), Err(Error::Dimension { expected: 2, found: 3 }));
        assert_eq!(vectors.nearest(&long, 1), Err(Error::Dimension { expected: 2, found: 3 }));
        assert_eq!(vectors.push(&Int8 { scale: f32::NAN, values: vec![0; 2] }), Err(Error::NotFinite));
        assert_eq!(Int8::new(&[f32::INFINITY]), Err(Error::NotFinite));
        assert!(vectors.is_empty());
    }

    proptest! {
        #[test]
        fn gives_back_each_number_within_half_a_step(vector in prop::collection::vec(any::<f32>().prop_filter("finite", |it| it.is_finite()), 0..9)) {
            let small = Int8::new(&vector).unwrap();
            for (value, step) in vector.iter().zip(&small.values) {
                prop_assert!((f64::from(*value) - f64::from(*step) * f64::from(small.scale)).abs() <= 0.51 * f64::from(small.scale) + 2e-36);
            }
        }

        #[test]
        fn finds_what_a_full_sort_finds(rows in prop::collection::vec(prop::array::uniform4(-1.0f32..1.0), 0..30), query: [f32; 4], k in 0usize..40) {
            let query = query.map(|value| if value.is_finite() { value } else { 0.0 });
            let query = Int8::new(&query).unwrap();
            let mut vectors = Vectors::new(4).unwrap();
            rows.iter().for_each(|row| vectors.push(&Int8::new(row).unwrap()).unwrap());
            let all = vectors.nearest(&query, rows.len()).unwrap();
            prop_assert!(all.len() == rows.len() && all.is_sorted_by(|a, b| a.score > b.score || (a.score == b.score && a.index < b.index)));
            prop_assert_eq!(&vectors.nearest(&query, k).unwrap()[..], &all[..k.min(rows.len())]);
        }
    }
}
