//! HTML into tokens that know where they stand, and those into a document.

use std::convert::Infallible;

use html5gum::{Emitter, Error, State, Tokenizer};

use super::attributes::Attributes;
use super::builder::Builder;
use super::flow::Piece;
use crate::document::Document;
use crate::span::Span;

pub(super) fn read(input: &str) -> Document {
    let mut builder = Builder::default();
    feed(&mut builder, input, &[(0, 0)]);
    builder.finish(input.len())
}

/// Reads HTML into a document that is being put together.
///
/// `origins`: from which byte of `html` on it stands where in the input, in order; the first is of byte 0.
pub(super) fn feed(builder: &mut Builder, html: &str, origins: &[(usize, usize)]) {
    let tokens = Tokens {
        html,
        origins,
        builder,
        at: 0,
        text_from: 0,
        run: 0..0,
        tag_at: 0,
        name: Vec::new(),
        is_end: false,
        is_self_closing: false,
        last_start: Vec::new(),
        attributes: Attributes::default(),
        attribute: None,
    };
    // Reading from memory cannot fail.
    let _: Result<(), Infallible> = Tokenizer::new_with_emitter(html, tokens).finish();
}

/// Hands tokens on as the tokenizer finds them.
struct Tokens<'a> {
    html: &'a str,
    origins: &'a [(usize, usize)],
    builder: &'a mut Builder,
    /// How far the tokenizer is.
    at: usize,
    /// Where the text begins that was not handed on.
    text_from: usize,
    /// Text that is the input's own, not handed on yet; the tokenizer cuts even within characters.
    run: std::ops::Range<usize>,
    tag_at: usize,
    name: Vec<u8>,
    is_end: bool,
    is_self_closing: bool,
    last_start: Vec<u8>,
    attributes: Attributes,
    attribute: Option<Attribute>,
}

#[derive(Default)]
struct Attribute {
    name: Vec<u8>,
    value: Vec<u8>,
    start: usize,
    end: usize,
}

impl Tokens<'_> {
    /// Where a byte of the HTML stands in the input.
    fn origin(&self, at: usize) -> usize {
        let index = self.origins.partition_point(|(from, _)| *from <= at).saturating_sub(1);
        self.origins.get(index).map_or(at, |(from, to)| to + (at - from))
    }

    /// Where a stretch of the HTML stands in the input.
    fn span(&self, start: usize, end: usize) -> Span {
        let from = self.origin(start);
        // The end belongs to the piece before it.
        let to = if end > start { self.origin(end - 1) + 1 } else { from };
        Span::new(from..to.max(from))
    }

    fn flush_run(&mut self) {
        let run = std::mem::replace(&mut self.run, 0..0);
        let mut start = run.start;
        while start < run.end {
            // Where it goes on elsewhere in the input, another piece begins.
            let next = self.origins.partition_point(|(from, _)| *from <= start);
            let end = self.origins.get(next).map_or(run.end, |(from, _)| run.end.min(*from));
            if let Some(value) = self.html.get(start..end) {
                self.builder.text(value, Piece::Verbatim(self.origin(start)));
            }
            start = end;
        }
    }

    fn end_attribute(&mut self) {
        let Some(attribute) = self.attribute.take() else { return };
        let span = self.span(attribute.start, attribute.end);
        self.attributes.push(lossy(attribute.name), lossy(attribute.value), span);
    }
}

