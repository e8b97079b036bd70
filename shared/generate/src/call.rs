//! Asks a model, and another one where it failed before anything was shown; gives the sentences that the gate lets through as they come, then one
//! end. A server that only begins to answer late is given up at its deadline: the ports have no timer of their own, so that the second server
//! is asked after the first, never beside it.

mod outcome;

use std::collections::{BTreeSet, VecDeque};

use futures_util::StreamExt;
use futures_util::stream::{self, LocalBoxStream};
use orilla_core::Fetch;
use orilla_core::ports::FetchError;

pub use self::outcome::{Outcome, Problem, Try};
use super::config::{Endpoint, GeneratorConfig};
use super::gate::{Gate, Verdict};
use super::prompt::{Ask, tokens};
use super::sentence::{Sentence, Splitter};
use super::stream::{End, Finish, Reader, Usage};
use super::thought::Thought;
use orilla_knowledge::model::Embed;

/// Characters after which nothing more is read, for servers that heed no `max_tokens`. Chosen: several times what they may write.
const MAX_CHARS: usize = 8_000;

/// What a caller gets.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Piece {
    /// A sentence that may be shown, with the space or line break before it; all of them together are the answer.
    Text(String),
    /// The end, once and last.
    End(Outcome),
}

/// Has an answer written. The stream always ends with [`Piece::End`]; where that comes without a text before it, the caller answers with the
/// passages. Whoever drops the stream gives up the answer.
pub fn generate<F: Fetch, E: Embed + 'static>(fetch: F, embed: E, config: GeneratorConfig, ask: Ask) -> LocalBoxStream<'static, Piece> {
    let ask = ask.bounded();
    let talk = Talk {
        fetch,
        gate: Gate::new(embed, &ask.passages, ask.locale),
        ask,
        timeout: config.timeout,
        endpoints: config.endpoints.into(),
        ready: VecDeque::new(),
        heard: BTreeSet::new(),
        breaks_line: false,
        stage: Stage::Asking,
        outcome: Outcome::default(),
    };
    stream::unfold(talk, |mut talk| async move { talk.next().await.map(|piece| (piece, talk)) }).boxed_local()
}

struct Talk<F, E> {
    fetch: F,
    gate: Gate<E>,
    ask: Ask,
    timeout: std::time::Duration,
    /// Those that were not asked yet.
    endpoints: VecDeque<Endpoint>,
    /// Let through and not given yet.
    ready: VecDeque<String>,
    /// What was judged: who says the same again is not heard again.
    heard: BTreeSet<String>,
    /// A line ended since the last sentence that was let through.
    breaks_line: bool,
    stage: Stage,
    outcome: Outcome,
}

enum Stage {
    Asking,
    Reading(Box<Reading>),
    Ending,
    Over,
}

/// An answer that is coming.
struct Reading {
    endpoint: Endpoint,
    body: LocalBoxStream<'static, Result<bytes::Bytes, FetchError>>,
    reader: Reader,
    thought: Thought,
    splitter: Splitter,
    /// Characters so far, thoughts included.
    written: usize,
    /// What of it is charged where the server does not say.
    completion: u32,
}

impl<F: Fetch, E: Embed> Talk<F, E> {
    async fn next(&mut self) -> Option<Piece> {
        loop {
            if let Some(text) = self.ready.pop_front() {
                return Some(Piece::Text(text));
            }
            match std::mem::replace(&mut self.stage, Stage::Over) {
                Stage::Asking => self.ask_next().await,
                Stage::Reading(reading) => self.read(*reading).await,
                Stage::Ending => return Some(Piece::End(std::mem::take(&mut self.outcome))),
                Stage::Over => return None,
            }
        }
    }

    async fn ask_next(&mut self) {
        let Some(endpoint) = self.endpoints.pop_front() else {
            self.outcome.problem = self.outcome.problem.or(Some(Problem::NoEndpoint));
            self.stage = Stage::Ending;
            return;
        };
        match self.fetch.fetch(endpoint.request(self.ask.body(&endpoint.model), self.timeout)).await {
            Ok(answer) if answer.status.is_success() => {
                let (reader, thought, splitter) = (Reader::new(), Thought::default(), Splitter::default());
                self.stage =
                    Stage::Reading(Box::new(Reading { endpoint, body: answer.body, reader, thought, splitter, written: 0, completion: 0 }));
            }
            Ok(answer) => self.give_up(Try::refused(&endpoint, answer.status, &answer.headers)),
            Err(error) => {
                if error == FetchError::Deadline {
                    self.charge(Usage { prompt_tokens: self.ask.tokens(), completion_tokens: 0 }, true);
                }
                self.give_up(Try::new(&endpoint, Some(Problem::of(&error, false))));
            }
        }
    }

