//! One SQLite file and the one thread that owns it, with group commit.
//!
//! SQLite writes one transaction at a time, and a durable commit waits for the disk. So whatever waits while the disk is busy
//! shares the next commit: each job in its own savepoint, no answer before the commit. Knows no port; see `sql` and `kv`.

use std::path::Path;
use std::rc::Rc;
use std::sync::mpsc::{Receiver, Sender, channel};
use std::thread::JoinHandle;
use std::{iter, thread};

use orilla_core::sql::{MAX_SAFE_INTEGER, SqlError, Statement, Value};
use rusqlite::types::ValueRef;
use rusqlite::{Connection, ErrorCode};
use tokio::sync::oneshot;

/// The most jobs that share one commit. Chosen: beyond this the disk is no longer what they wait for.
const MAX_GROUP: usize = 256;
/// How many prepared statements are kept. Chosen: above the number of distinct statements in the code.
const CACHED_STATEMENTS: usize = 256;

/// How much a commit promises.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Durability {
    /// What was answered survives loss of power.
    Disk,
    /// It survives the process; a cache needs no more.
    Process,
}

/// What one statement gave back, before it becomes `Rows` on the caller's thread.
pub(crate) struct Table {
    pub columns: Vec<String>,
    pub values: Vec<Vec<Value>>,
}

enum Work {
    /// All or none.
    Statements(Vec<Statement>),
    /// Statements separated by semicolons, without parameters; all or none.
    Script(String),
}

type Outcome = Result<Vec<Table>, SqlError>;

struct Job {
    work: Work,
    answer: oneshot::Sender<Outcome>,
}

/// A handle to the thread; the last one dropped waits until it has closed the file.
#[derive(Clone)]
pub(crate) struct Store(Rc<Owner>);

struct Owner {
    jobs: Option<Sender<Job>>,
    thread: Option<JoinHandle<()>>,
}

impl Drop for Owner {
    fn drop(&mut self) {
        drop(self.jobs.take());
        if let Some(thread) = self.thread.take() {
            // It cannot panic by its own lints; if it did, there is nobody left to tell.
            let _ = thread.join();
        }
    }
}

impl Store {
    /// Opens or creates a file, with the tables of `schema`; without a path the database lives in memory.
    ///
    /// Errors: `Unavailable` if it cannot be opened.
    pub fn open(path: Option<&Path>, durability: Durability, schema: &str) -> Result<Self, SqlError> {
        let connection = connect(path, durability, schema).map_err(|error| SqlError::Unavailable(error.to_string()))?;
        let (jobs, queue) = channel();
        #[expect(clippy::disallowed_methods, reason = "this is the native host, where waiting for the disk needs a thread")]
        let thread = thread::spawn(move || run(&connection, &queue));
        Ok(Self(Rc::new(Owner { jobs: Some(jobs), thread: Some(thread) })))
    }

    /// Runs statements, all or none.
    pub async fn run(&self, statements: Vec<Statement>) -> Outcome {
        for statement in &statements {
            statement.check()?;
        }
        self.submit(Work::Statements(statements)).await
    }

    /// Runs a file of statements, all or none.
    pub async fn run_script(&self, script: String) -> Result<(), SqlError> {
        self.submit(Work::Script(script)).await.map(|_| ())
    }

    async fn submit(&self, work: Work) -> Outcome {
        let gone = || SqlError::Unavailable("the store is closed".to_owned());
        let (answer, outcome) = oneshot::channel();
        self.0.jobs.as_ref().ok_or_else(gone)?.send(Job { work, answer }).map_err(|_| gone())?;
        outcome.await.map_err(|_| gone())?
    }
}

fn connect(path: Option<&Path>, durability: Durability, schema: &str) -> rusqlite::Result<Connection> {
    let connection = path.map_or_else(Connection::open_in_memory, Connection::open)?;
    let synchronous = match durability {
        Durability::Disk => "FULL",
        Durability::Process => "NORMAL",
    };
    connection.pragma_update(None, "journal_mode", "WAL")?;
    connection.pragma_update(None, "synchronous", synchronous)?;
    connection.set_prepared_statement_cache_capacity(CACHED_STATEMENTS);
    connection.execute_batch(schema)?;
    Ok(connection)
}

/// Serves jobs until every handle is gone.
fn run(connection: &Connection, queue: &Receiver<Job>) {
    while let Ok(first) = queue.recv() {
        let group: Vec<Job> = iter::once(first).chain(queue.try_iter()).take(MAX_GROUP).collect();
        let (work, answers): (Vec<_>, Vec<_>) = group.into_iter().map(|job| (job.work, job.answer)).unzip();
        for (answer, outcome) in answers.into_iter().zip(commit(connection, &work)) {
            // Whoever asked may have gone: their work is done all the same.
            let _ = answer.send(outcome);
        }
    }
}

/// Runs a group under one commit; one outcome per job, in order.
fn commit(connection: &Connection, group: &[Work]) -> Vec<Outcome> {
    let fail_all = |error: &rusqlite::Error| group.iter().map(|_| Err(SqlError::Unavailable(error.to_string()))).collect();
    if let Err(error) = execute(connection, "BEGIN IMMEDIATE") {
        return fail_all(&error);
    }
    let mut outcomes = Vec::with_capacity(group.len());
    for work in group {
        outcomes.push(in_savepoint(connection, work));
        if connection.is_autocommit() {
            // A full disk or a failing one: SQLite has rolled back everything, earlier jobs of the group included.
            let lost = || Err(SqlError::Unavailable("the store rolled back".to_owned()));
            return group.iter().map(|_| lost()).collect();
        }
    }
    if let Err(error) = execute(connection, "COMMIT") {
        // Nothing to roll back if SQLite has done so itself.
        let _ = execute(connection, "ROLLBACK");
        return fail_all(&error);
    }
    outcomes
}

