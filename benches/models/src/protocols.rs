//! The protocols: how a system is asked, and what is counted.

pub mod centre;
pub mod few_shot;
pub mod full;
pub mod fusion;
pub mod mtod;
pub mod parallel;
pub mod scope;

use anyhow::Result;
use orilla_learn::hashed::Recipe;
use orilla_learn::heads::{Discriminant, Examples, Head, KernelRidge, LandmarkRidge, Logistic, Nearest, Prototypes};
use orilla_learn::{Matrix, Sparse};

use crate::data::labelled::{Numbers, Row};
use crate::figures::{accuracy, best};
use crate::system::System;
use crate::tfidf::TfIdf;

/// Which head stands on the vectors.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Kind {
    Prototypes,
    Nearest,
    Discriminant,
    Logistic,
    Ridge,
    Fused,
}

impl Kind {
    /// What the tables call it.
    pub const fn title(self) -> &'static str {
        match self {
            Self::Prototypes => "prototypes",
            Self::Nearest => "5 nearest",
            Self::Discriminant => "LDA",
            Self::Logistic => "logistic",
            Self::Ridge => "kernel ridge",
            Self::Fused => "fused, as shipped",
        }
    }
}

/// What the tables call the baseline and what stands on it.
pub const LEXICAL: (&str, &str) = ("TF-IDF", "linear SVM");

/// Neighbours that vote. Chosen: as many as the fewest examples of a label.
const NEIGHBOURS: usize = 5;
/// How far LDA's covariance is shrunk. Chosen; not searched.
const SHRINKAGE: f64 = 0.5;
/// How much logistic regression trusts the examples. Chosen; not searched.
const TRUST: f64 = 10.0;

/// The second view that ships beside the vectors: character n-grams of 2 to 5, words and pairs, hashed to 2¹⁸ buckets.
pub fn views<'a>(texts: impl Iterator<Item = &'a str>) -> Result<Vec<Sparse>> {
    let recipe = Recipe::new(18, 2, 5)?;
    Ok(texts.map(|text| recipe.features(text)).collect())
}

/// Texts with labels, as a head wants them.
pub struct Split {
    pub vectors: Matrix,
    pub views: Vec<Sparse>,
    pub labels: Vec<usize>,
}

impl Split {
    /// Of rows whose texts the system has encoded.
    pub fn of<'a>(system: &System, rows: impl ExactSizeIterator<Item = &'a Row> + Clone, numbers: &Numbers<'_>) -> Result<Self> {
        Ok(Self {
            vectors: system.vectors.matrix(rows.clone().map(|row| row.0.as_str()))?,
            views: views(rows.clone().map(|row| row.0.as_str()))?,
            labels: rows.map(|row| numbers.get(row)).collect(),
        })
    }

    /// The vectors and labels to learn from.
    pub fn examples(&self) -> Result<Examples> {
        Ok(Examples::new(self.vectors.clone(), self.labels.clone())?)
    }
}

/// A head with its second view.
type Scorer<'a> = dyn Fn(&[f32], &Sparse) -> Result<Vec<f32>, orilla_learn::Error> + 'a;

/// Scores of every query, by one head. With `landmarks`, ridge heads keep weights for so many examples only.
///
/// Shape: `[queries]` rows of `[classes]`.
pub fn scores(kind: Kind, train: &Split, asked: &Split, landmarks: Option<usize>) -> Result<Vec<Vec<f32>>> {
    let examples = train.examples()?;
    let own: &[Sparse] = if kind == Kind::Fused { &train.views } else { &[] };
    let each =
        |head: &dyn Head| -> Result<Vec<Vec<f32>>> { Ok(asked.vectors.iter().map(|query| head.scores(query)).collect::<Result<_, _>>()?) };
    let with_views = |score: &Scorer<'_>| -> Result<Vec<Vec<f32>>> {
        let nothing = Sparse::default();
        let pairs = asked.vectors.iter().zip(&asked.views);
        Ok(pairs.map(|(query, view)| score(query, if own.is_empty() { &nothing } else { view })).collect::<Result<_, _>>()?)
    };
    match (kind, landmarks) {
        (Kind::Prototypes, _) => each(&Prototypes::new(examples)?),
        (Kind::Nearest, _) => each(&Nearest::new(examples, NEIGHBOURS)?),
        (Kind::Discriminant, _) => each(&Discriminant::new(&examples, SHRINKAGE)?),
        (Kind::Logistic, _) => each(&Logistic::new(&examples, TRUST)?),
        (Kind::Ridge | Kind::Fused, None) => {
            let head = KernelRidge::fused(examples, own)?;
            with_views(&|query, view| head.scores_fused(query, view))
        }
        (Kind::Ridge | Kind::Fused, Some(landmarks)) => {
            let head = LandmarkRidge::new(examples, own, landmarks)?;
            with_views(&|query, view| head.scores_fused(query, view))
        }
    }
}

/// Whether each query's best class is its own.
pub fn hits(scores: &[Vec<f32>], labels: &[usize]) -> Vec<bool> {
    scores.iter().zip(labels).map(|(scores, label)| best(scores) == *label).collect()
}

/// The same for the lexical baseline.
pub fn lexical_hits(train: &[&Row], test: &[Row], numbers: &Numbers<'_>) -> Vec<bool> {
    let texts: Vec<_> = train.iter().map(|row| row.0.as_str()).collect();
    let labels: Vec<_> = train.iter().map(|row| numbers.get(row)).collect();
    let head = TfIdf::new(&texts, &labels);
    test.iter().map(|row| best(&head.scores(&row.0)) == numbers.get(row)).collect()
}

/// Accuracy on the official test and on its clean rows, in percent.
#[derive(Debug, Clone, Copy)]
pub struct Accuracy {
    pub official: f64,
    pub clean: f64,
}

impl Accuracy {
    /// Of what each row was.
    pub fn of(hits: &[bool], is_clean: &[bool]) -> Self {
        let clean: Vec<bool> = hits.iter().zip(is_clean).filter(|it| *it.1).map(|it| *it.0).collect();
        Self { official: accuracy(hits), clean: accuracy(&clean) }
    }

    /// The mean of several runs; nothing of none.
    pub fn mean(runs: &[Self]) -> Option<Self> {
        let over = |part: &dyn Fn(&Self) -> f64| crate::figures::mean(&runs.iter().map(part).collect::<Vec<_>>());
        (!runs.is_empty()).then(|| Self { official: over(&|run| run.official), clean: over(&|run| run.clean) })
    }
}

/// A row of a table: a system, what stands on it, and its figures by column.
#[derive(Debug, Clone)]
pub struct Line<T> {
    pub system: String,
    pub head: &'static str,
    pub values: Vec<T>,
}
