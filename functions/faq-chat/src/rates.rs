//! How often somebody may ask: the same for a turn of the chat and for a client that keeps its own conversation.

use std::time::Duration;

use orilla_core::limit::Limit;
use orilla_core::sql::{Rows, Statement};
use orilla_core::{Error, Request, visitors};

use crate::desk::Desk;

/// Of one address, and of one site. Chosen: a person writes one in three seconds at most.
const PER_ADDRESS: Limit = Limit { hits: 30, window: Duration::from_secs(60) };
const PER_SITE: Limit = Limit { hits: 3_000, window: Duration::from_secs(60) };

/// Counts a request, or only reads what was counted; what comes back is for [`check`]. A host that knows no address counts none.
#[must_use]
pub fn count(desk: &Desk, request: &Request, is_counted: bool) -> [Statement; 2] {
    let (site, now) = (&desk.site, request.received);
    let add = |limit: Limit, key: String| if is_counted { limit.hit(&key, now) } else { limit.look(&key, now) };
    let address = request.client.map(|client| visitors::address_hash(&desk.salt, site, client));
    let of_address = match address {
        Some(address) => add(PER_ADDRESS, format!("chat:{site}:{address}")),
        None => Statement::new("SELECT 0 AS count, 0 AS expires_at"),
    };
    [of_address, add(PER_SITE, format!("chat:{site}"))]
}

/// Whether that was too often.
///
/// Errors: `TooManyRequests`; `Column` for rows of other statements.
pub fn check(of_address: &Rows, of_site: &Rows, request: &Request) -> Result<(), Error> {
    for (limit, rows) in [(PER_ADDRESS, of_address), (PER_SITE, of_site)] {
        if let Some(exceeded) = limit.read(rows, request.received)? {
            return Err(exceeded.into());
        }
    }
    Ok(())
}
