//! Who gets which ticket, and why. The most urgent tickets are served first, then as many as there is room for, and among all ways of doing that
//! the one whose people fit best. A plan is a proposal: the store that writes it down decides who won a claim.

mod fit;
mod matching;
mod patience;
mod urgency;

use std::collections::BTreeMap;

use chrono::{DateTime, Utc};
use serde::{Deserialize, Serialize};

use crate::Priority;
pub use fit::{obstacle, points, spare_points};
pub use patience::{Next, Patience, is_overdue};
pub use urgency::urgency;

/// Whether somebody is at their desk, as they or their browser last said.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Presence {
    /// Takes tickets.
    Online,
    /// Comes back soon, and takes none until then.
    Away,
    /// Not there.
    Offline,
}

/// Somebody who answers tickets.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
pub struct Agent {
    /// Who.
    pub id: String,
    /// The team they are in.
    pub team: String,
    /// The categories that they know.
    pub skills: Vec<String>,
    /// The languages that they write.
    pub languages: Vec<String>,
    /// How many open tickets they may hold.
    pub capacity: u32,
    /// How many they hold.
    pub load: u32,
    /// Whether they are at their desk.
    pub presence: Presence,
    /// Whether their calendar says that they work now.
    pub is_working: bool,
    /// When the calendar says that they stop, if it does.
    pub leaves_at: Option<DateTime<Utc>>,
    /// Until when they are out of office, whatever the calendar says.
    pub out_until: Option<DateTime<Utc>>,
}

impl Agent {
    /// How many more tickets they may hold: none if somebody has given them more than their share.
    #[must_use]
    pub const fn spare(&self) -> u32 {
        self.capacity.saturating_sub(self.load)
    }
}

/// A ticket that nobody has.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
pub struct Waiting {
    /// Which.
    pub ticket: String,
    /// What it is about.
    pub category: String,
    /// What it is written in.
    pub language: String,
    /// How much it matters.
    pub priority: Priority,
    /// Its next deadline, if it has one.
    pub due: Option<DateTime<Utc>>,
    /// Since when the customer waits.
    pub since: DateTime<Utc>,
    /// The only team that may have it, if there is one.
    pub team: Option<String>,
    /// Who last answered this customer.
    pub last_agent: Option<String>,
    /// Who had it and did not reply in time.
    pub refused: Vec<String>,
}

/// Whether those who lack something may still have the ticket.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Need {
    /// They may not: the ticket waits.
    Strict,
    /// They may, after those who have it.
    Preferred,
}

/// How a site wants its tickets assigned.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub struct Rules {
    /// Whether a customer's next ticket goes to who knows them, where that is possible.
    pub is_sticky: bool,
    /// Whether only those who know the category may have a ticket.
    pub skill: Need,
    /// Whether only those who write the language may have a ticket.
    pub language: Need,
    /// What counts how much.
    pub weights: Weights,
}

impl Default for Rules {
    fn default() -> Self {
        Self { is_sticky: false, skill: Need::Preferred, language: Need::Preferred, weights: Weights::default() }
    }
}

/// What counts how much, in points.
///
/// Priority, deadline and age say which ticket is served first. The others say by whom.
/// Source: chosen on some days of `examples/day.rs`, which shows on others what comes of them and takes other weights to compare; what knowing the
/// customer is worth it cannot say.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub struct Weights {
    /// For each step of priority above low.
    pub priority: u16,
    /// For a ticket that is due; half of it an hour before, a third two hours before.
    pub deadline: u16,
    /// For each hour that the customer waits. Not 0 by default, so that the least of tickets has its turn.
    pub age: u16,
    /// For knowing the category.
    pub skill: u16,
    /// For writing the language.
    pub language: u16,
    /// For somebody who holds nothing; in proportion for who holds something.
    pub spare: u16,
    /// For knowing the customer.
    pub sticky: u16,
    /// Taken from somebody whose hours end; half of it from who has half an hour left.
    pub leaving: u16,
}

impl Default for Weights {
    fn default() -> Self {
        Self { priority: 200, deadline: 300, age: 10, skill: 60, language: 120, spare: 100, sticky: 150, leaving: 200 }
    }
}

/// What a score is made of.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Kind {
    /// How much the ticket matters.
    Priority,
    /// How near its deadline is.
    Deadline,
    /// How long the customer has waited.
    Age,
    /// The agent knows the category.
    Skill,
    /// The agent writes the language.
    Language,
    /// The agent has room.
    Spare,
    /// The agent knows the customer.
    Sticky,
    /// The agent's hours end.
    Leaving,
}

/// One part of a score.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub struct Reason {
    /// Which.
    pub kind: Kind,
    /// How much, never 0 in a plan.
    pub points: i64,
}

/// A ticket and who should have it.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Assignment {
    /// The ticket.
    pub ticket: String,
    /// The agent.
    pub agent: String,
    /// The sum of the reasons.
    pub score: i64,
    /// What speaks for it, and against.
    pub reasons: Vec<Reason>,
}

