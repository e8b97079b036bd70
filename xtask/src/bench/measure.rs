//! Takes the figures of one server: round after round, and what stays true after the last one.

use std::sync::atomic::{AtomicU64, Ordering};
use std::time::Duration;

use anyhow::{Context, Result, ensure};

use super::load::{Load, quantile};
use super::server::Server;
use super::usage::{self, Tree};
use super::visitor::SUBMISSIONS;

/// What is sent in each round.
#[derive(Debug, Clone, Copy)]
pub struct Plan {
    pub rounds: usize,
    pub warm_up: Load,
    /// One client after the other.
    pub alone: Load,
    /// Several at a time.
    pub together: Load,
}

/// One server under measure.
#[derive(Debug)]
pub struct Subject {
    /// How the tables call it.
    pub title: &'static str,
    /// What starts the server, where that is a process of its own.
    pub launcher: Option<&'static str>,
    server: Server,
    numbers: AtomicU64,
    /// After the warm-up.
    warm: Tree,
    rounds: Vec<Figures>,
}

/// What one round came to.
#[derive(Debug, Clone, Copy, Default)]
struct Figures {
    cpu: Duration,
    launcher_cpu: Duration,
    alone_p50: Duration,
    p50: Duration,
    p99: Duration,
    per_second: f64,
    retries: usize,
}

/// The medians of all rounds.
#[derive(Debug, Clone)]
pub struct Measured {
    pub title: &'static str,
    pub launcher: Option<&'static str>,
    /// Per request, of all processes: least, median, most.
    pub cpu: [Duration; 3],
    /// The launcher's part of it.
    pub launcher_cpu: Duration,
    pub alone_p50: Duration,
    pub p50: Duration,
    pub p99: Duration,
    pub per_second: f64,
    pub retries: usize,
    pub submissions: u64,
    /// After the warm-up, and at the end.
    pub trees: [Tree; 2],
    pub linear_bytes: Option<u64>,
}

impl Subject {
    pub fn new(title: &'static str, launcher: Option<&'static str>, server: Server) -> Self {
        Self { title, launcher, server, numbers: AtomicU64::new(0), warm: Tree::default(), rounds: Vec::new() }
    }

    /// Lets it compile and cache what it will.
    pub fn warm_up(&mut self, plan: &Plan) -> Result<()> {
        plan.warm_up.run(self.server.port, &self.numbers, SUBMISSIONS).with_context(|| format!("{}: warming up", self.title))?;
        self.warm = usage::tree(self.server.process())?;
        Ok(())
    }

    /// One round; says in a line how it went.
    pub fn round(&mut self, plan: &Plan) -> Result<()> {
        let figures = self.figures(plan).with_context(|| format!("{}: round {}", self.title, self.rounds.len() + 1))?;
        eprintln!(
            "  {:<28} {:>8} CPU, {:>8} alone, {:>8} p50, {:>8} p99, {:>6.0}/s",
            self.title,
            short(figures.cpu),
            short(figures.alone_p50),
            short(figures.p50),
            short(figures.p99),
            figures.per_second
        );
        self.rounds.push(figures);
        Ok(())
    }

    fn figures(&self, plan: &Plan) -> Result<Figures> {
        let port = self.server.port;
        let alone = plan.alone.run(port, &self.numbers, SUBMISSIONS)?;
        self.server.settle();
        let before = usage::tree(self.server.process())?;
        let together = plan.together.run(port, &self.numbers, SUBMISSIONS)?;
        // Work that goes on after the answers belongs to them.
        self.server.settle();
        let after = usage::tree(self.server.process())?;
        let count = together.latencies.len();
        let each = u32::try_from(count)?;
        Ok(Figures {
            cpu: after.cpu_since(&before) / each,
            launcher_cpu: after.launcher.cpu.saturating_sub(before.launcher.cpu) / each,
            alone_p50: quantile(&alone.latencies, 0.5),
            p50: quantile(&together.latencies, 0.5),
            p99: quantile(&together.latencies, 0.99),
            per_second: count as f64 / together.took.as_secs_f64(),
            retries: alone.retries + together.retries,
        })
    }

    /// The medians, and whether everything that was acknowledged is there.
    pub fn finish(self) -> Result<Measured> {
        let submissions = self.numbers.load(Ordering::Relaxed);
        if let Some(stored) = self.server.stored()? {
            let title = self.title;
            ensure!(stored.accepted == submissions, "{title}: {submissions} submissions were acknowledged, {stored:?} are stored");
        }
        let mut cpu: Vec<Duration> = self.rounds.iter().map(|round| round.cpu).collect();
        cpu.sort_unstable();
        let mut rates: Vec<f64> = self.rounds.iter().map(|round| round.per_second).collect();
        rates.sort_by(f64::total_cmp);
        Ok(Measured {
            title: self.title,
            launcher: self.launcher,
            cpu: [quantile(&cpu, 0.0), quantile(&cpu, 0.5), quantile(&cpu, 1.0)],
            launcher_cpu: self.median(|round| round.launcher_cpu),
            alone_p50: self.median(|round| round.alone_p50),
            p50: self.median(|round| round.p50),
            p99: self.median(|round| round.p99),
            per_second: quantile(&rates, 0.5),
            retries: self.rounds.iter().map(|round| round.retries).sum(),
            submissions,
            trees: [self.warm, usage::tree(self.server.process())?],
            linear_bytes: self.server.linear_memory()?,
        })
    }

    fn median(&self, of: impl Fn(&Figures) -> Duration) -> Duration {
        let mut values: Vec<Duration> = self.rounds.iter().map(of).collect();
        values.sort_unstable();
        quantile(&values, 0.5)
    }
}

/// A duration as people compare them.
pub fn short(duration: Duration) -> String {
    let milliseconds = duration.as_secs_f64() * 1e3;
    match milliseconds {
        small if small < 0.9995 => format!("{:.0} µs", small * 1e3),
        middle if middle < 99.95 => format!("{middle:.1} ms"),
        large => format!("{large:.0} ms"),
    }
}

#[cfg(test)]
mod tests {
    use std::time::Duration;

    use super::short;

    #[test]
    fn durations_have_a_fitting_unit() {
        let check = |microseconds, text| assert_eq!(short(Duration::from_micros(microseconds)), text);
        check(0, "0 µs");
        check(999, "999 µs");
        check(1_000, "1.0 ms");
        check(99_940, "99.9 ms");
        check(100_000, "100 ms");
    }
}
