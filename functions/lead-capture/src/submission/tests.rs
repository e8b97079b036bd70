//! Submissions: what is taken, what is told, what is never lost; tables first, properties last.

use chrono::{DateTime, TimeDelta};
use orilla_core::body::{Kind as Syntax, Payload};
use orilla_text::Locale;
use proptest::prelude::*;
use serde_json::{Value as Json, json};

use super::{Submission, asked_locale, parse};
use crate::form::Form;
use crate::messages::Rule;
use crate::verdict::Decoy;

/// A form with one field of every kind, none of them required but the mailbox.
fn form() -> Form {
    let options = json!([{ "value": "surf", "label": { "es": "Surf" } }, { "value": "vela", "label": { "es": "Vela" } }]);
    let label = json!({ "es": "L" });
    serde_json::from_value(json!({
        "title": label, "locales": ["es", "en"], "headline": label, "submit": label,
        "fields": [
            { "name": "email", "type": "email", "required": true, "label": label },
            { "name": "text", "type": "text", "label": label, "min_length": 2, "max_length": 5 },
            { "name": "code", "type": "text", "label": label, "pattern": "[A-Z]{2}|[0-9]{3}",
              "messages": { "pattern": { "es": "Dos letras o tres cifras.", "en": "Two letters or three digits." } } },
            { "name": "tel", "type": "tel", "label": label },
            { "name": "url", "type": "url", "label": label },
            { "name": "number", "type": "number", "label": label, "min": -1, "max": 10, "step": 0.5 },
            { "name": "count", "type": "number", "label": label },
            { "name": "date", "type": "date", "label": label, "min": "2026-01-01", "max": "2026-12-31" },
            { "name": "select", "type": "select", "label": label, "options": options },
            { "name": "several", "type": "select", "label": label, "options": options, "multiple": true },
            { "name": "radio", "type": "radio", "label": label, "options": options },
            { "name": "box", "type": "checkbox", "label": label },
            { "name": "boxes", "type": "checkbox", "label": label, "options": options },
            { "name": "area", "type": "textarea", "label": label },
            { "name": "hidden", "type": "hidden", "label": label },
        ],
        "consents": [
            { "name": "consent", "text": { "es": "Acepto.", "en": "I agree." }, "required": true, "message": { "es": "Acepta.", "en": "Agree." } },
            { "name": "news", "text": { "es": "Noticias.", "en": "News." } },
        ],
    }))
    .unwrap()
}

fn payload(kind: Syntax, fields: &Json) -> Payload {
    let fields = fields.as_object().unwrap().iter().map(|(name, value)| (name.clone(), value.clone())).collect();
    Payload { kind, fields }
}

/// The least that is valid, and these fields.
fn with(more: &Json) -> Json {
    let mut fields = json!({ "email": "ana@escuela.mx", "consent": true });
    fields.as_object_mut().unwrap().extend(more.as_object().unwrap().clone());
    fields
}

fn read(fields: &Json) -> Result<Submission, Vec<(String, String)>> {
    let outcome = parse(&payload(Syntax::Json, fields), &form(), Locale::Es);
    outcome.map_err(|violations| violations.into_iter().map(|it| (it.field, it.code.into_owned())).collect())
}

/// What a field stores when given this; null for nothing.
#[track_caller]
fn takes(name: &str, given: Json, expect: Json) {
    let submission = read(&with(&json!({ name: given }))).unwrap_or_else(|broken| panic!("{name} of {given}: {broken:?}"));
    assert_eq!(submission.fields.get(name).cloned().unwrap_or_default(), expect, "{name} of {given}");
}

/// The rules that a field breaks when given this.
#[track_caller]
fn refuses(name: &str, given: Json, expect: &[&str]) {
    let broken = read(&with(&json!({ name: given }))).expect_err(&format!("{name} of {given} was taken"));
    let expect: Vec<_> = expect.iter().map(|code| (name.to_owned(), (*code).to_owned())).collect();
    assert_eq!(broken, expect, "{name} of {given}");
}

