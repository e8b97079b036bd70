//! What readers make of texts, table by table.

mod html;
mod markdown;
mod parts;
mod plain;
mod properties;

use crate::document::{Document, Format, Kind};

/// Blocks on lines: what they are, `|`, what is read; a line feed within a block is `⏎`.
fn sketch(document: &Document) -> String {
    let lines = document.blocks.iter().map(|block| format!("{}|{}", kind(block.kind), block.text.as_str().replace('\n', "⏎")));
    lines.collect::<Vec<_>>().join("\n")
}

fn kind(kind: Kind) -> String {
    match kind {
        Kind::Heading(level) => format!("h{level}"),
        Kind::Paragraph => "p".to_owned(),
        Kind::ListItem(depth) => format!("li{depth}"),
        Kind::Quote => "quote".to_owned(),
        Kind::Code => "code".to_owned(),
        Kind::Cell => "cell".to_owned(),
        Kind::Caption => "caption".to_owned(),
        Kind::Chrome => "chrome".to_owned(),
    }
}

fn html(input: &str) -> Document {
    super::read(input, Format::Html)
}

/// Everything that points into the input does so on boundaries, in order, and verbatim stretches are the input's own.
fn assert_points(input: &str, document: &Document) {
    let check = |span: crate::Span, what: &str| {
        assert!(span.start <= span.end && span.end <= input.len(), "{what} {span:?} lies outside of {} bytes", input.len());
        assert!(input.is_char_boundary(span.start) && input.is_char_boundary(span.end), "{what} {span:?} cuts a character");
    };
    let check_text = |text: &crate::Text, what: &str| {
        check(text.whole(), what);
        let mut last = 0;
        for (range, span) in text.verbatim_stretches() {
            check(span, what);
            assert!(span.start >= last, "{what} goes back");
            last = span.end;
            assert_eq!(&text.as_str()[range], &input[span.range()], "{what} is not verbatim");
        }
        let value = text.as_str();
        for (at, character) in value.char_indices() {
            check(text.span(at..at + character.len_utf8()), what);
        }
    };
    let mut last = 0;
    for block in &document.blocks {
        check(block.span, "a block");
        check_text(&block.text, "a block's text");
        let whole = block.text.whole();
        assert!(whole.start >= last, "blocks stand in order");
        last = whole.end;
        assert!(block.span.start <= whole.start && whole.end <= block.span.end, "{block:?} encloses its text");
        assert!(!block.text.is_empty());
        for range in &block.emphasis {
            assert!(block.text.as_str().get(range.clone()).is_some_and(|text| !text.is_empty()), "{range:?} is emphasised in {block:?}");
        }
    }
    for link in &document.links {
        check(link.span, "a link");
        if let Some(number) = link.block {
            let block = document.blocks.get(number).unwrap_or_else(|| panic!("{link:?} stands in a block"));
            assert!(block.text.as_str().get(link.range.clone()).is_some(), "{link:?} stands in {block:?}");
        }
    }
    for image in &document.images {
        check(image.span, "an image");
    }
    for control in &document.controls {
        check(control.span, "a control");
    }
    for meta in &document.head.meta {
        check(meta.span, "a meta");
    }
    for link in &document.head.links {
        check(link.span, "a head's link");
    }
    for text in document.json_ld.iter().chain(&document.head.title) {
        check_text(text, "a head's text");
    }
    for item in &document.microdata {
        check(item.span, "an item");
    }
}
