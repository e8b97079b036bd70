//! BM25 of one language's articles in flat tables that open without being built: the formula is `orilla_learn::bm25`'s, whose own form grows; a
//! property test holds the two together.

use std::collections::BTreeMap;

use orilla_learn::bm25;
use orilla_learn::words::{Language, stems};

use super::Refusal;
use super::bytes::{Reader, Writer};

/// Which articles have which stems.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct Lexicon {
    /// All stems in order, one after another.
    stems: String,
    /// Where each stem ends.
    ends: Vec<u32>,
    /// Where each stem's postings end.
    posted: Vec<u32>,
    /// Article and count, two numbers each.
    postings: Vec<u32>,
    /// Article and number of words, two numbers each, in order.
    lengths: Vec<u32>,
    words: u64,
}

impl Lexicon {
    /// Of articles by their numbers, in rising order.
    pub fn new<'t>(texts: impl Iterator<Item = (u32, &'t str)>, language: Language) -> Self {
        let mut lexicon = Self::default();
        let mut all = BTreeMap::<String, BTreeMap<u32, u32>>::new();
        for (article, text) in texts {
            let stems = stems(text, language);
            let length = u32::try_from(stems.len()).unwrap_or(u32::MAX);
            lexicon.lengths.extend([article, length]);
            lexicon.words += u64::from(length);
            stems.into_iter().for_each(|stem| *all.entry(stem).or_default().entry(article).or_default() += 1);
        }
        for (stem, articles) in &all {
            lexicon.stems.push_str(stem);
            lexicon.ends.push(u32::try_from(lexicon.stems.len()).unwrap_or(u32::MAX));
            articles.iter().for_each(|(article, count)| lexicon.postings.extend([*article, *count]));
            lexicon.posted.push(u32::try_from(lexicon.postings.len()).unwrap_or(u32::MAX));
        }
        lexicon
    }

    /// Each article's share of the question's words, as `orilla_learn::bm25::Bm25::shares` defines it; articles without any are left out.
    ///
    /// Shape: values from 0 to 1, in no order; each article once.
    #[must_use]
    pub fn shares(&self, question: &str, language: Language) -> Vec<(u32, f32)> {
        let total = self.lengths.len() / 2;
        let mean = self.words as f64 / total as f64;
        let mut most = 0.0;
        let mut scores = BTreeMap::<u32, f64>::new();
        for stem in stems(question, language) {
            let postings = self.postings(&stem);
            let rarity = bm25::rarity(total, postings.len() / 2);
            most += bm25::most(rarity);
            for &[article, count] in postings.as_chunks::<2>().0 {
                let length = f64::from(self.length(article));
                *scores.entry(article).or_default() += bm25::score(rarity, count, length, mean);
            }
        }
        scores.into_iter().map(|(article, score)| (article, (score / most) as f32)).collect()
    }

    fn stem(&self, at: usize) -> &str {
        let end = |at: usize| self.ends.get(at).map_or(0, |end| *end as usize);
        self.stems.get(at.checked_sub(1).map_or(0, end)..end(at)).unwrap_or_default()
    }

    fn postings(&self, stem: &str) -> &[u32] {
        let (mut low, mut high) = (0, self.ends.len());
        while low < high {
            let middle = usize::midpoint(low, high);
            if self.stem(middle) < stem { low = middle + 1 } else { high = middle }
        }
        if low == self.ends.len() || self.stem(low) != stem {
            return &[];
        }
        let end = |at: usize| self.posted.get(at).map_or(0, |end| *end as usize);
        self.postings.get(low.checked_sub(1).map_or(0, end)..end(low)).unwrap_or_default()
    }

    fn length(&self, article: u32) -> u32 {
        let pairs = self.lengths.as_chunks::<2>().0;
        pairs.binary_search_by_key(&article, |pair| pair[0]).map_or(0, |at| pairs[at][1])
    }

    pub fn write(&self, out: &mut Writer) {
        out.text(&self.stems);
        [&self.ends, &self.posted, &self.postings, &self.lengths].into_iter().for_each(|table| out.u32s(table));
        out.u64(self.words);
    }

    /// Reads a lexicon of so many articles.
    pub fn read(from: &mut Reader<'_>, articles: usize) -> Result<Self, Refusal> {
        let stems = from.text()?.to_owned();
        let lexicon =
            Self { stems, ends: from.u32s()?, posted: from.u32s()?, postings: from.u32s()?, lengths: from.u32s()?, words: from.u64()? };
        let pairs = lexicon.postings.as_chunks::<2>().0.iter().chain(lexicon.lengths.as_chunks::<2>().0);
        let is_whole = lexicon.ends.len() == lexicon.posted.len() && pairs.into_iter().all(|pair| (pair[0] as usize) < articles);
        if is_whole { Ok(lexicon) } else { Err(Refusal::Damaged) }
    }
}

#[cfg(test)]
mod tests {
    use orilla_learn::bm25::Bm25;
    use proptest::prelude::*;

    use super::*;

    proptest! {
        #[test]
        fn has_the_figures_of_the_form_that_grows(texts in prop::collection::vec("(la |casa |casas |rojo |tienda |devolución |devoluciones |y ){0,12}", 0..8), question in "(casa |rojos |devolver |devolución |nada |la ){0,5}") {
            let language = Language::Spanish;
            let lexicon = Lexicon::new((0u32..).zip(texts.iter().map(String::as_str)), language);
            let mut reference = Bm25::default();
            (0u32..).zip(&texts).for_each(|(number, text)| reference.add(number, text, language));
            let mut out = Writer::default();
            lexicon.write(&mut out);
            let read = Lexicon::read(&mut Reader(&out.0), texts.len()).unwrap();
            prop_assert_eq!(&read, &lexicon);
            let (found, expect) = (read.shares(&question, language), reference.shares(&question));
            prop_assert_eq!(found.len(), expect.entries().len());
            for (a, b) in found.iter().zip(expect.entries()) {
                prop_assert!(a.0 == b.0 && (a.1 - b.1).abs() < 1e-6, "{:?} and {:?}", a, b);
            }
        }
    }
}