#[test]
fn text_is_kept_as_given_without_the_spaces_around_it() {
    takes("text", json!("  ab  "), json!("ab"));
    takes("text", json!(""), Json::Null);
    takes("text", json!("   "), Json::Null);
    takes("text", Json::Null, Json::Null);
    takes("text", json!(42), json!("42"));
    takes("text", json!(["ab"]), json!("ab"));
    takes("text", json!([]), Json::Null);
    takes("text", json!("ñandú"), json!("ñandú"));
    takes("area", json!("a\r\nb\rc"), json!("a\nb\nc"));
    takes("area", json!("<script>alert('x')</script>'; DROP TABLE leads; --"), json!("<script>alert('x')</script>'; DROP TABLE leads; --"));
    refuses("text", json!("a"), &["too_short"]);
    refuses("text", json!("abcdef"), &["too_long"]);
    refuses("text", json!("ñandúes"), &["too_long"]);
    refuses("text", json!(["ab", "cd"]), &["type_text"]);
    refuses("text", json!({ "a": 1 }), &["type_text"]);
    refuses("text", json!(true), &["type_text"]);
    refuses("area", json!("x".repeat(10_001)), &["too_long"]);
    refuses("hidden", json!("x".repeat(1_001)), &["too_long"]);
}

#[test]
fn patterns_match_the_whole_answer() {
    takes("code", json!("AB"), json!("AB"));
    takes("code", json!("123"), json!("123"));
    refuses("code", json!("ABC"), &["pattern"]);
    refuses("code", json!("xAB"), &["pattern"]);
    refuses("code", json!("1234"), &["pattern"]);
}

#[test]
fn telephones_and_addresses() {
    takes("tel", json!("+52 (55) 1234-5678 ext. 9"), json!("+52 (55) 1234-5678 ext. 9"));
    takes("tel", json!(5_512_345_678_i64), json!("5512345678"));
    refuses("tel", json!("1234"), &["type_tel"]);
    refuses("tel", json!("llámame al 55 1234 5678"), &["type_tel"]);
    takes("url", json!("https://escuela.mx/surf?a=1"), json!("https://escuela.mx/surf?a=1"));
    refuses("url", json!("escuela.mx"), &["type_url"]);
    refuses("url", json!("javascript:alert(1)"), &["type_url"]);
}

#[test]
fn numbers_are_numbers() {
    takes("number", json!("2.5"), json!(2.5));
    takes("number", json!(2), json!(2));
    takes("number", json!("-1"), json!(-1));
    takes("number", json!(" 1e1 "), json!(10.0));
    takes("number", json!(".5"), json!(0.5));
    takes("count", json!("9007199254740993"), json!(9_007_199_254_740_993_i64));
    for given in ["uno", "1,5", "0x10", "1.", "+1", "1e", "NaN", "inf", "1 000", "--1"] {
        refuses("count", json!(given), &["type_number"]);
    }
    refuses("count", json!(["1", "2"]), &["type_number"]);
    refuses("count", json!(true), &["type_number"]);
    refuses("number", json!(-1.5), &["too_small"]);
    refuses("number", json!("10.5"), &["too_large"]);
    refuses("number", json!(0.25), &["step"]);
    refuses("number", json!(11.3), &["too_large", "step"]);
}

#[test]
fn days_exist_and_lie_in_range() {
    takes("date", json!("2026-02-28"), json!("2026-02-28"));
    for given in ["2026-02-30", "28/02/2026", "2026-2-8", "+2026-02-08", "mañana"] {
        refuses("date", json!(given), &["type_date"]);
    }
    refuses("date", json!("2025-12-31"), &["too_small"]);
    refuses("date", json!("2027-01-01"), &["too_large"]);
}

