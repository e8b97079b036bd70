//! The reference host: hyper and SQLite. What tests, local development and small self-hosted sites run on.
//!
//! Translates between the ports and this machine, and does nothing else; one thread serves, one more per SQLite file writes.

mod deferred;
mod fetch;
mod kv;
pub mod serve;
mod sql;
mod store;
mod system;
pub mod testing;

use std::collections::BTreeMap;
use std::fmt;
use std::io::Write;
use std::net::IpAddr;
use std::path::Path;
use std::rc::Rc;

use orilla_core::Platform;
use orilla_core::operations::Meter;
use orilla_core::ports::{Binding, DB, KV, OpenError, Variable};
use orilla_core::sql::SqlError;
use thiserror::Error as ThisError;

use crate::deferred::Deferred;
pub use crate::fetch::NativeFetch;
use crate::kv::KvFile;
pub use crate::kv::NativeKv;
pub use crate::sql::NativeSql;
pub use crate::system::{SystemClock, SystemRandom};

/// The schema, file by file in order, as every host applies it.
pub const MIGRATIONS: &[(&str, &str)] = &[
    ("0001_frame.sql", include_str!("../../../migrations/0001_frame.sql")),
    ("0002_leads.sql", include_str!("../../../migrations/0002_leads.sql")),
    ("0003_events.sql", include_str!("../../../migrations/0003_events.sql")),
    ("0004_chat.sql", include_str!("../../../migrations/0004_chat.sql")),
    ("0005_tickets.sql", include_str!("../../../migrations/0005_tickets.sql")),
    ("0006_sources.sql", include_str!("../../../migrations/0006_sources.sql")),
    ("0007_surveys.sql", include_str!("../../../migrations/0007_surveys.sql")),
    ("0008_content.sql", include_str!("../../../migrations/0008_content.sql")),
    ("0009_operations.sql", include_str!("../../../migrations/0009_operations.sql")),
    ("0010_joined.sql", include_str!("../../../migrations/0010_joined.sql")),
    ("0011_segments.sql", include_str!("../../../migrations/0011_segments.sql")),
];

/// The native host's platform.
#[derive(Debug, Clone)]
pub struct Native(Rc<Parts>);

struct Parts {
    sql: NativeSql,
    kv: KvFile,
    fetch: NativeFetch,
    variables: BTreeMap<String, String>,
    deferred: Deferred,
    meter: Meter,
}

impl fmt::Debug for Parts {
    /// Variables hold secrets, so only their names are shown.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Parts").field("variables", &self.variables.keys()).finish_non_exhaustive()
    }
}

/// A migration that could not be applied; nothing of its file was.
#[derive(Debug, ThisError)]
#[error("migration {name}: {source}")]
pub struct MigrateError {
    /// The file.
    pub name: String,
    /// What SQLite said.
    pub source: SqlError,
}

impl Native {
    /// Opens, or creates, the stores in the folder `data`.
    ///
    /// Errors: with the binding that cannot be opened.
    pub fn open(data: &Path, variables: BTreeMap<String, String>) -> Result<Self, OpenError> {
        std::fs::create_dir_all(data).map_err(|error| cannot_open(DB.workers, &error))?;
        Self::build(Some(data), variables)
    }

    /// Stores that live as long as this value.
    ///
    /// Errors: with the binding that cannot be opened.
    pub fn in_memory(variables: BTreeMap<String, String>) -> Result<Self, OpenError> {
        Self::build(None, variables)
    }

    fn build(data: Option<&Path>, variables: BTreeMap<String, String>) -> Result<Self, OpenError> {
        let file = |name: &str| data.map(|data| data.join(name));
        Ok(Self(Rc::new(Parts {
            sql: NativeSql::open(file("orilla.sqlite").as_deref()).map_err(|error| cannot_open(DB.workers, &error))?,
            kv: KvFile::open(file("kv.sqlite").as_deref()).map_err(|error| cannot_open(KV.workers, &error))?,
            fetch: NativeFetch::new().map_err(|error| cannot_open("fetch", &error))?,
            variables,
            deferred: Deferred::default(),
            meter: Meter::default(),
        })))
    }

