//! The shipped models say what they said when they were exported, by another runtime.
#![allow(clippy::unwrap_used, clippy::panic)]

mod models;

use models::{Model, folder};
use orilla_infer::{Encoder, Error};

/// Source: the issue that asked for the models: what an encoder may weigh.
const LIMITS: [(&str, u64); 2] = [("micro", 2_000_000), ("small", 8_000_000)];

#[test]
fn vectors_are_those_of_onnx_runtime() {
    for model in Model::all() {
        for row in &model.golden.rows {
            assert_eq!(model.encoder.ids(&row.text).unwrap(), row.ids, "{}: {:?}", model.name, row.text);
            for encoder in model.encoders() {
                let vector = encoder.encode(&[&row.text]).unwrap();
                assert_eq!(vector.len(), encoder.dimensions());
                let furthest = furthest(&vector, &row.vector);
                assert!(furthest < model.golden.agreement, "{}: {:?} is {furthest} off in {encoder:?}", model.name, row.text);
            }
        }
    }
}

/// Source: the issue that asked for the models: how far vectors of two hosts may be apart.
const BETWEEN_HOSTS: f32 = 1e-5;

#[test]
fn in_place_vectors_are_those_of_tract_whatever_the_length() {
    // Every remainder of the vectors that are multiplied together, and beyond the longest text.
    let lengths = || (0..9).chain(60..64).chain(124..130);
    for model in Model::all() {
        for words in lengths() {
            let text =
                ["pedido", "refund?", "No", "me", "llegó", "4", "café"].iter().cycle().take(words).copied().collect::<Vec<_>>().join(" ");
            let [tract, in_place] = model.encoders().map(|encoder| encoder.encode(&[&text]).unwrap());
            let furthest = furthest(&in_place, &tract);
            assert!(furthest < BETWEEN_HOSTS, "{}: {words} words are {furthest} off", model.name);
        }
    }
}

fn furthest(found: &[f32], expected: &[f32]) -> f32 {
    found.iter().zip(expected).map(|(found, expected)| (found - expected).abs()).fold(0.0, f32::max)
}

#[test]
fn texts_together_are_as_texts_alone() {
    for model in Model::all() {
        let texts: Vec<&str> = model.golden.rows.iter().map(|row| row.text.as_str()).collect();
        for encoder in model.encoders() {
            let alone: Vec<f32> = texts.iter().flat_map(|text| encoder.encode(&[text]).unwrap()).collect();
            assert_eq!(encoder.encode(&texts).unwrap(), alone, "{}", model.name);
            assert_eq!(encoder.encode(&[]).unwrap(), [0.0; 0]);
        }
    }
}

#[test]
fn models_keep_to_their_weight() {
    for (name, limit) in LIMITS {
        let size = folder(name).join("model.onnx").metadata().unwrap().len();
        assert!(size <= limit, "{name} has {size} B");
    }
}

#[test]
fn files_that_are_no_models_are_refused() {
    let read = |name: &str| std::fs::read(folder("micro").join(name)).unwrap();
    let (model, tokenizer) = (read("model.onnx"), read("tokenizer.json"));
    assert!(matches!(Encoder::load(&model, b"{}"), Err(Error::Tokenizer(_))));
    assert!(matches!(Encoder::load(b"", &tokenizer), Err(Error::Model(_) | Error::Shape)));
    assert!(matches!(Encoder::load(&model[..model.len() / 2], &tokenizer), Err(Error::Model(_))));
    assert!(Encoder::load(&tokenizer, &tokenizer).is_err());

    let (model, tokenizer): (&'static [u8], &'static [u8]) = (model.leak(), tokenizer.leak());
    assert!(matches!(Encoder::in_place(model, b"{}"), Err(Error::Tokenizer(_))));
    for other in [b"", &model[..model.len() / 2], &model[..model.len() - 1], tokenizer] {
        assert!(matches!(Encoder::in_place(other, tokenizer), Err(Error::Shape)));
    }
}
