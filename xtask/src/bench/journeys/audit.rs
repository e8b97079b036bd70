//! Whether all that was answered is there afterwards, once: asked of the API, as whoever owns the site would.

use std::collections::{BTreeMap, BTreeSet};
use std::time::{Duration, Instant};

use anyhow::{Context, Result, bail, ensure};
use serde_json::Value as Json;

use super::drive::Done;
use super::plan::Route;
use super::shots;
use crate::bench::receiver::Receiver;
use crate::bench::server::Server;

/// What a line of the ledger adds up to.
const VERDICTS: [&str; 5] = ["accepted", "duplicate", "bot", "quarantined", "invalid"];
/// How long tickets and webhooks may take after the last answer. Chosen: two ticks of a minute, and one more.
const PATIENCE: Duration = Duration::from_secs(180);

/// What was acknowledged, by the names that it is found by.
#[derive(Debug, Default)]
pub struct Promised {
    pub events: BTreeSet<String>,
    pub mailboxes: BTreeSet<String>,
    pub conversations: BTreeSet<String>,
    pub tickets: BTreeSet<String>,
    pub documents: BTreeSet<String>,
}

/// What is there, which is what was acknowledged.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Kept {
    pub events: usize,
    pub leads: usize,
    pub conversations: usize,
    pub tickets: usize,
    pub documents: usize,
    pub webhooks: usize,
    /// From the last answer until the last webhook had arrived.
    pub after: Duration,
}

impl Promised {
    /// Of everything that was answered well.
    ///
    /// Errors: if an answer does not name what it stored, or names what another one did.
    pub fn of(done: &[Done]) -> Result<Self> {
        let mut promised = Self::default();
        for Done { step, outcome, .. } in done {
            let Ok(answer) = outcome else { continue };
            let name = |field: &str| answer[field].as_str().map(str::to_owned).with_context(|| format!("{step:?} was answered {answer}"));
            let is_new = match step.route {
                Route::View => {
                    ensure!(answer["accepted"] == 1, "a view was answered {answer}");
                    promised.events.insert(shots::view_id(step))
                }
                Route::Submit => promised.mailboxes.insert(shots::mailbox(step)),
                Route::Ask => promised.conversations.insert(name("conversation_id")?),
                Route::Person => promised.conversations.insert(name("conversation_id")?) && promised.tickets.insert(name("ticket_id")?),
                Route::Ticket => promised.tickets.insert(name("ticket_id")?),
                Route::Judge => promised.documents.insert(shots::document(step)),
            };
            ensure!(is_new, "{step:?} got what another step has: {answer}");
        }
        Ok(promised)
    }

    /// Asks for all of it; waits for what follows an answer: tickets out of the chat, and webhooks.
    ///
    /// Errors: if anything is missing, there twice, or nobody's.
    pub fn check(&self, server: &Server, receiver: &Receiver) -> Result<Kept> {
        let began = Instant::now();
        let expected: BTreeSet<&String> = self.mailboxes.iter().chain(&self.tickets).collect();
        while receiver.told().len() < expected.len() {
            ensure!(began.elapsed() < PATIENCE, "{} webhooks of {} arrived", receiver.told().len(), expected.len());
            for function in ["ticket-route", "lead-capture"] {
                server.tick(function)?;
            }
            std::thread::sleep(Duration::from_millis(500));
        }
        let after = began.elapsed();
        // Whatever would arrive twice has had its second chance by then.
        std::thread::sleep(Duration::from_secs(3));
        let told = receiver.told();
        ensure!(told.keys().collect::<BTreeSet<_>>() == expected, "webhooks tell of others than what was stored");
        let often: Vec<_> = told.iter().filter(|(_, times)| **times != 1).collect();
        ensure!(often.is_empty(), "told more than once: {often:?}");
        ledger(server, self.events.len())?;
        let stored = server.stored()?.context("no form counts")?;
        ensure!(stored.accepted == self.mailboxes.len() as u64, "{stored:?} of {} submissions", self.mailboxes.len());
        Ok(Kept {
            events: same("events", &self.events, exported(server)?)?,
            leads: same("leads", &self.mailboxes, listed(server, "leads", "email")?)?,
            conversations: same("conversations", &self.conversations, listed(server, "conversations", "id")?)?,
            tickets: same("tickets", &self.tickets, tickets(server)?)?,
            documents: same("documents", &self.documents, listed(server, "content/documents", "id")?)?,
            webhooks: told.values().sum(),
            after,
        })
    }
}

