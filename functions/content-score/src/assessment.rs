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
    /// Points of the whole score that it would give if it were mended; below nothing never.
    pub costs: f64,
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

/// The most places that one judgement names; chosen: an editor paints them all as one types.
const SPANS: usize = 400;

impl Assessment {
    /// A judgement without figures and places yet.
    #[must_use]
    pub fn new(id: &'static str, part: Part, score: i32, message: Message) -> Self {
        Self { id, part, score, rating: Rating::of(score), value: None, target: None, message, spans: Vec::new(), costs: 0.0 }
    }

    /// With what was measured.
    #[must_use]
    pub fn value(mut self, value: f64) -> Self {
        self.value = Some((value * 1000.0).round() / 1000.0);
        self
    }

    /// With the most that is good.
    #[must_use]
    pub fn at_most(mut self, max: f64) -> Self {
        self.target = Some(Target { min: None, max: Some(max) });
        self
    }

    /// With the least that is good.
    #[must_use]
    pub fn at_least(mut self, min: f64) -> Self {
        self.target = Some(Target { min: Some(min), max: None });
        self
    }

    /// With both bounds of what is good.
    #[must_use]
    pub fn within(mut self, min: f64, max: f64) -> Self {
        self.target = Some(Target { min: Some(min), max: Some(max) });
        self
    }

    /// With where it stands; of very many, the first.
    #[must_use]
    pub fn spans(mut self, spans: impl IntoIterator<Item = Span>) -> Self {
        self.spans = spans.into_iter().filter(|span| span.end > span.start).take(SPANS).collect();
        self
    }
}

impl Message {
    /// From its two texts.
    #[must_use]
    pub fn new(es: impl Into<String>, en: impl Into<String>) -> Self {
        Self { es: es.into(), en: en.into() }
    }
}
