//! What the figures were measured on and with.

use std::fmt::Write as _;
use std::io::Write;
use std::process::Command;
use std::time::{Duration, Instant};

use anyhow::{Context, Result};

use super::load::quantile;
use crate::build::Profile;
use crate::{paths, process};

/// The machine and the versions, as rows of name and value.
pub fn describe(profile: Profile, wasm_cargo: &str) -> Result<Vec<(&'static str, String)>> {
    let memory = read("/proc/meminfo")?;
    let kilobytes: u64 = after(&memory, "MemTotal").and_then(|text| text.trim_end_matches(" kB").parse().ok()).unwrap_or_default();
    let lock = read(&paths::root().join("Cargo.lock").to_string_lossy())?;
    let ask =
        |program: &str, argument: &str| process::output(Command::new(program).arg(argument).current_dir(paths::root()), "ask a version");
    let date = process::output(Command::new("date").args(["-u", "+%Y-%m-%d %H:%M UTC"]), "ask for the date")?;
    let commit = process::output(Command::new("git").current_dir(paths::root()).args(["rev-parse", "--short", "HEAD"]), "name the commit")?;
    let load = read("/proc/loadavg")?;
    let (native, wasm) = match profile {
        Profile::Ship => ("profile `release`", "profile `wasm`: fat LTO, opt-level s; wasm-opt -Os for Workers"),
        Profile::Test => ("as for tests", "profile `wasm-test`"),
    };
    Ok(vec![
        ("Date", date.trim().to_owned()),
        ("Commit", commit.trim().to_owned()),
        ("Processor", processor()?),
        ("Memory", format!("{} GiB", kilobytes.div_ceil(1024 * 1024))),
        ("Load before the run", format!("{} (one minute)", load.split(' ').next().unwrap_or_default())),
        ("Disk", format!("{:.1} ms for 4 KiB and fdatasync (median of 50)", sync_time()?.as_secs_f64() * 1e3)),
        ("Native build", format!("{}, {native}", ask("rustc", "--version")?.trim())),
        ("Wasm build", format!("{wasm_cargo}, {wasm}")),
        ("Node.js", ask("node", "--version")?.trim().trim_start_matches('v').to_owned()),
        ("workerd", format!("{}, Miniflare {}", npm_version("workerd")?, npm_version("miniflare")?)),
        ("wasmtime", locked(&lock, "wasmtime").unwrap_or("unknown").to_owned()),
    ])
}

/// The processor's name and how many cores there are.
pub fn processor() -> Result<String> {
    let told = read("/proc/cpuinfo")?;
    let model = after(&told, "model name").unwrap_or("unknown");
    Ok(format!("{model}, {} cores", std::thread::available_parallelism()?))
}

fn read(path: &str) -> Result<String> {
    std::fs::read_to_string(path).with_context(|| format!("cannot read {path}"))
}

/// The rows as a table.
pub fn table(rows: &[(&'static str, String)]) -> String {
    rows.iter().fold(String::from("| | |\n|---|---|\n"), |mut text, (name, value)| {
        let _ = writeln!(text, "| {name} | {value} |");
        text
    })
}

/// The value of a line `name : value`.
fn after<'a>(text: &'a str, name: &str) -> Option<&'a str> {
    text.lines().find(|line| line.starts_with(name)).and_then(|line| line.split_once(':')).map(|(_, value)| value.trim())
}

fn npm_version(package: &str) -> Result<String> {
    let file = paths::root().join("web/node_modules").join(package).join("package.json");
    let text = std::fs::read_to_string(&file).with_context(|| format!("cannot read {}", file.display()))?;
    let package: serde_json::Value = serde_json::from_str(&text)?;
    Ok(package["version"].as_str().unwrap_or("unknown").to_owned())
}

/// A package's version in Cargo.lock.
fn locked<'a>(lock: &'a str, package: &str) -> Option<&'a str> {
    let (_, entry) = lock.split_once(&format!("name = \"{package}\"\nversion = \""))?;
    entry.split('"').next()
}

/// How long a durable write takes here: what every host pays for each commit.
fn sync_time() -> Result<Duration> {
    let path = paths::target("bench").join("sync");
    std::fs::create_dir_all(paths::target("bench")).context("cannot create the folder of benches")?;
    let mut file = std::fs::File::create(&path).with_context(|| format!("cannot create {}", path.display()))?;
    let mut times = Vec::new();
    for _ in 0..50 {
        let began = Instant::now();
        file.write_all(&[1; 4096])?;
        file.sync_data()?;
        times.push(began.elapsed());
    }
    times.sort_unstable();
    let _ = std::fs::remove_file(&path);
    Ok(quantile(&times, 0.5))
}

#[cfg(test)]
mod tests {
    use super::{after, locked};

    #[test]
    fn finds_values() {
        assert_eq!(after("a: 1\nmodel name\t: Some CPU\n", "model name"), Some("Some CPU"));
        let lock = "[[package]]\nname = \"wasmtime-wasi\"\nversion = \"1\"\n\n[[package]]\nname = \"wasmtime\"\nversion = \"48.0.1\"\n";
        assert_eq!(locked(lock, "wasmtime"), Some("48.0.1"));
        assert_eq!(locked(lock, "absent"), None);
    }
}
