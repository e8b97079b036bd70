//! The native host as a test wants it: its stores in memory; its time, randomness, faults and outside in the test's hands.
//!
//! Stands in the library, not behind `cfg(test)`, so that every crate's flow tests can use it. No server is made of it.

#![allow(clippy::expect_used, reason = "a test that cannot be set up should stop there")]

mod faults;
mod outside;
mod peer;
mod time;

use std::cell::{Cell, RefCell};
use std::collections::BTreeMap;
use std::fmt;
use std::net::IpAddr;
use std::rc::Rc;

use bytes::Bytes;
use futures_util::TryStreamExt;
use http::{HeaderMap, HeaderName, HeaderValue, Method, Uri};
use orilla_core::function::{Tick, tick};
use orilla_core::http::Body;
use orilla_core::ids::RequestId;
use orilla_core::operations::Meter;
use orilla_core::ports::{Binding, FetchError, KV, OpenError, Outbound, Variable};
use orilla_core::sql::{Rows, Statement};
use orilla_core::{Clock, Error, Function, Platform, Request, Response, Sql, respond};

pub use self::faults::{FaultyKv, FaultySql, SqlFault};
pub use self::outside::{Answer, Outside};
pub use self::peer::PeerServer;
pub use self::time::{ManualClock, SeededRandom};
use crate::{MIGRATIONS, Native, NativeKv, NativeSql, unknown};

/// A platform for tests. Clones share everything.
#[derive(Debug, Clone)]
pub struct TestHost {
    native: Native,
    variables: Rc<RefCell<BTreeMap<String, String>>>,
    clock: ManualClock,
    random: SeededRandom,
    faults: faults::Faults,
    outside: Outside,
    log: Rc<RefCell<Vec<String>>>,
}

impl TestHost {
    /// A host with empty tables.
    ///
    /// # Panics
    ///
    /// If a migration does not apply.
    pub async fn new() -> Self {
        let native = Native::in_memory(BTreeMap::new()).expect("SQLite in memory");
        native.migrate(MIGRATIONS).await.expect("the migrations");
        Self {
            native,
            variables: Rc::default(),
            clock: ManualClock::default(),
            random: SeededRandom::new(1),
            faults: faults::Faults::default(),
            outside: Outside::default(),
            log: Rc::default(),
        }
    }

    /// Sets a configuration variable.
    pub fn set_variable(&self, variable: Variable, value: &str) {
        self.variables.borrow_mut().insert(variable.0.to_owned(), value.to_owned());
    }

    /// The clock, to set or advance.
    #[must_use]
    pub const fn manual_clock(&self) -> &ManualClock {
        &self.clock
    }

    /// Makes SQL calls fail.
    pub fn fail_sql(&self, fault: SqlFault) {
        self.faults.add(fault);
    }

    /// Makes every key-value call fail.
    pub fn fail_kv(&self) {
        self.faults.set_kv_down();
    }

    /// Ends all faults.
    pub fn heal(&self) {
        self.faults.heal();
    }

    /// Decides from now on what outbound requests are answered.
    pub fn answer_fetches(&self, handler: impl Fn(&Outbound) -> Result<Answer, FetchError> + 'static) {
        self.outside.answer(handler);
    }

    /// The outbound requests since the last call, oldest first.
    #[must_use]
    pub fn take_fetches(&self) -> Vec<Outbound> {
        self.outside.take()
    }

    /// The log lines since the last call.
    #[must_use]
    pub fn take_log(&self) -> Vec<String> {
        self.log.take()
    }

    /// The store itself, past all faults: what a test looks into afterwards.
    ///
    /// # Panics
    ///
    /// If SQLite refuses the statement.
    pub async fn rows(&self, statement: Statement) -> Rows {
        self.native.sql_store().query(statement).await.expect("a statement of the test")
    }

    /// Answers a request as the function `F` would, deferred work still waiting.
    pub async fn send<F: Function<Self>>(&self, call: Call) -> Reply {
        let response = respond::<Self, F>(self, call.into_request(self)).await;
        Reply::read(response).await
    }

    /// Runs the deferred work that waits, and what it defers in turn.
    pub async fn settle(&self) {
        self.native.settle().await;
    }

    /// Lets the function `F` do what is due.
    ///
    /// Errors: what opening or draining failed with.
    pub async fn tick<F: Function<Self>>(&self) -> Result<Tick, Error> {
        tick::<Self, F>(self).await
    }
}

impl Platform for TestHost {
    type Sql = FaultySql<NativeSql>;
    type Kv = FaultyKv<NativeKv<ManualClock>>;
    type Fetch = Outside;
    type Clock = ManualClock;
    type Random = SeededRandom;

    fn sql(&self, binding: Binding) -> Result<Self::Sql, OpenError> {
        Ok(FaultySql { inner: self.native.sql(binding)?, faults: self.faults.clone() })
    }

    fn kv(&self, binding: Binding) -> Result<Self::Kv, OpenError> {
        if binding != KV {
            return Err(unknown(binding));
        }
        let inner = self.native.kv_file().with_clock(self.clock.clone());
        Ok(FaultyKv { inner, faults: self.faults.clone() })
    }

    fn fetch(&self) -> Outside {
        self.outside.clone()
    }

    fn clock(&self) -> ManualClock {
        self.clock.clone()
    }

