//! Written texts as their readers meet them: HTML, Markdown or plain text read into blocks that know where they came from, and what
//! Spanish and English words, sentences and syllables are. Pure and linear in its input; weighs nothing and knows no site.
#![warn(missing_docs)]

pub mod complex;
pub mod detect;
pub mod diversity;
pub mod document;
pub mod formulas;
pub mod function_words;
pub mod language;
mod lists;
pub mod passive;
pub mod phrase;
pub mod read;
pub mod sentences;
pub mod span;
pub mod stem;
pub mod structured;
pub mod syllables;
pub mod transitions;
pub mod width;
pub mod words;

pub use document::Document;
pub use language::Language;
pub use read::read;
pub use span::{Span, Text};
