//! What happened to a ticket, as far as clocks care.

use chrono::{DateTime, Utc};
use serde::{Deserialize, Serialize};

use crate::{Priority, Status};

/// Something that happened.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub struct Entry {
    /// When.
    pub at: DateTime<Utc>,
    /// What.
    pub happened: Happened,
}

/// What can happen.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Happened {
    /// The ticket begins, with a message. Nothing runs before; a second one is ignored.
    Opened {
        /// Who wrote it.
        by: Side,
    },
    /// A message of the customer.
    CustomerWrote {
        /// Whether it asks for nothing more; then no clock minds it.
        is_thanks: bool,
    },
    /// A message of an agent that the customer sees.
    AgentWrote,
    /// A message that the customer does not see.
    Noted,
    /// The ticket's status; one that is solved or closed needs nobody, and any other after it is a reopening.
    StatusSet(Status),
    /// The ticket's priority; normal until set.
    PrioritySet(Priority),
    /// The policy's place in the list; none until set.
    PolicySet(Option<usize>),
    /// The calendar's place in the list; the first until set. One that is not there is the wall clock.
    CalendarSet(usize),
    /// An agent got it.
    Assigned,
    /// It lives on in another ticket; nothing runs after.
    Merged,
}

/// Who opens a ticket.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Side {
    /// The customer, who waits for a reply.
    Customer,
    /// An agent, who has written the first message with it.
    Agent,
}
