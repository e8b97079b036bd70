//! The shipped classifiers, held to the probabilities that training wrote down.

#![allow(clippy::unwrap_used, reason = "a test that cannot be set up should stop there")]

use orilla_learn::linear_model::LinearModel;
use serde::Deserialize;

#[derive(Deserialize)]
struct Golden {
    agreement: f32,
    labels: Vec<String>,
    rows: Vec<Row>,
}

#[derive(Deserialize)]
struct Row {
    text: String,
    probabilities: Vec<f32>,
}

fn check(file: &[u8], golden: &str) {
    assert!(file.len() <= 200_000, "{} B", file.len());
    let model = LinearModel::parse(file).unwrap();
    let golden: Golden = serde_json::from_str(golden).unwrap();
    assert_eq!(model.labels(), golden.labels);
    assert!(golden.rows.len() > 20);
    for row in golden.rows {
        let found = model.probabilities(&row.text);
        let off = found.iter().zip(&row.probabilities).map(|(a, b)| (a - b).abs()).fold(0.0, f32::max);
        assert!(off < golden.agreement, "{:?}: {found:?} is not {:?}", row.text, row.probabilities);
    }
}

#[test]
fn language_agrees_with_training() {
    check(include_bytes!("../../../models/language/model.bin"), include_str!("../../../models/language/golden.json"));
}

#[test]
fn spam_agrees_with_training() {
    check(include_bytes!("../../../models/spam/model.bin"), include_str!("../../../models/spam/golden.json"));
}

#[test]
fn urgency_agrees_with_training() {
    check(include_bytes!("../../../models/urgency/model.bin"), include_str!("../../../models/urgency/golden.json"));
}

#[test]
fn capitals_exclamations_and_politeness_are_not_urgent() {
    let model = LinearModel::parse(include_bytes!("../../../models/urgency/model.bin")).unwrap();
    let plain = model.probabilities("the logo is too big");
    assert_eq!(plain, model.probabilities("PLEASE! THE LOGO IS TOO BIG!!!! Thanks"));
    assert_ne!(plain, model.probabilities("the shop is down"));
}
