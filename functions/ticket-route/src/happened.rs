//! What happened to a ticket, as it is stored: words, changes, alarms. Clocks read it, and so do people.

use chrono::{DateTime, Utc};
use orilla_core::ids::rfc3339;
use orilla_core::sites::SiteId;
use orilla_core::sql::{Row, Rows, SqlError, Statement};
use orilla_desk::sla::{Entry, Happened, Side};
use orilla_desk::{Priority, Status};
use serde::{Deserialize, Serialize};
use serde_json::{Value as Json, json};

use crate::settings::Desk;

/// Who did it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Actor {
    /// Whoever asked for help.
    Customer,
    /// Somebody of the desk.
    Agent(String),
    /// The function itself.
    System,
}

impl Actor {
    fn name(&self) -> String {
        match self {
            Self::Customer => "customer".to_owned(),
            Self::Agent(id) => format!("agent:{id}"),
            Self::System => "system".to_owned(),
        }
    }

    fn parse(name: &str) -> Self {
        match name {
            "customer" => Self::Customer,
            "system" => Self::System,
            other => Self::Agent(other.strip_prefix("agent:").unwrap_or(other).to_owned()),
        }
    }

    /// On whose side of the ticket.
    #[must_use]
    pub const fn side(&self) -> Side {
        match self {
            Self::Customer => Side::Customer,
            Self::Agent(_) | Self::System => Side::Agent,
        }
    }
}

/// What happened.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(tag = "kind", rename_all = "snake_case")]
#[allow(missing_docs, reason = "the fields' names say it")]
pub enum What {
    /// It came, with these labels; the first words are the event's.
    Opened { priority: Priority, policy: Option<String>, team: String },
    /// Somebody wrote.
    Comment {
        is_public: bool,
        #[serde(default)]
        is_thanks: bool,
    },
    /// Its status changed.
    Status { to: Status },
    /// Its priority changed.
    Priority { to: Priority },
    /// Its category changed, and with it perhaps what is promised.
    Category { to: String, policy: Option<String> },
    /// It went to another team.
    Team { to: String },
    /// Somebody has it now, or nobody.
    Assigned { to: Option<String>, why: String },
    /// Its tags changed, and with them perhaps what is promised.
    Tags { to: Vec<String>, policy: Option<String> },
    /// A clock warned or ran out, or somebody is to be told; `key` names it once.
    Alarm { key: String, metric: String, target: Option<String> },
    /// The same came again.
    Duplicate,
    /// It is part of another ticket from now on.
    Merged { into: String },
    /// An agent applied a macro; what it did follows.
    Macro { id: String },
    /// The customer said how the help of this agent was, from 1 to 5; the last word counts.
    Rated { score: u8, agent: Option<String> },
}

impl What {
    /// The word in the database.
    #[must_use]
    pub const fn name(&self) -> &'static str {
        match self {
            Self::Opened { .. } => "opened",
            Self::Comment { .. } => "comment",
            Self::Status { .. } => "status",
            Self::Priority { .. } => "priority",
            Self::Category { .. } => "category",
            Self::Team { .. } => "team",
            Self::Assigned { .. } => "assigned",
            Self::Tags { .. } => "tags",
            Self::Alarm { .. } => "alarm",
            Self::Duplicate => "duplicate",
            Self::Merged { .. } => "merged",
            Self::Macro { .. } => "macro",
            Self::Rated { .. } => "rated",
        }
    }
}

/// One event.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Event {
    /// From 1, in order.
    pub number: u32,
    /// What happened.
    pub what: What,
    /// Who did it.
    pub actor: Actor,
    /// What was written, if something was.
    pub text: Option<String>,
    /// When.
    pub at: DateTime<Utc>,
}

impl Event {
    /// Reads a row.
    ///
    /// Errors: `Column` if the row is of another table.
    pub fn read(row: Row<'_>) -> Result<Self, SqlError> {
        Ok(Self {
            number: u32::try_from(row.integer("number")?).unwrap_or_default(),
            what: row.json("data")?,
            actor: Actor::parse(row.text("actor")?),
            text: row.optional_text("text")?.map(str::to_owned),
            at: row.time("created_at")?,
        })
    }

    /// Stores it, after the change of its ticket. A number that is taken is a `Unique` error; where the ticket did not change to it, or is gone, the
    /// number is `NULL`, a `Constraint`.
    #[must_use]
    pub fn add(&self, site: &SiteId, ticket: &str) -> Statement {
        Statement::new(
            "INSERT INTO ticket_events (site_id, ticket_id, number, kind, actor, text, data, created_at) \
             VALUES (?1, ?2, (SELECT ?3 FROM tickets WHERE site_id = ?1 AND id = ?2 AND events >= ?3), ?4, ?5, ?6, ?7, ?8)",
        )
        .bind(site)
        .bind(ticket)
        .bind(self.number)
        .bind(self.what.name())
        .bind(self.actor.name())
        .bind(self.text.as_deref())
        .bind(json!(self.what).to_string())
        .bind(self.at)
    }

    /// As people read it.
    #[must_use]
    pub fn view(&self) -> Json {
        let mut view = json!(self.what);
        view["number"] = self.number.into();
        view["actor"] = self.actor.name().into();
        view["created_at"] = rfc3339(self.at).into();
        if let Some(text) = &self.text {
            view["text"] = text.as_str().into();
        }
        view
    }
}

/// The events of a ticket, in order.
#[must_use]
pub fn find(site: &SiteId, ticket: &str) -> Statement {
    Statement::new("SELECT * FROM ticket_events WHERE site_id = ?1 AND ticket_id = ?2 ORDER BY number LIMIT 1000").bind(site).bind(ticket)
}

/// Reads events.
///
/// Errors: `Column` if the rows are of another table.
pub fn read_all(rows: &Rows) -> Result<Vec<Event>, SqlError> {
    rows.iter().map(Event::read).collect()
}

/// What clocks care about.
#[must_use]
pub fn history(events: &[Event], desk: &Desk) -> Vec<Entry> {
    let place = |policy: &Option<String>| policy.as_ref().and_then(|id| desk.policies.iter().position(|it| it.id == *id));
    let mut history = Vec::new();
    for event in events {
        let mut push = |happened| history.push(Entry { at: event.at, happened });
        match &event.what {
            What::Opened { priority, policy, team } => {
                push(Happened::CalendarSet(desk.calendar_of_team(team)));
                push(Happened::PolicySet(place(policy)));
                push(Happened::PrioritySet(*priority));
                push(Happened::Opened { by: event.actor.side() });
            }
            What::Comment { is_public: false, .. } => push(Happened::Noted),
            What::Comment { is_thanks, .. } => push(match event.actor.side() {
                Side::Customer => Happened::CustomerWrote { is_thanks: *is_thanks },
                Side::Agent => Happened::AgentWrote,
            }),
            What::Status { to } => push(Happened::StatusSet(*to)),
            What::Priority { to } => push(Happened::PrioritySet(*to)),
            What::Category { policy, .. } | What::Tags { policy, .. } => push(Happened::PolicySet(place(policy))),
            What::Team { to } => push(Happened::CalendarSet(desk.calendar_of_team(to))),
            What::Merged { .. } => push(Happened::Merged),
            What::Assigned { .. } | What::Alarm { .. } | What::Duplicate | What::Macro { .. } | What::Rated { .. } => {}
        }
    }
    history
}
