//! Accept, quarantine or reject: every sign of spam that was seen, and what the form's policy makes of them.
//!
//! Decides only; counting rates, hashing content and asking the challenge are the caller's.

use serde::{Deserialize, Serialize};

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
