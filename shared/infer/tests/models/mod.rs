//! The models of the repository, as tests read them.
#![allow(clippy::unwrap_used, clippy::panic, dead_code, reason = "each test file uses a part")]

use std::fs;
use std::path::PathBuf;
use std::sync::OnceLock;

use orilla_infer::Encoder;
use serde::Deserialize;

#[derive(Deserialize)]
pub struct Golden {
    pub agreement: f32,
    pub nasty: Vec<String>,
    pub rows: Vec<Row>,
}

#[derive(Deserialize)]
pub struct Row {
    pub text: String,
    pub ids: Vec<i64>,
    pub vector: Vec<f32>,
}

pub struct Model {
    pub name: &'static str,
    /// In tract.
    pub encoder: Encoder,
    pub in_place: Encoder,
    pub golden: Golden,
}

/// The folders in `models/` that hold an encoder.
const SHIPPED: [&str; 2] = ["micro", "small"];

impl Model {
    pub fn all() -> impl Iterator<Item = Self> {
        SHIPPED.into_iter().map(Self::open)
    }

    /// The quickest one, opened once.
    pub fn shared() -> &'static Self {
        static MODEL: OnceLock<Model> = OnceLock::new();
        MODEL.get_or_init(|| Self::open("micro"))
    }

    pub fn encoders(&self) -> [&Encoder; 2] {
        [&self.encoder, &self.in_place]
    }

    pub fn open(name: &'static str) -> Self {
        let read = |file: &str| fs::read(folder(name).join(file)).unwrap();
        let encoder = Encoder::load(&read("model.onnx"), &read("tokenizer.json")).unwrap();
        let in_place = Encoder::in_place(read("model.onnx").leak(), &read("tokenizer.json")).unwrap();
        Self { name, encoder, in_place, golden: serde_json::from_slice(&read("golden.json")).unwrap() }
    }
}

pub fn folder(name: &str) -> PathBuf {
    PathBuf::from(env!("CARGO_MANIFEST_DIR")).join("../../models").join(name)
}
