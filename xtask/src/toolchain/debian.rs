//! The fall-back without rustup's downloads: Debian's compiler, and a standard library built from its source package.
//!
//! The result is a sysroot below the build folder, so no file of the system's packages is touched and no root is needed once
//! the packages stand. Only `panic = "abort"` works: unwinding on Wasm needs a nightly compiler.

use std::os::unix::fs::symlink;
use std::path::{Path, PathBuf};
use std::process::Command;

use anyhow::{Context, Result, bail};

use super::{Toolchain, WASIP2, clean_environment, rustc_answer};
use crate::{paths, process};

const CARGO: &str = "/usr/bin/cargo";
const RUSTC: &str = "/usr/bin/rustc";
const STD_SOURCE: &str = "/usr/lib/rustlib/src/rust/library/std/Cargo.toml";
/// Debian's wasi-libc; the start files and the C library that the wasip2 target links by itself.
const WASI_LIBC: &str = "/usr/lib/wasm32-wasi";
const PACKAGES: [&str; 4] = ["rustc-web", "cargo-web", "rust-web-src", "wasi-libc"];
const STAMP: &str = "built-by";

/// The tool chain, if an earlier run built it with the compiler that still stands there.
pub fn ready(targets: &[&str]) -> Option<Toolchain> {
    let version = rustc_answer(Path::new(RUSTC), &["-vV"])?;
    let is_current = |target: &&str| std::fs::read_to_string(library(target).join(STAMP)).is_ok_and(|built_by| built_by == version);
    targets.iter().all(is_current).then(toolchain)
}

/// Builds what is missing.
pub fn ensure(targets: &[&str]) -> Result<Toolchain> {
    if let Some(ready) = ready(targets) {
        return Ok(ready);
    }
    install_packages()?;
    let version = rustc_answer(Path::new(RUSTC), &["-vV"]).with_context(|| format!("{RUSTC} does not run"))?;
    link_linkers(&version)?;
    for target in targets {
        build_std(target)?;
        paths::write(&library(target).join(STAMP), &version)?;
    }
    Ok(toolchain())
}

fn toolchain() -> Toolchain {
    Toolchain { cargo: PathBuf::from(CARGO), rustc: Some(PathBuf::from(RUSTC)), sysroot: Some(sysroot()) }
}

fn sysroot() -> PathBuf {
    paths::target("toolchain/sysroot")
}

fn library(target: &str) -> PathBuf {
    sysroot().join("lib/rustlib").join(target).join("lib")
}

fn install_packages() -> Result<()> {
    let is_complete = || [CARGO, RUSTC, STD_SOURCE].iter().all(|file| Path::new(file).exists()) && Path::new(WASI_LIBC).is_dir();
    if is_complete() {
        return Ok(());
    }
    let packages = PACKAGES.join(" ");
    if !process::exists("apt-get") {
        bail!("no Wasm tool chain: install Rust through https://rustup.rs and run `rustup target add {}`", super::TARGETS.join(" "));
    }
    if !rustix::process::geteuid().is_root() {
        bail!("no Wasm tool chain: run `sudo apt-get install --no-install-recommends {packages}`, or use rustup where it can download");
    }
    eprintln!("installing {packages} …");
    let mut update = Command::new("apt-get");
    process::run(update.args(["-qq", "update"]), "read Debian's package lists")?;
    let mut install = Command::new("apt-get");
    install.env("DEBIAN_FRONTEND", "noninteractive").args(["-qq", "install", "-y", "--no-install-recommends"]).args(PACKAGES);
    process::run(&mut install, "install Debian's Rust packages")?;
    if !is_complete() {
        bail!("Debian's packages {packages} are installed but {RUSTC}, {STD_SOURCE} or {WASI_LIBC} is missing; is this an older Debian?");
    }
    Ok(())
}

