//! What a function learns from a site's own examples, and how it searches them: heads over sentence vectors, hashed n-grams, BM25,
//! their fusion, calibration and abstention, nearest vectors. What it finds in many texts: groups, their words, what comes more often.
//! Pure: no host, no I/O, no model runtime.
#![warn(missing_docs)]

pub mod abstain;
pub mod bm25;
pub mod calibrate;
pub mod clusters;
pub mod common;
pub mod error;
pub mod fuse;
pub mod hashed;
pub mod heads;
pub mod landmarks;
pub mod linear;
pub mod linear_model;
pub mod matrix;
pub mod mix;
pub mod rising;
pub mod search;
pub mod simd;
pub mod sparse;
pub mod telling;
pub mod two_views;
pub mod words;

#[cfg(test)]
mod testing;

pub use error::Error;
pub use matrix::Matrix;
pub use sparse::Sparse;
