//! A site's definition: the tenant's own settings, beside its forms and rules.

use orilla_core::Error;
use orilla_core::chat;
use orilla_core::guard::{self, Exemptions};
use orilla_core::operations::alerts;
use orilla_core::origins::Origins;
use orilla_core::outbox::destinations::Kind;
use orilla_core::sites::SiteId;
use orilla_core::tracking::{Network, Policy};
use orilla_text::Locale;
use serde::{Deserialize, Serialize};

use crate::form::{Found, Text, is_identifier};

/// The most destinations a file names. Chosen: each lead is one row per destination.
const MAX_DESTINATIONS: usize = 50;
/// The longest question or thanks. Chosen: two lines of a card.
const MAX_QUESTION_CHARS: usize = 200;
/// The events a destination can listen to; `*` stands for all.
#[rustfmt::skip]
pub const EVENTS: [&str; 20] = [
    "lead.created", "lead.updated", "lead.confirmed", "segment.entered", "segment.left",
    "conversation.handed_off", "conversation.message", "conversation.resolved",
    "ticket.created", "ticket.assigned", "ticket.commented", "ticket.solved", "ticket.sla_warning", "ticket.sla_breached", "ticket.escalated",
    "ticket.rated",
    "content.score_dropped", "content.page_unreachable",
    alerts::RAISED, alerts::CLEARED,
];

/// One site as its `site.toml` describes it.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Site {
    /// Its public id.
    pub id: SiteId,
    /// What people call it; mails and pages show it.
    pub name: String,
    /// Where it lives.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub domain: Option<String>,
    /// The language for whoever asks for none.
    pub default_locale: Locale,
    /// The languages it speaks.
    pub locales: Vec<Locale>,
    /// The web origins its pages live on; see [`Origins`].
    #[serde(default)]
    pub origins: Vec<String>,
    /// Where news of leads goes.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub destinations: Vec<Destination>,
    /// What it wants to be told of.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub alerts: Vec<alerts::Rule>,
    /// How its visitors are tracked.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub tracking: Option<Policy>,
    /// How its chat behaves.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub chat: Option<chat::Policy>,
    /// Its own words of the questions that it asks visitors.
    #[serde(default, skip_serializing_if = "Surveys::is_empty")]
    pub surveys: Surveys,
}

/// The questions that a page may ask; what says nothing here is asked in our words.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct Surveys {
    /// Whether they would recommend the site.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub nps: Option<Question>,
    /// How satisfied they are.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub csat: Option<Question>,
}

/// The words of one question.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct Question {
    /// The question.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub question: Option<Text>,
    /// What is said once it is answered.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub thanks: Option<Text>,
}

impl Surveys {
    fn is_empty(&self) -> bool {
        *self == Self::default()
    }

    fn check(&self, at: &str, found: &mut Found) {
        for (name, words) in [("nps", &self.nps), ("csat", &self.csat)] {
            let texts = words.iter().flat_map(|it| [("question", &it.question), ("thanks", &it.thanks)]);
            for (part, text) in texts.filter_map(|(part, text)| Some((part, text.as_ref()?))) {
                if text.0.is_empty() || text.0.values().any(|it| it.trim().is_empty() || it.chars().count() > MAX_QUESTION_CHARS) {
                    let message = format!("Say it in at least one language, in at most {MAX_QUESTION_CHARS} characters.");
                    found.add(format!("{at}.{name}.{part}"), "required", message);
                }
            }
        }
    }
}

/// Where news goes.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Destination {
    /// Its name.
    pub id: String,
    /// How it is spoken to.
    pub kind: Kind,
    /// Where a webhook or Slack listens.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub url: Option<String>,
    /// The mailboxes of an e-mail destination.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub to: Vec<String>,
    /// What it wants to hear of.
    #[serde(default = "everything")]
    pub events: Vec<String>,
    /// It hears only of leads in this segment.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub segment: Option<String>,
}

impl Destination {
    /// The URL, or the mailboxes with commas between them.
    #[must_use]
    pub fn target(&self) -> String {
        match self.kind {
            Kind::Email => self.to.join(", "),
            Kind::Webhook | Kind::Slack => self.url.clone().unwrap_or_default(),
        }
    }
}

fn everything() -> Vec<String> {
    vec!["*".to_owned()]
}

impl Site {
    /// The origins its pages live on.
    ///
    /// Errors: `Internal` for patterns that nobody checked.
    pub fn origins(&self) -> Result<Origins, Error> {
        Origins::parse(&self.origins).map_err(Error::internal)
    }

