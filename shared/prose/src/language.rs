//! The two languages that texts are judged in.

/// A language whose words, sentences and syllables are known here.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, serde::Serialize, serde::Deserialize)]
pub enum Language {
    /// Spanish of any country.
    #[serde(rename = "es")]
    Spanish,
    /// English of any country.
    #[serde(rename = "en")]
    English,
}

impl Language {
    /// The language of a BCP 47 tag, a region after it or not; none where it is another one.
    #[must_use]
    pub fn of(tag: &str) -> Option<Self> {
        match tag.trim().split(['-', '_']).next().unwrap_or_default() {
            code if code.eq_ignore_ascii_case("es") || code.eq_ignore_ascii_case("spa") => Some(Self::Spanish),
            code if code.eq_ignore_ascii_case("en") || code.eq_ignore_ascii_case("eng") => Some(Self::English),
            _ => None,
        }
    }

    /// Its ISO 639-1 code.
    #[must_use]
    pub fn code(self) -> &'static str {
        match self {
            Self::Spanish => "es",
            Self::English => "en",
        }
    }
}
