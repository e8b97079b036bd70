//! The store that a host left, to be filled while it stands still: what is put there would take an hour through the function.

use std::io::Read;
use std::path::{Path, PathBuf};

use anyhow::{Context, Result, bail};
use rusqlite::Connection;

/// How each file of SQLite begins. Source: <https://sqlite.org/fileformat.html>.
const MAGIC: &[u8; 16] = b"SQLite format 3\0";

/// Opens the store with such a table.
///
/// Errors: unless exactly one lies below `data`.
pub fn open(data: &Path, table: &str) -> Result<Connection> {
    let mut stores = Vec::new();
    find(data, table, &mut stores)?;
    let [file] = stores.as_slice() else { bail!("{} stores lie below {}: {stores:?}", stores.len(), data.display()) };
    Ok(Connection::open(file)?)
}

fn find(folder: &Path, table: &str, found: &mut Vec<PathBuf>) -> Result<()> {
    for entry in std::fs::read_dir(folder).with_context(|| format!("cannot list {}", folder.display()))? {
        let path = entry?.path();
        if path.is_dir() {
            find(&path, table, found)?;
        } else if begins(&path) && has(&path, table) {
            found.push(path);
        }
    }
    Ok(())
}

/// Whether a file begins as SQLite's do. One that went meanwhile, as its logs do when a store is closed, does not.
fn begins(path: &Path) -> bool {
    let mut head = [0; MAGIC.len()];
    std::fs::File::open(path).and_then(|mut file| file.read_exact(&mut head)).is_ok() && head == *MAGIC
}

fn has(path: &Path, table: &str) -> bool {
    Connection::open(path).is_ok_and(|it| it.prepare(&format!("SELECT 1 FROM {table}")).is_ok())
}
