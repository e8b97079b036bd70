//! Keyset pagination: a cursor names the last row seen, so that rows arriving meanwhile shift nothing.

use base64::Engine;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;

use crate::error::Error;
use crate::http::Request;
use crate::sql::{self, Row, Rows, SqlError, Value};

/// Rows per page when the caller does not say. Chosen: one screen and a bit.
const DEFAULT_ROWS: u32 = 50;
/// The most rows per page. Chosen: keeps an answer well under a megabyte.
pub const MAX_ROWS: u32 = 200;

/// Where a page starts and how long it is; newest first.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct PageOf {
    /// Unix milliseconds and id of the last row already seen.
    after: Option<(i64, String)>,
    /// Rows asked for.
    pub rows: u32,
}

impl PageOf {
    /// Reads `?cursor=` and `?limit=`.
    ///
    /// Errors: `Malformed` for a cursor that is none of ours or a limit that is no number from 1 to [`MAX_ROWS`].
    pub fn from_query(request: &Request) -> Result<Self, Error> {
        let rows = request.number("limit", DEFAULT_ROWS, MAX_ROWS)?;
        let after = request.query("cursor").map(|cursor| decode(&cursor)).transpose()?;
        Ok(Self { after, rows })
    }

    /// The first page of a walk over everything.
    #[must_use]
    pub const fn first(rows: u32) -> Self {
        Self { after: None, rows }
    }

    /// The page after the one that ended with this row.
    #[must_use]
    pub fn following(&self, at: i64, id: &str) -> Self {
        Self { after: Some((at, id.to_owned())), rows: self.rows }
    }

    /// The rows of this page, of one more that were read, and the page that follows if there is one.
    ///
    /// Errors: `Column` if the rows have no column `at` of times, or no `id`.
    pub fn cut<'r>(&self, read: &'r Rows, at: &'static str) -> Result<(impl Iterator<Item = Row<'r>>, Option<Self>), SqlError> {
        let wanted = self.rows as usize;
        let last = read.iter().nth(wanted.saturating_sub(1)).filter(|_| read.len() > wanted);
        let following = last.map(|row| Ok(self.following(row.integer(at)?, row.text("id")?))).transpose()?;
        Ok((read.iter().take(wanted), following))
    }

    /// The two values to compare rows with: `(time, id) < (?, ?)`, both `NULL` on the first page.
    #[must_use]
    pub fn bounds(&self) -> (Value, Value) {
        let (at, id) = self.after.clone().unzip();
        (at.into(), id.into())
    }

    /// The cursor that [`PageOf::from_query`] reads back; the first page needs none.
    #[must_use]
    pub fn cursor(&self) -> Option<String> {
        self.after.as_ref().map(|(at, id)| URL_SAFE_NO_PAD.encode(format!("{at},{id}")))
    }
}

fn decode(cursor: &str) -> Result<(i64, String), Error> {
    let refused = || Error::malformed("`cursor` is not one that this endpoint gave.");
    let bytes = URL_SAFE_NO_PAD.decode(cursor).map_err(|_| refused())?;
    let text = String::from_utf8(bytes).map_err(|_| refused())?;
    let (at, id) = text.split_once(',').ok_or_else(refused)?;
    let at: i64 = at.parse().map_err(|_| refused())?;
    if at.unsigned_abs() > sql::MAX_SAFE_INTEGER.unsigned_abs() {
        return Err(refused());
    }
    Ok((at, id.to_owned()))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_cursor_comes_back() {
        let page = PageOf::first(10).following(1_700_000_000_000, "a,b");
        assert_eq!(decode(&page.cursor().unwrap()).unwrap(), (1_700_000_000_000, "a,b".to_owned()));
    }

    #[test]
    fn a_strangers_cursor_is_refused() {
        for cursor in ["", "!!", "bm8", "LDEyMw", &URL_SAFE_NO_PAD.encode("9223372036854775807,x")] {
            assert!(decode(cursor).is_err(), "{cursor}");
        }
    }
}
