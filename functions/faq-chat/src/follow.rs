//! `GET /v1/chat/{conversation}`: what was said since, for a page that was left or waits for a person. The id is the right to read it.
//! `POST …/feedback`: whether an answer helped.

use http::StatusCode;
use orilla_core::http::json;
use orilla_core::sites::SiteId;
use orilla_core::sql::{Rows, Statement, take};
use orilla_core::{Error, Platform, Request, Response, Sql, body};
use serde::Deserialize;
use serde_json::json;

use crate::FaqChat;
use crate::answer::{Answer, spelt};
use crate::conversation::{self, Author, Conversation, Message};
use crate::desk;
use crate::floor::State;
use crate::gaps::{self, Why};
use crate::hours::answers_at;
use crate::said;

/// What `POST /v1/chat/{conversation}/feedback` takes.
#[derive(Debug, Deserialize)]
struct Rating {
    site: Option<SiteId>,
    number: u32,
    is_helpful: bool,
}

impl<P: Platform> FaqChat<P> {
    /// A conversation as it stands: `?site= &after=`.
    ///
    /// Errors: `NotFound` for an unknown one, also of another site; what the store gives.
    pub(crate) async fn follow(&self, request: &Request, id: &str) -> Result<Response, Error> {
        let id = said::conversation(id)?;
        let named = request.query("site").and_then(|site| SiteId::parse(&site));
        let after = match request.query("after").map(|text| text.parse::<u32>()) {
            None => 0,
            Some(Ok(after)) => after,
            Some(Err(_)) => return Err(Error::malformed("`after` is the number of the last message that is known.")),
        };
        let desk = desk::open(&self.sql, &self.random, request, named.as_ref()).await?;
        let [found, messages]: [Rows; 2] =
            take(self.sql.batch(vec![conversation::find(&desk.site, &id), conversation::messages(&desk.site, &id, after)]).await?)?;
        let row = found.first().ok_or_else(unknown)?;
        let conversation = Conversation::read(row)?;
        let messages = conversation::read_all(&messages)?;
        let waits_for = answers_at(&desk.policy, request.received).filter(|_| conversation.state == State::Waiting);
        let mut shown = json!({
            "conversation_id": conversation.id,
            "state": conversation.state,
            "locale": conversation.locale,
            "messages": messages.iter().map(Message::view).collect::<Vec<_>>(),
        });
        if let Some(time) = spelt(waits_for) {
            shown["answers_at"] = time.into();
        }
        json(StatusCode::OK, &shown)
    }

    /// Notes whether an answer helped; what did not is a question that the site's knowledge lacks.
    ///
    /// Errors: `NotFound` for what is no answer of this site's bot; what the store gives.
    pub(crate) async fn rate(&self, request: &Request, id: &str, limit: usize) -> Result<Response, Error> {
        let id = said::conversation(id)?;
        let rating: Rating = body::json(request, limit)?;
        let desk = desk::open(&self.sql, &self.random, request, rating.site.as_ref()).await?;
        let around = conversation::messages(&desk.site, &id, rating.number.saturating_sub(2));
        let messages = conversation::read_all(&self.sql.query(around).await?)?;
        let rated = messages.iter().find(|it| it.number == rating.number && it.author == Author::Bot);
        let rated = rated.ok_or_else(|| Error::not_found("This conversation has no such answer."))?;
        let mut statements = vec![
            Statement::new("UPDATE messages SET is_helpful = ?4 WHERE site_id = ?1 AND conversation_id = ?2 AND number = ?3")
                .bind(&desk.site)
                .bind(id.as_str())
                .bind(rating.number)
                .bind(rating.is_helpful),
            Statement::new(
                "UPDATE conversations SET is_unhelpful = EXISTS (SELECT 1 FROM messages WHERE site_id = ?1 AND conversation_id = ?2 AND is_helpful = 0) \
                 WHERE site_id = ?1 AND id = ?2",
            )
            .bind(&desk.site)
            .bind(id.as_str()),
        ];
        let asked = messages.iter().find(|it| it.number + 1 == rating.number && it.author == Author::Visitor);
        let answer: Option<Answer> = serde_json::from_value(rated.detail.clone()).ok();
        match (asked, answer) {
            (Some(asked), Some(answer)) if !rating.is_helpful && desk.policy.keeps_questions => {
                statements.push(gaps::note(&desk.site, &answer, &asked.text, Why::Unhelpful, request.received));
            }
            _ => statements.push(gaps::forget(&desk.site, &id, rating.number, Why::Unhelpful)),
        }
        self.sql.batch(statements).await?;
        json(StatusCode::OK, &json!({ "number": rating.number, "is_helpful": rating.is_helpful }))
    }
}

/// No such conversation on this site.
#[must_use]
pub fn unknown() -> Error {
    Error::not_found("This site has no such conversation.")
}
