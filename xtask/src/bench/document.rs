//! Files whose parts are written by commands: each part stands between two marks, and a command replaces its own alone.

use std::path::Path;

use anyhow::{Context, Result, bail};

use crate::paths;

/// How `BENCHMARKS.md` begins.
const BENCHMARKS: &str = "# Benchmarks\n\nEach section is written by the command that it names; run it again to replace its figures. Compare ratios, not figures: the \
                          machine is shared.\n";

/// Replaces a section of `BENCHMARKS.md` and says where that is.
pub fn write_benchmarks(section: &str, text: &str) -> Result<()> {
    let path = paths::root().join("BENCHMARKS.md");
    let old = if path.exists() { read(&path)? } else { BENCHMARKS.to_owned() };
    write(&path, &old, &format!("bench:{section}"), text)
}

/// Replaces the figures of a model's card.
pub fn write_figures(card: &Path, text: &str) -> Result<()> {
    write(card, &read(card)?, "figures", text)
}

fn read(path: &Path) -> Result<String> {
    std::fs::read_to_string(path).with_context(|| format!("cannot read {}", path.display()))
}

fn write(path: &Path, old: &str, mark: &str, text: &str) -> Result<()> {
    let new = replaced(old, mark, text).with_context(|| format!("cannot write {}", path.display()))?;
    paths::write(path, &new)?;
    eprintln!("written to {}", path.display());
    Ok(())
}

/// The document with another text between its marks; where it has none of them they come at the end.
///
/// Errors: if a mark stands alone, twice, or after the one that ends it.
fn replaced(document: &str, mark: &str, text: &str) -> Result<String> {
    let (begin, end) = (format!("<!-- {mark} -->"), format!("<!-- /{mark} -->"));
    let part = format!("{begin}\n{}\n{end}", text.trim());
    match (document.matches(&begin).count(), document.matches(&end).count()) {
        (0, 0) => Ok(format!("{}\n\n{part}\n", document.trim_end())),
        (1, 1) => {
            let (before, rest) = document.split_once(&begin).unwrap_or_default();
            let (_, after) = rest.split_once(&end).with_context(|| format!("{end} stands before {begin}"))?;
            Ok(format!("{before}{part}{after}"))
        }
        _ => bail!("{begin} and {end} should stand there once each"),
    }
}

#[cfg(test)]
mod tests {
    use super::replaced;

    const DOCUMENT: &str = "# B\n\n<!-- bench:a -->\nold\n<!-- /bench:a -->\n\n<!-- bench:ab -->\nother\n<!-- /bench:ab -->\n";

    #[test]
    fn replaces_one_section_and_leaves_the_others() {
        let new = replaced(DOCUMENT, "bench:a", "\nnew\n\n").unwrap();
        assert_eq!(new, DOCUMENT.replace("old", "new"));
        assert_eq!(replaced(&new, "bench:a", "old").unwrap(), DOCUMENT);
    }

    #[test]
    fn adds_a_section_that_was_not_there() {
        let new = replaced(DOCUMENT, "bench:c", "first").unwrap();
        assert_eq!(new, format!("{DOCUMENT}\n<!-- bench:c -->\nfirst\n<!-- /bench:c -->\n"));
        assert_eq!(replaced(&new, "bench:c", "second").unwrap(), new.replace("first", "second"));
    }

    #[test]
    fn refuses_marks_that_do_not_pair() {
        for broken in ["<!-- bench:a -->", "<!-- /bench:a -->", "<!-- /bench:a -->\n<!-- bench:a -->"] {
            assert!(replaced(broken, "bench:a", "new").is_err(), "{broken}");
        }
        assert!(replaced(&format!("{DOCUMENT}{DOCUMENT}"), "bench:a", "new").is_err());
    }
}
