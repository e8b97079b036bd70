//! Accept, quarantine or reject: every sign of spam that was seen, and what the form's policy makes of them.
//!
//! Decides only; counting rates, hashing content and asking the challenge are the caller's.

use chrono::TimeDelta;
use serde::{Deserialize, Serialize};

use crate::challenge::Outcome;

mod domains;
mod links;

pub use domains::{is_disposable, is_free};

/// A sign that a submission may not come from a person; wire code and metric label.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Reason {
    /// The field no person sees was filled in.
    DecoyFilled,
    /// The field no person sees was not sent at all: the form was never rendered.
    DecoyMissing,
    /// Sent sooner after the form was shown than a person types.
    TooFast,
    /// The browser says that it is driven by automation.
    Webdriver,
    /// More of the text is links than a person writes.
    LinkDensity,
    /// The mailbox is at a provider of throw-away addresses.
    DisposableDomain,
    /// The same content was sent before.
    RepeatedContent,
    /// Too many submissions from one address.
    AddressRate,
    /// Too many submissions to one form.
    FormRate,
    /// The challenge was not solved, or its solution was not accepted.
    ChallengeFailed,
}

impl Reason {
    /// Every reason, in the order in which verdicts list them.
    pub const ALL: [Self; 10] = [
        Self::DecoyFilled,
        Self::DecoyMissing,
        Self::TooFast,
        Self::Webdriver,
        Self::LinkDensity,
        Self::DisposableDomain,
        Self::RepeatedContent,
        Self::AddressRate,
        Self::FormRate,
        Self::ChallengeFailed,
    ];

    /// The wire code.
    #[must_use]
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::DecoyFilled => "decoy_filled",
            Self::DecoyMissing => "decoy_missing",
            Self::TooFast => "too_fast",
            Self::Webdriver => "webdriver",
            Self::LinkDensity => "link_density",
            Self::DisposableDomain => "disposable_domain",
            Self::RepeatedContent => "repeated_content",
            Self::AddressRate => "address_rate",
            Self::FormRate => "form_rate",
            Self::ChallengeFailed => "challenge_failed",
        }
    }

    /// What a reason leads to unless the form's policy says otherwise.
    ///
    /// Chosen: what only a machine does is held for a person to look at; what costs us per attempt is turned away;
    /// a missing decoy is noted, since clients of the Formspree wire leave it out.
    #[must_use]
    pub const fn default_action(self) -> Action {
        match self {
            Self::DecoyMissing => Action::Accept,
            Self::AddressRate | Self::ChallengeFailed => Action::Reject,
            Self::DecoyFilled
            | Self::TooFast
            | Self::Webdriver
            | Self::LinkDensity
            | Self::DisposableDomain
            | Self::RepeatedContent
            | Self::FormRate => Action::Quarantine,
        }
    }
}

/// What happens to a submission, mildest first.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Action {
    /// Stored, and whoever asked for it is notified; a reason that only accepts is a note.
    #[default]
    Accept,
    /// Stored and listed, nobody is notified until a person says "not spam"; the visitor sees no difference.
    Quarantine,
    /// Not stored; the visitor is told.
    Reject,
}

impl Action {
    /// The wire code.
    #[must_use]
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Accept => "accept",
            Self::Quarantine => "quarantine",
            Self::Reject => "reject",
        }
    }
}

/// The decoy: a field that stands in the page, out of sight.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Decoy {
    /// This way of sending carries no decoy, such as JSON from a script.
    NotExpected,
    /// Expected and not sent.
    Missing,
    /// Sent empty, as a person sends it.
    Empty,
    /// Sent with something in it.
    Filled,
}

