//! One row: cells into a lead, or every reason why not.

use std::collections::BTreeMap;

use chrono::{DateTime, NaiveDate, NaiveDateTime, Utc};
use orilla_text::email::{self, Email};

use super::{Column, Record, Row, RowCode, RowError, Target, lines};
use orilla_text::csv_out::restored;

/// The longest cell. Chosen: as long as a form's text area takes.
const MAX_CELL_CHARS: usize = 10_000;

/// Reads a row.
///
/// Errors: every reason, in the order of the columns.
pub fn read(record: &Record<'_>, columns: &[Column], delimiter: u8, now: DateTime<Utc>) -> Result<Row, Vec<RowError>> {
    if lines::is_unclosed(record.raw, delimiter) {
        return Err(vec![about_row(RowCode::UnclosedQuote, "A quotation mark opens here and never closes.".to_owned())]);
    }
    // Spreadsheets drop empty cells at the end of a row, or add some; nothing is lost by either.
    let surplus = record.cells.get(columns.len()..).unwrap_or_default();
    if surplus.iter().any(|cell| !cell.trim().is_empty()) {
        let message = format!("The header names {} columns; this row has {} cells.", columns.len(), record.cells.len());
        return Err(vec![about_row(RowCode::CellCount, message)]);
    }
    let mut draft = Draft::default();
    for (i, column) in columns.iter().enumerate() {
        draft.read(column, record.cells.get(i).map_or("", |cell| restored(cell)).trim(), now);
    }
    match draft {
        Draft { email: Some(email), fields, created_at, locale, tags, utm, errors } if errors.is_empty() => {
            Ok(Row { line: record.line, email, fields, created_at, locale, tags, utm, repeats: None })
        }
        Draft { errors, .. } => Err(errors),
    }
}

/// A row as far as it is read.
#[derive(Default)]
struct Draft {
    email: Option<Email>,
    fields: BTreeMap<String, String>,
    created_at: Option<DateTime<Utc>>,
    locale: Option<String>,
    tags: Vec<String>,
    utm: BTreeMap<String, String>,
    errors: Vec<RowError>,
}

impl Draft {
    fn read(&mut self, column: &Column, cell: &str, now: DateTime<Utc>) {
        if cell.chars().count() > MAX_CELL_CHARS {
            return self.refuse(column, RowCode::TooLong, format!("At most {MAX_CELL_CHARS} characters are taken."));
        }
        match &column.becomes {
            Target::Email if cell.is_empty() => self.refuse(column, RowCode::EmailMissing, "A lead needs an e-mail address.".to_owned()),
            Target::Email => match email::parse(cell) {
                Some(email) => self.email = Some(email),
                None => self.refuse(column, RowCode::EmailInvalid, "This is no e-mail address, such as ana@example.com.".to_owned()),
            },
            _ if cell.is_empty() => {}
            Target::Field(name) => {
                self.fields.insert(name.clone(), cell.to_owned());
            }
            Target::Utm(name) => {
                self.utm.insert(name.clone(), cell.to_owned());
            }
            Target::Locale => self.locale = Some(cell.to_owned()),
            Target::Tags => {
                self.tags = cell.split([',', ';', '|']).map(str::trim).filter(|tag| !tag.is_empty()).map(str::to_owned).collect();
            }
            Target::CreatedAt => match time(cell) {
                Some(at) if at > now => self.refuse(column, RowCode::TimeInFuture, "This time has not come yet.".to_owned()),
                Some(at) => self.created_at = Some(at),
                None => self.refuse(
                    column,
                    RowCode::TimeInvalid,
                    "This is no time, such as 2026-01-31, 2026-01-31T09:00:00Z or 31/01/2026 09:00.".to_owned(),
                ),
            },
            Target::Ignored => {}
        }
    }

    fn refuse(&mut self, column: &Column, code: RowCode, message: String) {
        self.errors.push(RowError { column: Some(column.name.clone()), code, message });
    }
}

/// Times as programs and as Spanish spreadsheets write them: the day first. Without a zone, UTC.
fn time(cell: &str) -> Option<DateTime<Utc>> {
    const TIMES: [&str; 8] = [
        "%Y-%m-%dT%H:%M:%S%.f",
        "%Y-%m-%d %H:%M:%S%.f",
        "%Y-%m-%d %H:%M",
        "%Y/%m/%d %H:%M",
        "%d/%m/%Y %H:%M:%S",
        "%d/%m/%Y %H:%M",
        "%d-%m-%Y %H:%M",
        "%d.%m.%Y %H:%M",
    ];
    const DAYS: [&str; 5] = ["%Y-%m-%d", "%Y/%m/%d", "%d/%m/%Y", "%d-%m-%Y", "%d.%m.%Y"];
    let zoned = || DateTime::parse_from_rfc3339(cell).ok().map(|at| at.to_utc());
    let naive = || TIMES.iter().find_map(|format| NaiveDateTime::parse_from_str(cell, format).ok());
    let day = || DAYS.iter().find_map(|format| NaiveDate::parse_from_str(cell, format).ok()).and_then(|day| day.and_hms_opt(0, 0, 0));
    let at = zoned().or_else(|| naive().or_else(day).map(|at| at.and_utc()))?;
    // A year of two digits reads as one of the first century; no lead is older than e-mail.
    (at >= DateTime::UNIX_EPOCH).then_some(at)
}

fn about_row(code: RowCode, message: String) -> RowError {
    RowError { column: None, code, message }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn reads_times_as_they_are_written() {
        let cases = [
            ("2026-01-31", "2026-01-31T00:00:00Z"),
            ("2026-01-31T09:00:00+01:00", "2026-01-31T08:00:00Z"),
            ("2026-01-31T09:00:00.250Z", "2026-01-31T09:00:00.250Z"),
            ("2026-01-31 09:05", "2026-01-31T09:05:00Z"),
            ("31/01/2026", "2026-01-31T00:00:00Z"),
            ("3/1/2026 9:05", "2026-01-03T09:05:00Z"),
            ("31.01.2026", "2026-01-31T00:00:00Z"),
        ];
        for (cell, expected) in cases {
            assert_eq!(time(cell), Some(expected.parse().unwrap()), "{cell}");
        }
        for cell in ["", "yesterday", "31/13/2026", "01/31/2026", "2026-02-30", "31/01/26", "1769849000", "1960-01-01"] {
            assert_eq!(time(cell), None, "{cell}");
        }
    }
}
