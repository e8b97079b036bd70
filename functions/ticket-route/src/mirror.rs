//! Tickets of a Zendesk account, as its webhooks tell of them: each becomes one of ours, and what is written there is written here.

use chrono::{DateTime, Utc};
use orilla_core::idempotency::Key;
use orilla_core::sites::SiteId;
use orilla_core::sql::{Rows, take};
use orilla_core::{Error, Platform, Response, Sql};

use crate::classify::signals::is_thanks;
use crate::desk::{self, Front};
use crate::happened::Actor;
use crate::intake::{Arrival, MAX_TEXT_BYTES};
use crate::mails::{Placed, ignored};
use crate::ticket::Ticket;
use crate::wire::mail::{Ignored, subject};
use crate::wire::zendesk_webhook::{Comment, Told};
use crate::work::Deed;
use crate::{TicketRoute, origins};

impl<P: Platform> TicketRoute<P> {
    /// Takes over what a webhook tells. A ticket that it speaks of before telling of it is opened then.
    ///
    /// Errors: what is wrong with the ticket, by field; `Unavailable` if nothing could be stored.
    pub(crate) async fn mirror(&self, site: &SiteId, source: &str, told: Told, now: DateTime<Utc>) -> Result<Response, Error> {
        let front = desk::known(&self.sql, site).await?;
        // Two accounts may have a ticket of the same number.
        let origin = origins::key("zendesk ticket", &format!("{source}\n{}", told.ticket.id));
        let said = told.comment.as_ref().map(|comment| origins::key("zendesk comment", &format!("{source}\n{}", comment.id)));
        let find = |key: Option<&String>| origins::find(site, &key.into_iter().cloned().collect::<Vec<_>>());
        let [ticket, commented]: [Rows; 2] = take(self.sql.batch(vec![find(Some(&origin)), find(said.as_ref())]).await?)?;
        let known = ticket.first().map(Ticket::read).transpose()?;
        if let Some(row) = commented.first() {
            let ticket = Ticket::read(row)?;
            return Placed { id: ticket.id, number: ticket.number, is_reply: true, is_duplicate: true }.told();
        }
        let placed = match known {
            Some(ticket) => Placed { id: ticket.id, number: ticket.number, is_reply: false, is_duplicate: true },
            None => self.open_from(&front, arrival(&told, origin), now).await?,
        };
        match (&told.comment, said) {
            (Some(comment), Some(said)) => self.echo(&front, &placed.id, comment, said, now).await,
            _ => placed.told(),
        }
    }

    /// Writes a comment into our ticket; the first words of a ticket come as a comment, too.
    async fn echo(&self, front: &Front, id: &str, comment: &Comment, said: String, now: DateTime<Utc>) -> Result<Response, Error> {
        let text = within(&comment.text);
        let first = self.opened(&front.site, id).await?.events.into_iter().next().and_then(|event| event.text);
        if text.is_empty() || first.is_some_and(|first| first.trim() == text) {
            return ignored(if text.is_empty() { Ignored::Empty } else { Ignored::FirstWords });
        }
        let is_thanks = !comment.is_staff && is_thanks(text);
        let key = Key::parse(&format!("zendesk:{said}"))?;
        let opened = self
            .change(front, id, now, |ticket| {
                let mut deed = Deed { key: Some((key.clone(), said.clone())), origin: Some(said.clone()), ..Deed::default() };
                let agent = || ticket.assignee.clone().unwrap_or_else(|| ticket.team.clone());
                let actor = if comment.is_staff { Actor::Agent(agent()) } else { Actor::Customer };
                deed.hear(ticket, actor, text.to_owned(), comment.is_public, is_thanks, None);
                Ok(deed)
            })
            .await?;
        Placed { id: opened.ticket.id, number: opened.ticket.number, is_reply: true, is_duplicate: false }.told()
    }
}

fn arrival(told: &Told, origin: String) -> Arrival {
    let ticket = &told.ticket;
    let named = subject(&ticket.subject);
    // An event may tell of a ticket nothing but its number.
    let is_bare = named.is_empty() && ticket.description.trim().is_empty();
    Arrival {
        source: "zendesk",
        subject: if is_bare { format!("Zendesk #{}", ticket.id) } else { named },
        text: within(&ticket.description).to_owned(),
        requester: ticket.requester.clone(),
        external_id: Some(ticket.id.clone()),
        origin: Some(origin),
        ..Arrival::default()
    }
}

fn within(text: &str) -> &str {
    text[..text.floor_char_boundary(MAX_TEXT_BYTES)].trim()
}
