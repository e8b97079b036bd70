//! Hashed features of a text: character n-grams within words, words and pairs of words. No vocabulary, so nothing to ship or to grow.
//!
//! `models/train/hashed.py` makes the same features; the fixture `words.json` holds both to it.

use unicode_normalization::UnicodeNormalization;
use unicode_normalization::char::canonical_combining_class;

use crate::error::Error;
use crate::sparse::Sparse;
use crate::words::is_word;

/// The widest space: a model of one label fills 1 MB of it.
pub const MAX_BITS: u8 = 20;

/// Endings that make a word with dots a link. Chosen: the usual ones, without those that are words where a space is missing.
#[rustfmt::skip]
const ENDINGS: [&str; 28] = [
    "com", "net", "org", "info", "biz", "io", "co", "es", "mx", "ar", "cl", "pe", "uk", "eu", "ru", "cn", "xyz", "top", "shop", "store",
    "online", "site", "club", "link", "click", "app", "dev", "example",
];

/// What a link and a mail address become.
const LINK: &str = "‹link›";
const MAIL: &str = "‹mail›";

/// What is taken from a text.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Recipe {
    bits: u8,
    shortest: u8,
    longest: u8,
    /// Whether accents count.
    pub accents: bool,
    /// Whether n-grams count, beside words.
    pub grams: bool,
    /// Whether n-grams of punctuation and emoji count.
    pub symbols: bool,
    /// Whether whole words and pairs of words count, beside n-grams.
    pub words: bool,
    /// Folded words that do not count.
    pub ignored: Vec<String>,
}

/// One occurrence of a feature.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Feature<'a> {
    /// An n-gram with a space where its word begins or ends, a word, or two words.
    pub text: &'a str,
    /// Where it is counted; others may be, too.
    pub bucket: u32,
}

/// What goes before a feature's text into its hash, so that the word "an" is not the n-gram.
const GRAM: &[u8] = b"c";
const WORD: &[u8] = b"w";
const PAIR: &[u8] = b"p";

impl Recipe {
    /// Character n-grams of `shortest` to `longest` characters, words and pairs, hashed to `2^bits` buckets.
    ///
    /// Errors: `Range` unless `bits` is from 1 to [`MAX_BITS`] and `1 ≤ shortest ≤ longest ≤ 8`.
    pub fn new(bits: u8, shortest: u8, longest: u8) -> Result<Self, Error> {
        if !(1..=MAX_BITS).contains(&bits) {
            return Err(Error::Range("bits"));
        }
        if shortest == 0 || shortest > longest || longest > 8 {
            return Err(Error::Range("n-grams"));
        }
        Ok(Self { bits, shortest, longest, accents: false, grams: true, symbols: false, words: true, ignored: Vec::new() })
    }

    /// How many buckets there are.
    #[must_use]
    pub const fn width(&self) -> usize {
        1 << self.bits
    }

    /// The features of a text: 1 + ln of how often, with L2 norm 1; nothing for a text without any.
    ///
    /// Source: Manning, Raghavan & Schütze 2008, §6.4.1, sublinear term frequency; Weinberger et al. 2009, hashing (without signs: at
    /// these widths few collide, and a weight can be explained).
    #[must_use]
    pub fn features(&self, text: &str) -> Sparse {
        let mut counts = Vec::new();
        self.each(text, |feature| counts.push((feature.bucket, 1.0)));
        let entries = Sparse::new(counts).entries().iter().map(|&(bucket, count)| (bucket, 1.0 + count.ln())).collect();
        Sparse::new(entries).unit()
    }

