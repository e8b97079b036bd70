//! Where sentences end: not after an abbreviation, an initial or the number of a list, and not within a decimal, an address or an ellipsis that goes on.

use std::ops::Range;

use crate::lists;
use crate::{Language, function_words, words};

/// The sentences of a text, as byte ranges in order, white space around them left out.
///
/// Contract: ranges do not overlap and each has at least one word. An empty line ends a sentence; a line feed alone does not.
#[must_use]
pub fn sentences(text: &str, language: Language) -> Vec<Range<usize>> {
    let mut found = Vec::new();
    let mut start = 0;
    let mut characters = text.char_indices().peekable();
    while let Some((at, character)) = characters.next() {
        if character == '\n' && text[start..at].ends_with('\n') {
            push(text, start..at, &mut found);
            start = at + 1;
            continue;
        }
        if !ends(character) {
            continue;
        }
        let mut shouts = matches!(character, '?' | '!' | '？' | '！' | '。');
        let mut last = at + character.len_utf8();
        while let Some(&(next, other)) = characters.peek().filter(|(_, other)| ends(*other)) {
            shouts |= matches!(other, '?' | '!');
            last = next + other.len_utf8();
            characters.next();
        }
        let stop = last;
        while let Some(&(next, other)) = characters.peek().filter(|(_, other)| closes(*other)) {
            last = next + other.len_utf8();
            characters.next();
        }
        let stopped = Stop { sentence: &text[start..at], shouts, is_single: character == '.' && stop == at + 1, is_closed: last > stop };
        if stopped.is_boundary(&text[last..], language) {
            push(text, start..last, &mut found);
            start = last;
        }
    }
    push(text, start..text.len(), &mut found);
    found
}

/// A mark at which a sentence may end.
struct Stop<'a> {
    /// What stands before the mark.
    sentence: &'a str,
    /// Whether a question or exclamation mark is in it.
    shouts: bool,
    /// Whether it is one full stop.
    is_single: bool,
    /// Whether quotation marks or brackets close behind it.
    is_closed: bool,
}

impl Stop<'_> {
    fn is_boundary(&self, rest: &str, language: Language) -> bool {
        let Some(next) = rest.chars().next() else { return true };
        if matches!(next, '¿' | '¡') {
            return true;
        }
        if !next.is_whitespace() {
            return false;
        }
        let ahead = rest.trim_start().trim_start_matches(opens);
        let Some(first) = ahead.chars().next() else { return true };
        if self.shouts {
            return !(self.is_closed && first.is_lowercase());
        }
        if first.is_lowercase() || matches!(first, ',' | ';' | ':' | '-' | '–') {
            return false;
        }
        if !self.is_single || self.is_closed {
            return true;
        }
        self.is_end_of_word(ahead, first, language)
    }

    /// Whether a full stop ends more than the word before it.
    fn is_end_of_word(&self, ahead: &str, first: char, language: Language) -> bool {
        let word = self.sentence.rsplit(|character: char| character.is_whitespace() || opens(character)).next().unwrap_or_default();
        let is_first = self.sentence.trim_start().len() == word.len();
        if is_first && !word.is_empty() && word.len() <= 3 && word.bytes().all(|byte| byte.is_ascii_digit()) {
            return false;
        }
        let before = lists::lower(word);
        let abbreviations = lists::abbreviations(language);
        if abbreviations.titles.contains(&*before) {
            return false;
        }
        if abbreviations.numbered.contains(&*before) {
            return !(first.is_numeric() || is_roman(ahead));
        }
        let is_initial = word.chars().count() == 1 && word.chars().all(char::is_uppercase);
        if is_initial || word.contains('.') && is_acronym(word) || abbreviations.within.contains(&*before) {
            let follows = words::words(ahead).next().map(|range| &ahead[range]).unwrap_or_default();
            return first.is_numeric() && !is_initial || function_words::is(follows, language);
        }
        true
    }
}

