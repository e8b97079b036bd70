//! The frame every function stands in: open, route, answer, log.
//!
//! An adapter calls [`respond`] for a request and [`tick`] for the clock; neither holds any business of a function.

use chrono::{DateTime, Utc};
use http::{HeaderValue, Method, StatusCode, header};
use serde::Serialize;

use crate::error::{Code, Error};
use crate::http::{Body, Request, Response, json, text};
use crate::operations::{self, Seen};
use crate::ports::{Clock, DB, Platform, Sql, Variable};
use crate::sql::Statement;
use crate::{auth, cors, problem};

/// The operator's key: applies sites and drives the tick route.
pub const OPERATOR_KEY: Variable = Variable("OPERATOR_KEY");

/// The header in which a proxy that the operator trusts names the visitor; without one the host's word counts.
pub const CLIENT_HEADER: Variable = Variable("CLIENT_HEADER");

/// What one drain of deferred work did, for the log and the tick route.
#[derive(Debug, Default, Clone, PartialEq, Eq, Serialize)]
pub struct Tick {
    /// Deliveries that succeeded.
    pub delivered: u32,
    /// Deliveries that failed and will be tried again.
    pub postponed: u32,
    /// Deliveries that failed for the last time.
    pub failed: u32,
    /// Rows removed because their time was over.
    pub expired: u32,
}

/// One deployable function over any host.
pub trait Function<P: Platform>: Sized + 'static {
    /// Folder, crate, manifest entry and metric label.
    const NAME: &'static str;
    /// The OpenAPI 3.1 document of this function's routes, as JSON.
    const OPENAPI: &'static str;

    /// Reads configuration and bindings, failing with the name of what is missing.
    fn open(platform: &P) -> Result<Self, Error>;
    /// The template of the route that a method and path belong to: what counters and log lines call them. Most functions ask [`crate::router::template`].
    fn route(method: &Method, path: &str) -> Option<&'static str>;
    /// Decides, for a preflight, whether `Origin` is allowed, by setting `request.is_origin_allowed`.
    async fn preflight(&self, request: &Request) -> Result<(), Error>;
    /// Answers one request.
    async fn handle(&self, request: &Request) -> Result<Response, Error>;
    /// Does the deferred work that is due.
    async fn tick(&self) -> Result<Tick, Error>;
}

/// Answers one request, whatever happens, counts it, and logs what failed.
pub async fn respond<P: Platform, F: Function<P>>(platform: &P, mut request: Request) -> Response {
    let started = platform.clock().now();
    let outcome = match platform.variable(CLIENT_HEADER) {
        Ok(trusted) => {
            request.believe(trusted.as_deref());
            answer::<P, F>(platform, &request).await
        }
        Err(error) => Err(error.into()),
    };
    let route = own::<F, P>(request.uri.path()).or_else(|| F::route(&request.method, request.uri.path()));
    let seen = Seen::new(F::NAME, route, &request.method, &outcome, millis_since(platform, started));
    operations::note(platform, &request, &seen, outcome.as_ref().err());
    let mut response = outcome.unwrap_or_else(|error| problem::response(&error, request.id));
    cors::dress(&mut response, &request);
    if let Ok(id) = HeaderValue::from_str(&request.id.to_string()) {
        response.headers_mut().insert(problem::REQUEST_ID, id);
    }
    response.headers_mut().insert(header::X_CONTENT_TYPE_OPTIONS, HeaderValue::from_static("nosniff"));
    if request.method == Method::HEAD {
        *response.body_mut() = Body::Full(bytes::Bytes::new());
    }
    response
}

/// Looks out for alerts, does the deferred work that is due, and writes what was counted meanwhile; logs what failed.
///
/// Errors: what opening or draining failed with; it is logged already.
pub async fn tick<P: Platform, F: Function<P>>(platform: &P) -> Result<Tick, Error> {
    let outcome = work::<P, F>(platform).await;
    operations::write(platform, F::NAME).await;
    outcome
}

/// What a tick does, whoever called for it.
async fn work<P: Platform, F: Function<P>>(platform: &P) -> Result<Tick, Error> {
    let started = platform.clock().now();
    // First, so that news of it goes out with this very tick; what fails here keeps no function from its work.
    operations::look::<P>(platform, F::NAME).await;
    let outcome = async { F::open(platform)?.tick().await }.await;
    operations::note_tick(platform, F::NAME, &outcome, millis_since(platform, started));
    outcome
}

/// How long ago that was. On Workers time passes while something is waited for, and at no other time.
fn millis_since<P: Platform>(platform: &P, started: DateTime<Utc>) -> u32 {
    u32::try_from((platform.clock().now() - started).num_milliseconds().max(0)).unwrap_or(u32::MAX)
}

/// What the frame itself answers for every function.
const OWN: [&str; 3] = ["/openapi.json", "/healthz", "/metrics"];

/// What a path is called that the frame itself answers: by its own name too, where several functions share an origin.
fn own<F: Function<P>, P: Platform>(path: &str) -> Option<&'static str> {
    let by_name = path.strip_prefix("/v1/functions/").and_then(|rest| rest.strip_prefix(F::NAME));
    let named = OWN.into_iter().find(|name| path == *name || by_name == Some(name));
    named.or_else(|| (path.strip_prefix("/v1/tick/") == Some(F::NAME)).then_some("/v1/tick/{function}"))
}

async fn answer<P: Platform, F: Function<P>>(platform: &P, request: &Request) -> Result<Response, Error> {
    let path = request.uri.path();
    let is_read = request.method == Method::GET || request.method == Method::HEAD;
    match own::<F, P>(path) {
        Some("/openapi.json") if is_read => {
            request.is_origin_allowed.set(true);
            return Ok(text(StatusCode::OK, "application/json", F::OPENAPI));
        }
        Some("/healthz") if is_read => {
            platform.sql(DB)?.query(Statement::new("SELECT 1")).await?;
            return json(StatusCode::OK, &serde_json::json!({ "status": "ok", "function": F::NAME }));
        }
        Some("/metrics") if is_read => {
            return operations::expose(platform, request, (path != "/metrics").then_some(F::NAME)).await;
        }
        _ => {}
    }
    let function = F::open(platform)?;
    if cors::is_preflight(request) {
        function.preflight(request).await?;
        return Ok(cors::preflight());
    }
    if path.strip_prefix("/v1/tick/") == Some(F::NAME) {
        if request.method != Method::POST {
            return Err(Error { allow: vec![Method::POST], ..Error::new(Code::MethodNotAllowed, "A tick is a POST.") });
        }
        auth::require_operator(platform, request)?;
        return json(StatusCode::OK, &work::<P, F>(platform).await?);
    }
    function.handle(request).await
}

/// A request's arrival as the host's clock tells it, for adapters that build a [`Request`].
pub fn now<P: Platform>(platform: &P) -> DateTime<Utc> {
    platform.clock().now()
}
