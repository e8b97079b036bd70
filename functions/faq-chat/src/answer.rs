//! What a visitor is told: a decision in the words of the site's articles.

use chrono::{DateTime, Utc};
use orilla_core::ids::rfc3339;
use orilla_knowledge::found::{Found, Source};
use orilla_text::Locale;
use serde::{Deserialize, Serialize};

use crate::decide::{Action, Decision, Reason};
use crate::desk::Desk;
use crate::floor::State;
use crate::{smalltalk, words};

/// One answer, as the wire has it and as it is kept beside its text.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Answer {
    /// The conversation.
    pub conversation_id: String,
    /// The message that this is, or the visitor's own where nobody answers.
    pub number: u32,
    /// Who has the floor now.
    pub state: State,
    /// What was done.
    pub action: Action,
    /// The words; none where a person has the floor.
    #[serde(default)]
    pub answer: String,
    /// Their language.
    pub locale: Locale,
    /// How probable it is that the first source answers.
    pub confidence: f64,
    /// What the words are from.
    pub sources: Vec<Cited>,
    /// Of a clarification the choices; of an answer what else may be of interest.
    pub suggestions: Vec<Choice>,
    /// Why.
    pub reasons: Vec<Reason>,
    /// Whether a generator wrote the words.
    pub is_generated: bool,
    /// Whether a person is worth offering.
    pub offers_person: bool,
    /// The ticket, of a conversation that was handed over.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub ticket_id: Option<String>,
    /// When a person answers, while nobody does.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub answers_at: Option<String>,
}

/// An article that an answer is from.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Cited {
    /// The entry's id.
    pub id: String,
    /// Its question.
    pub title: String,
    /// Where to read on.
    pub url: Option<String>,
    /// How near it is, from 0 to 1.
    pub score: f64,
    /// Its language.
    pub locale: Locale,
}

/// Something that can be asked.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Choice {
    /// The entry's id.
    pub id: String,
    /// Its question.
    pub title: String,
}

/// What was found, as a source.
#[must_use]
pub fn cited(found: &Found) -> Cited {
    Cited {
        id: found.source.id.clone(),
        title: found.article.question.clone(),
        url: found.article.url().map(str::to_owned),
        score: shown(found.source.score),
        locale: found.source.locale,
    }
}

fn choice(found: &Found) -> Choice {
    Choice { id: found.source.id.clone(), title: found.article.question.clone() }
}

/// What is told, before anybody knows whose turn it is.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct Told {
    /// The words.
    pub text: String,
    /// What they are from.
    pub sources: Vec<Cited>,
    /// What else can be asked.
    pub suggestions: Vec<Choice>,
}

impl Told {
    /// All that was found, as choices.
    #[must_use]
    pub fn all(&self) -> Vec<Choice> {
        let cited = self.sources.iter().map(|it| Choice { id: it.id.clone(), title: it.title.clone() });
        cited.chain(self.suggestions.iter().cloned()).collect()
    }
}

/// Puts a decision into words. `found`: the articles of its sources and suggestions, as [`orilla_knowledge::found::look_up`] gives them.
#[must_use]
pub fn tell(decision: &Decision, found: &[Found], desk: &Desk) -> Told {
    let of =
        |sources: &[Source]| -> Vec<&Found> { sources.iter().filter_map(|it| found.iter().find(|found| found.source == *it)).collect() };
    let (named, others) = (of(&decision.sources), of(&decision.suggestions));
    let choices = |list: &[&Found]| list.iter().map(|it| choice(it)).collect();
    match (decision.action, named.first()) {
        (Action::Answer, Some(first)) => {
            let text = match decision.reasons.contains(&Reason::OtherLanguage) {
                true => format!("{}\n\n{}", words::in_other_language(decision.locale), first.passage.text),
                false => first.passage.text.clone(),
            };
            Told { text, sources: vec![cited(first)], suggestions: choices(&others) }
        }
        (Action::Smalltalk, _) => {
            let text = decision.smalltalk.map_or("", |kind| smalltalk::reply(kind, decision.locale));
            Told { text: text.to_owned(), sources: Vec::new(), suggestions: Vec::new() }
        }
        // The article of an answer went between the search and this.
        (Action::Answer | Action::Clarify | Action::Handoff, _) => {
            Told { text: words::clarification(decision, &desk.name), sources: Vec::new(), suggestions: choices(&named) }
        }
    }
}

/// A share as every answer writes it: three digits are more than it is good for.
#[must_use]
pub fn shown(share: f32) -> f64 {
    (f64::from(share) * 1_000.0).round() / 1_000.0
}

/// As every answer spells a time.
#[must_use]
pub fn spelt(time: Option<DateTime<Utc>>) -> Option<String> {
    time.map(rfc3339)
}
