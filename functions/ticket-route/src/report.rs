//! What became of tickets lately: how many came and were solved, how many at the first contact, which promises were broken, who holds what, and what
//! comes more often than the week before.

use chrono::TimeDelta;
use http::StatusCode;
use orilla_core::http::{json, text};
use orilla_core::ids::rfc3339;
use orilla_core::sites::SiteId;
use orilla_core::sql::{Row, Rows, SqlError, Statement, take};
use orilla_core::{Error, Platform, Request, Response, Sql};
use orilla_text::csv_out::{self, Dialect};
use serde_json::{Map, Value as Json, json};

use crate::TicketRoute;
use crate::figures::thousandths;

/// A table of the report: its name, its statement over (site, from, to), and its columns.
struct Table {
    name: &'static str,
    sql: &'static str,
    columns: &'static [&'static str],
}

/// The report's tables. A thousand rows at most of each: as many as the `Sql` contract promises.
const TABLES: [Table; 4] = [
    Table {
        name: "breaches",
        sql: "SELECT t.team AS team, t.priority AS priority, e.data ->> '$.metric' AS metric, count(*) AS breaches \
              FROM ticket_events e JOIN tickets t ON t.site_id = e.site_id AND t.id = e.ticket_id \
              WHERE e.site_id = ?1 AND e.kind = 'alarm' AND e.data ->> '$.key' LIKE '%:breach' AND e.created_at >= ?2 AND e.created_at < ?3 \
              GROUP BY 1, 2, 3 ORDER BY 1, 2, 3 LIMIT 1000",
        columns: &["team", "priority", "metric", "breaches"],
    },
    Table {
        name: "agents",
        sql: "SELECT assignee AS agent, sum(status IN ('new', 'open')) AS holds, sum(solved_at >= ?2 AND solved_at < ?3) AS solved, \
              (SELECT count(*) FROM ticket_events e WHERE e.site_id = ?1 AND e.kind = 'comment' AND e.actor = 'agent:' || assignee \
                AND e.data ->> '$.is_public' = 1 AND e.created_at >= ?2 AND e.created_at < ?3) AS replies \
              FROM tickets WHERE site_id = ?1 AND assignee IS NOT NULL GROUP BY 1 ORDER BY 1 LIMIT 1000",
        columns: &["agent", "holds", "solved", "replies"],
    },
    Table {
        name: "categories",
        sql: "SELECT category, count(*) AS tickets, sum(created_at >= ?3 - 604800000) AS this_week, \
              sum(created_at >= ?3 - 1209600000 AND created_at < ?3 - 604800000) AS week_before FROM tickets \
              WHERE site_id = ?1 AND created_at >= min(?2, ?3 - 1209600000) AND created_at < ?3 GROUP BY 1 ORDER BY 2 DESC, 1 LIMIT 1000",
        columns: &["category", "tickets", "this_week", "week_before"],
    },
    Table {
        name: "priorities",
        sql: "SELECT priority, count(*) AS tickets, cast(avg(replied_at - created_at) / 1000 AS INTEGER) AS reply_seconds FROM tickets \
              WHERE site_id = ?1 AND created_at >= ?2 AND created_at < ?3 GROUP BY 1 ORDER BY 1 LIMIT 1000",
        columns: &["priority", "tickets", "reply_seconds"],
    },
];

