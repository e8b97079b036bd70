//! Reads what a visitor sent by a form's definition: everything that is wrong at once, or a [`Submission`] nobody re-checks.
//! What HTTP, JSON and multipart are is core's business; what the signals mean is the verdict's.

mod signals;
mod value;

use orilla_core::Violation;
use orilla_core::body::{Kind as Syntax, Payload};
use orilla_core::ids::hex;
use orilla_text::email::{self, Email};
use serde_json::{Map, Value as Json};
use sha2::{Digest, Sha256};

pub use signals::{Signals, asked_locale, is_made_anew, is_reserved};

use crate::form::{Form, Kind};
use crate::messages::Rule;
use orilla_text::Locale;
use signals::{REPLY_TO, UTM};

/// The most fields beyond the form's own that are kept. Chosen: more than any page sends, fewer than a flood.
const MAX_EXTRA: usize = 100;
/// The longest of them, as JSON. Chosen: as long as a textarea's answer.
const MAX_EXTRA_CHARS: usize = 10_000;
/// The longest name of one. Chosen: as the longest that a form may define, doubled.
const MAX_EXTRA_NAME_CHARS: usize = 128;

/// A valid submission.
#[derive(Debug, Clone, PartialEq)]
pub struct Submission {
    /// The language it was answered in.
    pub locale: Locale,
    /// The mailbox.
    pub email: Email,
    /// The form's fields that were answered, as given: text without the spaces around it, numbers, booleans, lists of texts.
    pub fields: Map<String, Json>,
    /// Every consent of the form, given or not, in its order.
    pub consents: Vec<Answered>,
    /// What the form does not define: kept rather than lost.
    pub extra: Map<String, Json>,
    /// What else the page said.
    pub signals: Signals,
}

/// One consent, as the visitor left it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Answered {
    /// The consent's name.
    pub item: String,
    /// Whether it was given.
    pub is_given: bool,
    /// SHA-256 of the exact text in the visitor's language, in hex.
    pub text_hash: String,
}

/// Reads a payload.
///
/// Errors: every broken rule, by field, in the visitor's language.
pub fn parse(payload: &Payload, form: &Form, locale: Locale) -> Result<Submission, Vec<Violation>> {
    let given = Given::of(payload);
    let mut broken = Vec::new();
    let mut fields = Map::new();
    let mut mailbox = None;
    for field in &form.fields {
        let is_mailbox = form.mailbox().is_some_and(|mailbox| mailbox.name == field.name);
        let own = given.get(&field.name);
        let is_stood_in_for = is_mailbox && own.is_none_or(says_nothing);
        match value::read(field, if is_stood_in_for { given.get(REPLY_TO) } else { own }) {
            Ok(Some(answer)) => {
                if is_mailbox {
                    mailbox = answer.as_str().and_then(email::parse);
                }
                fields.insert(field.name.clone(), answer);
            }
            Ok(None) => {}
            Err(rules) => broken.extend(rules.iter().map(|rule| violation(&field.name, rule, field.message(rule, locale)))),
        }
    }
    let mut consents = Vec::new();
    for consent in &form.consents {
        let is_given = given.get(&consent.name).is_some_and(value::is_yes);
        if consent.required && !is_given {
            broken.push(violation(&consent.name, &Rule::ConsentRequired, consent.refusal(locale)));
        }
        consents.push(Answered { item: consent.name.clone(), is_given, text_hash: consent.text_hash(locale) });
    }
    let extra = extra(&given, form, locale, &mut broken);
    match mailbox {
        Some(email) if broken.is_empty() => {
            let signals = Signals::of(&given, payload.kind != Syntax::Json && form.decoy);
            Ok(Submission { locale, email, fields, consents, extra, signals })
        }
        // Only a definition that nobody checked has no mailbox; then there is no field to blame either.
        None if broken.is_empty() => Err(vec![violation("email", &Rule::Required, Rule::Required.message(locale))]),
        _ => Err(broken),
    }
}

impl Submission {
    /// Finds retries: SHA-256 over form, fields, consents and extras, in hex. Timing and signals differ between tries.
    #[must_use]
    pub fn fingerprint(&self, form: &str) -> String {
        let consents: Vec<Json> =
            self.consents.iter().map(|it| Json::from(vec![Json::from(it.item.as_str()), it.is_given.into()])).collect();
        digest(&[form.into(), sorted(&self.fields), consents.into(), sorted(&self.extra)])
    }

