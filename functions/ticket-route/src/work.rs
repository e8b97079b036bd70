//! What people do with tickets: list them, read them, write, change, claim, erase.

use chrono::{DateTime, Utc};
use http::StatusCode;
use orilla_core::erasure::{self, Subject};
use orilla_core::http::json;
use orilla_core::idempotency::{self, Key, Outcome as Earlier, Slot};
use orilla_core::ids::uuid_v7;
use orilla_core::outbox;
use orilla_core::sites::SiteId;
use orilla_core::sql::{SqlError, Statement};
use orilla_core::{Code, Error, Platform, Request, Response, Sql, Violation, body};
use orilla_desk::{Priority, Status};
use serde::Deserialize;
use serde_json::{Value as Json, json};

use crate::TicketRoute;
use crate::classify::signals::is_thanks;
use crate::classify::text::Readable;
use crate::desk::{self, Front};
use crate::happened::{self, Actor, Event, What};
use crate::intake::MAX_TEXT_BYTES;
use crate::learn::{self, Said};
use crate::letters::{self, Letter};
use crate::ticket::{self, Ticket};
use crate::{clocks, notice, origins, satisfaction};

const ROUNDS: u32 = 5;
/// What idempotency keys of comments are for.
const SCOPE: &str = "ticket-comment";
/// Tickets of one page.
const MOST: u32 = 100;

/// What somebody writes.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
struct Words {
    text: String,
    #[serde(default = "yes")]
    is_public: bool,
    /// Who writes; the customer, if it says nothing.
    #[serde(default)]
    agent: Option<String>,
    #[serde(default)]
    status: Option<Status>,
}

const fn yes() -> bool {
    true
}

/// What is changed; what it leaves out stays.
#[derive(Debug, Clone, Default, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub struct Change {
    /// Who does it.
    pub agent: Option<String>,
    /// Where the work stands.
    pub status: Option<Status>,
    /// How much it matters.
    pub priority: Option<Priority>,
    /// What it is about.
    pub category: Option<String>,
    /// Whose it is.
    pub team: Option<String>,
    /// Its tags, all of them.
    pub tags: Option<Vec<String>>,
    /// Who has it; null takes it from whoever does.
    #[serde(deserialize_with = "given")]
    pub assignee: Option<Option<String>>,
}

fn given<'de, D: serde::Deserializer<'de>>(from: D) -> Result<Option<Option<String>>, D::Error> {
    Deserialize::deserialize(from).map(Some)
}

/// A ticket with what happened to it.
pub struct Opened {
    /// As it is stored.
    pub ticket: Ticket,
    /// Everything that happened.
    pub events: Vec<Event>,
}

/// What is done in one go: events in order, and rows that go with them.
#[derive(Debug, Default)]
pub struct Deed {
    /// What happens.
    pub done: Vec<(What, Actor, Option<String>)>,
    /// What is told of it.
    pub news: Vec<&'static str>,
    /// What makes sure that it is done once, however often it is sent.
    pub key: Option<(Key, String)>,
    /// What somebody said the ticket is.
    pub category: Option<String>,
    /// How much they said it matters.
    pub priority: Option<Priority>,
    /// What tells the words from everything else that their source sends, hashed.
    pub origin: Option<String>,
}

impl Deed {
    /// Adds words of either side, and the status that somebody wants with them, else the one that follows from them.
    pub fn hear(&mut self, ticket: &Ticket, actor: Actor, text: String, is_public: bool, is_thanks: bool, wanted: Option<Status>) {
        let follows = status_after(ticket, actor == Actor::Customer, is_thanks, is_public);
        self.done.push((What::Comment { is_public, is_thanks }, actor.clone(), Some(text)));
        if let Some(to) = wanted.or(follows).filter(|status| *status != ticket.status) {
            self.done.push((What::Status { to }, actor, None));
            self.news.extend((to == Status::Solved).then_some(notice::SOLVED));
        }
        self.news.extend(is_public.then_some(notice::COMMENTED));
    }

    /// Adds an agent's words before everything else; public ones open a new ticket.
    pub fn speak(&mut self, ticket: &Ticket, actor: &Actor, text: String, is_public: bool) {
        self.done.insert(0, (What::Comment { is_public, is_thanks: false }, actor.clone(), Some(text)));
        if is_public {
            self.news.push(notice::COMMENTED);
            let has_status = self.done.iter().any(|(what, ..)| matches!(what, What::Status { .. }));
            if ticket.status == Status::New && !has_status {
                self.done.push((What::Status { to: Status::Open }, actor.clone(), None));
            }
        }
    }
}

