//! What the clock does: finds a site whose index is behind, and forgets conversations that were kept for as long as their site keeps them.

use chrono::{DateTime, Utc};
use orilla_core::chat::Policy;
use orilla_core::sites::SiteId;
use orilla_core::sql::Statement;
use orilla_core::{Error, Sql};
use serde_json::json;

use crate::agents::HOLDINGS;

/// Conversations that one tick forgets. Chosen: a batch of a fraction of a second; the next tick is a minute away.
const FORGOTTEN: u32 = 200;

/// A site whose articles are not all in its index.
///
/// Errors: what the store gives.
pub async fn behind(sql: &impl Sql) -> Result<Option<SiteId>, Error> {
    let rows = sql.query(Statement::new("SELECT site_id FROM kb WHERE indexed <> version OR pending > 0 LIMIT 1")).await?;
    Ok(rows.first().map(|row| row.text("site_id")).transpose()?.and_then(SiteId::parse))
}

/// Forgets what is too old; how many conversations that were.
///
/// Errors: what the store gives.
pub async fn forget(sql: &impl Sql, now: DateTime<Utc>) -> Result<u32, Error> {
    let select = Statement::new(
        "SELECT c.site_id, c.id FROM conversations c INDEXED BY conversations_by_age LEFT JOIN sites s ON s.id = c.site_id \
         WHERE c.updated_at < ?1 - 86400000 AND c.updated_at < ?1 - 86400000 * coalesce(s.definition ->> '$.chat.keeps_days', ?2) LIMIT ?3",
    );
    let rows = sql.query(select.bind(now).bind(Policy::default().keeps_days).bind(FORGOTTEN)).await?;
    let mut gone = Vec::new();
    for row in rows.iter() {
        gone.push([row.text("site_id")?, row.text("id")?]);
    }
    if gone.is_empty() {
        return Ok(0);
    }
    let list = json!(gone).to_string();
    let statements = HOLDINGS.iter().map(|(table, key)| {
        let delete = format!("DELETE FROM {table} WHERE (site_id, {key}) IN (SELECT value ->> 0, value ->> 1 FROM json_each(?1))");
        Statement::new(delete).bind(list.as_str())
    });
    sql.batch(statements.collect()).await?;
    Ok(u32::try_from(gone.len()).unwrap_or(u32::MAX))
}
