//! Plain text: paragraphs with blank lines between, and lists by the marks that lines begin with. No line is guessed to be a heading.

use super::attributes::Attributes;
use super::builder::Builder;
use super::flow::Piece;
use crate::document::Document;
use crate::span::Span;

pub(super) fn read(input: &str) -> Document {
    let mut builder = Builder::default();
    // The open paragraph or item, as the element it would be, and whether a list is open.
    let (mut open, mut is_list) = (None, false);
    let mut start = 0;
    for line in input.split_inclusive('\n') {
        let at = start;
        start += line.len();
        let text = line.trim();
        let indent = line.len() - line.trim_start().len();
        if text.is_empty() {
            close(&mut builder, &mut open, at);
            continue;
        }
        if let Some(mark) = mark(text) {
            close(&mut builder, &mut open, at);
            if !is_list {
                begin(&mut builder, "ul", at + indent);
                is_list = true;
            }
            begin(&mut builder, "li", at + indent);
            open = Some("li");
            builder.text(&text[mark..], Piece::Verbatim(at + indent + mark));
            continue;
        }
        if open.is_none() {
            if is_list {
                builder.end("ul", Span::new(at..at));
                is_list = false;
            }
            begin(&mut builder, "p", at + indent);
            open = Some("p");
        }
        // The line feed before it is white space within the paragraph.
        builder.text(&input[at.saturating_sub(1)..at], Piece::Verbatim(at.saturating_sub(1)));
        builder.text(text, Piece::Verbatim(at + indent));
    }
    builder.finish(input.len())
}

fn begin(builder: &mut Builder, name: &str, at: usize) {
    builder.start(name, &Attributes::default(), Span::new(at..at), false);
}

fn close(builder: &mut Builder, open: &mut Option<&str>, at: usize) {
    if let Some(name) = open.take() {
        // The block ends with its text, not with the line.
        builder.end_here(name, at);
    }
}

/// How long the mark of a list's item is that a line begins with.
fn mark(line: &str) -> Option<usize> {
    for mark in ["- ", "* ", "• ", "– "] {
        if line.starts_with(mark) {
            return Some(mark.len());
        }
    }
    let digits = line.bytes().take_while(u8::is_ascii_digit).count();
    // Chosen: a longer number is a year.
    let is_number = (1..=2).contains(&digits) && (line[digits..].starts_with(". ") || line[digits..].starts_with(") "));
    is_number.then_some(digits + 2)
}
