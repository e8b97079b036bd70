//! Leads as CSV, streamed page by page, so that a large site fits a small memory.

use std::collections::BTreeSet;

use bytes::Bytes;
use futures_util::stream;
use http::{HeaderValue, StatusCode, header};
use orilla_core::http::{Body, empty};
use orilla_core::sites::SiteId;
use orilla_core::sql::Statement;
use orilla_core::{Error, Request, Response, Sql};
use serde_json::Value as Json;

use crate::form::Form;
use crate::leads::{self, LeadFilter, LeadView};
use crate::segment;
use orilla_core::paging::{MAX_ROWS, PageOf};
use orilla_text::csv_out::{self, Dialect};

/// The columns before and after those of the site's own fields.
const BEFORE: [&str; 2] = ["id", "email"];
const AFTER: [&str; 15] = [
    "form",
    "locale",
    "verdict",
    "score",
    "fit",
    "engagement",
    "band",
    "tags",
    "is_confirmed",
    "submissions",
    "utm_source",
    "utm_medium",
    "utm_campaign",
    "created_at",
    "updated_at",
];

/// `GET /v1/leads.csv`: the filters of the list, and `?dialect=excel` for semicolons and a byte order mark.
///
/// Errors: `Malformed` for a query that cannot be read, `NotFound` for a segment that the site does not have, and what the store gives before the first byte.
pub async fn stream<S: Sql>(sql: &S, site: &SiteId, request: &Request) -> Result<Response, Error> {
    let dialect = match request.query("dialect").as_deref() {
        None | Some("plain") => Dialect::Plain,
        Some("excel") => Dialect::Excel,
        Some(_) => return Err(Error::malformed("`dialect` is plain or excel.")),
    };
    let filter = LeadFilter::from_query(request)?;
    segment::require(sql, site, filter.segment()).await?;
    let fields = field_names(sql, site).await?;
    let columns: Vec<&str> = BEFORE.into_iter().chain(fields.iter().map(String::as_str)).chain(AFTER).collect();
    let header_row = csv_out::header(dialect, &columns).map_err(Error::internal)?;
    let walk = Walk { sql: sql.clone(), site: site.clone(), filter, fields, dialect };
    let first = (Some(PageOf::first(MAX_ROWS)), Some(header_row), walk);
    let chunks = stream::try_unfold(first, |(page, head, walk)| async move {
        if let Some(head) = head {
            return Ok(Some((Bytes::from(head), (page, None, walk))));
        }
        let Some(page) = page else { return Ok(None) };
        let (chunk, next) = walk.chunk(&page).await?;
        Ok::<_, Error>(Some((chunk, (next, None, walk))))
    });
    let mut response = empty(StatusCode::OK);
    *response.body_mut() = Body::Stream(Box::pin(chunks));
    response.headers_mut().insert(header::CONTENT_TYPE, HeaderValue::from_static("text/csv; charset=utf-8"));
    response.headers_mut().insert(header::CONTENT_DISPOSITION, HeaderValue::from_static("attachment; filename=\"leads.csv\""));
    Ok(response)
}

/// What every chunk is made by.
struct Walk<S> {
    sql: S,
    site: SiteId,
    filter: LeadFilter,
    fields: Vec<String>,
    dialect: Dialect,
}

impl<S: Sql> Walk<S> {
    async fn chunk(&self, page: &PageOf) -> Result<(Bytes, Option<PageOf>), Error> {
        let (leads, next) = leads::page(&self.sql, &self.site, &self.filter, page).await?;
        let rows = leads.iter().map(|lead| self.row(lead));
        Ok((csv_out::rows(self.dialect, rows).map_err(Error::internal)?.into(), next))
    }

    fn row(&self, lead: &LeadView) -> Vec<String> {
        let mut row = vec![lead.id.clone(), lead.email.clone()];
        row.extend(self.fields.iter().map(|name| plain(&lead.fields[name.as_str()])));
        row.extend([
            lead.form.clone(),
            lead.locale.clone(),
            lead.verdict.clone(),
            lead.score.to_string(),
            lead.fit.to_string(),
            lead.engagement.to_string(),
            lead.band.clone(),
            plain(&lead.tags),
            lead.is_confirmed.to_string(),
            lead.submissions.to_string(),
        ]);
        row.extend(["source", "medium", "campaign"].map(|name| plain(&lead.first_touch["utm"][name])));
        row.extend([lead.created_at.clone(), lead.updated_at.clone()]);
        row
    }
}

/// The names of the fields that the site's forms define, but for the mailbox, which has a column of its own.
///
/// Errors: what the store gives.
pub async fn field_names(sql: &impl Sql, site: &SiteId) -> Result<Vec<String>, Error> {
    let rows = sql.query(Statement::new("SELECT definition FROM forms WHERE site_id = ?1 ORDER BY id").bind(site)).await?;
    let taken: BTreeSet<&str> = BEFORE.into_iter().chain(AFTER).collect();
    let mut names: Vec<String> = Vec::new();
    for row in rows.iter() {
        let form: Form = row.json("definition")?;
        for field in form.fields {
            if !taken.contains(field.name.as_str()) && !names.contains(&field.name) {
                names.push(field.name);
            }
        }
    }
    Ok(names)
}

fn plain(value: &Json) -> String {
    match value {
        Json::Null => String::new(),
        Json::String(text) => text.clone(),
        Json::Array(items) => items.iter().map(plain).collect::<Vec<_>>().join("; "),
        other => other.to_string(),
    }
}
