//! [`Kv`] as a table in a SQLite file of its own, so that a cache never waits for the data's commits.
//!
//! Expired rows are invisible at once and removed a few at a time, by writes.

use std::fmt;
use std::path::Path;
use std::time::Duration;

use bytes::Bytes;
use chrono::TimeDelta;
use orilla_core::ports::{KvError, MIN_EXPIRY, check_key, check_value};
use orilla_core::sql::{SqlError, Statement, Value};
use orilla_core::{Clock, Kv};

use crate::store::{Durability, Store};

const GET: &str = "SELECT value FROM kv WHERE key = ?1 AND (expires_at IS NULL OR expires_at > ?2)";
const PUT: &str = "INSERT INTO kv (key, value, expires_at) VALUES (?1, ?2, ?3)
    ON CONFLICT (key) DO UPDATE SET value = excluded.value, expires_at = excluded.expires_at";
const DELETE: &str = "DELETE FROM kv WHERE key = ?1";
/// Two a write: more than a write can add, so that the table does not grow with what has expired.
const SWEEP: &str = "DELETE FROM kv WHERE key IN (SELECT key FROM kv WHERE expires_at <= ?1 ORDER BY expires_at LIMIT 2)";
const SCHEMA: &str = "CREATE TABLE IF NOT EXISTS kv (key TEXT PRIMARY KEY, value BLOB NOT NULL, expires_at INTEGER) WITHOUT ROWID;
    CREATE INDEX IF NOT EXISTS kv_by_expiry ON kv (expires_at) WHERE expires_at IS NOT NULL;";

/// A key-value store whose expiry follows `C`.
#[derive(Clone)]
pub struct NativeKv<C> {
    store: Store,
    clock: C,
}

/// The store alone, before a clock is chosen.
#[derive(Clone)]
pub(crate) struct KvFile(Store);

impl KvFile {
    pub fn open(path: Option<&Path>) -> Result<Self, SqlError> {
        Store::open(path, Durability::Process, SCHEMA).map(Self)
    }

    pub fn with_clock<C: Clock>(&self, clock: C) -> NativeKv<C> {
        NativeKv { store: self.0.clone(), clock }
    }
}

impl<C> fmt::Debug for NativeKv<C> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("NativeKv")
    }
}

impl<C: Clock> Kv for NativeKv<C> {
    async fn get(&self, key: &str) -> Result<Option<Bytes>, KvError> {
        check_key(key)?;
        let select = Statement::new(GET).bind(key).bind(self.clock.now());
        let tables = self.store.run(vec![select]).await.map_err(unavailable)?;
        let value = tables.into_iter().flat_map(|table| table.values).flatten().next();
        Ok(value.and_then(|value| if let Value::Blob(bytes) = value { Some(Bytes::from(bytes)) } else { None }))
    }

    async fn put(&self, key: &str, value: &[u8], expiry: Option<Duration>) -> Result<(), KvError> {
        check_key(key)?;
        check_value(value)?;
        let now = self.clock.now();
        // An expiry beyond the calendar is none.
        let expires_at = expiry.and_then(|expiry| now.checked_add_signed(TimeDelta::from_std(expiry.max(MIN_EXPIRY)).ok()?));
        let put = Statement::new(PUT).bind(key).bind(value).bind(expires_at);
        self.store.run(vec![put, Statement::new(SWEEP).bind(now)]).await.map_err(unavailable)?;
        Ok(())
    }

    async fn delete(&self, key: &str) -> Result<(), KvError> {
        check_key(key)?;
        self.store.run(vec![Statement::new(DELETE).bind(key)]).await.map_err(unavailable)?;
        Ok(())
    }
}

fn unavailable(error: SqlError) -> KvError {
    KvError::Unavailable(error.to_string())
}
