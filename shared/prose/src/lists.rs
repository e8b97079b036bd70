//! The lists of words in `words/`, read once. Each is this project's own, written from knowledge of the language.

use std::borrow::Cow;
use std::collections::HashSet;
use std::sync::LazyLock;

use crate::Language;

/// A list's entries.
pub(crate) type Set = HashSet<&'static str>;

/// What stands before a full stop that ends no sentence.
pub(crate) struct Abbreviations {
    /// Something always follows: a name, an example.
    pub(crate) titles: Set,
    /// A number follows, or it is no abbreviation.
    pub(crate) numbered: Set,
    /// They may end a sentence as well.
    pub(crate) within: Set,
}

/// Entries between commas and line ends; `#` opens a remark.
pub(crate) fn entries(text: &'static str) -> impl Iterator<Item = &'static str> {
    text.lines()
        .filter(|line| !line.starts_with(['#', '@']))
        .flat_map(|line| line.split(','))
        .map(str::trim)
        .filter(|entry| !entry.is_empty())
}

/// The entries under the heading `@name`, up to the next heading.
pub(crate) fn section(text: &'static str, name: &str) -> impl Iterator<Item = &'static str> {
    let body = text.split("\n@").find_map(|part| part.strip_prefix(name)).unwrap_or_default();
    entries(body)
}

/// A word in lower case; copied only where it has capitals.
pub(crate) fn lower(word: &str) -> Cow<'_, str> {
    if word.chars().any(char::is_uppercase) { Cow::Owned(word.to_lowercase()) } else { Cow::Borrowed(word) }
}

pub(crate) fn abbreviations(language: Language) -> &'static Abbreviations {
    fn read(text: &'static str) -> Abbreviations {
        Abbreviations {
            titles: section(text, "titles").collect(),
            numbered: section(text, "numbered").collect(),
            within: section(text, "within").collect(),
        }
    }
    static SPANISH: LazyLock<Abbreviations> = LazyLock::new(|| read(include_str!("../words/es/abbreviations.txt")));
    static ENGLISH: LazyLock<Abbreviations> = LazyLock::new(|| read(include_str!("../words/en/abbreviations.txt")));
    match language {
        Language::Spanish => &SPANISH,
        Language::English => &ENGLISH,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_section_of_the_abbreviations_is_read() {
        for language in [Language::Spanish, Language::English] {
            let list = abbreviations(language);
            assert!(list.titles.len() > 20 && list.numbered.len() > 20 && list.within.len() > 20, "{language:?}");
        }
        assert!(abbreviations(Language::Spanish).titles.contains("sra"));
    }
}
