//! `GET /v1/stats`: visitors, visits and views, by hour or day of the site's own time zone. Reads visits and roll-ups, never events.

use chrono::{DateTime, TimeDelta, Utc};
use chrono_tz::Tz;
use http::StatusCode;
use orilla_core::http::json;
use orilla_core::ids::rfc3339;
use orilla_core::sites::SiteId;
use orilla_core::sql::{Row, Rows, SqlError, Statement, take};
use orilla_core::{Error, Request, Response, Sql};
use serde_json::{Map, Value as Json, json};

use crate::calendar::{date, day_start, days_of, hour_end, hours, local_hour};
use crate::numbers::{rate, seconds};
use crate::policy;
use crate::span;

/// The days of an answer when nobody says. Chosen: a week, today included.
const DEFAULT_DAYS: i64 = 7;
/// The most hours or days of one answer. Chosen: six weeks of hours, almost three years of days.
const MAX_POINTS: i64 = 1_000;
/// How many names a list has when nobody says, and at most. Chosen: a screen, and what a report may want.
const LISTED: (u32, u32) = (10, 200);

/// What visits are listed by: the list's name, and the column.
const LISTS: [(&str, &str); 7] = [
    ("sources", "source"),
    ("mediums", "medium"),
    ("campaigns", "campaign"),
    ("entry_pages", "entry_path"),
    ("countries", "country"),
    ("languages", "language"),
    ("devices", "device"),
];

/// What a series has a point for.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Interval {
    Hour,
    Day,
}

/// The statistics of a span: `?from= &until= &interval=hour|day &limit=`. The span is widened to whole hours, since views are counted
/// by the hour; the answer says what it covers.
///
/// Errors: `Malformed` for a query that cannot be read or asks for too many points, and what the store gives.
pub async fn show(sql: &impl Sql, site: &SiteId, request: &Request) -> Result<Response, Error> {
    let interval = match request.query("interval").as_deref() {
        Some("hour") => Interval::Hour,
        None | Some("day") => Interval::Day,
        Some(_) => return Err(Error::malformed("`interval` is hour or day.")),
    };
    let limit = request.number("limit", LISTED.0, LISTED.1)?;
    let asked = (request.time("from")?, span::until(request)?);
    let zone = policy::zone(sql, site).await?;
    let (from, until) = widened(zone, asked.0, asked.1)?;
    let points = points(zone, interval, from, until)?;
    let cuts = json!(points.iter().map(|(start, end)| [start.timestamp_millis(), end.timestamp_millis()]).collect::<Vec<_>>()).to_string();
    let [visits, views, pages]: [Rows; 3] = take(
        sql.batch(vec![
            Statement::new(visits()).bind(site).bind(cuts.as_str()).bind(limit),
            Statement::new(
                "SELECT b.key AS point, sum(p.views) AS views, sum(p.uncounted) AS uncounted FROM json_each(?2) b CROSS JOIN page_views p \
                 WHERE p.site_id = ?1 AND p.hour >= b.value ->> 0 AND p.hour < b.value ->> 1 GROUP BY b.key",
            )
            .bind(site)
            .bind(cuts.as_str()),
            Statement::new(
                "SELECT path AS name, sum(views) AS views FROM page_views WHERE site_id = ?1 AND hour >= ?2 AND hour < ?3 \
                 GROUP BY path ORDER BY 2 DESC, 1 LIMIT ?4",
            )
            .bind(site)
            .bind(from)
            .bind(until)
            .bind(limit),
        ])
        .await?,
    )?;
    let mut sums = Sums { series: vec![Point::default(); points.len()], ..Sums::default() };
    visits.iter().try_for_each(|row| sums.count_visits(row))?;
    views.iter().try_for_each(|row| sums.count_views(row))?;
    let mut answer = json!({
        "from": rfc3339(from),
        "until": rfc3339(until),
        "time_zone": zone.name(),
        "totals": sums.totals(),
        "series": points.iter().zip(&sums.series).map(|((start, _), point)| point.as_json(zone, *start)).collect::<Vec<_>>(),
    });
    let page = |row: Row<'_>| Ok(json!({ "name": row.text("name")?, "views": row.integer("views")? }));
    answer["pages"] = pages.iter().map(page).collect::<Result<Json, SqlError>>()?;
    for (list, column) in LISTS {
        answer[list] = sums.lists.remove(column).unwrap_or_else(|| json!([]));
    }
    json(StatusCode::OK, &answer)
}

/// Whole hours of the zone; without a beginning, whole days.
fn widened(zone: Tz, from: Option<DateTime<Utc>>, until: DateTime<Utc>) -> Result<(DateTime<Utc>, DateTime<Utc>), Error> {
    let last = date(zone, until - TimeDelta::milliseconds(1));
    let from = from.unwrap_or_else(|| day_start(zone, last - TimeDelta::days(DEFAULT_DAYS - 1)));
    if from > until {
        return Err(Error::malformed("`from` is after `until`."));
    }
    Ok((local_hour(zone, from), hour_end(zone, until)))
}

type Points = Vec<(DateTime<Utc>, DateTime<Utc>)>;
type Cut = fn(Tz, DateTime<Utc>, DateTime<Utc>) -> Points;

fn points(zone: Tz, interval: Interval, from: DateTime<Utc>, until: DateTime<Utc>) -> Result<Points, Error> {
    let (length, cut): (_, Cut) = match interval {
        Interval::Hour => (TimeDelta::hours(1), hours),
        Interval::Day => (TimeDelta::days(1), days_of),
    };
    if (until - from).num_seconds() / length.num_seconds() > MAX_POINTS {
        return Err(Error::malformed(format!("The span has more than {MAX_POINTS} points; ask for a shorter one, or for days.")));
    }
    Ok(cut(zone, from, until))
}