impl<P: Platform> TicketRoute<P> {
    /// `GET /v1/routing/report?days= &table= &format=csv`.
    ///
    /// Errors: `Malformed` for a query that cannot be read, and what the store gives.
    pub(crate) async fn report(&self, site: &SiteId, request: &Request) -> Result<Response, Error> {
        let days = match request.query("days").map(|it| it.parse::<u32>()) {
            None => 30,
            Some(Ok(days)) if (1..=365).contains(&days) => days,
            Some(_) => return Err(Error::malformed("`days` is a number from 1 to 365.")),
        };
        let to = request.received;
        let from = to - TimeDelta::days(i64::from(days));
        let ask = |sql: &'static str| Statement::new(sql).bind(site).bind(from).bind(to);
        if let Some(format) = request.query("format") {
            let name = request.query("table").unwrap_or_default();
            let table = TABLES.iter().find(|table| table.name == name && format == "csv");
            let table =
                table.ok_or_else(|| Error::malformed("`format` is csv, and `table` is breaches, agents, categories or priorities."))?;
            let rows = self.sql.query(ask(table.sql)).await?;
            let cells = rows.iter().map(|row| table.columns.iter().map(|name| cell(row, name).map(spelt)).collect::<Result<Vec<_>, _>>());
            let cells = cells.collect::<Result<Vec<_>, _>>()?;
            let mut bytes = csv_out::header(Dialect::Plain, table.columns).map_err(Error::internal)?;
            bytes.extend(csv_out::rows(Dialect::Plain, cells).map_err(Error::internal)?);
            return Ok(text(StatusCode::OK, "text/csv; charset=utf-8", bytes));
        }
        // Solved at the first contact: one answer of the team, and the customer said nothing more but thanks.
        let solved = ask("SELECT count(*) AS solved, coalesce(sum(replies = 1 AND questions = 0), 0) AS at_once FROM (SELECT \
               (SELECT count(*) FROM ticket_events e WHERE e.site_id = t.site_id AND e.ticket_id = t.id AND e.kind = 'comment' \
                 AND e.actor LIKE 'agent:%' AND e.data ->> '$.is_public' = 1) AS replies, \
               (SELECT count(*) FROM ticket_events e WHERE e.site_id = t.site_id AND e.ticket_id = t.id AND e.kind = 'comment' \
                 AND e.actor = 'customer' AND coalesce(e.data ->> '$.is_thanks', 0) = 0) AS questions \
             FROM tickets t WHERE site_id = ?1 AND solved_at >= ?2 AND solved_at < ?3 AND merged_into IS NULL)");
        let came = ask("SELECT count(*) AS tickets FROM tickets WHERE site_id = ?1 AND created_at >= ?2 AND created_at < ?3");
        let [solved, came, first, second, third, fourth]: [Rows; 6] = {
            let mut statements = vec![solved, came];
            statements.extend(TABLES.iter().map(|table| ask(table.sql)));
            take(self.sql.batch(statements).await?)?
        };
        let number = |rows: &Rows, name| rows.first().map_or(Ok(0), |row| row.integer(name));
        let (count, at_once) = (number(&solved, "solved")?, number(&solved, "at_once")?);
        let share = if count == 0 { Json::Null } else { json!(thousandths(at_once as f64 / count as f64)) };
        let mut told = json!({
            "from": rfc3339(from),
            "to": rfc3339(to),
            "tickets": number(&came, "tickets")?,
            "solved": count,
            "first_contact_resolution": share,
        });
        for (table, rows) in TABLES.iter().zip([first, second, third, fourth]) {
            told[table.name] = rows.iter().map(|row| object(row, table.columns)).collect::<Result<Vec<_>, _>>()?.into();
        }
        told["satisfaction"] = self.satisfaction(site, from, to).await?;
        json(StatusCode::OK, &told)
    }
}

fn object(row: Row<'_>, columns: &[&'static str]) -> Result<Json, SqlError> {
    let cells = columns.iter().map(|name| Ok(((*name).to_owned(), cell(row, name)?)));
    Ok(Json::Object(cells.collect::<Result<Map<_, _>, SqlError>>()?))
}

fn cell(row: Row<'_>, name: &'static str) -> Result<Json, SqlError> {
    match row.optional_text(name) {
        Ok(Some(text)) => Ok(text.into()),
        Ok(None) => Ok(Json::Null),
        Err(_) => row.integer(name).map(Json::from),
    }
}

fn spelt(cell: Json) -> String {
    match cell {
        Json::String(text) => text,
        Json::Null => String::new(),
        other => other.to_string(),
    }
}
