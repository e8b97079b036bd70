//! The ports: what a host owes the functions, each with a numbered contract.
//!
//! Every number is one test in `shared/contract`, run on every host. Traits are small and used by generics: no `dyn`, no
//! `Send`, since both edge hosts drive a guest on one thread. Sugar belongs in free functions, not here.

use std::fmt;
use std::time::Duration;

use bytes::Bytes;
use chrono::{DateTime, Utc};
use futures_util::stream::LocalBoxStream;
use http::{HeaderMap, Method, StatusCode};
use thiserror::Error as ThisError;

use crate::error::Error;
use crate::guard::Destination;
use crate::operations::Meter;
use crate::sql::{Rows, SqlError, Statement};

/// A store's name on each host. A test holds these against both manifests, in both directions.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Binding {
    /// The binding in `wrangler.toml`.
    pub workers: &'static str,
    /// The label in `spin.toml`; `default` is the only one Spin provides without extra configuration.
    pub spin: &'static str,
}

/// The SQL store of all functions.
pub const DB: Binding = Binding { workers: "DB", spin: "default" };
/// The key-value store of all functions.
pub const KV: Binding = Binding { workers: "KV", spin: "default" };
/// What [`Sql::lane`] stands on in `wrangler.toml`; the other hosts have it in their store.
pub const LANES: &str = "LANES";

/// A configuration variable or secret, by its environment name; Spin spells it in lower case.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Variable(pub &'static str);

/// A store or variable could not be opened.
#[derive(Debug, ThisError)]
#[error("cannot open {name}: {reason}")]
pub struct OpenError {
    /// The binding or variable.
    pub name: &'static str,
    /// What the host said.
    pub reason: String,
}

impl From<OpenError> for Error {
    fn from(error: OpenError) -> Self {
        Self::unavailable(error)
    }
}

/// Everything a host supplies. Cheap to clone; one value serves one request.
///
/// # Contract
///
/// 1. `sql` and `kv` fail with the binding's name when the manifest lacks it.
/// 2. `variable` gives `None` for one that is not set, or set to the empty string.
/// 3. `defer` never delays the answer. The host may cut the work short: whatever must happen stands in the outbox too.
/// 4. `meter` is one for all requests that an instance serves, and goes with it.
pub trait Platform: Clone + 'static {
    /// The SQL store.
    type Sql: Sql;
    /// The key-value store.
    type Kv: Kv;
    /// Outbound HTTP.
    type Fetch: Fetch;
    /// Time.
    type Clock: Clock;
    /// Randomness.
    type Random: Random;

    /// Opens a SQL store.
    fn sql(&self, binding: Binding) -> Result<Self::Sql, OpenError>;
    /// Opens a key-value store.
    fn kv(&self, binding: Binding) -> Result<Self::Kv, OpenError>;
    /// Outbound HTTP.
    fn fetch(&self) -> Self::Fetch;
    /// Time.
    fn clock(&self) -> Self::Clock;
    /// Randomness.
    fn random(&self) -> Self::Random;
    /// A configuration variable or secret.
    fn variable(&self, variable: Variable) -> Result<Option<String>, OpenError>;
    /// Runs `work` once the answer is out.
    fn defer(&self, work: impl Future<Output = ()> + 'static);
    /// What this instance has counted and not written yet.
    fn meter(&self) -> Meter;
    /// Writes one line of structured log; never carries a visitor's data.
    fn log(&self, line: fmt::Arguments<'_>);
}

/// A SQL store of SQLite dialect.
///
/// # Contract
///
/// 1. Text, blobs, doubles, `NULL`s, booleans as 0/1 and integers to ±2^53−1 come back as they went in, unicode and empty
///    values included; a whole double may come back as `Integer`. Inside a statement a bound integer may be a double: a division, or
///    text made of it, casts it first.
/// 2. Integers beyond ±2^53−1 are refused with `IntegerOutOfRange`, bound or read; never rounded.
/// 3. More than 100 parameters are refused with `TooManyParameters`; a list of any length goes through `json_each(?1)`.
/// 4. `batch` is atomic: when any statement fails, none has happened.
/// 5. `batch` gives one `Rows` per statement, in order; `RETURNING` rows and selects count, other writes give none.
/// 6. A broken unique or primary key is `Unique` with SQLite's `table.column` list; `NOT NULL` and `CHECK` are `Constraint`;
///    syntax errors and missing tables are `Rejected`.
/// 7. Statements of a batch see the writes of those before them.
/// 8. 1,000 rows come back whole, in the order asked for.
/// 9. There is no open transaction between calls.
/// 10. `lane` gives the same store. Batches of one lane may be committed together, one after another in one commit: each is still
///     whole or not at all and answered after the commit, and one that fails takes no other with it.
pub trait Sql: Clone + 'static {
    /// Runs one statement.
    async fn query(&self, statement: Statement) -> Result<Rows, SqlError>;
    /// Runs several statements, all or none.
    async fn batch(&self, statements: Vec<Statement>) -> Result<Vec<Rows>, SqlError>;
    /// The same store, whose batches may share commits with others of this name; where that gains nothing it is the store as it is.
    #[must_use]
    fn lane(&self, _name: &str) -> Self {
        self.clone()
    }
}

/// The longest key, in bytes of UTF-8. Chosen: the smallest of the hosts' limits (Spin's key-value).
pub const MAX_KEY_BYTES: usize = 256;
/// The longest value. Chosen: comfortably inside every host's limit.
pub const MAX_VALUE_BYTES: usize = 1_000_000;
/// The shortest expiry. Source: Workers KV, `expirationTtl` of at least 60 seconds.
pub const MIN_EXPIRY: Duration = Duration::from_secs(60);

