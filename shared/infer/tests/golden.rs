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
            let vector = model.encoder.encode(&[&row.text]).unwrap();
            assert_eq!(vector.len(), model.encoder.dimensions());
            let furthest = vector.iter().zip(&row.vector).map(|(found, expected)| (found - expected).abs()).fold(0.0, f32::max);
            assert!(furthest < model.golden.agreement, "{}: {:?} is {furthest} off", model.name, row.text);
        }
    }
}

#[test]
fn texts_together_are_as_texts_alone() {
    for model in Model::all() {
        let texts: Vec<&str> = model.golden.rows.iter().map(|row| row.text.as_str()).collect();
        let alone: Vec<f32> = texts.iter().flat_map(|text| model.encoder.encode(&[text]).unwrap()).collect();
        assert_eq!(model.encoder.encode(&texts).unwrap(), alone, "{}", model.name);
        assert_eq!(model.encoder.encode(&[]).unwrap(), [0.0; 0]);
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
}
