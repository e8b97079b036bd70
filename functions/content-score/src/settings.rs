//! How a site wants its content judged, as its `content.toml` says it. Checked whole when it is applied; everything has a default, so that a site
//! without the file is judged too.

use orilla_core::sites::SiteId;
use orilla_core::sql::{Rows, SqlError, Statement};
use orilla_core::{Error, Sql, Violation};
use serde::{Deserialize, Serialize};
use serde_json::Value as Json;

use crate::profile::Profile;

/// The longest name of a persona and the longest words about one, in characters. Chosen: a line, and a page.
const NAME_CHARS: usize = 100;
const DESCRIPTION_CHARS: usize = 2_000;
/// The most personas. Chosen: who writes for more writes for nobody.
const PERSONAS: usize = 50;

/// By whose thresholds.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Choice {
    /// The brief's.
    #[default]
    Brief,
    /// Yoast's.
    Yoast,
    /// The site's own.
    Own,
}

impl Choice {
    /// The wire word.
    #[must_use]
    pub const fn name(self) -> &'static str {
        match self {
            Self::Brief => "brief",
            Self::Yoast => "yoast",
            Self::Own => "own",
        }
    }
}

/// A site's settings.
#[derive(Debug, Clone, PartialEq, Default, Serialize, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub struct Settings {
    /// By whose thresholds, where a request says nothing.
    pub profile: Choice,
    /// The site's own thresholds: those of `base`, and what differs.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub own: Option<Json>,
    /// Whom it writes for.
    pub personas: Vec<Persona>,
    /// Whether a page of the site's origins may have texts judged with its write key or public id.
    pub public_editor: bool,
    /// What is kept.
    pub keeps: Keeps,
    /// How pages are read again.
    pub pages: Rounds,
}

/// Somebody to write for.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Persona {
    /// What requests call them.
    pub id: String,
    /// Who they are and what they want, in the site's words.
    pub description: String,
}

/// What is kept of documents.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub struct Keeps {
    /// How many documents.
    pub documents: u32,
    /// How many versions of each, the latest.
    pub versions: u32,
    /// For how many days a document that nobody changes and a version that is not the latest; for good, if it says nothing.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub days: Option<u32>,
    /// Whether the texts as well.
    pub texts: bool,
}

impl Default for Keeps {
    /// Chosen: years of a busy blog, in some tens of megabytes.
    fn default() -> Self {
        Self { documents: 5_000, versions: 500, days: None, texts: false }
    }
}

/// How pages are read again.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub struct Rounds {
    /// Hours from one time to the next.
    pub hours: u32,
    /// How many times in a row a page cannot be read before that is told.
    pub failures: u32,
    /// Below which score it is told that a page fell, where the page itself says nothing.
    pub threshold: u32,
    /// How many pages.
    pub most: u32,
}

impl Default for Rounds {
    /// Chosen: daily, as search engines look at a page that seldom changes; a server that is away for two hours is no news.
    fn default() -> Self {
        Self { hours: 24, failures: 3, threshold: 60, most: 200 }
    }
}

impl Settings {
    /// Everything that is wrong.
    #[must_use]
    pub fn violations(&self) -> Vec<Violation> {
        let mut found = Vec::new();
        let mut refuse = |field: String, code: &'static str, message: String| found.push(Violation { field, code: code.into(), message });
        if self.profile == Choice::Own && self.own.is_none() {
            refuse("profile".into(), "own", "There are no thresholds of your own: write them under `[own]`.".into());
        }
        if let Some(Err(message)) = self.own.as_ref().map(Profile::own) {
            // It begins with the field's name where one is to blame.
            let named = message
                .split_once(": ")
                .map(|(name, _)| name)
                .filter(|name| name.bytes().all(|it| it.is_ascii_lowercase() || b"_.".contains(&it)));
            refuse(named.map_or_else(|| "own".to_owned(), |name| format!("own.{name}")), "profile", message);
        }
        if self.personas.len() > PERSONAS {
            refuse("personas".into(), "length", format!("There are at most {PERSONAS} personas."));
        }
        for (at, persona) in self.personas.iter().enumerate() {
            if !(1..=NAME_CHARS).contains(&persona.id.trim().chars().count()) {
                refuse(format!("personas[{at}].id"), "length", format!("A persona's id has 1 to {NAME_CHARS} characters."));
            }
            if self.personas.iter().take(at).any(|other| other.id == persona.id) {
                refuse(format!("personas[{at}].id"), "twice", "Another persona has this id.".into());
            }
            if !(1..=DESCRIPTION_CHARS).contains(&persona.description.trim().chars().count()) {
                let message = format!("Say who they are in 1 to {DESCRIPTION_CHARS} characters.");
                refuse(format!("personas[{at}].description"), "length", message);
            }
        }
        let Keeps { documents, versions, days, .. } = self.keeps;
        let Rounds { hours, failures, threshold, most } = self.pages;
        // Chosen: what one table of a small site holds, and ten years.
        let ranges = [
            ("keeps.documents", documents, 1, 20_000),
            ("keeps.versions", versions, 1, 1_000),
            ("keeps.days", days.unwrap_or(1), 1, 3_650),
            ("pages.hours", hours, 1, 720),
            ("pages.failures", failures, 1, 20),
            ("pages.threshold", threshold, 1, 100),
            ("pages.most", most, 0, 1_000),
        ];
        for (field, value, least, most) in ranges {
            if !(least..=most).contains(&value) {
                refuse(field.into(), "range", format!("This is a number from {least} to {most}."));
            }
        }
        found
    }

    /// The thresholds of a choice.
    ///
    /// Errors: `Invalid` where the site has none of its own.
    pub fn thresholds(&self, choice: Option<Choice>) -> Result<(Choice, Profile), Error> {
        let choice = choice.unwrap_or(self.profile);
        let own = || {
            let message = "The site has no thresholds of its own; see `[own]` in its content.toml.".to_owned();
            Error::invalid("The text cannot be judged so.", vec![Violation { field: "profile".into(), code: "own".into(), message }])
        };
        let profile = match choice {
            Choice::Brief => Profile::brief(),
            Choice::Yoast => Profile::yoast(),
            Choice::Own => Profile::own(self.own.as_ref().ok_or_else(own)?).map_err(Error::internal)?,
        };
        Ok((choice, profile))
    }

    /// What is said of a persona that the site knows by this name; else the words as they are.
    #[must_use]
    pub fn persona(&self, said: String) -> String {
        self.personas.iter().find(|persona| persona.id == said).map_or(said, |persona| persona.description.clone())
    }
}

/// Asks for a site's settings.
#[must_use]
pub fn find(site: &SiteId) -> Statement {
    Statement::new("SELECT definition, digest FROM content_settings WHERE site_id = ?1").bind(site)
}

/// What the rows of [`find`] say.
///
/// Errors: `Column` if they are of another statement.
pub fn read(rows: &Rows) -> Result<Settings, SqlError> {
    rows.first().map_or_else(|| Ok(Settings::default()), |row| row.json("definition"))
}

/// A site's settings.
///
/// Errors: what the store gives.
pub async fn of(sql: &impl Sql, site: &SiteId) -> Result<Settings, Error> {
    Ok(read(&sql.query(find(site)).await?)?)
}
