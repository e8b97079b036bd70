//! The native host, inside this process: no Wasm tool chain, no second program.

use std::net::Ipv4Addr;
use std::thread::JoinHandle;

use anyhow::{Context, Result, anyhow, bail};
use lead_capture::LeadCapture;
use orilla_native::serve::{Mount, Options, serve};
use orilla_native::{MIGRATIONS, Native};
use tokio::net::TcpListener;
use tokio::sync::oneshot;

use super::Setup;
use crate::paths;

/// The server's thread; dropping this lets running requests end, and waits for it.
#[derive(Debug)]
pub struct Server {
    stop: Option<oneshot::Sender<()>>,
    thread: Option<JoinHandle<Result<()>>>,
}

impl Server {
    /// How it ended, if it did.
    pub fn ended(&mut self) -> Result<Option<String>> {
        match self.thread.take_if(|thread| thread.is_finished()) {
            Some(thread) => {
                thread.join().map_err(|_| anyhow!("the native host panicked"))??;
                Ok(Some("the native host ended".to_owned()))
            }
            None => Ok(None),
        }
    }
}

impl Drop for Server {
    fn drop(&mut self) {
        if let Some(stop) = self.stop.take() {
            let _ = stop.send(());
        }
        if let Some(Err(_)) = self.thread.take().map(JoinHandle::join) {
            eprintln!("the native host panicked while it stopped");
        }
    }
}

/// Starts the server.
pub fn start(setup: &Setup) -> Result<Server> {
    let (port, data, variables) = (setup.port, setup.data.clone(), setup.variables.clone());
    let options = Options {
        public: Some(paths::root().join("web/dist")),
        dev_json: Some(setup.dev_json.clone()),
        ..Options::default()
    };
    let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build().context("cannot start the native host")?;
    let (stop, stopped) = oneshot::channel::<()>();
    let thread = std::thread::spawn(move || {
        runtime.block_on(async {
            let listener = TcpListener::bind((Ipv4Addr::LOCALHOST, port)).await.with_context(|| format!("cannot listen on port {port}"))?;
            let native = Native::open(&data, variables).with_context(|| format!("cannot open the data in {}", data.display()))?;
            native.migrate(MIGRATIONS).await.context("cannot prepare the database")?;
            let mounts = vec![Mount::new::<LeadCapture<Native>>(&["/v1", "/f"])];
            let shutdown = async {
                // A dropped sender means that the owner is gone, which asks for the same.
                let _ = stopped.await;
            };
            if let Err(error) = serve(listener, native, mounts, options, shutdown).await {
                bail!("the native host failed: {error}");
            }
            Ok(())
        })
    });
    Ok(Server { stop: Some(stop), thread: Some(thread) })
}