    /// Finds repeats: SHA-256 over form, mailbox and fields, in hex, whatever the case of the mailbox.
    #[must_use]
    pub fn content_hash(&self, form: &str, mailbox: Option<&str>) -> String {
        let others = self.fields.iter().filter(|(name, _)| Some(name.as_str()) != mailbox);
        let others: Map<String, Json> = others.map(|(name, value)| (name.clone(), value.clone())).collect();
        digest(&[form.into(), self.email.key.as_str().into(), sorted(&others)])
    }

    /// What the visitor wrote freely; neither addresses nor choices.
    #[must_use]
    pub fn free_texts<'s>(&'s self, form: &'s Form) -> Vec<&'s str> {
        let is_free = |name: &str| form.field(name).is_none_or(|field| matches!(field.kind, Kind::Text | Kind::Textarea));
        let texts = self.fields.iter().filter(|(name, _)| is_free(name)).chain(&self.extra);
        texts.filter_map(|(_, value)| value.as_str()).collect()
    }
}

/// The payload's names and values; a JSON body may wrap its fields in `fields`.
struct Given<'p> {
    top: &'p [(String, Json)],
    wrapped: Option<&'p Map<String, Json>>,
}

impl<'p> Given<'p> {
    fn of(payload: &'p Payload) -> Self {
        let wrapped = if payload.kind == Syntax::Json { payload.get(WRAPPER).and_then(Json::as_object) } else { None };
        Self { top: &payload.fields, wrapped }
    }

    fn get(&self, name: &str) -> Option<&'p Json> {
        let at_top = || self.top.iter().find(|(key, _)| key == name).map(|(_, value)| value);
        self.wrapped.and_then(|fields| fields.get(name)).or_else(at_top)
    }

    fn iter(&self) -> impl Iterator<Item = (&'p str, &'p Json)> + use<'p> {
        let wrapped = self.wrapped;
        let inner = wrapped.into_iter().flatten();
        let is_shadowed = move |name: &str| wrapped.is_some_and(|fields| fields.contains_key(name));
        let outer = self.top.iter().filter(move |(name, _)| !is_shadowed(name));
        inner.map(|(name, value)| (name.as_str(), value)).chain(outer.map(|(name, value)| (name.as_str(), value)))
    }
}

/// The name under which a JSON body may wrap its fields.
pub(crate) const WRAPPER: &str = "fields";

fn extra(given: &Given<'_>, form: &Form, locale: Locale, broken: &mut Vec<Violation>) -> Map<String, Json> {
    let is_known = |name: &str| form.field(name).is_some() || form.consents.iter().any(|consent| consent.name == name);
    let mut extra = Map::new();
    for (name, value) in given.iter() {
        let is_wrapper = name == WRAPPER && given.wrapped.is_some();
        let is_ours = is_wrapper || (is_reserved(name) && name != WRAPPER) || UTM.contains(&name);
        if is_known(name) || is_ours || says_nothing(value) {
            continue;
        }
        if name.chars().count() > MAX_EXTRA_NAME_CHARS || value.to_string().chars().count() > MAX_EXTRA_CHARS {
            let rule = Rule::TooLong(u32::try_from(MAX_EXTRA_CHARS).unwrap_or(u32::MAX));
            let shown: String = name.chars().take(MAX_EXTRA_NAME_CHARS).collect();
            broken.push(violation(&shown, &rule, rule.message(locale)));
        } else {
            extra.insert(name.to_owned(), value.clone());
        }
    }
    if extra.len() > MAX_EXTRA {
        let rule = Rule::TooManyFields(MAX_EXTRA);
        broken.push(violation(WRAPPER, &rule, rule.message(locale)));
    }
    extra
}

/// Whether a value is as good as none.
fn says_nothing(value: &Json) -> bool {
    value.is_null() || value.as_str().is_some_and(|text| text.trim().is_empty())
}

fn violation(field: &str, rule: &Rule, message: String) -> Violation {
    Violation { field: field.to_owned(), code: rule.code().into(), message }
}

/// An object's entries by name, so that the order of sending makes no difference.
fn sorted(object: &Map<String, Json>) -> Json {
    let mut entries: Vec<_> = object.iter().collect();
    entries.sort_by_key(|(name, _)| *name);
    let pairs = entries.into_iter().map(|(name, value)| {
        let value = match value {
            Json::Object(inner) => sorted(inner),
            other => other.clone(),
        };
        Json::from(vec![Json::from(name.as_str()), value])
    });
    pairs.collect()
}

fn digest(parts: &[Json]) -> String {
    hex(&Sha256::digest(Json::from(parts).to_string()))
}

#[cfg(test)]
mod tests;
