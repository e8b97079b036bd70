//! An HTTP server that misbehaves on request: the other end of the contract suite's `Fetch` tests.
//!
//! What each path does is the suite's to say (`orilla_contract::Peer`). It runs on a thread of its own, so that no test that
//! blocks can make it late.

use std::collections::HashMap;
use std::convert::Infallible;
use std::io;
use std::net::{Ipv4Addr, SocketAddr};
use std::sync::{Arc, Mutex, PoisonError};
use std::thread::JoinHandle;
use std::time::Duration;

use bytes::Bytes;
use futures_util::stream::BoxStream;
use futures_util::{FutureExt, StreamExt, stream};
use http::{HeaderValue, Request, Response, StatusCode, header};
use http_body_util::{BodyExt, StreamBody};
use hyper::body::{Frame, Incoming};
use hyper::server::conn::http1;
use hyper::service::service_fn;
use hyper_util::rt::TokioIo;
use orilla_core::Clock;
use tokio::net::{TcpListener, TcpSocket};
use tokio::sync::{Notify, oneshot};
use tokio::time::{sleep, timeout};

use crate::SystemClock;

/// Longer than any test waits.
const SILENCE: Duration = Duration::from_secs(30);
/// How long a gate waits to be opened.
const GATE: Duration = Duration::from_secs(10);

/// The running server; dropping it stops it.
#[derive(Debug)]
pub struct PeerServer {
    origin: String,
    closed: String,
    stop: Option<oneshot::Sender<()>>,
    thread: Option<JoinHandle<()>>,
}

impl PeerServer {
    /// Starts on a free port of 127.0.0.1.
    ///
    /// Errors: what the system says about sockets and threads.
    pub fn start() -> io::Result<Self> {
        let (stop, stopped) = oneshot::channel();
        let (ready, addresses) = std::sync::mpsc::channel();
        #[expect(clippy::disallowed_methods, reason = "a server that no blocking test can delay needs a thread")]
        let thread = std::thread::spawn(move || {
            let Ok(runtime) = tokio::runtime::Builder::new_current_thread().enable_all().build() else { return };
            let _ = runtime.block_on(run(&ready, stopped));
        });
        let gone = |_| io::Error::other("the peer did not start");
        let (open, closed): (SocketAddr, SocketAddr) = addresses.recv().map_err(gone)?;
        let url = |address| format!("http://{address}");
        Ok(Self { origin: url(open), closed: url(closed), stop: Some(stop), thread: Some(thread) })
    }

    /// Where it listens.
    #[must_use]
    pub fn origin(&self) -> &str {
        &self.origin
    }

    /// A URL on a port that is taken but not listened on, so that nobody else can start to.
    #[must_use]
    pub fn closed(&self) -> &str {
        &self.closed
    }
}

impl Drop for PeerServer {
    fn drop(&mut self) {
        drop(self.stop.take());
        if let Some(thread) = self.thread.take() {
            // A thread that died is not this test's subject.
            let _ = thread.join();
        }
    }
}

async fn run(ready: &std::sync::mpsc::Sender<(SocketAddr, SocketAddr)>, stopped: oneshot::Receiver<()>) -> io::Result<()> {
    let listener = TcpListener::bind((Ipv4Addr::LOCALHOST, 0)).await?;
    let deaf = TcpSocket::new_v4()?;
    deaf.bind((Ipv4Addr::LOCALHOST, 0).into())?;
    ready.send((listener.local_addr()?, deaf.local_addr()?)).map_err(io::Error::other)?;
    let gates = Arc::new(Gates::default());
    let mut stopped = stopped.fuse();
    loop {
        let stream = tokio::select! {
            _ = &mut stopped => return Ok(()),
            accepted = listener.accept() => accepted?.0,
        };
        let gates = gates.clone();
        let service = service_fn(move |request| {
            let gates = gates.clone();
            async move { answer(request, &gates).await }
        });
        tokio::spawn(http1::Builder::new().serve_connection(TokioIo::new(stream), service));
    }
}

/// One notice per name, made by whoever comes first.
#[derive(Default)]
struct Gates(Mutex<HashMap<String, Arc<Notify>>>);

impl Gates {
    fn get(&self, name: &str) -> Arc<Notify> {
        let mut gates = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        gates.entry(name.to_owned()).or_default().clone()
    }
}

type Frames = BoxStream<'static, io::Result<Frame<Bytes>>>;
type Answer = Response<StreamBody<Frames>>;

