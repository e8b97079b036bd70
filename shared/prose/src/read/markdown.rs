//! Markdown: CommonMark with tables; HTML in it goes where HTML goes. What it says ahead of itself is read as its head.

use std::ops::Range;

use pulldown_cmark::{CodeBlockKind, Event, HeadingLevel, Options, Parser, Tag, TagEnd};

use super::attributes::Attributes;
use super::builder::Builder;
use super::flow::{Piece, is_space};
use super::{front, html};
use crate::document::Document;
use crate::span::Span;

pub(super) fn read(input: &str) -> Document {
    let mut builder = Builder::default();
    let body = front::read(input, &mut builder);
    let mut reader = Reader { input, builder, html: Vec::new(), image: None };
    let options = Options::ENABLE_TABLES | Options::ENABLE_STRIKETHROUGH | Options::ENABLE_TASKLISTS;
    for (event, range) in Parser::new_ext(&input[body..], options).into_offset_iter() {
        reader.event(event, range.start + body..range.end + body);
    }
    reader.builder.finish(input.len())
}

struct Reader<'a> {
    input: &'a str,
    builder: Builder,
    /// The lines of a block of HTML, as read so far.
    html: Vec<Range<usize>>,
    /// An image whose alternative text is being read, and how many stand in it.
    image: Option<OpenImage>,
}

struct OpenImage {
    src: String,
    alt: String,
    start: usize,
    inner: usize,
}

impl Reader<'_> {
    fn event(&mut self, event: Event<'_>, range: Range<usize>) {
        if self.image.is_some() {
            self.in_image(&event, &range);
            return;
        }
        match event {
            Event::Start(Tag::Image { dest_url, .. }) => {
                self.image = Some(OpenImage { src: dest_url.into_string(), alt: String::new(), start: range.start, inner: 0 });
            }
            Event::Start(tag) => self.start(tag, range.start),
            Event::End(TagEnd::HtmlBlock) => self.html_block(),
            Event::End(tag) => {
                if let Some(name) = name(tag) {
                    // A block ends with its text, not with the line.
                    let end = range.start + self.input[range.clone()].trim_end_matches(is_space).len();
                    self.builder.end(name, Span::new(end..end));
                }
            }
            Event::Text(text) => self.text(&text, range),
            Event::Code(text) => {
                self.open("code", range.start);
                self.text(&text, range.clone());
                self.builder.end("code", Span::new(range.end..range.end));
            }
            Event::Html(_) => self.html.push(range),
            Event::InlineHtml(_) => html::feed(&mut self.builder, &self.input[range.clone()], &[(0, range.start)]),
            Event::SoftBreak => self.builder.text(" ", Piece::For(Span::new(range))),
            Event::HardBreak => self.builder.void("br", &Attributes::default(), Span::new(range)),
            Event::Rule => self.builder.void("hr", &Attributes::default(), Span::new(range)),
            Event::InlineMath(_) | Event::DisplayMath(_) | Event::FootnoteReference(_) | Event::TaskListMarker(_) => {}
        }
    }

    fn start(&mut self, tag: Tag<'_>, at: usize) {
        match &tag {
            Tag::Link { dest_url, .. } => {
                let mut attributes = Attributes::default();
                attributes.push("href".to_owned(), dest_url.to_string(), Span::new(at..at));
                self.builder.start("a", &attributes, Span::new(at..at), false);
            }
            Tag::CodeBlock(CodeBlockKind::Fenced(_) | CodeBlockKind::Indented) => {
                self.open("pre", at);
                self.builder.skips_newline = false;
            }
            Tag::TableHead => {
                self.open("thead", at);
                self.open("tr", at);
            }
            _ => {
                if let Some(name) = name(tag.to_end()) {
                    self.open(name, at);
                }
            }
        }
    }

    fn open(&mut self, name: &str, at: usize) {
        self.builder.start(name, &Attributes::default(), Span::new(at..at), false);
    }

    fn text(&mut self, text: &str, range: Range<usize>) {
        let written = &self.input[range.clone()];
        // Marks stand around code, a backslash before an escaped character.
        match written.find(text) {
            Some(at) => self.builder.text(text, Piece::Verbatim(range.start + at)),
            None => self.builder.text(text, Piece::For(Span::new(range))),
        }
    }

    fn in_image(&mut self, event: &Event<'_>, range: &Range<usize>) {
        let Some(image) = &mut self.image else { return };
        match event {
            Event::Text(text) | Event::Code(text) => image.alt.push_str(text),
            Event::SoftBreak | Event::HardBreak => image.alt.push(' '),
            Event::Start(Tag::Image { .. }) => image.inner += 1,
            Event::End(TagEnd::Image) if image.inner > 0 => image.inner -= 1,
            Event::End(TagEnd::Image) => {
                let Some(image) = self.image.take() else { return };
                let mut attributes = Attributes::default();
                attributes.push("src".to_owned(), image.src, Span::default());
                attributes.push("alt".to_owned(), image.alt, Span::default());
                self.builder.void("img", &attributes, Span::new(image.start..range.end));
            }
            _ => {}
        }
    }

    /// Reads a block of HTML, whose lines may have the marks of a quotation or a list between them.
    fn html_block(&mut self) {
        let (mut html, mut origins) = (String::new(), Vec::new());
        for range in std::mem::take(&mut self.html) {
            origins.push((html.len(), range.start));
            html.push_str(&self.input[range]);
        }
        html::feed(&mut self.builder, &html, &origins);
    }
}

/// The element that a part of Markdown is.
fn name(tag: TagEnd) -> Option<&'static str> {
    Some(match tag {
        TagEnd::Paragraph => "p",
        TagEnd::Heading(level) => match level {
            HeadingLevel::H1 => "h1",
            HeadingLevel::H2 => "h2",
            HeadingLevel::H3 => "h3",
            HeadingLevel::H4 => "h4",
            HeadingLevel::H5 => "h5",
            HeadingLevel::H6 => "h6",
        },
        TagEnd::BlockQuote(_) => "blockquote",
        TagEnd::CodeBlock => "pre",
        TagEnd::List(true) => "ol",
        TagEnd::List(false) => "ul",
        TagEnd::Item => "li",
        TagEnd::Table => "table",
        TagEnd::TableHead => "thead",
        TagEnd::TableRow => "tr",
        TagEnd::TableCell => "td",
        TagEnd::Emphasis => "em",
        TagEnd::Strong => "strong",
        TagEnd::Strikethrough => "s",
        TagEnd::Link => "a",
        _ => return None,
    })
}
