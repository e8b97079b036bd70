//! What is held to be good: every threshold as data. Two profiles ship; a site's own begins from one of them and says what differs.

use serde::{Deserialize, Serialize};
use serde_json::Value;

use crate::asked::Kind;

mod own;
#[cfg(test)]
mod tests;

/// The thresholds that a text is held against.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Profile {
    /// `brief`, `yoast`, or a site's own name for it.
    pub name: String,
    /// How a keyphrase is found.
    pub matching: Matching,
    /// Whether the words of quotations are the text's own.
    pub counts_quotes: bool,
    /// Whether navigation, header and footer are text.
    pub counts_chrome: bool,
    /// Whether the locale that was asked for is believed of every block.
    pub follows_locale: bool,
    /// Whether bare words that only pass for transitions count as some: Spanish "por".
    pub counts_loose_transitions: bool,
    /// Words of a sentence that is not long yet.
    pub sentence_words: PerLanguage,
    /// Share of long sentences, in percent: at most.
    pub long_sentences: Steps,
    /// Words of a paragraph: at most.
    pub paragraph_words: Steps,
    /// Words between two subheadings: at most.
    pub section_words: Steps,
    /// Words of a text that needs no subheading yet.
    pub bare_words: f64,
    /// Share of sentences with a transition, in percent: at least.
    pub transitions: Steps,
    /// Words of a text that needs transitions.
    pub transitions_from_words: usize,
    /// Share of sentences in the passive, in percent: at most.
    pub passives: Steps,
    /// Share of complex words, in percent, that is too much.
    pub complex_words: f64,
    /// Uses of the keyphrase per hundred words.
    pub density: Density,
    /// Content words of a keyphrase: at most.
    pub keyphrase_words: Steps,
    /// Characters of a meta description.
    pub meta_description: Within,
    /// Pixels of a title in a list of results.
    pub title_pixels: Within,
    /// Words of a text, by what it is.
    pub length: Lengths,
    /// Share of H2 and H3 with the keyphrase, in percent; the same for alternative texts.
    pub reflecting: Within,
    /// The widest stretch without the keyphrase, in percent of the text: at most.
    pub keyphrase_gap: Steps,
    /// Reading ease of the language's formula: at least.
    pub reading_ease: Steps,
    /// Characters of an e-mail's subject.
    pub subject: Within,
    /// Characters of a subject that is still read whole on most screens.
    pub subject_ok: usize,
    /// Characters of an e-mail's preview text.
    pub preview: Within,
}

/// How a keyphrase is found.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Matching {
    /// As it is written, case aside.
    Exact,
    /// In any of its words' forms, accents aside.
    Stems,
}

/// Two bounds: what is good, and what still passes. Which way they point is the field's to say.
#[derive(Debug, Clone, Copy, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Steps {
    /// Good up to here, or from here.
    pub good: f64,
    /// Passes up to here, or from here.
    pub ok: f64,
}

/// From and to, both included.
#[derive(Debug, Clone, Copy, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Within {
    /// The least that is good.
    pub min: f64,
    /// The most that is good.
    pub max: f64,
}

/// A bound for each language.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct PerLanguage {
    /// Spanish.
    pub es: usize,
    /// English.
    pub en: usize,
}

/// How often a keyphrase should be used, in percent of all words.
#[derive(Debug, Clone, Copy, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Density {
    /// The least that is good.
    pub min: f64,
    /// The most that is good.
    pub max: f64,
    /// The least that passes.
    pub ok_min: f64,
    /// The most that passes.
    pub ok_max: f64,
    /// Above this it is far too much.
    pub over: f64,
    /// Whether a use of a long keyphrase weighs more than one of a short one, as Yoast has it.
    pub weighs_length: bool,
}

/// How long a text of each kind should be, in words.
#[derive(Debug, Clone, Copy, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Lengths {
    /// A landing page.
    pub landing: Length,
    /// A post or article.
    pub blog: Length,
    /// An e-mail.
    pub email: Length,
    /// A white paper.
    pub whitepaper: Length,
    /// A case study.
    pub case_study: Length,
}

/// Lower bounds in words; under the last it is hardly a text.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Length {
    /// Good from here.
    pub good: usize,
    /// Slightly short from here.
    pub ok: usize,
    /// Short from here.
    pub short: usize,
    /// Far too short from here; under it, further still.
    pub scant: usize,
}

impl Steps {
    /// 9, 6 or 3, where less is better.
    #[must_use]
    pub fn at_most(self, value: f64) -> i32 {
        if value <= self.good {
            9
        } else if value <= self.ok {
            6
        } else {
            3
        }
    }

