//! One field of a form: its kind, its limits, its words.

use std::cmp::Ordering;
use std::collections::BTreeMap;
use std::fmt;

use chrono::NaiveDate;
use orilla_text::Locale;
use serde::de::{self, Visitor};
use serde::{Deserialize, Deserializer, Serialize, Serializer};

use super::{Text, is_false};
use crate::messages::Rule;

/// What kind of answer a field takes; the names are those of HTML.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Kind {
    /// One line of text.
    Text,
    /// An e-mail address.
    Email,
    /// A telephone number.
    Tel,
    /// A web address.
    Url,
    /// A number.
    Number,
    /// A day.
    Date,
    /// One or, with `multiple`, several of a list.
    Select,
    /// One of a few.
    Radio,
    /// Yes or no; with options, any of them.
    Checkbox,
    /// Text of several lines.
    Textarea,
    /// Text the visitor does not see.
    Hidden,
}

impl Kind {
    /// The name in HTML and in files.
    #[must_use]
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Text => "text",
            Self::Email => "email",
            Self::Tel => "tel",
            Self::Url => "url",
            Self::Number => "number",
            Self::Date => "date",
            Self::Select => "select",
            Self::Radio => "radio",
            Self::Checkbox => "checkbox",
            Self::Textarea => "textarea",
            Self::Hidden => "hidden",
        }
    }

    /// Whether length and pattern mean anything.
    #[must_use]
    pub const fn is_free_text(self) -> bool {
        matches!(self, Self::Text | Self::Email | Self::Tel | Self::Url | Self::Textarea | Self::Hidden)
    }

    /// Whether it lists options; a checkbox may.
    #[must_use]
    pub const fn takes_options(self) -> bool {
        matches!(self, Self::Select | Self::Radio | Self::Checkbox)
    }

    /// The most characters unless the field says so itself, so that nothing is unbounded.
    ///
    /// Source for e-mail: RFC 5321 §4.5.3.1.3, a path of 256 with its brackets. The others are chosen: generous for people.
    #[must_use]
    pub const fn default_max_chars(self) -> u32 {
        match self {
            Self::Email => 254,
            Self::Tel => 40,
            Self::Url => 2_000,
            Self::Textarea => 10_000,
            Self::Hidden => 1_000,
            _ => 500,
        }
    }
}

/// The end of a range: of numbers, or of days.
#[derive(Debug, Clone, PartialEq)]
pub enum Bound {
    /// For `number`.
    Number(f64),
    /// For `date`.
    Date(NaiveDate),
}

impl PartialOrd for Bound {
    fn partial_cmp(&self, other: &Self) -> Option<Ordering> {
        match (self, other) {
            (Self::Number(a), Self::Number(b)) => a.partial_cmp(b),
            (Self::Date(a), Self::Date(b)) => Some(a.cmp(b)),
            _ => None,
        }
    }
}

impl Serialize for Bound {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        match self {
            Self::Number(number) => serializer.serialize_f64(*number),
            Self::Date(date) => serializer.collect_str(date),
        }
    }
}

impl<'de> Deserialize<'de> for Bound {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        struct Either;
        impl Visitor<'_> for Either {
            type Value = Bound;
            fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                f.write_str("a number, or a date such as 2026-01-31")
            }
            #[allow(clippy::cast_precision_loss, reason = "a bound beyond 2^53 is nobody's")]
            fn visit_i64<E: de::Error>(self, value: i64) -> Result<Bound, E> {
                Ok(Bound::Number(value as f64))
            }
            #[allow(clippy::cast_precision_loss, reason = "a bound beyond 2^53 is nobody's")]
            fn visit_u64<E: de::Error>(self, value: u64) -> Result<Bound, E> {
                Ok(Bound::Number(value as f64))
            }
            fn visit_f64<E: de::Error>(self, value: f64) -> Result<Bound, E> {
                Ok(Bound::Number(value))
            }
            fn visit_str<E: de::Error>(self, value: &str) -> Result<Bound, E> {
                date(value).map(Bound::Date).ok_or_else(|| E::invalid_value(de::Unexpected::Str(value), &self))
            }
        }
        deserializer.deserialize_any(Either)
    }
}

