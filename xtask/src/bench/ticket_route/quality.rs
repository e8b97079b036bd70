//! How well tickets are routed; starts the bench that reads them.

use std::path::PathBuf;

use anyhow::Result;

use super::NAME;
use crate::args::Args;
use crate::bench::models::quality::{Options, table};
use crate::bench::{document, machine};
use crate::paths;

/// What a command line asks for.
#[derive(Debug, PartialEq, Eq)]
struct Asked {
    /// Tickets of a file: these alone are measured then, and nothing is written.
    tickets: Option<PathBuf>,
    is_quick: bool,
}

impl Asked {
    fn read(mut args: Args) -> Result<Self> {
        let asked = Self { is_quick: args.switch("--quick"), tickets: args.value("--tickets")?.map(PathBuf::from) };
        args.finish()?;
        Ok(asked)
    }
}

/// Measures, prints and writes; of a quick run, and of a file that was named, nothing is written.
pub fn command(args: Args) -> Result<()> {
    let Asked { tickets, is_quick } = Asked::read(args)?;
    // The bench is started in the repository's root.
    let tickets = tickets.map(std::path::absolute).transpose()?;
    let options = Options { data: None, teacher: None, also: Vec::new(), entries: Vec::new(), queries: Vec::new(), tickets, is_quick };
    let out = paths::target("bench/ticket-route");
    // The shipped encoders run in place; tract takes minutes to compile.
    options.read_data(&out, &["--no-default-features"], &["--ticket-route"])?;
    if !options.is_whole() {
        return Ok(());
    }
    let section = format!("## Ticket routing: quality\n\n{INTRODUCTION} On {}.\n\n{}", machine::processor()?, table(&out, NAME)?);
    document::write_benchmarks(NAME, &section)?;
    document::write_figures(&paths::root().join("models/tickets/CARD.md"), &table(&out, "tickets")?)
}

/// What the tables do not say themselves.
const INTRODUCTION: &str = "Written by `cargo xtask bench ticket-route`; in percent but for what are counts and times. *The function* is the code that routes, with the heads it ships; \
     the baselines learn from the same rows as those, `models/data/tickets/train.jsonl`, and `dev.jsonl` is asked: other topics, looked at while the function was made. \
     Macro-F1 is over the classes that there are. *ECE* is the expected calibration error in 15 bins of equal width (Guo et al. 2017). Confidence is high from a probability of \
     0.8 on, and medium from 0.5 on; no rule of a site and nothing that a site taught takes part. Folds follow from a row's place; no two training tickets have a topic in common. With fewer rows, everything is learnt anew, also how rare \
     words are. `--tickets FILE` measures other tickets, lines of JSON with `subject`, `body`, `lang`, `category` and `priority`.";

#[cfg(test)]
mod tests {
    use super::*;

    fn of(line: &str) -> Result<Asked> {
        Asked::read(Args::new(line.split_whitespace().map(str::to_owned)))
    }

    #[test]
    fn knows_what_is_asked_for() {
        assert_eq!(of("").unwrap(), Asked { tickets: None, is_quick: false });
        assert_eq!(of("--quick --tickets a.jsonl").unwrap(), Asked { tickets: Some("a.jsonl".into()), is_quick: true });
        for wrong in ["--tickets", "--tickets a --tickets b", "--data d", "stray"] {
            assert!(of(wrong).is_err(), "{wrong}");
        }
    }
}
