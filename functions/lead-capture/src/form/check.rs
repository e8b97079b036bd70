//! Tells everything that is wrong with a form's definition at once, each with its path, so that an author mends a file in one go.
//! Types and unknown names are serde's to tell; this is about meaning.

use std::collections::BTreeSet;
use std::fmt::Display;

use orilla_core::Violation;
use orilla_text::Locale;
use regex_lite::Regex;
use url::{Host, Url};

use super::{Consent, Field, Form, Kind, Text, Variant};
use crate::messages::Rule;
use crate::submission::is_reserved;

/// Limits of a definition. Chosen: far above what a person fills in, low enough that every request's work is bounded.
const MAX_FIELDS: usize = 100;
const MAX_OPTIONS: usize = 500;
const MAX_CONSENTS: usize = 20;
const MAX_VARIANTS: usize = 20;
const MAX_WEIGHT: u32 = 1_000;
const MAX_TEXT_CHARS: usize = 2_000;
const MAX_PATTERN_CHARS: usize = 500;
const MAX_LENGTH: u32 = 50_000;
const MAX_LINK_HOURS: u32 = 24 * 365;

/// Violations as they are found.
#[derive(Debug, Default)]
pub(crate) struct Found(pub(crate) Vec<Violation>);

impl Found {
    /// Notes that something at `path` breaks the rule `code`.
    pub(crate) fn add(&mut self, path: impl Display, code: &'static str, message: impl Into<String>) {
        self.0.push(Violation { field: path.to_string(), code: code.into(), message: message.into() });
    }

    /// Notes each repetition in a list of names.
    pub(crate) fn repeats<'n>(&mut self, names: impl Iterator<Item = (String, &'n str)>) {
        let mut seen = BTreeSet::new();
        for (path, name) in names {
            if !seen.insert(name) {
                self.add(path, "duplicate", format!("`{name}` is there already."));
            }
        }
    }

    /// Notes a list that is too long.
    pub(crate) fn at_most(&mut self, path: impl Display, count: usize, most: usize) {
        if count > most {
            self.add(path, "too_many", format!("There are {count}; at most {most} are taken."));
        }
    }
}

/// Whether a text can be an id in URLs, files and counts: lower-case letters, digits and hyphens, up to 64.
pub(crate) fn is_identifier(text: &str) -> bool {
    let is_part = |c: char| c.is_ascii_lowercase() || c.is_ascii_digit() || matches!(c, '-' | '_');
    (1..=64).contains(&text.len()) && text.chars().all(is_part) && !text.starts_with(['-', '_'])
}

/// Whether a URL's host is one of a pattern: `example.com`, `*.example.com`, or with a port or `:*`, which also allows `http`.
pub(crate) fn matches_host(pattern: &str, url: &Url) -> bool {
    let Some((wanted, port)) = host_pattern(pattern) else { return false };
    let scheme_fits = match url.scheme() {
        "https" => true,
        "http" => port.is_some(),
        _ => false,
    };
    let port_fits = match port {
        Some("*") => true,
        Some(port) => url.port_or_known_default().is_some_and(|actual| actual.to_string() == port),
        None => url.port().is_none(),
    };
    let host = url.host_str().unwrap_or_default();
    let host_fits = match wanted.strip_prefix("*.") {
        Some(domain) => host.strip_suffix(domain).is_some_and(|rest| rest.len() > 1 && rest.ends_with('.')),
        None => host == wanted,
    };
    scheme_fits && port_fits && host_fits
}

/// A host pattern's host, as URLs spell it, and its port.
fn host_pattern(pattern: &str) -> Option<(String, Option<&str>)> {
    let (host, port) = match pattern.rsplit_once(':') {
        Some((host, port)) if !port.ends_with(']') => (host, Some(port)),
        _ => (pattern, None),
    };
    let is_port = port.is_none_or(|port| port == "*" || port.parse::<u16>().is_ok());
    let (wildcard, name) = host.strip_prefix("*.").map_or(("", host), |name| ("*.", name));
    let name = Host::parse(name).ok()?.to_string();
    let is_too_wide = name.contains('*') || (!wildcard.is_empty() && !name.contains('.'));
    (is_port && !is_too_wide).then(|| (format!("{wildcard}{name}"), port))
}

