//! The lookout: once a minute, one tick of all looks at every alert rule and forgets minutes that are past.
//!
//! Whichever function's tick comes first does it, so that it does not matter which functions are deployed, nor whether ticks overlap or are late.

use chrono::{DateTime, TimeDelta, Utc};
use serde::Deserialize;

use super::alerts::notice::News;
use super::alerts::{Reading, Rule, Step, reading};
use crate::error::Error;
use crate::ports::{Clock, DB, Platform, Sql};
use crate::sites::SiteId;
use crate::sql::{Row, Rows, SqlError, Statement, take};

/// How often rules are looked at. Source: the clock of Workers ticks once a minute.
const EVERY: TimeDelta = TimeDelta::minutes(1);
/// How long minutes are kept.
const MINUTES_KEPT: TimeDelta = TimeDelta::hours(48);
/// The most questions in one batch. Chosen: some hundred rules are a few calls.
const AT_ONCE: usize = 40;

/// What of a site's definition says in which language its people read.
#[derive(Debug, Deserialize)]
struct Definition {
    default_locale: String,
}

/// A rule with how it stands.
#[derive(Debug)]
struct Watched {
    site: SiteId,
    rule: Rule,
    raised_at: Option<DateTime<Utc>>,
    calm: u32,
    revision: i64,
    is_spanish: bool,
}

impl Watched {
    fn read(row: Row<'_>) -> Result<Option<Self>, SqlError> {
        let Some(site) = SiteId::parse(row.text("site_id")?) else { return Ok(None) };
        Ok(Some(Self {
            site,
            rule: row.json("rule")?,
            raised_at: row.optional_time("raised_at")?,
            calm: u32::try_from(row.integer("calm")?).unwrap_or_default(),
            revision: row.integer("revision")?,
            is_spanish: row.json::<Definition>("definition")?.default_locale == "es",
        }))
    }

    /// What follows from a look, as a batch; empty if nothing does.
    fn after<P: Platform>(&self, reading: Reading, now: DateTime<Utc>, platform: &P) -> Vec<Statement> {
        let Self { site, rule, raised_at, is_spanish, .. } = self;
        let news = |raised_at| News { site, rule, reading, raised_at, is_spanish: *is_spanish };
        match rule.step(raised_at.is_some(), self.calm, reading) {
            Step::Stay => Vec::new(),
            Step::Raise => vec![self.stand(Some(now), 0), news(now).raised(now, &platform.random())],
            Step::Calm(looks) => vec![self.stand(*raised_at, looks)],
            Step::Clear => vec![self.stand(None, 0), news(raised_at.unwrap_or(now)).cleared(now, &platform.random())],
        }
    }

    /// Writes how it stands, unless somebody else did meanwhile: then nothing of the batch happens.
    fn stand(&self, raised_at: Option<DateTime<Utc>>, calm: u32) -> Statement {
        Statement::new(
            "UPDATE alerts SET rule = CASE WHEN revision = ?3 THEN rule END, raised_at = ?4, calm = ?5, revision = revision + 1 \
             WHERE site_id = ?1 AND id = ?2",
        )
        .bind(&self.site)
        .bind(self.rule.id.as_str())
        .bind(self.revision)
        .bind(raised_at)
        .bind(calm)
    }
}

/// Looks at every rule, if nobody did within this minute; true if it did.
///
/// Errors: as the store; a look that failed is made again a minute later.
pub async fn look_out<P: Platform>(platform: &P) -> Result<bool, Error> {
    let sql = platform.sql(DB)?;
    let now = platform.clock().now();
    let claim = "UPDATE duties SET next_at = ?2 WHERE name = 'watch' AND next_at <= ?1 RETURNING name";
    if sql.query(Statement::new(claim).bind(now).bind(now + EVERY)).await?.is_empty() {
        return Ok(false);
    }
    let forget = Statement::new("DELETE FROM metric_minutes WHERE minute < ?1").bind(now - MINUTES_KEPT);
    let rules = "SELECT alerts.*, sites.definition FROM alerts JOIN sites ON sites.id = alerts.site_id ORDER BY alerts.site_id, alerts.id";
    let [_, rows]: [Rows; 2] = take(sql.batch(vec![forget, Statement::new(rules)]).await?)?;
    let watched = rows.iter().map(Watched::read).collect::<Result<Vec<_>, _>>()?;
    let watched: Vec<_> = watched.into_iter().flatten().collect();
    for group in watched.chunks(AT_ONCE) {
        let answers = sql.batch(group.iter().map(|it| reading::ask(&it.rule, &it.site, now)).collect()).await?;
        for (it, answer) in group.iter().zip(&answers) {
            let follows = it.after(reading::hear(&it.rule, answer, now)?, now, platform);
            if follows.is_empty() {
                continue;
            }
            match sql.batch(follows).await {
                // If somebody else was faster, they wrote it.
                Ok(_) | Err(SqlError::Unique { .. } | SqlError::Constraint(_)) => {}
                Err(error) => return Err(error.into()),
            }
        }
    }
    Ok(true)
}
