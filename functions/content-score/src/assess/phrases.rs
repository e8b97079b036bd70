//! Fixed phrases found in running text: by their first word, so that a long list costs no more than a short one.

use std::collections::HashMap;
use std::ops::Range;

/// Phrases with something that is said of each.
pub(super) struct Phrases<T> {
    by_first: HashMap<&'static str, Vec<(Vec<&'static str>, T)>>,
}

/// One place.
pub(super) struct Found<T> {
    /// Of the text.
    pub range: Range<usize>,
    /// What the list says of it.
    pub says: T,
}

impl<T: Copy> Phrases<T> {
    /// From phrases in lower case, words parted by spaces.
    pub(super) fn new(list: impl IntoIterator<Item = (&'static str, T)>) -> Self {
        let mut by_first: HashMap<&'static str, Vec<(Vec<&'static str>, T)>> = HashMap::new();
        for (phrase, says) in list {
            let words: Vec<&'static str> = phrase.split(' ').collect();
            if let Some(first) = words.first() {
                by_first.entry(first).or_default().push((words, says));
            }
        }
        // The longest first: it says more.
        for each in by_first.values_mut() {
            each.sort_by_key(|(words, _)| std::cmp::Reverse(words.len()));
        }
        Self { by_first }
    }

    /// Every place in a text, none within another.
    pub(super) fn find(&self, text: &str, words: &[Range<usize>]) -> Vec<Found<T>> {
        let lower: Vec<String> =
            words.iter().map(|word| text.get(word.clone()).unwrap_or_default().to_lowercase().replace('’', "'")).collect();
        let mut found = Vec::new();
        let mut at = 0;
        while at < lower.len() {
            let here = lower.get(at).and_then(|word| self.by_first.get(word.as_str()));
            let hit = here.and_then(|each| {
                each.iter().find(|(phrase, _)| {
                    lower.get(at..at + phrase.len()).is_some_and(|said| said.iter().zip(phrase).all(|(word, wanted)| word == wanted))
                })
            });
            match hit {
                Some((phrase, says)) => {
                    let start = words.get(at).map_or(0, |word| word.start);
                    at += phrase.len();
                    let end = words.get(at - 1).map_or(start, |word| word.end);
                    found.push(Found { range: start..end, says: *says });
                }
                None => at += 1,
            }
        }
        found
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn finds_the_longest_phrase_and_none_within_another() {
        let phrases = Phrases::new([("en el mundo", 1), ("en el mundo de hoy", 2), ("mundo", 3)]);
        let text = "En el mundo de hoy, el mundo gira.";
        let words: Vec<_> = orilla_prose::words::words(text).collect();
        let found: Vec<_> = phrases.find(text, &words).into_iter().map(|found| (found.range, found.says)).collect();
        assert_eq!(found, [(0..18, 2), (23..28, 3)]);
    }
}
