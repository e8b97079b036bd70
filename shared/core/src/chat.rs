//! What a site says about its chat: a part of its definition, checked when it is applied and obeyed when a visitor writes.
//!
//! Only the words and their rules; what a conversation is stands in the FAQ chat.

use chrono::NaiveTime;
use serde::{Deserialize, Serialize};

/// A site's policy. Everything has a default, so that a site without a `[chat]` table can chat too.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub struct Policy {
    /// Whether the operator's generator may write for this site, where there is one.
    pub generates: bool,
    /// What the generator may cost this site in a day, in tokens of prompts and answers.
    pub daily_tokens: u32,
    /// How many days a conversation is kept after its last message.
    pub keeps_days: u32,
    /// Whether questions without a good answer are kept, for `GET /v1/kb/gaps`.
    pub keeps_questions: bool,
    /// After how many questions in a row without an answer a person takes over by itself; never, if it says nothing.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub hands_over_after: Option<u32>,
    /// The IANA name of the time zone of `hours`.
    pub time_zone: String,
    /// When a person answers; always, if it says nothing.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub hours: Vec<Hours>,
}

impl Default for Policy {
    fn default() -> Self {
        Self {
            generates: true,
            daily_tokens: 200_000,
            keeps_days: 90,
            keeps_questions: true,
            hands_over_after: None,
            time_zone: "UTC".to_owned(),
            hours: Vec::new(),
        }
    }
}

/// Some hours of some days of a week.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Hours {
    /// On which days.
    pub days: Vec<Day>,
    /// From when, such as `09:00`.
    pub from: String,
    /// Until when, later on the same day; `24:00` is its end.
    pub to: String,
}

impl Hours {
    /// Both ends as seconds of a day.
    #[must_use]
    pub fn seconds(&self) -> Option<(u32, u32)> {
        let (from, to) = (seconds(&self.from)?, seconds(&self.to)?);
        (from < to).then_some((from, to))
    }
}

fn seconds(text: &str) -> Option<u32> {
    use chrono::Timelike;
    if text == "24:00" {
        return Some(24 * 3_600);
    }
    NaiveTime::parse_from_str(text, "%H:%M").ok().map(|time| time.num_seconds_from_midnight())
}

/// A day of the week.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
#[allow(missing_docs, reason = "their names say it")]
pub enum Day {
    Mon,
    Tue,
    Wed,
    Thu,
    Fri,
    Sat,
    Sun,
}

impl Day {
    /// Every day, Monday first, as `chrono` counts them.
    pub const ALL: [Self; 7] = [Self::Mon, Self::Tue, Self::Wed, Self::Thu, Self::Fri, Self::Sat, Self::Sun];
}

#[cfg(test)]
mod tests {
    use super::*;

    #[track_caller]
    fn check(from: &str, to: &str, expect: Option<(u32, u32)>) {
        assert_eq!(Hours { days: vec![Day::Mon], from: from.into(), to: to.into() }.seconds(), expect, "{from}–{to}");
    }

    #[test]
    fn hours_are_read() {
        check("09:00", "18:30", Some((32_400, 66_600)));
        check("00:00", "24:00", Some((0, 86_400)));
        check("18:00", "09:00", None);
        check("9", "18:00", None);
        check("09:00", "09:00", None);
        check("24:00", "24:00", None);
    }

    #[test]
    fn a_site_that_says_nothing_has_a_policy() {
        let policy: Policy = serde_json::from_str("{}").unwrap();
        assert_eq!(policy, Policy::default());
        assert!(serde_json::from_str::<Policy>(r#"{"hour": []}"#).is_err(), "a word that nobody knows is refused");
    }
}
