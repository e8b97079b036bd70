//! `fermyon:spin/sqlite@2.0.0` and `spin:sqlite/sqlite@3.0.0`: each `open` is a connection of its own to the one database file.
//! Errors carry SQLite's own text, statements and values pass through untouched.

use std::sync::{Arc, Mutex, PoisonError};

use rusqlite::types::{FromSqlError, Value, ValueRef};
use wasmtime::component::Resource;

use crate::bindings::fermyon::spin::sqlite as v2;
use crate::bindings::spin::sqlite::sqlite as v3;
use crate::guest::Guest;
use crate::state::blocking;

/// A connection that a guest holds.
pub struct Connection(Arc<Mutex<rusqlite::Connection>>);

impl Connection {
    async fn run<T: Send + 'static>(
        &self,
        work: impl FnOnce(&rusqlite::Connection) -> rusqlite::Result<T> + Send + 'static,
    ) -> Result<T, String> {
        let connection = Arc::clone(&self.0);
        blocking(move || work(&connection.lock().unwrap_or_else(PoisonError::into_inner)).map_err(|e| e.to_string())).await
    }
}

struct Rows {
    columns: Vec<String>,
    rows: Vec<Vec<Value>>,
}

fn execute(connection: &rusqlite::Connection, statement: &str, parameters: Vec<Value>) -> rusqlite::Result<Rows> {
    let mut statement = connection.prepare_cached(statement)?;
    let columns: Vec<String> = statement.column_names().map(str::to_owned).collect();
    let width = columns.len();
    let rows = statement
        .query_map(rusqlite::params_from_iter(parameters), |row| (0..width).map(|column| owned(column, row.get_ref(column)?)).collect())?
        .collect::<rusqlite::Result<_>>()?;
    Ok(Rows { columns, rows })
}

/// Text in a database need not be UTF-8, but a WIT string must.
fn owned(column: usize, value: ValueRef<'_>) -> rusqlite::Result<Value> {
    value.try_into().map_err(|e: FromSqlError| rusqlite::Error::FromSqlConversionFailure(column, value.data_type(), Box::new(e)))
}

impl Guest {
    async fn connect(&mut self, database: &str) -> wasmtime::Result<Result<Resource<Connection>, Refused>> {
        if !self.component.spec.sqlite_databases.iter().any(|label| label == database) {
            return Ok(Err(Refused::AccessDenied));
        }
        let state = Arc::clone(&self.state);
        match blocking(move || state.connect().map_err(|e| e.to_string())).await {
            Ok(connection) => Ok(Ok(self.table.push(Connection(Arc::new(Mutex::new(connection))))?)),
            Err(text) => Ok(Err(Refused::Io(text))),
        }
    }
}

enum Refused {
    AccessDenied,
    Io(String),
}

/// The two versions of the interface differ in their generated types only.
macro_rules! convert {
    ($wit:ident) => {
        impl From<Refused> for $wit::Error {
            fn from(refused: Refused) -> Self {
                match refused {
                    Refused::AccessDenied => Self::AccessDenied,
                    Refused::Io(text) => Self::Io(text),
                }
            }
        }

        impl From<$wit::Value> for Value {
            fn from(value: $wit::Value) -> Self {
                match value {
                    $wit::Value::Integer(v) => Self::Integer(v),
                    $wit::Value::Real(v) => Self::Real(v),
                    $wit::Value::Text(v) => Self::Text(v),
                    $wit::Value::Blob(v) => Self::Blob(v),
                    $wit::Value::Null => Self::Null,
                }
            }
        }

        impl From<Value> for $wit::Value {
            fn from(value: Value) -> Self {
                match value {
                    Value::Integer(v) => Self::Integer(v),
                    Value::Real(v) => Self::Real(v),
                    Value::Text(v) => Self::Text(v),
                    Value::Blob(v) => Self::Blob(v),
                    Value::Null => Self::Null,
                }
            }
        }

        impl From<Rows> for $wit::QueryResult {
            fn from(found: Rows) -> Self {
                let row = |values: Vec<Value>| $wit::RowResult { values: values.into_iter().map(Into::into).collect() };
                Self { columns: found.columns, rows: found.rows.into_iter().map(row).collect() }
            }
        }
    };
}

convert!(v2);
convert!(v3);

impl v2::Host for Guest {}

impl v2::HostConnection for Guest {
    async fn open(&mut self, database: String) -> wasmtime::Result<Result<Resource<Connection>, v2::Error>> {
        Ok(self.connect(&database).await?.map_err(Into::into))
    }

    async fn execute(
        &mut self,
        connection: Resource<Connection>,
        statement: String,
        parameters: Vec<v2::Value>,
    ) -> wasmtime::Result<Result<v2::QueryResult, v2::Error>> {
        let parameters = parameters.into_iter().map(Into::into).collect();
        let connection = self.table.get(&connection)?;
        let rows = connection.run(move |c| execute(c, &statement, parameters)).await;
        Ok(rows.map(Into::into).map_err(v2::Error::Io))
    }

    async fn drop(&mut self, connection: Resource<Connection>) -> wasmtime::Result<()> {
        self.table.delete(connection)?;
        Ok(())
    }
}

impl v3::Host for Guest {}

impl v3::HostConnection for Guest {
    async fn open(&mut self, database: String) -> wasmtime::Result<Result<Resource<Connection>, v3::Error>> {
        Ok(self.connect(&database).await?.map_err(Into::into))
    }

    async fn execute(
        &mut self,
        connection: Resource<Connection>,
        statement: String,
        parameters: Vec<v3::Value>,
    ) -> wasmtime::Result<Result<v3::QueryResult, v3::Error>> {
        let parameters = parameters.into_iter().map(Into::into).collect();
        let connection = self.table.get(&connection)?;
        let rows = connection.run(move |c| execute(c, &statement, parameters)).await;
        Ok(rows.map(Into::into).map_err(v3::Error::Io))
    }

    async fn last_insert_rowid(&mut self, connection: Resource<Connection>) -> wasmtime::Result<i64> {
        let connection = self.table.get(&connection)?;
        connection.run(|c| Ok(c.last_insert_rowid())).await.map_err(wasmtime::Error::msg)
    }

    async fn changes(&mut self, connection: Resource<Connection>) -> wasmtime::Result<u64> {
        let connection = self.table.get(&connection)?;
        connection.run(|c| Ok(c.changes())).await.map_err(wasmtime::Error::msg)
    }

    async fn drop(&mut self, connection: Resource<Connection>) -> wasmtime::Result<()> {
        self.table.delete(connection)?;
        Ok(())
    }
}
