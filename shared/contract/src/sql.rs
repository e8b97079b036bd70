//! The contract of `Sql`, number by number.

use futures_util::future::join_all;
use orilla_core::ports::DB;
use orilla_core::sql::{MAX_PARAMETERS, MAX_SAFE_INTEGER, Rows, SqlError, Statement, Value};
use orilla_core::{Platform, Sql};

use crate::{Broken, Case, Outcome, claim, same};

/// A table of the test's own: `id INTEGER PRIMARY KEY`, and `v` of whatever type it is given.
struct Table<S> {
    sql: S,
    name: String,
}

impl<S: Sql> Table<S> {
    async fn create<P: Platform<Sql = S>>(case: &Case<'_, P>, number: u8) -> Result<Self, Broken> {
        let name = format!("contract_{number}_{}", case.nonce);
        let table = Self { sql: case.platform.sql(DB)?, name };
        table.query(table.statement("CREATE TABLE {} (id INTEGER PRIMARY KEY, v)")).await?;
        Ok(table)
    }

    /// A statement in which `{}` is the table's name.
    fn statement(&self, sql: &str) -> Statement {
        Statement::new(sql.replace("{}", &self.name))
    }

    fn insert(&self, id: i64, value: impl Into<Value>) -> Statement {
        self.statement("INSERT INTO {} (id, v) VALUES (?1, ?2)").bind(id).bind(value)
    }

    async fn query(&self, statement: Statement) -> Result<Rows, SqlError> {
        self.sql.query(statement).await
    }

    async fn ids(&self) -> Result<Vec<i64>, SqlError> {
        let rows = self.query(self.statement("SELECT id FROM {} ORDER BY id")).await?;
        rows.iter().map(|row| row.integer("id")).collect()
    }

    async fn drop(self) -> Outcome {
        self.query(self.statement("DROP TABLE {}")).await?;
        Ok(())
    }
}

/// 1.
pub async fn values_come_back_as_they_went_in<P: Platform>(case: &Case<'_, P>) -> Outcome {
    let values = [
        Value::Null,
        Value::Integer(0),
        Value::Integer(-1),
        Value::Integer(MAX_SAFE_INTEGER),
        Value::Integer(-MAX_SAFE_INTEGER),
        Value::from(true),
        Value::from(false),
        Value::Real(0.1),
        Value::Real(-2.5e-300),
        Value::Real(1.5e300),
        Value::from(""),
        Value::from("x' OR 1 --\"\\\r\n\t"),
        Value::from("ñandú €😀 e\u{301} \u{202e}\u{feff}"),
        Value::from("a\0b"),
        Value::from("ñ".repeat(100_000)),
        Value::Blob(Vec::new()),
        Value::Blob((0..=255).collect()),
        Value::Blob(vec![0; 200_000]),
    ];
    let table = Table::create(case, 1).await?;
    for (id, value) in (0..).zip(&values) {
        table.query(table.insert(id, value.clone())).await?;
    }
    let rows = table.query(table.statement("SELECT v FROM {} ORDER BY id")).await?;
    same("rows", &rows.len(), &values.len())?;
    for (row, value) in rows.iter().zip(&values) {
        same("value", row.value("v")?, value)?;
    }
    let row = table.query(Statement::new("SELECT ?1 AS whole").bind(3.0)).await?;
    let whole = row.first().map(|row| row.real("whole")).transpose()?;
    same("a whole double", &whole, &Some(3.0))?;
    table.drop().await
}

/// 2.
pub async fn integers_beyond_2_53_are_refused<P: Platform>(case: &Case<'_, P>) -> Outcome {
    let table = Table::create(case, 2).await?;
    let is_refused = |outcome: Result<Rows, SqlError>| matches!(outcome, Err(SqlError::IntegerOutOfRange));
    for n in [MAX_SAFE_INTEGER + 1, -MAX_SAFE_INTEGER - 1, i64::MAX, i64::MIN] {
        claim(is_refused(table.query(table.insert(1, n)).await), format!("{n} was bound"))?;
        let batch = table.sql.batch(vec![table.insert(2, 0_i64), table.insert(1, n)]).await;
        claim(matches!(batch, Err(SqlError::IntegerOutOfRange)), format!("{n} was bound in a batch"))?;
        claim(is_refused(table.query(Statement::new(format!("SELECT {n} AS n"))).await), format!("{n} was read"))?;
    }
    same("rows stored", &table.ids().await?, &Vec::new())?;
    let rows = table.query(Statement::new(format!("SELECT {MAX_SAFE_INTEGER} AS high, -{MAX_SAFE_INTEGER} AS low"))).await?;
    let row = rows.first().ok_or("no row")?;
    same("the largest integer", &row.integer("high")?, &MAX_SAFE_INTEGER)?;
    same("the smallest integer", &row.integer("low")?, &-MAX_SAFE_INTEGER)?;
    table.drop().await
}

