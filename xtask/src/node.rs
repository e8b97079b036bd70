//! The npm tools of `web/package.json`: workerd with Miniflare, wrangler, esbuild and wasm-opt, at the locked versions.

use std::path::PathBuf;
use std::process::Command;

use anyhow::{Context, Result, bail};

use crate::{paths, process};

/// What wrangler 4.86 asks for in its `engines`.
const OLDEST_NODE: u32 = 20;

/// Installs the tools if the lock file changed since the last time.
pub fn ensure() -> Result<()> {
    install("web")
}

/// Runs `npm ci` in one folder if its lock file changed since the last time.
///
/// Errors: no Node.js, one that is too old, or what npm says.
pub fn install(folder: &str) -> Result<()> {
    let folder = paths::root().join(folder);
    let lock_file = folder.join("package-lock.json");
    let lock = std::fs::read_to_string(&lock_file).with_context(|| format!("cannot read {}", lock_file.display()))?;
    let stamp = folder.join("node_modules/.installed-lock");
    if std::fs::read_to_string(&stamp).is_ok_and(|installed| installed == lock) {
        return Ok(());
    }
    check_node()?;
    eprintln!("npm ci in {} …", folder.display());
    let mut npm = Command::new("npm");
    npm.current_dir(&folder).args(["ci", "--no-audit", "--no-fund", "--loglevel=error"]);
    process::run(&mut npm, "install the npm tools")?;
    paths::write(&stamp, &lock)
}

/// A tool's start file below `web/node_modules/.bin`.
pub fn tool(name: &str) -> PathBuf {
    paths::root().join("web/node_modules/.bin").join(name)
}

/// A `node` command in the repository's root.
pub fn node(script: &str) -> Command {
    let mut command = Command::new("node");
    command.current_dir(paths::root()).arg(script);
    // Wrangler and Miniflare: no telemetry, no request-metadata download, no prompt.
    command.env("WRANGLER_SEND_METRICS", "false").env("CLOUDFLARE_CF_FETCH_ENABLED", "false");
    command
}

fn check_node() -> Result<()> {
    let install = format!("install Node.js {OLDEST_NODE} or newer from https://nodejs.org or your distribution");
    let version = process::output(Command::new("node").arg("--version"), "run Node.js").with_context(|| install.clone())?;
    let major = version.trim().trim_start_matches('v').split('.').next().and_then(|major| major.parse::<u32>().ok());
    match major {
        Some(major) if major >= OLDEST_NODE => Ok(()),
        _ => bail!("Node.js {} is too old: {install}", version.trim()),
    }
}
