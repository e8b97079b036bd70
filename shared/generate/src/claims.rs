//! What a sentence says that can be looked up: its content words, numbers with their units, addresses, names, and whether it denies. Both sides
//! of the comparison are read alike.

mod exact;
mod numbers;
mod words;

use std::collections::BTreeSet;

use orilla_learn::words::{Language, fold, is_word, stems};

use self::exact::exact;
pub use self::numbers::{Number, Unit};
use self::numbers::{is_part, numbers};
use self::words::{denies, is_content};

/// What can be looked up.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Claims {
    /// The stems of its content words.
    pub stems: BTreeSet<String>,
    /// All words, folded, for names.
    pub words: BTreeSet<String>,
    /// Numbers, in digits or in words.
    pub numbers: Vec<Number>,
    /// URLs, host names and e-mail addresses, in lower case.
    pub addresses: BTreeSet<String>,
    /// Words with a capital that does not begin the sentence, folded.
    pub names: BTreeSet<String>,
    /// What each clause says that has content words.
    pub clauses: Vec<Clause>,
    /// What it says that no similar word says: days, periods, "all", "only".
    pub exact: BTreeSet<&'static str>,
    /// Whether it says that something is not.
    pub denies: bool,
}

/// What stands between marks and conjunctions.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Clause {
    /// The stems of its content words.
    pub stems: BTreeSet<String>,
    /// Its numbers, by their place among all of the sentence.
    pub numbers: BTreeSet<usize>,
}

/// One word of a text.
#[derive(Debug, Clone)]
struct Word {
    /// Folded.
    folded: String,
    /// Its stem, if it is a content word.
    stem: Option<String>,
    /// Where it begins in the text, in bytes.
    at: usize,
    /// How long it is there, in bytes.
    length: usize,
}

impl Claims {
    /// Reads one sentence.
    #[must_use]
    pub fn read(sentence: &str, language: Language) -> Self {
        let (text, addresses) = without_addresses(sentence);
        let words = words_of(&text, language);
        let numbers = numbers(&text, &words, language);
        Self {
            stems: words.iter().filter_map(|word| word.stem.clone()).collect(),
            addresses,
            names: names(&text, &words),
            clauses: clauses(&text, &words, &numbers),
            exact: exact(words.iter().map(|word| word.folded.as_str())).collect(),
            numbers,
            denies: denies(&text),
            words: words.into_iter().map(|word| word.folded).collect(),
        }
    }

    /// All of several sentences; it denies where one does.
    #[must_use]
    pub fn of_all<'a>(parts: impl IntoIterator<Item = &'a Self>) -> Self {
        let mut all = Self::default();
        for part in parts {
            all.stems.extend(part.stems.iter().cloned());
            all.words.extend(part.words.iter().cloned());
            all.numbers.extend(part.numbers.iter().cloned());
            all.addresses.extend(part.addresses.iter().cloned());
            all.names.extend(part.names.iter().cloned());
            all.exact.extend(part.exact.iter().copied());
            all.denies |= part.denies;
        }
        all
    }

    /// Which share of the content words another text has, from 0 to 1; 0 where there are none.
    #[must_use]
    pub fn share(&self, of: &Self) -> f32 {
        let found = self.stems.intersection(&of.stems).count();
        if self.stems.is_empty() { 0.0 } else { found as f32 / self.stems.len() as f32 }
    }
}

fn words_of(text: &str, language: Language) -> Vec<Word> {
    let mut words = Vec::new();
    let mut begin = None;
    for (at, character) in text.char_indices().chain([(text.len(), ' ')]) {
        match begin {
            None if is_word(character) => begin = Some(at),
            Some(start) if !is_word(character) => {
                let word = &text[start..at];
                let folded = fold(word);
                let stem = (is_content(&folded) && !is_part(&folded, language)).then(|| stems(word, language).into_iter().next()).flatten();
                words.push(Word { folded, stem, at: start, length: word.len() });
                begin = None;
            }
            _ => {}
        }
    }
    words
}

/// The text with its addresses blanked, and those.
fn without_addresses(text: &str) -> (String, BTreeSet<String>) {
    let mut addresses = BTreeSet::new();
    let mut rest = String::with_capacity(text.len());
    for token in text.split_inclusive(char::is_whitespace) {
        let bare = token.trim_matches(|c: char| !c.is_alphanumeric() && c != '/').trim_end_matches('/');
        if is_address(bare) {
            addresses.insert(bare.to_lowercase());
            rest.push_str(&token.replacen(bare, "", 1));
        } else {
            rest.push_str(token);
        }
    }
    (rest, addresses)
}

