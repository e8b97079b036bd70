//! One host with one knowledge base: made or put there, started anew, asked for the first time, then asked a question at a time.

use std::path::Path;
use std::sync::atomic::AtomicU64;
use std::time::{Duration, Instant};

use anyhow::{Context, Result, bail, ensure};
use serde_json::{Value as Json, json};

use super::store;
use crate::bench::http::Client;
use crate::bench::load::{Load, Shot, Work, quantile};
use crate::bench::server::{Builds, Server, Setup};
use crate::bench::usage::{self, Tree};

/// The site of benches/site.
const SITE: &str = "b3f1c0de-5a7e-4d1b-9c32-0a6d4e8f7b21";
/// The load generator plays 250 visitors' addresses: one alone may say thirty things a minute.
const ADDRESS: (&str, &str) = ("CLIENT_HEADER", "cf-connecting-ip");
/// What is said in passing: everything happens that happens for a question, but that nothing is encoded and nothing searched.
const IN_PASSING: [&str; 2] = ["hola", "thanks"];
/// How long an index may take here. Chosen: then something is wrong.
const PATIENCE: Duration = Duration::from_secs(540);

/// Where the function runs.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Host {
    Native,
    Workerd,
    Spin,
}

/// What is put there.
#[derive(Debug, Clone, Copy)]
pub struct Stock<'a> {
    pub entries: usize,
    /// Lines of JSON.
    pub articles: &'a Path,
    /// Put into the store as it is; where there is none, the host makes it.
    pub index: Option<&'a Path>,
}

/// What a piece of work took.
#[derive(Debug, Clone, Copy)]
pub struct Took {
    pub wall: Duration,
    /// Of all the host's processes.
    pub cpu: Duration,
}

/// A request at a time.
#[derive(Debug, Clone, Copy)]
pub struct Asked {
    /// For each.
    pub cpu: Duration,
    pub p50: Duration,
    pub p95: Duration,
}

/// What came of it.
#[derive(Debug)]
pub struct Figures {
    /// From the articles' arrival to the index being whole, where the host made it.
    pub build: Option<Took>,
    pub first: Took,
    pub question: Asked,
    pub in_passing: Asked,
    /// Of the server before the first answer, and after the last.
    pub resident: (u64, u64),
    /// The most that one instance held.
    pub linear_bytes: Option<u64>,
}

impl Host {
    pub const ALL: [Self; 3] = [Self::Native, Self::Workerd, Self::Spin];

    pub const fn title(self) -> &'static str {
        match self {
            Self::Native => "native",
            Self::Workerd => "workerd",
            Self::Spin => "Spin test host",
        }
    }

    fn start(self, builds: &Builds, data: &Path) -> Result<Server> {
        let setup = Setup { variables: vec![ADDRESS], ..Setup::default() };
        match self {
            Self::Native => Server::native(builds, data, &setup, None),
            Self::Workerd => Server::workers(builds, data, &setup),
            Self::Spin => Server::spin(builds, data, &setup),
        }
    }

    /// Takes the figures.
    ///
    /// Errors: if the host's index is not of all entries, or an answer is none.
    pub fn measure(self, builds: &Builds, data: &Path, stock: Stock<'_>, questions: &[String], requests: usize) -> Result<Figures> {
        let mut server = self.start(builds, data)?;
        let build = match stock.index {
            None => Some(make(&server, stock.articles)?),
            Some(index) => {
                // The tables are there by now; the store is written while nobody has it open.
                drop(server);
                // Its children end a moment later.
                std::thread::sleep(Duration::from_secs(1));
                store::fill(data, SITE, stock.articles, index)?;
                server = self.start(builds, data)?;
                None
            }
        };
        let index = serde_json::from_slice::<Json>(&server.read("/v1/kb/quality")?.body)?["index"].take();
        ensure!(index["is_current"] == true && index["entries"] == stock.entries, "its index is {index}");
        drop(server);

        let server = self.start(builds, data)?;
        rest(&server)?;
        let before = usage::tree(server.process())?;
        let began = Instant::now();
        let answer = first(&server, &questions[0])?;
        let first = Took { wall: began.elapsed(), cpu: after(&server)?.cpu_since(&before) };
        // Among variants that differ in a number alone, it offers a choice.
        let is_found = ["sources", "suggestions"].iter().any(|name| answer[name].as_array().is_some_and(|it| !it.is_empty()));
        ensure!(is_found, "the first answer is from nothing: {answer}");
        let numbers = AtomicU64::new(0);
        let ask = |texts: &[&str], requests: usize| {
            let load = Load { clients: 1, requests, limit: Duration::from_secs(60) };
            asked(&server, &load, texts, &numbers)
        };
        let questions: Vec<&str> = questions.iter().map(String::as_str).collect();
        ask(&questions, questions.len())?;
        let question = ask(&questions, requests)?;
        let in_passing = ask(&IN_PASSING, requests)?;
        let now = usage::tree(server.process())?;
        Ok(Figures {
            build,
            first,
            question,
            in_passing,
            resident: (before.server.resident_bytes, now.server.resident_bytes),
            linear_bytes: server.linear_memory()?,
        })
    }
}

