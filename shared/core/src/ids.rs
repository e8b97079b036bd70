//! Identifiers: time-ordered, from injected time and randomness only.

use std::fmt;

use chrono::{DateTime, SecondsFormat, Utc};
use sha2::{Digest, Sha256};
use uuid::{Builder, Uuid};

use crate::ports::Random;

/// A fresh UUIDv7: sorts by `now`, with 74 random bits.
///
/// Source: RFC 9562 §5.7.
pub fn uuid_v7(now: DateTime<Utc>, random: &impl Random) -> Uuid {
    let mut bytes = [0; 10];
    random.fill(&mut bytes);
    let millis = u64::try_from(now.timestamp_millis()).unwrap_or_default();
    Builder::from_unix_timestamp_millis(millis, &bytes).into_uuid()
}

/// A UUID that stands for a text: the same text gives the same one. Version 8, from the text's SHA-256.
///
/// Source: RFC 9562 §5.8.
#[must_use]
pub fn uuid_of(text: &str) -> Uuid {
    let mut bytes = [0; 16];
    for (byte, hashed) in bytes.iter_mut().zip(Sha256::digest(text.as_bytes())) {
        *byte = hashed;
    }
    Builder::from_custom_bytes(bytes).into_uuid()
}

/// Bytes as hex digits, in lower case.
#[must_use]
pub fn hex(bytes: &[u8]) -> String {
    bytes.iter().map(|byte| format!("{byte:02x}")).collect()
}

/// A time as every answer and webhook spells it: RFC 3339, UTC, to the millisecond.
#[must_use]
pub fn rfc3339(time: DateTime<Utc>) -> String {
    time.to_rfc3339_opts(SecondsFormat::Millis, true)
}

/// Names one request in the log, in the `x-request-id` header and in problem documents.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub struct RequestId(Uuid);

impl RequestId {
    /// A fresh id.
    pub fn new(now: DateTime<Utc>, random: &impl Random) -> Self {
        Self(uuid_v7(now, random))
    }
}

impl fmt::Display for RequestId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.0.as_hyphenated().fmt(f)
    }
}
