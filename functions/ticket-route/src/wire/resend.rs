//! Resend's `email.received`: signed as Standard Webhooks has it, and without the mail's words, which are fetched where they do not come along.
//!
//! Source: Resend, "email.received" and "Retrieve received email"; Svix, "Verifying webhooks manually".

use std::collections::BTreeMap;
use std::time::Duration;

use bytes::Bytes;
use chrono::{DateTime, Utc};
use futures_util::StreamExt;
use http::{HeaderMap, HeaderValue, Method, StatusCode, header};
use orilla_core::outbox::{MAIL_API_KEY, MAIL_API_URL};
use orilla_core::ports::Outbound;
use orilla_core::signing::{self, Secret};
use orilla_core::{Code, Error, Fetch, Platform, Request, body, guard};
use serde::Deserialize;

use crate::wire::mail::{Mail, Sender};
use crate::wire::postmark::nobody;

/// How long fetching a mail may take. Chosen: less than the 15 s that Svix waits for an answer.
const DEADLINE: Duration = Duration::from_secs(10);
/// The most of a fetched mail. Chosen: as of one that comes along.
const MOST_BYTES: usize = 7 * 1024 * 1024;

/// One event.
#[derive(Debug, Deserialize)]
pub struct Event {
    #[serde(rename = "type")]
    kind: String,
    data: Option<Letter>,
}

/// A mail, in the event without its words, in the API with them.
#[derive(Debug, Default, Deserialize)]
#[serde(default)]
struct Letter {
    /// In the API.
    id: Option<String>,
    /// In the event.
    email_id: Option<String>,
    from: Option<String>,
    to: Option<Vec<String>>,
    received_for: Option<Vec<String>>,
    subject: Option<String>,
    message_id: Option<String>,
    text: Option<String>,
    html: Option<String>,
    headers: Option<BTreeMap<String, Value>>,
    attachments: Option<Vec<Attachment>>,
}

/// A header stands there once or more often.
#[derive(Debug, Deserialize)]
#[serde(untagged)]
enum Value {
    One(String),
    Many(Vec<String>),
}

#[derive(Debug, Default, Deserialize)]
#[serde(default)]
struct Attachment {
    filename: Option<String>,
}

/// Lets Resend through.
///
/// Errors: `Unauthenticated` for a forged signature or an old time.
pub fn verify(secret: &str, request: &Request, body: &[u8], now: DateTime<Utc>) -> Result<(), Error> {
    let refused = || Error::new(Code::Unauthenticated, "This was not signed with the source's secret, or more than five minutes ago.");
    // Svix names the headers after itself, the standard that came of it does not.
    let header = |svix: &'static str, standard: &'static str| request.header(svix).or_else(|| request.header(standard)).unwrap_or_default();
    let secret = Secret::parse(secret).map_err(|_| refused())?;
    let (id, timestamp) = (header("svix-id", "webhook-id"), header("svix-timestamp", "webhook-timestamp"));
    signing::verify(&[secret], id, timestamp, header("svix-signature", "webhook-signature"), body, now).map_err(|_| refused())
}

/// Reads a mail, with its words fetched if they did not come along; `None` for an event of another kind.
///
/// Errors: `Malformed` for what is no JSON, `Invalid` for another shape or without a sender, `TooLarge`; `Unavailable` where the words cannot be
/// had, so that Resend sends the event again.
pub async fn read<P: Platform>(platform: &P, request: &Request, limit: usize) -> Result<Option<Mail>, Error> {
    let event: Event = body::json(request, limit)?;
    let (true, Some(told)) = (event.kind == "email.received", event.data) else { return Ok(None) };
    let letter = match (&told.text, &told.html, &told.email_id) {
        (None, None, Some(id)) => {
            let whole = fetch(platform, id).await?;
            Letter {
                text: whole.text,
                html: whole.html,
                headers: whole.headers.or(told.headers),
                message_id: whole.message_id.or(told.message_id),
                ..told
            }
        }
        _ => told,
    };
    mail(letter).map(Some)
}

fn mail(letter: Letter) -> Result<Mail, Error> {
    let from = Sender::read(&letter.from.unwrap_or_default());
    if from.address.is_empty() {
        return Err(nobody("data.from"));
    }
    let mut headers = Vec::new();
    for (name, value) in letter.headers.unwrap_or_default() {
        match value {
            Value::One(value) => headers.push((name, value)),
            Value::Many(values) => headers.extend(values.into_iter().map(|value| (name.clone(), value))),
        }
    }
    if headers.iter().all(|(name, _)| !name.eq_ignore_ascii_case("message-id")) {
        headers.extend(letter.message_id.map(|id| ("message-id".to_owned(), id)));
    }
    Ok(Mail {
        id: letter.email_id.unwrap_or_default(),
        from,
        return_path: None,
        subject: letter.subject.unwrap_or_default(),
        text: letter.text.unwrap_or_default(),
        html: letter.html.unwrap_or_default(),
        own: String::new(),
        to: letter.to.into_iter().chain(letter.received_for).flatten().collect(),
        mailbox: String::new(),
        headers,
        files: letter.attachments.unwrap_or_default().into_iter().filter_map(|file| file.filename).collect(),
    })
}

/// A mail from the API that the deployment's own mails go out by, with the same key.
async fn fetch<P: Platform>(platform: &P, id: &str) -> Result<Letter, Error> {
    let is_word = |byte: u8| byte.is_ascii_alphanumeric() || byte == b'-' || byte == b'_';
    if id.is_empty() || id.len() > 100 || !id.bytes().all(is_word) {
        return Err(Error::malformed("`data.email_id` is no id of a mail."));
    }
    let key = platform.variable(MAIL_API_KEY)?.ok_or_else(|| Error::unavailable("a mail waits to be fetched: set MAIL_API_KEY"))?;
    let url = platform.variable(MAIL_API_URL)?.unwrap_or_else(|| "https://api.resend.com".to_owned());
    let url = format!("{}/emails/receiving/{id}", url.trim_end_matches('/'));
    let mut bearer = HeaderValue::from_str(&format!("Bearer {key}")).map_err(Error::unavailable)?;
    bearer.set_sensitive(true);
    let mut headers = HeaderMap::new();
    headers.insert(header::AUTHORIZATION, bearer);
    headers.insert(header::ACCEPT, HeaderValue::from_static("application/json"));
    headers.insert(header::USER_AGENT, HeaderValue::from_static(concat!("Orilla/", env!("CARGO_PKG_VERSION"))));
    let outbound = Outbound {
        method: Method::GET,
        destination: guard::trusted(&url).map_err(Error::unavailable)?,
        headers,
        body: Bytes::new(),
        deadline: DEADLINE,
        max_bytes: MOST_BYTES,
    };
    let mut answer = platform.fetch().fetch(outbound).await.map_err(Error::unavailable)?;
    if answer.status != StatusCode::OK {
        return Err(Error::unavailable(format!("the mail API answered {} for a received mail", answer.status.as_u16())));
    }
    let mut whole = Vec::new();
    while let Some(chunk) = answer.body.next().await {
        whole.extend_from_slice(&chunk.map_err(Error::unavailable)?);
    }
    let letter = serde_json::from_slice(&whole).ok().filter(|letter: &Letter| letter.id.as_deref() == Some(id));
    letter.ok_or_else(|| Error::unavailable("the mail API answered something else than the mail that was asked for"))
}
