//! A site's articles in the store, and their index: read, written, built again. The index is in parts that a row takes, and whoever builds
//! one puts its parts down first and points to them last, so that nobody ever reads half of one.

use std::cell::RefCell;
use std::rc::Rc;

use chrono::{DateTime, Utc};
use orilla_core::sites::SiteId;
use orilla_core::sql::{MAX_SAFE_INTEGER, Row, Rows, SqlError, Statement};
use orilla_core::{Error, Random, Sql};
use orilla_text::Locale;

use crate::index::{Index, build_some};
use crate::kb::Article;
use crate::model::{Checksum, Embed};

/// Bytes of one part. Source: the smallest row that a host takes is D1's, 2 MB; half of it leaves room for what wraps it.
const PART_BYTES: usize = 1_000_000;
/// Texts that one call encodes at most. Chosen: some three seconds in Wasm, a tenth of what Workers gives a request.
const TEXTS: usize = 100;
/// Articles that are read at a time. Source: the `Sql` contract promises a thousand rows.
const ROWS: u32 = 1_000;
/// Bytes of indexes that stay open from one request to the next, where an instance serves several. Chosen: a quarter of the 128 MB of a Workers
/// isolate; the index of ten thousand bilingual entries is half of it.
const OPEN_BYTES: usize = 32_000_000;

/// Where a site's knowledge stands.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct Shelf {
    /// Goes up with every change of an article.
    pub version: u64,
    /// The version that the index is of.
    pub indexed: u64,
    /// Which parts are the index; 0 for none.
    pub generation: i64,
    /// Articles of that version that are not in it yet.
    pub pending: u32,
}

impl Shelf {
    /// Reads it; a site without a row has no articles.
    ///
    /// Errors: `Column` if the rows are of another statement.
    pub fn read(rows: &Rows) -> Result<Self, SqlError> {
        let Some(row) = rows.first() else { return Ok(Self::default()) };
        let number = |name| Ok::<_, SqlError>(u64::try_from(row.integer(name)?).unwrap_or_default());
        let small = |name| Ok::<_, SqlError>(u32::try_from(row.integer(name)?).unwrap_or_default());
        Ok(Self {
            version: number("version")?,
            indexed: number("indexed")?,
            generation: row.integer("generation")?,
            pending: small("pending")?,
        })
    }

    /// Whether the index is of the articles as they are, all of them.
    #[must_use]
    pub const fn is_current(&self) -> bool {
        self.version == self.indexed && self.pending == 0
    }
}

/// Finds a site's shelf.
#[must_use]
pub fn find(site: &SiteId) -> Statement {
    Statement::new("SELECT version, indexed, generation, pending, entries, bytes, quality, built_at FROM kb WHERE site_id = ?1").bind(site)
}

/// Says that articles change, in the batch that changes them.
#[must_use]
pub fn touch(site: &SiteId) -> Statement {
    Statement::new("INSERT INTO kb (site_id, version) VALUES (?1, 1) ON CONFLICT (site_id) DO UPDATE SET version = version + 1").bind(site)
}

/// Stores an article; it comes back as `changed` unless it stood there in the same words.
#[must_use]
pub fn put(site: &SiteId, article: &Article, digest: &str, is_managed: bool, now: DateTime<Utc>) -> Statement {
    Statement::new(
        "INSERT INTO kb_articles (site_id, id, locale, definition, digest, is_managed, updated_at) VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7) \
         ON CONFLICT (site_id, id, locale) DO UPDATE SET definition = excluded.definition, digest = excluded.digest, \
         is_managed = excluded.is_managed, updated_at = excluded.updated_at \
         WHERE kb_articles.digest <> excluded.digest OR kb_articles.is_managed <> excluded.is_managed RETURNING id",
    )
    .bind(site)
    .bind(article.id.as_str())
    .bind(article.locale.as_str())
    .bind(serde_json::to_string(article).unwrap_or_default())
    .bind(digest)
    .bind(is_managed)
    .bind(now)
}

/// Removes an article, in one language or in all; what went comes back.
#[must_use]
pub fn remove(site: &SiteId, id: &str, locale: Option<Locale>) -> Statement {
    Statement::new("DELETE FROM kb_articles WHERE site_id = ?1 AND id = ?2 AND (?3 IS NULL OR locale = ?3) RETURNING id, locale")
        .bind(site)
        .bind(id)
        .bind(locale.map(Locale::as_str))
}

/// Reads an article.
///
/// Errors: `Column` if the row is of another statement.
pub fn article(row: Row<'_>) -> Result<Article, SqlError> {
    row.json("definition")
}

/// All articles of a site.
///
/// Errors: what the store gives.
pub async fn articles(sql: &impl Sql, site: &SiteId) -> Result<Vec<Article>, Error> {
    let mut all: Vec<Article> = Vec::new();
    loop {
        let last = all.last().map_or(("", ""), |it| (it.id.as_str(), it.locale.as_str()));
        let select = "SELECT definition FROM kb_articles WHERE site_id = ?1 AND (id, locale) > (?2, ?3) ORDER BY id, locale LIMIT ?4";
        let rows = sql.query(Statement::new(select).bind(site).bind(last.0).bind(last.1).bind(ROWS)).await?;
        for row in rows.iter() {
            all.push(article(row)?);
        }
        if rows.len() < ROWS as usize {
            return Ok(all);
        }
    }
}

