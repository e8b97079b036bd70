//! `cargo xtask bench faq-chat`: how well the FAQ chat finds answers and knows when it has none, or with `--only cost` what an answer costs.

mod cost;
mod host;
mod quality;
mod report;
mod split;
mod store;

use anyhow::{Result, bail};

use crate::args::Args;

/// Names this bench on the command line.
pub const NAME: &str = "faq-chat";

/// Measures, prints and writes; of a quick run nothing is written.
pub fn command(mut args: Args) -> Result<()> {
    match args.value("--only")?.as_deref() {
        None | Some("quality") => quality::command(args),
        Some("cost") => cost::command(args),
        Some(other) => bail!("--only is `{other}`; it may be quality or cost"),
    }
}