    /// 9, 6 or 3, where more is better.
    #[must_use]
    pub fn at_least(self, value: f64) -> i32 {
        if value >= self.good {
            9
        } else if value >= self.ok {
            6
        } else {
            3
        }
    }
}

impl Within {
    /// Whether a value is good.
    #[must_use]
    pub fn holds(self, value: f64) -> bool {
        (self.min..=self.max).contains(&value)
    }
}

impl Lengths {
    /// The bounds for a kind.
    #[must_use]
    pub fn of(&self, kind: Kind) -> Length {
        match kind {
            Kind::Landing => self.landing,
            Kind::Blog => self.blog,
            Kind::Email => self.email,
            Kind::Whitepaper => self.whitepaper,
            Kind::CaseStudy => self.case_study,
        }
    }
}

/// Yoast's bounds for every text.
const LENGTH: Length = Length { good: 300, ok: 250, short: 200, scant: 100 };

impl Profile {
    /// Yoast's own thresholds, and its free plugin's matching of exact forms.
    ///
    /// Source: each was measured on `yoastseo` 3.6.0 by its scores on either side of the bound.
    #[must_use]
    pub fn yoast() -> Self {
        Self {
            name: "yoast".to_owned(),
            matching: Matching::Exact,
            counts_quotes: false,
            counts_chrome: true,
            follows_locale: true,
            counts_loose_transitions: true,
            sentence_words: PerLanguage { es: 25, en: 20 },
            long_sentences: Steps { good: 25.0, ok: 30.0 },
            paragraph_words: Steps { good: 150.0, ok: 200.0 },
            section_words: Steps { good: 300.0, ok: 350.0 },
            bare_words: 300.0,
            transitions: Steps { good: 30.0, ok: 20.0 },
            transitions_from_words: 200,
            passives: Steps { good: 10.0, ok: 15.0 },
            complex_words: 10.0,
            density: Density { min: 0.5, max: 3.0, ok_min: 0.5, ok_max: 3.0, over: 4.0, weighs_length: true },
            keyphrase_words: Steps { good: 4.0, ok: 8.0 },
            meta_description: Within { min: 121.0, max: 156.0 },
            // Its assessor for posts and pages finds no title too short.
            title_pixels: Within { min: 1.0, max: 600.0 },
            length: Lengths { landing: LENGTH, blog: LENGTH, email: LENGTH, whitepaper: LENGTH, case_study: LENGTH },
            reflecting: Within { min: 30.0, max: 75.0 },
            keyphrase_gap: Steps { good: 30.0, ok: 50.0 },
            reading_ease: Steps { good: 55.0, ok: 40.0 },
            subject: Within { min: 30.0, max: 50.0 },
            subject_ok: 60,
            preview: Within { min: 35.0, max: 110.0 },
        }
    }

    /// The figures of the brief that Orilla was ordered by: density 1 to 2 %, a description of at most 155 characters, articles of 2,000
    /// words and more; word forms count. What the brief does not say is as Yoast has it.
    #[must_use]
    pub fn brief() -> Self {
        Self {
            name: "brief".to_owned(),
            matching: Matching::Stems,
            counts_quotes: true,
            counts_chrome: false,
            follows_locale: false,
            counts_loose_transitions: false,
            // Chosen: what fills a telephone's screen twice.
            bare_words: 150.0,
            density: Density { min: 1.0, max: 2.0, ok_min: 0.5, ok_max: 2.5, over: 4.0, weighs_length: false },
            meta_description: Within { min: 120.0, max: 155.0 },
            title_pixels: Within { min: 400.0, max: 600.0 },
            length: Lengths {
                landing: LENGTH,
                blog: Length { good: 2_000, ok: 1_200, short: 600, scant: 300 },
                // Chosen: an e-mail is read in half a minute and has room for one thought.
                email: Length { good: 50, ok: 35, short: 20, scant: 10 },
                whitepaper: Length { good: 2_000, ok: 1_500, short: 900, scant: 400 },
                // Chosen: what Yoast asks of a cornerstone article.
                case_study: Length { good: 900, ok: 600, short: 300, scant: 150 },
            },
            ..Self::yoast()
        }
    }

    /// The profile of that name that ships.
    #[must_use]
    pub fn named(name: &str) -> Option<Self> {
        match name {
            "brief" => Some(Self::brief()),
            "yoast" => Some(Self::yoast()),
            _ => None,
        }
    }

    /// A site's own profile: `base` names the one it begins from (`brief` without it), every other field says what differs.
    ///
    /// Errors: what is wrong, in words, with the field's name.
    pub fn own(data: &Value) -> Result<Self, String> {
        own::read(data)
    }
}
