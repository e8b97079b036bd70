use serde_json::json;

use super::*;

#[test]
fn an_own_profile_differs_from_its_base_only_in_what_it_says() -> Result<(), String> {
    let own = Profile::own(&json!({ "base": "yoast", "name": "marea", "density": { "max": 2.5 } }))?;
    assert_eq!(own.density, Density { max: 2.5, ..Profile::yoast().density });
    assert_eq!(Profile { name: "yoast".to_owned(), density: Profile::yoast().density, ..own }, Profile::yoast());
    Ok(())
}

#[test]
fn an_own_profile_without_a_base_begins_from_the_brief() {
    assert_eq!(Profile::own(&json!({})), Ok(Profile::brief()));
}

#[test]
fn refuses_what_makes_no_sense() {
    for (data, says) in [
        (json!([]), "object"),
        (json!({ "base": "surfer" }), "surfer"),
        (json!({ "base": 1 }), "base"),
        (json!({ "densty": {} }), "densty"),
        (json!({ "density": { "most": 3 } }), "most"),
        (json!({ "density": { "min": 3, "max": 1 } }), "density"),
        (json!({ "passives": { "good": 20, "ok": 10 } }), "passives"),
        (json!({ "transitions": { "good": 20, "ok": 30 } }), "transitions"),
        (json!({ "length": { "blog": { "good": 10 } } }), "length.blog"),
        (json!({ "sentence_words": { "es": 0 } }), "sentence_words"),
        (json!({ "matching": "fuzzy" }), "fuzzy"),
        (json!({ "complex_words": -1.0 }), "complex_words"),
    ] {
        let refused = Profile::own(&data);
        assert!(refused.as_ref().is_err_and(|error| error.contains(says)), "{data}: {refused:?}");
    }
}

#[test]
fn steps_and_ranges_include_their_bounds() {
    let steps = Steps { good: 25.0, ok: 30.0 };
    assert_eq!([25.0, 25.1, 30.0, 30.1].map(|value| steps.at_most(value)), [9, 6, 6, 3]);
    let steps = Steps { good: 30.0, ok: 20.0 };
    assert_eq!([30.0, 29.9, 20.0, 19.9].map(|value| steps.at_least(value)), [9, 6, 6, 3]);
    let within = Within { min: 121.0, max: 156.0 };
    assert_eq!([120.0, 121.0, 156.0, 157.0].map(|value| within.holds(value)), [false, true, true, false]);
}
