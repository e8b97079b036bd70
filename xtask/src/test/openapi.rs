//! schemathesis (PyPI) against the one `openapi.json` of all functions: requests made from the document, answers held against it. On the
//! native host, or on the one that `ORILLA_HOST` names.

use std::io::{BufRead, BufReader};
use std::process::{Command, Stdio};

use anyhow::{Context, Result, bail};
use serde::Deserialize;

use super::count::Counts;
use super::{python, single};
use crate::paths;
use crate::process::Group;

/// Chosen: enough to reach every parameter's edges, few enough for a minute.
const EXAMPLES_PER_OPERATION: &str = "20";
/// How long an answer may take. Chosen: an unoptimised host on a busy machine learns from tickets meanwhile, one request at a time.
const ANSWER_SECONDS: &str = "60";
/// How many operations are asked at a time. Chosen: a small machine's cores.
const WORKERS: &str = "2";
/// What the step reads its host from.
const HOST: &str = "ORILLA_HOST";
const CHECKS: &str = "not_a_server_error,status_code_conformance,content_type_conformance,response_schema_conformance";

/// What `dev.json` tells scripts.
#[derive(Debug, Deserialize)]
struct Published {
    url: String,
    admin_key: String,
}

/// Runs it with a seed, so that a failure repeats.
pub fn run() -> Result<Counts> {
    let tool = python::install()?.join("schemathesis");
    let host = std::env::var(HOST).unwrap_or_else(|_| "native".to_owned());
    let data = paths::target("test/openapi");
    if data.exists() {
        std::fs::remove_dir_all(&data).with_context(|| format!("cannot clear {}", data.display()))?;
    }
    let mut dev = Command::new(std::env::current_exe()?);
    // Without articles: random questions hit none, and each request that changes one would have all of them indexed anew.
    dev.args(["dev", "--host", &host, "--port", "0", "--no-articles", "--data"]).arg(&data).stdout(Stdio::piped());
    let mut server = Group::spawn(&mut dev, "start the host")?;
    let stdout = server.stdout().context("the host has no standard output")?;
    let mut ready = String::new();
    BufReader::new(stdout).read_line(&mut ready)?;
    if !ready.starts_with("ready ") {
        bail!("the {host} host did not become ready; what it said stands above");
    }
    let published = std::fs::read_to_string(data.join("dev.json")).context("the host published no dev.json")?;
    let Published { url, admin_key } = serde_json::from_str(&published)?;

    let mut schemathesis = Command::new(tool);
    schemathesis.env("SCHEMATHESIS_HOOKS", paths::root().join("tests/schemathesis.py"));
    schemathesis.current_dir(&data).arg("run").arg(format!("{url}/openapi.json")).args(["--url", &url]);
    schemathesis.args(["--checks", CHECKS, "--max-examples", EXAMPLES_PER_OPERATION, "--seed", "1", "--request-timeout", ANSWER_SECONDS]);
    schemathesis.args(["--phases", "examples,coverage,fuzzing", "--continue-on-failure", "--warnings", "off", "--workers", WORKERS]);
    schemathesis.arg("--header").arg(format!("Authorization: Bearer {admin_key}"));
    single(&mut schemathesis)
}
