//! Words that carry grammar rather than meaning: articles, pronouns, prepositions, conjunctions, auxiliaries, common adverbs, numerals.

use std::sync::LazyLock;

use crate::Language;
use crate::lists::{self, Set};

/// Whether a word is a function word, whatever its case.
#[must_use]
pub fn is(word: &str, language: Language) -> bool {
    static SPANISH: LazyLock<Set> = LazyLock::new(|| lists::entries(include_str!("../words/es/function.txt")).collect());
    static ENGLISH: LazyLock<Set> = LazyLock::new(|| lists::entries(include_str!("../words/en/function.txt")).collect());
    let set = match language {
        Language::Spanish => &SPANISH,
        Language::English => &ENGLISH,
    };
    let word = lists::lower(word);
    if set.contains(&*word) {
        return true;
    }
    word.contains('’') && set.contains(&*word.replace('’', "'"))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn grammar_is_told_from_meaning() {
        for word in ["La", "según", "nosotros", "HABÍA", "también", "veinte"] {
            assert!(is(word, Language::Spanish), "{word}");
        }
        for word in ["casa", "vender", "marketing", "rápido", "the"] {
            assert!(!is(word, Language::Spanish), "{word}");
        }
        for word in ["The", "don’t", "themselves", "WITHIN", "twenty"] {
            assert!(is(word, Language::English), "{word}");
        }
        for word in ["house", "sell", "marketing", "quick", "para"] {
            assert!(!is(word, Language::English), "{word}");
        }
    }
}
