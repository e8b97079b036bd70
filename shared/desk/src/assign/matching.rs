//! Tickets into seats: each ticket in turn takes the best way to a free seat, on which others may move over. Who has a seat keeps one, so that the
//! first are served first; as many are served as can be; and of all ways to serve those the sum of points is the highest.
//!
//! Source: successive shortest paths (Jewell 1958; Ahuja, Magnanti & Orlin 1993, §9.7), here longest ones, with agents as nodes.

use std::collections::BTreeMap;

/// The points of each agent for tickets of one kind; `None` for who may not have them.
pub(super) type Row = Vec<Option<i64>>;

/// Points of what cannot be: so low that no sum of what can be comes near, and two of them are still a number.
const NEVER: i64 = i64::MIN / 4;

/// Gives each ticket an agent, or none.
///
/// Shape: `kinds` has a row of `fits` for each ticket, the most urgent first; a row has as many columns as `spare` has agents.
/// `seat` is the points for an agent's next seat after so many were taken, and never rises with them.
pub(super) fn place(kinds: &[usize], fits: &[Row], spare: &[u32], seat: &dyn Fn(usize, u32) -> i64) -> Vec<Option<usize>> {
    let agents = spare.len();
    let mut room = Room {
        fits,
        spare,
        seat,
        places: vec![None; kinds.len()],
        taken: vec![0; agents],
        held: vec![BTreeMap::new(); agents],
        moves: vec![vec![NEVER; agents]; agents],
    };
    let mut free: u64 = spare.iter().map(|spare| u64::from(*spare)).sum();
    // Where a kind finds no way now it finds none later: all agents that it reaches are full, and nothing that they hold reaches further.
    let mut is_stuck = vec![false; fits.len()];
    for (ticket, kind) in kinds.iter().enumerate() {
        if free == 0 {
            break;
        }
        if is_stuck[*kind] {
            continue;
        }
        match room.way(*kind) {
            Some(way) => {
                room.walk(ticket, *kind, &way);
                free -= 1;
            }
            None => is_stuck[*kind] = true,
        }
    }
    room.places
}

struct Room<'a> {
    fits: &'a [Row],
    spare: &'a [u32],
    seat: &'a dyn Fn(usize, u32) -> i64,
    places: Vec<Option<usize>>,
    taken: Vec<u32>,
    /// The tickets that each agent holds, by kind.
    held: Vec<BTreeMap<usize, Vec<usize>>>,
    /// What the best move from each agent to each other changes.
    moves: Vec<Vec<i64>>,
}

impl Room<'_> {
    /// The agents on the best way from a new ticket to a free seat.
    fn way(&self, kind: usize) -> Option<Vec<usize>> {
        let agents = self.spare.len();
        let mut reached: Vec<i64> = self.fits[kind].iter().map(|fit| fit.unwrap_or(NEVER)).collect();
        let mut from: Vec<Option<usize>> = vec![None; agents];
        // What is seated is seated as well as can be: no round trip gains points, and no best way is longer than there are agents.
        for _ in 0..agents {
            let mut has_changed = false;
            for giver in (0..agents).filter(|agent| self.taken[*agent] > 0) {
                let points = reached[giver];
                if points <= NEVER {
                    continue;
                }
                for ((known, from), step) in reached.iter_mut().zip(&mut from).zip(&self.moves[giver]) {
                    if *step > NEVER && points + step > *known {
                        (*known, *from) = (points + step, Some(giver));
                        has_changed = true;
                    }
                }
            }
            if !has_changed {
                break;
            }
        }
        let ends = (0..agents).filter(|agent| self.taken[*agent] < self.spare[*agent] && reached[*agent] > NEVER);
        let ends = ends.map(|agent| (reached[agent] + (self.seat)(agent, self.taken[agent]), agent));
        // Of equals the first.
        let (_, end) = ends.reduce(|best, end| if end.0 > best.0 { end } else { best })?;
        let mut way = vec![end];
        while let Some(giver) = way.last().and_then(|agent| from[*agent]) {
            way.push(giver);
        }
        way.reverse();
        Some(way)
    }

    /// Seats a ticket with the first on the way, each of whom passes one on.
    fn walk(&mut self, ticket: usize, kind: usize, way: &[usize]) {
        let (mut ticket, mut kind) = (ticket, kind);
        for (at, agent) in way.iter().enumerate() {
            let passed = way.get(at + 1).and_then(|next| self.pass(*agent, *next));
            self.held[*agent].entry(kind).or_default().push(ticket);
            self.places[ticket] = Some(*agent);
            match passed {
                Some(passed) => (ticket, kind) = passed,
                None => self.taken[*agent] += 1,
            }
        }
        for agent in way {
            self.moves[*agent] = (0..self.spare.len()).map(|to| self.best_move(*agent, to).map_or(NEVER, |(points, _)| points)).collect();
        }
    }

    /// Takes from an agent the ticket that is best passed on to the next, and its kind.
    fn pass(&mut self, agent: usize, next: usize) -> Option<(usize, usize)> {
        let (_, kind) = self.best_move(agent, next)?;
        let tickets = self.held[agent].get_mut(&kind)?;
        let passed = tickets.pop()?;
        if tickets.is_empty() {
            self.held[agent].remove(&kind);
        }
        Some((passed, kind))
    }

    /// What changes when the best kind of ticket for that moves over, and the kind.
    fn best_move(&self, from: usize, to: usize) -> Option<(i64, usize)> {
        let moves = self.held[from].keys().filter_map(|kind| Some((self.fits[*kind][to]? - self.fits[*kind][from]?, *kind)));
        if from == to { None } else { moves.reduce(|best, step| if step.0 > best.0 { step } else { best }) }
    }
}
