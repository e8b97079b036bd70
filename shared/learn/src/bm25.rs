//! Okapi BM25 over folded stems: the lexical view of a site's entries.

use std::collections::BTreeMap;

use crate::sparse::Sparse;
use crate::words::{Language, stems};

/// Source: Robertson & Zaragoza 2009, §3.3.
const K1: f64 = 1.2;
const B: f64 = 0.75;

/// How rare a stem is that so many of all entries have.
///
/// Source: as [`Bm25::scores`].
#[must_use]
pub fn rarity(total: usize, with: usize) -> f64 {
    let (total, with) = (total as f64, with as f64);
    (1.0 + (total - with + 0.5) / (with + 0.5)).ln()
}

/// The score of a stem of this rarity in an entry of `length` words that has it `count` times, where entries have `mean` words.
///
/// Source: as [`Bm25::scores`].
#[must_use]
pub fn score(rarity: f64, count: u32, length: f64, mean: f64) -> f64 {
    let count = f64::from(count);
    rarity * count * (K1 + 1.0) / (count + K1 * (1.0 - B + B * length / mean))
}

/// The most that a stem of this rarity can score, however often an entry has it.
///
/// Source: Robertson & Zaragoza 2009, §3.4.1.
#[must_use]
pub fn most(rarity: f64) -> f64 {
    rarity * (K1 + 1.0)
}

/// Entries by their numbers; each is found by the stems of its own language.
///
/// Languages are apart: how rare a stem is and how long an entry is are measured among entries of one language.
#[derive(Debug, Clone, Default)]
pub struct Bm25(BTreeMap<Language, Shelf>);

/// The entries of one language.
#[derive(Debug, Clone, Default)]
struct Shelf {
    /// How often each stem occurs in which entries.
    postings: BTreeMap<String, BTreeMap<u32, u32>>,
    /// How many words each entry has.
    lengths: BTreeMap<u32, u32>,
    words: u64,
}

impl Bm25 {
    /// Adds an entry, in place of the one that had its number.
    pub fn add(&mut self, entry: u32, text: &str, language: Language) {
        self.remove(entry);
        self.0.entry(language).or_default().add(entry, stems(text, language));
    }

    /// Forgets an entry; says whether it was there.
    pub fn remove(&mut self, entry: u32) -> bool {
        self.0.values_mut().any(|shelf| shelf.remove(entry))
    }

    /// How many entries there are.
    #[must_use]
    pub fn len(&self) -> usize {
        self.0.values().map(|shelf| shelf.lengths.len()).sum()
    }

    /// Whether there is none.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.len() == 0
    }

    /// The score of every entry that shares a stem with the query, in order of their numbers; all others have 0.
    ///
    /// Source: Robertson & Zaragoza 2009, §3.4; the weight of a stem is ln(1 + (N − n + ½) / (n + ½)), which is never negative.
    #[must_use]
    pub fn scores(&self, query: &str) -> Sparse {
        let found = self.0.iter().flat_map(|(&language, shelf)| shelf.scores(&stems(query, language)));
        Sparse::new(found.map(|(entry, score)| (entry, score as f32)).collect())
    }

    /// As [`Self::scores`], each as a part of what an entry would have that held nothing but the query's words, over and over.
    ///
    /// It is near 0 where a query shares only common words with an entry, or few of its words, whatever the other entries have: unlike a score, it
    /// means the same for every query. A word that no entry has counts as the rarest.
    ///
    /// Shape: values from 0 to 1.
    /// Source: Robertson & Zaragoza 2009, §3.4.1: the limit of a stem's score as it occurs more often.
    #[must_use]
    pub fn shares(&self, query: &str) -> Sparse {
        let found = self.0.iter().flat_map(|(&language, shelf)| {
            let stems = stems(query, language);
            let most: f64 = stems.iter().map(|stem| most(shelf.rarity(stem))).sum();
            shelf.scores(&stems).into_iter().map(move |(entry, score)| (entry, (score / most) as f32))
        });
        Sparse::new(found.collect())
    }
}

impl Shelf {
    fn add(&mut self, entry: u32, stems: Vec<String>) {
        let length = u32::try_from(stems.len()).unwrap_or(u32::MAX);
        for stem in stems {
            *self.postings.entry(stem).or_default().entry(entry).or_default() += 1;
        }
        self.lengths.insert(entry, length);
        self.words += u64::from(length);
    }

    fn remove(&mut self, entry: u32) -> bool {
        let Some(length) = self.lengths.remove(&entry) else { return false };
        self.words -= u64::from(length);
        self.postings.retain(|_, entries| {
            entries.remove(&entry);
            !entries.is_empty()
        });
        true
    }

