//! Stems: what a word's forms have in common, so that plurals, genders and conjugations are found for one another.

use snowstem::{Algorithm, Stemmer};
use unicode_normalization::UnicodeNormalization;
use unicode_normalization::char::is_combining_mark;

use crate::Language;

/// The stem of a word, in lower case and without accents.
///
/// Source: Snowball 3, the algorithms `english` (Porter 2) and `spanish`.
#[must_use]
pub fn stem(word: &str, language: Language) -> String {
    let algorithm = match language {
        Language::Spanish => Algorithm::Spanish,
        Language::English => Algorithm::English,
    };
    // Accents decide what is a suffix, so they go last.
    fold(&Stemmer::create(algorithm).stem(&word.to_lowercase()))
}

/// Lower case without accents; `ñ` keeps its tilde, as it is a letter of its own.
#[must_use]
pub fn fold(word: &str) -> String {
    if word.is_ascii() {
        return word.to_ascii_lowercase();
    }
    let mut folded = String::with_capacity(word.len());
    let mut is_n = false;
    for character in word.nfd().flat_map(char::to_lowercase) {
        if is_combining_mark(character) {
            if is_n && character == '\u{303}' {
                folded.pop();
                folded.push('ñ');
            }
        } else if character == '’' {
            folded.push('\'');
        } else {
            folded.push(character);
        }
        is_n = character == 'n';
    }
    folded
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn forms_of_a_word_share_their_stem() {
        for (one, other) in [("zapato", "zapatos"), ("canción", "canciones"), ("vender", "vendemos"), ("rápido", "RÁPIDAS")] {
            assert_eq!(stem(one, Language::Spanish), stem(other, Language::Spanish), "{one} {other}");
        }
        for (one, other) in [("shoe", "shoes"), ("running", "Runs"), ("cities", "city")] {
            assert_eq!(stem(one, Language::English), stem(other, Language::English), "{one} {other}");
        }
    }

    #[test]
    fn accents_fold_and_the_letter_eñe_stays() {
        assert_eq!(fold("CAMIÓN"), "camion");
        assert_eq!(fold("Español"), "español");
        assert_eq!(fold("espan\u{303}ol"), "español");
        assert_eq!(fold("pingüino’s"), "pinguino's");
        assert_ne!(stem("año", Language::Spanish), stem("ano", Language::Spanish));
    }
}
