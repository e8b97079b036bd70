//! What a visitor sends, read and checked: after this, nobody looks at the body again.

use http::header;
use orilla_core::sites::SiteId;
use orilla_core::{Error, Request, Violation, body};
use serde::{Deserialize, Serialize};
use url::Url;
use uuid::Uuid;

/// The longest message, in bytes. Chosen: what is searched with is far less; a person reads the rest.
pub const MAX_MESSAGE_BYTES: usize = 16_000;
/// Messages of one burst. Chosen.
const MAX_BURST: usize = 20;
const MAX_NAME_CHARS: usize = 200;
const MAX_URL_BYTES: usize = 2_000;

/// What was sent.
#[derive(Debug, Deserialize)]
struct Sent {
    site: Option<SiteId>,
    message: Option<OneOrMany>,
    choice: Option<String>,
    want: Option<Want>,
    contact: Option<SentContact>,
    conversation_id: Option<String>,
    locale: Option<String>,
    page: Option<String>,
    stream: Option<bool>,
}

#[derive(Debug, Deserialize)]
#[serde(untagged)]
enum OneOrMany {
    One(String),
    Many(Vec<String>),
}

/// What a visitor wants that is no question.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Want {
    /// To talk to a person.
    Person,
}

#[derive(Debug, Default, Deserialize)]
struct SentContact {
    email: Option<String>,
    name: Option<String>,
}

/// How the visitor can be reached.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Contact {
    /// A mailbox.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub email: Option<String>,
    /// What they are called.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub name: Option<String>,
}

impl Contact {
    /// What is known, with what was said now.
    #[must_use]
    pub fn with(&self, said: &Self) -> Self {
        Self { email: said.email.clone().or_else(|| self.email.clone()), name: said.name.clone().or_else(|| self.name.clone()) }
    }
}

/// What a visitor says.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Said {
    /// The site, if the body names it.
    pub site: Option<SiteId>,
    /// The message; several of one burst stand below one another. Empty where something else is wanted.
    pub text: String,
    /// The entry they chose.
    pub choice: Option<String>,
    /// Something else than an answer.
    pub want: Option<Want>,
    /// How to reach them.
    pub contact: Contact,
    /// Which conversation it goes on; a new one begins without.
    pub conversation: Option<String>,
    /// The language of the page, as the page spells it.
    pub locale: Option<String>,
    /// The page, without its query.
    pub page: Option<String>,
    /// Whether the answer is to come in pieces.
    pub is_streamed: bool,
}

/// Reads a request.
///
/// Errors: as [`body::json`]; `Invalid` with everything that is wrong; `NotFound` for what can be no conversation's id.
pub fn read(request: &Request, limit: usize) -> Result<Said, Error> {
    let sent: Sent = body::json(request, limit)?;
    let mut found = Vec::new();
    let mut refuse = |field: &str, code: &'static str, message: &str| {
        found.push(Violation { field: field.into(), code: code.into(), message: message.into() });
    };
    let texts = match sent.message {
        None => Vec::new(),
        Some(OneOrMany::One(text)) => vec![text],
        Some(OneOrMany::Many(texts)) => texts,
    };
    if texts.len() > MAX_BURST {
        refuse("message", "too_many", "Twenty messages at a time are the most.");
    }
    let text = texts.iter().map(|text| plain(text)).filter(|text| !text.is_empty()).collect::<Vec<_>>().join("\n");
    if text.len() > MAX_MESSAGE_BYTES {
        refuse("message", "too_long", "A message has 16,000 bytes at most.");
    }
    let contact = sent.contact.unwrap_or_default();
    let email = contact.email.filter(|email| !email.trim().is_empty());
    if email.as_deref().is_some_and(|email| orilla_text::email::parse(email).is_none()) {
        refuse("contact.email", "type_email", "This is no e-mail address.");
    }
    if text.is_empty() && sent.want.is_none() && email.is_none() {
        refuse("message", "required", "Say something, or `want` a person.");
    }
    let page = sent.page.and_then(|page| without_query(&page));
    if !found.is_empty() {
        return Err(Error::invalid("The message cannot be taken.", found));
    }
    let conversation = sent.conversation_id.filter(|id| !id.is_empty()).map(|id| conversation(&id)).transpose()?;
    let name = contact.name.map(|name| plain(&name).chars().take(MAX_NAME_CHARS).collect::<String>()).filter(|name| !name.is_empty());
    Ok(Said {
        site: sent.site,
        text,
        choice: sent.choice,
        want: sent.want,
        contact: Contact { email: email.map(|email| email.trim().to_owned()), name },
        conversation,
        locale: sent.locale,
        page,
        is_streamed: sent.stream.unwrap_or_else(|| accepts_events(request)),
    })
}

/// An id as the store spells it.
///
/// Errors: `NotFound` for what can be none.
pub fn conversation(id: &str) -> Result<String, Error> {
    let id = Uuid::try_parse(id).map_err(|_| Error::not_found("This site has no such conversation."))?;
    Ok(id.as_hyphenated().to_string())
}

fn accepts_events(request: &Request) -> bool {
    request.header(header::ACCEPT).is_some_and(|accept| accept.contains("text/event-stream"))
}

/// Text without what no reader sees but line breaks.
fn plain(text: &str) -> String {
    let kept: String = text.replace("\r\n", "\n").chars().filter(|c| *c == '\n' || *c == '\t' || !c.is_control()).collect();
    kept.trim().to_owned()
}

/// Where a page is; what its query says is nobody's business here.
fn without_query(page: &str) -> Option<String> {
    let mut url = Url::parse(page).ok().filter(|url| matches!(url.scheme(), "https" | "http") && page.len() <= MAX_URL_BYTES)?;
    url.set_query(None);
    url.set_fragment(None);
    Some(url.to_string())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_page_is_kept_without_its_query() {
        assert_eq!(
            without_query("https://marea.example/precios?utm_source=x&email=a@b.c#top").as_deref(),
            Some("https://marea.example/precios")
        );
        assert_eq!(without_query("javascript:alert(1)"), None);
        assert_eq!(without_query("/precios"), None);
    }

    #[test]
    fn text_is_kept_as_it_is_but_for_what_nobody_sees() {
        assert_eq!(plain(" ¿Hola?\r\n<b>sí</b>\u{0}\u{7} 🌊\t. "), "¿Hola?\n<b>sí</b> 🌊\t.");
    }

    #[test]
    fn what_is_known_of_a_visitor_is_overlaid_by_what_they_say_now() {
        let known = Contact { email: Some("a@b.example".into()), name: Some("Ana".into()) };
        let said = Contact { email: Some("c@d.example".into()), name: None };
        assert_eq!(known.with(&said), Contact { email: Some("c@d.example".into()), name: Some("Ana".into()) });
    }
}
