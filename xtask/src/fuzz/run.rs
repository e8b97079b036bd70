//! One target's run: started, watched to its end, told in one line; what breaks it is made small.

use std::fs;
use std::path::{Path, PathBuf};
use std::process::Command;

use anyhow::{Context, Result};

use super::corpus;
use crate::paths;

/// The longest input. Chosen: room for several events, articles or rows, short enough for thousands of runs a second.
const MOST_BYTES: usize = 8 * 1024;
/// How many seconds one input may take. Chosen: a thousand times what the slowest of that length takes.
const MOST_SECONDS: u32 = 10;
/// How long what breaks a target is made smaller, in seconds. Chosen.
const SHRINK_SECONDS: u32 = 60;

/// What a run came to.
#[derive(Debug, Default, PartialEq, Eq)]
struct Told {
    runs: u64,
    seconds: u64,
    /// Places of the code that were reached, and those with how often and by which comparison.
    reached: u64,
    features: u64,
    files: u64,
}

/// Fuzzes one target; false if something broke it.
pub fn fuzz(fuzzer: &Path, target: &str, seconds: u64) -> Result<bool> {
    let broken = paths::target(&format!("fuzz/broken/{target}/"));
    fs::create_dir_all(&broken).context("cannot create the folder of what breaks")?;
    let dictionary = corpus::dictionary(target)?;
    let mut run = started(fuzzer, target);
    run.arg(format!("-max_total_time={seconds}")).arg(format!("-dict={}", dictionary.display()));
    run.arg(format!("-artifact_prefix={}", broken.display())).args([corpus::found(target)?, corpus::kept(target)]);
    let (is_good, log) = finished(&mut run, target)?;
    println!("{}", line(target, &told(&log)));
    if !is_good {
        tell(fuzzer, target, &log)?;
    }
    Ok(is_good)
}

/// Feeds everything that is known of a target repeated to a long input; false if one takes too long.
pub fn long(fuzzer: &Path, target: &str, bytes: usize) -> Result<bool> {
    let mut run = started(fuzzer, target);
    run.env("ORILLA_FUZZ_REPEAT", bytes.to_string()).args(["-runs=0", "-report_slow_units=2"]);
    let broken = paths::target(&format!("fuzz/broken/{target}/long-"));
    fs::create_dir_all(broken.parent().unwrap_or(&broken)).context("cannot create the folder of what breaks")?;
    run.arg(format!("-artifact_prefix={}", broken.display())).args([corpus::kept(target), corpus::found(target)?]);
    let (is_good, log) = finished(&mut run, target)?;
    println!("{}{}", line(target, &told(&log)), if is_good { "" } else { ", TOO SLOW OR BROKEN" });
    if !is_good {
        println!("{}", excerpt(&log));
    }
    Ok(is_good)
}

fn started(fuzzer: &Path, target: &str) -> Command {
    let mut run = Command::new(fuzzer);
    run.env("ORILLA_FUZZ_TARGET", target).current_dir(paths::root());
    run.args([format!("-max_len={MOST_BYTES}"), format!("-timeout={MOST_SECONDS}"), "-print_final_stats=1".to_owned()]);
    run
}

/// Runs to the end; what it said is kept, too.
fn finished(run: &mut Command, target: &str) -> Result<(bool, String)> {
    let output = run.output().context("cannot start the fuzzer")?;
    let log = String::from_utf8_lossy(&output.stderr).into_owned();
    paths::write(&paths::target(&format!("fuzz/logs/{target}.log")), &log)?;
    Ok((output.status.success(), log))
}