    /// Everything that is wrong, with paths below `at`.
    pub(crate) fn check(&self, at: &str, exemptions: &Exemptions, found: &mut Found) {
        if self.name.trim().is_empty() {
            found.add(format!("{at}.name"), "required", "A site has a name.");
        }
        if !self.locales.contains(&self.default_locale) {
            found.add(format!("{at}.default_locale"), "locale", "It is none of `locales`.");
        }
        found.repeats(self.locales.iter().enumerate().map(|(i, locale)| (format!("{at}.locales[{i}]"), locale.as_str())));
        for (i, origin) in self.origins.iter().enumerate() {
            if let Err(error) = Origins::parse(&[origin]) {
                found.add(format!("{at}.origins[{i}]"), "origin", format!("It is no origin: {error}."));
            }
        }
        if let Some(policy) = &self.tracking {
            check_tracking(&format!("{at}.tracking"), policy, found);
        }
        if let Some(policy) = &self.chat {
            check_chat(&format!("{at}.chat"), policy, found);
        }
        self.surveys.check(&format!("{at}.surveys"), found);
        found.at_most(format!("{at}.destinations"), self.destinations.len(), MAX_DESTINATIONS);
        let ids = self.destinations.iter().enumerate();
        found.repeats(ids.map(|(i, it)| (format!("{at}.destinations[{i}].id"), it.id.as_str())));
        self.check_alerts(&format!("{at}.alerts"), found);
        for (i, destination) in self.destinations.iter().enumerate() {
            check_destination(&format!("{at}.destinations[{i}]"), destination, exemptions, found);
        }
    }
}

impl Site {
    fn check_alerts(&self, at: &str, found: &mut Found) {
        found.at_most(at, self.alerts.len(), alerts::MOST);
        found.repeats(self.alerts.iter().enumerate().map(|(i, rule)| (format!("{at}[{i}].id"), rule.id.as_str())));
        for (i, rule) in self.alerts.iter().enumerate() {
            if !is_identifier(&rule.id) {
                found.add(format!("{at}[{i}].id"), "name", crate::form::IDENTIFIER);
            }
            for (field, code, message) in rule.check() {
                found.add(format!("{at}[{i}].{field}"), code, message);
            }
        }
    }
}

fn check_zone(at: &str, zone: &str, found: &mut Found) {
    if zone.parse::<chrono_tz::Tz>().is_err() {
        found.add(format!("{at}.time_zone"), "time_zone", "It is no IANA time zone, such as Europe/Madrid.");
    }
}

fn check_chat(at: &str, policy: &chat::Policy, found: &mut Found) {
    check_zone(at, &policy.time_zone, found);
    if policy.keeps_days == 0 {
        found.add(format!("{at}.keeps_days"), "range", "A conversation is kept for a day at least.");
    }
    if policy.hands_over_after == Some(0) {
        found.add(format!("{at}.hands_over_after"), "range", "Say 1 or more, or leave it out.");
    }
    for (i, hours) in policy.hours.iter().enumerate() {
        if hours.seconds().is_none() || hours.days.is_empty() {
            found.add(format!("{at}.hours[{i}]"), "hours", "Hours have days, and times such as 09:00 of which `from` is the earlier.");
        }
    }
}

fn check_tracking(at: &str, policy: &Policy, found: &mut Found) {
    check_zone(at, &policy.time_zone, found);
    if policy.keeps_days == Some(0) {
        found.add(
            format!("{at}.keeps_days"),
            "range",
            "An event is kept for a day at least; leave it out to keep it until its person is erased.",
        );
    }
    for (i, network) in policy.blocked.iter().enumerate() {
        if Network::parse(network).is_none() {
            found.add(format!("{at}.blocked[{i}]"), "network", "It is no address and no network, such as 203.0.113.0/24.");
        }
    }
}

fn check_destination(at: &str, destination: &Destination, exemptions: &Exemptions, found: &mut Found) {
    if !is_identifier(&destination.id) {
        found.add(format!("{at}.id"), "name", crate::form::IDENTIFIER);
    }
    if destination.events.is_empty() {
        found.add(format!("{at}.events"), "required", "It would never hear of anything; \"*\" stands for every event.");
    }
    for (i, event) in destination.events.iter().enumerate() {
        if event != "*" && !EVENTS.contains(&event.as_str()) {
            found.add(format!("{at}.events[{i}]"), "event", format!("There is no such event; they are {} and \"*\".", EVENTS.join(", ")));
        }
    }
    match destination.kind {
        Kind::Email => {
            if destination.to.is_empty() {
                found.add(format!("{at}.to"), "required", "An e-mail destination names its mailboxes in `to`.");
            }
            for (i, mailbox) in destination.to.iter().enumerate() {
                if orilla_text::email::parse(mailbox).is_none() {
                    found.add(format!("{at}.to[{i}]"), "type_email", "It is no e-mail address.");
                }
            }
            if destination.url.is_some() {
                found.add(format!("{at}.url"), "not_applicable", "An e-mail destination has `to` instead.");
            }
        }
        Kind::Webhook | Kind::Slack => {
            match destination.url.as_deref().map(|url| guard::check(url, exemptions)) {
                None => found.add(format!("{at}.url"), "required", "It needs a URL to send to."),
                Some(Err(refusal)) => found.add(format!("{at}.url"), "url", format!("It may not be called: {refusal}.")),
                Some(Ok(_)) => {}
            }
            if !destination.to.is_empty() {
                found.add(format!("{at}.to"), "not_applicable", "Only an e-mail destination has mailboxes.");
            }
        }
    }
}
