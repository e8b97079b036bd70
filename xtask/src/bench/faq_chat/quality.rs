//! How well the FAQ chat finds answers and knows when it has none: starts the bench that reads the data.

use std::path::PathBuf;

use anyhow::{Result, bail};

use super::NAME;
use crate::args::Args;
use crate::bench::document;
use crate::bench::models::quality::{Options, table};
use crate::paths;

/// Measures, prints and writes; of a quick run, and of files that were named, nothing is written.
pub fn command(mut args: Args) -> Result<()> {
    let options = Options {
        is_quick: args.switch("--quick"),
        data: args.value("--data")?.or_else(|| std::env::var("ORILLA_DATASETS").ok()).map(PathBuf::from),
        teacher: None,
        also: Vec::new(),
        entries: args.values("--kb")?,
        queries: args.values("--queries")?,
        tickets: None,
    };
    args.finish()?;
    if options.entries.len() != options.queries.len() {
        bail!("each --kb needs its --queries");
    }
    let out = paths::target("bench/faq-chat");
    // The shipped encoders run in place; tract takes minutes to compile.
    options.read_data(&out, &["--no-default-features"], &["--faq"])?;
    if !options.is_whole() {
        return Ok(());
    }
    if options.data.is_none() {
        eprintln!("no file is written without the public data: name its folder with --data DIR, or ORILLA_DATASETS");
        return Ok(());
    }
    document::write_benchmarks(NAME, &format!("## FAQ chat: quality\n\n{INTRODUCTION}\n\n{}", table(&out, "faq-chat")?))
}

/// What the tables do not say themselves.
const INTRODUCTION: &str = "Written by `cargo xtask bench faq-chat --data DIR`; in percent. *The function* is the code that answers, with both shipped encoders; the other rows \
     rank the same entries by parts of it or by TF-IDF. An entry stands in both languages where no language is named, and es→en asks an index of English articles alone. \
     *AUROC* is of questions that an entry answers against those that none does. *Covered* is the share of questions with an entry that are answered when the \
     surest answers are given until so many are wrong; strangers that are answered count as wrong. The other columns are what the function did, with the threshold \
     that each index learnt from its own articles. `dev_centre` and `dev` were looked at while the function was made; CLINC150's test was not.";
