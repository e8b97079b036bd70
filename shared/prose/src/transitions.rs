//! Transitions: words and phrases that tie a sentence to another one, and pairs of them within one.

use std::collections::HashMap;
use std::ops::Range;
use std::sync::LazyLock;

use crate::lists;
use crate::{Language, words};

/// The first transition of a sentence, as bytes of it; of those that begin at one word, the longest.
///
/// Pairs (`no solo … sino`, `either … or`) are found from the first half to the end of the second.
#[must_use]
pub fn find(sentence: &str, language: Language) -> Option<Range<usize>> {
    let table = table(language);
    let words: Vec<(Range<usize>, String)> =
        words::words(sentence).map(|range| (range.clone(), sentence[range].to_lowercase().replace('’', "'"))).collect();
    let single = (0..words.len()).find_map(|at| table.phrases.longest(&words, at).map(|length| (at, length)));
    if let Some((at, length)) = single {
        return Some(words[at].0.start..words[at + length - 1].0.end);
    }
    for at in 0..words.len() {
        let Some(pairs) = table.pairs.get(&*words[at].1) else { continue };
        for (first, second) in pairs {
            if !begins(&words[at..], first) {
                continue;
            }
            let behind = at + first.len() + 1;
            if let Some(end) = (behind..words.len()).find(|end| begins(&words[*end..], second)) {
                return Some(words[at].0.start..words[end + second.len() - 1].0.end);
            }
        }
    }
    None
}

type Word = (Range<usize>, String);

fn begins(words: &[Word], phrase: &[&str]) -> bool {
    words.len() >= phrase.len() && words.iter().zip(phrase).all(|(word, part)| word.1 == *part)
}

struct Table {
    phrases: Phrases,
    pairs: HashMap<&'static str, Vec<(Vec<&'static str>, Vec<&'static str>)>>,
}

/// Phrases by their first word, the longest first.
struct Phrases(HashMap<&'static str, Vec<Vec<&'static str>>>);

impl Phrases {
    fn longest(&self, words: &[Word], at: usize) -> Option<usize> {
        let phrases = self.0.get(&*words[at].1)?;
        phrases.iter().find(|phrase| begins(&words[at..], phrase)).map(Vec::len)
    }
}

/// The words of an entry, as `words` would find them in a sentence.
fn parts(entry: &'static str) -> Vec<&'static str> {
    words::words(entry).map(|range| &entry[range]).collect()
}

fn table(language: Language) -> &'static Table {
    static SPANISH: LazyLock<Table> = LazyLock::new(|| read(include_str!("../words/es/transitions.txt")));
    static ENGLISH: LazyLock<Table> = LazyLock::new(|| read(include_str!("../words/en/transitions.txt")));
    match language {
        Language::Spanish => &SPANISH,
        Language::English => &ENGLISH,
    }
}

fn read(text: &'static str) -> Table {
    let mut phrases: HashMap<&'static str, Vec<Vec<&'static str>>> = HashMap::new();
    for phrase in lists::section(text, "phrases").map(parts) {
        if let Some(first) = phrase.first() {
            phrases.entry(first).or_default().push(phrase);
        }
    }
    for same in phrases.values_mut() {
        same.sort_by_key(|phrase| std::cmp::Reverse(phrase.len()));
    }
    let mut pairs: HashMap<&'static str, Vec<_>> = HashMap::new();
    for (first, second) in lists::section(text, "pairs").filter_map(|entry| entry.split_once('…')) {
        let (first, second) = (parts(first), parts(second));
        if let (Some(begin), false) = (first.first(), second.is_empty()) {
            pairs.entry(begin).or_default().push((first, second));
        }
    }
    Table { phrases: Phrases(phrases), pairs }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn check(sentence: &str, language: Language, expect: Option<&str>) {
        assert_eq!(find(sentence, language).map(|range| &sentence[range]), expect, "{sentence}");
    }

    #[test]
    fn spanish_transitions_are_found() {
        check("Sin embargo, no llovió.", Language::Spanish, Some("Sin embargo"));
        check("No vino, a pesar de que llamó.", Language::Spanish, Some("a pesar de que"));
        check("Ni come ni duerme.", Language::Spanish, Some("Ni come ni"));
        check("Vendemos zapatos de piel.", Language::Spanish, None);
        check("", Language::Spanish, None);
    }

    #[test]
    fn english_transitions_are_found() {
        check("It rained; in other words, we got wet.", Language::English, Some("in other words"));
        check("Either you go or I stay.", Language::English, Some("Either you go or"));
        check("We sell leather shoes.", Language::English, None);
    }

    #[test]
    fn the_lists_are_large_enough_to_be_used() {
        for (language, least) in [(Language::Spanish, 250), (Language::English, 350)] {
            let count: usize = table(language).phrases.0.values().map(Vec::len).sum();
            assert!(count >= least, "{language:?} has {count}");
            assert!(!table(language).pairs.is_empty());
        }
    }
}
