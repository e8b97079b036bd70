//! Zendesk's ticket API, as far as its clients need it to open, read and work on tickets. The address is the deployment's with `/api/v2`, the user
//! anybody's with `/token`, the token a key of the site. Source: the wire as `node-zendesk` 6 for npm reads and writes it.

use http::StatusCode;
use orilla_core::http::json;
use orilla_core::idempotency::Key;
use orilla_core::ids::rfc3339;
use orilla_core::sites::SiteId;
use orilla_core::sql::Statement;
use orilla_core::{Code, Error, Platform, Request, Response, Sql, body};
use orilla_desk::{Priority, Status};
use serde::Deserialize;
use serde_json::{Value as Json, json};
use sha2::{Digest, Sha256};

use crate::TicketRoute;
use crate::classify::text::of_html;
use crate::desk::{self, Front};
use crate::happened::{Actor, Event, What};
use crate::intake::{Arrival, check};
use crate::routes::Zendesk;
use crate::ticket::{Requester, Ticket};
use crate::work::{Change, Deed, Opened, deed};

/// Tickets of one page. Source: Zendesk's default.
const MOST: u32 = 100;

#[derive(Debug, Deserialize)]
struct Sent {
    ticket: SentTicket,
}

/// What of a ticket is read; everything else is taken and makes no difference.
#[derive(Debug, Default, Deserialize)]
#[serde(default)]
struct SentTicket {
    subject: Option<String>,
    comment: Option<SentComment>,
    description: Option<String>,
    priority: Option<String>,
    status: Option<String>,
    tags: Option<Vec<String>>,
    external_id: Option<String>,
    requester: Option<SentRequester>,
    assignee_email: Option<String>,
}

#[derive(Debug, Default, Deserialize)]
#[serde(default)]
struct SentComment {
    body: Option<String>,
    html_body: Option<String>,
    public: Option<bool>,
}

#[derive(Debug, Default, Deserialize)]
#[serde(default)]
struct SentRequester {
    name: Option<String>,
    email: Option<String>,
}

impl SentComment {
    fn text(&self) -> String {
        match (&self.body, &self.html_body) {
            (Some(body), _) => body.clone(),
            (None, Some(html)) => of_html(html),
            (None, None) => String::new(),
        }
    }
}

impl<P: Platform> TicketRoute<P> {
    /// Answers a client of Zendesk's.
    ///
    /// Errors: as the operations of our own.
    pub(crate) async fn zendesk(
        &self,
        asked: Zendesk,
        site: &SiteId,
        name: &str,
        request: &Request,
        limit: usize,
    ) -> Result<Response, Error> {
        let name = name.strip_suffix(".json").unwrap_or(name);
        let front = desk::known(&self.sql, site).await?;
        match asked {
            Zendesk::Create => {
                let Sent { ticket } = read(request, limit)?;
                let taken = self.take(&front, arrival(&ticket)?, Key::of(request, None)?, request.received).await?;
                let change = change(&ticket, false, &front)?;
                // What the client says of it counts more than what was thought.
                let opened = self.change(&front, &taken.id, request.received, |now| deed(&change, now, &front)).await?;
                json(StatusCode::CREATED, &told(&opened, request))
            }
            Zendesk::List => {
                let select = Statement::new("SELECT * FROM tickets WHERE site_id = ?1 ORDER BY number LIMIT ?2").bind(site).bind(MOST);
                let rows = self.sql.query(select).await?;
                let tickets = rows.iter().map(Ticket::read).collect::<Result<Vec<_>, _>>()?;
                let shown: Vec<Json> = tickets.iter().map(|ticket| view(ticket, "", request)).collect();
                json(StatusCode::OK, &json!({ "tickets": shown, "count": tickets.len(), "next_page": null, "previous_page": null }))
            }
            Zendesk::Show => {
                let opened = self.opened(site, name).await?;
                json(StatusCode::OK, &json!({ "ticket": view(&opened.ticket, first_words(&opened.events), request) }))
            }
            Zendesk::Update => {
                let Sent { ticket } = read(request, limit)?;
                let words = ticket.comment.as_ref().map(|comment| (comment.text(), comment.public.unwrap_or(true)));
                if words.as_ref().is_some_and(|(text, _)| text.trim().is_empty()) {
                    return Err(Error::malformed("A comment has a `body` or an `html_body`."));
                }
                let change = change(&ticket, true, &front)?;
                let opened = self
                    .change(&front, name, request.received, |now| {
                        let mut deed = deed(&change, now, &front)?;
                        speak(&mut deed, words.as_ref(), &front, now);
                        Ok(deed)
                    })
                    .await?;
                json(StatusCode::OK, &told(&opened, request))
            }
            Zendesk::Comments => {
                let opened = self.opened(site, name).await?;
                let spoken = opened.events.iter().filter(|event| matches!(event.what, What::Opened { .. } | What::Comment { .. }));
                let comments: Vec<Json> = spoken.map(|event| comment(event, &opened.ticket)).collect();
                json(StatusCode::OK, &json!({ "comments": comments, "count": comments.len(), "next_page": null, "previous_page": null }))
            }
        }
    }
}

