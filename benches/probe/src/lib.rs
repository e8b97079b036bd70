//! The shipped encoders, a head and the search behind one question and one answer in JSON, the same on every host.
//!
//! It reads no clock: inside Workers none moves while a program computes, so whoever asks measures from outside, by asking for
//! many repetitions and for none.

mod labels;
mod lines;
mod models;
mod nearest;
mod products;

use serde::{Deserialize, Serialize};

pub use lines::lines;
pub use models::{Models, open};

/// What to do. Every kind of work is repeated `times`; with none the answer takes what the way there and back takes.
#[derive(Debug, Deserialize)]
#[serde(tag = "do", rename_all = "kebab-case")]
pub enum Question {
    /// Encodes texts with an encoder that stays open from one question to the next.
    Encode {
        /// `micro` or `small`.
        model: String,
        /// One or many.
        texts: Vec<String>,
        /// How often.
        times: usize,
    },
    /// Opens an encoder and throws it away.
    Load {
        /// `micro` or `small`.
        model: String,
        /// How often.
        times: usize,
    },
    /// Labels texts by a head that is learnt here from examples.
    Label {
        /// `micro` or `small`.
        model: String,
        /// A text and its class.
        examples: Vec<(String, usize)>,
        /// What to label.
        texts: Vec<String>,
    },
    /// Searches among vectors that are made up here.
    Nearest {
        /// How many there are.
        rows: usize,
        /// With one product at a time instead of lanes.
        is_scalar: bool,
        /// How often.
        times: usize,
    },
    /// Compares the products by lanes with products one at a time.
    Products,
}

/// What came of it.
#[derive(Debug, Default, Serialize)]
pub struct Answer {
    /// Of `Encode`: one vector for each text; with no repetition none.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub vectors: Vec<Vec<f32>>,
    /// Of `Encode`: the pieces of each text.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub ids: Vec<Vec<i64>>,
    /// Of `Label`: the class of each text. Of `Nearest`: where the nearest stand.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub labels: Vec<usize>,
    /// Of `Label`: the scores behind the labels.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub scores: Vec<Vec<f32>>,
    /// Of `Products`: how many were compared and how many differed.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub products: Option<(usize, usize)>,
    /// Linear memory held now, in bytes; zero where there is none.
    pub memory_bytes: usize,
}

/// Answers a question in JSON.
///
/// Errors: a sentence for what is no question, or cannot be done.
pub fn answer(models: &Models, question: &[u8]) -> Result<Vec<u8>, String> {
    let question = serde_json::from_slice(question).map_err(|error| error.to_string())?;
    let mut answer = match question {
        Question::Encode { model, texts, times } => models::encode(models, &model, &texts, times)?,
        Question::Load { model, times } => models::load(models, &model, times)?,
        Question::Label { model, examples, texts } => labels::label(models, &model, &examples, &texts)?,
        Question::Nearest { rows, is_scalar, times } => nearest::nearest(rows, is_scalar, times)?,
        Question::Products => products::compare(),
    };
    answer.memory_bytes = memory_bytes();
    serde_json::to_vec(&answer).map_err(|error| error.to_string())
}

/// Source: the WebAssembly specification: a page has 64 KiB.
#[cfg(target_arch = "wasm32")]
fn memory_bytes() -> usize {
    core::arch::wasm32::memory_size::<0>() * 65_536
}

#[cfg(not(target_arch = "wasm32"))]
const fn memory_bytes() -> usize {
    0
}
