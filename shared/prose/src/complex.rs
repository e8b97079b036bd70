//! Words that ask more of a reader: long ones that are not among the common ones.

use crate::{Language, function_words, stem, syllables};

/// Whether a word is complex: four syllables or more in Spanish, three or more in English, without its ending, and neither a function word nor a name.
///
/// Source: Gunning 1952 for English, whose long words leave out names, compounds and the endings -es, -ed and -ing; for Spanish, words are longer
/// by about one syllable, and the bound is chosen.
#[must_use]
pub fn is(word: &str, language: Language) -> bool {
    if word.contains(['-', '/', '@', '.'])
        || word.chars().next().is_none_or(|first| !first.is_lowercase())
        || function_words::is(word, language)
    {
        return false;
    }
    match language {
        Language::Spanish => {
            // Adverbs in -mente are as easy as their adjective.
            let base = word.strip_suffix("mente").unwrap_or(word);
            let is_plural = base.ends_with("es") && !stem::fold(base).ends_with("ues");
            syllables::count(base, language) >= if is_plural && base.ends_with("iones") { 5 } else { 4 }
        }
        Language::English => {
            let base = word.strip_suffix("ing").or_else(|| word.strip_suffix("ed")).or_else(|| word.strip_suffix("es")).unwrap_or(word);
            syllables::count(base, language) >= 3
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn long_words_are_complex_and_names_and_grammar_are_not() {
        for word in ["implementación", "organizaciones", "caracterizado", "perspicacia"] {
            assert!(is(word, Language::Spanish), "{word}");
        }
        for word in ["casa", "Barcelonesa", "absolutamente", "fácilmente", "canciones"] {
            assert!(!is(word, Language::Spanish), "{word}");
        }
        assert!(is("organization", Language::English) && is("remarkable", Language::English));
        assert!(!is("changes", Language::English) && !is("created", Language::English) && !is("America", Language::English));
    }
}