impl<P: Platform> TicketRoute<P> {
    /// `GET /v1/tickets?status= &assignee= &team= &category= &requester= &order=due|updated &after=`.
    ///
    /// Errors: `Malformed` for a query that cannot be read, and what the store gives.
    pub(crate) async fn list_tickets(&self, site: &SiteId, request: &Request) -> Result<Response, Error> {
        let status = request.query("status");
        if status.as_deref().is_some_and(|name| name != "unsolved" && Status::parse(name).is_none()) {
            return Err(Error::malformed("`status` is new, open, pending, on_hold, solved, closed, or unsolved."));
        }
        let order = match request.query("order").as_deref() {
            None | Some("updated") => "updated_at DESC, id DESC",
            Some("due") => "due_at IS NULL, due_at, created_at, id",
            Some(_) => return Err(Error::malformed("`order` is updated or due.")),
        };
        let offset = match request.query("offset").map(|it| it.parse::<u32>()) {
            None => 0,
            Some(Ok(offset)) => offset,
            Some(Err(_)) => return Err(Error::malformed("`offset` is a number from 0.")),
        };
        let select = format!(
            "SELECT * FROM tickets WHERE site_id = ?1 AND (?2 IS NULL OR status = ?2 OR (?2 = 'unsolved' AND status NOT IN ('solved', 'closed'))) \
             AND (?3 IS NULL OR assignee = ?3 OR (?3 = 'nobody' AND assignee IS NULL)) AND (?4 IS NULL OR team = ?4) \
             AND (?5 IS NULL OR category = ?5) AND (?6 IS NULL OR requester_key = lower(?6)) ORDER BY {order} LIMIT ?7 OFFSET ?8"
        );
        let select = Statement::new(select)
            .bind(site)
            .bind(status)
            .bind(request.query("assignee"))
            .bind(request.query("team"))
            .bind(request.query("category"))
            .bind(request.query("requester"))
            .bind(MOST + 1)
            .bind(offset);
        let rows = self.sql.query(select).await?;
        let shown = rows.iter().take(MOST as usize).map(|row| Ticket::read(row).map(|it| it.view())).collect::<Result<Vec<_>, _>>()?;
        let next = (rows.len() > MOST as usize).then_some(offset.saturating_add(MOST));
        json(StatusCode::OK, &json!({ "tickets": shown, "next_offset": next }))
    }

    /// `GET /v1/tickets/{ticket}`, by id or number.
    ///
    /// Errors: `NotFound`, and what the store gives.
    pub(crate) async fn show_ticket(&self, site: &SiteId, name: &str, now: DateTime<Utc>) -> Result<Response, Error> {
        let front = desk::known(&self.sql, site).await?;
        let opened = self.opened(site, name).await?;
        json(StatusCode::OK, &shown(&opened, &front, now))
    }

    /// `POST /v1/tickets/{ticket}/comments`.
    ///
    /// Errors: `Invalid` for an empty or overlong text or a private word of a customer, `NotFound`, and what the store gives.
    pub(crate) async fn comment(&self, site: &SiteId, name: &str, request: &Request, limit: usize) -> Result<Response, Error> {
        let words: Words = body::json(request, limit)?;
        let text = words.text.trim();
        if text.is_empty() || text.len() > MAX_TEXT_BYTES {
            return Err(refused("text", "length", "A comment has 1 to 262,144 bytes."));
        }
        if words.agent.is_none() && !words.is_public {
            return Err(refused("is_public", "private", "A private note is an agent's; name the agent."));
        }
        let front = desk::known(&self.sql, site).await?;
        let key = Key::of(request, None)?.map(|key| (key, idempotency::fingerprint(&json!([name, text, words.agent, words.is_public]))));
        if self.is_done_already(site, key.as_ref(), request.received).await? {
            return json(StatusCode::OK, &shown(&self.opened(site, name).await?, &front, request.received));
        }
        let opened = self
            .change(&front, name, request.received, |ticket| {
                let mut deed = Deed { key: key.clone(), ..Deed::default() };
                let actor = words.agent.clone().map_or(Actor::Customer, Actor::Agent);
                let is_thanks = actor == Actor::Customer && is_thanks(text);
                deed.hear(ticket, actor, text.to_owned(), words.is_public, is_thanks, words.status);
                Ok(deed)
            })
            .await?;
        json(StatusCode::OK, &shown(&opened, &front, request.received))
    }

