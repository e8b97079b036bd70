//! 10 or 5 examples of each label, the test official and clean, the mean of several draws.

use anyhow::Result;

use super::{Accuracy, Kind, Line, Split, hits, lexical_hits, scores};
use crate::data::labelled::{Labelled, Numbers};
use crate::parallel;
use crate::system::System;

/// Examples of each label, and draws. Source: the published protocol, Casanueva et al. 2020, §4; there with 3 draws.
pub const SHOTS: [usize; 2] = [10, 5];
pub const DRAWS: u64 = 5;

/// Draws of logistic regression, with the larger number of examples alone: it takes ten times as long as all other heads together.
pub const LOGISTIC_DRAWS: u64 = 2;

const KINDS: [Kind; 6] = [Kind::Prototypes, Kind::Nearest, Kind::Discriminant, Kind::Logistic, Kind::Ridge, Kind::Fused];

/// A column for each set and number of shots, sets first within a number; a line for each system and head.
pub fn run(systems: &[System], sets: &[Labelled], draws: u64) -> Result<Vec<Line<Option<Accuracy>>>> {
    let columns: Vec<(usize, &Labelled)> = SHOTS.iter().flat_map(|&shots| sets.iter().map(move |set| (shots, set))).collect();
    let rows: Vec<(Option<&System>, Option<Kind>)> =
        std::iter::once((None, None)).chain(systems.iter().flat_map(|system| KINDS.map(|kind| (Some(system), Some(kind))))).collect();
    let mut lines: Vec<Line<Option<Accuracy>>> = rows
        .iter()
        .map(|(system, kind)| Line {
            system: system.map_or(super::LEXICAL.0, |system| &system.name).to_owned(),
            head: kind.map_or(super::LEXICAL.1, Kind::title),
            values: Vec::new(),
        })
        .collect();
    for (shots, set) in columns {
        eprintln!("{} with {shots} examples a label …", set.name);
        let numbers = Numbers::of(set.train.iter());
        let jobs: Vec<_> =
            (0..draws).flat_map(|seed| std::iter::once(None).chain(systems.iter().map(Some)).map(move |it| (seed, it))).collect();
        // By draw and system, an accuracy for each head.
        let found = parallel::map(&jobs, |&(seed, system)| {
            let chosen = set.sample(shots, seed);
            let Some(system) = system else {
                return Ok::<_, anyhow::Error>(vec![Some(Accuracy::of(&lexical_hits(&chosen, &set.test, &numbers), &set.is_clean))]);
            };
            let train = Split::of(system, chosen.iter().copied(), &numbers)?;
            let asked = Split::of(system, set.test.iter(), &numbers)?;
            let is_run = |kind: Kind| kind != Kind::Logistic || seed < LOGISTIC_DRAWS && shots == SHOTS[0];
            let of = |kind| Ok(Accuracy::of(&hits(&scores(kind, &train, &asked, None)?, &asked.labels), &set.is_clean));
            KINDS.iter().map(|kind| is_run(*kind).then(|| of(*kind)).transpose()).collect()
        })?;
        let by_draw: Vec<Vec<Option<Accuracy>>> = found.chunks(systems.len() + 1).map(|draw| draw.concat()).collect();
        for (at, line) in lines.iter_mut().enumerate() {
            line.values.push(Accuracy::mean(&by_draw.iter().filter_map(|draw| draw[at]).collect::<Vec<_>>()));
        }
    }
    Ok(lines)
}