/// 3.
pub async fn lists_beyond_100_parameters_go_through_json<P: Platform>(case: &Case<'_, P>) -> Outcome {
    let sql = case.platform.sql(DB)?;
    let sum = |count: usize| {
        let terms: Vec<_> = (1..=count).map(|n| format!("?{n}")).collect();
        (0..count).fold(Statement::new(format!("SELECT {} AS n", terms.join(" + "))), |statement, _| statement.bind(1_i64))
    };
    let row = sql.query(sum(MAX_PARAMETERS)).await?;
    same("a sum of 100 parameters", &row.first().map(|row| row.real("n")).transpose()?, &Some(100.0))?;
    let refused = sql.query(sum(MAX_PARAMETERS + 1)).await;
    claim(matches!(refused, Err(SqlError::TooManyParameters { count: 101 })), "101 parameters were bound")?;
    let refused = sql.batch(vec![sum(1), sum(MAX_PARAMETERS + 1)]).await;
    claim(matches!(refused, Err(SqlError::TooManyParameters { count: 101 })), "101 parameters were bound in a batch")?;
    let list = serde_json::to_string(&(1..=5000).collect::<Vec<_>>())?;
    let counted = sql.query(Statement::new("SELECT count(*) AS n, sum(value) AS total FROM json_each(?1)").bind(list)).await?;
    let row = counted.first().ok_or("no row")?;
    same("elements", &row.integer("n")?, &5000)?;
    same("their sum", &row.integer("total")?, &12_502_500)
}

/// 4.
pub async fn a_batch_happens_whole_or_not_at_all<P: Platform>(case: &Case<'_, P>) -> Outcome {
    let table = Table::create(case, 4).await?;
    table.query(table.insert(1, "kept")).await?;
    let third = [
        table.insert(1, "taken"),
        table.insert(3, i64::MAX),
        table.statement("INSERT INTO {} (id, v) VALUES (3, nonsense"),
        table.statement("INSERT INTO {}_missing (id) VALUES (3)"),
    ];
    for failing in third {
        let what = failing.sql.clone();
        let update = table.statement("UPDATE {} SET v = 'changed'");
        let outcome = table.sql.batch(vec![table.insert(2, "lost"), update, failing, table.insert(4, "lost")]).await;
        claim(outcome.is_err(), format!("succeeded: {what}"))?;
        same("rows after a failed batch", &table.ids().await?, &vec![1])?;
    }
    let rows = table.query(table.statement("SELECT v FROM {}")).await?;
    same("the row after failed batches", &rows.values, &vec![vec![Value::from("kept")]])?;
    table.sql.batch(vec![table.insert(5, "a"), table.insert(6, "b"), table.insert(7, "c")]).await?;
    same("rows after a good batch", &table.ids().await?, &vec![1, 5, 6, 7])?;
    table.drop().await
}

/// 5.
pub async fn a_batch_gives_rows_per_statement<P: Platform>(case: &Case<'_, P>) -> Outcome {
    let table = Table::create(case, 5).await?;
    let statements = vec![
        table.insert(1, "a"),
        table.statement("INSERT INTO {} (id, v) VALUES (2, 'b'), (3, 'c') RETURNING id, v"),
        table.statement("SELECT v, id FROM {} ORDER BY id DESC"),
        table.statement("SELECT id FROM {} WHERE id > 9"),
        table.statement("UPDATE {} SET v = 'x' WHERE id = 1"),
        table.statement("DELETE FROM {} WHERE id < 3 RETURNING id"),
    ];
    let rows = table.sql.batch(statements).await?;
    same("rows per statement", &rows.iter().map(Rows::len).collect::<Vec<_>>(), &vec![0, 2, 3, 0, 0, 2])?;
    let returned: Vec<_> = rows[1].iter().map(|row| row.text("v").map(str::to_owned)).collect::<Result<_, _>>()?;
    same("returned values", &returned, &vec!["b".to_owned(), "c".to_owned()])?;
    let selected: Vec<_> = rows[2].iter().map(|row| row.integer("id")).collect::<Result<_, _>>()?;
    same("selected ids", &selected, &vec![3, 2, 1])?;
    same("columns, in the order asked for", &rows[2].columns.to_vec(), &vec!["v".to_owned(), "id".to_owned()])?;
    same("an empty batch", &table.sql.batch(Vec::new()).await?, &Vec::new())?;
    same("rows left", &table.ids().await?, &vec![3])?;
    table.drop().await
}