/// Debian's compiler looks for its Wasm linkers in the sysroot; rustup's compiler brings both.
fn link_linkers(version: &str) -> Result<()> {
    let host = version.lines().find_map(|line| line.strip_prefix("host: ")).context("rustc names no host")?;
    let folder = sysroot().join("lib/rustlib").join(host).join("bin");
    std::fs::create_dir_all(&folder).with_context(|| format!("cannot create {}", folder.display()))?;
    let rustups = rustc_answer(Path::new("rustc"), &["--print", "sysroot"])
        .map(|sysroot| Path::new(&sysroot).join("lib/rustlib").join(host).join("bin"));
    for (name, debians) in [("rust-lld", Some("/usr/bin/lld")), ("wasm-component-ld", None)] {
        let found = rustups
            .iter()
            .map(|folder| folder.join(name))
            .chain(debians.map(PathBuf::from))
            .chain(process::find(name))
            .chain([installed(name)])
            .find(|file| file.is_file());
        let found = match found {
            Some(found) => found,
            None if name == "wasm-component-ld" => install_component_linker()?,
            None => bail!("no linker for Wasm: run `apt-get install lld`, or install Rust through https://rustup.rs"),
        };
        let link = folder.join(name);
        if link.symlink_metadata().is_ok() {
            std::fs::remove_file(&link).with_context(|| format!("cannot replace {}", link.display()))?;
        }
        symlink(&found, &link).with_context(|| format!("cannot link {}", link.display()))?;
    }
    Ok(())
}

fn installed(program: &str) -> PathBuf {
    paths::target("toolchain/bin").join(program)
}

fn install_component_linker() -> Result<PathBuf> {
    let mut cargo = Command::new(CARGO);
    clean_environment(&mut cargo, true);
    cargo.env("RUSTC", RUSTC).args(["install", "--quiet", "wasm-component-ld", "--root"]).arg(paths::target("toolchain"));
    eprintln!("{} …", process::shown(&cargo));
    process::run(&mut cargo, "install the component linker")?;
    Ok(installed("wasm-component-ld"))
}

/// Compiles std for one target on an empty crate and copies the libraries into the sysroot.
fn build_std(target: &str) -> Result<()> {
    eprintln!("building the standard library for {target} …");
    let work = paths::target("toolchain/std");
    paths::write(
        &work.join("Cargo.toml"),
        "[package]\nname = \"empty\"\nversion = \"0.0.0\"\nedition = \"2024\"\n[lib]\npath = \"lib.rs\"\n[workspace]\n",
    )?;
    paths::write(&work.join("lib.rs"), "#![no_std]\n")?;
    let mut cargo = Command::new(CARGO);
    clean_environment(&mut cargo, true);
    // A released compiler builds std only when told to allow it; bitcode is what link-time optimisation reads.
    cargo.env("RUSTC", RUSTC).env("RUSTC_BOOTSTRAP", "1").env("RUSTFLAGS", "-Cembed-bitcode=yes");
    cargo.current_dir(&work).args(["build", "--release", "-Zbuild-std=std,panic_abort", "--target", target, "--target-dir", "target"]);
    let built = work.join("target").join(target);
    clear(&built)?;
    process::run(&mut cargo, &format!("build the standard library for {target}"))?;

    let library = library(target);
    // A second copy of one library is "multiple candidates for rlib" at the next build: replace, never add.
    clear(&library)?;
    std::fs::create_dir_all(&library).with_context(|| format!("cannot create {}", library.display()))?;
    copy(&built.join("release/deps"), &library, |name| name.ends_with(".rlib") && !name.starts_with("libempty-"))?;
    if target == WASIP2 {
        let own = library.join("self-contained");
        std::fs::create_dir_all(&own).with_context(|| format!("cannot create {}", own.display()))?;
        copy(Path::new(WASI_LIBC), &own, |name| name == "libc.a" || name.starts_with("crt1"))?;
    }
    Ok(())
}

fn clear(folder: &Path) -> Result<()> {
    match std::fs::remove_dir_all(folder) {
        Err(error) if error.kind() != std::io::ErrorKind::NotFound => {
            Err(error).with_context(|| format!("cannot clear {}", folder.display()))
        }
        _ => Ok(()),
    }
}

fn copy(from: &Path, to: &Path, is_wanted: impl Fn(&str) -> bool) -> Result<()> {
    for entry in std::fs::read_dir(from).with_context(|| format!("cannot list {}", from.display()))? {
        let entry = entry?;
        if entry.file_name().to_str().is_some_and(&is_wanted) {
            let target = to.join(entry.file_name());
            std::fs::copy(entry.path(), &target).with_context(|| format!("cannot write {}", target.display()))?;
        }
    }
    Ok(())
}
