//! The site's articles over HTTP: read, written, imported, applied from files; and the state of their index.

use std::collections::{BTreeMap, BTreeSet};

use chrono::TimeDelta;
use http::{StatusCode, header};
use orilla_core::http::json;
use orilla_core::ids::{hex, rfc3339};
use orilla_core::sites::SiteId;
use orilla_core::sql::{Rows, Statement, take};
use orilla_core::{Code, Error, Platform, Request, Response, Sql, Violation, body};
use orilla_knowledge::kb::Article;
use orilla_knowledge::kb::import::{self, Row};
use orilla_knowledge::library::{self, Progress, Shelf};
use orilla_knowledge::model;
use orilla_text::Locale;
use serde::Deserialize;
use serde_json::{Map, Value as Json, json};
use sha2::{Digest, Sha256};

use crate::FaqChat;

/// Articles of one batch of statements. Chosen: D1 takes a batch of some hundreds in well under a second.
const BATCH: usize = 200;
/// Articles of a page when the caller does not say, and at most.
const LISTED: (u32, u32) = (100, 500);
/// What violations of one file are told. Chosen: who has more has another file altogether.
const TOLD: usize = 100;

impl<P: Platform> FaqChat<P> {
    /// `?locale= &after= &limit=`: articles in order of their ids.
    ///
    /// Errors: `Malformed` for a query that cannot be read, and what the store gives.
    pub(crate) async fn list_articles(&self, site: &SiteId, request: &Request) -> Result<Response, Error> {
        let locale = asked_locale(request)?;
        let limit = request.number("limit", LISTED.0, LISTED.1)?;
        let after = request.query("after").unwrap_or_default();
        let (id, of) = after.split_once(' ').unwrap_or((after.as_str(), "zz"));
        let select = Statement::new(
            "SELECT definition, updated_at FROM kb_articles WHERE site_id = ?1 AND (id, locale) > (?2, ?3) AND (?4 IS NULL OR locale = ?4) \
             ORDER BY id, locale LIMIT ?5",
        );
        let of = if after.is_empty() { "" } else { of };
        let rows = self.sql.query(select.bind(site).bind(id).bind(of).bind(locale.map(Locale::as_str)).bind(limit + 1)).await?;
        let mut articles = rows.iter().map(shown).collect::<Result<Vec<_>, _>>()?;
        let has_more = articles.len() > limit as usize;
        articles.truncate(limit as usize);
        let next = articles.last().filter(|_| has_more);
        let next = next.and_then(|it| Some(format!("{} {}", it["id"].as_str()?, it["locale"].as_str()?)));
        json(StatusCode::OK, &json!({ "articles": articles, "next": next }))
    }

    /// An article in each of its languages.
    ///
    /// Errors: `NotFound`, and what the store gives.
    pub(crate) async fn show_article(&self, site: &SiteId, id: &str) -> Result<Response, Error> {
        let select = "SELECT definition, updated_at FROM kb_articles WHERE site_id = ?1 AND id = ?2 ORDER BY locale";
        let rows = self.sql.query(Statement::new(select).bind(site).bind(id)).await?;
        if rows.is_empty() {
            return Err(no_article());
        }
        let articles = rows.iter().map(shown).collect::<Result<Vec<_>, _>>()?;
        json(StatusCode::OK, &json!({ "id": id, "articles": articles }))
    }

    /// Writes an article of one language.
    ///
    /// Errors: `Invalid` with everything that is wrong, and what the store gives.
    pub(crate) async fn put_article(&self, site: &SiteId, id: &str, request: &Request, limit: usize) -> Result<Response, Error> {
        let mut sent: Map<String, Json> = body::json(request, limit)?;
        if sent.get("id").is_some_and(|it| it.as_str() != Some(id)) {
            let violation =
                Violation { field: "id".into(), code: "id".into(), message: "The body is of another article than the path.".into() };
            return Err(Error::invalid("The article cannot be taken.", vec![violation]));
        }
        sent.insert("id".to_owned(), id.into());
        let article = Article::from_json(&Json::Object(sent)).map_err(|found| Error::invalid("The article cannot be taken.", found))?;
        let changed = self.write(site, &[article], &BTreeSet::new(), false, request).await?;
        self.keep_building(site);
        json(StatusCode::OK, &json!({ "id": id, "is_changed": changed.0 > 0 }))
    }

