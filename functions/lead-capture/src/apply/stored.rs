//! A site as it stands in the store: what an apply is compared with.

use std::collections::{BTreeMap, BTreeSet};

use chrono::{DateTime, Utc};
use orilla_core::sites::SiteId;
use orilla_core::sql::{Row, SqlError, Statement, take};
use orilla_core::{Error, Sql};
use serde_json::Value as Json;

use super::fingerprint;

/// Everything of one site that files can change.
#[derive(Debug, Default)]
pub struct Stored {
    /// The site's own definition; none before the first apply.
    pub site: Option<Json>,
    /// The active forms.
    pub forms: BTreeMap<String, Json>,
    /// Those of the wanted ids that another site has.
    pub foreign_forms: BTreeSet<String>,
    /// The scoring rules in force.
    pub scoring: Option<Json>,
    /// The destinations that files made.
    pub destinations: BTreeMap<String, Json>,
    /// The destinations that were made over the API.
    pub unmanaged_destinations: BTreeSet<String>,
    /// Those of them that are limited to a segment, and to which.
    pub limited: BTreeMap<String, String>,
    /// The segments.
    pub segments: BTreeMap<String, Json>,
    /// The keys.
    pub keys: Vec<StoredKey>,
}

/// A key as far as it is known.
#[derive(Debug)]
pub struct StoredKey {
    /// What it opens.
    pub kind: String,
    /// The beginning of its hash.
    pub fingerprint: String,
    /// When it was made.
    pub created_at: DateTime<Utc>,
}

impl Stored {
    /// Reads it in one batch, with the owners of the wanted form ids.
    ///
    /// Errors: what the store gives.
    pub async fn read(sql: &impl Sql, site: &SiteId, wanted: &[String]) -> Result<Self, Error> {
        let of_site = |query: &'static str| Statement::new(query).bind(site);
        let [sites, forms, rules, destinations, keys, segments] = take(
            sql.batch(vec![
                of_site("SELECT definition FROM sites WHERE id = ?1"),
                of_site(
                    "SELECT id, site_id, definition, is_active FROM forms WHERE site_id = ?1 \
                     UNION ALL SELECT id, site_id, definition, is_active FROM forms \
                     WHERE site_id <> ?1 AND id IN (SELECT value FROM json_each(?2))",
                )
                .bind(Json::from(wanted).to_string()),
                of_site("SELECT rules FROM score_rules WHERE site_id = ?1 ORDER BY version DESC LIMIT 1"),
                of_site(
                    "SELECT d.id, d.kind, d.target, d.events, d.is_managed, l.segment FROM destinations d \
                     LEFT JOIN destination_segments l ON l.site_id = ?1 AND l.destination_id = d.id WHERE d.site_id = ?1",
                ),
                of_site("SELECT hash, kind, created_at FROM keys WHERE site_id = ?1 ORDER BY created_at, kind"),
                of_site("SELECT id, definition FROM segments WHERE site_id = ?1"),
            ])
            .await?,
        )?;
        let mut stored = Self {
            site: sites.first().map(|row| row.json("definition")).transpose()?,
            scoring: rules.first().map(|row| row.json("rules")).transpose()?,
            keys: keys.iter().map(key).collect::<Result<_, _>>()?,
            ..Self::default()
        };
        for row in forms.iter() {
            let id = row.text("id")?.to_owned();
            if row.text("site_id")? != site.as_str() {
                stored.foreign_forms.insert(id);
            } else if row.boolean("is_active")? {
                stored.forms.insert(id, row.json("definition")?);
            }
        }
        for row in destinations.iter() {
            let id = row.text("id")?.to_owned();
            if row.boolean("is_managed")? {
                stored.destinations.insert(id, destination(row)?);
            } else {
                stored.limited.extend(row.optional_text("segment")?.map(|segment| (id.clone(), segment.to_owned())));
                stored.unmanaged_destinations.insert(id);
            }
        }
        for row in segments.iter() {
            stored.segments.insert(row.text("id")?.to_owned(), row.json("definition")?);
        }
        Ok(stored)
    }
}

fn key(row: Row<'_>) -> Result<StoredKey, SqlError> {
    Ok(StoredKey { kind: row.text("kind")?.to_owned(), fingerprint: fingerprint(row.blob("hash")?), created_at: row.time("created_at")? })
}

fn destination(row: Row<'_>) -> Result<Json, SqlError> {
    let events: Json = row.json("events")?;
    Ok(serde_json::json!({
        "id": row.text("id")?, "kind": row.text("kind")?, "target": row.text("target")?, "events": events,
        "segment": row.optional_text("segment")?,
    }))
}
