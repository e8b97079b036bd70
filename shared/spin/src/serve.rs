//! Between Spin's HTTP trigger and a function: requests and answers translated, nothing decided.

use std::net::{IpAddr, SocketAddr};
use std::task::Poll;

use bytes::{Bytes, BytesMut};
use futures_util::StreamExt;
use futures_util::future::poll_fn;
use http::{HeaderMap, Method, StatusCode, Uri, header};
use orilla_core::http::BODY_CAP_BYTES;
use orilla_core::ids::RequestId;
use orilla_core::{Body, Clock, Error, Function, Platform, Request, Response, problem, respond};
use spin_executor::CancelOnDropToken;
use spin_sdk::http::{Fields, IncomingRequest, OutgoingBody, OutgoingResponse, ResponseOutparam};
use wasi::io::streams::{OutputStream, StreamError};

use crate::Spin;
use crate::fetch::{from_fields, to_fields};

/// Answers a request with function `F`, then does what it deferred.
pub async fn serve<F: Function<Spin>>(request: IncomingRequest, out: ResponseOutparam) {
    let platform = Spin::default();
    let id = RequestId::new(platform.clock().now(), &platform.random());
    let response = match read(&platform, id, request).await {
        Ok(request) => respond::<Spin, F>(&platform, request).await,
        Err(error) => problem::response(&error, id),
    };
    if let Err(reason) = write(response, out).await {
        platform
            .log(format_args!("{{\"function\":\"{}\",\"request_id\":\"{id}\",\"event\":\"answer_cut\",\"cause\":{reason:?}}}", F::NAME));
    }
    platform.drain().await;
}

async fn read(platform: &Spin, id: RequestId, request: IncomingRequest) -> Result<Request, Error> {
    let method =
        Method::from_bytes(request.method().to_string().as_bytes()).map_err(|_| Error::malformed("The method is not one of HTTP's."))?;
    let uri: Uri = request.uri().parse().map_err(|_| Error::malformed("The URL could not be read."))?;
    let headers = from_fields(request.headers().entries());
    let body = read_body(request).await?;
    Ok(Request {
        id,
        method,
        uri,
        client: client(&headers),
        country: None,
        headers,
        is_truncated: body.is_none(),
        body: body.unwrap_or_default(),
        received: platform.clock().now(),
        is_origin_allowed: false.into(),
    })
}

/// The body, or `None` if it is longer than the cap; what is beyond is not read.
async fn read_body(request: IncomingRequest) -> Result<Option<Bytes>, Error> {
    let mut stream = request.into_body_stream();
    let mut body = BytesMut::new();
    while let Some(chunk) = stream.next().await {
        let chunk = chunk.map_err(|_| Error::malformed("The body broke off."))?;
        if body.len() + chunk.len() > BODY_CAP_BYTES {
            return Ok(None);
        }
        body.extend_from_slice(&chunk);
    }
    Ok(Some(body.freeze()))
}

/// The peer's address. Spin appends this header, so what a client sent under its name stands before it: the last one is Spin's.
fn client(headers: &HeaderMap) -> Option<IpAddr> {
    let text = headers.get_all("spin-client-addr").iter().next_back()?.to_str().ok()?;
    let address = text.parse::<SocketAddr>().map(|address| address.ip()).or_else(|_| text.parse());
    address.ok().map(|address| address.to_canonical())
}

/// Sends the answer. Errors: why the rest of it could not be sent.
async fn write(response: Response, out: ResponseOutparam) -> Result<(), String> {
    let (mut parts, body) = response.into_parts();
    if let Body::Full(bytes) = &body
        && !bytes.is_empty()
    {
        parts.headers.insert(header::CONTENT_LENGTH, bytes.len().into());
    }
    let outgoing = match Fields::from_list(&to_fields(&parts.headers)) {
        Ok(fields) => OutgoingResponse::new(fields),
        Err(error) => {
            let outgoing = OutgoingResponse::new(Fields::new());
            // Always a status the host takes.
            let _taken = outgoing.set_status_code(StatusCode::INTERNAL_SERVER_ERROR.as_u16());
            out.set(outgoing);
            return Err(error.to_string());
        }
    };
    outgoing.set_status_code(parts.status.as_u16()).map_err(|()| "the host refuses this status".to_owned())?;
    let whole = outgoing.body().map_err(|()| "the host gives no body".to_owned())?;
    out.set(outgoing);
    let writer = whole.write().map_err(|()| "the host gives no stream".to_owned())?;
    // An early return drops the body unfinished: then the host cuts the connection, and nobody takes a part for the whole.
    send(&writer, body).await?;
    drop(writer);
    OutgoingBody::finish(whole, None).map_err(|code| code.to_string())
}

async fn send(writer: &OutputStream, body: Body) -> Result<(), String> {
    let mut stream = match body {
        Body::Full(bytes) => return send_chunk(writer, &bytes).await.map_err(|error| error.to_string()),
        Body::Stream(stream) => stream,
    };
    while let Some(chunk) = stream.next().await {
        let chunk = chunk.map_err(|error| error.to_string())?;
        send_chunk(writer, &chunk).await.map_err(|error| error.to_string())?;
    }
    Ok(())
}

/// Writes all of `bytes` as the host takes them, and flushes.
async fn send_chunk(writer: &OutputStream, mut bytes: &[u8]) -> Result<(), StreamError> {
    while !bytes.is_empty() {
        let room = usize::try_from(room(writer).await?).unwrap_or(usize::MAX);
        let (now, later) = bytes.split_at(room.min(bytes.len()));
        writer.write(now)?;
        bytes = later;
    }
    let flushed = match writer.flush() {
        Ok(()) => room(writer).await.map(drop),
        refused => refused,
    };
    match flushed {
        // The host may close once it has what the answer's length promised.
        Err(StreamError::Closed) => Ok(()),
        other => other,
    }
}

/// Waits, in the SDK's event loop, until the host takes more; says how much.
async fn room(writer: &OutputStream) -> Result<u64, StreamError> {
    let mut registration = None;
    poll_fn(|context| {
        drop(registration.take());
        match writer.check_write() {
            Ok(0) => {
                let token = spin_executor::push_waker_and_get_token(writer.subscribe(), context.waker().clone());
                registration = Some(CancelOnDropToken::from(token));
                Poll::Pending
            }
            result => Poll::Ready(result),
        }
    })
    .await
}
