//! Reads request bodies by looking at them: published clients send JSON as text and gzip without saying so.
//!
//! Every refusal is a 4xx that says what to change. What the fields mean is the function's business.

use std::borrow::Cow;
use std::convert::Infallible;
use std::fmt;
use std::io::Read;

use bytes::Bytes;
use flate2::read::{DeflateDecoder, MultiGzDecoder, ZlibDecoder};
use futures_util::stream;
use http::header;
use serde::de::{DeserializeOwned, MapAccess, Visitor};
use serde::{Deserialize, Deserializer};
use serde_json::Value;

use crate::error::{Code, Error, Violation};
use crate::http::Request;

/// The most names and list items of one payload, nested ones included. Source: HubSpot's forms API takes 1,000 fields.
pub const MAX_FIELDS: usize = 1_000;
/// How deep a payload may nest. Chosen: a form's value is text or a list of texts; client libraries nest a few levels.
pub const MAX_DEPTH: usize = 16;
/// The violation code of a file in a form post, spelt as Formspree's clients know it, in lower case.
pub const NO_FILE_UPLOADS: &str = "no_file_uploads";

/// How a payload was written.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Kind {
    /// A JSON object.
    Json,
    /// `application/x-www-form-urlencoded`: a plain HTML form.
    Form,
    /// `multipart/form-data`: an HTML form of that encoding, or a script's `FormData`.
    Multipart,
}

/// A body as a flat list of names and values, whatever its syntax was.
#[derive(Debug, Clone, PartialEq)]
pub struct Payload {
    /// How it was written.
    pub kind: Kind,
    /// In the order sent. Each name stands once: a form's repeated name has become one array.
    pub fields: Vec<(String, Value)>,
}

impl Payload {
    /// The value of a name.
    #[must_use]
    pub fn get(&self, name: &str) -> Option<&Value> {
        self.fields.iter().find(|(key, _)| key == name).map(|(_, value)| value)
    }
}

/// Reads the body as JSON object, urlencoded form or multipart form, whichever it is.
///
/// Errors: `Malformed` if it is empty or none of these, holds invalid UTF-8 or NUL, or nests deeper than [`MAX_DEPTH`];
/// `TooLarge` beyond `limit` (also once decompressed) or [`MAX_FIELDS`]; `Invalid` with [`NO_FILE_UPLOADS`] for each file.
pub async fn parse(request: &Request, limit: usize) -> Result<Payload, Error> {
    let (payload, files) = parse_with_files(request, limit).await?;
    let refused = |file: NamedFile| Violation {
        field: file.field,
        code: NO_FILE_UPLOADS.into(),
        message: "This form takes no files; send a link instead.".into(),
    };
    let violations: Vec<_> = files.into_iter().map(refused).collect();
    if violations.is_empty() { Ok(payload) } else { Err(Error::invalid("This form takes no files.", violations)) }
}

/// A file of a multipart form, whose content is not kept.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct NamedFile {
    /// The field that it stands in.
    pub field: String,
    /// What it is called.
    pub name: String,
}

/// As [`parse`], for senders whose files come along with what is wanted: they are named, and passed over.
///
/// Errors: as [`parse`], but for files.
pub async fn parse_with_files(request: &Request, limit: usize) -> Result<(Payload, Vec<NamedFile>), Error> {
    let body = decode(request, limit, Sniff::Always)?;
    match recognise(request, &body)? {
        Syntax::Json(text) => Ok((Payload { kind: Kind::Json, fields: object(text)? }, Vec::new())),
        Syntax::Form(text) => Ok((Payload { kind: Kind::Form, fields: urlencoded(text)? }, Vec::new())),
        Syntax::Multipart(boundary) => {
            let (fields, files) = multipart(body.clone(), boundary).await?;
            Ok((Payload { kind: Kind::Multipart, fields }, files))
        }
    }
}

/// The body's bytes after the declared `Content-Encoding`. Not sniffed: a stored file may be a gzip on purpose.
///
/// Errors: `TooLarge` beyond `limit`, before or after decompression; `Malformed` if it cannot be decompressed.
pub fn bytes(request: &Request, limit: usize) -> Result<Bytes, Error> {
    decode(request, limit, Sniff::IfDeclared)
}

