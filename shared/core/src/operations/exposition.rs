//! Counters and gauges as Prometheus reads them.
//!
//! Source: Prometheus, "Exposition formats", text format 0.0.4: families together, `\`, `"` and line breaks escaped in labels.

use std::collections::BTreeMap;
use std::fmt::Write;

use chrono::{DateTime, TimeDelta, Utc};

use super::meter::{BOUNDS_MILLIS, Tally};
use crate::error::Error;
use crate::sql::{Row, Rows, SqlError, Statement};

/// Waiting deliveries are counted up to here. Chosen: whoever has more looks at the store, and a scrape must stay cheap.
const MOST_WAITING: u32 = 10_000;

/// The counters of all functions, or of one.
#[must_use]
pub fn totals(function: Option<&str>) -> Statement {
    Statement::new("SELECT * FROM metric_totals WHERE ?1 IS NULL OR function = ?1").bind(function)
}

/// What is the whole deployment's and read when it is asked for.
#[must_use]
pub fn gauges(now: DateTime<Utc>) -> Vec<Statement> {
    vec![
        Statement::new("SELECT count(*) AS n FROM (SELECT 1 FROM outbox WHERE status = 'pending' LIMIT ?1)").bind(MOST_WAITING),
        Statement::new("SELECT min(next_at) AS due FROM outbox WHERE status = 'pending' AND next_at <= ?1").bind(now),
        Statement::new(
            "SELECT count(*) AS n FROM ticket_events WHERE kind = 'alarm' AND created_at > ?1 AND data ->> '$.key' LIKE '%:breach'",
        )
        .bind(now - TimeDelta::hours(1)),
        Statement::new("SELECT count(*) AS n FROM alerts WHERE raised_at IS NOT NULL"),
    ]
}

/// The answer to a scrape.
///
/// Errors: `Column` for rows of other statements.
pub fn page(totals: &Rows, gauges: &[Rows], now: DateTime<Utc>) -> Result<String, Error> {
    let mut page = String::new();
    counters(&mut page, totals)?;
    histograms(&mut page, totals)?;
    if let [waiting, due, breaches, raised] = gauges {
        let first = |rows: &Rows, name| rows.first().map_or(Ok(0), |row| row.optional_integer(name).map(Option::unwrap_or_default));
        let due = due.first().map(|row| row.optional_time("due")).transpose()?.flatten();
        let late = due.map_or(0, |due| (now - due).num_seconds().max(0));
        gauge(&mut page, "orilla_outbox_pending", "Deliveries that wait, up to 10000.", first(waiting, "n")?);
        gauge(&mut page, "orilla_outbox_oldest_due_seconds", "How long the delivery waits that is due longest.", late);
        gauge(&mut page, "orilla_sla_breaches_last_hour", "Promises to customers broken within the last hour.", first(breaches, "n")?);
        gauge(&mut page, "orilla_alerts_raised", "Alerts that are raised.", first(raised, "n")?);
    }
    Ok(page)
}

fn counters(page: &mut String, totals: &Rows) -> Result<(), SqlError> {
    let families: [(&str, &str, &str, &[&'static str]); 3] = [
        ("request", "orilla_requests_total", "Requests answered, by what came of them.", &["function", "route", "method", "outcome"]),
        ("tick", "orilla_ticks_total", "Times that deferred work was done.", &["function", "outcome"]),
        ("delivery", "orilla_deliveries_total", "Attempts to deliver webhooks, Slack messages and mails.", &["outcome"]),
    ];
    for (family, name, help, labels) in families {
        head(page, name, help, "counter");
        let mut lines = BTreeMap::new();
        for row in totals.iter().filter(|row| row.text("family").is_ok_and(|it| it == family)) {
            lines.insert(labelled(&row, labels)?, row.integer("count")?);
        }
        for (labels, count) in lines {
            sample(page, name, &labels, count);
        }
    }
    Ok(())
}

/// By route only: methods and outcomes would multiply the buckets.
fn histograms(page: &mut String, totals: &Rows) -> Result<(), SqlError> {
    const NAME: &str = "orilla_request_duration_seconds";
    head(page, NAME, "How long answers took to begin.", "histogram");
    let mut routes: BTreeMap<String, Tally> = BTreeMap::new();
    for row in totals.iter().filter(|row| row.text("family").is_ok_and(|it| it == "request")) {
        let mut tally = Tally::read(&row)?;
        tally.millis = u64::try_from(row.integer("millis")?).unwrap_or_default();
        routes.entry(labelled(&row, &["function", "route"])?).or_default().merge(&tally);
    }
    for (labels, tally) in routes {
        let mut sum = 0;
        for (i, bucket) in tally.buckets.iter().enumerate() {
            sum += bucket;
            let end = BOUNDS_MILLIS.get(i).map_or_else(|| "+Inf".to_owned(), |millis| seconds(u64::from(*millis)));
            sample(page, &format!("{NAME}_bucket"), &format!("{labels},le=\"{end}\""), sum);
        }
        sample(page, &format!("{NAME}_sum"), &labels, seconds(tally.millis));
        sample(page, &format!("{NAME}_count"), &labels, tally.count);
    }
    Ok(())
}

fn labelled(row: &Row<'_>, names: &[&'static str]) -> Result<String, SqlError> {
    let label = |name: &&'static str| Ok(format!("{name}=\"{}\"", escape(row.text(name)?)));
    Ok(names.iter().map(label).collect::<Result<Vec<_>, SqlError>>()?.join(","))
}

fn escape(value: &str) -> String {
    value.replace('\\', "\\\\").replace('"', "\\\"").replace('\n', "\\n")
}

/// Milliseconds as seconds, without the zeros that say nothing.
fn seconds(millis: u64) -> String {
    let text = format!("{}.{:03}", millis / 1_000, millis % 1_000);
    text.trim_end_matches('0').trim_end_matches('.').to_owned()
}

fn head(page: &mut String, name: &str, help: &str, kind: &str) {
    // Writing into a `String` cannot fail.
    let _ = writeln!(page, "# HELP {name} {help}\n# TYPE {name} {kind}");
}

fn sample(page: &mut String, name: &str, labels: &str, value: impl std::fmt::Display) {
    let _ = writeln!(page, "{name}{{{labels}}} {value}");
}

fn gauge(page: &mut String, name: &str, help: &str, value: i64) {
    head(page, name, help, "gauge");
    let _ = writeln!(page, "{name} {value}");
}

#[cfg(test)]
mod tests {
    use super::*;

    #[track_caller]
    fn check(millis: u64, expect: &str) {
        assert_eq!(seconds(millis), expect);
    }

    #[test]
    fn milliseconds_are_told_in_seconds() {
        check(0, "0");
        check(10, "0.01");
        check(250, "0.25");
        check(1_000, "1");
        check(10_000, "10");
        check(12_345, "12.345");
        check(100_100, "100.1");
    }

    #[test]
    fn labels_are_escaped() {
        assert_eq!(escape("a\\b\"c\nd"), "a\\\\b\\\"c\\nd");
    }
}
