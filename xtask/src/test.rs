//! `cargo xtask test`: every test of the project, in steps, with one table at the end.
//!
//! A step that fails does not keep the others from running. The last line is `N passed, N failed`, which CI reads. What a test
//! checks stands with the test; here is only what to run, in which order, and with what prepared.

mod count;
mod openapi;
mod python;
mod steps;

use std::io::{BufRead, BufReader};
use std::process::{Command, ExitCode, Stdio};
use std::time::{Duration, Instant};

use anyhow::{Context, Result, bail};

use crate::args::Args;
use crate::process::shown;
use count::Counts;

/// What a step came to.
#[derive(Debug)]
struct Line {
    name: &'static str,
    counts: Counts,
    took: Duration,
    note: String,
}

/// `cargo xtask test`.
pub fn command(mut args: Args) -> Result<ExitCode> {
    let is_list = args.switch("--list");
    let are_skips_failures = args.switch("--no-skips");
    let wanted = args.positional()?;
    args.finish()?;
    if is_list {
        for step in steps::STEPS {
            println!("{:<12} {}", step.name, step.about);
        }
        return Ok(ExitCode::SUCCESS);
    }
    if let Some(unknown) = wanted.iter().find(|name| !steps::STEPS.iter().any(|step| step.name == **name)) {
        bail!("there is no step `{unknown}`; `cargo xtask test --list` names them");
    }

    let mut lines = Vec::new();
    let chosen = steps::STEPS.iter().filter(|step| wanted.is_empty() || wanted.iter().any(|name| name == step.name));
    for step in chosen {
        eprintln!("\n── {} · {}", step.name, step.about);
        let began = Instant::now();
        let (counts, note) = match (step.run)() {
            Ok(counts) => (counts, String::new()),
            Err(error) => (Counts { failed: 1, ..Counts::default() }, format!("{error:#}")),
        };
        if !note.is_empty() {
            eprintln!("error: {note}");
        }
        lines.push(Line { name: step.name, counts, took: began.elapsed(), note });
    }
    Ok(summary(&lines, are_skips_failures))
}

fn summary(lines: &[Line], are_skips_failures: bool) -> ExitCode {
    let mut total = Counts::default();
    println!("\n{:<12} {:>7} {:>7} {:>7} {:>8}", "step", "passed", "failed", "skipped", "seconds");
    for Line { name, counts, took, note } in lines {
        total += *counts;
        let Counts { passed, failed, skipped } = counts;
        let note: String = note.lines().next().unwrap_or_default().chars().take(100).collect();
        println!("{name:<12} {passed:>7} {failed:>7} {skipped:>7} {:>8.1}  {note}", took.as_secs_f64());
    }
    if are_skips_failures && total.skipped > 0 {
        println!("{} skipped, which counts as failed here", total.skipped);
        total.failed += total.skipped;
    }
    println!("{} passed, {} failed", total.passed, total.failed);
    if total.failed == 0 { ExitCode::SUCCESS } else { ExitCode::FAILURE }
}

/// Runs a test runner, shows what it prints, and counts. One that fails without naming a failed test counts as one failure.
fn counted(command: &mut Command) -> Result<Counts> {
    let line = shown(command);
    eprintln!("$ {line}");
    let mut child = command.stdin(Stdio::null()).stdout(Stdio::piped()).spawn().with_context(|| format!("cannot start `{line}`"))?;
    let mut counts = Counts::default();
    if let Some(stdout) = child.stdout.take() {
        for text in BufReader::new(stdout).lines() {
            let text = text.unwrap_or_default();
            counts.read(&text);
            println!("{text}");
        }
    }
    let status = child.wait().with_context(|| format!("cannot wait for `{line}`"))?;
    if !status.success() && counts.failed == 0 {
        counts.failed = 1;
    }
    if status.success() && counts == Counts::default() {
        bail!("`{line}` ran no test at all");
    }
    Ok(counts)
}

/// Runs a command that is one check by itself.
fn single(command: &mut Command) -> Result<Counts> {
    let line = shown(command);
    eprintln!("$ {line}");
    let status = command.stdin(Stdio::null()).status().with_context(|| format!("cannot start `{line}`"))?;
    Ok(Counts::one(status.success()))
}
