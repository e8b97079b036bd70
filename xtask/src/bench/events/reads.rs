//! How long the questions take: runs the events function's own example, which makes the stores and asks.

use std::fmt::Write as _;

use anyhow::{Context, Result};
use serde::Deserialize;

use crate::{paths, process, toolchain};

/// One store and its questions, as the example tells them.
#[derive(Debug, Deserialize)]
pub struct Store {
    pub events: u64,
    people: u64,
    bytes_each: u64,
    questions: Vec<Question>,
}

#[derive(Debug, Deserialize)]
struct Question {
    name: String,
    wall_ms: f64,
    processor_ms: f64,
}

/// Asks stores of so many events.
pub fn run(counts: &[u64]) -> Result<Vec<Store>> {
    let mut cargo = toolchain::host_cargo();
    cargo.args(["run", "--release", "--quiet", "-p", "track-events", "--example", "reads", "--", "--json"]);
    cargo.args(counts.iter().map(u64::to_string)).current_dir(paths::root());
    let text = process::output(&mut cargo, "ask the questions of the events function")?;
    text.lines().map(|line| serde_json::from_str(line).with_context(|| format!("the example said: {line}"))).collect()
}

/// The times, a column for each store.
pub fn table(stores: &[Store]) -> String {
    let mut text = String::new();
    let mut row = |name: &str, cell: &dyn Fn(&Store) -> String| {
        let _ = writeln!(text, "| {name} | {} |", stores.iter().map(cell).collect::<Vec<_>>().join(" | "));
    };
    row("", &|store| format!("{} events", grouped(store.events)));
    row("---", &|_| "---:".to_owned());
    row("people", &|store| grouped(store.people));
    row("bytes per stored event, indexes included", &|store| grouped(store.bytes_each));
    let questions = stores.first().map_or(&[][..], |store| &store.questions);
    for (index, question) in questions.iter().enumerate() {
        row(&question.name, &|store| store.questions.get(index).map_or_else(|| "–".to_owned(), |it| milliseconds(it.wall_ms)));
    }
    text
}

/// The share of the time that the processor worked, over all questions of the largest store.
pub fn busy(stores: &[Store]) -> f64 {
    let Some(store) = stores.last() else { return 0.0 };
    let sum = |of: fn(&Question) -> f64| store.questions.iter().map(of).sum::<f64>();
    sum(|it| it.processor_ms) / sum(|it| it.wall_ms).max(f64::MIN_POSITIVE)
}

fn milliseconds(value: f64) -> String {
    if value < 9.95 { format!("{value:.1} ms") } else { format!("{} ms", grouped(value.round() as u64)) }
}

/// A number with its thousands apart.
pub fn grouped(number: u64) -> String {
    let digits = number.to_string();
    let first = digits.len() % 3;
    let mut text = String::new();
    for (index, digit) in digits.chars().enumerate() {
        if index > 0 && index % 3 == first {
            text.push(',');
        }
        text.push(digit);
    }
    text
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn numbers_are_grouped_by_thousands() {
        let check = |number, text| assert_eq!(grouped(number), text);
        check(0, "0");
        check(999, "999");
        check(1_000, "1,000");
        check(12_345, "12,345");
        check(1_234_567, "1,234,567");
    }

    #[test]
    fn the_table_has_a_column_for_each_store() {
        let store = |events, wall| {
            format!(r#"{{"events":{events},"people":7,"bytes_each":1111,"questions":[{{"name":"q","wall_ms":{wall},"processor_ms":1}}]}}"#)
        };
        let stores: Vec<Store> =
            [store(10_000, 1.25), store(1_000_000, 1234.5)].iter().map(|line| serde_json::from_str(line).unwrap()).collect();
        let table = table(&stores);
        assert_eq!(
            table,
            "|  | 10,000 events | 1,000,000 events |\n| --- | ---: | ---: |\n| people | 7 | 7 |\n| bytes per stored event, indexes included | 1,111 | 1,111 |\n\
             | q | 1.2 ms | 1,235 ms |\n"
        );
    }
}
