//! One answered request as counters and log lines know it: closed words only, so that there are never more of them than the code has.

use http::{Method, StatusCode};

use super::code_of;
use crate::error::Error;
use crate::http::Response;

/// The outcome of what did not fail.
pub const OK: &str = "ok";

/// What a route is called that no table has.
pub const OTHER: &str = "other";

/// One answered request.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Seen {
    /// The function that answered.
    pub function: &'static str,
    /// The template of its route, never the path asked for.
    pub route: &'static str,
    /// Its method, of those that HTTP has; `other` for any other word.
    pub method: &'static str,
    /// `ok`, or the code it failed with.
    pub outcome: &'static str,
    /// The status of the answer.
    pub status: StatusCode,
    /// From the request's arrival in the function until its answer began.
    pub millis: u32,
}

impl Seen {
    /// What is to be known of an outcome.
    #[must_use]
    pub fn new(
        function: &'static str,
        route: Option<&'static str>,
        method: &Method,
        outcome: &Result<Response, Error>,
        millis: u32,
    ) -> Self {
        let status = outcome.as_ref().map_or_else(|error| error.code.status(), http::Response::status);
        let code = outcome.as_ref().map_or_else(|error| Some(error.code), |answer| code_of(answer.status()));
        let outcome = code.map_or(OK, |code| code.name());
        Self { function, route: route.unwrap_or(OTHER), method: word(method), outcome, status, millis }
    }

    /// Whether it failed by our own fault.
    #[must_use]
    pub fn is_fault(&self) -> bool {
        self.status.is_server_error()
    }
}

/// A method as a label. Anybody may send any word as a method, and no label may be anybody's word.
fn word(method: &Method) -> &'static str {
    let known = ["GET", "HEAD", "POST", "PUT", "PATCH", "DELETE", "OPTIONS"];
    known.into_iter().find(|it| *it == method.as_str()).unwrap_or(OTHER)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::error::Code;
    use crate::http::empty;

    #[track_caller]
    fn check(outcome: Result<u16, Code>, expect: &str, is_fault: bool) {
        let outcome = outcome.map(|status| empty(StatusCode::from_u16(status).unwrap())).map_err(|code| Error::new(code, ""));
        let seen = Seen::new("f", Some("/v1/{a}"), &Method::GET, &outcome, 1);
        assert_eq!((seen.outcome, seen.is_fault()), (expect, is_fault));
    }

    #[test]
    fn outcomes_are_ok_or_a_code_whoever_worded_the_answer() {
        for code in Code::ALL {
            check(Err(code), code.name(), code.status().is_server_error());
            check(Ok(code.status().as_u16()), code.name(), code.status().is_server_error());
        }
        check(Ok(200), OK, false);
        check(Ok(303), OK, false);
        check(Ok(402), "malformed", false);
        check(Ok(504), "internal", true);
    }

    #[test]
    fn a_strangers_words_are_no_labels() {
        let seen = Seen::new("f", None, &Method::from_bytes(b"ANA").unwrap(), &Ok(empty(StatusCode::OK)), 1);
        assert_eq!((seen.route, seen.method), (OTHER, OTHER));
    }
}
