//! Dense groups among vectors, and what is left over: average linkage down to a likeness, then whoever does not fit its group leaves it.
//! It does not choose the likeness, and knows nothing of what the vectors are of.

use crate::error::Error;
use crate::matrix::{Matrix, dot};

/// The most vectors that are compared with one another. Chosen: their likenesses take 18 MB, of the 128 MB that a Workers isolate has.
pub const MOST: usize = 3_000;

/// How like each is to each other, the same both ways.
#[derive(Debug, Clone, PartialEq)]
pub struct Likenesses {
    count: usize,
    /// Of each with every one before it.
    values: Vec<f32>,
}

/// Some that belong together.
#[derive(Debug, Clone, PartialEq)]
pub struct Group {
    /// The one that is most like the others first; of equals the earlier one.
    pub members: Vec<usize>,
    /// The mean likeness of two of them.
    pub likeness: f32,
}

impl Likenesses {
    /// Asks for each pair once, the later one first.
    ///
    /// Errors: `TooMany` beyond [`MOST`]; `NotFinite` if a likeness is.
    pub fn new(count: usize, mut of: impl FnMut(usize, usize) -> f32) -> Result<Self, Error> {
        if count > MOST {
            return Err(Error::TooMany { most: MOST, found: count });
        }
        let values: Vec<f32> =
            (0..count).flat_map(|one| (0..one).map(move |other| (one, other))).map(|(one, other)| of(one, other)).collect();
        if values.iter().all(|value| value.is_finite()) { Ok(Self { count, values }) } else { Err(Error::NotFinite) }
    }

    /// The cosines of unit vectors; zeros are like nothing.
    ///
    /// Errors: as [`Self::new`].
    pub fn of(vectors: &Matrix) -> Result<Self, Error> {
        Self::new(vectors.rows(), |one, other| dot(vectors.row(one), vectors.row(other)))
    }

    /// How like two are; one is not compared with itself.
    #[must_use]
    pub fn get(&self, one: usize, other: usize) -> f32 {
        self.values.get(place(one, other)).copied().unwrap_or_default()
    }

    fn set(&mut self, one: usize, other: usize, value: f32) {
        if let Some(kept) = self.values.get_mut(place(one, other)) {
            *kept = value;
        }
    }
}

const fn place(one: usize, other: usize) -> usize {
    let (low, high) = if one < other { (one, other) } else { (other, one) };
    high * high.saturating_sub(1) / 2 + low
}

/// Groups of at least `least` whose members are each, in the mean over the others, at least `alike`; the largest first, of equals the one of the
/// earliest member. Whoever is in none is left over.
///
/// The same for the same likenesses; in another order the same groups, unless two likenesses are equal to the last bit.
///
/// Source: average linkage, Sokal & Michener 1958, by chains of nearest neighbours, Murtagh 1983 (Müllner 2011, §3.2).
#[must_use]
pub fn groups(likenesses: &Likenesses, alike: f32, least: usize) -> Vec<Group> {
    let merged = Linkage::new(likenesses.clone(), alike).run();
    let mut groups: Vec<Group> = merged.into_iter().filter_map(|members| fitting(likenesses, members, alike, least.max(2))).collect();
    groups.sort_by_key(|group| (std::cmp::Reverse(group.members.len()), group.members.iter().min().copied()));
    groups
}

/// Without those that are less like the others than they must be, the worst first, since the others are more like one another without it.
fn fitting(likenesses: &Likenesses, mut members: Vec<usize>, alike: f32, least: usize) -> Option<Group> {
    members.sort_unstable();
    let mut sums: Vec<f64> = members
        .iter()
        .map(|one| members.iter().filter(|other| *other != one).map(|other| f64::from(likenesses.get(*one, *other))).sum())
        .collect();
    loop {
        if members.len() < least {
            return None;
        }
        let others = (members.len() - 1) as f64;
        let worst = sums.iter().enumerate().min_by(|a, b| a.1.total_cmp(b.1)).map(|(at, sum)| (at, sum / others))?;
        if worst.1 >= f64::from(alike) {
            let likeness = sums.iter().sum::<f64>() / (members.len() as f64 * others);
            let mut order: Vec<usize> = (0..members.len()).collect();
            order.sort_by(|a, b| sums[*b].total_cmp(&sums[*a]));
            return Some(Group { members: order.into_iter().map(|at| members[at]).collect(), likeness: likeness as f32 });
        }
        let gone = members.remove(worst.0);
        sums.remove(worst.0);
        sums.iter_mut().zip(&members).for_each(|(sum, member)| *sum -= f64::from(likenesses.get(*member, gone)));
    }
}

/// Clusters on their way.
struct Linkage {
    /// Of clusters, each under the place of one of its members.
    likenesses: Likenesses,
    alike: f32,
    members: Vec<Vec<usize>>,
    /// Those that may still be merged, in order.
    active: Vec<usize>,
    done: Vec<Vec<usize>>,
}

impl Linkage {
    fn new(likenesses: Likenesses, alike: f32) -> Self {
        let count = likenesses.count;
        Self { likenesses, alike, members: (0..count).map(|at| vec![at]).collect(), active: (0..count).collect(), done: Vec::new() }
    }

    /// From one to its nearest, from there to that one's nearest, until two are each other's: these are one from then on. Nothing that is merged later
    /// is nearer than what it was merged of, so that whatever is near nobody now is finished.
    fn run(mut self) -> Vec<Vec<usize>> {
        let mut chain: Vec<usize> = Vec::new();
        while let Some(first) = self.active.first().copied() {
            let top = chain.last().copied().unwrap_or(first);
            let before = chain.len().checked_sub(2).and_then(|at| chain.get(at)).copied();
            if chain.is_empty() {
                chain.push(top);
            }
            match self.nearest(top, before) {
                Some(near) if Some(near) == before => {
                    chain.truncate(chain.len() - 2);
                    self.merge(top, near);
                }
                Some(near) => chain.push(near),
                // Only the first of a chain can be near nobody: whoever follows is near the one before.
                None => {
                    chain.pop();
                    self.finish(top);
                }
            }
        }
        self.done
    }

    /// The nearest that is near enough; of equals the one that the chain came from, else the first.
    fn nearest(&self, of: usize, before: Option<usize>) -> Option<usize> {
        let mut best = before.map(|it| (it, self.likenesses.get(of, it)));
        for &other in self.active.iter().filter(|other| **other != of) {
            let likeness = self.likenesses.get(of, other);
            if likeness >= self.alike && best.is_none_or(|(_, most)| likeness > most) {
                best = Some((other, likeness));
            }
        }
        best.map(|(at, _)| at)
    }

    /// The likeness of a whole to another is the mean of its parts', by their sizes; rounding must not make it more than either.
    fn merge(&mut self, one: usize, other: usize) {
        let (kept, gone) = (one.min(other), one.max(other));
        let sizes = [kept, gone].map(|at| self.members[at].len() as f32);
        self.active.retain(|it| *it != gone);
        for at in 0..self.active.len() {
            let third = self.active[at];
            if third != kept {
                let (a, b) = (self.likenesses.get(third, kept), self.likenesses.get(third, gone));
                let mean = (a * sizes[0] + b * sizes[1]) / (sizes[0] + sizes[1]);
                self.likenesses.set(third, kept, mean.min(a.max(b)));
            }
        }
        let moved = std::mem::take(&mut self.members[gone]);
        self.members[kept].extend(moved);
    }

    fn finish(&mut self, at: usize) {
        self.active.retain(|it| *it != at);
        self.done.push(std::mem::take(&mut self.members[at]));
    }
}

#[cfg(test)]
mod tests;
