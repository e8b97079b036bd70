//! Sentences and their translations, questions and their answers.

use std::collections::{BTreeMap, BTreeSet};
use std::path::Path;

use anyhow::Result;
use serde::Deserialize;

use super::{json_lines, text};

/// Sentences that mean the same.
#[derive(Debug)]
pub struct Parallel {
    pub name: &'static str,
    /// English and Spanish.
    pub pairs: Vec<(String, String)>,
}

/// The three published retrieval tests; none was trained on.
pub fn parallel(data: &Path) -> Result<Vec<Parallel>> {
    let tatoeba = |side: &str| text(&data.join(format!("tatoeba_laser/tatoeba.spa-eng.{side}.gz")));
    let (english, spanish) = (tatoeba("eng")?, tatoeba("spa")?);
    let columns = |name: &str| -> Result<Vec<(String, String)>> {
        let text = text(&data.join("parallel_en_es").join(name))?;
        let row = |line: &str| {
            let mut columns = line.split('\t').map(str::to_owned);
            Some((columns.next()?, columns.next()?))
        };
        Ok(text.lines().filter_map(row).collect())
    };
    Ok(vec![
        Parallel { name: "Tatoeba", pairs: english.lines().zip(spanish.lines()).map(|(a, b)| (a.to_owned(), b.to_owned())).collect() },
        Parallel { name: "test_2000", pairs: columns("test_2000.tsv.gz")? },
        Parallel { name: "NTREX-128", pairs: columns("test_only_ntrex128_ccbysa.tsv.gz")? },
    ])
}

/// A question with its answer, in both languages.
#[derive(Debug)]
pub struct Answered {
    pub english: (String, String),
    pub spanish: (String, String),
}

#[derive(Debug, Deserialize)]
struct Line {
    id: String,
    question: String,
    answer: String,
}

/// Aligned questions from documentation whose Spanish side does not occur in the parallel text, which the encoders read.
pub fn answered(data: &Path) -> Result<Vec<Answered>> {
    let lines = |language: &str| json_lines::<Line>(&data.join(format!("faq_pairs/{language}.jsonl")));
    let mut spanish: BTreeMap<String, Line> = lines("es")?.into_iter().map(|line| (line.id.clone(), line)).collect();
    let mut read = BTreeSet::new();
    for name in ["ccby.tsv.gz", "ccby_mt.tsv.gz"] {
        let text = text(&data.join("parallel_en_es").join(name))?;
        read.extend(text.lines().filter_map(|line| Some(line.split('\t').nth(1)?.trim().to_lowercase())));
    }
    let is_new = |line: &Line| !read.contains(&line.question.trim().to_lowercase());
    let pair = |line: Line| (line.question, line.answer);
    let aligned = lines("en")?.into_iter().filter_map(|line| Some((spanish.remove(&line.id)?, line)));
    Ok(aligned.filter(|(es, _)| is_new(es)).map(|(es, en)| Answered { english: pair(en), spanish: pair(es) }).collect())
}
