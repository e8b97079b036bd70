//! [`Sql`] over the native store: translates, and nothing else.

use std::fmt;
use std::path::Path;

use orilla_core::Sql;
use orilla_core::sql::{Rows, SqlError, Statement};

use crate::store::{Durability, Store, Table};

/// A SQLite database: WAL, `synchronous=FULL`, one thread, group commit.
#[derive(Clone)]
pub struct NativeSql(Store);

impl NativeSql {
    pub(crate) fn open(path: Option<&Path>) -> Result<Self, SqlError> {
        Store::open(path, Durability::Disk, "").map(Self)
    }

    /// Runs a file of statements, all or none.
    pub(crate) async fn run_script(&self, script: &str) -> Result<(), SqlError> {
        self.0.run_script(script.to_owned()).await
    }
}

impl fmt::Debug for NativeSql {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("NativeSql")
    }
}

impl Sql for NativeSql {
    async fn query(&self, statement: Statement) -> Result<Rows, SqlError> {
        let tables = self.0.run(vec![statement]).await?;
        Ok(tables.into_iter().map(to_rows).next().unwrap_or_default())
    }

    async fn batch(&self, statements: Vec<Statement>) -> Result<Vec<Rows>, SqlError> {
        Ok(self.0.run(statements).await?.into_iter().map(to_rows).collect())
    }
}

fn to_rows(table: Table) -> Rows {
    Rows { columns: table.columns.into(), values: table.values }
}
