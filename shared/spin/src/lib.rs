//! Spin as a [`Platform`]: its SQLite, key-value store, variables and outbound HTTP, on WASI 0.2.
//!
//! The only crate that names `spin-sdk`'s bindings. It translates and decides nothing.

mod fetch;
mod kv;
mod serve;
mod sql;

use std::cell::RefCell;
use std::fmt;
use std::rc::Rc;

use chrono::{DateTime, Utc};
use futures_util::FutureExt;
use futures_util::future::{LocalBoxFuture, join_all};
use orilla_core::operations::Meter;
use orilla_core::ports::{Binding, Clock, OpenError, Platform, Random, Variable};
use spin_sdk::key_value::Store;
use spin_sdk::sqlite3::Connection;
use spin_sdk::variables;

pub use fetch::SpinFetch;
pub use kv::SpinKv;
pub use serve::serve;
pub use sql::Sqlite;

/// One Spin invocation, with the work that waits for its answer to be out.
#[derive(Clone, Default)]
pub struct Spin {
    deferred: Rc<RefCell<Vec<LocalBoxFuture<'static, ()>>>>,
    meter: Meter,
}

impl Spin {
    /// Runs what was deferred, and what that defers, until nothing is left.
    async fn drain(&self) {
        loop {
            let work = self.deferred.take();
            if work.is_empty() {
                return;
            }
            join_all(work).await;
        }
    }
}

impl Platform for Spin {
    type Sql = Sqlite;
    type Kv = SpinKv;
    type Fetch = SpinFetch;
    type Clock = WallClock;
    type Random = HostRandom;

    fn sql(&self, binding: Binding) -> Result<Self::Sql, OpenError> {
        let connection = Connection::open(binding.spin);
        connection.map(Sqlite::new).map_err(|error| OpenError { name: binding.spin, reason: error.to_string() })
    }

    fn kv(&self, binding: Binding) -> Result<Self::Kv, OpenError> {
        let store = Store::open(binding.spin);
        store.map(SpinKv::new).map_err(|error| OpenError { name: binding.spin, reason: error.to_string() })
    }

    fn fetch(&self) -> Self::Fetch {
        SpinFetch
    }

    fn clock(&self) -> Self::Clock {
        WallClock
    }

    fn random(&self) -> Self::Random {
        HostRandom
    }

    fn variable(&self, variable: Variable) -> Result<Option<String>, OpenError> {
        match variables::get(&variable.0.to_ascii_lowercase()) {
            Ok(value) => Ok(Some(value).filter(|value| !value.is_empty())),
            Err(variables::Error::Undefined(_)) => Ok(None),
            Err(error) => Err(OpenError { name: variable.0, reason: error.to_string() }),
        }
    }

    fn defer(&self, work: impl Future<Output = ()> + 'static) {
        self.deferred.borrow_mut().push(work.boxed_local());
    }

    fn meter(&self) -> Meter {
        self.meter.clone()
    }

    fn log(&self, line: fmt::Arguments<'_>) {
        eprintln!("{line}");
    }
}

/// WASI's wall clock.
#[derive(Debug, Clone, Copy)]
pub struct WallClock;

impl Clock for WallClock {
    fn now(&self) -> DateTime<Utc> {
        let now = wasi::clocks::wall_clock::now();
        let seconds = i64::try_from(now.seconds).unwrap_or_default();
        DateTime::from_timestamp(seconds, now.nanoseconds / 1_000_000 * 1_000_000).unwrap_or_default()
    }
}

/// WASI's cryptographic randomness.
#[derive(Debug, Clone, Copy)]
pub struct HostRandom;

impl Random for HostRandom {
    fn fill(&self, bytes: &mut [u8]) {
        let random = wasi::random::random::get_random_bytes(bytes.len() as u64);
        bytes.copy_from_slice(&random);
    }
}