async fn answer(request: Request<Incoming>, gates: &Gates) -> Result<Answer, Infallible> {
    let query = request.uri().query().unwrap_or_default().to_owned();
    let parameter = |name: &str| {
        let pair = query.split('&').find_map(|pair| pair.strip_prefix(name)?.strip_prefix('='));
        pair.unwrap_or_default().to_owned()
    };
    let status = parameter("status").parse().unwrap_or(StatusCode::OK);
    let mut response = match request.uri().path() {
        "/echo" => echo(request).await,
        "/bytes" => {
            let length = parameter("n").parse().unwrap_or(0);
            with_length(length, bytes(length))
        }
        "/endless" => Response::new(StreamBody::new(stream::repeat(chunk(64 * 1024)).then(paced).boxed())),
        "/broken" => {
            let head = stream::once(async { frame(chunk(10)) });
            with_length(100, head.chain(stream::once(broken())).boxed())
        }
        "/slow-head" => {
            sleep(SILENCE).await;
            whole("late")
        }
        "/slow-body" => {
            let head = stream::once(async { frame(chunk(10)) });
            let rest = stream::once(sleep(SILENCE)).filter_map(|()| async { None });
            Response::new(StreamBody::new(head.chain(rest).boxed()))
        }
        "/redirect" => {
            let mut response = whole("");
            response.headers_mut().insert(header::LOCATION, HeaderValue::from_static("/echo"));
            response
        }
        "/gate" => {
            let gate = gates.get(&parameter("id"));
            let head = stream::once(async { frame(Bytes::from_static(b"first ")) });
            let rest = stream::once(async move {
                match timeout(GATE, gate.notified()).await {
                    Ok(()) => frame(Bytes::from_static(b"second")),
                    Err(_) => broken().await,
                }
            });
            Response::new(StreamBody::new(head.chain(rest).boxed()))
        }
        "/open" => {
            gates.get(&parameter("id")).notify_one();
            whole("open")
        }
        "/now" => whole(SystemClock.now().timestamp_millis().to_string()),
        _ => {
            let mut response = whole("no such path");
            *response.status_mut() = StatusCode::NOT_FOUND;
            return Ok(response);
        }
    };
    *response.status_mut() = status;
    Ok(response)
}

async fn echo(request: Request<Incoming>) -> Answer {
    let (head, body) = request.into_parts();
    let body = body.collect().await.map(|body| body.to_bytes()).unwrap_or_default();
    let header =
        |(name, value): (&header::HeaderName, &HeaderValue)| (name.to_string(), String::from_utf8_lossy(value.as_bytes()).into_owned());
    let echo = serde_json::json!({
        "method": head.method.as_str(),
        "target": head.uri.to_string(),
        "headers": head.headers.iter().map(header).collect::<Vec<_>>(),
        "body": body.to_vec(),
    });
    let mut response = whole(echo.to_string());
    response.headers_mut().insert("x-peer", HeaderValue::from_static("echo"));
    response
}

fn whole(text: impl Into<Bytes>) -> Answer {
    let text = text.into();
    with_length(text.len(), stream::once(async { frame(text) }).boxed())
}

fn with_length(length: usize, frames: Frames) -> Answer {
    let mut response = Response::new(StreamBody::new(frames));
    response.headers_mut().insert(header::CONTENT_LENGTH, HeaderValue::from(length));
    response
}

/// `length` bytes, of which byte `i` is `i % 256`.
fn bytes(length: usize) -> Frames {
    const CHUNK: usize = 64 * 1024;
    let sizes = (0..length).step_by(CHUNK).map(move |start| CHUNK.min(length - start));
    stream::iter(sizes.map(|size| frame(chunk(size)))).boxed()
}

fn chunk(length: usize) -> Bytes {
    (0..=u8::MAX).cycle().take(length).collect()
}

fn frame(bytes: Bytes) -> io::Result<Frame<Bytes>> {
    Ok(Frame::data(bytes))
}

/// Slow enough that a host which swallows everything until its deadline does not run out of memory.
async fn paced(bytes: Bytes) -> io::Result<Frame<Bytes>> {
    sleep(Duration::from_millis(1)).await;
    frame(bytes)
}

/// Hangs up, a moment later so that what came before has left the buffers.
async fn broken() -> io::Result<Frame<Bytes>> {
    sleep(Duration::from_millis(50)).await;
    Err(io::Error::other("hanging up"))
}
