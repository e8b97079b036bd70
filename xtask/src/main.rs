//! `cargo xtask …`: the project's one build tool. `cargo xtask help` lists what it does.
//! It orchestrates; what a function, a host or a test does stands in their own crates.
#![allow(clippy::print_stdout, clippy::disallowed_methods, reason = "a command-line tool talks to its terminal, clock and environment")]

mod apply;
mod args;
mod backup;
mod bench;
mod build;
mod clock;
mod demo;
mod deploy;
mod dev;
mod fuzz;
mod node;
mod paths;
mod process;
mod restore;
mod test;
mod toolchain;
mod web;

use std::process::ExitCode;

use anyhow::{Result, bail};

use crate::args::Args;

const HELP: &str = "\
cargo xtask dev [--host native|workers|spin] [--port 8787] [--data DIR] [--site DIR] [--no-articles] [--open] [--set KEY=VALUE]…
    Builds, applies the demo site and serves it; prints `ready URL` with the demo keys. Ctrl-C stops everything.
cargo xtask demo [--to http://127.0.0.1:8787] [--weeks 9]
    Sends weeks of invented visits and some tickets to a development server, for /demo/analytics and /demo/desk; a second time adds only what
    is new since.
cargo xtask test [STEP…] [--list] [--no-skips]
    Runs every test, or the named steps only; --list names them. With --no-skips a skipped test counts as failed. ORILLA_HOST=workers has the
    step `openapi` ask workerd instead of the native host.
cargo xtask setup
    Installs what the Wasm hosts need: the Rust targets and the npm tools. Idempotent.
cargo xtask build [--host workers|spin|native] [--profile wasm|wasm-test] [-p PACKAGE]…
    Builds the functions for one host, or for both edge hosts, and prints their sizes.
cargo xtask bench lead-capture [--quick] [--profile wasm|wasm-test]
    Measures every host beside a plain Worker, sends 10,000 submissions whose answers get lost, and writes its section of BENCHMARKS.md.
    --quick, and the unoptimised builds of wasm-test, are for working on the bench: they write nothing.
cargo xtask bench track-events [--quick] [--profile wasm|wasm-test]
    Measures how fast every host takes events in, beside plain Workers, and how long the questions take of up to a million events; writes its
    section of BENCHMARKS.md, as above.
cargo xtask bench models [--data DIR] [--only quality|speed] [--quick] [--teacher DIR] [--also NAME=DIR]…
    Measures the encoders on the public sets of DIR (or ORILLA_DATASETS) and on our dev sets, and how fast they are; writes its sections of
    BENCHMARKS.md and the cards. With --kb FILE --queries FILE, lines of JSON, it measures these help centres alone and writes nothing.
cargo xtask bench ticket-route [--tickets FILE] [--quick]
    Measures how well tickets are routed, on our dev set, beside simpler ways; writes its section of BENCHMARKS.md and the model's card. With
    --tickets, lines of JSON with subject, body, lang, category and priority, it measures these and writes nothing.
cargo xtask bench content-score [--groups FILE] [--only groups|cost] [--quick] [--profile wasm|wasm-test]
    Measures how often the score knows the better of two versions, and what a text costs on every host beside yoastseo in Node.js; writes its
    sections of BENCHMARKS.md. With --groups, lines of JSON with group, rank, lang, keyphrase, title, meta and html, it judges these and writes
    nothing.
cargo xtask bench journeys [--hosts native,workers] [--quick] [--profile wasm|wasm-test]
    Sends 1,000 visitors over two minutes through all functions of one server by an open loop, checks that everything acknowledged is there
    once, and writes its section of BENCHMARKS.md, as above.
cargo xtask fuzz [TARGET…] [--minutes N] [--long] [--keep]
    Looks for bytes that break a parser, each target of fuzz/ for N minutes; what is found is made small and kept in fuzz/corpus. With --long,
    feeds what is known repeated to 256 KiB; with --keep, takes the best of what was found into fuzz/corpus.
cargo xtask apply DIR --to URL [--operator-key KEY] [--dry-run] [--keys FILE]
    Applies a site's files and prints what changed; the key may stand in OPERATOR_KEY. With --keys, makes what keys are missing.
cargo xtask backup --from URL --site UUID [--operator-key KEY] > FILE
    Streams everything of a site, its secrets among it, and fails if the stream was cut.
cargo xtask restore FILE --to URL [--operator-key KEY]
    Puts a backup in, after making sure that all of it is there; a second time changes nothing. docs/backup.md says what is held back.
cargo xtask deploy --host workers [--dry-run] [--settings deploy.toml] [--account ID] [--key-file FILE] [--profile wasm|wasm-test]
    Deploys every function and the front: makes what is missing, migrates, then deploys. Twice changes nothing. docs/deploy-workers.md
cargo xtask deploy --host spin [--target cloud|kube] [--out DIR] [--dry-run] [--settings deploy.toml] [--key-file FILE]
    The same for a cloud that `spin cloud` deploys to, or writes manifests for Kubernetes. docs/deploy-spin.md
cargo xtask wasm-cargo -- ARGUMENTS
    Runs cargo with the Wasm tool chain, for example `check -p lead-capture --target wasm32-wasip2`.
";

fn main() -> ExitCode {
    match run(Args::new(std::env::args().skip(1))) {
        Ok(code) => code,
        Err(error) => {
            eprintln!("error: {error:#}");
            ExitCode::FAILURE
        }
    }
}

fn run(mut args: Args) -> Result<ExitCode> {
    match args.command().as_deref() {
        Some("dev") => dev::command(args)?,
        Some("demo") => demo::command(args)?,
        Some("test") => return test::command(args),
        Some("setup") => {
            args.finish()?;
            toolchain::ensure()?;
            node::ensure()?;
        }
        Some("build") => build::command(args)?,
        Some("bench") => bench::command(args)?,
        Some("deploy") => deploy::command(args)?,
        Some("apply") => return apply::command(args),
        Some("fuzz") => return fuzz::command(args),
        Some("backup") => return backup::command(args),
        Some("restore") => return restore::command(args),
        Some("wasm-cargo") => return build::wasm_cargo(args),
        Some("help" | "--help" | "-h") | None => print!("{HELP}"),
        Some(other) => bail!("there is no command `{other}`; `cargo xtask help` lists them"),
    }
    Ok(ExitCode::SUCCESS)
}
