//! How well tickets are routed: the function's own way to read, look and tell, with the heads that it ships, beside what is simpler.

mod cost;
mod counts;
mod keywords;
mod lessons;
mod rows;
mod seen;
mod systems;
mod tables;

use std::fmt::Write as _;

use anyhow::{Context, Result};
use ticket_route::classify::heads::Heads;

use self::rows::Ticket;
use self::seen::Kept;
use self::systems::{Linear, Sure, Told};
use self::tables::{CATEGORY, PRIORITY};
use crate::arguments::Arguments;

/// Rows that a quick run learns from, and those it asks.
const QUICK: (usize, usize) = (400, 60);

/// What is written.
pub struct Report {
    /// The section of `BENCHMARKS.md`.
    pub section: String,
    /// What of it the model's card shows.
    pub card: String,
}

/// Measures: of a file that was named what it tells, of our own dev set everything.
pub fn run(arguments: &Arguments) -> Result<Report> {
    let ours = arguments.models.join("data/tickets");
    let file = arguments.tickets.clone().unwrap_or_else(|| ours.join("dev.jsonl"));
    let (train, asked) = (rows::read(&ours.join("train.jsonl"))?, rows::read(&file)?);
    let (train, asked): (Vec<&Ticket>, Vec<&Ticket>) = if arguments.is_quick {
        let every = asked.len().div_ceil(QUICK.1).max(1);
        (train.iter().take(QUICK.0).collect(), asked.iter().step_by(every).collect())
    } else {
        (train.iter().collect(), asked.iter().collect())
    };
    let heads = Heads::shipped()
        .context("models/tickets/model.bin is damaged; `cargo run --profile tool -p ticket-route --example train` writes it")?;
    let is_ours = arguments.tickets.is_none();
    let kept = Kept::of(&arguments.cache, asked.iter().chain(train.iter().filter(|_| is_ours)).copied())?;

    eprintln!("{} …", file.display());
    let sure = systems::tell(heads, &kept, &asked)?;
    let mut section = told(&train, &asked, &sure);
    if !is_ours {
        return Ok(Report { section, card: String::new() });
    }
    section.push_str(&learnt(&kept, &train, &asked, Some(&sure[..]).filter(|_| !arguments.is_quick))?);
    let card = section.clone();
    section.push_str(&costs(heads, &kept, &train, &asked)?);
    Ok(Report { section, card })
}

/// What each system tells, and what the function's labels and probabilities are worth.
fn told(train: &[&Ticket], asked: &[&Ticket], sure: &[Sure]) -> String {
    let function: Vec<Told> = sure.iter().map(|it| it.told).collect();
    let linear = Linear::learn(train);
    let each = [
        ("always the majority", vec![systems::majority(train); asked.len()]),
        ("keywords", asked.iter().map(|it| systems::by_keywords(it)).collect()),
        ("TF-IDF + linear", asked.iter().map(|it| linear.tell(it)).collect()),
        ("the function", function.clone()),
    ];
    format!(
        "### Systems\n\n{}\n### The function's labels\n\n{}\n{}\n### Its confidence\n\n{}\n",
        tables::systems(asked, &each),
        tables::classes(CATEGORY, asked, &function),
        tables::classes(PRIORITY, asked, &function),
        tables::calibration(asked, sure)
    )
}

/// What the training rows are worth. `shipped` are the shipped heads' labels, if those learnt from all of these rows, as they should have.
fn learnt(kept: &Kept, train: &[&Ticket], asked: &[&Ticket], shipped: Option<&[Sure]>) -> Result<String> {
    eprintln!("{} folds of {} tickets …", lessons::FOLDS, train.len());
    let held = lessons::held_out(kept, train)?;
    let folds = [("TF-IDF + linear".to_owned(), &held.linear[..]), ("the function".to_owned(), &held.function[..])];
    eprintln!("the learning curve …");
    let curve = lessons::curve(kept, train, asked)?;
    let after = |rows: &usize, name: &str| format!("{name}, {rows} rows");
    let steps: Vec<(String, &[Told])> = curve
        .iter()
        .flat_map(|(rows, both)| [(after(rows, "TF-IDF + linear"), &both.linear[..]), (after(rows, "the function"), &both.function[..])])
        .collect();
    let note = curve.last().zip(shipped).map(|((_, both), shipped)| {
        let others = both.function.iter().zip(shipped).filter(|(anew, shipped)| **anew != shipped.told).count();
        format!("Of {} tickets the shipped heads label {others} otherwise than heads that learn from all of these rows now.\n", asked.len())
    });
    Ok(format!(
        "### {}-fold cross-validation on {} training tickets\n\n{}\n### Learnt from fewer rows\n\n{}\n{}\n",
        lessons::FOLDS,
        train.len(),
        tables::lessons(train, &folds),
        tables::lessons(asked, &steps),
        note.unwrap_or_default()
    ))
}

/// What it takes.
fn costs(heads: &Heads, kept: &Kept, train: &[&Ticket], asked: &[&Ticket]) -> Result<String> {
    eprintln!("what it takes …");
    let look = cost::look(heads, kept, asked)?;
    let micro = |time: std::time::Duration| format!("{:.0}", time.as_secs_f64() * 1e6);
    let mut text = format!(
        "### What it takes\n\nOn one thread, natively; medians.\n\n| a ticket | µs |\n|---|---:|\n| encode | {} |\n| hash its words, measure how near it is | {} |\n| decide: both heads, language, reasons | {} |\n\n\
         | both heads learn from | seconds |\n|---|---:|\n",
        micro(look.encode),
        micro(look.words),
        micro(look.decide)
    );
    for (examples, took) in cost::learning(kept, train)? {
        let _ = writeln!(text, "| {examples} examples | {:.2} |", took.as_secs_f64());
    }
    Ok(text)
}
