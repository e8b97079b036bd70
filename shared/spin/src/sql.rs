//! [`Sql`] over Spin's SQLite. A batch is one transaction, begun and ended here; nothing awaits inside it.

use std::rc::Rc;

use orilla_core::Sql;
use orilla_core::sql::{MAX_SAFE_INTEGER, Rows, SqlError, Statement, Value};
use spin_sdk::sqlite3::{Connection, Error, Value as Cell};

/// A connection to a Spin SQLite database.
#[derive(Clone)]
pub struct Sqlite(Rc<Connection>);

impl Sqlite {
    pub(crate) fn new(connection: Connection) -> Self {
        Self(Rc::new(connection))
    }

    fn run(&self, statement: &Statement) -> Result<Rows, SqlError> {
        let parameters: Vec<_> = statement.parameters.iter().map(to_cell).collect();
        let result = self.0.execute(&statement.sql, &parameters).map_err(from_error)?;
        let values = result.rows.into_iter().map(|row| row.values.into_iter().map(from_cell).collect());
        Ok(Rows { values: values.collect::<Result<_, _>>()?, columns: result.columns.into() })
    }

    fn control(&self, sql: &str) -> Result<(), SqlError> {
        self.0.execute(sql, &[]).map(drop).map_err(from_error)
    }

    fn run_all(&self, statements: &[Statement]) -> Result<Vec<Rows>, SqlError> {
        let rows = statements.iter().map(|statement| self.run(statement)).collect::<Result<_, _>>()?;
        self.control("COMMIT")?;
        Ok(rows)
    }
}

impl Sql for Sqlite {
    async fn query(&self, statement: Statement) -> Result<Rows, SqlError> {
        statement.check()?;
        self.run(&statement)
    }

    async fn batch(&self, statements: Vec<Statement>) -> Result<Vec<Rows>, SqlError> {
        statements.iter().try_for_each(Statement::check)?;
        if statements.is_empty() {
            return Ok(Vec::new());
        }
        // `IMMEDIATE` takes the write lock first, so a batch that reads before it writes cannot fail half way for want of it.
        self.control("BEGIN IMMEDIATE")?;
        self.run_all(&statements).inspect_err(|_| {
            // SQLite has rolled back by itself after some errors; then this one says so, which is no news.
            let _no_news = self.control("ROLLBACK");
        })
    }
}

fn to_cell(value: &Value) -> Cell {
    match value {
        Value::Null => Cell::Null,
        Value::Integer(n) => Cell::Integer(*n),
        Value::Real(x) => Cell::Real(*x),
        Value::Text(text) => Cell::Text(text.clone()),
        Value::Blob(bytes) => Cell::Blob(bytes.clone()),
    }
}

fn from_cell(cell: Cell) -> Result<Value, SqlError> {
    match cell {
        Cell::Null => Ok(Value::Null),
        Cell::Integer(n) if n.unsigned_abs() > MAX_SAFE_INTEGER.unsigned_abs() => Err(SqlError::IntegerOutOfRange),
        Cell::Integer(n) => Ok(Value::Integer(n)),
        Cell::Real(x) => Ok(Value::Real(x)),
        Cell::Text(text) => Ok(Value::Text(text)),
        Cell::Blob(bytes) => Ok(Value::Blob(bytes)),
    }
}

fn from_error(error: Error) -> SqlError {
    match error {
        Error::Io(message) => SqlError::from_message(&message),
        other => SqlError::Unavailable(other.to_string()),
    }
}
