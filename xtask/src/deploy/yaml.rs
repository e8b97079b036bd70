//! YAML as Kubernetes reads it, from JSON: nested by two spaces, every text in JSON's quotation marks, long ones as blocks.

use serde_json::Value as Json;

/// Documents, one after the other.
pub fn documents(documents: &[Json]) -> String {
    documents.iter().map(|document| format!("---\n{}", block(document, 0))).collect()
}

fn block(value: &Json, depth: usize) -> String {
    let indent = "  ".repeat(depth);
    match value {
        Json::Object(fields) if !fields.is_empty() => {
            fields.iter().map(|(name, value)| format!("{indent}{}:{}", key(name), after(value, depth + 1))).collect()
        }
        Json::Array(items) if !items.is_empty() => items.iter().map(|item| format!("{indent}-{}", item_after(item, depth + 1))).collect(),
        other => format!("{indent}{other}\n"),
    }
}

/// What follows a dash: the item's first line on the same one.
fn item_after(item: &Json, depth: usize) -> String {
    match item {
        Json::Object(fields) if !fields.is_empty() => format!(" {}", block(item, depth).trim_start()),
        other => after(other, depth),
    }
}

/// What follows a name and its colon.
fn after(value: &Json, depth: usize) -> String {
    match value {
        Json::Object(fields) if !fields.is_empty() => format!("\n{}", block(value, depth)),
        Json::Array(items) if !items.is_empty() => format!("\n{}", block(value, depth)),
        Json::String(text) if is_block(text) => {
            let indent = "  ".repeat(depth);
            let lines = text.lines().map(|line| if line.is_empty() { "\n".to_owned() } else { format!("{indent}{line}\n") });
            format!(" |\n{}", lines.collect::<String>())
        }
        other => format!(" {other}\n"),
    }
}

/// Texts of many lines that a block gives back as they are.
fn is_block(text: &str) -> bool {
    let is_plain = |c: char| c == '\n' || (!c.is_control() && c != '\u{feff}' && c != '\u{2028}' && c != '\u{2029}' && c != '\u{85}');
    text.ends_with('\n') && !text.ends_with("\n\n") && !text.starts_with([' ', '\n']) && text.chars().all(is_plain)
}

fn key(name: &str) -> String {
    let is_plain =
        name.starts_with(|c: char| c.is_ascii_alphabetic()) && name.chars().all(|c| c.is_ascii_alphanumeric() || "_-./".contains(c));
    // What YAML 1.1 takes for something else.
    let is_word = ["y", "n", "yes", "no", "on", "off", "true", "false", "null"].contains(&name.to_ascii_lowercase().as_str());
    if is_plain && !is_word { name.to_owned() } else { Json::from(name).to_string() }
}
