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
    let opening = (!words.is_empty()).then(|| table.opening.longest(&words, 0)).flatten().map(|length| (0, length));
    let single = (0..words.len()).find_map(|at| table.phrases.longest(&words, at).map(|length| (at, length)));
    let single = single.filter(|(at, _)| *at == 0).or(opening).or(single);
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
            if let Some(end) = (behind..words.len().min(behind + REACH)).find(|end| begins(&words[*end..], second)) {
                return Some(words[at].0.start..words[end + second.len() - 1].0.end);
            }
        }
    }
    None
}

/// Whether a sentence has a transition where bare "por" passes for one too, as it does in the plugin that editors know.
///
/// For scores that must agree with that plugin's; to a reader, "pago por transferencia" ties nothing.
#[must_use]
pub fn has_loosely(sentence: &str, language: Language) -> bool {
    let loose = &table(language).loose.0;
    find(sentence, language).is_some() || words::words(sentence).any(|range| loose.contains_key(&*lists::lower(&sentence[range])))
}

/// How many words the second half of a pair may stand behind the first. Chosen: longer than a sentence should be.
const REACH: usize = 60;

type Word = (Range<usize>, String);

fn begins(words: &[Word], phrase: &[&str]) -> bool {
    words.len() >= phrase.len() && words.iter().zip(phrase).all(|(word, part)| word.1 == *part)
}

type Phrase = Vec<&'static str>;

struct Table {
    phrases: Phrases,
    /// Words that tie only where they open a sentence.
    opening: Phrases,
    /// Words that pass for transitions elsewhere.
    loose: Phrases,
    pairs: HashMap<&'static str, Vec<(Phrase, Phrase)>>,
}

/// Phrases by their first word, the longest first.
struct Phrases(HashMap<&'static str, Vec<Phrase>>);

impl Phrases {
    fn read(text: &'static str, section: &str) -> Self {
        let mut phrases: HashMap<&'static str, Vec<Phrase>> = HashMap::new();
        for phrase in lists::section(text, section).map(parts) {
            if let Some(first) = phrase.first() {
                phrases.entry(first).or_default().push(phrase);
            }
        }
        for same in phrases.values_mut() {
            same.sort_by_key(|phrase| std::cmp::Reverse(phrase.len()));
        }
        Self(phrases)
    }

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
    let mut pairs: HashMap<&'static str, Vec<_>> = HashMap::new();
    for (first, second) in lists::section(text, "pairs").filter_map(|entry| entry.split_once('…')) {
        let (first, second) = (parts(first), parts(second));
        if let (Some(begin), false) = (first.first(), second.is_empty()) {
            pairs.entry(begin).or_default().push((first, second));
        }
    }
    Table { phrases: Phrases::read(text, "phrases"), opening: Phrases::read(text, "opening"), loose: Phrases::read(text, "loose"), pairs }
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
        check("Pago por transferencia.", Language::Spanish, None);
        assert!(has_loosely("Pago por transferencia.", Language::Spanish));
        assert!(!has_loosely("Vendemos zapatos.", Language::Spanish));
    }

    #[test]
    fn english_transitions_are_found() {
        check("It rained; in other words, we got wet.", Language::English, Some("in other words"));
        check("Either you go or I stay.", Language::English, Some("Either you go or"));
        check("We sell leather shoes.", Language::English, None);
        check("First, open the box.", Language::English, Some("First"));
        check("Open the first box.", Language::English, None);
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
