//! Mailgun's routes: `forward()` posts each mail as a form, as multipart where it has files, signed by a time and a token, not by what it says.
//!
//! Source: Mailgun, "Receiving messages via HTTP" and "Securing webhooks".

use chrono::{DateTime, TimeDelta, Utc};
use orilla_core::body::{NamedFile, Payload};
use orilla_core::ids::hex;
use orilla_core::signing::mac;
use orilla_core::{Code, Error, Violation};
use serde_json::Value;
use subtle::ConstantTimeEq;

use crate::wire::mail::{Mail, Sender};
use crate::wire::postmark::nobody;

/// Headers that are fields, too; a route may be told to leave the list of all of them out.
const FIELDS: [&str; 3] = ["Message-Id", "In-Reply-To", "References"];

/// How long a signature is believed: Mailgun signs once and sends the same again for eight hours, and nothing may be lost of a store that was away.
/// Source: Mailgun's documentation of routes, on retries; an hour for clocks and queues.
const BELIEVED: TimeDelta = TimeDelta::hours(9);

/// Lets Mailgun through, as far as the signature goes; the token that it signs, a word of 50 letters, serves one mail.
///
/// Errors: `Unauthenticated` for a forged one and for one that is older than nine hours.
pub fn verify(secret: &str, sent: &Payload, now: DateTime<Utc>) -> Result<String, Error> {
    let refused = || Error::new(Code::Unauthenticated, "This was not signed with the source's signing key, or more than nine hours ago.");
    let (timestamp, token, signature) = (text(sent, "timestamp"), text(sent, "token"), text(sent, "signature"));
    let time = timestamp.parse().ok().and_then(|seconds| DateTime::from_timestamp(seconds, 0)).ok_or_else(refused)?;
    let expected = hex(&mac(secret.as_bytes(), &[timestamp.as_bytes(), token.as_bytes()]));
    let is_signed = bool::from(expected.as_bytes().ct_eq(signature.as_bytes()));
    if is_signed && !token.is_empty() && (now - time).abs() <= BELIEVED { Ok(token) } else { Err(refused()) }
}

/// Reads a mail.
///
/// Errors: `Invalid` for headers that are no list, or without a sender.
pub fn read(sent: &Payload, files: Vec<NamedFile>) -> Result<Mail, Error> {
    let listed = text(sent, "message-headers");
    let mut headers: Vec<(String, String)> = match listed.trim() {
        "" => Vec::new(),
        listed => serde_json::from_str(listed).map_err(|_| {
            let message = "It is a JSON list of names and values.".to_owned();
            Error::invalid("The mail cannot be taken.", vec![Violation { field: "message-headers".into(), code: "type".into(), message }])
        })?,
    };
    for name in FIELDS {
        let value = text(sent, name);
        if !value.is_empty() && headers.iter().all(|(known, _)| !known.eq_ignore_ascii_case(name)) {
            headers.push((name.to_owned(), value));
        }
    }
    let envelope = sent.get("sender").map(|_| text(sent, "sender"));
    let from = Sender::read(&text(sent, "from"));
    let from = if from.address.is_empty() { Sender::read(envelope.as_deref().unwrap_or_default()) } else { from };
    if from.address.is_empty() {
        return Err(nobody("from"));
    }
    Ok(Mail {
        id: text(sent, "token"),
        from,
        return_path: envelope,
        subject: text(sent, "subject"),
        text: text(sent, "body-plain"),
        html: text(sent, "body-html"),
        own: text(sent, "stripped-text"),
        to: vec![text(sent, "recipient")],
        mailbox: String::new(),
        headers,
        files: files.into_iter().map(|file| file.name).collect(),
    })
}

/// A field's text; of one that stands there more than once, all of them.
fn text(sent: &Payload, name: &str) -> String {
    match sent.get(name) {
        Some(Value::String(text)) => text.clone(),
        Some(Value::Array(texts)) => texts.iter().filter_map(Value::as_str).collect::<Vec<_>>().join("\n"),
        _ => String::new(),
    }
}

#[cfg(test)]
mod tests {
    use orilla_core::body::Kind;

    use super::*;

    fn form(fields: &[(&str, &str)]) -> Payload {
        Payload { kind: Kind::Form, fields: fields.iter().map(|(name, value)| ((*name).to_owned(), (*value).into())).collect() }
    }

    /// The last forgery has the same bytes under the signature, cut at another place: its time is far off.
    #[test]
    fn only_a_signature_of_time_and_token_is_believed() {
        let (key, time, token) = ("key-of-a-test", "1327086613", "06a1ef8e3a1a1d6f9d0d8a5ad95a1b6dd7c3c2a4b8f6e0d1aa");
        let signature = hex(&mac(key.as_bytes(), &[time.as_bytes(), token.as_bytes()]));
        let told = |key: &str, time: &str, token: &str, now| {
            let sent = form(&[("timestamp", time), ("token", token), ("signature", &signature)]);
            verify(key, &sent, DateTime::from_timestamp(now, 0).unwrap()).map(|_| ()).map_err(|error| error.code)
        };
        assert_eq!(told(key, time, token, 1_327_086_700), Ok(()));
        assert_eq!(told(key, time, token, 1_327_086_613 + 32_400), Ok(()), "sent again until the end");
        assert_eq!(told(key, time, token, 1_327_086_613 + 32_401), Err(Code::Unauthenticated), "nine hours and a second old");
        assert_eq!(told(key, time, token, 1_327_086_613 - 32_401), Err(Code::Unauthenticated), "from the future");
        assert_eq!(told("other", time, token, 1_327_086_700), Err(Code::Unauthenticated));
        assert_eq!(told(key, time, "other", 1_327_086_700), Err(Code::Unauthenticated));
        assert_eq!(told(key, "soon", token, 1_327_086_700), Err(Code::Unauthenticated));
        assert_eq!(told(key, "13270866130", &token[1..], 1_327_086_700), Err(Code::Unauthenticated));
        assert_eq!(verify(key, &form(&[]), DateTime::UNIX_EPOCH).unwrap_err().code, Code::Unauthenticated);
    }

    #[test]
    fn an_empty_sender_is_a_return_and_no_sender_field_is_not() {
        let mail = read(&form(&[("from", "Eva <e@x.example>"), ("sender", ""), ("body-plain", "hola")]), Vec::new()).unwrap();
        assert!(mail.ignored(None, false).is_some());
        let mail = read(&form(&[("from", "Eva <e@x.example>"), ("body-plain", "hola")]), Vec::new()).unwrap();
        assert!(mail.ignored(None, false).is_none());
        assert_eq!(read(&form(&[("sender", "")]), Vec::new()).unwrap_err().code, Code::Invalid);
        assert_eq!(read(&form(&[("from", "a@x.example"), ("message-headers", "{}")]), Vec::new()).unwrap_err().code, Code::Invalid);
    }
}
