//! What agents do with macros: see them as they would read in a ticket, and apply one: everything that it does in one batch, or nothing.

use http::StatusCode;
use orilla_core::http::json;
use orilla_core::idempotency::Key;
use orilla_core::sites::SiteId;
use orilla_core::{Error, Platform, Request, Response, body, idempotency};
use serde::Deserialize;
use serde_json::{Value as Json, json};

use crate::TicketRoute;
use crate::desk::{self, Front};
use crate::happened::{Actor, What};
use crate::intake::MAX_TEXT_BYTES;
use crate::macros::{Macro, Rendered, Values};
use crate::ticket::Ticket;
use crate::work::{self, Change, Deed, Opened, refused, shown};

/// Which macro somebody applies.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
struct Asked {
    #[serde(rename = "macro")]
    id: String,
    agent: String,
    /// What is written instead of the macro's own text, letter by letter; nothing if it is empty.
    #[serde(default)]
    text: Option<String>,
}

impl<P: Platform> TicketRoute<P> {
    /// `GET /v1/routing/macros?ticket= &agent=`: as they read in a ticket, or as the desk has them.
    ///
    /// Errors: `NotFound` for an unknown ticket, and what the store gives.
    pub(crate) async fn list_macros(&self, site: &SiteId, request: &Request) -> Result<Response, Error> {
        let front = desk::known(&self.sql, site).await?;
        let ticket = match request.query("ticket") {
            Some(name) => Some(self.opened(site, &name).await?.ticket),
            None => None,
        };
        let agent = request.query("agent");
        let listed: Vec<Json> = front
            .desk
            .settings
            .macros
            .iter()
            .map(|it| {
                let mut view = json!({ "id": it.id, "name": it.name, "then": it.then });
                match &ticket {
                    Some(ticket) => view["rendered"] = json!(rendered(it, &front, ticket, agent.as_deref().or(ticket.assignee.as_deref()))),
                    None => view["text"] = json!(it.text),
                }
                view
            })
            .collect();
        json(StatusCode::OK, &json!({ "macros": listed }))
    }

    /// `POST /v1/tickets/{ticket}/macro`.
    ///
    /// Errors: `Invalid` for a macro or somebody whom the desk does not know, an overlong text or too many tags; `NotFound`, and what the store gives.
    pub(crate) async fn apply_macro(&self, site: &SiteId, name: &str, request: &Request, limit: usize) -> Result<Response, Error> {
        let asked: Asked = body::json(request, limit)?;
        let front = desk::known(&self.sql, site).await?;
        let found = front.desk.settings.macros.iter().find(|it| it.id == asked.id);
        let found = found.ok_or_else(|| refused("macro", "unknown", "The desk has no such macro."))?;
        if front.desk.person(&asked.agent).is_none() {
            return Err(refused("agent", "unknown", "The desk knows nobody of this name."));
        }
        let own = asked.text.as_deref().map(str::trim);
        if own.is_some_and(|text| text.len() > MAX_TEXT_BYTES) {
            return Err(refused("text", "length", "A comment has at most 262,144 bytes."));
        }
        let fingerprint = idempotency::fingerprint(&json!(["macro", name, asked.id, own, asked.agent]));
        let key = Key::of(request, None)?.map(|key| (key, fingerprint));
        if self.is_done_already(site, key.as_ref(), request.received).await? {
            return told(&self.opened(site, name).await?, found, &front, &asked, request);
        }
        let opened = self
            .change(&front, name, request.received, |ticket| {
                let mut deed = deed(found, &front, ticket, &asked.agent, own)?;
                deed.key.clone_from(&key);
                Ok(deed)
            })
            .await?;
        told(&opened, found, &front, &asked, request)
    }
}

fn told(opened: &Opened, applied: &Macro, front: &Front, asked: &Asked, request: &Request) -> Result<Response, Error> {
    let rendered = rendered(applied, front, &opened.ticket, Some(&asked.agent)).filter(|_| asked.text.is_none());
    let told = json!({ "id": applied.id, "name": applied.name, "rendered": rendered });
    json(StatusCode::OK, &json!({ "ticket": shown(opened, front, request.received), "macro": told }))
}

fn rendered(it: &Macro, front: &Front, ticket: &Ticket, agent: Option<&str>) -> Option<Rendered> {
    let person = agent.and_then(|id| front.desk.person(id));
    let agent = person.map(|person| if person.name.trim().is_empty() { person.id.as_str() } else { person.name.as_str() });
    let requester = ticket.requester.name.as_deref();
    it.rendered(ticket.locale, &Values { requester, number: ticket.number, subject: &ticket.subject, agent, site: &front.name })
}

/// What a macro comes to: that it was used, its words, its changes.
fn deed(it: &Macro, front: &Front, ticket: &Ticket, agent: &str, own: Option<&str>) -> Result<Deed, Error> {
    let change = Change {
        agent: Some(agent.to_owned()),
        status: it.then.status,
        priority: it.then.priority,
        category: it.then.category.clone(),
        team: it.then.team.clone(),
        tags: (!it.then.tags_add.is_empty()).then(|| ticket.tags.iter().chain(&it.then.tags_add).cloned().collect()),
        assignee: it.then.assignee.clone().map(Some),
    };
    let mut deed = work::deed(&change, ticket, front)?;
    let actor = Actor::Agent(agent.to_owned());
    let words = own.map(str::to_owned).or_else(|| rendered(it, front, ticket, Some(agent)).map(|it| it.text));
    if let Some(words) = words.filter(|words| !words.trim().is_empty()) {
        deed.speak(ticket, &actor, words, it.then.is_public);
    }
    deed.done.insert(0, (What::Macro { id: it.id.clone() }, actor, None));
    Ok(deed)
}
