//! Ctrl-C and SIGTERM as something to wait for, on a thread of its own.

use std::sync::mpsc::{Receiver, RecvTimeoutError, channel};
use std::time::Duration;

use anyhow::{Context, Result};
use tokio::signal::unix::{SignalKind, signal};

/// Signals that ask us to stop.
#[derive(Debug)]
pub struct Signals {
    received: Receiver<()>,
}

impl Signals {
    /// Waits this long; true if we are asked to stop.
    pub fn wait(&self, limit: Duration) -> bool {
        !matches!(self.received.recv_timeout(limit), Err(RecvTimeoutError::Timeout))
    }
}

/// Starts to listen; from here on, neither signal ends the process by itself.
pub fn listen() -> Result<Signals> {
    let (sender, received) = channel();
    let runtime = tokio::runtime::Builder::new_current_thread().enable_io().build().context("cannot start the signal listener")?;
    let (mut interrupt, mut terminate) = {
        let _context = runtime.enter();
        (signal(SignalKind::interrupt())?, signal(SignalKind::terminate())?)
    };
    std::thread::spawn(move || {
        runtime.block_on(async {
            loop {
                tokio::select! {
                    _ = interrupt.recv() => {}
                    _ = terminate.recv() => {}
                }
                if sender.send(()).is_err() {
                    return;
                }
            }
        });
    });
    Ok(Signals { received })
}
