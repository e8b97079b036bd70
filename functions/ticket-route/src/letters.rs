//! Mails to whoever asked: what an agent wrote to them, and how the help was. In the ticket's language, under a subject by which answers find back.

use orilla_core::outbox::Mail;
use orilla_core::outbox::message::escape_html;
use orilla_text::Locale;

use crate::desk::Front;
use crate::happened::{Actor, Event, What};
use crate::satisfaction::{self, Link};
use crate::ticket::Ticket;

/// A mail by why it is sent.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Letter {
    /// What an agent wrote; each is sent.
    Reply(Mail),
    /// How the help was; once in a while, however often a ticket is opened and solved again.
    Question(Mail),
}

impl Letter {
    /// What its row in the outbox is called.
    #[must_use]
    pub const fn name(&self) -> &'static str {
        match self {
            Self::Reply(_) => "ticket.reply",
            Self::Question(_) => "ticket.satisfaction",
        }
    }
}

/// The mails that go with what was just done; `link` is there if it solved the ticket.
#[must_use]
pub fn written(front: &Front, before: &Ticket, after: &Ticket, fresh: &[Event], link: Option<&Link>) -> Vec<Letter> {
    let settings = &front.desk.settings.mail;
    let Some(to) = after.requester.email.as_deref() else { return Vec::new() };
    let asked = link.filter(|_| settings.satisfaction && satisfaction::is_asked(before, after));
    let compose = |said: Option<&str>, link: Option<&Link>| Draft { front, ticket: after, to, said, link }.mail();
    let replies: Vec<&str> = fresh.iter().filter(|_| settings.replies).filter_map(public_words).collect();
    let last = replies.len().saturating_sub(1);
    let mut letters: Vec<_> =
        replies.iter().enumerate().map(|(at, said)| Letter::Reply(compose(Some(said), asked.filter(|_| at == last)))).collect();
    if letters.is_empty() {
        letters.extend(asked.map(|link| Letter::Question(compose(None, Some(link)))));
    }
    letters
}

/// What an agent wrote for the customer to read.
fn public_words(event: &Event) -> Option<&str> {
    let is_public = matches!((&event.what, &event.actor), (What::Comment { is_public: true, .. }, Actor::Agent(_)));
    event.text.as_deref().filter(|_| is_public)
}

struct Draft<'a> {
    front: &'a Front,
    ticket: &'a Ticket,
    to: &'a str,
    said: Option<&'a str>,
    link: Option<&'a Link>,
}

impl Draft<'_> {
    fn mail(&self) -> Mail {
        let locale = self.ticket.locale;
        let words = words(locale);
        let reply_to = self.front.desk.settings.mail.reply_to.clone();
        let (mut text, mut html) = (Vec::new(), Vec::new());
        match self.said {
            Some(said) => {
                text.push(said.to_owned());
                html.push(format!("<p>{}</p>", paragraphs(said)));
            }
            None => {
                text.push(words.solved.to_owned());
                html.push(format!("<p>{}</p>", words.solved));
            }
        }
        if let Some(Link { url, .. }) = self.link {
            let question = satisfaction::question(locale);
            text.push(format!("{question}\n{url}"));
            html.push(format!("<p><strong>{question}</strong></p><p>{}</p>", choices(url, locale)));
        }
        let sender = self.front.name.as_str();
        let closing = [Some(sender).filter(|name| !name.is_empty()), reply_to.as_ref().map(|_| words.go_on)];
        let closing: Vec<&str> = closing.into_iter().flatten().collect();
        if !closing.is_empty() {
            text.push(closing.join("\n"));
            let lines: Vec<_> = closing.iter().map(|line| escape_html(line)).collect();
            html.push(format!("<p style=\"color:#5b6b75\">{}</p>", lines.join("<br>")));
        }
        Mail {
            to: self.to.to_owned(),
            subject: subject(self.ticket),
            text: text.join("\n\n"),
            html: format!("<div lang=\"{}\">{}</div>", locale.as_str(), html.concat()),
            reply_to,
        }
    }
}

/// With the ticket's number, once: who answers keeps it, and their mail program keeps the thread.
fn subject(ticket: &Ticket) -> String {
    let mark = format!("[#{}]", ticket.number);
    if ticket.subject.contains(&mark) { ticket.subject.clone() } else { format!("{mark} {}", ticket.subject) }
}

/// Five links, each large enough for a thumb.
fn choices(url: &str, locale: Locale) -> String {
    let style = "display:inline-block;min-width:44px;padding:12px 8px;margin:0 8px 8px 0;border:1px solid #84939c;border-radius:6px;\
                 color:#0b6e78;text-align:center;text-decoration:none";
    let link =
        |(score, label): (u8, &str)| format!("<a href=\"{}?score={score}\" style=\"{style}\">{score} · {label}</a>", escape_html(url));
    (1..).zip(satisfaction::scale(locale)).map(link).collect()
}

fn paragraphs(text: &str) -> String {
    escape_html(text).replace("\r\n", "\n").replace("\n\n", "</p><p>").replace('\n', "<br>")
}

struct Words {
    solved: &'static str,
    go_on: &'static str,
}

const fn words(locale: Locale) -> Words {
    match locale {
        Locale::Es => {
            Words { solved: "Dimos por resuelto lo que nos pediste.", go_on: "Para seguir la conversación, responde a este correo." }
        }
        Locale::En => {
            Words { solved: "We have marked what you asked us as solved.", go_on: "To go on with the conversation, reply to this mail." }
        }
    }
}
