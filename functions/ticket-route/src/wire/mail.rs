//! A mail as our rules see it, whoever brings it: who wrote it, whether a person did, what is new in it, and what it answers.

use orilla_text::{Locale, email};

use crate::classify::text::of_html;
use crate::intake::{Arrival, MAX_SUBJECT_CHARS, MAX_TEXT_BYTES};
use crate::origins;
use crate::ticket::Requester;

/// The most of an HTML mail that is read, in bytes. Chosen: four times what a ticket keeps of its text.
const HTML_BYTES: usize = 4 * MAX_TEXT_BYTES;
/// How many of the mails that a mail names are looked for. Chosen: the latest are the nearest, and one that is known is enough.
const MOST_ANSWERED: usize = 20;
/// How long the line of files may be, in characters. Chosen: a line that somebody reads.
const FILES_CHARS: usize = 2_000;

/// A mail.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Mail {
    /// What its service calls it, for one without a Message-ID.
    pub id: String,
    /// Who wrote it.
    pub from: Sender,
    /// Where the mail system returns it to, if its service tells: the address or nothing at all.
    pub return_path: Option<String>,
    /// Its subject.
    pub subject: String,
    /// Its text, whole.
    pub text: String,
    /// Its HTML.
    pub html: String,
    /// What of the text is new, if its service tells.
    pub own: String,
    /// Whom it was sent to.
    pub to: Vec<String>,
    /// What stood behind the plus of an address, if its service tells.
    pub mailbox: String,
    /// Its headers, in order.
    pub headers: Vec<(String, String)>,
    /// What its files are called.
    pub files: Vec<String>,
}

/// A name and an address, either of which may be empty.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Sender {
    /// What people call them.
    pub name: String,
    /// Their address, as it stood there.
    pub address: String,
}

/// Why something becomes no ticket, and no word in one. The names are wire codes.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Ignored {
    /// A program answered: an absence, a confirmation.
    Automatic,
    /// It went to many.
    Bulk,
    /// The mail system returned something.
    Bounce,
    /// We sent it ourselves.
    OwnAddress,
    /// It says nothing.
    Empty,
    /// Its kind of event is not listened to.
    UnknownEvent,
    /// It is the ticket's first words, which are there.
    FirstWords,
}

impl Ignored {
    /// The word on the wire.
    #[must_use]
    pub const fn name(self) -> &'static str {
        match self {
            Self::Automatic => "automatic",
            Self::Bulk => "bulk",
            Self::Bounce => "bounce",
            Self::OwnAddress => "own_address",
            Self::Empty => "empty",
            Self::UnknownEvent => "unknown_event",
            Self::FirstWords => "first_words",
        }
    }
}

impl Sender {
    /// Reads `Ana <ana@example.com>`, with or without quotes, or an address alone.
    #[must_use]
    pub fn read(text: &str) -> Self {
        let text = text.trim();
        let parts = text.strip_suffix('>').and_then(|rest| rest.rsplit_once('<'));
        let (name, address) = parts.unwrap_or(("", text));
        let name = name.trim().trim_matches('"').replace("\\\"", "\"");
        Self { name: name.trim().to_owned(), address: address.trim().to_owned() }
    }

    /// What the mailbox is known by, if mail can be sent to it.
    #[must_use]
    pub fn key(&self) -> Option<String> {
        email::parse(&self.address).map(|email| email.address.to_lowercase())
    }

    /// As whoever asks for help. An address that no mail can be sent to from here is kept as a name, and nobody is lost.
    fn requester(&self) -> Requester {
        let address = email::parse(&self.address).map(|email| email.address);
        let name = match (&address, self.name.is_empty()) {
            (None, true) => &self.address,
            _ => &self.name,
        };
        Requester { name: Some(name.clone()).filter(|name| !name.is_empty()), email: address }
    }
}

impl Mail {
    /// The values of a header, in order.
    fn header<'m>(&'m self, name: &'static str) -> impl DoubleEndedIterator<Item = &'m str> {
        self.headers.iter().filter(move |(known, _)| known.eq_ignore_ascii_case(name)).map(|(_, value)| value.trim())
    }

    /// Why it is nobody's question; `own` is what we write mails from. A list is one where people write to a group.
    ///
    /// Source: RFC 3834 §5 for `Auto-Submitted`, RFC 5321 §4.5.5 for the empty return path; the others are what programs sent before those, and still do.
    #[must_use]
    pub fn ignored(&self, own: Option<&str>, takes_lists: bool) -> Option<Ignored> {
        let says = |name, words: &[&str]| self.header(name).any(|value| words.contains(&value.to_ascii_lowercase().as_str()));
        let is_returned =
            self.return_path.as_deref().into_iter().chain(self.header("Return-Path")).any(|path| ["", "<>"].contains(&path.trim()));
        let is_daemon = self.from.address.to_ascii_lowercase().starts_with("mailer-daemon@");
        let submitted = self.header("Auto-Submitted").any(|value| !value.to_ascii_lowercase().starts_with("no"));
        let answered =
            ["X-Autoreply", "X-Autorespond"].into_iter().flat_map(|name| self.header(name)).any(|value| !value.eq_ignore_ascii_case("no"));
        let own = own.and_then(|own| Sender::read(own).key());
        if own.is_some() && own == self.from.key() {
            Some(Ignored::OwnAddress)
        } else if is_returned || is_daemon {
            Some(Ignored::Bounce)
        } else if submitted || answered || says("Precedence", &["auto_reply"]) {
            Some(Ignored::Automatic)
        } else if says("Precedence", &["bulk", "junk"]) || (!takes_lists && says("Precedence", &["list"])) {
            Some(Ignored::Bulk)
        } else if self.words().trim().is_empty() && self.subject.trim().is_empty() && self.files.is_empty() {
            Some(Ignored::Empty)
        } else {
            None
        }
    }

