//! Who has the floor in a conversation: the bot, nobody yet, a person, or nobody any more. Every change is one step of this table, so that
//! the bot never speaks over a person, and nothing goes round in circles.

use orilla_core::sql::{Row, SqlError};
use serde::{Deserialize, Serialize};

/// Who has the floor.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum State {
    /// The bot answers.
    Bot,
    /// A person was asked for, and none has come yet. The bot is silent.
    Waiting,
    /// A person answers. The bot is silent.
    Human,
    /// A person said that it is done. Whoever writes again talks to the bot.
    Resolved,
}

impl State {
    /// Every state.
    pub const ALL: [Self; 4] = [Self::Bot, Self::Waiting, Self::Human, Self::Resolved];

    /// The word in the database and on the wire.
    #[must_use]
    pub const fn name(self) -> &'static str {
        match self {
            Self::Bot => "bot",
            Self::Waiting => "waiting",
            Self::Human => "human",
            Self::Resolved => "resolved",
        }
    }

    /// Reads the column `state`.
    ///
    /// Errors: `Column` for a word that is none.
    pub fn of(row: &Row<'_>) -> Result<Self, SqlError> {
        let name = row.text("state")?;
        Self::ALL.into_iter().find(|state| state.name() == name).ok_or(SqlError::Column { name: "state", expected: "a state" })
    }

    /// Whether a person has the floor, or is about to.
    #[must_use]
    pub const fn is_with_people(self) -> bool {
        matches!(self, Self::Waiting | Self::Human)
    }
}

/// What somebody does.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Act {
    /// The visitor says something in passing, such as thanks.
    Passing,
    /// The visitor writes.
    Write,
    /// The visitor asks for a person, or the site says that it is time for one.
    Ask,
    /// An agent takes the floor.
    Take,
    /// An agent writes, which takes the floor.
    Reply,
    /// An agent gives it back to the bot.
    Release,
    /// An agent says that it is done.
    Resolve,
}

impl Act {
    /// Every act.
    pub const ALL: [Self; 7] = [Self::Passing, Self::Write, Self::Ask, Self::Take, Self::Reply, Self::Release, Self::Resolve];
}

/// What the visitor is told of a change.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum Notice {
    /// Their conversation is with the team now.
    HandedOff,
    /// A person is here.
    Taken,
    /// The bot answers again.
    Released,
    /// It is done.
    Resolved,
}

/// What follows from an act.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Step {
    /// Who has the floor now.
    pub state: State,
    /// What the visitor is told, if something changed for them.
    pub notice: Option<Notice>,
    /// Whether the bot may answer.
    pub is_bots_turn: bool,
    /// Whether a ticket is opened.
    pub opens_ticket: bool,
}

/// The table.
#[must_use]
pub const fn step(state: State, act: Act) -> Step {
    use State::{Bot, Human, Resolved, Waiting};
    match (state, act) {
        // Thanks after the end is no new beginning.
        (Bot | Resolved, Act::Passing) => Step { is_bots_turn: true, ..quiet(state) },
        (Bot | Resolved, Act::Write) => Step { is_bots_turn: true, ..quiet(Bot) },
        (Waiting | Human, Act::Passing | Act::Write) => quiet(state),
        (Bot | Resolved, Act::Ask) => Step { notice: Some(Notice::HandedOff), opens_ticket: true, ..quiet(Waiting) },
        // Who asks again is told again, and has one ticket.
        (Waiting, Act::Ask) => Step { notice: Some(Notice::HandedOff), ..quiet(Waiting) },
        (Human, Act::Ask | Act::Reply | Act::Take) => quiet(Human),
        (_, Act::Take) => Step { notice: Some(Notice::Taken), ..quiet(Human) },
        (_, Act::Reply) => quiet(Human),
        (Waiting | Human, Act::Release) => Step { notice: Some(Notice::Released), ..quiet(Bot) },
        (Bot | Resolved, Act::Release) => quiet(Bot),
        (Resolved, Act::Resolve) => quiet(Resolved),
        (_, Act::Resolve) => Step { notice: Some(Notice::Resolved), ..quiet(Resolved) },
    }
}

const fn quiet(state: State) -> Step {
    Step { state, notice: None, is_bots_turn: false, opens_ticket: false }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    fn walk(acts: &[Act]) -> Vec<Step> {
        let mut state = State::Bot;
        let mut steps = Vec::new();
        for act in acts {
            steps.push(step(state, *act));
            state = steps.last().unwrap().state;
        }
        steps
    }

    #[test]
    fn a_conversation_from_bot_to_person_to_end() {
        let steps = walk(&[Act::Write, Act::Ask, Act::Write, Act::Take, Act::Write, Act::Reply, Act::Resolve, Act::Passing, Act::Write]);
        let states: Vec<_> = steps.iter().map(|step| step.state).collect();
        use State::{Bot, Human, Resolved, Waiting};
        assert_eq!(states, [Bot, Waiting, Waiting, Human, Human, Human, Resolved, Resolved, Bot]);
        assert_eq!(steps.iter().filter(|step| step.opens_ticket).count(), 1);
        assert!(steps[7].is_bots_turn && steps[8].is_bots_turn);
    }

    #[test]
    fn asking_for_a_person_always_works_and_opens_one_ticket() {
        for state in State::ALL {
            let first = step(state, Act::Ask);
            assert!(first.state.is_with_people(), "{state:?}");
            assert!(!step(first.state, Act::Ask).opens_ticket, "{state:?}");
        }
    }

    proptest! {
        #[test]
        fn the_bot_never_speaks_while_a_person_has_the_floor(acts in prop::collection::vec(prop::sample::select(Act::ALL.to_vec()), 0..40)) {
            let mut state = State::Bot;
            for act in acts {
                let next = step(state, act);
                prop_assert!(!next.is_bots_turn || !(state.is_with_people() || next.state.is_with_people()));
                prop_assert!(!next.opens_ticket || (next.notice.is_some() && next.state == State::Waiting), "a hand-off is always told");
                prop_assert!(next.state == state || next.notice.is_some() || matches!(act, Act::Write | Act::Reply | Act::Release), "{:?} {:?}", state, act);
                state = next.state;
            }
        }
    }
}
