//! The HTTP server: accepts, hands each request to a static file or a function, keeps the clock ticking, drains at the end.
//!
//! One thread serves everything, as on the edge. TLS and compression are a reverse proxy's business.

mod exchange;
mod files;

use std::io;
use std::net::IpAddr;
use std::panic::AssertUnwindSafe;
use std::path::PathBuf;
use std::pin::pin;
use std::rc::Rc;
use std::sync::Arc;
use std::time::Duration;

use futures_util::FutureExt;
use futures_util::future::LocalBoxFuture;
use http::{HeaderValue, header};
use hyper::body::Incoming;
use hyper::server::conn::http1;
use hyper::service::service_fn;
use hyper_util::rt::{TokioIo, TokioTimer};
use hyper_util::server::graceful::GracefulShutdown;
use orilla_core::function::tick;
use orilla_core::{Function, Request, Response, respond};
use tokio::net::{TcpListener, TcpStream};
use tokio::sync::{OwnedSemaphorePermit, Semaphore};
use tokio::task::{JoinSet, LocalSet, spawn_local};
use tokio::time::{MissedTickBehavior, interval, sleep, timeout};

use self::files::Files;
use crate::Native;

/// How long a client may take over the head of a request, or stay connected without one. Chosen: browsers reconnect gladly.
const HEADER_TIMEOUT: Duration = Duration::from_secs(15);
/// The longest head. Chosen: far above any browser's.
const MAX_HEAD_BYTES: usize = 64 * 1024;
/// The most connections at a time, unless told otherwise. Chosen: a process usually gets 1,024 file descriptors.
const MAX_CONNECTIONS: usize = 900;
/// How often due work is looked for. Chosen: the retry schedule counts in seconds.
const TICK: Duration = Duration::from_secs(1);
/// The most looks at the same time: one that waits for a dead destination must not keep the others.
const MAX_TICKS: usize = 4;
/// How long requests and deferred work may take to end after the signal. Chosen: below the 10 s of `docker stop`.
const DRAIN: Duration = Duration::from_secs(4);

/// How to serve.
#[derive(Debug, Clone, Default)]
pub struct Options {
    /// The folder of static files.
    pub public: Option<PathBuf>,
    /// The file behind `/demo/keys.json`, read at every request; without it there is no such path, and no page that reads it.
    pub dev_json: Option<PathBuf>,
    /// The most connections at a time, if not 900; the process needs as many file descriptors and a hundred more.
    pub max_connections: Option<usize>,
}

type Respond = dyn Fn(Native, Request) -> LocalBoxFuture<'static, Response>;
type Tick = dyn Fn(Native) -> LocalBoxFuture<'static, ()>;

/// One function and the paths it answers.
#[derive(Clone)]
pub struct Mount {
    prefixes: Vec<String>,
    respond: Rc<Respond>,
    tick: Rc<Tick>,
}

impl Mount {
    /// Puts the function `F` at these prefixes, and at what every function has under its own name. `"/v1"` means `/v1` itself and all below it; the
    /// longest prefix wins.
    #[must_use]
    pub fn new<F: Function<Native>>(prefixes: &[&str]) -> Self {
        let own = ["functions", "tick"].map(|what| format!("/v1/{what}/{}", F::NAME));
        Self {
            prefixes: prefixes.iter().map(|prefix| (*prefix).to_owned()).chain(own).collect(),
            respond: Rc::new(|native, request| async move { respond::<Native, F>(&native, request).await }.boxed_local()),
            tick: Rc::new(|native| {
                // A failure is logged already, and the next tick tries again.
                async move { drop(tick::<Native, F>(&native).await) }.boxed_local()
            }),
        }
    }
}

/// Serves until `shutdown` is done; then lets running requests and deferred work end, for a moment.
///
/// The first mount also answers `/healthz`, `/openapi.json` and every path that is nobody's.
///
/// Errors: without any mount.
pub async fn serve(
    listener: TcpListener,
    platform: Native,
    mounts: Vec<Mount>,
    options: Options,
    shutdown: impl Future<Output = ()>,
) -> io::Result<()> {
    if mounts.is_empty() {
        return Err(io::Error::new(io::ErrorKind::InvalidInput, "no function to serve"));
    }
    let files = options.public.map(|folder| Files::new(folder, options.dev_json)).transpose()?;
    let max_connections = options.max_connections.unwrap_or(MAX_CONNECTIONS);
    let slots = Arc::new(Semaphore::new(max_connections));
    let server = Rc::new(Server { platform, mounts, files, max_connections, slots });
    LocalSet::new().run_until(server.run(listener, shutdown)).await;
    Ok(())
}

struct Server {
    platform: Native,
    mounts: Vec<Mount>,
    files: Option<Files>,
    max_connections: usize,
    /// One for each connection that may still come.
    slots: Arc<Semaphore>,
}

