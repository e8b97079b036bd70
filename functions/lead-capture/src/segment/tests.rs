use chrono::{DateTime, TimeDelta, Utc};
use proptest::prelude::*;
use serde_json::{Map, Value as Json, json};

use super::sorting::{Before, Subject};
use super::*;
use crate::record::{LeadRow, ScoreRow};
use crate::score::VisitorEvent;

fn now() -> DateTime<Utc> {
    DateTime::from_timestamp(1_700_000_000, 0).unwrap()
}

fn ago(days: i64) -> DateTime<Utc> {
    now() - TimeDelta::days(days)
}

fn lead() -> LeadRow {
    LeadRow {
        id: "l-1".into(),
        email: "ana@olas.example".into(),
        email_key: "ana@olas.example".into(),
        fields: Map::new(),
        locale: "es".into(),
        is_accepted: true,
        visitor_id: None,
        first_touch: json!({}),
        last_touch: json!({ "country": "MX", "utm": { "source": "feria" } }),
        tags: vec!["engaged".into()],
        score: ScoreRow { combined: 60, fit: 70, engagement: 50, band: "A2".into(), detail: json!({}) },
        is_confirmed: false,
    }
}

fn view(path: &str, at: DateTime<Utc>) -> VisitorEvent {
    VisitorEvent { kind: "page".into(), name: "page".into(), url: Some(format!("https://marea.example{path}")), occurred_at: at }
}

fn segments(list: Json) -> Vec<Segment> {
    serde_json::from_value(list).unwrap()
}

fn one(when: &Json) -> Segments {
    let definition = Definition { label: Text::default(), when: serde_json::from_value(when.clone()).unwrap(), uses: None };
    Segments::new(1, vec![Saved { id: "s".into(), version: 1, definition }])
}

/// Whether the lead is in a segment of this rule at a time, and when it has to be looked at again.
fn sorted(when: &Json, events: &[VisitorEvent], at: DateTime<Utc>) -> (bool, Option<DateTime<Utc>>) {
    let lead = lead();
    let subject = Subject { lead: &lead, events, consents: &["news".to_owned()], first_seen: ago(20), now: at };
    let before = Before { version: 1, nps: Some(9), ..Before::default() };
    let sorting = one(when).sort(&subject, &before);
    (sorting.is_change(), sorting.due_at)
}

#[track_caller]
fn check(when: Json, is_in: bool) {
    let parsed: Condition = serde_json::from_value(when.clone()).unwrap();
    assert_eq!(serde_json::to_value(&parsed).unwrap(), when, "written as read");
    let events = [view("/precios", ago(1)), view("/precios/anual", ago(5)), view("/blog", ago(6)), view("/precios", ago(30))];
    assert_eq!(sorted(&when, &events, now()).0, is_in, "{when}");
}

#[test]
fn a_rule_sees_what_was_said_done_and_made() {
    check(json!({ "did": { "event": { "type": "page", "path": "/precios" }, "at_least": 3 } }), true);
    check(json!({ "did": { "event": { "type": "page", "path": "/precios" }, "at_least": 3, "within_days": 10 } }), false);
    check(json!({ "did": { "event": { "path": "/blog" }, "at_most": 1 } }), true);
    check(json!({ "not": { "did": { "event": { "path": "/equipo" } } } }), true);
    check(json!({ "first_seen": { "within_days": 20 } }), true);
    check(json!({ "first_seen": { "within_days": 19 } }), false);
    check(json!({ "last_seen": { "within_days": 1 } }), true);
    check(json!({ "not": { "last_seen": { "within_days": 7 } } }), false);
    check(json!({ "tag": { "values": ["engaged"] } }), true);
    check(json!({ "band": { "values": ["A1", "A2"] } }), true);
    check(json!({ "score": { "min": 60, "max": 60 } }), true);
    check(json!({ "score": { "of": "fit", "max": 60 } }), false);
    check(json!({ "score": { "of": "engagement", "min": 50 } }), true);
    check(json!("confirmed"), false);
    check(json!({ "nps": { "min": 9 } }), true);
    check(json!({ "nps": { "max": 6 } }), false);
    check(json!({ "consent": { "name": "news" } }), true);
    check(json!({ "country": { "values": ["MX"] } }), true);
    check(json!({ "utm": { "name": "source", "values": ["feria"] } }), true);
    check(json!({ "segment": "nowhere" }), false);
}