/// A day as HTML writes it.
///
/// Source: WHATWG HTML, "valid date string": four or more digits of year, two of month and day, of a day that exists.
#[must_use]
pub fn date(text: &str) -> Option<NaiveDate> {
    let is_shaped = matches!(text.as_bytes(), [a, b, c, d, b'-', _, _, b'-', _, _] if [a, b, c, d].iter().all(|c| c.is_ascii_digit()));
    is_shaped.then(|| NaiveDate::parse_from_str(text, "%Y-%m-%d").ok()).flatten()
}

/// One of a field's options.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Choice {
    /// What is sent and stored.
    pub value: String,
    /// What the visitor reads.
    pub label: Text,
}

/// One field.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Field {
    /// Its name on the wire and in exports.
    pub name: String,
    /// What it takes.
    #[serde(rename = "type")]
    pub kind: Kind,
    /// What the visitor reads.
    pub label: Text,
    /// Whether an answer is needed.
    #[serde(default, skip_serializing_if = "is_false")]
    pub required: bool,
    /// The fewest characters.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub min_length: Option<u32>,
    /// The most characters; [`Kind::default_max_chars`] if the file does not say.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub max_length: Option<u32>,
    /// The least number, or the first day.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub min: Option<Bound>,
    /// The greatest number, or the last day.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub max: Option<Bound>,
    /// A number's granularity, counted from `min` or zero.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub step: Option<f64>,
    /// A regular expression that the whole answer must match, as in HTML.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub pattern: Option<String>,
    /// The answers to choose from.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub options: Vec<Choice>,
    /// Whether a `select` takes several.
    #[serde(default, skip_serializing_if = "is_false")]
    pub multiple: bool,
    /// What the browser may fill in, as in HTML.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub autocomplete: Option<String>,
    /// An example inside the empty field.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub placeholder: Option<Text>,
    /// A sentence below the label.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub help: Option<Text>,
    /// What stands in it at first.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub value: Option<String>,
    /// The lines a `textarea` shows.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub rows: Option<u32>,
    /// The form's own words for a broken rule, by its code.
    #[serde(default, skip_serializing_if = "BTreeMap::is_empty")]
    pub messages: BTreeMap<String, Text>,
}

impl Field {
    /// The most characters of an answer.
    #[must_use]
    pub fn max_chars(&self) -> u32 {
        self.max_length.unwrap_or_else(|| self.kind.default_max_chars())
    }

    /// Whether an answer is a list.
    #[must_use]
    pub const fn is_list(&self) -> bool {
        match self.kind {
            Kind::Select => self.multiple,
            Kind::Checkbox => !self.options.is_empty(),
            _ => false,
        }
    }

    /// The words for a broken rule: the form's own, else the built-in ones.
    #[must_use]
    pub fn message(&self, rule: &Rule, locale: Locale) -> String {
        self.messages.get(rule.code()).map_or_else(|| rule.message(locale), |own| own.get(locale).to_owned())
    }

    /// Every rule that an answer can break, with its limit.
    #[must_use]
    pub fn rules(&self) -> Vec<Rule> {
        let mut rules = Vec::new();
        if self.required {
            rules.push(Rule::Required);
        }
        match self.kind {
            Kind::Email => rules.push(Rule::TypeEmail),
            Kind::Tel => rules.push(Rule::TypeTel),
            Kind::Url => rules.push(Rule::TypeUrl),
            Kind::Number => rules.push(Rule::TypeNumber),
            Kind::Date => rules.push(Rule::TypeDate),
            Kind::Select | Kind::Radio => rules.push(Rule::Choice),
            Kind::Checkbox if self.is_list() => rules.push(Rule::Choice),
            Kind::Text | Kind::Checkbox | Kind::Textarea | Kind::Hidden => {}
        }
        if self.kind.is_free_text() {
            rules.extend(self.min_length.map(Rule::TooShort));
            rules.push(Rule::TooLong(self.max_chars()));
        }
        rules.extend(self.min.clone().map(Rule::TooSmall));
        rules.extend(self.max.clone().map(Rule::TooLarge));
        rules.extend(self.step.map(Rule::Step));
        rules.extend(self.pattern.as_ref().map(|_| Rule::Pattern));
        rules
    }
}