/// What kind of error a statement must end with.
#[derive(Debug, Clone, PartialEq)]
enum Kind {
    Unique(String),
    Constraint,
    Rejected,
}

fn kind(outcome: Result<(), SqlError>) -> Result<Kind, String> {
    match outcome {
        Err(SqlError::Unique { constraint }) => Ok(Kind::Unique(constraint)),
        Err(SqlError::Constraint(_)) => Ok(Kind::Constraint),
        Err(SqlError::Rejected(_)) => Ok(Kind::Rejected),
        other => Err(format!("{other:?}")),
    }
}

/// 6.
pub async fn errors_are_told_apart<P: Platform>(case: &Case<'_, P>) -> Outcome {
    let table = Table::create(case, 6).await?;
    let create = "CREATE TABLE {}_b (a TEXT PRIMARY KEY, b INTEGER NOT NULL CHECK (b > 0), c TEXT, UNIQUE (b, c))";
    table.query(table.statement(create)).await?;
    table.query(table.statement("INSERT INTO {}_b (a, b, c) VALUES ('a', 1, 'c')")).await?;
    table.query(table.insert(1, 0_i64)).await?;
    let name = &table.name;
    let cases = [
        ("INSERT INTO {} (id) VALUES (1)", Kind::Unique(format!("{name}.id"))),
        ("INSERT INTO {}_b (a, b, c) VALUES ('a', 2, 'd')", Kind::Unique(format!("{name}_b.a"))),
        ("INSERT INTO {}_b (a, b, c) VALUES ('b', 1, 'c')", Kind::Unique(format!("{name}_b.b, {name}_b.c"))),
        ("INSERT INTO {}_b (a, b, c) VALUES ('b', NULL, 'c')", Kind::Constraint),
        ("INSERT INTO {}_b (a, b, c) VALUES ('b', 0, 'c')", Kind::Constraint),
        ("SELEC 1", Kind::Rejected),
        ("SELECT (1", Kind::Rejected),
        ("SELECT * FROM {}_missing", Kind::Rejected),
        ("SELECT missing FROM {}", Kind::Rejected),
        ("INSERT INTO {} (missing) VALUES (1)", Kind::Rejected),
    ];
    for (sql, expected) in cases {
        let alone = table.query(table.statement(sql)).await.map(drop);
        same(sql, &kind(alone), &Ok(expected.clone()))?;
        let statements = vec![Statement::new("SELECT 1"), table.statement(sql)];
        let in_batch = table.sql.batch(statements).await.map(drop);
        same(&format!("in a batch: {sql}"), &kind(in_batch), &Ok(expected))?;
    }
    table.query(table.statement("DROP TABLE {}_b")).await?;
    table.drop().await
}

/// 7.
pub async fn statements_see_the_writes_before_them<P: Platform>(case: &Case<'_, P>) -> Outcome {
    let table = Table::create(case, 7).await?;
    let statements = vec![
        table.insert(1, "a"),
        table.statement("INSERT INTO {} (id, v) SELECT id + 1, v || 'b' FROM {}"),
        table.statement("SELECT v FROM {} WHERE id = 2"),
        table.statement("DELETE FROM {} WHERE v = 'ab'"),
        table.statement("SELECT count(*) AS n FROM {}"),
    ];
    let rows = table.sql.batch(statements).await?;
    let value = |index: usize| rows.get(index).and_then(|rows| rows.values.first()).and_then(|row| row.first()).cloned();
    same("a row derived from an earlier one", &value(2), &Some(Value::from("ab")))?;
    same("rows after an earlier delete", &value(4), &Some(Value::Integer(1)))?;
    table.drop().await
}

