//! Which entries may answer a message: near in meaning, near in words, both together.

use orilla_learn::fuse::fused;
use orilla_learn::search::{Best, Int8};

use crate::index::{Index, confidence};
use crate::model::Embed;

/// How much of a message is searched with, in bytes: what the encoders read, and as much for the words. Chosen: a question fits ten times.
pub const MAX_BYTES: usize = 2_000;
/// Candidates that are kept. Chosen: more than are ever shown.
pub const KEPT: usize = 8;

/// An entry that may answer.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Candidate {
    /// Its number in the index.
    pub entry: usize,
    /// What candidates are ordered by.
    pub score: f32,
    /// The mean cosine of its articles.
    pub cosine: f32,
}

/// What was found.
#[derive(Debug, Clone, PartialEq)]
pub struct Retrieved {
    /// The message as it was compared.
    pub vector: Int8,
    /// The best first.
    pub candidates: Vec<Candidate>,
    /// How well the best fits, in deviations of what strangers score on this site; the lowest where there is none.
    pub fit: f32,
    /// How probable it is that the best answers.
    pub confidence: f32,
}

/// Searches.
///
/// Errors: as [`Embed::embed`].
pub fn retrieve(index: &Index, model: &impl Embed, message: &str) -> Result<Retrieved, orilla_infer::Error> {
    let text = &message[..message.floor_char_boundary(MAX_BYTES)];
    let vector = Int8::new(&model.embed(&[text])?).unwrap_or(Int8 { scale: 0.0, values: vec![0; model.dimensions()] });
    Ok(compare(index, vector, text))
}

/// Searches with a vector that a message has already.
#[must_use]
pub fn compare(index: &Index, vector: Int8, message: &str) -> Retrieved {
    let likenesses = index.likenesses(&vector, &message[..message.floor_char_boundary(MAX_BYTES)]);
    let mut best = Best::new(KEPT);
    likenesses.iter().enumerate().for_each(|(entry, it)| best.offer(entry, fused(it.cosine, it.share)));
    let cosine = |entry: usize| likenesses.get(entry).map_or(0.0, |it| it.cosine);
    let candidates: Vec<_> =
        best.into_hits().into_iter().map(|hit| Candidate { entry: hit.index, score: hit.score, cosine: cosine(hit.index) }).collect();
    let calibration = index.calibration();
    let (fit, confidence) = match candidates.as_slice() {
        [] => (f32::NEG_INFINITY, 0.0),
        [first, rest @ ..] => {
            let fit = calibration.fit(first.cosine);
            (fit, confidence(fit, calibration.margin(first.score, rest.first().map(|it| it.score))))
        }
    };
    Retrieved { vector, candidates, fit, confidence }
}
