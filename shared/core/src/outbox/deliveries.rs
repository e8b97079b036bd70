//! The outbox as an operator sees it: what arrived, what waits, what failed, and sending it again.

use chrono::{DateTime, TimeDelta, Utc};
use serde::{Deserialize, Serialize};

use super::destinations::Kind;
use crate::error::Error;
use crate::ids::rfc3339;
use crate::ports::Sql;
use crate::sites::SiteId;
use crate::sql::{MAX_SAFE_INTEGER, Row, Rows, SqlError, Statement, Value};

/// How long a finished delivery keeps its body, and can be sent again. Chosen: long enough to notice, short enough to forget.
pub const BODY_KEPT: TimeDelta = TimeDelta::days(30);

/// Where a delivery stands.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Status {
    /// It waits for its next attempt.
    Pending,
    /// It arrived.
    Delivered,
    /// All attempts are used up, or its destination is gone.
    Failed,
}

impl Status {
    /// Every status.
    pub const ALL: [Self; 3] = [Self::Pending, Self::Delivered, Self::Failed];

    /// The word in the database and on the wire.
    #[must_use]
    pub const fn name(self) -> &'static str {
        match self {
            Self::Pending => "pending",
            Self::Delivered => "delivered",
            Self::Failed => "failed",
        }
    }

    /// Reads the word.
    #[must_use]
    pub fn parse(name: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|status| status.name() == name)
    }
}

/// A delivery as the API lists it: without its body, which may be about a person, and its target, which may be a secret.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Delivery {
    /// Its id, also the `webhook-id`.
    pub id: String,
    /// The destination; empty for a mail to one person.
    pub destination: String,
    /// How it is delivered.
    pub kind: Kind,
    /// What happened.
    pub event: String,
    /// Whom it is about.
    pub subject: String,
    /// Where it stands.
    pub status: Status,
    /// How many attempts it had.
    pub attempts: i64,
    /// When the next attempt is due.
    pub next_at: Option<String>,
    /// The status of the last answer.
    pub last_status: Option<i64>,
    /// Why the last attempt failed.
    pub last_error: Option<String>,
    /// When it happened.
    pub created_at: String,
    /// When it arrived or failed for good.
    pub finished_at: Option<String>,
    /// Where a page that ends here goes on.
    #[serde(skip)]
    pub position: (i64, String),
}

/// Lists a site's deliveries, newest first, of one status or all; read the rows with [`Delivery::read`].
///
/// `after` is the [`Delivery::position`] of the last row seen, or two `NULL`s.
#[must_use]
pub fn list(site: &SiteId, status: Option<Status>, after: (Value, Value), rows: u32) -> Statement {
    Statement::new(
        "SELECT id, destination_id, kind, event, subject_id, status, attempts, next_at, last_status, last_error, created_at, finished_at \
         FROM outbox WHERE site_id = ?1 AND (?2 IS NULL OR status = ?2) AND (?3 IS NULL OR (created_at, id) < (?3, ?4)) \
         ORDER BY created_at DESC, id DESC LIMIT ?5",
    )
    .bind(site)
    .bind(status.map(Status::name))
    .bind(after.0)
    .bind(after.1)
    .bind(rows)
}

impl Delivery {
    /// One row of [`list`].
    ///
    /// Errors: `Column` if the row is of another statement.
    pub fn read(row: &Row<'_>) -> Result<Self, SqlError> {
        let text = |name| row.text(name).map(str::to_owned);
        let status = Status::parse(row.text("status")?).ok_or(SqlError::Column { name: "status", expected: "a status" })?;
        Ok(Self {
            id: text("id")?,
            destination: text("destination_id")?,
            kind: Kind::read(row)?,
            event: text("event")?,
            subject: text("subject_id")?,
            status,
            attempts: row.integer("attempts")?,
            next_at: if status == Status::Pending { Some(rfc3339(row.time("next_at")?)) } else { None },
            last_status: row.optional_integer("last_status")?,
            last_error: row.optional_text("last_error")?.map(str::to_owned),
            created_at: rfc3339(row.time("created_at")?),
            finished_at: row.optional_time("finished_at")?.map(rfc3339),
            position: (row.integer("created_at")?, text("id")?),
        })
    }
}

const AGAIN: &str = "status = 'pending', attempts = 0, next_at = ?2, leased_until = 0, finished_at = NULL";

/// Sends one delivery again, with the same id and a new schedule; one that is being sent right now is left alone.
///
/// Errors: `NotFound` if this site has no such delivery, or its body is no longer kept; and as the store.
pub async fn replay(sql: &impl Sql, site: &SiteId, id: &str, now: DateTime<Utc>) -> Result<(), Error> {
    let exists = Statement::new("SELECT id FROM outbox WHERE site_id = ?1 AND id = ?2 AND body <> ''").bind(site).bind(id);
    let update = format!("UPDATE outbox SET {AGAIN} WHERE site_id = ?1 AND id = ?3 AND body <> '' AND leased_until <= ?2");
    let results = sql.batch(vec![exists, Statement::new(update).bind(site).bind(now).bind(id)]).await?;
    if results.first().is_none_or(Rows::is_empty) {
        return Err(Error::not_found("This site has no such delivery, or its content is no longer kept."));
    }
    Ok(())
}

/// Sends every failed delivery of a site again and says how many; each keeps its id and gets a new schedule.
///
/// Errors: as the store.
pub async fn replay_failed(sql: &impl Sql, site: &SiteId, now: DateTime<Utc>) -> Result<i64, Error> {
    let failed = "site_id = ?1 AND status = 'failed' AND body <> ''";
    let count = Statement::new(format!("SELECT count(*) AS n FROM outbox WHERE {failed}")).bind(site);
    let update = Statement::new(format!("UPDATE outbox SET {AGAIN} WHERE {failed}")).bind(site).bind(now);
    let results = sql.batch(vec![count, update]).await?;
    let row = results.first().and_then(Rows::first).ok_or(SqlError::Column { name: "n", expected: "to be there" })?;
    Ok(row.integer("n")?)
}

/// Forgets the bodies of deliveries that finished [`BODY_KEPT`] ago; their rows remain. See `forget_at`.
#[must_use]
pub fn forget_bodies(now: DateTime<Utc>) -> Statement {
    Statement::new(
        "UPDATE outbox SET body = '', next_at = ?2 WHERE status IN ('delivered', 'failed') AND next_at <= ?1 RETURNING 1 AS gone",
    )
    .bind(now)
    .bind(MAX_SAFE_INTEGER)
}

/// What `next_at` holds once a delivery is finished: when its body goes. So one index finds all that is due.
pub(super) fn forget_at(now: DateTime<Utc>) -> DateTime<Utc> {
    now + BODY_KEPT
}
