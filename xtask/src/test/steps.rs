//! The steps of `cargo xtask test`, innermost ring first.

use std::ffi::OsString;
use std::path::{Path, PathBuf};
use std::process::Command;

use anyhow::{Context, Result};

use super::count::Counts;
use super::{counted, openapi, python, single};
use crate::build::{self, Profile};
use crate::{dev, node, paths, process, toolchain, web};

/// One step.
#[derive(Debug)]
pub struct Step {
    /// What to call it on the command line.
    pub name: &'static str,
    /// What it shows, in one line.
    pub about: &'static str,
    /// Runs it.
    pub run: fn() -> Result<Counts>,
}

/// Everything, in order.
pub const STEPS: &[Step] = &[
    Step { name: "format", about: "rustfmt has nothing to change", run: format },
    Step { name: "lints", about: "clippy and rustdoc have nothing to say", run: lints },
    Step { name: "native", about: "unit, property and flow tests of everything native; the contract on the native host", run: native },
    Step { name: "models", about: "the encoders, in place and in tract, say what ONNX Runtime said; nasty texts", run: models },
    Step { name: "wasm", about: "the functions and the contract guest build for both edge hosts", run: wasm },
    Step { name: "spin-host", about: "the test host for Spin does what Spin does", run: spin_host },
    Step { name: "parity", about: "the encoders say the same natively, in Node.js, workerd and Spin", run: parity },
    Step {
        name: "openapi",
        about: "schemathesis against the native host (or ORILLA_HOST): no 5xx, no undocumented status",
        run: openapi::run,
    },
    Step { name: "hosts", about: "the contract inside workerd and Spin; real HTTP, crashes and clients on all three hosts", run: hosts },
    Step { name: "scripts", about: "published clients and a real browser on all three hosts", run: scripts },
];

/// The contract suite as a function, which is built and served as one.
const GUEST: &str = "contract-guest";

/// The calendar behind questions and answers.
const CALENDAR: &str = "calendar";

/// Named beside another package whose build it takes part in: the same dependencies with the same features, and nothing is compiled twice.
const SELF: &str = "xtask";

/// How long a file of scripts may take, in milliseconds. Chosen: several times the longest; one that waits for ever must fail by its name.
const SCRIPT_LIMIT: &str = "--test-timeout=900000";

/// The encoders behind one question and one answer.
const PROBE: &str = "orilla-bench-probe-in-place";

fn cargo(arguments: &[&str]) -> Command {
    let mut cargo = toolchain::host_cargo();
    cargo.args(arguments);
    cargo
}

fn format() -> Result<Counts> {
    single(&mut cargo(&["fmt", "--all", "--check"]))
}

fn lints() -> Result<Counts> {
    let mut counts = single(&mut cargo(&["clippy", "--workspace", "--all-targets", "--quiet", "--", "-D", "warnings"]))?;
    counts += single(cargo(&["doc", "--workspace", "--no-deps", "--quiet"]).env("RUSTDOCFLAGS", "-Dwarnings"))?;
    Ok(counts)
}

/// More than a plain `cargo test`, which leaves out what stands on the encoders; in one build, so that all of it has the same dependencies.
fn native() -> Result<Counts> {
    // What only an edge host runs, the test host with its wasmtime, and what needs tract.
    const APART: [&str; 7] =
        ["contract-guest", "orilla-bench-probe*", "orilla-cloudflare", "orilla-infer", "orilla-spin", "spin-host", "xtask-bindgen"];
    let mut tests = cargo(&["test", "--workspace", "--no-default-features", "--no-fail-fast"]);
    for package in APART {
        tests.args(["--exclude", package]);
    }
    counted(&mut tests)
}

fn models() -> Result<Counts> {
    counted(&mut cargo(&["test", "-p", "orilla-infer", "--no-fail-fast"]))
}

fn wasm() -> Result<Counts> {
    build_guests()?;
    Ok(Counts { passed: 2, ..Counts::default() })
}

/// Builds all that tests run inside the edge hosts, the probe last; together, so that all of it has the same dependencies. Quick when current.
fn build_guests() -> Result<(Vec<build::workers::Built>, Vec<PathBuf>)> {
    let _lock = paths::lock("prepare")?;
    let toolchain = toolchain::ensure()?;
    let mut packages = paths::functions()?;
    packages.extend([GUEST, PROBE].map(str::to_owned));
    let workers = build::workers::build(&toolchain, Profile::Test, &packages)?;
    let components = build::spin::build(&toolchain, Profile::Test, &packages)?;
    Ok((workers, components))
}

