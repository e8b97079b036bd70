//! Leads from somebody else's CSV: every row is either read or told with its line, its text and every reason. None is lost.
//! Decides nothing about leads; what this crate exports comes back as it was.

mod columns;
mod decode;
mod lines;
mod row;

use std::collections::BTreeMap;

use chrono::{DateTime, Utc};
use csv::{ByteRecord, ReaderBuilder};
use orilla_core::Violation;
use orilla_text::email::Email;
use serde::Serialize;

pub use columns::{Column, Target};
pub use decode::Encoding;

use crate::form::Found;
use lines::Lines;

/// The most rows of one file. Chosen: fits the route's body limit; a larger list comes in several files.
pub const MAX_ROWS: usize = 10_000;
/// The most columns. Chosen: twice what address books export.
const MAX_COLUMNS: usize = 200;

/// A file, read.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct Import {
    /// What the file was written in.
    pub encoding: Encoding,
    /// What separates its cells.
    pub delimiter: char,
    /// What becomes of each column.
    pub columns: Vec<Column>,
    /// The rows that can be taken.
    pub rows: Vec<Row>,
    /// The rows that cannot, with every reason.
    pub bad: Vec<BadRow>,
}

/// One lead to take.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct Row {
    /// Where it stands in the file; the first line is 1.
    pub line: u64,
    /// The mailbox.
    #[serde(serialize_with = "address")]
    pub email: Email,
    /// The answers, by field.
    pub fields: BTreeMap<String, String>,
    /// When the lead came about, if the file says so.
    pub created_at: Option<DateTime<Utc>>,
    /// The language tag, if the file says so.
    pub locale: Option<String>,
    /// Tags, as given.
    pub tags: Vec<String>,
    /// Campaign parameters, without `utm_`.
    pub utm: BTreeMap<String, String>,
    /// The line of an earlier row with the same mailbox: the two become one lead.
    pub repeats: Option<u64>,
}

/// One row that cannot be taken.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct BadRow {
    /// Where it begins in the file; the first line is 1.
    pub line: u64,
    /// The row as it stands in the file.
    pub raw: String,
    /// Every reason.
    pub errors: Vec<RowError>,
}

/// Why a row cannot be taken.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct RowError {
    /// The column as the file names it; none if it is about the row.
    pub column: Option<String>,
    /// The reason.
    pub code: RowCode,
    /// What to do about it.
    pub message: String,
}

/// Every reason for which a row is not taken: closed.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum RowCode {
    /// More cells than columns.
    CellCount,
    /// A quotation mark opens and never closes.
    UnclosedQuote,
    /// The cell for the mailbox is empty.
    EmailMissing,
    /// That is no mailbox.
    EmailInvalid,
    /// That is no time.
    TimeInvalid,
    /// That time has not come yet.
    TimeInFuture,
    /// More text than a field takes.
    TooLong,
}

/// Reads a file. `fields` are the names of the fields that the site's forms know.
///
/// Errors: what makes the whole file unreadable: no header, no column for the mailbox, two columns for one thing, too many rows.
pub fn read(bytes: &[u8], fields: &[&str], now: DateTime<Utc>) -> Result<Import, Vec<Violation>> {
    let (text, encoding) = decode::decode(bytes);
    let (delimiter, skipped) = lines::delimiter(&text);
    let mut reader = ReaderBuilder::new()
        .delimiter(delimiter)
        .has_headers(false)
        .flexible(true)
        .from_reader(text.as_bytes().get(skipped..).unwrap_or_default());
    let mut lines = Lines::new(&text, skipped);
    let mut records = Records { reader: &mut reader, lines: &mut lines };
    let Some(header) = records.next() else {
        return Err(file_error("empty", "The file is empty. Its first line names the columns, such as: email,name,company."));
    };
    let columns = columns::read(&header.cells, fields)?;
    let mut import = Import { encoding, delimiter: char::from(delimiter), columns, rows: Vec::new(), bad: Vec::new() };
    let mut seen = BTreeMap::new();
    while let Some(record) = records.next() {
        if record.cells.iter().all(|cell| cell.trim().is_empty()) {
            // Spreadsheets write rows of nothing but delimiters below the last one.
            continue;
        }
        if import.rows.len() + import.bad.len() == MAX_ROWS {
            return Err(file_error("too_many_rows", &format!("At most {MAX_ROWS} rows are taken at once; split the file.")));
        }
        match row::read(&record, &import.columns, delimiter, now) {
            Ok(mut row) => {
                row.repeats = seen.get(&row.email.key).copied();
                seen.entry(row.email.key.clone()).or_insert(row.line);
                import.rows.push(row);
            }
            Err(errors) => import.bad.push(BadRow { line: record.line, raw: record.raw.to_owned(), errors }),
        }
    }
    Ok(import)
}

/// One record, with where it stands.
struct Record<'t> {
    line: u64,
    raw: &'t str,
    cells: Vec<String>,
}

/// Records one after another; the CSV reader says where each ends, the text says on which line that is.
struct Records<'r, 't> {
    reader: &'r mut csv::Reader<&'t [u8]>,
    lines: &'r mut Lines<'t>,
}

impl<'t> Records<'_, 't> {
    fn next(&mut self) -> Option<Record<'t>> {
        let mut record = ByteRecord::new();
        // A reader over text in memory, told to take rows of any length, has nothing left to fail at.
        if !self.reader.read_byte_record(&mut record).ok()? {
            return None;
        }
        let (line, raw) = self.lines.record_until(self.reader.position().byte());
        let cells = record.iter().map(|cell| String::from_utf8_lossy(cell).into_owned()).collect();
        Some(Record { line, raw, cells })
    }
}

fn file_error(code: &'static str, message: &str) -> Vec<Violation> {
    let mut found = Found::default();
    found.add("file", code, message);
    found.0
}

fn address<S: serde::Serializer>(email: &Email, serializer: S) -> Result<S::Ok, S::Error> {
    serializer.serialize_str(&email.address)
}

#[cfg(test)]
mod tests;
