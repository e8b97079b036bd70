//! What counts as a word: what stands between spaces or dashes and can be read aloud, without the punctuation around it.

use std::iter::FusedIterator;
use std::ops::Range;

/// The words of a text, as byte ranges in order.
///
/// Contract: ranges do not overlap, are not empty and lie on character boundaries. A compound with a hyphen, a slash, an apostrophe or a dot inside
/// (`e-mail`, `y/o`, `don't`, `node.js`) is one word, and so is an address or a number.
#[must_use]
pub fn words(text: &str) -> Words<'_> {
    Words { text, at: 0 }
}

/// How many words a text has.
#[must_use]
pub fn count(text: &str) -> usize {
    words(text).count()
}

/// See [`words`].
#[derive(Debug, Clone)]
pub struct Words<'a> {
    text: &'a str,
    at: usize,
}

impl Iterator for Words<'_> {
    type Item = Range<usize>;

    fn next(&mut self) -> Option<Range<usize>> {
        loop {
            let rest = self.text.get(self.at..)?;
            let start = self.at + rest.find(|character| !separates(character))?;
            let piece = &self.text[start..];
            let piece = &piece[..piece.find(separates).unwrap_or(piece.len())];
            self.at = start + piece.len();
            if !piece.chars().any(is_read) {
                continue;
            }
            let before = piece.find(|character: char| !is_punctuation(character)).unwrap_or(0);
            let core = piece.trim_matches(is_punctuation);
            return Some(start + before..start + before + core.len());
        }
    }
}

impl FusedIterator for Words<'_> {}

/// White space, and the dashes and opening marks that stand between words without spaces.
fn separates(character: char) -> bool {
    character.is_whitespace() || matches!(character, '—' | '―' | '¿' | '¡' | '\u{200B}' | '\u{FEFF}')
}

/// Letters and digits of any script, and signs that have a name when they are read.
fn is_read(character: char) -> bool {
    character.is_alphanumeric() || matches!(character, '%' | '‰' | '€' | '$' | '£' | '¥' | '=' | '§' | '@' | '#')
}

/// What is written around words and not part of them.
pub(crate) fn is_punctuation(character: char) -> bool {
    match character {
        '%' | '$' | '#' | '@' | '&' | '+' | '=' | '<' | '>' | '^' | '~' | '|' | '`' => false,
        _ if character.is_ascii() => character.is_ascii_punctuation(),
        '¿' | '¡' | '«' | '»' | '‹' | '›' | '·' | '•' | '…' | '、' | '。' | '！' | '？' => true,
        _ => ('\u{2010}'..='\u{2027}').contains(&character),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn check(text: &str, expect: &[&str]) {
        let found: Vec<&str> = words(text).map(|range| &text[range]).collect();
        assert_eq!(found, expect, "{text}");
    }

    #[test]
    fn words_stand_without_the_punctuation_around_them() {
        check("«¿Qué tal?», dijo (en voz baja)…", &["Qué", "tal", "dijo", "en", "voz", "baja"]);
        check("It's the dogs’ \"own\" fault.", &["It's", "the", "dogs", "own", "fault"]);
    }

    #[test]
    fn what_is_written_together_is_one_word() {
        check("e-mail y/o node.js", &["e-mail", "y/o", "node.js"]);
        check("https://a.es/b?c=1, ana@correo.es", &["https://a.es/b?c=1", "ana@correo.es"]);
        check("1.000,50 € a las 10:30", &["1.000,50", "€", "a", "las", "10:30"]);
        check("No.¿Qué?", &["No", "Qué"]);
        check("tres—cuatro — cinco", &["tres", "cuatro", "cinco"]);
    }

    #[test]
    fn signs_that_are_not_read_are_no_words() {
        check("- * • … -- / « » → 😀", &[]);
        check("C++ y C# al 5%", &["C++", "y", "C#", "al", "5%"]);
        check("", &[]);
        check("  \u{a0} \n", &[]);
    }
}
