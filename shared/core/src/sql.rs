//! The vocabulary of the [`Sql`](crate::Sql) port: values, statements, rows and its errors.

use std::borrow::Cow;
use std::rc::Rc;
use std::time::Duration;

use chrono::{DateTime, Utc};
use serde::de::DeserializeOwned;
use thiserror::Error as ThisError;

use crate::error::{Code, Error};

/// The most parameters one statement may bind. Source: D1 limits, 100 bound parameters per query.
pub const MAX_PARAMETERS: usize = 100;

/// The largest integer every host carries exactly: D1 hands numbers through JavaScript's doubles.
///
/// Source: ECMA-262 `Number.MAX_SAFE_INTEGER`.
pub const MAX_SAFE_INTEGER: i64 = (1 << 53) - 1;

/// One SQLite value.
#[derive(Debug, Clone, PartialEq)]
pub enum Value {
    /// `NULL`.
    Null,
    /// A 64-bit integer; beyond ±[`MAX_SAFE_INTEGER`] it is refused on every host.
    Integer(i64),
    /// A double. A host may give back a whole one as `Integer`; read it with [`Row::real`].
    Real(f64),
    /// UTF-8 text.
    Text(String),
    /// Bytes.
    Blob(Vec<u8>),
}

impl From<&str> for Value {
    fn from(value: &str) -> Self {
        Self::Text(value.to_owned())
    }
}
impl From<String> for Value {
    fn from(value: String) -> Self {
        Self::Text(value)
    }
}
impl From<i64> for Value {
    fn from(value: i64) -> Self {
        Self::Integer(value)
    }
}
impl From<u32> for Value {
    fn from(value: u32) -> Self {
        Self::Integer(i64::from(value))
    }
}
impl From<bool> for Value {
    fn from(value: bool) -> Self {
        Self::Integer(i64::from(value))
    }
}
impl From<f64> for Value {
    fn from(value: f64) -> Self {
        Self::Real(value)
    }
}
impl From<Vec<u8>> for Value {
    fn from(value: Vec<u8>) -> Self {
        Self::Blob(value)
    }
}
impl From<&[u8]> for Value {
    fn from(value: &[u8]) -> Self {
        Self::Blob(value.to_vec())
    }
}
/// Times are stored as Unix milliseconds, UTC.
impl From<DateTime<Utc>> for Value {
    fn from(value: DateTime<Utc>) -> Self {
        Self::Integer(value.timestamp_millis())
    }
}
impl<T: Into<Self>> From<Option<T>> for Value {
    fn from(value: Option<T>) -> Self {
        value.map_or(Self::Null, Into::into)
    }
}

/// One SQL statement with its parameters, bound in order to `?1`, `?2`, ….
#[derive(Debug, Clone, PartialEq)]
pub struct Statement {
    /// SQLite dialect; never built from user input.
    pub sql: Cow<'static, str>,
    /// The bound values.
    pub parameters: Vec<Value>,
}

impl Statement {
    /// A statement without parameters yet.
    #[must_use]
    pub fn new(sql: impl Into<Cow<'static, str>>) -> Self {
        Self { sql: sql.into(), parameters: Vec::new() }
    }

    /// Binds the next parameter.
    #[must_use]
    pub fn bind(mut self, value: impl Into<Value>) -> Self {
        self.parameters.push(value.into());
        self
    }

    /// What every adapter checks before it sends a statement.
    ///
    /// Errors: `TooManyParameters`, `IntegerOutOfRange`; `Rejected` for one that would begin or end a transaction by itself.
    pub fn check(&self) -> Result<(), SqlError> {
        if is_transaction_control(&self.sql) {
            return Err(SqlError::Rejected("a transaction is a batch".to_owned()));
        }
        if self.parameters.len() > MAX_PARAMETERS {
            return Err(SqlError::TooManyParameters { count: self.parameters.len() });
        }
        let is_safe = |value: &Value| !matches!(value, Value::Integer(n) if n.unsigned_abs() > MAX_SAFE_INTEGER.unsigned_abs());
        if self.parameters.iter().all(is_safe) { Ok(()) } else { Err(SqlError::IntegerOutOfRange) }
    }
}

fn is_transaction_control(sql: &str) -> bool {
    let word = sql.trim_start().split(|c: char| !c.is_ascii_alphabetic()).next().unwrap_or_default();
    ["BEGIN", "COMMIT", "END", "ROLLBACK", "SAVEPOINT", "RELEASE"].iter().any(|control| word.eq_ignore_ascii_case(control))
}

