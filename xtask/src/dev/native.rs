//! The native host, on a thread of this process: no Wasm tool chain, no second program.

use std::net::{Ipv4Addr, SocketAddr};
use std::sync::mpsc;
use std::thread::JoinHandle;

use anyhow::{Context, Result, anyhow};
use content_score::ContentScore;
use faq_chat::FaqChat;
use lead_capture::LeadCapture;
use orilla_core::Function;
use orilla_core::router::Route;
use orilla_native::serve::{Mount, Options, serve};
use orilla_native::{MIGRATIONS, Native};
use ticket_route::TicketRoute;
use tokio::net::TcpListener;
use tokio::sync::oneshot;
use track_events::TrackEvents;

use super::Setup;
use crate::paths;

/// The server's thread; dropping it lets running requests end, for a moment.
#[derive(Debug)]
pub struct Server {
    stop: Option<oneshot::Sender<()>>,
    thread: Option<JoinHandle<Result<()>>>,
}

impl Server {
    /// How it ended, if it did.
    pub fn ended(&mut self) -> Result<Option<String>> {
        if self.thread.as_ref().is_some_and(|thread| !thread.is_finished()) {
            return Ok(None);
        }
        self.join()?;
        Ok(Some("the server stopped by itself".to_owned()))
    }

    fn join(&mut self) -> Result<()> {
        self.thread.take().map_or(Ok(()), |thread| thread.join().map_err(|_| anyhow!("the server's thread panicked"))?)
    }
}

impl Drop for Server {
    fn drop(&mut self) {
        drop(self.stop.take());
        if let Err(error) = self.join() {
            eprintln!("error: {error:#}");
        }
    }
}

/// Puts a function where its routes begin.
fn mounted<F: Function<Native>, N>(routes: &[Route<N>]) -> Mount {
    let prefixes: Vec<_> = routes.iter().map(|route| route.path.split("/{").next().unwrap_or(route.path)).collect();
    Mount::new::<F>(&prefixes)
}

/// Starts the server; returns once it listens.
pub fn start(setup: &Setup) -> Result<Server> {
    let (stop, stopped) = oneshot::channel();
    let (ready, listening) = mpsc::channel();
    let address = SocketAddr::from((Ipv4Addr::LOCALHOST, setup.port));
    let (data, variables, dev_json) = (setup.data.clone(), setup.variables.clone(), setup.dev_json.clone());
    let thread = std::thread::spawn(move || {
        let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build()?;
        runtime.block_on(async {
            let native = Native::open(&data, variables)?;
            native.migrate(MIGRATIONS).await?;
            let listener = TcpListener::bind(address).await.with_context(|| format!("cannot listen on {address}"))?;
            // Nobody waits for this word any more only when `start` itself has failed.
            let _ = ready.send(());
            let options = Options { public: Some(paths::root().join("web/dist")), dev_json: Some(dev_json), ..Options::default() };
            let mounts = vec![
                // The first one also answers what is nobody's.
                Mount::new::<LeadCapture<Native>>(&["/v1", "/f"]),
                mounted::<TrackEvents<Native>, _>(track_events::routes::ROUTES),
                mounted::<FaqChat<Native>, _>(faq_chat::routes::ROUTES),
                mounted::<TicketRoute<Native>, _>(ticket_route::routes::ROUTES),
                mounted::<ContentScore<Native>, _>(content_score::routes::ROUTES),
            ];
            let shutdown = async { drop(stopped.await) };
            serve(listener, native, mounts, options, shutdown).await.context("the server failed")
        })
    });
    let mut server = Server { stop: Some(stop), thread: Some(thread) };
    match listening.recv() {
        Ok(()) => Ok(server),
        Err(_) => Err(server.join().err().unwrap_or_else(|| anyhow!("the server stopped before it listened"))),
    }
}
