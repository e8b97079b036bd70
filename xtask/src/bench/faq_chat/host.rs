//! One host with one knowledge base: made or put there, started anew, asked for the first time, then asked a question at a time.

use std::path::Path;
use std::sync::atomic::AtomicU64;
use std::time::{Duration, Instant};

use anyhow::{Context, Result, bail, ensure};
use serde_json::{Value as Json, json};

use super::store;
use crate::bench::hosts::{Asked, Host, SITE, Took, asked, rest, took};
use crate::bench::http::Client;
use crate::bench::load::{Shot, Work};
use crate::bench::server::{Builds, Server};
use crate::bench::usage;

/// What is said in passing: everything happens that happens for a question, but that nothing is encoded and nothing searched.
const IN_PASSING: [&str; 2] = ["hola", "thanks"];
/// How long an index may take here. Chosen: then something is wrong.
const PATIENCE: Duration = Duration::from_secs(540);

/// What is put there.
#[derive(Debug, Clone, Copy)]
pub struct Stock<'a> {
    pub entries: usize,
    /// Lines of JSON.
    pub articles: &'a Path,
    /// Put into the store as it is; where there is none, the host makes it.
    pub index: Option<&'a Path>,
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

/// Takes the figures.
///
/// Errors: if the host's index is not of all entries, or an answer is none.
pub fn measure(host: Host, builds: &Builds, data: &Path, stock: Stock<'_>, questions: &[String], requests: usize) -> Result<Figures> {
    let mut server = host.start(builds, data)?;
    let build = match stock.index {
        None => Some(make(&server, stock.articles)?),
        Some(index) => {
            // The tables are there by now; the store is written while nobody has it open.
            server = host.standing_still(server, builds, data, || store::fill(data, SITE, stock.articles, index))?;
            None
        }
    };
    let index = serde_json::from_slice::<Json>(&server.read("/v1/kb/quality")?.body)?["index"].take();
    ensure!(index["is_current"] == true && index["entries"] == stock.entries, "its index is {index}");
    drop(server);

    let server = host.start(builds, data)?;
    rest(&server)?;
    let before = usage::tree(server.process())?;
    let (answer, first) = took(&server, || first(&server, &questions[0]))?;
    // Among variants that differ in a number alone, it offers a choice.
    let is_found = ["sources", "suggestions"].iter().any(|name| answer[name].as_array().is_some_and(|it| !it.is_empty()));
    ensure!(is_found, "the first answer is from nothing: {answer}");
    let numbers = AtomicU64::new(0);
    let ask = |texts: &[&str], requests: usize| {
        let shot = |number: u64| shot(texts[usize::try_from(number).unwrap_or_default() % texts.len()], number, server.write_key());
        asked(&server, requests, &numbers, Work { shot: &shot, done: 200 })
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

fn first(server: &Server, question: &str) -> Result<Json> {
    let Shot { path, headers, body } = shot(question, 0, server.write_key());
    let answer = Client::new(server.port).post(path, &headers, &body)?;
    ensure!(answer.status == 200, "the first question is answered {}: {}", answer.status, String::from_utf8_lossy(&answer.body));
    Ok(serde_json::from_slice(&answer.body)?)
}

/// The beginning of a conversation.
fn shot(text: &str, number: u64, key: &str) -> Shot {
    let headers = format!("origin: https://bench.example\r\nx-write-key: {key}\r\ncf-connecting-ip: 203.0.113.{}\r\n", number % 250 + 1);
    Shot { path: "/v1/chat", headers, body: json!({ "message": text, "locale": "es" }).to_string() }
}
