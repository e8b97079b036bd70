//! Visits: events of one visitor without half an hour's pause between them.

use std::collections::BTreeMap;

use chrono::{DateTime, TimeDelta, Utc};

/// A pause that ends a visit. Source: the web analytics field's convention since Google Analytics, also Umami's.
pub const PAUSE: TimeDelta = TimeDelta::minutes(30);

/// One visit.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Session {
    /// Its id: the client's own, or ours.
    pub id: String,
    /// Its first event.
    pub started: DateTime<Utc>,
    /// Its last.
    pub last: DateTime<Utc>,
    /// What is added to the device's clock: one for the whole visit, so that its order stays.
    pub skew: TimeDelta,
}

/// The visits that are known of some visitors.
#[derive(Debug, Clone, Default)]
pub struct Sessions(BTreeMap<String, Vec<Session>>);

impl Sessions {
    /// Adds one that the store knows.
    pub fn know(&mut self, visitor: &str, session: Session) {
        self.0.entry(visitor.to_owned()).or_default().push(session);
    }

    /// The visit that an event belongs to, begun if there is none.
    pub fn join(
        &mut self,
        visitor: &str,
        named: Option<&str>,
        at: DateTime<Utc>,
        skew: TimeDelta,
        new: impl FnOnce() -> String,
    ) -> Session {
        let sessions = self.0.entry(visitor.to_owned()).or_default();
        let is_it = |session: &Session| match named {
            Some(id) => session.id == id,
            None => at >= session.started - PAUSE && at <= session.last + PAUSE,
        };
        let index = match sessions.iter().position(is_it) {
            Some(index) => index,
            None => {
                sessions.push(Session { id: named.map_or_else(new, str::to_owned), started: at, last: at, skew });
                sessions.len() - 1
            }
        };
        let session = &mut sessions[index];
        session.started = session.started.min(at);
        session.last = session.last.max(at);
        session.clone()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn at(minute: i64) -> DateTime<Utc> {
        DateTime::UNIX_EPOCH + TimeDelta::minutes(minute)
    }

    fn ids(events: &[(&str, Option<&str>, i64)]) -> Vec<String> {
        let mut sessions = Sessions::default();
        let join = |(visitor, named, minute): &(&str, Option<&str>, i64)| {
            sessions.join(visitor, *named, at(*minute), TimeDelta::zero(), || format!("{visitor}@{minute}")).id
        };
        events.iter().map(join).collect()
    }

    #[test]
    fn a_pause_of_half_an_hour_ends_a_visit() {
        assert_eq!(ids(&[("a", None, 0), ("a", None, 30), ("a", None, 60), ("a", None, 91)]), ["a@0", "a@0", "a@0", "a@91"]);
    }

    #[test]
    fn visitors_and_clients_own_sessions_stay_apart() {
        assert_eq!(ids(&[("a", None, 0), ("b", None, 1), ("a", Some("s"), 2), ("a", Some("s"), 500)]), ["a@0", "b@1", "s", "s"]);
    }

    #[test]
    fn a_late_arrival_joins_the_visit_it_was_part_of() {
        assert_eq!(ids(&[("a", None, 40), ("a", None, 20), ("a", None, 0)]), ["a@40", "a@40", "a@40"]);
    }
}
