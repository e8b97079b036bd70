//! What a Markdown file says ahead of itself, between lines of `---`: title, description and language; the rest is not a reader's.

use super::attributes::Attributes;
use super::builder::Builder;
use crate::document::Meta;
use crate::span::{Span, Text};

/// A file's head is at most this long. Chosen: a rule at the top of a long text is not one.
const MAX_BYTES: usize = 16 * 1024;

/// Reads it into the document's head, and says where the text begins.
pub(super) fn read(input: &str, builder: &mut Builder) -> usize {
    let start = input.len() - input.trim_start_matches('\u{feff}').len();
    let Some((first, end)) =
        lines(input, start).next().filter(|(line, _)| line.trim_end() == "---").map(|(line, at)| (at, at + line.len()))
    else {
        return start;
    };
    let mut fields: Vec<(&str, Text)> = Vec::new();
    for (line, at) in lines(input, end) {
        let trimmed = line.trim_end();
        if trimmed == "---" || trimmed == "..." {
            settle(fields, builder);
            return at + line.len();
        }
        if at - first > MAX_BYTES {
            break;
        }
        let is_further = line.starts_with([' ', '\t']) && !trimmed.is_empty();
        if is_further {
            // A value that goes on over lines.
            if let Some((_, value)) = fields.last_mut() {
                let indent = trimmed.len() - trimmed.trim_start().len();
                if !value.is_empty() {
                    value.push(" ", Span::new(at + indent..at + indent));
                }
                value.push_verbatim(trimmed.trim_start(), at + indent);
            }
        } else if let Some((name, value)) = trimmed.split_once(':') {
            let mark = value.trim();
            let value_at = at + name.len() + 1 + (value.len() - value.trim_start().len());
            let is_block = matches!(mark, ">" | "|" | ">-" | "|-" | ">+" | "|+");
            fields.push((name.trim(), if is_block { Text::default() } else { scalar(mark, value_at) }));
        }
    }
    start
}

/// A value without its quotation marks or the remark behind it.
fn scalar(value: &str, at: usize) -> Text {
    for quote in ['"', '\''] {
        let Some(inner) = value.strip_prefix(quote).and_then(|rest| rest.strip_suffix(quote)) else { continue };
        let mut text = Text::default();
        let escaped = if quote == '"' { "\\\"" } else { "''" };
        let mut from = 0;
        while let Some(found) = inner[from..].find(escaped) {
            let mark = from + found;
            text.push_verbatim(&inner[from..mark], at + 1 + from);
            text.push(&quote.to_string(), Span::new(at + 1 + mark..at + 3 + mark));
            from = mark + 2;
        }
        text.push_verbatim(&inner[from..], at + 1 + from);
        return text;
    }
    let value = value.split(" #").next().unwrap_or(value).trim_end();
    Text::verbatim(value, at)
}

fn settle(fields: Vec<(&str, Text)>, builder: &mut Builder) {
    for (name, value) in fields {
        if value.is_empty() {
            continue;
        }
        let head = &mut builder.document.head;
        match name.to_ascii_lowercase().as_str() {
            "title" if head.title.is_none() => head.title = Some(value),
            "description" => {
                head.meta.push(Meta { name: "description".to_owned(), content: value.as_str().to_owned(), span: value.whole() })
            }
            "lang" | "language" if head.lang.is_none() => {
                let mut attributes = Attributes::default();
                attributes.push("lang".to_owned(), value.as_str().to_owned(), value.whole());
                builder.start("html", &attributes, Span::default(), false);
            }
            _ => {}
        }
    }
}

/// Lines from there on with their ends, and where each begins.
fn lines(input: &str, from: usize) -> impl Iterator<Item = (&str, usize)> {
    let mut at = from;
    input[from..].split_inclusive('\n').map(move |line| {
        let start = at;
        at += line.len();
        (line, start)
    })
}
