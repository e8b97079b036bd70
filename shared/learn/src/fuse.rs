//! What cosines and words say together of the entries that may answer a question.

/// The score of an entry by its vector and its words: its cosine, plus the third power of its share of the question's words.
///
/// A share says how much of the question an entry has, and its power lets words speak where it has most of them: people's own words share
/// a common word or two with many entries, which tells nothing. BM25 divided by the best entry's makes such a word decide.
///
/// `share` is an entry's value in [`crate::bm25::Bm25::shares`], 0 where it has none.
///
/// Source: `BENCHMARKS.md`, the forms compared on training intents: of those that lose at most half a point anywhere, the one that adds most where
/// an entry has half of the words.
#[must_use]
pub fn fused(cosine: f32, share: f32) -> f32 {
    cosine + share.powi(3)
}

#[cfg(test)]
mod tests {
    use super::fused;
    use crate::bm25::Bm25;
    use crate::words::Language;

    #[test]
    fn many_words_decide_between_near_vectors_and_a_chance_word_does_not() {
        let mut index = Bm25::default();
        let texts = ["How do I return a tent? Send it back within 30 days.", "How do I wash a tent? By hand, with no soap."];
        (0u32..).zip(texts).for_each(|(entry, text)| index.add(entry, text, Language::English));
        let first = |query: &str, cosines: [f32; 2]| {
            let mut scores = cosines.map(|cosine| fused(cosine, 0.0));
            index.shares(query).entries().iter().for_each(|it| scores[it.0 as usize] = fused(cosines[it.0 as usize], it.1));
            usize::from(scores[1] > scores[0])
        };
        assert_eq!(first("wash tent", [0.52, 0.5]), 1);
        assert_eq!(first("it stinks of mould, get me clean fabric by tomorrow with any soap", [0.55, 0.5]), 0);
    }
}
