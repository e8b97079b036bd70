//! A site's backup: one line of JSON for each row, streamed page by page, and a last line by which a stream that was cut is known.
//! Holds everything a site needs to go on elsewhere, secrets and hashes of keys among it: whoever has it, has the site.

pub mod line;
pub mod tables;

use std::collections::{BTreeMap, BTreeSet, VecDeque};

use bytes::Bytes;
use futures_util::stream;
use http::{HeaderValue, StatusCode, header};
use orilla_core::http::{Body, empty};
use orilla_core::ids::{hex, rfc3339};
use orilla_core::sites::SiteId;
use orilla_core::sql::{Rows, Statement, Value};
use orilla_core::{Error, Kv, Request, Response, Sql};
use sha2::{Digest, Sha256};

use crate::assets;
use crate::form::Form;
use line::{End, Header, Line};
use tables::{SCHEMA, TABLES, Table};

/// `GET /v1/backup?site=`: everything of a site.
///
/// What it promises: whatever was committed before it began, and not changed or erased since, is in it; each page is of one moment, the whole is
/// not. The order of [`TABLES`] and what each row [needs](Table::needs) keep what is restored of it whole in itself.
///
/// Errors: `Malformed` without a site, `NotFound` for one that is not there, and what the store gives before the first byte. What fails later cuts the
/// stream, whose last line is missing then.
pub async fn stream<S: Sql, K: Kv>(sql: &S, kv: &K, request: &Request) -> Result<Response, Error> {
    let site = request.query("site").and_then(|site| SiteId::parse(&site));
    let site = site.ok_or_else(|| Error::malformed("`site` is the site's id, a UUID; it stands in its site.toml."))?;
    if sql.query(Statement::new("SELECT 1 AS one FROM sites WHERE id = ?1").bind(&site)).await?.is_empty() {
        return Err(Error::not_found("No site of this deployment has this id."));
    }
    let mut walk = Walk {
        sql: sql.clone(),
        kv: kv.clone(),
        tables: TABLES.iter(),
        at: None,
        assets: VecDeque::new(),
        digest: Sha256::new(),
        end: End::default(),
        is_over: false,
        site,
    };
    let header = Header { orilla_backup: line::VERSION, site: walk.site.clone(), schema: SCHEMA, taken_at: rfc3339(request.received) };
    let first = walk.told(&[Line::Header(header)])?;
    let chunks = stream::try_unfold((Some(first), walk), |(first, mut walk)| async move {
        let chunk = match first {
            Some(first) => Some(first),
            None => walk.next().await?,
        };
        Ok::<_, Error>(chunk.map(|chunk| (chunk, (None, walk))))
    });
    let mut response = empty(StatusCode::OK);
    *response.body_mut() = Body::Stream(Box::pin(chunks));
    let headers = response.headers_mut();
    headers.insert(header::CONTENT_TYPE, HeaderValue::from_static("application/x-ndjson"));
    headers.insert(header::CONTENT_DISPOSITION, HeaderValue::from_static("attachment; filename=\"backup.ndjson\""));
    headers.insert(header::CACHE_CONTROL, HeaderValue::from_static("no-store"));
    Ok(response)
}

/// How far a backup is.
struct Walk<S, K> {
    sql: S,
    kv: K,
    site: SiteId,
    tables: std::slice::Iter<'static, Table>,
    /// The table that is read, and where its last page ended.
    at: Option<(&'static Table, Option<Vec<Value>>)>,
    /// Files that the site's forms promise, as far as they were not read yet.
    assets: VecDeque<String>,
    digest: Sha256,
    end: End,
    is_over: bool,
}

impl<S: Sql, K: Kv> Walk<S, K> {
    /// The next lines; none after the last.
    async fn next(&mut self) -> Result<Option<Bytes>, Error> {
        loop {
            if let Some(name) = self.assets.pop_front() {
                let Some(bytes) = assets::load(&self.kv, &self.site, &name).await? else { continue };
                self.end.assets += 1;
                return self.told(&[Line::Asset { name, bytes: bytes.to_vec() }]).map(Some);
            }
            if self.at.is_none() {
                self.at = self.tables.next().map(|table| (table, None));
            }
            let Some((table, after)) = self.at.take() else { return self.last() };
            let rows = self.sql.query(page(table, &self.site, after.as_deref())).await?;
            if rows.len() == table.page as usize && table.page > 1 {
                self.at =
                    Some((table, rows.iter().last().map(|row| table.order.iter().map(|it| row.value(it).cloned()).collect()).transpose()?));
            }
            if table.name == "forms" {
                self.assets.extend(promised(&rows)?);
            }
            if !rows.is_empty() {
                *self.end.rows.entry(table.name.to_owned()).or_default() += rows.len() as u64;
                return self.told(&lines(table, rows)).map(Some);
            }
        }
    }

    /// The line that says how many there are, and what the digest of all before it is.
    fn last(&mut self) -> Result<Option<Bytes>, Error> {
        if std::mem::replace(&mut self.is_over, true) {
            return Ok(None);
        }
        self.end.sha256 = hex(&self.digest.clone().finalize());
        let end = Line::End(std::mem::take(&mut self.end));
        self.told(&[end]).map(Some)
    }

    fn told(&mut self, lines: &[Line]) -> Result<Bytes, Error> {
        let mut text = String::new();
        for line in lines {
            text += &line.to_json().map_err(Error::internal)?;
            text.push('\n');
        }
        self.digest.update(text.as_bytes());
        Ok(text.into())
    }
}

/// The rows of a table that follow, by its order.
fn page(table: &Table, site: &SiteId, after: Option<&[Value]>) -> Statement {
    let order = table.order.join(", ");
    let places: Vec<_> = (2..2 + table.order.len()).map(|place| format!("?{place}")).collect();
    let beyond = after.map_or_else(String::new, |_| format!(" AND ({order}) > ({})", places.join(", ")));
    let select = format!("SELECT * FROM {} WHERE {} = ?1{beyond} ORDER BY {order} LIMIT {}", table.name, table.owner(), table.page);
    let mut statement = Statement::new(select).bind(site);
    statement.parameters.extend(after.into_iter().flatten().cloned());
    statement
}

fn lines(table: &Table, rows: Rows) -> Vec<Line> {
    let Rows { columns, values } = rows;
    let row = |values: Vec<Value>| -> BTreeMap<String, Value> { columns.iter().cloned().zip(values).collect() };
    values.into_iter().map(|values| Line::Row { table: table.name.to_owned(), row: row(values) }).collect()
}

/// The files that forms promise: the store of files has no list of its own.
fn promised(forms: &Rows) -> Result<BTreeSet<String>, Error> {
    let mut names = BTreeSet::new();
    for row in forms.iter() {
        let form: Form = row.json("definition")?;
        for locale in orilla_text::Locale::ALL {
            names.extend(form.magnet.as_ref().map(|magnet| magnet.asset.get(locale).to_owned()));
        }
    }
    Ok(names)
}
