//! How often a page may open tickets: whoever shows a secret key of the site may as often as they like.

use std::time::Duration;

use orilla_core::limit::Limit;
use orilla_core::sql::{Rows, Statement, take};
use orilla_core::{Error, Random, Request, Sql, visitors};

use crate::desk::Front;

/// Of one address, and of one site. Chosen: nobody has ten matters in ten minutes, and a whole site's customers seldom a hundred in one.
const PER_ADDRESS: Limit = Limit { hits: 10, window: Duration::from_secs(600) };
const PER_SITE: Limit = Limit { hits: 100, window: Duration::from_secs(60) };

/// Counts a ticket of a page. A host that knows no address counts the site's alone.
///
/// Errors: `TooManyRequests`, and what the store gives.
pub async fn admit(sql: &impl Sql, random: &impl Random, front: &Front, request: &Request) -> Result<(), Error> {
    admit_to("ticket", sql, random, front, request).await
}

/// Counts what else a page sends, each thing by itself, as tickets are counted.
///
/// Errors: `TooManyRequests`, and what the store gives.
pub async fn admit_to(what: &str, sql: &impl Sql, random: &impl Random, front: &Front, request: &Request) -> Result<(), Error> {
    if front.is_trusted {
        return Ok(());
    }
    let (site, now) = (&front.site, request.received);
    let of_address = match request.client {
        Some(client) => {
            let salt = visitors::salt(sql, random, now).await?;
            PER_ADDRESS.hit(&format!("{what}:{site}:{}", visitors::address_hash(&salt, site, client)), now)
        }
        None => Statement::new("SELECT 0 AS count, 0 AS expires_at"),
    };
    let [of_address, of_site]: [Rows; 2] = take(sql.batch(vec![of_address, PER_SITE.hit(&format!("{what}:{site}"), now)]).await?)?;
    for (limit, rows) in [(PER_ADDRESS, of_address), (PER_SITE, of_site)] {
        if let Some(exceeded) = limit.read(&rows, now)? {
            return Err(exceeded.into());
        }
    }
    Ok(())
}