/// What is known about how a submission came about.
#[derive(Debug, Clone)]
pub struct Evidence<'a> {
    /// What came back of the decoy.
    pub decoy: Decoy,
    /// From showing the form to sending it, by the visitor's clock; less than zero tells of a wrong clock, thus nothing.
    pub elapsed: Option<TimeDelta>,
    /// What the browser says about being driven by automation.
    pub is_webdriver: bool,
    /// What the visitor wrote freely; not the answers to fields that ask for a URL.
    pub texts: &'a [&'a str],
    /// The mailbox's domain.
    pub email_domain: &'a str,
    /// The same content came a moment ago.
    pub is_repeated: bool,
    /// Submissions from this address in the current minute, this one included.
    pub address_count: u32,
    /// Submissions to this form in the current minute, this one included.
    pub form_count: u32,
    /// How the challenge ended.
    pub challenge: Outcome,
}

/// From where on evidence counts.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct Thresholds {
    /// Sent sooner than this is too fast.
    pub min_elapsed_ms: u32,
    /// This many links in one text are too many.
    pub max_links: u32,
    /// More than this from one address are too many.
    pub address_per_minute: u32,
    /// More than this to one form are too many.
    pub form_per_minute: u32,
}

impl Default for Thresholds {
    /// Two seconds: nobody reads a form and types an address sooner (chosen).
    /// Three links: one more than WordPress's `comment_max_links`, since an inquiry names its own site.
    /// 20 per minute from an address: Formspree's limit for a whole form (formspree.io, "Account limits"), since an office shares one.
    /// 120 per minute to a form: six such offices (chosen); a campaign's rush is held, not lost.
    fn default() -> Self {
        Self { min_elapsed_ms: 2_000, max_links: 3, address_per_minute: 20, form_per_minute: 120 }
    }
}

/// What happens to a submission, and everything that was seen.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Verdict {
    /// The worst that any reason leads to.
    pub action: Action,
    /// Every reason seen, also those that are only noted, in the order of [`Reason::ALL`].
    pub reasons: Vec<Reason>,
    /// The first reason that leads to `action`; none if nothing worse than a note was seen.
    pub cause: Option<Reason>,
}

impl Verdict {
    /// Weighs the evidence by a form's policy, which says what each reason leads to.
    ///
    /// A challenge that nobody could check holds a submission at worst: the visitor is not to blame for an outage.
    pub fn of(evidence: &Evidence<'_>, thresholds: &Thresholds, policy: impl Fn(Reason) -> Action) -> Self {
        let action_of = |reason| match (reason, evidence.challenge) {
            (Reason::ChallengeFailed, Outcome::Unknown) => policy(reason).min(Action::Quarantine),
            _ => policy(reason),
        };
        let reasons: Vec<_> = Reason::ALL.into_iter().filter(|reason| is_seen(*reason, evidence, thresholds)).collect();
        let action = reasons.iter().copied().map(action_of).max().unwrap_or_default();
        let cause = reasons.iter().copied().find(|reason| action > Action::Accept && action_of(*reason) == action);
        Self { action, reasons, cause }
    }
}

fn is_seen(reason: Reason, evidence: &Evidence<'_>, thresholds: &Thresholds) -> bool {
    match reason {
        Reason::DecoyFilled => evidence.decoy == Decoy::Filled,
        Reason::DecoyMissing => evidence.decoy == Decoy::Missing,
        Reason::TooFast => evidence
            .elapsed
            .map(|elapsed| elapsed.num_milliseconds())
            .is_some_and(|millis| (0..i64::from(thresholds.min_elapsed_ms)).contains(&millis)),
        Reason::Webdriver => evidence.is_webdriver,
        Reason::LinkDensity => evidence.texts.iter().any(|text| links::is_dense(text, thresholds.max_links)),
        Reason::DisposableDomain => is_disposable(evidence.email_domain),
        Reason::RepeatedContent => evidence.is_repeated,
        Reason::AddressRate => evidence.address_count > thresholds.address_per_minute,
        Reason::FormRate => evidence.form_count > thresholds.form_per_minute,
        Reason::ChallengeFailed => matches!(evidence.challenge, Outcome::Failed | Outcome::Unknown),
    }
}

#[cfg(test)]
mod tests;
