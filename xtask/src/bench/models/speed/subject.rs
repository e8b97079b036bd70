//! Whoever answers the probe's questions: a program by lines, a server by HTTP.

use std::io::{BufRead, BufReader, Write};
use std::process::{ChildStdin, ChildStdout, Command, Stdio};
use std::rc::Rc;
use std::time::{Duration, Instant};

use anyhow::{Context, Result, bail};
use serde_json::Value as Json;

use super::figures::Cost;
use crate::bench::http::Client;
use crate::bench::usage;
use crate::process::Group;

/// How a subject is started.
type Start = Rc<dyn Fn() -> Result<Command>>;

/// One that answers.
pub struct Subject {
    /// How the tables call it.
    pub title: &'static str,
    /// Whether each question meets an instance that must open its encoder.
    pub opens_for_long: bool,
    /// How the search is measured with it: a title, and whether without lanes.
    pub searches: &'static [(&'static str, bool)],
    kind: Kind,
    start: Start,
    line: Line,
    group: Group,
}

/// How it is asked.
#[derive(Debug, Clone, Copy)]
pub enum Kind {
    /// A program that reads questions and writes answers, a line each.
    Lines,
    /// A server that prints `listening URL` once it takes questions.
    Server,
}

enum Line {
    Pipe { into: ChildStdin, from: BufReader<ChildStdout> },
    Http { port: u16, _stdout: BufReader<ChildStdout> },
}

impl Subject {
    /// Starts one.
    pub fn new(title: &'static str, kind: Kind, start: impl Fn() -> Result<Command> + 'static) -> Result<Self> {
        Self::started(title, kind, Rc::new(start))
    }

    fn started(title: &'static str, kind: Kind, start: Start) -> Result<Self> {
        let mut group = Group::spawn(start()?.stdout(Stdio::piped()), title)?;
        let mut stdout = BufReader::new(group.stdout().context("it has no standard output")?);
        let line = match kind {
            Kind::Lines => Line::Pipe { into: group.stdin().context("it has no standard input")?, from: stdout },
            Kind::Server => {
                let mut line = String::new();
                stdout.read_line(&mut line)?;
                let port = line.trim().rsplit_once(':').and_then(|(_, port)| port.parse().ok());
                let port = port.with_context(|| format!("{title} did not become ready; it said `{}`", line.trim()))?;
                Line::Http { port, _stdout: stdout }
            }
        };
        Ok(Self { title, opens_for_long: false, searches: &[], kind, start, line, group })
    }

    /// One whose search is measured as well.
    pub fn searching(self, searches: &'static [(&'static str, bool)]) -> Self {
        Self { searches, ..self }
    }

    /// One that opens its encoder for each question.
    pub fn opening_for_long(self) -> Self {
        Self { opens_for_long: true, ..self }
    }

    /// Another process of the same.
    pub fn again(&self) -> Result<Self> {
        let again = Self::started(self.title, self.kind, Rc::clone(&self.start))?;
        Ok(Self { opens_for_long: self.opens_for_long, ..again })
    }

    /// Asks and waits for the answer.
    pub fn ask(&mut self, question: &Json) -> Result<Json> {
        let answer = match &mut self.line {
            Line::Pipe { into, from } => {
                writeln!(into, "{question}").and_then(|()| into.flush()).with_context(|| format!("{} takes no question", self.title))?;
                let mut line = String::new();
                from.read_line(&mut line)?;
                line.into_bytes()
            }
            Line::Http { port, .. } => {
                // A connection of its own: while others are asked, a server closes one that is idle. A question for nothing pays it too.
                let answer = Client::new(*port).post("/", "", &question.to_string())?;
                if answer.status != 200 {
                    bail!("{} answers {}: {}", self.title, answer.status, String::from_utf8_lossy(&answer.body));
                }
                answer.body
            }
        };
        serde_json::from_slice(&answer).with_context(|| format!("{} gives no answer to {}", self.title, question["do"]))
    }

    /// Asks, and says how long it took.
    pub fn timed(&mut self, question: &Json) -> Result<(Duration, Json)> {
        let began = Instant::now();
        let answer = self.ask(question)?;
        Ok((began.elapsed(), answer))
    }

    /// Asks, and says what it cost.
    pub fn cost_of(&mut self, question: &Json) -> Result<Cost> {
        let before = usage::tree(self.group.id())?;
        let (wall, _) = self.timed(question)?;
        Ok(Cost { wall, cpu: usage::tree(self.group.id())?.cpu_since(&before) })
    }
}
