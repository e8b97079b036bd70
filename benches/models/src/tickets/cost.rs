//! What it takes to look at a ticket and to learn from many: medians on one thread, natively.

use std::time::{Duration, Instant};

use anyhow::Result;
use orilla_knowledge::model::Embed as _;
use ticket_route::classify::heads::{Example, Heads};

use super::rows::Ticket;
use super::seen::Kept;
use super::systems::tell_of;

/// How many examples are learnt from. Source: the issue, which wants seconds for the last.
const EXAMPLES: [usize; 4] = [200, 500, 1_000, 2_000];
/// Chosen: a median needs three.
const ROUNDS: usize = 3;

/// What one ticket takes, step by step.
pub struct Look {
    pub encode: Duration,
    pub words: Duration,
    pub decide: Duration,
}

/// What each step takes of these tickets, in the middle.
pub fn look(heads: &Heads, kept: &Kept, tickets: &[&Ticket]) -> Result<Look> {
    let (mut encode, mut words, mut told) = (Vec::new(), Vec::new(), Vec::new());
    for ticket in tickets {
        let text = ticket.example.ticket.whole();
        let (vector, took) = timed(|| kept.model().embed(&[&text]))?;
        encode.push(took);
        let (seen, took) = timed(|| heads.lens.see(vector, &text))?;
        words.push(took);
        told.push(timed(|| tell_of(heads, ticket, &seen))?.1);
    }
    Ok(Look { encode: median(encode), words: median(words), decide: median(told) })
}

/// What both heads take to learn from so many of these rows that were looked at, for each number of which there are enough.
pub fn learning(kept: &Kept, train: &[&Ticket]) -> Result<Vec<(usize, Duration)>> {
    let mut measured = Vec::new();
    for count in EXAMPLES.into_iter().filter(|count| *count <= train.len()) {
        let rows = &train[..count];
        let lens = kept.lens(rows)?;
        let seen = kept.see(&lens, rows)?;
        let examples: Vec<Example> = rows.iter().map(|it| it.example.clone()).collect();
        let mut times = Vec::new();
        for _ in 0..ROUNDS {
            let lens = lens.clone();
            times.push(timed(|| Heads::learn_seen(&examples, lens, &seen))?.1);
        }
        measured.push((count, median(times)));
    }
    Ok(measured)
}

fn timed<T, E: Into<anyhow::Error>>(work: impl FnOnce() -> Result<T, E>) -> Result<(T, Duration)> {
    let began = Instant::now();
    let done = work().map_err(Into::into)?;
    Ok((done, began.elapsed()))
}

/// The middle one; of an even number the later of both.
fn median(mut times: Vec<Duration>) -> Duration {
    times.sort_unstable();
    times.get(times.len() / 2).copied().unwrap_or_default()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_median_is_in_the_middle() {
        let of = |times: &[u64]| median(times.iter().copied().map(Duration::from_secs).collect()).as_secs();
        assert_eq!((of(&[9, 1, 2]), of(&[4, 1, 3, 2]), of(&[])), (2, 3, 0));
    }
}
