use proptest::prelude::*;
use serde_json::{Map, json};

use super::*;

mod properties;

fn now() -> DateTime<Utc> {
    DateTime::from_timestamp(1_700_000_000, 0).unwrap()
}

fn rules(json: Json) -> RuleSet {
    serde_json::from_value(json).unwrap()
}

fn fit_rule(id: &str, group: &str, points: i32, field: &str) -> Json {
    json!({"id": id, "group": group, "label": {"es": id, "en": id}, "points": points, "when": {"present": {"field": field}}})
}

fn event_rule(id: &str, group: &str, points: i32, kind: &str) -> Json {
    json!({"id": id, "group": group, "label": {"es": id, "en": id}, "points": points, "event": {"type": kind}})
}

fn person<'a>(fields: &'a Map<String, Json>) -> Person<'a> {
    Person { fields, email: "ana@acme.es", country: None, locale: "es", consents: &[], touch: &Json::Null, known: Known::default() }
}

fn event(kind: &str, hours_ago: i64) -> VisitorEvent {
    VisitorEvent { kind: kind.to_owned(), name: kind.to_owned(), url: None, occurred_at: now() - chrono::TimeDelta::hours(hours_ago) }
}

/// `rule side_points points`, one per contribution.
fn told(score: &Score) -> Vec<String> {
    score.contributions.iter().map(|c| format!("{} {} {}", c.rule, c.side_points, c.points)).collect()
}

#[test]
fn adds_up_both_sides_and_says_why() {
    let rules = rules(json!({
        "fit": {"rules": [fit_rule("decides", "authority", 20, "role"), fit_rule("company", "need", 15, "company"), fit_rule("no", "need", 9, "absent")]},
        "engagement": {"groups": {"form": {"cap": 60}}, "rules": [event_rule("sent", "form", 50, "submission")]}
    }));
    let fields = json!({"role": "CEO", "company": "Acme"});
    let score = rules.score(&person(fields.as_object().unwrap()), &[event("submission", 0)], now());
    assert_eq!((score.fit, score.engagement, score.combined, score.band), (35, 50, 43, "C2"));
    assert_eq!(told(&score), ["decides 20 10", "company 15 8", "sent 50 25"]);
    let detail = score.detail(7);
    assert_eq!(detail["rules_version"], 7);
    assert_eq!(
        detail["contributions"][0],
        json!({"side": "fit", "group": "authority", "rule": "decides", "label": {"es": "decides", "en": "decides"}, "side_points": 20, "points": 10})
    );
}

#[test]
fn caps_and_the_ends_of_the_scale_are_contributions() {
    let fields = json!({"a": 1, "b": 1, "c": 1});
    let person = person(fields.as_object().unwrap());
    let capped = rules(json!({
        "weights": {"fit": 1, "engagement": 0},
        "fit": {"rules": [fit_rule("a", "budget", 20, "a"), fit_rule("b", "budget", 15, "b"), fit_rule("minus", "budget", -5, "c")]}
    }));
    let score = capped.score(&person, &[], now());
    assert_eq!(told(&score), ["a 20 20", "b 15 15", "minus -5 -5", "cap:budget -5 -5"]);
    assert_eq!(score.combined, 25);
    assert_eq!(score.contributions[3].label.get(Locale::Es), "Tope de «Presupuesto»: 25");
    assert_eq!(score.contributions[3].label.get(Locale::En), "Cap of “Budget”: 25");

    let wide = rules(json!({
        "weights": {"fit": 1, "engagement": 0},
        "fit": {"groups": {"x": {"cap": 100}, "y": {"cap": 100}}, "rules": [fit_rule("a", "x", 80, "a"), fit_rule("b", "y", 70, "b")]}
    }));
    let score = wide.score(&person, &[], now());
    assert_eq!((told(&score), score.fit), (vec!["a 80 80".to_owned(), "b 70 70".to_owned(), "clamp:fit -50 -50".to_owned()], 100));

    let negative = rules(json!({"fit": {"rules": [fit_rule("a", "need", -30, "a")]}}));
    let score = negative.score(&person, &[], now());
    assert_eq!((told(&score), score.combined), (vec!["a -30 -15".to_owned(), "clamp:fit 30 15".to_owned()], 0));
}

#[test]
fn a_site_may_set_the_caps_of_the_four_groups() {
    let rules = rules(json!({
        "weights": {"fit": 1, "engagement": 0},
        "fit": {"groups": {"need": {"cap": 40}}, "rules": [fit_rule("a", "need", 50, "a")]}
    }));
    let fields = json!({"a": 1});
    assert_eq!(rules.score(&person(fields.as_object().unwrap()), &[], now()).fit, 40);
}

#[test]
fn bands_are_letters_by_fit_and_digits_by_engagement() {
    let bands = Bands::default();
    for (fit, engagement, expected) in
        [(100, 100, "A1"), (70, 69, "A2"), (69, 70, "B1"), (40, 40, "B2"), (39, 39, "C3"), (0, 100, "C1"), (70, 0, "A3"), (0, 0, "C3")]
    {
        assert_eq!(bands.of(fit, engagement), expected, "{fit} {engagement}");
    }
}

