//! A page as its visitors get it: fetched through the guard, redirects and all, within a time and a size, and decoded as it says it is written.

use std::time::Duration;

use chrono::{DateTime, Utc};
use encoding_rs::{Encoding, UTF_8, WINDOWS_1252};
use futures_util::StreamExt;
use http::{HeaderMap, HeaderValue, Method, header};
use orilla_core::ports::{FetchError, Inbound, Outbound};
use orilla_core::{Clock, Error, Fetch, Platform, Violation, guard};
use orilla_prose::document::Format;
use serde::Serialize;
use url::Url;

use crate::ContentScore;
use crate::asked::Asked;
use crate::routes::CONTENT_BYTES;

/// For a page with all its redirects. Chosen: who waits longer has left it.
const DEADLINE: Duration = Duration::from_secs(10);
/// How many redirects. Source: Googlebot follows ten; chosen: half, for more are a fault of the page.
const REDIRECTS: usize = 5;
/// Where a page says in itself how it is encoded. Source: HTML Standard, "prescan a byte stream to determine its encoding".
const PRESCAN_BYTES: usize = 1024;

/// Where a text came from.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Fetched {
    /// After all redirects.
    pub url: String,
    /// Its status.
    pub status: u16,
    /// How many redirects there were.
    pub redirects: usize,
    /// How it was encoded.
    pub charset: &'static str,
    /// Whether a header or the page itself keeps it out of lists of results.
    pub is_noindex: bool,
    /// Its bytes.
    pub bytes: usize,
}

/// Why a page cannot be judged. The names are the wire codes.
#[derive(Debug, Clone, PartialEq, Eq)]
enum Trouble {
    Refused(String),
    Unreachable,
    Deadline,
    TooLarge,
    Broken,
    Redirects,
    Status(u16),
    ContentType,
}

impl Trouble {
    fn told(self) -> Error {
        let (code, message): (&'static str, String) = match self {
            Self::Refused(why) => ("refused", format!("The address may not be called: {why}.")),
            Self::Unreachable => ("unreachable", "Nobody answers there.".into()),
            Self::Deadline => ("deadline", format!("The page did not come within {} seconds.", DEADLINE.as_secs())),
            Self::TooLarge => ("too_large", format!("The page has more than {CONTENT_BYTES} bytes.")),
            Self::Broken => ("broken", "The answer broke off, or was none.".into()),
            Self::Redirects => ("redirects", format!("The page redirects more than {REDIRECTS} times, or to nowhere.")),
            Self::Status(status) => ("status", format!("The page answers with status {status}.")),
            Self::ContentType => ("content_type", "The page is neither HTML nor Markdown nor plain text.".into()),
        };
        Error::invalid("The page cannot be read.", vec![Violation { field: "url".into(), code: code.into(), message }])
    }
}

impl From<FetchError> for Trouble {
    fn from(error: FetchError) -> Self {
        match error {
            FetchError::Refused(_) => Self::Refused("it leads into a private network".into()),
            FetchError::Connect(_) => Self::Unreachable,
            FetchError::Deadline => Self::Deadline,
            FetchError::TooLarge => Self::TooLarge,
            FetchError::Protocol(_) => Self::Broken,
        }
    }
}

impl<P: Platform> ContentScore<P> {
    /// Fetches a page into what was asked: its content, its format, and its address after redirects.
    ///
    /// Errors: `Invalid` with why the page cannot be read.
    pub(crate) async fn fetch_page(&self, url: &Url, asked: &mut Asked, begun: DateTime<Utc>) -> Result<Fetched, Error> {
        self.fetched(url, asked, begun).await.map_err(Trouble::told)
    }

    async fn fetched(&self, url: &Url, asked: &mut Asked, begun: DateTime<Utc>) -> Result<Fetched, Trouble> {
        let mut url = url.clone();
        url.set_fragment(None);
        let mut redirects = 0;
        let (answer, url) = loop {
            let answer = self.ask(&url, begun).await?;
            if !answer.status.is_redirection() {
                break (answer, url);
            }
            redirects += 1;
            let next = answer.headers.get(header::LOCATION).and_then(|to| url.join(to.to_str().ok()?).ok());
            url = next.filter(|_| redirects <= REDIRECTS).ok_or(Trouble::Redirects)?;
        };
        if !answer.status.is_success() {
            return Err(Trouble::Status(answer.status.as_u16()));
        }
        let Inbound { status, headers, mut body } = answer;
        let declared = text_of(&headers, header::CONTENT_TYPE).to_ascii_lowercase();
        let format = format_of(&declared, &url).ok_or(Trouble::ContentType)?;
        let mut bytes = Vec::new();
        while let Some(chunk) = body.next().await {
            bytes.extend_from_slice(&chunk?);
        }
        let encoding = encoding_of(&declared, &bytes, format);
        let (text, encoding, _) = encoding.decode(&bytes);
        // What no request may send, a page has none of either.
        asked.content = text.replace('\0', "\u{fffd}");
        asked.format = format;
        let is_barred = |value: &str| value.to_ascii_lowercase().split([',', ' ', ':']).any(|word| matches!(word, "noindex" | "none"));
        let by_header = headers.get_all("x-robots-tag").iter().any(|value| value.to_str().is_ok_and(is_barred));
        let document = orilla_prose::read::read(&asked.content, format);
        let by_page = document.head.meta("robots").is_some_and(|meta| is_barred(&meta.content));
        let found = Fetched {
            url: url.to_string(),
            status: status.as_u16(),
            redirects,
            charset: encoding.name(),
            is_noindex: by_header || by_page,
            bytes: bytes.len(),
        };
        asked.url = Some(url);
        Ok(found)
    }

