//! HTTP/1.1 on a listening socket. Beside the application's routes it answers Spin's `/.well-known/spin/health` and its own
//! `/__spin-host/stats`. Unlike Spin it turns Nagle's algorithm off, so that tests over kept-alive connections do not crawl.

use std::future::pending;
use std::net::SocketAddr;
use std::path::Path;
use std::sync::Arc;
use std::time::Duration;

use bytes::Bytes;
use http::{HeaderValue, Request, Response, StatusCode, header};
use http_body_util::BodyExt;
use hyper::body::Incoming;
use hyper::server::conn::http1;
use hyper::service::service_fn;
use hyper_util::rt::{TokioIo, TokioTimer};
use hyper_util::server::graceful::GracefulShutdown;
use tokio::net::{TcpListener, TcpStream};
use wasmtime_wasi_http::WasiBody;

use crate::app::{App, Options, Stats, empty, full};
use crate::error::{Error, Result};

/// How long requests in flight may take after the stop signal. Chosen: longer than any test's request, shorter than a person waits.
const DRAIN: Duration = Duration::from_secs(5);

/// How long to wait after a failed `accept`, such as one for want of file descriptors. Chosen.
const ACCEPT_PAUSE: Duration = Duration::from_millis(50);

/// A Spin application, loaded and ready to serve.
#[derive(Clone)]
pub struct SpinHost(Arc<App>);

impl SpinHost {
    /// Reads a manifest, opens its state folder and compiles its components (or takes them from the cache).
    ///
    /// Errors: what is wrong with the manifest, a component, the state folder or this machine, in a sentence.
    pub fn from_manifest(path: impl AsRef<Path>, options: &Options) -> Result<Self> {
        App::load(path.as_ref(), options).map(|app| Self(Arc::new(app)))
    }

    /// Serves until the future is dropped.
    ///
    /// Errors: `Listen` if the socket has no address.
    pub async fn serve(&self, listener: TcpListener) -> Result<()> {
        self.serve_until(listener, pending()).await
    }

    /// Serves until `stop` completes, then lets requests in flight finish for a few seconds.
    ///
    /// Errors: `Listen` if the socket has no address.
    pub async fn serve_until(&self, listener: TcpListener, stop: impl Future<Output = ()>) -> Result<()> {
        self.0.listens_at(listener.local_addr().map_err(Error::Listen)?);
        let connections = GracefulShutdown::new();
        tokio::pin!(stop);
        loop {
            tokio::select! {
                accepted = listener.accept() => match accepted {
                    Ok((stream, client)) => self.connection(stream, client, &connections),
                    Err(error) => {
                        eprintln!("spin-host: accept: {error}");
                        tokio::time::sleep(ACCEPT_PAUSE).await;
                    }
                },
                () = &mut stop => break,
            }
        }
        drop(listener);
        if tokio::time::timeout(DRAIN, connections.shutdown()).await.is_err() {
            eprintln!("spin-host: some requests were still running and are dropped");
        }
        Ok(())
    }

    /// What has happened since the start.
    pub fn stats(&self) -> Stats {
        self.0.stats()
    }

    fn connection(&self, stream: TcpStream, client: SocketAddr, connections: &GracefulShutdown) {
        // Only speed is lost where the socket refuses.
        let _ = stream.set_nodelay(true);
        let host = self.clone();
        let service = service_fn(move |request| {
            let host = host.clone();
            async move { Ok::<_, std::convert::Infallible>(host.respond(request, client).await) }
        });
        let connection = http1::Builder::new().timer(TokioTimer::new()).serve_connection(TokioIo::new(stream), service);
        let connection = connections.watch(connection);
        tokio::spawn(async move {
            // A client that goes away mid-request is no event worth telling.
            let _ = connection.await;
        });
    }

    async fn respond(&self, request: Request<Incoming>, client: SocketAddr) -> Response<WasiBody> {
        match request.uri().path() {
            "/__spin-host/stats" => json(&self.stats()),
            "/.well-known/spin/health" => full(StatusCode::OK, Bytes::from_static(b"OK")),
            path if path.starts_with("/.well-known/spin/") => empty(StatusCode::NOT_FOUND),
            _ => {
                let request = request.map(|body| body.map_err(Into::into).boxed_unsync());
                Arc::clone(&self.0).route(request, client).await
            }
        }
    }
}

fn json(stats: &Stats) -> Response<WasiBody> {
    match serde_json::to_vec(stats) {
        Ok(body) => {
            let mut response = full(StatusCode::OK, body.into());
            response.headers_mut().insert(header::CONTENT_TYPE, HeaderValue::from_static("application/json"));
            response
        }
        Err(_) => empty(StatusCode::INTERNAL_SERVER_ERROR),
    }
}