/// The body's bytes, decompressed whether the request says that they are compressed or not.
///
/// Errors: `TooLarge` beyond `limit`, before or after decompression; `Malformed` if it cannot be decompressed.
pub fn sniffed(request: &Request, limit: usize) -> Result<Bytes, Error> {
    decode(request, limit, Sniff::Always)
}

/// Reads the body as JSON of a known type.
///
/// Errors: as [`parse`], and `Invalid` with what was expected where the JSON is well-formed but of another type.
pub fn json<T: DeserializeOwned>(request: &Request, limit: usize) -> Result<T, Error> {
    let body = decode(request, limit, Sniff::Always)?;
    let text = text(&body)?;
    let value: Value = serde_json::from_str(text).map_err(|error| syntax(&error))?;
    check(&value, 0)?;
    serde_json::from_str(text).map_err(|error| {
        let violation = Violation { field: "body".into(), code: "type".into(), message: error.to_string() };
        Error::invalid("The JSON is not what this route takes; see /openapi.json.", vec![violation])
    })
}

/// Whether gzip is recognised without a `Content-Encoding`.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Sniff {
    Always,
    IfDeclared,
}

/// What a body turned out to be.
enum Syntax<'b> {
    Json(&'b str),
    Form(&'b str),
    Multipart(String),
}

fn too_large(limit: usize) -> Error {
    Error::new(Code::TooLarge, format!("This route takes at most {limit} bytes, before and after decompression."))
}

/// Checks the size and undoes the compression, never producing more than `limit` bytes.
fn decode(request: &Request, limit: usize, sniff: Sniff) -> Result<Bytes, Error> {
    if request.is_truncated || request.body.len() > limit {
        return Err(too_large(limit));
    }
    let declared = request.header(header::CONTENT_ENCODING).unwrap_or_default().trim().to_ascii_lowercase();
    let body = &request.body;
    // Source: RFC 1952 §2.3.1. A declared gzip without it was undone on the way here by something that kept the header.
    let is_gzip = body.starts_with(&[0x1f, 0x8b]);
    match declared.as_str() {
        "gzip" | "x-gzip" if is_gzip => inflate(MultiGzDecoder::new(&body[..]), limit),
        "" | "identity" if is_gzip && sniff == Sniff::Always => inflate(MultiGzDecoder::new(&body[..]), limit),
        "deflate" if is_zlib(body) => inflate(ZlibDecoder::new(&body[..]), limit),
        "deflate" => inflate(DeflateDecoder::new(&body[..]), limit),
        "" | "identity" | "gzip" | "x-gzip" => Ok(body.clone()),
        _ => Err(Error::malformed("`Content-Encoding` may be gzip, deflate or absent.")),
    }
}

/// Whether a deflate stream has the zlib wrapper that the standard asks for and some clients omit.
///
/// Source: RFC 1950 §2.2: method 8, and the first two bytes a multiple of 31.
fn is_zlib(body: &[u8]) -> bool {
    matches!(body, [first, second, ..] if first & 0x0f == 8 && u16::from_be_bytes([*first, *second]) % 31 == 0)
}

fn inflate(decoder: impl Read, limit: usize) -> Result<Bytes, Error> {
    let mut out = Vec::new();
    let cap = u64::try_from(limit).unwrap_or(u64::MAX).saturating_add(1);
    decoder.take(cap).read_to_end(&mut out).map_err(|_| Error::malformed("The compressed body breaks off or is damaged."))?;
    if out.len() > limit { Err(too_large(limit)) } else { Ok(out.into()) }
}

/// The body as text without its byte order mark.
fn text(body: &[u8]) -> Result<&str, Error> {
    let text = std::str::from_utf8(body).map_err(|_| Error::malformed("The body is not valid UTF-8."))?;
    let text = text.trim_start_matches('\u{feff}');
    if text.trim_ascii().is_empty() {
        return Err(Error::malformed("The body is empty."));
    }
    Ok(text)
}

fn recognise<'b>(request: &Request, body: &'b Bytes) -> Result<Syntax<'b>, Error> {
    let declared = request.header(header::CONTENT_TYPE).unwrap_or_default();
    if let Some(boundary) = boundary(declared, body) {
        return Ok(Syntax::Multipart(boundary));
    }
    let text = text(body)?;
    if text.trim_ascii_start().starts_with(['{', '[']) {
        return Ok(Syntax::Json(text));
    }
    if declared.to_ascii_lowercase().contains("json") || !text.contains('=') {
        return Err(Error::malformed("The body is neither a JSON object nor a form post."));
    }
    Ok(Syntax::Form(text))
}