    /// Visits every feature as often as it occurs.
    pub fn each(&self, text: &str, mut visit: impl FnMut(Feature<'_>)) {
        let text = normalised(text, self.accents);
        let mut previous = "";
        for token in tokens(&text).filter(|token| self.counts(token)) {
            let is_mark = token == LINK || token == MAIL;
            if self.grams && !is_mark {
                self.grams_of(token, &mut visit);
            }
            if self.words && (is_mark || token.starts_with(is_word)) {
                visit(self.whole(WORD, token));
                if !previous.is_empty() {
                    visit(self.whole(PAIR, &format!("{previous} {token}")));
                }
                previous = token;
            }
        }
    }

    fn counts(&self, token: &str) -> bool {
        if token.starts_with(is_word) { self.ignored.iter().all(|it| it != token) } else { self.symbols || token == LINK || token == MAIL }
    }

    fn grams_of(&self, token: &str, visit: &mut impl FnMut(Feature<'_>)) {
        let padded = format!(" {token} ");
        for (start, _) in padded.char_indices() {
            let mut hash = fnv(OFFSET, GRAM);
            for (length, (at, character)) in (1u8..=self.longest).zip(padded[start..].char_indices()) {
                let text = &padded[start..start + at + character.len_utf8()];
                hash = fnv(hash, &text.as_bytes()[at..]);
                if length >= self.shortest && text != " " {
                    visit(Feature { text, bucket: self.bucket(hash) });
                }
            }
        }
    }

    fn whole<'a>(&self, kind: &[u8], text: &'a str) -> Feature<'a> {
        Feature { text, bucket: self.bucket(fnv(fnv(OFFSET, kind), text.as_bytes())) }
    }

    /// Xor-folded, as the authors of FNV advise for fewer than 32 bits.
    const fn bucket(&self, hash: u32) -> u32 {
        (hash >> self.bits ^ hash) & ((1 << self.bits) - 1)
    }
}

/// Source: Fowler, Noll & Vo, FNV-1a of 32 bits.
const OFFSET: u32 = 0x811c_9dc5;
const PRIME: u32 = 0x0100_0193;

fn fnv(hash: u32, bytes: &[u8]) -> u32 {
    bytes.iter().fold(hash, |hash, &byte| (hash ^ u32::from(byte)).wrapping_mul(PRIME))
}

/// Soft hyphens, zero-width characters and variation selectors: they hide words from a filter and from nobody else.
const fn is_invisible(character: char) -> bool {
    matches!(character, '\u{ad}' | '\u{200b}'..='\u{200f}' | '\u{2060}' | '\u{fe00}'..='\u{fe0f}' | '\u{feff}')
}

/// Compatible characters, lower case, every digit 0; without accents unless they are wanted.
fn normalised(text: &str, accents: bool) -> String {
    let shown = text.chars().filter(|&character| !is_invisible(character));
    let small = |character: char| if character.is_ascii_digit() { '0' } else { character };
    if accents {
        shown.nfkc().flat_map(char::to_lowercase).map(small).collect()
    } else {
        shown.nfkd().filter(|&character| canonical_combining_class(character) == 0).flat_map(char::to_lowercase).map(small).collect()
    }
}

/// Words, runs of symbols, links and addresses, in order.
fn tokens(text: &str) -> impl Iterator<Item = &str> {
    text.split_whitespace().flat_map(|chunk| {
        let mark = if is_mail(chunk) { Some(MAIL) } else { is_link(chunk).then_some(LINK) };
        mark.into_iter().chain(runs(if mark.is_some() { "" } else { chunk }))
    })
}

/// Where a chunk goes from word to symbols or back.
fn runs(mut chunk: &str) -> impl Iterator<Item = &str> {
    std::iter::from_fn(move || {
        let kind = is_word(chunk.chars().next()?);
        let (run, rest) = chunk.split_at(chunk.find(|character| is_word(character) != kind).unwrap_or(chunk.len()));
        chunk = rest;
        Some(run)
    })
}

fn is_mail(chunk: &str) -> bool {
    chunk.split_once('@').is_some_and(|(name, host)| !name.is_empty() && host.trim_matches('.').contains('.'))
}

fn is_link(chunk: &str) -> bool {
    if chunk.contains("://") || chunk.starts_with("www.") {
        return true;
    }
    let host = chunk.trim_matches(|character| !is_word(character)).split('/').next().unwrap_or_default();
    let is_label = |label: &str| !label.is_empty() && label.chars().all(|character| is_word(character) || character == '-');
    host.rsplit_once('.').is_some_and(|(rest, ending)| ENDINGS.contains(&ending) && rest.split('.').all(is_label))
}

#[cfg(test)]
mod tests;
