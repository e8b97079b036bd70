//! Which language a block of text is in: frequent words, endings and letters of Spanish and English, and of the languages that look like them.

use std::collections::HashMap;
use std::sync::LazyLock;

use crate::lists;
use crate::{Language, words};

/// What a block is written in.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Detected {
    /// Spanish.
    Spanish,
    /// English.
    English,
    /// Another language, or another script.
    Other,
}

impl Detected {
    /// As a language that is known here.
    #[must_use]
    pub fn language(self) -> Option<Language> {
        match self {
            Self::Spanish => Some(Language::Spanish),
            Self::English => Some(Language::English),
            Self::Other => None,
        }
    }
}

/// Bytes that are looked at: more of a block says nothing new. Chosen.
const LOOKED_AT: usize = 4_000;
/// Evidence below which a block is too short to tell: one word that only one language has, and a little more. Chosen on held-out sentences.
const ENOUGH: f32 = 0.9;
/// The same for a block of fewer words than `FEW`: one word is often another language's.
const ENOUGH_OF_FEW: f32 = 1.2;
const FEW: usize = 5;
/// What an ending weighs against a frequent word. Chosen.
const ENDING: f32 = 0.5;
/// What a letter that few of the languages write weighs. Chosen.
const LETTER: f32 = 0.7;

const LANGUAGES: usize = 8;
const SPANISH: usize = 0;
const ENGLISH: usize = 1;
const FRENCH: usize = 2;
const PORTUGUESE: usize = 3;
const ITALIAN: usize = 4;
const GERMAN: usize = 5;
const CATALAN: usize = 6;
const DUTCH: usize = 7;

/// The language of a block of text; none where it is too short to tell.
#[must_use]
pub fn block(text: &str) -> Option<Detected> {
    let mut end = text.len().min(LOOKED_AT);
    while !text.is_char_boundary(end) {
        end -= 1;
    }
    let text = &text[..end];
    if let Some(other) = script(text) {
        return other.then_some(Detected::Other);
    }
    let mut scores = [0.0_f32; LANGUAGES];
    let mut count = 0;
    for range in words::words(text) {
        let word = lists::lower(&text[range]);
        weigh(&word, &mut scores);
        count += 1;
    }
    for mark in text.chars().filter(|character| matches!(character, '¿' | '¡')) {
        scores[SPANISH] += if mark == '¿' { LETTER } else { LETTER / 2.0 };
    }
    let (best, score) = scores.iter().copied().enumerate().fold((0, 0.0), |best, next| if next.1 > best.1 { next } else { best });
    if score < if count < FEW { ENOUGH_OF_FEW } else { ENOUGH } {
        return None;
    }
    Some(match best {
        SPANISH => Detected::Spanish,
        ENGLISH => Detected::English,
        _ => Detected::Other,
    })
}

/// Whether most letters are of another script than Latin; none where most are Latin, false where there are none.
fn script(text: &str) -> Option<bool> {
    let (mut latin, mut other) = (0_usize, 0_usize);
    for character in text.chars().filter(|character| character.is_alphabetic()) {
        if character < '\u{250}' || ('\u{1E00}'..'\u{1F00}').contains(&character) {
            latin += 1;
        } else {
            // One sign of Chinese, Japanese or Korean is as much as a word's half.
            other += if character >= '\u{2E80}' { 3 } else { 1 };
        }
    }
    match (latin, other) {
        (0, 0) => Some(false),
        _ if other > latin => Some(other >= 6),
        _ => None,
    }
}

fn weigh(word: &str, scores: &mut [f32; LANGUAGES]) {
    if let Some(mask) = frequent().get(word) {
        let share = 1.0 / f32::from(u8::try_from(mask.count_ones()).unwrap_or(1));
        for (index, score) in scores.iter_mut().enumerate() {
            if mask & (1 << index) != 0 {
                *score += share;
            }
        }
        return;
    }
    if word.len() > 4 {
        for (ending, languages) in ENDINGS {
            if word.ends_with(ending) {
                for language in *languages {
                    scores[*language] += ENDING;
                }
                break;
            }
        }
    }
    if word.is_ascii() {
        if word.contains("'") && (word.starts_with("l'") || word.starts_with("d'") || word.starts_with("dell'") || word.starts_with("un'"))
        {
            for language in [FRENCH, ITALIAN, CATALAN] {
                scores[language] += ENDING;
            }
        }
        return;
    }
    for character in word.chars() {
        let languages: &[usize] = match character {
            'ñ' => &[SPANISH],
            'í' | 'ú' => &[SPANISH, PORTUGUESE, CATALAN],
            'á' => &[SPANISH, PORTUGUESE],
            'ó' => &[SPANISH, PORTUGUESE, CATALAN],
            'é' => &[SPANISH, FRENCH, PORTUGUESE, CATALAN],
            'ã' | 'õ' => &[PORTUGUESE],
            'ç' => &[FRENCH, PORTUGUESE, CATALAN],
            'ê' | 'ô' | 'â' => &[FRENCH, PORTUGUESE],
            'è' | 'à' => &[FRENCH, ITALIAN, CATALAN],
            'ò' => &[ITALIAN, CATALAN],
            'ù' | 'ì' => &[ITALIAN, FRENCH],
            'î' | 'û' | 'œ' => &[FRENCH],
            'ß' | 'ä' | 'ö' => &[GERMAN],
            _ => &[],
        };
        for language in languages {
            scores[*language] += LETTER / f32::from(u8::try_from(languages.len()).unwrap_or(1));
        }
    }
}

