//! What is answered about a text.

use serde::Serialize;

use crate::assessment::Assessment;

/// A text's score and every reason for it.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct Report {
    /// 0 to 100.
    pub score: u32,
    /// `A` to `F`.
    pub grade: char,
    /// 0 to 100; none where nothing of that part applies.
    pub seo: Option<u32>,
    /// As `seo`.
    pub readability: Option<u32>,
    /// As `seo`.
    pub structure: Option<u32>,
    /// As `seo`.
    pub persuasion: Option<u32>,
    /// The traffic light that Yoast shows for its own assessments.
    pub yoast: Yoast,
    /// Every judgement, the weightiest first.
    pub assessments: Vec<Assessment>,
    /// What it is written in.
    pub language: Languages,
    /// What was counted.
    pub stats: Stats,
}

/// Yoast's own two totals.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
pub struct Yoast {
    /// 0 to 100.
    pub seo: Option<u32>,
    /// 0, 30, 60 or 90.
    pub readability: Option<u32>,
}

/// What a text is written in.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Languages {
    /// `es`, `en`, or `other` where it is neither.
    pub main: &'static str,
    /// Whether it was told from the text.
    pub is_detected: bool,
    /// Whether blocks differ.
    pub is_mixed: bool,
    /// Whether the assessments that read words could judge it.
    pub is_supported: bool,
}

/// What was counted.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct Stats {
    /// Of prose, headings and all.
    pub words: usize,
    /// Of prose.
    pub sentences: usize,
    /// Of prose.
    pub paragraphs: usize,
    /// Of all words.
    pub syllables: usize,
    /// Letters of all words.
    pub letters: usize,
    /// Words of three syllables or more.
    pub long_words: usize,
    /// Seconds, at the pace of an adult who reads silently.
    pub reading_seconds: u32,
    /// Named formulas and what they give; which depends on the language.
    pub formulas: Vec<Formula>,
}

/// One formula's figure.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct Formula {
    /// `fernandez_huerta`, `szigriszt_pazos`, `gutierrez_polini`, `crawford`, `flesch`, `flesch_kincaid`, `gunning_fog`, `smog`, `coleman_liau`, `ari`.
    pub id: &'static str,
    /// What it gives.
    pub value: f64,
    /// What that means in its own bands, if it has any, by name.
    pub band: Option<&'static str>,
}