#[test]
fn choices_are_among_the_options() {
    takes("select", json!("surf"), json!("surf"));
    takes("radio", json!("vela"), json!("vela"));
    takes("several", json!(["vela", "surf", "vela"]), json!(["vela", "surf"]));
    takes("several", json!("surf"), json!(["surf"]));
    takes("several", json!([]), Json::Null);
    takes("several", json!([""]), Json::Null);
    takes("boxes", json!("vela"), json!(["vela"]));
    refuses("select", json!("kite"), &["option"]);
    refuses("radio", json!("Surf"), &["option"]);
    refuses("several", json!(["surf", "kite"]), &["option"]);
    refuses("several", json!([["surf"]]), &["type_text"]);
    refuses("boxes", json!({ "surf": true }), &["type_text"]);
}

#[test]
fn a_box_is_ticked_or_not() {
    for yes in [json!(true), json!("on"), json!("TRUE"), json!("1"), json!(1), json!("yes"), json!(["0", "1"])] {
        takes("box", yes, json!(true));
    }
    for no in [json!(false), json!("off"), json!("false"), json!("0"), json!(0), json!("no"), json!(""), json!([])] {
        takes("box", no, json!(false));
    }
    takes("box", Json::Null, Json::Null);
    refuses("box", json!("perhaps"), &["type_text"]);
}

#[test]
fn everything_wrong_is_told_at_once_in_the_visitors_language() {
    let given = json!({ "email": "ana@", "text": "a", "code": "x", "date": "mañana" });
    let told = |locale| {
        let violations = parse(&payload(Syntax::Json, &given), &form(), locale).unwrap_err();
        violations.into_iter().map(|it| (it.field, it.code.into_owned(), it.message)).collect::<Vec<_>>()
    };
    let spanish = told(Locale::Es);
    let codes: Vec<_> = spanish.iter().map(|(field, code, _)| (field.as_str(), code.as_str())).collect();
    let expect =
        [("email", "type_email"), ("text", "too_short"), ("code", "pattern"), ("date", "type_date"), ("consent", "consent_required")];
    assert_eq!(codes, expect);
    assert_eq!(spanish[2].2, "Dos letras o tres cifras.");
    assert_eq!(spanish[4].2, "Acepta.");
    assert_eq!(told(Locale::En)[2].2, "Two letters or three digits.");
    assert_eq!(read(&json!({})).unwrap_err(), [("email".into(), "required".into()), ("consent".into(), "consent_required".into())]);
}

#[test]
fn a_consent_is_what_was_ticked_and_nothing_else() {
    let given = |value: Json| read(&with(&json!({ "consent": true, "news": value }))).unwrap().consents[1].is_given;
    assert!(given(json!("on")) && given(json!(true)) && given(json!("yes")));
    assert!(!given(json!("")) && !given(json!("sure")) && !given(json!({})) && !given(Json::Null) && !given(json!(2)));
    let consents = read(&with(&json!({}))).unwrap().consents;
    let form = form();
    let expect: Vec<_> = [("consent", true), ("news", false)]
        .iter()
        .zip(&form.consents)
        .map(|((item, is_given), consent)| (*item, *is_given, consent.text_hash(Locale::Es)))
        .collect();
    assert_eq!(consents.iter().map(|it| (it.item.as_str(), it.is_given, it.text_hash.clone())).collect::<Vec<_>>(), expect);
    for refused in [json!("maybe"), json!(false), json!("off"), Json::Null] {
        assert_eq!(read(&with(&json!({ "consent": refused }))).unwrap_err(), [("consent".to_owned(), "consent_required".to_owned())]);
    }
}

#[test]
fn what_the_form_does_not_ask_for_is_kept() {
    let submission =
        read(&with(&json!({ "company": "Ola", "size": 12, "tags": ["a"], "empty": "", "nothing": null, "utm_source": "ig" }))).unwrap();
    assert_eq!(Json::Object(submission.extra), json!({ "company": "Ola", "size": 12, "tags": ["a"] }));
    assert_eq!(submission.fields.len(), 1);
    let flood: serde_json::Map<String, Json> = (0..101).map(|i| (format!("f{i}"), json!("x"))).collect();
    assert_eq!(read(&with(&Json::Object(flood))).unwrap_err(), [("fields".to_owned(), "too_many_fields".to_owned())]);
    assert_eq!(read(&with(&json!({ "long": "x".repeat(10_001) }))).unwrap_err(), [("long".to_owned(), "too_long".to_owned())]);
}

