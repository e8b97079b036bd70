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
}

/// Text as it is read, and for each stretch of it the bytes of the input that it was read from.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Text {
    value: String,
    /// In order; where in `value` a stretch begins, and which bytes of the input it is. A stretch as long as its span is those very bytes; one of
    /// another length (an entity, a collapsed space) stands for its span as a whole.
    stretches: Vec<(usize, Span)>,
}

impl Text {
    /// Text that is the input's own bytes from `start` on.
    #[must_use]
    pub fn verbatim(value: &str, start: usize) -> Self {
        let mut text = Self::default();
        text.push(value, Span::new(start..start + value.len()));
        text
    }

    /// Adds `value`, read from `span`.
    pub fn push(&mut self, value: &str, span: Span) {
        if value.is_empty() {
            return;
        }
        let at = self.value.len();
        self.value.push_str(value);
        if let Some((begin, last)) = self.stretches.last_mut() {
            let is_verbatim = at - *begin == last.end - last.start && value.len() == span.end - span.start;
            if is_verbatim && last.end == span.start {
                last.end = span.end;
                return;
            }
        }
        self.stretches.push((at, span));
    }

    /// Takes away what stands behind the first `length` bytes.
    ///
    /// Contract: `length` is a character boundary.
    pub fn truncate(&mut self, length: usize) {
        if length >= self.value.len() {
            return;
        }
        let whole = self.value.len();
        self.value.truncate(length);
        while self.stretches.last().is_some_and(|(begin, _)| *begin >= length) {
            self.stretches.pop();
        }
        if let Some((begin, span)) = self.stretches.last_mut() {
            // Only of a verbatim stretch can a part be told from its whole.
            if span.start + (length - *begin) < span.end && whole - *begin >= span.end - span.start {
                span.end = span.start + (length - *begin);
            }
        }
    }

    /// As it is read.
    #[must_use]
    pub fn as_str(&self) -> &str {
        &self.value
    }

    /// The bytes of the input that a range of the text was read from, from the first to the last.
    #[must_use]
    pub fn span(&self, range: Range<usize>) -> Span {
        let Some(start) = self.origin(range.start, false) else { return Span::default() };
        let end = if range.is_empty() { start } else { self.origin(range.end, true).unwrap_or(start) };
        Span { start, end: end.max(start) }
    }

    /// The bytes of the input from the first to the last.
    #[must_use]
    pub fn whole(&self) -> Span {
        self.span(0..self.value.len())
    }

    fn origin(&self, at: usize, is_end: bool) -> Option<usize> {
        // An end belongs to the stretch before it.
        let next = self.stretches.partition_point(|(begin, _)| if is_end { *begin < at } else { *begin <= at });
        let index = next.saturating_sub(1);
        let (begin, span) = self.stretches.get(index)?;
        let length = self.stretches.get(index + 1).map_or(self.value.len(), |(begin, _)| *begin) - begin;
        if length == span.end - span.start {
            return Some((span.start + at.saturating_sub(*begin)).min(span.end));
        }
        Some(if is_end { span.end } else { span.start })
    }
}
