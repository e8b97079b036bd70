//! Documents and their versions as their site reads them: lists, one with its trend, spreadsheets; and forgetting one.

use chrono::{DateTime, Utc};
use http::{StatusCode, header};
use orilla_core::erasure::{self, Subject};
use orilla_core::http::{json, text};
use orilla_core::ids::{rfc3339, uuid_v7};
use orilla_core::paging::PageOf;
use orilla_core::sites::SiteId;
use orilla_core::sql::{Row, Rows, SqlError, Statement, take};
use orilla_core::{Error, Platform, Request, Response, Sql};
use orilla_text::csv_out::{self, Dialect};
use serde_json::{Value as Json, json};

use crate::ContentScore;
use crate::sent;

/// The columns of the spreadsheets.
const DOCUMENT_COLUMNS: [&str; 10] = ["id", "kind", "title", "url", "language", "version", "score", "grade", "created_at", "updated_at"];
const VERSION_COLUMNS: [&str; 10] =
    ["version", "label", "profile", "language", "score", "grade", "seo", "readability", "structure", "persuasion"];
/// Rows of a spreadsheet that are read at a time. Source: as many as the `Sql` contract promises.
const AT_A_TIME: u32 = 1_000;
/// The parts of a score, beside the whole.
const PARTS: [&str; 5] = ["score", "seo", "readability", "structure", "persuasion"];

const DOCUMENTS: &str = "SELECT * FROM content_documents WHERE site_id = ?1 AND (?2 IS NULL OR kind = ?2) AND (?3 IS NULL OR language = ?3) \
                         AND score >= ?4 AND score <= ?5 AND (?6 IS NULL OR (updated_at, id) < (?6, ?7)) \
                         ORDER BY updated_at DESC, id DESC LIMIT ?8";
const VERSIONS: &str = "SELECT number, '' AS id, label, profile, language, score, grade, seo, readability, structure, persuasion, stats, failing, \
                        content_hash, content IS NOT NULL AS has_text, created_at FROM content_versions WHERE site_id = ?1 AND document_id = ?2 \
                        AND (?3 IS NULL OR number < ?3) ORDER BY number DESC LIMIT ?4";

impl<P: Platform> ContentScore<P> {
    /// `GET /v1/content/documents?kind= &language= &min_score= &max_score= &cursor= &limit= &format=csv`, the latest first.
    ///
    /// Errors: `Malformed` for a query that cannot be read, and what the store gives.
    pub(crate) async fn list_documents(&self, site: &SiteId, request: &Request) -> Result<Response, Error> {
        let one_of = |name: &str, of: &[&str]| match request.query(name) {
            Some(value) if !of.contains(&value.as_str()) => Err(Error::malformed(format!("`{name}` is one of {}.", of.join(", ")))),
            value => Ok(value),
        };
        let kind = one_of("kind", &["landing", "blog", "email", "whitepaper", "case_study"])?;
        let language = one_of("language", &["es", "en", "other"])?;
        let (least, most) = (score(request, "min_score", 0)?, score(request, "max_score", 100)?);
        let mut page = PageOf::from_query(request)?;
        let select = |page: &PageOf| {
            let (at, id) = page.bounds();
            let select = Statement::new(DOCUMENTS).bind(site).bind(kind.clone()).bind(language.clone()).bind(least).bind(most);
            select.bind(at).bind(id).bind(page.rows + 1)
        };
        if !is_csv(request)? {
            let rows = self.sql.query(select(&page)).await?;
            let (shown, next) = page.cut(&rows, "updated_at")?;
            let shown = shown.map(document).collect::<Result<Vec<_>, _>>()?;
            return json(StatusCode::OK, &json!({ "documents": shown, "next": next.and_then(|next| next.cursor()) }));
        }
        let mut bytes = csv_out::header(Dialect::Plain, &DOCUMENT_COLUMNS).map_err(Error::internal)?;
        page = PageOf::first(AT_A_TIME - 1);
        loop {
            let rows = self.sql.query(select(&page)).await?;
            let (shown, next) = page.cut(&rows, "updated_at")?;
            let shown = shown.map(|row| document(row).map(|it| cells(&it, &DOCUMENT_COLUMNS))).collect::<Result<Vec<_>, _>>()?;
            bytes.extend(csv_out::rows(Dialect::Plain, shown).map_err(Error::internal)?);
            let Some(next) = next else { break };
            page = next;
        }
        Ok(text(StatusCode::OK, "text/csv; charset=utf-8", bytes))
    }