#[test]
fn a_lead_is_looked_at_again_when_time_alone_turns_the_answer() {
    let when = json!({ "did": { "event": { "path": "/precios" }, "at_least": 2, "within_days": 7 } });
    let events = [view("/precios", ago(1)), view("/precios", ago(3)), view("/precios", ago(5))];
    let (is_in, due) = sorted(&when, &events, now());
    assert_eq!((is_in, due), (true, Some(ago(3) + TimeDelta::days(7) + TimeDelta::milliseconds(1))), "the second newest decides");
    let due = due.unwrap();
    assert!(sorted(&when, &events, due - TimeDelta::milliseconds(1)).0, "not a millisecond too early");
    assert!(!sorted(&when, &events, due).0);
    assert_eq!(sorted(&json!({ "country": { "values": ["MX"] } }), &events, now()).1, None, "what no time turns is never looked at");
    assert_eq!(sorted(&json!({ "did": { "event": { "path": "/precios" } } }), &events, now()).1, None);
}

proptest! {
    /// Between two looks nothing turns: a lead that is sorted when it is due, and only then, is always where the rules say.
    #[test]
    fn nothing_turns_unseen(
        hours in prop::collection::vec(0..900_i64, 0..12),
        at_least in 1..4_u32,
        at_most in prop::option::of(4..6_u32),
        within in 1..30_u32,
        seen in 1..40_u32,
        later in 0..1_200_i64,
    ) {
        let events: Vec<_> = hours.iter().map(|hours| view("/precios", now() - TimeDelta::hours(*hours))).collect();
        let mut did = json!({ "event": { "path": "/precios" }, "at_least": at_least, "within_days": within });
        if let Some(most) = at_most {
            did["at_most"] = json!(most);
        }
        let when = json!({ "any": [{ "did": did }, { "not": { "last_seen": { "within_days": seen } } }] });
        let at = now() + TimeDelta::hours(later);
        let (mut state, mut due) = sorted(&when, &events, now());
        while let Some(next) = due.filter(|next| *next <= at) {
            (state, due) = sorted(&when, &events, next);
            prop_assert!(due.is_none_or(|due| due > next), "it comes to an end");
        }
        prop_assert_eq!(state, sorted(&when, &events, at).0);
    }
}

#[track_caller]
fn refused(list: Json, expected: &[&str]) {
    let mut found = Found::default();
    checked(segments(list), "segments", &mut found);
    let told: Vec<_> = found.0.iter().map(|it| format!("{} {}", it.field, it.code)).collect();
    assert_eq!(told, expected);
}

#[test]
fn everything_that_is_wrong_is_told_with_its_place() {
    let label = json!({ "es": "x" });
    refused(json!([{ "id": "a", "label": label, "when": "email_is_free" }]), &[]);
    refused(
        json!([
            { "id": "No good", "label": {}, "when": { "did": { "event": {}, "at_least": 0, "within_days": 0 } } },
            { "id": "a", "label": label, "when": { "all": [{ "band": { "values": ["Z9"] } }, { "score": {} }, { "nps": { "min": 9, "max": 1 } }] } },
            { "id": "a", "label": label, "when": { "not": { "segment": "nowhere" } } },
            { "id": "b", "label": label, "when": { "did": { "event": { "path": "precios" }, "at_least": 3, "at_most": 2 } } },
        ]),
        &[
            "segments[2].id duplicate",
            "segments[0].id name",
            "segments[0].label required",
            "segments[0].when.did.event required",
            "segments[0].when.did.at_least range",
            "segments[0].when.did.within_days range",
            "segments[1].when.all[0].values band",
            "segments[1].when.all[1] range",
            "segments[1].when.all[2] range",
            "segments[2].when.not unknown",
            "segments[3].when.did.event.path path",
            "segments[3].when.did.at_most range",
        ],
    );
}

