//! Takes the figures of one server, size of batch by size of batch, and asks it at the end whether it has what it acknowledged.

use std::collections::BTreeMap;
use std::sync::atomic::AtomicU64;
use std::time::Duration;

use anyhow::{Context, Result, bail, ensure};
use serde_json::Value as Json;

use super::parcel::parcel;
use crate::bench::http::Client;
use crate::bench::load::{Load, Work, quantile};
use crate::bench::server::Server;
use crate::bench::usage;

/// What a line of the ledger adds up to.
const VERDICTS: [&str; 5] = ["accepted", "duplicate", "bot", "quarantined", "invalid"];
/// Events of one answer of the export, the most that it gives.
const LISTED: usize = 1_000;

/// One server under measure.
#[derive(Debug)]
pub struct Subject {
    pub title: &'static str,
    pub kind: Kind,
    server: Server,
    numbers: AtomicU64,
    /// Acknowledged events.
    sent: u64,
    retries: usize,
    /// By clients at a time and events of a request.
    rounds: BTreeMap<(usize, u64), Vec<Figures>>,
}

/// Who is asked what it stored, and how.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Kind {
    /// Ours: its ledger and its export.
    Function,
    /// One of the plain Workers: it counts its rows.
    Plain,
}

/// What one round with batches of one size came to.
#[derive(Debug, Clone, Copy, Default)]
pub struct Figures {
    pub per_second: f64,
    /// Of all its processes.
    pub cpu: Duration,
    /// Of a request.
    pub p50: Duration,
    pub p99: Duration,
}

/// The medians of all rounds, by clients at a time and events of a request.
#[derive(Debug)]
pub struct Measured {
    pub title: &'static str,
    pub loads: BTreeMap<(usize, u64), Figures>,
    pub events: u64,
    pub retries: usize,
    pub resident_bytes: u64,
}

impl Subject {
    pub fn new(title: &'static str, kind: Kind, server: Server) -> Self {
        Self { title, kind, server, numbers: AtomicU64::new(0), sent: 0, retries: 0, rounds: BTreeMap::new() }
    }

    /// Lets it compile and cache what it will.
    pub fn warm_up(&mut self, load: &Load, sizes: &[u64]) -> Result<()> {
        for size in sizes {
            self.send(load, *size).with_context(|| format!("{}: warming up", self.title))?;
        }
        Ok(())
    }

    /// One round with batches of one size; says in a line how it went.
    pub fn round(&mut self, load: &Load, size: u64) -> Result<()> {
        let figures = self.send(load, size).with_context(|| format!("{}: batches of {size}", self.title))?;
        eprintln!(
            "  {:>2} clients, {:>4} × {:<40} {:>8.0} events/s, {:>6.1} µs CPU each, {:>6.1} ms p50, {:>6.1} ms p99",
            load.clients,
            size,
            self.title,
            figures.per_second,
            figures.cpu.as_secs_f64() * 1e6,
            figures.p50.as_secs_f64() * 1e3,
            figures.p99.as_secs_f64() * 1e3
        );
        self.rounds.entry((load.clients, size)).or_default().push(figures);
        Ok(())
    }

    fn send(&mut self, load: &Load, size: u64) -> Result<Figures> {
        let key = self.server.write_key().to_owned();
        self.server.settle();
        let before = usage::tree(self.server.process())?;
        let round = load.run(self.server.port, &self.numbers, Work { shot: &|number| parcel(number, size, &key), done: 200 })?;
        self.server.settle();
        let after = usage::tree(self.server.process())?;
        let events = round.latencies.len() as u64 * size;
        self.sent += events;
        self.retries += round.retries;
        Ok(Figures {
            per_second: events as f64 / round.took.as_secs_f64(),
            cpu: after.cpu_since(&before) / u32::try_from(events)?,
            p50: quantile(&round.latencies, 0.5),
            p99: quantile(&round.latencies, 0.99),
        })
    }

    /// The medians.
    ///
    /// Errors: if what is stored is not what was acknowledged, or a line of the ledger does not add up.
    pub fn finish(self) -> Result<Measured> {
        self.audit().with_context(|| format!("{}: {} events were acknowledged", self.title, self.sent))?;
        let median = |rounds: &Vec<Figures>| {
            let of = |value: fn(&Figures) -> f64| {
                let mut values: Vec<f64> = rounds.iter().map(value).collect();
                values.sort_by(f64::total_cmp);
                quantile(&values, 0.5)
            };
            let time = |value| Duration::from_secs_f64(of(value));
            Figures {
                per_second: of(|it| it.per_second),
                cpu: time(|it| it.cpu.as_secs_f64()),
                p50: time(|it| it.p50.as_secs_f64()),
                p99: time(|it| it.p99.as_secs_f64()),
            }
        };
        let memory = usage::tree(self.server.process())?.server.resident_bytes;
        Ok(Measured {
            title: self.title,
            loads: self.rounds.iter().map(|(load, rounds)| (*load, median(rounds))).collect(),
            events: self.sent,
            retries: self.retries,
            resident_bytes: memory,
        })
    }

    fn audit(&self) -> Result<()> {
        if self.kind == Kind::Plain {
            let answer = Client::new(self.server.port).get("/count", "")?;
            let told: Json = serde_json::from_slice(&answer.body)?;
            ensure!(told["count"] == self.sent, "it counts {told}");
            return Ok(());
        }
        let ledger: Json = serde_json::from_slice(&self.server.read("/v1/ledger")?.body)?;
        let count = |line: &Json, name: &str| line[name].as_u64().with_context(|| format!("the ledger tells no `{name}`: {line}"));
        let mut accepted = 0;
        for line in ledger["lines"].as_array().context("the ledger has no lines")? {
            let sum = VERDICTS.iter().map(|verdict| count(line, verdict)).sum::<Result<u64>>()?;
            ensure!(count(line, "received")? == sum, "a line of the ledger does not add up: {line}");
            ensure!(count(line, "accepted")? == sum, "all were new, and the ledger says otherwise: {line}");
            accepted += sum;
        }
        ensure!(accepted == self.sent, "the ledger counts {accepted}");
        let stored = self.exported()?;
        ensure!(stored == self.sent, "the export has {stored}");
        Ok(())
    }

    /// How many events the export gives, answer after answer.
    fn exported(&self) -> Result<u64> {
        let (mut events, mut cursor) = (0, None::<String>);
        loop {
            let after = cursor.as_ref().map(|cursor| format!("&cursor={cursor}")).unwrap_or_default();
            let answer = self.server.read(&format!("/v1/events?format=ndjson&limit={LISTED}{after}"))?;
            events += answer.body.iter().filter(|byte| **byte == b'\n').count() as u64;
            cursor = answer.header("x-next-cursor").map(str::to_owned);
            if cursor.is_none() {
                return Ok(events);
            }
            if events > self.sent {
                bail!("the export has more than {events}");
            }
        }
    }
}
