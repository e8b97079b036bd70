//! How an attempt to have an answer written ended: for the answer, the log, the budget and the circuit breaker. No word of it is the visitor's.

use std::collections::BTreeMap;
use std::time::Duration;

use chrono::{DateTime, NaiveDate, Utc};
use http::{HeaderMap, StatusCode, header};
use orilla_core::ports::FetchError;
use orilla_core::sql::Statement;
use serde::Serialize;

use crate::breaker::{self, Health};
use crate::config::{Endpoint, GeneratorConfig};
use crate::gate::Cut;
use crate::stream::{End, Finish, Usage};

/// What went wrong. The names are the metric labels.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum Problem {
    /// There was nobody to ask, or everybody is left alone.
    NoEndpoint,
    /// Nobody answered, or the address may not be called.
    Connect,
    /// Time was up.
    Deadline,
    /// Too many requests.
    Busy,
    /// Another status than one of success.
    Status,
    /// What came was no answer.
    Garbage,
    /// The server told an error within its answer.
    Failed,
    /// The answer broke off.
    Cut,
    /// The answer reached its limit: its last sentence is missing.
    TooLong,
    /// The server's filter stopped it.
    Filtered,
    /// No sentence was supported.
    Unsupported,
}

impl Problem {
    /// What a failed call means, before or after something of an answer came.
    pub(crate) const fn of(error: &FetchError, has_begun: bool) -> Self {
        match error {
            FetchError::Deadline => Self::Deadline,
            _ if has_begun => Self::Cut,
            FetchError::Refused(_) | FetchError::Connect(_) => Self::Connect,
            FetchError::TooLarge | FetchError::Protocol(_) => Self::Garbage,
        }
    }

    /// What is wrong with how an answer ended.
    pub(crate) const fn of_end(end: End) -> Option<Self> {
        match end.finish {
            _ if end.is_error => Some(Self::Failed),
            _ if !end.is_answer => Some(Self::Garbage),
            _ if !end.is_complete => Some(Self::Cut),
            Some(Finish::Length) => Some(Self::TooLong),
            Some(Finish::Filter) => Some(Self::Filtered),
            _ => None,
        }
    }

    /// Whether it counts against the endpoint, and another one may do better.
    #[must_use]
    pub const fn is_fault(self) -> bool {
        !matches!(self, Self::NoEndpoint | Self::TooLong | Self::Filtered | Self::Unsupported)
    }

    /// The wire word.
    #[must_use]
    pub const fn name(self) -> &'static str {
        match self {
            Self::NoEndpoint => "no_endpoint",
            Self::Connect => "connect",
            Self::Deadline => "deadline",
            Self::Busy => "busy",
            Self::Status => "status",
            Self::Garbage => "garbage",
            Self::Failed => "failed",
            Self::Cut => "cut",
            Self::TooLong => "too_long",
            Self::Filtered => "filtered",
            Self::Unsupported => "unsupported",
        }
    }
}

/// One call.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Try {
    /// The [`Endpoint::id`].
    pub endpoint: String,
    /// What went wrong.
    pub problem: Option<Problem>,
    /// How long the server wants to be left alone.
    pub retry_after: Option<Duration>,
}

impl Try {
    pub(crate) fn new(endpoint: &Endpoint, problem: Option<Problem>) -> Self {
        Self { endpoint: endpoint.id.clone(), problem, retry_after: None }
    }

    /// One that was answered with a status other than success.
    pub(crate) fn refused(endpoint: &Endpoint, status: StatusCode, headers: &HeaderMap) -> Self {
        let problem = if status == StatusCode::TOO_MANY_REQUESTS { Problem::Busy } else { Problem::Status };
        Self { retry_after: retry_after(headers), ..Self::new(endpoint, Some(problem)) }
    }
}

/// The end of an answer.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Outcome {
    /// The passages that support what was let through, by their place in the question, in the order of their first use.
    pub sources: Vec<usize>,
    /// What all calls cost.
    pub usage: Usage,
    /// Whether some of that is our estimate.
    pub is_estimate: bool,
    /// What went wrong; none of an answer that is whole, but for the sentences that were cut.
    pub problem: Option<Problem>,
    /// The endpoint that wrote it; none if nobody did.
    pub endpoint: Option<String>,
    /// Every call, in order.
    pub tries: Vec<Try>,
    /// How many sentences were let through.
    pub sentences: usize,
    /// Why each of the others was cut.
    pub cut: Vec<Cut>,
}

impl Outcome {
    pub(super) fn cite(&mut self, source: usize) {
        if !self.sources.contains(&source) {
            self.sources.push(source);
        }
    }

    /// What is to be written down of it: its cost, and how each endpoint was.
    #[must_use]
    pub fn record(&self, site: &str, day: NaiveDate, now: DateTime<Utc>) -> Vec<Statement> {
        let endings = self.tries.iter().map(|tried| match tried.problem {
            Some(problem) if problem.is_fault() => breaker::failed(&tried.endpoint, now, tried.retry_after),
            _ => breaker::succeeded(&tried.endpoint),
        });
        let calls = u32::try_from(self.tries.len()).unwrap_or(u32::MAX);
        let charge = (calls > 0).then(|| breaker::charge(site, day, self.usage, calls));
        endings.chain(charge).collect()
    }
}

impl GeneratorConfig {
    /// Those that are not left alone now.
    #[must_use]
    pub fn awake(mut self, health: &BTreeMap<String, Health>, now: DateTime<Utc>) -> Self {
        self.endpoints.retain(|endpoint| !health.get(&endpoint.id).is_some_and(|health| health.is_open(now)));
        self
    }
}

/// Source: RFC 9110 §10.2.3; a date is not read, since the servers' limits are told in seconds.
fn retry_after(headers: &HeaderMap) -> Option<Duration> {
    headers.get(header::RETRY_AFTER)?.to_str().ok()?.trim().parse().ok().map(Duration::from_secs)
}