/// What a build came to.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Progress {
    /// The index is of the articles as they are.
    Current,
    /// There is more to do: call again.
    Begun,
}

/// Goes on with a site's index, for as long as one request may: the next call takes over what is there.
///
/// Errors: what the store and the model give.
pub async fn advance(
    sql: &impl Sql,
    model: &impl Embed,
    random: &impl Random,
    site: &SiteId,
    now: DateTime<Utc>,
) -> Result<Progress, Error> {
    let shelf = Shelf::read(&sql.query(find(site)).await?)?;
    let older = open(sql, site, &shelf, model.checksum()).await?;
    if shelf.is_current() && (older.is_some() || shelf.version == 0) {
        return Ok(Progress::Current);
    }
    let articles = articles(sql, site).await?;
    let built = build_some(&articles, model, older.as_deref(), shelf.version, TEXTS).map_err(Error::internal)?;
    let build = Build { of: &shelf, generation: generation(random), index: &built.index, missing: built.missing };
    put_down(sql, site, &build, now).await?;
    Ok(if built.missing == 0 { Progress::Current } else { Progress::Begun })
}

/// An index about to be stored.
struct Build<'a> {
    /// What it was made from.
    of: &'a Shelf,
    generation: i64,
    index: &'a Index,
    missing: usize,
}

/// A name for the parts of one build, which no other build has: two at a time never write into one another's.
fn generation(random: &impl Random) -> i64 {
    let mut bytes = [0; 8];
    random.fill(&mut bytes);
    (i64::from_le_bytes(bytes) & MAX_SAFE_INTEGER).max(1)
}

/// Writes an index beside the one in force, then puts it in force. If somebody else was faster, theirs stays, and this one goes.
async fn put_down(sql: &impl Sql, site: &SiteId, build: &Build<'_>, now: DateTime<Utc>) -> Result<(), Error> {
    let blob = build.index.to_bytes();
    for (number, part) in (0u32..).zip(blob.chunks(PART_BYTES)) {
        let insert = Statement::new("INSERT INTO kb_parts (site_id, generation, number, bytes) VALUES (?1, ?2, ?3, ?4)");
        sql.query(insert.bind(site).bind(build.generation).bind(number).bind(part)).await?;
    }
    let small = |number: usize| u32::try_from(number).unwrap_or(u32::MAX);
    let quality = serde_json::to_string(&build.index.calibration().quality).map_err(Error::internal)?;
    let point = Statement::new(
        "UPDATE kb SET indexed = ?3, generation = ?4, pending = ?5, entries = ?6, bytes = ?7, quality = ?8, built_at = ?9 \
         WHERE site_id = ?1 AND generation = ?2",
    )
    .bind(site)
    .bind(build.of.generation)
    .bind(i64::try_from(build.index.kb_version()).unwrap_or_default())
    .bind(build.generation)
    .bind(small(build.missing))
    .bind(small(build.index.len()))
    .bind(small(blob.len()))
    .bind(quality)
    .bind(now);
    // Requests under way may still read the one before.
    let forget = Statement::new(
        "DELETE FROM kb_parts WHERE site_id = ?1 AND generation NOT IN (?2, (SELECT generation FROM kb WHERE site_id = ?1))",
    );
    sql.batch(vec![point, forget.bind(site).bind(build.of.generation)]).await?;
    Ok(())
}

/// The index in force; `None` if there is none, or none that this version of the code and of the model can read.
///
/// Errors: what the store gives.
pub async fn open(sql: &impl Sql, site: &SiteId, shelf: &Shelf, model: Checksum) -> Result<Option<Rc<Index>>, Error> {
    if shelf.generation == 0 {
        return Ok(None);
    }
    let key = (site.clone(), shelf.generation, model);
    if let Some(index) = kept(&key) {
        return Ok(Some(index));
    }
    let select = Statement::new("SELECT bytes FROM kb_parts WHERE site_id = ?1 AND generation = ?2 ORDER BY number");
    let rows = sql.query(select.bind(site).bind(shelf.generation)).await?;
    let mut blob = Vec::new();
    for row in rows.iter() {
        blob.extend_from_slice(row.blob("bytes")?);
    }
    // Of another model or version, it is made again from the articles.
    let Ok(index) = Index::open(&blob, model) else { return Ok(None) };
    let index = Rc::new(index);
    keep(key, blob.len(), &index);
    Ok(Some(index))
}

type Key = (SiteId, i64, Checksum);

/// An index that is open, and what it takes.
struct Kept {
    key: Key,
    bytes: usize,
    index: Rc<Index>,
}

thread_local! {
    /// The latest last.
    static KEPT: RefCell<Vec<Kept>> = const { RefCell::new(Vec::new()) };
}

fn kept(key: &Key) -> Option<Rc<Index>> {
    KEPT.with_borrow(|kept| kept.iter().find(|it| it.key == *key).map(|it| Rc::clone(&it.index)))
}

fn keep(key: Key, bytes: usize, index: &Rc<Index>) {
    KEPT.with_borrow_mut(|kept| {
        // Of a site only the latest, and of all sites the latest that have room.
        kept.retain(|it| it.key.0 != key.0);
        while !kept.is_empty() && kept.iter().map(|it| it.bytes).sum::<usize>() + bytes > OPEN_BYTES {
            kept.remove(0);
        }
        kept.push(Kept { key, bytes, index: Rc::clone(index) });
    });
}
