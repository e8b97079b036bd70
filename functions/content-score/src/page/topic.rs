//! What a text wants to be found by: where its keyphrase is used, and how much of it a short text (a title, a heading, an `alt`) has.

use std::collections::HashSet;
use std::ops::Range;

use orilla_prose::document::Document;
use orilla_prose::language::Language;
use orilla_prose::phrase::{Forms, Match, Phrase};
use orilla_prose::{function_words, stem, words};

use super::Passage;
use crate::profile::Matching;

/// A keyphrase and its synonyms.
#[derive(Debug)]
pub struct Topic {
    /// As asked for, without quotation marks around it.
    pub text: String,
    /// The keyphrase itself.
    phrase: Phrase,
    forms: Forms,
    /// The words that carry it, as they are compared; the keyphrase's first, then each synonym's.
    keys: Vec<Vec<String>>,
    /// The keyphrase's own words, as written in lower case.
    written: Vec<String>,
    /// Whether it stands in quotation marks: only these words in this order count.
    is_quoted: bool,
    language: Language,
    matching: Matching,
}

/// One use of the keyphrase.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Use {
    /// The block's number.
    pub number: usize,
    /// Where in the block's text.
    pub range: Range<usize>,
    /// Whether the words stand as asked for, in that order.
    pub is_exact: bool,
}

/// How much of a keyphrase is there.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct Covered {
    /// Of its words that carry it, so many.
    pub found: usize,
    /// How many these are.
    pub of: usize,
}

impl Covered {
    /// In percent.
    #[must_use]
    pub fn share(self) -> f64 {
        if self.of == 0 { 0.0 } else { self.found as f64 * 100.0 / self.of as f64 }
    }

    /// Whether nothing is missing.
    #[must_use]
    pub fn is_whole(self) -> bool {
        self.of > 0 && self.found == self.of
    }
}

impl Topic {
    /// None where nothing of it is a word.
    #[must_use]
    pub fn new(keyphrase: &str, synonyms: &[String], language: Language, matching: Matching) -> Option<Self> {
        let trimmed = keyphrase.trim();
        let bare = trimmed.trim_matches(['"', '“', '”', '«', '»']).trim();
        let written: Vec<String> = words::words(bare).filter_map(|word| bare.get(word)).map(str::to_lowercase).collect();
        if written.is_empty() {
            return None;
        }
        let forms = match matching {
            Matching::Exact => Forms::Exact,
            Matching::Stems => Forms::Stems,
        };
        let phrase = Phrase::new(trimmed, synonyms, language);
        let mut keys = vec![keys(bare, language, matching)];
        keys.extend(synonyms.iter().map(|synonym| self::keys(synonym, language, matching)).filter(|keys| !keys.is_empty()));
        let is_quoted = bare.len() + 2 <= trimmed.len();
        Some(Self { text: bare.to_owned(), phrase, forms, keys, written, is_quoted, language, matching })
    }

    /// How many words carry it.
    #[must_use]
    pub fn length(&self) -> usize {
        self.keys.first().map_or(0, Vec::len)
    }

    /// Every use in the blocks that count.
    pub(super) fn uses(&self, document: &Document, passages: &[Passage]) -> Vec<Use> {
        let mut uses = Vec::new();
        for (number, (block, passage)) in document.blocks.iter().zip(passages).enumerate().filter(|(_, (_, passage))| passage.counts) {
            let text = block.text.as_str();
            let mut sentences: Vec<Range<usize>> = passage.sentences.iter().map(|sentence| sentence.range.clone()).collect();
            if sentences.is_empty() {
                sentences.push(0..text.len());
            }
            for range in &sentences {
                for found in self.in_sentence(text.get(range.clone()).unwrap_or_default()) {
                    let range = range.start + found.range.start..range.start + found.range.end;
                    uses.push(Use { number, range, is_exact: found.is_exact });
                }
            }
        }
        uses
    }

