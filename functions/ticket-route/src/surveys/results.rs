//! What came of the questions: figures by week, language and segment, with how far they can be trusted, and what people wrote beside.

use std::collections::BTreeMap;

use chrono::{DateTime, TimeDelta, Utc};
use http::StatusCode;
use orilla_core::http::json;
use orilla_core::ids::rfc3339;
use orilla_core::paging::PageOf;
use orilla_core::sites::SiteId;
use orilla_core::sql::{Row, Rows, SqlError, Statement, take};
use orilla_core::{Error, Platform, Request, Response, Sql};
use serde_json::{Value as Json, json};

use super::Survey;
use crate::TicketRoute;
use crate::intervals::{Nps, rounded, wilson};

/// A week in milliseconds, and the first Monday after 1970 began.
const WEEK: i64 = 7 * 24 * 60 * 60 * 1_000;
const MONDAY: i64 = 4 * 24 * 60 * 60 * 1_000;
/// The most segments that figures are shown of. Chosen: as many as a site may have.
const SEGMENTS: u32 = 100;

/// Answers, counted by how good they are.
#[derive(Debug, Clone, Copy, Default)]
struct Tally {
    high: u64,
    middle: u64,
    low: u64,
    total: u64,
}

impl Tally {
    fn add(&mut self, other: &Self) {
        self.high += other.high;
        self.middle += other.middle;
        self.low += other.low;
        self.total += other.total;
    }

    /// Of NPS promoters less detractors, of CSAT the share of 4 and 5.
    fn view(&self, survey: Survey) -> Json {
        let answers = self.high + self.middle + self.low;
        let of_all = |part: u64, places| (answers > 0).then(|| rounded(part as f64 / answers as f64, places));
        match survey {
            Survey::Nps => Nps { promoters: self.high, passives: self.middle, detractors: self.low }.view(),
            Survey::Csat => json!({
                "answers": answers,
                "satisfied": self.high,
                "neutral": self.middle,
                "dissatisfied": self.low,
                "share": of_all(self.high, 3),
                "interval": wilson(self.high, answers).map(|it| it.view(3)),
                "mean": of_all(self.total, 2),
            }),
        }
    }
}

impl Survey {
    /// The counts of a tally, as columns.
    const fn counts(self) -> &'static str {
        match self {
            Self::Nps => "sum(a.score >= 9) AS high, sum(a.score IN (7, 8)) AS middle, sum(a.score <= 6) AS low, sum(a.score) AS total",
            Self::Csat => "sum(a.score >= 4) AS high, sum(a.score = 3) AS middle, sum(a.score <= 2) AS low, sum(a.score) AS total",
        }
    }
}

impl<P: Platform> TicketRoute<P> {
    /// `GET /v1/surveys/nps?days= &cursor= &limit=` and `…/csat`: figures, and what people wrote beside, the latest first. A segment has the answers
    /// of those who left the address that they are known as leads by.
    ///
    /// Errors: `Malformed` for a query that cannot be read, and what the store gives.
    pub(crate) async fn show_survey(&self, survey: Survey, site: &SiteId, request: &Request) -> Result<Response, Error> {
        let days = request.number("days", 90, 365)?;
        let page = PageOf::from_query(request)?;
        let (to, (at, id)) = (request.received, page.bounds());
        let from = to - TimeDelta::days(i64::from(days));
        let (table, counts) = (survey.table(), survey.counts());
        let lately = "a.site_id = ?1 AND a.updated_at >= ?2 AND a.updated_at <= ?3";
        let counted = format!(
            "SELECT (a.updated_at - {MONDAY}) / {WEEK} AS week, a.locale, {counts} FROM {table} a WHERE {lately} GROUP BY 1, 2 LIMIT 1000"
        );
        let by_segment = format!(
            "SELECT m.segment, {counts} FROM {table} a JOIN leads l ON l.site_id = ?1 AND l.email_key = a.email \
             JOIN segment_members m ON m.site_id = ?1 AND m.lead_id = l.id WHERE {lately} GROUP BY 1 ORDER BY 1 LIMIT {SEGMENTS}"
        );
        let said = format!(
            "SELECT a.* FROM {table} a WHERE {lately} AND a.comment IS NOT NULL \
             AND (?4 IS NULL OR (a.updated_at, a.id) < (?4, ?5)) ORDER BY a.updated_at DESC, a.id DESC LIMIT ?6"
        );
        let ask = |sql: String| Statement::new(sql).bind(site).bind(from).bind(to);
        let statements = vec![ask(counted), ask(by_segment), ask(said).bind(at).bind(id).bind(page.rows + 1)];
        let [counted, by_segment, said]: [Rows; 3] = take(self.sql.batch(statements).await?)?;
        let (mut all, mut weeks, mut locales) = (Tally::default(), BTreeMap::<i64, Tally>::new(), BTreeMap::<String, Tally>::new());
        for row in counted.iter() {
            let some = tally(&row)?;
            all.add(&some);
            weeks.entry(row.integer("week")?).or_default().add(&some);
            locales.entry(row.text("locale")?.to_owned()).or_default().add(&some);
        }
        let of_segment = |row: Row<'_>| Ok::<_, SqlError>(with(tally(&row)?.view(survey), "segment", row.text("segment")?.to_owned()));
        let (said, next) = page.cut(&said, "updated_at")?;
        let mut view = all.view(survey);
        view["from"] = rfc3339(from).into();
        view["to"] = rfc3339(to).into();
        view["weeks"] = weeks.iter().map(|(week, some)| with(some.view(survey), "week", day(*week))).collect();
        view["locales"] = locales.iter().map(|(locale, some)| with(some.view(survey), "locale", locale.clone())).collect();
        view["segments"] = by_segment.iter().map(of_segment).collect::<Result<Vec<_>, _>>()?.into();
        if survey == Survey::Nps {
            view["satisfaction"] = self.satisfaction(site, from, to).await?;
        }
        view["comments"] = said.map(comment).collect::<Result<Vec<_>, _>>()?.into();
        view["next"] = json!(next.and_then(|next| next.cursor()));
        json(StatusCode::OK, &view)
    }
}

fn tally(row: &Row<'_>) -> Result<Tally, SqlError> {
    let number = |name| row.integer(name).map(i64::unsigned_abs);
    Ok(Tally { high: number("high")?, middle: number("middle")?, low: number("low")?, total: number("total")? })
}

fn with(mut view: Json, name: &str, value: String) -> Json {
    view[name] = value.into();
    view
}

/// The Monday that a week of UTC begins with.
fn day(week: i64) -> String {
    DateTime::from_timestamp_millis(week * WEEK + MONDAY).map(|at: DateTime<Utc>| at.format("%Y-%m-%d").to_string()).unwrap_or_default()
}

fn comment(row: Row<'_>) -> Result<Json, SqlError> {
    Ok(json!({
        "id": row.text("id")?,
        "score": row.integer("score")?,
        "comment": row.optional_text("comment")?,
        "locale": row.text("locale")?,
        "page": row.optional_text("page")?,
        "visitor": row.text("visitor")?,
        "email": row.optional_text("email")?,
        "answered_at": rfc3339(row.time("updated_at")?),
    }))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn weeks_begin_on_mondays() {
        let week = |at: &str| (at.parse::<DateTime<Utc>>().unwrap().timestamp_millis() - MONDAY) / WEEK;
        assert_eq!(day(week("2026-11-27T10:00:00Z")), "2026-11-23");
        assert_eq!((day(week("2026-11-23T00:00:00Z")), day(week("2026-11-22T23:59:59Z"))), ("2026-11-23".into(), "2026-11-16".into()));
    }
}
