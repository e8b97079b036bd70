//! Sentence encoders: a tokenizer and an ONNX graph in, unit vectors out. Knows nothing of HTTP, of sites or of what vectors are for;
//! `shared/learn` does the latter.
//!
//! `Encoder::load` runs any graph of that interface in tract: with the feature `tract`, which only programs name that open models
//! at run time. [`Embedded`] is for functions: the two shipped graphs, run where they stand by a few hundred lines of this crate, which
//! tests hold against tract and ONNX Runtime.
#![warn(missing_docs)]

mod affine;
mod embedded;
mod encoder;
mod error;
mod functions;
mod in_place;
mod lanes;
mod matrix;
mod onnx;
mod packed;
mod table;
#[cfg(feature = "tract")]
mod tract;
mod transformer;
#[cfg(feature = "tract")]
mod widen;

pub use embedded::Embedded;
pub use encoder::{Encoder, MAX_BYTES};
pub use error::Error;
