//! The native host with the functions in it, optimised: this very program, whose `dev --host native` serves them.

use std::path::PathBuf;

use anyhow::Result;

use crate::{paths, process, toolchain};

/// Builds it and gives its path.
pub fn build() -> Result<PathBuf> {
    let program = paths::target("release/xtask");
    let pace = if program.is_file() { "" } else { "; minutes, the first time" };
    eprintln!("compiling the native host (release){pace} …");
    let mut cargo = toolchain::host_cargo();
    cargo.args(["build", "--release", "-p", "xtask", "--target-dir", "target"]);
    process::run(&mut cargo, "compile the native host")?;
    Ok(program)
}
