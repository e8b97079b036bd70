//! `cargo xtask …`: the project's one build tool. `cargo xtask help` lists what it does.
//! It orchestrates; what a function, a host or a test does stands in their own crates.
#![allow(clippy::print_stdout, clippy::disallowed_methods, reason = "a command-line tool talks to its terminal, clock and environment")]

mod args;
mod build;
mod node;
mod paths;
mod process;
mod toolchain;

use std::process::ExitCode;

use anyhow::{Result, bail};

use crate::args::Args;

const HELP: &str = "\
cargo xtask dev [--host native|workers|spin] [--port 8787] [--data DIR] [--open] [--set KEY=VALUE]…
    Builds, applies the demo site and serves it; prints `ready URL` with the demo keys. Ctrl-C stops everything.
cargo xtask test [NAME…]
    Runs every test, or the named steps only; `cargo xtask test --list` names them.
cargo xtask setup
    Installs what the Wasm hosts need: the Rust targets and the npm tools. Idempotent.
cargo xtask build [--host workers|spin] [--profile wasm|wasm-test] [-p PACKAGE]…
    Builds the functions for one edge host, or for both.
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
        Some("setup") => {
            args.finish()?;
            toolchain::ensure()?;
            node::ensure()?;
        }
        Some("build") => build::command(args)?,
        Some("wasm-cargo") => return build::wasm_cargo(args),
        Some("help" | "--help" | "-h") | None => print!("{HELP}"),
        Some(other) => bail!("there is no command `{other}`; `cargo xtask help` lists them"),
    }
    Ok(ExitCode::SUCCESS)
}
