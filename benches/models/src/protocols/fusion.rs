//! How dense and lexical scores were put together: the forms that were compared, on the intents that encoders are trained on.
//!
//! The encoders have read these intents, so their cosines look better here than they are, and words look worse: a form is taken if it
//! loses nowhere, not for what it wins. The teacher has not read them.

use anyhow::Result;
use orilla_learn::words::Language;

use super::Line;
use super::centre::{Index, Scores};
use crate::data::centres::Centre;
use crate::figures::{Ranks, rank};
use crate::parallel;
use crate::system::System;

/// The files of dense help centres, whose entries are easily confused, begin so.
const DENSE: &str = "centre-";

/// How cosines and words are put together.
#[derive(Debug, Clone, Copy)]
enum Form {
    Dense,
    Lexical,
    /// Cosine + part × BM25 / the best entry's BM25.
    OfBest(f32),
    /// Reciprocal ranks. Source: Cormack, Clarke & Büttcher 2009, k = 60.
    Ranks,
    /// Deviations from each list's mean, weighed.
    Deviations(f32),
    /// Cosine + part × a power of [`orilla_learn::bm25::Bm25::shares`].
    Share(f32, i32),
}

const FORMS: [(Form, &str); 12] = [
    (Form::Dense, "dense"),
    (Form::Lexical, "BM25"),
    (Form::OfBest(0.1), "+ 0.1 × of the best BM25"),
    (Form::OfBest(0.3), "+ 0.3 × of the best BM25"),
    (Form::Ranks, "reciprocal ranks"),
    (Form::Deviations(0.2), "deviations + 0.2 × BM25's"),
    (Form::Share(0.05, 1), "+ 0.05 × share"),
    (Form::Share(0.2, 1), "+ 0.2 × share"),
    (Form::Share(0.3, 2), "+ 0.3 × share²"),
    (Form::Share(0.5, 2), "+ 0.5 × share²"),
    (Form::Share(1.0, 3), "+ share³, as shipped"),
    (Form::Share(2.0, 3), "+ 2 × share³"),
];

impl Form {
    fn combine(self, scores: &Scores) -> Vec<f32> {
        let each = |lexical: &[f32], part: f32| scores.cosines.iter().zip(lexical).map(|(cosine, words)| cosine + part * words).collect();
        match self {
            Self::Dense => scores.cosines.clone(),
            Self::Lexical => scores.bm25.clone(),
            Self::OfBest(part) => {
                let most = scores.bm25.iter().copied().fold(f32::MIN_POSITIVE, f32::max);
                each(&scores.bm25.iter().map(|score| score / most).collect::<Vec<_>>(), part)
            }
            Self::Ranks => {
                let (dense, lexical) = (places(&scores.cosines), places(&scores.bm25));
                dense.iter().zip(lexical).map(|(dense, lexical)| 1.0 / (60.0 + dense) + 1.0 / (60.0 + lexical)).collect()
            }
            Self::Deviations(part) => {
                let (dense, lexical) = (deviations(&scores.cosines), deviations(&scores.bm25));
                dense.iter().zip(lexical).map(|(dense, lexical)| dense + part * lexical).collect()
            }
            Self::Share(part, power) => each(&scores.shares.iter().map(|share| share.powi(power)).collect::<Vec<_>>(), part),
        }
    }
}

/// Places from 1; of equals each has the last place of them.
fn places(scores: &[f32]) -> Vec<f32> {
    scores.iter().map(|own| scores.iter().filter(|score| *score >= own).count() as f32).collect()
}

fn deviations(scores: &[f32]) -> Vec<f32> {
    let count = scores.len() as f32;
    let mean = scores.iter().sum::<f32>() / count;
    let deviation = (scores.iter().map(|score| (score - mean).powi(2)).sum::<f32>() / count).sqrt();
    scores.iter().map(|score| if deviation > 0.0 { (score - mean) / deviation } else { 0.0 }).collect()
}

/// Top-1 by column: English and Spanish of mixed files, English and Spanish of dense help centres.
pub fn run(systems: &[System], centres: &[Centre]) -> Result<Vec<Line<f64>>> {
    eprintln!("forms of fusion on training intents …");
    let by_system = parallel::map(systems, |system| {
        // By form and column.
        let mut ranks = vec![[(); 4].map(|()| Vec::new()); FORMS.len()];
        for centre in centres {
            for language in [Language::English, Language::Spanish] {
                let index = Index::new(centre, language);
                for query in centre.queries.iter().filter(|query| query.language == language) {
                    let scores = index.scores(Some(system), query)?;
                    let right = index.right(query);
                    for ((form, _), ranks) in FORMS.iter().zip(&mut ranks) {
                        let column = usize::from(language == Language::Spanish) + 2 * usize::from(centre.name.starts_with(DENSE));
                        ranks[column].push(rank(&form.combine(&scores), &right));
                    }
                }
            }
        }
        let line = |((_, title), ranks): (&(Form, &'static str), [Vec<usize>; 4])| Line {
            system: system.name.clone(),
            head: title,
            values: ranks.iter().map(|ranks| Ranks::of(ranks).first).collect(),
        };
        Ok::<_, anyhow::Error>(FORMS.iter().zip(ranks).map(line).collect::<Vec<_>>())
    })?;
    Ok(by_system.concat())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn forms_agree_with_their_definitions() {
        let scores = Scores { cosines: vec![0.5, 0.6, 0.1], shares: vec![0.5, 0.0, 0.0], bm25: vec![4.0, 0.0, 2.0] };
        let near = |form: Form, expect: [f32; 3]| {
            let found = form.combine(&scores);
            assert!(found.iter().zip(expect).all(|(a, b)| (a - b).abs() < 1e-6), "{form:?}: {found:?}");
        };
        near(Form::OfBest(0.3), [0.8, 0.6, 0.25]);
        near(Form::Share(0.3, 1), [0.65, 0.6, 0.1]);
        near(Form::Share(1.0, 3), [0.625, 0.6, 0.1]);
        near(Form::Ranks, [1.0 / 62.0 + 1.0 / 61.0, 1.0 / 61.0 + 1.0 / 63.0, 1.0 / 63.0 + 1.0 / 62.0]);
        assert_eq!(places(&[0.0, 0.0, 1.0]), [3.0, 3.0, 1.0]);
        assert_eq!(deviations(&[1.0, 1.0]), [0.0, 0.0]);
    }
}