/// What can go wrong in a key-value store.
#[derive(Debug, ThisError)]
pub enum KvError {
    /// The key is empty, longer than [`MAX_KEY_BYTES`], or `.` or `..`.
    #[error("key of {bytes} bytes refused")]
    Key {
        /// Its length.
        bytes: usize,
    },
    /// The value is longer than [`MAX_VALUE_BYTES`].
    #[error("value of {bytes} bytes refused")]
    Value {
        /// Its length.
        bytes: usize,
    },
    /// The store did not answer.
    #[error("unavailable: {0}")]
    Unavailable(String),
}

impl From<KvError> for Error {
    fn from(error: KvError) -> Self {
        Self::unavailable(error)
    }
}

/// What every adapter checks before it uses a key.
///
/// Errors: `Key`. Source: Workers KV refuses the empty key, `.` and `..`.
pub fn check_key(key: &str) -> Result<(), KvError> {
    let is_fine = !key.is_empty() && key.len() <= MAX_KEY_BYTES && key != "." && key != "..";
    if is_fine { Ok(()) } else { Err(KvError::Key { bytes: key.len() }) }
}

/// What every adapter checks before it stores a value.
///
/// Errors: `Value`.
pub fn check_value(value: &[u8]) -> Result<(), KvError> {
    if value.len() <= MAX_VALUE_BYTES { Ok(()) } else { Err(KvError::Value { bytes: value.len() }) }
}

/// An eventually consistent cache: never the only copy of anything, never one key per visitor.
///
/// # Contract
///
/// 1. A value comes back byte for byte, binary and empty ones included.
/// 2. An unknown, deleted or expired key gives `None`.
/// 3. Keys are any UTF-8 of 1 to 256 bytes except `.` and `..`; others are refused with `Key`.
/// 4. Values to 1,000,000 bytes are kept; longer ones are refused with `Value`.
/// 5. `put` replaces. Expiry is best effort and at least 60 seconds; shorter ones are lengthened.
/// 6. Deleting an unknown key succeeds.
pub trait Kv: Clone + 'static {
    /// The value of `key`.
    async fn get(&self, key: &str) -> Result<Option<Bytes>, KvError>;
    /// Stores `value`, for `expiry` if given.
    async fn put(&self, key: &str, value: &[u8], expiry: Option<Duration>) -> Result<(), KvError>;
    /// Forgets `key`.
    async fn delete(&self, key: &str) -> Result<(), KvError>;
}

/// One request to the outside.
#[derive(Debug, Clone)]
pub struct Outbound {
    /// The method.
    pub method: Method,
    /// Where to, already past the guard.
    pub destination: Destination,
    /// Headers.
    pub headers: HeaderMap,
    /// Body.
    pub body: Bytes,
    /// From the call to the last byte of the answer.
    pub deadline: Duration,
    /// The most bytes of answer body to read.
    pub max_bytes: usize,
}

/// The outside's answer.
pub struct Inbound {
    /// The status, 3xx included: redirects are never followed.
    pub status: StatusCode,
    /// Headers.
    pub headers: HeaderMap,
    /// Chunks as they arrive; fails with `TooLarge` beyond the cap and `Deadline` when time is up.
    pub body: LocalBoxStream<'static, Result<Bytes, FetchError>>,
}

/// What can go wrong on the way out.
#[derive(Debug, Clone, ThisError, PartialEq, Eq)]
pub enum FetchError {
    /// The address it resolves to, or the host's own policy, forbids it.
    #[error("refused: {0}")]
    Refused(String),
    /// Nobody answered: name resolution, connection, TLS.
    #[error("connect: {0}")]
    Connect(String),
    /// Time was up.
    #[error("deadline passed")]
    Deadline,
    /// The answer is longer than the cap.
    #[error("answer too large")]
    TooLarge,
    /// The answer broke off or was no HTTP.
    #[error("protocol: {0}")]
    Protocol(String),
}

/// Outbound HTTP.
///
/// # Contract
///
/// 1. Method, path and query, headers and body arrive as given; status, headers and body come back.
/// 2. After `deadline` the call, or the body's stream, fails with `Deadline`.
/// 3. Beyond `max_bytes` the stream fails with `TooLarge`; memory held stays near one chunk.
/// 4. Redirects are answers, not instructions.
/// 5. A `Destination` that is not exempt is refused (`Refused`) when its name resolves to a private address, where the host
///    lets a guest see addresses; elsewhere the host's own network policy stands in (see the table of known gaps).
/// 6. A port nobody listens on is `Connect`.
/// 7. The body streams: the first chunk can be read before the last was sent.
pub trait Fetch: Clone + 'static {
    /// Sends one request.
    async fn fetch(&self, request: Outbound) -> Result<Inbound, FetchError>;
}

/// Time, injected.
///
/// # Contract
///
/// 1. Unix time in UTC, to the millisecond. It may stand still within one request (Workers do that on purpose).
pub trait Clock: Clone + 'static {
    /// The time.
    fn now(&self) -> DateTime<Utc>;
}

/// Randomness, injected.
///
/// # Contract
///
/// 1. Cryptographically strong bytes from the host; two calls never repeat.
pub trait Random: Clone + 'static {
    /// Fills `bytes`.
    fn fill(&self, bytes: &mut [u8]);
}