    /// Removes an article: in `?locale=`, or in every language.
    ///
    /// Errors: `NotFound`, and what the store gives.
    pub(crate) async fn remove_article(&self, site: &SiteId, id: &str, request: &Request) -> Result<Response, Error> {
        let locale = asked_locale(request)?;
        let statements = vec![library::remove(site, id, locale), library::touch(site)];
        let known = "SELECT 1 AS one FROM kb_articles WHERE site_id = ?1 AND id = ?2 AND (?3 IS NULL OR locale = ?3)";
        let known = Statement::new(known).bind(site).bind(id).bind(locale.map(Locale::as_str));
        if self.sql.query(known).await?.is_empty() {
            return Err(no_article());
        }
        let removed = self.sql.batch(statements).await?;
        self.keep_building(site);
        json(StatusCode::OK, &json!({ "id": id, "removed": removed.first().map_or(0, Rows::len) }))
    }

    /// `?format=jsonl|csv|html &locale=`: reads articles from a file; without the format its content type or its beginning tells. Rows that
    /// are right are taken, the others are told.
    ///
    /// Errors: `Malformed` for a file that cannot be read, and what the store gives.
    pub(crate) async fn import_articles(&self, site: &SiteId, request: &Request, limit: usize) -> Result<Response, Error> {
        let bytes = body::sniffed(request, limit)?;
        let text = std::str::from_utf8(&bytes).map_err(|_| Error::malformed("The file is not UTF-8."))?;
        let rows = rows(request, text)?;
        let mut refused = Vec::new();
        let mut articles = Vec::new();
        for row in rows {
            match row.outcome {
                Ok(article) => articles.push(article),
                Err(found) => refused.push(json!({ "line": row.line, "violations": found })),
            }
        }
        let is_dry_run = request.asks_for("dry_run");
        let (changed, _) =
            if is_dry_run || articles.is_empty() { (0, 0) } else { self.write(site, &articles, &BTreeSet::new(), false, request).await? };
        self.keep_building(site);
        let count = refused.len();
        refused.truncate(TOLD);
        json(
            StatusCode::OK,
            &json!({ "is_dry_run": is_dry_run, "read": articles.len(), "changed": changed, "refused": count, "refusals": refused }),
        )
    }

    /// Applies the articles of a site's files: `{"articles": [Markdown with front matter | article]}`. What files made and no longer have goes.
    /// The index goes on for as long as one request may: whoever sends the same again until nothing is pending has it whole.
    ///
    /// Errors: `Invalid` with everything that is wrong, `NotFound` before the site itself is applied, and what the store gives.
    pub(crate) async fn apply_articles(&self, site: &SiteId, request: &Request, limit: usize) -> Result<Response, Error> {
        #[derive(Deserialize)]
        #[serde(deny_unknown_fields)]
        struct Files {
            articles: Vec<Json>,
        }
        let files: Files = body::json(request, limit)?;
        let mut found = Vec::new();
        let mut articles: Vec<Article> = Vec::new();
        for (at, file) in files.articles.iter().enumerate() {
            let read = match file {
                Json::String(text) => Article::from_markdown(text),
                other => Article::from_json(other),
            };
            match read {
                Ok(article) => articles.push(article),
                Err(violations) => {
                    found.extend(violations.into_iter().map(|it| Violation { field: format!("articles[{at}].{}", it.field), ..it }))
                }
            }
        }
        let mut by_name = BTreeMap::new();
        for (at, article) in articles.iter().enumerate() {
            if by_name.insert((article.id.as_str(), article.locale.as_str()), article).is_some() {
                let message = format!("Two files are `{}` in `{}`.", article.id, article.locale.as_str());
                found.push(Violation { field: format!("articles[{at}].id"), code: "duplicate".into(), message });
            }
        }
        if !found.is_empty() {
            found.truncate(TOLD);
            return Err(Error::invalid("Some of the articles break a rule; nothing was changed.", found));
        }
        let of_site = |query: &'static str| Statement::new(query).bind(site);
        let [sites, stored]: [Rows; 2] = take(
            self.sql
                .batch(vec![
                    of_site("SELECT 1 AS one FROM sites WHERE id = ?1"),
                    of_site("SELECT id, locale, digest, is_managed FROM kb_articles WHERE site_id = ?1"),
                ])
                .await?,
        )?;
        if sites.is_empty() {
            return Err(Error::not_found("Apply the site's own files first."));
        }
        let mut gone = BTreeSet::new();
        let mut same = BTreeSet::new();
        for row in stored.iter() {
            let (id, locale, is_managed) = (row.text("id")?.to_owned(), row.text("locale")?.to_owned(), row.boolean("is_managed")?);
            match by_name.get(&(id.as_str(), locale.as_str())) {
                Some(article) if is_managed && digest(article) == row.text("digest")? => drop(same.insert((id, locale))),
                Some(_) => {}
                None if is_managed => drop(gone.insert((id, locale))),
                None => {}
            }
        }
        articles.retain(|it| !same.contains(&(it.id.clone(), it.locale.as_str().to_owned())));
        let is_dry_run = request.asks_for("dry_run");
        let (changed, removed) = match is_dry_run || (articles.is_empty() && gone.is_empty()) {
            true => (articles.len(), gone.len()),
            false => self.write(site, &articles, &gone, true, request).await?,
        };
        if !is_dry_run {
            library::advance(&self.sql, &model::shipped()?, &self.random, site, request.received).await?;
        }
        let shelf = Shelf::read(&self.sql.query(library::find(site)).await?)?;
        json(
            StatusCode::OK,
            &json!({
                "site": site, "is_dry_run": is_dry_run, "same": same.len(), "changed": changed, "removed": removed,
                "is_indexed": shelf.is_current(), "pending": shelf.pending,
            }),
        )
    }

