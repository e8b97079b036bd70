//! Whose page it is: the site that a visitor's request is for, and whether it lets them have texts judged.

use std::time::Duration;

use orilla_core::limit::Limit;
use orilla_core::origins::Origins;
use orilla_core::sites::SiteId;
use orilla_core::sql::{Rows, SqlError, Statement, take};
use orilla_core::{Code, Error, Random, Request, Sql, auth, visitors};
use serde::Deserialize;

use crate::settings::Settings;

/// Of one address, and of one site. Chosen: who types has a text judged four times in a second at most, and a site has some visitors.
const PER_ADDRESS: Limit = Limit { hits: 240, window: Duration::from_secs(60) };
const PER_SITE: Limit = Limit { hits: 3_000, window: Duration::from_secs(60) };

#[derive(Debug, Deserialize)]
struct Definition {
    #[serde(default)]
    origins: Vec<String>,
}

/// Finds the site, by the key that the request shows, else by its public id, and counts the request.
///
/// Errors: `Unauthenticated` without either or with an unknown key; `NotFound` for an unknown site; `Forbidden` for a key of another site than the
/// one named, a page of a foreign origin, or a site without a public editor; `TooManyRequests`; what the store gives.
pub async fn admit(sql: &impl Sql, random: &impl Random, request: &Request, named: Option<&SiteId>) -> Result<(SiteId, Settings), Error> {
    let key = auth::shown_key(request).filter(|key| !key.is_empty());
    const OF: &str = "SELECT s.id, s.definition, c.definition AS settings FROM sites s LEFT JOIN content_settings c ON c.site_id = s.id";
    let find = match (&key, named) {
        (Some(key), _) => Statement::new(format!("{OF} JOIN keys k ON k.site_id = s.id WHERE k.hash = ?1")).bind(&auth::hash(key)[..]),
        (None, Some(site)) => Statement::new(format!("{OF} WHERE s.id = ?1")).bind(site),
        (None, None) => return Err(Error::new(Code::Unauthenticated, "Name the site: by its write key, or by its public id as `site`.")),
    };
    let rows = sql.query(find).await?;
    let row = rows.first().ok_or_else(|| match key {
        Some(_) => Error::new(Code::Unauthenticated, "Nobody issued this key."),
        None => Error::not_found("No site of this deployment has this id."),
    })?;
    let site = SiteId::parse(row.text("id")?).ok_or(SqlError::Column { name: "id", expected: "a UUID" })?;
    if named.is_some_and(|named| *named != site) {
        return Err(Error::forbidden("This key belongs to another site than the one named."));
    }
    let definition: Definition = row.json("definition")?;
    Origins::parse(&definition.origins).map_err(Error::internal)?.admit(request)?;
    let settings: Settings = if row.optional_text("settings")?.is_some() { row.json("settings")? } else { Settings::default() };
    if !settings.public_editor {
        return Err(Error::forbidden(
            "This site lets nobody have texts judged without a secret key; see `public_editor` in its content.toml.",
        ));
    }
    count(sql, random, &site, request).await?;
    Ok((site, settings))
}

/// Counts a request. A host that knows no address counts the site's alone.
async fn count(sql: &impl Sql, random: &impl Random, site: &SiteId, request: &Request) -> Result<(), Error> {
    let now = request.received;
    let of_address = match request.client {
        Some(client) => {
            let salt = visitors::salt(sql, random, now).await?;
            PER_ADDRESS.hit(&format!("content:{site}:{}", visitors::address_hash(&salt, site, client)), now)
        }
        None => Statement::new("SELECT 0 AS count, 0 AS expires_at"),
    };
    let [of_address, of_site]: [Rows; 2] = take(sql.batch(vec![of_address, PER_SITE.hit(&format!("content:{site}"), now)]).await?)?;
    for (limit, rows) in [(PER_ADDRESS, of_address), (PER_SITE, of_site)] {
        if let Some(exceeded) = limit.read(&rows, now)? {
            return Err(exceeded.into());
        }
    }
    Ok(())
}
