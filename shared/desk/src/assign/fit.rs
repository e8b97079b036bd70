//! How well an agent fits a ticket, and what forbids it.

use chrono::{DateTime, TimeDelta, Utc};

use super::{Agent, Kind, Need, Presence, Reason, Rules, Waiting, Why};

/// How long before the end of their hours somebody begins to fit less. Chosen: about what the answer to one ticket takes, with those before it.
const LEAVING: TimeDelta = TimeDelta::hours(1);

/// What forbids that the agent has the ticket, but for a lack of room; the first in the order of [`Why`].
#[must_use]
pub fn obstacle(agent: &Agent, ticket: &Waiting, rules: &Rules, now: DateTime<Utc>) -> Option<Why> {
    let is_out = agent.out_until.is_some_and(|until| now < until);
    let has_left = agent.leaves_at.is_some_and(|leaves| leaves <= now);
    let asks = [
        (ticket.team.as_ref().is_some_and(|team| *team != agent.team), Why::NobodyInTeam),
        (agent.presence != Presence::Online, Why::NobodyOnline),
        (!agent.is_working || is_out || has_left, Why::NobodyAtWork),
        (rules.language == Need::Strict && !agent.languages.contains(&ticket.language), Why::NobodyWritesLanguage),
        (rules.skill == Need::Strict && !agent.skills.contains(&ticket.category), Why::NobodyHasSkill),
        (ticket.refused.contains(&agent.id), Why::AllRefused),
    ];
    asks.into_iter().find(|(is_so, _)| *is_so).map(|(_, why)| why)
}

/// What speaks for the agent and against, but for the room that they have.
#[must_use]
pub fn points(agent: &Agent, ticket: &Waiting, rules: &Rules, now: DateTime<Utc>) -> [Reason; 4] {
    let weights = &rules.weights;
    let if_so = |is_so: bool, weight: u16| if is_so { i64::from(weight) } else { 0 };
    let left = agent.leaves_at.map_or(LEAVING, |leaves| (leaves - now).clamp(TimeDelta::zero(), LEAVING));
    let missing = (LEAVING - left).num_seconds();
    [
        Reason { kind: Kind::Skill, points: if_so(agent.skills.contains(&ticket.category), weights.skill) },
        Reason { kind: Kind::Language, points: if_so(agent.languages.contains(&ticket.language), weights.language) },
        Reason { kind: Kind::Sticky, points: if_so(rules.is_sticky && ticket.last_agent.as_ref() == Some(&agent.id), weights.sticky) },
        Reason { kind: Kind::Leaving, points: -(i64::from(weights.leaving) * missing / LEAVING.num_seconds()) },
    ]
}

/// The points for the room that an agent has when a plan has already given them so many tickets: each one makes the next fit less.
#[must_use]
pub fn spare_points(agent: &Agent, taken: u32, rules: &Rules) -> i64 {
    let left = i64::from(agent.spare().saturating_sub(taken));
    i64::from(rules.weights.spare) * left / i64::from(agent.capacity.max(1))
}