#[test]
fn reserved_names_never_become_fields() {
    let reserved = json!({
        "_gotcha": "", "_next": "https://a.com", "_subject": "S", "_format": "plain", "_cc": "x@y.co", "form-name": "contact", "bot-field": "",
        "g-recaptcha-response": "t", "h-captcha-response": "t", "cf-turnstile-response": "token", "_anything": "x", "_variant": "b",
        "_visitor": "v", "_idempotency_key": "k", "_page": "https://a.com/p?utm_source=page&utm_medium=email", "_referrer": "https://b.com/",
        "_elapsed_ms": 2_500, "_webdriver": "true", "utm_source": "ig",
    });
    let submission = read(&with(&reserved)).unwrap();
    assert_eq!(submission.extra.len(), 0, "{:?}", submission.extra);
    assert_eq!(submission.fields.len(), 1);
    let signals = submission.signals;
    assert_eq!(signals.decoy, Decoy::Empty);
    assert_eq!(signals.next.as_deref(), Some("https://a.com"));
    assert_eq!(signals.subject.as_deref(), Some("S"));
    assert_eq!(signals.challenge.as_deref(), Some("token"));
    assert_eq!(signals.variant.as_deref(), Some("b"));
    assert_eq!(signals.visitor.as_deref(), Some("v"));
    assert_eq!(signals.idempotency_key.as_deref(), Some("k"));
    assert_eq!(signals.elapsed, Some(TimeDelta::milliseconds(2_500)));
    assert!(signals.is_webdriver);
    assert_eq!(signals.referrer.as_deref(), Some("https://b.com/"));
    let utm: Vec<_> = signals.utm.iter().map(|(name, value)| (*name, value.as_str())).collect();
    assert_eq!(utm, [("utm_medium", "email"), ("utm_source", "ig")]);
}

#[track_caller]
fn check_decoy(kind: Syntax, more: &Json, expect: Decoy) {
    let submission = parse(&payload(kind, &with(more)), &form(), Locale::Es).unwrap();
    assert_eq!(submission.signals.decoy, expect, "{kind:?} {more}");
}

#[test]
fn a_decoy_is_expected_of_html_forms_only() {
    check_decoy(Syntax::Json, &json!({}), Decoy::NotExpected);
    check_decoy(Syntax::Form, &json!({}), Decoy::Missing);
    check_decoy(Syntax::Multipart, &json!({ "_gotcha": "" }), Decoy::Empty);
    check_decoy(Syntax::Form, &json!({ "_gotcha": "http://spam" }), Decoy::Filled);
    check_decoy(Syntax::Form, &json!({ "_gotcha": "", "bot-field": "x" }), Decoy::Filled);
    check_decoy(Syntax::Json, &json!({ "bot-field": "x" }), Decoy::Filled);
    let without = Form { decoy: false, ..form() };
    let submission = parse(&payload(Syntax::Form, &with(&json!({}))), &without, Locale::Es).unwrap();
    assert_eq!(submission.signals.decoy, Decoy::NotExpected);
}