    async fn ask(&self, url: &Url, begun: DateTime<Utc>) -> Result<Inbound, Trouble> {
        let destination = guard::check(url.as_str(), &self.exemptions).map_err(|refusal| Trouble::Refused(refusal.to_string()))?;
        let gone = (self.clock.now() - begun).to_std().unwrap_or_default();
        let deadline = DEADLINE.checked_sub(gone).filter(|left| !left.is_zero()).ok_or(Trouble::Deadline)?;
        let mut headers = HeaderMap::new();
        headers.insert(header::ACCEPT, HeaderValue::from_static("text/html, application/xhtml+xml, text/markdown;q=0.9, text/plain;q=0.8"));
        headers.insert(header::USER_AGENT, HeaderValue::from_static(concat!("Orilla/", env!("CARGO_PKG_VERSION"), " (content scoring)")));
        let request = Outbound { method: Method::GET, destination, headers, body: bytes::Bytes::new(), deadline, max_bytes: CONTENT_BYTES };
        Ok(self.platform.fetch().fetch(request).await?)
    }
}

fn text_of(headers: &HeaderMap, name: header::HeaderName) -> &str {
    headers.get(name).and_then(|value| value.to_str().ok()).unwrap_or_default()
}

fn format_of(declared: &str, url: &Url) -> Option<Format> {
    let is_markdown = [".md", ".markdown"].iter().any(|ending| url.path().to_ascii_lowercase().ends_with(ending));
    match declared.split(';').next().unwrap_or_default().trim() {
        "text/html" | "application/xhtml+xml" => Some(Format::Html),
        "text/markdown" | "text/x-markdown" => Some(Format::Markdown),
        "text/plain" if is_markdown => Some(Format::Markdown),
        "text/plain" => Some(Format::Plain),
        _ => None,
    }
}

/// As the header says, else as the page says, else UTF-8 where it is that, else what old pages are.
fn encoding_of(declared: &str, bytes: &[u8], format: Format) -> &'static Encoding {
    let named = |text: &str| {
        let value = text.split_once("charset")?.1.trim_start().strip_prefix('=')?.trim_start();
        let label = value.trim_start_matches(['"', '\'']).split(['"', '\'', ';', '>', ' ', '/']).next()?;
        Encoding::for_label(label.as_bytes())
    };
    let in_page = || {
        let head = bytes.get(..bytes.len().min(PRESCAN_BYTES)).unwrap_or_default();
        let head = String::from_utf8_lossy(head).to_ascii_lowercase();
        (format == Format::Html).then(|| head.split("<meta").skip(1).find_map(named)).flatten()
    };
    let guessed = || if std::str::from_utf8(bytes).is_ok() { UTF_8 } else { WINDOWS_1252 };
    named(declared).or_else(in_page).unwrap_or_else(guessed)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_page_is_decoded_as_it_says() {
        for (declared, bytes, expect) in [
            ("text/html; charset=iso-8859-1", &b"a\xf1o"[..], "windows-1252"),
            ("text/html; charset=\"utf-8\"", "año".as_bytes(), "UTF-8"),
            ("text/html", b"<meta charset=iso-8859-15><p>a\xf1o", "ISO-8859-15"),
            ("text/html", b"<meta http-equiv=content-type content=\"text/html; charset=windows-1250\">a\xf1o", "windows-1250"),
            ("text/html", "año".as_bytes(), "UTF-8"),
            ("text/html", b"a\xf1o", "windows-1252"),
            ("text/html; charset=klingon", b"a", "UTF-8"),
        ] {
            assert_eq!(encoding_of(declared, bytes, Format::Html).name(), expect, "{declared}");
        }
    }

    #[test]
    fn what_it_is_written_in_is_the_content_types_to_say() {
        let url = |path: &str| Url::parse(&format!("https://a.example/{path}")).unwrap();
        assert_eq!(format_of("text/html; charset=x", &url("a.md")), Some(Format::Html));
        assert_eq!(format_of("text/plain", &url("A.MD")), Some(Format::Markdown));
        assert_eq!(format_of("text/plain", &url("a")), Some(Format::Plain));
        assert_eq!(format_of("application/pdf", &url("a")), None);
        assert_eq!(format_of("", &url("a")), None);
    }
}
