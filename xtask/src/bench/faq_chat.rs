//! `cargo xtask bench faq-chat`: how well the FAQ chat finds answers and knows when it has none; starts the bench that reads the data.

use std::path::PathBuf;

use anyhow::{Context, Result, bail};

use super::document;
use crate::args::Args;
use crate::{paths, process, toolchain};

/// Names this bench on the command line.
pub const NAME: &str = "faq-chat";

/// Measures, prints and writes; of a quick run, and of files that were named, nothing is written.
pub fn command(mut args: Args) -> Result<()> {
    let is_quick = args.switch("--quick");
    let data = args.value("--data")?.or_else(|| std::env::var("ORILLA_DATASETS").ok()).map(PathBuf::from);
    let (entries, queries) = (args.values("--kb")?, args.values("--queries")?);
    args.finish()?;
    if entries.len() != queries.len() {
        bail!("each --kb needs its --queries");
    }
    let out = paths::target("bench/faq-chat");
    let mut cargo = toolchain::host_cargo();
    cargo.args(["run", "--quiet", "-p", "orilla-bench-models", "--no-default-features", "--profile", "tool", "--", "--faq"]);
    cargo.arg("--models").arg(paths::root().join("models")).arg("--cache").arg(paths::target("bench/vectors")).arg("--out").arg(&out);
    cargo.arg("--teacher").arg(paths::target("models/teacher"));
    if let Some(data) = &data {
        cargo.arg("--data").arg(data);
    }
    for (flag, values) in [("--kb", &entries), ("--queries", &queries)] {
        values.iter().for_each(|value| _ = cargo.args([flag, value]));
    }
    if is_quick {
        cargo.arg("--quick");
    }
    process::run(&mut cargo, "measure the FAQ chat")?;
    if is_quick || !entries.is_empty() {
        eprintln!("no file is written of a quick run, nor of files that were named");
        return Ok(());
    }
    if data.is_none() {
        eprintln!("no file is written without the public data: name its folder with --data DIR, or ORILLA_DATASETS");
        return Ok(());
    }
    let file = out.join("faq-chat.md");
    let text = std::fs::read_to_string(&file).with_context(|| format!("cannot read {}", file.display()))?;
    document::write_benchmarks(NAME, &format!("## FAQ chat: quality\n\n{INTRODUCTION}\n\n{text}"))
}

/// What the tables do not say themselves.
const INTRODUCTION: &str = "Written by `cargo xtask bench faq-chat --data DIR`; in percent. *The function* is the code that answers, with both shipped encoders; the other rows \
     rank the same entries by parts of it or by TF-IDF. An entry stands in both languages where no language is named, and es→en asks an index of English articles alone. \
     *AUROC* is of questions that an entry answers against those that none does. *Covered* is the share of questions with an entry that are answered when the \
     surest answers are given until so many are wrong; strangers that are answered count as wrong. The other columns are what the function did, with the threshold \
     that each index learnt from its own articles. `dev_centre` and `dev` were looked at while the function was made; CLINC150's test was not.";
