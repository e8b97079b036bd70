//! From a candidate to what is shown of it: its article in the wanted language, and the passage that is nearest.

use orilla_core::sites::SiteId;
use orilla_core::sql::{Rows, Statement};
use orilla_core::{Error, Sql};
use orilla_text::Locale;
use serde::Serialize;

use crate::index::{Held, Index};
use crate::kb::Article;
use crate::library;
use crate::passage::{self, Passage};
use crate::retrieve::{Candidate, Retrieved};

/// An article that was found.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct Source {
    /// The entry's id.
    pub id: String,
    /// The language of the article; not the message's where none is in that one.
    pub locale: Locale,
    /// Which of its passages, from 0.
    pub passage: usize,
    /// How near it is; comes near 1 for the same words.
    pub score: f32,
}

/// An article that was found, and the passage of it that answers.
#[derive(Debug, Clone, PartialEq)]
pub struct Found {
    /// Where it was found.
    pub source: Source,
    /// The article.
    pub article: Article,
    /// The passage.
    pub passage: Passage,
}

/// An entry's article in a language, or in the one that it has.
#[must_use]
pub fn held(index: &Index, entry: usize, locale: Locale) -> Option<&Held> {
    let articles = index.articles(entry);
    articles.iter().find(|it| it.locale == locale).or_else(|| articles.first())
}

/// What of a candidate is shown.
#[must_use]
pub fn source(index: &Index, found: &Retrieved, candidate: &Candidate, locale: Locale) -> Option<Source> {
    let article = held(index, candidate.entry, locale)?;
    Some(Source {
        id: index.id(candidate.entry).to_owned(),
        locale: article.locale,
        passage: index.passage(article, &found.vector),
        score: candidate.cosine.clamp(0.0, 1.0),
    })
}

/// Reads the articles behind sources, in their order. One that went meanwhile is left out.
///
/// Errors: what the store gives.
pub async fn look_up(sql: &impl Sql, site: &SiteId, sources: &[&Source]) -> Result<Vec<Found>, Error> {
    if sources.is_empty() {
        return Ok(Vec::new());
    }
    let ids: Vec<&str> = sources.iter().map(|it| it.id.as_str()).collect();
    let select = "SELECT definition FROM kb_articles WHERE site_id = ?1 AND id IN (SELECT value FROM json_each(?2))";
    let rows: Rows = sql.query(Statement::new(select).bind(site).bind(serde_json::json!(ids).to_string())).await?;
    let articles = rows.iter().map(library::article).collect::<Result<Vec<_>, _>>()?;
    let found = sources.iter().filter_map(|source| {
        let article = articles.iter().find(|it| it.id == source.id && it.locale == source.locale)?.clone();
        let passage = passage::split(&article).into_iter().nth(source.passage)?;
        Some(Found { source: (*source).clone(), article, passage })
    });
    Ok(found.collect())
}