    /// What it is known by.
    #[must_use]
    pub fn origin(&self) -> String {
        match self.header("Message-ID").find_map(|value| ids(value).next()) {
            Some(id) => origins::key("mail", id),
            None => origins::key("mail of a service", &self.id),
        }
    }

    /// What the mails that it answers are known by, the nearest first.
    ///
    /// Source: RFC 5322 §3.6.4.
    #[must_use]
    pub fn answers(&self) -> Vec<String> {
        let direct = self.header("In-Reply-To").flat_map(ids);
        let older: Vec<_> = self.header("References").flat_map(ids).collect();
        direct.chain(older.into_iter().rev()).take(MOST_ANSWERED).map(|id| origins::key("mail", id)).collect()
    }

    /// The tickets that it names: behind the plus of an address that it went to, or as `[#7]` in its subject.
    #[must_use]
    pub fn numbers(&self) -> Vec<u32> {
        let behind = |address: &String| {
            let address = Sender::read(address).address;
            address.rsplit_once('@').and_then(|(local, _)| local.split_once('+')).map(|(_, behind)| behind.to_owned())
        };
        let marks = self.to.iter().filter_map(behind).chain([self.mailbox.clone()]);
        let marked = marks.filter_map(|mark| number(mark.strip_prefix("ticket-").unwrap_or(&mark)));
        let named = self.subject.split("[#").skip(1).filter_map(|rest| number(rest.split_once(']')?.0));
        marked.chain(named).take(MOST_ANSWERED).collect()
    }

    /// What it says that is new, as far as its service tells, else all of it.
    #[must_use]
    pub fn new_words(&self) -> String {
        if self.own.trim().is_empty() { self.words() } else { self.own.clone() }
    }

    /// What is kept of it: all of its text, as far as a ticket goes, and the names of its files.
    #[must_use]
    pub fn kept(&self, locale: Locale) -> String {
        let files: Vec<_> = self.files.iter().map(|name| one_line(name)).collect();
        let (label, rest) = match locale {
            Locale::En => ("Files, not kept here", "the mail goes on"),
            Locale::Es => ("Archivos, no guardados aquí", "el correo sigue"),
        };
        let line: String = format!("[{label}: {}", files.join(", ")).chars().take(FILES_CHARS).collect();
        let files = if files.is_empty() { String::new() } else { format!("\n\n{line}]") };
        let (words, goes_on) = (self.words(), format!("\n[… {rest}]"));
        let most = MAX_TEXT_BYTES - files.len();
        let words = words.trim_end();
        if words.len() <= most {
            return format!("{words}{files}").trim_start_matches('\n').to_owned();
        }
        format!("{}{goes_on}{files}", &words[..words.floor_char_boundary(most - goes_on.len())])
    }

    /// As a new ticket of a site that speaks this language.
    #[must_use]
    pub fn arrival(&self, locale: Locale) -> Arrival {
        Arrival {
            source: "email",
            subject: subject(&self.subject),
            text: self.kept(locale),
            told: Some(self.new_words()),
            requester: self.from.requester(),
            origin: Some(self.origin()),
            ..Arrival::default()
        }
    }

    fn words(&self) -> String {
        if self.text.trim().is_empty() { of_html(&self.html[..self.html.floor_char_boundary(HTML_BYTES)]) } else { self.text.clone() }
    }
}

/// A subject that a ticket can have.
#[must_use]
pub fn subject(text: &str) -> String {
    one_line(text).chars().take(MAX_SUBJECT_CHARS).collect()
}

fn one_line(text: &str) -> String {
    text.split(|c: char| c.is_whitespace() || c.is_control()).filter(|part| !part.is_empty()).collect::<Vec<_>>().join(" ")
}

/// The ids of a header: what stands in angle brackets, or every word where nothing does.
fn ids(value: &str) -> impl Iterator<Item = &str> {
    let has_brackets = value.contains('<');
    let parts = value.split(move |c: char| if has_brackets { c == '<' } else { c.is_whitespace() });
    let ids = parts.filter_map(move |part| if has_brackets { part.split_once('>').map(|(id, _)| id) } else { Some(part) });
    ids.map(str::trim).filter(|id| !id.is_empty())
}

fn number(text: &str) -> Option<u32> {
    let is_plain = !text.is_empty() && text.bytes().all(|byte| byte.is_ascii_digit());
    text.parse().ok().filter(|number| is_plain && *number > 0)
}

#[cfg(test)]
mod tests;