fn in_savepoint(connection: &Connection, work: &Work) -> Outcome {
    execute(connection, "SAVEPOINT job").map_err(translate)?;
    let outcome = match work {
        Work::Statements(statements) => statements.iter().map(|statement| query(connection, statement)).collect(),
        Work::Script(script) => connection.execute_batch(script).map(|()| Vec::new()).map_err(translate),
    };
    if outcome.is_err() && !connection.is_autocommit() {
        execute(connection, "ROLLBACK TO job").map_err(translate)?;
    }
    if !connection.is_autocommit() {
        execute(connection, "RELEASE job").map_err(translate)?;
    }
    outcome
}

fn execute(connection: &Connection, sql: &str) -> rusqlite::Result<()> {
    connection.prepare_cached(sql)?.execute([]).map(|_| ())
}

fn query(connection: &Connection, statement: &Statement) -> Result<Table, SqlError> {
    let mut prepared = connection.prepare_cached(&statement.sql).map_err(translate)?;
    if prepared.parameter_count() > statement.parameters.len() {
        return Err(SqlError::Rejected("fewer values bound than the statement names".to_owned()));
    }
    for (index, value) in statement.parameters.iter().enumerate() {
        bind(&mut prepared, index + 1, value).map_err(translate)?;
    }
    let columns: Vec<String> = prepared.column_names().map(str::to_owned).collect();
    let mut values = Vec::new();
    let mut rows = prepared.raw_query();
    while let Some(row) = rows.next().map_err(translate)? {
        let read = |index| row.get_ref(index).map_err(translate).and_then(read);
        values.push((0..columns.len()).map(read).collect::<Result<_, _>>()?);
    }
    Ok(Table { columns, values })
}

fn bind(prepared: &mut rusqlite::Statement<'_>, index: usize, value: &Value) -> rusqlite::Result<()> {
    match value {
        Value::Null => prepared.raw_bind_parameter(index, rusqlite::types::Null),
        Value::Integer(n) => prepared.raw_bind_parameter(index, n),
        Value::Real(x) => prepared.raw_bind_parameter(index, x),
        Value::Text(text) => prepared.raw_bind_parameter(index, text),
        Value::Blob(bytes) => prepared.raw_bind_parameter(index, bytes),
    }
}

fn read(value: ValueRef<'_>) -> Result<Value, SqlError> {
    Ok(match value {
        ValueRef::Null => Value::Null,
        ValueRef::Integer(n) if n.unsigned_abs() > MAX_SAFE_INTEGER.unsigned_abs() => return Err(SqlError::IntegerOutOfRange),
        ValueRef::Integer(n) => Value::Integer(n),
        ValueRef::Real(x) => Value::Real(x),
        ValueRef::Text(text) => {
            let text = std::str::from_utf8(text).map_err(|_| SqlError::Rejected("text that is not UTF-8".to_owned()))?;
            Value::Text(text.to_owned())
        }
        ValueRef::Blob(bytes) => Value::Blob(bytes.to_vec()),
    })
}

/// SQLite's result codes tell apart what its messages do not.
fn translate(error: rusqlite::Error) -> SqlError {
    match error {
        rusqlite::Error::SqliteFailure(code, message) => {
            let message = message.unwrap_or_else(|| code.to_string());
            match code.code {
                ErrorCode::ConstraintViolation => SqlError::from_message(&message),
                // `SQLITE_ERROR`, which rusqlite does not name: the statement is wrong.
                ErrorCode::Unknown | ErrorCode::TypeMismatch | ErrorCode::TooBig => SqlError::Rejected(message),
                _ => SqlError::Unavailable(message),
            }
        }
        rusqlite::Error::SqlInputError { msg, .. } => SqlError::Rejected(msg),
        other => SqlError::Rejected(other.to_string()),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn connection() -> Connection {
        connect(None, Durability::Disk, "CREATE TABLE t (n INTEGER PRIMARY KEY)").unwrap()
    }

    fn insert(n: i64) -> Work {
        Work::Statements(vec![Statement::new("INSERT INTO t (n) VALUES (?1)").bind(n)])
    }

    fn count(connection: &Connection) -> i64 {
        connection.query_row("SELECT count(*) FROM t", [], |row| row.get(0)).unwrap()
    }

    #[test]
    fn a_failing_job_takes_none_of_its_group_with_it() {
        let connection = connection();
        let twice = Work::Statements(vec![Statement::new("INSERT INTO t (n) VALUES (2)"), Statement::new("INSERT INTO t (n) VALUES (1)")]);
        let outcomes = commit(&connection, &[insert(1), twice, insert(3)]);
        assert!(outcomes[0].is_ok() && outcomes[2].is_ok());
        assert!(matches!(&outcomes[1], Err(SqlError::Unique { constraint }) if constraint == "t.n"));
        assert_eq!(count(&connection), 2);
    }

    #[test]
    fn nobody_is_told_of_success_when_the_group_is_lost() {
        let connection = connection();
        let lose = Work::Script("INSERT INTO t (n) VALUES (2); ROLLBACK".to_owned());
        let outcomes = commit(&connection, &[insert(1), lose, insert(3)]);
        assert_eq!(outcomes.len(), 3);
        assert!(outcomes.iter().all(|outcome| matches!(outcome, Err(SqlError::Unavailable(_)))));
        assert_eq!(count(&connection), 0);
        assert!(commit(&connection, &[insert(4)])[0].is_ok(), "the next group is served");
    }
}
