//! schemathesis (PyPI) against `/openapi.json` on the native host: requests made from the document, answers held against it.

use std::io::{BufRead, BufReader};
use std::path::PathBuf;
use std::process::{Command, Stdio};

use anyhow::{Context, Result, bail};
use serde::Deserialize;

use super::count::Counts;
use super::single;
use crate::paths;
use crate::process::{self, Group};

/// Chosen: enough to reach every parameter's edges, few enough for a minute.
const EXAMPLES_PER_OPERATION: &str = "20";
const CHECKS: &str = "not_a_server_error,status_code_conformance,content_type_conformance,response_schema_conformance";

/// What `dev.json` tells scripts.
#[derive(Debug, Deserialize)]
struct Published {
    url: String,
    admin_key: String,
}

/// Runs it on a server of its own, with a seed, so that a failure repeats.
pub fn run() -> Result<Counts> {
    let tool = install()?;
    let data = paths::target("test/openapi");
    if data.exists() {
        std::fs::remove_dir_all(&data).with_context(|| format!("cannot clear {}", data.display()))?;
    }
    let mut dev = Command::new(std::env::current_exe()?);
    dev.args(["dev", "--host", "native", "--port", "0", "--data"]).arg(&data).stdout(Stdio::piped());
    let mut server = Group::spawn(&mut dev, "start the native host")?;
    let stdout = server.stdout().context("the native host has no standard output")?;
    let mut ready = String::new();
    BufReader::new(stdout).read_line(&mut ready)?;
    if !ready.starts_with("ready ") {
        bail!("the native host did not become ready; what it said stands above");
    }
    let published = std::fs::read_to_string(data.join("dev.json")).context("the native host published no dev.json")?;
    let Published { url, admin_key } = serde_json::from_str(&published)?;

    let mut schemathesis = Command::new(tool);
    schemathesis.current_dir(&data).args(["run", &format!("{url}/openapi.json"), "--url", &url]);
    schemathesis.args(["--checks", CHECKS, "--max-examples", EXAMPLES_PER_OPERATION, "--seed", "1"]);
    schemathesis.args(["--phases", "examples,coverage,fuzzing", "--continue-on-failure", "--warnings", "off"]);
    schemathesis.arg("--header").arg(format!("Authorization: Bearer {admin_key}"));
    single(&mut schemathesis)
}

/// The tool in an environment of its own, made again when the list of packages changes.
fn install() -> Result<PathBuf> {
    let list = paths::root().join("tests/requirements.txt");
    let wanted = std::fs::read_to_string(&list).with_context(|| format!("cannot read {}", list.display()))?;
    let folder = paths::target("python");
    let (tool, stamp) = (folder.join("bin/schemathesis"), folder.join("installed"));
    if tool.is_file() && std::fs::read_to_string(&stamp).is_ok_and(|installed| installed == wanted) {
        return Ok(tool);
    }
    if !process::exists("python3") {
        bail!("install Python 3 with its venv module (`apt-get install python3-venv`)");
    }
    eprintln!("installing schemathesis …");
    process::run(
        Command::new("python3").args(["-m", "venv", "--clear"]).arg(&folder),
        "make a Python environment (is python3-venv installed?)",
    )?;
    let mut pip = Command::new(folder.join("bin/pip"));
    process::run(pip.args(["install", "--quiet", "--disable-pip-version-check", "--requirement"]).arg(&list), "install schemathesis")?;
    paths::write(&stamp, &wanted)?;
    Ok(tool)
}
