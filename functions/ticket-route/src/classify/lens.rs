//! How a ticket is looked at: a vector of both shipped encoders and how near it is to some tickets that stand for all, and its words and n-grams,
//! hashed and weighed by how rare they are.

use std::collections::BTreeMap;

use orilla_learn::hashed::Recipe;
use orilla_learn::landmarks::{Landmarks, evenly};
use orilla_learn::matrix::Matrix;
use orilla_learn::sparse::Sparse;

use super::text::Readable;

/// Buckets of each kind of feature, as a power of two. Chosen on held-out training tickets: half as many tell one in a hundred less, twice as many no more.
const BITS: u8 = 16;
/// How many features there are: n-grams first, words and pairs after them.
pub const FEATURES: usize = 2 << BITS;
/// In how fine steps rarity is kept.
const STEPS: f32 = 24.0;
/// Tickets that stand for all. Chosen on held-out training tickets: half as many tell one in 300 less, all of them one in 150 more, at ten times the size.
const LANDMARKS: usize = 2_048;
/// Of them, those that a site's own head stands on, in the memory that a Worker has. Chosen by five folds of our dev tickets, learnt on top of the
/// shipped head: all of them, or a quarter as many as these, tell one in 300 more or less.
pub const FEW: usize = 512;
/// What words and pairs count beside n-grams, as the root of it. Chosen by leave-one-out on our training tickets: three times.
const WORDS: f32 = 1.732_050_8;

/// A ticket as the heads see it.
#[derive(Debug, Clone, PartialEq)]
pub struct Seen {
    /// Unit vector.
    pub vector: Vec<f32>,
    /// How near it is to each landmark.
    pub near: Vec<f32>,
    /// Hashed features of both kinds.
    pub words: Sparse,
}

impl Seen {
    /// How near it is to each of the few landmarks that a site's own head stands on.
    #[must_use]
    pub fn near_few(&self) -> Vec<f32> {
        evenly(self.near.len(), FEW).map(|at| self.near[at]).collect()
    }
}

/// How rare each feature is, and the tickets that stand for all.
#[derive(Debug, Clone, PartialEq)]
pub struct Lens {
    rarity: Vec<u8>,
    landmarks: Landmarks,
}

impl Lens {
    /// Counts in how many of these tickets each feature occurs, `1 + ln((1 + n) / (1 + df))`, and takes landmarks from their vectors.
    ///
    /// Shape: `vectors` has a row for each ticket.
    /// Source: scikit-learn, `TfidfTransformer(smooth_idf=True)`.
    /// Errors: as [`Landmarks::choose`].
    pub fn learn<'t>(tickets: impl Iterator<Item = &'t Readable>, vectors: &Matrix) -> Result<Self, orilla_learn::Error> {
        let mut counts = vec![0_u32; FEATURES];
        let mut all = 0_u32;
        for ticket in tickets {
            all += 1;
            for kind in kinds(&ticket.whole()) {
                kind.entries().iter().for_each(|(feature, _)| counts[*feature as usize] += 1);
            }
        }
        let rarity = |count: u32| 1.0 + ((1.0 + all as f32) / (1.0 + count as f32)).ln();
        Ok(Self {
            rarity: counts.into_iter().map(|count| (rarity(count) * STEPS).round().clamp(0.0, 255.0) as u8).collect(),
            landmarks: Landmarks::choose(vectors, LANDMARKS)?,
        })
    }

    /// Reads [`Self::to_bytes`].
    ///
    /// Errors: `Malformed` if they are too few or do not fill whole vectors.
    pub fn parse(bytes: &[u8], dimensions: usize) -> Result<Self, orilla_learn::Error> {
        let (rarity, landmarks) = bytes.split_at_checked(FEATURES).ok_or(orilla_learn::Error::Malformed("too short"))?;
        Ok(Self { rarity: rarity.to_vec(), landmarks: Landmarks::parse(landmarks, dimensions)? })
    }

    /// One byte for each feature, then the landmarks.
    #[must_use]
    pub fn to_bytes(&self) -> Vec<u8> {
        [&self.rarity[..], &self.landmarks.to_bytes()].concat()
    }

    /// The tickets that stand for all.
    #[must_use]
    pub const fn landmarks(&self) -> &Landmarks {
        &self.landmarks
    }

    /// Looks at a text whose vector is known.
    ///
    /// Errors: `Dimension` if the vector is of another encoder than the landmarks; `NotFinite` if a value is.
    pub fn see(&self, vector: Vec<f32>, text: &str) -> Result<Seen, orilla_learn::Error> {
        Ok(Seen { near: self.landmarks.near(&vector)?, words: self.words(text), vector })
    }

    /// The hashed features of a text.
    #[must_use]
    pub fn words(&self, text: &str) -> Sparse {
        let weighed = |(kind, counts): (Sparse, f32)| {
            let rarity = |feature: u32| f32::from(self.rarity.get(feature as usize).copied().unwrap_or(u8::MAX)) / STEPS;
            let unit = Sparse::new(kind.entries().iter().map(|(feature, value)| (*feature, value * rarity(*feature))).collect()).unit();
            unit.entries().iter().map(|(feature, value)| (*feature, value * counts)).collect::<Vec<_>>()
        };
        Sparse::new(kinds(text).into_iter().zip([1.0, WORDS]).flat_map(weighed).collect())
    }
}

/// N-grams, and words with pairs of words.
fn kinds(text: &str) -> [Sparse; 2] {
    let [grams, words] = recipes();
    let after = |sparse: Sparse| Sparse::new(sparse.entries().iter().map(|(feature, value)| (feature + (1 << BITS), *value)).collect());
    [grams.map(|it| it.features(text)).unwrap_or_default(), words.map(|it| after(it.features(text))).unwrap_or_default()]
}

/// Of n-grams, and of words. `None` never happens: the ranges are legal ones.
fn recipes() -> [Option<Recipe>; 2] {
    let of = |is_grams: bool| {
        let mut recipe = Recipe::new(BITS, 2, 5).ok()?;
        (recipe.grams, recipe.words) = (is_grams, !is_grams);
        Some(recipe)
    };
    [of(true), of(false)]
}

/// The words and pairs of words of a ticket by their features, to explain with.
#[must_use]
pub fn spelt(text: &str) -> BTreeMap<u32, String> {
    let [_, words] = recipes();
    let mut found = BTreeMap::new();
    if let Some(words) = words {
        words.each(text, |feature| {
            found.entry(feature.bucket + (1 << BITS)).or_insert_with(|| feature.text.to_owned());
        });
    }
    found
}
