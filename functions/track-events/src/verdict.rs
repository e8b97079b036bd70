//! What becomes of an event, and why: the ledger's words, which are also the wire's codes.

use serde::Serialize;

/// The five columns of the ledger. Whatever is received is exactly one of them.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum Verdict {
    /// Stored.
    Accepted,
    /// Stored before, under the same source and message id.
    Duplicate,
    /// No person did it.
    Bot,
    /// A person may have done it, but the site's policy or the person's own will keeps it out.
    Quarantined,
    /// It cannot be an event.
    Invalid,
}

impl Verdict {
    /// Every verdict.
    pub const ALL: [Self; 5] = [Self::Accepted, Self::Duplicate, Self::Bot, Self::Quarantined, Self::Invalid];

    /// The word in the ledger.
    #[must_use]
    pub const fn name(self) -> &'static str {
        match self {
            Self::Accepted => "accepted",
            Self::Duplicate => "duplicate",
            Self::Bot => "bot",
            Self::Quarantined => "quarantined",
            Self::Invalid => "invalid",
        }
    }
}

/// Why an event is not kept.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum Reason {
    /// Its browser calls itself a robot.
    UserAgent,
    /// The browser only looked ahead.
    Prefetch,
    /// It claims to come from a site that is known to send nobody.
    SpamReferrer,
    /// Its address is on the site's list.
    BlockedAddress,
    /// The site asks for consent, and the event does not say that it was given.
    ConsentMissing,
    /// The browser asks not to be tracked.
    OptedOut,
    /// The person asked to be forgotten.
    Suppressed,
    /// It is no JSON object, or damaged.
    Malformed,
    /// It is longer than its protocol takes.
    TooLarge,
    /// It stands beyond the most events that one request may carry.
    TooMany,
    /// It has more properties than are kept.
    TooManyProperties,
    /// Its type is none.
    UnknownType,
    /// It does not say what happened.
    NameMissing,
    /// It does not say who: neither an anonymous id nor a user's.
    IdentityMissing,
    /// Its message id, its visitor or its session is too long or empty.
    BadId,
    /// It names another site than the first event of its request.
    OtherSite,
}

impl Reason {
    /// Every reason.
    pub const ALL: [Self; 16] = [
        Self::UserAgent,
        Self::Prefetch,
        Self::SpamReferrer,
        Self::BlockedAddress,
        Self::ConsentMissing,
        Self::OptedOut,
        Self::Suppressed,
        Self::Malformed,
        Self::TooLarge,
        Self::TooMany,
        Self::TooManyProperties,
        Self::UnknownType,
        Self::NameMissing,
        Self::IdentityMissing,
        Self::BadId,
        Self::OtherSite,
    ];

    /// The column it counts in.
    #[must_use]
    pub const fn verdict(self) -> Verdict {
        match self {
            Self::UserAgent | Self::Prefetch | Self::SpamReferrer => Verdict::Bot,
            Self::BlockedAddress | Self::ConsentMissing | Self::OptedOut | Self::Suppressed => Verdict::Quarantined,
            Self::Malformed
            | Self::TooLarge
            | Self::TooMany
            | Self::TooManyProperties
            | Self::UnknownType
            | Self::NameMissing
            | Self::IdentityMissing
            | Self::BadId
            | Self::OtherSite => Verdict::Invalid,
        }
    }

    /// The word in the ledger and on the wire.
    #[must_use]
    pub const fn name(self) -> &'static str {
        match self {
            Self::UserAgent => "user_agent",
            Self::Prefetch => "prefetch",
            Self::SpamReferrer => "spam_referrer",
            Self::BlockedAddress => "blocked_address",
            Self::ConsentMissing => "consent_missing",
            Self::OptedOut => "opted_out",
            Self::Suppressed => "suppressed",
            Self::Malformed => "malformed",
            Self::TooLarge => "too_large",
            Self::TooMany => "too_many",
            Self::TooManyProperties => "too_many_properties",
            Self::UnknownType => "unknown_type",
            Self::NameMissing => "name_missing",
            Self::IdentityMissing => "identity_missing",
            Self::BadId => "bad_id",
            Self::OtherSite => "other_site",
        }
    }

    /// Whether what happened still counts in views: people are not kept, but a page was seen.
    #[must_use]
    pub const fn counts_the_view(self) -> bool {
        matches!(self, Self::ConsentMissing | Self::OptedOut | Self::Suppressed)
    }
}