/// Has the host read the articles and make their index, call by call.
fn make(server: &Server, articles: &Path) -> Result<Took> {
    let text = std::fs::read_to_string(articles).with_context(|| format!("cannot read {}", articles.display()))?;
    let before = usage::tree(server.process())?;
    let began = Instant::now();
    let read = server.manage("/v1/kb/import?format=jsonl", &text)?;
    ensure!(read["refused"] == 0, "it refused articles: {read}");
    // An import begins the index once its answer is out; two at a time would do the same twice.
    rest(server)?;
    while server.manage("/v1/kb/index", "")?["is_current"] == false {
        if began.elapsed() > PATIENCE {
            bail!("the index was not whole after {} s", PATIENCE.as_secs());
        }
    }
    Ok(Took { wall: began.elapsed(), cpu: usage::tree(server.process())?.cpu_since(&before) })
}

/// Waits until the host does nothing.
fn rest(server: &Server) -> Result<()> {
    loop {
        let before = usage::tree(server.process())?;
        std::thread::sleep(Duration::from_millis(700));
        if usage::tree(server.process())?.cpu_since(&before) < Duration::from_millis(50) {
            return Ok(());
        }
    }
}

/// How the processes stand once what follows an answer is done as well.
fn after(server: &Server) -> Result<Tree> {
    server.settle();
    usage::tree(server.process())
}

fn first(server: &Server, question: &str) -> Result<Json> {
    let Shot { path, headers, body } = shot(question, 0, server.write_key());
    let answer = Client::new(server.port).post(path, &headers, &body)?;
    ensure!(answer.status == 200, "the first question is answered {}: {}", answer.status, String::from_utf8_lossy(&answer.body));
    Ok(serde_json::from_slice(&answer.body)?)
}

fn asked(server: &Server, load: &Load, texts: &[&str], numbers: &AtomicU64) -> Result<Asked> {
    let shot = |number: u64| shot(texts[usize::try_from(number).unwrap_or_default() % texts.len()], number, server.write_key());
    server.settle();
    let before = usage::tree(server.process())?;
    let round = load.run(server.port, numbers, Work { shot: &shot, done: 200 })?;
    let cpu = after(server)?.cpu_since(&before) / u32::try_from(round.latencies.len())?;
    Ok(Asked { cpu, p50: quantile(&round.latencies, 0.5), p95: quantile(&round.latencies, 0.95) })
}

/// The beginning of a conversation.
fn shot(text: &str, number: u64, key: &str) -> Shot {
    let headers = format!("origin: https://bench.example\r\nx-write-key: {key}\r\ncf-connecting-ip: 203.0.113.{}\r\n", number % 250 + 1);
    Shot { path: "/v1/chat", headers, body: json!({ "message": text, "locale": "es" }).to_string() }
}
