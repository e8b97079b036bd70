//! Cross-origin answers: which headers a page on another origin may send and read.
//!
//! Who is allowed is the site's business; a function says so by setting `Request::is_origin_allowed`.

use http::{HeaderValue, Method, StatusCode, header};

use crate::http::{Request, Response, empty};

/// The request headers that published clients send.
///
/// Source: their own preflights, recorded from Segment, RudderStack, Umami, Formspree and our script.
const ALLOWED_HEADERS: &str = "authorization, content-type, content-encoding, accept, idempotency-key, x-retry-count, \
     anonymousid, sentat, x-write-key, x-umami-cache, formspree-client, formspree-session-data, mcp-protocol-version, mcp-session-id, \
     last-event-id";

/// How long a browser may reuse a preflight. Source: RudderStack answers 900 s; longer is capped by some browsers anyway.
const MAX_AGE_SECONDS: &str = "900";

/// Whether this is a preflight rather than a request of its own.
#[must_use]
pub fn is_preflight(request: &Request) -> bool {
    request.method == Method::OPTIONS
}

/// The answer to a preflight; [`dress`] adds the grant.
#[must_use]
pub fn preflight() -> Response {
    empty(StatusCode::NO_CONTENT)
}

/// Adds the CORS headers: always `Vary: Origin`, the rest only for an allowed origin, which is echoed.
pub fn dress(response: &mut Response, request: &Request) {
    let headers = response.headers_mut();
    headers.append(header::VARY, HeaderValue::from_static("Origin"));
    let Some(origin) = request.headers.get(header::ORIGIN) else { return };
    if !request.is_origin_allowed.get() {
        return;
    }
    headers.insert(header::ACCESS_CONTROL_ALLOW_ORIGIN, origin.clone());
    headers.insert(header::ACCESS_CONTROL_ALLOW_CREDENTIALS, HeaderValue::from_static("true"));
    headers.insert(header::ACCESS_CONTROL_EXPOSE_HEADERS, HeaderValue::from_static("x-request-id, retry-after"));
    if is_preflight(request) {
        headers.insert(header::ACCESS_CONTROL_ALLOW_METHODS, HeaderValue::from_static("GET, POST, OPTIONS"));
        headers.insert(header::ACCESS_CONTROL_ALLOW_HEADERS, HeaderValue::from_static(ALLOWED_HEADERS));
        headers.insert(header::ACCESS_CONTROL_MAX_AGE, HeaderValue::from_static(MAX_AGE_SECONDS));
    }
}
