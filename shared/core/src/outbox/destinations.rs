//! Where a site's deliveries go: adding, listing, rotating secrets, switching on again.
//!
//! Statements only; the site's files manage some of these rows, the API the others.

use chrono::{DateTime, TimeDelta, Utc};
use serde::{Deserialize, Serialize};
use serde_json::json;

use crate::guard::{self, Exemptions};
use crate::ids::rfc3339;
use crate::signing::Secret;
use crate::sites::SiteId;
use crate::sql::{Row, SqlError, Statement};

/// How long the old secret still signs beside the new one. Chosen: a working day and the night after it.
pub const ROTATION: TimeDelta = TimeDelta::hours(24);

/// How a destination is spoken to.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Kind {
    /// A signed webhook.
    Webhook,
    /// A Slack incoming webhook.
    Slack,
    /// Mail to one or more addresses.
    Email,
}

impl Kind {
    /// The word in the database and on the wire.
    #[must_use]
    pub const fn name(self) -> &'static str {
        match self {
            Self::Webhook => "webhook",
            Self::Slack => "slack",
            Self::Email => "email",
        }
    }

    pub(super) fn read(row: &Row<'_>) -> Result<Self, SqlError> {
        let name = row.text("kind")?;
        let kinds = [Self::Webhook, Self::Slack, Self::Email];
        kinds.into_iter().find(|kind| kind.name() == name).ok_or(SqlError::Column { name: "kind", expected: "a kind of destination" })
    }

    /// Checks what somebody gave as the target of such a destination.
    ///
    /// Errors: a sentence for whoever gave it.
    pub fn check_target(self, target: &str, exemptions: &Exemptions) -> Result<(), String> {
        match self {
            Self::Webhook | Self::Slack => guard::check(target, exemptions).map(|_| ()).map_err(|refusal| refusal.to_string()),
            Self::Email if addresses(target).next().is_none() => Err("it is no mail address".into()),
            Self::Email => match addresses(target).find(|address| !is_address(address)) {
                Some(_) => Err("it is not a mail address, or several with commas between them".into()),
                None => Ok(()),
            },
        }
    }
}

/// The addresses of a mail destination.
pub(super) fn addresses(target: &str) -> impl Iterator<Item = &str> {
    target.split(',').map(str::trim).filter(|address| !address.is_empty())
}

fn is_address(text: &str) -> bool {
    let is_word = |c: char| !c.is_whitespace() && !c.is_control() && !matches!(c, '<' | '>' | '"' | ';');
    text.split_once('@').is_some_and(|(local, domain)| !local.is_empty() && domain.contains('.') && !domain.contains('@'))
        && text.chars().all(is_word)
}

/// A destination as somebody describes it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Destination<'a> {
    /// Its name in the site's files, or a UUID.
    pub id: &'a str,
    /// How it is spoken to.
    pub kind: Kind,
    /// A URL, or mail addresses with commas between them.
    pub target: &'a str,
    /// The event types it wants, or `*`.
    pub events: &'a [String],
}

impl Destination<'_> {
    /// Adds it over the API; the secret is shown to the caller once. An id that exists is a `Unique` error.
    #[must_use]
    pub fn add(&self, site: &SiteId, secret: &Secret, now: DateTime<Utc>) -> Statement {
        self.insert("", site, secret, now).bind(false)
    }

    /// Applies it from the site's files: adds or changes it; a webhook keeps the secret it has, a new target is switched on. Its id
    /// and the secret that counts come back.
    #[must_use]
    pub fn apply(&self, site: &SiteId, secret: &Secret, now: DateTime<Utc>) -> Statement {
        let on_conflict = " ON CONFLICT (site_id, id) DO UPDATE SET kind = excluded.kind, target = excluded.target, \
             events = excluded.events, is_managed = 1, \
             secret = CASE WHEN excluded.secret IS NULL THEN NULL ELSE coalesce(destinations.secret, excluded.secret) END, \
             disabled_at = CASE WHEN destinations.target = excluded.target THEN destinations.disabled_at END, \
             disabled_reason = CASE WHEN destinations.target = excluded.target THEN destinations.disabled_reason END \
             RETURNING id, secret";
        self.insert(on_conflict, site, secret, now).bind(true)
    }

    fn insert(&self, on_conflict: &'static str, site: &SiteId, secret: &Secret, now: DateTime<Utc>) -> Statement {
        let sql = "INSERT INTO destinations (site_id, id, kind, target, secret, events, created_at, is_managed) \
                   VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8)";
        Statement::new(format!("{sql}{on_conflict}"))
            .bind(site)
            .bind(self.id)
            .bind(self.kind.name())
            .bind(self.target)
            .bind((self.kind == Kind::Webhook).then(|| secret.reveal()))
            .bind(json!(self.events).to_string())
            .bind(now)
    }
}