impl Form {
    /// Everything that is wrong, with paths below `at`.
    pub(crate) fn check(&self, at: &str, found: &mut Found) {
        let texts = Texts { locales: &self.locales };
        if self.locales.is_empty() {
            found.add(format!("{at}.locales"), "required", "A form is offered in at least one language.");
        }
        found.repeats(self.locales.iter().enumerate().map(|(i, locale)| (format!("{at}.locales[{i}]"), locale.as_str())));
        texts.check(&format!("{at}.title"), &self.title, found);
        texts.check(&format!("{at}.headline"), &self.headline, found);
        texts.check(&format!("{at}.submit"), &self.submit, found);
        texts.check_some(&format!("{at}.intro"), self.intro.as_ref(), found);
        texts.check_some(&format!("{at}.thanks"), self.thanks.as_ref(), found);
        self.check_names(at, found);
        for (i, field) in self.fields.iter().enumerate() {
            check_field(&format!("{at}.fields[{i}]"), field, &texts, found);
        }
        for (i, consent) in self.consents.iter().enumerate() {
            check_consent(&format!("{at}.consents[{i}]"), consent, &texts, found);
        }
        for (i, variant) in self.variants.iter().enumerate() {
            self.check_variant(&format!("{at}.variants[{i}]"), variant, &texts, found);
        }
        self.check_outcome(at, &texts, found);
    }

    fn check_names(&self, at: &str, found: &mut Found) {
        if self.mailbox().is_none() {
            found.add(
                format!("{at}.fields"),
                "mailbox",
                "One field must be of type \"email\" and required: a lead is known by its mailbox.",
            );
        }
        found.at_most(format!("{at}.fields"), self.fields.len(), MAX_FIELDS);
        found.at_most(format!("{at}.consents"), self.consents.len(), MAX_CONSENTS);
        found.at_most(format!("{at}.variants"), self.variants.len(), MAX_VARIANTS);
        let fields = self.fields.iter().enumerate().map(|(i, field)| (format!("{at}.fields[{i}].name"), field.name.as_str()));
        let consents = self.consents.iter().enumerate().map(|(i, it)| (format!("{at}.consents[{i}].name"), it.name.as_str()));
        let names: Vec<_> = fields.chain(consents).collect();
        for (path, name) in &names {
            if is_reserved(name) {
                found.add(
                    path,
                    "reserved",
                    format!("`{name}` is reserved: names that start with `_` and those of spam filters never reach a lead."),
                );
            } else if !is_field_name(name) {
                found.add(path, "name", "A name is a letter, then up to 63 letters, digits, `_`, `-` or `.`.");
            }
        }
        found.repeats(names.into_iter());
        let variants = self.variants.iter().enumerate();
        found.repeats(variants.map(|(i, variant)| (format!("{at}.variants[{i}].id"), variant.id.as_str())));
    }

    fn check_variant(&self, at: &str, variant: &Variant, texts: &Texts<'_>, found: &mut Found) {
        if !is_identifier(&variant.id) {
            found.add(format!("{at}.id"), "name", IDENTIFIER);
        }
        if !(1..=MAX_WEIGHT).contains(&variant.weight) {
            found.add(format!("{at}.weight"), "weight", format!("A weight is a whole number from 1 to {MAX_WEIGHT}."));
        }
        if self.variants.len() == 1 {
            found.add(at, "variants", "An experiment needs at least two variants.");
        }
        texts.check_some(&format!("{at}.headline"), variant.headline.as_ref(), found);
        texts.check_some(&format!("{at}.intro"), variant.intro.as_ref(), found);
        texts.check_some(&format!("{at}.submit"), variant.submit.as_ref(), found);
        let Some(names) = &variant.fields else { return };
        for (i, name) in names.iter().enumerate() {
            if self.field(name).is_none() {
                found.add(format!("{at}.fields[{i}]"), "unknown_field", format!("The form has no field `{name}`."));
            }
        }
        found.repeats(names.iter().enumerate().map(|(i, name)| (format!("{at}.fields[{i}]"), name.as_str())));
        for field in self.fields.iter().filter(|field| field.required && !names.contains(&field.name)) {
            found.add(format!("{at}.fields"), "unknown_field", format!("`{}` is required, so no variant can leave it out.", field.name));
        }
    }

