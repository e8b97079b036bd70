//! What a site knows, and how it is heard: articles, their index and the search in it, with the encoders and the model of languages that
//! the functions ship. Each function that answers, routes or weighs texts stands on it.
#![warn(missing_docs)]

pub mod found;
pub mod index;
pub mod kb;
pub mod library;
pub mod locale;
pub mod model;
pub mod passage;
pub mod retrieve;
