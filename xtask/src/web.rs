//! The static pages: `web/build.mjs` makes `web/dist`. Built when a source changed, left alone otherwise, so that a running
//! server never finds the folder half empty.

use std::path::Path;
use std::time::UNIX_EPOCH;

use anyhow::{Context, Result};

use crate::{node, paths, process};

/// What the pages are made from, below `web/`.
const SOURCES: [&str; 4] = ["build.mjs", "embed", "demo", "package-lock.json"];

/// Builds `web/dist` unless it is current.
pub fn build() -> Result<()> {
    let web = paths::root().join("web");
    let mut state = String::new();
    for source in SOURCES {
        describe(&web.join(source), &mut state)?;
    }
    let stamp = paths::target("web-built-from");
    if web.join("dist/orilla.js").is_file() && std::fs::read_to_string(&stamp).is_ok_and(|built| built == state) {
        return Ok(());
    }
    node::ensure()?;
    eprintln!("building web/dist …");
    process::run(&mut node::node("web/build.mjs"), "build the web assets")?;
    paths::write(&stamp, &state)
}

/// Names, sizes and times of a file or of all files below a folder.
fn describe(path: &Path, into: &mut String) -> Result<()> {
    let context = || format!("cannot read {}", path.display());
    let metadata = path.metadata().with_context(context)?;
    if !metadata.is_dir() {
        let modified = metadata.modified()?.duration_since(UNIX_EPOCH).unwrap_or_default();
        into.push_str(&format!("{} {} {}\n", path.display(), metadata.len(), modified.as_nanos()));
        return Ok(());
    }
    let mut entries = std::fs::read_dir(path).and_then(Iterator::collect::<std::io::Result<Vec<_>>>).with_context(context)?;
    entries.sort_by_key(std::fs::DirEntry::path);
    entries.iter().try_for_each(|entry| describe(&entry.path(), into))
}
