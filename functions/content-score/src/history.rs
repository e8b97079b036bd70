//! What became of a document, version by version: scores, counts and what is not well. The text itself only where the site says so.

use chrono::{DateTime, Utc};
use orilla_core::idempotency::{self, Key, Outcome as Earlier, Slot, is_race};
use orilla_core::ids::hex;
use orilla_core::sites::SiteId;
use orilla_core::sql::{Rows, SqlError, Statement, take};
use orilla_core::{Error, Platform, Sql, Violation};
use serde::{Deserialize, Serialize};
use serde_json::{Value as Json, json};
use sha2::{Digest, Sha256};

use crate::ContentScore;
use crate::assessment::Rating;
use crate::scoring::Judged;
use crate::settings::Settings;

/// How often a version is put down again when somebody was faster. Chosen: each loss means that another version was stored.
const ROUNDS: u32 = 5;
/// What idempotency keys of versions are for.
const SCOPE: &str = "content";
/// Versions and documents that one tick forgets. Chosen: a batch of a fraction of a second; the next tick is a minute away.
const FORGOTTEN: u32 = 500;
/// The longest title that is kept, in characters. Chosen: a line of a list.
const TITLE_CHARS: usize = 300;

/// What was kept.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Kept {
    /// The document.
    pub id: String,
    /// Its version.
    pub number: i64,
    /// Whether the version is new; else it is the latest one, which was the same.
    pub is_new: bool,
}

/// One version, ready to be put down.
#[derive(Debug)]
pub struct Version<'a> {
    judged: &'a Judged,
    label: Option<String>,
    content_hash: String,
    digest: String,
}

/// What stands of a document.
#[derive(Debug)]
pub struct Latest {
    /// The latest version's number; 0 where there is none.
    pub number: i64,
    digest: Option<String>,
    is_full: bool,
}

impl<'a> Version<'a> {
    /// A version of what was judged.
    #[must_use]
    pub fn new(judged: &'a Judged, label: Option<String>) -> Self {
        let asked = &judged.asked;
        let report = &judged.report;
        let content_hash = hex(&Sha256::digest(asked.content.as_bytes()));
        // Whatever decides the scores, and the scores: rules that change make a new version of an old text.
        let whole = json!({
            "content": content_hash,
            "keyphrase": asked.keyphrase, "synonyms": asked.synonyms, "title": asked.title, "meta_description": asked.meta_description,
            "slug": asked.slug, "url": asked.url.as_ref().map(url::Url::as_str), "locale": asked.locale.map(orilla_text::Locale::as_str),
            "kind": asked.kind, "persona": asked.persona, "preview": asked.preview, "profile": judged.profile, "choice": judged.choice,
            "scores": [Some(report.score), report.seo, report.readability, report.structure, report.persuasion],
        });
        Self { judged, label, content_hash, digest: idempotency::fingerprint(&whole) }
    }

    /// Whether it is the latest one already.
    #[must_use]
    pub fn is(&self, latest: &Latest) -> bool {
        latest.digest.as_deref() == Some(self.digest.as_str())
    }

    /// Puts it down after the latest; of two at a time the slower one breaks the key.
    #[must_use]
    pub fn put(&self, site: &SiteId, document: &str, number: i64, settings: &Settings, now: DateTime<Utc>) -> [Statement; 3] {
        let Judged { asked, report, choice, title, .. } = self.judged;
        let title: Option<String> = title.as_ref().map(|title| title.chars().take(TITLE_CHARS).collect());
        let failing: Vec<Json> = report
            .assessments
            .iter()
            .filter(|it| matches!(it.rating, Rating::Bad | Rating::Ok))
            .map(|it| json!({ "id": it.id, "part": it.part, "score": it.score, "rating": it.rating }))
            .collect();
        let kind = json!(asked.kind);
        let version = Statement::new(
            "INSERT INTO content_versions (site_id, document_id, number, label, digest, content_hash, profile, language, score, grade, seo, \
               readability, structure, persuasion, stats, failing, content, created_at) \
             VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9, ?10, ?11, ?12, ?13, ?14, ?15, ?16, ?17, ?18)",
        );
        let version = version
            .bind(site)
            .bind(document)
            .bind(number)
            .bind(self.label.clone())
            .bind(self.digest.as_str())
            .bind(self.content_hash.as_str())
            .bind(choice.name())
            .bind(report.language.main)
            .bind(report.score)
            .bind(report.grade.to_string())
            .bind(report.seo)
            .bind(report.readability)
            .bind(report.structure)
            .bind(report.persuasion)
            .bind(json!(report.stats).to_string())
            .bind(json!(failing).to_string())
            .bind(settings.keeps.texts.then(|| asked.content.clone()))
            .bind(now);
        let put = Statement::new(
            "INSERT INTO content_documents (site_id, id, kind, title, url, language, number, score, grade, created_at, updated_at) \
             VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9, ?10, ?10) ON CONFLICT (site_id, id) DO UPDATE SET kind = excluded.kind, \
               title = excluded.title, url = excluded.url, language = excluded.language, number = excluded.number, score = excluded.score, \
               grade = excluded.grade, updated_at = excluded.updated_at",
        );
        let put = put
            .bind(site)
            .bind(document)
            .bind(kind.as_str().unwrap_or_default())
            .bind(title)
            .bind(asked.url.as_ref().map(url::Url::as_str))
            .bind(report.language.main)
            .bind(number)
            .bind(report.score)
            .bind(report.grade.to_string())
            .bind(now);
        let forget = Statement::new("DELETE FROM content_versions WHERE site_id = ?1 AND document_id = ?2 AND number <= ?3")
            .bind(site)
            .bind(document)
            .bind(number - i64::from(settings.keeps.versions));
        [version, put, forget]
    }
}

