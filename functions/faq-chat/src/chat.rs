//! `POST /v1/chat`, step by step: read what was said, look around, decide, write once, answer.

use chrono::{DateTime, TimeDelta, Utc};
use http::StatusCode;
use orilla_core::http::json;
use orilla_core::idempotency::{self, Key, Outcome as Earlier, Slot};
use orilla_core::ids::uuid_v7;
use orilla_core::sql::{Rows, SqlError, Statement, take};
use orilla_core::{Error, Platform, Request, Response, Sql};
use orilla_knowledge::library::{self, Shelf};
use serde_json::{Value as Json, json};

use crate::FaqChat;
use crate::answer::Answer;
use crate::consult::Consulted;
use crate::conversation::{self, Author, Conversation, Message};
use crate::desk::{self, Desk};
use crate::outcome::{Begun, Outcome};
use crate::pieces::{self, Writing};
use crate::rates;
use crate::said::{self, Said};
use crate::turn::Turn;

/// How often a turn is decided again when somebody wrote meanwhile. Chosen: each loss means that another message was stored.
const ROUNDS: u32 = 5;
/// Messages of a conversation that a turn looks at, and that a ticket holds. Chosen.
const LOOKED_AT: u32 = 200;
/// How long ago a question may be that is followed up. Chosen: after lunch it is another one.
const FOLLOWED_FOR: TimeDelta = TimeDelta::minutes(30);
/// What idempotency keys of turns are for.
const SCOPE: &str = "chat";

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
    weighed: Option<Weighed>,
}

/// What a turn was decided on.
struct Weighed {
    consulted: Consulted,
    /// What the visitor said before, the oldest first.
    earlier: Vec<String>,
}

impl<P: Platform> FaqChat<P> {
    /// Takes one turn and answers it.
    ///
    /// Errors: what is wrong with it; `TooManyRequests`; `Unavailable` if nothing could be stored.
    pub(crate) async fn chat(&self, request: &Request, limit: usize) -> Result<Response, Error> {
        let said = said::read(request, limit)?;
        let desk = desk::open(&self.sql, &self.random, request, said.site.as_ref()).await?;
        let Taken { answer, weighed } = self.converse(&desk, &said, request).await?;
        let plan = match &weighed {
            Some(weighed) => self.plan(&desk, weighed.consulted.question(&said.text, &weighed.earlier), request.received).await,
            None => None,
        };
        let Some(plan) = plan else {
            return if said.is_streamed { Ok(pieces::whole(&answer)) } else { json(StatusCode::OK, &answer) };
        };
        let speech = plan.speak(answer.answer.clone())?;
        let writing = Writing { platform: self.platform.clone(), sql: self.sql.clone(), site: desk.site, answer };
        if said.is_streamed { Ok(writing.stream(speech)) } else { json(StatusCode::OK, &writing.wait(speech).await) }
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
            let (outcome, weighed) = self.decide(desk, said, &facts.shelf, begun, request.received).await?;
            let mut statements = outcome.statements(desk, said, request.received, &self.random);
            if let Some(slot) = slot {
                let kept = json!([outcome.answer.conversation_id, outcome.answer.number]);
                statements.extend(slot.remember(&fingerprint, &kept, &outcome.answer.conversation_id, request.received));
            }
            match self.sql.batch(statements).await {
                Ok(_) => {
                    self.nudge();
                    let weighed = weighed.filter(|_| outcome.is_bots());
                    return Ok(Taken { answer: outcome.answer, weighed });
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
        let [count_address, count_site] = rates::count(desk, request, is_counted);
        let site = &desk.site;
        let [earlier, of_address, of_site, found, messages, shelf]: [Rows; 6] = take(
            self.sql
                .batch(vec![
                    slot.map_or_else(nothing, |slot| slot.look_up(now)),
                    count_address,
                    count_site,
                    said.conversation.as_ref().map_or_else(nothing, |id| conversation::find(site, id)),
                    said.conversation.as_ref().map_or_else(nothing, |id| conversation::latest(site, id, LOOKED_AT)),
                    library::find(site),
                ])
                .await?,
        )?;
        rates::check(&of_address, &of_site, request)?;
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
        Ok(Taken { answer, weighed: None })
    }

    /// Decides what becomes of the turn.
    async fn decide(
        &self,
        desk: &Desk,
        said: &Said,
        shelf: &Shelf,
        begun: Begun,
        now: DateTime<Utc>,
    ) -> Result<(Outcome, Option<Weighed>), Error> {
        if said.text.is_empty() || begun.conversation.state.is_with_people() {
            return Ok((Outcome::of(desk, said, begun, None, self.ticket_id(now), now), None));
        }
        let asked = begun.messages.iter().filter(|it| it.author == Author::Visitor && it.detail.get("is_wish").is_none());
        let earlier: Vec<String> = asked.filter(|it| now - it.created <= FOLLOWED_FOR).map(|it| it.text.clone()).collect();
        let turn = Turn { text: &said.text, before: earlier.last().map(String::as_str), choice: said.choice.as_deref(), page: begun.page };
        let consulted = self.weigh(desk, shelf, turn, now).await?;
        let (decision, told) = (consulted.decision.clone(), consulted.told.clone());
        let outcome = Outcome::of(desk, said, begun, Some((decision, told)), self.ticket_id(now), now);
        Ok((outcome, Some(Weighed { consulted, earlier })))
    }

    /// A fresh ticket's id.
    fn ticket_id(&self, now: DateTime<Utc>) -> String {
        uuid_v7(now, &self.random).to_string()
    }
}