    fn check_outcome(&self, at: &str, texts: &Texts<'_>, found: &mut Found) {
        for (i, pattern) in self.redirect_hosts.iter().enumerate() {
            if host_pattern(pattern).is_none() {
                found.add(
                    format!("{at}.redirect_hosts[{i}]"),
                    "host",
                    "A host is example.com, *.example.com, or localhost:* for any port.",
                );
            }
        }
        if let Some(redirect) = &self.redirect {
            texts.check(&format!("{at}.redirect"), redirect, found);
            for (locale, url) in &redirect.0 {
                if self.next(url, None).is_none() {
                    let path = format!("{at}.redirect.{}", locale.as_str());
                    found.add(path, "host", "It must be an absolute https URL on one of `redirect_hosts`.");
                }
            }
        }
        if let Some(magnet) = &self.magnet {
            texts.check(&format!("{at}.magnet.asset"), &magnet.asset, found);
            for (locale, asset) in &magnet.asset.0 {
                if !is_asset_name(asset) {
                    found.add(format!("{at}.magnet.asset.{}", locale.as_str()), "asset", ASSET_NAME);
                }
            }
            texts.check_some(&format!("{at}.magnet.label"), magnet.label.as_ref(), found);
            check_hours(&format!("{at}.magnet.expires_hours"), magnet.expires_hours, found);
        }
        if let Some(mail) = &self.double_opt_in {
            texts.check_some(&format!("{at}.double_opt_in.subject"), mail.subject.as_ref(), found);
            texts.check_some(&format!("{at}.double_opt_in.intro"), mail.intro.as_ref(), found);
            texts.check_some(&format!("{at}.double_opt_in.button"), mail.button.as_ref(), found);
            check_hours(&format!("{at}.double_opt_in.expires_hours"), mail.expires_hours, found);
        }
        texts.check_some(&format!("{at}.notifications.subject"), self.notifications.subject.as_ref(), found);
        if self.challenge.as_ref().is_some_and(|challenge| challenge.site_key.is_empty()) {
            found.add(format!("{at}.challenge.site_key"), "required", "The page cannot show a challenge without its site key.");
        }
    }
}

/// What an identifier is, in words.
pub(crate) const IDENTIFIER: &str = "An id is made of up to 64 lower-case letters, digits, `-` and `_`, and starts with a letter or digit.";
/// What an asset's name is, in words.
pub(crate) const ASSET_NAME: &str = "An asset is a file's name: up to 100 letters, digits, `-`, `_` and `.`, with an ending such as .pdf.";

/// Whether a text can name a file below `assets/`.
pub(crate) fn is_asset_name(name: &str) -> bool {
    let is_part = |c: char| c.is_ascii_alphanumeric() || matches!(c, '-' | '_' | '.');
    let has_ending = name.rsplit_once('.').is_some_and(|(stem, ending)| !stem.is_empty() && !ending.is_empty());
    (1..=100).contains(&name.len()) && name.chars().all(is_part) && has_ending && !name.starts_with('.')
}

fn is_field_name(name: &str) -> bool {
    let is_part = |c: char| c.is_ascii_alphanumeric() || matches!(c, '_' | '-' | '.');
    (1..=64).contains(&name.len()) && name.starts_with(|c: char| c.is_ascii_alphabetic()) && name.chars().all(is_part)
}