impl Server {
    async fn run(self: Rc<Self>, listener: TcpListener, shutdown: impl Future<Output = ()>) {
        let connections = GracefulShutdown::new();
        let mut background = JoinSet::new();
        let mut ticks = JoinSet::new();
        let mut timer = interval(TICK);
        timer.set_missed_tick_behavior(MissedTickBehavior::Delay);
        let mut shutdown = pin!(shutdown);
        loop {
            let accept = async {
                // Never closed, so this waits for a free slot and nothing else.
                let slot = self.slots.clone().acquire_owned().await.map_err(io::Error::other)?;
                let (stream, address) = listener.accept().await?;
                io::Result::Ok((stream, address.ip(), slot))
            };
            tokio::select! {
                () = &mut shutdown => break,
                accepted = accept => match accepted {
                    Ok((stream, peer, slot)) => self.clone().spawn_connection(stream, peer, slot, &connections),
                    // Out of file descriptors, or the client left: the next one may fare better.
                    Err(_) => sleep(Duration::from_millis(50)).await,
                },
                () = self.platform.deferred().arrival() => {
                    for work in self.platform.deferred().take().into_iter().flatten() {
                        background.spawn_local(work);
                    }
                }
                _ = timer.tick() => {
                    while ticks.try_join_next().is_some() {}
                    if ticks.len() < MAX_TICKS {
                        ticks.spawn_local(self.clone().tick());
                    }
                }
                Some(_) = background.join_next(), if !background.is_empty() => {}
            }
        }
        drop(listener);
        // Whoever is not done by then is cut off; what must happen stands in the outbox.
        let _ = timeout(DRAIN, connections.shutdown()).await;
        let rest = async {
            self.platform.settle().await;
            while background.join_next().await.is_some() {}
            while ticks.join_next().await.is_some() {}
        };
        let _ = timeout(DRAIN, rest).await;
    }
    fn spawn_connection(self: Rc<Self>, stream: TcpStream, peer: IpAddr, slot: OwnedSemaphorePermit, connections: &GracefulShutdown) {
        // An answer is one write; waiting to fill a packet only delays it.
        let _ = stream.set_nodelay(true);
        let service = service_fn(move |incoming| {
            let server = self.clone();
            async move {
                let mut answer = server.answer(incoming, peer).await?;
                // When slots grow scarce, a connection ends with its answer: idle ones must not keep others out.
                if server.slots.available_permits() < server.max_connections / 2 {
                    answer.headers_mut().insert(header::CONNECTION, HeaderValue::from_static("close"));
                }
                Ok::<_, exchange::Broken>(answer)
            }
        });
        let connection = http1::Builder::new()
            .timer(TokioTimer::new())
            .header_read_timeout(HEADER_TIMEOUT)
            .max_buf_size(MAX_HEAD_BYTES)
            .serve_connection(TokioIo::new(stream), service);
        let connection = connections.watch(connection);
        spawn_local(async move {
            // A client that left or speaks no HTTP is not worth a line of log.
            let _ = connection.await;
            drop(slot);
        });
    }

    async fn tick(self: Rc<Self>) {
        for mount in &self.mounts {
            (mount.tick)(self.platform.clone()).await;
        }
    }

    async fn answer(&self, incoming: http::Request<Incoming>, peer: IpAddr) -> Result<exchange::Outgoing, exchange::Broken> {
        let (head, body) = incoming.into_parts();
        if let Some(files) = &self.files
            && let Some(response) = files.answer(&head).await
        {
            return Ok(exchange::send(response));
        }
        let Some(body) = exchange::read(body).await? else { return Ok(exchange::timed_out()) };
        let request = exchange::receive(&self.platform, head, body, peer);
        let mount = self.mount(request.uri.path());
        let response = AssertUnwindSafe((mount.respond)(self.platform.clone(), request)).catch_unwind().await;
        // The panic hook has said where; whatever the request held is gone with it, so there is nothing to be unsafe about.
        Ok(response.map_or_else(|_| exchange::crashed(), exchange::send))
    }

    /// The mount with the longest prefix that fits, else the first one.
    fn mount(&self, path: &str) -> &Mount {
        let fit = |mount: &&Mount| mount.prefixes.iter().filter(|prefix| is_below(path, prefix)).map(|prefix| prefix.len()).max();
        // `rev`, because among equals the last one wins and the first mount is the default.
        self.mounts.iter().rev().max_by_key(fit).unwrap_or(&self.mounts[0])
    }
}

fn is_below(path: &str, prefix: &str) -> bool {
    path.strip_prefix(prefix).is_some_and(|rest| rest.is_empty() || rest.starts_with('/'))
}
