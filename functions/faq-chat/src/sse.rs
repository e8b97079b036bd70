//! Server-sent events, as they go out.

use bytes::Bytes;
use futures_util::Stream;
use http::{HeaderValue, StatusCode, header};
use orilla_core::http::{Body, empty};
use orilla_core::{Error, Response};
use serde::Serialize;

/// One event with a name and JSON for data.
///
/// Errors: `Internal` if the data cannot be serialised, which for our own types is a defect.
pub fn event<T: Serialize + ?Sized>(name: &str, data: &T) -> Result<Bytes, Error> {
    let data = serde_json::to_string(data).map_err(Error::internal)?;
    Ok(format!("event: {name}\ndata: {data}\n\n").into())
}

/// One event without a name, as OpenAI's clients read them.
///
/// Errors: as [`event`].
pub fn data<T: Serialize + ?Sized>(data: &T) -> Result<Bytes, Error> {
    let data = serde_json::to_string(data).map_err(Error::internal)?;
    Ok(format!("data: {data}\n\n").into())
}

/// An answer made of events as they come. No proxy between may hold them back.
pub fn response(events: impl Stream<Item = Result<Bytes, Error>> + 'static) -> Response {
    let mut response = empty(StatusCode::OK);
    *response.body_mut() = Body::Stream(Box::pin(events));
    let headers = response.headers_mut();
    headers.insert(header::CONTENT_TYPE, HeaderValue::from_static("text/event-stream; charset=utf-8"));
    headers.insert(header::CACHE_CONTROL, HeaderValue::from_static("no-store, no-transform"));
    headers.insert("x-accel-buffering", HeaderValue::from_static("no"));
    response
}
