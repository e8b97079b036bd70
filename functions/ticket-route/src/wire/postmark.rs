//! Postmark's inbound webhook: one JSON object for each mail. It is not signed; the URL may carry a password, and is itself unguessable.
//!
//! Source: Postmark, "Inbound webhook" and "Parse an email".

use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use http::header;
use orilla_core::{Code, Error, Request, Violation, auth, body};
use serde::Deserialize;
use subtle::ConstantTimeEq;

use crate::wire::mail::{Mail, Sender};

#[derive(Debug, Default, Deserialize)]
#[serde(rename_all = "PascalCase", default)]
struct Sent {
    from: Option<String>,
    from_full: Option<Full>,
    original_recipient: Option<String>,
    subject: Option<String>,
    #[serde(rename = "MessageID")]
    message_id: Option<String>,
    mailbox_hash: Option<String>,
    text_body: Option<String>,
    html_body: Option<String>,
    stripped_text_reply: Option<String>,
    headers: Option<Vec<Header>>,
    attachments: Option<Vec<Attachment>>,
}

#[derive(Debug, Default, Deserialize)]
#[serde(rename_all = "PascalCase", default)]
struct Full {
    email: Option<String>,
    name: Option<String>,
}

#[derive(Debug, Deserialize)]
#[serde(rename_all = "PascalCase")]
struct Header {
    name: String,
    value: String,
}

/// Its content is not read.
#[derive(Debug, Default, Deserialize)]
#[serde(rename_all = "PascalCase", default)]
struct Attachment {
    name: Option<String>,
}

/// Lets Postmark through: with the password that its URL carries, where the source has one.
///
/// Errors: `Unauthenticated` for another password or none.
pub fn admit(secret: Option<&str>, request: &Request) -> Result<(), Error> {
    let Some(secret) = secret else { return Ok(()) };
    let shown = request.header(header::AUTHORIZATION).and_then(|value| value.split_once(' ')).and_then(|(scheme, credentials)| {
        let decoded = STANDARD.decode(credentials.trim()).ok().filter(|_| scheme.eq_ignore_ascii_case("basic"))?;
        String::from_utf8(decoded).ok()?.split_once(':').map(|(_, password)| password.to_owned())
    });
    // Hashed first, so that the comparison tells nothing about the length either.
    let is_it = shown.is_some_and(|shown| bool::from(auth::hash(&shown).ct_eq(&auth::hash(secret))));
    if is_it { Ok(()) } else { Err(Error::new(Code::Unauthenticated, "The webhook's URL carries this source's secret as its password.")) }
}

/// Reads a mail.
///
/// Errors: `Malformed` for what is no JSON, `Invalid` for another shape or without a sender, `TooLarge`.
pub fn read(request: &Request, limit: usize) -> Result<Mail, Error> {
    let sent: Sent = body::json(request, limit)?;
    let from = match sent.from_full {
        Some(Full { email: Some(address), name }) if !address.is_empty() => Sender { name: name.unwrap_or_default(), address },
        _ => Sender::read(&sent.from.unwrap_or_default()),
    };
    if from.address.is_empty() {
        return Err(nobody("FromFull.Email"));
    }
    Ok(Mail {
        id: sent.message_id.unwrap_or_default(),
        from,
        return_path: None,
        subject: sent.subject.unwrap_or_default(),
        text: sent.text_body.unwrap_or_default(),
        html: sent.html_body.unwrap_or_default(),
        own: sent.stripped_text_reply.unwrap_or_default(),
        to: sent.original_recipient.into_iter().collect(),
        mailbox: sent.mailbox_hash.unwrap_or_default(),
        headers: sent.headers.unwrap_or_default().into_iter().map(|header| (header.name, header.value)).collect(),
        files: sent.attachments.unwrap_or_default().into_iter().filter_map(|file| file.name).collect(),
    })
}

/// The refusal of a mail that nobody wrote.
pub fn nobody(field: &str) -> Error {
    let violation = Violation { field: field.into(), code: "required".into(), message: "A mail says who wrote it.".into() };
    Error::invalid("The mail cannot be taken.", vec![violation])
}
