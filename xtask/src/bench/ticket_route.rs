//! `cargo xtask bench ticket-route`: how well tickets are routed, or with `--only cost` what a ticket, a lesson and a tick cost.

mod cost;
mod quality;
mod store;

use anyhow::{Result, bail};

use crate::args::Args;

/// Names this bench on the command line.
pub const NAME: &str = "ticket-route";

/// Measures, prints and writes; of a quick run, and of a file that was named, nothing is written.
pub fn command(mut args: Args) -> Result<()> {
    match args.value("--only")?.as_deref() {
        None | Some("quality") => quality::command(args),
        Some("cost") => cost::command(args),
        Some(other) => bail!("--only is `{other}`; it may be quality or cost"),
    }
}
