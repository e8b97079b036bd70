//! The native host, inside this process: no Wasm tool chain, no second program.

use anyhow::{Result, bail};

use super::Setup;

/// The server's thread.
#[derive(Debug)]
pub struct Server;

impl Server {
    /// How it ended, if it did.
    pub fn ended(&mut self) -> Result<Option<String>> {
        Ok(None)
    }
}

/// Starts the server.
pub fn start(_setup: &Setup) -> Result<Server> {
    bail!("lead-capture is not yet assembled for the native host")
}
