//! Whose visitor it is: the site a request is for, what it says about its chat, and who may talk to it.

use orilla_core::chat::Policy;
use orilla_core::origins::Origins;
use orilla_core::sites::SiteId;
use orilla_core::sql::{Rows, SqlError, Statement, take};
use orilla_core::visitors::{self, Salt};
use orilla_core::{Code, Error, Random, Request, Sql, auth};
use orilla_text::Locale;
use serde::Deserialize;

/// The site that a request was let in to.
#[derive(Debug)]
pub struct Desk {
    /// The tenant.
    pub site: SiteId,
    /// What people call it.
    pub name: String,
    /// The languages it speaks, its own first.
    pub locales: Vec<Locale>,
    /// What it says about its chat.
    pub policy: Policy,
    /// Today's salt.
    pub salt: Salt,
}

/// What of a site's definition the chat reads.
#[derive(Debug, Deserialize)]
struct Definition {
    name: String,
    default_locale: Locale,
    #[serde(default)]
    locales: Vec<Locale>,
    #[serde(default)]
    origins: Vec<String>,
    #[serde(default)]
    chat: Policy,
}

/// Finds the site, by the key that the request shows, else by its public id.
///
/// Errors: `Unauthenticated` without either or with an unknown key; `NotFound` for an unknown site; `Forbidden` for a key of another site
/// than the one named, or a page of a foreign origin; what the store gives.
pub async fn open(sql: &impl Sql, random: &impl Random, request: &Request, named: Option<&SiteId>) -> Result<Desk, Error> {
    let key = auth::shown_key(request).filter(|key| !key.is_empty());
    let find = match (&key, named) {
        (Some(key), _) => Statement::new("SELECT s.id, s.definition FROM keys k JOIN sites s ON s.id = k.site_id WHERE k.hash = ?1")
            .bind(&auth::hash(key)[..]),
        (None, Some(site)) => Statement::new("SELECT id, definition FROM sites WHERE id = ?1").bind(site),
        (None, None) => return Err(Error::new(Code::Unauthenticated, "Name the site: by its write key, or by its public id as `site`.")),
    };
    let salt = Statement::new("SELECT salt FROM salts WHERE day = ?1").bind(visitors::day(request.received));
    let [sites, salts]: [Rows; 2] = take(sql.batch(vec![find, salt]).await?)?;
    let row = sites.first().ok_or_else(|| match key {
        Some(_) => Error::new(Code::Unauthenticated, "Nobody issued this key."),
        None => Error::not_found("No site of this deployment has this id."),
    })?;
    let site = SiteId::parse(row.text("id")?).ok_or(SqlError::Column { name: "id", expected: "a UUID" })?;
    if named.is_some_and(|named| *named != site) {
        return Err(Error::forbidden("This key belongs to another site than the one named."));
    }
    let definition: Definition = row.json("definition")?;
    Origins::parse(&definition.origins).map_err(Error::internal)?.admit(request)?;
    let salt = match salts.first() {
        Some(row) => Salt::from_bytes(row.blob("salt")?),
        None => visitors::salt(sql, random, request.received).await?,
    };
    let others = definition.locales.into_iter().filter(|locale| *locale != definition.default_locale);
    let locales = std::iter::once(definition.default_locale).chain(others).collect();
    Ok(Desk { site, name: definition.name, locales, policy: definition.chat, salt })
}
