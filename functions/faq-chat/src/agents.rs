//! What the site's people do in conversations: list them, read them, write, take, release, resolve, erase.

use chrono::{DateTime, Utc};
use http::StatusCode;
use orilla_core::erasure::{self, Subject};
use orilla_core::http::json;
use orilla_core::ids::{rfc3339, uuid_v7};
use orilla_core::paging::PageOf;
use orilla_core::sites::SiteId;
use orilla_core::sql::{Rows, SqlError, Statement, take};
use orilla_core::{Error, Platform, Request, Response, Sql, Violation, body};
use serde::Deserialize;
use serde_json::{Value as Json, json};

use crate::FaqChat;
use crate::conversation::{self, Author, Conversation, Message};
use crate::floor::{Act, Notice, State, step};
use crate::follow::unknown;
use crate::handoff::{self, RESOLVED};
use crate::said::{self, MAX_MESSAGE_BYTES};
use crate::words;

/// How often a change is made again when somebody wrote meanwhile. Chosen: as for a visitor's turn.
const ROUNDS: u32 = 5;

/// What an agent writes.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
struct Words {
    text: String,
    agent: Option<String>,
}

/// What an agent does.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
struct Change {
    act: Verb,
    agent: Option<String>,
}

#[derive(Debug, Clone, Copy, Deserialize)]
#[serde(rename_all = "snake_case")]
enum Verb {
    Take,
    Release,
    Resolve,
}

impl<P: Platform> FaqChat<P> {
    /// `?state= &cursor= &limit=`, the latest first.
    ///
    /// Errors: `Malformed` for a query that cannot be read, and what the store gives.
    pub(crate) async fn list_conversations(&self, site: &SiteId, request: &Request) -> Result<Response, Error> {
        let state = request.query("state");
        if state.as_deref().is_some_and(|name| State::ALL.iter().all(|state| state.name() != name)) {
            return Err(Error::malformed("`state` is bot, waiting, human or resolved."));
        }
        let page = PageOf::from_query(request)?;
        let (at, id) = page.bounds();
        let select = Statement::new(
            "SELECT * FROM conversations WHERE site_id = ?1 AND (?2 IS NULL OR state = ?2) AND (?3 IS NULL OR (updated_at, id) < (?3, ?4)) \
             ORDER BY updated_at DESC, id DESC LIMIT ?5",
        );
        let rows = self.sql.query(select.bind(site).bind(state).bind(at).bind(id).bind(page.rows + 1)).await?;
        let (shown, next) = page.cut(&rows, "updated_at")?;
        let shown = shown.map(|row| Conversation::read(row).map(|it| view(&it))).collect::<Result<Vec<_>, _>>()?;
        json(StatusCode::OK, &json!({ "conversations": shown, "next": next.and_then(|next| next.cursor()) }))
    }

    /// One conversation with its messages.
    ///
    /// Errors: `NotFound`, and what the store gives.
    pub(crate) async fn show_conversation(&self, site: &SiteId, id: &str) -> Result<Response, Error> {
        let (conversation, messages) = self.conversation(site, &said::conversation(id)?).await?;
        json(StatusCode::OK, &whole(&conversation, &messages))
    }

    /// Writes as an agent, which takes the floor.
    ///
    /// Errors: `Invalid` for an empty or overlong text, `NotFound`, and what the store gives.
    pub(crate) async fn reply(&self, site: &SiteId, id: &str, request: &Request, limit: usize) -> Result<Response, Error> {
        let words: Words = body::json(request, limit)?;
        let text = words.text.trim();
        if text.is_empty() || text.len() > MAX_MESSAGE_BYTES {
            let violation = Violation { field: "text".into(), code: "length".into(), message: "A message has 1 to 16,000 bytes.".into() };
            return Err(Error::invalid("The message cannot be taken.", vec![violation]));
        }
        self.change(site, id, Act::Reply, words.agent, Some(text), request.received).await
    }

    /// Takes, releases or resolves.
    ///
    /// Errors: `Invalid` for another act, `NotFound`, and what the store gives.
    pub(crate) async fn steer(&self, site: &SiteId, id: &str, request: &Request, limit: usize) -> Result<Response, Error> {
        let change: Change = body::json(request, limit)?;
        let act = match change.act {
            Verb::Take => Act::Take,
            Verb::Release => Act::Release,
            Verb::Resolve => Act::Resolve,
        };
        self.change(site, id, act, change.agent, None, request.received).await
    }

