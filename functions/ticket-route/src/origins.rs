//! What came from a source, known by a hash of its own id: nothing comes twice, and what answers it finds its ticket.

use chrono::{DateTime, Utc};
use orilla_core::ids::hex;
use orilla_core::sites::SiteId;
use orilla_core::sql::Statement;
use serde_json::json;
use sha2::{Digest, Sha256};

/// The hash that an id of this kind of thing is known by. Ids may hold addresses, so they are not kept themselves.
#[must_use]
pub fn key(of: &str, id: &str) -> String {
    hex(&Sha256::digest(format!("{of}\n{id}").as_bytes()))
}

/// Remembers that it became part of a ticket.
#[must_use]
pub fn remember(site: &SiteId, key: &str, ticket: &str, now: DateTime<Utc>) -> Statement {
    let put =
        "INSERT INTO ticket_origins (site_id, key, ticket_id, created_at) VALUES (?1, ?2, ?3, ?4) ON CONFLICT (site_id, key) DO NOTHING";
    Statement::new(put).bind(site).bind(key).bind(ticket).bind(now)
}

/// The tickets that some of these became part of.
#[must_use]
pub fn find(site: &SiteId, keys: &[String]) -> Statement {
    let select = "SELECT * FROM tickets WHERE site_id = ?1 AND id IN \
                  (SELECT ticket_id FROM ticket_origins WHERE site_id = ?1 AND key IN (SELECT value FROM json_each(?2)))";
    Statement::new(select).bind(site).bind(json!(keys).to_string())
}
