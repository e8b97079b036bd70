//! Loose JSON, as clients of every age and language write it: read what can be read, event by event.

use chrono::{DateTime, Utc};
use orilla_core::{Error, Request, body};
use serde_json::{Map, Value as Json};

use crate::instant;

/// The body as text: decompressed, with its byte order mark gone, and half a surrogate pair replaced as PostHog replaces it.
///
/// Errors: `TooLarge`, or `Malformed` for what is neither.
pub fn text(request: &Request, limit: usize) -> Result<String, Error> {
    let bytes = body::sniffed(request, limit)?;
    let text = String::from_utf8_lossy(&bytes);
    let text = text.trim_start_matches('\u{feff}').trim();
    if text.is_empty() {
        return Err(Error::malformed("The body is empty."));
    }
    Ok(whole_pairs(text))
}

/// Escapes of half a surrogate pair stand for no character, and JSON readers refuse the whole text for one.
///
/// Source: RFC 8259 §8.2; PostHog replaces them by U+FFFD as well.
fn whole_pairs(text: &str) -> String {
    let unit = |at: usize| -> Option<u16> {
        let escape = text.as_bytes().get(at..at + 6).filter(|escape| escape.starts_with(b"\\u"))?;
        u16::from_str_radix(std::str::from_utf8(escape.get(2..)?).ok()?, 16).ok()
    };
    let mut whole = String::with_capacity(text.len());
    let mut at = 0;
    while let Some(found) = text.get(at..).and_then(|rest| rest.find('\\')) {
        let escape = at + found;
        whole.push_str(text.get(at..escape).unwrap_or_default());
        let (kept, length): (&str, usize) = match unit(escape) {
            Some(0xD800..=0xDBFF) if unit(escape + 6).is_some_and(|low| (0xDC00..=0xDFFF).contains(&low)) => ("", 12),
            Some(0xD800..=0xDFFF) => ("\\uFFFD", 6),
            // A backslash and what it escapes, so that an escaped one does not begin an escape.
            _ => ("", 1 + text.get(escape + 1..).and_then(|rest| rest.chars().next()).map_or(0, char::len_utf8)),
        };
        whole.push_str(if kept.is_empty() { text.get(escape..escape + length).unwrap_or_default() } else { kept });
        at = escape + length;
    }
    whole.push_str(text.get(at..).unwrap_or_default());
    whole
}

/// Reads fields of an object that may be absent, `null` or of another type.
#[derive(Debug, Clone, Copy)]
pub struct Fields<'a>(pub &'a Map<String, Json>);

impl<'a> Fields<'a> {
    /// A text; a number counts as the text it is written as, and nothing as nothing.
    pub fn text(self, name: &str) -> Option<String> {
        match self.0.get(name)? {
            Json::String(text) if !text.is_empty() => Some(text.clone()),
            Json::Number(number) => Some(number.to_string()),
            Json::Bool(flag) => Some(flag.to_string()),
            _ => None,
        }
    }

    /// A truth.
    pub fn flag(self, name: &str) -> Option<bool> {
        self.0.get(name)?.as_bool()
    }

    /// A time.
    pub fn time(self, name: &str) -> Option<DateTime<Utc>> {
        instant::parse(self.0.get(name)?)
    }

    /// An object.
    pub fn object(self, name: &str) -> Option<Fields<'a>> {
        self.0.get(name)?.as_object().map(Fields)
    }

    /// A name and, where there is one, its version.
    pub fn versioned(self, name: &str, version: &str) -> Option<String> {
        let name = self.text(name)?;
        Some(self.text(version).map_or_else(|| name.clone(), |version| format!("{name} {version}")))
    }

    /// A copy of an object, empty if there is none.
    pub fn map(self, name: &str) -> Map<String, Json> {
        self.object(name).map(|Fields(map)| map.clone()).unwrap_or_default()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[track_caller]
    fn check(text: &str, expect: &str) {
        let repaired = whole_pairs(text);
        assert_eq!(serde_json::from_str::<String>(&repaired).unwrap(), expect, "{text} became {repaired}");
    }

    #[test]
    fn half_pairs_are_replaced_and_nothing_else() {
        check(r#""plain""#, "plain");
        check(r#""\ud83c\udf0a""#, "🌊");
        check(r#""a\ud83cb""#, "a\u{fffd}b");
        check(r#""\udf0a""#, "\u{fffd}");
        check(r#""\ud83c\ud83c\udf0a""#, "\u{fffd}🌊");
        check(r#""\\ud83c""#, r"\ud83c");
        check(r#""\\\ud83c""#, "\\\u{fffd}");
        check(r#""ñ\u00f1\n""#, "ññ\n");
        assert_eq!(whole_pairs(r"\"), r"\");
        assert_eq!(whole_pairs(r"\u12"), r"\u12");
        assert_eq!(whole_pairs("\\ñ"), "\\ñ");
    }
}
