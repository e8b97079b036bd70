//! What a site promises: how long each thing may take, in which hours, and when the time stands still.

use std::collections::BTreeMap;
use std::num::NonZeroU32;

use serde::{Deserialize, Serialize};

use crate::{Priority, Status};

/// What is timed.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Metric {
    /// From a customer's ticket to the first public message of an agent.
    FirstReply,
    /// From the oldest unanswered message of the customer after the first reply to the next public message of an agent.
    NextReply,
    /// From one public message of an agent to the next.
    PeriodicUpdate,
    /// From the ticket to its solution.
    Resolution,
}

impl Metric {
    /// Every metric.
    pub const ALL: [Self; 4] = [Self::FirstReply, Self::NextReply, Self::PeriodicUpdate, Self::Resolution];

    /// The word in the database and on the wire.
    #[must_use]
    pub const fn name(self) -> &'static str {
        match self {
            Self::FirstReply => "first_reply",
            Self::NextReply => "next_reply",
            Self::PeriodicUpdate => "periodic_update",
            Self::Resolution => "resolution",
        }
    }
}

/// A policy; which tickets it is for stands elsewhere.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Policy {
    /// What the site calls it.
    pub id: String,
    /// What is promised by priority; nothing for one that is left out.
    pub targets: BTreeMap<Priority, Targets>,
    /// When time stands still.
    #[serde(default)]
    pub pauses: Pauses,
    /// How much time is left when a warning is due; none if zero. Never more than half of the target, or an urgent ticket's warning would
    /// come with the ticket.
    #[serde(default)]
    pub warns_before_seconds: u32,
}

/// What is promised for a priority.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
#[allow(missing_docs, reason = "the metrics' names say it")]
pub struct Targets {
    #[serde(skip_serializing_if = "Option::is_none")]
    pub first_reply: Option<Target>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub next_reply: Option<Target>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub periodic_update: Option<Target>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub resolution: Option<Target>,
}

/// Less than so much time.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Target {
    /// How much.
    pub seconds: NonZeroU32,
    /// Of which hours.
    #[serde(default)]
    pub hours: Measure,
}

/// Which time counts.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Measure {
    /// That in which the ticket's calendar is open.
    #[default]
    Business,
    /// All.
    Wall,
}

/// The statuses in which a metric's time stands still; in a solved or closed ticket all time does.
///
/// Source of the defaults: Zendesk, whose replies never pause, whose pausable update pauses in pending, and whose requester wait time
/// counts in new, open and on hold.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
#[allow(missing_docs, reason = "the metrics' names say it")]
pub struct Pauses {
    pub first_reply: Vec<Status>,
    pub next_reply: Vec<Status>,
    pub periodic_update: Vec<Status>,
    pub resolution: Vec<Status>,
}

impl Default for Pauses {
    fn default() -> Self {
        let pending = vec![Status::Pending];
        Self { first_reply: Vec::new(), next_reply: Vec::new(), periodic_update: pending.clone(), resolution: pending }
    }
}

impl Policy {
    /// The policy of the brief: a first reply within an hour, four hours or a day, by priority.
    ///
    /// Chosen: two days for a low priority; the next reply as fast as the first; a resolution in four times a critical first reply, six
    /// times a high one, three times a normal one and two and a half times a low one; a warning half an hour before.
    #[must_use]
    pub fn brief() -> Self {
        const HOUR: u32 = 3_600;
        let target = |hours: u32| NonZeroU32::new(hours * HOUR).map(|seconds| Target { seconds, hours: Measure::Business });
        let of = |reply, resolution| Targets {
            first_reply: target(reply),
            next_reply: target(reply),
            periodic_update: None,
            resolution: target(resolution),
        };
        Self {
            id: "brief".to_owned(),
            targets: BTreeMap::from([
                (Priority::Critical, of(1, 4)),
                (Priority::High, of(4, 24)),
                (Priority::Normal, of(24, 72)),
                (Priority::Low, of(48, 120)),
            ]),
            pauses: Pauses::default(),
            warns_before_seconds: HOUR / 2,
        }
    }

    /// What is promised for a metric.
    #[must_use]
    pub fn target(&self, priority: Priority, metric: Metric) -> Option<Target> {
        let targets = self.targets.get(&priority)?;
        match metric {
            Metric::FirstReply => targets.first_reply,
            Metric::NextReply => targets.next_reply,
            Metric::PeriodicUpdate => targets.periodic_update,
            Metric::Resolution => targets.resolution,
        }
    }

    /// Whether a metric's time counts in this status.
    #[must_use]
    pub fn counts(&self, metric: Metric, status: Status) -> bool {
        let pauses = match metric {
            Metric::FirstReply => &self.pauses.first_reply,
            Metric::NextReply => &self.pauses.next_reply,
            Metric::PeriodicUpdate => &self.pauses.periodic_update,
            Metric::Resolution => &self.pauses.resolution,
        };
        !status.is_done() && !pauses.contains(&status)
    }
}
