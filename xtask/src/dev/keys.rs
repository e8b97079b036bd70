//! The keys of a development server: the operator's, made once per data folder, and the demo site's, published for scripts.

use std::fs::OpenOptions;
use std::io::Write;
use std::os::unix::fs::OpenOptionsExt;
use std::path::Path;

use anyhow::{Context, Result, anyhow};

use crate::apply::DevKeys;
use crate::paths;

/// The operator's key: as given, else as kept, else a new one of 256 random bits.
pub fn operator(data: &Path, given: Option<&String>) -> Result<String> {
    if let Some(given) = given {
        return Ok(given.clone());
    }
    let file = data.join("operator.key");
    if let Ok(kept) = std::fs::read_to_string(&file) {
        return Ok(kept.trim().to_owned());
    }
    let mut random = [0; 32];
    getrandom::fill(&mut random).map_err(|error| anyhow!("the system gives no random bytes: {error}"))?;
    let key = orilla_core::ids::hex(&random);
    OpenOptions::new()
        .write(true)
        .create_new(true)
        .mode(0o600)
        .open(&file)
        .and_then(|mut file| file.write_all(key.as_bytes()))
        .with_context(|| format!("cannot write {}", file.display()))?;
    Ok(key)
}

/// Writes `dev.json`, which scripts and the demo's inbox read.
pub fn publish(file: &Path, url: &str, keys: &DevKeys) -> Result<()> {
    let text = serde_json::json!({
        "url": url,
        "site": keys.site,
        "write_key": keys.write_key,
        "read_key": keys.read_key,
        "admin_key": keys.admin_key,
    });
    paths::write(file, &format!("{text:#}\n"))
}

/// The keys on one line.
pub fn line(keys: &DevKeys) -> String {
    let DevKeys { site, write_key, read_key, admin_key, .. } = keys;
    format!("site={site} write_key={write_key} read_key={read_key} admin_key={admin_key}")
}