/// The rows one statement gave back.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct Rows {
    /// Column names, in order.
    pub columns: Rc<[String]>,
    /// Values, row by row, each as long as `columns`.
    pub values: Vec<Vec<Value>>,
}

impl Rows {
    /// The rows, one after another.
    pub fn iter(&self) -> impl Iterator<Item = Row<'_>> {
        self.values.iter().map(|values| Row { columns: &self.columns, values })
    }

    /// The first row, if there is one.
    #[must_use]
    pub fn first(&self) -> Option<Row<'_>> {
        self.iter().next()
    }

    /// How many rows.
    #[must_use]
    pub fn len(&self) -> usize {
        self.values.len()
    }

    /// Whether there are none.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.values.is_empty()
    }
}

/// The results of a batch of `N` statements, as the `Sql` contract promises them.
///
/// Errors: `Internal` if a host gave another number.
pub fn take<const N: usize>(results: Vec<Rows>) -> Result<[Rows; N], Error> {
    results.try_into().map_err(|_| Error::internal("a batch gave another number of results than statements"))
}

/// One row, read by column name.
#[derive(Debug, Clone, Copy)]
pub struct Row<'a> {
    columns: &'a [String],
    values: &'a [Value],
}

impl<'a> Row<'a> {
    /// The value of a column.
    ///
    /// Errors: `Column` if the statement gave no such column.
    pub fn value(&self, name: &'static str) -> Result<&'a Value, SqlError> {
        let index = self.columns.iter().position(|column| column == name);
        index.and_then(|i| self.values.get(i)).ok_or(SqlError::Column { name, expected: "to be there" })
    }

    /// Text. Errors: `Column` if it is anything else.
    pub fn text(&self, name: &'static str) -> Result<&'a str, SqlError> {
        self.optional_text(name)?.ok_or(SqlError::Column { name, expected: "text" })
    }

    /// Text or `NULL`. Errors: `Column` if it is anything else.
    pub fn optional_text(&self, name: &'static str) -> Result<Option<&'a str>, SqlError> {
        match self.value(name)? {
            Value::Null => Ok(None),
            Value::Text(text) => Ok(Some(text)),
            _ => Err(SqlError::Column { name, expected: "text or NULL" }),
        }
    }

    /// An integer. Errors: `Column` if it is anything else.
    pub fn integer(&self, name: &'static str) -> Result<i64, SqlError> {
        self.optional_integer(name)?.ok_or(SqlError::Column { name, expected: "an integer" })
    }

    /// An integer or `NULL`. Errors: `Column` if it is anything else.
    pub fn optional_integer(&self, name: &'static str) -> Result<Option<i64>, SqlError> {
        match self.value(name)? {
            Value::Null => Ok(None),
            Value::Integer(n) => Ok(Some(*n)),
            _ => Err(SqlError::Column { name, expected: "an integer or NULL" }),
        }
    }

    /// A double; a whole number may have come back as an integer. Errors: `Column` if it is no number.
    pub fn real(&self, name: &'static str) -> Result<f64, SqlError> {
        match self.value(name)? {
            Value::Real(x) => Ok(*x),
            // Exact: every host refuses integers beyond 2^53.
            #[allow(clippy::cast_precision_loss)]
            Value::Integer(n) => Ok(*n as f64),
            _ => Err(SqlError::Column { name, expected: "a number" }),
        }
    }

    /// A truth value, stored as 0 or 1. Errors: `Column` if it is no integer.
    pub fn boolean(&self, name: &'static str) -> Result<bool, SqlError> {
        Ok(self.integer(name)? != 0)
    }

    /// Bytes. Errors: `Column` if it is anything else.
    pub fn blob(&self, name: &'static str) -> Result<&'a [u8], SqlError> {
        match self.value(name)? {
            Value::Blob(bytes) => Ok(bytes),
            _ => Err(SqlError::Column { name, expected: "a blob" }),
        }
    }

    /// Bytes or `NULL`. Errors: `Column` if it is anything else.
    pub fn optional_blob(&self, name: &'static str) -> Result<Option<&'a [u8]>, SqlError> {
        if matches!(self.value(name)?, Value::Null) { Ok(None) } else { self.blob(name).map(Some) }
    }

    /// A time, stored as Unix milliseconds. Errors: `Column` if it is no time.
    pub fn time(&self, name: &'static str) -> Result<DateTime<Utc>, SqlError> {
        self.optional_time(name)?.ok_or(SqlError::Column { name, expected: "a time" })
    }

    /// A time or `NULL`. Errors: `Column` if it is anything else.
    pub fn optional_time(&self, name: &'static str) -> Result<Option<DateTime<Utc>>, SqlError> {
        let Some(millis) = self.optional_integer(name)? else { return Ok(None) };
        DateTime::from_timestamp_millis(millis).map(Some).ok_or(SqlError::Column { name, expected: "a time" })
    }

    /// A JSON document stored as text. Errors: `Column` if it is not one of type `T`.
    pub fn json<T: DeserializeOwned>(&self, name: &'static str) -> Result<T, SqlError> {
        serde_json::from_str(self.text(name)?).map_err(|_| SqlError::Column { name, expected: "a JSON document" })
    }
}

/// What can go wrong in a SQL store.
#[derive(Debug, ThisError)]
pub enum SqlError {
    /// A unique or primary-key constraint refused the statement; `constraint` is SQLite's `table.column` list.
    #[error("unique constraint on {constraint}")]
    Unique {
        /// `table.column`, comma-separated for compound keys.
        constraint: String,
    },
    /// Another constraint (`NOT NULL`, `CHECK`, foreign key) refused the statement.
    #[error("constraint: {0}")]
    Constraint(String),
    /// More than [`MAX_PARAMETERS`] values were bound; pass lists through `json_each`.
    #[error("{count} parameters bound, {MAX_PARAMETERS} allowed")]
    TooManyParameters {
        /// How many there were.
        count: usize,
    },
    /// An integer beyond ±[`MAX_SAFE_INTEGER`] was bound or read.
    #[error("integer beyond 2^53")]
    IntegerOutOfRange,
    /// A row does not have what the code reads: a defect on our side.
    #[error("column {name}: expected {expected}")]
    Column {
        /// The column asked for.
        name: &'static str,
        /// What was expected of it.
        expected: &'static str,
    },
    /// The statement itself is wrong: syntax, a missing table; a defect on our side.
    #[error("rejected: {0}")]
    Rejected(String),
    /// The store did not answer, is locked, full or read-only.
    #[error("unavailable: {0}")]
    Unavailable(String),
    /// Too much waits for the store already; nothing of the batch has happened.
    #[error("busy")]
    Busy,
}

/// When to come again to a store that is busy. Chosen: a full queue is written in less.
const BUSY_RETRY: Duration = Duration::from_secs(1);

impl SqlError {
    /// Reads SQLite's own message, which all three hosts pass on in some wrapping.
    ///
    /// Source: `sqlite3.c`, the formats `UNIQUE constraint failed: %s` and `%s constraint failed`.
    #[must_use]
    pub fn from_message(message: &str) -> Self {
        if let Some((_, rest)) = message.split_once("UNIQUE constraint failed: ") {
            let constraint = rest.split([':', '\n', ')']).next().unwrap_or(rest).trim();
            return Self::Unique { constraint: constraint.to_owned() };
        }
        let is = |needle: &str| message.contains(needle);
        if is("constraint failed") || is("cannot store") {
            Self::Constraint(message.to_owned())
        } else if is("syntax error") || is("no such") || is("incomplete input") || is("has no column") || is("Wrong number of parameter") {
            Self::Rejected(message.to_owned())
        } else {
            Self::Unavailable(message.to_owned())
        }
    }
}

impl From<SqlError> for Error {
    fn from(error: SqlError) -> Self {
        match error {
            SqlError::Unique { .. } | SqlError::Constraint(_) => {
                Self::new(Code::Conflict, "It was changed by somebody else; read it again, then retry.").because(error)
            }
            SqlError::Unavailable(_) => Self::unavailable(error),
            SqlError::Busy => Self::too_many(BUSY_RETRY).because(error),
            _ => Self::internal(error),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn transactions_are_batches_only() {
        for sql in ["BEGIN", " begin immediate", "COMMIT;", "Rollback TO x", "SAVEPOINT x"] {
            assert!(matches!(Statement::new(sql).check(), Err(SqlError::Rejected(_))), "{sql}");
        }
        for sql in ["SELECT 1", "INSERT INTO begin VALUES (1)", "", "ENDLESS"] {
            assert!(Statement::new(sql).check().is_ok(), "{sql}");
        }
    }
}
