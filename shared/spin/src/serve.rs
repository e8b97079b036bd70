//! Between Spin's HTTP trigger and a function: requests and answers translated, nothing decided.

use std::net::{IpAddr, SocketAddr};

use bytes::{Bytes, BytesMut};
use futures_util::{SinkExt, StreamExt};
use http::{HeaderMap, Method, StatusCode, Uri, header};
use orilla_core::http::BODY_CAP_BYTES;
use orilla_core::ids::RequestId;
use orilla_core::{Body, Clock, Error, Function, Platform, Request, Response, problem, respond};
use spin_sdk::http::{Fields, IncomingRequest, OutgoingResponse, ResponseOutparam};

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
    let mut sink = outgoing.take_body();
    out.set(outgoing);
    match body {
        Body::Full(bytes) => sink.send(bytes.into()).await.map_err(|error| error.to_string()),
        Body::Stream(mut stream) => {
            while let Some(chunk) = stream.next().await {
                let chunk = chunk.map_err(|error| error.to_string())?;
                sink.send(chunk.into()).await.map_err(|error| error.to_string())?;
            }
            Ok(())
        }
    }
}
