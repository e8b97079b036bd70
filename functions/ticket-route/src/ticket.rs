//! A ticket as it is stored, and as people read it.

use chrono::{DateTime, Utc};
use orilla_core::ids::rfc3339;
use orilla_core::sites::SiteId;
use orilla_core::sql::{Row, SqlError, Statement};
use orilla_desk::sla::{Clock, State};
use orilla_desk::{Priority, Status};
use orilla_text::Locale;
use serde::{Deserialize, Serialize};
use serde_json::{Value as Json, json};

use crate::happened::Event;
use crate::satisfaction;

/// Who asked for help, as far as they said.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub struct Requester {
    /// What to call them.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub name: Option<String>,
    /// Where to write to.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub email: Option<String>,
}

impl Requester {
    /// What tells one from another, if something does.
    #[must_use]
    pub fn key(&self) -> Option<String> {
        self.email.as_ref().map(|email| email.trim().to_lowercase())
    }
}

/// A ticket.
#[derive(Debug, Clone, PartialEq)]
pub struct Ticket {
    /// Its id.
    pub id: String,
    /// What people call it; 0 before it is stored.
    pub number: i64,
    /// Where it came from.
    pub source: String,
    /// What the client calls it.
    pub external_id: Option<String>,
    /// One line.
    pub subject: String,
    /// Who asked.
    pub requester: Requester,
    /// Its language.
    pub locale: Locale,
    /// Where the work stands.
    pub status: Status,
    /// How much it matters.
    pub priority: Priority,
    /// What it is about.
    pub category: String,
    /// Whose it is.
    pub team: String,
    /// Who has it.
    pub assignee: Option<String>,
    /// Since when.
    pub assigned_at: Option<DateTime<Utc>>,
    /// Who had it and did not reply in time.
    pub refused: Vec<String>,
    /// In alphabetical order.
    pub tags: Vec<String>,
    /// What was thought of it when it came, and why.
    pub verdict: Json,
    /// Why this agent has it, or why nobody has.
    pub routing: Json,
    /// Of requester and words.
    pub fingerprint: String,
    /// The ticket that it is a part of.
    pub merged_into: Option<String>,
    /// The number of its latest event.
    pub events: u32,
    /// When the team last wrote to the customer.
    pub replied: Option<DateTime<Utc>>,
    /// The nearest breach of a clock that runs.
    pub due: Option<DateTime<Utc>>,
    /// When the clock has to look at it next.
    pub next: Option<DateTime<Utc>>,
    /// When it came.
    pub created: DateTime<Utc>,
    /// When something last happened.
    pub updated: DateTime<Utc>,
    /// When it was solved.
    pub solved: Option<DateTime<Utc>>,
}

impl Ticket {
    /// Reads a row.
    ///
    /// Errors: `Column` if the row is of another table.
    pub fn read(row: Row<'_>) -> Result<Self, SqlError> {
        let text = |name| Ok::<_, SqlError>(row.text(name)?.to_owned());
        let optional = |name| Ok::<_, SqlError>(row.optional_text(name)?.map(str::to_owned));
        let status = Status::parse(row.text("status")?).ok_or(SqlError::Column { name: "status", expected: "a status" })?;
        let priority = Priority::parse(row.text("priority")?).ok_or(SqlError::Column { name: "priority", expected: "a priority" })?;
        let locale = Locale::of_tag(row.text("locale")?).ok_or(SqlError::Column { name: "locale", expected: "a locale" })?;
        let routing = match row.optional_text("routing")? {
            Some(_) => row.json("routing")?,
            None => Json::Null,
        };
        Ok(Self {
            id: text("id")?,
            number: row.integer("number")?,
            source: text("source")?,
            external_id: optional("external_id")?,
            subject: text("subject")?,
            requester: row.json("requester")?,
            locale,
            status,
            priority,
            category: text("category")?,
            team: text("team")?,
            assignee: optional("assignee")?,
            assigned_at: row.optional_time("assigned_at")?,
            refused: row.json("refused")?,
            tags: row.json("tags")?,
            verdict: row.json("verdict")?,
            routing,
            fingerprint: text("fingerprint")?,
            merged_into: optional("merged_into")?,
            events: u32::try_from(row.integer("events")?).unwrap_or_default(),
            replied: row.optional_time("replied_at")?,
            due: row.optional_time("due_at")?,
            next: row.optional_time("next_at")?,
            created: row.time("created_at")?,
            updated: row.time("updated_at")?,
            solved: row.optional_time("solved_at")?,
        })
    }

