//! A section of `BENCHMARKS.md` and the same tables on the terminal: figures, where they come from, and what they do not say.

use std::fmt::Write as _;

use super::lost::Outcome;
use super::measure::{Measured, short};
use crate::build::size::Size;

/// Everything a report tells.
#[derive(Debug)]
pub struct Report {
    pub command: String,
    pub machine: String,
    /// The plain Worker is the last one.
    pub measured: Vec<Measured>,
    pub sizes: Vec<(&'static str, Size)>,
    pub lost: Outcome,
    pub rounds: usize,
    pub clients: usize,
}

impl Report {
    /// Processor time, latency, throughput and memory, one row per host.
    pub fn figures(&self) -> String {
        let mut text = String::from(
            "| | CPU per submission | p50 alone | p50 | p99 | per second | memory | linear memory |\n|---|---:|---:|---:|---:|---:|---:|---:|\n",
        );
        for measured in &self.measured {
            let [least, median, most] = measured.cpu;
            let _ = writeln!(
                text,
                "| {} | {} ({}–{}) | {} | {} | {} | {:.0} | {} | {} |",
                measured.title,
                short(median),
                short(least),
                short(most),
                short(measured.alone_p50),
                short(measured.p50),
                short(measured.p99),
                measured.per_second,
                memory(measured),
                measured.linear_bytes.map_or_else(|| "–".to_owned(), megabytes),
            );
        }
        text
    }

    /// Ratios to the plain Worker.
    pub fn ratios(&self) -> String {
        let mut text = String::from("| to the plain Worker | CPU | p50 alone | p50 | p99 | memory |\n|---|---:|---:|---:|---:|---:|\n");
        let Some((plain, others)) = self.measured.split_last() else { return text };
        for measured in others {
            let ratio = |of: &dyn Fn(&Measured) -> f64| of(measured) / of(plain);
            let _ = writeln!(
                text,
                "| {} | {:.1} | {:.1} | {:.1} | {:.1} | {:.1} |",
                measured.title,
                ratio(&|it| it.cpu[1].as_secs_f64()),
                ratio(&|it| it.alone_p50.as_secs_f64()),
                ratio(&|it| it.p50.as_secs_f64()),
                ratio(&|it| it.p99.as_secs_f64()),
                ratio(&|it| it.trees[1].server.resident_bytes as f64),
            );
        }
        text
    }

    /// What travels to an edge host.
    pub fn sizes(&self) -> String {
        self.sizes.iter().fold(String::from("| | raw | gzip |\n|---|---:|---:|\n"), |mut text, (name, size)| {
            let _ = writeln!(text, "| {name} | {} KB | {} KB |", size.raw.div_ceil(1024), size.gzip.div_ceil(1024));
            text
        })
    }

    /// The lost-answers run.
    pub fn lost_answers(&self) -> String {
        let Outcome { submissions, attempts, lost, stored, webhook_ids, took, delivered_after } = &self.lost;
        format!(
            "{submissions} submissions, {attempts} attempts, {lost} answers thrown away: {} stored, {} leads, {webhook_ids} webhook ids. \
             {:.1} s for the answers ({:.0} attempts a second), {:.1} s more until the last webhook had arrived.",
            stored.accepted,
            stored.leads,
            took.as_secs_f64(),
            *attempts as f64 / took.as_secs_f64(),
            delivered_after.as_secs_f64(),
        )
    }

    /// The section of `BENCHMARKS.md`.
    pub fn markdown(&self) -> String {
        let launchers = self.launchers();
        let sent: u64 = self.measured.iter().map(|measured| measured.submissions).sum();
        format!(
            include_str!("lead-capture.md.in"),
            command = self.command,
            machine = self.machine.trim_end(),
            figures = self.figures().trim_end(),
            ratios = self.ratios().trim_end(),
            sizes = self.sizes().trim_end(),
            lost = self.lost_answers(),
            rounds = self.rounds,
            clients = self.clients,
            sent = sent,
            launchers = launchers,
            retries = self.retries(),
        )
    }

    /// What the processes around a server took, which its memory column leaves out.
    fn launchers(&self) -> String {
        let told = self.measured.iter().filter_map(|measured| {
            let launcher = measured.launcher?;
            let (took, held) = (short(measured.launcher_cpu), megabytes(measured.trees[1].launcher.resident_bytes));
            Some(format!(
                "{launcher} around the {} took {took} of each submission's CPU and holds {held} that are not in the table",
                measured.title
            ))
        });
        told.collect::<Vec<_>>().join("; ")
    }

    fn retries(&self) -> String {
        let told = self.measured.iter().filter(|measured| measured.retries > 0);
        let told: Vec<_> =
            told.map(|it| format!("{} answered “busy” {} times to {} submissions", it.title, it.retries, it.submissions)).collect();
        if told.is_empty() { "No host ever answered “busy”.".to_owned() } else { format!("{}.", told.join("; ")) }
    }
}

fn memory(measured: &Measured) -> String {
    let [warm, end] = measured.trees.map(|tree| megabytes(tree.server.resident_bytes));
    format!("{warm} → {end}")
}

fn megabytes(bytes: u64) -> String {
    format!("{:.1} MB", bytes as f64 / (1024.0 * 1024.0))
}
