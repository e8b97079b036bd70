//! Components for Spin: `target/spin/<package>.wasm`, where `spin.toml` looks for them.

use std::path::PathBuf;

use anyhow::{Context, Result};

use super::{Profile, compile, compiled};
use crate::paths;
use crate::toolchain::{Toolchain, WASIP2};

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
            std::fs::copy(&from, &to)
                .with_context(|| format!("cannot copy {} to {}; is the crate a cdylib?", from.display(), to.display()))?;
            Ok(to)
        })
        .collect()
}
