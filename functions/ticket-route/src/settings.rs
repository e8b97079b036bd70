//! A site's desk as its files describe it: who works when, what is promised, what goes where. Checked whole when it is applied; every part
//! has a default, so that a site without files has a desk too.

use std::collections::{BTreeMap, BTreeSet};
use std::fmt::Display;

use orilla_core::Violation;
use orilla_core::sql::{Rows, SqlError};
use orilla_desk::assign;
use orilla_desk::calendar::{Calendar, Definition, Holiday};
use orilla_desk::escalation::Chain;
use orilla_desk::sla::Policy;
use orilla_desk::{Priority, Status};
use orilla_text::email;
use serde::{Deserialize, Serialize};

use crate::classify::heads::CATEGORIES;
use crate::classify::rules::Rule;
use crate::macros::{self, Macro};
use crate::manners::{Quiet, is_news};

/// The team of a site that names none.
pub const TEAM: &str = "support";
/// The longest name of a macro. Chosen: a line of a menu.
const MACRO_NAME_CHARS: usize = 100;
/// The most bytes of a macro's text. Chosen: some pages; a desk of a hundred macros stays below what its route takes.
const MACRO_TEXT_BYTES: usize = 16 * 1024;

/// Holidays from feeds, by the calendar that they close.
pub type Feeds = BTreeMap<String, Vec<Holiday>>;

/// The desk.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub struct Settings {
    /// Categories beside the six that the shipped head knows; they are learnt from the site's own tickets.
    pub categories: Vec<String>,
    /// Below this probability a category is unsure, and the ticket goes to the triage team.
    pub unsure_below: f64,
    /// When people work, by name.
    pub calendars: BTreeMap<String, Definition>,
    /// Teams, the one that triages first.
    pub teams: Vec<Team>,
    /// Who answers.
    pub agents: Vec<Person>,
    /// Which team has a category; of others the first.
    pub routes: BTreeMap<String, String>,
    /// What is promised, the first that fits; where none is named, the brief's.
    pub promises: Vec<Promise>,
    /// What the site decides by itself, before anything that was learnt.
    pub rules: Vec<Rule>,
    /// Who is told when a clock runs out.
    pub escalation: Chain,
    /// How tickets are assigned.
    pub assignment: assign::Rules,
    /// After how many minutes of open time without a reply somebody else gets a ticket; never, if it says nothing.
    pub reassigns_after_minutes: Option<u32>,
    /// What agents do to many tickets alike.
    pub macros: Vec<Macro>,
    /// What is mailed to whoever asked.
    pub mail: Mailing,
    /// When people are told news.
    pub quiet: Quiet,
    /// Which destinations hear of a team's tickets; those that stand at no team hear of all.
    pub notify: BTreeMap<String, Vec<String>>,
}

/// What of a ticket is mailed to its requester. Nothing, if it says nothing: a site whose own programs mail what webhooks tell would mail twice.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub struct Mailing {
    /// An agent's public replies.
    pub replies: bool,
    /// How the help was, once a ticket is solved: in the reply that solves it where that is mailed, else in a mail of its own.
    pub satisfaction: bool,
    /// Where answers to these mails go.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub reply_to: Option<String>,
}

impl Default for Settings {
    fn default() -> Self {
        Self {
            categories: Vec::new(),
            unsure_below: 0.5,
            calendars: BTreeMap::new(),
            teams: vec![Team { id: TEAM.to_owned(), calendar: None, lead: None }],
            agents: Vec::new(),
            routes: BTreeMap::new(),
            promises: Vec::new(),
            rules: Vec::new(),
            escalation: Chain::default(),
            assignment: assign::Rules::default(),
            reassigns_after_minutes: None,
            macros: Vec::new(),
            mail: Mailing::default(),
            quiet: Quiet::default(),
            notify: BTreeMap::new(),
        }
    }
}

/// Some people who share work and hours.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Team {
    /// Its name.
    pub id: String,
    /// The calendar of what it promises; day and night, if it has none.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub calendar: Option<String>,
    /// Who leads it.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub lead: Option<String>,
}

/// Somebody who answers tickets.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Person {
    /// Who.
    pub id: String,
    /// What people call them.
    #[serde(default)]
    pub name: String,
    /// Their team.
    pub team: String,
    /// The categories that they know.
    #[serde(default)]
    pub skills: Vec<String>,
    /// The languages that they write.
    #[serde(default)]
    pub languages: Vec<String>,
    /// How many open tickets they may hold.
    #[serde(default = "capacity")]
    pub capacity: u32,
    /// When they work; with their team, if it says nothing.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub calendar: Option<String>,
}

/// Chosen: what one person can keep in mind.
const fn capacity() -> u32 {
    20
}

