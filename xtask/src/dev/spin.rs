//! The Spin host: `spin` where it is on PATH, else the test host of this repository; both take the same flags.

use std::net::{Ipv4Addr, TcpListener};
use std::path::PathBuf;

use anyhow::{Context, Result};

use super::{OPERATOR_KEY, Setup, local_server};
use crate::build::{self, Profile, Tool};
use crate::process::{self, Group, to_stderr};
use crate::{node, paths, toolchain};

const TEST_HOST: Tool = Tool {
    package: "spin-host",
    name: "spin-host",
    folder: "tests/spin-host",
    title: "the test host for Spin, since there is no `spin` on PATH",
};

/// Builds every function, and the test host where it is needed.
pub fn prepare() -> Result<()> {
    node::ensure()?;
    build::spin::build(&toolchain::ensure()?, Profile::Test, &paths::functions()?)?;
    program()?;
    Ok(())
}

/// Starts the host behind a front that also serves the static pages.
pub fn start(setup: &Setup) -> Result<Group> {
    let upstream = TcpListener::bind((Ipv4Addr::LOCALHOST, 0)).and_then(|free| free.local_addr()).context("no free port")?;
    let mut server = local_server("spin.mjs");
    server.env(OPERATOR_KEY, setup.variables.get(OPERATOR_KEY).map_or("", String::as_str));
    server.args(["--port", &setup.port.to_string(), "--upstream-port", &upstream.port().to_string()]);
    server.arg("--dev-json").arg(&setup.dev_json).arg("--").arg(program()?);
    server.args(["up", "--from"]).arg(paths::root().join("spin.toml"));
    server.args(["--listen", &upstream.to_string(), "--state-dir"]).arg(&setup.data);
    if !process::exists("spin") {
        server.arg("--cache-dir").arg(paths::target("spin/compiled"));
    }
    // Spin spells its variables in lower case.
    for (name, value) in &setup.variables {
        server.arg("--variable").arg(format!("{}={value}", name.to_lowercase()));
    }
    for migration in paths::migrations()? {
        server.arg("--sqlite").arg(format!("@{}", migration.display()));
    }
    Group::spawn(to_stderr(&mut server)?, "start the Spin host")
}

/// The host's program, compiled if it is ours and not there yet.
pub fn program() -> Result<PathBuf> {
    process::find("spin").map_or_else(test_host, Ok)
}

/// Our own host, whether or not there is another.
pub fn test_host() -> Result<PathBuf> {
    TEST_HOST.program()
}
