//! Sets of seconds of a day, as sorted spans that do not touch.

use super::definition::{DAY, Span};

/// The same seconds, in order and joined; empty spans go.
pub(super) fn joined(mut spans: Vec<Span>) -> Vec<Span> {
    spans.retain(|(from, to)| from < to);
    spans.sort_unstable();
    let mut joined: Vec<Span> = Vec::with_capacity(spans.len());
    for (from, to) in spans {
        match joined.last_mut() {
            Some(last) if from <= last.1 => last.1 = last.1.max(to),
            _ => joined.push((from, to)),
        }
    }
    joined
}

/// What remains without the holes.
pub(super) fn without(spans: &[Span], holes: &[Span]) -> Vec<Span> {
    let mut rest = spans.to_vec();
    for (from, to) in holes {
        rest = rest.iter().flat_map(|span| [(span.0, span.1.min(*from)), (span.0.max(*to), span.1)]).collect();
    }
    joined(rest)
}

/// The part within the day itself.
pub(super) fn today(spans: &[Span]) -> impl Iterator<Item = Span> {
    spans.iter().map(|(from, to)| (*from, (*to).min(DAY)))
}

/// The part after midnight, as seconds of the next day.
pub(super) fn tomorrow(spans: &[Span]) -> impl Iterator<Item = Span> {
    spans.iter().filter(|(_, to)| *to > DAY).map(|(from, to)| (from.saturating_sub(DAY), to - DAY))
}