/// Why nobody gets a ticket, in the order in which one asks: each says that somebody passed all those before, and nobody this one.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Why {
    /// There is nobody in its team.
    NobodyInTeam,
    /// Nobody of them is at their desk.
    NobodyOnline,
    /// Nobody of those has working hours.
    NobodyAtWork,
    /// Nobody of those writes the language, and the site wants that.
    NobodyWritesLanguage,
    /// Nobody of those knows the category, and the site wants that.
    NobodyHasSkill,
    /// All of those had it and did not reply in time.
    AllRefused,
    /// All of those are full, or will be with tickets that come before.
    AllFull,
}

/// A ticket that nobody gets yet.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Left {
    /// The ticket.
    pub ticket: String,
    /// Why.
    pub why: Why,
}

/// Who should get which of the waiting tickets.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Plan {
    /// The most urgent first.
    pub assignments: Vec<Assignment>,
    /// The most urgent first.
    pub left: Vec<Left>,
}

/// Plans who gets which of the waiting tickets.
///
/// Whoever is not at their desk, not at work, out of office or full gets none. The plan does not depend on the order of what is given; an agent or
/// a ticket that is given twice counts once. Another agent never leaves more tickets without one.
#[must_use]
pub fn assign(agents: &[Agent], waiting: &[Waiting], rules: &Rules, now: DateTime<Utc>) -> Plan {
    let agents = each_once(agents, |agent| &agent.id);
    let mut queue: Vec<_> =
        each_once(waiting, |waiting| &waiting.ticket).into_iter().map(|it| (urgency::total(it, rules, now), it)).collect();
    queue.sort_by(|(first, a), (second, b)| second.cmp(first).then_with(|| (a.since, &a.ticket).cmp(&(b.since, &b.ticket))));

    let mut lookup = BTreeMap::new();
    let (mut fits, mut whys) = (Vec::new(), Vec::new());
    let mut kinds = Vec::with_capacity(queue.len());
    for (_, ticket) in &queue {
        kinds.push(*lookup.entry(kind_of(ticket, rules)).or_insert_with(|| {
            let obstacles: Vec<Option<Why>> = agents.iter().map(|agent| obstacle(agent, ticket, rules, now)).collect();
            fits.push(
                agents.iter().zip(&obstacles).map(|(agent, obstacle)| obstacle.is_none().then(|| fit(agent, ticket, rules, now))).collect(),
            );
            whys.push(why(&obstacles));
            fits.len() - 1
        }));
    }
    let spare: Vec<u32> = agents.iter().map(|agent| agent.spare()).collect();
    let places =
        matching::place(&kinds, &fits, &spare, &|agent, taken| agents.get(agent).map_or(0, |agent| spare_points(agent, taken, rules)));

    let mut plan = Plan::default();
    let mut taken = vec![0; agents.len()];
    for (((_, ticket), kind), place) in queue.into_iter().zip(kinds).zip(places) {
        match place.and_then(|place| Some((*agents.get(place)?, taken.get_mut(place)?))) {
            Some((agent, taken)) => {
                plan.assignments.push(assignment(ticket, agent, *taken, rules, now));
                *taken += 1;
            }
            None => plan.left.push(Left { ticket: ticket.ticket.clone(), why: whys.get(kind).copied().unwrap_or(Why::AllFull) }),
        }
    }
    plan
}

/// In the order of their ids.
fn each_once<T: Ord>(given: &[T], id: impl Fn(&T) -> &String) -> Vec<&T> {
    let mut each: Vec<&T> = given.iter().collect();
    each.sort_by(|a, b| id(a).cmp(id(b)).then_with(|| a.cmp(b)));
    each.dedup_by(|a, b| id(a) == id(b));
    each
}

type KindOf<'a> = (&'a str, &'a str, Option<&'a str>, Option<&'a str>, &'a [String]);

/// All that an agent's fit depends on: many tickets have it in common.
fn kind_of<'a>(ticket: &'a Waiting, rules: &Rules) -> KindOf<'a> {
    let known_to = ticket.last_agent.as_deref().filter(|_| rules.is_sticky);
    (&ticket.category, &ticket.language, ticket.team.as_deref(), known_to, &ticket.refused)
}

fn fit(agent: &Agent, ticket: &Waiting, rules: &Rules, now: DateTime<Utc>) -> i64 {
    points(agent, ticket, rules, now).iter().map(|reason| reason.points).sum()
}

fn assignment(ticket: &Waiting, agent: &Agent, taken: u32, rules: &Rules, now: DateTime<Utc>) -> Assignment {
    let spare = Reason { kind: Kind::Spare, points: spare_points(agent, taken, rules) };
    let all = urgency(ticket, rules, now).into_iter().chain(points(agent, ticket, rules, now)).chain([spare]);
    let reasons: Vec<Reason> = all.filter(|reason| reason.points != 0).collect();
    let score = reasons.iter().map(|reason| reason.points).sum();
    Assignment { ticket: ticket.ticket.clone(), agent: agent.id.clone(), score, reasons }
}

/// What stopped the agent who came furthest: nothing but a lack of room, if nothing else did.
fn why(obstacles: &[Option<Why>]) -> Why {
    obstacles.iter().map(|obstacle| obstacle.unwrap_or(Why::AllFull)).max().unwrap_or(Why::NobodyInTeam)
}

#[cfg(test)]
mod tests;