/// A failure as Zendesk's clients read it; one that is ours stays as it is, so that it is logged.
///
/// Errors: what is not the client's fault.
pub fn refused(error: Error) -> Result<Response, Error> {
    let name = match error.code {
        Code::NotFound => "RecordNotFound",
        Code::Invalid | Code::Conflict => "RecordInvalid",
        Code::Unauthenticated => "Couldn't authenticate you",
        Code::Forbidden => "Forbidden",
        Code::Malformed => "Unprocessable",
        _ => return Err(error),
    };
    let mut details = json!({});
    for violation in &error.violations {
        details[&violation.field] = json!([{ "description": violation.message, "error": violation.code }]);
    }
    json(error.code.status(), &json!({ "error": name, "description": error.detail, "details": details }))
}

fn read(request: &Request, limit: usize) -> Result<Sent, Error> {
    body::json(request, limit)
}

/// Reads a ticket that is opened in Zendesk's words.
///
/// Errors: as [`body::json`]; `Invalid` with everything that is wrong.
pub fn opens(request: &Request, limit: usize) -> Result<Arrival, Error> {
    arrival(&read(request, limit)?.ticket)
}

fn arrival(sent: &SentTicket) -> Result<Arrival, Error> {
    let text = sent.comment.as_ref().map(SentComment::text).or_else(|| sent.description.clone()).unwrap_or_default();
    let requester = sent.requester.as_ref().map(|it| Requester { name: it.name.clone(), email: it.email.clone() }).unwrap_or_default();
    check(Arrival {
        source: "zendesk",
        subject: sent.subject.clone().unwrap_or_default(),
        text,
        requester,
        external_id: sent.external_id.clone().filter(|id| !id.is_empty()),
        tags: sent.tags.clone().unwrap_or_default(),
        ..Arrival::default()
    })
}

/// What the client says; of a ticket that is there its tags, too.
fn change(sent: &SentTicket, is_there: bool, front: &Front) -> Result<Change, Error> {
    let unknown = |what: &str| Error::malformed(format!("Zendesk has no such {what}."));
    let priority = sent.priority.as_deref().map(|name| priority(name).ok_or_else(|| unknown("priority"))).transpose()?;
    let status = sent.status.as_deref().map(|name| status(name).ok_or_else(|| unknown("status"))).transpose()?;
    let assignee = sent.assignee_email.as_ref().map(|email| {
        let name = email.split('@').next().unwrap_or(email);
        front.desk.person(name).map(|person| person.id.clone()).ok_or_else(|| unknown("assignee"))
    });
    Ok(Change {
        status: status.filter(|status| is_there || *status != Status::New),
        priority,
        tags: sent.tags.clone().filter(|_| is_there),
        assignee: assignee.transpose()?.map(Some),
        ..Change::default()
    })
}

/// Adds words to what is done; an answer of the team's opens a new ticket.
fn speak(deed: &mut Deed, words: Option<&(String, bool)>, front: &Front, ticket: &Ticket) {
    let Some((text, is_public)) = words else { return };
    // Whoever works by a key of the site works for the team.
    let actor = Actor::Agent(ticket.assignee.clone().unwrap_or_else(|| front.desk.team_of(None).to_owned()));
    deed.speak(ticket, &actor, text.clone(), *is_public);
}

