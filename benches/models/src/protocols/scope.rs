//! In scope or not: the area over all thresholds, and what one threshold keeps and refuses.

use anyhow::Result;
use orilla_learn::abstain::{Scope, threshold};
use orilla_learn::heads::{Head, KernelRidge, Prototypes};
use orilla_learn::{Matrix, Sparse};

use super::{Kind, Line, Split, hits, views};
use crate::data::labelled::{Labelled, Numbers, Row};
use crate::figures::{accuracy, auroc, reached};
use crate::parallel;
use crate::random::Random;
use crate::system::System;
use crate::tfidf::TfIdf;

/// Rows that heads learn from. Chosen: what one system of equations holds in comfort.
pub const ROWS: usize = 3_000;
/// What a threshold keeps of what is in scope. Source: the issue that asked for the bench.
const KEEP: f32 = 0.95;

/// What is known of one system on one set, in percent.
#[derive(Debug, Clone, Copy)]
pub struct Figures {
    pub auroc: f64,
    /// Of the test in scope, with no threshold.
    pub accuracy: f64,
    /// With the threshold from validation rows.
    pub validated: Threshold,
    /// With the threshold from the examples alone.
    pub left_out: Option<Threshold>,
}

/// What a threshold does to the test.
#[derive(Debug, Clone, Copy)]
pub struct Threshold {
    pub kept: f64,
    pub refused: f64,
}

impl Threshold {
    fn of(inside: &[f32], outside: &[f32], least: f32) -> Self {
        Self { kept: reached(inside, least), refused: 100.0 - reached(outside, least) }
    }
}

/// A column for each set.
pub fn run(systems: &[System], sets: &[&Labelled]) -> Result<Vec<Line<Figures>>> {
    eprintln!("out of scope …");
    let rows: Vec<Option<(&System, Kind)>> = std::iter::once(None)
        .chain(systems.iter().flat_map(|system| [Kind::Ridge, Kind::Fused].map(|kind| Some((system, kind)))))
        .collect();
    let jobs: Vec<_> = rows.iter().flat_map(|row| sets.iter().map(move |set| (*row, *set))).collect();
    let found = parallel::map(&jobs, |&(row, set)| {
        let all: Vec<&Row> = set.train.iter().collect();
        let chosen = Random::new(0).sample(&all, ROWS);
        let numbers = Numbers::of(chosen.iter().copied());
        match row {
            None => Ok(lexical(&chosen, set, &numbers)?),
            Some((system, kind)) => with_heads(system, kind, &chosen, set, &numbers),
        }
    })?;
    let lines = rows.iter().zip(found.chunks(sets.len()));
    Ok(lines
        .map(|(row, values)| Line {
            system: row.map_or(super::LEXICAL.0, |row| &row.0.name).to_owned(),
            head: row.map_or(super::LEXICAL.1, |row| row.1.title()),
            values: values.to_vec(),
        })
        .collect())
}

/// The highest margin decides.
fn lexical(chosen: &[&Row], set: &Labelled, numbers: &Numbers<'_>) -> Result<Figures> {
    let texts: Vec<_> = chosen.iter().map(|row| row.0.as_str()).collect();
    let head = TfIdf::new(&texts, &chosen.iter().map(|row| numbers.get(row)).collect::<Vec<_>>());
    let margin = |text: &str| head.scores(text).into_iter().fold(f32::NEG_INFINITY, f32::max);
    let of = |rows: &[Row]| rows.iter().map(|row| margin(&row.0)).collect::<Vec<_>>();
    let outside: Vec<_> = set.outside.iter().map(|text| margin(text)).collect();
    let (inside, least) = (of(&set.test), threshold(&of(&set.validation), KEEP)?);
    let scores: Vec<_> = set.test.iter().map(|row| head.scores(&row.0)).collect();
    Ok(Figures {
        auroc: auroc(&inside, &outside),
        accuracy: accuracy(&hits(&scores, &set.test.iter().map(|row| numbers.get(row)).collect::<Vec<_>>())),
        validated: Threshold::of(&inside, &outside, least),
        left_out: None,
    })
}

/// [`Scope`] decides: the best ridge score and the best prototype cosine together.
fn with_heads(system: &System, kind: Kind, chosen: &[&Row], set: &Labelled, numbers: &Numbers<'_>) -> Result<Figures> {
    let train = Split::of(system, chosen.iter().copied(), numbers)?;
    let own: &[Sparse] = if kind == Kind::Fused { &train.views } else { &[] };
    let (ridge, prototypes) = (KernelRidge::fused(train.examples()?, own)?, Prototypes::new(train.examples()?)?);
    let nothing = Sparse::default();
    let ask = |vectors: &Matrix, views: &[Sparse]| -> Result<(Matrix, Matrix)> {
        let view = |at: usize| if own.is_empty() { &nothing } else { &views[at] };
        let ridge: Vec<_> = vectors.iter().enumerate().map(|(at, it)| ridge.scores_fused(it, view(at))).collect::<Result<_, _>>()?;
        let cosines: Vec<_> = vectors.iter().map(|it| prototypes.scores(it)).collect::<Result<_, _>>()?;
        Ok((Matrix::from_rows(&ridge)?, Matrix::from_rows(&cosines)?))
    };
    let (validation, test) = (Split::of(system, set.validation.iter(), numbers)?, Split::of(system, set.test.iter(), numbers)?);
    let outside = system.vectors.matrix(set.outside.iter().map(String::as_str))?;
    let validation = ask(&validation.vectors, &validation.views)?;
    let inside = ask(&test.vectors, &test.views)?;
    let outside = ask(&outside, &views(set.outside.iter().map(String::as_str))?)?;
    // Above zero is in scope: the threshold is in the slack.
    let judged = |scope: &Scope| {
        let slacks =
            |it: &(Matrix, Matrix)| it.0.iter().zip(it.1.iter()).map(|(ridge, cosines)| scope.slack(ridge, cosines)).collect::<Vec<_>>();
        (slacks(&inside), slacks(&outside))
    };
    let validated = judged(&Scope::new(&validation.0, &validation.1, KEEP)?);
    let left_out = judged(&Scope::new(ridge.leave_one_out(), prototypes.leave_one_out(), KEEP)?);
    let scores: Vec<_> = inside.0.iter().map(<[f32]>::to_vec).collect();
    Ok(Figures {
        auroc: auroc(&validated.0, &validated.1),
        accuracy: accuracy(&hits(&scores, &test.labels)),
        validated: Threshold::of(&validated.0, &validated.1, 0.0),
        left_out: Some(Threshold::of(&left_out.0, &left_out.1, 0.0)),
    })
}