/// Whether a list has exactly these, each once.
fn same(what: &str, promised: &BTreeSet<String>, found: Vec<String>) -> Result<usize> {
    let mut times = BTreeMap::<&String, usize>::new();
    found.iter().for_each(|name| *times.entry(name).or_default() += 1);
    let lost: Vec<_> = promised.iter().filter(|name| !times.contains_key(name)).take(5).collect();
    let twice: Vec<_> = times.iter().filter(|(_, times)| **times > 1).take(5).collect();
    let strange: Vec<_> = times.keys().filter(|name| !promised.contains(**name)).take(5).collect();
    ensure!(
        lost.is_empty() && twice.is_empty() && strange.is_empty(),
        "{what}: {} of {}; lost {lost:?}, twice {twice:?}, nobody's {strange:?}",
        found.len(),
        promised.len()
    );
    Ok(found.len())
}

/// Each line adds up, and all together are what was acknowledged.
fn ledger(server: &Server, events: usize) -> Result<()> {
    let told: Json = serde_json::from_slice(&server.read("/v1/ledger")?.body)?;
    let mut accepted = 0;
    for line in told["lines"].as_array().context("the ledger has no lines")? {
        let count = |name: &str| line[name].as_u64().with_context(|| format!("the ledger tells no `{name}`: {line}"));
        let sum = VERDICTS.iter().map(|verdict| count(verdict)).sum::<Result<u64>>()?;
        ensure!(count("received")? == sum && count("accepted")? == sum, "a line of the ledger does not add up: {line}");
        accepted += sum;
    }
    ensure!(accepted == events as u64, "the ledger counts {accepted} events of {events}");
    Ok(())
}

/// The ids of the export, page after page.
fn exported(server: &Server) -> Result<Vec<String>> {
    let (mut ids, mut cursor) = (Vec::new(), String::new());
    loop {
        let answer = server.read(&format!("/v1/events?format=ndjson&limit=1000{cursor}"))?;
        for line in answer.body.split(|byte| *byte == b'\n').filter(|line| !line.is_empty()) {
            let event: Json = serde_json::from_slice(line)?;
            ids.push(event["id"].as_str().context("an event has no id")?.to_owned());
        }
        match answer.header("x-next-cursor") {
            Some(next) => cursor = format!("&cursor={next}"),
            None => return Ok(ids),
        }
    }
}

/// A field of everything on a list, page after page; the list's name is the last word of its path.
fn listed(server: &Server, path: &str, field: &str) -> Result<Vec<String>> {
    let (mut all, mut cursor) = (Vec::new(), String::new());
    let name = path.rsplit('/').next().unwrap_or(path);
    loop {
        let page: Json = serde_json::from_slice(&server.read(&format!("/v1/{path}?limit=200{cursor}"))?.body)?;
        take(&page, name, field, &mut all)?;
        match page["next"].as_str() {
            Some(next) => cursor = format!("&cursor={next}"),
            None => return Ok(all),
        }
    }
}

/// The ids of all tickets, which are counted by offsets.
fn tickets(server: &Server) -> Result<Vec<String>> {
    let (mut all, mut offset) = (Vec::new(), 0);
    loop {
        let page: Json = serde_json::from_slice(&server.read(&format!("/v1/tickets?order=due&offset={offset}"))?.body)?;
        take(&page, "tickets", "id", &mut all)?;
        match page["next_offset"].as_u64() {
            Some(next) => offset = next,
            None => return Ok(all),
        }
    }
}

fn take(page: &Json, name: &str, field: &str, all: &mut Vec<String>) -> Result<()> {
    let Some(items) = page[name].as_array() else { bail!("{name} is no list: {page}") };
    for item in items {
        all.push(item[field].as_str().with_context(|| format!("{name} without `{field}`: {item}"))?.to_owned());
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::same;

    #[test]
    fn what_is_missing_twice_or_nobodys_is_told() {
        let promised = ["a", "b"].map(str::to_owned).into();
        let found = |names: &[&str]| same("things", &promised, names.iter().map(|name| (*name).to_owned()).collect());
        assert_eq!(found(&["b", "a"]).unwrap(), 2);
        for (names, expect) in
            [(&["a"][..], "lost [\"b\"]"), (&["a", "b", "b"], "twice [(\"b\", 2)]"), (&["a", "b", "c"], "nobody's [\"c\"]")]
        {
            let error = found(names).unwrap_err().to_string();
            assert!(error.contains(expect), "{error}");
        }
    }
}