/// Asks what stands of a document, and whether a new one has room.
#[must_use]
pub fn find(site: &SiteId, document: &str, settings: &Settings) -> Statement {
    Statement::new(
        "SELECT (SELECT max(number) FROM content_versions WHERE site_id = ?1 AND document_id = ?2) AS number, \
           (SELECT digest FROM content_versions WHERE site_id = ?1 AND document_id = ?2 ORDER BY number DESC LIMIT 1) AS digest, \
           (SELECT count(*) FROM content_documents WHERE site_id = ?1) >= ?3 AS is_full",
    )
    .bind(site)
    .bind(document)
    .bind(settings.keeps.documents)
}

/// What the rows of [`find`] say.
///
/// Errors: `Column` if they are of another statement.
pub fn latest(rows: &Rows) -> Result<Latest, SqlError> {
    let row = rows.first().ok_or(SqlError::Column { name: "is_full", expected: "to be there" })?;
    let number = row.optional_integer("number")?.unwrap_or_default();
    Ok(Latest { number, digest: row.optional_text("digest")?.map(str::to_owned), is_full: row.boolean("is_full")? && number == 0 })
}

impl Latest {
    /// Whether a version may be put down.
    ///
    /// Errors: `Invalid` for a document that would be one too many.
    pub fn has_room(&self, settings: &Settings) -> Result<(), Error> {
        if !self.is_full {
            return Ok(());
        }
        let most = settings.keeps.documents;
        let message = format!("The site keeps {most} documents; delete one, or raise `keeps.documents` in its content.toml.");
        Err(Error::invalid("The document cannot be kept.", vec![Violation { field: "document".into(), code: "full".into(), message }]))
    }
}

impl<P: Platform> ContentScore<P> {
    /// Keeps what came of a text as a version of a document: once, however often it is sent.
    ///
    /// Errors: `Invalid` where there is no room, or for a key that was used for something else; what the store gives.
    #[allow(clippy::too_many_arguments, reason = "all that a version is made of")]
    pub(crate) async fn keep(
        &self,
        site: &SiteId,
        document: &str,
        label: Option<String>,
        judged: &Judged,
        settings: &Settings,
        key: Option<(&Key, String)>,
        now: DateTime<Utc>,
    ) -> Result<Kept, Error> {
        let version = Version::new(judged, label);
        for _ in 0..ROUNDS {
            let look_up = match &key {
                Some((key, _)) => Slot { site, scope: SCOPE, key }.look_up(now),
                None => Statement::new("SELECT 1 AS one WHERE 0"),
            };
            let [earlier, rows]: [Rows; 2] = take(self.sql.batch(vec![look_up, find(site, document, settings)]).await?)?;
            if let Some((_, fingerprint)) = &key {
                match idempotency::outcome(&earlier, fingerprint)? {
                    Earlier::New => {}
                    Earlier::Replay(answer) => return serde_json::from_value(answer).map_err(Error::internal),
                    Earlier::Mismatch => return Err(idempotency::mismatch()),
                }
            }
            let latest = latest(&rows)?;
            latest.has_room(settings)?;
            let is_new = !version.is(&latest);
            let number = latest.number + i64::from(is_new);
            let kept = Kept { id: document.to_owned(), number, is_new };
            let mut statements = Vec::new();
            if is_new {
                statements.extend(version.put(site, document, number, settings, now));
            }
            if let Some((key, fingerprint)) = &key {
                let slot = Slot { site, scope: SCOPE, key };
                statements.extend(slot.remember(fingerprint, &json!(kept), &subject(document), now));
            }
            if statements.is_empty() {
                return Ok(kept);
            }
            match self.sql.batch(statements).await {
                Ok(_) => return Ok(kept),
                Err(error) if is_race(&error) || matches!(error, SqlError::Unique { .. }) => {}
                Err(error) => return Err(error.into()),
            }
        }
        Err(Error::unavailable("every round lost the race for the document"))
    }
}

/// What a document is called among the subjects of deliveries and keys, where leads and tickets stand as well.
#[must_use]
pub fn subject(document: &str) -> String {
    format!("content:{document}")
}

/// Forgets what sites keep no longer; how many rows that were.
///
/// Errors: what the store gives.
pub async fn forget(sql: &impl Sql, now: DateTime<Utc>) -> Result<u32, Error> {
    let documents = "DELETE FROM content_documents WHERE (site_id, id) IN (SELECT d.site_id, d.id FROM content_documents d \
                     JOIN content_settings c ON c.site_id = d.site_id WHERE c.definition ->> '$.keeps.days' IS NOT NULL \
                     AND d.updated_at < ?1 - 86400000 * (c.definition ->> '$.keeps.days') \
                     AND NOT EXISTS (SELECT 1 FROM content_pages p WHERE p.site_id = d.site_id AND p.id = d.id) LIMIT ?2) RETURNING 1 AS gone";
    let versions = "DELETE FROM content_versions WHERE (site_id, document_id, number) IN (SELECT v.site_id, v.document_id, v.number \
                    FROM content_versions v JOIN content_settings c ON c.site_id = v.site_id \
                    LEFT JOIN content_documents d ON d.site_id = v.site_id AND d.id = v.document_id \
                    WHERE c.definition ->> '$.keeps.days' IS NOT NULL AND v.created_at < ?1 - 86400000 * (c.definition ->> '$.keeps.days') \
                    AND (d.number IS NULL OR v.number < d.number) LIMIT ?2) RETURNING 1 AS gone";
    let old = |sql: &'static str| Statement::new(sql).bind(now).bind(FORGOTTEN);
    let gone = sql.batch(vec![old(documents), old(versions)]).await?;
    Ok(u32::try_from(gone.iter().map(Rows::len).sum::<usize>()).unwrap_or(u32::MAX))
}