/// Limits a destination to news of the leads in a segment, or limits it no more.
#[must_use]
pub fn limit(site: &SiteId, id: &str, segment: Option<&str>) -> Statement {
    match segment {
        Some(segment) => Statement::new(
            "INSERT INTO destination_segments (site_id, destination_id, segment) VALUES (?1, ?2, ?3) \
             ON CONFLICT (site_id, destination_id) DO UPDATE SET segment = excluded.segment",
        )
        .bind(site)
        .bind(id)
        .bind(segment),
        None => Statement::new("DELETE FROM destination_segments WHERE site_id = ?1 AND destination_id = ?2").bind(site).bind(id),
    }
}

/// Removes a destination that the site's files made; one made over the API stays.
#[must_use]
pub fn remove_managed(site: &SiteId, id: &str) -> Statement {
    Statement::new("DELETE FROM destinations WHERE site_id = ?1 AND id = ?2 AND is_managed = 1").bind(site).bind(id)
}

/// Removes a destination; no row comes back if there is none. What still waits for it fails at its next turn.
#[must_use]
pub fn remove(site: &SiteId, id: &str) -> Statement {
    Statement::new("DELETE FROM destinations WHERE site_id = ?1 AND id = ?2 RETURNING id").bind(site).bind(id)
}

/// Gives a webhook a new secret; the old one signs too for [`ROTATION`]. No row comes back if there is no such webhook.
#[must_use]
pub fn rotate(site: &SiteId, id: &str, secret: &Secret, now: DateTime<Utc>) -> Statement {
    Statement::new(
        "UPDATE destinations SET previous_secret = secret, previous_until = ?3, secret = ?4 \
         WHERE site_id = ?1 AND id = ?2 AND kind = 'webhook' RETURNING id",
    )
    .bind(site)
    .bind(id)
    .bind(now + ROTATION)
    .bind(secret.reveal())
}

/// Switches a disabled destination on again; no row comes back if there is none. Replay what failed meanwhile.
#[must_use]
pub fn enable(site: &SiteId, id: &str) -> Statement {
    Statement::new("UPDATE destinations SET disabled_at = NULL, disabled_reason = NULL WHERE site_id = ?1 AND id = ?2 RETURNING id")
        .bind(site)
        .bind(id)
}

/// Lists a site's destinations; read the rows with [`Listed::read`].
#[must_use]
pub fn list(site: &SiteId) -> Statement {
    Statement::new(
        "SELECT id, kind, target, events, is_managed, disabled_at, disabled_reason, created_at, \
         (SELECT segment FROM destination_segments d WHERE d.site_id = destinations.site_id AND d.destination_id = destinations.id) AS segment \
         FROM destinations WHERE site_id = ?1 ORDER BY id",
    )
    .bind(site)
}

/// A destination as the API lists it, without its secrets.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Listed {
    /// Its id.
    pub id: String,
    /// How it is spoken to.
    pub kind: Kind,
    /// Where it is; of a Slack URL, whose path is its secret, the origin only.
    pub target: String,
    /// The event types it wants.
    pub events: Vec<String>,
    /// The segment whose leads it hears of, if it hears of no others.
    pub segment: Option<String>,
    /// Whether the site's files manage it.
    pub is_managed: bool,
    /// Since when it is switched off.
    pub disabled_at: Option<String>,
    /// Why.
    pub disabled_reason: Option<String>,
    /// When it was added.
    pub created_at: String,
}

impl Listed {
    /// One row of [`list`].
    ///
    /// Errors: `Column` if the row is of another statement.
    pub fn read(row: &Row<'_>) -> Result<Self, SqlError> {
        let kind = Kind::read(row)?;
        let target = row.text("target")?;
        let target = match (kind, url::Url::parse(target)) {
            (Kind::Slack, Ok(url)) => format!("{}/…", url.origin().ascii_serialization()),
            _ => target.to_owned(),
        };
        Ok(Self {
            id: row.text("id")?.to_owned(),
            kind,
            target,
            events: row.json("events")?,
            segment: row.optional_text("segment")?.map(str::to_owned),
            is_managed: row.boolean("is_managed")?,
            disabled_at: row.optional_time("disabled_at")?.map(rfc3339),
            disabled_reason: row.optional_text("disabled_reason")?.map(str::to_owned),
            created_at: rfc3339(row.time("created_at")?),
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[track_caller]
    fn check(kind: Kind, target: &str, is_fine: bool) {
        assert_eq!(kind.check_target(target, &Exemptions::default()).is_ok(), is_fine, "{kind:?} {target}");
    }

    #[test]
    fn targets_fit_their_kind() {
        check(Kind::Webhook, "https://example.com/hook", true);
        check(Kind::Webhook, "http://example.com/hook", false);
        check(Kind::Slack, "https://169.254.169.254/", false);
        check(Kind::Email, "a@example.com", true);
        check(Kind::Email, "a@example.com, b@example.com", true);
        check(Kind::Email, "", false);
        check(Kind::Email, "a@example.com, b", false);
        check(Kind::Email, "A <a@example.com>", false);
        check(Kind::Email, "a@example.com\nBcc: b@example.com", false);
    }
}
