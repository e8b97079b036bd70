//! The people of a desk as they are now: who is there, what they hold, and what they say of themselves.

use chrono::{DateTime, Utc};
use http::StatusCode;
use orilla_core::http::json;
use orilla_core::ids::rfc3339;
use orilla_core::sites::SiteId;
use orilla_core::sql::{Rows, SqlError, Statement, take};
use orilla_core::{Error, Platform, Request, Response, Sql, body};
use orilla_desk::assign::{Agent, Presence};
use serde::Deserialize;
use serde_json::{Value as Json, json};

use crate::TicketRoute;
use crate::desk;
use crate::settings::Desk;

/// What an agent says of themselves, or a program for them.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
struct Said {
    presence: Presence,
    #[serde(default)]
    out_until: Option<DateTime<Utc>>,
}

/// Asks for everybody's presence, and for what everybody holds.
#[must_use]
pub fn find(site: &SiteId) -> [Statement; 2] {
    let presence = "SELECT id, presence, out_until, updated_at FROM desk_agents WHERE site_id = ?1";
    // Whoever waits for the customer or somebody else is not what keeps an agent busy.
    let load = "SELECT assignee, count(*) AS held FROM tickets WHERE site_id = ?1 AND assignee IS NOT NULL AND status IN ('new', 'open') GROUP BY 1";
    [Statement::new(presence).bind(site), Statement::new(load).bind(site)]
}

/// Everybody of a desk as they are now. Who has never said that they are there is not.
///
/// Errors: `Column` if the rows are of other statements.
pub fn read(desk: &Desk, presence: &Rows, load: &Rows, now: DateTime<Utc>) -> Result<Vec<Agent>, SqlError> {
    let mut agents = Vec::new();
    for person in &desk.settings.agents {
        let mut said = (Presence::Offline, None);
        for row in presence.iter().filter(|row| row.text("id").is_ok_and(|id| id == person.id)) {
            said = (read_presence(row.text("presence")?), row.optional_time("out_until")?);
        }
        let mut held = 0;
        for row in load.iter().filter(|row| row.text("assignee").is_ok_and(|id| id == person.id)) {
            held = u32::try_from(row.integer("held")?).unwrap_or(u32::MAX);
        }
        let calendar = match &person.calendar {
            Some(name) => desk.calendar(Some(name)),
            None => desk.calendar_of_team(&person.team),
        };
        agents.push(Agent {
            id: person.id.clone(),
            team: person.team.clone(),
            skills: person.skills.clone(),
            languages: person.languages.clone(),
            capacity: person.capacity,
            load: held,
            presence: said.0,
            is_working: desk.calendars.get(calendar).is_none_or(|calendar| calendar.is_open(now)),
            leaves_at: None,
            out_until: said.1,
        });
    }
    Ok(agents)
}

fn read_presence(name: &str) -> Presence {
    match name {
        "online" => Presence::Online,
        "away" => Presence::Away,
        _ => Presence::Offline,
    }
}

impl<P: Platform> TicketRoute<P> {
    /// `GET /v1/agents`: everybody, whether they are there, and what they hold.
    ///
    /// Errors: what the store gives.
    pub(crate) async fn list_agents(&self, site: &SiteId, request: &Request) -> Result<Response, Error> {
        let desk = desk::read(&self.sql, site).await?;
        let [presence, load]: [Rows; 2] = take(self.sql.batch(find(site).to_vec()).await?)?;
        let agents = read(&desk, &presence, &load, request.received)?;
        let shown: Vec<Json> = agents.iter().map(|agent| view(agent, &desk)).collect();
        json(StatusCode::OK, &json!({ "agents": shown }))
    }

    /// `PATCH /v1/agents/{agent}`: whether somebody is there. Who comes back gets what waits.
    ///
    /// Errors: `Invalid` for another presence, `NotFound` for somebody whom the desk does not know, and what the store gives.
    pub(crate) async fn set_presence(&self, site: &SiteId, id: &str, request: &Request, limit: usize) -> Result<Response, Error> {
        let said: Said = body::json(request, limit)?;
        let desk = desk::read(&self.sql, site).await?;
        let person = desk.person(id).ok_or_else(unknown)?;
        let presence = json!(said.presence);
        let put = "INSERT INTO desk_agents (site_id, id, presence, out_until, updated_at) VALUES (?1, ?2, ?3, ?4, ?5) \
                   ON CONFLICT (site_id, id) DO UPDATE SET presence = excluded.presence, out_until = excluded.out_until, \
                   updated_at = excluded.updated_at";
        let put = Statement::new(put).bind(site).bind(person.id.as_str()).bind(presence.as_str().unwrap_or_default()).bind(said.out_until);
        let [of_presence, load] = find(site);
        let [_, presence, load]: [Rows; 3] = take(self.sql.batch(vec![put.bind(request.received), of_presence, load]).await?)?;
        self.follow_up(site);
        let agents = read(&desk, &presence, &load, request.received)?;
        let agent = agents.iter().find(|agent| agent.id == id).ok_or_else(unknown)?;
        json(StatusCode::OK, &view(agent, &desk))
    }
}

fn view(agent: &Agent, desk: &Desk) -> Json {
    json!({
        "id": agent.id,
        "name": desk.person(&agent.id).map(|it| it.name.as_str()).filter(|name| !name.is_empty()),
        "team": agent.team,
        "skills": agent.skills,
        "languages": agent.languages,
        "capacity": agent.capacity,
        "load": agent.load,
        "presence": agent.presence,
        "is_working": agent.is_working,
        "out_until": agent.out_until.map(rfc3339),
    })
}

fn unknown() -> Error {
    Error::not_found("This site's desk knows nobody of this name.")
}
