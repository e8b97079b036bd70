//! Whose ticket it is: the site that a request is for, what it is called, its languages, and its desk.

use std::collections::BTreeMap;
use std::fmt;

use orilla_core::origins::Origins;
use orilla_core::sites::SiteId;
use orilla_core::sql::{Rows, SqlError, Statement, take};
use orilla_core::{Code, Error, Request, Sql, auth};
use orilla_text::Locale;
use serde::Deserialize;

use crate::holidays;
use crate::settings::Desk;

/// A site, as far as tickets care.
#[derive(Debug)]
pub struct Front {
    /// The tenant.
    pub site: SiteId,
    /// The languages it speaks, its own first.
    pub locales: Vec<Locale>,
    /// Whether the key that was shown is a secret one: its owner may read what becomes of a ticket.
    pub is_trusted: bool,
    /// Its desk.
    pub desk: Desk,
    /// What people call it.
    pub name: String,
    /// Signs its links.
    pub links: LinkKey,
    /// Its own words of the questions that it asks visitors, by the question.
    pub surveys: BTreeMap<String, Words>,
}

/// A site's own words of a question, by language.
#[derive(Debug, Clone, Default, Deserialize)]
#[serde(default)]
pub struct Words {
    /// The question.
    pub question: BTreeMap<Locale, String>,
    /// What is said once it is answered.
    pub thanks: BTreeMap<Locale, String>,
}

/// The key of a site's signed links; none of a site that is not there. `Debug` does not show it.
#[derive(Clone, Default)]
pub struct LinkKey(Option<Vec<u8>>);

impl LinkKey {
    /// The key's bytes.
    #[must_use]
    pub fn bytes(&self) -> Option<&[u8]> {
        self.0.as_deref()
    }
}

impl fmt::Debug for LinkKey {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("LinkKey")
    }
}

#[derive(Debug, Deserialize)]
struct Definition {
    #[serde(default)]
    name: String,
    default_locale: Locale,
    #[serde(default)]
    locales: Vec<Locale>,
    #[serde(default)]
    origins: Vec<String>,
    #[serde(default)]
    surveys: BTreeMap<String, Words>,
}

/// Finds the site, by the key that the request shows, else by its public id.
///
/// Errors: `Unauthenticated` without either or with an unknown key; `NotFound` for an unknown site; `Forbidden` for a key of another site than the
/// one named, or a page of a foreign origin; what the store gives.
pub async fn open(sql: &impl Sql, request: &Request, named: Option<&SiteId>) -> Result<Front, Error> {
    let key = auth::shown_key(request).filter(|key| !key.is_empty());
    let find = match (&key, named) {
        (Some(key), _) => Statement::new(
            "SELECT s.id, s.definition, s.link_secret, k.kind FROM keys k JOIN sites s ON s.id = k.site_id WHERE k.hash = ?1",
        )
        .bind(&auth::hash(key)[..]),
        (None, Some(site)) => Statement::new("SELECT id, definition, link_secret, 'write' AS kind FROM sites WHERE id = ?1").bind(site),
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
    let is_trusted = row.text("kind")? == "admin";
    if !is_trusted {
        Origins::parse(&definition.origins).map_err(Error::internal)?.admit(request)?;
    }
    let links = LinkKey(Some(row.blob("link_secret")?.to_vec()));
    Ok(Front {
        locales: locales(&definition),
        is_trusted,
        desk: read(sql, &site).await?,
        name: definition.name,
        links,
        site,
        surveys: definition.surveys,
    })
}

/// A site that is known already.
///
/// Errors: what the store gives.
pub async fn known(sql: &impl Sql, site: &SiteId) -> Result<Front, Error> {
    let definition = Statement::new("SELECT definition, link_secret FROM sites WHERE id = ?1").bind(site);
    let [sites, desks]: [Rows; 2] = take(sql.batch(vec![definition, find(site)]).await?)?;
    let (locales, name, links) = match sites.first() {
        Some(row) => {
            let definition: Definition = row.json("definition")?;
            (locales(&definition), definition.name, LinkKey(Some(row.blob("link_secret")?.to_vec())))
        }
        None => (vec![Locale::Es], String::new(), LinkKey::default()),
    };
    Ok(Front { site: site.clone(), locales, is_trusted: true, desk: Desk::read(&desks)?, name, links, surveys: BTreeMap::new() })
}

/// A site's desk.
///
/// Errors: what the store gives.
pub async fn read(sql: &impl Sql, site: &SiteId) -> Result<Desk, Error> {
    Ok(Desk::read(&sql.query(find(site)).await?)?)
}

fn find(site: &SiteId) -> Statement {
    let feeds = holidays::FEEDS;
    Statement::new(format!("SELECT definition, {feeds} AS holidays FROM desks WHERE site_id = ?1")).bind(site)
}

fn locales(definition: &Definition) -> Vec<Locale> {
    let others = definition.locales.iter().copied().filter(|locale| *locale != definition.default_locale);
    std::iter::once(definition.default_locale).chain(others).collect()
}
