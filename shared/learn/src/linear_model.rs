//! Small linear classifiers over hashed features, as `models/train/linear.py` writes them: read in place, scored, explained.
//!
//! A file, little-endian, without gaps:
//!
//! | bytes | what |
//! |---|---|
//! | 4 | `ORLM` |
//! | 1 | version, 1 |
//! | 3 | bits of the width, shortest and longest n-gram |
//! | 1 | flags: 1 accents, 2 symbols, 4 words and pairs |
//! | 1 | number of labels, L |
//! | 2 | number of ignored words |
//! | 4 | temperature, f32 |
//! | – | labels, then ignored words: one byte of length and UTF-8 each |
//! | 4 L | scales, f32 |
//! | 4 L | biases, f32 |
//! | L · 2^bits | weights, int8: all labels of the first bucket, then of the second |

use std::collections::BTreeMap;

use crate::calibrate::softmax;
use crate::error::Error;
use crate::hashed::Recipe;

/// A classifier that borrows its weights from the file.
#[derive(Debug, Clone)]
pub struct LinearModel<'a> {
    recipe: Recipe,
    labels: Vec<&'a str>,
    scales: Vec<f32>,
    biases: Vec<f32>,
    weights: &'a [u8],
    temperature: f32,
}

/// What an n-gram, a word or a pair of words speaks for.
#[derive(Debug, Clone, PartialEq)]
pub struct Contribution {
    /// The feature, with a space where a word begins or ends.
    pub text: String,
    /// What it adds to the label's score beyond what it adds to all labels on average.
    pub score: f32,
}

impl<'a> LinearModel<'a> {
    /// Reads a file.
    ///
    /// Errors: `Malformed` if it is none, of another version, too short or too long, or has numbers beyond ±10⁶, which
    /// no training makes and sums could not bear; `Range` if its recipe is impossible.
    pub fn parse(file: &'a [u8]) -> Result<Self, Error> {
        let mut rest = Reader(file);
        if rest.array()? != *b"ORLM" {
            return Err(Error::Malformed("no linear model"));
        }
        let [version, bits, shortest, longest, flags, labels] = rest.array()?;
        if version != 1 {
            return Err(Error::Malformed("unknown version"));
        }
        let mut recipe = Recipe::new(bits, shortest, longest)?;
        (recipe.accents, recipe.symbols, recipe.words) = (flags & 1 != 0, flags & 2 != 0, flags & 4 != 0);
        let ignored = u16::from_le_bytes(rest.array()?);
        let temperature = rest.number()?;
        let labels = (0..labels).map(|_| rest.text()).collect::<Result<Vec<_>, _>>()?;
        recipe.ignored = (0..ignored).map(|_| rest.text().map(str::to_owned)).collect::<Result<_, _>>()?;
        let scales = labels.iter().map(|_| rest.number()).collect::<Result<_, _>>()?;
        let biases = labels.iter().map(|_| rest.number()).collect::<Result<_, _>>()?;
        if flags > 7 || labels.is_empty() || temperature < 1e-3 || rest.0.len() != recipe.width() * labels.len() {
            return Err(Error::Malformed("sizes"));
        }
        Ok(Self { recipe, labels, scales, biases, weights: rest.0, temperature })
    }

    /// The labels, in the order of all that this returns.
    #[must_use]
    pub fn labels(&self) -> &[&'a str] {
        &self.labels
    }

    /// What each label has before the softmax.
    ///
    /// Shape: `[labels]`.
    #[must_use]
    pub fn scores(&self, text: &str) -> Vec<f32> {
        let features = self.recipe.features(text);
        let mut sums = vec![0.0; self.labels.len()];
        for &(bucket, value) in features.entries() {
            for (sum, weight) in sums.iter_mut().zip(self.weights_of(bucket)) {
                *sum += value * weight;
            }
        }
        sums.iter().zip(&self.scales).zip(&self.biases).map(|((sum, scale), bias)| sum * scale + bias).collect()
    }

    /// How probable each label is.
    ///
    /// Shape: `[labels]`; adds up to 1.
    #[must_use]
    pub fn probabilities(&self, text: &str) -> Vec<f32> {
        let mut scores: Vec<_> = self.scores(text).iter().map(|score| f64::from(score / self.temperature)).collect();
        softmax(&mut scores);
        scores.iter().map(|probability| *probability as f32).collect()
    }

    /// The most probable label and its probability.
    #[must_use]
    pub fn best(&self, text: &str) -> (&'a str, f32) {
        let of_labels = self.labels.iter().copied().zip(self.probabilities(text));
        of_labels.fold(("", f32::NEG_INFINITY), |best, next| if next.1 > best.1 { next } else { best })
    }

    /// The `count` features that speak most for a label, strongest first. Features of one bucket share what it adds.
    ///
    /// Errors: `Label` if there is no such label.
    pub fn explain(&self, text: &str, label: usize, count: usize) -> Result<Vec<Contribution>, Error> {
        if label >= self.labels.len() {
            return Err(Error::Label { label, classes: self.labels.len() });
        }
        let mut texts = BTreeMap::<_, BTreeMap<String, f32>>::new();
        self.recipe.each(text, |feature| {
            *texts.entry(feature.bucket).or_default().entry(feature.text.to_owned()).or_default() += 1.0;
        });
        let mut found = Vec::new();
        for &(bucket, value) in self.recipe.features(text).entries() {
            let weights: Vec<_> = self.weights_of(bucket).zip(&self.scales).map(|(weight, scale)| weight * scale).collect();
            let mean = weights.iter().sum::<f32>() / weights.len() as f32;
            let own = weights.get(label).copied().unwrap_or_default();
            let here = texts.remove(&bucket).unwrap_or_default();
            let times: f32 = here.values().sum();
            found.extend(here.into_iter().map(|(text, n)| Contribution { text, score: value * (own - mean) * n / times }));
        }
        found.retain(|it| it.score > 0.0);
        found.sort_by(|a, b| b.score.total_cmp(&a.score));
        found.truncate(count);
        Ok(found)
    }

    fn weights_of(&self, bucket: u32) -> impl Iterator<Item = f32> {
        let labels = self.labels.len();
        let start = bucket as usize * labels;
        self.weights.get(start..start + labels).unwrap_or_default().iter().map(|&weight| f32::from(weight.cast_signed()))
    }
}

/// What is left of a file.
struct Reader<'a>(&'a [u8]);

impl<'a> Reader<'a> {
    fn take(&mut self, length: usize) -> Result<&'a [u8], Error> {
        let (taken, rest) = self.0.split_at_checked(length).ok_or(Error::Malformed("too short"))?;
        self.0 = rest;
        Ok(taken)
    }

    fn array<const N: usize>(&mut self) -> Result<[u8; N], Error> {
        self.take(N)?.try_into().map_err(|_| Error::Malformed("too short"))
    }

    fn number(&mut self) -> Result<f32, Error> {
        let number = f32::from_le_bytes(self.array()?);
        if number.abs() <= 1e6 { Ok(number) } else { Err(Error::Malformed("number")) }
    }

    fn text(&mut self) -> Result<&'a str, Error> {
        let [length] = self.array()?;
        std::str::from_utf8(self.take(length.into())?).map_err(|_| Error::Malformed("text"))
    }
}

#[cfg(test)]
mod tests;
