//! How a ticket is looked at: a vector of both shipped encoders, and its words and n-grams, hashed and weighed by how rare they are.

use std::collections::BTreeMap;

use orilla_knowledge::model::Embed;
use orilla_learn::hashed::Recipe;
use orilla_learn::sparse::Sparse;

use super::text::Readable;

/// Buckets of each kind of feature, as a power of two. Chosen on our dev tickets: twice as many tell no more of them apart.
const BITS: u8 = 15;
/// How many features there are: n-grams first, words and pairs after them.
pub const FEATURES: usize = 2 << BITS;
/// In how fine steps rarity is kept.
const STEPS: f32 = 24.0;

/// A ticket as the heads see it.
#[derive(Debug, Clone, PartialEq)]
pub struct Seen {
    /// Unit vector.
    pub vector: Vec<f32>,
    /// Hashed features; those of each kind have norm 1.
    pub words: Sparse,
}

/// How rare each feature is.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Lens {
    rarity: Vec<u8>,
}

impl Lens {
    /// Counts in how many of these tickets each feature occurs: `1 + ln((1 + n) / (1 + df))`.
    ///
    /// Source: scikit-learn, `TfidfTransformer(smooth_idf=True)`.
    pub fn learn<'t>(tickets: impl Iterator<Item = &'t Readable>) -> Self {
        let mut counts = vec![0_u32; FEATURES];
        let mut all = 0_u32;
        for ticket in tickets {
            all += 1;
            for kind in kinds(&ticket.whole()) {
                kind.entries().iter().for_each(|(feature, _)| counts[*feature as usize] += 1);
            }
        }
        let rarity = |count: u32| 1.0 + ((1.0 + all as f32) / (1.0 + count as f32)).ln();
        Self { rarity: counts.into_iter().map(|count| (rarity(count) * STEPS).round().clamp(0.0, 255.0) as u8).collect() }
    }

    /// Takes it from bytes, one for each feature; `None` if they are more or fewer.
    #[must_use]
    pub fn parse(bytes: &[u8]) -> Option<Self> {
        (bytes.len() == FEATURES).then(|| Self { rarity: bytes.to_vec() })
    }

    /// One byte for each feature.
    #[must_use]
    pub fn bytes(&self) -> &[u8] {
        &self.rarity
    }

    /// Looks at tickets.
    ///
    /// Errors: as [`Embed::embed`].
    pub fn see(&self, model: &impl Embed, tickets: &[&Readable]) -> Result<Vec<Seen>, orilla_infer::Error> {
        let texts: Vec<String> = tickets.iter().map(|ticket| ticket.whole()).collect();
        let vectors = model.embed(&texts.iter().map(String::as_str).collect::<Vec<_>>())?;
        let rows = vectors.chunks_exact(model.dimensions().max(1));
        Ok(rows.zip(&texts).map(|(vector, text)| Seen { vector: vector.to_vec(), words: self.words(text) }).collect())
    }

    /// The hashed features of a text.
    #[must_use]
    pub fn words(&self, text: &str) -> Sparse {
        let weighed = |kind: Sparse| {
            let rarity = |feature: u32| f32::from(self.rarity.get(feature as usize).copied().unwrap_or(u8::MAX)) / STEPS;
            Sparse::new(kind.entries().iter().map(|(feature, value)| (*feature, value * rarity(*feature))).collect()).unit()
        };
        Sparse::new(kinds(text).into_iter().flat_map(|kind| weighed(kind).entries().to_vec()).collect())
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
