//! An answer's parts: the example of the function takes them apart in its own process; the probe encodes the same questions in every host,
//! ONNX Runtime on the same files, and plain JavaScript searches the same vectors.

use std::path::Path;

use anyhow::{Context, Result};
use serde::Deserialize;
use serde_json::{Value as Json, json};

use crate::bench::models::speed::Pace;
use crate::bench::models::speed::builds;
use crate::bench::models::speed::figures::cost;
use crate::bench::models::speed::subject::{Kind, Subject};
use crate::build::Profile;
use crate::{node, paths, process, toolchain};

/// What the example says of the encoders; microseconds of the processor for one question.
#[derive(Debug, Deserialize)]
pub struct Encoders {
    pub tokenise_us: f64,
    pub embed_us: f64,
    pub questions: Vec<String>,
    ids: Json,
}

/// What it says of a knowledge base.
#[derive(Debug, Deserialize)]
pub struct Knowledge {
    pub entries: usize,
    pub articles: usize,
    /// Whether every text was encoded; if not, variants borrowed vectors.
    pub is_encoded: bool,
    pub texts: usize,
    pub build_ms: f64,
    pub bytes: u64,
    dimensions: usize,
    pub open_us: f64,
    pub retrieve_us: f64,
    /// With `retrieve_us`.
    pub decide_us: f64,
}

/// Runs the example; what it made lies in `folder`.
pub fn native(folder: &Path, sizes: &[usize]) -> Result<(Encoders, Vec<Knowledge>)> {
    let mut cargo = toolchain::host_cargo();
    cargo.args(["run", "--release", "--quiet", "--target-dir", "target", "-p", "faq-chat", "--example", "answer", "--"]).arg(folder);
    cargo.args(sizes.iter().map(usize::to_string)).current_dir(paths::root());
    let text = process::output(&mut cargo, "take an answer apart")?;
    let mut lines = text.lines();
    let encoders = serde_json::from_str(lines.next().unwrap_or_default()).context("the example told nothing of the encoders")?;
    let knowledge = lines.map(|line| serde_json::from_str(line).with_context(|| format!("the example said: {line}")));
    Ok((encoders, knowledge.collect::<Result<_>>()?))
}

/// Who encoded, and what both encoders take of the processor for one question, in microseconds.
pub fn encoding(encoders: &Encoders, profile: Profile, pace: Pace) -> Result<Vec<(&'static str, f64)>> {
    let builds = builds::Builds::in_place(profile)?;
    let mut all = Vec::new();
    for mut subject in builds.encoders()? {
        let mut sum = 0.0;
        for model in ["small", "micro"] {
            let question = json!({ "do": "encode", "model": model, "texts": encoders.questions, "ids": encoders.ids[model] });
            sum += cost(&mut subject, &question, pace)?.cpu.as_secs_f64();
        }
        all.push((subject.title, sum * 1e6 / encoders.questions.len() as f64));
    }
    Ok(all)
}

/// What one search in plain JavaScript takes of the processor, in microseconds, by knowledge base.
pub fn searching(knowledge: &[Knowledge], folder: &Path, pace: Pace) -> Result<Vec<f64>> {
    let mut subject = Subject::new("plain JavaScript", Kind::Lines, || Ok(node::node("benches/cosine.mjs")))?;
    let mut one = |it: &Knowledge| {
        let file = folder.join(format!("vectors-{}.bin", it.entries));
        let question = json!({ "do": "cosine", "file": file, "dimensions": it.dimensions });
        Ok(cost(&mut subject, &question, pace)?.cpu.as_secs_f64() * 1e6)
    };
    knowledge.iter().map(&mut one).collect()
}
