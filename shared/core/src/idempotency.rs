//! The same key and payload do a thing once: a client that never saw the answer can always send again.
//!
//! The key is stored in the same batch as what it created, so there is no moment in which one exists without the other.

use chrono::{DateTime, TimeDelta, Utc};
use serde_json::Value;
use sha2::{Digest, Sha256};

use crate::error::{Error, Violation};
use crate::http::Request;
use crate::ids::hex;
use crate::sites::SiteId;
use crate::sql::{Rows, SqlError, Statement};

/// How long a key is remembered. Source: longer than the 12 h that Segment's clients retry, and a long week-end.
pub const REMEMBERED: TimeDelta = TimeDelta::days(7);
/// The longest key. Source: draft-ietf-httpapi-idempotency-key-header leaves it to the server; Stripe's is 255.
pub const MAX_KEY_CHARS: usize = 255;

const HEADER: &str = "Idempotency-Key";

/// A key that a client made up for one attempt to do one thing.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Key(String);

impl Key {
    /// The key of a request: the header's, else the form's hidden field, which may be there and empty.
    ///
    /// Errors: `Invalid` for one that is not 1 to 255 visible ASCII characters.
    pub fn of(request: &Request, hidden: Option<&str>) -> Result<Option<Self>, Error> {
        let shown = match request.headers.get(HEADER) {
            Some(value) => Some(value.to_str().unwrap_or_default()),
            None => hidden.filter(|hidden| !hidden.is_empty()),
        };
        shown.map(Self::parse).transpose()
    }

    /// Reads one.
    ///
    /// Errors: as [`Self::of`].
    pub fn parse(text: &str) -> Result<Self, Error> {
        let is_fine = (1..=MAX_KEY_CHARS).contains(&text.len()) && text.bytes().all(|byte| byte.is_ascii_graphic());
        if is_fine { Ok(Self(text.to_owned())) } else { Err(refused("idempotency_key", "Use 1 to 255 visible ASCII characters.")) }
    }
}

/// What a key was used for before.
#[derive(Debug, Clone, PartialEq)]
pub enum Outcome {
    /// Nothing: do it.
    New,
    /// The same payload: give this answer again and do nothing.
    Replay(Value),
    /// Another payload: refuse with [`mismatch`].
    Mismatch,
}

/// A key in its place: the same key on another form or site is another key.
#[derive(Debug, Clone, Copy)]
pub struct Slot<'a> {
    /// The tenant.
    pub site: &'a SiteId,
    /// What the key is for, such as `form:demo`.
    pub scope: &'a str,
    /// The key.
    pub key: &'a Key,
}

impl Slot<'_> {
    /// Looks the key up; read the rows with [`outcome`].
    #[must_use]
    pub fn look_up(self, now: DateTime<Utc>) -> Statement {
        let sql = "SELECT fingerprint, answer FROM idempotency WHERE site_id = ?1 AND scope = ?2 AND key = ?3 AND expires_at > ?4";
        self.bind(sql).bind(now)
    }

    /// Remembers the key, in the batch that does the thing. A race for the same key fails the batch; see [`is_race`].
    #[must_use]
    pub fn remember(self, fingerprint: &str, answer: &Value, subject: &str, now: DateTime<Utc>) -> [Statement; 2] {
        let make_room = "DELETE FROM idempotency WHERE site_id = ?1 AND scope = ?2 AND key = ?3 AND expires_at <= ?4";
        let insert = "INSERT INTO idempotency (site_id, scope, key, fingerprint, answer, subject_id, created_at, expires_at) \
                      VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8)";
        [
            self.bind(make_room).bind(now),
            self.bind(insert).bind(fingerprint).bind(answer.to_string()).bind(subject).bind(now).bind(now + REMEMBERED),
        ]
    }

    fn bind(self, sql: &'static str) -> Statement {
        Statement::new(sql).bind(self.site).bind(self.scope).bind(self.key.0.as_str())
    }
}

/// What the rows of [`Slot::look_up`] mean for this payload.
///
/// Errors: `Column` if they are of another statement.
pub fn outcome(rows: &Rows, fingerprint: &str) -> Result<Outcome, SqlError> {
    let Some(row) = rows.first() else { return Ok(Outcome::New) };
    if row.text("fingerprint")? != fingerprint {
        return Ok(Outcome::Mismatch);
    }
    row.json("answer").map(Outcome::Replay)
}

/// Whether a batch failed because another request with the same key was faster: look up again and replay its answer.
#[must_use]
pub fn is_race(error: &SqlError) -> bool {
    matches!(error, SqlError::Unique { constraint } if constraint.starts_with("idempotency."))
}

/// The refusal of a key that was used for another payload.
#[must_use]
pub fn mismatch() -> Error {
    refused("idempotency_mismatch", "This key was used for another payload; make a new key for a new submission.")
}

fn refused(code: &'static str, message: &str) -> Error {
    let violation = Violation { field: HEADER.into(), code: code.into(), message: message.into() };
    Error::invalid("The idempotency key cannot be used.", vec![violation])
}

