//! A sparse vector, as hashed n-grams make them: few entries of a wide space.

use std::cmp::Ordering;

/// Entries in ascending order of their index, each index once.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct Sparse(Vec<(u32, f32)>);

impl Sparse {
    /// Sorts entries and adds up those of one index.
    #[must_use]
    pub fn new(mut entries: Vec<(u32, f32)>) -> Self {
        entries.sort_by_key(|entry| entry.0);
        entries.dedup_by(|next, kept| {
            let is_same = next.0 == kept.0;
            if is_same {
                kept.1 += next.1;
            }
            is_same
        });
        Self(entries)
    }

    /// The entries in ascending order of their index.
    #[must_use]
    pub fn entries(&self) -> &[(u32, f32)] {
        &self.0
    }

    /// Inner product.
    #[must_use]
    pub fn dot(&self, other: &Self) -> f32 {
        let (mut left, mut right) = (self.0.as_slice(), other.0.as_slice());
        let mut sum = 0.0;
        while let ([(i, a), left_rest @ ..], [(j, b), right_rest @ ..]) = (left, right) {
            match i.cmp(j) {
                Ordering::Less => left = left_rest,
                Ordering::Greater => right = right_rest,
                Ordering::Equal => {
                    sum += a * b;
                    (left, right) = (left_rest, right_rest);
                }
            }
        }
        sum
    }

    /// L2 norm.
    #[must_use]
    pub fn norm(&self) -> f32 {
        self.0.iter().map(|&(_, value)| f64::from(value).powi(2)).sum::<f64>().sqrt() as f32
    }

    /// The same direction with L2 norm 1; nothing stays nothing.
    #[must_use]
    pub fn unit(mut self) -> Self {
        let norm = self.norm();
        if norm > 0.0 {
            self.0.iter_mut().for_each(|entry| entry.1 /= norm);
        }
        self
    }
}

/// Many sparse vectors by their entries, to be compared with one at once.
#[derive(Debug, Clone, Default)]
pub struct Postings {
    size: usize,
    /// Index, vector and value, in this order.
    entries: Vec<(u32, u32, f32)>,
}

impl Postings {
    /// Turns the vectors inside out; there are fewer than 2³².
    #[must_use]
    pub fn new<'a>(vectors: impl IntoIterator<Item = &'a Sparse, IntoIter: Clone>) -> Self {
        let vectors = vectors.into_iter();
        // Reserved at once: it may be most of what a function's memory holds.
        let mut entries = Vec::with_capacity(vectors.clone().map(|sparse| sparse.0.len()).sum());
        let mut size = 0;
        for (vector, sparse) in (0..).zip(vectors) {
            entries.extend(sparse.0.iter().map(|&(index, value)| (index, vector, value)));
            size += 1;
        }
        entries.sort_unstable_by_key(|&(index, vector, _)| (index, vector));
        Self { size, entries }
    }

    /// How many vectors.
    #[must_use]
    pub const fn len(&self) -> usize {
        self.size
    }

    /// Whether there is none.
    #[must_use]
    pub const fn is_empty(&self) -> bool {
        self.size == 0
    }

    /// Inner product of each vector with the query.
    #[must_use]
    pub fn similarities(&self, query: &Sparse) -> Vec<f32> {
        let mut sums = vec![0.0; self.size];
        let mut rest = self.entries.as_slice();
        for &(wanted, value) in &query.0 {
            rest = &rest[rest.partition_point(|entry| entry.0 < wanted)..];
            for &(_, vector, other) in rest.iter().take_while(|entry| entry.0 == wanted) {
                sums[vector as usize] += value * other;
            }
        }
        sums
    }

    /// Each index that occurs, ascending, with the vectors that have it and its values there.
    pub fn by_index(&self) -> impl Iterator<Item = (u32, impl Iterator<Item = (usize, f32)> + Clone)> {
        let runs = self.entries.chunk_by(|a, b| a.0 == b.0);
        runs.map(|run| (run[0].0, run.iter().map(|&(_, vector, value)| (vector as usize, value))))
    }
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeMap;

    use proptest::prelude::*;

    use super::*;

    #[test]
    fn sorts_and_adds_up() {
        let sparse = Sparse::new(vec![(9, 1.0), (2, 4.0), (9, 2.0)]);
        assert_eq!(sparse.entries(), &[(2, 4.0), (9, 3.0)]);
        assert_eq!((sparse.norm(), sparse.unit().entries()), (5.0, &[(2, 0.8), (9, 0.6)][..]));
        assert_eq!(Sparse::default().unit(), Sparse::default());
    }

    fn entries() -> impl Strategy<Value = Vec<(u32, f32)>> {
        prop::collection::vec((0u32..30, -1.0f32..1.0), 0..40)
    }

    proptest! {
        #[test]
        fn dot_equals_a_look_up(left in entries(), right in entries()) {
            let (left, right) = (Sparse::new(left), Sparse::new(right));
            let known: BTreeMap<_, _> = right.entries().iter().copied().collect();
            let plain: f32 = left.entries().iter().filter_map(|(index, value)| Some(value * known.get(index)?)).sum();
            prop_assert!((left.dot(&right) - plain).abs() < 1e-4);
            prop_assert!((left.dot(&right) - right.dot(&left)).abs() < 1e-4);
        }

        #[test]
        fn postings_equal_one_dot_after_another(rows in prop::collection::vec(entries(), 0..6), query in entries()) {
            let (rows, query): (Vec<_>, _) = (rows.into_iter().map(Sparse::new).collect(), Sparse::new(query));
            let found = Postings::new(&rows).similarities(&query);
            prop_assert_eq!(found.len(), rows.len());
            for (row, similarity) in rows.iter().zip(found) {
                prop_assert!((row.dot(&query) - similarity).abs() < 1e-4);
            }
        }

        #[test]
        fn postings_by_index_are_the_vectors(rows in prop::collection::vec(entries(), 0..6)) {
            let rows: Vec<_> = rows.into_iter().map(Sparse::new).collect();
            let mut back = vec![Vec::new(); rows.len()];
            for (index, vectors) in Postings::new(&rows).by_index() {
                vectors.for_each(|(vector, value)| back[vector].push((index, value)));
            }
            prop_assert_eq!(back.into_iter().map(Sparse::new).collect::<Vec<_>>(), rows);
        }
    }
}
