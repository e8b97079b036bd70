//! The Wasm tool chain: a cargo that can build for both edge targets.
//!
//! Rustup's targets where rustup can download them; else Debian's compiler with its std source, built once into a folder of
//! ours. Nothing outside the build folder changes, apart from the packages that apt installs. Formatting and lints stay with
//! the default tool chain.

mod debian;
mod rustup;

use std::path::{Path, PathBuf};
use std::process::Command;

use anyhow::{Result, bail};

use crate::{paths, process};

/// Workers.
pub const UNKNOWN: &str = "wasm32-unknown-unknown";
/// Spin.
pub const WASIP2: &str = "wasm32-wasip2";
const TARGETS: [&str; 2] = [UNKNOWN, WASIP2];

/// Forces one way, for those who maintain this file: `rustup` or `debian`.
const FORCE: &str = "ORILLA_WASM_TOOLCHAIN";

/// A cargo that builds Wasm.
#[derive(Debug)]
pub struct Toolchain {
    cargo: PathBuf,
    rustc: Option<PathBuf>,
    sysroot: Option<PathBuf>,
}

impl Toolchain {
    fn active() -> Self {
        Self { cargo: PathBuf::from("cargo"), rustc: None, sysroot: None }
    }

    /// A cargo command in the repository's root, with a build folder of its own.
    ///
    /// What a parent cargo or a rustup shim left in the environment would make the child use the wrong compiler: it is
    /// cleared, apart from the active tool chain's own name where that one is meant.
    pub fn cargo(&self) -> Command {
        let mut command = Command::new(&self.cargo);
        command.current_dir(paths::root());
        clean_environment(&mut command, self.rustc.is_some());
        command.env("CARGO_TARGET_DIR", target_dir());
        if let Some(rustc) = &self.rustc {
            command.env("RUSTC", rustc);
        }
        if let Some(sysroot) = &self.sysroot {
            for target in TARGETS {
                let flag = toml::Value::String(format!("--sysroot={}", sysroot.display()));
                command.arg("--config").arg(format!("target.{target}.rustflags=[{flag}]"));
            }
        }
        command
    }
}

/// Where Wasm builds go: apart from native ones, so that neither waits for the other's lock.
pub fn target_dir() -> PathBuf {
    paths::target("wasm")
}

/// The tool chain, installed if it is missing.
///
/// Errors: a sentence that says what to install and how.
pub fn ensure() -> Result<Toolchain> {
    let forced = std::env::var(FORCE).ok();
    match forced.as_deref() {
        Some("rustup") => {
            rustup::add(&TARGETS)?;
            return Ok(Toolchain::active());
        }
        Some("debian") => return debian::ensure(&TARGETS),
        Some(other) => bail!("{FORCE} is `{other}`; it may be `rustup` or `debian`"),
        None => {}
    }
    if TARGETS.iter().all(|target| rustup::has(target)) {
        return Ok(Toolchain::active());
    }
    if let Some(ready) = debian::ready(&TARGETS) {
        return Ok(ready);
    }
    match rustup::add(&TARGETS) {
        Ok(()) => Ok(Toolchain::active()),
        Err(refused) => {
            eprintln!("{refused:#}; building the targets from Debian's packages instead, which takes about two minutes");
            debian::ensure(&TARGETS)
        }
    }
}

/// What `rustc` says of itself, `None` if it cannot be started.
fn rustc_answer(rustc: &Path, arguments: &[&str]) -> Option<String> {
    let mut command = Command::new(rustc);
    command.args(arguments).current_dir(paths::root());
    process::output(&mut command, "ask rustc").ok().map(|answer| answer.trim().to_owned())
}

/// A cargo command of the active tool chain in the repository's root, for what runs on this machine.
///
/// The cargo that started this program described this package in the environment, and some build scripts watch those names
/// (ring's does): left there, every switch between `cargo xtask test` and plain `cargo test` would compile half the tree again.
pub fn host_cargo() -> Command {
    let mut command = Command::new("cargo");
    command.current_dir(paths::root());
    remove(&mut command, |name| SET_FOR_PACKAGES.iter().any(|prefix| name.starts_with(prefix)));
    command
}

const SET_FOR_PACKAGES: [&str; 4] = ["CARGO_PKG_", "CARGO_MANIFEST_", "CARGO_CRATE_", "CARGO_BIN_"];

/// Takes out of a command's environment whatever would choose its compiler, flags or build folder.
fn clean_environment(command: &mut Command, other_toolchain: bool) {
    const CONFIGURATION: [&str; 2] = ["CARGO_TARGET_", "CARGO_BUILD_"];
    const COMPILER: [&str; 8] = [
        "CARGO",
        "RUSTC",
        "RUSTDOC",
        "RUSTFLAGS",
        "CARGO_ENCODED_RUSTFLAGS",
        "RUSTC_WRAPPER",
        "RUSTC_WORKSPACE_WRAPPER",
        "LD_LIBRARY_PATH",
    ];
    remove(command, |name| {
        COMPILER.contains(&name) || CONFIGURATION.iter().chain(&SET_FOR_PACKAGES).any(|prefix| name.starts_with(prefix))
    });
    if other_toolchain {
        command.env_remove("RUSTUP_TOOLCHAIN");
    }
}

fn remove(command: &mut Command, is_unwanted: impl Fn(&str) -> bool) {
    for (name, _) in std::env::vars_os() {
        if name.to_str().is_some_and(&is_unwanted) {
            command.env_remove(name);
        }
    }
}
