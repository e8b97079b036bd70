//! Components for Spin: `target/spin/<package>.wasm`, where `spin.toml` looks for them.
//!
//! Spin makes an instance for each request. A component that exports `wizer-initialize` opens there what would take long each time,
//! and is replaced by a snapshot of itself after that call.

use std::path::{Path, PathBuf};
use std::process::Command;

use anyhow::{Context, Result};

use super::{Profile, Tool, compile, compiled, fingerprint};
use crate::toolchain::{Toolchain, WASIP2};
use crate::{paths, process};

const SNAPSHOT: Tool = Tool {
    package: "spin-host",
    name: "spin-snapshot",
    folder: "tests/spin-host",
    title: "the program that takes snapshots of components",
};
/// Its name among a component's exports asks for a snapshot.
const INITIALISER: &[u8] = b"wizer-initialize";

/// Builds the packages and gives each component's path.
pub fn build(toolchain: &Toolchain, profile: Profile, packages: &[String]) -> Result<Vec<PathBuf>> {
    compile(toolchain, profile, WASIP2, packages)?;
    let folder = paths::target("spin");
    std::fs::create_dir_all(&folder).with_context(|| format!("cannot create {}", folder.display()))?;
    packages
        .iter()
        .map(|package| {
            let from = compiled(profile, WASIP2, package);
            let to = folder.join(format!("{package}.wasm"));
            let component = std::fs::read(&from).with_context(|| format!("cannot read {}; is the crate a cdylib?", from.display()))?;
            if component.windows(INITIALISER.len()).any(|bytes| bytes == INITIALISER) {
                snapshot(&from, &component, &to)?;
            } else {
                std::fs::write(&to, component).with_context(|| format!("cannot write {}", to.display()))?;
            }
            Ok(to)
        })
        .collect()
}

/// The component of a package as it was compiled, before any snapshot.
pub fn without_snapshot(profile: Profile, package: &str) -> PathBuf {
    compiled(profile, WASIP2, package)
}

/// Leaves alone one that was taken of the same component.
fn snapshot(from: &Path, component: &[u8], to: &Path) -> Result<()> {
    let stamp = to.with_extension("built-from");
    let program = SNAPSHOT.program()?;
    let state = format!("{:x} {:x}", fingerprint(component), fingerprint(&std::fs::read(&program)?));
    if to.is_file() && std::fs::read_to_string(&stamp).is_ok_and(|stamp| stamp == state) {
        return Ok(());
    }
    eprintln!("taking a snapshot of {} …", from.display());
    process::run(Command::new(program).arg(from).arg(to), "take a snapshot")?;
    paths::write(&stamp, &state)
}
