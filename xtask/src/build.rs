//! `cargo xtask build`: the functions for one host, or for both edge hosts, with their sizes.

pub mod native;
pub mod size;
pub mod spin;
pub mod workers;

use std::path::{Path, PathBuf};
use std::process::ExitCode;
use std::time::SystemTime;

use anyhow::{Context, Result, bail};

use crate::args::Args;
use crate::toolchain::{self, Toolchain};
use crate::{paths, process};

/// How the Wasm is compiled: a profile of the workspace.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Profile {
    /// Small and slow to build: what ships and is measured.
    Ship,
    /// Quick to build: development and tests.
    Test,
}

impl Profile {
    /// Takes `--profile` from a command line; what ships, if it is not there.
    pub fn from_args(args: &mut Args) -> Result<Self> {
        match args.value("--profile")?.as_deref() {
            None | Some("wasm") => Ok(Self::Ship),
            Some("wasm-test") => Ok(Self::Test),
            Some(other) => bail!("--profile is `{other}`; it may be `wasm` or `wasm-test`"),
        }
    }

    /// The profile's name in `Cargo.toml`, which is also cargo's output folder.
    pub fn name(self) -> &'static str {
        match self {
            Self::Ship => "wasm",
            Self::Test => "wasm-test",
        }
    }
}

/// `cargo xtask build`.
pub fn command(mut args: Args) -> Result<()> {
    let hosts = args.value("--host")?;
    let profile = Profile::from_args(&mut args)?;
    let mut packages = args.values("-p")?;
    args.finish()?;
    if packages.is_empty() {
        packages = paths::functions()?;
    }
    let (workers, spin) = match hosts.as_deref() {
        None => (true, true),
        Some("workers") => (true, false),
        Some("spin") => (false, true),
        Some("native") => {
            let program = native::build()?;
            println!("{}  {}", shown(&program), size::of(&[&program])?);
            return Ok(());
        }
        Some(other) => bail!("--host is `{other}`; it may be `workers`, `spin` or `native`"),
    };
    let _lock = paths::lock("prepare")?;
    let toolchain = toolchain::ensure()?;
    if workers {
        for built in workers::build(&toolchain, profile, &packages)? {
            println!("{}  {}", shown(&built.script), size::of(&[&built.script, &built.module])?);
        }
    }
    if spin {
        for component in spin::build(&toolchain, profile, &packages)? {
            println!("{}  {}", shown(&component), size::of(&[&component])?);
        }
    }
    Ok(())
}

/// `cargo xtask wasm-cargo -- …`.
pub fn wasm_cargo(mut args: Args) -> Result<ExitCode> {
    let mut arguments = args.positional()?;
    arguments.extend(args.verbatim());
    let status = toolchain::ensure()?.cargo().args(arguments).status()?;
    Ok(if status.success() { ExitCode::SUCCESS } else { ExitCode::FAILURE })
}

/// Compiles the libraries of these packages for one target; one cargo call, so that they share their dependencies.
fn compile(toolchain: &Toolchain, profile: Profile, target: &str, packages: &[String]) -> Result<()> {
    let mut cargo = toolchain.cargo();
    cargo.args(["build", "--lib", "--target", target, "--profile", profile.name()]);
    for package in packages {
        cargo.args(["-p", package]);
    }
    eprintln!("compiling {} for {target} ({}) …", packages.join(", "), profile.name());
    process::run(&mut cargo, &format!("compile for {target}"))
}

/// A program of this workspace that the build or the tests need.
#[derive(Debug)]
pub struct Tool {
    /// Its package.
    pub package: &'static str,
    /// The program.
    pub name: &'static str,
    /// The package's folder.
    pub folder: &'static str,
    /// What it is to the reader of the progress.
    pub title: &'static str,
}

impl Tool {
    /// Its path, compiled if it is older than any file of its package.
    ///
    /// Asking the files instead of cargo keeps a second run from waiting for whatever else cargo is building.
    pub fn program(&self) -> Result<PathBuf> {
        const PROFILE: &str = "tool";
        let program = paths::target(PROFILE).join(self.name);
        let built = program.metadata().and_then(|metadata| metadata.modified()).ok();
        let changed = paths::newest(&paths::root().join(self.folder))?;
        if built.is_some_and(|built| built > changed) {
            return Ok(program);
        }
        let pace = if built.is_some() { "" } else { "; minutes, the first time" };
        eprintln!("compiling {}{pace} …", self.title);
        let mut cargo = toolchain::host_cargo();
        cargo.args(["build", "-p", self.package, "--bin", self.name, "--profile", PROFILE, "--target-dir", "target"]);
        process::run(&mut cargo, &format!("compile {}", self.title))?;
        // Cargo leaves a program alone that comes out the same; its date must still say that it was looked at.
        let file = std::fs::File::options().append(true).open(&program).with_context(|| format!("cargo left no {}", program.display()))?;
        file.set_modified(SystemTime::now()).with_context(|| format!("cannot date {}", program.display()))?;
        Ok(program)
    }
}

/// The module that `compile` left for a package.
fn compiled(profile: Profile, target: &str, package: &str) -> PathBuf {
    let file = format!("{}.wasm", package.replace('-', "_"));
    toolchain::target_dir().join(target).join(profile.name()).join(file)
}

/// FNV-1a, 64 bits: told apart are builds, not adversaries.
pub fn fingerprint(bytes: &[u8]) -> u64 {
    bytes.iter().fold(0xcbf2_9ce4_8422_2325, |hash, byte| (hash ^ u64::from(*byte)).wrapping_mul(0x0100_0000_01b3))
}

fn shown(path: &Path) -> std::path::Display<'_> {
    path.strip_prefix(paths::root()).unwrap_or(path).display()
}
