//! Published pages that are read again and again: which, how they are judged, and how they stand.

use http::StatusCode;
use orilla_core::http::{empty, json};
use orilla_core::ids::rfc3339;
use orilla_core::paging::PageOf;
use orilla_core::sites::SiteId;
use orilla_core::sql::{Row, Rows, SqlError, Statement, take};
use orilla_core::{Error, Platform, Request, Response, Sql, Violation, body, guard};
use serde_json::{Map, Value as Json, json};

use crate::ContentScore;
use crate::sent::{self, Manner};
use crate::settings;

impl<P: Platform> ContentScore<P> {
    /// `GET /v1/content/pages?cursor= &limit=`, the latest changed first.
    ///
    /// Errors: `Malformed` for a query that cannot be read, and what the store gives.
    pub(crate) async fn list_pages(&self, site: &SiteId, request: &Request) -> Result<Response, Error> {
        let page = PageOf::from_query(request)?;
        let (at, id) = page.bounds();
        let select = "SELECT * FROM content_pages WHERE site_id = ?1 AND (?2 IS NULL OR (updated_at, id) < (?2, ?3)) \
                      ORDER BY updated_at DESC, id DESC LIMIT ?4";
        let rows = self.sql.query(Statement::new(select).bind(site).bind(at).bind(id).bind(page.rows + 1)).await?;
        let (shown, next) = page.cut(&rows, "updated_at")?;
        let shown = shown.map(view).collect::<Result<Vec<_>, _>>()?;
        json(StatusCode::OK, &json!({ "pages": shown, "next": next.and_then(|next| next.cursor()) }))
    }

    /// `GET /v1/content/pages/{page}`.
    ///
    /// Errors: `NotFound`, and what the store gives.
    pub(crate) async fn show_page(&self, site: &SiteId, id: &str) -> Result<Response, Error> {
        let rows = self.sql.query(find(site, sent::name(id)?)).await?;
        json(StatusCode::OK, &view(rows.first().ok_or_else(unknown)?)?)
    }

    /// `PUT /v1/content/pages/{page}`: has a page read from now on; what changed is read at the next tick.
    ///
    /// Errors: `Invalid` with everything that is wrong, or where there is no room; what the store gives.
    pub(crate) async fn put_page(&self, site: &SiteId, id: &str, request: &Request, limit: usize) -> Result<Response, Error> {
        let id = sent::name(id)?;
        let mut fields: Map<String, Json> = body::json(request, limit)?;
        let threshold = fields.remove("threshold").filter(|it| !it.is_null());
        let mut found = Vec::new();
        if threshold.as_ref().is_some_and(|it| it.as_u64().is_none_or(|it| !(1..=100).contains(&it))) {
            found.push(violation("threshold", "range", "A threshold is a number from 1 to 100."));
        }
        let url = match sent::read(&fields, Manner::Page) {
            Ok(sent) => sent.asked.url,
            Err(error) => {
                found.extend(error.violations);
                None
            }
        };
        if let Some(Err(refusal)) = url.as_ref().map(|url| guard::check(url.as_str(), &self.exemptions)) {
            found.push(violation("url", "refused", &format!("The address may not be called: {refusal}.")));
        }
        let Some(url) = url.filter(|_| found.is_empty()) else { return Err(Error::invalid("The page cannot be watched.", found)) };
        fields.insert("threshold".to_owned(), threshold.unwrap_or_default());
        let definition = Json::Object(fields).to_string();
        let count = Statement::new("SELECT count(*) AS n FROM content_pages WHERE site_id = ?1").bind(site);
        let [known, count, settings]: [Rows; 3] = take(self.sql.batch(vec![find(site, id), count, settings::find(site)]).await?)?;
        let most = settings::read(&settings)?.pages.most;
        let is_new = known.is_empty();
        if is_new && count.first().map_or(Ok(0), |row| row.integer("n"))? >= i64::from(most) {
            let message = format!("The site has {most} pages read again; take one away, or raise `pages.most` in its content.toml.");
            return Err(Error::invalid("The page cannot be watched.", vec![violation("page", "full", &message)]));
        }
        // Another address is another page: what was told of the one before does not hold.
        let put = "INSERT INTO content_pages (site_id, id, url, definition, next_at, created_at, updated_at) VALUES (?1, ?2, ?3, ?4, ?5, ?5, ?5) \
                   ON CONFLICT (site_id, id) DO UPDATE SET definition = excluded.definition, next_at = excluded.next_at, \
                     updated_at = excluded.updated_at, revision = revision + 1, \
                     is_low = CASE WHEN url = excluded.url THEN is_low ELSE 0 END, is_lost = CASE WHEN url = excluded.url THEN is_lost ELSE 0 END, \
                     failures = CASE WHEN url = excluded.url THEN failures ELSE 0 END, score = CASE WHEN url = excluded.url THEN score END, \
                     url = excluded.url WHERE definition <> excluded.definition";
        let put = Statement::new(put).bind(site).bind(id).bind(url.as_str()).bind(definition).bind(request.received);
        let [_, rows]: [Rows; 2] = take(self.sql.batch(vec![put, find(site, id)]).await?)?;
        let status = if is_new { StatusCode::CREATED } else { StatusCode::OK };
        json(status, &view(rows.first().ok_or_else(unknown)?)?)
    }

    /// `DELETE /v1/content/pages/{page}`: it is not read any more; what was kept of it stays.
    ///
    /// Errors: `NotFound`, and what the store gives.
    pub(crate) async fn remove_page(&self, site: &SiteId, id: &str) -> Result<Response, Error> {
        let delete = "DELETE FROM content_pages WHERE site_id = ?1 AND id = ?2 RETURNING 1 AS gone";
        let rows = self.sql.query(Statement::new(delete).bind(site).bind(sent::name(id)?)).await?;
        if rows.is_empty() { Err(unknown()) } else { Ok(empty(StatusCode::NO_CONTENT)) }
    }
}

fn find(site: &SiteId, id: &str) -> Statement {
    Statement::new("SELECT * FROM content_pages WHERE site_id = ?1 AND id = ?2").bind(site).bind(id)
}

fn view(row: Row<'_>) -> Result<Json, SqlError> {
    let definition: Json = row.json("definition")?;
    let mut shown = json!({
        "id": row.text("id")?,
        "url": row.text("url")?,
        "is_low": row.boolean("is_low")?,
        "is_lost": row.boolean("is_lost")?,
        "failures": row.integer("failures")?,
        "problem": row.optional_text("problem")?,
        "score": row.optional_integer("score")?,
        "checked_at": row.optional_time("checked_at")?.map(rfc3339),
        "next_at": rfc3339(row.time("next_at")?),
        "created_at": rfc3339(row.time("created_at")?),
        "updated_at": rfc3339(row.time("updated_at")?),
    });
    for name in ["threshold", "keyphrase", "synonyms", "kind", "locale", "profile", "persona"] {
        shown[name] = definition[name].clone();
    }
    Ok(shown)
}

fn violation(field: &str, code: &'static str, message: &str) -> Violation {
    Violation { field: field.to_owned(), code: code.into(), message: message.to_owned() }
}

fn unknown() -> Error {
    Error::not_found("This site has no page of this name.")
}
