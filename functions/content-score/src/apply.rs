//! Applying what a site's `content.toml` says, and showing it.

use http::StatusCode;
use orilla_core::http::json;
use orilla_core::ids::hex;
use orilla_core::sites::SiteId;
use orilla_core::sql::Statement;
use orilla_core::{Error, Platform, Request, Response, Sql, body};
use serde_json::json;
use sha2::{Digest, Sha256};

use crate::ContentScore;
use crate::settings::{self, Settings};

impl<P: Platform> ContentScore<P> {
    /// `PUT /v1/content/sites/{site}?dry_run=1`: all of it.
    ///
    /// Errors: `Invalid` with everything that is wrong, `NotFound` for a site that was never applied, and what the store gives.
    pub(crate) async fn apply_settings(&self, site: &SiteId, request: &Request, limit: usize) -> Result<Response, Error> {
        let settings: Settings = body::json(request, limit)?;
        let violations = settings.violations();
        if !violations.is_empty() {
            return Err(Error::invalid("Some of it breaks a rule; nothing was changed.", violations));
        }
        let definition = serde_json::to_string(&settings).map_err(Error::internal)?;
        let digest = hex(&Sha256::digest(definition.as_bytes()));
        let known = "SELECT s.id, c.digest FROM sites s LEFT JOIN content_settings c ON c.site_id = s.id WHERE s.id = ?1";
        let rows = self.sql.query(Statement::new(known).bind(site)).await?;
        let row = rows.first().ok_or_else(|| Error::not_found("Apply the site's other files first."))?;
        let is_changed = row.optional_text("digest")? != Some(digest.as_str());
        let is_dry_run = request.asks_for("dry_run");
        if is_changed && !is_dry_run {
            let put = "INSERT INTO content_settings (site_id, definition, digest, updated_at) VALUES (?1, ?2, ?3, ?4) \
                       ON CONFLICT (site_id) DO UPDATE SET definition = excluded.definition, digest = excluded.digest, updated_at = excluded.updated_at";
            self.sql.query(Statement::new(put).bind(site).bind(definition).bind(digest).bind(request.received)).await?;
        }
        json(StatusCode::OK, &json!({ "site": site, "is_dry_run": is_dry_run, "is_changed": is_changed }))
    }

    /// `GET /v1/content/settings`.
    ///
    /// Errors: what the store gives.
    pub(crate) async fn show_settings(&self, site: &SiteId) -> Result<Response, Error> {
        json(StatusCode::OK, &settings::of(&self.sql, site).await?)
    }
}