    /// Reads on, by one chunk.
    async fn read(&mut self, mut reading: Reading) {
        let fault = match reading.body.next().await {
            Some(Ok(bytes)) => {
                let text = reading.reader.push(&bytes);
                self.take(&mut reading, &text);
                if !reading.reader.is_over() && reading.written < MAX_CHARS {
                    self.stage = Stage::Reading(Box::new(reading));
                    return;
                }
                None
            }
            Some(Err(error)) => Some(error),
            None => None,
        };
        self.close(reading, fault.as_ref());
    }

    fn take(&mut self, reading: &mut Reading, text: &str) {
        reading.written += text.chars().count();
        reading.completion = reading.completion.saturating_add(tokens(text));
        let said = reading.thought.push(text);
        for sentence in reading.splitter.push(&said) {
            self.judge(&sentence);
        }
    }

    fn judge(&mut self, sentence: &Sentence) {
        self.breaks_line |= sentence.begins_line;
        if !self.heard.insert(sentence.text.clone()) {
            return;
        }
        match self.gate.judge(&sentence.text) {
            Verdict::Supported { text, sources } => {
                let between = match self.outcome.sentences {
                    0 => "",
                    _ if self.breaks_line => "\n",
                    _ => " ",
                };
                self.breaks_line = false;
                self.ready.push_back(format!("{between}{text}"));
                self.outcome.sentences += 1;
                sources.into_iter().for_each(|source| self.outcome.cite(source));
            }
            Verdict::Cut(cut) => self.outcome.cut.push(cut),
        }
    }

    /// The answer is over, by its end, its length or a fault.
    fn close(&mut self, mut reading: Reading, fault: Option<&FetchError>) {
        let is_too_long = reading.written >= MAX_CHARS;
        let (rest, end) = std::mem::take(&mut reading.reader).end();
        self.take(&mut reading, &rest);
        let is_whole = end.is_complete && fault.is_none() && !is_too_long && end.finish != Some(Finish::Length);
        if is_whole {
            let held = std::mem::take(&mut reading.thought).end();
            let mut last = reading.splitter.push(&held);
            last.extend(std::mem::take(&mut reading.splitter).end());
            last.iter().for_each(|sentence| self.judge(sentence));
        }
        let estimate = Usage { prompt_tokens: self.ask.tokens(), completion_tokens: reading.completion };
        if end.is_answer || fault == Some(&FetchError::Deadline) {
            self.charge(end.usage.unwrap_or(estimate), end.usage.is_none());
        }
        let problem = match fault {
            Some(error) => Some(Problem::of(error, end.is_answer)),
            None if is_too_long => Some(Problem::TooLong),
            None => self.problem(end),
        };
        let tried = Try::new(&reading.endpoint, problem);
        if problem.is_some_and(Problem::is_fault) && self.outcome.sentences == 0 {
            return self.give_up(tried);
        }
        self.outcome.endpoint = Some(reading.endpoint.id);
        self.outcome.problem = problem;
        self.outcome.tries.push(tried);
        self.stage = Stage::Ending;
    }

    fn problem(&self, end: End) -> Option<Problem> {
        Problem::of_end(end).or_else(|| (self.outcome.sentences == 0).then_some(Problem::Unsupported))
    }

    /// Nothing was shown: the next one is asked, and the last one's problem is told if none is left.
    fn give_up(&mut self, tried: Try) {
        self.heard.clear();
        self.outcome.problem = tried.problem;
        self.outcome.tries.push(tried);
        self.stage = Stage::Asking;
    }

    fn charge(&mut self, usage: Usage, is_estimate: bool) {
        self.outcome.usage = self.outcome.usage.and(usage);
        self.outcome.is_estimate |= is_estimate;
    }
}

#[cfg(test)]
mod tests;