    /// `GET /v1/content/documents/{document}?cursor= &limit= &format=csv`: its versions, the latest first, and where it goes.
    ///
    /// Errors: `Malformed`, `NotFound`, and what the store gives.
    pub(crate) async fn show_document(&self, site: &SiteId, id: &str, request: &Request) -> Result<Response, Error> {
        let id = sent::name(id)?;
        let is_csv = is_csv(request)?;
        let page = if is_csv { PageOf::first(AT_A_TIME - 1) } else { PageOf::from_query(request)? };
        let (before, _) = page.bounds();
        let own = Statement::new("SELECT * FROM content_documents WHERE site_id = ?1 AND id = ?2").bind(site).bind(id);
        let versions = |before: orilla_core::sql::Value, most: u32| Statement::new(VERSIONS).bind(site).bind(id).bind(before).bind(most);
        let latest = versions(orilla_core::sql::Value::Null, 2);
        // Numbers from the first that is kept, so that no sum of squares grows beyond what every host carries.
        let sums = "SELECT count(*) AS n, total(x) AS x, total(y) AS y, total(x * y) AS xy, total(x * x) AS xx FROM (SELECT \
                    number - (SELECT min(number) FROM content_versions WHERE site_id = ?1 AND document_id = ?2) AS x, score AS y \
                    FROM content_versions WHERE site_id = ?1 AND document_id = ?2)";
        let sums = Statement::new(sums).bind(site).bind(id);
        let [own, rows, latest, sums]: [Rows; 4] = take(self.sql.batch(vec![own, versions(before, page.rows + 1), latest, sums]).await?)?;
        let mut shown = document(own.first().ok_or_else(|| Error::not_found("This site has no such document."))?)?;
        let (kept, next) = page.cut(&rows, "number")?;
        let kept = kept.map(version).collect::<Result<Vec<_>, _>>()?;
        if is_csv {
            let mut bytes = csv_out::header(Dialect::Plain, &VERSION_COLUMNS).map_err(Error::internal)?;
            bytes.extend(csv_out::rows(Dialect::Plain, kept.iter().map(|it| cells(it, &VERSION_COLUMNS))).map_err(Error::internal)?);
            return Ok(text(StatusCode::OK, "text/csv; charset=utf-8", bytes));
        }
        shown["trend"] =
            json!({ "slope": slope(&sums)?, "versions": sums.first().map_or(Ok(0), |row| row.integer("n"))?, "change": change(&latest)? });
        shown["versions"] = kept.into();
        shown["next"] = next.and_then(|next| next.cursor()).into();
        json(StatusCode::OK, &shown)
    }

    /// `DELETE /v1/content/documents/{document}`: forgets it with its versions, and whether its page is read again.
    ///
    /// Errors: `NotFound`, and what the store gives.
    pub(crate) async fn remove_document(&self, site: &SiteId, id: &str, now: DateTime<Utc>) -> Result<Response, Error> {
        let id = sent::name(id)?;
        let receipt = uuid_v7(now, &self.random).to_string();
        let holdings = [
            ("content_versions", "site_id = ?1 AND document_id = ?2"),
            ("content_pages", "site_id = ?1 AND id = ?2"),
            ("outbox", "site_id = ?1 AND subject_id = 'content:' || ?2"),
            ("idempotency", "site_id = ?1 AND subject_id = 'content:' || ?2"),
            ("content_documents", "site_id = ?1 AND id = ?2"),
        ];
        let erased = erasure::erase(&self.sql, site, Subject { kind: "document", id }, &holdings, &receipt, now).await?;
        erased.ok_or_else(|| Error::not_found("This site has no such document."))
    }
}