#[test]
fn formsprees_session_fills_in_what_the_page_did_not_say() {
    use base64::Engine;
    let header = |json: &str| base64::engine::general_purpose::STANDARD.encode(json);
    let now = DateTime::from_timestamp_millis(1_700_000_005_000).unwrap();
    let signals = |more: Json, header: &str| {
        let mut signals = read(&with(&more)).unwrap().signals;
        signals.add_session(header, now);
        (signals.elapsed.map(|elapsed| elapsed.num_milliseconds()), signals.is_webdriver)
    };
    assert_eq!(signals(json!({}), &header(r#"{"loadedAt":1700000000000,"webdriver":true}"#)), (Some(5_000), true));
    assert_eq!(signals(json!({}), &header(r#"{"loadedAt":1700000000000.5,"webdriver":false}"#)), (Some(5_000), false));
    assert_eq!(signals(json!({ "_elapsed_ms": "900" }), &header(r#"{"loadedAt":1700000000000}"#)), (Some(900), false));
    for broken in ["", "!!", &header("[]"), &header(r#"{"loadedAt":1e300}"#), &header(r#"{"loadedAt":"x"}"#)] {
        assert_eq!(signals(json!({}), broken), (None, false), "{broken}");
    }
}

#[test]
fn a_json_body_may_wrap_its_fields() {
    let wrapped = json!({ "fields": { "email": "ana@escuela.mx", "consent": true, "other": 1 }, "_locale": "en", "_variant": "b" });
    let payload = payload(Syntax::Json, &wrapped);
    assert_eq!(asked_locale(&payload), Some("en"));
    let submission = parse(&payload, &form(), Locale::En).unwrap();
    assert_eq!(submission.email.key, "ana@escuela.mx");
    assert_eq!(Json::Object(submission.extra), json!({ "other": 1 }));
    assert_eq!(submission.signals.variant.as_deref(), Some("b"));
    let other = read(&with(&json!({ "fields": ["surf"] }))).unwrap();
    assert_eq!(Json::Object(other.extra), json!({ "fields": ["surf"] }), "what is no wrapper is kept like any other name");
}

#[test]
fn formsprees_reply_to_stands_in_for_the_mailbox() {
    let submission = read(&json!({ "_replyto": "Ana@Escuela.MX", "consent": "on" })).unwrap();
    assert_eq!((submission.email.key.as_str(), submission.fields["email"].as_str()), ("ana@escuela.mx", Some("Ana@Escuela.MX")));
    assert_eq!(read(&json!({ "_replyto": "ana@escuela.mx", "email": " ", "consent": 1 })).unwrap().email.key, "ana@escuela.mx");
    assert_eq!(read(&json!({ "_replyto": "x@y.co", "email": "ana@escuela.mx", "consent": 1 })).unwrap().email.key, "ana@escuela.mx");
}

#[test]
fn a_retry_has_the_same_fingerprint_and_another_answer_does_not() {
    let fingerprint = |more: Json| read(&with(&more)).unwrap().fingerprint("demo");
    let first = fingerprint(json!({ "area": "hola", "extra": { "a": 1, "b": 2 }, "_elapsed_ms": 1, "_challenge": "one" }));
    assert_eq!(
        first,
        fingerprint(json!({ "extra": { "b": 2, "a": 1 }, "area": " hola ", "_elapsed_ms": 2, "_challenge": "two", "_webdriver": true }))
    );
    assert_ne!(first, fingerprint(json!({ "area": "adiós", "extra": { "a": 1, "b": 2 } })));
    assert_ne!(first, fingerprint(json!({ "area": "hola", "extra": { "a": 1, "b": 3 } })));
    assert_ne!(first, fingerprint(json!({ "area": "hola", "extra": { "a": 1, "b": 2 }, "news": "on" })));
    assert_ne!(first, read(&with(&json!({ "area": "hola", "extra": { "a": 1, "b": 2 } }))).unwrap().fingerprint("other"));
}

#[test]
fn a_repeat_is_the_same_words_from_the_same_mailbox() {
    let hash = |fields: Json| read(&fields).unwrap().content_hash("demo", Some("email"));
    let first = hash(json!({ "email": "Ana@escuela.mx", "consent": true, "area": "hola" }));
    assert_eq!(first, hash(json!({ "email": "ana@ESCUELA.mx", "consent": true, "area": "hola", "news": true })));
    assert_ne!(first, hash(json!({ "email": "eva@escuela.mx", "consent": true, "area": "hola" })));
    assert_ne!(first, hash(json!({ "email": "ana@escuela.mx", "consent": true, "area": "adiós" })));
}

#[test]
fn free_text_is_what_people_write() {
    let submission = read(&with(&json!({ "area": "hola", "url": "https://a.com", "select": "surf", "other": "x", "n": 1 }))).unwrap();
    assert_eq!(submission.free_texts(&form()), ["hola", "x"]);
}

fn json_values() -> impl Strategy<Value = Json> {
    let leaf = prop_oneof![
        Just(Json::Null),
        any::<bool>().prop_map(Json::from),
        any::<i64>().prop_map(Json::from),
        any::<f64>().prop_map(Json::from),
        ".{0,12}".prop_map(Json::from),
        prop::sample::select(vec!["ana@escuela.mx", "on", "surf", "2026-05-05", "12", "AB", "https://a.com"]).prop_map(Json::from),
    ];
    leaf.prop_recursive(3, 16, 4, |inner| {
        prop_oneof![
            prop::collection::vec(inner.clone(), 0..4).prop_map(Json::from),
            prop::collection::hash_map("[a-z_]{1,6}", inner, 0..4).prop_map(|map| Json::Object(map.into_iter().collect())),
        ]
    })
}

fn payloads() -> impl Strategy<Value = Payload> {
    let known: Vec<String> =
        form().fields.iter().map(|field| field.name.clone()).chain(["consent".into(), "news".into(), "fields".into()]).collect();
    let name = prop_oneof![3 => prop::sample::select(known), 1 => "_?[a-z]{1,8}", 1 => ".{1,6}"];
    let kinds = prop::sample::select(vec![Syntax::Json, Syntax::Form, Syntax::Multipart]);
    (kinds, prop::collection::hash_map(name, json_values(), 0..12))
        .prop_map(|(kind, fields)| Payload { kind, fields: fields.into_iter().collect() })
}

proptest! {
    #[test]
    fn whatever_is_sent_is_taken_or_told(payload in payloads()) {
        let form = form();
        match parse(&payload, &form, Locale::Es) {
            Ok(submission) => {
                prop_assert!(submission.fields.keys().all(|name| form.field(name).is_some()));
                prop_assert!(submission.extra.keys().all(|name| form.field(name).is_none() && (!super::is_reserved(name) || name == super::WRAPPER)));
                prop_assert_eq!(submission.consents.len(), form.consents.len());
            }
            Err(violations) => {
                prop_assert!(!violations.is_empty());
                for violation in violations {
                    prop_assert!(Rule::CODES.contains(&violation.code.as_ref()));
                    let is_field = form.field(&violation.field).is_some() || form.consents.iter().any(|it| it.name == violation.field);
                    let is_sent = payload.fields.iter().any(|(name, value)| *name == violation.field || value.get(&violation.field).is_some());
                    prop_assert!(is_field || is_sent || violation.field == "fields", "{}", violation.field);
                    prop_assert!(!violation.message.is_empty());
                }
            }
        }
    }

    #[test]
    fn what_was_stored_is_valid_again(payload in payloads()) {
        let form = form();
        let mut sent = payload;
        sent.fields.retain(|(name, _)| name != "email" && name != "consent" && name != "fields");
        sent.fields.push(("email".into(), "ana@escuela.mx".into()));
        sent.fields.push(("consent".into(), true.into()));
        if let Ok(first) = parse(&sent, &form, Locale::Es) {
            let mut again: Vec<_> = first.fields.clone().into_iter().chain(first.extra.clone()).collect();
            again.extend(first.consents.iter().map(|it| (it.item.clone(), it.is_given.into())));
            let second = parse(&Payload { kind: Syntax::Json, fields: again }, &form, Locale::Es).unwrap();
            prop_assert_eq!(first.fingerprint("f"), second.fingerprint("f"));
            prop_assert_eq!(first.fields, second.fields);
        }
    }

    #[test]
    fn an_address_is_its_own_normal_form(text in "[a-zA-Z0-9.+_-]{1,12}@[a-zA-Z0-9.-]{1,12}|.{0,20}") {
        if let Some(email) = orilla_text::email::parse(&text) {
            let again = orilla_text::email::parse(&email.address).unwrap();
            prop_assert_eq!(&email, &again);
            prop_assert_eq!(orilla_text::email::parse(&email.key).unwrap().key, email.key);
        }
    }
}
