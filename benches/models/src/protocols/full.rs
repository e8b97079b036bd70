//! All training rows.

use anyhow::Result;

use super::{Accuracy, Kind, Line, Split, hits, lexical_hits, scores};
use crate::data::labelled::{Labelled, Numbers};
use crate::parallel;
use crate::system::System;

/// Examples that keep a weight. Chosen: ten of each of CLINC150's labels, and more is slow on two cores.
pub const LANDMARKS: usize = 1_500;

const KINDS: [Kind; 3] = [Kind::Prototypes, Kind::Ridge, Kind::Fused];

/// A column for each set.
pub fn run(systems: &[System], sets: &[Labelled]) -> Result<Vec<Line<Option<Accuracy>>>> {
    eprintln!("all training rows …");
    let jobs: Vec<_> = std::iter::once(None)
        .chain(systems.iter().flat_map(|system| KINDS.map(|kind| Some((system, kind)))))
        .flat_map(|row| sets.iter().map(move |set| (row, set)))
        .collect();
    let found = parallel::map(&jobs, |&(row, set)| {
        let numbers = Numbers::of(set.train.iter());
        let Some((system, kind)) = row else {
            let train: Vec<_> = set.train.iter().collect();
            return Ok::<_, anyhow::Error>(Accuracy::of(&lexical_hits(&train, &set.test, &numbers), &set.is_clean));
        };
        let (train, asked) = (Split::of(system, set.train.iter(), &numbers)?, Split::of(system, set.test.iter(), &numbers)?);
        Ok(Accuracy::of(&hits(&scores(kind, &train, &asked, Some(LANDMARKS))?, &asked.labels), &set.is_clean))
    })?;
    let lines = jobs.chunks(sets.len()).zip(found.chunks(sets.len()));
    Ok(lines
        .map(|(jobs, values)| Line {
            system: jobs[0].0.map_or(super::LEXICAL.0, |row| &row.0.name).to_owned(),
            head: jobs[0].0.map_or(super::LEXICAL.1, |row| row.1.title()),
            values: values.iter().copied().map(Some).collect(),
        })
        .collect())
}