/// The multipart boundary: as the body itself opens with, else as declared.
fn boundary(declared: &str, body: &[u8]) -> Option<String> {
    let opening = body.strip_prefix(b"--").and_then(|rest| {
        let end = rest.windows(2).position(|pair| pair == b"\r\n")?;
        std::str::from_utf8(rest.get(..end)?).ok()
    });
    match opening {
        // An empty form is nothing but the closing delimiter, which ends with two hyphens of its own.
        Some(line) => Some(line.trim_end().strip_suffix("--").unwrap_or_else(|| line.trim_end()).to_owned()),
        None => multer::parse_boundary(declared).ok(),
    }
    .filter(|boundary| !boundary.is_empty())
}

/// The entries of a JSON object, in order.
struct Entries(Vec<(String, Value)>);

impl<'de> Deserialize<'de> for Entries {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        struct Object;
        impl<'de> Visitor<'de> for Object {
            type Value = Entries;
            fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                f.write_str("a JSON object")
            }
            fn visit_map<A: MapAccess<'de>>(self, mut map: A) -> Result<Entries, A::Error> {
                let mut entries = Vec::new();
                while let Some(entry) = map.next_entry()? {
                    entries.push(entry);
                }
                Ok(Entries(entries))
            }
        }
        deserializer.deserialize_map(Object)
    }
}

fn syntax(error: &serde_json::Error) -> Error {
    Error::malformed(match error.classify() {
        serde_json::error::Category::Data => Cow::Borrowed("The body must be a JSON object."),
        _ => Cow::Owned(format!("The JSON is wrong or breaks off at line {}, column {}.", error.line(), error.column())),
    })
}

fn object(text: &str) -> Result<Vec<(String, Value)>, Error> {
    let Entries(entries) = serde_json::from_str(text).map_err(|error| syntax(&error))?;
    let mut count = entries.len();
    for (index, (name, value)) in entries.iter().enumerate() {
        check_name(name)?;
        if entries.get(..index).is_some_and(|before| before.iter().any(|(other, _)| other == name)) {
            return Err(Error::malformed("The JSON object has the same name twice."));
        }
        count += check(value, 1)?;
        check_count(count)?;
    }
    Ok(entries)
}

/// How many names and items a value holds.
///
/// Errors: `Malformed` if it nests too deep or a text holds NUL.
fn check(value: &Value, depth: usize) -> Result<usize, Error> {
    if depth > MAX_DEPTH {
        return Err(Error::malformed(format!("The JSON nests deeper than {MAX_DEPTH} levels.")));
    }
    match value {
        Value::String(text) => check_text(text).map(|()| 0),
        Value::Array(items) => items.iter().try_fold(items.len(), |sum, item| Ok(sum + check(item, depth + 1)?)),
        Value::Object(entries) => entries.iter().try_fold(entries.len(), |sum, (name, value)| {
            check_text(name)?;
            Ok(sum + check(value, depth + 1)?)
        }),
        Value::Null | Value::Bool(_) | Value::Number(_) => Ok(0),
    }
}

fn check_text(text: &str) -> Result<(), Error> {
    if text.contains('\0') { Err(Error::malformed("The body holds a NUL character.")) } else { Ok(()) }
}

fn check_name(name: &str) -> Result<(), Error> {
    if name.is_empty() { Err(Error::malformed("A field has no name.")) } else { check_text(name) }
}

fn check_count(count: usize) -> Result<(), Error> {
    if count > MAX_FIELDS {
        return Err(Error::new(Code::TooLarge, format!("A payload has at most {MAX_FIELDS} names and list items.")));
    }
    Ok(())
}

