//! `POST /v1/chat`, step by step: read what was said, look around, decide, write once, answer.

use bytes::Bytes;
use chrono::{DateTime, TimeDelta, Utc};
use futures_util::stream;
use http::StatusCode;
use orilla_core::http::json;
use orilla_core::idempotency::{self, Key, Outcome as Earlier, Slot};
use orilla_core::ids::uuid_v7;
use orilla_core::limit::Limit;
use orilla_core::sql::{Rows, SqlError, Statement, take};
use orilla_core::{Error, Platform, Request, Response, Sql, visitors};
use serde_json::{Value as Json, json};

use crate::FaqChat;
use crate::sse;
use crate::answer::{Answer, look_up, tell};
use crate::conversation::{self, Author, Conversation, Message};
use crate::decide::Decision;
use crate::desk::{self, Desk};
use crate::library::{self, Shelf};
use crate::model;
use crate::outcome::{Begun, Outcome};
use crate::said::{self, Said};
use crate::turn::{self, Turn};

/// How often a turn is decided again when somebody wrote meanwhile. Chosen: each loss means that another message was stored.
const ROUNDS: u32 = 5;
/// Messages of a conversation that a turn looks at, and that a ticket holds. Chosen.
const LOOKED_AT: u32 = 200;
/// How long ago a question may be that is followed up. Chosen: after lunch it is another one.
const FOLLOWED_FOR: TimeDelta = TimeDelta::minutes(30);
/// Turns of one address, and of one site. Chosen: a person writes one in three seconds at most.
pub const PER_ADDRESS: Limit = Limit { hits: 30, window: std::time::Duration::from_secs(60) };
pub const PER_SITE: Limit = Limit { hits: 3_000, window: std::time::Duration::from_secs(60) };
/// What idempotency keys of turns are for.
const SCOPE: &str = "chat";

/// An answer in pieces: what it is before its words, the words, and the whole of it, which counts.
fn events(answer: &Answer) -> Vec<Result<Bytes, Error>> {
    let mut start = json!(answer);
    if let Some(start) = start.as_object_mut() {
        start.remove("answer");
        start.remove("number");
    }
    let mut events = vec![sse::event("start", &start)];
    if !answer.answer.is_empty() {
        events.push(sse::event("text", &json!({ "text": answer.answer })));
    }
    events.push(sse::event("end", answer));
    events
}

/// What a turn is decided on.
struct Facts {
    earlier: Earlier,
    conversation: Option<Conversation>,
    messages: Vec<Message>,
    shelf: Shelf,
}

/// A turn that is stored.
pub struct Taken {
    /// What the visitor is told.
    pub answer: Answer,
    /// What it was decided on; none where the bot is silent, or the answer is a replay.
    pub decision: Option<Decision>,
}

impl<P: Platform> FaqChat<P> {
    /// Takes one turn and answers it.
    ///
    /// Errors: what is wrong with it; `TooManyRequests`; `Unavailable` if nothing could be stored.
    pub(crate) async fn chat(&self, request: &Request, limit: usize) -> Result<Response, Error> {
        let said = said::read(request, limit)?;
        let desk = desk::open(&self.sql, &self.random, request, said.site.as_ref()).await?;
        let taken = self.converse(&desk, &said, request).await?;
        if said.is_streamed {
            return Ok(sse::response(stream::iter(events(&taken.answer))));
        }
        json(StatusCode::OK, &taken.answer)
    }

    /// Decides on a turn and stores it.
    ///
    /// Errors: as [`Self::chat`].
    pub(crate) async fn converse(&self, desk: &Desk, said: &Said, request: &Request) -> Result<Taken, Error> {
        let key = Key::of(request, None)?;
        let slot = key.as_ref().map(|key| Slot { site: &desk.site, scope: SCOPE, key });
        let fingerprint = idempotency::fingerprint(&json!([said.text, said.choice, said.conversation, said.want.is_some()]));
        let new_id = uuid_v7(request.received, &self.random).to_string();
        for round in 0..ROUNDS {
            let facts = self.look_around(desk, said, slot, &fingerprint, request, round == 0).await?;
            match &facts.earlier {
                Earlier::Replay(kept) => return self.replay(desk, kept).await,
                Earlier::Mismatch => return Err(idempotency::mismatch()),
                Earlier::New => {}
            }
            let begun = Begun::of(desk, said, request, facts.conversation, facts.messages, &new_id);
            let outcome = self.decide(desk, said, &facts.shelf, begun, request.received).await?;
            let mut statements = outcome.statements(desk, said, request.received, &self.random);
            if let Some(slot) = slot {
                let kept = json!([outcome.answer.conversation_id, outcome.answer.number]);
                statements.extend(slot.remember(&fingerprint, &kept, &outcome.answer.conversation_id, request.received));
            }
            match self.sql.batch(statements).await {
                Ok(_) => {
                    self.nudge();
                    return Ok(Taken { answer: outcome.answer, decision: outcome.decision });
                }
                Err(SqlError::Unique { .. } | SqlError::Constraint(_)) => {}
                Err(error) => return Err(error.into()),
            }
        }
        Err(Error::unavailable("every round lost the race for the conversation"))
    }

