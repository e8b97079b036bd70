//! The site's knowledge as it is searched: one blob of bytes, made of articles and a model, opened without reading an article again.
//!
//! An *entry* is what shares an id; it has one article or two, one for each language. An article has a *prototype*, the mean direction of
//! its question with the answer and of its paraphrases, and a vector for each passage where it is long. Vectors of texts are kept by
//! the texts' checksums: an index made from an older one encodes what is new, and comes out the same.

mod build;
mod bytes;
mod calibrate;
mod lexicon;

use std::ops::Range;

use orilla_learn::search::Int8;
use orilla_learn::simd;
use orilla_text::Locale;

pub use build::{Built, build, build_some};
use bytes::{Reader, Writer};
pub use calibrate::{Calibration, Quality, confidence};
use lexicon::Lexicon;

use crate::locale::stemming;
use crate::model::Checksum;

/// How the file begins.
const MAGIC: [u8; 4] = *b"ORKB";
/// Raised whenever the bytes or what they are made of mean something else.
const VERSION: u32 = 1;
/// What stands for an article's language.
const LOCALES: [Locale; 2] = Locale::ALL;

/// Why a blob is not opened. Whatever it is, an index is made again from the articles.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum Refusal {
    /// Of another form, by an older or newer version of this code.
    #[error("the index is of another version; rebuild it")]
    Version,
    /// Of another model: its vectors mean something else.
    #[error("the index is of another model; rebuild it")]
    Model,
    /// No index, or not whole.
    #[error("the index is damaged; rebuild it")]
    Damaged,
}

/// Why an index was not built.
#[derive(Debug, thiserror::Error)]
pub enum BuildError {
    /// More than an index takes.
    #[error("{0} articles are more than an index takes")]
    TooMany(usize),
    /// A text was not encoded.
    #[error("a text was not encoded")]
    Encode(#[from] orilla_infer::Error),
    /// The model gave a vector that is none.
    #[error("the model gave no vector")]
    Vector(#[from] orilla_learn::Error),
}

/// A searchable knowledge base.
#[derive(Debug, Clone, PartialEq)]
pub struct Index {
    kb_version: u64,
    model: Checksum,
    /// Ids in order.
    entries: Vec<String>,
    /// By entry, then language.
    articles: Vec<Held>,
    rows: Rows,
    /// In the order of [`LOCALES`].
    lexicons: [Lexicon; 2],
    calibration: Calibration,
}

/// One article.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Held {
    /// Its entry, by number.
    pub entry: usize,
    /// Its language.
    pub locale: Locale,
    prototype: usize,
    /// Rows of its passages; none of an article that is one passage.
    passages: Range<usize>,
}

/// Vectors of int8, and the checksums of the texts that some of them are of.
#[derive(Debug, Clone, Default, PartialEq)]
struct Rows {
    dimensions: usize,
    scales: Vec<f32>,
    values: Vec<i8>,
    /// Zeros of a row that is no text's.
    texts: Vec<Checksum>,
}

/// What an entry has in common with a question.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Likeness {
    /// The mean cosine over the languages it stands in.
    pub cosine: f32,
    /// Its share of the question's words, in the language where it has more.
    pub share: f32,
}

impl Rows {
    fn len(&self) -> usize {
        self.scales.len()
    }

    fn push(&mut self, vector: &Int8, text: Checksum) {
        self.scales.push(vector.scale);
        self.values.extend_from_slice(&vector.values);
        self.texts.push(text);
    }

    fn values(&self, row: usize) -> &[i8] {
        self.values.get(row * self.dimensions..(row + 1) * self.dimensions).unwrap_or_default()
    }

    fn cosine(&self, row: usize, query: &Int8) -> f32 {
        let scale = self.scales.get(row).copied().unwrap_or_default();
        simd::dot(self.values(row), &query.values) as f32 * scale * query.scale
    }

    fn get(&self, row: usize) -> Int8 {
        Int8 { scale: self.scales.get(row).copied().unwrap_or_default(), values: self.values(row).to_vec() }
    }
}

impl Index {
    /// The version of the knowledge base it was made of.
    #[must_use]
    pub const fn kb_version(&self) -> u64 {
        self.kb_version
    }

    /// The id of an entry; empty if there is none of that number.
    #[must_use]
    pub fn id(&self, entry: usize) -> &str {
        self.entries.get(entry).map_or("", String::as_str)
    }

    /// The number of the entry of this id.
    #[must_use]
    pub fn entry(&self, id: &str) -> Option<usize> {
        self.entries.binary_search_by(|it| it.as_str().cmp(id)).ok()
    }

    /// How many entries there are.
    #[must_use]
    pub const fn len(&self) -> usize {
        self.entries.len()
    }

    /// Whether there is none.
    #[must_use]
    pub const fn is_empty(&self) -> bool {
        self.entries.is_empty()
    }

    /// The articles of an entry.
    #[must_use]
    pub fn articles(&self, entry: usize) -> &[Held] {
        let first = self.articles.partition_point(|it| it.entry < entry);
        let end = self.articles.partition_point(|it| it.entry <= entry);
        self.articles.get(first..end).unwrap_or_default()
    }

    /// What it has learnt of how far its scores can be believed.
    #[must_use]
    pub const fn calibration(&self) -> &Calibration {
        &self.calibration
    }