    fn random(&self) -> SeededRandom {
        self.random.clone()
    }

    fn variable(&self, variable: Variable) -> Result<Option<String>, OpenError> {
        Ok(self.variables.borrow().get(variable.0).filter(|value| !value.is_empty()).cloned())
    }

    fn defer(&self, work: impl Future<Output = ()> + 'static) {
        self.native.defer(work);
    }

    fn meter(&self) -> Meter {
        self.native.meter()
    }

    fn log(&self, line: fmt::Arguments<'_>) {
        self.log.borrow_mut().push(line.to_string());
    }
}

/// A request in the making: `Call::post("/f/demo").header("accept", "text/html").body("a=b")`.
#[derive(Debug, Clone)]
pub struct Call {
    method: Method,
    uri: String,
    headers: HeaderMap,
    body: Bytes,
    client: Option<IpAddr>,
}

impl Call {
    /// A request for a path, or a whole URL; a path is on `http://localhost`.
    #[must_use]
    pub fn new(method: Method, uri: impl Into<String>) -> Self {
        // An address of TEST-NET-3: a visitor's, not the machine's own.
        let client = Some(IpAddr::from([203, 0, 113, 7]));
        Self { method, uri: uri.into(), headers: HeaderMap::new(), body: Bytes::new(), client }
    }

    /// A `GET`.
    #[must_use]
    pub fn get(uri: impl Into<String>) -> Self {
        Self::new(Method::GET, uri)
    }

    /// A `POST`.
    #[must_use]
    pub fn post(uri: impl Into<String>) -> Self {
        Self::new(Method::POST, uri)
    }

    /// A `PUT`.
    #[must_use]
    pub fn put(uri: impl Into<String>) -> Self {
        Self::new(Method::PUT, uri)
    }

    /// A `DELETE`.
    #[must_use]
    pub fn delete(uri: impl Into<String>) -> Self {
        Self::new(Method::DELETE, uri)
    }

    /// Adds a header.
    ///
    /// # Panics
    ///
    /// If no header may hold `value`.
    #[must_use]
    pub fn header(mut self, name: &'static str, value: impl AsRef<[u8]>) -> Self {
        let value = HeaderValue::from_bytes(value.as_ref()).expect("a value that a header may hold");
        self.headers.append(HeaderName::from_static(name), value);
        self
    }

    /// Shows a key.
    #[must_use]
    pub fn key(self, key: &str) -> Self {
        self.header("authorization", format!("Bearer {key}"))
    }

    /// Sets the body.
    #[must_use]
    pub fn body(self, body: impl Into<Bytes>) -> Self {
        Self { body: body.into(), ..self }
    }

    /// Sets a JSON body and its content type.
    #[must_use]
    pub fn json(self, value: &serde_json::Value) -> Self {
        self.header("content-type", "application/json").body(value.to_string())
    }

    /// Comes from another address.
    #[must_use]
    pub fn from_address(self, client: impl Into<IpAddr>) -> Self {
        Self { client: Some(client.into()), ..self }
    }

    /// Comes from an address that the host does not know.
    #[must_use]
    pub fn from_nowhere(self) -> Self {
        Self { client: None, ..self }
    }

    fn into_request(self, host: &TestHost) -> Request {
        let received = host.clock.now();
        let uri = if self.uri.starts_with('/') { format!("http://localhost{}", self.uri) } else { self.uri };
        Request {
            id: RequestId::new(received, &host.random),
            method: self.method,
            uri: uri.parse::<Uri>().expect("a URI"),
            headers: self.headers,
            body: self.body,
            is_truncated: false,
            client: self.client,
            country: None,
            received,
            is_origin_allowed: Cell::new(false),
        }
    }
}

/// An answer, read to its end.
#[derive(Debug, Clone)]
pub struct Reply {
    /// The status.
    pub status: http::StatusCode,
    /// The headers.
    pub headers: HeaderMap,
    /// The body, as far as it came.
    pub body: Bytes,
    /// Whether a streamed body broke off.
    pub is_broken: bool,
}

impl Reply {
    /// Reads an answer to its end.
    pub async fn read(response: Response) -> Self {
        let (head, body) = response.into_parts();
        let (body, is_broken) = match body {
            Body::Full(bytes) => (bytes, false),
            Body::Stream(mut chunks) => {
                let mut whole = Vec::new();
                let mut is_broken = false;
                loop {
                    match chunks.try_next().await {
                        Ok(Some(chunk)) => whole.extend_from_slice(&chunk),
                        Ok(None) => break,
                        Err(_) => {
                            is_broken = true;
                            break;
                        }
                    }
                }
                (whole.into(), is_broken)
            }
        };
        Self { status: head.status, headers: head.headers, body, is_broken }
    }

    /// The body as text, with what is not UTF-8 replaced.
    #[must_use]
    pub fn text(&self) -> String {
        String::from_utf8_lossy(&self.body).into_owned()
    }

    /// The body as JSON; `null` if it is none.
    #[must_use]
    pub fn json(&self) -> serde_json::Value {
        serde_json::from_slice(&self.body).unwrap_or_default()
    }

    /// A header as text; empty if absent.
    #[must_use]
    pub fn header(&self, name: &str) -> &str {
        self.headers.get(name).and_then(|value| value.to_str().ok()).unwrap_or_default()
    }
}

#[cfg(test)]
mod tests;