    /// Whether a key was used before, for the same.
    ///
    /// Errors: `Invalid` if it was used for something else, and what the store gives.
    pub(crate) async fn is_done_already(&self, site: &SiteId, key: Option<&(Key, String)>, now: DateTime<Utc>) -> Result<bool, Error> {
        let Some((key, fingerprint)) = key else { return Ok(false) };
        let slot = Slot { site, scope: SCOPE, key };
        match idempotency::outcome(&self.sql.query(slot.look_up(now)).await?, fingerprint)? {
            Earlier::Replay(_) => Ok(true),
            Earlier::Mismatch => Err(idempotency::mismatch()),
            Earlier::New => Ok(false),
        }
    }

    /// `PATCH /v1/tickets/{ticket}`. A category or a priority that somebody sets is a lesson.
    ///
    /// Errors: `Invalid` for what the desk does not know, `NotFound`, and what the store gives.
    pub(crate) async fn change_ticket(&self, site: &SiteId, name: &str, request: &Request, limit: usize) -> Result<Response, Error> {
        let change: Change = body::json(request, limit)?;
        let front = desk::known(&self.sql, site).await?;
        let opened = self.change(&front, name, request.received, |ticket| deed(&change, ticket, &front)).await?;
        json(StatusCode::OK, &shown(&opened, &front, request.received))
    }

    /// `POST /v1/tickets/{ticket}/claim`: of two at a time one wins, and the other is told who has it.
    ///
    /// Errors: `Invalid` for somebody whom the desk does not know, `Conflict` if somebody has it, `NotFound`, and what the store gives.
    pub(crate) async fn claim_ticket(&self, site: &SiteId, name: &str, request: &Request, limit: usize) -> Result<Response, Error> {
        #[derive(Deserialize)]
        #[serde(deny_unknown_fields)]
        struct Claim {
            agent: String,
        }
        let claim: Claim = body::json(request, limit)?;
        let front = desk::known(&self.sql, site).await?;
        if front.desk.person(&claim.agent).is_none() {
            return Err(refused("agent", "unknown", "The desk knows nobody of this name."));
        }
        for _ in 0..ROUNDS {
            let opened = self.opened(site, name).await?;
            match &opened.ticket.assignee {
                Some(holder) if *holder == claim.agent => return json(StatusCode::OK, &shown(&opened, &front, request.received)),
                Some(_) => return Err(Error::new(Code::Conflict, "Somebody else has this ticket.")),
                None => {}
            }
            let why = json!({ "agent": claim.agent, "why": "claimed" });
            let locale = front.locales.first().copied();
            if self.claim(&front.desk, site, &opened.ticket, &claim.agent, None, &why, request.received, locale).await? {
                self.nudge();
                let opened = self.opened(site, name).await?;
                return json(StatusCode::OK, &shown(&opened, &front, request.received));
            }
        }
        Err(Error::unavailable("every round lost the race for the ticket"))
    }

    /// Does something to a ticket, once: what is decided on a ticket that has changed meanwhile is decided again.
    ///
    /// Errors: `NotFound`, what `decide` gives, and what the store gives.
    pub(crate) async fn change(
        &self,
        front: &Front,
        name: &str,
        now: DateTime<Utc>,
        decide: impl Fn(&Ticket) -> Result<Deed, Error>,
    ) -> Result<Opened, Error> {
        let site = &front.site;
        for _ in 0..ROUNDS {
            let Opened { ticket, events } = self.opened(site, name).await?;
            let deed = decide(&ticket)?;
            if deed.done.is_empty() {
                return Ok(Opened { ticket, events });
            }
            let (mut after, mut all) = (ticket.clone(), events);
            let known = all.len();
            for (what, actor, text) in deed.done {
                after.events += 1;
                apply(&mut after, &what, &actor, now);
                all.push(Event { number: after.events, what, actor, text, at: now });
            }
            after.updated = now;
            clocks::wind(&mut after, &all, &front.desk, now);
            let mut statements = vec![after.change(site, ticket.events)];
            statements.extend(all.iter().skip(known).map(|event| event.add(site, &ticket.id)));
            let fresh = all.get(known..).unwrap_or_default();
            let link = self.public_url.as_deref().filter(|_| satisfaction::is_asked(&ticket, &after));
            let link = link.and_then(|origin| satisfaction::link(front, &after, origin, now));
            let locale = front.locales.first().copied();
            let news = deed.news.iter().map(|name| notice::News::of(name, fresh, link.as_ref()));
            statements.extend(news.map(|news| notice::tell(site, &front.desk, &after, &news, locale, now, &self.random)));
            statements.extend(letters::written(front, &ticket, &after, fresh, link.as_ref()).iter().map(|letter| match letter {
                Letter::Reply(mail) => outbox::reply(site, letter.name(), &after.id, mail, now, &self.random),
                Letter::Question(mail) => outbox::post(site, letter.name(), &after.id, mail, now, &self.random),
            }));
            if deed.category.is_some() || deed.priority.is_some() {
                let first = all.first().and_then(|event| event.text.as_deref()).unwrap_or_default();
                let words = Readable::new(&after.subject, first).whole();
                let said = Said { category: deed.category.as_deref(), priority: deed.priority };
                statements.push(learn::remember(site, &after, &words, said, now));
            }
            if let Some((key, fingerprint)) = &deed.key {
                let slot = Slot { site, scope: SCOPE, key };
                statements.extend(slot.remember(fingerprint, &json!(after.events), &after.id, now));
            }
            statements.extend(deed.origin.as_ref().map(|origin| origins::remember(site, origin, &after.id, now)));
            match self.sql.batch(statements).await {
                Ok(_) => {
                    self.follow_up(site);
                    return Ok(Opened { ticket: after, events: all });
                }
                // The same was sent twice at a time, and the other one was faster.
                Err(error) if idempotency::is_race(&error) => return self.opened(site, name).await,
                Err(SqlError::Unique { .. } | SqlError::Constraint(_)) => {}
                Err(error) => return Err(error.into()),
            }
        }
        Err(Error::unavailable("every round lost the race for the ticket"))
    }

