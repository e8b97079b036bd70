//! One closed error type for everything a caller can be told, and its one mapping to HTTP.
//!
//! What a client may read (`code`, `detail`, `violations`) is apart from what the log reads (`source`).
//! `Display` is the code alone: it is a metric label and never carries a field's value.

use std::borrow::Cow;
use std::error::Error as StdError;
use std::fmt;
use std::time::Duration;

use http::{Method, StatusCode};
use serde::Serialize;

/// Every way a request can fail, as far as a client needs to care.
///
/// The names are the wire codes and the metric labels; new ones are introduced thoughtfully.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Code {
    /// `400`: the body or the query is not what its syntax claims to be.
    Malformed,
    /// `401`: no key, or one nobody issued.
    Unauthenticated,
    /// `403`: a known caller asks for what is not theirs: wrong kind of key, foreign origin, bad signature.
    Forbidden,
    /// `404`: no such thing on this site.
    NotFound,
    /// `405`: the path exists, the method does not; the answer carries `Allow`.
    MethodNotAllowed,
    /// `409`: somebody else changed it first; read again, then retry.
    Conflict,
    /// `410`: it was there and its time has passed, such as a signed link.
    Expired,
    /// `413`: larger than this route takes, before or after decompression.
    TooLarge,
    /// `422`: well-formed and understood, but its content breaks a rule; see `violations`.
    Invalid,
    /// `429`: too many for this window; `Retry-After` says when.
    TooManyRequests,
    /// `500`: our fault; nothing the caller can change.
    Internal,
    /// `503`: storage or a dependency is down; the same request may succeed later.
    Unavailable,
}

impl Code {
    /// Every code, for tests and for the OpenAPI document.
    pub const ALL: [Self; 12] = [
        Self::Malformed,
        Self::Unauthenticated,
        Self::Forbidden,
        Self::NotFound,
        Self::MethodNotAllowed,
        Self::Conflict,
        Self::Expired,
        Self::TooLarge,
        Self::Invalid,
        Self::TooManyRequests,
        Self::Internal,
        Self::Unavailable,
    ];

    /// The wire code: also the last segment of the problem's `type` and the metric label.
    #[must_use]
    pub const fn name(self) -> &'static str {
        self.row().0
    }

    /// The one table from codes to HTTP.
    #[must_use]
    pub const fn status(self) -> StatusCode {
        self.row().1
    }

    /// The problem's `title`: constant for a code, as RFC 9457 §3.1.3 asks.
    #[must_use]
    pub const fn title(self) -> &'static str {
        self.row().2
    }

    const fn row(self) -> (&'static str, StatusCode, &'static str) {
        match self {
            Self::Malformed => ("malformed", StatusCode::BAD_REQUEST, "The request could not be read"),
            Self::Unauthenticated => ("unauthenticated", StatusCode::UNAUTHORIZED, "A valid key is needed"),
            Self::Forbidden => ("forbidden", StatusCode::FORBIDDEN, "This caller may not do this"),
            Self::NotFound => ("not_found", StatusCode::NOT_FOUND, "There is no such thing here"),
            Self::MethodNotAllowed => ("method_not_allowed", StatusCode::METHOD_NOT_ALLOWED, "This path does not take this method"),
            Self::Conflict => ("conflict", StatusCode::CONFLICT, "It was changed by somebody else"),
            Self::Expired => ("expired", StatusCode::GONE, "Its time has passed"),
            Self::TooLarge => ("too_large", StatusCode::PAYLOAD_TOO_LARGE, "The request is too large"),
            Self::Invalid => ("invalid", StatusCode::UNPROCESSABLE_ENTITY, "Some of the content breaks a rule"),
            Self::TooManyRequests => ("too_many_requests", StatusCode::TOO_MANY_REQUESTS, "Too many requests"),
            Self::Internal => ("internal", StatusCode::INTERNAL_SERVER_ERROR, "Something failed on our side"),
            Self::Unavailable => ("unavailable", StatusCode::SERVICE_UNAVAILABLE, "The service cannot answer now"),
        }
    }
}

