//! What a rule asks about a person: in scores, tags and segments the same language. Data, closed, without side effects: the same person gives
//! the same answer for ever.

mod check;
mod known;

use chrono::{DateTime, Utc};
use serde::{Deserialize, Serialize};
use serde_json::{Map, Value as Json};

pub use known::{Deeds, Known, Named, Part, Standing};

use crate::fold::fold;
use crate::verdict::{is_disposable, is_free};

/// A person as rules see them.
#[derive(Debug, Clone, Copy)]
pub struct Person<'a> {
    /// What they answered, by field.
    pub fields: &'a Map<String, Json>,
    /// The normalised mailbox.
    pub email: &'a str,
    /// ISO 3166-1 alpha-2, as the host knows it; an answer to a field `country` wins.
    pub country: Option<&'a str>,
    /// The language they were spoken to.
    pub locale: &'a str,
    /// The names of the consents they gave.
    pub consents: &'a [String],
    /// Where they came from: `{"utm": {"source", "medium", "campaign", "term", "content"}, …}`.
    pub touch: &'a Json,
    /// What is known of them beside.
    pub known: Known<'a>,
}

/// A question about a person. Texts are compared without accents and capitals.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case", deny_unknown_fields)]
pub enum Condition {
    /// The field was answered.
    Present {
        /// The field.
        field: String,
    },
    /// An answer is one of these.
    OneOf {
        /// The field.
        field: String,
        /// The answers, whole.
        values: Vec<String>,
    },
    /// An answer has one of these words or phrases in it; `CTO` is no word of `director`.
    HasWord {
        /// The field.
        field: String,
        /// The words.
        words: Vec<String>,
    },
    /// An answer has one of these letters in a row in it.
    Contains {
        /// The field.
        field: String,
        /// The parts.
        parts: Vec<String>,
    },
    /// An answer is a number in a range, ends included.
    Number {
        /// The field.
        field: String,
        /// From here on.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        min: Option<f64>,
        /// Up to here.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        max: Option<f64>,
    },
    /// The mailbox is a free one, which tells of no employer.
    EmailIsFree,
    /// The mailbox is neither free nor thrown away.
    EmailIsBusiness,
    /// The mailbox is at one of these domains or below them: `edu` is every `….edu`.
    EmailDomain {
        /// The domains.
        values: Vec<String>,
    },
    /// The person is in one of these countries.
    Country {
        /// ISO 3166-1 alpha-2.
        values: Vec<String>,
    },
    /// The person was spoken to in one of these languages.
    Locale {
        /// Language tags.
        values: Vec<String>,
    },
    /// The person gave this consent.
    Consent {
        /// The consent's name.
        name: String,
    },
    /// The person came with one of these UTM values.
    Utm {
        /// Which of the five.
        name: Utm,
        /// The values.
        values: Vec<String>,
    },
    /// The person did something, so often and so lately.
    Did(Deeds),
    /// The person first sent a form, or came from a file, within so many days.
    FirstSeen {
        /// The days.
        within_days: u32,
    },
    /// The person last did anything within so many days.
    LastSeen {
        /// The days.
        within_days: u32,
    },
    /// The person has one of these tags.
    Tag {
        /// The tags.
        values: Vec<String>,
    },
    /// The person is in one of these bands.
    Band {
        /// A1 to C3.
        values: Vec<String>,
    },
    /// The person's score is in a range, ends included.
    Score {
        /// Which of the three numbers.
        #[serde(default, skip_serializing_if = "Part::is_combined")]
        of: Part,
        /// From here on.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        min: Option<i64>,
        /// Up to here.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        max: Option<i64>,
    },
    /// No double opt-in waits for the person.
    Confirmed,
    /// The person's latest answer to the NPS question is in a range, ends included.
    Nps {
        /// From here on.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        min: Option<i64>,
        /// Up to here.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        max: Option<i64>,
    },
    /// The person is in this segment.
    Segment(String),
    /// The opposite.
    Not(Box<Self>),
    /// All of these.
    All(Vec<Self>),
    /// At least one of these.
    Any(Vec<Self>),
}

