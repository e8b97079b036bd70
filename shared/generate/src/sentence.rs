//! Where a sentence ends, while the text is still coming; a citation behind the full stop belongs to what stands before it.

use orilla_learn::words::fold;

/// The longest sentence, in characters; a longer one is parted between words. Chosen: nobody writes one to a visitor.
pub const MAX_CHARS: usize = 600;
/// The longest citation, in characters with its brackets. Chosen: `[pasajes 1, 2, 3]` fits.
const MAX_CITATION_CHARS: usize = 24;

/// Words before a full stop that ends nothing, folded. A single letter, a number and letters parted by stops end nothing either.
#[rustfmt::skip]
const ABBREVIATIONS: [&str; 24] = [
    "sr", "sra", "srta", "dr", "dra", "ud", "uds", "aprox", "art", "pag", "pags", "num", "tel", "av", "avda", "ej", "mr", "mrs", "ms", "st", "vs", "approx", "inc", "ltd",
];

/// A sentence as it stood.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Sentence {
    /// Its words, no space around them.
    pub text: String,
    /// Whether a line ended before it.
    pub begins_line: bool,
}

/// Parts a text.
#[derive(Debug, Default)]
pub struct Splitter {
    held: String,
    begins_line: bool,
}

impl Splitter {
    /// Takes more text, gives the sentences that it ends.
    pub fn push(&mut self, text: &str) -> Vec<Sentence> {
        self.held.push_str(text);
        let mut sentences = Vec::new();
        while let Some(at) = cut(&self.held) {
            sentences.extend(self.take(at));
        }
        sentences
    }

    /// The text is over: what no mark ended.
    #[must_use]
    pub fn end(mut self) -> Option<Sentence> {
        let all = self.held.len();
        self.take(all)
    }

    fn take(&mut self, at: usize) -> Option<Sentence> {
        let rest = self.held.split_off(at);
        let taken = std::mem::replace(&mut self.held, rest);
        let text = taken.trim();
        let before = taken.len() - taken.trim_start().len();
        let begins_line = self.begins_line || taken[..before].contains('\n');
        self.begins_line = taken[before + text.len()..].contains('\n') || (begins_line && text.is_empty());
        (!text.is_empty()).then(|| Sentence { text: text.to_owned(), begins_line })
    }
}

/// The sentences of a whole text.
#[must_use]
pub fn sentences(text: &str) -> Vec<Sentence> {
    let mut splitter = Splitter::default();
    let mut sentences = splitter.push(text);
    sentences.extend(splitter.end());
    sentences
}

/// Where the first sentence ends, if that can be told yet.
fn cut(text: &str) -> Option<usize> {
    for (at, mark) in text.char_indices().take(MAX_CHARS) {
        match mark {
            '\n' => return Some(at + 1),
            '.' | '!' | '?' | '…' => match ending(text, at) {
                Ending::Here(end) => return Some(end),
                Ending::Unknown => return longest(text),
                Ending::Not => {}
            },
            _ => {}
        }
    }
    longest(text)
}

/// Where a text without an end is parted, if it is too long.
fn longest(text: &str) -> Option<usize> {
    let (most, _) = text.char_indices().nth(MAX_CHARS)?;
    Some(text[..most].rfind(' ').filter(|at| *at > 0).unwrap_or(most))
}

enum Ending {
    Here(usize),
    Not,
    /// What follows decides and has not come.
    Unknown,
}

/// Whether the mark at a place ends a sentence.
fn ending(text: &str, at: usize) -> Ending {
    let marks = text[at..].len() - text[at..].trim_start_matches(['.', '!', '?', '…', '"', '\'', '”', '’', '»', ')', '*', '_']).len();
    let mut end = at + marks;
    let is_stop = text[at..].starts_with('.') && marks == 1;
    if is_stop && is_abbreviation(&text[..at]) {
        return Ending::Not;
    }
    let mut is_cited = false;
    loop {
        let rest = text[end..].trim_start_matches([' ', '\t', '\u{a0}']);
        let is_apart = rest.len() < text[end..].len();
        let start = text.len() - rest.len();
        match rest.chars().next() {
            None => return Ending::Unknown,
            Some('[' | '【') => match citation(rest) {
                Some(length) => {
                    end = start + length;
                    is_cited = true;
                }
                None if rest.chars().count() < MAX_CITATION_CHARS && !rest.contains([']', '】', '\n']) => return Ending::Unknown,
                None => return if is_apart { Ending::Here(end) } else { Ending::Not },
            },
            Some('.') if is_cited => end = start + 1,
            Some('\n' | '\r') => return Ending::Here(end),
            Some(_) if !is_apart && !is_cited => return Ending::Not,
            Some(next) => return if is_stop && !is_cited && next.is_lowercase() { Ending::Not } else { Ending::Here(end) },
        }
    }
}

fn is_abbreviation(before: &str) -> bool {
    let word = before.rsplit(|c: char| c.is_whitespace() || c == '(').next().unwrap_or_default();
    let line = before.rsplit('\n').next().unwrap_or_default().trim();
    let is_letters = !word.is_empty() && word.split('.').all(|part| part.chars().count() == 1 && part.chars().all(char::is_alphabetic));
    // A number that begins a line counts items; at the end of a sentence it ends it.
    let counts = !line.is_empty() && line.chars().all(char::is_numeric);
    is_letters || counts || ABBREVIATIONS.contains(&fold(word).as_str())
}