/// One broken rule of a request's content, told together with all the others.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Violation {
    /// The field's name as the client sent it, or a JSON path into the body.
    pub field: String,
    /// The rule, from a closed set of the function that checks it.
    pub code: Cow<'static, str>,
    /// What to do about it, in the reader's language; never the offending value.
    pub message: String,
}

/// A failure on its way to the client and to the log.
#[derive(Debug)]
pub struct Error {
    /// What kind of failure, and thereby which status.
    pub code: Code,
    /// A sentence for the client; constant for 5xx.
    pub detail: Cow<'static, str>,
    /// The broken rules of an `Invalid` request.
    pub violations: Vec<Violation>,
    /// When to try again, for `TooManyRequests` and `Unavailable`.
    pub retry_after: Option<Duration>,
    /// The methods a path takes, for `MethodNotAllowed`.
    pub allow: Vec<Method>,
    /// What the log reads; never shown to a client.
    pub source: Option<Box<dyn StdError>>,
}

impl Error {
    /// A failure of this kind, with a sentence the client may read.
    #[must_use]
    pub fn new(code: Code, detail: impl Into<Cow<'static, str>>) -> Self {
        Self { code, detail: detail.into(), violations: Vec::new(), retry_after: None, allow: Vec::new(), source: None }
    }

    /// `400`, with what could not be read.
    #[must_use]
    pub fn malformed(detail: impl Into<Cow<'static, str>>) -> Self {
        Self::new(Code::Malformed, detail)
    }

    /// `403`, with why.
    #[must_use]
    pub fn forbidden(detail: impl Into<Cow<'static, str>>) -> Self {
        Self::new(Code::Forbidden, detail)
    }

    /// `404`, with what was looked for.
    #[must_use]
    pub fn not_found(detail: impl Into<Cow<'static, str>>) -> Self {
        Self::new(Code::NotFound, detail)
    }

    /// `422`, with every broken rule at once.
    #[must_use]
    pub fn invalid(detail: impl Into<Cow<'static, str>>, violations: Vec<Violation>) -> Self {
        Self { violations, ..Self::new(Code::Invalid, detail) }
    }

    /// `429`, with when to come back.
    #[must_use]
    pub fn too_many(retry_after: Duration) -> Self {
        Self {
            retry_after: Some(retry_after),
            ..Self::new(Code::TooManyRequests, "Too many requests from here; wait, then send the same again.")
        }
    }

    /// `500`: the client reads a constant, the log reads `source`.
    #[must_use]
    pub fn internal(source: impl Into<Box<dyn StdError>>) -> Self {
        Self {
            source: Some(source.into()),
            ..Self::new(Code::Internal, "Nothing was stored. The request id below helps us to find what failed.")
        }
    }

    /// `503`: the client reads a constant and when to retry, the log reads `source`.
    #[must_use]
    pub fn unavailable(source: impl Into<Box<dyn StdError>>) -> Self {
        Self {
            source: Some(source.into()),
            retry_after: Some(UNAVAILABLE_RETRY),
            ..Self::new(Code::Unavailable, "Nothing was stored. Send the same request again in a moment.")
        }
    }

    /// The same failure with its cause for the log.
    #[must_use]
    pub fn because(mut self, source: impl Into<Box<dyn StdError>>) -> Self {
        self.source = Some(source.into());
        self
    }
}

/// How long a client should wait after a 503. Chosen: longer than a storage fail-over blip, shorter than patience.
const UNAVAILABLE_RETRY: Duration = Duration::from_secs(5);

impl fmt::Display for Error {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.code.name())
    }
}

impl StdError for Error {
    fn source(&self) -> Option<&(dyn StdError + 'static)> {
        self.source.as_deref()
    }
}
