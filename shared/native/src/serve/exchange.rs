//! Between hyper's messages and the core's: bounds and reads a body, tells who called, sends an answer.

use std::cell::Cell;
use std::fmt;
use std::io;
use std::net::IpAddr;
use std::time::Duration;

use bytes::{Bytes, BytesMut};
use futures_util::stream::LocalBoxStream;
use futures_util::{StreamExt, TryStreamExt};
use http::request::Parts;
use http::{HeaderMap, HeaderValue, StatusCode, Uri, header};
use http_body_util::{BodyExt, Either, Full, StreamBody};
use hyper::body::{Frame, Incoming};
use orilla_core::http::{BODY_CAP_BYTES, text};
use orilla_core::ids::RequestId;
use orilla_core::{Clock, Platform, Request, Response, http::Body};
use tokio::time::timeout;

use crate::Native;

/// How long a client may take over a body. Chosen: the cap over a slow mobile line.
const BODY_TIMEOUT: Duration = Duration::from_secs(60);
/// How much of a body beyond the cap is read and thrown away, so that the client gets to read why it was refused.
///
/// Chosen: most clients read no answer before they have sent everything; beyond this they are hung up on.
const DISCARD_CAP_BYTES: usize = 4 * BODY_CAP_BYTES;

/// The client broke off; there is nobody to answer.
#[derive(Debug)]
pub(super) struct Broken(hyper::Error);

impl fmt::Display for Broken {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.0.fmt(f)
    }
}

impl std::error::Error for Broken {}

/// A request's body, as far as it was kept.
pub(super) struct Received {
    bytes: Bytes,
    is_truncated: bool,
}

type Frames = LocalBoxStream<'static, io::Result<Frame<Bytes>>>;
/// An answer in hyper's form.
pub(super) type Outgoing = http::Response<Either<Full<Bytes>, StreamBody<Frames>>>;

/// Reads a body up to the cap; `None` if it took too long.
pub(super) async fn read(body: Incoming) -> Result<Option<Received>, Broken> {
    timeout(BODY_TIMEOUT, read_all(body)).await.ok().transpose()
}

async fn read_all(mut body: Incoming) -> Result<Received, Broken> {
    let mut kept = BytesMut::new();
    let mut length: usize = 0;
    while let Some(frame) = body.frame().await {
        let Ok(chunk) = frame.map_err(Broken)?.into_data() else { continue };
        length = length.saturating_add(chunk.len());
        if length <= BODY_CAP_BYTES {
            kept.extend_from_slice(&chunk);
        } else {
            kept = BytesMut::new();
        }
        if length > DISCARD_CAP_BYTES {
            break;
        }
    }
    Ok(Received { bytes: kept.freeze(), is_truncated: length > BODY_CAP_BYTES })
}

/// Builds the core's request.
pub(super) fn receive(platform: &Native, head: Parts, body: Received, client: IpAddr) -> Request {
    let received = platform.clock().now();
    Request {
        id: RequestId::new(received, &platform.random()),
        method: head.method,
        uri: absolute(head.uri, &head.headers),
        headers: head.headers,
        body: body.bytes,
        is_truncated: body.is_truncated,
        client: Some(client.to_canonical()),
        country: None,
        received,
        is_origin_allowed: Cell::new(false),
    }
}

/// Adds the authority that the client asked for, if it named one.
fn absolute(uri: Uri, headers: &HeaderMap) -> Uri {
    let host = headers.get(header::HOST).and_then(|host| host.to_str().ok());
    let (None, Some(host), Some(path)) = (uri.authority(), host, uri.path_and_query()) else { return uri };
    Uri::builder().scheme("http").authority(host).path_and_query(path.clone()).build().unwrap_or(uri)
}

/// Builds hyper's answer.
pub(super) fn send(response: Response) -> Outgoing {
    response.map(|body| match body {
        Body::Full(bytes) => Either::Left(Full::new(bytes)),
        Body::Stream(chunks) => {
            // The code alone: this text may end up in a log.
            let frames = chunks.map_ok(Frame::data).map_err(|error| io::Error::other(error.to_string()));
            Either::Right(StreamBody::new(frames.boxed_local()))
        }
    })
}

/// The answer where the function has crashed.
pub(super) fn crashed() -> Outgoing {
    send(text(StatusCode::INTERNAL_SERVER_ERROR, "text/plain", "Something failed on our side.\n"))
}

/// The answer to a body that did not come.
pub(super) fn timed_out() -> Outgoing {
    let mut response = text(StatusCode::REQUEST_TIMEOUT, "text/plain", "The body took too long.\n");
    response.headers_mut().insert(header::CONNECTION, HeaderValue::from_static("close"));
    send(response)
}
