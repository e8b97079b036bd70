//! Who hears of a ticket, and when: people in the hours that the site gives them, but for what cannot wait; programs at once.

use chrono::{DateTime, Utc};
use orilla_core::outbox::Manners;
use orilla_desk::Priority;
use serde::{Deserialize, Serialize};

use crate::notice;
use crate::settings::Desk;
use crate::ticket::Ticket;

/// When people are told news.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub struct Quiet {
    /// While this calendar is open; at any hour, if there is none.
    pub calendar: Option<String>,
    /// What is told at any hour all the same: news, as `ticket.escalated`, or those of one priority, as `ticket.escalated:critical`.
    pub always: Vec<String>,
}

impl Default for Quiet {
    fn default() -> Self {
        Self { calendar: None, always: [notice::BREACHED, notice::ESCALATED].map(|name| format!("{name}:critical")).into() }
    }
}

/// How this is told of this ticket.
#[must_use]
pub fn of(desk: &Desk, name: &str, ticket: &Ticket, now: DateTime<Utc>) -> Manners {
    let quiet = &desk.settings.quiet;
    let cannot_wait = quiet.always.iter().any(|always| match always.split_once(':') {
        Some((news, priority)) => news == name && priority == ticket.priority.name(),
        None => always == name,
    });
    let hours = quiet.calendar.as_deref().filter(|_| !cannot_wait).and_then(|calendar| desk.calendars.get(desk.calendar(Some(calendar))));
    let notify = &desk.settings.notify;
    let ours = notify.get(&ticket.team).map(Vec::as_slice).unwrap_or_default();
    let except = notify.values().flatten().filter(|destination| !ours.contains(destination)).cloned().collect();
    // Hours that never come are no reason to say nothing.
    Manners { not_before: hours.and_then(|hours| hours.next_opening(now)), except }
}

/// Whether it is something that can be told at any hour.
#[must_use]
pub fn is_news(always: &str) -> bool {
    let (news, priority) = always.split_once(':').map_or((always, None), |(news, priority)| (news, Some(priority)));
    notice::ALL.contains(&news) && priority.is_none_or(|priority| Priority::parse(priority).is_some())
}
