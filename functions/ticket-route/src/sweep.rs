//! What the clock does: takes what other functions left to become tickets, tells of deadlines, takes tickets from who does not answer, and
//! gives out what waits.

use chrono::{DateTime, Utc};
use orilla_core::sites::SiteId;
use orilla_core::sql::{Rows, SqlError, Statement};
use orilla_core::{Error, Platform, Sql};
use orilla_desk::assign::Next;
use serde::Deserialize;

use crate::clocks::Alarm;
use crate::desk::Front;
use crate::happened::{Actor, Event, What};
use crate::intake::Arrival;
use crate::ticket::Requester;
use crate::work::apply;
use crate::{TicketRoute, clocks, desk, notice};

/// Requests, tickets and sites that one tick takes. Chosen: some seconds of work; the next tick is a minute away.
const REQUESTS: u32 = 50;
const DUE: u32 = 500;
const SITES: u32 = 50;

/// What the chat leaves. Source: `functions/faq-chat/src/handoff.rs`.
#[derive(Debug, Deserialize)]
struct Handoff {
    #[serde(default)]
    subject: String,
    #[serde(default)]
    locale: Option<String>,
    #[serde(default)]
    contact: Requester,
    #[serde(default)]
    transcript: Vec<Line>,
}

#[derive(Debug, Deserialize)]
struct Line {
    author: String,
    text: String,
}

impl<P: Platform> TicketRoute<P> {
    /// Makes tickets of what waits to be one.
    ///
    /// Errors: what the store gives.
    pub(crate) async fn take_requests(&self, now: DateTime<Utc>) -> Result<(), Error> {
        let select = "SELECT site_id, id, body FROM ticket_requests WHERE taken_at IS NULL ORDER BY created_at LIMIT ?1";
        let rows = self.sql.query(Statement::new(select).bind(REQUESTS)).await?;
        let mut outcome = Ok(());
        for row in rows.iter() {
            let Some(site) = SiteId::parse(row.text("site_id")?) else { continue };
            let id = row.text("id")?;
            let taken = async {
                let front = desk::known(&self.sql, &site).await?;
                self.take(&front, arrival(id, row.json("body")?), None, now).await
            };
            // One that cannot be read waits for whoever mends it, and holds up no other.
            outcome = outcome.and(taken.await.map(|_| ()));
        }
        outcome
    }

    /// Looks at every ticket whose time has come.
    ///
    /// Errors: what the store gives.
    pub(crate) async fn watch(&self, now: DateTime<Utc>) -> Result<(), Error> {
        let select = "SELECT site_id, id FROM tickets WHERE next_at IS NOT NULL AND next_at <= ?1 ORDER BY next_at LIMIT ?2";
        let rows = self.sql.query(Statement::new(select).bind(now).bind(DUE)).await?;
        let mut outcome = Ok(());
        let mut fronts: Vec<Front> = Vec::new();
        for row in rows.iter() {
            let Some(site) = SiteId::parse(row.text("site_id")?) else { continue };
            if fronts.iter().all(|front| front.site != site) {
                fronts.push(desk::known(&self.sql, &site).await?);
            }
            let Some(front) = fronts.iter().find(|front| front.site == site) else { continue };
            outcome = outcome.and(self.look_at(front, row.text("id")?, now).await);
        }
        outcome
    }

    /// Tells what has to be told of one ticket, once, and winds its clock again. If somebody else was faster, they told it.
    async fn look_at(&self, front: &Front, id: &str, now: DateTime<Utc>) -> Result<(), Error> {
        let site = &front.site;
        let opened = self.opened(site, id).await?;
        let (ticket, mut events) = (opened.ticket, opened.events);
        let mut alarms = clocks::alarms(&ticket, &events, &front.desk, now);
        let patience = clocks::patience(&ticket, &front.desk, now);
        if patience == Next::TellLead {
            alarms.extend(clocks::no_reply(&ticket, &events));
        }
        let told = alarms.iter().map(|Alarm { key, metric, target, .. }| What::Alarm {
            key: key.clone(),
            metric: (*metric).to_owned(),
            target: target.clone(),
        });
        let mut happened: Vec<_> = told.collect();
        let mut after = ticket.clone();
        if patience == Next::Reassign {
            after.refused.extend(after.assignee.take());
            happened.push(What::Assigned { to: None, why: "no_reply".to_owned() });
        }
        let known = events.len();
        for what in happened {
            after.events += 1;
            apply(&mut after, &what, &Actor::System, now);
            events.push(Event { number: after.events, what, actor: Actor::System, text: None, at: now });
        }
        if after.events > ticket.events {
            after.updated = now;
        }
        clocks::wind(&mut after, &events, &front.desk, now);
        let mut statements = vec![after.change(site, ticket.events)];
        statements.extend(events.iter().skip(known).map(|event| event.add(site, id)));
        let locale = front.locales.first().copied();
        statements.extend(alarms.iter().map(|alarm| notice::alarm(site, &front.desk, &after, alarm, locale, now, &self.random)));
        match self.sql.batch(statements).await {
            Ok(_) | Err(SqlError::Unique { .. } | SqlError::Constraint(_)) => Ok(()),
            Err(error) => Err(error.into()),
        }
    }

    /// Gives out what waits, at every site where something does.
    ///
    /// Errors: what the store gives.
    pub(crate) async fn assign_everywhere(&self, now: DateTime<Utc>) -> Result<(), Error> {
        let select = Statement::new(
            "SELECT DISTINCT site_id FROM tickets WHERE assignee IS NULL AND status IN ('new', 'open') AND site_id IN (SELECT site_id FROM desks) LIMIT ?1",
        );
        let rows: Rows = self.sql.query(select.bind(SITES)).await?;
        let mut outcome = Ok(());
        for row in rows.iter() {
            if let Some(site) = SiteId::parse(row.text("site_id")?) {
                outcome = outcome.and(self.assign_waiting(&site, now).await.map(|_| ()));
            }
        }
        outcome
    }
}

fn arrival(id: &str, handoff: Handoff) -> Arrival {
    let visitors = handoff.transcript.iter().filter(|line| line.author == "visitor").map(|line| line.text.as_str());
    let told = visitors.collect::<Vec<_>>().join("\n");
    let lines: Vec<_> = handoff.transcript.iter().map(|line| format!("{}: {}", line.author, line.text)).collect();
    Arrival {
        id: Some(id.to_owned()),
        source: "chat",
        subject: handoff.subject,
        text: lines.join("\n"),
        told: Some(told),
        requester: handoff.contact,
        locale: handoff.locale,
        external_id: None,
        tags: Vec::new(),
        origin: None,
    }
}
