//! Content lines of iCalendar: unfolded, and taken apart into a name, parameters and a value.
//!
//! Source: RFC 5545, sections 3.1 and 3.3.11.

/// A content line.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Line {
    /// In capitals.
    pub name: String,
    /// Names in capitals, values without quotes.
    pub parameters: Vec<(String, String)>,
    pub value: String,
    /// Where it begins in the text, from 1.
    pub number: usize,
}

impl Line {
    pub fn parameter(&self, name: &str) -> Option<&str> {
        self.parameters.iter().find(|(known, _)| known == name).map(|(_, value)| value.as_str())
    }

    /// The value as text, without the marks that kept commas and line ends from being read as such.
    pub fn text(&self) -> String {
        let (mut text, mut is_marked) = (String::new(), false);
        for letter in self.value.chars() {
            match (is_marked, letter) {
                (false, '\\') => {
                    is_marked = true;
                    continue;
                }
                (true, 'n' | 'N') => text.push(' '),
                _ if letter.is_control() => text.push(' '),
                _ => text.push(letter),
            }
            is_marked = false;
        }
        text.trim().to_owned()
    }
}

/// The lines of a text; what is none is passed over.
pub(super) fn lines(text: &str) -> impl Iterator<Item = Line> {
    let mut unfolded: Vec<(usize, String)> = Vec::new();
    for (before, line) in text.trim_start_matches('\u{feff}').split('\n').map(|line| line.strip_suffix('\r').unwrap_or(line)).enumerate() {
        match (line.strip_prefix([' ', '\t']), unfolded.last_mut()) {
            (Some(rest), Some((_, last))) => last.push_str(rest),
            _ => unfolded.push((before + 1, line.to_owned())),
        }
    }
    unfolded.into_iter().filter_map(|(number, line)| parse(number, &line))
}

fn parse(number: usize, line: &str) -> Option<Line> {
    let mut is_quoted = false;
    let is_mark = |letter: char, mark: char, is_quoted: &mut bool| {
        *is_quoted ^= letter == '"';
        letter == mark && !*is_quoted
    };
    let colon = line.find(|letter| is_mark(letter, ':', &mut is_quoted))?;
    is_quoted = false;
    let mut parts = line[..colon].split(|letter| is_mark(letter, ';', &mut is_quoted));
    let name = parts.next().map(str::trim).filter(|name| !name.is_empty())?.to_ascii_uppercase();
    let parameters = parts.filter_map(|part| part.split_once('=')).map(|(name, value)| (name.to_ascii_uppercase(), value.replace('"', "")));
    Some(Line { parameters: parameters.collect(), name, value: line[colon + 1..].trim().to_owned(), number })
}
