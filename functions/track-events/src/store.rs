//! What events are stored as: one atomic batch with the events, the ledger, sessions, views and who is who.

use std::collections::{BTreeMap, BTreeSet};

use chrono::{DateTime, TimeDelta, Utc};
use orilla_core::sql::{Rows, SqlError, Statement, take};
use orilla_core::{Error, Sql};
use serde_json::{Value as Json, json};

use crate::calendar::{hour, local_hour};
use crate::collect::{Arrival, Facts};
use crate::desk::Desk;
use crate::event::{Event, Kind};
use crate::place::Place;
use crate::sessions::{PAUSE, Session, Sessions};
use crate::verdict::{Reason, Verdict};

/// The most of one kind that an hour's ledger shows. Chosen: enough to see what they have in common.
const SAMPLES: usize = 5;
/// More rows than a request has: what ranks rows without a page behind those with one.
const MANY: usize = 1_000_000;
/// The most bytes of rows in one statement. Source: D1 takes 2 MB in a bound value; half leaves room for its encoding.
const ROWS_BYTES: usize = 1_000_000;

/// An event as it is stored.
#[derive(Debug, Clone)]
pub struct Row {
    /// The event, its visitor and its id.
    pub arrival: Arrival,
    /// The visit.
    pub session: String,
    /// What was added to the device's clock.
    pub skew: TimeDelta,
    /// When it happened, by our clock.
    pub occurred: DateTime<Utc>,
    /// Whom funnels count.
    pub person: String,
    /// The names of which it tells for the first time that they are this person's.
    pub linked: Vec<String>,
    /// The mailbox that an `identify` names.
    pub email_key: Option<String>,
    /// Where the visit came from.
    pub place: Place,
}

/// An event that is not kept.
#[derive(Debug, Clone)]
pub struct Filtered {
    /// Why.
    pub reason: Reason,
    /// It, if it could be read.
    pub event: Option<Event>,
    /// The page's path.
    pub path: Option<String>,
}

/// Reads what is known of the visitors, and counts the request against the address's rate.
///
/// Errors: what the store gives.
pub async fn facts(sql: &impl Sql, desk: &Desk, kept: &[Arrival], rate: Option<Statement>) -> Result<Facts, Error> {
    let visitors: BTreeSet<&str> = kept.iter().map(|arrival| arrival.visitor.as_str()).collect();
    let named_by = |arrival: &Arrival| arrival.tells_of().into_iter().chain([arrival.visitor.clone()]).chain(arrival.event.user());
    let told_of: BTreeSet<String> = kept.iter().flat_map(named_by).collect();
    let named: BTreeSet<&str> = kept.iter().filter_map(|arrival| arrival.event.session_id.as_deref()).collect();
    let times = || kept.iter().filter_map(|arrival| arrival.event.occurred);
    let mut statements = vec![
        Statement::new(
            "SELECT session_id, visitor_id, started_at, last_at, skew FROM sessions INDEXED BY sessions_by_visitor \
             WHERE site_id = ?1 AND visitor_id IN (SELECT value FROM json_each(?2)) AND last_at >= ?3 ORDER BY last_at DESC LIMIT 5000",
        )
        .bind(&desk.site)
        .bind(json!(visitors).to_string())
        .bind(
            times()
                .min()
                .map(|first| first.timestamp_millis() - (PAUSE + crate::instant::TOLERANCE).num_milliseconds())
                .unwrap_or_default(),
        ),
        Statement::new(
            "SELECT session_id, visitor_id, started_at, last_at, skew FROM sessions \
             WHERE site_id = ?1 AND session_id IN (SELECT value FROM json_each(?2))",
        )
        .bind(&desk.site)
        .bind(json!(named).to_string()),
        Statement::new("SELECT visitor_id, person_id FROM people WHERE site_id = ?1 AND visitor_id IN (SELECT value FROM json_each(?2))")
            .bind(&desk.site)
            .bind(json!(told_of).to_string()),
        Statement::new("SELECT hash FROM suppressions WHERE site_id = ?1 AND hash IN (SELECT value FROM json_each(?2))")
            .bind(&desk.site)
            .bind(json!(hashes(desk, kept)).to_string()),
    ];
    let is_counted = rate.is_some();
    statements.extend(rate);
    let mut results = sql.batch(statements).await?;
    let hits = if is_counted { results.pop() } else { None };
    let [recent, named, people, suppressed]: [Rows; 4] = take(results)?;
    let mut sessions = Sessions::default();
    let mut met = BTreeSet::new();
    for row in named.iter().chain(recent.iter()) {
        if met.insert(row.text("session_id")?) {
            let skew = TimeDelta::milliseconds(row.integer("skew")?);
            let session =
                Session { id: row.text("session_id")?.to_owned(), started: row.time("started_at")?, last: row.time("last_at")?, skew };
            sessions.know(row.text("visitor_id")?, session);
        }
    }
    let person =
        |row: orilla_core::sql::Row<'_>| Ok::<_, SqlError>((row.text("visitor_id")?.to_owned(), row.text("person_id")?.to_owned()));
    Ok(Facts {
        sessions,
        people: people.iter().map(person).collect::<Result<BTreeMap<_, _>, _>>()?,
        suppressed: suppressed.iter().map(|row| row.text("hash").map(str::to_owned)).collect::<Result<_, _>>()?,
        hits,
    })
}