fn told(opened: &Opened, request: &Request) -> Json {
    let ticket = &opened.ticket;
    let events: Vec<Json> = opened.events.iter().map(|event| json!({ "id": event.number, "type": event.what.name() })).collect();
    json!({
        "ticket": view(ticket, first_words(&opened.events), request),
        "audit": { "id": ticket.events, "ticket_id": ticket.number, "created_at": seconds(ticket.updated), "events": events },
    })
}

fn first_words(events: &[Event]) -> &str {
    events.first().and_then(|event| event.text.as_deref()).unwrap_or_default()
}

fn view(ticket: &Ticket, description: &str, request: &Request) -> Json {
    let host = request.uri.authority().map(|it| it.as_str()).or_else(|| request.header("host")).unwrap_or("localhost");
    let scheme = request.uri.scheme_str().unwrap_or("https");
    json!({
        "url": format!("{scheme}://{host}/api/v2/tickets/{}.json", ticket.number),
        "id": ticket.number,
        "external_id": ticket.external_id,
        "via": { "channel": ticket.source, "source": { "from": {}, "to": {}, "rel": null } },
        "created_at": seconds(ticket.created),
        "updated_at": seconds(ticket.updated),
        "type": null,
        "subject": ticket.subject,
        "raw_subject": ticket.subject,
        "description": description,
        "priority": match ticket.priority { Priority::Critical => "urgent", other => other.name() },
        "status": match ticket.status { Status::OnHold => "hold", other => other.name() },
        "recipient": null,
        "requester_id": ticket.requester.key().map(|key| number(&key)),
        "submitter_id": ticket.requester.key().map(|key| number(&key)),
        "assignee_id": ticket.assignee.as_ref().map(|agent| number(agent)),
        "organization_id": null,
        "group_id": number(&ticket.team),
        "collaborator_ids": [],
        "follower_ids": [],
        "email_cc_ids": [],
        "problem_id": null,
        "has_incidents": false,
        "is_public": true,
        "due_at": ticket.due.map(seconds),
        "tags": ticket.tags,
        "custom_fields": [],
        "fields": [],
        "satisfaction_rating": null,
        "sharing_agreement_ids": [],
        "followup_ids": [],
        "allow_channelback": false,
        "allow_attachments": true,
    })
}

fn comment(event: &Event, ticket: &Ticket) -> Json {
    let text = event.text.as_deref().unwrap_or_default();
    let author = match &event.actor {
        Actor::Customer => ticket.requester.key().map(|key| number(&key)),
        Actor::Agent(id) => Some(number(id)),
        Actor::System => None,
    };
    let is_public = !matches!(event.what, What::Comment { is_public: false, .. });
    let escaped = text.replace('&', "&amp;").replace('<', "&lt;").replace('>', "&gt;").replace('\n', "<br>");
    json!({
        "id": event.number,
        "type": "Comment",
        "author_id": author,
        "body": text,
        "html_body": format!("<div class=\"zd-comment\"><p>{escaped}</p></div>"),
        "plain_body": text,
        "public": is_public,
        "attachments": [],
        "audit_id": event.number,
        "via": { "channel": ticket.source },
        "created_at": seconds(event.at),
        "metadata": {},
    })
}

/// To the second, as Zendesk has it.
fn seconds(at: chrono::DateTime<chrono::Utc>) -> String {
    let text = rfc3339(at);
    match text.split_once('.') {
        Some((seconds, _)) => format!("{seconds}Z"),
        None => text,
    }
}

/// Zendesk knows people and groups by numbers: one that is always the same for a name, below 2⁵³.
fn number(name: &str) -> u64 {
    let digest = Sha256::digest(name.as_bytes());
    digest.iter().take(6).fold(0, |number, byte| number << 8 | u64::from(*byte))
}

fn priority(name: &str) -> Option<Priority> {
    if name == "urgent" { Some(Priority::Critical) } else { Priority::parse(name).filter(|it| *it != Priority::Critical) }
}

fn status(name: &str) -> Option<Status> {
    if name == "hold" { Some(Status::OnHold) } else { Status::parse(name).filter(|it| *it != Status::OnHold) }
}
