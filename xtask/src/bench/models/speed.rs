//! How fast the models are: the shipped encoders in every host, beside tract and ONNX Runtime on the same files, in one run.
//!
//! Every subject answers the same questions; what a question costs beside the work is taken off by asking it without. Subjects are
//! asked in turn, so that a noisy minute hits all of them.

pub mod builds;
pub mod figures;
pub mod subject;
mod tables;

use anyhow::Result;
use serde_json::{Value as Json, json};

use self::builds::Builds;
use self::figures::{Cost, cost};
use self::subject::Subject;

/// The encoders.
const MODELS: [&str; 2] = ["micro", "small"];
/// Pieces of a text: a few words, a sentence, the longest that the encoders read.
const LENGTHS: [usize; 3] = [8, 32, 128];
/// Texts in one question.
const TEXTS: [usize; 2] = [1, 16];
/// Vectors to search: a help centre, a large one, what nobody has.
const ROWS: [usize; 3] = [500, 10_000, 100_000];

/// How long things are measured.
#[derive(Debug, Clone, Copy)]
pub struct Pace {
    pub rounds: usize,
    /// How long the work of one question should take, in seconds.
    pub seconds: f64,
}

/// One row of a table: who, and a cost for each column.
type Row = (&'static str, Vec<Cost>);

/// The section of `BENCHMARKS.md`.
pub fn section(is_quick: bool) -> Result<String> {
    let pace = if is_quick { Pace { rounds: 1, seconds: 0.1 } } else { Pace { rounds: 3, seconds: 0.4 } };
    let builds = Builds::make()?;
    let mut subjects = builds.subjects()?;
    let start = start_up(&mut subjects, &builds, pace)?;
    let furthest = furthest(&mut subjects)?;
    let mut encoding = Vec::new();
    for model in MODELS {
        eprintln!("encoding with {model} …");
        encoding.push((model, encoding_of(&mut subjects, model, pace)?));
    }
    eprintln!("searching …");
    let searching = searching(&mut subjects, pace)?;
    Ok(tables::section(&tables::Measured { start, encoding, searching, furthest, sizes: builds.sizes()?, command: command_line(is_quick) }))
}

/// Start-up, by model: the first question, the second, and opening again what is warm.
fn start_up(subjects: &mut [Subject], builds: &Builds, pace: Pace) -> Result<Vec<(&'static str, Vec<tables::Start>)>> {
    let mut all = Vec::new();
    for model in MODELS {
        eprintln!("starting with {model} …");
        let mut rows = Vec::new();
        for subject in subjects.iter_mut() {
            let ids = ids(model, &[text(8)], builds)?;
            let question = json!({ "do": "encode", "model": model, "texts": [text(8)], "ids": ids, "times": 1 });
            // A process of its own for each model, so that neither finds the other's memory.
            let mut fresh = subject.again()?;
            let (first, _) = fresh.timed(&question)?;
            let (second, answer) = fresh.timed(&question)?;
            let opening =
                if subject.opens_for_long { None } else { Some(cost(&mut fresh, &json!({ "do": "load", "model": model }), pace)?) };
            rows.push(tables::Start {
                title: subject.title,
                first,
                second,
                opening,
                memory_bytes: answer["memory_bytes"].as_u64().filter(|it| *it > 0),
            });
        }
        all.push((model, rows));
    }
    Ok(all)
}

fn encoding_of(subjects: &mut [Subject], model: &str, pace: Pace) -> Result<Vec<Row>> {
    let mut rows: Vec<Row> = subjects.iter().filter(|it| !it.opens_for_long).map(|it| (it.title, Vec::new())).collect();
    for texts in TEXTS {
        for length in LENGTHS {
            let texts = vec![text(length); texts];
            let ids = subjects[0].ask(&json!({ "do": "encode", "model": model, "texts": texts, "times": 0 }))?["ids"].clone();
            anyhow::ensure!(ids[0].as_array().is_some_and(|ids| ids.len() == length), "the text of {length} pieces has others: {ids}");
            let question = json!({ "do": "encode", "model": model, "texts": texts, "ids": ids });
            let steady = subjects.iter_mut().filter(|it| !it.opens_for_long);
            for (subject, (_, costs)) in steady.zip(&mut rows) {
                costs.push(cost(subject, &question, pace)?);
            }
        }
    }
    Ok(rows)
}

fn searching(subjects: &mut [Subject], pace: Pace) -> Result<Vec<Row>> {
    let mut rows = Vec::new();
    for subject in subjects.iter_mut() {
        for &(title, is_scalar) in subject.searches {
            let costs = ROWS.map(|rows| cost(subject, &json!({ "do": "nearest", "rows": rows, "is_scalar": is_scalar }), pace));
            rows.push((title, costs.into_iter().collect::<Result<_>>()?));
        }
    }
    Ok(rows)
}

/// How far the vectors of each subject are from those of the first, over texts of every length.
fn furthest(subjects: &mut [Subject]) -> Result<Vec<(&'static str, f64)>> {
    let mut furthest: Vec<_> = subjects.iter().map(|it| (it.title, 0.0_f64)).collect();
    for model in MODELS {
        let texts = LENGTHS.map(text);
        let ids = subjects[0].ask(&json!({ "do": "encode", "model": model, "texts": texts, "times": 0 }))?["ids"].clone();
        let question = json!({ "do": "encode", "model": model, "texts": texts, "ids": ids, "times": 1 });
        let expected = numbers(&subjects[0].ask(&question)?);
        for (subject, (_, far)) in subjects.iter_mut().zip(&mut furthest) {
            let found = numbers(&subject.ask(&question)?);
            anyhow::ensure!(found.len() == expected.len(), "{} gives {} numbers instead of {}", subject.title, found.len(), expected.len());
            *far = found.iter().zip(&expected).map(|(a, b)| (a - b).abs()).fold(*far, f64::max);
        }
    }
    Ok(furthest)
}

fn numbers(answer: &Json) -> Vec<f64> {
    answer["vectors"].as_array().into_iter().flatten().filter_map(Json::as_array).flatten().filter_map(Json::as_f64).collect()
}

fn ids(model: &str, texts: &[String], builds: &Builds) -> Result<Json> {
    Ok(builds.native()?.ask(&json!({ "do": "encode", "model": model, "texts": texts, "times": 0 }))?["ids"].clone())
}

/// A text of so many pieces, those of its beginning and end included: both words are one piece each.
fn text(pieces: usize) -> String {
    vec!["the order"; (pieces - 2) / 2].join(" ")
}

fn command_line(is_quick: bool) -> &'static str {
    if is_quick { "cargo xtask bench models --only speed --quick" } else { "cargo xtask bench models --only speed" }
}
