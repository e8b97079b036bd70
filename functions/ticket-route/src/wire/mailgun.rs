//! Mailgun's routes: `forward()` posts each mail as a form, as multipart where it has files, signed by a time and a token, not by what it says.
//!
//! Source: Mailgun, "Receiving messages via HTTP" and "Securing webhooks".

use chrono::{DateTime, Utc};
use orilla_core::body::{NamedFile, Payload};
use orilla_core::ids::hex;
use orilla_core::signing::{TOLERANCE, mac};
use orilla_core::{Code, Error, Violation};
use serde_json::Value;
use subtle::ConstantTimeEq;

use crate::wire::mail::{Mail, Sender};
use crate::wire::postmark::nobody;

/// Headers that are fields, too; a route may be told to leave the list of all of them out.
const FIELDS: [&str; 3] = ["Message-Id", "In-Reply-To", "References"];

/// Lets Mailgun through, and gives the token, which serves once.
///
/// Errors: `Unauthenticated` for a forged signature or an old time.
pub fn verify(secret: &str, sent: &Payload, now: DateTime<Utc>) -> Result<String, Error> {
    let refused = || Error::new(Code::Unauthenticated, "This was not signed with the source's signing key, or more than five minutes ago.");
    let (timestamp, token, signature) = (text(sent, "timestamp"), text(sent, "token"), text(sent, "signature"));
    let time = timestamp.parse().ok().and_then(|seconds| DateTime::from_timestamp(seconds, 0)).ok_or_else(refused)?;
    let expected = hex(&mac(secret.as_bytes(), &[timestamp.as_bytes(), token.as_bytes()]));
    let is_signed = bool::from(expected.as_bytes().ct_eq(signature.as_bytes()));
    if is_signed && !token.is_empty() && (now - time).abs() <= TOLERANCE { Ok(token) } else { Err(refused()) }
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

    /// The third forgery has the same bytes under the signature, cut at another place: its time is far off.
    #[test]
    fn only_a_fresh_signature_of_time_and_token_is_believed() {
        let (key, time, token) = ("key-of-a-test", "1327086613", "06a1ef8e3a1a1d6f9d0d8a5ad95a1b6dd7c3c2a4b8f6e0d1aa");
        let signature = hex(&mac(key.as_bytes(), &[b"1327086613", token.as_bytes()]));
        let at = |seconds| DateTime::from_timestamp(seconds, 0).unwrap();
        let sent = form(&[("timestamp", time), ("token", token), ("signature", &signature)]);
        assert_eq!(verify(key, &sent, at(1_327_086_700)).unwrap(), token);
        for (sent, now) in [
            (sent.clone(), 1_327_086_914),
            (sent, 1_327_086_312),
            (form(&[("timestamp", time), ("token", "other"), ("signature", &signature)]), 1_327_086_700),
            (form(&[("timestamp", "13270866130"), ("token", &token[1..]), ("signature", &signature)]), 1_327_086_700),
            (form(&[("timestamp", "soon"), ("token", token), ("signature", &signature)]), 1_327_086_700),
            (form(&[]), 1_327_086_700),
        ] {
            assert_eq!(verify(key, &sent, at(now)).unwrap_err().code, Code::Unauthenticated);
        }
        assert!(verify("other", &form(&[("timestamp", time), ("token", token), ("signature", &signature)]), at(1_327_086_700)).is_err());
    }

    #[test]
    fn an_empty_sender_is_a_return_and_no_sender_field_is_not() {
        let mail = read(&form(&[("from", "Eva <e@x.example>"), ("sender", ""), ("body-plain", "hola")]), Vec::new()).unwrap();
        assert!(mail.ignored(None).is_some());
        let mail = read(&form(&[("from", "Eva <e@x.example>"), ("body-plain", "hola")]), Vec::new()).unwrap();
        assert!(mail.ignored(None).is_none());
        assert_eq!(read(&form(&[("sender", "")]), Vec::new()).unwrap_err().code, Code::Invalid);
        assert_eq!(read(&form(&[("from", "a@x.example"), ("message-headers", "{}")]), Vec::new()).unwrap_err().code, Code::Invalid);
    }
}
