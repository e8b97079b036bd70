//! Restoring a site from parts of its backup: rows go in as they were, once, however often they are sent. What was not delivered yet is held, and
//! destinations are off, until somebody says that this copy is the one that speaks.

use std::collections::BTreeMap;

use chrono::{DateTime, Utc};
use http::StatusCode;
use orilla_core::http::json;
use orilla_core::outbox::deliveries::BODY_KEPT;
use orilla_core::sites::SiteId;
use orilla_core::sql::{Rows, SqlError, Statement, Value};
use orilla_core::{Code, Error, Kv, Request, Response, Sql, Violation, body};
use serde::Serialize;

use crate::assets;
use crate::backup::line::{Header, Line, VERSION};
use crate::backup::tables::{self, Clash, SCHEMA, Table};

/// Why a restored delivery waits. It counts as failed, so that it is listed, and replayed by whoever releases it.
pub const HELD: &str = "held by a restore";
/// Why a restored destination is off.
pub const OFF: &str = "restored";
/// The most lines of a part. Chosen: as many statements are one batch on every host.
const MOST_LINES: usize = 1_000;

/// What became of the rows of one table.
#[derive(Debug, Default, Serialize)]
struct Count {
    /// How many were sent.
    sent: u64,
    /// How many of them were not there yet, or otherwise.
    written: u64,
}

/// What became of a part.
#[derive(Debug, Default, Serialize)]
struct Restored {
    rows: BTreeMap<&'static str, Count>,
    assets: u64,
}

