//! One encoder: texts in, unit vectors out.

use std::fmt::Debug;

use tokenizers::Tokenizer;

use crate::error::Error;
use crate::in_place::InPlace;
#[cfg(feature = "tract")]
use crate::tract::Tract;

/// How much of a text is looked at, in bytes; what is beyond is cut before it costs anything. The models read 128 pieces at most, so a text
/// of words is cut far earlier by its tokenizer. Chosen.
pub const MAX_BYTES: usize = 16_384;

/// What takes the ids of one text and gives its vector.
///
/// An object and not an enum, so that a program holds only the runners that it opens.
pub trait Graph: Debug + Send + Sync {
    /// How long a vector is.
    fn dimensions(&self) -> usize;

    /// Shape: `[length]` in, `[d]` out, of norm 1.
    fn run(&self, ids: &[i64]) -> Result<Vec<f32>, Error>;
}

/// A sentence encoder: a tokenizer, and a graph that takes the ids of one text and gives one vector.
#[derive(Debug)]
pub struct Encoder {
    tokenizer: Tokenizer,
    graph: Box<dyn Graph>,
}

impl Encoder {
    /// Opens a model in tract: `model.onnx` and `tokenizer.json` of a folder in `models/`, or any graph of the same interface.
    ///
    /// This takes long beside one encoding, since weights are widened and the graph is optimised: do it once.
    ///
    /// Errors: `Tokenizer` and `Model` for files that are none; `Shape` for a graph of another kind.
    #[cfg(feature = "tract")]
    pub fn load(model: &[u8], tokenizer: &[u8]) -> Result<Self, Error> {
        Ok(Self { tokenizer: read(tokenizer)?, graph: Box::new(Tract::read(model)?) })
    }

    /// Opens a model that is part of the program, of one of the two kinds in `models/`, and runs it where it stands: in plain Rust, its
    /// weights in 4 bits, without tract. Only the tokenizer is read. A program that opens its models so alone carries no graph runtime.
    ///
    /// Its vectors are the same on every host to the last bit, and those of `Encoder::load` within rounding.
    ///
    /// Errors: `Tokenizer` for a file that is none; `Shape` for a graph of another kind.
    pub fn in_place(model: &'static [u8], tokenizer: &[u8]) -> Result<Self, Error> {
        Ok(Self { tokenizer: read(tokenizer)?, graph: Box::new(InPlace::find(model).ok_or(Error::Shape)?) })
    }

    /// How long a vector is.
    #[must_use]
    pub fn dimensions(&self) -> usize {
        self.graph.dimensions()
    }

    /// Encodes texts, one after another.
    ///
    /// Of a long text the beginning counts: [`MAX_BYTES`], then the pieces that the tokenizer keeps. An empty text has a vector as well, that of
    /// its beginning and end.
    ///
    /// Shape: `[n, d]`, row-major; every row has L2 norm 1.
    /// Errors: `Tokenizer`, and in tract `Run`, which no text is known to cause.
    pub fn encode(&self, texts: &[&str]) -> Result<Vec<f32>, Error> {
        let mut vectors = Vec::with_capacity(texts.len() * self.dimensions());
        for text in texts {
            vectors.extend(self.graph.run(&self.ids(text)?)?);
        }
        Ok(vectors)
    }

    /// The pieces of a text as the graph takes them.
    ///
    /// Shape: `[length]`, with those of its beginning and end.
    /// Errors: `Tokenizer`, which no text is known to cause.
    pub fn ids(&self, text: &str) -> Result<Vec<i64>, Error> {
        let text = &text[..text.floor_char_boundary(MAX_BYTES)];
        let encoding = self.tokenizer.encode_fast(text, true).map_err(Error::Tokenizer)?;
        Ok(encoding.get_ids().iter().map(|id| i64::from(*id)).collect())
    }
}

fn read(tokenizer: &[u8]) -> Result<Tokenizer, Error> {
    Tokenizer::from_bytes(tokenizer).map_err(Error::Tokenizer)
}
