//! Whether a site may have something written now: it wants that, has tokens left today, and some server is well.

use chrono::{DateTime, NaiveTime, TimeDelta, Utc};
use orilla_core::chat::Policy;
use orilla_core::sites::SiteId;
use orilla_core::sql::{Rows, Statement, take};
use orilla_core::{Error, Sql};
use serde::Deserialize;

use crate::breaker;
use crate::config::GeneratorConfig;

/// Why nothing may be written.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Refusal {
    /// The site's file says so.
    NotWanted,
    /// The site has spent its tokens for today.
    Spent,
    /// All servers are left alone for a while, or there is none.
    Resting,
}

/// What of a site's definition says whether a model may write for it.
#[derive(Debug, Default, Deserialize)]
struct Definition {
    #[serde(default)]
    chat: Policy,
}

/// Those of the servers that may be asked for something of at most so many tokens.
///
/// Errors: what the store gives.
pub async fn allowed<S: Sql>(
    sql: &S,
    site: &SiteId,
    config: GeneratorConfig,
    most_tokens: u32,
    now: DateTime<Utc>,
) -> Result<Result<GeneratorConfig, Refusal>, Error> {
    let definition = Statement::new("SELECT definition FROM sites WHERE id = ?1").bind(site);
    let ids: Vec<&str> = config.endpoints.iter().map(|it| it.id.as_str()).collect();
    let [health, spent] = breaker::look(&ids, site.as_str(), now.date_naive());
    let [definition, health, spent]: [Rows; 3] = take(sql.batch(vec![definition, health, spent]).await?)?;
    let Definition { chat } = definition.first().map(|row| row.json("definition")).transpose()?.unwrap_or_default();
    if !chat.generates {
        return Ok(Err(Refusal::NotWanted));
    }
    if breaker::spent(&spent)?.is_over(chat.daily_tokens, most_tokens) {
        return Ok(Err(Refusal::Spent));
    }
    let config = config.awake(&breaker::health(&health)?, now);
    Ok(if config.is_empty() { Err(Refusal::Resting) } else { Ok(config) })
}

/// How long it is until a new day's tokens may be spent.
#[must_use]
pub fn until_tomorrow(now: DateTime<Utc>) -> std::time::Duration {
    let midnight = (now + TimeDelta::days(1)).date_naive().and_time(NaiveTime::MIN).and_utc();
    (midnight - now).to_std().unwrap_or_default()
}