/// What their people would be suppressed as.
fn hashes<'a>(desk: &Desk, arrivals: impl IntoIterator<Item = &'a Arrival>) -> BTreeSet<String> {
    let ids: BTreeSet<String> = arrivals.into_iter().flat_map(Arrival::ids).collect();
    ids.iter().map(|id| desk.suppression(id)).collect()
}

/// Stores everything; gives how many events were new. `twice` is how many of the request were told twice in it.
///
/// Errors: `Constraint` if one of their people was erased since the facts were read; what else the store gives. Then nothing was stored.
pub async fn write(
    sql: &impl Sql,
    desk: &Desk,
    rows: &[Row],
    filtered: &[Filtered],
    twice: usize,
    sent: Option<DateTime<Utc>>,
    received: DateTime<Utc>,
) -> Result<usize, SqlError> {
    let mut statements = ledger(desk, filtered, received);
    if !rows.is_empty() {
        statements.push(refuse_the_erased(desk, rows));
    }
    statements.extend(uncounted_views(desk, filtered, received));
    if twice > 0 {
        statements.push(count(desk, Verdict::Duplicate, "", twice, received));
    }
    let mut inserts = Vec::new();
    for chunk in chunks(desk, rows, sent) {
        // Counted before they are stored: what is not there yet is new.
        statements.push(count_new(desk, &chunk, received));
        statements.push(views(desk, &chunk));
        statements.push(visits(desk, &chunk));
        inserts.push(statements.len());
        statements.push(insert(desk, &chunk, received));
    }
    statements.extend(rows.iter().filter(|row| !row.linked.is_empty()).flat_map(|row| link(desk, row)));
    statements.extend(rows.iter().flat_map(|row| connect(desk, row)));
    statements.extend((!rows.is_empty()).then(|| tell_segments(desk, rows, received)));
    if statements.is_empty() {
        return Ok(0);
    }
    let results = sql.batch(statements).await?;
    Ok(inserts.into_iter().filter_map(|index| results.get(index)).map(Rows::len).sum())
}

/// Leads that did something have to be sorted into segments again; lead capture does that, at its next tick.
fn tell_segments(desk: &Desk, rows: &[Row], received: DateTime<Utc>) -> Statement {
    let visitors: BTreeSet<&str> = rows.iter().map(|row| row.arrival.visitor.as_str()).collect();
    Statement::new(
        "UPDATE segment_standings SET due_at = ?3, revision = revision + 1 WHERE site_id = ?1 AND lead_id IN (SELECT p.lead_id \
           FROM json_each(?2) v CROSS JOIN people p ON p.site_id = ?1 AND p.visitor_id = v.value WHERE p.lead_id IS NOT NULL)",
    )
    .bind(&desk.site)
    .bind(json!(visitors).to_string())
    .bind(received)
}

