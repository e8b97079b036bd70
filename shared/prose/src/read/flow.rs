//! Text as it flows into a line: white space collapsed as browsers do, what has no width left out, every byte's origin kept.

use crate::span::{Span, Text};

/// A text that is being read.
#[derive(Debug, Default)]
pub(super) struct Flow {
    text: Text,
    /// White space that counts once something follows it.
    pending: Option<Span>,
}

/// What the bytes handed to a flow are.
#[derive(Debug, Clone, Copy)]
pub(super) enum Piece {
    /// The input's own, from there on.
    Verbatim(usize),
    /// They stand for that part of the input.
    For(Span),
}

impl Flow {
    /// Adds a piece, and says where in the text what it added begins.
    ///
    /// `keeps_space`: as in `pre`, nothing is collapsed.
    pub(super) fn push(&mut self, value: &str, piece: Piece, keeps_space: bool) -> usize {
        let before = self.text.len();
        match piece {
            Piece::Verbatim(start) => self.push_verbatim(value, start, keeps_space),
            Piece::For(span) if keeps_space => self.push_for(&value.replace('\r', "\n"), span),
            Piece::For(span) if value.chars().all(is_space) => self.space(span),
            Piece::For(span) => self.push_for(value, span),
        }
        // A space before it was waiting already.
        before + usize::from(self.text.as_str()[before..].starts_with(' '))
    }

    /// Begins a new line.
    pub(super) fn break_line(&mut self, span: Span) {
        self.pending = None;
        if !self.text.is_empty() {
            self.text.push("\n", span);
        }
    }

    /// White space that a browser would show as one space, if anything stands on both sides.
    pub(super) fn space(&mut self, span: Span) {
        match &mut self.pending {
            Some(pending) if pending.end == span.start => pending.end = span.end,
            Some(_) => {}
            None => self.pending = Some(span),
        }
    }

    /// What was read so far.
    pub(super) fn as_str(&self) -> &str {
        self.text.as_str()
    }

    /// What was read, without white space at its end.
    pub(super) fn finish(mut self) -> Text {
        let length = self.text.as_str().trim_end_matches(is_space).len();
        self.text.truncate(length);
        self.text
    }

    fn push_verbatim(&mut self, value: &str, start: usize, keeps_space: bool) {
        let mut run = 0;
        for (at, character) in value.char_indices() {
            let is_plain = if keeps_space { character != '\r' } else { !is_space(character) };
            if is_plain && !is_invisible(character) {
                continue;
            }
            self.run(&value[run..at], start + run);
            run = at + character.len_utf8();
            let span = Span::new(start + at..start + run);
            if keeps_space && character == '\r' && !value[run..].starts_with('\n') {
                self.text.push("\n", span);
            } else if !keeps_space && is_space(character) {
                self.space(span);
            } else if joins(character, self.text.as_str()) {
                self.run(&value[at..run], start + at);
            }
        }
        self.run(&value[run..], start + run);
    }

    fn push_for(&mut self, value: &str, span: Span) {
        let is_read = value.chars().any(|character| !is_invisible(character) || joins(character, self.text.as_str()));
        if is_read {
            self.settle();
            self.text.push(value, span);
        }
    }

    fn run(&mut self, value: &str, start: usize) {
        if !value.is_empty() {
            self.settle();
            self.text.push_verbatim(value, start);
        }
    }

    /// Writes the space that was waiting.
    fn settle(&mut self) {
        let Some(span) = self.pending.take() else { return };
        if self.text.as_str().ends_with(|last| last != '\n') {
            self.text.push(" ", span);
        }
    }
}

/// White space that browsers collapse; a no-break space is none.
///
/// Source: HTML Living Standard, "ASCII whitespace".
pub(super) fn is_space(character: char) -> bool {
    matches!(character, ' ' | '\t' | '\n' | '\r' | '\u{c}')
}

/// What is never seen and only stands in the way of finding words.
///
/// Source: Unicode 16, soft hyphen, zero-width space, word joiner, byte order mark, marks of direction, (non-)joiners.
fn is_invisible(character: char) -> bool {
    matches!(
        character,
        '\u{ad}' | '\u{200b}'..='\u{200f}' | '\u{202a}'..='\u{202e}' | '\u{2060}'..='\u{2064}' | '\u{2066}'..='\u{2069}' | '\u{feff}' | '\0'
    )
}

/// Whether a joiner or non-joiner stands where it means something: behind a letter that is not Latin, or an emoji.
fn joins(character: char, before: &str) -> bool {
    // Latin ends at U+024F.
    matches!(character, '\u{200c}' | '\u{200d}') && before.chars().next_back().is_some_and(|last| last > '\u{24f}')
}
