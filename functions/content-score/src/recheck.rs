//! Reading pages again: those whose time has come are claimed, read, kept as versions, and told of when they fell or cannot be read, once.

use chrono::{DateTime, TimeDelta, Utc};
use futures_util::future::join_all;
use orilla_core::sites::SiteId;
use orilla_core::sql::{Row, Rows, SqlError, Statement, take};
use orilla_core::{Error, Platform, Sql};
use orilla_text::Locale;
use serde::Deserialize;
use serde_json::{Map, Value as Json};

use crate::ContentScore;
use crate::history::{self, Version};
use crate::notice::{self, About};
use crate::sent::{self, Manner};
use crate::settings::{self, Settings};

/// Pages that one tick reads, at the same time. Chosen: ten seconds at most; the next tick is a minute away.
const PAGES: u32 = 8;
/// For how long a page is whoever claimed it's. Chosen: several times what reading it takes, so that no second tick reads it meanwhile.
const LEASE: TimeDelta = TimeDelta::minutes(5);
/// When a page that cannot be read is tried again. Chosen: a release or a restart is over by then.
const AGAIN: TimeDelta = TimeDelta::hours(1);

/// What of a site's definition says in which language its people read.
#[derive(Debug, Deserialize)]
struct Definition {
    default_locale: Locale,
}

/// A page that was claimed.
#[derive(Debug)]
struct Due {
    site: SiteId,
    id: String,
    url: String,
    fields: Map<String, Json>,
    is_low: bool,
    is_lost: bool,
    failures: u32,
    score: Option<i64>,
    revision: i64,
}

impl Due {
    fn read(row: Row<'_>) -> Result<Option<Self>, SqlError> {
        let Some(site) = SiteId::parse(row.text("site_id")?) else { return Ok(None) };
        Ok(Some(Self {
            site,
            id: row.text("id")?.to_owned(),
            url: row.text("url")?.to_owned(),
            fields: row.json("definition")?,
            is_low: row.boolean("is_low")?,
            is_lost: row.boolean("is_lost")?,
            failures: u32::try_from(row.integer("failures")?).unwrap_or(u32::MAX),
            score: row.optional_integer("score")?,
            revision: row.integer("revision")?,
        }))
    }

    /// Writes how it stands, unless somebody else changed or claimed it meanwhile: then nothing of the batch happens.
    fn stand(&self, stands: &Stands, now: DateTime<Utc>) -> Statement {
        Statement::new(
            "UPDATE content_pages SET url = CASE WHEN revision = ?3 THEN url ELSE NULL END, is_low = ?4, is_lost = ?5, failures = ?6, problem = ?7, \
             score = ?8, checked_at = ?9, next_at = ?10, revision = revision + 1 WHERE site_id = ?1 AND id = ?2",
        )
        .bind(&self.site)
        .bind(self.id.as_str())
        .bind(self.revision)
        .bind(stands.is_low)
        .bind(stands.is_lost)
        .bind(stands.failures)
        .bind(stands.problem.clone())
        .bind(stands.score)
        .bind(now)
        .bind(stands.next)
    }
}

/// How a page stands.
#[derive(Debug)]
struct Stands {
    is_low: bool,
    is_lost: bool,
    failures: u32,
    problem: Option<String>,
    score: Option<i64>,
    next: DateTime<Utc>,
}

impl<P: Platform> ContentScore<P> {
    /// Reads the pages whose time has come.
    ///
    /// Errors: what the store gives; one page's fault keeps no other from being read.
    pub(crate) async fn check_pages(&self, now: DateTime<Utc>) -> Result<(), Error> {
        // One statement: of two ticks at a time each claims other pages.
        let claim = "UPDATE content_pages SET next_at = ?2, revision = revision + 1 WHERE (site_id, id) IN (SELECT site_id, id FROM content_pages \
                     WHERE next_at <= ?1 ORDER BY next_at LIMIT ?3) RETURNING *";
        let rows = self.sql.query(Statement::new(claim).bind(now).bind(now + LEASE).bind(PAGES)).await?;
        let due = rows.iter().map(Due::read).collect::<Result<Vec<_>, _>>()?;
        let checked = join_all(due.iter().flatten().map(|due| self.check_page(due, now))).await;
        checked.into_iter().collect()
    }