#[test]
fn without_rules_everybody_is_worth_nothing() {
    let score = RuleSet::default().score(&person(&Map::new()), &[event("page", 0)], now());
    assert_eq!(score, Score { combined: 0, fit: 0, engagement: 0, band: "C3", contributions: vec![] });
}

#[test]
fn unknown_keys_are_refused() {
    for json in [
        json!({"fits": {}}),
        json!({"fit": {"rule": []}}),
        json!({"weights": {"fit": 1, "engagement": 1, "x": 1}}),
        json!({"fit": {"rules": [{"id": "a", "group": "need", "label": {}, "points": 1, "when": "email_is_free", "x": 1}]}}),
    ] {
        assert!(serde_json::from_value::<RuleSet>(json.clone()).is_err(), "{json}");
    }
}

#[track_caller]
fn check(json: Json, expected: &[&str]) {
    let violations = rules(json).check("scoring");
    let told: Vec<_> = violations.iter().map(|violation| format!("{} {}", violation.field, violation.code)).collect();
    assert_eq!(told, expected);
}

#[test]
fn check_tells_everything_that_is_wrong() {
    check(json!({}), &[]);
    check(
        json!({"fit": {"groups": {"Bad name": {"cap": 101, "label": {}}}, "rules": [fit_rule("a", "nowhere", 0, "a"), fit_rule("a:b", "need", 101, "a")]}}),
        &[
            "scoring.fit.groups.Bad name identifier",
            "scoring.fit.groups.Bad name.cap range",
            "scoring.fit.groups.Bad name.label required",
            "scoring.fit.rules[0].points range",
            "scoring.fit.rules[0].group unknown",
            "scoring.fit.rules[1].id identifier",
            "scoring.fit.rules[1].points range",
        ],
    );
    check(
        json!({
            "fit": {"rules": [fit_rule("same", "need", 1, "a")]},
            "engagement": {"groups": {"g": {"cap": 10}}, "rules": [
                {"id": "same", "group": "need", "label": {"es": " "}, "points": -1, "event": {"path": "precios"},
                 "at_least": 0, "at_most": 1001, "within_days": 0, "half_life_days": 9999},
                {"id": "none", "group": "g", "label": {"es": "x"}, "points": 1, "event": {}}
            ]}
        }),
        &[
            "scoring.engagement.rules[0].label required",
            "scoring.engagement.rules[0].group unknown",
            "scoring.engagement.rules[0].event.path path",
            "scoring.engagement.rules[0].at_least range",
            "scoring.engagement.rules[0].at_most range",
            "scoring.engagement.rules[0].within_days range",
            "scoring.engagement.rules[0].half_life_days range",
            "scoring.engagement.rules[0].half_life_days negative",
            "scoring.engagement.rules[1].event required",
            "scoring.engagement.rules[0].id duplicate",
        ],
    );
    check(
        json!({"weights": {"fit": 0, "engagement": 0}, "bands": {"fit": {"high": 40, "medium": 40}, "engagement": {"high": 101, "medium": 1}}}),
        &["scoring.weights range", "scoring.bands.fit range", "scoring.bands.engagement range"],
    );
}

/// The demo site's own rules, as `apply` reads them.
fn demo_rules() -> RuleSet {
    toml::from_str(include_str!("../../../../sites/demo/scoring.toml")).unwrap()
}

#[test]
fn the_demo_sites_rules_are_sound() {
    assert_eq!(demo_rules().check("scoring"), []);
}

#[test]
fn the_demo_tells_a_buyer_from_a_browser() {
    let buyer =
        json!({"role": "Directora de Marketing", "company": "Acmé", "message": "Necesitamos una demo y un presupuesto cuanto antes"});
    let buyer = Person { country: Some("MX"), ..person(buyer.as_object().unwrap()) };
    let score = demo_rules().score(&buyer, &[VisitorEvent::submitted("demo", None, now())], now());
    assert_eq!(
        told(&score),
        [
            "decides 25 13",
            "influences 12 6",
            "cap:authority -12 -6",
            "asks-for-price 20 10",
            "business-mailbox 12 6",
            "names-company 8 4",
            "names-a-need 12 6",
            "wants-a-demo 12 6",
            "cap:need -4 -2",
            "our-markets 5 2",
            "soon 10 5",
            "form-sent 50 25",
        ]
    );
    assert_eq!((score.fit, score.engagement, score.combined, score.band), (100, 50, 75, "A2"));
    assert_eq!(score.contributions[8].label.get(Locale::Es), "Tope de «Necesidad»: 20");

    let browser = json!({"role": "Estudiante"});
    let browser = Person { email: "x@gmail.com", ..person(browser.as_object().unwrap()) };
    let score = demo_rules().score(&browser, &[], now());
    assert_eq!((score.fit, score.combined, score.band), (0, 0, "C3"));
}