/// Whether a token is a URL, a host name, a path or an e-mail address.
fn is_address(token: &str) -> bool {
    if token.contains('@') || token.contains("://") || token.starts_with("www.") {
        return true;
    }
    let (host, path) = token.split_once('/').map_or((token, None), |(host, path)| (host, Some(path)));
    let labels: Vec<&str> = host.split('.').collect();
    let is_host = labels.len() > 1
        && labels.iter().all(|label| label.len() > 1 && label.chars().all(|c| c.is_alphanumeric() || c == '-'))
        && labels.last().is_some_and(|last| last.chars().all(char::is_alphabetic));
    is_host || (host.is_empty() && path.is_some_and(|path| path.chars().any(char::is_alphabetic)))
}

fn names(text: &str, words: &[Word]) -> BTreeSet<String> {
    let capital = |word: &&Word| text[word.at..].chars().next().is_some_and(char::is_uppercase) && word.folded.chars().count() > 1;
    // What begins a sentence, a quotation or what is told after a colon has its capital for that.
    let begins = |word: &Word| {
        let before = text[..word.at].trim_end_matches([' ', '"', '“', '«', '¿', '¡', '(', '\'']);
        before.is_empty() || before.ends_with(['.', '!', '?', ':', '…', '•', '\n', '-'])
    };
    words.iter().filter(capital).filter(|word| !begins(word)).map(|word| word.folded.clone()).collect()
}

fn clauses(text: &str, words: &[Word], numbers: &[Number]) -> Vec<Clause> {
    const JOINTS: [&str; 14] =
        ["y", "e", "o", "u", "pero", "porque", "aunque", "mientras", "and", "or", "but", "because", "although", "while"];
    let mut clauses = vec![Clause::default()];
    let mut before = 0;
    for word in words {
        let between = text.get(before..word.at).unwrap_or_default();
        let is_parted = between.contains([',', ';', ':', '(', ')', '—', '–', '.']) && between.contains(char::is_whitespace);
        if is_parted || JOINTS.contains(&word.folded.as_str()) {
            clauses.push(Clause::default());
        }
        if let Some(clause) = clauses.last_mut() {
            clause.stems.extend(word.stem.clone());
            clause.numbers.extend((0..numbers.len()).filter(|number| numbers[*number].at == word.at));
        }
        before = word.at + word.length;
    }
    clauses.retain(|clause| !clause.stems.is_empty());
    clauses
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    fn set(words: &[&str]) -> BTreeSet<String> {
        words.iter().map(|&word| word.to_owned()).collect()
    }

    #[test]
    fn reads_words_names_and_addresses() {
        let claims = Claims::read("Escribe a Ayuda@Marea.example o ve a https://marea.example/es/, y paga con Stripe.", Language::Spanish);
        assert_eq!(claims.addresses, set(&["ayuda@marea.example", "https://marea.example/es"]));
        assert_eq!((claims.names, claims.numbers.len()), (set(&["stripe"]), 0));
        assert_eq!(claims.stems, set(&["escrib", "pag", "strip"]));
        let clauses: Vec<_> = claims.clauses.into_iter().map(|clause| clause.stems).collect();
        assert_eq!(clauses, [set(&["escrib"]), set(&["pag", "strip"])]);
    }

    #[test]
    fn tells_what_is_an_address() {
        for (token, expect) in [
            ("a@b", true),
            ("http://x", true),
            ("www.x", true),
            ("marea.example", true),
            ("marea.example/x", true),
            ("/demo/en", true),
            ("19.50", false),
            ("e.g", false),
            ("and/or", false),
            ("24/7", false),
            ("24", false),
            ("", false),
            ("/", false),
        ] {
            assert_eq!(is_address(token), expect, "{token}");
        }
    }

    #[test]
    fn a_share_is_of_the_own_words() {
        let read = |text| Claims::read(text, Language::English);
        let (claim, source) = (read("You pay in cash per instructor"), read("Each instructor pays once a month; nothing else is charged"));
        assert!((claim.share(&source) - 2.0 / 3.0).abs() < 1e-6, "{claim:?} {source:?}");
        assert!(read("of the").share(&source).abs() < 1e-6);
    }

    proptest! {
        #[test]
        fn any_text_is_read(text in any::<String>()) {
            for language in [Language::Spanish, Language::English, Language::Other] {
                let claims = Claims::read(&text, language);
                prop_assert!(claims.share(&claims) == 1.0 || claims.stems.is_empty());
            }
        }
    }
}
