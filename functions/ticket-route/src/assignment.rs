//! Tickets go to people: one plan for all that wait at a site, and each of its claims is won or lost in the store.

use chrono::{DateTime, Utc};
use orilla_core::sites::SiteId;
use orilla_core::sql::{Rows, SqlError, Statement, take};
use orilla_core::{Error, Platform, Sql};
use orilla_desk::assign::{self, Agent, Waiting};
use serde_json::json;

use crate::happened::{self, Actor, Event, What};
use crate::settings::Desk;
use crate::ticket::Ticket;
use crate::{TicketRoute, clocks, desk, notice, people};

/// Tickets that one plan looks at, the most urgent first; the next tick takes the next ones. Chosen: each claim is a batch of its own.
const LOOKED_AT: u32 = 200;

impl<P: Platform> TicketRoute<P> {
    /// Gives out what waits at a site; how many tickets have somebody now.
    ///
    /// Errors: what the store gives.
    pub(crate) async fn assign_waiting(&self, site: &SiteId, now: DateTime<Utc>) -> Result<u32, Error> {
        let front = desk::known(&self.sql, site).await?;
        if front.desk.settings.agents.is_empty() {
            return Ok(0);
        }
        let waiting = Statement::new(
            "SELECT * FROM tickets WHERE site_id = ?1 AND assignee IS NULL AND status IN ('new', 'open') AND merged_into IS NULL \
             ORDER BY due_at IS NULL, due_at, created_at LIMIT ?2",
        );
        let [presence, load] = people::find(site);
        let known = Statement::new(
            "SELECT requester_key, assignee FROM tickets WHERE site_id = ?1 AND assignee IS NOT NULL AND requester_key IN \
             (SELECT requester_key FROM tickets WHERE site_id = ?1 AND assignee IS NULL AND status IN ('new', 'open')) ORDER BY updated_at",
        );
        let [waiting, presence, load, known]: [Rows; 4] =
            take(self.sql.batch(vec![waiting.bind(site).bind(LOOKED_AT), presence, load, known.bind(site)]).await?)?;
        let agents = people::read(&front.desk, &presence, &load, now)?;
        let tickets = waiting.iter().map(Ticket::read).collect::<Result<Vec<_>, _>>()?;
        let mut last: Vec<(String, String)> = Vec::new();
        for row in known.iter() {
            last.push((row.text("requester_key")?.to_owned(), row.text("assignee")?.to_owned()));
        }
        let asked: Vec<Waiting> = tickets.iter().map(|ticket| asked(ticket, &last)).collect();
        let plan = assign::assign(&agents, &asked, &front.desk.settings.assignment, now);
        let mut given = 0;
        for claim in &plan.assignments {
            let Some(ticket) = tickets.iter().find(|it| it.id == claim.ticket) else { continue };
            let why = json!({ "agent": claim.agent, "score": claim.score, "reasons": claim.reasons });
            let who = agents.iter().find(|it| it.id == claim.agent);
            if self.claim(&front.desk, site, ticket, &claim.agent, who, &why, now, front.locales.first().copied()).await? {
                given += 1;
            }
        }
        self.say_why_not(site, &tickets, &plan).await?;
        Ok(given)
    }

    /// One claim: of two at a time one wins, and nobody gets more than they may hold. `who` is none where a person takes it by hand.
    #[allow(clippy::too_many_arguments, reason = "all that a claim is made of")]
    pub(crate) async fn claim(
        &self,
        desk: &Desk,
        site: &SiteId,
        ticket: &Ticket,
        agent: &str,
        who: Option<&Agent>,
        why: &serde_json::Value,
        now: DateTime<Utc>,
        locale: Option<orilla_text::Locale>,
    ) -> Result<bool, Error> {
        let rows = self.sql.query(happened::find(site, &ticket.id)).await?;
        let mut events = happened::read_all(&rows)?;
        let mut taken = ticket.clone();
        taken.assignee = Some(agent.to_owned());
        (taken.assigned_at, taken.updated, taken.routing) = (Some(now), now, why.clone());
        taken.events += 1;
        let actor = if who.is_some() { Actor::System } else { Actor::Agent(agent.to_owned()) };
        let kind = if who.is_some() { "plan" } else { "claim" };
        let event = Event {
            number: taken.events,
            what: What::Assigned { to: taken.assignee.clone(), why: kind.to_owned() },
            actor,
            text: None,
            at: now,
        };
        events.push(event.clone());
        clocks::wind(&mut taken, &events, desk, now);
        // More than this person may hold breaks `NOT NULL`, and the claim with it.
        let room = Statement::new(
            "UPDATE tickets SET status = CASE WHEN (SELECT count(*) FROM tickets WHERE site_id = ?1 AND assignee = ?3 AND status IN ('new', 'open')) \
             <= ?4 THEN status END WHERE site_id = ?1 AND id = ?2",
        );
        let most = who.map_or(u32::MAX, |who| who.capacity);
        let statements = vec![
            taken.change(site, ticket.events),
            event.add(site, &ticket.id),
            room.bind(site).bind(ticket.id.as_str()).bind(agent).bind(most),
            notice::changed(site, desk, notice::ASSIGNED, &taken, None, locale, now, &self.random),
        ];
        match self.sql.batch(statements).await {
            Ok(_) => Ok(true),
            Err(SqlError::Unique { .. } | SqlError::Constraint(_)) => Ok(false),
            Err(error) => Err(error.into()),
        }
    }

    /// Says at each ticket that still waits why it does, where that is news.
    async fn say_why_not(&self, site: &SiteId, tickets: &[Ticket], plan: &assign::Plan) -> Result<(), Error> {
        let news = plan.left.iter().filter_map(|left| {
            let ticket = tickets.iter().find(|it| it.id == left.ticket)?;
            let why = json!({ "agent": null, "why": left.why });
            (ticket.routing != why).then(|| {
                let say = "UPDATE tickets SET routing = ?3 WHERE site_id = ?1 AND id = ?2 AND assignee IS NULL";
                Statement::new(say).bind(site).bind(left.ticket.as_str()).bind(why.to_string())
            })
        });
        let statements: Vec<_> = news.collect();
        if !statements.is_empty() {
            self.sql.batch(statements).await?;
        }
        Ok(())
    }
}

fn asked(ticket: &Ticket, last: &[(String, String)]) -> Waiting {
    let key = ticket.requester.key();
    Waiting {
        ticket: ticket.id.clone(),
        category: ticket.category.clone(),
        language: ticket.locale.as_str().to_owned(),
        priority: ticket.priority,
        due: ticket.due,
        since: ticket.created,
        team: Some(ticket.team.clone()),
        last_agent: last.iter().rev().find(|(of, _)| Some(of) == key.as_ref()).map(|(_, agent)| agent.clone()),
        refused: ticket.refused.clone(),
    }
}