/// What is promised to whom.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Promise {
    /// Only of these categories; of all, if there are none.
    #[serde(default)]
    pub categories: Vec<String>,
    /// Only of tickets with one of these tags; of all, if there are none.
    #[serde(default)]
    pub tags: Vec<String>,
    /// The targets.
    pub policy: Policy,
}

/// A desk ready to work with.
#[derive(Debug)]
pub struct Desk {
    /// As the site describes it.
    pub settings: Settings,
    /// Its calendars by name, and day and night last.
    pub calendars: Vec<Calendar>,
    /// Names of [`Self::calendars`].
    names: Vec<String>,
    /// What it promises, in order; the brief's if it promises nothing.
    pub policies: Vec<Policy>,
}

impl Desk {
    /// Reads `definition` and `holidays` of a site's desk; a site without a row has the default desk.
    ///
    /// Errors: `Column` for a definition that this version cannot read.
    pub fn read(rows: &Rows) -> Result<Self, SqlError> {
        let (settings, feeds) = match rows.first() {
            Some(row) => (row.json("definition")?, row.json("holidays")?),
            None => (Settings::default(), Feeds::new()),
        };
        Self::with(settings, &feeds).map_err(|_| SqlError::Column { name: "definition", expected: "a desk that was checked" })
    }

    /// Checks a desk and makes its calendars.
    ///
    /// Errors: everything that is wrong with it.
    pub fn new(settings: Settings) -> Result<Self, Vec<Violation>> {
        Self::with(settings, &Feeds::new())
    }

    /// The same, with what feeds close beside what the desk's own files do.
    ///
    /// Errors: everything that is wrong with it.
    pub fn with(settings: Settings, feeds: &Feeds) -> Result<Self, Vec<Violation>> {
        let mut found = Found::default();
        let (mut calendars, mut names) = (Vec::new(), Vec::new());
        for (name, definition) in &settings.calendars {
            let mut definition = definition.clone();
            definition.holidays.extend(feeds.get(name).into_iter().flatten().cloned());
            match Calendar::new(&definition) {
                Ok(calendar) => calendars.push(calendar),
                Err(error) => found.add(format_args!("calendars.{name}"), "calendar", error.to_string()),
            }
            names.push(name.clone());
        }
        calendars.push(Calendar::always());
        settings.check(&mut found);
        let mut policies: Vec<Policy> = settings.promises.iter().map(|it| it.policy.clone()).collect();
        if policies.is_empty() {
            policies.push(Policy::brief());
        }
        if found.0.is_empty() { Ok(Self { settings, calendars, names, policies }) } else { Err(found.0) }
    }

    /// All categories, the shipped ones first.
    pub fn categories(&self) -> impl Iterator<Item = &str> {
        CATEGORIES.into_iter().chain(self.settings.categories.iter().map(String::as_str))
    }

    /// The team of a category, and the one that triages.
    #[must_use]
    pub fn team_of(&self, category: Option<&str>) -> &str {
        let routed = category.and_then(|category| self.settings.routes.get(category)).map(String::as_str);
        routed.or_else(|| self.settings.teams.first().map(|team| team.id.as_str())).unwrap_or(TEAM)
    }

    /// The place of a calendar among [`Self::calendars`]; day and night for one without a name.
    #[must_use]
    pub fn calendar(&self, name: Option<&str>) -> usize {
        name.and_then(|name| self.names.iter().position(|it| it == name)).unwrap_or(self.names.len())
    }

    /// The place of a team's calendar.
    #[must_use]
    pub fn calendar_of_team(&self, team: &str) -> usize {
        let team = self.settings.teams.iter().find(|it| it.id == team);
        self.calendar(team.and_then(|team| team.calendar.as_deref()))
    }

    /// The place of what is promised for such a ticket, if something is.
    #[must_use]
    pub fn promise(&self, category: &str, tags: &[String]) -> Option<usize> {
        if self.settings.promises.is_empty() {
            return Some(0);
        }
        self.settings.promises.iter().position(|promise| {
            (promise.categories.is_empty() || promise.categories.iter().any(|it| it == category))
                && (promise.tags.is_empty() || promise.tags.iter().any(|it| tags.contains(it)))
        })
    }

    /// Somebody of the desk.
    #[must_use]
    pub fn person(&self, id: &str) -> Option<&Person> {
        self.settings.agents.iter().find(|it| it.id == id)
    }
}

/// Everything that is wrong.
#[derive(Default)]
struct Found(Vec<Violation>);

impl Found {
    fn add(&mut self, field: impl Display, code: &'static str, message: impl Into<String>) {
        self.0.push(Violation { field: field.to_string(), code: code.into(), message: message.into() });
    }
}

