//! News of tickets for whoever listens: webhooks, Slack, mail. What people read is in the site's own language.

use chrono::{DateTime, Utc};
use orilla_core::Random;
use orilla_core::outbox::{Event, Note};
use orilla_core::sites::SiteId;
use orilla_core::sql::Statement;
use orilla_text::Locale;
use serde_json::{Value as Json, json};

use crate::clocks::Alarm;
use crate::happened::{Event as Happened, What};
use crate::manners;
use crate::satisfaction::Link;
use crate::settings::Desk;
use crate::ticket::Ticket;

/// A ticket came.
pub const CREATED: &str = "ticket.created";
/// Somebody has it now.
pub const ASSIGNED: &str = "ticket.assigned";
/// Somebody wrote publicly.
pub const COMMENTED: &str = "ticket.commented";
/// It is solved.
pub const SOLVED: &str = "ticket.solved";
/// A clock runs out soon.
pub const WARNED: &str = "ticket.sla_warning";
/// A clock ran out.
pub const BREACHED: &str = "ticket.sla_breached";
/// Somebody is to be told by the chain.
pub const ESCALATED: &str = "ticket.escalated";

/// The customer said how the help was.
pub const RATED: &str = "ticket.rated";
/// All of them.
pub const ALL: [&str; 8] = [CREATED, ASSIGNED, COMMENTED, SOLVED, WARNED, BREACHED, ESCALATED, RATED];

/// Characters of a ticket's words in a note. Chosen: what a person reads in a channel.
const TOLD: usize = 600;

/// News of a new ticket.
#[must_use]
pub fn created(
    site: &SiteId,
    desk: &Desk,
    ticket: &Ticket,
    text: &str,
    locale: Option<Locale>,
    now: DateTime<Utc>,
    random: &impl Random,
) -> Statement {
    let words = Words::of(locale);
    let said: String = text.chars().take(TOLD).collect();
    let mut facts = ticket_facts(ticket, words);
    facts.push((words.said.to_owned(), said));
    announce(site, desk, CREATED, ticket, json!({}), Note { title: format!("{}: {}", words.created, ticket.subject), facts }, now, random)
}

/// What is told of a change.
#[derive(Debug)]
pub struct News<'a> {
    name: &'static str,
    said: Option<&'a str>,
    score: Option<u8>,
    more: Json,
}

impl<'a> News<'a> {
    /// What is told of what just happened: words, a vote, and of a solution where it can be rated.
    #[must_use]
    pub fn of(name: &'static str, fresh: &'a [Happened], link: Option<&Link>) -> Self {
        let said = fresh.iter().find_map(|event| event.text.as_deref());
        let rated = fresh.iter().rev().find_map(|event| match &event.what {
            What::Rated { score, agent } => Some((*score, agent)),
            _ => None,
        });
        let more = match (name, rated) {
            (SOLVED, _) => json!({ "satisfaction_link": link.map(Link::view) }),
            (RATED, Some((score, agent))) => json!({ "score": score, "agent": agent }),
            _ => json!({}),
        };
        Self { name, said, score: rated.map(|(score, _)| score), more }
    }
}

/// News of a change.
#[must_use]
#[allow(clippy::too_many_arguments, reason = "all that a piece of news is made of")]
pub fn changed(
    site: &SiteId,
    desk: &Desk,
    name: &'static str,
    ticket: &Ticket,
    text: Option<&str>,
    locale: Option<Locale>,
    now: DateTime<Utc>,
    random: &impl Random,
) -> Statement {
    tell(site, desk, ticket, &News { name, said: text, score: None, more: json!({}) }, locale, now, random)
}

/// As [`changed`], with more to tell.
#[must_use]
pub fn tell(
    site: &SiteId,
    desk: &Desk,
    ticket: &Ticket,
    news: &News<'_>,
    locale: Option<Locale>,
    now: DateTime<Utc>,
    random: &impl Random,
) -> Statement {
    let words = Words::of(locale);
    let title = match (news.name, news.score) {
        (ASSIGNED, _) => format!("{}: {}", words.assigned, ticket.assignee.as_deref().unwrap_or("–")),
        (SOLVED, _) => words.solved.to_owned(),
        (RATED, Some(score)) => format!("{}: {score}/5", words.rated),
        _ => words.commented.to_owned(),
    };
    let said: Option<String> = news.said.map(|text| text.chars().take(TOLD).collect());
    let mut facts = ticket_facts(ticket, words);
    facts.extend(said.as_ref().map(|said| (words.said.to_owned(), said.clone())));
    let mut data = json!({ "text": said });
    if let (Some(data), Json::Object(more)) = (data.as_object_mut(), news.more.clone()) {
        data.extend(more);
    }
    announce(site, desk, news.name, ticket, data, Note { title: format!("{title} · {}", ticket.subject), facts }, now, random)
}

