//! What is measured: encoders with what they read in training, and the lexical baseline beside them.

use std::path::{Path, PathBuf};

use anyhow::{Context, Result};
use serde::Deserialize;

use crate::vectors::Vectors;

/// An encoder by its files.
#[derive(Debug, Clone)]
pub struct Model {
    pub name: String,
    pub folder: PathBuf,
}

/// An encoder and the vectors of every text that is measured.
pub struct System {
    pub name: String,
    /// Bytes of the graph.
    pub weight: u64,
    pub seen: Seen,
    pub vectors: Vectors,
}

/// Which of the measured sets an encoder read in training, labels aside.
#[derive(Debug, Clone, PartialEq)]
pub enum Seen {
    /// Nobody here knows.
    Unknown,
    /// These, by their keys.
    Sets(Vec<String>),
}

#[derive(Deserialize)]
struct Provenance {
    read: Vec<String>,
}

impl Model {
    /// True if there is such a model here.
    pub fn is_there(&self) -> bool {
        self.folder.join("model.onnx").is_file()
    }

    /// Encodes every text, or reads what was encoded before.
    pub fn open<'a>(&self, cache: &Path, texts: impl Iterator<Item = &'a str>) -> Result<System> {
        let provenance = self.folder.join("provenance.json");
        let seen = if provenance.is_file() {
            let text = std::fs::read_to_string(&provenance).with_context(|| format!("cannot read {}", provenance.display()))?;
            let told: Provenance = serde_json::from_str(&text).with_context(|| format!("cannot read {}", provenance.display()))?;
            Seen::Sets(told.read)
        } else {
            Seen::Unknown
        };
        Ok(System {
            name: self.name.clone(),
            weight: std::fs::metadata(self.folder.join("model.onnx"))?.len(),
            seen,
            vectors: Vectors::of(&self.folder, cache, texts)?,
        })
    }
}

impl System {
    /// What it read, in words.
    pub fn provenance(&self) -> String {
        match &self.seen {
            Seen::Unknown => format!("{}: not known", self.name),
            Seen::Sets(sets) if sets.is_empty() => format!("{}: none of these sets", self.name),
            Seen::Sets(sets) => format!("{}: unlabelled training text of {}", self.name, sets.join(", ")),
        }
    }
}