/// Whoever was erased since the facts were read breaks `NOT NULL`, and the whole batch is undone.
fn refuse_the_erased(desk: &Desk, rows: &[Row]) -> Statement {
    Statement::new(
        "INSERT INTO suppressions (site_id, hash, created_at) SELECT ?1, NULL, 0 FROM json_each(?2) h \
         CROSS JOIN suppressions s ON s.site_id = ?1 AND s.hash = h.value LIMIT 1",
    )
    .bind(&desk.site)
    .bind(json!(hashes(desk, rows.iter().map(|row| &row.arrival))).to_string())
}

/// The rows as JSON, an array each, in lists that a statement takes.
fn chunks(desk: &Desk, rows: &[Row], sent: Option<DateTime<Utc>>) -> Vec<String> {
    let mut chunks = Vec::new();
    let mut chunk = String::new();
    for row in rows {
        let json = as_json(desk, row, sent).to_string();
        if !chunk.is_empty() && chunk.len() + json.len() > ROWS_BYTES {
            chunks.push(format!("[{chunk}]"));
            chunk.clear();
        }
        if !chunk.is_empty() {
            chunk.push(',');
        }
        chunk.push_str(&json);
    }
    if !chunk.is_empty() {
        chunks.push(format!("[{chunk}]"));
    }
    chunks
}

/// One row's values, in the order that the statements below count them.
fn as_json(desk: &Desk, row: &Row, sent: Option<DateTime<Utc>>) -> Json {
    let event = &row.arrival.event;
    let is_view = u8::from(matches!(event.kind, Kind::Page | Kind::Screen));
    let place = &row.place;
    json!([
        row.arrival.message_id,                                                         // 0
        event.kind.name(),                                                              // 1
        event.name,                                                                     // 2
        row.arrival.visitor,                                                            // 3
        event.user_id,                                                                  // 4
        row.person,                                                                     // 5
        local_hour(desk.zone, row.occurred).timestamp_millis(),                         // 6
        row.session,                                                                    // 7
        event.sequence.unwrap_or(i64::try_from(row.arrival.index).unwrap_or_default()), // 8
        row.occurred.timestamp_millis(),                                                // 9
        event.occurred.map(|time| time.timestamp_millis()),                             // 10
        sent.map(|time| time.timestamp_millis()),                                       // 11
        event.context.url,                                                              // 12
        row.arrival.path,                                                               // 13
        Json::from(event.properties.clone()).to_string(),                               // 14
        context(row),                                                                   // 15
        is_view,                                                                        // 16
        row.skew.num_milliseconds(),                                                    // 17
        place.source,                                                                   // 18
        place.medium,                                                                   // 19
        place.campaign,                                                                 // 20
        place.country,                                                                  // 21
        place.language,                                                                 // 22
        place.device,                                                                   // 23
    ])
}

fn context(row: &Row) -> String {
    let mut context = serde_json::to_value(&row.arrival.event.context).unwrap_or_default();
    for (name, value) in [("country", row.place.country.as_str()), ("device", row.place.device)] {
        if !value.is_empty() {
            context[name] = value.into();
        }
    }
    context.to_string()
}

/// Whether a row of a chunk is not stored yet.
const IS_NEW: &str = "NOT EXISTS (SELECT 1 FROM events d WHERE d.site_id = ?1 AND d.source = ?2 AND d.message_id = e.value ->> 0)";