/// Endings and the languages that have them; the first that fits counts.
const ENDINGS: &[(&str, &[usize])] = &[
    ("ciones", &[SPANISH]),
    ("ción", &[SPANISH]),
    ("sión", &[SPANISH]),
    ("dades", &[SPANISH, PORTUGUESE]),
    ("dad", &[SPANISH]),
    ("ções", &[PORTUGUESE]),
    ("ção", &[PORTUGUESE]),
    ("dade", &[PORTUGUESE]),
    ("zione", &[ITALIAN]),
    ("zioni", &[ITALIAN]),
    ("aggio", &[ITALIAN]),
    ("ità", &[ITALIAN]),
    ("ció", &[CATALAN]),
    ("cions", &[CATALAN]),
    ("tat", &[CATALAN]),
    ("ung", &[GERMAN]),
    ("ungen", &[GERMAN]),
    ("keit", &[GERMAN]),
    ("lich", &[GERMAN]),
    ("heid", &[DUTCH]),
    ("lijk", &[DUTCH]),
    ("eux", &[FRENCH]),
    ("aient", &[FRENCH]),
    ("ement", &[FRENCH, ENGLISH]),
    ("tion", &[ENGLISH, FRENCH]),
    ("tions", &[ENGLISH, FRENCH]),
    ("ing", &[ENGLISH]),
    ("ings", &[ENGLISH]),
    ("ness", &[ENGLISH]),
    ("ally", &[ENGLISH]),
    ("ly", &[ENGLISH]),
    ("ed", &[ENGLISH]),
    ("ity", &[ENGLISH]),
    ("ies", &[ENGLISH]),
    ("er", &[ENGLISH, GERMAN, FRENCH]),
    ("ck", &[ENGLISH, GERMAN]),
    ("sh", &[ENGLISH]),
    ("amiento", &[SPANISH]),
    ("iento", &[SPANISH]),
    ("miento", &[SPANISH]),
    ("iendo", &[SPANISH]),
    ("ando", &[SPANISH, PORTUGUESE, ITALIAN]),
    ("mente", &[SPANISH, PORTUGUESE, ITALIAN]),
    ("ado", &[SPANISH, PORTUGUESE]),
    ("ada", &[SPANISH, PORTUGUESE, CATALAN]),
    ("ados", &[SPANISH, PORTUGUESE]),
    ("idos", &[SPANISH, PORTUGUESE]),
    ("ido", &[SPANISH, PORTUGUESE]),
    ("nte", &[SPANISH, PORTUGUESE, ITALIAN]),
    ("ar", &[SPANISH, PORTUGUESE, CATALAN]),
    ("os", &[SPANISH, PORTUGUESE]),
    ("as", &[SPANISH, PORTUGUESE]),
    ("ato", &[ITALIAN]),
    ("are", &[ITALIAN, ENGLISH]),
    ("ere", &[ITALIAN, ENGLISH]),
    ("ire", &[ITALIAN, FRENCH]),
    ("en", &[GERMAN, DUTCH]),
];

/// Frequent words, and the languages that have them as bits.
fn frequent() -> &'static HashMap<&'static str, u32> {
    static WORDS: LazyLock<HashMap<&'static str, u32>> = LazyLock::new(|| {
        let mut words: HashMap<&'static str, u32> = HashMap::new();
        let text = include_str!("../words/languages.txt");
        for word in lists::entries(include_str!("../words/es/function.txt")) {
            *words.entry(word).or_default() |= 1 << SPANISH;
        }
        for word in lists::entries(include_str!("../words/en/function.txt")) {
            *words.entry(word).or_default() |= 1 << ENGLISH;
        }
        for (name, language) in [("fr", FRENCH), ("pt", PORTUGUESE), ("it", ITALIAN), ("de", GERMAN), ("ca", CATALAN), ("nl", DUTCH)] {
            for word in lists::section(text, name) {
                *words.entry(word).or_default() |= 1 << language;
            }
        }
        words
    });
    &WORDS
}

#[cfg(test)]
mod tests;