/// A part of a backup, read: rows as the tables have them, and files.
#[derive(Debug, Default)]
struct Part {
    rows: Vec<(&'static Table, BTreeMap<String, Value>)>,
    assets: Vec<(String, Vec<u8>)>,
}

/// `POST /v1/sites/{site}/restore`: a backup's first line, then any of the others, in their order.
///
/// Errors: `Malformed` for what is no part of a backup; `Invalid`, by line, for another version, site, table or column; `Conflict` where another site has
/// what only one may have, such as a form's id; what the stores give. Of a part that is refused nothing is stored.
pub async fn restore(sql: &impl Sql, kv: &impl Kv, site: &SiteId, request: &Request, limit: usize) -> Result<Response, Error> {
    let bytes = body::bytes(request, limit)?;
    let text = std::str::from_utf8(&bytes).map_err(|_| Error::malformed("A backup is lines of JSON in UTF-8."))?;
    let part = read(text, site)?;
    let mut restored = Restored::default();
    let mut statements = Vec::new();
    // Which results are the rows', and of which table.
    let mut told = Vec::new();
    for (table, row) in part.rows {
        let row = held(table, row, request.received);
        statements.extend(has_index_made(table, &row));
        told.push((statements.len(), table.name));
        statements.push(put(table, &row));
    }
    let results = if statements.is_empty() { Vec::new() } else { sql.batch(statements).await.map_err(refused)? };
    for (place, name) in told {
        let count = restored.rows.entry(name).or_default();
        count.sent += 1;
        count.written += results.get(place).map_or(0, |rows: &Rows| rows.len() as u64);
    }
    for (name, bytes) in part.assets {
        assets::put(kv, site, &name, &bytes).await?;
        restored.assets += 1;
    }
    json(StatusCode::OK, &restored)
}

/// Reads a part, or says everything that is wrong with it.
fn read(text: &str, site: &SiteId) -> Result<Part, Error> {
    let mut lines = text.lines().enumerate().map(|(index, line)| (index + 1, Line::parse(line)));
    let header = match lines.next() {
        Some((_, Ok(Line::Header(header)))) => header,
        _ => return Err(Error::malformed("The first line of each part is the backup's own first line.")),
    };
    check(&header, site)?;
    let (mut part, mut violations) = (Part::default(), Vec::new());
    for (number, line) in lines {
        if number > MOST_LINES {
            return Err(Error::malformed(format!("A part has {MOST_LINES} lines at most.")));
        }
        let taken = line.and_then(|line| match line {
            Line::Row { table, row } => of_site(&table, row, site).map(|row| part.rows.push(row)),
            Line::Asset { name, bytes } if crate::form::is_asset_name(&name) => {
                part.assets.push((name, bytes));
                Ok(())
            }
            Line::Asset { .. } => Err("no file has such a name".to_owned()),
            Line::Header(_) | Line::End(_) => Err("it is neither row nor file".to_owned()),
        });
        if let Err(message) = taken {
            violations.push(violation(format!("line {number}"), message));
        }
    }
    if violations.is_empty() { Ok(part) } else { Err(not_a_part(violations)) }
}

fn check(header: &Header, site: &SiteId) -> Result<(), Error> {
    let wrong = |field: &str, message: String| Err(not_a_part(vec![violation(field.to_owned(), message)]));
    if header.orilla_backup != VERSION {
        return wrong("orilla_backup", format!("This deployment reads version {VERSION} of backups."));
    }
    if header.schema > SCHEMA {
        return wrong(
            "schema",
            format!("The backup is of schema {}, this deployment has {SCHEMA}; bring it up to date first.", header.schema),
        );
    }
    if header.site != *site {
        return wrong("site", "The backup is another site's.".to_owned());
    }
    Ok(())
}

/// A row of a table that backups hold, which is this site's.
fn of_site(table: &str, row: BTreeMap<String, Value>, site: &SiteId) -> Result<(&'static Table, BTreeMap<String, Value>), String> {
    let table = tables::find(table).ok_or_else(|| format!("no backup holds a table `{table}`"))?;
    if row.get(table.owner()) != Some(&Value::from(site)) {
        return Err("it is a row of another site".to_owned());
    }
    if let Some(key) = table.key.iter().find(|key| !row.contains_key(**key)) {
        return Err(format!("it has no `{key}`"));
    }
    let is_column = |name: &&String| !name.is_empty() && name.bytes().all(|byte| byte == b'_' || byte.is_ascii_lowercase());
    match row.keys().find(|name| !is_column(name)) {
        Some(name) => Err(format!("`{name}` is no column")),
        None => Ok((table, row)),
    }
}

/// What must not speak before somebody says so: deliveries that wait, and whoever listens.
fn held(table: &Table, mut row: BTreeMap<String, Value>, now: DateTime<Utc>) -> BTreeMap<String, Value> {
    let is_waiting = row.get("status") == Some(&Value::from("pending"));
    let is_off = !matches!(row.get("disabled_at"), None | Some(Value::Null));
    let changes: Vec<(&str, Value)> = match table.name {
        "outbox" if is_waiting => vec![
            ("status", "failed".into()),
            ("last_error", HELD.into()),
            ("leased_until", 0_i64.into()),
            ("finished_at", now.into()),
            ("next_at", (now + BODY_KEPT).into()),
        ],
        "destinations" if !is_off => vec![("disabled_at", now.into()), ("disabled_reason", OFF.into())],
        _ => Vec::new(),
    };
    row.extend(changes.into_iter().map(|(column, value)| (column.to_owned(), value)));
    row
}

/// An article that was not there, or otherwise, makes the index old.
fn has_index_made(table: &Table, row: &BTreeMap<String, Value>) -> Option<Statement> {
    (table.name == "kb_articles").then(|| {
        let mut touch = Statement::new(
            "INSERT INTO kb (site_id, version) SELECT ?1, 1 WHERE NOT EXISTS (SELECT 1 FROM kb_articles WHERE site_id = ?1 AND id = ?2 AND \
             locale = ?3 AND digest = ?4) ON CONFLICT (site_id) DO UPDATE SET version = version + 1",
        );
        touch.parameters = ["site_id", "id", "locale", "digest"].map(|it| row.get(it).cloned().unwrap_or(Value::Null)).to_vec();
        touch
    })
}

/// Puts a row in; a row comes back where that changed something.
fn put(table: &Table, row: &BTreeMap<String, Value>) -> Statement {
    let columns: Vec<&str> = row.keys().map(String::as_str).collect();
    let places: Vec<_> = (1..=columns.len()).map(|place| format!("?{place}")).collect();
    let needs =
        columns.iter().zip(&places).fold(table.needs.to_owned(), |needs, (column, place)| needs.replace(&format!("{{{column}}}"), place));
    let needs = if needs.is_empty() { "true" } else { &needs };
    let clash = match table.clash {
        Clash::Keep => "DO NOTHING".to_owned(),
        Clash::Replace => replace(table, &columns),
    };
    let sql = format!(
        "INSERT INTO {} ({}) SELECT {} WHERE {needs} ON CONFLICT {clash} RETURNING 1 AS one",
        table.name,
        columns.join(", "),
        places.join(", ")
    );
    Statement { parameters: row.values().cloned().collect(), ..Statement::new(sql) }
}

/// Takes the place of a row that differs. One of another site under the same key stays: taking it writes NULL, which undoes the batch.
fn replace(table: &Table, columns: &[&str]) -> String {
    let (name, owner) = (table.name, table.owner());
    let new: Vec<_> = columns.iter().filter(|it| !table.key.contains(it) && !table.stays.contains(it)).collect();
    let set = |column: &&&str| match **column == owner {
        true => format!("{owner} = CASE {name}.{owner} WHEN excluded.{owner} THEN {name}.{owner} END"),
        false => format!("{column} = excluded.{column}"),
    };
    let list = |of: &str| new.iter().map(|column| format!("{of}.{column}")).collect::<Vec<_>>().join(", ");
    let sets = new.iter().map(set).collect::<Vec<_>>().join(", ");
    format!("({}) DO UPDATE SET {sets} WHERE ({}) IS NOT ({})", table.key.join(", "), list(name), list("excluded"))
}

fn refused(error: SqlError) -> Error {
    match error {
        SqlError::Rejected(_) => {
            not_a_part(vec![violation("row".into(), "A row has a column that this deployment's schema lacks.".into())]).because(error)
        }
        SqlError::Unique { .. } | SqlError::Constraint(_) => {
            Error::new(Code::Conflict, "Another site has what only one may have, such as a form's id, or a row lacks what its table wants.")
                .because(error)
        }
        other => other.into(),
    }
}

fn not_a_part(violations: Vec<Violation>) -> Error {
    Error::invalid("This cannot be restored; nothing was.", violations)
}

fn violation(field: String, message: String) -> Violation {
    Violation { field, code: "backup".into(), message }
}
