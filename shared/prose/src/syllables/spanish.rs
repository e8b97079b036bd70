//! Spanish syllables as the orthography has them, whatever a speaker of one country or another does: two open vowels part, so do an accented closed
//! one and an open one; all other pairs hold together, an `h` between them or not.
//!
//! Source: RAE and ASALE, Ortografía de la lengua española (2010), chapter II, §3.2 to §3.4.

use std::collections::HashMap;
use std::ops::Range;
use std::sync::LazyLock;

use unicode_normalization::char::{compose, is_combining_mark};

use crate::lists;

/// Syllables of a word of letters, one at least.
pub(super) fn count(word: &str) -> usize {
    if let Some(parts) = foreign(word) {
        return parts.split('-').count();
    }
    let sounds = sounds(word);
    nuclei(&sounds).len().max(1)
}

/// See [`super::split`].
pub(super) fn split(word: &str) -> Vec<Range<usize>> {
    if let Some(parts) = foreign(word) {
        return by_lengths(word, parts);
    }
    let sounds = sounds(word);
    let nuclei = nuclei(&sounds);
    let mut found = Vec::with_capacity(nuclei.len().max(1));
    let mut start = 0;
    for pair in nuclei.windows(2) {
        let between = &sounds[pair[0].end..pair[1].start];
        let kept = match between {
            [] | [_] => 0,
            [.., first, last] if is_onset(first.letter, last.letter) => between.len() - 2,
            _ => between.len() - 1,
        };
        let end = sounds[pair[0].end + kept].at;
        found.push(start..end);
        start = end;
    }
    found.push(start..word.len());
    found
}

/// A letter, and what it is in its word.
#[derive(Debug, Clone, Copy)]
struct Sound {
    at: usize,
    letter: char,
    kind: Kind,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Kind {
    /// a, e, o, accented or not.
    Open,
    /// í, ú.
    Accented,
    /// i, u, ü, and y where it is a vowel.
    Closed,
    /// Consonants, a silent u, and h.
    Consonant,
}

fn sounds(word: &str) -> Vec<Sound> {
    let mut sounds: Vec<Sound> = Vec::with_capacity(word.len());
    for (at, character) in word.char_indices() {
        if is_combining_mark(character) {
            if let Some(last) = sounds.last_mut() {
                last.letter = compose(last.letter, character).unwrap_or(last.letter);
            }
            continue;
        }
        sounds.push(Sound { at, letter: character.to_lowercase().next().unwrap_or(character), kind: Kind::Consonant });
    }
    for index in 0..sounds.len() {
        let before = index.checked_sub(1).map(|before| sounds[before]);
        let next = sounds.get(index + 1).map(|next| next.letter);
        sounds[index].kind = kind(sounds[index].letter, before, next);
    }
    sounds
}

fn kind(letter: char, before: Option<Sound>, next: Option<char>) -> Kind {
    match letter {
        'a' | 'e' | 'o' | 'á' | 'é' | 'ó' | 'à' | 'è' | 'ò' | 'â' | 'ê' | 'ô' | 'ä' | 'ë' | 'ö' | 'ã' | 'õ' | 'å' => {
            Kind::Open
        }
        'í' | 'ú' | 'ì' | 'ù' | 'ý' => Kind::Accented,
        'i' | 'ü' | 'ï' | 'î' | 'û' => Kind::Closed,
        // Silent in que, qui, gue, gui.
        'u' if matches!(before, Some(Sound { letter: 'q' | 'g', .. })) && matches!(next, Some('e' | 'é' | 'i' | 'í')) => Kind::Consonant,
        'u' => Kind::Closed,
        'y' if next.is_none_or(|next| !is_vowel_letter(next)) => Kind::Closed,
        _ => Kind::Consonant,
    }
}

fn is_vowel_letter(letter: char) -> bool {
    matches!(letter, 'a' | 'e' | 'i' | 'o' | 'u' | 'á' | 'é' | 'í' | 'ó' | 'ú' | 'ü')
}

/// The vowels of each syllable, as ranges of `sounds`; an h may stand within.
fn nuclei(sounds: &[Sound]) -> Vec<Range<usize>> {
    let mut found: Vec<Range<usize>> = Vec::with_capacity(sounds.len() / 2);
    for (index, sound) in sounds.iter().enumerate() {
        if sound.kind == Kind::Consonant {
            continue;
        }
        let is_aspirate = index > 0 && sounds[index - 1].letter == 'h' && sounds[index - 1].kind == Kind::Consonant;
        let gap = usize::from(is_aspirate);
        // An h before a closed vowel and another one begins a syllable: a-hue-car, re-huir.
        let begins = is_aspirate && sound.kind == Kind::Closed && sounds.get(index + 1).is_some_and(|next| next.kind != Kind::Consonant);
        if let Some(last) = found.last_mut()
            && last.end + gap == index
            && !begins
            && joins(&sounds[last.clone()], *sound)
        {
            last.end = index + 1;
        } else {
            found.push(index..index + 1);
        }
    }
    found
}

/// Whether a vowel belongs to the syllable of the vowels before it.
fn joins(nucleus: &[Sound], next: Sound) -> bool {
    let mut vowels = nucleus.iter().filter(|sound| sound.kind != Kind::Consonant).rev();
    let Some(last) = vowels.next() else { return false };
    let first = vowels.next().map(|sound| sound.kind);
    let is_full = vowels.next().is_some();
    match (last.kind, next.kind) {
        (Kind::Open, Kind::Closed) => !is_full,
        (Kind::Closed, Kind::Open) => first.is_none(),
        // Two closed ones hold together unless they are the same: cui-da, ca-suís-ti-co, chi-i-ta.
        (Kind::Closed | Kind::Accented, Kind::Closed | Kind::Accented) => first.is_none() && bare(last.letter) != bare(next.letter),
        _ => false,
    }
}

fn bare(letter: char) -> char {
    match letter {
        'ú' | 'ü' | 'ù' | 'û' => 'u',
        'í' | 'ï' | 'ì' | 'î' | 'y' | 'ý' => 'i',
        other => other,
    }
}

/// Two consonants that begin a syllable together; `tl` does in most of the Spanish-speaking countries.
fn is_onset(first: char, last: char) -> bool {
    match last {
        'r' => matches!(first, 'p' | 'b' | 't' | 'd' | 'c' | 'g' | 'f' | 'k' | 'v' | 'r'),
        'l' => matches!(first, 'p' | 'b' | 'c' | 'g' | 'f' | 'k' | 't' | 'v' | 'l'),
        'h' => matches!(first, 'c' | 's' | 't' | 'p'),
        'u' => matches!(first, 'q' | 'g'),
        _ => false,
    }
}

/// How a word that keeps another language's spelling parts.
fn foreign(word: &str) -> Option<&'static str> {
    static WORDS: LazyLock<HashMap<String, &'static str>> =
        LazyLock::new(|| lists::entries(include_str!("../../words/es/foreign.txt")).map(|entry| (entry.replace('-', ""), entry)).collect());
    WORDS.get(&*lists::lower(word)).copied()
}

/// The ranges of a word whose parts are written with hyphens in `parts`.
fn by_lengths(word: &str, parts: &str) -> Vec<Range<usize>> {
    let mut ends = word.char_indices().map(|(at, character)| at + character.len_utf8());
    let mut start = 0;
    parts
        .split('-')
        .filter_map(|part| {
            let end = ends.nth(part.chars().count().checked_sub(1)?)?;
            Some(std::mem::replace(&mut start, end)..end)
        })
        .collect()
}