    /// Writes and removes articles; how many changed and went. A batch at a time: what a failure leaves is right, and sent again it goes on.
    async fn write(
        &self,
        site: &SiteId,
        articles: &[Article],
        gone: &BTreeSet<(String, String)>,
        is_managed: bool,
        request: &Request,
    ) -> Result<(usize, usize), Error> {
        let (mut changed, mut removed) = (0, 0);
        for some in articles.chunks(BATCH) {
            let mut statements: Vec<_> = some.iter().map(|it| library::put(site, it, &digest(it), is_managed, request.received)).collect();
            statements.push(library::touch(site));
            changed += self.sql.batch(statements).await?.iter().map(Rows::len).sum::<usize>();
        }
        let gone: Vec<_> = gone.iter().collect();
        for some in gone.chunks(BATCH) {
            let mut statements: Vec<_> = some.iter().map(|(id, locale)| library::remove(site, id, Locale::of_tag(locale))).collect();
            statements.push(library::touch(site));
            removed += self.sql.batch(statements).await?.iter().map(Rows::len).sum::<usize>();
        }
        Ok((changed, removed))
    }

    /// Goes on with the index, for as long as one request may.
    ///
    /// Errors: what the store and the model give.
    pub(crate) async fn build_index(&self, site: &SiteId, request: &Request) -> Result<Response, Error> {
        let progress = library::advance(&self.sql, &model::shipped()?, &self.random, site, request.received).await?;
        let shelf = Shelf::read(&self.sql.query(library::find(site)).await?)?;
        json(StatusCode::OK, &json!({ "is_current": progress == Progress::Current, "version": shelf.version, "pending": shelf.pending }))
    }

