//! Which secrets functions read, and where the operator's key comes from. A secret's value goes to a host's standard input, and nowhere else.

use std::collections::BTreeMap;
use std::fs::OpenOptions;
use std::io::Write;
use std::os::unix::fs::OpenOptionsExt;
use std::path::Path;

use anyhow::{Context, Result, anyhow, bail};
use toml::Table;

/// The one secret without which no function can be set up.
pub const OPERATOR_KEY: &str = "OPERATOR_KEY";
/// Chosen: as `wrangler.toml` asks for.
const SHORTEST_KEY: usize = 32;

/// Whether `spin.toml`, which marks them, calls this variable a secret; in Workers' spelling.
pub fn is_secret(spin: &Table, name: &str) -> bool {
    let variable = spin.get("variables").and_then(|it| it.get(name.to_ascii_lowercase()));
    variable.and_then(|it| it.get("secret")).and_then(toml::Value::as_bool).unwrap_or_default()
}

/// The secrets of each function, in Workers' spelling.
pub fn by_function(spin: &Table) -> Result<BTreeMap<String, Vec<String>>> {
    let components = spin.get("component").and_then(|it| it.as_table()).context("spin.toml has no component")?;
    let of = |component: &toml::Value| {
        let names =
            component.get("variables").and_then(|it| it.as_table()).into_iter().flatten().map(|(name, _)| name.to_ascii_uppercase());
        names.filter(|name| is_secret(spin, name)).collect::<Vec<_>>()
    };
    Ok(components.iter().map(|(function, component)| (function.clone(), of(component))).collect())
}

/// What a secret is for, as told where it is missing.
pub fn purpose(name: &str) -> &'static str {
    match name {
        OPERATOR_KEY => "applies sites and drives the clock",
        "MAIL_API_KEY" => "sends e-mail; nothing is mailed without it",
        "TURNSTILE_SECRET" => "checks challenges; a form that asks for one is held without it",
        "GENERATOR_KEY" => "asks the model of GENERATOR_URL, where that wants a key",
        "GENERATOR_FALLBACK_KEY" => "asks the model of GENERATOR_FALLBACK_URL, where that wants a key",
        _ => "see spin.toml",
    }
}

/// The operator's key, if there is one to be had: of the file, which is made where it does not exist, or of the environment.
///
/// Errors: a file within the tree, a key that is too short, or a file that cannot be read or written.
pub fn operator_key(file: Option<&Path>, environment: Option<String>, root: &Path, is_dry_run: bool) -> Result<Option<String>> {
    let key = match file {
        Some(file) => {
            let file = std::path::absolute(file).context("cannot tell where the key's file is")?;
            if file.starts_with(root) {
                bail!("--key-file {} stands within this tree, where no secret may: keep it elsewhere", file.display());
            }
            if !file.exists() && is_dry_run {
                return Ok(None);
            }
            Some(if file.exists() { read(&file)? } else { make(&file)? })
        }
        None => environment.filter(|key| !key.trim().is_empty()),
    };
    let key = key.map(|key| key.trim().to_owned());
    if key.as_ref().is_some_and(|key| key.len() < SHORTEST_KEY) {
        bail!("the operator's key is too short: {SHORTEST_KEY} random characters at least");
    }
    Ok(key)
}

fn read(file: &Path) -> Result<String> {
    std::fs::read_to_string(file).with_context(|| format!("cannot read {}", file.display()))
}

/// Makes a key of 256 random bits that only its owner reads.
fn make(file: &Path) -> Result<String> {
    let mut random = [0; 32];
    getrandom::fill(&mut random).map_err(|error| anyhow!("the system gives no random bytes: {error}"))?;
    let key = orilla_core::ids::hex(&random);
    let opened = OpenOptions::new().write(true).create_new(true).mode(0o600).open(file);
    opened.and_then(|mut out| out.write_all(key.as_bytes())).with_context(|| format!("cannot write {}", file.display()))?;
    Ok(key)
}
