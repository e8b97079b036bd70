//! CSV that a spreadsheet opens without harm: rows as RFC 4180 writes them, cells that would run as formulas made text.
//! What the columns are is the caller's; rows come in chunks, so that an export streams.

use csv::{QuoteStyle, Terminator, WriterBuilder};

/// For whom a file is written.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub enum Dialect {
    /// Programs: commas, UTF-8 without a mark, as RFC 4180 and RFC 7111 ask.
    #[default]
    Plain,
    /// Excel where a comma separates decimals, such as in Spanish: semicolons, and the mark by which it knows UTF-8.
    Excel,
}

/// A file's first bytes: the mark, if the dialect has one, and the names of its columns.
///
/// Errors: none in practice; a writer into memory does not fail.
pub fn header<C: AsRef<str>>(dialect: Dialect, columns: &[C]) -> Result<Vec<u8>, csv::Error> {
    let mut bytes = match dialect {
        Dialect::Plain => Vec::new(),
        Dialect::Excel => BOM.as_bytes().to_vec(),
    };
    bytes.extend(rows(dialect, [columns])?);
    Ok(bytes)
}

/// Some rows, ready to be sent after the header or other rows.
///
/// Errors: none in practice; a writer into memory does not fail.
pub fn rows<R, C>(dialect: Dialect, rows: impl IntoIterator<Item = R>) -> Result<Vec<u8>, csv::Error>
where
    R: IntoIterator<Item = C>,
    C: AsRef<str>,
{
    let mut writer = WriterBuilder::new()
        .delimiter(match dialect {
            Dialect::Plain => b',',
            Dialect::Excel => b';',
        })
        .quote_style(QuoteStyle::Necessary)
        .terminator(Terminator::CRLF)
        .flexible(true)
        .from_writer(Vec::new());
    for row in rows {
        for cell in row {
            writer.write_field(neutralised(cell.as_ref()).as_bytes())?;
        }
        writer.write_record(None::<&[u8]>)?;
    }
    writer.into_inner().map_err(|error| error.into_error().into())
}

/// A cell that no spreadsheet takes for a formula; [`restored`] undoes it exactly.
///
/// Negative numbers and `+34 …` get the apostrophe too: it keeps them as typed, where a spreadsheet would reckon with them.
/// Source: OWASP, "CSV Injection": cells that begin with `=`, `+`, `-`, `@`, tab, carriage return or line feed; white space and
/// apostrophes before these are looked through, and so are their full-width twins, since some spreadsheets do the same.
#[must_use]
pub fn neutralised(cell: &str) -> String {
    if is_formula(cell) { format!("'{cell}") } else { cell.to_owned() }
}

/// What [`neutralised`] made a cell of.
#[must_use]
pub fn restored(cell: &str) -> &str {
    match cell.strip_prefix('\'') {
        Some(rest) if is_formula(rest) => rest,
        _ => cell,
    }
}

/// The mark by which Excel knows UTF-8.
const BOM: &str = "\u{feff}";

/// Whether a spreadsheet might run the cell, or would if it dropped what stands before. An apostrophe in front changes nothing
/// about that, which is why undoing is exact.
fn is_formula(cell: &str) -> bool {
    let bare = cell.trim_start_matches('\'');
    let inner = cell.trim_start_matches(|c: char| c == '\'' || c.is_whitespace() || c.is_control() || is_invisible(c));
    bare.starts_with(['\t', '\r', '\n', '\0']) || inner.starts_with(['=', '+', '-', '@', '＝', '＋', '－', '＠'])
}

/// Characters without width that a paste may leave in front.
const fn is_invisible(c: char) -> bool {
    matches!(c, '\u{200b}'..='\u{200f}' | '\u{2060}' | '\u{feff}')
}

#[cfg(test)]
mod tests;
