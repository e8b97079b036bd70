//! Static files: the embed script, the demo page, whatever the web build left in its folder.
//!
//! Reads whole files; large media belong elsewhere. Lists no folder, follows no link out of its own, shows no dot file.

use std::io::{self, Write as _};
use std::path::{Path, PathBuf};
use std::time::UNIX_EPOCH;

use flate2::Compression;
use flate2::write::GzEncoder;
use http::request::Parts;
use http::{HeaderValue, Method, StatusCode, header};
use orilla_core::Response;
use orilla_core::http::{empty, text};
use percent_encoding::percent_decode_str;

/// The path of the development keys.
const KEYS_PATH: &str = "/demo/keys.json";
/// Where the pages stand that read with the development keys: for development only.
const DEV_PAGES: [&str; 3] = ["demo/inbox", "demo/analytics", "demo/desk"];
/// How long a script or picture may be reused unasked. Chosen: a fix reaches every visitor within minutes.
const CACHE_ASSET: &str = "public, max-age=300";
/// Pages name the assets that fit them, so they are asked for again each time.
const CACHE_PAGE: &str = "no-cache";
/// The content type of what is public data, never a key: those are no file.
const DATA: &str = "application/json";

/// Smaller files leave as they are. Chosen: they fit into one packet either way.
const PACKED_FROM_BYTES: u64 = 1_024;

/// The folder of static files.
pub(super) struct Files {
    folder: PathBuf,
    dev_json: Option<PathBuf>,
}

impl Files {
    /// Errors: if the folder is not there.
    pub fn new(folder: PathBuf, dev_json: Option<PathBuf>) -> io::Result<Self> {
        let named = |error: io::Error| io::Error::new(error.kind(), format!("{}: {error}", folder.display()));
        Ok(Self { folder: folder.canonicalize().map_err(named)?, dev_json })
    }

    /// The file for this request, or `None` if there is none and a function should answer.
    pub async fn answer(&self, head: &Parts) -> Option<Response> {
        // hyper sends the head alone to a `HEAD`, with the length of the whole.
        if head.method != Method::GET && head.method != Method::HEAD {
            return None;
        }
        let path = head.uri.path();
        let accepted = head.headers.get(header::ACCEPT_ENCODING).and_then(|it| it.to_str().ok()).unwrap_or_default();
        let mut response = if path == KEYS_PATH {
            self.keys().await?
        } else {
            self.file(path, head.headers.get(header::IF_NONE_MATCH), takes_gzip(accepted)).await?
        };
        response.headers_mut().insert(header::X_CONTENT_TYPE_OPTIONS, HeaderValue::from_static("nosniff"));
        Some(response)
    }

    /// Read every time: keys may be made after the start.
    async fn keys(&self) -> Option<Response> {
        let keys = tokio::fs::read(self.dev_json.as_ref()?).await.ok()?;
        let mut response = text(StatusCode::OK, "application/json", keys);
        response.headers_mut().insert(header::CACHE_CONTROL, HeaderValue::from_static("no-store"));
        Some(response)
    }

    /// Read every time, and packed every time where that saves something: a file of the web build takes a millisecond.
    async fn file(&self, path: &str, known: Option<&HeaderValue>, takes_gzip: bool) -> Option<Response> {
        let relative = relative(path)?;
        if self.dev_json.is_none() && DEV_PAGES.iter().any(|page| relative.starts_with(page)) {
            return None;
        }
        let mut file = tokio::fs::canonicalize(self.folder.join(relative)).await.ok()?;
        let mut metadata = tokio::fs::metadata(&file).await.ok()?;
        if metadata.is_dir() {
            file = tokio::fs::canonicalize(file.join("index.html")).await.ok()?;
            metadata = tokio::fs::metadata(&file).await.ok()?;
        }
        if !metadata.is_file() || !file.starts_with(&self.folder) {
            return None;
        }
        let changed = metadata.modified().ok()?.duration_since(UNIX_EPOCH).ok()?;
        let content_type = content_type(&file);
        let is_packed = takes_gzip && is_text(content_type) && metadata.len() > PACKED_FROM_BYTES;
        let way = if is_packed { "-gz" } else { "" };
        let tag = HeaderValue::from_str(&format!("\"{:x}-{:x}{way}\"", changed.as_nanos(), metadata.len())).ok()?;
        let mut response = if known == Some(&tag) {
            empty(StatusCode::NOT_MODIFIED)
        } else {
            let whole = tokio::fs::read(&file).await.ok()?;
            text(StatusCode::OK, content_type, if is_packed { packed(&whole).ok()? } else { whole })
        };
        if is_text(content_type) {
            response.headers_mut().insert(header::VARY, HeaderValue::from_static("accept-encoding"));
        }
        if is_packed && response.status() == StatusCode::OK {
            response.headers_mut().insert(header::CONTENT_ENCODING, HeaderValue::from_static("gzip"));
        }
        let cache = if content_type.starts_with("text/html") || self.dev_json.is_some() { CACHE_PAGE } else { CACHE_ASSET };
        response.headers_mut().insert(header::CACHE_CONTROL, HeaderValue::from_static(cache));
        response.headers_mut().insert(header::ETAG, tag);
        if content_type == DATA {
            // The API's document, which tools on other origins read, as from a function itself.
            response.headers_mut().insert(header::ACCESS_CONTROL_ALLOW_ORIGIN, HeaderValue::from_static("*"));
        }
        Some(response)
    }
}