    /// A ticket with everything that happened to it.
    ///
    /// Errors: `NotFound`, and what the store gives.
    pub(crate) async fn opened(&self, site: &SiteId, name: &str) -> Result<Opened, Error> {
        let found = self.sql.query(ticket::find(site, name)).await?;
        let ticket = Ticket::read(found.first().ok_or_else(|| Error::not_found("This site has no such ticket."))?)?;
        let events = happened::read_all(&self.sql.query(happened::find(site, &ticket.id)).await?)?;
        Ok(Opened { ticket, events })
    }

    /// `DELETE /v1/tickets/{ticket}`: erases it, with all that it has left elsewhere; a receipt stays.
    ///
    /// Errors: `NotFound`, and what the store gives.
    pub(crate) async fn erase_ticket(&self, site: &SiteId, name: &str, now: DateTime<Utc>) -> Result<Response, Error> {
        let id = self.opened(site, name).await?.ticket.id;
        let receipt = uuid_v7(now, &self.random).to_string();
        let holdings = HOLDINGS.map(|(table, key)| (table, format!("site_id = ?1 AND {key} = ?2")));
        let subject = Subject { kind: "ticket", id: &id };
        let erased = erasure::erase(&self.sql, site, subject, &holdings, &receipt, now).await?;
        erased.ok_or_else(|| Error::not_found("This site has no such ticket."))
    }
}

/// Tables, and the column that names the ticket.
pub const HOLDINGS: [(&str, &str); 7] = [
    ("ticket_events", "ticket_id"),
    ("ticket_origins", "ticket_id"),
    ("ticket_lessons", "id"),
    ("ticket_requests", "id"),
    ("outbox", "subject_id"),
    ("idempotency", "subject_id"),
    ("tickets", "id"),
];

/// A ticket with all that happened, and its clocks by now.
pub fn shown(opened: &Opened, front: &Front, now: DateTime<Utc>) -> Json {
    ticket::whole(&opened.ticket, &opened.events, &clocks::of(&opened.events, &front.desk, now))
}

pub fn refused(field: &str, code: &'static str, message: &str) -> Error {
    let violation = Violation { field: field.into(), code: code.into(), message: message.into() };
    Error::invalid("This cannot be done with the ticket.", vec![violation])
}

/// Where a ticket stands after words, if they move it: who writes again wants something again, thanks want nothing.
fn status_after(ticket: &Ticket, is_customers: bool, is_thanks: bool, is_public: bool) -> Option<Status> {
    let moves = if is_customers { !is_thanks && ticket.status != Status::New } else { is_public && ticket.status == Status::New };
    moves.then_some(Status::Open)
}