/// All that is read off the visits, in one pass over them. A part of a compound counts to five at most. Source: workerd's
/// `SQLITE_LIMIT_COMPOUND_SELECT`, which D1 has as well.
fn visits() -> String {
    let list = |(_, column): &(&str, &str)| {
        format!(
            "SELECT * FROM (SELECT '{column}', coalesce({column}, ''), 0, count(*) AS n, 0, 0, 0, 0, 0.0 FROM chosen \
             GROUP BY 2 ORDER BY n DESC, 2 LIMIT ?3)"
        )
    };
    let [first, second] = [&LISTS[..4], &LISTS[4..]].map(|lists| lists.iter().map(list).collect::<Vec<_>>().join(" UNION ALL "));
    format!(
        "WITH chosen AS MATERIALIZED (SELECT b.key AS point, s.visitor_id, s.last_at - s.started_at AS lasted, s.views, s.events, s.entry_path, \
           s.source, s.medium, s.campaign, s.country, s.language, s.device FROM json_each(?2) b CROSS JOIN sessions s INDEXED BY sessions_by_time \
           WHERE s.site_id = ?1 AND s.started_at >= b.value ->> 0 AND s.started_at < b.value ->> 1), \
         points (part, word, visitors, sessions, views, events, bounced, seen, lasted) AS ( \
           SELECT 'point', point, count(DISTINCT visitor_id), count(*), sum(views), sum(events), sum(views = 1), sum(views > 0), \
             sum(lasted) FROM chosen GROUP BY point \
           UNION ALL SELECT 'all', '', count(DISTINCT visitor_id), 0, 0, 0, 0, 0, 0.0 FROM chosen \
           UNION ALL SELECT 'median', '', 0, 0, 0, 0, 0, 0, avg(lasted) FROM (SELECT lasted FROM chosen ORDER BY lasted \
             LIMIT 2 - (SELECT count(*) FROM chosen) % 2 OFFSET (SELECT max(count(*) - 1, 0) / 2 FROM chosen))), \
         first_lists AS ({first}), second_lists AS ({second}) \
         SELECT * FROM points UNION ALL SELECT * FROM first_lists UNION ALL SELECT * FROM second_lists"
    )
}

/// One point of the series.
#[derive(Debug, Clone, Copy, Default)]
struct Point {
    visitors: i64,
    sessions: i64,
    views: i64,
    events: i64,
}

impl Point {
    fn as_json(self, zone: Tz, start: DateTime<Utc>) -> Json {
        let Self { visitors, sessions, views, events } = self;
        json!({ "at": start.with_timezone(&zone).to_rfc3339(), "visitors": visitors, "sessions": sessions, "views": views, "events": events })
    }
}

/// What the rows add up to.
#[derive(Debug, Default)]
struct Sums {
    series: Vec<Point>,
    visitors: i64,
    views: i64,
    uncounted: i64,
    session_views: i64,
    bounced: i64,
    seen: i64,
    lasted: f64,
    median: f64,
    lists: Map<String, Json>,
}

impl Sums {
    fn count_visits(&mut self, row: Row<'_>) -> Result<(), SqlError> {
        match row.text("part")? {
            "point" => {
                let (views, point) = (row.integer("views")?, self.point(row.integer("word")?));
                point.visitors = row.integer("visitors")?;
                point.sessions = row.integer("sessions")?;
                point.events = row.integer("events")?;
                self.session_views += views;
                self.bounced += row.integer("bounced")?;
                self.seen += row.integer("seen")?;
                self.lasted += row.real("lasted")?;
            }
            "all" => self.visitors = row.integer("visitors")?,
            "median" => self.median = if self.series.iter().all(|point| point.sessions == 0) { 0.0 } else { row.real("lasted")? },
            column => {
                let list = self.lists.entry(column).or_insert_with(|| json!([]));
                if let Some(list) = list.as_array_mut() {
                    list.push(json!({ "name": row.text("word")?, "sessions": row.integer("sessions")? }));
                }
            }
        }
        Ok(())
    }

    fn count_views(&mut self, row: Row<'_>) -> Result<(), SqlError> {
        let views = row.integer("views")?;
        self.point(row.integer("point")?).views = views;
        self.views += views;
        self.uncounted += row.integer("uncounted")?;
        Ok(())
    }

    /// The rows name points by their place in the list that the query was given.
    fn point(&mut self, place: i64) -> &mut Point {
        let place = usize::try_from(place).unwrap_or_default();
        if place >= self.series.len() {
            self.series.resize(place + 1, Point::default());
        }
        &mut self.series[place]
    }

    /// A visit bounced if it saw one page only. Source: Umami's `bounces`.
    fn totals(&self) -> Json {
        let sum = |of: fn(&Point) -> i64| self.series.iter().map(of).sum::<i64>();
        let sessions = sum(|point| point.sessions);
        let is_any = sessions > 0;
        json!({
            "visitors": self.visitors,
            "sessions": sessions,
            "views": self.views,
            "uncounted_views": self.uncounted,
            "events": sum(|point| point.events),
            "views_per_session": rate(self.session_views, sessions),
            "bounce_rate": rate(self.bounced, self.seen),
            "mean_duration_s": is_any.then(|| seconds(self.lasted / sessions as f64)),
            "median_duration_s": is_any.then(|| seconds(self.median)),
        })
    }
}