impl Settings {
    fn check(&self, found: &mut Found) {
        if !(0.0..=1.0).contains(&self.unsure_below) {
            found.add("unsure_below", "range", "It is a probability, from 0 to 1.");
        }
        if self.teams.is_empty() {
            found.add("teams", "required", "A desk has at least one team; the first one triages.");
        }
        let known: BTreeSet<&str> = CATEGORIES.into_iter().chain(self.categories.iter().map(String::as_str)).collect();
        let teams: BTreeSet<&str> = self.teams.iter().map(|it| it.id.as_str()).collect();
        unique(found, "teams", self.teams.iter().map(|it| &it.id));
        unique(found, "agents", self.agents.iter().map(|it| &it.id));
        unique(found, "rules", self.rules.iter().map(|it| &it.id));
        if known.len() < CATEGORIES.len() + self.categories.len() {
            found.add("categories", "unique", "A category is named twice, or is one of the six that are there already.");
        }
        let calendar = |found: &mut Found, field: String, name: &Option<String>| {
            if let Some(name) = name.as_ref().filter(|name| !self.calendars.contains_key(*name)) {
                found.add(field, "unknown", format!("There is no calendar `{name}`."));
            }
        };
        let team = |found: &mut Found, field: String, name: &str| {
            if !teams.contains(name) {
                found.add(field, "unknown", format!("There is no team `{name}`."));
            }
        };
        let category = |found: &mut Found, field: String, name: &str| {
            if !known.contains(name) {
                found.add(field, "unknown", format!("There is no category `{name}`."));
            }
        };
        for (at, it) in self.teams.iter().enumerate() {
            calendar(found, format!("teams[{at}].calendar"), &it.calendar);
            if let Some(lead) = it.lead.as_ref().filter(|lead| self.agents.iter().all(|agent| agent.id != **lead)) {
                found.add(format_args!("teams[{at}].lead"), "unknown", format!("There is no agent `{lead}`."));
            }
        }
        for (at, it) in self.agents.iter().enumerate() {
            calendar(found, format!("agents[{at}].calendar"), &it.calendar);
            team(found, format!("agents[{at}].team"), &it.team);
            it.skills.iter().for_each(|name| category(found, format!("agents[{at}].skills"), name));
        }
        for (name, of) in &self.routes {
            category(found, format!("routes.{name}"), name);
            team(found, format!("routes.{name}"), of);
        }
        calendar(found, "quiet.calendar".to_owned(), &self.quiet.calendar);
        for (at, name) in self.quiet.always.iter().enumerate().filter(|(_, name)| !is_news(name)) {
            found.add(
                format_args!("quiet.always[{at}]"),
                "unknown",
                format!("`{name}` is no news of a ticket, with or without `:` and a priority."),
            );
        }
        for name in self.notify.keys() {
            team(found, format!("notify.{name}"), name);
        }
        for (at, it) in self.promises.iter().enumerate() {
            it.categories.iter().for_each(|name| category(found, format!("promises[{at}].categories"), name));
            if Priority::ALL.iter().all(|priority| !it.policy.targets.contains_key(priority)) {
                found.add(format_args!("promises[{at}].policy.targets"), "required", "A policy has targets for at least one priority.");
            }
        }
        for (at, it) in self.rules.iter().enumerate() {
            if it.when.is_empty() {
                found.add(format_args!("rules[{at}].when"), "required", "A rule says when it holds.");
            }
            if let Some(name) = &it.then.category {
                category(found, format!("rules[{at}].then.category"), name);
            }
            if let Some(name) = &it.then.team {
                team(found, format!("rules[{at}].then.team"), name);
            }
        }
        unique(found, "macros", self.macros.iter().map(|it| &it.id));
        for (at, it) in self.macros.iter().enumerate() {
            if let Some(name) = &it.then.category {
                category(found, format!("macros[{at}].then.category"), name);
            }
            if let Some(name) = &it.then.team {
                team(found, format!("macros[{at}].then.team"), name);
            }
            self.check_macro(found, at, it);
        }
        if self.mail.reply_to.as_deref().is_some_and(|address| email::parse(address).is_none()) {
            found.add("mail.reply_to", "email", "This is no e-mail address.");
        }
    }

