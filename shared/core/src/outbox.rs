//! Deliveries: what must reach somebody else stands in a row first, written with its cause, and is sent until it arrives.
//!
//! At least once, with the same id on every attempt. A function writes rows here; a [`Courier`] sends what is due.

pub mod deliveries;
pub mod destinations;
pub mod message;
pub mod schedule;
mod send;

use chrono::{DateTime, TimeDelta, Utc};
use serde_json::{Value as Json, json};

pub use self::message::{Mail, Note};
pub use self::send::Courier;
use crate::ids::{rfc3339, uuid_v7};
use crate::ports::{Random, Variable};
use crate::sites::SiteId;
use crate::sql::Statement;

/// Hosts that user-given URLs may name although they are private: `host` or `host:port`, comma-separated.
pub const ALLOWED_PRIVATE_HOSTS: Variable = Variable("ALLOWED_PRIVATE_HOSTS");
/// The mail API; Resend's if it is not set.
pub const MAIL_API_URL: Variable = Variable("MAIL_API_URL");
/// The key of the mail API.
pub const MAIL_API_KEY: Variable = Variable("MAIL_API_KEY");
/// Whom mails are from.
pub const MAIL_FROM: Variable = Variable("MAIL_FROM");

/// Something happened that a site's destinations may want to hear of.
#[derive(Debug, Clone)]
pub struct Event<'a> {
    /// The tenant.
    pub site: &'a SiteId,
    /// Its type, such as `lead.created`; destinations subscribe to it.
    pub name: &'a str,
    /// Whom it is about: erasing the subject erases its deliveries.
    pub subject: &'a str,
    /// Only these destinations; all of the site's if `None`.
    pub only: Option<&'a [String]>,
    /// What webhooks carry as `data`.
    pub data: Json,
    /// What people read, in Slack and by mail.
    pub note: Note,
}

/// Who of those that listen is told, and when; everybody at once, if it says nothing.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Manners {
    /// People, in Slack and by mail, are told then and no sooner; programs at once.
    pub not_before: Option<DateTime<Utc>>,
    /// These destinations are not told.
    pub except: Vec<String>,
}

impl Event<'_> {
    /// Writes one row for each enabled destination that subscribes to this, in one statement of the batch that is its cause. A destination that
    /// is limited to a segment hears of the leads that are in it where the statement stands, and of nothing else.
    #[must_use]
    pub fn announce(&self, now: DateTime<Utc>, random: &impl Random) -> Statement {
        self.announce_with(&Manners::default(), now, random)
    }

    /// The same, with manners. What fails is tried again whatever the hour.
    #[must_use]
    pub fn announce_with(&self, manners: &Manners, now: DateTime<Utc>, random: &impl Random) -> Statement {
        let webhook = json!({ "type": self.name, "timestamp": rfc3339(now), "data": self.data });
        Statement::new(
            "INSERT INTO outbox (id, site_id, destination_id, kind, target, event, subject_id, body, status, next_at, created_at) \
             SELECT 'msg_' || ?1 || printf('%03x', row_number() OVER (ORDER BY id)), site_id, id, kind, target, ?3, ?4, \
               CASE kind WHEN 'webhook' THEN ?5 WHEN 'slack' THEN ?6 ELSE ?7 END, 'pending', \
               CASE kind WHEN 'webhook' THEN ?8 ELSE ?10 END, ?8 \
             FROM destinations \
             WHERE site_id = ?2 AND disabled_at IS NULL \
               AND EXISTS (SELECT 1 FROM json_each(destinations.events) WHERE value IN ('*', ?3)) \
               AND (?9 IS NULL OR id IN (SELECT value FROM json_each(?9))) AND id NOT IN (SELECT value FROM json_each(?11)) \
               AND NOT EXISTS (SELECT 1 FROM destination_segments d WHERE d.site_id = ?2 AND d.destination_id = destinations.id \
                 AND NOT EXISTS (SELECT 1 FROM segment_members m WHERE m.site_id = ?2 AND m.segment = d.segment AND m.lead_id = ?4))",
        )
        .bind(message_id(now, random))
        .bind(self.site)
        .bind(self.name)
        .bind(self.subject)
        .bind(webhook.to_string())
        .bind(self.note.slack().to_string())
        .bind(self.note.mail().to_string())
        .bind(now)
        .bind(self.only.map(|only| json!(only).to_string()))
        .bind(manners.not_before.map_or(now, |at| at.max(now)))
        .bind(json!(manners.except).to_string())
    }
}

/// How long a person gets no second mail of one kind. Chosen: anybody may type anybody's address into a form; whoever lost a
/// mail asks again after a few minutes, whoever floods a mailbox does at once.
const QUIET: TimeDelta = TimeDelta::minutes(10);

/// Writes one mail to one person, such as a confirmation, whatever the site's destinations are; at most one in ten minutes.
#[must_use]
pub fn post(site: &SiteId, event: &str, subject: &str, mail: &Mail, now: DateTime<Utc>, random: &impl Random) -> Statement {
    write_mail(site, event, subject, mail, Some(now - QUIET), now, random)
}

/// Writes one mail to one person who waits for it, such as an answer to what they wrote: each is sent, however soon after the one before. Only for
/// mails that somebody of the site wrote; what a visitor can set off by themselves is a [`post`].
#[must_use]
pub fn reply(site: &SiteId, event: &str, subject: &str, mail: &Mail, now: DateTime<Utc>, random: &impl Random) -> Statement {
    write_mail(site, event, subject, mail, None, now, random)
}

/// A mail, unless one of its kind was written since `quiet`.
fn write_mail(
    site: &SiteId,
    event: &str,
    subject: &str,
    mail: &Mail,
    quiet: Option<DateTime<Utc>>,
    now: DateTime<Utc>,
    random: &impl Random,
) -> Statement {
    Statement::new(
        "INSERT INTO outbox (id, site_id, destination_id, kind, target, event, subject_id, body, status, next_at, created_at) \
         SELECT 'msg_' || ?1 || '000', ?2, '', 'email', ?3, ?4, ?5, ?6, 'pending', ?7, ?7 WHERE ?8 IS NULL OR NOT EXISTS (SELECT 1 \
           FROM outbox WHERE site_id = ?2 AND subject_id = ?5 AND destination_id = '' AND event = ?4 AND created_at > ?8)",
    )
    .bind(message_id(now, random))
    .bind(site)
    .bind(mail.to.as_str())
    .bind(event)
    .bind(subject)
    .bind(mail.content().to_string())
    .bind(now)
    .bind(quiet)
}

/// The 32 hex digits that the rows of one event share.
fn message_id(now: DateTime<Utc>, random: &impl Random) -> String {
    uuid_v7(now, random).as_simple().to_string()
}