/// Adds a form's field; a repeated name collects its values in an array.
fn push(fields: &mut Vec<(String, Value)>, name: String, value: String) -> Result<(), Error> {
    check_name(&name)?;
    check_text(&value)?;
    let value = Value::String(value);
    match fields.iter_mut().find(|(key, _)| *key == name) {
        Some((_, Value::Array(items))) => items.push(value),
        Some((_, first)) => *first = Value::Array(vec![first.take(), value]),
        None => fields.push((name, value)),
    }
    Ok(())
}

fn urlencoded(text: &str) -> Result<Vec<(String, Value)>, Error> {
    let mut fields = Vec::new();
    for (index, pair) in text.trim_ascii().split('&').filter(|pair| !pair.is_empty()).enumerate() {
        check_count(index + 1)?;
        let (name, value) = pair.split_once('=').unwrap_or((pair, ""));
        push(&mut fields, percent_decode(name)?, percent_decode(value)?)?;
    }
    Ok(fields)
}

/// Decodes as browsers encode, but refuses invalid UTF-8 instead of replacing it.
fn percent_decode(text: &str) -> Result<String, Error> {
    let spaced = text.replace('+', " ");
    let decoded: Vec<u8> = percent_encoding::percent_decode_str(&spaced).collect();
    String::from_utf8(decoded).map_err(|_| Error::malformed("The body is not valid UTF-8."))
}

async fn multipart(body: Bytes, boundary: String) -> Result<(Vec<(String, Value)>, Vec<NamedFile>), Error> {
    let broken = |_| Error::malformed("The multipart body breaks off or is damaged.");
    let mut parts = multer::Multipart::new(stream::iter([Ok::<_, Infallible>(body)]), boundary);
    let mut fields = Vec::new();
    let mut files = Vec::new();
    let mut count = 0;
    while let Some(part) = parts.next_field().await.map_err(broken)? {
        count += 1;
        check_count(count)?;
        let said = part.headers().get(header::CONTENT_DISPOSITION).and_then(|value| std::str::from_utf8(value.as_bytes()).ok());
        let (name, file_name) = disposition(said.unwrap_or_default());
        let content = part.bytes().await.map_err(broken)?;
        match file_name {
            // What a browser sends for a file input nobody filled in.
            Some(file_name) if file_name.is_empty() && content.is_empty() => {}
            Some(file_name) => files.push(NamedFile { field: name, name: file_name }),
            None => {
                let text = std::str::from_utf8(&content).map_err(|_| Error::malformed("The body is not valid UTF-8."))?;
                push(&mut fields, name, text.to_owned())?;
            }
        }
    }
    Ok((fields, files))
}

/// The field's name that a part's `Content-Disposition` gives, and its file's. `multer` reads them as well, but takes what only looks like a
/// parameter, inside of quotes, for one.
///
/// Source: RFC 7578, section 4.2. A quote inside of quotes is `%22` from browsers and `\"` from others; any other backslash stands for itself.
fn disposition(header: &str) -> (String, Option<String>) {
    let (mut name, mut file_name) = (None, None);
    let mut rest = header;
    while let Some((before, after)) = rest.split_once('=') {
        let after = after.trim_start();
        let value;
        (value, rest) = match after.strip_prefix('"') {
            Some(quoted) => {
                let ends = |at: usize| at == 0 || quoted.as_bytes()[at - 1] != b'\\';
                let Some(end) = quoted.match_indices('"').map(|(at, _)| at).find(|at| ends(*at)) else { break };
                (quoted[..end].replace("\\\"", "\""), &quoted[end + 1..])
            }
            None => {
                let (value, rest) = after.split_at(after.find([';', ' ']).unwrap_or(after.len()));
                (value.to_owned(), rest)
            }
        };
        match before.trim_end().rsplit([';', ' ', '\t']).next().map(str::to_ascii_lowercase).as_deref() {
            Some("name") => name = name.or(Some(value)),
            Some("filename") => file_name = file_name.or(Some(value)),
            _ => {}
        }
    }
    (name.unwrap_or_default(), file_name)
}

#[cfg(test)]
mod tests;
