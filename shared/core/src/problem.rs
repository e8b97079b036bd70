//! The one place where an [`Error`] becomes an answer: `application/problem+json` (RFC 9457).

use http::{HeaderName, HeaderValue, StatusCode, header};
use serde::Serialize;

use crate::error::{Error, Violation};
use crate::http::{Response, text};
use crate::ids::RequestId;

/// The header that carries the request's id back.
pub const REQUEST_ID: HeaderName = HeaderName::from_static("x-request-id");

/// The wire form of a failure.
#[derive(Debug, Serialize)]
struct Problem<'a> {
    r#type: String,
    title: &'static str,
    status: u16,
    code: &'static str,
    detail: &'a str,
    request_id: String,
    #[serde(skip_serializing_if = "<[_]>::is_empty")]
    errors: &'a [Violation],
}

/// The answer that tells a client about `error`, with `Retry-After`, `Allow` and `WWW-Authenticate` where they belong.
#[must_use]
pub fn response(error: &Error, id: RequestId) -> Response {
    let status = error.code.status();
    let problem = Problem {
        r#type: format!("urn:orilla:problem:{}", error.code.name()),
        title: error.code.title(),
        status: status.as_u16(),
        code: error.code.name(),
        detail: &error.detail,
        request_id: id.to_string(),
        errors: &error.violations,
    };
    // Strings, numbers and lists only: this cannot fail, and an empty body would still carry the status.
    let body = serde_json::to_vec(&problem).unwrap_or_default();
    let mut response = text(status, "application/problem+json", body);
    dress(&mut response, error);
    response
}

/// Adds the headers that a failure of this kind must carry, whatever the body's format.
pub fn dress(response: &mut Response, error: &Error) {
    let headers = response.headers_mut();
    if let Some(wait) = error.retry_after {
        headers.insert(header::RETRY_AFTER, HeaderValue::from(wait.as_secs().max(1)));
    }
    if !error.allow.is_empty() {
        let methods: Vec<_> = error.allow.iter().map(http::Method::as_str).collect();
        if let Ok(value) = HeaderValue::from_str(&methods.join(", ")) {
            headers.insert(header::ALLOW, value);
        }
    }
    if error.code.status() == StatusCode::UNAUTHORIZED {
        headers.insert(header::WWW_AUTHENTICATE, HeaderValue::from_static("Bearer realm=\"orilla\""));
    }
}
