//! Targets through rustup, for the compiler that is already active.

use std::io::{BufRead, BufReader};
use std::path::Path;
use std::process::{Command, Stdio};
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::{Duration, Instant};

use anyhow::{Context, Result, bail};

use super::rustc_answer;
use crate::{paths, process};

/// Chosen: a machine that cannot reach the download server should learn so before its owner loses patience.
const UNTIL_FIRST_DOWNLOAD: Duration = Duration::from_secs(15);
/// Chosen: two archives of some 25 MB on a slow line.
const UNTIL_DONE: Duration = Duration::from_secs(240);

/// True if the active `rustc` has a standard library for `target`.
pub fn has(target: &str) -> bool {
    let Some(folder) = rustc_answer(Path::new("rustc"), &["--print", "target-libdir", "--target", target]) else {
        return false;
    };
    std::fs::read_dir(folder).is_ok_and(|entries| entries.flatten().any(|entry| entry.file_name().to_string_lossy().starts_with("libstd-")))
}

/// Installs targets into the active tool chain.
///
/// Errors: no rustup, no network, or no answer in time.
pub fn add(targets: &[&str]) -> Result<()> {
    if targets.iter().all(|target| has(target)) {
        return Ok(());
    }
    if !process::exists("rustup") {
        bail!("rustup is not installed");
    }
    let mut command = Command::new("rustup");
    command.args(["target", "add"]).args(targets).current_dir(paths::root());
    command.env("RUSTUP_MAX_RETRIES", "1").stdout(Stdio::null()).stderr(Stdio::piped());
    eprintln!("{} …", process::shown(&command));
    let mut rustup = process::Group::spawn(&mut command, "add the Wasm targets")?;
    let is_downloading = Arc::new(AtomicBool::new(false));
    if let Some(stderr) = rustup.stderr() {
        let is_downloading = Arc::clone(&is_downloading);
        std::thread::spawn(move || {
            for line in BufReader::new(stderr).lines().map_while(Result::ok) {
                if line.contains("downloading component") {
                    is_downloading.store(true, Ordering::Relaxed);
                }
                eprintln!("  {line}");
            }
        });
    }
    let began = Instant::now();
    loop {
        if let Some(status) = rustup.ended().context("cannot wait for rustup")? {
            if status.success() && targets.iter().all(|target| has(target)) {
                return Ok(());
            }
            bail!("`rustup target add` ended with {status}");
        }
        let limit = if is_downloading.load(Ordering::Relaxed) { UNTIL_DONE } else { UNTIL_FIRST_DOWNLOAD };
        if began.elapsed() > limit {
            bail!("`rustup target add` gave no sign of success within {} s", limit.as_secs());
        }
        std::thread::sleep(Duration::from_millis(50));
    }
}