fn check_hours(path: &str, hours: u32, found: &mut Found) {
    if !(1..=MAX_LINK_HOURS).contains(&hours) {
        found.add(path, "range", format!("A link works for 1 to {MAX_LINK_HOURS} hours."));
    }
}

/// Holds texts against the form's locales.
struct Texts<'f> {
    locales: &'f [Locale],
}

impl Texts<'_> {
    fn check(&self, path: &str, text: &Text, found: &mut Found) {
        for locale in self.locales {
            match text.0.get(locale) {
                Some(words) if words.trim().is_empty() => {
                    found.add(format!("{path}.{}", locale.as_str()), "required", "The text is empty.")
                }
                Some(words) if words.chars().count() > MAX_TEXT_CHARS => {
                    found.add(
                        format!("{path}.{}", locale.as_str()),
                        "too_long",
                        format!("A text has at most {MAX_TEXT_CHARS} characters."),
                    );
                }
                Some(_) => {}
                None => {
                    found.add(path, "locale", format!("The form is offered in `{0}`, but this has no text for `{0}`.", locale.as_str()))
                }
            }
        }
    }

    fn check_some(&self, path: &str, text: Option<&Text>, found: &mut Found) {
        if let Some(text) = text {
            self.check(path, text, found);
        }
    }
}

fn check_consent(at: &str, consent: &Consent, texts: &Texts<'_>, found: &mut Found) {
    texts.check(&format!("{at}.text"), &consent.text, found);
    texts.check_some(&format!("{at}.message"), consent.message.as_ref(), found);
    for (i, _) in consent.subscriptions.iter().enumerate().filter(|(_, name)| !is_identifier(name)) {
        found.add(format!("{at}.subscriptions[{i}]"), "name", IDENTIFIER);
    }
    let Some(link) = &consent.link else { return };
    texts.check(&format!("{at}.link.text"), &link.text, found);
    texts.check(&format!("{at}.link.url"), &link.url, found);
    for (locale, url) in &link.url.0 {
        let is_web = Url::parse(url).is_ok_and(|url| matches!(url.scheme(), "https" | "http"));
        if !is_web {
            found.add(format!("{at}.link.url.{}", locale.as_str()), "type_url", "It must be an absolute web address.");
        }
    }
}

fn check_field(at: &str, field: &Field, texts: &Texts<'_>, found: &mut Found) {
    texts.check(&format!("{at}.label"), &field.label, found);
    texts.check_some(&format!("{at}.placeholder"), field.placeholder.as_ref(), found);
    texts.check_some(&format!("{at}.help"), field.help.as_ref(), found);
    for (code, text) in &field.messages {
        texts.check(&format!("{at}.messages.{code}"), text, found);
        if !Rule::CODES.contains(&code.as_str()) {
            found.add(
                format!("{at}.messages.{code}"),
                "unknown_rule",
                format!("There is no such rule; they are {}.", Rule::CODES.join(", ")),
            );
        }
    }
    check_lengths(at, field, found);
    check_range(at, field, found);
    check_options(at, field, texts, found);
}

fn check_lengths(at: &str, field: &Field, found: &mut Found) {
    let kind = field.kind.as_str();
    if !field.kind.is_free_text() {
        for (name, is_set) in [("min_length", field.min_length.is_some()), ("max_length", field.max_length.is_some())] {
            if is_set {
                found.add(format!("{at}.{name}"), "not_applicable", format!("A {kind} field has no length."));
            }
        }
    }
    if field.max_length.is_some_and(|most| !(1..=MAX_LENGTH).contains(&most)) {
        found.add(format!("{at}.max_length"), "range", format!("A length is from 1 to {MAX_LENGTH}."));
    }
    if field.min_length.is_some_and(|least| least > field.max_chars()) {
        found.add(format!("{at}.min_length"), "range", format!("It is more than the most, {}.", field.max_chars()));
    }
    if field.rows.is_some() && field.kind != Kind::Textarea {
        found.add(format!("{at}.rows"), "not_applicable", format!("A {kind} field has no rows."));
    }
    let Some(pattern) = &field.pattern else { return };
    if !field.kind.is_free_text() || field.kind == Kind::Textarea {
        found.add(format!("{at}.pattern"), "not_applicable", format!("A {kind} field has no pattern."));
    }
    if pattern.chars().count() > MAX_PATTERN_CHARS {
        found.add(format!("{at}.pattern"), "too_long", format!("A pattern has at most {MAX_PATTERN_CHARS} characters."));
    } else if let Err(error) = compile(pattern) {
        found.add(format!("{at}.pattern"), "pattern", format!("It is no regular expression that every host reads: {error}."));
    }
}

