//! One encoder: texts in, unit vectors out.

use std::io::Cursor;
use std::sync::Arc;

use tokenizers::Tokenizer;
use tract_onnx::prelude::*;

use crate::error::Error;

/// How much of a text is looked at, in bytes; what is beyond is cut before it costs anything. The models read 128 pieces at most, so a text
/// of words is cut far earlier by its tokenizer. Chosen.
pub const MAX_BYTES: usize = 16_384;

/// A sentence encoder: a tokenizer, and a graph that takes the ids of one text and gives one vector.
#[derive(Debug)]
pub struct Encoder {
    tokenizer: Tokenizer,
    plan: Arc<TypedRunnableModel>,
    dimensions: usize,
}

impl Encoder {
    /// Opens a model: `model.onnx` and `tokenizer.json` of a folder in `models/`.
    ///
    /// This takes long beside one encoding, since weights are widened and the graph is optimised: do it once.
    ///
    /// Errors: `Tokenizer` and `Model` for files that are none; `Shape` for a graph of another kind.
    pub fn load(model: &[u8], tokenizer: &[u8]) -> Result<Self, Error> {
        let tokenizer = Tokenizer::from_bytes(tokenizer).map_err(Error::Tokenizer)?;
        let mut graph = tract_onnx::onnx().model_for_read(&mut Cursor::new(model)).map_err(Error::Model)?;
        if graph.inputs.len() != 1 || graph.outputs.len() != 1 {
            return Err(Error::Shape);
        }
        let length = graph.symbols.sym("length");
        graph.set_input_fact(0, i64::fact([length.to_dim()]).into()).map_err(Error::Model)?;
        let graph = graph.into_optimized().map_err(Error::Model)?;
        let [dimensions] = graph.output_fact(0).map_err(Error::Model)?.shape.as_concrete().ok_or(Error::Shape)? else {
            return Err(Error::Shape);
        };
        let dimensions = *dimensions;
        let plan = graph.into_runnable().map_err(Error::Model)?;
        Ok(Self { tokenizer, plan, dimensions })
    }

    /// How long a vector is.
    #[must_use]
    pub const fn dimensions(&self) -> usize {
        self.dimensions
    }

    /// Encodes texts, one after another.
    ///
    /// Of a long text the beginning counts: [`MAX_BYTES`], then the pieces that the tokenizer keeps. An empty text has a vector as well, that of
    /// its beginning and end.
    ///
    /// Shape: `[n, d]`, row-major; every row has L2 norm 1.
    /// Errors: `Tokenizer` and `Run`, which no text is known to cause.
    pub fn encode(&self, texts: &[&str]) -> Result<Vec<f32>, Error> {
        let mut vectors = Vec::with_capacity(texts.len() * self.dimensions);
        for text in texts {
            let output = self.plan.run(tvec!(tensor1(&self.ids(text)?).into())).map_err(Error::Run)?;
            let vector = output.first().ok_or(Error::Shape)?.to_plain_array_view::<f32>().map_err(Error::Run)?;
            vectors.extend(vector.iter().copied());
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