    /// Stores a new one, under the site's next number, which comes back.
    #[must_use]
    pub fn begin(&self, site: &SiteId, vector: &[u8]) -> Statement {
        let requester = json!(self.requester).to_string();
        Statement::new(
            "INSERT INTO tickets (site_id, id, number, source, external_id, subject, requester, requester_key, locale, status, priority, category, \
             team, assignee, assigned_at, tags, verdict, routing, fingerprint, vector, events, due_at, next_at, created_at, updated_at) \
             SELECT ?1, ?2, coalesce(max(number), 0) + 1, ?3, ?4, ?5, ?6, ?7, ?8, ?9, ?10, ?11, ?12, ?13, ?14, ?15, ?16, ?17, ?18, ?19, ?20, ?21, \
             ?22, ?23, ?23 FROM tickets WHERE site_id = ?1 RETURNING number",
        )
        .bind(site)
        .bind(self.id.as_str())
        .bind(self.source.as_str())
        .bind(self.external_id.as_deref())
        .bind(self.subject.as_str())
        .bind(requester)
        .bind(self.requester.key())
        .bind(self.locale.as_str())
        .bind(self.status.name())
        .bind(self.priority.name())
        .bind(self.category.as_str())
        .bind(self.team.as_str())
        .bind(self.assignee.as_deref())
        .bind(self.assigned_at)
        .bind(json!(self.tags).to_string())
        .bind(self.verdict.to_string())
        .bind((!self.routing.is_null()).then(|| self.routing.to_string()))
        .bind(self.fingerprint.as_str())
        .bind(vector)
        .bind(self.events)
        .bind(self.due)
        .bind(self.next)
        .bind(self.created)
    }

    /// Stores what may change, if its latest event still was number `before`; else the event that goes with it finds no ticket.
    #[must_use]
    pub fn change(&self, site: &SiteId, before: u32) -> Statement {
        Statement::new(
            "UPDATE tickets SET status = ?4, priority = ?5, category = ?6, team = ?7, assignee = ?8, assigned_at = ?9, refused = ?10, tags = ?11, \
             routing = ?12, merged_into = ?13, events = ?14, replied_at = ?15, due_at = ?16, next_at = ?17, updated_at = ?18, solved_at = ?19 \
             WHERE site_id = ?1 AND id = ?2 AND events = ?3",
        )
        .bind(site)
        .bind(self.id.as_str())
        .bind(before)
        .bind(self.status.name())
        .bind(self.priority.name())
        .bind(self.category.as_str())
        .bind(self.team.as_str())
        .bind(self.assignee.as_deref())
        .bind(self.assigned_at)
        .bind(json!(self.refused).to_string())
        .bind(json!(self.tags).to_string())
        .bind((!self.routing.is_null()).then(|| self.routing.to_string()))
        .bind(self.merged_into.as_deref())
        .bind(self.events)
        .bind(self.replied)
        .bind(self.due)
        .bind(self.next)
        .bind(self.updated)
        .bind(self.solved)
    }

    /// As people of the site read it.
    #[must_use]
    pub fn view(&self) -> Json {
        let time = |at: Option<DateTime<Utc>>| at.map(rfc3339);
        json!({
            "id": self.id,
            "number": self.number,
            "source": self.source,
            "external_id": self.external_id,
            "subject": self.subject,
            "requester": self.requester,
            "locale": self.locale,
            "status": self.status,
            "priority": self.priority,
            "category": self.category,
            "team": self.team,
            "assignee": self.assignee,
            "assigned_at": time(self.assigned_at),
            "tags": self.tags,
            "verdict": self.verdict,
            "routing": self.routing,
            "merged_into": self.merged_into,
            "due_at": time(self.due),
            "replied_at": time(self.replied),
            "created_at": rfc3339(self.created),
            "updated_at": rfc3339(self.updated),
            "solved_at": time(self.solved),
        })
    }
}

/// Finds a ticket by its id or its number.
#[must_use]
pub fn find(site: &SiteId, name: &str) -> Statement {
    Statement::new("SELECT * FROM tickets WHERE site_id = ?1 AND (id = ?2 OR number = ?3)")
        .bind(site)
        .bind(name.to_lowercase())
        .bind(name.parse::<u32>().ok())
}

/// A ticket with all that happened, and its clocks.
#[must_use]
pub fn whole(ticket: &Ticket, events: &[Event], clocks: &[Clock]) -> Json {
    let mut view = ticket.view();
    view["events"] = events.iter().map(Event::view).collect();
    view["clocks"] = clocks.iter().map(clock).collect();
    view["satisfaction"] = satisfaction::rating(events).map(|it| it.view()).into();
    view
}

fn clock(clock: &Clock) -> Json {
    let (state, at) = match clock.state {
        State::Running => ("running", None),
        State::Paused => ("paused", None),
        State::Met { at } => ("met", Some(at)),
        State::Breached { at, .. } => ("breached", Some(at)),
        State::Cancelled => ("cancelled", clock.ended()),
    };
    json!({
        "metric": clock.metric,
        "cycle": clock.cycle,
        "state": state,
        "at": at.map(rfc3339),
        "started_at": rfc3339(clock.started),
        "due_at": clock.due.map(rfc3339),
        "spent_seconds": clock.spent.num_seconds(),
        "left_seconds": clock.left.num_seconds(),
    })
}
