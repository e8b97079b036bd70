//! A SQL store and a key-value store that fail when a test says so.

use std::cell::RefCell;
use std::rc::Rc;
use std::time::Duration;

use bytes::Bytes;
use orilla_core::ports::KvError;
use orilla_core::sql::{Rows, SqlError, Statement};
use orilla_core::{Kv, Sql};

/// When a call to the SQL store fails with `Unavailable`, and whether its work is done all the same.
///
/// A batch is one call; it fits if any of its statements does.
#[derive(Debug, Clone)]
pub struct SqlFault {
    fragment: &'static str,
    spared: usize,
    times: usize,
    is_applied: bool,
}

impl SqlFault {
    /// Every call fails.
    #[must_use]
    pub const fn always() -> Self {
        Self::on("")
    }

    /// Calls with a statement that contains `fragment` fail.
    #[must_use]
    pub const fn on(fragment: &'static str) -> Self {
        Self { fragment, spared: 0, times: usize::MAX, is_applied: false }
    }

    /// The first `calls` that fit still succeed.
    #[must_use]
    pub const fn after(self, calls: usize) -> Self {
        Self { spared: calls, ..self }
    }

    /// It strikes this often, then never again.
    #[must_use]
    pub const fn times(self, times: usize) -> Self {
        Self { times, ..self }
    }

    /// The work is committed and only the answer is lost: what a broken connection looks like.
    #[must_use]
    pub const fn losing_only_the_answer(self) -> Self {
        Self { is_applied: true, ..self }
    }

    /// Counts a call, and says whether it fails.
    fn strikes(&mut self, statements: &[Statement]) -> bool {
        if !statements.iter().any(|statement| statement.sql.contains(self.fragment)) {
            return false;
        }
        if self.spared > 0 {
            self.spared -= 1;
            return false;
        }
        let does_strike = self.times > 0;
        self.times = self.times.saturating_sub(1);
        does_strike
    }
}

/// The faults in force. Clones share them.
#[derive(Debug, Clone, Default)]
pub(super) struct Faults(Rc<RefCell<State>>);

#[derive(Debug, Default)]
struct State {
    sql: Vec<SqlFault>,
    is_kv_down: bool,
}

impl Faults {
    pub fn add(&self, fault: SqlFault) {
        self.0.borrow_mut().sql.push(fault);
    }

    pub fn set_kv_down(&self) {
        self.0.borrow_mut().is_kv_down = true;
    }

    pub fn heal(&self) {
        self.0.replace(State::default());
    }

    /// Whether a call fails, and if so whether its work is done.
    fn strike(&self, statements: &[Statement]) -> Option<bool> {
        let mut state = self.0.borrow_mut();
        // Every fault counts every call, whichever of them strikes.
        let struck: Vec<_> = state.sql.iter_mut().filter_map(|f| f.strikes(statements).then_some(f.is_applied)).collect();
        struck.into_iter().reduce(|a, b| a && b)
    }
}

/// `S`, except for the faults in force.
#[derive(Debug, Clone)]
pub struct FaultySql<S> {
    pub(super) inner: S,
    pub(super) faults: Faults,
}

impl<S: Sql> FaultySql<S> {
    async fn run<T>(&self, strike: Option<bool>, work: impl Future<Output = Result<T, SqlError>>) -> Result<T, SqlError> {
        let lost = || SqlError::Unavailable("a fault of the test".to_owned());
        match strike {
            None => work.await,
            Some(false) => Err(lost()),
            Some(true) => work.await.and_then(|_| Err(lost())),
        }
    }
}

impl<S: Sql> Sql for FaultySql<S> {
    async fn query(&self, statement: Statement) -> Result<Rows, SqlError> {
        let strike = self.faults.strike(std::slice::from_ref(&statement));
        self.run(strike, self.inner.query(statement)).await
    }

    async fn batch(&self, statements: Vec<Statement>) -> Result<Vec<Rows>, SqlError> {
        let strike = self.faults.strike(&statements);
        self.run(strike, self.inner.batch(statements)).await
    }
}

/// `K`, except while it is down.
#[derive(Debug, Clone)]
pub struct FaultyKv<K> {
    pub(super) inner: K,
    pub(super) faults: Faults,
}

impl<K> FaultyKv<K> {
    fn check(&self) -> Result<(), KvError> {
        let is_down = self.faults.0.borrow().is_kv_down;
        if is_down { Err(KvError::Unavailable("a fault of the test".to_owned())) } else { Ok(()) }
    }
}

impl<K: Kv> Kv for FaultyKv<K> {
    async fn get(&self, key: &str) -> Result<Option<Bytes>, KvError> {
        self.check()?;
        self.inner.get(key).await
    }

    async fn put(&self, key: &str, value: &[u8], expiry: Option<Duration>) -> Result<(), KvError> {
        self.check()?;
        self.inner.put(key, value, expiry).await
    }

    async fn delete(&self, key: &str) -> Result<(), KvError> {
        self.check()?;
        self.inner.delete(key).await
    }
}
