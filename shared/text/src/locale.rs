//! The languages that Orilla speaks, and which of them somebody asked for.

use serde::{Deserialize, Serialize};

/// A language with built-in texts. Adding one is adding a variant here and following the compiler.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Locale {
    /// Spanish: neutral Latin American, *tú*.
    Es,
    /// English.
    En,
}

impl Locale {
    /// Every locale.
    pub const ALL: [Self; 2] = [Self::Es, Self::En];

    /// The BCP 47 language tag.
    #[must_use]
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Es => "es",
            Self::En => "en",
        }
    }

    /// The locale whose language a tag names: `es-MX` is `es`.
    #[must_use]
    pub fn of_tag(tag: &str) -> Option<Self> {
        let language = tag.split(['-', '_']).next().unwrap_or_default().trim();
        Self::ALL.into_iter().find(|locale| locale.as_str().eq_ignore_ascii_case(language))
    }

    /// The other one.
    #[must_use]
    pub const fn other(self) -> Self {
        match self {
            Self::Es => Self::En,
            Self::En => Self::Es,
        }
    }

    /// The best of the locales on offer: as asked for, else as `Accept-Language` prefers, else the first on offer.
    #[must_use]
    pub fn negotiate(asked: Option<&str>, accept_language: Option<&str>, offered: &[Self]) -> Self {
        let is_offered = |locale: &Self| offered.contains(locale);
        let asked = asked.and_then(Self::of_tag).filter(is_offered);
        let preferred = || {
            let mut tags: Vec<(f32, Self)> = accept_language.unwrap_or_default().split(',').filter_map(weighted).collect();
            // Stable, so that equal weights keep the order in which the browser lists them.
            tags.sort_by(|(a, _), (b, _)| b.total_cmp(a));
            tags.into_iter().map(|(_, locale)| locale).find(is_offered)
        };
        asked.or_else(preferred).or_else(|| offered.first().copied()).unwrap_or(Self::Es)
    }
}

/// One entry of `Accept-Language`. Source: RFC 9110 §12.5.4; a weight of 0 means "not this one".
fn weighted(entry: &str) -> Option<(f32, Locale)> {
    let (tag, weight) = entry.split_once(';').unwrap_or((entry, "q=1"));
    let weight = weight.trim().strip_prefix("q=")?.trim().parse().ok().filter(|q| *q > 0.0)?;
    Some((weight, Locale::of_tag(tag.trim())?))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[track_caller]
    fn check(asked: Option<&str>, accept: Option<&str>, offered: &[Locale], expect: Locale) {
        assert_eq!(Locale::negotiate(asked, accept, offered), expect, "{asked:?} {accept:?} {offered:?}");
    }

    #[test]
    fn the_visitor_reads_their_own_language_where_there_is_one() {
        use Locale::{En, Es};
        check(Some("en"), Some("es"), &[Es, En], En);
        check(Some("es-MX"), None, &[En, Es], Es);
        check(Some("EN_us"), None, &[Es, En], En);
        check(Some("fr"), Some("en-GB,en;q=0.9"), &[Es, En], En);
        check(None, Some("fr, es;q=0.2, en;q=0.9"), &[Es, En], En);
        check(None, Some("en;q=0, es;q=0.1"), &[En, Es], Es);
        check(None, Some("en;q=broken, *;q=0.5"), &[Es, En], Es);
        check(Some("en"), None, &[Es], Es);
        check(None, None, &[En, Es], En);
        check(None, None, &[], Es);
    }
}