/// A pattern as HTML means it: the whole answer matches.
///
/// Errors: as `regex_lite`, which knows no look-around and no back-references, so that matching takes linear time.
pub(crate) fn compile(pattern: &str) -> Result<Regex, regex_lite::Error> {
    Regex::new(&format!("^(?:{pattern})$"))
}

fn check_range(at: &str, field: &Field, found: &mut Found) {
    for (name, bound) in [("min", &field.min), ("max", &field.max)] {
        let Some(bound) = bound else { continue };
        match (field.kind, bound) {
            (Kind::Number, super::Bound::Number(number)) if number.is_finite() => {}
            (Kind::Date, super::Bound::Date(_)) => {}
            (Kind::Number, _) => found.add(format!("{at}.{name}"), "type_number", "A number field is bounded by a number."),
            (Kind::Date, _) => found.add(format!("{at}.{name}"), "type_date", "A date field is bounded by a date such as \"2026-01-31\"."),
            (kind, _) => found.add(format!("{at}.{name}"), "not_applicable", format!("A {} field has no range.", kind.as_str())),
        }
    }
    if matches!((&field.min, &field.max), (Some(min), Some(max)) if min > max) {
        found.add(format!("{at}.min"), "range", "It is more than `max`.");
    }
    if let Some(step) = field.step {
        if field.kind != Kind::Number {
            found.add(format!("{at}.step"), "not_applicable", format!("A {} field has no step.", field.kind.as_str()));
        } else if !(step.is_finite() && step > 0.0) {
            found.add(format!("{at}.step"), "range", "A step is more than zero.");
        }
    }
}

fn check_options(at: &str, field: &Field, texts: &Texts<'_>, found: &mut Found) {
    let kind = field.kind;
    if matches!(kind, Kind::Select | Kind::Radio) && field.options.is_empty() {
        found.add(format!("{at}.options"), "options", format!("A {} field needs options.", kind.as_str()));
    }
    if !kind.takes_options() && !field.options.is_empty() {
        found.add(format!("{at}.options"), "not_applicable", format!("A {} field has no options.", kind.as_str()));
    }
    if field.multiple && kind != Kind::Select {
        found.add(format!("{at}.multiple"), "not_applicable", "Only a select field takes several; a checkbox with options always does.");
    }
    found.at_most(format!("{at}.options"), field.options.len(), MAX_OPTIONS);
    for (i, option) in field.options.iter().enumerate() {
        texts.check(&format!("{at}.options[{i}].label"), &option.label, found);
        if option.value.trim().is_empty() || option.value.trim() != option.value || option.value.chars().count() > 200 {
            found.add(format!("{at}.options[{i}].value"), "options", "A value is 1 to 200 characters without spaces around it.");
        }
    }
    found.repeats(field.options.iter().enumerate().map(|(i, option)| (format!("{at}.options[{i}].value"), option.value.as_str())));
    let Some(value) = &field.value else { return };
    if kind.takes_options() && !field.options.is_empty() && !field.options.iter().any(|option| option.value == *value) {
        found.add(format!("{at}.value"), "options", "It is none of the options.");
    }
    if kind == Kind::Checkbox && field.options.is_empty() {
        found.add(format!("{at}.value"), "not_applicable", "A box is never ticked beforehand.");
    }
}