/// What a change comes to.
///
/// Errors: `Invalid` for what the desk does not know.
pub fn deed(change: &Change, ticket: &Ticket, front: &Front) -> Result<Deed, Error> {
    let actor = || change.agent.clone().map_or(Actor::System, Actor::Agent);
    let mut deed = Deed::default();
    let mut done = |what| deed.done.push((what, actor(), None));
    let promised = |category: &str, tags: &[String]| {
        front.desk.promise(category, tags).and_then(|at| front.desk.policies.get(at)).map(|policy| policy.id.clone())
    };
    let category = change.category.clone().unwrap_or_else(|| ticket.category.clone());
    if let Some(to) = change.tags.clone().map(sorted).filter(|tags| *tags != ticket.tags) {
        if to.len() > 20 || to.iter().any(|tag| tag.trim().is_empty() || tag.len() > 64) {
            return Err(refused("tags", "length", "A ticket has at most 20 tags of 1 to 64 bytes."));
        }
        done(What::Tags { policy: promised(&category, &to), to });
    }
    if let Some(to) = &change.category {
        if front.desk.categories().all(|it| it != to) {
            return Err(refused("category", "unknown", "The desk has no such category."));
        }
        if *to != ticket.category {
            let tags = change.tags.clone().map_or_else(|| ticket.tags.clone(), sorted);
            done(What::Category { to: to.clone(), policy: promised(to, &tags) });
            let team = front.desk.team_of(Some(to));
            if change.team.is_none() && team != ticket.team {
                done(What::Team { to: team.to_owned() });
            }
        }
    }
    if let Some(to) = change.team.as_ref().filter(|to| **to != ticket.team) {
        if front.desk.settings.teams.iter().all(|team| team.id != *to) {
            return Err(refused("team", "unknown", "The desk has no such team."));
        }
        done(What::Team { to: to.clone() });
    }
    if let Some(to) = change.priority.filter(|to| *to != ticket.priority) {
        done(What::Priority { to });
    }
    // Who had it does not have it any more once another team does; see `apply`.
    let holder = ticket.assignee.clone().filter(|_| deed.done.iter().all(|(what, ..)| !matches!(what, What::Team { .. })));
    let mut done = |what| deed.done.push((what, actor(), None));
    if let Some(to) = change.assignee.clone().filter(|to| *to != holder) {
        if to.as_ref().is_some_and(|id| front.desk.person(id).is_none()) {
            return Err(refused("assignee", "unknown", "The desk knows nobody of this name."));
        }
        done(What::Assigned { to, why: "hand".to_owned() });
    }
    if let Some(to) = change.status.filter(|to| *to != ticket.status) {
        done(What::Status { to });
    }
    if change.status == Some(Status::Solved) && ticket.status != Status::Solved {
        deed.news.push(notice::SOLVED);
    }
    if change.assignee.as_ref().is_some_and(|to| to.is_some() && *to != ticket.assignee) {
        deed.news.push(notice::ASSIGNED);
    }
    // Who says again what was thought has said it, too.
    (deed.category, deed.priority) = (change.category.clone(), change.priority);
    if deed.done.is_empty() && (deed.category.is_some() || deed.priority.is_some()) {
        deed.done.push((What::Category { to: category.clone(), policy: promised(&category, &ticket.tags) }, actor(), None));
    }
    Ok(deed)
}

fn sorted(mut tags: Vec<String>) -> Vec<String> {
    tags.sort_unstable();
    tags.dedup();
    tags
}

/// What an event makes of a ticket.
pub fn apply(ticket: &mut Ticket, what: &What, actor: &Actor, now: DateTime<Utc>) {
    match what {
        What::Status { to } => {
            ticket.status = *to;
            ticket.solved = to.is_done().then(|| ticket.solved.unwrap_or(now));
        }
        What::Priority { to } => ticket.priority = *to,
        What::Category { to, .. } => to.clone_into(&mut ticket.category),
        What::Team { to } => {
            to.clone_into(&mut ticket.team);
            // Another team's people do not have it any more.
            (ticket.assignee, ticket.assigned_at) = (None, None);
        }
        What::Assigned { to, why } => {
            ticket.routing = json!({ "agent": to, "why": why });
            ticket.assignee.clone_from(to);
            ticket.assigned_at = to.as_ref().map(|_| now);
        }
        What::Tags { to, .. } => ticket.tags.clone_from(to),
        What::Comment { is_public: true, .. } if *actor != Actor::Customer => {
            ticket.replied = Some(now);
            ticket.refused.clear();
        }
        What::Merged { into } => {
            ticket.merged_into = Some(into.clone());
            ticket.status = Status::Closed;
        }
        What::Opened { .. } | What::Comment { .. } | What::Alarm { .. } | What::Duplicate | What::Macro { .. } | What::Rated { .. } => {}
    }
}
