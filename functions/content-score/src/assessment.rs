//! One judgement: what was looked at, what was found, what was wanted, and where it stands.

use orilla_prose::Span;
use serde::Serialize;

/// One judgement.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct Assessment {
    /// Its name; those that Yoast has bear its names.
    pub id: &'static str,
    /// Which of the four parts it counts for.
    pub part: Part,
    /// In Yoast's measure where Yoast has it, else 0 to 9.
    pub score: i32,
    /// What the score means.
    pub rating: Rating,
    /// What was measured, if it is a number.
    pub value: Option<f64>,
    /// What is good.
    pub target: Option<Target>,
    /// What to do, or what is well.
    pub message: Message,
    /// What it is about, in the input.
    pub spans: Vec<Span>,
}

/// The parts of a score.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum Part {
    /// Found by those who look for it.
    Seo,
    /// Read without effort.
    Readability,
    /// Built so that parts can be found.
    Structure,
    /// Leads to a next step.
    Persuasion,
}

/// What a score means.
///
/// Source: Yoast's own bands: up to 4 bad, 5 to 7 in between, above good; 0 is said without weight.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum Rating {
    /// Said without weight.
    Feedback,
    /// To be mended.
    Bad,
    /// Could be better.
    Ok,
    /// Well.
    Good,
}

impl Rating {
    /// The band that a score stands in.
    #[must_use]
    pub fn of(score: i32) -> Self {
        match score {
            0 => Self::Feedback,
            ..=4 => Self::Bad,
            5..=7 => Self::Ok,
            _ => Self::Good,
        }
    }
}

/// From and to, both included; open where there is none.
#[derive(Debug, Clone, Copy, PartialEq, Serialize)]
pub struct Target {
    /// The least that is good.
    pub min: Option<f64>,
    /// The most that is good.
    pub max: Option<f64>,
}

/// In both languages.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Message {
    /// Spanish.
    pub es: String,
    /// English.
    pub en: String,
}
