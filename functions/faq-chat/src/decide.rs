//! What to do with a message: answer it, offer a few things that may be meant, or hand it to a person. Decides with numbers and ids alone;
//! the words of articles come from elsewhere.

use orilla_knowledge::found::{Source, held, source};
use orilla_knowledge::index::Index;
use orilla_knowledge::locale::{Spoken, spoken};
use orilla_knowledge::model::Embed;
use orilla_knowledge::retrieve::{Candidate, Retrieved, retrieve};
use orilla_text::Locale;
use serde::{Deserialize, Serialize};

use crate::smalltalk::{self, Smalltalk};

/// From which fit on candidates are offered as choices. Source: the help centres of development, where what no entry answers lies a deviation
/// and more below strangers, and visitors' own questions half a deviation above.
const LEAST_FIT: f32 = -0.5;
/// How far behind the best a choice may be, in its cosine. Chosen: about what the third entry was behind where one of three was right.
const WITHIN: f32 = 0.15;
/// Choices that are offered.
const MAX_CHOICES: usize = 3;

/// What is done.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Action {
    /// The first source answers.
    Answer,
    /// Choices are offered: one of them is probably meant, or, where nothing is near, they are the nearest.
    Clarify,
    /// A person takes over.
    Handoff,
    /// A greeting or the like, answered in kind.
    Smalltalk,
}

/// Why.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Reason {
    /// The visitor asked for a person.
    AskedForPerson,
    /// The message is a greeting, thanks or the like.
    SaidInPassing,
    /// The message has no word.
    NoWords,
    /// The message was cut to what is read of one.
    Cut,
    /// The site has no article.
    NothingKnown,
    /// The first entry is as sure as answers of this site must be.
    Sure,
    /// Some entry is near, but none is sure.
    NotSure,
    /// No entry is near.
    NothingNear,
    /// The message is in neither language of the chat.
    ForeignLanguage,
    /// The message is in two languages.
    MixedLanguages,
    /// The answer exists in the other language only.
    OtherLanguage,
    /// The message was understood together with the one before it.
    FollowedUp,
    /// The visitor chose it from what was offered.
    Chosen,
    /// Too many questions in a row had no answer.
    GaveUp,
}

/// What was decided, and on what grounds.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct Decision {
    /// What is done.
    pub action: Action,
    /// The language of the message.
    pub spoken: Spoken,
    /// The language to answer in.
    pub locale: Locale,
    /// How probable it is that the first source answers.
    pub confidence: f32,
    /// Of an answer the one that answers; of a clarification the choices, the likeliest first.
    pub sources: Vec<Source>,
    /// Of an answer what else may be of interest; else nothing.
    pub suggestions: Vec<Source>,
    /// What was said in passing, where that was all.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub smalltalk: Option<Smalltalk>,
    /// In the order in which they were found.
    pub reasons: Vec<Reason>,
}

impl Decision {
    /// Whether nothing of what the site knows seems to be meant.
    #[must_use]
    pub fn is_lost(&self) -> bool {
        self.action == Action::Clarify && !self.reasons.contains(&Reason::NotSure)
    }
}

/// Decides on one message. `page` is the language of the page it was written on.
///
/// Errors: as [`Embed::embed`].
pub fn decide(index: &Index, model: &impl Embed, message: &str, page: Locale) -> Result<Decision, orilla_infer::Error> {
    let spoken = spoken(message, page);
    let locale = spoken.answered_in(page);
    let mut decision = Decision {
        action: Action::Clarify,
        spoken,
        locale,
        confidence: 0.0,
        sources: Vec::new(),
        suggestions: Vec::new(),
        smalltalk: None,
        reasons: Vec::new(),
    };
    if !message.chars().any(char::is_alphanumeric) {
        decision.reasons.push(Reason::NoWords);
        return Ok(decision);
    }
    if let Some(said) = smalltalk::read(message) {
        let (action, reason) = match said.kind {
            Smalltalk::Person => (Action::Handoff, Reason::AskedForPerson),
            _ => (Action::Smalltalk, Reason::SaidInPassing),
        };
        (decision.action, decision.confidence, decision.smalltalk) = (action, 1.0, Some(said.kind));
        decision.locale = said.locale.unwrap_or(locale);
        decision.reasons.push(reason);
        return Ok(decision);
    }
    if message.len() > orilla_knowledge::retrieve::MAX_BYTES {
        decision.reasons.push(Reason::Cut);
    }
    match spoken {
        Spoken::Mixed => decision.reasons.push(Reason::MixedLanguages),
        Spoken::Other => decision.reasons.push(Reason::ForeignLanguage),
        Spoken::Es | Spoken::En => {}
    }
    if index.is_empty() {
        decision.reasons.push(Reason::NothingKnown);
        return Ok(decision);
    }
    let found = retrieve(index, model, message)?;
    decision.confidence = found.confidence;
    let source = |candidate: &Candidate| source(index, &found, candidate, locale);
    if found.confidence >= index.calibration().least && found.fit >= LEAST_FIT {
        decision.action = Action::Answer;
        decision.reasons.push(Reason::Sure);
        decision.sources = found.candidates.iter().take(1).filter_map(source).collect();
        decision.suggestions = near(&found).skip(1).take(MAX_CHOICES - 1).filter_map(source).collect();
    } else {
        decision.reasons.push(if found.fit >= LEAST_FIT { Reason::NotSure } else { Reason::NothingNear });
        decision.sources = near(&found).take(MAX_CHOICES).filter_map(source).collect();
    }
    if decision.sources.first().is_some_and(|it| it.locale != locale) {
        decision.reasons.push(Reason::OtherLanguage);
    }
    Ok(decision)
}

/// The answer that a visitor chose of those offered; `None` if the index has no such entry.
#[must_use]
pub fn choose(index: &Index, id: &str, message: &str, page: Locale) -> Option<Decision> {
    let spoken = spoken(message, page);
    let locale = spoken.answered_in(page);
    let article = held(index, index.entry(id)?, locale)?;
    let source = Source { id: id.to_owned(), locale: article.locale, passage: 0, score: 1.0 };
    let mut reasons = vec![Reason::Chosen];
    reasons.extend((source.locale != locale).then_some(Reason::OtherLanguage));
    Some(Decision {
        action: Action::Answer,
        spoken,
        locale,
        confidence: 1.0,
        sources: vec![source],
        suggestions: Vec::new(),
        smalltalk: None,
        reasons,
    })
}

/// The candidates that are not far behind the best.
fn near(found: &Retrieved) -> impl Iterator<Item = &Candidate> {
    let best = found.candidates.first().map_or(0.0, |it| it.cosine);
    found.candidates.iter().filter(move |it| it.cosine >= best - WITHIN)
}

#[cfg(test)]
mod tests;
