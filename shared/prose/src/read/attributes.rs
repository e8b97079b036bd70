//! A tag's attributes, as read and where they stand.

use crate::span::Span;

/// The attributes of one tag, in order; of two with one name the first counts.
#[derive(Debug, Default)]
pub(super) struct Attributes {
    list: Vec<Attribute>,
}

#[derive(Debug)]
struct Attribute {
    name: String,
    value: String,
    span: Span,
}

impl Attributes {
    /// Adds one; `span` is where its value stands.
    pub(super) fn push(&mut self, name: String, value: String, span: Span) {
        self.list.push(Attribute { name, value, span });
    }

    /// The value, if there is such an attribute.
    pub(super) fn get(&self, name: &str) -> Option<&str> {
        self.find(name).map(|attribute| attribute.value.as_str())
    }

    /// Where the value stands, unless it is empty.
    pub(super) fn span(&self, name: &str) -> Option<Span> {
        self.find(name).map(|attribute| attribute.span).filter(|span| !span.is_empty())
    }

    /// Whether there is such an attribute.
    pub(super) fn has(&self, name: &str) -> bool {
        self.find(name).is_some()
    }

    /// Whether the value is `wanted`, in letters of any case.
    pub(super) fn is(&self, name: &str, wanted: &str) -> bool {
        self.get(name).is_some_and(|value| value.trim().eq_ignore_ascii_case(wanted))
    }

    /// The value's words.
    pub(super) fn words(&self, name: &str) -> impl Iterator<Item = &str> {
        self.get(name).unwrap_or_default().split_ascii_whitespace()
    }

    /// What a property of the inline style is set to, in lower case; the last one counts.
    pub(super) fn style(&self, property: &str) -> Option<String> {
        let style = self.get("style")?;
        let mut set = style.split(';').filter_map(|part| part.split_once(':'));
        let (_, value) = set.rfind(|(name, _)| name.trim().eq_ignore_ascii_case(property))?;
        let value = value.trim().to_ascii_lowercase();
        Some(value.trim_end_matches("!important").trim_end().to_owned())
    }

    fn find(&self, name: &str) -> Option<&Attribute> {
        self.list.iter().find(|attribute| attribute.name == name)
    }
}