    fn check_macro(&self, found: &mut Found, at: usize, it: &Macro) {
        if it.name.trim().is_empty() || it.name.chars().count() > MACRO_NAME_CHARS {
            found.add(format_args!("macros[{at}].name"), "length", "A macro's name has 1 to 100 characters.");
        }
        if it.text.values().all(|text| text.trim().is_empty()) && it.then.is_empty() {
            found.add(format_args!("macros[{at}]"), "required", "A macro writes something or changes something.");
        }
        if it.then.status == Some(Status::New) {
            found.add(format_args!("macros[{at}].then.status"), "status", "What an agent has worked on is not new any more.");
        }
        if let Some(id) = it.then.assignee.as_ref().filter(|id| self.agents.iter().all(|agent| agent.id != **id)) {
            found.add(format_args!("macros[{at}].then.assignee"), "unknown", format!("There is no agent `{id}`."));
        }
        if it.then.tags_add.len() > 20 || it.then.tags_add.iter().any(|tag| tag.trim().is_empty() || tag.len() > 64) {
            found.add(format_args!("macros[{at}].then.tags_add"), "length", "A macro adds at most 20 tags of 1 to 64 bytes.");
        }
        for (locale, text) in &it.text {
            let field = format!("macros[{at}].text.{}", locale.as_str());
            if text.len() > MACRO_TEXT_BYTES {
                found.add(&field, "length", "A macro's text has at most 16,384 bytes.");
            }
            if let Err(fault) = macros::check(text) {
                found.add(&field, "variable", fault.to_string());
            }
        }
    }
}

fn unique<'a>(found: &mut Found, field: &str, ids: impl Iterator<Item = &'a String>) {
    let mut seen = BTreeSet::new();
    for id in ids {
        if id.trim().is_empty() || id.len() > 64 {
            found.add(field, "length", "An id has 1 to 64 bytes.");
        }
        if !seen.insert(id) {
            found.add(field, "unique", format!("`{id}` is named twice."));
        }
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    fn desk(value: serde_json::Value) -> Result<Desk, Vec<Violation>> {
        Desk::new(serde_json::from_value(value).unwrap())
    }

    #[test]
    fn a_site_without_files_has_a_desk_with_the_briefs_promise() {
        let desk = desk(json!({})).unwrap();
        assert_eq!((desk.team_of(Some("billing")), desk.promise("billing", &[])), (TEAM, Some(0)));
        assert_eq!(desk.policies, [Policy::brief()]);
        assert_eq!(desk.calendar_of_team(TEAM), 0, "day and night");
    }

    #[test]
    fn everything_that_is_wrong_is_told_at_once() {
        let wrong = json!({
            "unsure_below": 2, "categories": ["billing"], "teams": [{ "id": "a", "calendar": "none", "lead": "nobody" }, { "id": "a" }],
            "calendars": { "c": { "time_zone": "Mars/Base" } }, "agents": [{ "id": "x", "team": "b", "skills": ["magic"] }],
            "quiet": { "calendar": "nights", "always": ["ticket.solved", "ticket.sung", "ticket.solved:grave"] }, "notify": { "zz": ["slack"] },
            "routes": { "billing": "zz" }, "rules": [{ "id": "r", "when": {}, "then": { "category": "q" } }],
            "macros": [
                { "id": "m", "name": " ", "then": { "status": "new", "category": "q", "team": "b", "assignee": "zoe", "tags_add": [""] } },
                { "id": "m", "name": "M", "text": { "es": "{{agent.secret}}", "en": "{{agent.name" } }, { "id": "n", "name": "N", "text": { "es": " " } },
            ],
            "mail": { "reply_to": "nowhere" },
        });
        let fields: Vec<_> = desk(wrong).unwrap_err().into_iter().map(|it| it.field).collect();
        for field in [
            "unsure_below",
            "categories",
            "teams",
            "teams[0].calendar",
            "teams[0].lead",
            "calendars.c",
            "agents[0].team",
            "agents[0].skills",
            "quiet.calendar",
            "quiet.always[1]",
            "quiet.always[2]",
            "notify.zz",
            "routes.billing",
            "rules[0].when",
            "rules[0].then.category",
            "macros",
            "macros[0].name",
            "macros[0].then.status",
            "macros[0].then.category",
            "macros[0].then.team",
            "macros[0].then.assignee",
            "macros[0].then.tags_add",
            "macros[1].text.es",
            "macros[1].text.en",
            "macros[2]",
            "mail.reply_to",
        ] {
            assert!(fields.iter().any(|it| it == field), "{field} of {fields:?}");
        }
    }

    #[test]
    fn the_first_promise_that_fits_holds() {
        let policy = |id: &str| json!({ "id": id, "targets": { "high": { "first_reply": { "seconds": 3600 } } } });
        let desk = desk(json!({ "promises": [
            { "tags": ["vip"], "policy": policy("gold") }, { "categories": ["billing"], "policy": policy("money") },
        ] }))
        .unwrap();
        assert_eq!(desk.promise("billing", &["vip".into()]), Some(0));
        assert_eq!(desk.promise("billing", &[]), Some(1));
        assert_eq!(desk.promise("sales", &[]), None);
    }
}
