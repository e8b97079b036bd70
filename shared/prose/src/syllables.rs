//! How many syllables a word has when it is read aloud, and where they part: words by each language's rules, numbers and initials as they are read.

mod aloud;
mod english;
mod spanish;

use std::ops::Range;

use crate::Language;

/// How many syllables a word has; at least one where it has a letter or a digit.
///
/// Compounds are counted part by part; numbers, signs and initials as they are read.
#[must_use]
pub fn count(word: &str, language: Language) -> usize {
    pieces(word).map(|(range, kind)| piece(&word[range], kind, language)).sum()
}

/// The syllables of a word, as byte ranges of its letters in order; what is not a letter is in none of them.
///
/// Contract: numbers, and initials that are spelt, are one range each. English words part by sound, not as a printer hyphenates them.
#[must_use]
pub fn split(word: &str, language: Language) -> Vec<Range<usize>> {
    let mut found = Vec::new();
    for (range, kind) in pieces(word) {
        let letters = &word[range.clone()];
        match kind {
            Piece::Letters if !aloud::is_spelt(letters, language) => {
                let parts = match language {
                    Language::Spanish => spanish::split(letters),
                    Language::English => english::split(letters),
                };
                found.extend(parts.into_iter().map(|part| range.start + part.start..range.start + part.end));
            }
            Piece::Letters | Piece::Number => found.push(range),
            Piece::Sign => {}
        }
    }
    found
}

fn piece(text: &str, kind: Piece, language: Language) -> usize {
    match kind {
        Piece::Number => aloud::number(text, language),
        Piece::Sign => text.chars().map(|sign| aloud::sign(sign, language)).sum(),
        Piece::Letters if aloud::is_spelt(text, language) => aloud::spelt(text, language),
        Piece::Letters => match language {
            Language::Spanish => spanish::count(text),
            Language::English => english::count(text),
        },
    }
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Piece {
    Letters,
    Number,
    Sign,
}

/// The parts that are read by themselves: letters (an apostrophe within), digits (their separators within), signs.
fn pieces(word: &str) -> impl Iterator<Item = (Range<usize>, Piece)> {
    let mut at = 0;
    std::iter::from_fn(move || {
        loop {
            let rest = word.get(at..)?;
            let first = rest.chars().next()?;
            let (kind, length) = if first.is_ascii_digit() {
                (Piece::Number, run(rest, |this| this.is_ascii_digit(), |this| matches!(this, '.' | ',')))
            } else if is_letter(first) {
                (Piece::Letters, run(rest, is_letter, |this| matches!(this, '\'' | '’')))
            } else {
                (Piece::Sign, first.len_utf8())
            };
            let range = at..at + length;
            at += length;
            if kind != Piece::Sign || matches!(first, '%' | '€' | '$' | '£' | '&' | '@') {
                return Some((range, kind));
            }
        }
    })
}

fn is_letter(character: char) -> bool {
    character.is_alphabetic() && !matches!(character, 'ª' | 'º') || unicode_normalization::char::is_combining_mark(character)
}

/// The length of a run of `is_part`, in which single `joins` may stand.
fn run(text: &str, is_part: impl Fn(char) -> bool, joins: impl Fn(char) -> bool) -> usize {
    let mut end = 0;
    let mut characters = text.char_indices().peekable();
    while let Some((at, character)) = characters.next() {
        let goes_on = is_part(character) || joins(character) && characters.peek().is_some_and(|(_, next)| is_part(*next));
        if !goes_on {
            break;
        }
        end = at + character.len_utf8();
    }
    end
}

#[cfg(test)]
mod tests;
