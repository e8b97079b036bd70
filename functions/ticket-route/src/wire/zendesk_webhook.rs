//! Zendesk's signed webhooks: what its ticket events say, and what a trigger says in the JSON below, which is pasted into it:
//!
//! ```json
//! {"ticket_id": "{{ticket.id}}", "subject": "{{ticket.title}}", "description": "{{ticket.description}}",
//!  "requester_email": "{{ticket.requester.email}}", "requester_name": "{{ticket.requester.name}}"}
//! ```
//!
//! Events name a requester by a number alone; only the trigger tells an address.
//! Source: Zendesk, "Verifying webhook authenticity", "Ticket events" of its webhook event types.

use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use chrono::{DateTime, Utc};
use orilla_core::signing::{TOLERANCE, mac};
use orilla_core::{Code, Error, Request, Violation, body};
use serde::Deserialize;
use subtle::ConstantTimeEq;

use crate::ticket::Requester;

const CREATED: &str = "zen:event-type:ticket.created";
const COMMENTED: &str = "zen:event-type:ticket.comment_added";

/// What a webhook tells.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Told {
    /// The ticket, as far as it is told.
    pub ticket: Ticket,
    /// What somebody wrote into it.
    pub comment: Option<Comment>,
}

/// A ticket of Zendesk's.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Ticket {
    /// Its number there.
    pub id: String,
    /// Its subject, perhaps empty.
    pub subject: String,
    /// Its first words, perhaps none.
    pub description: String,
    /// Who asks, as far as it is told.
    pub requester: Requester,
}

/// A comment of Zendesk's.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Comment {
    /// Its id there.
    pub id: String,
    /// What it says.
    pub text: String,
    /// Whether the requester sees it.
    pub is_public: bool,
    /// Whether somebody of the team wrote it.
    pub is_staff: bool,
}

/// Both bodies at once; which one it is shows in `type`.
#[derive(Debug, Default, Deserialize)]
#[serde(default)]
struct Sent {
    #[serde(rename = "type")]
    kind: Option<String>,
    detail: Option<Detail>,
    event: Option<Event>,
    ticket_id: Option<Id>,
    subject: Option<String>,
    description: Option<String>,
    requester_email: Option<String>,
    requester_name: Option<String>,
}

#[derive(Debug, Default, Deserialize)]
#[serde(default)]
struct Detail {
    id: Option<Id>,
    subject: Option<String>,
    description: Option<String>,
}

#[derive(Debug, Default, Deserialize)]
#[serde(default)]
struct Event {
    comment: Option<SentComment>,
}

#[derive(Debug, Deserialize)]
struct SentComment {
    id: Id,
    body: String,
    #[serde(default)]
    is_public: Option<bool>,
    #[serde(default)]
    author: Author,
}

#[derive(Debug, Default, Deserialize)]
#[serde(default)]
struct Author {
    is_staff: bool,
}

/// A number, which some payloads quote.
#[derive(Debug, Deserialize)]
#[serde(untagged)]
enum Id {
    Number(u64),
    Text(String),
}

impl Id {
    fn text(self) -> String {
        match self {
            Self::Number(number) => number.to_string(),
            Self::Text(text) => text,
        }
    }
}

/// Lets Zendesk through.
///
/// Errors: `Unauthenticated` for a forged signature or an old time.
pub fn verify(secret: &str, request: &Request, body: &[u8], now: DateTime<Utc>) -> Result<(), Error> {
    let refused = || Error::new(Code::Unauthenticated, "This was not signed with the source's secret, or more than five minutes ago.");
    let timestamp = request.header("x-zendesk-webhook-signature-timestamp").ok_or_else(refused)?;
    let shown = request.header("x-zendesk-webhook-signature").unwrap_or_default();
    let time = DateTime::parse_from_rfc3339(timestamp).map_err(|_| refused())?;
    let expected = STANDARD.encode(mac(secret.as_bytes(), &[timestamp.as_bytes(), body]));
    let is_signed = bool::from(expected.as_bytes().ct_eq(shown.as_bytes()));
    if is_signed && (now - time.to_utc()).abs() <= TOLERANCE { Ok(()) } else { Err(refused()) }
}

/// Reads a webhook; `None` for an event of another kind.
///
/// Errors: `Malformed` for what is no JSON, `Invalid` for another shape or without a ticket, `TooLarge`.
pub fn read(request: &Request, limit: usize) -> Result<Option<Told>, Error> {
    let sent: Sent = body::json(request, limit)?;
    let detail = sent.detail.unwrap_or_default();
    let told = match sent.kind.as_deref() {
        None => Told {
            ticket: Ticket {
                id: id(sent.ticket_id, "ticket_id")?,
                subject: sent.subject.unwrap_or_default(),
                description: sent.description.unwrap_or_default(),
                requester: Requester { name: sent.requester_name, email: sent.requester_email },
            },
            comment: None,
        },
        Some(CREATED) => Told { ticket: ticket(detail)?, comment: None },
        Some(COMMENTED) => {
            let comment = sent.event.and_then(|event| event.comment).ok_or_else(|| missing("event.comment"))?;
            let is_staff = comment.author.is_staff;
            let comment = Comment {
                id: id(Some(comment.id), "event.comment.id")?,
                text: comment.body,
                // Whoever asks cannot write what they do not see.
                is_public: !is_staff || comment.is_public.unwrap_or(true),
                is_staff,
            };
            Told { ticket: ticket(detail)?, comment: Some(comment) }
        }
        Some(_) => return Ok(None),
    };
    Ok(Some(told))
}

fn ticket(detail: Detail) -> Result<Ticket, Error> {
    Ok(Ticket {
        id: id(detail.id, "detail.id")?,
        subject: detail.subject.unwrap_or_default(),
        description: detail.description.unwrap_or_default(),
        requester: Requester::default(),
    })
}

/// An id that a ticket can be called by.
fn id(id: Option<Id>, field: &str) -> Result<String, Error> {
    let id = id.map(Id::text).unwrap_or_default();
    if (1..=64).contains(&id.trim().len()) { Ok(id.trim().to_owned()) } else { Err(missing(field)) }
}

fn missing(field: &str) -> Error {
    let violation = Violation { field: field.into(), code: "required".into(), message: "A webhook of Zendesk's tickets has it.".into() };
    Error::invalid("The webhook cannot be taken.", vec![violation])
}