/// News of a clock.
#[must_use]
pub fn alarm(
    site: &SiteId,
    desk: &Desk,
    ticket: &Ticket,
    alarm: &Alarm,
    locale: Option<Locale>,
    now: DateTime<Utc>,
    random: &impl Random,
) -> Statement {
    let words = Words::of(locale);
    let (name, title) = match (&alarm.target, alarm.is_warning) {
        (Some(_), _) => (ESCALATED, words.escalated),
        (None, true) => (WARNED, words.warned),
        (None, false) => (BREACHED, words.breached),
    };
    let mut facts = ticket_facts(ticket, words);
    facts.push((words.clock.to_owned(), alarm.metric.to_owned()));
    facts.extend(alarm.target.clone().map(|target| (words.told.to_owned(), target)));
    let data = json!({ "metric": alarm.metric, "alarm": alarm.key, "target": alarm.target });
    announce(site, desk, name, ticket, data, Note { title: format!("{title}: {}", ticket.subject), facts }, now, random)
}

#[allow(clippy::too_many_arguments, reason = "all that a piece of news is made of")]
fn announce(
    site: &SiteId,
    desk: &Desk,
    name: &str,
    ticket: &Ticket,
    more: Json,
    note: Note,
    now: DateTime<Utc>,
    random: &impl Random,
) -> Statement {
    let mut data = json!({ "ticket": ticket.view() });
    if let (Some(data), Json::Object(more)) = (data.as_object_mut(), more) {
        data.extend(more);
    }
    let manners = manners::of(desk, name, ticket, now);
    Event { site, name, subject: &ticket.id, only: None, data, note }.announce_with(&manners, now, random)
}

fn ticket_facts(ticket: &Ticket, words: &Words) -> Vec<(String, String)> {
    let reached = [&ticket.requester.name, &ticket.requester.email].into_iter().flatten().cloned().collect::<Vec<_>>().join(", ");
    let mut facts = vec![
        (words.category.to_owned(), ticket.category.clone()),
        (words.priority.to_owned(), ticket.priority.name().to_owned()),
        (words.team.to_owned(), ticket.team.clone()),
    ];
    facts.extend((!reached.is_empty()).then(|| (words.from.to_owned(), reached)));
    facts
}

struct Words {
    created: &'static str,
    assigned: &'static str,
    commented: &'static str,
    solved: &'static str,
    rated: &'static str,
    warned: &'static str,
    breached: &'static str,
    escalated: &'static str,
    category: &'static str,
    priority: &'static str,
    team: &'static str,
    from: &'static str,
    said: &'static str,
    clock: &'static str,
    told: &'static str,
}

impl Words {
    const fn of(locale: Option<Locale>) -> &'static Self {
        match locale {
            Some(Locale::En) => &Self {
                created: "New ticket",
                assigned: "Ticket assigned to",
                commented: "New message in a ticket",
                solved: "Ticket solved",
                rated: "Help rated",
                warned: "A deadline is near",
                breached: "A deadline has passed",
                escalated: "Ticket escalated",
                category: "Category",
                priority: "Priority",
                team: "Team",
                from: "From",
                said: "Message",
                clock: "Clock",
                told: "For",
            },
            _ => &Self {
                created: "Nuevo ticket",
                assigned: "Ticket asignado a",
                commented: "Nuevo mensaje en un ticket",
                solved: "Ticket resuelto",
                rated: "Ayuda valorada",
                warned: "Se acerca un plazo",
                breached: "Ha vencido un plazo",
                escalated: "Ticket escalado",
                category: "Categoría",
                priority: "Prioridad",
                team: "Equipo",
                from: "De",
                said: "Mensaje",
                clock: "Plazo",
                told: "Para",
            },
        }
    }
}
