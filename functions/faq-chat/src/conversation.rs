//! A conversation as it is stored: its row, its messages, and the statements that add to it. Two turns at a time want the same number for
//! their message; the slower one is decided again.

use chrono::{DateTime, Utc};
use orilla_core::ids::rfc3339;
use orilla_core::sites::SiteId;
use orilla_core::sql::{Row, Rows, SqlError, Statement};
use orilla_text::Locale;
use serde::Serialize;
use serde_json::{Value as Json, json};

use crate::floor::State;
use crate::said::Contact;

/// Who wrote a message.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum Author {
    /// The visitor.
    Visitor,
    /// The bot.
    Bot,
    /// A person of the site.
    Agent,
    /// Nobody: a change of the floor, told.
    Notice,
}

impl Author {
    const ALL: [Self; 4] = [Self::Visitor, Self::Bot, Self::Agent, Self::Notice];

    /// The word in the database and on the wire.
    #[must_use]
    pub const fn name(self) -> &'static str {
        match self {
            Self::Visitor => "visitor",
            Self::Bot => "bot",
            Self::Agent => "agent",
            Self::Notice => "notice",
        }
    }
}

/// One conversation.
#[derive(Debug, Clone, PartialEq)]
pub struct Conversation {
    /// Its id, which is also the right to read it.
    pub id: String,
    /// Who has the floor.
    pub state: State,
    /// The language of its last turn.
    pub locale: Locale,
    /// The day's hash of the visitor who began it.
    pub visitor: String,
    /// Where it began.
    pub page: Option<String>,
    /// Which agent has the floor.
    pub agent: Option<String>,
    /// How the visitor can be reached.
    pub contact: Contact,
    /// The ticket of its last hand-off.
    pub ticket: Option<String>,
    /// How often it was handed off.
    pub handoffs: u32,
    /// Questions in a row without an answer.
    pub unanswered: u32,
    /// When it began.
    pub created: DateTime<Utc>,
    /// When something was last said.
    pub updated: DateTime<Utc>,
}

impl Conversation {
    /// Reads a row.
    ///
    /// Errors: `Column` if it is of another table.
    pub fn read(row: Row<'_>) -> Result<Self, SqlError> {
        let count = |name| Ok::<_, SqlError>(u32::try_from(row.integer(name)?).unwrap_or_default());
        Ok(Self {
            id: row.text("id")?.to_owned(),
            state: State::of(&row)?,
            locale: Locale::of_tag(row.text("locale")?).ok_or(SqlError::Column { name: "locale", expected: "a locale" })?,
            visitor: row.text("visitor_id")?.to_owned(),
            page: row.optional_text("page")?.map(str::to_owned),
            agent: row.optional_text("agent")?.map(str::to_owned),
            contact: row.json("contact")?,
            ticket: row.optional_text("ticket_id")?.map(str::to_owned),
            handoffs: count("handoffs")?,
            unanswered: count("unanswered")?,
            created: row.time("created_at")?,
            updated: row.time("updated_at")?,
        })
    }

    /// Stores it as it is now: a new one, or the changes of one that is known.
    #[must_use]
    pub fn put(&self, site: &SiteId) -> Statement {
        Statement::new(
            "INSERT INTO conversations (site_id, id, state, locale, visitor_id, page, agent, contact, ticket_id, handoffs, unanswered, \
             created_at, updated_at) VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9, ?10, ?11, ?12, ?13) \
             ON CONFLICT (site_id, id) DO UPDATE SET state = excluded.state, locale = excluded.locale, agent = excluded.agent, \
             contact = excluded.contact, ticket_id = excluded.ticket_id, handoffs = excluded.handoffs, unanswered = excluded.unanswered, \
             updated_at = excluded.updated_at",
        )
        .bind(site)
        .bind(self.id.as_str())
        .bind(self.state.name())
        .bind(self.locale.as_str())
        .bind(self.visitor.as_str())
        .bind(self.page.as_deref())
        .bind(self.agent.as_deref())
        .bind(json!(self.contact).to_string())
        .bind(self.ticket.as_deref())
        .bind(self.handoffs)
        .bind(self.unanswered)
        .bind(self.created)
        .bind(self.updated)
    }
}

/// One message.
#[derive(Debug, Clone, PartialEq)]
pub struct Message {
    /// Its place, from 1.
    pub number: u32,
    /// Who wrote it.
    pub author: Author,
    /// The words.
    pub text: String,
    /// Of the bot's, the rest of its [`Answer`](crate::answer::Answer).
    pub detail: Json,
    /// Whether the visitor said that it helped.
    pub is_helpful: Option<bool>,
    /// When.
    pub created: DateTime<Utc>,
}

impl Message {
    /// Reads a row.
    ///
    /// Errors: `Column` if it is of another table.
    pub fn read(row: Row<'_>) -> Result<Self, SqlError> {
        let name = row.text("author")?;
        let author = Author::ALL.into_iter().find(|it| it.name() == name);
        Ok(Self {
            number: u32::try_from(row.integer("number")?).unwrap_or_default(),
            author: author.ok_or(SqlError::Column { name: "author", expected: "an author" })?,
            text: row.text("text")?.to_owned(),
            detail: row.json("detail")?,
            is_helpful: row.optional_integer("is_helpful")?.map(|it| it != 0),
            created: row.time("created_at")?,
        })
    }

    /// Stores it. A number that is taken is a `Unique` error.
    #[must_use]
    pub fn add(&self, site: &SiteId, conversation: &str) -> Statement {
        Statement::new(
            "INSERT INTO messages (site_id, conversation_id, number, author, text, detail, created_at) VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7)",
        )
        .bind(site)
        .bind(conversation)
        .bind(self.number)
        .bind(self.author.name())
        .bind(self.text.as_str())
        .bind(self.detail.to_string())
        .bind(self.created)
    }

    /// As a visitor or an agent reads it.
    #[must_use]
    pub fn view(&self) -> Json {
        let mut view = json!({
            "number": self.number,
            "author": self.author,
            "text": self.text,
            "created_at": rfc3339(self.created),
        });
        for name in ["sources", "suggestions", "locale"] {
            if let Some(value) = self.detail.get(name) {
                view[name] = value.clone();
            }
        }
        if let Some(is_helpful) = self.is_helpful {
            view["is_helpful"] = is_helpful.into();
        }
        view
    }
}

/// Finds a conversation.
#[must_use]
pub fn find(site: &SiteId, id: &str) -> Statement {
    Statement::new("SELECT * FROM conversations WHERE site_id = ?1 AND id = ?2").bind(site).bind(id)
}

/// The messages after a number, in order.
#[must_use]
pub fn messages(site: &SiteId, id: &str, after: u32) -> Statement {
    Statement::new("SELECT * FROM messages WHERE site_id = ?1 AND conversation_id = ?2 AND number > ?3 ORDER BY number LIMIT 1000")
        .bind(site)
        .bind(id)
        .bind(after)
}

/// The latest messages, in order.
#[must_use]
pub fn latest(site: &SiteId, id: &str, count: u32) -> Statement {
    Statement::new(
        "SELECT * FROM (SELECT * FROM messages WHERE site_id = ?1 AND conversation_id = ?2 ORDER BY number DESC LIMIT ?3) ORDER BY number",
    )
    .bind(site)
    .bind(id)
    .bind(count)
}

/// Reads messages.
///
/// Errors: `Column` if the rows are of another table.
pub fn read_all(rows: &Rows) -> Result<Vec<Message>, SqlError> {
    rows.iter().map(Message::read).collect()
}
