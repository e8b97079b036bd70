//! Lines of log: one JSON object each, of closed words, ids, numbers and causes. Paths, queries, bodies, addresses and keys stay out.

use serde_json::Value;

use super::Seen;
use crate::error::Error;
use crate::http::Request;
use crate::ports::Platform;

/// A request's line.
pub fn request<P: Platform>(platform: &P, request: &Request, seen: &Seen, error: Option<&Error>) {
    let Seen { function, route, method, outcome, status, millis } = seen;
    let cause = error.map(|error| format!(",\"cause\":{}", cause(error))).unwrap_or_default();
    platform.log(format_args!(
        "{{\"function\":\"{function}\",\"event\":\"request\",\"request_id\":\"{}\",\"method\":\"{method}\",\"route\":\"{route}\",\
         \"status\":{},\"code\":\"{outcome}\",\"millis\":{millis}{cause}}}",
        request.id,
        status.as_u16(),
    ));
}

/// The line of a tick that failed.
pub fn tick<P: Platform>(platform: &P, function: &str, error: &Error, millis: u32) {
    platform.log(format_args!(
        "{{\"function\":\"{function}\",\"event\":\"tick\",\"code\":\"{error}\",\"millis\":{millis},\"cause\":{}}}",
        cause(error)
    ));
}

/// The line of something that went wrong beside requests and ticks.
pub fn event<P: Platform>(platform: &P, function: &str, event: &str, error: &Error) {
    platform.log(format_args!("{{\"function\":\"{function}\",\"event\":\"{event}\",\"code\":\"{error}\",\"cause\":{}}}", cause(error)));
}

/// The chain of causes, as a JSON string.
fn cause(error: &Error) -> Value {
    let mut causes = Vec::new();
    let mut next = std::error::Error::source(error);
    while let Some(source) = next {
        causes.push(source.to_string());
        next = source.source();
    }
    Value::from(causes.join(": "))
}