    /// The same host, with some names looked up in a table instead of DNS; meant to be called before it is cloned.
    #[must_use]
    pub fn with_hosts(self, hosts: BTreeMap<String, IpAddr>) -> Self {
        let fetch = self.0.fetch.clone().with_hosts(hosts);
        let Parts { sql, kv, variables, deferred, meter, .. } = &*self.0;
        let (sql, kv, variables) = (sql.clone(), kv.clone(), variables.clone());
        let parts = Parts { sql, kv, fetch, variables, deferred: deferred.clone(), meter: meter.clone() };
        Self(Rc::new(parts))
    }

    /// Applies schema files in order, each one whole or not at all. Every statement may run again.
    ///
    /// Errors: the first file that fails.
    pub async fn migrate(&self, files: &[(&str, &str)]) -> Result<(), MigrateError> {
        for (name, script) in files {
            let applied = self.0.sql.run_script(script).await;
            applied.map_err(|source| MigrateError { name: (*name).to_owned(), source })?;
        }
        Ok(())
    }

    /// Runs the deferred work that waits, and what it defers in turn, to the end. A running server does this by itself.
    pub async fn settle(&self) {
        self.0.deferred.settle().await;
    }

    pub(crate) fn sql_store(&self) -> &NativeSql {
        &self.0.sql
    }

    pub(crate) fn kv_file(&self) -> &KvFile {
        &self.0.kv
    }

    pub(crate) fn deferred(&self) -> &Deferred {
        &self.0.deferred
    }
}

impl Platform for Native {
    type Sql = NativeSql;
    type Kv = NativeKv<SystemClock>;
    type Fetch = NativeFetch;
    type Clock = SystemClock;
    type Random = SystemRandom;

    fn sql(&self, binding: Binding) -> Result<NativeSql, OpenError> {
        if binding == DB { Ok(self.0.sql.clone()) } else { Err(unknown(binding)) }
    }

    fn kv(&self, binding: Binding) -> Result<Self::Kv, OpenError> {
        if binding == KV { Ok(self.0.kv.with_clock(SystemClock)) } else { Err(unknown(binding)) }
    }

    fn fetch(&self) -> NativeFetch {
        self.0.fetch.clone()
    }

    fn clock(&self) -> SystemClock {
        SystemClock
    }

    fn random(&self) -> SystemRandom {
        SystemRandom
    }

    fn variable(&self, variable: Variable) -> Result<Option<String>, OpenError> {
        Ok(self.0.variables.get(variable.0).filter(|value| !value.is_empty()).cloned())
    }

    fn defer(&self, work: impl Future<Output = ()> + 'static) {
        self.0.deferred.push(work);
    }

    fn meter(&self) -> Meter {
        self.0.meter.clone()
    }

    fn log(&self, line: fmt::Arguments<'_>) {
        // A closed standard error is no reason to fail a request.
        let _ = writeln!(std::io::stderr().lock(), "{line}");
    }
}

pub(crate) fn unknown(binding: Binding) -> OpenError {
    OpenError { name: binding.workers, reason: "this host has no such store".to_owned() }
}

fn cannot_open(name: &'static str, error: &dyn fmt::Display) -> OpenError {
    OpenError { name, reason: error.to_string() }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_migration_file_is_listed_in_order() {
        let folder = concat!(env!("CARGO_MANIFEST_DIR"), "/../../migrations");
        let files = std::fs::read_dir(folder).unwrap().map(|entry| entry.unwrap().file_name().into_string().unwrap());
        let mut files: Vec<_> = files.collect();
        files.sort();
        let listed: Vec<_> = MIGRATIONS.iter().map(|(name, _)| *name).collect();
        assert_eq!(listed, files);
    }
}