/// Who is who is asked once more while it is written: somebody may have said so, or have become a lead, since the facts were read.
fn insert(desk: &Desk, chunk: &str, received: DateTime<Utc>) -> Statement {
    Statement::new(
        "INSERT INTO events (site_id, source, message_id, type, name, visitor_id, user_id, person_id, lead_id, session_id, sequence, \
           occurred_at, occurred_raw, sent_raw, received_at, url, path, properties, context) \
         SELECT ?1, ?2, e.value ->> 0, e.value ->> 1, e.value ->> 2, e.value ->> 3, e.value ->> 4, \
           iif(e.value ->> 5 = e.value ->> 3, coalesce(p.person_id, e.value ->> 5), e.value ->> 5), p.lead_id, \
           e.value ->> 7, e.value ->> 8, e.value ->> 9, e.value ->> 10, e.value ->> 11, ?4, e.value ->> 12, e.value ->> 13, \
           e.value ->> 14, e.value ->> 15 \
         FROM json_each(?3) e LEFT JOIN people p ON p.site_id = ?1 AND p.visitor_id = e.value ->> 3 WHERE true \
         ON CONFLICT (site_id, source, message_id) DO NOTHING RETURNING message_id",
    )
    .bind(&desk.site)
    .bind(desk.source.as_str())
    .bind(chunk)
    .bind(received)
}

fn count_new(desk: &Desk, chunk: &str, received: DateTime<Utc>) -> Statement {
    Statement::new(format!(
        "INSERT INTO ledger (site_id, source, hour, verdict, reason, count) \
         SELECT ?1, ?2, ?4, CASE WHEN {IS_NEW} THEN 'accepted' ELSE 'duplicate' END AS verdict, '', count(*) \
         FROM json_each(?3) e WHERE true GROUP BY 4 \
         ON CONFLICT (site_id, source, hour, verdict, reason) DO UPDATE SET count = count + excluded.count"
    ))
    .bind(&desk.site)
    .bind(desk.source.as_str())
    .bind(chunk)
    .bind(hour(received))
}

fn views(desk: &Desk, chunk: &str) -> Statement {
    Statement::new(format!(
        "INSERT INTO page_views (site_id, hour, path, views, uncounted) \
         SELECT ?1, e.value ->> 6, e.value ->> 13, count(*), 0 FROM json_each(?3) e \
         WHERE e.value ->> 16 = 1 AND e.value ->> 13 IS NOT NULL AND {IS_NEW} GROUP BY 2, 3 \
         ON CONFLICT (site_id, hour, path) DO UPDATE SET views = views + excluded.views"
    ))
    .bind(&desk.site)
    .bind(desk.source.as_str())
    .bind(chunk)
}

/// A visit's words are those of its first event on a page; its counts grow.
fn visits(desk: &Desk, chunk: &str) -> Statement {
    Statement::new(format!(
        "WITH fresh AS (SELECT e.key, e.value FROM json_each(?3) e WHERE {IS_NEW}), \
           spans AS (SELECT value ->> 7 AS session, min(key + {MANY} * (value ->> 13 IS NULL)) AS first, min(value ->> 9) AS started, max(value ->> 9) AS last, \
             sum(value ->> 16) AS views, count(*) AS events FROM fresh GROUP BY 1) \
         INSERT INTO sessions (site_id, session_id, visitor_id, started_at, last_at, skew, views, events, entry_path, source, medium, \
           campaign, country, language, device) \
         SELECT ?1, s.session, f.value ->> 3, s.started, s.last, f.value ->> 17, s.views, s.events, f.value ->> 13, f.value ->> 18, \
           f.value ->> 19, f.value ->> 20, f.value ->> 21, f.value ->> 22, f.value ->> 23 \
         FROM spans s JOIN fresh f ON f.key = s.first % {MANY} WHERE true \
         ON CONFLICT (site_id, session_id) DO UPDATE SET started_at = min(started_at, excluded.started_at), \
           last_at = max(last_at, excluded.last_at), views = views + excluded.views, events = events + excluded.events, \
           source = iif(entry_path IS NULL, excluded.source, source), medium = iif(entry_path IS NULL, excluded.medium, medium), \
           campaign = iif(entry_path IS NULL, excluded.campaign, campaign), entry_path = coalesce(entry_path, excluded.entry_path)"
    ))
    .bind(&desk.site)
    .bind(desk.source.as_str())
    .bind(chunk)
}

