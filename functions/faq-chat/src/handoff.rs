//! Handing a conversation to people: a request for a ticket that holds all that was said and found, and news to whoever listens.

use chrono::{DateTime, Utc};
use orilla_core::Random;
use orilla_core::ids::rfc3339;
use orilla_core::outbox::{Event, Note};
use orilla_core::sites::SiteId;
use orilla_core::sql::Statement;
use orilla_text::Locale;
use serde_json::{Value as Json, json};

use crate::answer::Choice;
use crate::conversation::{Author, Conversation, Message};
use crate::desk::Desk;
use crate::words;

/// A conversation was handed to the team.
pub const HANDED_OFF: &str = "conversation.handed_off";
/// A visitor wrote while people have the floor.
pub const MESSAGE: &str = "conversation.message";
/// An agent said that it is done.
pub const RESOLVED: &str = "conversation.resolved";

/// The most bytes of a transcript in a webhook. Source: Standard Webhooks, "payloads should be small, under 20 kB".
const MAX_TOLD_BYTES: usize = 12_000;

/// A conversation as it is handed over.
#[derive(Debug)]
pub struct Handoff<'a> {
    /// The site.
    pub desk: &'a Desk,
    /// The conversation, in the state that it has now.
    pub conversation: &'a Conversation,
    /// What was said, in order; the visitor's wish among it.
    pub transcript: &'a [Message],
    /// What was found for the last question.
    pub candidates: &'a [Choice],
}

impl Handoff<'_> {
    /// The request for a ticket and the news, for the batch that is their cause.
    #[must_use]
    pub fn statements(&self, ticket: &str, now: DateTime<Utc>, random: &impl Random) -> Vec<Statement> {
        let body = self.body(usize::MAX);
        let request = Statement::new(
            "INSERT INTO ticket_requests (site_id, id, source, subject_id, body, created_at) VALUES (?1, ?2, 'chat', ?3, ?4, ?5)",
        )
        .bind(&self.desk.site)
        .bind(ticket)
        .bind(self.conversation.id.as_str())
        .bind(body.to_string())
        .bind(now);
        let mut data = self.body(MAX_TOLD_BYTES);
        data["ticket_id"] = ticket.into();
        let news = Event { site: &self.desk.site, name: HANDED_OFF, subject: &self.conversation.id, only: None, data, note: self.note() };
        vec![request, news.announce(now, random)]
    }

    fn body(&self, most: usize) -> Json {
        json!({
            "conversation_id": self.conversation.id,
            "subject": self.subject(),
            "locale": self.conversation.locale,
            "contact": self.conversation.contact,
            "page": self.conversation.page,
            "transcript": transcript(self.transcript, most),
            "candidates": self.candidates,
        })
    }

    /// The last question before the wish, in one line.
    fn subject(&self) -> String {
        let mut asked = self.transcript.iter().filter(|it| it.author == Author::Visitor && it.detail.get("is_wish").is_none());
        match asked.next_back() {
            Some(message) => message.text.split_whitespace().collect::<Vec<_>>().join(" ").chars().take(200).collect(),
            None => words::asked_for_person(self.conversation.locale).to_owned(),
        }
    }

    fn note(&self) -> Note {
        let own = self.desk.locales.first().copied().unwrap_or(Locale::Es);
        let (title, contact, said) = match own {
            Locale::Es => ("Alguien espera en el chat", "Contacto", "Conversación"),
            Locale::En => ("Somebody is waiting in the chat", "Contact", "Conversation"),
        };
        let mut facts: Vec<(String, String)> = Vec::new();
        let reached = [&self.conversation.contact.name, &self.conversation.contact.email].into_iter().flatten().cloned();
        let reached = reached.collect::<Vec<_>>().join(", ");
        facts.extend((!reached.is_empty()).then(|| (contact.to_owned(), reached)));
        let lines: Vec<_> = self.transcript.iter().map(|it| format!("{}: {}", it.author.name(), it.text)).collect();
        facts.push((said.to_owned(), lines.join("\n")));
        Note { title: format!("{title}: {}", self.subject()), facts }
    }
}

/// What was said, the latest first to be kept where not all of it fits.
fn transcript(messages: &[Message], most: usize) -> Json {
    let mut kept: Vec<Json> = Vec::new();
    let mut bytes = 0;
    for message in messages.iter().rev() {
        bytes += message.text.len() + 100;
        if bytes > most {
            break;
        }
        kept.push(json!({ "author": message.author, "text": message.text, "at": rfc3339(message.created) }));
    }
    kept.reverse();
    kept.into()
}

/// News of a message that a visitor wrote to people, or of the end.
#[must_use]
pub fn news(
    name: &'static str,
    site: &SiteId,
    conversation: &Conversation,
    text: &str,
    now: DateTime<Utc>,
    random: &impl Random,
) -> Statement {
    let told: String = text.chars().take(2_000).collect();
    let data = json!({
        "conversation_id": conversation.id,
        "ticket_id": conversation.ticket,
        "state": conversation.state,
        "locale": conversation.locale,
        "agent": conversation.agent,
        "text": told,
    });
    let note = Note { title: told.chars().take(120).collect(), facts: vec![("Chat".to_owned(), told)] };
    Event { site, name, subject: &conversation.id, only: None, data, note }.announce(now, random)
}
