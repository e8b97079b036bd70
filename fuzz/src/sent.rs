//! Requests as a host hands them over, made of an input.

use std::cell::{Cell, RefCell};
use std::io::Write;

use bytes::Bytes;
use chrono::{DateTime, Utc};
use flate2::Compression;
use flate2::write::GzEncoder;
use futures_util::FutureExt;
use http::{HeaderMap, HeaderName, HeaderValue, Method, Uri};
use orilla_core::ids::RequestId;
use orilla_core::{Code, Error, Request};
use orilla_native::testing::SeededRandom;

/// The most bytes of a body, as routes for whole files have it.
pub const LIMIT: usize = 1 << 20;

/// When every request arrives: a Saturday of November 2026.
pub fn now() -> DateTime<Utc> {
    DateTime::from_timestamp(1_795_860_000, 0).unwrap()
}

/// A request with this body and nothing else.
pub fn post(body: &[u8]) -> Request {
    with(&[], body)
}

/// A request with these headers; one whose value no header may have is left out.
pub fn with(headers: &[(&'static str, &str)], body: &[u8]) -> Request {
    let named = |(name, value): &(&'static str, &str)| Some((HeaderName::from_static(name), HeaderValue::from_str(value).ok()?));
    Request {
        id: RequestId::new(now(), &SeededRandom::new(1)),
        method: Method::POST,
        uri: Uri::from_static("/"),
        headers: headers.iter().filter_map(named).collect::<HeaderMap>(),
        body: Bytes::copy_from_slice(body),
        is_truncated: false,
        client: None,
        country: None,
        received: now(),
        is_origin_allowed: Cell::new(false),
    }
}

thread_local! {
    static PACKED: RefCell<Vec<u8>> = const { RefCell::new(Vec::new()) };
}

/// The same body compressed, unless it says that it is so already.
pub fn compressed(request: &Request) -> Option<Request> {
    if request.body.starts_with(&[0x1f, 0x8b]) || request.headers.contains_key("content-encoding") {
        return None;
    }
    let mut packed = PACKED.take();
    packed.clear();
    let mut encoder = GzEncoder::new(packed, Compression::none());
    encoder.write_all(&request.body).unwrap();
    packed = encoder.finish().unwrap();
    let body = Bytes::copy_from_slice(&packed);
    PACKED.set(packed);
    Some(Request { body, ..request.clone() })
}

/// What a reader makes of a request, which must be the same whether its body is compressed or not; nothing that a client sends is our fault.
#[track_caller]
pub fn read<T: PartialEq + std::fmt::Debug>(request: &Request, read: impl Fn(&Request) -> Result<T, Error>) -> Result<T, Code> {
    let told = |request: &Request| read(request).map_err(|error| error.code);
    let outcome = told(request);
    if let Err(code) = outcome {
        assert!(!matches!(code, Code::Internal | Code::Unavailable), "{code:?} for what a client sent");
    }
    if let Some(packed) = compressed(request) {
        assert_eq!(told(&packed), outcome, "compressed it is something else");
    }
    outcome
}

/// Runs a future that waits for nothing.
pub fn block_on<F: Future>(future: F) -> F::Output {
    future.now_or_never().expect("nothing to wait for")
}
