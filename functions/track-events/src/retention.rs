//! `GET /v1/retention`: of those who began in one day, week or month, how many came back in each that followed. Exact: everybody is counted.

use std::collections::BTreeMap;

use chrono::{DateTime, TimeDelta, Utc};
use chrono_tz::Tz;
use http::StatusCode;
use orilla_core::http::json;
use orilla_core::sites::SiteId;
use orilla_core::sql::{Rows, Statement};
use orilla_core::{Error, Request, Response, Sql};
use serde_json::{Value as Json, json};

use crate::calendar::{Period, date, day_start, offsets};
use crate::numbers::rate;
use crate::{policy, span};

/// How many later periods are looked at when nobody says. Chosen: two months of weeks.
const DEFAULT_PERIODS: u32 = 8;
/// The most later periods, and the most cohorts. Chosen: with each, a table of five years of months.
const MAX_PERIODS: u32 = 60;

/// What a table is asked for.
#[derive(Debug)]
struct Question {
    /// The event that begins somebody's time; the first of any if none is named.
    cohort: Option<String>,
    /// The event that counts as coming back; any if none is named.
    returning: Option<String>,
    period: Period,
    periods: i64,
    /// The first cohort, and the one after the last.
    cohorts: (i64, i64),
    /// The period that runs now: what comes after it is not known yet.
    now: i64,
}

/// The table: `?cohort=first|<event> &returning=any|<event> &period=day|week|month &periods= &from= &until=`. Periods are those of the
/// site's time zone; the cohorts are those whose period the span touches.
///
/// Errors: `Malformed` for a query that cannot be read or asks for too many cohorts, and what the store gives.
pub async fn show(sql: &impl Sql, site: &SiteId, request: &Request) -> Result<Response, Error> {
    let zone = policy::zone(sql, site).await?;
    let question = question(request, zone)?;
    let rows = sql.query(select(site, &question, zone)).await?;
    let table = table(&rows, &question)?;
    json(
        StatusCode::OK,
        &json!({
            "cohort": question.cohort.as_deref().unwrap_or("first"),
            "returning": question.returning.as_deref().unwrap_or("any"),
            "period": question.period.name(),
            "periods": question.periods,
            "time_zone": zone.name(),
            "cohorts": table,
        }),
    )
}

fn question(request: &Request, zone: Tz) -> Result<Question, Error> {
    let period = match request.query("period") {
        None => Period::Week,
        Some(name) => Period::ALL
            .into_iter()
            .find(|period| period.name() == name)
            .ok_or_else(|| Error::malformed("`period` is day, week or month."))?,
    };
    let named = |name: &str, all: &str| match request.query(name) {
        Some(event) if event.is_empty() => Err(Error::malformed(format!("`{name}` is {all} or the name of an event."))),
        event => Ok(event.filter(|event| event != all)),
    };
    let periods = i64::from(request.number("periods", DEFAULT_PERIODS, MAX_PERIODS)?);
    let of = |time: DateTime<Utc>| period.number(date(zone, time));
    let until = span::until(request)?;
    let last = of(until - TimeDelta::milliseconds(1));
    let first = request.time("from")?.map_or(last - periods.min(i64::from(MAX_PERIODS) - 1), of);
    if first > last {
        return Err(Error::malformed("`from` is after `until`."));
    }
    if last - first >= i64::from(MAX_PERIODS) {
        return Err(Error::malformed(format!(
            "The span has more than {MAX_PERIODS} cohorts; ask for a shorter one, or for longer periods."
        )));
    }
    Ok(Question {
        cohort: named("cohort", "first")?,
        returning: named("returning", "any")?,
        period,
        periods,
        cohorts: (first, last + 1),
        now: of(request.received),
    })
}

/// One pass over an index for who began when, one for who was there when. Which period a moment is in is told from how far the zone's
/// clocks were ahead of UTC then.
fn select(site: &SiteId, question: &Question, zone: Tz) -> Statement {
    let start = |number: i64| day_start(zone, question.period.first_date(number));
    let (from, until) = (start(question.cohorts.0), start(question.cohorts.1 + question.periods));
    let (first, changes) = offsets(zone, from, until);
    // ?1 site, ?2 from, ?3 until, ?4 and ?5 the events, ?6 the offset at first, then each change. D1 binds every number as a real one,
    // and a day divided by one would have its hours behind the point.
    let whole = |number: usize| format!("CAST(?{number} AS INTEGER)");
    let changed = |place: usize| format!("WHEN occurred_at >= ?{} THEN {}", 7 + 2 * place, whole(8 + 2 * place));
    let latest_first: Vec<_> = (0..changes.len()).rev().map(changed).collect();
    let offset = if changes.is_empty() { whole(6) } else { format!("CASE {} ELSE {} END", latest_first.join(" "), whole(6)) };
    let day = format!("(occurred_at + {offset}) / 86400000");
    let period = match question.period {
        Period::Day => "day",
        Period::Week => "(day + 3) / 7",
        Period::Month => "(strftime('%Y', day * 86400, 'unixepoch') - 1970) * 12 + strftime('%m', day * 86400, 'unixepoch') - 1",
    };
    let source = |event: &Option<String>, number: u8| match event {
        Some(_) => format!("events INDEXED BY events_by_name WHERE site_id = ?1 AND name = ?{number}"),
        None => "events INDEXED BY events_by_person WHERE site_id = ?1".to_owned(),
    };
    let (cohort, returning) = (source(&question.cohort, 4), source(&question.returning, 5));
    // A window rather than a join: its cost does not depend on what the planner makes of it.
    let query = format!(
        "WITH beginnings AS (SELECT person_id, min(occurred_at) AS occurred_at FROM {cohort} GROUP BY person_id), \
         days AS (SELECT DISTINCT person_id, {day} AS day FROM {returning} AND occurred_at >= ?2 AND occurred_at < ?3), \
         marks (person_id, began, came) AS ( \
           SELECT person_id, {period}, NULL FROM (SELECT person_id, {day} AS day FROM beginnings WHERE occurred_at >= ?2) \
           UNION ALL SELECT DISTINCT person_id, NULL, {period} FROM days), \
         cells AS (SELECT max(began) OVER (PARTITION BY person_id) AS cohort, came FROM marks) \
         SELECT cohort, coalesce(came - cohort, 0) AS later, count(*) AS people FROM cells \
         WHERE cohort IS NOT NULL AND (came IS NULL OR came > cohort) GROUP BY 1, 2"
    );
    let statement = Statement::new(query)
        .bind(site)
        .bind(from)
        .bind(until)
        .bind(question.cohort.as_deref())
        .bind(question.returning.as_deref())
        .bind(first);
    changes.into_iter().fold(statement, |statement, (since, offset)| statement.bind(since).bind(offset))
}

fn table(rows: &Rows, question: &Question) -> Result<Vec<Json>, Error> {
    let mut cells: BTreeMap<(i64, i64), i64> = BTreeMap::new();
    for row in rows.iter() {
        cells.insert((row.integer("cohort")?, row.integer("later")?), row.integer("people")?);
    }
    let cohort = |number: i64| {
        let of = |later: i64| cells.get(&(number, later)).copied().unwrap_or_default();
        let known = 0..=question.periods.min(question.now - number).max(0);
        let returned: Vec<_> = known.map(of).collect();
        json!({
            "start": question.period.first_date(number).to_string(),
            "size": of(0),
            "rates": returned.iter().map(|people| rate(*people, of(0))).collect::<Vec<_>>(),
            "returned": returned,
        })
    };
    Ok((question.cohorts.0..question.cohorts.1).map(cohort).collect())
}
