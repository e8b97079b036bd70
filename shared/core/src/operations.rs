//! What whoever runs a deployment sees of it: counters, one line of log for each request, alerts.
//!
//! None of it knows a visitor, and none of it may slow or fail an answer: counts are gathered in the instance and written once answers are out.

pub mod alerts;
mod exposition;
mod line;
mod lookout;
mod meter;
mod seen;

use http::StatusCode;

pub use self::lookout::look_out;
pub use self::meter::{Family, Meter, Series, flush, record};
pub use self::seen::Seen;
use crate::error::Error;
use crate::http::{Request, Response, text};
use crate::ports::{Clock, DB, Platform, Sql, Variable};
use crate::sql::take;
use crate::{auth, error};

/// Whether requests are counted: not if it says `off`.
pub const METRICS: Variable = Variable("METRICS");

/// Which requests have a line in the log: `all`, or those that failed.
pub const LOG: Variable = Variable("LOG");

/// Every function, by name: what an alert may be about. A test holds it against the folders.
pub const FUNCTIONS: [&str; 5] = ["content-score", "faq-chat", "lead-capture", "ticket-route", "track-events"];

/// The content type of an answer to Prometheus. Source: Prometheus, "Exposition formats", text format 0.0.4.
const EXPOSITION: &str = "text/plain; version=0.0.4; charset=utf-8";

/// Whether this deployment counts. A variable that cannot be read is no reason not to.
pub fn is_counting<P: Platform>(platform: &P) -> bool {
    !matches!(platform.variable(METRICS), Ok(Some(word)) if word.eq_ignore_ascii_case("off"))
}

/// Counts a request that was answered and writes its line, if it has one. The store is written to later, if at all.
pub(crate) fn note<P: Platform>(platform: &P, request: &Request, seen: &Seen, error: Option<&Error>) {
    let logs_all = matches!(platform.variable(LOG), Ok(Some(word)) if word.eq_ignore_ascii_case("all"));
    if logs_all || seen.outcome != seen::OK {
        line::request(platform, request, seen, error);
    }
    if !is_counting(platform) {
        return;
    }
    let now = platform.clock().now();
    platform.meter().request(seen, now);
    if platform.meter().claim(now) {
        let (later, function) = (platform.clone(), seen.function);
        platform.defer(async move { add_to_store(&later, function).await });
    }
}

/// Counts a tick, and logs one that failed.
pub(crate) fn note_tick<P: Platform, T>(platform: &P, function: &'static str, outcome: &Result<T, Error>, millis: u32) {
    if let Err(error) = outcome {
        line::tick(platform, function, error, millis);
    }
    if is_counting(platform) {
        let word = outcome.as_ref().map_or_else(|error| error.code.name(), |_| seen::OK);
        platform.meter().tick(function, word, millis);
    }
}

/// Writes what the instance has gathered, if it is time.
pub(crate) async fn write<P: Platform>(platform: &P, function: &'static str) {
    if is_counting(platform) && platform.meter().claim(platform.clock().now()) {
        add_to_store(platform, function).await;
    }
}

/// Looks at alert rules, if it is time, and logs why it could not. What the instance has gathered is written first, or the look would miss it.
pub(crate) async fn look<P: Platform>(platform: &P, function: &'static str) {
    if is_counting(platform) {
        add_to_store(platform, function).await;
    }
    if let Err(error) = look_out(platform).await {
        line::event(platform, function, "alerts", &error);
    }
}

async fn add_to_store<P: Platform>(platform: &P, function: &'static str) {
    let outcome = match platform.sql(DB) {
        Ok(sql) => flush(&sql, &platform.meter()).await,
        Err(error) => Err(error.into()),
    };
    if let Err(error) = outcome {
        line::event(platform, function, "metrics", &error);
    }
}

/// Answers Prometheus: the whole deployment, or one function's own counters.
///
/// Errors: `Unauthenticated` without the operator's key, and what the store gives.
pub(crate) async fn expose<P: Platform>(platform: &P, request: &Request, function: Option<&str>) -> Result<Response, Error> {
    auth::require_operator(platform, request)?;
    let sql = platform.sql(DB)?;
    // What this instance knows is in the answer, so that whoever runs one instance reads exact counts.
    flush(&sql, &platform.meter()).await?;
    let now = request.received;
    let mut statements = vec![exposition::totals(function)];
    if function.is_none() {
        statements.extend(exposition::gauges(now));
    }
    let mut results = sql.batch(statements).await?;
    let gauges = results.split_off(1.min(results.len()));
    let [totals] = take(results)?;
    let page = exposition::page(&totals, &gauges, now)?;
    Ok(text(StatusCode::OK, EXPOSITION, page))
}

/// The code that a failing status stands for, where a function answered in another product's words.
fn code_of(status: StatusCode) -> Option<error::Code> {
    let exact = error::Code::ALL.into_iter().find(|code| code.status() == status);
    exact
        .or_else(|| status.is_server_error().then_some(error::Code::Internal))
        .or_else(|| status.is_client_error().then_some(error::Code::Malformed))
}
