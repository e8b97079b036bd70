//! A mail becomes a ticket, or what its requester says in one. Whatever brings it has checked who sent it; here it is placed, once.

use std::time::Duration;

use chrono::{DateTime, Utc};
use http::StatusCode;
use orilla_core::http::json;
use orilla_core::idempotency::Key;
use orilla_core::limit::Limit;
use orilla_core::outbox::MAIL_FROM;
use orilla_core::sql::{Rows, Statement, take};
use orilla_core::{Error, Platform, Response, Sql};
use orilla_text::Locale;
use serde_json::json;

use crate::classify::signals::is_thanks;
use crate::classify::text::Readable;
use crate::desk::{self, Front};
use crate::happened::Actor;
use crate::intake::{Arrival, check};
use crate::sources::Source;
use crate::ticket::Ticket;
use crate::wire::mail::{Ignored, Mail};
use crate::work::Deed;
use crate::{TicketRoute, origins};

/// Mails of one sender. Chosen: nobody writes so many in ten minutes, and two programs that answer each other do at once. A mail service that is
/// told to wait sends again.
const PER_SENDER: Limit = Limit { hits: 20, window: Duration::from_secs(600) };
/// How often a ticket may have been merged into the next. Chosen: nobody merges so often.
const MOST_MERGES: usize = 8;

/// What became of something that came from a source.
pub struct Placed {
    /// The ticket.
    pub id: String,
    /// Its number.
    pub number: i64,
    /// Whether it is a word in a ticket that was there.
    pub is_reply: bool,
    /// Whether it came before.
    pub is_duplicate: bool,
}

impl Placed {
    /// As a service reads it. Always `200`: some take any other for a failure.
    ///
    /// Errors: none in practice.
    pub fn told(&self) -> Result<Response, Error> {
        let told = json!({
            "is_ignored": false, "ticket_id": self.id, "number": self.number, "is_reply": self.is_reply, "is_duplicate": self.is_duplicate,
        });
        json(StatusCode::OK, &told)
    }
}

/// As a service reads it: it need not send it again.
///
/// Errors: none in practice.
pub fn ignored(why: Ignored) -> Result<Response, Error> {
    json(StatusCode::OK, &json!({ "is_ignored": true, "why": why.name() }))
}

impl<P: Platform> TicketRoute<P> {
    /// Places a mail.
    ///
    /// Errors: `TooManyRequests` for a sender of too many, `Unavailable` if nothing could be stored.
    pub(crate) async fn take_mail(&self, source: &Source, mail: &Mail, now: DateTime<Utc>) -> Result<Response, Error> {
        let (site, own) = (&source.site, self.platform.variable(MAIL_FROM)?);
        if let Some(why) = mail.ignored(own.as_deref(), source.takes_lists) {
            return ignored(why);
        }
        let front = desk::known(&self.sql, site).await?;
        let (origin, sender) = (mail.origin(), mail.from.key());
        let count = PER_SENDER.hit(&format!("ticket-mail:{site}:{}", origins::key("sender", sender.as_deref().unwrap_or_default())), now);
        let by_number = Statement::new("SELECT * FROM tickets WHERE site_id = ?1 AND number IN (SELECT value FROM json_each(?2))");
        let by_number = by_number.bind(site).bind(json!(mail.numbers()).to_string());
        let same = origins::find(site, std::slice::from_ref(&origin));
        let statements = vec![same, count, origins::find(site, &mail.answers()), by_number];
        let [same, count, answered, numbered]: [Rows; 4] = take(self.sql.batch(statements).await?)?;
        if let Some(row) = same.first() {
            let ticket = Ticket::read(row)?;
            return Placed { id: ticket.id, number: ticket.number, is_reply: false, is_duplicate: true }.told();
        }
        if let Some(exceeded) = PER_SENDER.read(&count, now)? {
            return Err(exceeded.into());
        }
        let named = answered.iter().chain(numbered.iter()).map(Ticket::read).collect::<Result<Vec<_>, _>>()?;
        let locale = front.locales.first().copied().unwrap_or(Locale::Es);
        // Anybody can write a number into a subject: only whose ticket it is goes on with it.
        let placed = match named.iter().find(|ticket| sender.is_some() && ticket.requester.key() == sender) {
            Some(ticket) => self.go_on(&front, ticket, mail, locale, now).await?,
            None => {
                let tags = named.first().map(|ticket| format!("answers-{}", ticket.number));
                let mail = mail.arrival(locale);
                self.open_from(&front, Arrival { tags: tags.into_iter().collect(), ..mail }, now).await?
            }
        };
        placed.told()
    }

    /// Opens a ticket from a source, once under its origin.
    ///
    /// Errors: what is wrong with it, by field; `Unavailable` if nothing could be stored.
    pub(crate) async fn open_from(&self, front: &Front, arrival: Arrival, now: DateTime<Utc>) -> Result<Placed, Error> {
        let (told, origin, source) = (arrival.told.clone(), arrival.origin.clone(), arrival.source);
        let key = origin.as_deref().map(|origin| Key::parse(&format!("{source}:{origin}"))).transpose()?;
        let arrival = Arrival { told, origin, ..check(arrival)? };
        let taken = self.take(front, arrival, key, now).await?;
        let ticket = self.opened(&front.site, &taken.id).await?.ticket;
        Ok(Placed { id: ticket.id, number: ticket.number, is_reply: false, is_duplicate: taken.is_duplicate })
    }

    /// The requester's next words in a ticket, or in the one that it became a part of.
    async fn go_on(&self, front: &Front, ticket: &Ticket, mail: &Mail, locale: Locale, now: DateTime<Utc>) -> Result<Placed, Error> {
        let mut id = ticket.id.clone();
        for _ in 0..MOST_MERGES {
            match self.opened(&front.site, &id).await?.ticket.merged_into {
                Some(into) => id = into,
                None => break,
            }
        }
        let (text, origin) = (mail.kept(locale), mail.origin());
        let is_thanks = is_thanks(&Readable::new("", &mail.new_words()).body);
        let key = Key::parse(&format!("email:{origin}"))?;
        let opened = self
            .change(front, &id, now, |ticket| {
                let mut deed = Deed { key: Some((key.clone(), origin.clone())), origin: Some(origin.clone()), ..Deed::default() };
                deed.hear(ticket, Actor::Customer, text.clone(), true, is_thanks, None);
                Ok(deed)
            })
            .await?;
        Ok(Placed { id: opened.ticket.id, number: opened.ticket.number, is_reply: true, is_duplicate: false })
    }
}
