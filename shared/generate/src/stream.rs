//! Reads what an OpenAI-compatible server sends, byte by byte as it comes, whatever it deviates in: lines ended by CR, LF or both, comments,
//! a byte order mark, `data:` with or without a space, events of many lines or without an empty line between, characters cut in two, a
//! finish reason in the last content, never or `null`, a tail that has only a usage, `[DONE]` in any spelling or none, errors as JSON, a
//! whole completion where a stream was asked for, and a connection that breaks off. Never fails: what is no answer has no text.

mod chunk;

use std::mem;

use serde_json::Value as Json;

use self::chunk::Chunk;
pub use self::chunk::{Finish, Usage};

/// How a stream ended.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct End {
    /// Why the model stopped, where the server said so.
    pub finish: Option<Finish>,
    /// What it cost, where the server said so.
    pub usage: Option<Usage>,
    /// Whether the text is whole: the server said that it was done, or why it stopped, and no error came.
    pub is_complete: bool,
    /// Whether the server told an error instead of an answer, or in the middle of it.
    pub is_error: bool,
    /// Whether anything was understood.
    pub is_answer: bool,
}

/// Reads one answer. Keeps what of it is not read yet: as much as is given before a line ends, so that the caller's cap is the bound.
#[derive(Debug, Default)]
pub struct Reader {
    /// Of the line that is not ended yet.
    line: Vec<u8>,
    /// The last byte was a CR, and an LF after it belongs to it.
    is_after_cr: bool,
    /// A line was read, so that no byte order mark comes any more.
    has_begun: bool,
    /// `data` lines of the event being read, which alone are no JSON.
    data: Vec<String>,
    /// A whole answer in one: everything so far, from its first line.
    whole: Option<String>,
    /// Text that was read and not given yet.
    text: String,
    has_text: bool,
    finish: Option<Finish>,
    usage: Option<Usage>,
    is_done: bool,
    is_error: bool,
    is_answer: bool,
}

impl Reader {
    /// At the beginning of a body.
    #[must_use]
    pub fn new() -> Self {
        Self::default()
    }

    /// Takes more bytes, and gives the text that they end; often none.
    pub fn push(&mut self, bytes: &[u8]) -> String {
        for byte in bytes {
            match byte {
                b'\n' if mem::take(&mut self.is_after_cr) => {}
                b'\n' | b'\r' => {
                    self.is_after_cr = *byte == b'\r';
                    self.end_line();
                }
                _ => {
                    self.is_after_cr = false;
                    self.line.push(*byte);
                }
            }
        }
        mem::take(&mut self.text)
    }

    /// Whether nothing that follows matters.
    #[must_use]
    pub const fn is_over(&self) -> bool {
        self.is_done || self.is_error
    }

    /// The body is over, by its end or by a fault: the text of an unended line, and the end.
    #[must_use]
    pub fn end(mut self) -> (String, End) {
        self.end_line();
        self.end_event();
        if let Some(whole) = self.whole.take() {
            self.read_whole(&whole);
        }
        let is_complete = !self.is_error && self.is_answer && (self.is_done || self.finish.is_some());
        let Self { text, finish, usage, is_error, is_answer, .. } = self;
        (text, End { finish, usage, is_complete, is_error, is_answer })
    }

    fn end_line(&mut self) {
        let bytes = mem::take(&mut self.line);
        let line = String::from_utf8_lossy(&bytes);
        let line = if mem::replace(&mut self.has_begun, true) { &*line } else { line.strip_prefix('\u{feff}').unwrap_or(&line) };
        self.read_line(line);
    }

    /// Source: HTML, "Server-sent events", "Interpreting an event stream".
    fn read_line(&mut self, line: &str) {
        if self.is_over() {
            return;
        }
        if let Some(whole) = &mut self.whole {
            whole.push('\n');
            whole.push_str(line);
            return;
        }
        if line.is_empty() {
            return self.end_event();
        }
        let is_first = !self.is_answer && self.data.is_empty();
        match line.strip_prefix("data:") {
            Some(data) => self.read_data(data.strip_prefix(' ').unwrap_or(data)),
            // No field begins so: an error put between the events, or no stream at all.
            None if line.trim_start().starts_with('{') => match parsed(line) {
                Some(json) => self.take(&json),
                None if is_first => self.whole = Some(line.to_owned()),
                None => {}
            },
            None if is_done(line) => self.is_done = true,
            None => {}
        }
    }

    fn read_data(&mut self, data: &str) {
        if is_done(data) {
            self.end_event();
            self.is_done = true;
        } else if let Some(json) = parsed(data).filter(|_| self.data.is_empty()) {
            // Nothing waits for the empty line after it, which some leave out.
            self.take(&json);
        } else {
            self.data.push(data.to_owned());
        }
    }

    fn end_event(&mut self) {
        let lines = mem::take(&mut self.data);
        match parsed(&lines.join("\n")) {
            Some(json) => self.take(&json),
            None => lines.iter().filter_map(|line| parsed(line)).for_each(|json| self.take(&json)),
        }
    }

    /// One JSON document over many lines, or one on each.
    fn read_whole(&mut self, whole: &str) {
        match parsed(whole) {
            Some(json) => self.take(&json),
            None => whole.lines().filter_map(parsed).for_each(|json| self.take(&json)),
        }
    }

    fn take(&mut self, json: &Json) {
        if self.is_over() {
            return;
        }
        let chunk = Chunk::read(json, self.has_text);
        self.is_error |= chunk.is_error;
        self.is_answer |= chunk.is_answer;
        self.has_text |= !chunk.text.is_empty();
        self.text.push_str(&chunk.text);
        self.finish = chunk.finish.or(self.finish);
        self.usage = chunk.usage.or(self.usage);
    }
}

/// An object; anything else is nothing that a server says.
fn parsed(text: &str) -> Option<Json> {
    serde_json::from_str::<Json>(text).ok().filter(Json::is_object)
}

/// Source: openai-node, which stops at data that begins so; others write it in quotes, in lower case or without `data:`.
fn is_done(data: &str) -> bool {
    let word = data.trim_matches(|c: char| c.is_whitespace() || c == '"');
    word.get(..6).is_some_and(|begin| begin.eq_ignore_ascii_case("[done]"))
}

#[cfg(test)]
mod tests;