/// One of the five campaign parameters. Source: Google Analytics, "Campaigns and traffic sources".
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Utm {
    /// `utm_source`.
    Source,
    /// `utm_medium`.
    Medium,
    /// `utm_campaign`.
    Campaign,
    /// `utm_term`.
    Term,
    /// `utm_content`.
    Content,
}

impl Utm {
    /// The name without `utm_`.
    #[must_use]
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Source => "source",
            Self::Medium => "medium",
            Self::Campaign => "campaign",
            Self::Term => "term",
            Self::Content => "content",
        }
    }
}

impl<'a> Person<'a> {
    /// The answers to a field: several for a group of check boxes, none if it was left empty.
    pub(crate) fn answers(&self, field: &str) -> Vec<String> {
        let text_of = |value: &Json| match value {
            Json::String(text) => Some(text.clone()),
            Json::Number(number) => Some(number.to_string()),
            Json::Bool(truth) => Some(truth.to_string()),
            Json::Null | Json::Array(_) | Json::Object(_) => None,
        };
        let answers = match self.fields.get(field) {
            Some(Json::Array(values)) => values.iter().filter_map(text_of).collect(),
            Some(value) => text_of(value).into_iter().collect::<Vec<_>>(),
            None => Vec::new(),
        };
        answers.into_iter().map(|answer| fold(&answer)).filter(|answer| !answer.is_empty()).collect()
    }

    /// A UTM value the person came with.
    pub(crate) fn utm(&self, name: Utm) -> Option<&'a str> {
        self.touch.get("utm").and_then(|utm| utm.get(name.as_str())).and_then(Json::as_str).filter(|value| !value.is_empty())
    }

    fn email_domain(&self) -> &'a str {
        self.email.rsplit_once('@').map_or("", |(_, domain)| domain)
    }

    fn country(&self) -> Option<String> {
        let answered = self.answers("country").into_iter().find(|answer| answer.len() == 2);
        answered.or_else(|| self.country.map(fold))
    }
}

