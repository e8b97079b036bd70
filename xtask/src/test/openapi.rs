//! schemathesis (PyPI) against every function's `openapi.json` on the native host: requests made from the document, answers held
//! against it.

use std::io::{BufRead, BufReader};
use std::path::Path;
use std::process::{Command, Stdio};

use anyhow::{Context, Result, bail};
use serde::Deserialize;

use super::count::Counts;
use super::{python, single};
use crate::paths;
use crate::process::Group;

/// Chosen: enough to reach every parameter's edges, few enough for a minute.
const EXAMPLES_PER_OPERATION: &str = "20";
/// What the frame answers at the same path for every function: on a server of several, one of them.
const SHARED_PATHS: &str = r"^/(healthz|openapi\.json|metrics)$";
const CHECKS: &str = "not_a_server_error,status_code_conformance,content_type_conformance,response_schema_conformance";

/// What `dev.json` tells scripts.
#[derive(Debug, Deserialize)]
struct Published {
    url: String,
    admin_key: String,
}

/// What `/healthz` tells.
#[derive(Debug, Deserialize)]
struct Health {
    function: String,
}

/// Runs it for each function on a server of its own, with a seed, so that a failure repeats.
pub fn run() -> Result<Counts> {
    let tool = python::install()?.join("schemathesis");
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
    let published: Published = serde_json::from_str(&published)?;
    let health = ureq::get(format!("{}/healthz", published.url)).call()?.body_mut().read_to_string()?;
    let Health { function: answering } = serde_json::from_str(&health).context("/healthz does not say which function answers")?;

    let mut counts = Counts::default();
    for function in paths::functions()? {
        counts += check(&tool, &data, &published, &function, function == answering)?;
    }
    Ok(counts)
}

/// Holds one function against its document.
fn check(tool: &Path, data: &Path, published: &Published, function: &str, has_shared_paths: bool) -> Result<Counts> {
    let Published { url, admin_key } = published;
    let mut schemathesis = Command::new(tool);
    let document = paths::root().join("functions").join(function).join("openapi.json");
    schemathesis.current_dir(data).arg("run").arg(document).args(["--url", url]);
    schemathesis.args(["--checks", CHECKS, "--max-examples", EXAMPLES_PER_OPERATION, "--seed", "1"]);
    schemathesis.args(["--phases", "examples,coverage,fuzzing", "--continue-on-failure", "--warnings", "off"]);
    if !has_shared_paths {
        schemathesis.args(["--exclude-path-regex", SHARED_PATHS]);
    }
    schemathesis.arg("--header").arg(format!("Authorization: Bearer {admin_key}"));
    single(&mut schemathesis)
}
