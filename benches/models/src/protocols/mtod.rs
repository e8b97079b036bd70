//! Spanish voice intents: learnt from English rows, or from a few Spanish ones.

use anyhow::Result;

use super::few_shot::DRAWS;
use super::full::LANDMARKS;
use super::{Accuracy, Kind, Line, Split, hits, lexical_hits, scores};
use crate::data::labelled::{Mtod, Numbers, Row};
use crate::parallel;
use crate::system::System;

/// Spanish examples of each intent. Source: the issue that asked for the bench.
const SHOTS: usize = 20;

/// Two columns: English training; 20 Spanish examples of each intent, the mean of five draws.
pub fn run(systems: &[System], sets: &Mtod) -> Result<Vec<Line<Option<Accuracy>>>> {
    eprintln!("MTOD-es …");
    let rows: Vec<Option<(&System, Kind)>> = std::iter::once(None)
        .chain(systems.iter().flat_map(|system| [Kind::Prototypes, Kind::Ridge, Kind::Fused].map(|kind| Some((system, kind)))))
        .collect();
    parallel::map(&rows, |row| {
        let over = |train: &[&Row], landmarks: Option<usize>| -> Result<Accuracy> {
            let numbers = Numbers::of(train.iter().copied());
            let found = match row {
                None => lexical_hits(train, &sets.spanish.test, &numbers),
                Some((system, kind)) => {
                    let (train, asked) =
                        (Split::of(system, train.iter().copied(), &numbers)?, Split::of(system, sets.spanish.test.iter(), &numbers)?);
                    hits(&scores(*kind, &train, &asked, landmarks)?, &asked.labels)
                }
            };
            Ok(Accuracy::of(&found, &sets.spanish.is_clean))
        };
        let english = over(&sets.english.iter().collect::<Vec<_>>(), Some(LANDMARKS))?;
        let draws: Vec<_> = (0..DRAWS).map(|seed| over(&sets.spanish.sample(SHOTS, seed), None)).collect::<Result<_>>()?;
        Ok(Line {
            system: row.map_or(super::LEXICAL.0, |row| &row.0.name).to_owned(),
            head: row.map_or(super::LEXICAL.1, |row| row.1.title()),
            values: vec![Some(english), Accuracy::mean(&draws)],
        })
    })
}