impl Condition {
    /// Whether it holds for a person.
    #[must_use]
    pub fn holds(&self, person: &Person<'_>) -> bool {
        let any_answer = |field: &str, wanted: &dyn Fn(&str) -> bool| person.answers(field).iter().any(|answer| wanted(answer));
        let stands = |wanted: &dyn Fn(&Standing<'_>) -> bool| person.known.standing.as_ref().is_some_and(wanted);
        match self {
            Self::Present { field } => any_answer(field, &|_| true),
            Self::OneOf { field, values } => any_answer(field, &|answer| is_among(answer, values)),
            Self::HasWord { field, words } => any_answer(field, &|answer| words.iter().any(|word| has_word(answer, &fold(word)))),
            Self::Contains { field, parts } => any_answer(field, &|answer| parts.iter().any(|part| answer.contains(&fold(part)))),
            Self::Number { field, min, max } => any_answer(field, &|answer| {
                let is_within = |n: f64| min.is_none_or(|min| n >= min) && max.is_none_or(|max| n <= max);
                answer.parse::<f64>().is_ok_and(|n| n.is_finite() && is_within(n))
            }),
            Self::EmailIsFree => is_free(person.email_domain()),
            Self::EmailIsBusiness => {
                let domain = person.email_domain();
                !domain.is_empty() && !is_free(domain) && !is_disposable(domain)
            }
            Self::EmailDomain { values } => {
                let domain = person.email_domain();
                values
                    .iter()
                    .map(|value| value.to_ascii_lowercase())
                    .any(|value| domain.strip_suffix(value.as_str()).is_some_and(|rest| rest.is_empty() || rest.ends_with('.')))
            }
            Self::Country { values } => person.country().is_some_and(|country| is_among(&country, values)),
            Self::Locale { values } => is_among(&fold(person.locale), values),
            Self::Consent { name } => person.consents.contains(name),
            Self::Utm { name, values } => person.utm(*name).is_some_and(|value| is_among(&fold(value), values)),
            Self::Did(deeds) => deeds.hold(&person.known),
            Self::FirstSeen { within_days } => person.known.is_within(person.known.first_seen, *within_days),
            Self::LastSeen { within_days } => person.known.is_within(person.known.last_seen(), *within_days),
            Self::Tag { values } => stands(&|it| it.tags.iter().any(|tag| values.contains(tag))),
            Self::Band { values } => stands(&|it| values.iter().any(|band| band == it.band)),
            Self::Score { of, min, max } => stands(&|it| is_between(of.of(it), *min, *max)),
            Self::Confirmed => stands(&|it| it.is_confirmed),
            Self::Nps { min, max } => stands(&|it| it.nps.is_some_and(|score| is_between(score, *min, *max))),
            Self::Segment(name) => named(name, person).is_some_and(|condition| condition.holds(person)),
            Self::Not(condition) => !condition.holds(person),
            Self::All(conditions) => conditions.iter().all(|condition| condition.holds(person)),
            Self::Any(conditions) => conditions.iter().any(|condition| condition.holds(person)),
        }
    }

    /// When the answer may turn by time alone, if it may.
    #[must_use]
    pub fn turns_at(&self, person: &Person<'_>) -> Option<DateTime<Utc>> {
        let known = &person.known;
        match self {
            Self::Did(deeds) => deeds.turns_at(known),
            Self::FirstSeen { within_days } => known.leaves_at(known.first_seen, *within_days),
            Self::LastSeen { within_days } => known.leaves_at(known.last_seen(), *within_days),
            Self::Segment(name) => named(name, person)?.turns_at(person),
            Self::Not(condition) => condition.turns_at(person),
            Self::All(conditions) | Self::Any(conditions) => conditions.iter().filter_map(|it| it.turns_at(person)).min(),
            _ => None,
        }
    }

    /// Shows each condition that asks something itself, in order, with its path below `at`.
    pub(crate) fn each<'c>(&'c self, at: &str, see: &mut dyn FnMut(&str, &'c Self)) {
        match self {
            Self::Not(condition) => condition.each(&format!("{at}.not"), see),
            Self::All(conditions) | Self::Any(conditions) => {
                let name = if matches!(self, Self::All(_)) { "all" } else { "any" };
                for (i, condition) in conditions.iter().enumerate() {
                    condition.each(&format!("{at}.{name}[{i}]"), see);
                }
            }
            leaf => see(at, leaf),
        }
    }

    /// Whether it asks what only a scored lead has, so that a score cannot ask it.
    pub(crate) const fn asks_what_was_made(&self) -> bool {
        matches!(self, Self::Tag { .. } | Self::Band { .. } | Self::Score { .. } | Self::Confirmed | Self::Nps { .. })
    }
}

/// The condition behind a segment's name; a name that nobody knows is never given.
fn named<'a>(name: &str, person: &Person<'a>) -> Option<&'a Condition> {
    person.known.segments?.get(name)
}

fn is_between(number: i64, min: Option<i64>, max: Option<i64>) -> bool {
    min.is_none_or(|min| number >= min) && max.is_none_or(|max| number <= max)
}

fn is_among(answer: &str, values: &[String]) -> bool {
    values.iter().any(|value| fold(value) == answer)
}

/// Whether a phrase stands in a text with no letter or digit right before or after it.
fn has_word(text: &str, word: &str) -> bool {
    let is_free = |neighbour: Option<char>| neighbour.is_none_or(|c| !c.is_alphanumeric());
    !word.is_empty()
        && text
            .match_indices(word)
            .any(|(start, word)| is_free(text[..start].chars().next_back()) && is_free(text[start + word.len()..].chars().next()))
}

#[cfg(test)]
mod tests;