#[test]
fn segments_that_ask_for_themselves_are_refused() {
    let label = json!({ "en": "x" });
    refused(
        json!([
            { "id": "a", "label": label, "when": { "segment": "b" } },
            { "id": "b", "label": label, "when": { "any": ["email_is_free", { "not": { "segment": "a" } }] } },
            { "id": "c", "label": label, "when": { "segment": "a" } },
            { "id": "d", "label": label, "when": { "segment": "d" } },
        ]),
        &["segments[0].when circular", "segments[1].when circular", "segments[3].when circular"],
    );
}

#[test]
fn a_segment_is_another_when_one_that_it_names_is() {
    let of = |values: Json| {
        let list = json!([
            { "id": "top", "label": { "es": "x" }, "when": { "segment": "middle" } },
            { "id": "middle", "label": { "es": "x" }, "when": { "not": { "segment": "low" } } },
            { "id": "low", "label": { "es": "x" }, "when": { "country": { "values": values } } },
        ]);
        checked(segments(list), "segments", &mut Found::default())
    };
    let (before, after) = (of(json!(["MX"])), of(json!(["ES"])));
    assert_ne!(before["top"], after["top"]);
    assert_ne!(before["middle"], after["middle"]);
    assert_eq!(before["top"], of(json!(["MX"]))["top"]);
    assert_eq!(before["low"].uses, None);
}

#[test]
fn a_score_borrows_segments_but_never_one_that_asks_for_scores() {
    let mut found = Found::default();
    let list = json!([
        { "id": "keen", "label": { "es": "x" }, "when": { "all": [{ "segment": "near" }, { "did": { "event": { "path": "/precios" } } }] } },
        { "id": "near", "label": { "es": "x" }, "when": { "country": { "values": ["MX"] } } },
        { "id": "hot", "label": { "es": "x" }, "when": { "score": { "min": 50 } } },
        { "id": "hottest", "label": { "es": "x" }, "when": { "segment": "hot" } },
    ]);
    let all = checked(segments(list), "segments", &mut found);
    let rules = |segment: &str| -> RuleSet {
        let rule = json!({ "id": "r", "group": "need", "label": { "es": "x" }, "points": 5, "when": { "any": [{ "segment": segment }] } });
        serde_json::from_value(json!({ "fit": { "rules": [rule] }, "tags": { "rules": [{ "tag": "t", "when": { "segment": segment } }] } }))
            .unwrap()
    };
    let mut keen = rules("keen");
    lend(&mut keen, &all, "scoring", &mut found);
    assert_eq!(found.0, []);
    assert_eq!(keen.segments.keys().collect::<Vec<_>>(), ["keen", "near"]);
    let fields = Map::new();
    let known = crate::score::Known { first_seen: Some(ago(1)), ..Default::default() };
    let person = crate::score::Person {
        fields: &fields,
        email: "a@b.co",
        country: Some("MX"),
        locale: "es",
        consents: &[],
        touch: &Json::Null,
        known,
    };
    assert_eq!(keen.score(&person, &[view("/precios", ago(1))], now()).fit, 5);
    assert_eq!(keen.score(&person, &[], now()).fit, 0);
    for (segment, code) in [("hottest", "circular"), ("nowhere", "unknown")] {
        let mut found = Found::default();
        lend(&mut rules(segment), &all, "scoring", &mut found);
        let told: Vec<_> = found.0.iter().map(|it| format!("{} {}", it.field, it.code)).collect();
        let at = if code == "unknown" {
            ["scoring.fit.rules[0].when.any[0]", "scoring.tags.rules[0].when"]
        } else {
            ["scoring.fit.rules[0].when", "scoring.tags.rules[0].when"]
        };
        assert_eq!(told, at.map(|at| format!("{at} {code}")));
    }
    let direct: RuleSet = serde_json::from_value(json!({ "tags": { "rules": [{ "tag": "t", "when": { "not": "confirmed" } }] } })).unwrap();
    assert_eq!(direct.check("scoring").iter().map(|it| it.code.to_string()).collect::<Vec<_>>(), ["circular"]);
}

#[test]
fn the_demo_sites_segments_are_sound() {
    #[derive(serde::Deserialize)]
    struct File {
        segments: Vec<Segment>,
    }
    let file: File = toml::from_str(include_str!("../../../../sites/demo/segments.toml")).unwrap();
    let mut found = Found::default();
    assert_eq!(checked(file.segments, "segments", &mut found).len(), 3);
    assert_eq!(found.0, []);
}
