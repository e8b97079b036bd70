//! Words: folding, splitting, stems. Which words matter is for others to say.

use snowstem::{Algorithm, Stemmer};
use unicode_normalization::UnicodeNormalization;
use unicode_normalization::char::{canonical_combining_class, is_combining_mark};

/// The language of an entry or a query, as far as stemming cares.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Language {
    /// English.
    English,
    /// Spanish.
    Spanish,
    /// Any other: words stay as they are.
    Other,
}

impl Language {
    /// The language of an ISO 639-1 code, a region after it or not.
    #[must_use]
    pub fn of(code: &str) -> Self {
        match code.split(['-', '_']).next().unwrap_or_default() {
            code if code.eq_ignore_ascii_case("en") => Self::English,
            code if code.eq_ignore_ascii_case("es") => Self::Spanish,
            _ => Self::Other,
        }
    }
}

/// Letters, marks and numbers; digits of every script.
#[must_use]
pub fn is_word(character: char) -> bool {
    character.is_alphanumeric() || is_combining_mark(character)
}

/// Compatible characters without accents, in lower case.
///
/// Source: Unicode Standard Annex #15, NFKD.
#[must_use]
pub fn fold(text: &str) -> String {
    text.nfkd().filter(|&character| canonical_combining_class(character) == 0).flat_map(char::to_lowercase).collect()
}

/// The stem of a lower-case word; accents decide what is a suffix, so they must still be there.
///
/// Source: Snowball 3.1.1, the algorithms `english` (Porter 2) and `spanish`.
#[must_use]
pub fn stem(word: &str, language: Language) -> String {
    let algorithm = match language {
        Language::English => Algorithm::English,
        Language::Spanish => Algorithm::Spanish,
        Language::Other => return word.to_owned(),
    };
    Stemmer::create(algorithm).stem(word).into_owned()
}

/// The folded stems of a text, in order.
#[must_use]
pub fn stems(text: &str, language: Language) -> Vec<String> {
    stemmed(text, language).into_iter().map(|(_, stem)| stem).collect()
}

/// The lower-case words of a text, in order, each with its folded stem.
#[must_use]
pub fn stemmed(text: &str, language: Language) -> Vec<(String, String)> {
    let text = text.nfc().collect::<String>().to_lowercase();
    let words = text.split(|character| !is_word(character) && character != '_').filter(|word| !word.is_empty());
    words.map(|word| (word.to_owned(), fold(&stem(word, language)))).filter(|(_, stem)| !stem.is_empty()).collect()
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    #[test]
    fn folds() {
        for (text, expect) in [("Ñandú ÇA", "nandu ca"), ("ﬁn №5 ℌ", "fin no5 h"), ("İstanbul", "istanbul"), ("e\u{301}", "e"), ("", "")]
        {
            assert_eq!(fold(text), expect);
        }
    }

    #[test]
    fn stems_fold_after_their_suffix_is_gone() {
        let check = |text, language, expect: &[&str]| assert_eq!(stems(text, language), expect);
        check("Returning the REFUNDS", Language::English, &["return", "the", "refund"]);
        check("¿Devolución de las devoluciones?", Language::Spanish, &["devolu", "de", "las", "devolu"]);
        check("devolucio\u{301}n", Language::Spanish, &["devolu"]);
        check("Rückgaben, bitte", Language::Other, &["ruckgaben", "bitte"]);
        check(" \u{301} !", Language::English, &[]);
    }

    #[test]
    fn reads_language_codes() {
        for (code, expect) in [("en", Language::English), ("es-MX", Language::Spanish), ("ES_es", Language::Spanish), ("", Language::Other)]
        {
            assert_eq!(Language::of(code), expect);
        }
    }

    proptest! {
        #[test]
        fn any_text_has_stems(text in any::<String>()) {
            for language in [Language::English, Language::Spanish, Language::Other] {
                let _ = stems(&text, language);
            }
        }

        #[test]
        fn a_folded_text_stays(text in "[a-zñáéíóúüçÑÁÉÍÓÚÜ ¿?0-9]{0,30}") {
            prop_assert_eq!(fold(&fold(&text)), fold(&text));
        }
    }
}
