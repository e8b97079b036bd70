//! Lead magnets: files of a site in the key-value store, put there by an apply. The site's folder is the original.

use bytes::Bytes;
use http::StatusCode;
use orilla_core::http::json;
use orilla_core::ids::hex;
use orilla_core::sites::SiteId;
use orilla_core::{Error, Kv, Request, Response, Violation, body};
use sha2::{Digest, Sha256};

use crate::form::{ASSET_NAME, is_asset_name};

/// Stores a file, unless it stands there already.
///
/// Errors: `Invalid` for a name that is none or an empty file, `TooLarge`, and what the store gives.
pub async fn store(kv: &impl Kv, site: &SiteId, asset: &str, request: &Request, limit: usize) -> Result<Response, Error> {
    let bytes = body::bytes(request, limit)?;
    let refused = |message: &str| {
        let violation = Violation { field: "asset".into(), code: "asset".into(), message: message.to_owned() };
        Error::invalid("This cannot be an asset.", vec![violation])
    };
    if !is_asset_name(asset) {
        return Err(refused(ASSET_NAME));
    }
    if bytes.is_empty() {
        return Err(refused("The file is empty."));
    }
    let is_changed = put(kv, site, asset, &bytes).await?;
    let digest = hex(&Sha256::digest(&bytes));
    json(StatusCode::OK, &serde_json::json!({ "asset": asset, "bytes": bytes.len(), "sha256": digest, "is_changed": is_changed }))
}

/// Stores a file under a name that [is one](is_asset_name); false if it stands there already.
///
/// Errors: what the store gives.
pub async fn put(kv: &impl Kv, site: &SiteId, asset: &str, bytes: &[u8]) -> Result<bool, Error> {
    let key = key(site, asset);
    let is_changed = kv.get(&key).await?.as_deref() != Some(bytes);
    if is_changed {
        kv.put(&key, bytes, None).await?;
    }
    Ok(is_changed)
}

/// A file of a site.
///
/// Errors: what the store gives.
pub async fn load(kv: &impl Kv, site: &SiteId, asset: &str) -> Result<Option<Bytes>, Error> {
    if !is_asset_name(asset) {
        return Ok(None);
    }
    Ok(kv.get(&key(site, asset)).await?)
}

/// What kind of file it is, by its ending. What a browser might run is handed out as plain bytes.
#[must_use]
pub fn content_type(asset: &str) -> &'static str {
    let ending = asset.rsplit_once('.').map_or("", |(_, ending)| ending).to_ascii_lowercase();
    match ending.as_str() {
        "pdf" => "application/pdf",
        "txt" | "md" => "text/plain; charset=utf-8",
        "csv" => "text/csv; charset=utf-8",
        "epub" => "application/epub+zip",
        "zip" => "application/zip",
        "png" => "image/png",
        "jpg" | "jpeg" => "image/jpeg",
        "mp3" => "audio/mpeg",
        "docx" => "application/vnd.openxmlformats-officedocument.wordprocessingml.document",
        "xlsx" => "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet",
        _ => "application/octet-stream",
    }
}

fn key(site: &SiteId, asset: &str) -> String {
    format!("asset/{site}/{asset}")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn nothing_that_runs_is_served_as_such() {
        for (asset, expect) in [
            ("guia.pdf", "application/pdf"),
            ("GUIA.PDF", "application/pdf"),
            ("x.html", "application/octet-stream"),
            ("x.svg", "application/octet-stream"),
            ("x", "application/octet-stream"),
        ] {
            assert_eq!(content_type(asset), expect, "{asset}");
        }
    }

    #[test]
    fn the_longest_name_fits_a_key() {
        let site = SiteId::parse("0190a8c0-0000-7000-8000-000000000001").unwrap();
        let longest = format!("{}.pdf", "a".repeat(96));
        assert!(is_asset_name(&longest));
        assert!(orilla_core::ports::check_key(&key(&site, &longest)).is_ok());
        for name in ["", "..", ".pdf", "a", "a/b.pdf", "../a.pdf", "ñ.pdf", "a.", &"a".repeat(101)] {
            assert!(!is_asset_name(name), "{name}");
        }
    }
}