    async fn change(
        &self,
        site: &SiteId,
        id: &str,
        act: Act,
        agent: Option<String>,
        text: Option<&str>,
        now: DateTime<Utc>,
    ) -> Result<Response, Error> {
        let id = said::conversation(id)?;
        for _ in 0..ROUNDS {
            let (mut conversation, mut messages) = self.conversation(site, &id).await?;
            let step = step(conversation.state, act);
            let changed = messages.len();
            let mut push = |author, text: String, detail: Json| {
                let number = messages.last().map_or(0, |it: &Message| it.number) + 1;
                messages.push(Message { number, author, text, detail, is_helpful: None, created: now });
            };
            if let Some(notice) = step.notice {
                push(Author::Notice, words::notice(notice, conversation.locale, None, ""), json!({ "notice": notice }));
            }
            if let Some(text) = text {
                push(Author::Agent, text.to_owned(), json!({ "agent": agent }));
            }
            (conversation.state, conversation.updated) = (step.state, now);
            conversation.agent = match step.state {
                State::Human => agent.clone().or(conversation.agent),
                _ => None,
            };
            let mut statements = vec![conversation.change(site)];
            if step.notice == Some(Notice::Resolved) {
                statements.push(handoff::news(RESOLVED, site, &conversation, "", now, &self.random));
            }
            statements.extend(messages.iter().skip(changed).map(|message| message.add(site, &id)));
            match self.sql.batch(statements).await {
                Ok(_) => {
                    self.nudge();
                    return json(StatusCode::OK, &whole(&conversation, &messages));
                }
                Err(SqlError::Unique { .. } | SqlError::Constraint(_)) => {}
                Err(error) => return Err(error.into()),
            }
        }
        Err(Error::unavailable("every round lost the race for the conversation"))
    }

    async fn conversation(&self, site: &SiteId, id: &str) -> Result<(Conversation, Vec<Message>), Error> {
        let [found, messages]: [Rows; 2] =
            take(self.sql.batch(vec![conversation::find(site, id), conversation::messages(site, id, 0)]).await?)?;
        let conversation = Conversation::read(found.first().ok_or_else(unknown)?)?;
        Ok((conversation, conversation::read_all(&messages)?))
    }

    /// Erases a conversation, with all that it has left elsewhere; a receipt stays.
    ///
    /// Errors: `NotFound`, and what the store gives.
    pub(crate) async fn erase_conversation(&self, site: &SiteId, id: &str, now: DateTime<Utc>) -> Result<Response, Error> {
        let id = said::conversation(id)?;
        let receipt = uuid_v7(now, &self.random).to_string();
        let holdings = HOLDINGS.map(|(table, key)| (table, format!("site_id = ?1 AND {key} = ?2")));
        let subject = Subject { kind: "conversation", id: &id };
        let erased = erasure::erase(&self.sql, site, subject, &holdings, &receipt, now).await?;
        erased.ok_or_else(unknown)
    }
}

/// Tables, and the column that names the conversation.
pub const HOLDINGS: [(&str, &str); 6] = [
    ("messages", "conversation_id"),
    ("kb_questions", "conversation_id"),
    ("ticket_requests", "subject_id"),
    ("outbox", "subject_id"),
    ("idempotency", "subject_id"),
    ("conversations", "id"),
];

fn view(conversation: &Conversation) -> Json {
    json!({
        "id": conversation.id,
        "state": conversation.state,
        "locale": conversation.locale,
        "page": conversation.page,
        "agent": conversation.agent,
        "contact": conversation.contact,
        "ticket_id": conversation.ticket,
        "handoffs": conversation.handoffs,
        "unanswered": conversation.unanswered,
        "created_at": rfc3339(conversation.created),
        "updated_at": rfc3339(conversation.updated),
    })
}

fn whole(conversation: &Conversation, messages: &[Message]) -> Json {
    let mut shown = view(conversation);
    shown["messages"] = messages.iter().map(Message::view).collect();
    shown
}
