//! Answers that are written by a model: what may be asked of it, how it is called, and what of its answer a reader gets to see.
//!
//! The model is somebody else's and may fail in any way; whatever it does, a caller gets sentences that the passages support and one end, and
//! can finish with the passages themselves. Nothing here answers by itself, stores anything or logs a word of what was asked or written.
#![warn(missing_docs)]

pub mod allowance;
pub mod breaker;
pub mod call;
pub mod claims;
pub mod config;
pub mod gate;
pub mod orders;
pub mod prompt;
#[cfg(test)]
mod script;
pub mod sentence;
pub mod stream;
pub mod thought;
pub mod whole;

pub use allowance::{Refusal, allowed};
pub use call::{Outcome, Piece, Problem, Try, generate};
pub use config::{Endpoint, GeneratorConfig};
pub use prompt::{Ask, Kind, Known, Tone};
pub use whole::{Task, whole};