    /// `?days=`: what the knowledge is worth, by the site's own questions and by its visitors.
    ///
    /// Errors: `Malformed` for a query that cannot be read, and what the store gives.
    pub(crate) async fn show_quality(&self, site: &SiteId, request: &Request) -> Result<Response, Error> {
        let since = request.received - TimeDelta::days(i64::from(request.number("days", 30, 365)?));
        let [shelf, ended, rated]: [Rows; 3] = take(
            self.sql
                .batch(vec![
                    library::find(site),
                    Statement::new(
                        "SELECT count(*) AS conversations, coalesce(sum(handoffs > 0), 0) AS handed_off, coalesce(sum(is_unhelpful), 0) AS unhelpful, \
                         coalesce(sum(handoffs = 0 AND is_unhelpful = 0), 0) AS deflected \
                         FROM conversations INDEXED BY conversations_by_time WHERE site_id = ?1 AND updated_at >= ?2",
                    )
                    .bind(site)
                    .bind(since),
                    Statement::new(
                        "SELECT coalesce(sum(m.is_helpful = 1), 0) AS helpful, coalesce(sum(m.is_helpful = 0), 0) AS unhelpful \
                         FROM conversations c INDEXED BY conversations_by_time JOIN messages m ON m.site_id = c.site_id AND m.conversation_id = c.id \
                         WHERE c.site_id = ?1 AND c.updated_at >= ?2 AND m.is_helpful IS NOT NULL",
                    )
                    .bind(site)
                    .bind(since),
                ])
                .await?,
        )?;
        let count = |rows: &Rows, name| rows.first().map_or(Ok(0), |row| row.integer(name));
        let state = Shelf::read(&shelf)?;
        let own: Json = shelf.first().map_or(Ok(json!({})), |row| row.json("quality"))?;
        let number = |name: &str| own[name].as_f64().unwrap_or_default();
        let share = |part: f64, of: f64| (of > 0.0).then(|| (1_000.0 * part / of).round() / 10.0);
        let conversations = count(&ended, "conversations")?;
        json(
            StatusCode::OK,
            &json!({
                "index": {
                    "is_current": state.is_current(),
                    "pending": state.pending,
                    "entries": count(&shelf, "entries")?,
                    "bytes": count(&shelf, "bytes")?,
                    "built_at": shelf.first().map(|row| row.optional_time("built_at")).transpose()?.flatten().map(rfc3339),
                },
                // "We answer X % with at most Y % wrong", on the site's own questions, each as if it had not been there.
                "own_questions": {
                    "asked": own["asked"],
                    "found_first_percent": share(number("first"), number("asked")),
                    "answered_percent": share(number("answered"), number("asked")),
                    "wrong_percent": share(number("wrong"), number("answered")),
                    "strangers_answered_percent": share(number("strangers_answered"), number("asked")),
                },
                "visitors": {
                    "conversations": conversations,
                    "handed_off": count(&ended, "handed_off")?,
                    "unhelpful": count(&ended, "unhelpful")?,
                    "deflection_percent": share(count(&ended, "deflected")? as f64, conversations as f64),
                    "answers_rated_helpful": count(&rated, "helpful")?,
                    "answers_rated_unhelpful": count(&rated, "unhelpful")?,
                },
            }),
        )
    }
}

fn shown(row: orilla_core::sql::Row<'_>) -> Result<Json, orilla_core::sql::SqlError> {
    let mut article: Json = row.json("definition")?;
    article["updated_at"] = rfc3339(row.time("updated_at")?).into();
    Ok(article)
}

fn asked_locale(request: &Request) -> Result<Option<Locale>, Error> {
    let refused = || Error::malformed("`locale` is es or en.");
    request.query("locale").map(|tag| Locale::of_tag(&tag).ok_or_else(refused)).transpose()
}

fn no_article() -> Error {
    Error::new(Code::NotFound, "This site has no such article.")
}

/// Of an article as it is stored.
fn digest(article: &Article) -> String {
    hex(&Sha256::digest(serde_json::to_string(article).unwrap_or_default()))
}

fn rows(request: &Request, text: &str) -> Result<Vec<Row>, Error> {
    let declared = request.header(header::CONTENT_TYPE).unwrap_or_default().to_ascii_lowercase();
    let begins = |with: &str| text.trim_start_matches('\u{feff}').trim_start().starts_with(with);
    let format = match request.query("format").as_deref() {
        Some(named @ ("jsonl" | "csv" | "html")) => named.to_owned(),
        Some(_) => return Err(Error::malformed("`format` is jsonl, csv or html.")),
        None if declared.contains("html") || begins("<") => "html".to_owned(),
        None if declared.contains("csv") => "csv".to_owned(),
        None if declared.contains("json") || begins("{") => "jsonl".to_owned(),
        None => "csv".to_owned(),
    };
    match format.as_str() {
        "jsonl" => Ok(import::json_lines(text)),
        "csv" => import::csv(text).map_err(|found| Error::invalid("The file's head lacks columns.", found)),
        _ => {
            let locale = asked_locale(request)?.ok_or_else(|| Error::malformed("A page needs `?locale=es` or `?locale=en`."))?;
            Ok(import::html::page(text, locale, request.query("url").as_deref()))
        }
    }
}
