//! The native host with the functions in it, optimised: this very program, whose `dev --host native` serves them.

use std::path::PathBuf;

use anyhow::Result;

use crate::{paths, process, toolchain};

/// Builds it and gives its path.
pub fn build() -> Result<PathBuf> {
    release("xtask", "the native host")
}

/// Compiles a program of the workspace as it would be released.
pub fn release(package: &str, title: &str) -> Result<PathBuf> {
    let program = paths::target("release").join(package);
    let pace = if program.is_file() { "" } else { "; minutes, the first time" };
    eprintln!("compiling {title} (release){pace} …");
    let mut cargo = toolchain::host_cargo();
    cargo.args(["build", "--release", "-p", package, "--bin", package, "--target-dir", "target"]);
    process::run(&mut cargo, &format!("compile {title}"))?;
    Ok(program)
}