/// Names are told to be a person's: what was done under them becomes that person's. Of an alias, so does what belonged to the person
/// that they were until now.
fn link(desk: &Desk, row: &Row) -> Vec<Statement> {
    let event = &row.arrival.event;
    let traits = if event.kind == Kind::Identify { Json::from(event.properties.clone()) } else { json!({}) };
    let names = json!(row.linked).to_string();
    let of_them = |query: &'static str| Statement::new(query).bind(&desk.site).bind(names.as_str()).bind(row.person.as_str());
    let mut statements = vec![
        of_them(
            "INSERT INTO people (site_id, visitor_id, person_id, traits, first_at, last_at) \
             SELECT ?1, n.value, ?3, ?4, ?5, ?5 FROM json_each(?2) n WHERE true \
             ON CONFLICT (site_id, visitor_id) DO UPDATE SET person_id = excluded.person_id, last_at = excluded.last_at, \
               traits = iif(excluded.traits = '{}', traits, excluded.traits)",
        )
        .bind(traits.to_string())
        .bind(row.occurred),
        of_them(
            "UPDATE events INDEXED BY events_by_person SET person_id = ?3 \
             WHERE site_id = ?1 AND person_id IN (SELECT value FROM json_each(?2))",
        ),
    ];
    if event.previous_id.is_some() {
        statements.push(of_them(
            "UPDATE people INDEXED BY people_by_person SET person_id = ?3 \
             WHERE site_id = ?1 AND person_id IN (SELECT value FROM json_each(?2))",
        ));
    }
    statements
}

/// The lead that the person `?4` is: as which they are known already, else the one of the mailbox `?3`.
const LEAD: &str = "coalesce((SELECT lead_id FROM people INDEXED BY people_by_person WHERE site_id = ?1 AND person_id = ?4 \
     AND lead_id IS NOT NULL ORDER BY first_at, visitor_id LIMIT 1), (SELECT id FROM leads WHERE site_id = ?1 AND email_key = ?3))";

/// A visitor said who they are: they can be found by their mailbox, and if they are a lead, then what they did under any of their names
/// is the lead's, and so is what they will do. Each name is asked about until it is known, so that nobody's history is read twice.
fn connect(desk: &Desk, row: &Row) -> Vec<Statement> {
    let email = row.email_key.as_deref();
    if row.linked.is_empty() && email.is_none() {
        return Vec::new();
    }
    let of_them =
        |query: String| Statement::new(query).bind(&desk.site).bind(row.arrival.visitor.as_str()).bind(email).bind(row.person.as_str());
    let of_no_lead_yet = format!(
        "SELECT t.id FROM (SELECT ?2 AS id UNION SELECT ?4 UNION SELECT visitor_id FROM people INDEXED BY people_by_person \
           WHERE site_id = ?1 AND person_id = ?4) t \
         LEFT JOIN people k ON k.site_id = ?1 AND k.visitor_id = t.id WHERE k.lead_id IS NULL AND {LEAD} IS NOT NULL"
    );
    let mut statements = vec![
        of_them(format!(
            "UPDATE events INDEXED BY events_by_visitor SET lead_id = {LEAD} \
             WHERE site_id = ?1 AND visitor_id IN ({of_no_lead_yet}) AND lead_id IS NULL"
        )),
        of_them(format!(
            "INSERT INTO people (site_id, visitor_id, person_id, lead_id, traits, first_at, last_at) \
             SELECT ?1, n.id, ?4, {LEAD}, '{{}}', ?5, ?5 FROM ({of_no_lead_yet}) n WHERE true \
             ON CONFLICT (site_id, visitor_id) DO UPDATE SET lead_id = excluded.lead_id"
        ))
        .bind(row.occurred),
    ];
    statements.extend(email.map(|email| {
        Statement::new("INSERT INTO mailboxes (site_id, visitor_id, email_key) VALUES (?1, ?2, ?3) ON CONFLICT DO NOTHING")
            .bind(&desk.site)
            .bind(row.arrival.visitor.as_str())
            .bind(email)
    }));
    statements
}