    async fn check_page(&self, due: &Due, now: DateTime<Utc>) -> Result<(), Error> {
        let site = Statement::new("SELECT definition FROM sites WHERE id = ?1").bind(&due.site);
        let [site, settings]: [Rows; 2] = take(self.sql.batch(vec![site, settings::find(&due.site)]).await?)?;
        let locale = match site.first() {
            Some(row) => row.json::<Definition>("definition")?.default_locale,
            None => Locale::Es,
        };
        let settings = settings::read(&settings)?;
        let about = About { site: &due.site, page: &due.id, url: &due.url, locale };
        let mut fields = due.fields.clone();
        let threshold = fields.remove("threshold").and_then(|it| it.as_u64()).and_then(|it| u32::try_from(it).ok());
        let threshold = threshold.unwrap_or(settings.pages.threshold);
        let judged = match sent::read(&fields, Manner::Page) {
            Ok(sent) => self.judge(sent, &settings, &[], now).await,
            Err(error) => Err(error),
        };
        match judged {
            Ok(judged) => self.stored(due, about, &judged, &settings, threshold, now).await,
            Err(error) => self.failed(due, about, &error, &settings, now).await,
        }
    }

    /// Keeps a version, and tells of a fall in the same batch.
    async fn stored(
        &self,
        due: &Due,
        about: About<'_>,
        judged: &crate::scoring::Judged,
        settings: &Settings,
        threshold: u32,
        now: DateTime<Utc>,
    ) -> Result<(), Error> {
        let latest = history::latest(&self.sql.query(history::find(&due.site, &due.id, settings)).await?)?;
        let version = Version::new(judged, None);
        let is_new = !version.is(&latest);
        let number = latest.number + i64::from(is_new);
        let is_low = judged.report.score < threshold;
        let stands = Stands {
            is_low,
            is_lost: false,
            failures: 0,
            problem: None,
            score: Some(judged.report.score.into()),
            next: now + TimeDelta::hours(settings.pages.hours.into()),
        };
        let mut statements = vec![due.stand(&stands, now)];
        if is_new && latest.has_room(settings).is_ok() {
            statements.extend(version.put(&due.site, &due.id, number, settings, now));
        }
        if is_low && !due.is_low {
            statements.push(notice::dropped(about, judged, threshold, due.score, number, now, &self.random));
        }
        self.write(statements).await
    }

    /// Counts a failure, and tells of the one that is one too many.
    async fn failed(&self, due: &Due, about: About<'_>, error: &Error, settings: &Settings, now: DateTime<Utc>) -> Result<(), Error> {
        let problem = error.violations.first().map_or_else(|| error.code.name().to_owned(), |it| it.code.clone().into_owned());
        let failures = due.failures.saturating_add(1);
        let is_lost = failures >= settings.pages.failures;
        let again = AGAIN.min(TimeDelta::hours(settings.pages.hours.into()));
        let next = now + again;
        let stands = Stands { is_low: due.is_low, is_lost, failures, problem: Some(problem.clone()), score: due.score, next };
        let mut statements = vec![due.stand(&stands, now)];
        if is_lost && !due.is_lost {
            statements.push(notice::unreachable(about, &problem, failures, now, &self.random));
        }
        self.write(statements).await
    }

    /// If somebody else was faster, they wrote it.
    async fn write(&self, statements: Vec<Statement>) -> Result<(), Error> {
        match self.sql.batch(statements).await {
            Ok(_) | Err(SqlError::Unique { .. } | SqlError::Constraint(_)) => Ok(()),
            Err(error) => Err(error.into()),
        }
    }
}
