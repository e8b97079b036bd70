//! Links, buttons and images as they are found, and what is read on them.

use std::ops::Range;

use super::attributes::Attributes;
use super::builder::Builder;
use crate::document::{Control, Image, Link};
use crate::span::Span;

/// A link whose end is not reached.
#[derive(Debug)]
pub(super) struct OpenLink {
    serial: usize,
    label: Option<String>,
    link: Link,
    said: Said,
}

/// A button whose end is not reached.
#[derive(Debug)]
pub(super) struct OpenControl {
    serial: usize,
    label: Option<String>,
    control: Control,
    said: Said,
}

/// What is read on something, over blocks if need be.
#[derive(Debug, Default)]
struct Said {
    text: String,
    /// The block that was last read in, and how far.
    last: Option<(usize, usize)>,
}

impl Said {
    fn read(&mut self, value: &str, block: usize, range: &Range<usize>) {
        // A space, a line feed or another block came between.
        if self.last.is_some_and(|last| last != (block, range.start)) {
            self.space();
        }
        self.text.push_str(value);
        self.last = Some((block, range.end));
    }

    fn space(&mut self) {
        if self.text.ends_with(|last: char| !last.is_whitespace()) {
            self.text.push(' ');
        }
    }

    fn alternative(&mut self, text: &str) {
        if !text.is_empty() {
            self.space();
            self.text.push_str(text);
            self.text.push(' ');
        }
    }

    fn finish(self, label: Option<String>) -> String {
        let text = self.text.trim();
        if text.is_empty() { label.unwrap_or_default() } else { text.to_owned() }
    }
}

impl OpenLink {
    /// Takes text within it: what was read, the block's number, and where it stands in the block's text.
    pub(super) fn read(&mut self, value: &str, block: usize, range: Range<usize>) {
        self.said.read(value, block, &range);
        if self.link.block.is_none() {
            self.link.block = Some(block);
            self.link.range = range;
        } else if self.link.block == Some(block) {
            self.link.range.end = range.end;
        }
    }
}

impl OpenControl {
    /// Takes text within it.
    pub(super) fn read(&mut self, value: &str, block: usize, range: &Range<usize>) {
        self.said.read(value, block, range);
    }
}

impl Builder {
    /// Begins a link.
    pub(super) fn begin_link(&mut self, serial: usize, attributes: &Attributes, start: usize) {
        let is_nofollow =
            attributes.words("rel").any(|word| ["nofollow", "sponsored", "ugc"].iter().any(|rel| word.eq_ignore_ascii_case(rel)));
        let link = Link {
            href: attributes.get("href").map(|href| href.trim().to_owned()),
            text: String::new(),
            is_nofollow,
            looks_like_button: attributes.is("role", "button") || has_button_class(attributes),
            span: Span::new(start..start),
            block: None,
            range: 0..0,
        };
        self.link = Some(OpenLink { serial, label: label(attributes), link, said: Said::default() });
    }

    /// Ends the link of that element, if it is one.
    pub(super) fn end_link(&mut self, serial: usize, span: Option<Span>) {
        let Some(mut open) = self.link.take_if(|open| open.serial == serial) else { return };
        open.link.span.end = span.map_or(self.at, |span| span.end);
        if open.link.block.is_none()
            && let Some(draft) = &self.draft
        {
            let length = draft.flow.as_str().trim_end().len();
            open.link.block = Some(self.document.blocks.len()).filter(|_| length > 0);
            open.link.range = length..length;
        }
        open.link.text = open.said.finish(open.label);
        self.document.links.push(open.link);
    }

    /// Begins a button, unless it stands in one.
    pub(super) fn begin_control(&mut self, serial: usize, attributes: &Attributes, start: usize, is_submit: bool) {
        if self.control.is_none() {
            let control = Control { text: String::new(), is_submit, span: Span::new(start..start) };
            self.control = Some(OpenControl { serial, label: label(attributes), control, said: Said::default() });
        }
    }

    /// Ends the button of that element, if it is one.
    pub(super) fn end_control(&mut self, serial: usize, span: Option<Span>) {
        let Some(mut open) = self.control.take_if(|open| open.serial == serial) else { return };
        open.control.span.end = span.map_or(self.at, |span| span.end);
        open.control.text = open.said.finish(open.label);
        self.document.controls.push(open.control);
    }

    /// An image; within a link or a button its alternative text is what is read.
    pub(super) fn image(&mut self, attributes: &Attributes, span: Span) {
        let alt = attributes.get("alt").map(|alt| alt.trim().to_owned());
        let read = alt.as_deref().unwrap_or_default();
        let around = [self.link.as_mut().map(|open| &mut open.said), self.control.as_mut().map(|open| &mut open.said)];
        around.into_iter().flatten().for_each(|said| said.alternative(read));
        // Images that load late say elsewhere where they are.
        let sources = ["src", "data-src", "data-lazy-src"];
        let src = sources.iter().find_map(|name| attributes.get(name)).unwrap_or_default().trim().to_owned();
        self.document.images.push(Image { src, alt, span });
    }

    /// An input that is a button.
    pub(super) fn input(&mut self, attributes: &Attributes, span: Span) {
        let kind = attributes.get("type").unwrap_or_default().trim().to_ascii_lowercase();
        if !matches!(kind.as_str(), "submit" | "button" | "image" | "reset") {
            return;
        }
        let said = if kind == "image" { attributes.get("alt") } else { attributes.get("value") };
        let text = said.map(|text| text.trim().to_owned()).or_else(|| label(attributes)).unwrap_or_default();
        self.document.controls.push(Control { text, is_submit: matches!(kind.as_str(), "submit" | "image"), span });
    }
}

/// What is read out where nothing is written.
fn label(attributes: &Attributes) -> Option<String> {
    let label = attributes.get("aria-label").or_else(|| attributes.get("title"))?;
    Some(label.trim().to_owned())
}

/// Chosen: the names that the common front-end kits give to links that are drawn as buttons.
fn has_button_class(attributes: &Attributes) -> bool {
    attributes.words("class").any(|class| {
        let class = class.to_ascii_lowercase();
        let mut parts = class.split(['-', '_']);
        parts.any(|part| matches!(part, "btn" | "button" | "cta"))
    })
}
