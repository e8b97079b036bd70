//! The Workers host: workerd through Miniflare, which reads `wrangler.toml`. Not wrangler's own server: it costs 25 times the
//! CPU per request and seconds at each start.

use anyhow::Result;

use super::{Setup, local_server};
use crate::build::{self, Profile};
use crate::process::{Group, to_stderr};
use crate::{paths, toolchain};

/// Builds every function.
pub fn prepare() -> Result<()> {
    build::workers::build(&toolchain::ensure()?, Profile::Test, &paths::functions()?)?;
    Ok(())
}

/// Starts the server.
pub fn start(setup: &Setup) -> Result<Group> {
    let mut server = local_server("workers.mjs");
    server.args(["--port", &setup.port.to_string()]);
    server.arg("--data").arg(&setup.data).arg("--dev-json").arg(&setup.dev_json);
    server.arg("--vars").arg(serde_json::to_string(&setup.variables)?);
    Group::spawn(to_stderr(&mut server)?, "start the Workers host")
}
