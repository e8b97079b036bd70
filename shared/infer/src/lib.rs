//! Sentence encoders: a tokenizer and an ONNX graph in, unit vectors out. Knows nothing of HTTP, of sites or of what vectors are for;
//! `shared/learn` does the latter.
#![warn(missing_docs)]

mod encoder;
mod error;

pub use encoder::{Encoder, MAX_BYTES};
pub use error::Error;
