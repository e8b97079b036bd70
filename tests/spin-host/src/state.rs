//! The two database files of the state folder, named and laid out as `spin up` does, so that either can go on where the other stopped.
//! Spin opens SQLite with its defaults (rollback journal, 5 s busy time-out) and so does this; `Journal::Wal` departs from that on request.

use std::path::{Path, PathBuf};
use std::sync::{Arc, Mutex, PoisonError};

use crate::error::{Error, Result};

/// How SQLite writes to the files of the state folder.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub enum Journal {
    /// Whatever the file has, a rollback journal in a new one: what Spin does.
    #[default]
    AsSpin,
    /// Write-ahead log: one fsync less per commit, and readers do not wait for writers.
    Wal,
}

/// Handles to the files of the state folder.
pub(crate) struct State {
    /// Spin too shares one connection among all instances' key-value stores.
    key_value: Arc<Mutex<rusqlite::Connection>>,
    sqlite: PathBuf,
}

impl State {
    /// Opens the folder, making it and its files where they are missing.
    ///
    /// Errors: `File` if the folder cannot be made, `State` if a file is not a database.
    pub(crate) fn open(folder: &Path, journal: Journal) -> Result<Self> {
        std::fs::create_dir_all(folder).map_err(|source| Error::File { path: folder.to_owned(), source })?;
        let key_value = open(&folder.join("sqlite_key_value.db"), journal, |connection| {
            connection.execute_batch(
                "CREATE TABLE IF NOT EXISTS spin_key_value (
                   store TEXT NOT NULL, key TEXT NOT NULL, value BLOB NOT NULL, PRIMARY KEY (store, key))",
            )
        })?;
        let sqlite = folder.join("sqlite_db.db");
        open(&sqlite, journal, |_| Ok(()))?;
        Ok(Self { key_value: Arc::new(Mutex::new(key_value)), sqlite })
    }

    /// A fresh connection to the SQLite database.
    pub(crate) fn connect(&self) -> rusqlite::Result<rusqlite::Connection> {
        rusqlite::Connection::open(&self.sqlite)
    }

    /// Runs one or many statements on the SQLite database.
    pub(crate) fn execute_batch(&self, statements: &str) -> Result<()> {
        self.connect()
            .and_then(|connection| connection.execute_batch(statements))
            .map_err(|source| Error::State { path: self.sqlite.clone(), source })
    }

    /// Runs `work` on the key-value connection, away from the threads that drive guests.
    pub(crate) async fn key_value<T: Send + 'static>(
        &self,
        work: impl FnOnce(&rusqlite::Connection) -> rusqlite::Result<T> + Send + 'static,
    ) -> Result<T, String> {
        let connection = Arc::clone(&self.key_value);
        blocking(move || work(&connection.lock().unwrap_or_else(PoisonError::into_inner)).map_err(|e| e.to_string())).await
    }
}

/// Runs blocking work on tokio's blocking pool; a panic in it becomes an error text.
pub(crate) async fn blocking<T: Send + 'static>(work: impl FnOnce() -> Result<T, String> + Send + 'static) -> Result<T, String> {
    tokio::task::spawn_blocking(work).await.unwrap_or_else(|e| Err(e.to_string()))
}

fn open(
    path: &Path,
    journal: Journal,
    prepare: impl FnOnce(&rusqlite::Connection) -> rusqlite::Result<()>,
) -> Result<rusqlite::Connection> {
    let opened = || {
        let connection = rusqlite::Connection::open(path)?;
        if journal == Journal::Wal {
            connection.pragma_update(None, "journal_mode", "wal")?;
        }
        prepare(&connection)?;
        Ok(connection)
    };
    opened().map_err(|source| Error::State { path: path.to_owned(), source })
}