/// Whether a spreadsheet is asked for, by `?format=csv` or by what is accepted.
fn is_csv(request: &Request) -> Result<bool, Error> {
    match request.query("format").as_deref() {
        Some("csv") => Ok(true),
        Some("json") => Ok(false),
        Some(_) => Err(Error::malformed("`format` is json or csv.")),
        None => Ok(request.header(header::ACCEPT).is_some_and(|accept| accept.starts_with("text/csv"))),
    }
}

fn score(request: &Request, name: &str, default: u32) -> Result<u32, Error> {
    match request.query(name).map(|text| text.parse()) {
        None => Ok(default),
        Some(Ok(number)) if number <= 100 => Ok(number),
        Some(_) => Err(Error::malformed(format!("`{name}` is a number from 0 to 100."))),
    }
}

fn document(row: Row<'_>) -> Result<Json, SqlError> {
    Ok(json!({
        "id": row.text("id")?,
        "kind": row.text("kind")?,
        "title": row.optional_text("title")?,
        "url": row.optional_text("url")?,
        "language": row.text("language")?,
        "version": row.integer("number")?,
        "score": row.integer("score")?,
        "grade": row.text("grade")?,
        "created_at": rfc3339(row.time("created_at")?),
        "updated_at": rfc3339(row.time("updated_at")?),
    }))
}

fn version(row: Row<'_>) -> Result<Json, SqlError> {
    let mut shown = json!({
        "version": row.integer("number")?,
        "label": row.optional_text("label")?,
        "profile": row.text("profile")?,
        "language": row.text("language")?,
        "grade": row.text("grade")?,
        "stats": row.json::<Json>("stats")?,
        "failing": row.json::<Json>("failing")?,
        "content_hash": row.text("content_hash")?,
        "has_text": row.boolean("has_text")?,
        "created_at": rfc3339(row.time("created_at")?),
    });
    for part in PARTS {
        shown[part] = row.optional_integer(part)?.into();
    }
    Ok(shown)
}

fn cells(shown: &Json, columns: &[&str]) -> Vec<String> {
    let spelt = |cell: &Json| match cell {
        Json::String(text) => text.clone(),
        Json::Null => String::new(),
        other => other.to_string(),
    };
    columns.iter().map(|column| spelt(&shown[*column])).collect()
}

/// Points per version, by least squares over all that are kept; none of a single one.
fn slope(sums: &Rows) -> Result<Option<f64>, SqlError> {
    let Some(row) = sums.first() else { return Ok(None) };
    let (n, x, y, xy, xx) = (row.real("n")?, row.real("x")?, row.real("y")?, row.real("xy")?, row.real("xx")?);
    let spread = n * xx - x * x;
    Ok((spread > 0.0).then(|| ((n * xy - x * y) / spread * 1_000.0).round() / 1_000.0))
}

/// From the last version but one to the last, part by part; none where either has none.
fn change(latest: &Rows) -> Result<Json, SqlError> {
    let mut told = json!({});
    let mut rows = latest.iter();
    let (last, before) = (rows.next(), rows.next());
    for part in PARTS {
        let of = |row: Option<Row<'_>>| row.map_or(Ok(None), |row| row.optional_integer(part));
        told[part] = of(last)?.zip(of(before)?).map(|(last, before)| last - before).into();
    }
    Ok(told)
}

#[cfg(test)]
mod tests {
    use orilla_core::sql::Value;

    use super::*;

    #[test]
    fn the_slope_is_that_of_least_squares() {
        let of = |points: &[(f64, f64)]| {
            let total = |of: fn(&(f64, f64)) -> f64| Value::Real(points.iter().map(of).sum());
            let columns: Vec<String> = ["n", "x", "y", "xy", "xx"].map(str::to_owned).to_vec();
            let values = vec![vec![total(|_| 1.0), total(|it| it.0), total(|it| it.1), total(|it| it.0 * it.1), total(|it| it.0 * it.0)]];
            slope(&Rows { columns: columns.into(), values }).unwrap()
        };
        assert_eq!(of(&[(0.0, 50.0)]), None);
        assert_eq!(of(&[(0.0, 50.0), (1.0, 60.0), (2.0, 70.0)]), Some(10.0));
        assert_eq!(of(&[(0.0, 50.0), (1.0, 60.0), (3.0, 40.0)]), Some(-4.286));
    }
}
