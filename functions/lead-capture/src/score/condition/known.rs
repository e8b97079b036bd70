//! What is known of a person beside what they say: what they did, since when they are here, what was made of them, which segments there are.

use std::collections::BTreeMap;

use chrono::{DateTime, TimeDelta, Utc};
use serde::{Deserialize, Serialize};

use super::Condition;
use crate::form::Found;
use crate::score::{Paths, Pattern, VisitorEvent};

/// Conditions by name, for those that name others.
pub type Named = BTreeMap<String, Condition>;

/// The most occurrences a condition may ask for. Chosen: well below the events of a person that are looked at.
const MAX_TIMES: u32 = 200;
/// Ten years (chosen): longer than any campaign.
const MAX_DAYS: u32 = 3_650;

/// What is known of a person beside what they say; of somebody new, nothing.
#[derive(Debug, Clone, Copy, Default)]
pub struct Known<'a> {
    /// What they did, their submissions among it.
    pub events: &'a [VisitorEvent],
    /// When it is asked. What happened later has not happened yet.
    pub now: DateTime<Utc>,
    /// When they first sent a form, or came from a file.
    pub first_seen: Option<DateTime<Utc>>,
    /// What was made of them; nothing while that is being worked out.
    pub standing: Option<Standing<'a>>,
    /// The segments that conditions may name.
    pub segments: Option<&'a Named>,
}

/// What was made of a person.
#[derive(Debug, Clone, Copy)]
pub struct Standing<'a> {
    /// Both sides of their score as one.
    pub combined: i64,
    /// Who they are.
    pub fit: i64,
    /// What they do.
    pub engagement: i64,
    /// A1 to C3.
    pub band: &'a str,
    /// Their tags.
    pub tags: &'a [String],
    /// Whether no double opt-in waits.
    pub is_confirmed: bool,
    /// Their latest answer to the NPS question.
    pub nps: Option<i64>,
}

/// Which number of a score a condition means.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Part {
    /// Both sides by their weights.
    #[default]
    Combined,
    /// Who somebody is.
    Fit,
    /// What somebody does.
    Engagement,
}

impl Part {
    pub(super) fn of(self, standing: &Standing<'_>) -> i64 {
        match self {
            Self::Combined => standing.combined,
            Self::Fit => standing.fit,
            Self::Engagement => standing.engagement,
        }
    }

    #[expect(clippy::trivially_copy_pass_by_ref, reason = "serde passes a reference")]
    pub(super) fn is_combined(&self) -> bool {
        *self == Self::Combined
    }
}

/// That something was done, so often and so lately.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Deeds {
    /// Which events count.
    pub event: Pattern,
    /// So often or more often.
    #[serde(default = "once", skip_serializing_if = "is_once")]
    pub at_least: u32,
    /// So often or less often.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub at_most: Option<u32>,
    /// Older occurrences do not count.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub within_days: Option<u32>,
}

const fn once() -> u32 {
    1
}

#[expect(clippy::trivially_copy_pass_by_ref, reason = "serde passes a reference")]
const fn is_once(count: &u32) -> bool {
    *count == 1
}

impl Deeds {
    pub(super) fn hold(&self, known: &Known<'_>) -> bool {
        let count = self.ages(known).len();
        count >= self.at_least as usize && self.at_most.is_none_or(|most| count <= most as usize)
    }

    /// How long ago each occurrence is that counts, the newest first.
    fn ages(&self, known: &Known<'_>) -> Vec<TimeDelta> {
        let oldest = self.within_days.map(days);
        let mut ages: Vec<_> = known
            .events
            .iter()
            .filter(|event| self.event.fits(event))
            .map(|event| known.now.signed_duration_since(event.occurred_at))
            .filter(|age| *age >= TimeDelta::zero() && oldest.is_none_or(|oldest| *age <= oldest))
            .collect();
        ages.sort_unstable();
        ages
    }

    /// When this may turn by time alone: as the occurrence grows too old that is the last one needed, or the first one too many.
    pub(super) fn turns_at(&self, known: &Known<'_>) -> Option<DateTime<Utc>> {
        let lasts = days(self.within_days?);
        let ages = self.ages(known);
        let nth = |count: u32| ages.get((count as usize).checked_sub(1)?).copied();
        let turning = [nth(self.at_least), self.at_most.and_then(|most| nth(most.saturating_add(1)))];
        turning.into_iter().flatten().map(|age| known.now - age + lasts + INSTANT).min()
    }

    pub(super) fn check(&self, at: &str, found: &mut Found) {
        if self.event.is_empty() {
            found.add(format!("{at}.event"), "required", "Say which events count: `type`, `name` or `path`.");
        }
        if self.event.path.iter().flat_map(Paths::all).any(|path| !path.starts_with('/')) {
            found.add(format!("{at}.event.path"), "path", "A path starts with `/`.");
        }
        if !(1..=MAX_TIMES).contains(&self.at_least) {
            found.add(format!("{at}.at_least"), "range", format!("A count is 1 to {MAX_TIMES}; `not` says that it never happened."));
        }
        if self.at_most.is_some_and(|most| most < self.at_least || most > MAX_TIMES) {
            found.add(format!("{at}.at_most"), "range", format!("`at_least` ≤ `at_most` ≤ {MAX_TIMES}."));
        }
        if let Some(days) = self.within_days {
            check_days(at, days, found);
        }
    }
}

/// What counts within some days counts up to their last millisecond, so that it has turned one after it.
const INSTANT: TimeDelta = TimeDelta::milliseconds(1);

impl Known<'_> {
    /// When they last did something.
    pub(super) fn last_seen(&self) -> Option<DateTime<Utc>> {
        let happened = self.events.iter().map(|event| event.occurred_at).filter(|at| *at <= self.now).max();
        happened.max(self.first_seen)
    }

    pub(super) fn is_within(&self, at: Option<DateTime<Utc>>, within_days: u32) -> bool {
        at.is_some_and(|at| at <= self.now && self.now.signed_duration_since(at) <= days(within_days))
    }

    /// When something that is within some days no longer is.
    pub(super) fn leaves_at(&self, at: Option<DateTime<Utc>>, within_days: u32) -> Option<DateTime<Utc>> {
        at.filter(|_| self.is_within(at, within_days)).map(|at| at + days(within_days) + INSTANT)
    }
}

pub(super) fn check_days(at: &str, days: u32, found: &mut Found) {
    if !(1..=MAX_DAYS).contains(&days) {
        found.add(format!("{at}.within_days"), "range", format!("Days are 1 to {MAX_DAYS}."));
    }
}

fn days(count: u32) -> TimeDelta {
    TimeDelta::days(i64::from(count))
}