    /// What every entry has in common with a question.
    ///
    /// Shape: `[entries]`.
    #[must_use]
    pub fn likenesses(&self, vector: &Int8, question: &str) -> Vec<Likeness> {
        let mut found: Vec<_> = self.cosines(vector).into_iter().map(|cosine| Likeness { cosine, share: 0.0 }).collect();
        for (locale, lexicon) in LOCALES.iter().zip(&self.lexicons) {
            for (article, share) in lexicon.shares(question, stemming(*locale)) {
                if let Some(likeness) = self.articles.get(article as usize).and_then(|it| found.get_mut(it.entry)) {
                    likeness.share = likeness.share.max(share);
                }
            }
        }
        found
    }

    /// The mean cosine of each entry's articles.
    fn cosines(&self, vector: &Int8) -> Vec<f32> {
        let mut sums = vec![(0.0, 0.0_f32); self.entries.len()];
        for article in &self.articles {
            if let Some((sum, count)) = sums.get_mut(article.entry) {
                *sum += self.cosine(article, vector);
                *count += 1.0;
            }
        }
        sums.into_iter().map(|(sum, count)| sum / count.max(1.0)).collect()
    }

    /// Of the prototype or the nearest passage.
    fn cosine(&self, article: &Held, vector: &Int8) -> f32 {
        let passages = article.passages.clone().map(|row| self.rows.cosine(row, vector));
        passages.fold(self.rows.cosine(article.prototype, vector), f32::max)
    }

    /// The passage of an article that is nearest to a question, by its number; the first of an article that is one passage.
    #[must_use]
    pub fn passage(&self, article: &Held, vector: &Int8) -> usize {
        let better = |kept: (usize, f32), next: (usize, f32)| if next.1 > kept.1 { next } else { kept };
        let cosines = article.passages.clone().map(|row| self.rows.cosine(row, vector));
        cosines.enumerate().fold((0, f32::NEG_INFINITY), better).0
    }

    /// The vector that a text had when it was encoded.
    fn known(&self) -> std::collections::BTreeMap<Checksum, usize> {
        self.rows.texts.iter().enumerate().filter(|(_, text)| **text != Checksum::default()).map(|(row, text)| (*text, row)).collect()
    }

    /// The blob.
    #[must_use]
    pub fn to_bytes(&self) -> Vec<u8> {
        let mut out = Writer(MAGIC.to_vec());
        out.u32(VERSION as usize);
        out.0.extend(self.model);
        out.u64(self.kb_version);
        self.calibration.write(&mut out);
        out.u32(self.entries.len());
        self.entries.iter().for_each(|id| out.text(id));
        out.u32(self.articles.len());
        for article in &self.articles {
            let locale = LOCALES.iter().position(|it| *it == article.locale).unwrap_or_default();
            [article.entry, locale, article.prototype, article.passages.start, article.passages.end].into_iter().for_each(|it| out.u32(it));
        }
        self.lexicons.iter().for_each(|lexicon| lexicon.write(&mut out));
        out.u32(self.rows.dimensions);
        out.u32(self.rows.len());
        self.rows.scales.iter().for_each(|scale| out.f32(*scale));
        self.rows.texts.iter().for_each(|text| out.0.extend(text));
        out.0.extend(self.rows.values.iter().map(|value| value.cast_unsigned()));
        out.0
    }

    /// Opens a blob of this model.
    ///
    /// Errors: why it must be made again.
    pub fn open(blob: &[u8], model: Checksum) -> Result<Self, Refusal> {
        let mut from = Reader(blob);
        if from.array()? != MAGIC {
            return Err(Refusal::Damaged);
        }
        if from.u32()? != VERSION {
            return Err(Refusal::Version);
        }
        if from.array::<16>()? != model {
            return Err(Refusal::Model);
        }
        let kb_version = from.u64()?;
        let calibration = Calibration::read(&mut from)?;
        let entries = (0..from.count()?).map(|_| from.text().map(str::to_owned)).collect::<Result<Vec<_>, _>>()?;
        let articles = (0..from.count()?).map(|_| held(&mut from)).collect::<Result<Vec<_>, _>>()?;
        let lexicons = [Lexicon::read(&mut from, articles.len())?, Lexicon::read(&mut from, articles.len())?];
        let dimensions = from.count()?;
        let count = from.count()?;
        let scales = (0..count).map(|_| from.f32()).collect::<Result<Vec<_>, _>>()?;
        let texts = (0..count).map(|_| from.array()).collect::<Result<Vec<_>, _>>()?;
        let values = from.take(count.checked_mul(dimensions).ok_or(Refusal::Damaged)?)?.iter().map(|value| value.cast_signed()).collect();
        let is_row = |row: usize| row < count;
        let fits = |it: &Held| {
            it.entry < entries.len() && is_row(it.prototype) && it.passages.start <= it.passages.end && it.passages.end <= count
        };
        let is_whole = from.0.is_empty() && articles.iter().all(fits) && articles.is_sorted_by_key(|it| it.entry);
        let rows = Rows { dimensions, scales, values, texts };
        if is_whole { Ok(Self { kb_version, model, entries, articles, rows, lexicons, calibration }) } else { Err(Refusal::Damaged) }
    }
}

fn held(from: &mut Reader<'_>) -> Result<Held, Refusal> {
    let mut numbers = [0; 5];
    for number in &mut numbers {
        *number = from.count()?;
    }
    let [entry, locale, prototype, first, end] = numbers;
    let locale = *LOCALES.get(locale).ok_or(Refusal::Damaged)?;
    Ok(Held { entry, locale, prototype, passages: first..end })
}

#[cfg(test)]
mod tests;