fn push(text: &str, range: Range<usize>, found: &mut Vec<Range<usize>>) {
    let piece = &text[range.clone()];
    let start = range.start + (piece.len() - piece.trim_start().len());
    let piece = piece.trim();
    if words::words(piece).next().is_some() {
        found.push(start..start + piece.len());
    } else if let Some(last) = found.last_mut().filter(|last| !piece.is_empty() && !text[last.end..start].contains("\n\n")) {
        last.end = start + piece.len();
    }
}

fn ends(character: char) -> bool {
    matches!(character, '.' | '?' | '!' | '…' | '。' | '！' | '？')
}

fn closes(character: char) -> bool {
    matches!(character, '"' | '\'' | '”' | '’' | '»' | '›' | ')' | ']' | '*' | '_')
}

fn opens(character: char) -> bool {
    matches!(character, '"' | '\'' | '“' | '‘' | '«' | '‹' | '(' | '[' | '¿' | '¡' | '—' | '*' | '_')
}

/// `U.S`, `EE.UU`, `a.m`, `S.A`: at most three letters between dots.
fn is_acronym(word: &str) -> bool {
    word.split('.').all(|part| (1..=3).contains(&part.chars().count()) && part.chars().all(char::is_alphabetic))
}

fn is_roman(ahead: &str) -> bool {
    let word = &ahead[..ahead.find(|character: char| !character.is_alphanumeric()).unwrap_or(ahead.len())];
    !word.is_empty() && word.bytes().all(|byte| matches!(byte, b'I' | b'V' | b'X' | b'L' | b'C' | b'D' | b'M'))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn check(text: &str, language: Language, expect: &[&str]) {
        let found: Vec<&str> = sentences(text, language).into_iter().map(|range| &text[range]).collect();
        assert_eq!(found, expect, "{text}");
    }

    #[test]
    fn marks_of_spanish_open_and_close_sentences() {
        check("Hola. ¿Qué tal? ¡Bien! Fin", Language::Spanish, &["Hola.", "¿Qué tal?", "¡Bien!", "Fin"]);
        check("No.¿Por qué?", Language::Spanish, &["No.", "¿Por qué?"]);
        check("¿Cómo?, dijo ella. «¿Vienes?» preguntó.", Language::Spanish, &["¿Cómo?, dijo ella.", "«¿Vienes?» preguntó."]);
        check("Dijo: «Hola. Adiós.» Y se fue.", Language::Spanish, &["Dijo: «Hola.", "Adiós.»", "Y se fue."]);
    }

    #[test]
    fn abbreviations_and_initials_end_nothing() {
        check("El Sr. García y la Dra. Pérez.", Language::Spanish, &["El Sr. García y la Dra. Pérez."]);
        check("Véase el art. 5 y la pág. 3, p. ej. aquí.", Language::Spanish, &["Véase el art. 5 y la pág. 3, p. ej. aquí."]);
        check("J. R. R. Tolkien nació en EE. UU. Luego no.", Language::Spanish, &["J. R. R. Tolkien nació en EE. UU.", "Luego no."]);
        check(
            "Mr. Brown of the U.S. Army left at 5 p.m. The end.",
            Language::English,
            &["Mr. Brown of the U.S. Army left at 5 p.m.", "The end."],
        );
    }

    #[test]
    fn decimals_addresses_and_lists_end_nothing() {
        check("Son 3.5 en a.es/b.html hoy. 20 más.", Language::Spanish, &["Son 3.5 en a.es/b.html hoy.", "20 más."]);
        check("1. Primero esto", Language::Spanish, &["1. Primero esto"]);
        check("node.js works... really. Yes…", Language::English, &["node.js works... really.", "Yes…"]);
    }

    #[test]
    fn an_empty_line_ends_a_sentence() {
        check("Una\nlínea\n\nOtra línea\n\n", Language::Spanish, &["Una\nlínea", "Otra línea"]);
        check("...\n\n!\n", Language::Spanish, &[]);
    }
}