/// 8.
pub async fn a_thousand_rows_come_whole_and_in_order<P: Platform>(case: &Case<'_, P>) -> Outcome {
    let table = Table::create(case, 8).await?;
    let fill = "INSERT INTO {} (id, v) SELECT value, 'ñ-' || hex(zeroblob(100)) || value FROM json_each(?1)";
    let list = serde_json::to_string(&(1..=1000).collect::<Vec<_>>())?;
    table.query(table.statement(fill).bind(list)).await?;
    let rows = table.query(table.statement("SELECT id, v FROM {} ORDER BY id * 7 % 1000, id")).await?;
    let got: Vec<_> = rows.iter().map(|row| row.integer("id")).collect::<Result<_, _>>()?;
    let mut expected: Vec<i64> = (1..=1000).collect();
    expected.sort_by_key(|id| (id * 7 % 1000, *id));
    same("ids", &got, &expected)?;
    for row in rows.iter() {
        let expected = format!("ñ-{}{}", "0".repeat(200), row.integer("id")?);
        same("text", &row.text("v")?, &expected.as_str())?;
    }
    table.drop().await
}

/// 9.
pub async fn no_transaction_stays_open<P: Platform>(case: &Case<'_, P>) -> Outcome {
    let table = Table::create(case, 9).await?;
    for (id, begin) in [(1, "BEGIN"), (2, " begin immediate;"), (3, "SAVEPOINT a")] {
        // Whether the host refuses these or not: what is answered as done is done.
        let _ = table.query(Statement::new(begin)).await;
        table.query(table.insert(id, "kept")).await?;
        let _ = table.query(Statement::new("ROLLBACK")).await;
    }
    same("rows", &table.ids().await?, &vec![1, 2, 3])?;
    let halves = table.sql.batch(vec![table.insert(4, "lost"), Statement::new("COMMIT"), table.insert(1, "taken")]).await;
    claim(halves.is_err(), "a batch committed half way")?;
    same("rows after a batch that tried to commit half way", &table.ids().await?, &vec![1, 2, 3])?;
    table.drop().await
}

/// 10.
pub async fn batches_of_a_lane_stand_alone<P: Platform>(case: &Case<'_, P>) -> Outcome {
    /// Batches at a time, and the one of them that cannot be.
    const BATCHES: usize = 12;
    const FAILING: usize = 5;
    let table = Table::create(case, 10).await?;
    table.query(table.insert(1, "kept")).await?;
    let lane = table.sql.lane(&case.nonce);
    let own = |batch: usize| i64::try_from(batch * 10 + 10).unwrap_or_default();
    let batch = |number: usize| {
        let last = if number == FAILING { table.insert(1, "taken") } else { table.statement("SELECT count(*) AS n FROM {} WHERE id = 2") };
        // One that all of them have: the first one has it, and all who come later see that.
        let shared = table.statement("INSERT INTO {} (id, v) VALUES (2, 'first') ON CONFLICT DO NOTHING RETURNING id");
        lane.batch(vec![table.insert(own(number), vec![0_u8, 255]), shared, last])
    };
    let outcomes = join_all((0..BATCHES).map(batch)).await;
    let mut firsts = 0;
    for (number, outcome) in outcomes.into_iter().enumerate() {
        match outcome {
            Ok(rows) => {
                claim(number != FAILING, "a batch with a taken key succeeded")?;
                same("rows per statement", &rows.iter().map(Rows::len).skip(2).collect::<Vec<_>>(), &vec![1])?;
                firsts += rows[1].len();
                same("the row that all of them have", &rows[2].values, &vec![vec![Value::Integer(1)]])?;
            }
            Err(SqlError::Unique { .. }) if number == FAILING => {}
            Err(error) => return Err(Broken::from(error)),
        }
    }
    same("batches that were first", &firsts, &1)?;
    let mut ids: Vec<i64> = (0..BATCHES).filter(|number| *number != FAILING).map(own).collect();
    ids.splice(0..0, [1, 2]);
    same("rows in the store itself", &table.ids().await?, &ids)?;
    let refused = lane.batch(vec![table.insert(3, "lost"), table.insert(4, i64::MAX)]).await;
    claim(matches!(refused, Err(SqlError::IntegerOutOfRange)), "an integer beyond 2^53 was bound in a lane")?;
    same("rows after a batch that was refused", &table.ids().await?, &ids)?;
    same("an empty batch", &lane.batch(Vec::new()).await?, &Vec::new())?;
    table.drop().await
}
