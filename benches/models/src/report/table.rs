//! One Markdown table.

use std::fmt::Write as _;

use crate::figures::Ranks;
use crate::protocols::Accuracy;

/// A table in the making; the first column names a system.
pub struct Table {
    text: String,
    columns: usize,
}

impl Table {
    /// With the names of all columns but the first.
    pub fn new(columns: impl Iterator<Item = String>) -> Self {
        let columns: Vec<_> = columns.collect();
        let text = format!("| | {} |\n|---|{}\n", columns.join(" | "), "---:|".repeat(columns.len()));
        Self { text, columns: columns.len() }
    }

    /// Adds a row.
    pub fn push(&mut self, system: &str, head: &str, cells: impl Iterator<Item = String>) {
        let name = if head.is_empty() { system.to_owned() } else { format!("{system}, {head}") };
        let _ = writeln!(self.text, "| {name} | {} |", cells.collect::<Vec<_>>().join(" | "));
    }

    /// Adds a row for each encoder that was not at hand.
    pub fn absent(&mut self, names: &[String]) {
        for name in names {
            self.push(name, "", (0..self.columns).map(|_| "not run".to_owned()).collect::<Vec<_>>().into_iter());
        }
    }

    /// The whole.
    pub fn finish(self) -> String {
        self.text
    }
}

/// A number with one digit after the point.
pub fn one(value: f64) -> String {
    format!("{value:.1}")
}

/// Official and clean, with a mark where the encoder read the set.
pub fn of_accuracy(value: Accuracy, is_read: bool) -> String {
    format!("{:.1} ({:.1}){}", value.official, value.clean, if is_read { "†" } else { "" })
}

/// First, among three, mean reciprocal.
pub fn of_ranks(ranks: Ranks) -> String {
    format!("{:.1} / {:.1} / {:.1}", ranks.first, ranks.third, ranks.reciprocal)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn writes_rows() {
        let mut table = Table::new(["a", "b"].map(str::to_owned).into_iter());
        table.push("micro", "fused", [1.0, 2.25].map(one).into_iter());
        table.absent(&["teacher".to_owned()]);
        assert_eq!(table.finish(), "| | a | b |\n|---|---:|---:|\n| micro, fused | 1.0 | 2.2 |\n| teacher | not run | not run |\n");
        assert_eq!(of_accuracy(Accuracy { official: 84.11, clean: 82.8 }, true), "84.1 (82.8)†");
    }
}
