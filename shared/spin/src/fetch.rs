//! [`Fetch`] over WASI's outgoing HTTP, raced against the host's monotonic clock; it follows no redirects by itself.
//!
//! The host resolves names out of the guest's sight: the check of resolved addresses is its network policy's
//! (`allowed_outbound_hosts`, blocked networks), as the table of known gaps says.

use std::pin::pin;
use std::task::Poll;
use std::time::Duration;

use bytes::Bytes;
use futures_util::future::{Either, poll_fn, select};
use futures_util::stream::{self, LocalBoxStream};
use futures_util::{SinkExt, StreamExt};
use http::{HeaderMap, HeaderName, HeaderValue, StatusCode};
use orilla_core::Fetch;
use orilla_core::ports::{FetchError, Inbound, Outbound};
use spin_executor::CancelOnDropToken;
use spin_sdk::http::{ErrorCode, Fields, IncomingResponse, OutgoingRequest, Scheme, SendError, send};
use wasi::clocks::monotonic_clock::{self, Instant};

/// Outbound HTTP of an invocation.
#[derive(Debug, Clone, Copy)]
pub struct SpinFetch;

impl Fetch for SpinFetch {
    async fn fetch(&self, request: Outbound) -> Result<Inbound, FetchError> {
        let deadline = instant_after(request.deadline);
        let outgoing = to_outgoing(&request)?;
        let exchange = pin!(exchange(outgoing, request.body));
        let response = match select(exchange, pin!(until(deadline))).await {
            Either::Left((response, _)) => response?,
            Either::Right(((), _)) => return Err(FetchError::Deadline),
        };
        let status = StatusCode::from_u16(response.status()).map_err(|error| FetchError::Protocol(error.to_string()))?;
        let headers = from_fields(response.headers().entries());
        Ok(Inbound { status, headers, body: capped(response, deadline, request.max_bytes) })
    }
}

/// Sends head and body and waits for the answer's head.
///
/// A peer may answer, or refuse the connection, before it has read the body: then its word counts, not the broken pipe.
async fn exchange(request: OutgoingRequest, body: Bytes) -> Result<IncomingResponse, FetchError> {
    let mut sink = request.take_body();
    let upload = pin!(async move {
        // What becomes of the body is told by the answer.
        let _told_by_the_answer = sink.send(body.into()).await;
    });
    let response = pin!(send::<_, IncomingResponse>(request));
    let response = match select(response, upload).await {
        Either::Left((response, _)) => response,
        Either::Right(((), response)) => response.await,
    };
    response.map_err(|error| match error {
        SendError::Http(code) => from_code(&code),
        other => FetchError::Protocol(other.to_string()),
    })
}

fn to_outgoing(request: &Outbound) -> Result<OutgoingRequest, FetchError> {
    let refused = |what: &str| FetchError::Protocol(format!("the host refuses this {what}"));
    let url = request.destination.url();
    let path = match url.query() {
        Some(query) => format!("{}?{query}", url.path()),
        None => url.path().to_owned(),
    };
    let mut headers = to_fields(&request.headers);
    headers.push(("content-length".to_owned(), request.body.len().to_string().into_bytes()));
    let outgoing = OutgoingRequest::new(Fields::from_list(&headers).map_err(|_| refused("header"))?);
    let scheme = if url.scheme() == "http" { Scheme::Http } else { Scheme::Https };
    outgoing.set_method(&request.method.clone().into()).map_err(|()| refused("method"))?;
    outgoing.set_scheme(Some(&scheme)).map_err(|()| refused("scheme"))?;
    outgoing.set_authority(Some(url.authority())).map_err(|()| refused("authority"))?;
    outgoing.set_path_with_query(Some(&path)).map_err(|()| refused("path"))?;
    Ok(outgoing)
}

pub(crate) fn to_fields(headers: &HeaderMap) -> Vec<(String, Vec<u8>)> {
    headers.iter().map(|(name, value)| (name.as_str().to_owned(), value.as_bytes().to_owned())).collect()
}

/// The headers that HTTP allows; the host has checked them, so none is lost in practice.
pub(crate) fn from_fields(fields: Vec<(String, Vec<u8>)>) -> HeaderMap {
    let parsed = fields.into_iter().filter_map(|(name, value)| {
        let name = HeaderName::from_bytes(name.as_bytes()).ok()?;
        Some((name, HeaderValue::from_bytes(&value).ok()?))
    });
    let mut headers = HeaderMap::new();
    for (name, value) in parsed {
        headers.append(name, value);
    }
    headers
}

/// The chunks of the body until the cap, the deadline or an error, after which there is nothing more.
fn capped(response: IncomingResponse, deadline: Instant, cap: usize) -> LocalBoxStream<'static, Result<Bytes, FetchError>> {
    let body = response.take_body_stream().boxed_local();
    // The response stays with its body: dropping it would cancel the exchange.
    stream::unfold(Some((body, response, cap)), move |state| async move {
        let (mut body, response, left) = state?;
        let next = match select(body.next(), pin!(until(deadline))).await {
            Either::Left((next, _)) => next?,
            Either::Right(((), _)) => return Some((Err(FetchError::Deadline), None)),
        };
        match next {
            Ok(chunk) => match left.checked_sub(chunk.len()) {
                Some(left) => Some((Ok(chunk.into()), Some((body, response, left)))),
                None => Some((Err(FetchError::TooLarge), None)),
            },
            Err(error) => Some((Err(FetchError::Protocol(error.to_debug_string())), None)),
        }
    })
    .boxed_local()
}

fn instant_after(duration: Duration) -> Instant {
    monotonic_clock::now().saturating_add(u64::try_from(duration.as_nanos()).unwrap_or(u64::MAX))
}

/// Waits, in the SDK's event loop, until the host's clock has reached `instant`.
async fn until(instant: Instant) {
    let mut registration = None;
    poll_fn(|context| {
        drop(registration.take());
        if monotonic_clock::now() >= instant {
            return Poll::Ready(());
        }
        let token = spin_executor::push_waker_and_get_token(monotonic_clock::subscribe_instant(instant), context.waker().clone());
        registration = Some(CancelOnDropToken::from(token));
        Poll::Pending
    })
    .await;
}

fn from_code(code: &ErrorCode) -> FetchError {
    match code {
        ErrorCode::HttpRequestDenied | ErrorCode::DestinationIpProhibited => FetchError::Refused(code.to_string()),
        ErrorCode::ConnectionTimeout
        | ErrorCode::ConnectionReadTimeout
        | ErrorCode::ConnectionWriteTimeout
        | ErrorCode::HttpResponseTimeout => FetchError::Deadline,
        ErrorCode::DnsTimeout
        | ErrorCode::DnsError(_)
        | ErrorCode::DestinationNotFound
        | ErrorCode::DestinationUnavailable
        | ErrorCode::DestinationIpUnroutable
        | ErrorCode::ConnectionRefused
        | ErrorCode::ConnectionLimitReached
        | ErrorCode::TlsProtocolError
        | ErrorCode::TlsCertificateError
        | ErrorCode::TlsAlertReceived(_) => FetchError::Connect(code.to_string()),
        other => FetchError::Protocol(other.to_string()),
    }
}