/// Whether an `Accept-Encoding` takes gzip. Source: RFC 9110, section 12.5.3; a weight of zero refuses it.
fn takes_gzip(accepted: &str) -> bool {
    accepted.split(',').any(|coding| {
        let mut parts = coding.split(';').map(str::trim);
        let is_gzip = parts.next().is_some_and(|name| name.eq_ignore_ascii_case("gzip"));
        let weight = parts.find_map(|part| part.strip_prefix("q=")).and_then(|weight| weight.parse::<f32>().ok());
        is_gzip && weight.is_none_or(|weight| weight > 0.0)
    })
}

fn is_text(content_type: &str) -> bool {
    content_type.starts_with("text/") || matches!(content_type, "application/json" | "image/svg+xml")
}

fn packed(whole: &[u8]) -> io::Result<Vec<u8>> {
    let mut encoder = GzEncoder::new(Vec::with_capacity(whole.len() / 2), Compression::default());
    encoder.write_all(whole)?;
    encoder.finish()
}

/// A request's path as one below the folder; `None` if it could mean anything else.
fn relative(path: &str) -> Option<PathBuf> {
    let decoded = percent_decode_str(path.strip_prefix('/')?).decode_utf8().ok()?;
    let segments = decoded.strip_suffix('/').unwrap_or(&decoded).split('/');
    let mut relative = PathBuf::new();
    for segment in segments.filter(|_| !decoded.is_empty()) {
        let is_plain = !segment.is_empty() && !segment.starts_with('.') && !segment.contains(['\\', ':', '\0']);
        if !is_plain {
            return None;
        }
        relative.push(segment);
    }
    Some(relative)
}

fn content_type(file: &Path) -> &'static str {
    match file.extension().and_then(|extension| extension.to_str()).unwrap_or_default() {
        "html" => "text/html; charset=utf-8",
        "js" | "mjs" => "text/javascript; charset=utf-8",
        "css" => "text/css; charset=utf-8",
        "json" | "map" => DATA,
        "txt" => "text/plain; charset=utf-8",
        "svg" => "image/svg+xml",
        "png" => "image/png",
        "jpg" | "jpeg" => "image/jpeg",
        "webp" => "image/webp",
        "ico" => "image/x-icon",
        "woff2" => "font/woff2",
        "pdf" => "application/pdf",
        "wasm" => "application/wasm",
        _ => "application/octet-stream",
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[track_caller]
    fn check(path: &str, expect: Option<&str>) {
        assert_eq!(relative(path), expect.map(PathBuf::from), "{path}");
    }

    #[test]
    fn gzip_is_for_who_takes_it() {
        for (accepted, expect) in [
            ("gzip, deflate, br, zstd", true),
            ("br;q=1.0, GZIP;q=0.5", true),
            ("gzip;q=0", false),
            ("", false),
            ("br", false),
            ("xgzip", false),
        ] {
            assert_eq!(takes_gzip(accepted), expect, "{accepted}");
        }
    }

    #[test]
    fn paths_stay_below_the_folder() {
        check("/", Some(""));
        check("/orilla.js", Some("orilla.js"));
        check("/demo/", Some("demo"));
        check("/demo/en", Some("demo/en"));
        check("/a%20b.txt", Some("a b.txt"));
        for path in [
            "",
            "x",
            "//",
            "/../x",
            "/a/../../x",
            "/%2e%2e/x",
            "/a/%2e%2e%2fx",
            "/.git/config",
            "/a//b",
            "/a\\..\\b",
            "/c:/x",
            "/%00",
            "/%ff",
        ] {
            check(path, None);
        }
    }
}