fn spin_host() -> Result<Counts> {
    toolchain::ensure()?;
    let mut tests = cargo(&["test", "-p", "spin-host", "--profile", "tool", "--no-fail-fast"]);
    counted(tests.env("ORILLA_XTASK", std::env::current_exe()?))
}

/// Builds the probe for every host and asks all of them the same.
fn parity() -> Result<Counts> {
    let profile = Profile::Test;
    let mut native = cargo(&["build", "-p", PROBE, "-p", SELF, "--bin", PROBE, "--target-dir", "target"]);
    process::run(&mut native, "compile the probe")?;
    let (workers, components) = build_guests()?;
    let plain = build::workers::for_node(profile, PROBE)?;
    let folder = |script: &Path| script.parent().map(Path::to_owned).unwrap_or_default();
    let mut tests = Command::new("node");
    tests.current_dir(paths::root()).args(["--test", "--test-reporter=tap", "benches/parity.test.mjs"]);
    tests.env("ORILLA_PROBE", paths::target("debug").join(PROBE)).env("ORILLA_PROBE_NODE", folder(&plain.script));
    tests.env("ORILLA_PROBE_WORKER", workers.last().map(|built| folder(&built.script)).unwrap_or_default());
    tests.env("ORILLA_PROBE_SPIN", build::spin::without_snapshot(profile, PROBE));
    tests.env("ORILLA_PROBE_SNAPSHOT", components.last().map(PathBuf::as_path).unwrap_or(Path::new("")));
    tests.env("ORILLA_SPIN_HOST", dev::spin_test_host()?).env("ORILLA_SPIN_CACHE", paths::target("spin/compiled"));
    counted(&mut tests)
}

fn hosts() -> Result<Counts> {
    build_guests()?;
    let mut tests = cargo(&["test", "-p", "orilla-tests", "-p", SELF, "--test", "contract", "--no-fail-fast"]);
    counted(tests.envs(environment()?))
}

fn scripts() -> Result<Counts> {
    node::install("tests")?;
    let python = python::install()?.join("python");
    let mut calendar = cargo(&["build", "-p", "orilla-desk", "-p", SELF, "--example", CALENDAR, "--target-dir", "target"]);
    process::run(&mut calendar, "compile the calendar that answers questions")?;
    let calendar = paths::target("debug/examples").join(CALENDAR);
    let mut files = Vec::new();
    find_scripts(&paths::root().join("tests"), &mut files)?;
    files.sort();
    let mut tests = Command::new("node");
    tests.current_dir(paths::root()).args(["--test", "--test-concurrency=2", "--test-reporter=tap", SCRIPT_LIMIT]).args(files);
    counted(tests.envs(environment()?).env("ORILLA_PYTHON", python).env("ORILLA_CALENDAR", calendar))
}

/// Every `*.test.mjs`. Named one by one, because Node 20 and 22 read a folder's name differently.
fn find_scripts(folder: &Path, files: &mut Vec<PathBuf>) -> Result<()> {
    for entry in std::fs::read_dir(folder).with_context(|| format!("cannot list {}", folder.display()))? {
        let path = entry?.path();
        if path.is_dir() && !path.ends_with("node_modules") {
            find_scripts(&path, files)?;
        } else if path.to_string_lossy().ends_with(".test.mjs") {
            files.push(path);
        }
    }
    Ok(())
}

/// What test processes find in their environment, with everything it names built.
fn environment() -> Result<Vec<(&'static str, OsString)>> {
    {
        let _lock = paths::lock("prepare")?;
        node::ensure()?;
        web::build()?;
    }
    let browser = |names: &[&str]| names.iter().find_map(|name| process::find(name)).map_or_else(OsString::new, OsString::from);
    Ok(vec![
        ("ORILLA_XTASK", std::env::current_exe()?.into()),
        ("ORILLA_SPIN", dev::spin_program()?.into()),
        ("ORILLA_HOSTS", "native,workers,spin".into()),
        ("ORILLA_CHROMIUM", browser(&["chromium", "chromium-browser", "google-chrome"])),
        ("ORILLA_CHROMEDRIVER", browser(&["chromedriver"])),
    ])
}
