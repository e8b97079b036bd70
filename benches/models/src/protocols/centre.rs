//! Which entry of a help centre answers a question: dense, lexical and both together, within a language and across.

use anyhow::Result;
use orilla_learn::bm25::Bm25;
use orilla_learn::fuse::fused;
use orilla_learn::matrix::dot;
use orilla_learn::words::Language;

use super::Line;
use crate::data::centres::{Centre, Query};
use crate::figures::{Ranks, auroc, rank};
use crate::parallel;
use crate::system::System;

/// Language of the questions and of the entries.
pub const SIDES: [(Language, Language); 3] =
    [(Language::English, Language::English), (Language::Spanish, Language::Spanish), (Language::Spanish, Language::English)];

/// What the tables call the ways to score an entry.
pub const BM25: &str = "BM25";
pub const DENSE: &str = "dense";
pub const FUSED: &str = "fused, as shipped";

/// What one system does with one pair of languages.
#[derive(Debug, Clone, Copy)]
pub struct Figures {
    pub ranks: Ranks,
    /// Questions that an entry answers against those that none does, by the best entry's score; none where no strangers are known.
    pub auroc: Option<f64>,
}

/// The entries of one language.
pub struct Index {
    ids: Vec<String>,
    pub texts: Vec<String>,
    words: Bm25,
}

/// What a question has in common with each entry.
pub struct Scores {
    pub cosines: Vec<f32>,
    pub shares: Vec<f32>,
    pub bm25: Vec<f32>,
}

impl Index {
    /// Of a centre.
    pub fn new(centre: &Centre, language: Language) -> Self {
        let entries: Vec<_> = centre.entries.iter().filter(|entry| entry.language == language).collect();
        let mut words = Bm25::default();
        (0..).zip(&entries).for_each(|(number, entry)| words.add(number, &entry.text, language));
        Self { ids: entries.iter().map(|it| it.id.clone()).collect(), texts: entries.iter().map(|it| it.text.clone()).collect(), words }
    }

    /// Where the answers of a question stand.
    pub fn right(&self, query: &Query) -> Vec<usize> {
        self.ids.iter().enumerate().filter(|(_, id)| query.answers.contains(id)).map(|it| it.0).collect()
    }

    /// Of one question; without a system there are no cosines.
    pub fn scores(&self, system: Option<&System>, query: &Query) -> Result<Scores> {
        let all = |found: orilla_learn::Sparse| {
            let mut scores = vec![0.0; self.ids.len()];
            found.entries().iter().for_each(|(entry, score)| scores[*entry as usize] = *score);
            scores
        };
        let cosines = system.map(|system| -> Result<Vec<f32>> {
            let own = system.vectors.matrix(std::iter::once(query.text.as_str()))?;
            let entries = system.vectors.matrix(self.texts.iter().map(String::as_str))?;
            Ok(entries.iter().map(|entry| dot(entry, own.row(0))).collect())
        });
        Ok(Scores {
            cosines: cosines.transpose()?.unwrap_or_default(),
            shares: all(self.words.shares(&query.text)),
            bm25: all(self.words.scores(&query.text)),
        })
    }
}

/// A column for each pair of languages; a line for BM25, and two for each system. None where the centre has no such questions or entries.
pub fn run(systems: &[System], centre: &Centre) -> Result<Vec<Line<Option<Figures>>>> {
    eprintln!("{} …", centre.name);
    let rows: Vec<(Option<&System>, &'static str)> =
        std::iter::once((None, BM25)).chain(systems.iter().flat_map(|system| [(Some(system), DENSE), (Some(system), FUSED)])).collect();
    parallel::map(&rows, |&(system, head)| {
        let values = SIDES.iter().map(|&(asked, indexed)| {
            let index = Index::new(centre, indexed);
            let (mut ranks, mut inside, mut outside) = (Vec::new(), Vec::new(), Vec::new());
            for query in centre.queries.iter().filter(|query| query.language == asked) {
                let found = index.scores(system, query)?;
                let scores = match head {
                    BM25 => found.bm25,
                    DENSE => found.cosines,
                    _ => found.cosines.iter().zip(&found.shares).map(|(cosine, share)| fused(*cosine, *share)).collect(),
                };
                let right = index.right(query);
                let best = scores.iter().copied().fold(f32::NEG_INFINITY, f32::max);
                if query.answers.is_empty() {
                    outside.push(best);
                } else if !right.is_empty() {
                    inside.push(best);
                    ranks.push(rank(&scores, &right));
                }
            }
            let is_known = !inside.is_empty() && !outside.is_empty();
            Ok((!ranks.is_empty()).then(|| Figures { ranks: Ranks::of(&ranks), auroc: is_known.then(|| auroc(&inside, &outside)) }))
        });
        let name = system.map_or(BM25, |system| &system.name).to_owned();
        Ok(Line { system: name, head: if system.is_none() { "" } else { head }, values: values.collect::<Result<_>>()? })
    })
}
