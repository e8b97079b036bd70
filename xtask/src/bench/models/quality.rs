//! How good the models are: starts the bench that reads the data, and puts its tables where they belong.

use std::path::PathBuf;

use anyhow::{Context, Result};

use crate::bench::document;
use crate::{paths, process, toolchain};

/// The models that have a card.
const CARDS: [&str; 2] = ["micro", "small"];

/// What the bench is told.
#[derive(Debug)]
pub struct Options {
    /// The folder with the public data; not needed for help centres of files.
    pub data: Option<PathBuf>,
    /// The teacher's exported files.
    pub teacher: Option<PathBuf>,
    /// Further encoders, `NAME=FOLDER`.
    pub also: Vec<String>,
    /// Help centres in files: these alone are measured then, and nothing is written.
    pub entries: Vec<String>,
    /// Their questions.
    pub queries: Vec<String>,
    /// A part of everything; nothing is written.
    pub is_quick: bool,
}

/// Measures quality.
pub fn run(options: &Options) -> Result<()> {
    let out = paths::target("bench/models");
    let mut cargo = toolchain::host_cargo();
    cargo.args(["run", "--quiet", "-p", "orilla-bench-models", "--profile", "tool", "--"]);
    cargo.arg("--models").arg(paths::root().join("models")).arg("--cache").arg(paths::target("bench/vectors")).arg("--out").arg(&out);
    cargo.arg("--teacher").arg(options.teacher.clone().unwrap_or_else(|| paths::target("models/teacher")));
    if let Some(data) = &options.data {
        cargo.arg("--data").arg(data);
    }
    for (flag, values) in [("--also", &options.also), ("--kb", &options.entries), ("--queries", &options.queries)] {
        values.iter().for_each(|value| _ = cargo.args([flag, value]));
    }
    if options.is_quick {
        cargo.arg("--quick");
    }
    process::run(&mut cargo, "measure the models")?;
    if options.is_quick || !options.entries.is_empty() {
        eprintln!("no file is written of a quick run, nor of help centres that were named");
        return Ok(());
    }
    let read = |name: &str| {
        let file = out.join(format!("{name}.md"));
        std::fs::read_to_string(&file).with_context(|| format!("cannot read {}", file.display()))
    };
    document::write_benchmarks("models", &format!("## Models: quality\n\nWritten by `cargo xtask bench models`. {}", read("benchmarks")?))?;
    CARDS.iter().try_for_each(|name| document::write_figures(&paths::root().join("models").join(name).join("CARD.md"), &read(name)?))
}
