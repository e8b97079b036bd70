//! Readers: what was written into blocks of text, each of which knows where it was read. Linear in the input, however broken that is.

mod attributes;
mod builder;
mod flow;
mod found;
mod front;
mod html;
mod links;
mod markdown;
mod microdata;
mod names;
mod plain;
mod stack;
mod tables;
mod tree;

use crate::document::{Document, Format};

/// Reads a text. There is none that cannot be read.
#[must_use]
pub fn read(input: &str, format: Format) -> Document {
    match format {
        Format::Html => html::read(input),
        Format::Markdown => markdown::read(input),
        Format::Plain => plain::read(input),
    }
}

#[cfg(test)]
mod tests;
