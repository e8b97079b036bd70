//! The contract suite as a function, so that it runs inside each edge host, behind the same entry as any other.
//!
//! Beside the suite it answers what only an outside caller can judge: what a request looks like once it has come through the
//! adapter, whether an answer streams, and whether deferred work waits for the answer.

mod entry;

use bytes::Bytes;
use futures_util::{StreamExt, stream};
use http::{HeaderMap, Method, StatusCode};
use orilla_contract::Peer;
use orilla_core::function::Tick;
use orilla_core::guard;
use orilla_core::http::{BODY_CAP_BYTES, empty, json};
use orilla_core::ports::{KV, Outbound};
use orilla_core::{Body, Error, Fetch, Function, Kv, Platform, Request, Response};
use serde_json::json;

/// Longer than a test keeps a gate of the peer closed.
const PATIENCE: std::time::Duration = std::time::Duration::from_secs(10);

/// The suite over the platform it runs on.
pub struct ContractGuest<P: Platform>(P);

impl<P: Platform> Function<P> for ContractGuest<P> {
    const NAME: &'static str = "contract-guest";
    const OPENAPI: &'static str = "{}";

    fn open(platform: &P) -> Result<Self, Error> {
        Ok(Self(platform.clone()))
    }

    fn route(_method: &Method, _path: &str) -> Option<&'static str> {
        None
    }

    async fn preflight(&self, _request: &Request) -> Result<(), Error> {
        Ok(())
    }

    async fn handle(&self, request: &Request) -> Result<Response, Error> {
        let parameter = |name| request.query(name).ok_or_else(|| Error::malformed("A parameter is missing."));
        match (&request.method, request.uri.path()) {
            (&Method::POST, "/v1/contract") => self.run(request).await,
            (_, "/v1/request") => describe(request),
            (&Method::GET, "/v1/stream") => Ok(stream_through(self.0.clone(), parameter("gate")?)),
            (&Method::GET, "/v1/cut") => Ok(cut_off(self.0.clone(), parameter("gate")?)),
            (&Method::POST, "/v1/deferred") => self.defer(parameter("key")?, parameter("gate")?),
            (&Method::GET, "/v1/deferred") => self.is_done(&parameter("key")?).await,
            _ => Err(Error::not_found("This guest has no such path.")),
        }
    }

    async fn tick(&self) -> Result<Tick, Error> {
        Ok(Tick::default())
    }
}

impl<P: Platform> ContractGuest<P> {
    /// Takes a `Peer`, gives a `Report`.
    async fn run(&self, request: &Request) -> Result<Response, Error> {
        let peer: Peer = serde_json::from_slice(&request.body).map_err(|_| Error::malformed("The body is no peer."))?;
        json(StatusCode::OK, &orilla_contract::run(&self.0, &peer).await)
    }

    /// Answers at once; notes `key` when the peer's gate has opened.
    fn defer(&self, key: String, gate: String) -> Result<Response, Error> {
        let platform = self.0.clone();
        self.0.defer(async move {
            if let Err(error) = wait_then_note(&platform, &key, &gate).await {
                platform.log(format_args!("deferred work failed: {error}"));
            }
        });
        Ok(empty(StatusCode::ACCEPTED))
    }

    async fn is_done(&self, key: &str) -> Result<Response, Error> {
        let is_done = self.0.kv(KV)?.get(key).await?.is_some();
        json(StatusCode::OK, &is_done)
    }
}

/// The request as it came through the adapter.
fn describe(request: &Request) -> Result<Response, Error> {
    let headers = request.headers.iter().map(|(name, value)| (name.as_str(), String::from_utf8_lossy(value.as_bytes())));
    let seen = json!({
        "method": request.method.as_str(),
        "path": request.uri.path(),
        "query": request.uri.query(),
        "authority": request.uri.authority().map(http::uri::Authority::as_str),
        "headers": headers.collect::<Vec<_>>(),
        "body": request.body.iter().take(1024).collect::<Vec<_>>(),
        "body_bytes": request.body.len(),
        "is_truncated": request.is_truncated,
        "cap": BODY_CAP_BYTES,
        "client": request.client.map(|address| address.to_string()),
    });
    json(StatusCode::OK, &seen)
}

/// `before `, then whatever the peer's gate gives, as it comes.
fn stream_through<P: Platform>(platform: P, gate: String) -> Response {
    let before = stream::once(async { Ok(Bytes::from_static(b"before ")) });
    let after = stream::once(async move { read(&platform, &gate).await });
    Response::new(Body::Stream(before.chain(after).boxed_local()))
}

/// `before `, then a failure once the peer's gate has opened.
fn cut_off<P: Platform>(platform: P, gate: String) -> Response {
    let before = stream::once(async { Ok(Bytes::from_static(b"before ")) });
    let failure = stream::once(async move {
        read(&platform, &gate).await?;
        Err(Error::internal("cut off on purpose"))
    });
    Response::new(Body::Stream(before.chain(failure).boxed_local()))
}

async fn wait_then_note<P: Platform>(platform: &P, key: &str, gate: &str) -> Result<(), Error> {
    read(platform, gate).await?;
    Ok(platform.kv(KV)?.put(key, b"done", None).await?)
}

/// The whole answer of the peer.
async fn read<P: Platform>(platform: &P, url: &str) -> Result<Bytes, Error> {
    let destination = guard::trusted(url).map_err(|_| Error::malformed("The gate is no URL."))?;
    let outbound =
        Outbound { method: Method::GET, destination, headers: HeaderMap::new(), body: Bytes::new(), deadline: PATIENCE, max_bytes: 1024 };
    let mut inbound = platform.fetch().fetch(outbound).await.map_err(Error::unavailable)?;
    let mut whole = Vec::new();
    while let Some(chunk) = inbound.body.next().await {
        whole.extend_from_slice(&chunk.map_err(Error::unavailable)?);
    }
    Ok(whole.into())
}