    fn rarity(&self, stem: &str) -> f64 {
        rarity(self.lengths.len(), self.postings.get(stem).map_or(0, BTreeMap::len))
    }

    fn scores(&self, stems: &[String]) -> BTreeMap<u32, f64> {
        let mean = self.words as f64 / self.lengths.len() as f64;
        let mut scores = BTreeMap::new();
        for (stem, entries) in stems.iter().filter_map(|stem| Some((stem, self.postings.get(stem)?))) {
            let rarity = self.rarity(stem);
            for (entry, &count) in entries {
                let length = self.lengths.get(entry).copied().map_or(mean, f64::from);
                *scores.entry(*entry).or_default() += score(rarity, count, length, mean);
            }
        }
        scores
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;
    use serde::Deserialize;

    use super::*;

    #[derive(Deserialize)]
    struct Fixture {
        bm25: Vec<Index>,
    }

    #[derive(Deserialize)]
    struct Index {
        language: String,
        entries: Vec<String>,
        queries: Vec<(String, Vec<f32>)>,
    }

    #[test]
    fn scores_as_the_reference_does() {
        let fixture: Fixture = serde_json::from_str(include_str!("../fixtures/words.json")).unwrap();
        // All languages in one index, which must not change a score.
        let mut all = Bm25::default();
        for (shelf, index) in (0u32..).zip(&fixture.bm25) {
            let language = Language::of(&index.language);
            for (entry, text) in (shelf * 1_000..).zip(&index.entries) {
                all.add(entry, "replaced", Language::Other);
                all.add(entry, text, language);
            }
        }
        for (shelf, index) in (0u32..).zip(&fixture.bm25) {
            assert!(index.queries.len() > 5);
            for (query, expect) in &index.queries {
                let scores: BTreeMap<_, _> = all.scores(query).entries().iter().copied().collect();
                for (entry, expect) in (shelf * 1_000..).zip(expect) {
                    let score = scores.get(&entry).copied().unwrap_or_default();
                    assert!((score - expect).abs() < 1e-4, "{query}: entry {entry} has {score}, not {expect}");
                }
            }
        }
    }

    #[test]
    fn an_index_without_words_finds_nothing() {
        let mut index = Bm25::default();
        assert_eq!(index.scores("refund"), Sparse::default());
        index.add(7, "", Language::English);
        assert_eq!((index.len(), index.scores("refund")), (1, Sparse::default()));
        assert!(index.remove(7) && !index.remove(7) && index.is_empty());
    }

    #[test]
    fn a_share_says_how_much_of_the_query_an_entry_has() {
        let mut index = Bm25::default();
        let texts = ["the refund of an order", "the order of a refund refund refund refund refund refund", "the tent"];
        (0u32..).zip(texts).for_each(|(entry, text)| index.add(entry, text, Language::English));
        let shares = |query: &str| index.shares(query).entries().to_vec();
        let of = |query: &str, entry: u32| shares(query).into_iter().find(|it| it.0 == entry).map_or(0.0, |it| it.1);
        assert!(of("refund", 1) > of("refund", 0) && of("refund", 0) > 0.3 && of("refund", 2) == 0.0);
        // Words that no entry has, and one that all have, are no reason to believe in any.
        assert!(of("my zip is stuck on the tent", 2) < of("tent", 2) / 2.0 && of("the zip jams", 2) < 0.1);
        assert_eq!((shares("zip"), shares("")), (vec![], vec![]));
    }

    proptest! {
        #[test]
        fn a_share_is_a_part(texts in prop::collection::vec("[a-e ]{0,12}", 1..8), query in "[a-f ]{0,12}") {
            let mut index = Bm25::default();
            (0u32..).zip(&texts).for_each(|(entry, text)| index.add(entry, text, Language::English));
            let (shares, scores) = (index.shares(&query), index.scores(&query));
            prop_assert_eq!(shares.entries().len(), scores.entries().len());
            prop_assert!(shares.entries().iter().all(|entry| entry.1 > 0.0 && entry.1 <= 1.0));
        }

        #[test]
        fn what_was_removed_leaves_no_trace(texts in prop::collection::vec("[a-e ]{0,12}", 1..8), gone in 0u32..8, query in "[a-e ]{0,12}") {
            let (mut once, mut never) = (Bm25::default(), Bm25::default());
            for (entry, text) in (0u32..).zip(&texts) {
                once.add(entry, text, Language::English);
                if entry != gone {
                    never.add(entry, text, Language::English);
                }
            }
            once.remove(gone);
            let scores = once.scores(&query);
            prop_assert!(scores.entries().iter().all(|entry| entry.1.is_finite() && entry.1 > 0.0));
            prop_assert_eq!(scores, never.scores(&query));
        }
    }
}
