//! The function's heads learnt anew from our own rows, beside the lexical classifier: held out in folds, and from fewer rows.

use anyhow::Result;

use super::rows::Ticket;
use super::seen::Kept;
use super::systems::{Linear, Told, learn, tell};
use crate::parallel;

/// Parts that take turns in being held out. Source: the issue.
pub const FOLDS: usize = 5;
/// Rows of the learning curve, before all of them. Chosen: what the issue asks for at least is between them.
pub const STEPS: [usize; 2] = [300, 1_000];

/// What both told of the same tickets.
pub struct Both {
    pub function: Vec<Told>,
    pub linear: Vec<Told>,
}

/// Learns from some rows and tells others.
fn lesson(kept: &Kept, train: &[&Ticket], asked: &[&Ticket]) -> Result<Both> {
    let heads = learn(kept, train)?;
    let linear = Linear::learn(train);
    Ok(Both {
        function: tell(&heads, kept, asked)?.into_iter().map(|it| it.told).collect(),
        linear: asked.iter().map(|it| linear.tell(it)).collect(),
    })
}

/// What is told of each row by what was learnt without its fold. A row's fold follows from its place, so that it is always the same.
pub fn held_out(kept: &Kept, rows: &[&Ticket]) -> Result<Both> {
    let told = parallel::map(&std::array::from_fn::<usize, FOLDS, _>(|fold| fold), |fold| {
        let (asked, train) = parts(rows, *fold);
        lesson(kept, &train, &asked)
    })?;
    let in_order = |of: fn(&Both) -> &Vec<Told>| (0..rows.len()).map(|at| of(&told[at % FOLDS])[at / FOLDS]).collect();
    Ok(Both { function: in_order(|it| &it.function), linear: in_order(|it| &it.linear) })
}

/// A fold, and the other rows.
fn parts<T: Copy>(rows: &[T], fold: usize) -> (Vec<T>, Vec<T>) {
    let (held, rest): (Vec<_>, Vec<_>) = rows.iter().enumerate().partition(|(at, _)| at % FOLDS == fold);
    let only = |rows: Vec<(usize, &T)>| rows.into_iter().map(|it| *it.1).collect();
    (only(held), only(rest))
}

/// What is told after so many rows, the first ones of the file.
pub fn curve(kept: &Kept, train: &[&Ticket], asked: &[&Ticket]) -> Result<Vec<(usize, Both)>> {
    let mut sizes: Vec<usize> = STEPS.into_iter().filter(|size| *size < train.len()).collect();
    sizes.push(train.len());
    let told = parallel::map(&sizes, |size| lesson(kept, &train[..*size], asked))?;
    Ok(sizes.into_iter().zip(told).collect())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_row_is_held_out_once_and_never_learnt_from_then() {
        let rows: Vec<usize> = (0..23).collect();
        let mut all = Vec::new();
        for fold in 0..FOLDS {
            let (held, rest) = parts(&rows, fold);
            assert_eq!(held.len() + rest.len(), rows.len());
            assert!(held.iter().all(|row| !rest.contains(row)));
            assert!(held.iter().enumerate().all(|(place, row)| *row == place * FOLDS + fold));
            all.extend(held);
        }
        all.sort_unstable();
        assert_eq!(all, rows);
    }
}
