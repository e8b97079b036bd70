//! The Python packages that tests run: schemathesis, clients of event collectors, and another calendar.

use std::path::PathBuf;
use std::process::Command;

use anyhow::{Context, Result, bail};

use crate::{paths, process};

/// The programs of an environment of its own, made again when the list of packages changes.
pub fn install() -> Result<PathBuf> {
    let list = paths::root().join("tests/requirements.txt");
    let wanted = std::fs::read_to_string(&list).with_context(|| format!("cannot read {}", list.display()))?;
    let folder = paths::target("python");
    let (programs, stamp) = (folder.join("bin"), folder.join("installed"));
    if programs.is_dir() && std::fs::read_to_string(&stamp).is_ok_and(|installed| installed == wanted) {
        return Ok(programs);
    }
    if !process::exists("python3") {
        bail!("install Python 3 with its venv module (`apt-get install python3-venv`)");
    }
    eprintln!("installing the tests' Python packages …");
    process::run(
        Command::new("python3").args(["-m", "venv", "--clear"]).arg(&folder),
        "make a Python environment (is python3-venv installed?)",
    )?;
    let mut pip = Command::new(programs.join("pip"));
    process::run(
        pip.args(["install", "--quiet", "--disable-pip-version-check", "--requirement"]).arg(&list),
        "install the tests' Python packages",
    )?;
    paths::write(&stamp, &wanted)?;
    Ok(programs)
}
