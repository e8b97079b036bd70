//! The keys of a site, kept in a file beside a development server's data and made anew when the server no longer knows them.

use std::fs::OpenOptions;
use std::io::Write;
use std::os::unix::fs::OpenOptionsExt;
use std::path::Path;

use anyhow::{Context, Result};
use serde::{Deserialize, Serialize};
use serde_json::{Value as Json, json};

use super::client::Client;

/// One key of each kind.
#[derive(Debug, Clone, PartialEq, Eq, Default, Serialize, Deserialize)]
pub struct DevKeys {
    /// Whose they are.
    pub site: String,
    /// Public.
    pub write_key: String,
    /// Reads.
    pub read_key: String,
    /// Does everything.
    pub admin_key: String,
}

/// The keys of the file, as far as the server knows them; the others are made and kept.
///
/// Errors: as the server says, or if the file cannot be written.
pub fn ensure(client: &Client, site: &str, file: &Path) -> Result<DevKeys> {
    let kept = std::fs::read_to_string(file).ok().and_then(|text| serde_json::from_str::<DevKeys>(&text).ok());
    let kept = kept.filter(|kept| kept.site == site).unwrap_or_default();
    let known = client.get(&format!("/v1/sites/{site}"))?;
    let key = |kind: &str, kept: &str| -> Result<String> {
        if is_known(&known["keys"], kind, kept) {
            return Ok(kept.to_owned());
        }
        let made = client.post_json(&format!("/v1/sites/{site}/keys"), &json!({ "kind": kind }))?;
        Ok(made["key"].as_str().context("the server made no key")?.to_owned())
    };
    let keys = DevKeys {
        site: site.to_owned(),
        write_key: key("write", &kept.write_key)?,
        read_key: key("read", &kept.read_key)?,
        admin_key: key("admin", &kept.admin_key)?,
    };
    if keys != kept {
        keep(file, &keys).with_context(|| format!("cannot write {}", file.display()))?;
    }
    Ok(keys)
}

/// Whether the server lists this key: it tells the first eight bytes of each key's hash.
fn is_known(listed: &Json, kind: &str, key: &str) -> bool {
    let hash = orilla_core::auth::hash(key);
    let fingerprint = orilla_core::ids::hex(&hash[..8]);
    let mut listed = listed.as_array().into_iter().flatten();
    !key.is_empty() && listed.any(|it| it["kind"] == kind && it["fingerprint"] == fingerprint.as_str())
}

/// Writes the file so that only its owner reads it.
fn keep(file: &Path, keys: &DevKeys) -> Result<()> {
    if let Some(folder) = file.parent() {
        std::fs::create_dir_all(folder)?;
    }
    let staged = file.with_extension("new");
    let mut out = OpenOptions::new().write(true).create(true).truncate(true).mode(0o600).open(&staged)?;
    out.write_all(serde_json::to_string_pretty(keys)?.as_bytes())?;
    std::fs::rename(&staged, file)?;
    Ok(())
}
