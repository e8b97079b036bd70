//! Where records stand in a file: on which line each begins and what exactly its text is.
//!
//! Counted here because a CSV reader counts line feeds alone, and skips empty lines without telling.

/// Walks through a text, record by record.
pub struct Lines<'t> {
    text: &'t str,
    /// Where reading began, before which a separator hint may stand.
    start: usize,
    at: usize,
    line: u64,
}

impl<'t> Lines<'t> {
    /// From `start` on; what stands before counts as lines.
    pub fn new(text: &'t str, start: usize) -> Self {
        let mut lines = Self { text, start, at: 0, line: 1 };
        lines.advance(start);
        lines
    }

    /// The line and the text of the record that ends at `end`, counted in bytes from where reading began.
    pub fn record_until(&mut self, end: u64) -> (u64, &'t str) {
        let end = usize::try_from(end).unwrap_or(usize::MAX).saturating_add(self.start).min(self.text.len());
        let rest = self.text.get(self.at..end).unwrap_or_default();
        let blank = rest.len() - rest.trim_start_matches(['\r', '\n']).len();
        self.advance(self.at + blank);
        let line = self.line;
        let raw = self.text.get(self.at..end).unwrap_or_default();
        self.advance(end);
        (line, raw.trim_end_matches(['\r', '\n']))
    }

    fn advance(&mut self, to: usize) {
        let passed = self.text.as_bytes().get(self.at..to).unwrap_or_default();
        let before = self.at.checked_sub(1).and_then(|i| self.text.as_bytes().get(i)).copied();
        let mut previous = before;
        for byte in passed.iter().copied() {
            // A carriage return ends a line; a line feed does, unless it only completes one.
            if byte == b'\r' || (byte == b'\n' && previous != Some(b'\r')) {
                self.line += 1;
            }
            previous = Some(byte);
        }
        self.at = self.at.max(to);
    }
}

/// What separates cells, and how many bytes of hint stand before the header.
///
/// Excel's own hint wins: a first line such as `sep=;`. Else it is what stands most often in the header, outside quotation marks;
/// a comma if nothing does.
pub fn delimiter(text: &str) -> (u8, usize) {
    let first = text.lines().next().unwrap_or_default();
    if let Some(hint) = first.trim_end().strip_prefix("sep=")
        && let [delimiter] = hint.as_bytes()
        && CANDIDATES.contains(delimiter)
    {
        let rest = &text[first.len()..];
        return (*delimiter, first.len() + rest.len() - rest.trim_start_matches(['\r', '\n']).len());
    }
    let mut counts = [0; CANDIDATES.len()];
    let mut is_quoted = false;
    for byte in text.trim_start_matches(['\r', '\n']).bytes() {
        match byte {
            b'"' => is_quoted = !is_quoted,
            b'\r' | b'\n' if !is_quoted => break,
            _ => {
                if let Some(i) = CANDIDATES.iter().position(|candidate| *candidate == byte && !is_quoted) {
                    counts[i] += 1;
                }
            }
        }
    }
    // The first of equals wins, so a comma does if there is none of them.
    let best = (0..counts.len()).rev().max_by_key(|i| counts[*i]).unwrap_or_default();
    (CANDIDATES[best], 0)
}

const CANDIDATES: [u8; 4] = [b',', b';', b'\t', b'|'];

/// Whether a record ends inside quotation marks.
pub fn is_unclosed(raw: &str, delimiter: u8) -> bool {
    enum At {
        Start,
        Plain,
        Quoted,
        Quote,
    }
    let mut at = At::Start;
    for byte in raw.bytes() {
        at = match (at, byte) {
            (At::Start, b'"') | (At::Quoted, b'\0'..=b'!' | b'#'..) | (At::Quote, b'"') => At::Quoted,
            (At::Quoted, b'"') => At::Quote,
            (At::Start | At::Plain | At::Quote, byte) if byte == delimiter => At::Start,
            (At::Start | At::Plain | At::Quote, _) => At::Plain,
        };
    }
    matches!(at, At::Quoted)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn finds_the_delimiter() {
        let cases = [
            ("", (b',', 0)),
            ("email", (b',', 0)),
            ("email,name", (b',', 0)),
            ("email;name", (b';', 0)),
            ("email\tname", (b'\t', 0)),
            ("\r\n\r\nemail;name\na,b,c,d", (b';', 0)),
            ("\"a,b,c\";name", (b';', 0)),
            ("sep=;\r\nemail,x,y;name", (b';', 7)),
            ("sep=x\nemail,name", (b',', 0)),
        ];
        for (text, expected) in cases {
            assert_eq!(delimiter(text), expected, "{text:?}");
        }
    }

    #[test]
    fn tells_an_open_quotation() {
        let cases = [
            ("a,b", false),
            ("a,\"b\"", false),
            ("a,\"b", true),
            ("a,\"b\"\"", true),
            ("a,\"b\"\"\"", false),
            ("a,5\" pipe", false),
            ("\"", true),
            ("", false),
            ("a;\"b,c", false),
        ];
        for (raw, expected) in cases {
            assert_eq!(is_unclosed(raw, b','), expected, "{raw:?}");
        }
    }
}
