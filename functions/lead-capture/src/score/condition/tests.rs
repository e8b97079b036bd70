use serde_json::json;

use super::*;
use crate::form::Found;

/// Whether the condition, given as JSON, holds for a well-filled person.
#[track_caller]
fn check(condition: Json, expected: bool) {
    let parsed: Condition = serde_json::from_value(condition.clone()).unwrap();
    assert_eq!(serde_json::to_value(&parsed).unwrap(), condition, "written as read");
    let fields = json!({
        "role": "Directora de Operaciones (CTO adjunta)", "company": "  ACMÉ  S.L. ", "size": 120, "budget": "2500.50",
        "interests": ["Tiendas", "Analítica"], "newsletter": true, "message": "", "nothing": null
    });
    let touch = json!({"utm": {"source": "Google", "campaign": "otoño", "term": ""}, "referrer": "https://x.example/"});
    let person = Person {
        fields: fields.as_object().unwrap(),
        email: "ana@ventas.acme.edu.mx",
        country: Some("MX"),
        locale: "es",
        consents: &["marketing".to_owned()],
        touch: &touch,
        known: Known::default(),
    };
    assert_eq!(parsed.holds(&person), expected, "{condition}");
}

#[test]
fn answers() {
    check(json!({"present": {"field": "role"}}), true);
    check(json!({"present": {"field": "message"}}), false);
    check(json!({"present": {"field": "nothing"}}), false);
    check(json!({"present": {"field": "absent"}}), false);
    check(json!({"one_of": {"field": "company", "values": ["x", "Acme s.l."]}}), true);
    check(json!({"one_of": {"field": "company", "values": ["acme"]}}), false);
    check(json!({"one_of": {"field": "interests", "values": ["ANALITICA"]}}), true);
    check(json!({"one_of": {"field": "newsletter", "values": ["true"]}}), true);
    check(json!({"contains": {"field": "role", "parts": ["opera"]}}), true);
    check(json!({"contains": {"field": "role", "parts": ["ventas"]}}), false);
}

#[test]
fn words_are_whole() {
    check(json!({"has_word": {"field": "role", "words": ["cto"]}}), true);
    check(json!({"has_word": {"field": "role", "words": ["director"]}}), false);
    check(json!({"has_word": {"field": "role", "words": ["directora de operaciones"]}}), true);
    check(json!({"has_word": {"field": "role", "words": ["opera", "unta"]}}), false);
    assert!(!has_word("director", "cto"));
    assert!(has_word("ño cto", "cto"));
    assert!(!has_word("anything", ""));
}

#[test]
fn numbers() {
    check(json!({"number": {"field": "size", "min": 120.0, "max": 120.0}}), true);
    check(json!({"number": {"field": "size", "min": 121.0}}), false);
    check(json!({"number": {"field": "size", "max": 119.9}}), false);
    check(json!({"number": {"field": "budget", "min": 2500.0}}), true);
    check(json!({"number": {"field": "company", "min": 0.0}}), false);
    check(json!({"number": {"field": "absent", "max": 0.0}}), false);
}

#[test]
fn mailbox_place_language_consent_campaign() {
    check(json!("email_is_business"), true);
    check(json!("email_is_free"), false);
    check(json!({"email_domain": {"values": ["EDU.mx"]}}), true);
    check(json!({"email_domain": {"values": ["ventas.acme.edu.mx"]}}), true);
    check(json!({"email_domain": {"values": ["me.edu.mx"]}}), false);
    check(json!({"country": {"values": ["ES", "mx"]}}), true);
    check(json!({"country": {"values": ["ES"]}}), false);
    check(json!({"locale": {"values": ["es"]}}), true);
    check(json!({"consent": {"name": "marketing"}}), true);
    check(json!({"consent": {"name": "other"}}), false);
    check(json!({"utm": {"name": "source", "values": ["google"]}}), true);
    check(json!({"utm": {"name": "campaign", "values": ["Otono"]}}), true);
    check(json!({"utm": {"name": "term", "values": ["x"]}}), false);
}

#[test]
fn conditions_combine() {
    check(json!({"not": "email_is_free"}), true);
    check(json!({"all": ["email_is_business", {"country": {"values": ["MX"]}}]}), true);
    check(json!({"all": ["email_is_business", "email_is_free"]}), false);
    check(json!({"any": ["email_is_free", {"not": {"present": {"field": "absent"}}}]}), true);
    check(json!({"any": ["email_is_free"]}), false);
}

#[test]
fn an_answered_country_wins_over_the_hosts() {
    let fields = json!({"country": "ar"});
    let person = Person {
        fields: fields.as_object().unwrap(),
        email: "a@b.co",
        country: Some("MX"),
        locale: "es",
        consents: &[],
        touch: &Json::Null,
        known: Known::default(),
    };
    assert!(Condition::Country { values: vec!["AR".to_owned()] }.holds(&person));
    assert!(!Condition::Country { values: vec!["MX".to_owned()] }.holds(&person));
    assert!(!Condition::Utm { name: Utm::Source, values: vec!["x".to_owned()] }.holds(&person));
}

#[test]
fn unknown_names_are_refused() {
    for text in [r#"{"presnt": {"field": "a"}}"#, r#"{"present": {"field": "a", "x": 1}}"#, r#"{"utm": {"name": "sorce", "values": []}}"#] {
        assert!(serde_json::from_str::<Condition>(text).is_err(), "{text}");
    }
}

#[test]
fn check_tells_everything_that_is_wrong() {
    let cases = [
        (json!({"present": {"field": " "}}), "w:required"),
        (json!({"one_of": {"field": "a", "values": []}}), "w.values:required"),
        (json!({"has_word": {"field": "a", "words": ["ok", " "]}}), "w.words[1]:required"),
        (json!({"contains": {"field": "a", "parts": [""]}}), "w.parts[0]:required"),
        (json!({"number": {"field": "a"}}), "w:range"),
        (json!({"number": {"field": "a", "min": 2, "max": 1}}), "w:range"),
        (json!({"country": {"values": ["Spain"]}}), "w.values:country"),
        (json!({"all": []}), "w.all:required"),
        (json!({"not": {"any": [{"present": {"field": ""}}]}}), "w.not.any[0]:required"),
        (json!({"not": {"not": {"not": {"not": {"not": "email_is_free"}}}}}), "w.not.not.not.not:too_deep"),
        (json!({"not": "email_is_free"}), ""),
        (json!({"number": {"field": "a", "min": 1}}), ""),
    ];
    for (condition, expected) in cases {
        let mut found = Found::default();
        serde_json::from_value::<Condition>(condition.clone()).unwrap().check("w", &mut found);
        let told: Vec<_> = found.0.iter().map(|violation| format!("{}:{}", violation.field, violation.code)).collect();
        assert_eq!(told.join(" "), expected, "{condition}");
    }
}
