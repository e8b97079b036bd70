//! Form posts in all three syntaxes, and what a form makes of them: what is read can be written and read again.

use std::fmt::Write;
use std::sync::LazyLock;

use lead_capture::form::Form;
use lead_capture::submission;
use orilla_core::body::{self, Kind, MAX_FIELDS, Payload};
use orilla_text::Locale;
use serde_json::Value as Json;
use url::form_urlencoded;

use crate::files::source;
use crate::sent::{LIMIT, block_on, post, read, with};

static FORM: LazyLock<Form> = LazyLock::new(|| {
    let read = source::read(include_str!("../../sites/demo/forms/demo.toml"), "form", &|_| None);
    serde_json::from_value(read.json).expect("the demo's form")
});

/// A submission: the first line is its content type and, after a bar, its encoding; the rest is its body.
pub fn submission(input: &[u8]) {
    let end = input.iter().position(|byte| *byte == b'\n').unwrap_or(input.len());
    let line = String::from_utf8_lossy(&input[..end]).into_owned();
    let (kind, encoding) = line.split_once('|').unwrap_or((&line, ""));
    let headers = [("content-type", kind), ("content-encoding", encoding)];
    let headers: Vec<_> = headers.into_iter().filter(|(_, value)| !value.is_empty()).collect();
    payload(&with(&headers, input.get(end + 1..).unwrap_or_default()));
}

/// A body that says by itself that it is multipart.
pub fn multipart(input: &[u8]) {
    payload(&post(input));
    payload(&post(&[b"--b\r\n", input, b"\r\n--b--\r\n"].concat()));
}

fn payload(request: &orilla_core::Request) {
    let parsed = |request: &orilla_core::Request| block_on(body::parse_with_files(request, LIMIT));
    let Ok((payload, files)) = read(request, parsed) else { return };
    assert!(payload.fields.len() <= MAX_FIELDS && files.len() <= MAX_FIELDS);
    for (at, (name, _)) in payload.fields.iter().enumerate() {
        assert!(!name.is_empty() && !name.contains('\0') && payload.fields[..at].iter().all(|(other, _)| other != name), "{name:?}");
    }
    again(&payload);
    for locale in [Locale::Es, Locale::En] {
        match submission::parse(&payload, &FORM, locale) {
            Ok(taken) => {
                assert!(taken.extra.len() <= 100);
                assert_eq!(taken.fingerprint("demo"), taken.clone().fingerprint("demo"));
                assert!(!taken.content_hash("demo", Some("email")).is_empty());
            }
            Err(violations) => assert!(violations.iter().all(|it| !it.field.is_empty() && !it.message.is_empty())),
        }
    }
}

/// What was read, written and read again in each syntax that can say it.
fn again(payload: &Payload) {
    let of = |request: &orilla_core::Request| block_on(body::parse(request, 8 * LIMIT)).map(|payload| payload.fields);
    if payload.kind == Kind::Json {
        let object: serde_json::Map<String, Json> = payload.fields.iter().cloned().collect();
        let written = serde_json::to_vec(&object).unwrap();
        let again: serde_json::Map<String, Json> = of(&post(&written)).unwrap().into_iter().collect();
        assert_eq!(again, object);
        return;
    }
    let pairs: Vec<(&str, &str)> =
        payload.fields.iter().flat_map(|(name, value)| texts(value).map(move |text| (name.as_str(), text))).collect();
    if pairs.is_empty() {
        return;
    }
    let written = form_urlencoded::Serializer::new(String::new()).extend_pairs(&pairs).finish();
    assert_eq!(of(&post(written.as_bytes())).unwrap(), payload.fields, "{written}");
    // A header's line cannot hold the others as they are. Source: RFC 9110, section 5.5; browsers write them as `%22`, `%0D` and `%0A`.
    let is_plain = |text: &str| !text.contains(['"', '\\']) && !text.chars().any(char::is_control);
    if pairs.iter().all(|(name, value)| is_plain(name) && !value.contains("--boundary")) {
        let mut written = String::new();
        for (name, value) in &pairs {
            write!(written, "--boundary\r\nContent-Disposition: form-data; name=\"{name}\"\r\n\r\n{value}\r\n").unwrap();
        }
        written.push_str("--boundary--\r\n");
        assert_eq!(of(&post(written.as_bytes())).unwrap(), payload.fields, "{written}");
    }
}

fn texts(value: &Json) -> impl Iterator<Item = &str> {
    let (one, many) = match value {
        Json::Array(items) => (None, items.as_slice()),
        one => (one.as_str(), &[][..]),
    };
    one.into_iter().chain(many.iter().filter_map(Json::as_str))
}
