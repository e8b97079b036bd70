//! Where a piece of text stands in what was sent: every finding can be pointed at, however much markup and however many entities lie between.

use std::ops::Range;

use serde::Serialize;

/// Bytes of the input, on character boundaries.
///
/// Units: bytes of UTF-8, `start..end`.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Default, Serialize)]
pub struct Span {
    /// The first byte.
    pub start: usize,
    /// One past the last byte.
    pub end: usize,
}

impl Span {
    /// The span of a range of the input.
    #[must_use]
    pub fn new(range: Range<usize>) -> Self {
        Self { start: range.start, end: range.end }
    }

    /// As a range, for slicing the input.
    #[must_use]
    pub fn range(self) -> Range<usize> {
        self.start..self.end
    }

    /// How many bytes.
    #[must_use]
    pub fn len(self) -> usize {
        self.end.saturating_sub(self.start)
    }

    /// Whether it is a place between two bytes.
    #[must_use]
    pub fn is_empty(self) -> bool {
        self.len() == 0
    }
}

/// Text as it is read, and for each stretch of it the bytes of the input that it was read from.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Text {
    value: String,
    /// In order of both the text and the input.
    stretches: Vec<Stretch>,
}

/// A part of a text that was read in one go.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
struct Stretch {
    /// Where in the text it begins.
    at: usize,
    /// What it was read from.
    span: Span,
    /// Whether it is those very bytes; else (an entity, a collapsed space) it stands for them as a whole.
    is_verbatim: bool,
}

impl Text {
    /// Text that is the input's own bytes from `start` on.
    #[must_use]
    pub fn verbatim(value: &str, start: usize) -> Self {
        let mut text = Self::default();
        text.push_verbatim(value, start);
        text
    }

    /// Adds `value`, the input's own bytes from `start` on.
    ///
    /// Contract: `start` is not before the end of what was added last.
    pub fn push_verbatim(&mut self, value: &str, start: usize) {
        if value.is_empty() {
            return;
        }
        let end = start + value.len();
        match self.stretches.last_mut() {
            Some(last) if last.is_verbatim && last.span.end == start => last.span.end = end,
            _ => self.stretches.push(Stretch { at: self.value.len(), span: Span { start, end }, is_verbatim: true }),
        }
        self.value.push_str(value);
    }

    /// Adds `value`, which stands for `span` as a whole.
    ///
    /// Contract: `span` does not begin before the end of what was added last.
    pub fn push(&mut self, value: &str, span: Span) {
        if value.is_empty() {
            return;
        }
        self.stretches.push(Stretch { at: self.value.len(), span, is_verbatim: false });
        self.value.push_str(value);
    }

    /// Takes away what stands behind the first `length` bytes.
    ///
    /// Contract: `length` is a character boundary.
    pub fn truncate(&mut self, length: usize) {
        if length >= self.value.len() {
            return;
        }
        self.value.truncate(length);
        let kept = self.stretches.partition_point(|stretch| stretch.at < length);
        self.stretches.truncate(kept);
        // Of what stands for its span as a whole no part can be told.
        if let Some(last) = self.stretches.last_mut().filter(|last| last.is_verbatim) {
            last.span.end = last.span.start + (length - last.at);
        }
    }

    /// As it is read.
    #[must_use]
    pub fn as_str(&self) -> &str {
        &self.value
    }

    /// How many bytes it has as it is read.
    #[must_use]
    pub fn len(&self) -> usize {
        self.value.len()
    }

    /// Whether nothing is read.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.value.is_empty()
    }

    /// The bytes of the input that a range of the text was read from, from the first to the last.
    ///
    /// Contract: `range` is on character boundaries. An empty range gives the place where it stands.
    #[must_use]
    pub fn span(&self, range: Range<usize>) -> Span {
        let Some(start) = self.first(range.start) else { return Span::default() };
        let end = if range.is_empty() { start } else { self.last(range.end).unwrap_or(start) };
        Span { start, end: end.max(start) }
    }

    /// The bytes of the input from the first to the last.
    #[must_use]
    pub fn whole(&self) -> Span {
        match (self.stretches.first(), self.stretches.last()) {
            (Some(first), Some(last)) => Span { start: first.span.start, end: last.span.end },
            _ => Span::default(),
        }
    }

    /// The stretches that are the input's own bytes: where they stand in the text, and in the input.
    pub fn verbatim_stretches(&self) -> impl Iterator<Item = (Range<usize>, Span)> {
        let verbatim = self.stretches.iter().filter(|stretch| stretch.is_verbatim);
        verbatim.map(|stretch| (stretch.at..stretch.at + stretch.span.len(), stretch.span))
    }

    /// Where the character was read that begins at `at`; at the text's end, where the last one ends.
    fn first(&self, at: usize) -> Option<usize> {
        if at >= self.value.len() {
            return self.stretches.last().map(|stretch| stretch.span.end);
        }
        let index = self.stretches.partition_point(|stretch| stretch.at <= at).saturating_sub(1);
        let stretch = self.stretches.get(index)?;
        Some(if stretch.is_verbatim { stretch.span.start + at.saturating_sub(stretch.at) } else { stretch.span.start })
    }

    /// One past where the character was read that ends at `at`.
    fn last(&self, at: usize) -> Option<usize> {
        let index = self.stretches.partition_point(|stretch| stretch.at < at).saturating_sub(1);
        let stretch = self.stretches.get(index)?;
        Some(if stretch.is_verbatim {
            (stretch.span.start + at.saturating_sub(stretch.at)).min(stretch.span.end)
        } else {
            stretch.span.end
        })
    }
}

#[cfg(test)]
mod tests;