/// Counts what was filtered, and keeps a few samples of it with nothing personal in them.
#[must_use]
pub fn ledger(desk: &Desk, filtered: &[Filtered], received: DateTime<Utc>) -> Vec<Statement> {
    let mut by_reason: BTreeMap<Reason, Vec<&Filtered>> = BTreeMap::new();
    for it in filtered {
        by_reason.entry(it.reason).or_default().push(it);
    }
    let mut statements = Vec::new();
    for (reason, of_it) in by_reason {
        statements.push(count(desk, reason.verdict(), reason.name(), of_it.len(), received));
        let samples: Vec<_> = of_it.iter().take(SAMPLES).map(|it| sample(it)).collect();
        statements.push(
            Statement::new(format!(
                "INSERT INTO ledger_samples (site_id, source, hour, reason, number, sample) \
                 SELECT ?1, ?2, ?3, ?4, kept.n + e.key, e.value FROM json_each(?5) e, \
                   (SELECT count(*) AS n FROM ledger_samples WHERE site_id = ?1 AND source = ?2 AND hour = ?3 AND reason = ?4) kept \
                 WHERE kept.n + e.key < {SAMPLES}"
            ))
            .bind(&desk.site)
            .bind(desk.source.as_str())
            .bind(hour(received))
            .bind(reason.name())
            .bind(json!(samples).to_string()),
        );
    }
    statements
}

fn count(desk: &Desk, verdict: Verdict, reason: &str, count: usize, received: DateTime<Utc>) -> Statement {
    Statement::new(
        "INSERT INTO ledger (site_id, source, hour, verdict, reason, count) VALUES (?1, ?2, ?3, ?4, ?5, ?6) \
         ON CONFLICT (site_id, source, hour, verdict, reason) DO UPDATE SET count = count + excluded.count",
    )
    .bind(&desk.site)
    .bind(desk.source.as_str())
    .bind(hour(received))
    .bind(verdict.name())
    .bind(reason)
    .bind(i64::try_from(count).unwrap_or(i64::MAX))
}

fn sample(it: &Filtered) -> Json {
    let event = it.event.as_ref();
    json!({
        "type": event.map(|event| event.kind.name()),
        "path": it.path,
        "library": event.and_then(|event| event.context.library.clone()),
        "referrer": event.and_then(|event| event.context.referrer.as_deref()).and_then(|url| url::Url::parse(url).ok()?.host_str().map(str::to_owned)),
    })
}

/// Views of people who are not kept: a page was seen, nobody is remembered.
fn uncounted_views(desk: &Desk, filtered: &[Filtered], received: DateTime<Utc>) -> Vec<Statement> {
    let mut paths: BTreeMap<&str, u32> = BTreeMap::new();
    for it in filtered.iter().filter(|it| it.reason.counts_the_view() && it.event.as_ref().is_some_and(|event| event.kind == Kind::Page)) {
        if let Some(path) = &it.path {
            *paths.entry(path).or_default() += 1;
        }
    }
    let add = |(path, views): (&str, u32)| {
        Statement::new(
            "INSERT INTO page_views (site_id, hour, path, views, uncounted) VALUES (?1, ?2, ?3, ?4, ?4) \
             ON CONFLICT (site_id, hour, path) DO UPDATE SET views = views + excluded.views, uncounted = uncounted + excluded.uncounted",
        )
        .bind(&desk.site)
        .bind(local_hour(desk.zone, received))
        .bind(path)
        .bind(views)
    };
    paths.into_iter().map(add).collect()
}