/// How many bytes at the beginning are a citation: numbers in brackets, a word for a passage before them or not.
#[must_use]
pub fn citation(text: &str) -> Option<usize> {
    let close = if text.starts_with('[') { ']' } else { '】' };
    let inside = text.strip_prefix(['[', '【'])?;
    let end = inside.find(close)?;
    let words = &inside[..end];
    let is_link = inside[end + close.len_utf8()..].starts_with('(');
    let is_plain = words.chars().all(|c| c.is_alphanumeric() || matches!(c, ' ' | ',' | ';' | '^' | '#' | '.'));
    let is_short = words.chars().count() <= MAX_CITATION_CHARS && words.chars().any(|c| c.is_ascii_digit());
    let is_one = is_short && is_plain && !is_link && {
        let mut parts = words.split(|c: char| !c.is_alphanumeric()).filter(|part| !part.is_empty());
        let known = ["n", "nº", "y", "and", "passage", "passages", "pasaje", "pasajes", "fuente", "fuentes", "source", "sources"];
        parts.all(|part| (part.len() < 3 && part.bytes().all(|b| b.is_ascii_digit())) || known.contains(&part.to_lowercase().as_str()))
    };
    is_one.then(|| text.len() - inside.len() + end + close.len_utf8())
}

/// A sentence without its citations, and the numbers that they name.
#[must_use]
pub fn cited(sentence: &str) -> (String, Vec<usize>) {
    let (mut text, mut numbers) = (String::with_capacity(sentence.len()), Vec::new());
    let mut rest = sentence;
    while let Some(at) = rest.find(['[', '【']) {
        text.push_str(&rest[..at]);
        rest = &rest[at..];
        let length = citation(rest);
        let (mark, after) = rest.split_at(length.unwrap_or_else(|| rest.chars().next().map_or(0, char::len_utf8)));
        match length {
            Some(_) => {
                numbers.extend(mark.split(|c: char| !c.is_ascii_digit()).filter_map(|digits| digits.parse::<usize>().ok()));
                text.truncate(text.trim_end().len());
            }
            None => text.push_str(mark),
        }
        rest = after;
    }
    text.push_str(rest);
    (text.trim().to_owned(), numbers)
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    #[track_caller]
    fn check(text: &str, expect: &[&str]) {
        let found: Vec<String> = sentences(text).into_iter().map(|it| it.text).collect();
        assert_eq!(found, expect);
        let mut splitter = Splitter::default();
        let mut found: Vec<Sentence> = text.chars().flat_map(|c| splitter.push(c.encode_utf8(&mut [0; 4]))).collect();
        found.extend(splitter.end());
        assert_eq!(found, sentences(text), "letter by letter");
    }

    #[test]
    fn ends_where_a_reader_would() {
        check("Cuesta 19 €. No hay cuota.", &["Cuesta 19 €.", "No hay cuota."]);
        check("It costs €19.50 at marea.example/price. Really? Yes!", &["It costs €19.50 at marea.example/price.", "Really?", "Yes!"]);
        check(
            "Llama al Sr. Pérez, p. ej. a las 9 a.m. los lunes. Gracias",
            &["Llama al Sr. Pérez, p. ej. a las 9 a.m. los lunes.", "Gracias"],
        );
        check("1. Open the app. 2\n2. Tap it", &["1. Open the app.", "2", "2. Tap it"]);
        check("«¿Y si llueve?» Nada… Se mueve", &["«¿Y si llueve?»", "Nada…", "Se mueve"]);
        check("  \n\n ", &[]);
    }

    #[test]
    fn a_citation_stays_with_its_sentence() {
        check(
            "It is €19 [1]. It is paid monthly. [2][3] Then stop.[1] Go",
            &["It is €19 [1].", "It is paid monthly. [2][3]", "Then stop.[1]", "Go"],
        );
        check("Done. [not one] More.", &["Done.", "[not one] More."]);
        check("Ya. 【2】. Fin. [pasajes 1 y 2]", &["Ya. 【2】.", "Fin. [pasajes 1 y 2]"]);
    }

    #[test]
    fn knows_which_lines_begin() {
        let lines: Vec<bool> = sentences("Uno. Dos.\nTres. Cuatro\n\n• Cinco").iter().map(|it| it.begins_line).collect();
        assert_eq!(lines, [false, false, true, false, true]);
    }

    #[test]
    fn citations_are_taken_out() {
        for (sentence, text, numbers) in [
            ("It is €19 [1].", "It is €19.", vec![1]),
            ("Both [1, 2] cost more [^3][fuente 4].", "Both cost more.", vec![1, 2, 3, 4]),
            ("In [2026] or [a] it 【12】 is", "In [2026] or [a] it is", vec![12]),
            ("[1]", "", vec![1]),
            ("Pay [€19](x) or [7](y)", "Pay [€19](x) or [7](y)", vec![]),
            ("[", "[", vec![]),
        ] {
            assert_eq!(cited(sentence), (text.to_owned(), numbers));
        }
    }

    proptest! {
        #[test]
        fn no_word_is_lost(text in "([a-z]{1,5}|[.!?\\[\\]()0-9]|\\. |\\n| |é|【|】){0,80}") {
            let bare = |text: &str| text.split_whitespace().collect::<String>();
            let parts: String = sentences(&text).iter().map(|it| it.text.as_str()).collect();
            prop_assert_eq!(bare(&parts), bare(&text));
        }

        #[test]
        fn any_text_is_parted(text in any::<String>()) {
            sentences(&text).iter().for_each(|it| drop(cited(&it.text)));
        }

        #[test]
        fn a_sentence_is_never_longer(words in prop::collection::vec("[a-z]{1,900}", 0..20)) {
            prop_assert!(sentences(&words.join(" ")).iter().all(|it| it.text.chars().count() <= MAX_CHARS));
        }
    }
}
