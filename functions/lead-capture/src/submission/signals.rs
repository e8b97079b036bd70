//! What a page says beside a form's fields: names that are reserved, never stored as fields, and read here.
//! One vocabulary for Formspree's, Netlify's and our own pages.

use std::collections::BTreeMap;

use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use chrono::{DateTime, TimeDelta, Utc};
use orilla_core::body::Payload;
use serde::Deserialize;
use serde_json::Value as Json;
use url::Url;

use super::{Given, WRAPPER};
use crate::verdict::Decoy;

/// Formspree's name for the visitor's mailbox.
pub(super) const REPLY_TO: &str = "_replyto";
/// Campaign parameters: ordinary names, read wherever they stand.
pub(super) const UTM: [&str; 5] = ["utm_source", "utm_medium", "utm_campaign", "utm_term", "utm_content"];
/// The fields that no person sees: ours, which is Formspree's, and Netlify's customary one.
const DECOYS: [&str; 2] = ["_gotcha", "bot-field"];
/// Names that spam filters and form hosts put into pages; beside them, everything that starts with `_` is reserved.
const FOREIGN: [&str; 5] = ["form-name", "bot-field", TURNSTILE, "h-captcha-response", "g-recaptcha-response"];
const TURNSTILE: &str = "cf-turnstile-response";
/// The longest page or referrer that is kept. Source: sitemaps.org, a location has less than 2,048 characters.
const MAX_URL_CHARS: usize = 2_048;
/// The longest other signal that is kept. Source: Turnstile's tokens have at most 2,048 characters.
const MAX_SIGNAL_CHARS: usize = 2_048;
/// The longest campaign parameter that is kept. Chosen: Google Analytics cuts at 100 to 500.
const MAX_UTM_CHARS: usize = 200;

/// What came beside the fields.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Signals {
    /// What came back of the decoy.
    pub decoy: Decoy,
    /// From showing the form to sending it, by the visitor's clock.
    pub elapsed: Option<TimeDelta>,
    /// What the browser says about being driven by automation.
    pub is_webdriver: bool,
    /// The solution of the challenge.
    pub challenge: Option<String>,
    /// Names this submission across retries.
    pub idempotency_key: Option<String>,
    /// Where the page wants the visitor to go.
    pub next: Option<String>,
    /// What the page wants as a mail's subject.
    pub subject: Option<String>,
    /// The experiment's variant that the page showed.
    pub variant: Option<String>,
    /// The page's own name for the visitor.
    pub visitor: Option<String>,
    /// The page the form stood on.
    pub page: Option<String>,
    /// Where the visitor came from.
    pub referrer: Option<String>,
    /// Campaign parameters: of the payload, else of the page's address.
    pub utm: BTreeMap<&'static str, String>,
}

/// Whether a name never reaches a lead's fields.
#[must_use]
pub fn is_reserved(name: &str) -> bool {
    name.starts_with('_') || FOREIGN.contains(&name) || name == WRAPPER
}

/// Whether a name belongs to one showing of a form: decoys, which stand in the page anyway, solved challenges, the time it took.
#[must_use]
pub fn is_made_anew(name: &str) -> bool {
    DECOYS.contains(&name) || FOREIGN.contains(&name) || ["_challenge", "_elapsed_ms"].contains(&name)
}

/// The language tag a page says it speaks.
#[must_use]
pub fn asked_locale(payload: &Payload) -> Option<&str> {
    Given::of(payload).get("_locale").and_then(Json::as_str)
}

impl Signals {
    pub(super) fn of(given: &Given<'_>, is_decoy_expected: bool) -> Self {
        let text = |name: &str| given.get(name).and_then(|value| short(value, MAX_SIGNAL_CHARS));
        let page = given.get("_page").and_then(|value| short(value, MAX_URL_CHARS));
        Self {
            decoy: decoy(given, is_decoy_expected),
            elapsed: given.get("_elapsed_ms").and_then(millis),
            is_webdriver: given.get("_webdriver").is_some_and(super::value::is_yes),
            challenge: text("_challenge").or_else(|| text(TURNSTILE)),
            idempotency_key: text("_idempotency_key"),
            next: text("_next"),
            subject: text("_subject"),
            variant: text("_variant"),
            visitor: text("_visitor"),
            referrer: given.get("_referrer").and_then(|value| short(value, MAX_URL_CHARS)),
            utm: utm(given, page.as_deref()),
            page,
        }
    }

    /// Adds what Formspree's clients say in the header `Formspree-Session-Data`, where the payload says nothing of it.
    ///
    /// Source: `@formspree/core` 4.0.0, `session.ts`: base64 of `{"loadedAt": milliseconds, "webdriver": boolean}`.
    pub fn add_session(&mut self, header: &str, now: DateTime<Utc>) {
        #[derive(Deserialize)]
        #[serde(rename_all = "camelCase")]
        struct Session {
            loaded_at: Option<f64>,
            #[serde(default)]
            webdriver: bool,
        }
        let decoded = STANDARD.decode(header.trim()).ok();
        let Some(session) = decoded.and_then(|bytes| serde_json::from_slice::<Session>(&bytes).ok()) else { return };
        self.is_webdriver |= session.webdriver;
        if self.elapsed.is_none() {
            let loaded = session.loaded_at.and_then(|millis| millis_of(&millis.trunc().to_string()));
            self.elapsed = loaded.and_then(|loaded| TimeDelta::try_milliseconds(now.timestamp_millis()).map(|now| now - loaded));
        }
    }
}

fn decoy(given: &Given<'_>, is_expected: bool) -> Decoy {
    let mut sent = DECOYS.iter().filter_map(|name| given.get(name)).peekable();
    if sent.peek().is_none() {
        return if is_expected { Decoy::Missing } else { Decoy::NotExpected };
    }
    let is_empty = |value: &Json| match value {
        Json::Null | Json::Bool(false) => true,
        Json::String(text) => text.trim().is_empty(),
        Json::Array(items) => items.is_empty(),
        _ => false,
    };
    if sent.all(is_empty) { Decoy::Empty } else { Decoy::Filled }
}

/// Text of at most so many characters; the rest is cut, since a signal is no answer.
fn short(value: &Json, most: usize) -> Option<String> {
    let text = value.as_str()?.trim();
    (!text.is_empty()).then(|| text.chars().take(most).collect())
}

fn millis(value: &Json) -> Option<TimeDelta> {
    match value {
        Json::Number(number) => millis_of(&number.as_f64()?.trunc().to_string()),
        Json::String(text) => millis_of(text.trim().split('.').next().unwrap_or_default()),
        _ => None,
    }
}

fn millis_of(text: &str) -> Option<TimeDelta> {
    text.parse()
        .ok()
        .filter(|millis: &i64| millis.unsigned_abs() <= orilla_core::sql::MAX_SAFE_INTEGER.unsigned_abs())
        .and_then(TimeDelta::try_milliseconds)
}

fn utm(given: &Given<'_>, page: Option<&str>) -> BTreeMap<&'static str, String> {
    let page = page.and_then(|page| Url::parse(page).ok());
    let of_page = |name: &str| {
        let (_, value) = page.as_ref()?.query_pairs().find(|(key, _)| key == name)?;
        short(&Json::from(value.into_owned()), MAX_UTM_CHARS)
    };
    UTM.iter()
        .filter_map(|name| {
            let sent = given.get(name).and_then(|value| short(value, MAX_UTM_CHARS));
            Some((*name, sent.or_else(|| of_page(name))?))
        })
        .collect()
}