impl Emitter for Tokens<'_> {
    type Token = Infallible;

    fn set_last_start_tag(&mut self, name: Option<&[u8]>) {
        self.last_start = name.unwrap_or_default().to_vec();
    }

    fn emit_eof(&mut self) {
        self.flush_run();
    }

    fn emit_error(&mut self, _: Error) {}

    fn should_emit_errors(&mut self) -> bool {
        false
    }

    fn pop_token(&mut self) -> Option<Infallible> {
        None
    }

    fn init_string(&mut self) {
        self.text_from = self.at;
    }

    fn emit_string(&mut self, value: &[u8]) {
        let (from, to) = (self.text_from, self.at);
        self.text_from = to;
        if value.is_empty() {
            return;
        }
        let start = to.saturating_sub(value.len());
        let bytes = self.html.as_bytes();
        let is_reference = start != from && bytes.get(from) == Some(&b'&');
        if !is_reference && bytes.get(start..to) == Some(value) {
            if self.run.end != start || self.run.is_empty() {
                self.flush_run();
                self.run = start..start;
            }
            self.run.end = to;
            return;
        }
        self.flush_run();
        let span = self.span(from.min(to), to);
        if let Ok(value) = std::str::from_utf8(value) {
            self.builder.text(value, Piece::For(span));
        }
    }

    fn init_start_tag(&mut self) {
        self.is_end = false;
        self.is_self_closing = false;
        self.name.clear();
        self.attributes = Attributes::default();
    }

    fn init_end_tag(&mut self) {
        self.is_end = true;
        self.name.clear();
        self.attributes = Attributes::default();
    }

    fn init_comment(&mut self) {
        self.flush_run();
    }

    fn emit_current_tag(&mut self) -> Option<State> {
        self.flush_run();
        self.end_attribute();
        let span = self.span(self.tag_at, self.at);
        self.text_from = self.at;
        let name = String::from_utf8_lossy(&self.name).into_owned();
        if self.is_end {
            self.last_start.clear();
            self.builder.end(&name, span);
            return None;
        }
        self.last_start.clone_from(&self.name);
        let attributes = std::mem::take(&mut self.attributes);
        self.builder.start(&name, &attributes, span, self.is_self_closing)
    }

    fn emit_current_comment(&mut self) {
        self.text_from = self.at;
    }

    fn emit_current_doctype(&mut self) {
        self.text_from = self.at;
    }

    fn set_self_closing(&mut self) {
        self.is_self_closing = true;
    }

    fn set_force_quirks(&mut self) {}

    fn push_tag_name(&mut self, name: &[u8]) {
        self.name.extend_from_slice(name);
    }

    fn push_comment(&mut self, _: &[u8]) {}

    fn push_doctype_name(&mut self, _: &[u8]) {}

    fn init_doctype(&mut self) {
        self.flush_run();
    }

    fn init_attribute(&mut self) {
        self.end_attribute();
        self.attribute = Some(Attribute::default());
    }

    fn init_attribute_value(&mut self) {
        let at = self.at;
        if let Some(attribute) = &mut self.attribute {
            (attribute.start, attribute.end) = (at, at);
        }
    }

    fn push_attribute_name(&mut self, name: &[u8]) {
        if let Some(attribute) = &mut self.attribute {
            attribute.name.extend_from_slice(name);
        }
    }

    fn push_attribute_value(&mut self, value: &[u8]) {
        let at = self.at;
        if let Some(attribute) = &mut self.attribute {
            attribute.value.extend_from_slice(value);
            attribute.end = at;
        }
    }

    fn set_doctype_public_identifier(&mut self, _: &[u8]) {}

    fn set_doctype_system_identifier(&mut self, _: &[u8]) {}

    fn push_doctype_public_identifier(&mut self, _: &[u8]) {}

    fn push_doctype_system_identifier(&mut self, _: &[u8]) {}

    fn start_open_tag(&mut self) {
        // The tokenizer has read the `<`.
        self.tag_at = self.at.saturating_sub(1);
    }

    fn current_is_appropriate_end_tag_token(&mut self) -> bool {
        self.is_end && !self.last_start.is_empty() && self.last_start == self.name
    }

    fn move_position(&mut self, offset: isize) {
        self.at = self.at.saturating_add_signed(offset);
    }
}

fn lossy(bytes: Vec<u8>) -> String {
    String::from_utf8(bytes).unwrap_or_else(|error| String::from_utf8_lossy(error.as_bytes()).into_owned())
}
