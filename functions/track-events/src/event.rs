//! The one internal event that every wire becomes.

use std::net::IpAddr;

use chrono::{DateTime, Utc};
use serde::Serialize;
use serde_json::{Map, Value as Json};

use crate::verdict::Reason;

/// The longest message id, visitor, user or session. Source: Segment takes message ids of 100 characters; twice that for ids
/// that some servers make of a site's own.
pub const MAX_ID_BYTES: usize = 200;
/// The longest name of an event. Source: Plausible takes 120 characters; ours hold in any script.
pub const MAX_NAME_BYTES: usize = 500;
/// The most properties of one event, nested ones included. Chosen: far beyond what any published client sends.
pub const MAX_PROPERTIES: usize = 1_000;

/// What kind of thing happened. Source: Segment's specification, whose six calls the other wires map onto.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum Kind {
    /// Somebody did something.
    Track,
    /// Somebody saw a page.
    Page,
    /// Somebody saw a screen of an app.
    Screen,
    /// Somebody said who they are.
    Identify,
    /// Somebody belongs to a group.
    Group,
    /// Two ids are one person.
    Alias,
}

impl Kind {
    /// Every kind.
    pub const ALL: [Self; 6] = [Self::Track, Self::Page, Self::Screen, Self::Identify, Self::Group, Self::Alias];

    /// The word on the wire and in the store.
    #[must_use]
    pub const fn name(self) -> &'static str {
        match self {
            Self::Track => "track",
            Self::Page => "page",
            Self::Screen => "screen",
            Self::Identify => "identify",
            Self::Group => "group",
            Self::Alias => "alias",
        }
    }

    /// The kind of this name.
    #[must_use]
    pub fn of(name: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|kind| kind.name() == name)
    }
}

/// One event as a wire understood it. Nothing here is believed yet: who it is, when it was and whether it is kept is decided
/// later, the same for every wire.
#[derive(Debug, Clone, PartialEq)]
pub struct Event {
    /// The client's own id for it.
    pub message_id: Option<String>,
    /// What kind of thing happened.
    pub kind: Kind,
    /// What happened; of a page its name, else empty.
    pub name: String,
    /// The visitor as the client knows them.
    pub anonymous_id: Option<String>,
    /// The person as the site knows them.
    pub user_id: Option<String>,
    /// Whether it comes from the visitor's own browser, which keeps no id: a user is then who the visitor is, not the visitor.
    pub is_cookieless: bool,
    /// For an alias, the id that was.
    pub previous_id: Option<String>,
    /// The session as the client counts it.
    pub session_id: Option<String>,
    /// The client's own count of its events.
    pub sequence: Option<i64>,
    /// When it happened, by the device's clock.
    pub occurred: Option<DateTime<Utc>>,
    /// Where it happened.
    pub context: Context,
    /// What it carries: properties, or the traits of who identifies.
    pub properties: Map<String, Json>,
    /// What its client says in the visitor's stead.
    pub claims: Claims,
}

impl Event {
    /// An event of which nothing else is known yet.
    #[must_use]
    pub fn new(kind: Kind, name: impl Into<String>) -> Self {
        Self {
            message_id: None,
            kind,
            name: name.into(),
            anonymous_id: None,
            user_id: None,
            is_cookieless: false,
            previous_id: None,
            session_id: None,
            sequence: None,
            occurred: None,
            context: Context::default(),
            properties: Map::new(),
            claims: Claims::default(),
        }
    }

    /// Takes its client at its word on the visitor's behalf, or forgets what it said.
    pub fn believe(&mut self, is_trusted: bool) {
        let claims = std::mem::take(&mut self.claims);
        if is_trusted {
            self.occurred = claims.occurred.or(self.occurred);
            self.context.user_agent = claims.user_agent.or_else(|| self.context.user_agent.take());
            self.claims.address = claims.address;
        }
    }

    /// Its user, as visitors and people are known.
    #[must_use]
    pub fn user(&self) -> Option<String> {
        self.user_id.as_deref().map(user)
    }

    /// What is wrong with it, if anything is, whichever wire it came by.
    #[must_use]
    pub fn fault(&self) -> Option<Reason> {
        let is_id = |id: &Option<String>| id.as_deref().is_none_or(|id| (1..=MAX_ID_BYTES).contains(&id.len()) && !id.contains('\0'));
        if self.kind == Kind::Track && self.name.trim().is_empty() {
            return Some(Reason::NameMissing);
        }
        if self.name.len() > MAX_NAME_BYTES {
            return Some(Reason::TooLarge);
        }
        if ![&self.message_id, &self.anonymous_id, &self.user_id, &self.previous_id, &self.session_id].into_iter().all(is_id) {
            return Some(Reason::BadId);
        }
        (self.properties.values().map(size).sum::<usize>() + self.properties.len() > MAX_PROPERTIES).then_some(Reason::TooManyProperties)
    }
}

/// What a user is known by among visitors and people.
#[must_use]
pub fn user(id: &str) -> String {
    format!("{USER}{id}")
}

/// Whether this is what a user is known by, rather than a visitor of whom no more is known.
#[must_use]
pub fn is_user(name: &str) -> bool {
    name.starts_with(USER)
}

const USER: &str = "user:";

/// How many names and items are below a value.
fn size(value: &Json) -> usize {
    match value {
        Json::Array(items) => items.len() + items.iter().map(size).sum::<usize>(),
        Json::Object(entries) => entries.len() + entries.values().map(size).sum::<usize>(),
        Json::Null | Json::Bool(_) | Json::Number(_) | Json::String(_) => 0,
    }
}

/// What a client says in a visitor's stead. It counts only where the client shows a secret key, and is stored nowhere.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Claims {
    /// The visitor's address.
    pub address: Option<IpAddr>,
    /// The visitor's browser, on wires where a public client has no business to name another than its own.
    pub user_agent: Option<String>,
    /// When it happened, on wires where a public client's event happens when it is received.
    pub occurred: Option<DateTime<Utc>>,
}

/// Where an event happened, as its client says.
#[derive(Debug, Clone, Default, PartialEq, Serialize)]
pub struct Context {
    /// The page.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub url: Option<String>,
    /// Its title.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub title: Option<String>,
    /// Where the visitor came from.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub referrer: Option<String>,
    /// The campaign: `source`, `medium`, `campaign`, `term`, `content`, as UTM parameters name them.
    #[serde(skip_serializing_if = "Map::is_empty")]
    pub campaign: Map<String, Json>,
    /// The visitor's language.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub language: Option<String>,
    /// Name and version of what sent it.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub library: Option<String>,
    /// The browser, if the client names one: believed for judging robots, kept nowhere.
    #[serde(skip)]
    pub user_agent: Option<String>,
    /// Whether the visitor agreed to be tracked, if the client says.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub consent: Option<bool>,
}
