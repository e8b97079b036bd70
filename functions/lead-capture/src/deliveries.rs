//! Deliveries and their destinations on the wire: what is waiting, what failed, try again, who listens.

use http::StatusCode;
use orilla_core::body;
use orilla_core::http::{empty, json};
use orilla_core::ids::uuid_v7;
use orilla_core::outbox::deliveries::{self, Delivery, Status};
use orilla_core::outbox::destinations::{self, Destination, Kind, Listed};
use orilla_core::signing::Secret;
use orilla_core::sites::SiteId;
use orilla_core::sql::{Rows, SqlError};
use orilla_core::{Code, Error, Platform, Request, Response, Sql, Violation};
use serde::Deserialize;
use serde_json::json;

use crate::LeadCapture;
use crate::segment;
use crate::site::EVENTS;
use orilla_core::paging::PageOf;

/// What `POST /v1/destinations` takes.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
struct Wish {
    kind: Kind,
    target: String,
    #[serde(default = "everything")]
    events: Vec<String>,
    #[serde(default)]
    segment: Option<String>,
}

fn everything() -> Vec<String> {
    vec!["*".to_owned()]
}

impl<P: Platform> LeadCapture<P> {
    /// `GET /v1/deliveries?status=`.
    ///
    /// Errors: `Malformed` for a query that cannot be read, and what the store gives.
    pub(crate) async fn list_deliveries(&self, site: &SiteId, request: &Request) -> Result<Response, Error> {
        let status = match request.query("status") {
            None => None,
            Some(name) => {
                let status = Status::parse(&name);
                Some(status.ok_or_else(|| Error::malformed("`status` is pending, delivered or failed."))?)
            }
        };
        let paging = PageOf::from_query(request)?;
        let rows = self.sql.query(deliveries::list(site, status, paging.bounds(), paging.rows + 1)).await?;
        let mut listed = rows.iter().map(|row| Delivery::read(&row)).collect::<Result<Vec<_>, _>>()?;
        let is_more = listed.len() > paging.rows as usize;
        listed.truncate(paging.rows as usize);
        let last = listed.last().filter(|_| is_more);
        let next = last.and_then(|last| paging.following(last.position.0, &last.position.1).cursor());
        json(StatusCode::OK, &json!({ "deliveries": listed, "next": next }))
    }

    /// `POST /v1/deliveries/{delivery}/replay`.
    ///
    /// Errors: `NotFound`, and what the store gives.
    pub(crate) async fn replay_delivery(&self, site: &SiteId, delivery: &str, request: &Request) -> Result<Response, Error> {
        deliveries::replay(&self.sql, site, delivery, request.received).await?;
        self.nudge();
        json(StatusCode::ACCEPTED, &json!({ "replayed": 1 }))
    }

    /// `POST /v1/deliveries/replay`: every failed one.
    ///
    /// Errors: what the store gives.
    pub(crate) async fn replay_failed(&self, site: &SiteId, request: &Request) -> Result<Response, Error> {
        let replayed = deliveries::replay_failed(&self.sql, site, request.received).await?;
        self.nudge();
        json(StatusCode::ACCEPTED, &json!({ "replayed": replayed }))
    }

    /// `GET /v1/destinations`. Secrets are never shown again.
    ///
    /// Errors: what the store gives.
    pub(crate) async fn list_destinations(&self, site: &SiteId) -> Result<Response, Error> {
        let rows = self.sql.query(destinations::list(site)).await?;
        let listed = rows.iter().map(|row| Listed::read(&row)).collect::<Result<Vec<_>, _>>()?;
        json(StatusCode::OK, &json!({ "destinations": listed }))
    }

    /// `POST /v1/destinations`: the signing secret of a webhook is in the answer, this once.
    ///
    /// Errors: `Invalid` for a target that may not be called or an event that does not exist, and what the store gives.
    pub(crate) async fn add_destination(&self, site: &SiteId, request: &Request, limit: usize) -> Result<Response, Error> {
        let wish: Wish = body::json(request, limit)?;
        let mut violations = Vec::new();
        let mut refuse = |field: &str, code: &'static str, message: String| {
            violations.push(Violation { field: field.to_owned(), code: code.into(), message });
        };
        if let Err(why) = wish.kind.check_target(&wish.target, &self.config.exemptions) {
            refuse("target", "target", why);
        }
        if wish.events.is_empty() || wish.events.iter().any(|event| event != "*" && !EVENTS.contains(&event.as_str())) {
            refuse("events", "event", format!("Name some of {}, or \"*\".", EVENTS.join(", ")));
        }
        if let Err(error) = segment::require(&self.sql, site, wish.segment.as_deref()).await {
            if error.code != Code::NotFound {
                return Err(error);
            }
            refuse("segment", "unknown", "This site has no such segment.".to_owned());
        }
        if !violations.is_empty() {
            return Err(Error::invalid("This destination cannot be used.", violations));
        }
        let id = uuid_v7(request.received, &self.random).to_string();
        let secret = Secret::generate(&self.random);
        let destination = Destination { id: &id, kind: wish.kind, target: &wish.target, events: &wish.events };
        let limit = destinations::limit(site, &id, wish.segment.as_deref());
        self.sql.batch(vec![destination.add(site, &secret, request.received), limit]).await?;
        let shown = (wish.kind == Kind::Webhook).then(|| secret.reveal());
        json(StatusCode::CREATED, &json!({ "id": id, "kind": wish.kind, "events": wish.events, "segment": wish.segment, "secret": shown }))
    }

    /// `DELETE /v1/destinations/{destination}`.
    ///
    /// Errors: `NotFound`, and what the store gives.
    pub(crate) async fn remove_destination(&self, site: &SiteId, id: &str) -> Result<Response, Error> {
        one(self.sql.query(destinations::remove(site, id)).await)?;
        Ok(empty(StatusCode::NO_CONTENT))
    }

    /// `POST /v1/destinations/{destination}/rotate`: a new secret; the old one signs too for a day.
    ///
    /// Errors: `NotFound` if there is no such webhook, and what the store gives.
    pub(crate) async fn rotate_secret(&self, site: &SiteId, id: &str, request: &Request) -> Result<Response, Error> {
        let secret = Secret::generate(&self.random);
        one(self.sql.query(destinations::rotate(site, id, &secret, request.received)).await)?;
        json(StatusCode::OK, &json!({ "id": id, "secret": secret.reveal() }))
    }

    /// `POST /v1/destinations/{destination}/enable`.
    ///
    /// Errors: `NotFound`, and what the store gives.
    pub(crate) async fn enable_destination(&self, site: &SiteId, id: &str) -> Result<Response, Error> {
        one(self.sql.query(destinations::enable(site, id)).await)?;
        json(StatusCode::OK, &json!({ "id": id }))
    }
}

/// A write that gave back its one row; none means that there was nothing of this name.
fn one(rows: Result<Rows, SqlError>) -> Result<(), Error> {
    if rows?.is_empty() { Err(Error::new(Code::NotFound, "This site has no such destination.")) } else { Ok(()) }
}