    async fn look_around(
        &self,
        desk: &Desk,
        said: &Said,
        slot: Option<Slot<'_>>,
        fingerprint: &str,
        request: &Request,
        is_counted: bool,
    ) -> Result<Facts, Error> {
        let now = request.received;
        let nothing = || Statement::new("SELECT 1 AS one WHERE 0");
        let address = request.client.map(|client| visitors::address_hash(&desk.salt, &desk.site, client));
        let count = |limit: Limit, key: String| if is_counted { limit.hit(&key, now) } else { limit.look(&key, now) };
        let site = &desk.site;
        let [earlier, of_address, of_site, found, messages, shelf]: [Rows; 6] = take(
            self.sql
                .batch(vec![
                    slot.map_or_else(nothing, |slot| slot.look_up(now)),
                    address.as_ref().map_or_else(nothing, |address| count(PER_ADDRESS, format!("chat:{site}:{address}"))),
                    count(PER_SITE, format!("chat:{site}")),
                    said.conversation.as_ref().map_or_else(nothing, |id| conversation::find(site, id)),
                    said.conversation.as_ref().map_or_else(nothing, |id| conversation::latest(site, id, LOOKED_AT)),
                    library::find(site),
                ])
                .await?,
        )?;
        let exceeded = [(PER_ADDRESS, of_address, address.is_some()), (PER_SITE, of_site, true)];
        for (limit, rows, _) in exceeded.into_iter().filter(|it| it.2) {
            if let Some(exceeded) = limit.read(&rows, now)? {
                return Err(exceeded.into());
            }
        }
        let conversation = found.first().map(Conversation::read).transpose()?;
        if said.conversation.is_some() && conversation.is_none() {
            return Err(Error::not_found("This site has no such conversation."));
        }
        Ok(Facts {
            earlier: idempotency::outcome(&earlier, fingerprint)?,
            conversation,
            messages: conversation::read_all(&messages)?,
            shelf: Shelf::read(&shelf)?,
        })
    }

    /// The answer that was given before.
    async fn replay(&self, desk: &Desk, kept: &Json) -> Result<Taken, Error> {
        let (id, number) = (kept[0].as_str().unwrap_or_default(), kept[1].as_u64().unwrap_or_default());
        let before = u32::try_from(number).unwrap_or_default().saturating_sub(1);
        let rows = self.sql.query(conversation::messages(&desk.site, id, before)).await?;
        let message = rows.first().map(Message::read).transpose()?;
        let message = message.ok_or_else(|| Error::not_found("This conversation was erased."))?;
        let mut answer: Answer = serde_json::from_value(message.detail).map_err(Error::internal)?;
        if message.author != Author::Visitor {
            answer.answer = message.text;
        }
        Ok(Taken { answer, decision: None })
    }

    /// Decides what becomes of the turn.
    async fn decide(&self, desk: &Desk, said: &Said, shelf: &Shelf, begun: Begun, now: DateTime<Utc>) -> Result<Outcome, Error> {
        if said.text.is_empty() || begun.conversation.state.is_with_people() {
            return Ok(Outcome::of(desk, said, begun, None, self.ticket_id(now), now));
        }
        let index = self.index(&desk.site, shelf, now).await?;
        let asked = begun.messages.iter().rev().find(|it| it.author == Author::Visitor && it.detail.get("is_wish").is_none());
        let before = asked.filter(|it| now - it.created <= FOLLOWED_FOR).map(|it| it.text.as_str());
        let turn = Turn { text: &said.text, before, choice: said.choice.as_deref(), page: begun.page };
        let decision = turn::take(&index, &model::shipped()?, turn).map_err(Error::internal)?;
        let sources: Vec<_> = decision.sources.iter().chain(&decision.suggestions).collect();
        let found = look_up(&self.sql, &desk.site, &sources).await?;
        let told = tell(&decision, &found, desk);
        Ok(Outcome::of(desk, said, begun, Some((decision, told)), self.ticket_id(now), now))
    }

    /// A fresh ticket's id.
    fn ticket_id(&self, now: DateTime<Utc>) -> String {
        uuid_v7(now, &self.random).to_string()
    }
}
