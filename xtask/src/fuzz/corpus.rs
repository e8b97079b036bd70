//! Corpora: what the repository keeps, small, and what a fuzzer finds, below the build folder.

use std::collections::BTreeSet;
use std::fs;
use std::path::{Path, PathBuf};
use std::process::Command;

use anyhow::{Context, Result};

use crate::{paths, process};

/// The most that one target's kept files may have together. Chosen: some thirty targets stay below 200 KB.
const KEPT_BYTES: u64 = 5_800;
/// The longest word of a dictionary. Source: libFuzzer takes words of up to 64 bytes.
const WORD_BYTES: usize = 48;

/// The targets' names: a test holds that each has a folder.
pub fn targets() -> Result<Vec<String>> {
    let folder = paths::root().join("fuzz/corpus");
    let mut names = Vec::new();
    for entry in fs::read_dir(&folder).with_context(|| format!("cannot list {}", folder.display()))? {
        names.push(entry?.file_name().to_string_lossy().into_owned());
    }
    names.sort();
    Ok(names)
}

/// What the repository keeps of a target.
pub fn kept(target: &str) -> PathBuf {
    paths::root().join("fuzz/corpus").join(target)
}

/// What was found so far on this machine.
pub fn found(target: &str) -> Result<PathBuf> {
    let folder = paths::target(&format!("fuzz/found/{target}"));
    fs::create_dir_all(&folder).with_context(|| format!("cannot create {}", folder.display()))?;
    Ok(folder)
}

/// The files of a folder, smallest first.
fn files(folder: &Path) -> Result<Vec<(u64, PathBuf)>> {
    let mut files = Vec::new();
    for entry in fs::read_dir(folder).with_context(|| format!("cannot list {}", folder.display()))? {
        let entry = entry?;
        files.push((entry.metadata()?.len(), entry.path()));
    }
    files.sort();
    Ok(files)
}

/// The words of a target's kept files, as libFuzzer reads a dictionary.
pub fn dictionary(target: &str) -> Result<PathBuf> {
    let mut words = BTreeSet::new();
    for (_, file) in files(&kept(target))? {
        let text = String::from_utf8_lossy(&fs::read(&file).with_context(|| format!("cannot read {}", file.display()))?).into_owned();
        words.extend(words_of(&text));
    }
    let lines: String = words.iter().map(|word| format!("\"{word}\"\n")).collect();
    let path = paths::target(&format!("fuzz/words/{target}"));
    paths::write(&path, &lines)?;
    Ok(path)
}

/// Words of three characters or more that need no escapes.
fn words_of(text: &str) -> Vec<String> {
    let is_part = |c: char| c.is_ascii_alphanumeric() || "_$@:-".contains(c);
    let words = text.split(|c: char| !is_part(c)).filter(|word| (3..=WORD_BYTES).contains(&word.len()));
    words.map(str::to_owned).collect()
}

/// Takes what reaches most with least from what was found into the repository, as far as there is room; gives how many files are there then.
pub fn keep(fuzzer: &Path, target: &str) -> Result<usize> {
    let merged = paths::target(&format!("fuzz/merged/{target}"));
    if merged.exists() {
        fs::remove_dir_all(&merged).context("cannot empty the folder of merged files")?;
    }
    fs::create_dir_all(&merged).context("cannot create the folder of merged files")?;
    let own = kept(target);
    let mut room = KEPT_BYTES.saturating_sub(files(&own)?.iter().map(|(size, _)| size).sum());
    for (_, file) in files(&own)? {
        fs::copy(&file, merged.join(file.file_name().unwrap_or_default())).context("cannot copy a kept file")?;
    }
    let mut merge = Command::new(fuzzer);
    merge.env("ORILLA_FUZZ_TARGET", target).arg("-merge=1").arg(&merged).arg(found(target)?);
    process::run(&mut merge, "merge what was found")?;
    for (size, file) in files(&merged)? {
        let name = file.file_name().unwrap_or_default();
        if own.join(name).exists() || size > room {
            continue;
        }
        // Names of twelve digits tell files apart, and are no walls of hex.
        let short: PathBuf = name.to_string_lossy().chars().take(12).collect::<String>().into();
        if !own.join(&short).exists() {
            fs::copy(&file, own.join(short)).context("cannot keep a file")?;
            room -= size;
        }
    }
    Ok(files(&own)?.len())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_dictionary_has_the_words_of_the_files() {
        assert_eq!(words_of(r#"{"$lib":"posthog-node","a":1,"ñu":"x"} </div>"#), ["$lib", "posthog-node", "div"]);
        assert_eq!(words_of(&"x".repeat(60)), Vec::<String>::new());
    }
}
