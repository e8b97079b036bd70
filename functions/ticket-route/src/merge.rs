//! One ticket becomes a part of another: its clocks stop, and the other one holds what was said in it.

use http::StatusCode;
use orilla_core::http::json;
use orilla_core::sites::SiteId;
use orilla_core::sql::SqlError;
use orilla_core::{Error, Platform, Request, Response, Sql, Violation, body};
use serde::Deserialize;

use crate::TicketRoute;
use crate::happened::{Actor, Event, What};
use crate::work::{apply, shown};
use crate::{clocks, desk};

const ROUNDS: u32 = 5;

#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
struct Merge {
    into: String,
    #[serde(default)]
    agent: Option<String>,
}

impl<P: Platform> TicketRoute<P> {
    /// `POST /v1/tickets/{ticket}/merge`: both change in one batch, or neither does. Said again, it changes nothing.
    ///
    /// Errors: `Invalid` for a ticket into itself or into one that is itself part of another, `NotFound`, and what the store gives.
    pub(crate) async fn merge_ticket(&self, site: &SiteId, name: &str, request: &Request, limit: usize) -> Result<Response, Error> {
        let merge: Merge = body::json(request, limit)?;
        let (front, now) = (desk::known(&self.sql, site).await?, request.received);
        let actor = merge.agent.clone().map_or(Actor::System, Actor::Agent);
        for _ in 0..ROUNDS {
            let (from, into) = (self.opened(site, name).await?, self.opened(site, &merge.into).await?);
            if from.ticket.merged_into.as_ref() == Some(&into.ticket.id) {
                return json(StatusCode::OK, &shown(&into, &front, now));
            }
            if from.ticket.id == into.ticket.id || into.ticket.merged_into.is_some() || from.ticket.merged_into.is_some() {
                let message = "A ticket goes into another one, and neither is part of a third.".to_owned();
                let violation = Violation { field: "into".into(), code: "merge".into(), message };
                return Err(Error::invalid("These tickets cannot be merged.", vec![violation]));
            }
            let said = from.events.iter().filter(|event| matches!(event.what, What::Opened { .. } | What::Comment { .. }));
            let words: Vec<&str> = said.filter_map(|event| event.text.as_deref()).collect();
            let note = format!("#{} · {}\n\n{}", from.ticket.number, from.ticket.subject, words.join("\n\n"));
            let merged = [
                (from, What::Merged { into: into.ticket.id.clone() }, None),
                (into, What::Comment { is_public: false, is_thanks: false }, Some(note)),
            ];
            let (mut statements, mut last) = (Vec::new(), None);
            for (mut opened, what, text) in merged {
                let before = opened.ticket.events;
                opened.ticket.events += 1;
                apply(&mut opened.ticket, &what, &actor, now);
                opened.ticket.updated = now;
                let event = Event { number: opened.ticket.events, what, actor: actor.clone(), text, at: now };
                opened.events.push(event.clone());
                clocks::wind(&mut opened.ticket, &opened.events, &front.desk, now);
                statements.extend([opened.ticket.change(site, before), event.add(site, &opened.ticket.id)]);
                last = Some(opened);
            }
            match self.sql.batch(statements).await {
                Ok(_) => {
                    let into = last.ok_or_else(|| Error::internal("two tickets were merged"))?;
                    return json(StatusCode::OK, &shown(&into, &front, now));
                }
                Err(SqlError::Unique { .. } | SqlError::Constraint(_)) => {}
                Err(error) => return Err(error.into()),
            }
        }
        Err(Error::unavailable("every round lost the race for the tickets"))
    }
}