    /// Every use of the keyphrase itself in one sentence.
    #[must_use]
    pub fn in_sentence(&self, sentence: &str) -> Vec<Match> {
        let mut found = self.phrase.in_sentence(sentence, self.forms);
        found.retain(|found| !found.is_synonym);
        found
    }

    /// How much of the keyphrase, or of a synonym if that is more, stands in `text`.
    #[must_use]
    pub fn covered(&self, text: &str) -> Covered {
        let there = self.there(text);
        let synonyms = self.keys.iter().skip(1).map(|keys| covered(keys, &there));
        synonyms.fold(self.covered_itself(text), |best, next| if next.share() > best.share() { next } else { best })
    }

    /// As `covered`, without the synonyms.
    #[must_use]
    pub fn covered_itself(&self, text: &str) -> Covered {
        if self.is_quoted {
            let of = self.length();
            return Covered { found: if self.exact_at(text).is_some() { of } else { 0 }, of };
        }
        self.keys.first().map(|keys| covered(keys, &self.there(text))).unwrap_or_default()
    }

    /// Whether `text` says the keyphrase or a synonym and nothing else that carries a meaning.
    #[must_use]
    pub fn is_all_of(&self, text: &str) -> bool {
        let said = keys(text, self.language, self.matching);
        let there = self.there(text);
        let mut each = self.keys.iter();
        each.any(|keys| covered(keys, &there).is_whole() && said.iter().all(|word| keys.iter().any(|key| same(key, word))))
    }

    /// At which word of `text` the keyphrase stands as written, and whether only function words stand before it.
    #[must_use]
    pub fn exact_at(&self, text: &str) -> Option<(usize, bool)> {
        let said: Vec<String> = words::words(text).filter_map(|word| text.get(word)).map(str::to_lowercase).collect();
        let at = said.windows(self.written.len()).position(|window| window == self.written.as_slice())?;
        let is_first = said.iter().take(at).all(|word| function_words::is(word, self.language));
        Some((at, is_first))
    }

    fn there(&self, text: &str) -> HashSet<String> {
        let mut there = HashSet::new();
        for word in words::words(text).filter_map(|word| text.get(word)) {
            let _ = there.insert(key(word, self.language, self.matching));
            for part in word.split(['-', '–', '/', '_']).filter(|part| part.len() < word.len() && !part.is_empty()) {
                let _ = there.insert(key(part, self.language, self.matching));
            }
        }
        there
    }
}

fn covered(keys: &[String], there: &HashSet<String>) -> Covered {
    let found = keys.iter().filter(|key| there.contains(*key) || there.contains(&folded(key))).count();
    Covered { found, of: keys.len() }
}

fn same(key: &str, word: &str) -> bool {
    key == word || folded(key) == word
}

/// The words that carry a phrase; all of them where it has only function words.
fn keys(phrase: &str, language: Language, matching: Matching) -> Vec<String> {
    let all = || words::words(phrase).filter_map(|word| phrase.get(word));
    let mut keys: Vec<String> =
        all().filter(|word| !function_words::is(word, language)).map(|word| key(word, language, matching)).collect();
    if keys.is_empty() {
        keys = all().map(|word| key(word, language, matching)).collect();
    }
    let mut seen = HashSet::new();
    keys.retain(|key| seen.insert(key.clone()));
    keys
}

fn key(word: &str, language: Language, matching: Matching) -> String {
    match matching {
        Matching::Exact => word.to_lowercase().replace('’', "'"),
        Matching::Stems => stem::stem(word, language),
    }
}

/// Spanish letters without their marks: a text may leave them out, as addresses do.
fn folded(word: &str) -> String {
    word.chars()
        .map(|letter| match letter {
            'á' => 'a',
            'é' => 'e',
            'í' => 'i',
            'ó' => 'o',
            'ú' | 'ü' => 'u',
            'ñ' => 'n',
            other => other,
        })
        .collect()
}
