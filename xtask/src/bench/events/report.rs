//! The section of `BENCHMARKS.md`: figures of taking events in, what they are to the plain Worker's, and times of the questions.

use std::fmt::Write as _;

use super::measure::{Figures, Measured};
use super::reads::{self, Store, grouped};
use crate::bench::measure::short;

/// How many of the measured are plain Workers; they stand last, the one with the same store first.
const PLAIN: usize = 2;

/// Everything a report tells.
#[derive(Debug)]
pub struct Report {
    pub command: String,
    pub machine: String,
    pub measured: Vec<Measured>,
    pub stores: Vec<Store>,
    pub rounds: usize,
    pub clients: usize,
    pub crowd: usize,
}

impl Report {
    /// The section.
    pub fn markdown(&self) -> String {
        let processor = |it: &Figures| format!("{:.0} µs", it.cpu.as_secs_f64() * 1e6);
        format!(
            include_str!("track-events.md.in"),
            command = self.command,
            machine = self.machine.trim_end(),
            rounds = self.rounds,
            clients = self.clients,
            sent = grouped(self.measured.iter().map(|it| it.events).sum()),
            rates = self.table(self.clients, "events a second", |it| grouped(it.per_second.round() as u64)),
            processor = self.table(self.clients, "CPU per event", processor),
            latencies = self.table(self.clients, "p50, p99 of a request", |it| format!("{}, {}", short(it.p50), short(it.p99))),
            rate_ratios = self.ratios(self.clients, "events a second, to the plain Worker on D1", |it| it.per_second),
            processor_ratios = self.ratios(self.clients, "CPU per event, to the plain Worker on D1", |it| it.cpu.as_secs_f64()),
            crowd = self.crowd,
            crowd_rates = self.table(self.crowd, "events a second", |it| grouped(it.per_second.round() as u64)),
            crowd_processor = self.table(self.crowd, "CPU per event", processor),
            crowd_latencies = self.table(self.crowd, "p50, p99 of a request", |it| format!("{}, {}", short(it.p50), short(it.p99))),
            memory = self.memory(),
            retries = self.retries(),
            reads = reads::table(&self.stores).trim_end(),
            busy = (reads::busy(&self.stores) * 100.0).round(),
        )
    }

    /// A row per server, a column per size of batch, of the loads with so many clients.
    fn table(&self, clients: usize, title: &str, cell: impl Fn(&Figures) -> String) -> String {
        let mut text = self.head(clients, title);
        for measured in &self.measured {
            let cells: Vec<String> = of(measured, clients).map(|(_, figures)| cell(figures)).collect();
            let _ = writeln!(text, "| {} | {} |", measured.title, cells.join(" | "));
        }
        text.trim_end().to_owned()
    }

    fn head(&self, clients: usize, title: &str) -> String {
        let sizes: Vec<String> =
            self.measured.first().map(|it| of(it, clients).map(|(size, _)| grouped(size)).collect()).unwrap_or_default();
        format!("| {title} | {} |\n|---|{}\n", sizes.join(" | "), "---:|".repeat(sizes.len()))
    }

    /// What a figure is to that of the plain Worker with the same store.
    fn ratios(&self, clients: usize, title: &str, value: fn(&Figures) -> f64) -> String {
        let mut text = self.head(clients, title);
        let Some(plain) = self.measured.len().checked_sub(PLAIN).and_then(|at| self.measured.get(at)) else { return text };
        for measured in self.measured.iter().filter(|it| it.title != plain.title) {
            let ratio = |((_, own), (_, floor)): ((u64, &Figures), (u64, &Figures))| format!("{:.2}", value(own) / value(floor));
            let cells: Vec<String> = of(measured, clients).zip(of(plain, clients)).map(ratio).collect();
            let _ = writeln!(text, "| {} | {} |", measured.title, cells.join(" | "));
        }
        text.trim_end().to_owned()
    }

    fn memory(&self) -> String {
        let of = |it: &Measured| format!("{} {:.0} MB", it.title, it.resident_bytes as f64 / (1024.0 * 1024.0));
        self.measured.iter().map(of).collect::<Vec<_>>().join("; ")
    }

    fn retries(&self) -> String {
        let busy = self.measured.iter().filter(|it| it.retries > 0);
        let told: Vec<_> = busy.map(|it| format!("{} answered “busy” {} times", it.title, it.retries)).collect();
        if told.is_empty() { "No host ever answered “busy”.".to_owned() } else { format!("{}.", told.join("; ")) }
    }
}

/// The sizes of batches that so many clients sent, with what came of it.
fn of(measured: &Measured, clients: usize) -> impl Iterator<Item = (u64, &Figures)> {
    measured.loads.iter().filter(move |((with, _), _)| *with == clients).map(|((_, size), figures)| (*size, figures))
}
