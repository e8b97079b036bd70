//! How good the models are: starts the bench that reads the data, and puts its tables where they belong.

use std::path::{Path, PathBuf};

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
    /// Tickets in a file, for ticket routing.
    pub tickets: Option<PathBuf>,
    /// A part of everything; nothing is written.
    pub is_quick: bool,
}

/// Measures quality.
pub fn run(options: &Options) -> Result<()> {
    let out = paths::target("bench/models");
    options.read_data(&out, &[], &[])?;
    if !options.is_whole() {
        return Ok(());
    }
    let text = table(&out, "benchmarks")?;
    document::write_benchmarks("models", &format!("## Models: quality\n\nWritten by `cargo xtask bench models`. {text}"))?;
    CARDS.iter().try_for_each(|name| document::write_figures(&paths::root().join("models").join(name).join("CARD.md"), &table(&out, name)?))
}

impl Options {
    /// Runs the bench that reads the data, built with these words for cargo and told these flags of its own; its tables go to `out`.
    pub fn read_data(&self, out: &Path, build: &[&str], flags: &[&str]) -> Result<()> {
        let mut cargo = toolchain::host_cargo();
        cargo.args(["run", "--quiet", "-p", "orilla-bench-models", "--profile", "tool"]).args(build).arg("--").args(flags);
        cargo.arg("--models").arg(paths::root().join("models")).arg("--cache").arg(paths::target("bench/vectors")).arg("--out").arg(out);
        cargo.arg("--teacher").arg(self.teacher.clone().unwrap_or_else(|| paths::target("models/teacher")));
        if let Some(data) = &self.data {
            cargo.arg("--data").arg(data);
        }
        if let Some(tickets) = &self.tickets {
            cargo.arg("--tickets").arg(tickets);
        }
        for (flag, values) in [("--also", &self.also), ("--kb", &self.entries), ("--queries", &self.queries)] {
            values.iter().for_each(|value| _ = cargo.args([flag, value]));
        }
        if self.is_quick {
            cargo.arg("--quick");
        }
        process::run(&mut cargo, "measure quality")
    }

    /// Whether a run was of everything, so that its tables are written down; says so where not.
    pub fn is_whole(&self) -> bool {
        let is_whole = !self.is_quick && self.entries.is_empty() && self.tickets.is_none();
        if !is_whole {
            eprintln!("no file is written of a quick run, nor of files that were named");
        }
        is_whole
    }
}

/// A table that the bench made.
pub fn table(out: &Path, name: &str) -> Result<String> {
    let file = out.join(format!("{name}.md"));
    std::fs::read_to_string(&file).with_context(|| format!("cannot read {}", file.display()))
}
