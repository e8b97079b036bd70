//! The static pages: `web/build.mjs` makes `web/dist`. Built when a source changed, left alone otherwise, so that a running
//! server never finds the folder half empty.

use std::path::{Path, PathBuf};
use std::time::UNIX_EPOCH;

use anyhow::{Context, Result};

use crate::{node, paths, process};

/// What stands in `web/` and is no source of the pages.
const NOT_SOURCES: [&str; 5] = ["dist", "node_modules", "front", "dev", "schema.d.ts"];
/// What each function tells of itself; the one document of all is made of these.
const DOCUMENT: &str = "openapi.json";

/// Builds `web/dist` unless it is current.
pub fn build() -> Result<()> {
    let web = paths::root().join("web");
    let mut state = String::new();
    describe(&web, &mut state)?;
    for function in paths::functions()? {
        describe(&paths::root().join("functions").join(function).join(DOCUMENT), &mut state)?;
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

/// Names, sizes and times of a file or of all sources below a folder.
fn describe(path: &Path, into: &mut String) -> Result<()> {
    if NOT_SOURCES.iter().any(|name| path.ends_with(name)) {
        return Ok(());
    }
    if path.is_dir() {
        return entries(path)?.iter().try_for_each(|entry| describe(entry, into));
    }
    let metadata = path.metadata().with_context(|| format!("cannot read {}", path.display()))?;
    let modified = metadata.modified()?.duration_since(UNIX_EPOCH).unwrap_or_default();
    into.push_str(&format!("{} {} {}\n", path.display(), metadata.len(), modified.as_nanos()));
    Ok(())
}

fn entries(folder: &Path) -> Result<Vec<PathBuf>> {
    let list = || std::fs::read_dir(folder)?.map(|entry| Ok(entry?.path())).collect::<std::io::Result<Vec<_>>>();
    let mut entries = list().with_context(|| format!("cannot list {}", folder.display()))?;
    entries.sort();
    Ok(entries)
}
