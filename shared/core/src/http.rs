//! The neutral request and response: what an adapter translates to and from, and nothing else.

use std::cell::Cell;
use std::fmt;
use std::net::IpAddr;

use bytes::Bytes;
use chrono::{DateTime, Utc};
use futures_util::stream::LocalBoxStream;
use http::{HeaderMap, HeaderValue, Method, StatusCode, Uri, header};
use serde::Serialize;

use crate::error::Error;
use crate::ids::RequestId;

/// The most bytes an adapter reads of any body; routes set their own, smaller limits.
///
/// Chosen: above the largest route limit, well below the 128 MB of a Workers isolate.
pub const BODY_CAP_BYTES: usize = 8 * 1024 * 1024;

/// One request as every function sees it.
#[derive(Debug, Clone)]
pub struct Request {
    /// Names this request in the log and in the answer.
    pub id: RequestId,
    /// The HTTP method.
    pub method: Method,
    /// Path and query; absolute where the host knows the authority.
    pub uri: Uri,
    /// The headers as received.
    pub headers: HeaderMap,
    /// The body as received, still compressed; empty if `is_truncated`.
    pub body: Bytes,
    /// The body was longer than [`BODY_CAP_BYTES`] and was not kept.
    pub is_truncated: bool,
    /// The visitor's address as the host vouches for it, never as a header claims it.
    pub client: Option<IpAddr>,
    /// ISO 3166-1 alpha-2 country of `client`, where the host knows it.
    pub country: Option<String>,
    /// When the request arrived.
    pub received: DateTime<Utc>,
    /// Whether the request's `Origin` turned out to be one the site allows; decides the CORS headers of the answer.
    pub is_origin_allowed: Cell<bool>,
}

impl Request {
    /// A header's value as text; `None` if absent or not visible ASCII.
    #[must_use]
    pub fn header(&self, name: impl header::AsHeaderName) -> Option<&str> {
        self.headers.get(name).and_then(|value| value.to_str().ok())
    }

    /// Takes the visitor's address from the header of a trusted proxy: the last one it names, since a proxy appends what it saw
    /// itself to whatever the client claimed. A header that names none changes nothing.
    pub fn believe(&mut self, trusted: Option<&str>) {
        let named = trusted.and_then(|name| self.headers.get_all(name).iter().next_back()).and_then(|value| value.to_str().ok());
        let address = named.and_then(|list| list.rsplit(',').next()).and_then(|address| address.trim().parse::<IpAddr>().ok());
        self.client = address.map(|address| address.to_canonical()).or(self.client);
    }

    /// The origin that the request came to, as far as it tells, without a slash at its end. A client may say what it likes: good for links in the
    /// answer to that client alone.
    #[must_use]
    pub fn own_origin(&self) -> String {
        let scheme = self.uri.scheme_str().unwrap_or("http");
        let authority = self.uri.authority().map(http::uri::Authority::as_str);
        let host = authority.or_else(|| self.header(header::HOST)).unwrap_or("localhost");
        format!("{scheme}://{host}")
    }

    /// The first query parameter of this name, percent-decoded.
    #[must_use]
    pub fn query(&self, name: &str) -> Option<String> {
        let query = self.uri.query()?;
        form_urlencoded::parse(query.as_bytes()).find(|(key, _)| key == name).map(|(_, value)| value.into_owned())
    }

    /// A time of the query, if it is there.
    ///
    /// Errors: `Malformed` for what is no RFC 3339 time.
    pub fn time(&self, name: &str) -> Result<Option<DateTime<Utc>>, Error> {
        let Some(text) = self.query(name) else { return Ok(None) };
        let time = DateTime::parse_from_rfc3339(&text)
            .map_err(|_| Error::malformed(format!("`{name}` is a time such as 2026-01-31T09:00:00Z.")))?;
        Ok(Some(time.to_utc()))
    }

    /// A number of the query from 1 to `most`, or `default` where it is not there.
    ///
    /// Errors: `Malformed` for anything else.
    pub fn number(&self, name: &str, default: u32, most: u32) -> Result<u32, Error> {
        match self.query(name).map(|text| text.parse()) {
            None => Ok(default),
            Some(Ok(number)) if (1..=most).contains(&number) => Ok(number),
            Some(_) => Err(Error::malformed(format!("`{name}` is a number from 1 to {most}."))),
        }
    }

    /// Whether a query parameter is there and says neither `0` nor `false`, such as `?dry_run=1`.
    #[must_use]
    pub fn asks_for(&self, name: &str) -> bool {
        self.query(name).is_some_and(|value| value != "0" && value != "false")
    }

    /// Whether the caller is a page load rather than a script: it prefers HTML and did not ask for JSON.
    #[must_use]
    pub fn wants_html(&self) -> bool {
        let accept = self.header(header::ACCEPT).unwrap_or_default();
        accept.contains("text/html") && !accept.starts_with("application/json")
    }
}

/// An answer's body: whole, or produced while it is sent.
pub enum Body {
    /// All of it.
    Full(Bytes),
    /// Chunks as they are read; an error ends the connection, since the status is already out.
    Stream(LocalBoxStream<'static, Result<Bytes, Error>>),
}

impl fmt::Debug for Body {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Full(bytes) => write!(f, "Full({} bytes)", bytes.len()),
            Self::Stream(_) => f.write_str("Stream"),
        }
    }
}

/// One answer as every adapter sends it.
pub type Response = http::Response<Body>;

/// An answer with this content type and text.
#[must_use]
pub fn text(status: StatusCode, content_type: &'static str, body: impl Into<Bytes>) -> Response {
    let mut response = Response::new(Body::Full(body.into()));
    *response.status_mut() = status;
    response.headers_mut().insert(header::CONTENT_TYPE, HeaderValue::from_static(content_type));
    response
}

/// A JSON answer.
///
/// Errors: `Internal` if `value` cannot be serialised, which for our own types is a defect.
pub fn json<T: Serialize + ?Sized>(status: StatusCode, value: &T) -> Result<Response, Error> {
    let body = serde_json::to_vec(value).map_err(Error::internal)?;
    Ok(text(status, "application/json", body))
}

/// An HTML answer that no other site may frame and that runs no script.
#[must_use]
pub fn html(status: StatusCode, body: String) -> Response {
    let mut response = text(status, "text/html; charset=utf-8", body);
    let policy = "default-src 'none'; style-src 'unsafe-inline'; frame-ancestors 'none'; base-uri 'none'";
    response.headers_mut().insert(header::CONTENT_SECURITY_POLICY, HeaderValue::from_static(policy));
    response
}

/// An empty answer.
#[must_use]
pub fn empty(status: StatusCode) -> Response {
    let mut response = Response::new(Body::Full(Bytes::new()));
    *response.status_mut() = status;
    response
}
