//! What of an event is kept: the site's lists of properties, and no mailbox or telephone number by accident.

use std::sync::LazyLock;

use orilla_core::tracking::Policy;
use regex_lite::Regex;
use serde_json::{Map, Value as Json};

use crate::event::{Event, Kind};

/// What stands where a mailbox stood.
const MAILBOX: &str = "[email]";
/// What stands where a telephone number stood.
const TELEPHONE: &str = "[phone]";

#[allow(clippy::expect_used, reason = "the patterns are part of the program, and tests use them")]
fn compile(pattern: &str) -> Regex {
    Regex::new(pattern).expect("a pattern of ours")
}

/// Chosen: what HTML calls a valid e-mail address, with a dot in its domain and without the characters that separate parts of a URL;
/// `%40` is the sign in one.
static EMAIL: LazyLock<Regex> = LazyLock::new(|| compile(r"(?i)[a-z0-9.!#$'*+^_`{|}~-]+(?:@|%40)[a-z0-9-]+(?:\.[a-z0-9-]+)+"));
/// Chosen: an international number with its plus sign, or nine digits and more in groups. A bare row of digits is an order as
/// often as a telephone, and is kept.
static PHONE: LazyLock<Regex> =
    LazyLock::new(|| compile(r"(?:\+|%2B)\d[\d ().-]{7,}\d|\(?\d{2,4}\)?[ -]\d{2,4}[ -]\d{2,4}(?:[ -]\d{2,4})*"));

/// Removes what the policy does not keep. Traits of who identifies are what they came to tell, and stay unmasked.
pub fn redact(event: &mut Event, policy: &Policy) {
    let is_kept = |name: &String| {
        (policy.allow_properties.is_empty() || policy.allow_properties.contains(name)) && !policy.deny_properties.contains(name)
    };
    event.properties.retain(|name, _| is_kept(name));
    if !policy.masks_contacts {
        return;
    }
    if event.kind != Kind::Identify {
        mask_all(&mut event.properties);
    }
    for text in [&mut event.context.url, &mut event.context.referrer, &mut event.context.title].into_iter().flatten() {
        mask(text);
    }
    mask(&mut event.name);
}

fn mask_all(properties: &mut Map<String, Json>) {
    properties.values_mut().for_each(mask_value);
}

fn mask_value(value: &mut Json) {
    match value {
        Json::String(text) => mask(text),
        Json::Array(items) => items.iter_mut().for_each(mask_value),
        Json::Object(entries) => mask_all(entries),
        Json::Null | Json::Bool(_) | Json::Number(_) => {}
    }
}

fn mask(text: &mut String) {
    if text.contains('@') || text.contains("%40") {
        *text = EMAIL.replace_all(text, MAILBOX).into_owned();
    }
    if text.bytes().filter(u8::is_ascii_digit).count() >= 9 && PHONE.is_match(text) && !looks_like_a_time(text) {
        *text = PHONE.replace_all(text, TELEPHONE).into_owned();
    }
}

/// Dates with times are digits in groups as well.
fn looks_like_a_time(text: &str) -> bool {
    crate::instant::parse(&Json::from(text)).is_some()
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    #[track_caller]
    fn check(text: &str, expect: &str) {
        let mut masked = text.to_owned();
        mask(&mut masked);
        assert_eq!(masked, expect);
    }

    #[test]
    fn mailboxes_and_numbers_are_masked() {
        check("write to Ana.Lopez+x@olas.example, please", "write to [email], please");
        check("https://marea.example/?e=ana%40olas.example&x=1", "https://marea.example/?e=[email]&x=1");
        check("call +34 600 123 456 now", "call [phone] now");
        check("(55) 1234-5678 90", "[phone]");
        check("order 1234567890", "order 1234567890");
        check("2026-11-23 11:39:54", "2026-11-23 11:39:54");
        check("2026-11-23T11:39:54.170Z", "2026-11-23T11:39:54.170Z");
        check("@olas", "@olas");
    }

    #[test]
    fn lists_decide_what_is_kept() {
        let with = |policy: Policy| {
            let mut event = Event::new(Kind::Track, "Signup");
            event.properties =
                json!({ "plan": "pro", "password": "x", "who": { "mail": ["ana@olas.example"] } }).as_object().unwrap().clone();
            redact(&mut event, &policy);
            Json::from(event.properties)
        };
        assert_eq!(with(Policy::default()), json!({ "plan": "pro", "password": "x", "who": { "mail": ["[email]"] } }));
        assert_eq!(with(Policy { deny_properties: vec!["password".into(), "who".into()], ..Policy::default() }), json!({ "plan": "pro" }));
        assert_eq!(with(Policy { allow_properties: vec!["plan".into()], ..Policy::default() }), json!({ "plan": "pro" }));
        assert_eq!(with(Policy { masks_contacts: false, ..Policy::default() })["who"], json!({ "mail": ["ana@olas.example"] }));
    }
}
