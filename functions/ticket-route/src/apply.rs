//! A site's desk from its files: checked whole, written if it changed.

use chrono::{DateTime, Utc};
use http::StatusCode;
use orilla_core::http::json;
use orilla_core::ids::hex;
use orilla_core::sites::SiteId;
use orilla_core::sql::Statement;
use orilla_core::{Error, Platform, Request, Response, Sql, Violation, body};
use serde_json::json;
use sha2::{Digest, Sha256};

use crate::settings::{Desk, Feeds, Settings};
use crate::{TicketRoute, desk, holidays};

/// Promises or hours have changed: every open ticket's clock is looked at again.
#[must_use]
pub fn wind_all(site: &SiteId, now: DateTime<Utc>) -> Statement {
    let wind = "UPDATE tickets SET next_at = ?2 WHERE site_id = ?1 AND status NOT IN ('solved', 'closed')";
    Statement::new(wind).bind(site).bind(now)
}

impl<P: Platform> TicketRoute<P> {
    /// `PUT /v1/routing/sites/{site}?dry_run=1`: the whole desk.
    ///
    /// Errors: `Invalid` with everything that is wrong, `NotFound` for a site that was never applied, and what the store gives.
    pub(crate) async fn apply_desk(&self, site: &SiteId, request: &Request, limit: usize) -> Result<Response, Error> {
        let settings: Settings = body::json(request, limit)?;
        let broken = |violations| Error::invalid("Some of the desk breaks a rule; nothing was changed.", violations);
        let desk = Desk::new(settings).map_err(broken)?;
        if desk.settings.mail.satisfaction && self.public_url.is_none() {
            let message = "The deployment has no PUBLIC_URL, which a link in a mail begins with.".to_owned();
            return Err(broken(vec![Violation { field: "mail.satisfaction".into(), code: "public_url".into(), message }]));
        }
        let definition = serde_json::to_string(&desk.settings).map_err(Error::internal)?;
        let digest = hex(&Sha256::digest(definition.as_bytes()));
        let feeds = holidays::FEEDS;
        let known =
            format!("SELECT s.id, d.digest, {feeds} AS holidays FROM sites s LEFT JOIN desks d ON d.site_id = s.id WHERE s.id = ?1");
        let rows = self.sql.query(Statement::new(known).bind(site)).await?;
        let row = rows.first().ok_or_else(|| Error::not_found("Apply the site's other files first."))?;
        // What feeds close comes on top, and may be too much together.
        let feeds: Feeds = row.json("holidays")?;
        Desk::with(desk.settings, &feeds).map_err(broken)?;
        let is_changed = row.optional_text("digest")? != Some(digest.as_str());
        let is_dry_run = request.asks_for("dry_run");
        if is_changed && !is_dry_run {
            let put = "INSERT INTO desks (site_id, definition, digest, updated_at) VALUES (?1, ?2, ?3, ?4) \
                       ON CONFLICT (site_id) DO UPDATE SET definition = excluded.definition, digest = excluded.digest, updated_at = excluded.updated_at";
            let put = Statement::new(put).bind(site).bind(definition).bind(digest).bind(request.received);
            self.sql.batch(vec![put, wind_all(site, request.received)]).await?;
        }
        json(StatusCode::OK, &json!({ "site": site, "is_dry_run": is_dry_run, "is_changed": is_changed }))
    }

    /// `GET /v1/routing/desk`: the desk as it stands.
    ///
    /// Errors: what the store gives.
    pub(crate) async fn show_desk(&self, site: &SiteId) -> Result<Response, Error> {
        json(StatusCode::OK, &desk::read(&self.sql, site).await?.settings)
    }
}