/// SHA-256 of a payload, as hex; the order of an object's names makes no difference.
#[must_use]
pub fn fingerprint(payload: &Value) -> String {
    let mut canonical = String::new();
    write_canonical(payload, &mut canonical);
    hex(&Sha256::digest(canonical.as_bytes()))
}

/// JSON with sorted names. `serde_json` sorts too, unless some crate of the build turns on its `preserve_order`.
fn write_canonical(value: &Value, out: &mut String) {
    match value {
        Value::Object(entries) => {
            let mut sorted: Vec<_> = entries.iter().collect();
            sorted.sort_by_key(|(name, _)| name.as_str());
            for (index, (name, value)) in sorted.into_iter().enumerate() {
                out.push(if index == 0 { '{' } else { ',' });
                out.push_str(&Value::from(name.as_str()).to_string());
                out.push(':');
                write_canonical(value, out);
            }
            out.push_str(if entries.is_empty() { "{}" } else { "}" });
        }
        Value::Array(items) => {
            for (index, item) in items.iter().enumerate() {
                out.push(if index == 0 { '[' } else { ',' });
                write_canonical(item, out);
            }
            out.push_str(if items.is_empty() { "[]" } else { "]" });
        }
        scalar => out.push_str(&scalar.to_string()),
    }
}

/// Forgets keys whose time is over.
#[must_use]
pub fn forget_expired(now: DateTime<Utc>) -> Statement {
    Statement::new("DELETE FROM idempotency WHERE expires_at <= ?1 RETURNING 1 AS gone").bind(now)
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;
    use crate::sql;
    use crate::testing::request;

    #[track_caller]
    fn check_key(header: Option<&str>, hidden: Option<&str>, expect: Result<Option<&str>, &str>) {
        let headers: Vec<_> = header.iter().map(|value| ("idempotency-key", *value)).collect();
        let key = Key::of(&request(&headers, ""), hidden);
        let key = key.as_ref().map(|key| key.as_ref().map(|key| key.0.as_str())).map_err(|e| e.violations[0].code.as_ref());
        assert_eq!(key, expect);
    }

    #[test]
    fn keys_come_from_the_header_or_the_form() {
        check_key(None, None, Ok(None));
        check_key(None, Some(""), Ok(None));
        check_key(None, Some("k1"), Ok(Some("k1")));
        check_key(Some("k2"), Some("k1"), Ok(Some("k2")));
        check_key(Some(&"k".repeat(255)), None, Ok(Some(&"k".repeat(255))));
        check_key(Some(&"k".repeat(256)), None, Err("idempotency_key"));
        check_key(Some(""), Some("k1"), Err("idempotency_key"));
        check_key(Some("two words"), None, Err("idempotency_key"));
        check_key(None, Some("clé"), Err("idempotency_key"));
    }

    #[test]
    fn fingerprints_ignore_the_order_of_names_only() {
        let print = |text: &str| fingerprint(&serde_json::from_str(text).unwrap());
        assert_eq!(print(r#"{"a":1,"b":{"c":[],"d":{}}}"#), print(r#"{"b":{"d":{},"c":[]},"a":1}"#));
        assert_ne!(print(r#"{"a":[1,2]}"#), print(r#"{"a":[2,1]}"#));
        assert_ne!(print(r#"{"a":"1"}"#), print(r#"{"a":1}"#));
        assert_ne!(print(r#"{"a":"b\",\"c\":\"d"}"#), print(r#"{"a":"b","c":"d"}"#));
        let canonical = {
            let mut out = String::new();
            write_canonical(&json!({ "b": [1, {}], "a": "\"" }), &mut out);
            out
        };
        assert_eq!(canonical, r#"{"a":"\"","b":[1,{}]}"#);
    }

    #[test]
    fn rows_tell_a_replay_from_a_mismatch() {
        let columns = ["fingerprint".to_owned(), "answer".to_owned()];
        let rows = Rows { columns: columns.into(), values: vec![vec![sql::Value::from("f1"), sql::Value::from("{\"id\":7}")]] };
        assert_eq!(outcome(&Rows::default(), "f1").unwrap(), Outcome::New);
        assert_eq!(outcome(&rows, "f1").unwrap(), Outcome::Replay(json!({ "id": 7 })));
        assert_eq!(outcome(&rows, "f2").unwrap(), Outcome::Mismatch);
    }

    #[test]
    fn only_its_own_constraint_is_a_race() {
        let unique =
            |constraint: &str| SqlError::from_message(&format!("D1_ERROR: UNIQUE constraint failed: {constraint}: SQLITE_CONSTRAINT"));
        assert!(is_race(&unique("idempotency.site_id, idempotency.scope, idempotency.key")));
        assert!(!is_race(&unique("leads.site_id, leads.email_key")));
        assert!(!is_race(&SqlError::Unavailable("locked".into())));
    }
}
