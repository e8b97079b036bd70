//! Each sentence should find its translation, each question its answer, among all.

use anyhow::Result;
use orilla_learn::bm25::Bm25;
use orilla_learn::fuse::fused;
use orilla_learn::matrix::dot;
use orilla_learn::words::Language;
use orilla_learn::{Matrix, Sparse};

use super::Line;
use super::centre::{BM25, DENSE, FUSED};
use crate::data::pairs::{Answered, Parallel};
use crate::figures::{Ranks, rank};
use crate::parallel;
use crate::system::System;

/// Top-1 from Spanish to English and back, for each set.
pub fn translations(systems: &[System], sets: &[Parallel]) -> Result<Vec<Line<f64>>> {
    eprintln!("translations …");
    parallel::map(systems, |system| {
        let mut values = Vec::new();
        for set in sets {
            let (english, spanish): (Vec<_>, Vec<_>) = set.pairs.iter().map(|pair| (pair.0.as_str(), pair.1.as_str())).unzip();
            let vectors = [&english, &spanish].map(|texts| system.vectors.matrix(texts.iter().copied()));
            let [in_english, in_spanish] = vectors;
            let (in_english, in_spanish) = (in_english?, in_spanish?);
            values.extend([
                ranks(&cosines(&in_spanish, &in_english), &english).first,
                ranks(&cosines(&in_english, &in_spanish), &spanish).first,
            ]);
        }
        Ok(Line { system: system.name.clone(), head: "", values })
    })
}

/// Question to answer: English to English, Spanish to Spanish, Spanish to English.
pub fn answers(systems: &[System], rows: &[Answered]) -> Result<Vec<Line<Ranks>>> {
    let sides = [(Language::English, Language::English), (Language::Spanish, Language::Spanish), (Language::Spanish, Language::English)];
    let mut lines: Vec<Line<Ranks>> = std::iter::once((BM25, ""))
        .chain(systems.iter().flat_map(|system| [DENSE, FUSED].map(|head| (system.name.as_str(), head))))
        .map(|(system, head)| Line { system: system.to_owned(), head, values: Vec::new() })
        .collect();
    for (asked, given) in sides {
        let (questions, answers) = (texts(rows, asked, |it| &it.0), texts(rows, given, |it| &it.1));
        let mut index = Bm25::default();
        (0..).zip(&answers).for_each(|(number, answer)| index.add(number, answer, given));
        let all = |found: &dyn Fn(&str) -> Sparse| -> Vec<Vec<f32>> {
            let of = |question: &&str| {
                let mut scores = vec![0.0; answers.len()];
                found(question).entries().iter().for_each(|(entry, score)| scores[*entry as usize] = *score);
                scores
            };
            questions.iter().map(of).collect()
        };
        let shares = all(&|question| index.shares(question));
        let mut values = vec![ranks(&all(&|question| index.scores(question)), &answers)];
        for system in systems {
            let matrix = |texts: &[&str]| system.vectors.matrix(texts.iter().copied());
            let cosines = cosines(&matrix(&questions)?, &matrix(&answers)?);
            let both =
                cosines.iter().zip(&shares).map(|(cosines, shares)| cosines.iter().zip(shares).map(|(a, b)| fused(*a, *b)).collect());
            values.extend([ranks(&cosines, &answers), ranks(&both.collect::<Vec<_>>(), &answers)]);
        }
        lines.iter_mut().zip(values).for_each(|(line, value)| line.values.push(value));
    }
    Ok(lines)
}

fn texts(rows: &[Answered], language: Language, part: fn(&(String, String)) -> &String) -> Vec<&str> {
    rows.iter().map(|row| part(if language == Language::Spanish { &row.spanish } else { &row.english }).as_str()).collect()
}

/// Shape: `[left, right]`.
fn cosines(left: &Matrix, right: &Matrix) -> Vec<Vec<f32>> {
    left.iter().map(|own| right.iter().map(|other| dot(own, other)).collect()).collect()
}

/// Where each row's partner stands, that of its own number. What is said twice is one: either is right.
fn ranks(scores: &[Vec<f32>], texts: &[&str]) -> Ranks {
    let alike = |at: usize| (0..texts.len()).filter(|other| texts[*other] == texts[at]).collect::<Vec<_>>();
    Ranks::of(&scores.iter().enumerate().map(|(at, scores)| rank(scores, &alike(at))).collect::<Vec<_>>())
}
