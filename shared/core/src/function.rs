//! The frame every function stands in: open, route, answer, log.
//!
//! An adapter calls [`respond`] for a request and [`tick`] for the clock; neither holds any business of a function.

use http::{HeaderValue, Method, StatusCode, header};
use serde::Serialize;

use crate::error::{Code, Error};
use crate::http::{Body, Request, Response, json, text};
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
    /// Decides, for a preflight, whether `Origin` is allowed, by setting `request.is_origin_allowed`.
    async fn preflight(&self, request: &Request) -> Result<(), Error>;
    /// Answers one request.
    async fn handle(&self, request: &Request) -> Result<Response, Error>;
    /// Does the deferred work that is due.
    async fn tick(&self) -> Result<Tick, Error>;
}

/// Answers one request, whatever happens, and logs it.
pub async fn respond<P: Platform, F: Function<P>>(platform: &P, mut request: Request) -> Response {
    let outcome = match platform.variable(CLIENT_HEADER) {
        Ok(trusted) => {
            request.believe(trusted.as_deref());
            answer::<P, F>(platform, &request).await
        }
        Err(error) => Err(error.into()),
    };
    if let Err(error) = &outcome {
        log_failure::<P, F>(platform, &request, error);
    }
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

/// Does the deferred work that is due and logs what it did.
///
/// Errors: what opening or draining failed with; it is logged already.
pub async fn tick<P: Platform, F: Function<P>>(platform: &P) -> Result<Tick, Error> {
    let outcome = async { F::open(platform)?.tick().await }.await;
    if let Err(error) = &outcome {
        platform.log(format_args!("{{\"function\":\"{}\",\"event\":\"tick\",\"code\":\"{error}\",\"cause\":{}}}", F::NAME, cause(error)));
    }
    outcome
}

async fn answer<P: Platform, F: Function<P>>(platform: &P, request: &Request) -> Result<Response, Error> {
    let path = request.uri.path();
    let is_read = request.method == Method::GET || request.method == Method::HEAD;
    // By its own name too, where several functions share an origin.
    let is = |name: &str| path == name || path.strip_prefix("/v1/functions/").and_then(|rest| rest.strip_prefix(F::NAME)) == Some(name);
    if is("/openapi.json") && is_read {
        request.is_origin_allowed.set(true);
        return Ok(text(StatusCode::OK, "application/json", F::OPENAPI));
    }
    if is("/healthz") && is_read {
        platform.sql(DB)?.query(Statement::new("SELECT 1")).await?;
        return json(StatusCode::OK, &serde_json::json!({ "status": "ok", "function": F::NAME }));
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
        return json(StatusCode::OK, &function.tick().await?);
    }
    function.handle(request).await
}

/// One line per failure. The path is ours or a stranger's guess; queries, bodies, addresses and tokens stay out of the log.
fn log_failure<P: Platform, F: Function<P>>(platform: &P, request: &Request, error: &Error) {
    platform.log(format_args!(
        "{{\"function\":\"{}\",\"request_id\":\"{}\",\"method\":\"{}\",\"path\":{},\"code\":\"{error}\",\"status\":{},\"cause\":{}}}",
        F::NAME,
        request.id,
        request.method,
        serde_json::Value::from(shown_path(request.uri.path())),
        error.code.status().as_u16(),
        cause(error),
    ));
}

/// The longest part of a path that the log shows. Chosen: a UUID has 36 characters, and what is longer may be a secret that stands in a path.
const SHOWN_PART_BYTES: usize = 40;

fn shown_path(path: &str) -> String {
    path.split('/').map(|part| if part.len() > SHOWN_PART_BYTES { "…" } else { part }).collect::<Vec<_>>().join("/")
}

/// The chain of causes, as a JSON string.
fn cause(error: &Error) -> serde_json::Value {
    let mut causes = Vec::new();
    let mut next = std::error::Error::source(error);
    while let Some(source) = next {
        causes.push(source.to_string());
        next = source.source();
    }
    serde_json::Value::from(causes.join(": "))
}

/// A request's arrival as the host's clock tells it, for adapters that build a [`Request`].
pub fn now<P: Platform>(platform: &P) -> chrono::DateTime<chrono::Utc> {
    platform.clock().now()
}