/// Makes what broke a target small and keeps it.
fn tell(fuzzer: &Path, target: &str, log: &str) -> Result<()> {
    println!("{}", excerpt(log));
    let Some(file) = log.lines().find_map(|line| line.split("Test unit written to ").nth(1)).map(PathBuf::from) else { return Ok(()) };
    let small = file.with_extension("small");
    let mut shrink = started(fuzzer, target);
    shrink.arg("-minimize_crash=1").arg(format!("-max_total_time={SHRINK_SECONDS}"));
    shrink.arg(format!("-exact_artifact_path={}", small.display())).arg(&file);
    let _ = shrink.output().context("cannot start the fuzzer")?;
    // Made smaller until it broke nothing any more, it would say nothing.
    let is_broken_by = |input: &Path| started(fuzzer, target).arg(input).output().is_ok_and(|output| !output.status.success());
    let found = if small.exists() && is_broken_by(&small) { small } else { file };
    let name: String = found.file_stem().unwrap_or_default().to_string_lossy().chars().take(18).collect();
    let kept = corpus::kept(target).join(name);
    fs::copy(&found, &kept).with_context(|| format!("cannot keep {}", found.display()))?;
    println!("kept as {}; `cargo test -p orilla-fuzz` fails until it is mended", kept.display());
    Ok(())
}

/// What panicked, without the stack below libFuzzer.
fn excerpt(log: &str) -> String {
    let from = log.find("panicked at").or_else(|| log.find("ERROR: libFuzzer")).unwrap_or_default();
    log.get(from..).unwrap_or_default().lines().take(12).collect::<Vec<_>>().join("\n")
}

fn line(target: &str, told: &Told) -> String {
    let rate = told.runs / told.seconds.max(1);
    format!(
        "{target}: {} runs in {} s ({rate}/s), {} places and {} features reached, {} files",
        told.runs, told.seconds, told.reached, told.features, told.files
    )
}

/// Source: libFuzzer's status lines, `#42 NEW cov: 7 ft: 9 corp: 3/12b …`, and its last, `Done 42 runs in 5 second(s)`.
fn told(log: &str) -> Told {
    let mut told = Told::default();
    for line in log.lines() {
        let words: Vec<&str> = line.split_whitespace().collect();
        let number = |text: &str| text.trim_matches(|c: char| !c.is_ascii_digit()).parse::<u64>().ok();
        for pair in words.windows(2) {
            match pair {
                ["cov:", value] => told.reached = number(value).unwrap_or(told.reached),
                ["ft:", value] => told.features = number(value).unwrap_or(told.features),
                ["corp:", value] => told.files = value.split('/').next().and_then(number).unwrap_or(told.files),
                ["stat::number_of_executed_units:", value] => told.runs = number(value).unwrap_or(told.runs),
                _ => {}
            }
        }
        match words.as_slice() {
            ["Done", runs, "runs", "in", seconds, ..] => {
                (told.runs, told.seconds) = (number(runs).unwrap_or_default(), number(seconds).unwrap_or_default());
            }
            [first, ..] if first.starts_with('#') => told.runs = number(first).unwrap_or(told.runs),
            _ => {}
        }
    }
    told
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_a_run_came_to_is_read() {
        let log = "INFO: seed corpus: files: 3\n#4\tINITED cov: 210 ft: 300 corp: 3/90b exec/s: 0 rss: 40Mb\n#77\tNEW    cov: 219 ft: 337 corp: 6/110b lim: 4\n\
                   #900\tDONE   cov: 220 ft: 340 corp: 7/120b lim: 8 exec/s: 450 rss: 50Mb\nDone 900 runs in 2 second(s)\n";
        assert_eq!(told(log), Told { runs: 900, seconds: 2, reached: 220, features: 340, files: 7 });
        assert_eq!(line("a", &told(log)), "a: 900 runs in 2 s (450/s), 220 places and 340 features reached, 7 files");
        assert_eq!(told("==1== ERROR: libFuzzer: deadly signal\nstat::number_of_executed_units: 12\n").runs, 12);
    }

    #[test]
    fn what_broke_is_told_from_its_panic_on() {
        let log = "#1\tINITED\nthread '<unnamed>' panicked at a.rs:1:\nno\n==9== ERROR: libFuzzer: deadly signal\n";
        assert!(excerpt(log).starts_with("panicked at a.rs:1:\nno\n"));
    }
}
