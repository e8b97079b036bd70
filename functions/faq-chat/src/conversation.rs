//! A conversation as it is stored: its row, its messages, and the statements that add to it. Two turns at a time want the same number for
//! their message; the slower one is decided again.

use chrono::{DateTime, Utc};
use orilla_core::ids::rfc3339;
use orilla_core::sites::SiteId;
use orilla_core::sql::{Row, Rows, SqlError, Statement};
use orilla_text::{Locale, email};
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

    /// Stores a new one.
    #[must_use]
    pub fn begin(&self, site: &SiteId) -> Statement {
        let insert = "INSERT INTO conversations (site_id, id, state, locale, agent, contact, ticket_id, handoffs, unanswered, updated_at, visitor_id, page, \
                      created_at) VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9, ?10, ?11, ?12, ?13)";
        self.bind(insert, site).bind(self.visitor.as_str()).bind(self.page.as_deref()).bind(self.created)
    }

    /// Stores what has changed of a known one. One that was erased meanwhile stays erased; see [`Message::add`].
    #[must_use]
    pub fn change(&self, site: &SiteId) -> Statement {
        let update = "UPDATE conversations SET state = ?3, locale = ?4, agent = ?5, contact = ?6, ticket_id = ?7, handoffs = ?8, unanswered = ?9, \
                      updated_at = ?10 WHERE site_id = ?1 AND id = ?2";
        self.bind(update, site)
    }

    fn bind(&self, sql: &'static str, site: &SiteId) -> Statement {
        Statement::new(sql)
            .bind(site)
            .bind(self.id.as_str())
            .bind(self.state.name())
            .bind(self.locale.as_str())
            .bind(self.agent.as_deref())
            .bind(kept(&self.contact).to_string())
            .bind(self.ticket.as_deref())
            .bind(self.handoffs)
            .bind(self.unanswered)
            .bind(self.updated)
    }
}

/// A contact as it is stored: with the mailbox as leads know it, by which a conversation finds its person.
fn kept(contact: &Contact) -> Json {
    let mut kept = json!(contact);
    if let Some(email) = contact.email.as_deref().and_then(email::parse) {
        kept["key"] = email.key.into();
    }
    kept
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

    /// Stores it. A number that is taken is a `Unique` error, a conversation that was erased meanwhile a `Constraint`: where there is none, the
    /// number is `NULL`.
    #[must_use]
    pub fn add(&self, site: &SiteId, conversation: &str) -> Statement {
        Statement::new(
            "INSERT INTO messages (site_id, conversation_id, number, author, text, detail, created_at) \
             VALUES (?1, ?2, (SELECT ?3 FROM conversations WHERE site_id = ?1 AND id = ?2), ?4, ?5, ?6, ?7)",
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
        for name in ["sources", "suggestions", "locale", "reasons"] {
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

#[cfg(test)]
mod tests {
    use orilla_core::ports::DB;
    use orilla_core::{Platform, Sql};
    use orilla_native::testing::TestHost;

    use super::*;

    #[test]
    fn a_contact_is_kept_with_the_mailbox_as_leads_know_it() {
        let said = |email: &str| kept(&Contact { email: Some(email.into()), name: None });
        assert_eq!(said("Ana@España.es"), json!({ "email": "Ana@España.es", "key": "ana@xn--espaa-rta.es" }));
        assert_eq!(kept(&Contact::default()), json!({}));
        let read: Contact = serde_json::from_value(said("Ana@olas.example")).unwrap();
        assert_eq!(read.email.as_deref(), Some("Ana@olas.example"));
    }

    #[tokio::test]
    async fn a_turn_that_was_under_way_does_not_bring_an_erased_conversation_back() {
        let sql = TestHost::new().await.sql(DB).unwrap();
        let site = SiteId::parse("5e0f3c1a-9b7d-4c62-8a54-2d1f6b8e7a90").unwrap();
        let now = DateTime::UNIX_EPOCH;
        let conversation = Conversation {
            id: "0190a8c0-0000-7000-8000-00000000abcd".into(),
            state: State::Bot,
            locale: Locale::Es,
            visitor: "v".into(),
            page: None,
            agent: None,
            contact: Contact::default(),
            ticket: None,
            handoffs: 0,
            unanswered: 0,
            created: now,
            updated: now,
        };
        let message =
            Message { number: 1, author: Author::Visitor, text: "hola".into(), detail: json!({}), is_helpful: None, created: now };
        let add = || message.add(&site, &conversation.id);
        sql.batch(vec![conversation.begin(&site), add()]).await.unwrap();
        let twice = sql.batch(vec![conversation.change(&site), add()]).await;
        assert!(matches!(twice, Err(SqlError::Unique { .. })), "two at a time want one number: {twice:?}");
        for table in ["messages", "conversations"] {
            sql.query(Statement::new(format!("DELETE FROM {table}"))).await.unwrap();
        }
        let late = sql.batch(vec![conversation.change(&site), add()]).await;
        assert!(matches!(late, Err(SqlError::Constraint(_))), "{late:?}");
        for table in ["messages", "conversations"] {
            assert!(sql.query(Statement::new(format!("SELECT * FROM {table}"))).await.unwrap().is_empty(), "{table}");
        }
    }
}
