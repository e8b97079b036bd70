//! Where things stand in the tree.

use std::path::{Path, PathBuf};
use std::time::SystemTime;

use anyhow::{Context, Result};

/// The repository's root.
pub fn root() -> &'static Path {
    let here = Path::new(env!("CARGO_MANIFEST_DIR"));
    here.parent().unwrap_or(here)
}

/// A path below the build folder, which `cargo clean` removes.
pub fn target(below: &str) -> PathBuf {
    root().join("target").join(below)
}

/// Replaces a file in one step: a reader sees the old text or the new one, never half of it.
pub fn write(path: &Path, text: &str) -> Result<()> {
    if let Some(folder) = path.parent() {
        std::fs::create_dir_all(folder).with_context(|| format!("cannot create {}", folder.display()))?;
    }
    let staged = path.with_extension("new");
    std::fs::write(&staged, text).and_then(|()| std::fs::rename(&staged, path)).with_context(|| format!("cannot write {}", path.display()))
}

/// The names of the functions: the folders of `functions/` that a host can call. One that is only made of decisions yet has no entry.
pub fn functions() -> Result<Vec<String>> {
    let folder = root().join("functions");
    let mut names = Vec::new();
    for entry in std::fs::read_dir(&folder).with_context(|| format!("cannot list {}", folder.display()))? {
        let entry = entry?;
        if entry.path().join("src/entry.rs").is_file() {
            names.push(entry.file_name().to_string_lossy().into_owned());
        }
    }
    names.sort();
    Ok(names)
}

/// The migrations, in order.
pub fn migrations() -> Result<Vec<PathBuf>> {
    let folder = root().join("migrations");
    let entries = std::fs::read_dir(&folder).with_context(|| format!("cannot list {}", folder.display()))?;
    let is_sql = |file: &PathBuf| file.extension().is_some_and(|kind| kind == "sql");
    let mut files: Vec<PathBuf> = entries.flatten().map(|entry| entry.path()).filter(is_sql).collect();
    files.sort();
    Ok(files)
}

/// When the newest file below a folder was written.
pub fn newest(folder: &Path) -> Result<SystemTime> {
    let mut newest = SystemTime::UNIX_EPOCH;
    for entry in std::fs::read_dir(folder).with_context(|| format!("cannot list {}", folder.display()))? {
        let entry = entry?;
        let written = if entry.file_type()?.is_dir() { self::newest(&entry.path())? } else { entry.metadata()?.modified()? };
        newest = newest.max(written);
    }
    Ok(newest)
}

/// Waits for a lock that other runs of this tool may hold; it ends with the returned file.
pub fn lock(name: &str) -> Result<std::fs::File> {
    let path = target(&format!("{name}.lock"));
    std::fs::create_dir_all(target("")).context("cannot create the build folder")?;
    let file = std::fs::File::create(&path).with_context(|| format!("cannot create {}", path.display()))?;
    if file.try_lock().is_ok() {
        return Ok(file);
    }
    eprintln!("waiting for another `cargo xtask` to finish its builds …");
    file.lock().with_context(|| format!("cannot lock {}", path.display()))?;
    Ok(file)
}
