//! `cargo xtask fuzz [TARGET…]`: looks for bytes that a parser gets wrong, with libFuzzer around the targets of `fuzz/`.
//! What it finds is made small and put beside the target's corpus, where `cargo test` meets it from then on.

mod corpus;
mod run;

use std::path::PathBuf;
use std::process::{Command, ExitCode};

use anyhow::{Context, Result, bail};

use crate::args::Args;
use crate::{paths, process, toolchain};

/// How a fuzzer watches what it reaches: the counters and comparisons that libFuzzer reads. Stable flags, no sanitizer: safe code has no use for one.
///
/// Source: LLVM, SanitizerCoverage; what `cargo fuzz --sanitizer none` passes.
const FLAGS: &str = "-Cpasses=sancov-module -Cllvm-args=-sanitizer-coverage-level=4 -Cllvm-args=-sanitizer-coverage-inline-8bit-counters \
                     -Cllvm-args=-sanitizer-coverage-pc-table -Cllvm-args=-sanitizer-coverage-trace-compares";
/// How long a text is that shows what takes time by the square. Chosen: a route's limit of a page, or a quarter.
const LONG_BYTES: usize = 256 * 1024;

/// `cargo xtask fuzz`.
pub fn command(mut args: Args) -> Result<ExitCode> {
    let minutes: u64 = args.value("--minutes")?.map_or(Ok(1), |minutes| minutes.parse()).context("--minutes N is a whole number")?;
    let (is_long, is_kept) = (args.switch("--long"), args.switch("--keep"));
    let known = corpus::targets()?;
    let mut targets = args.positional()?;
    if let Some(stranger) = targets.iter().find(|name| !known.contains(name)) {
        bail!("there is no target `{stranger}`; there are {}", known.join(", "));
    }
    if targets.is_empty() {
        targets = known;
    }
    let fuzzer = build()?;
    let mut is_good = true;
    for target in &targets {
        if is_kept {
            println!("{target}: {} files kept", corpus::keep(&fuzzer, target)?);
        } else if is_long {
            is_good &= run::long(&fuzzer, target, LONG_BYTES)?;
        } else {
            is_good &= run::fuzz(&fuzzer, target, minutes * 60)?;
        }
    }
    Ok(if is_good { ExitCode::SUCCESS } else { ExitCode::FAILURE })
}

/// Builds the fuzzer; flags reach it alone, not what runs while it is built.
fn build() -> Result<PathBuf> {
    let host = process::output(Command::new("rustc").arg("-vV"), "ask the compiler for its host")?;
    let host = host.lines().find_map(|line| line.strip_prefix("host: ")).context("rustc does not say its host")?;
    let folder = paths::target("fuzz/build");
    let mut cargo = toolchain::host_cargo();
    cargo.args(["build", "--release", "--manifest-path", "fuzz/libfuzzer/Cargo.toml", "--target", host, "--target-dir"]);
    process::run(cargo.arg(&folder).env("RUSTFLAGS", FLAGS), "build the fuzzer")?;
    Ok(folder.join(host).join("release/orilla-libfuzzer"))
}
