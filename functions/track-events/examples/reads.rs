//! How long the questions take: `cargo run --release -p track-events --example reads -- 10000 100000 1000000`.
//!
//! Makes that many events of three months in a store of its own in the temporary folder, asks each question five times over the
//! function's own door on the native host, and prints the middle of the times on the wall and of the processor's. It measures no host
//! but this one, and writes nothing down: `cargo xtask bench track-events` does, from what it prints with `--json`.

#![allow(clippy::print_stdout, clippy::disallowed_methods, clippy::unwrap_used, reason = "a tool for whoever works on the queries")]

use std::cell::Cell;
use std::collections::BTreeMap;
use std::time::{Duration, Instant};

use chrono::{DateTime, Utc};
use http::{HeaderMap, HeaderValue, Method};
use orilla_core::http::Body;
use orilla_core::ids::RequestId;
use orilla_core::ports::DB;
use orilla_core::sites::{self, Kind, SiteId};
use orilla_core::sql::Statement;
use orilla_core::{Platform, Request, Sql, respond};
use orilla_native::{MIGRATIONS, Native};
use serde_json::{Value as Json, json};
use track_events::TrackEvents;

const SITE: &str = "5e0f3c1a-9b7d-4c62-8a54-2d1f6b8e7a90";
const START: &str = "2026-01-05T00:00:00Z";
const END: &str = "2026-04-05T00:00:00Z";
const DAY: u64 = 86_400_000;
const RUNS: usize = 5;
/// Events of one statement.
const ROWS: usize = 2_000;

const SPAN: &str = "from=2026-01-05T00:00:00Z&until=2026-04-05T00:00:00Z";
const QUESTIONS: [(&str, &str); 13] = [
    ("stats, 7 days by day", "/v1/stats"),
    ("stats, 7 days by hour", "/v1/stats?interval=hour"),
    ("stats, 90 days by day", "/v1/stats?SPAN"),
    ("funnel of 3 events, 30 days", "/v1/funnels?steps=Viewed&steps=Added&steps=Signup"),
    ("funnel of 3 events, 90 days", "/v1/funnels?steps=Viewed&steps=Added&steps=Signup&SPAN"),
    ("the same by a property", "/v1/funnels?steps=Viewed&steps=Added&steps=Signup&by=property:plan&SPAN"),
    ("the same by source", "/v1/funnels?steps=Viewed&steps=Added&steps=Signup&by=source&SPAN"),
    ("funnel of 2 pages and an event, 90 days", "/v1/funnels?steps=page:/&steps=page:/precios&steps=Signup&SPAN"),
    (
        "funnel of 8 steps, 90 days",
        "/v1/funnels?steps=page:/&steps=page:/precios&steps=page:/registro&steps=Viewed&steps=Viewed&steps=Added&steps=Checkout&steps=Signup&SPAN",
    ),
    ("retention, first and any, 13 weeks", "/v1/retention?SPAN"),
    ("retention, first and any, 90 days", "/v1/retention?period=day&periods=30&from=2026-02-10T00:00:00Z&until=2026-04-05T00:00:00Z"),
    ("retention, Signup and any, 4 months", "/v1/retention?cohort=Signup&period=month&periods=4&SPAN"),
    ("journey, 100 events", "/v1/people/PERSON/journey"),
];

/// Sebastiano Vigna's splitmix64: good enough to make visitors of.
struct Dice(u64);

impl Dice {
    fn next(&mut self) -> u64 {
        self.0 = self.0.wrapping_add(0x9e37_79b9_7f4a_7c15);
        let mut z = self.0;
        z = (z ^ (z >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
        z = (z ^ (z >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
        z ^ (z >> 31)
    }

    fn below(&mut self, most: u64) -> u64 {
        self.next() % most
    }

    /// One, and once more as long as the die says so.
    fn some(&mut self, percent: u64, most: u64) -> u64 {
        (1..most).find(|_| self.below(100) >= percent).unwrap_or(most)
    }

    fn id(&mut self) -> String {
        let (high, low) = (self.next(), self.next());
        format!("{:08x}-{:04x}-4{:03x}-a{:03x}-{:012x}", high >> 32, high & 0xffff, (high >> 16) & 0xfff, low >> 52, low & 0xffff_ffff_ffff)
    }
}

/// Rows of `events`, visitor after visitor; half of them come once, the others some times more.
fn events(count: usize) -> Vec<Json> {
    let start = START.parse::<DateTime<Utc>>().unwrap().timestamp_millis().unsigned_abs();
    let (mut dice, mut rows) = (Dice(7), Vec::with_capacity(count));
    while rows.len() < count {
        let (visitor, mut at) = (dice.id(), start + dice.below(80 * DAY));
        for _ in 0..dice.some(50, 30) {
            let session = dice.id();
            let source = ["", "", "news", "google.com", "t.co"][usize::try_from(dice.below(5)).unwrap()];
            for sequence in 0..dice.some(80, 60) {
                let page = ["/".to_owned(), "/precios".to_owned(), "/registro".to_owned(), format!("/p/{}", dice.below(60))]
                    [usize::try_from(dice.some(60, 4) - 1).unwrap()]
                .clone();
                let name = ["Viewed", "Added", "Checkout", "Signup", "Search"][usize::try_from(dice.some(50, 5) - 1).unwrap()];
                let (kind, name) = if dice.below(10) < 6 { ("page", "") } else { ("track", name) };
                let plan = ["free", "pro", "team"][usize::try_from(dice.below(3)).unwrap()];
                let properties = json!({ "plan": plan, "n": sequence }).to_string();
                rows.push(json!([dice.id(), kind, name, visitor, session, sequence, at, page, properties, source]));
                at += 1_000 + dice.below(60_000);
            }
            at += 2 * 3_600_000 + dice.below(10 * DAY);
        }
    }
    rows.truncate(count);
    rows
}

async fn fill(native: &Native, count: usize) {
    let sql = native.sql(DB).unwrap();
    // In the order of their keys, and indexes afterwards: in minutes rather than in an hour.
    for index in ["visitor", "lead", "name", "path", "person", "time"] {
        sql.query(Statement::new(format!("DROP INDEX events_by_{index}"))).await.unwrap();
    }
    let mut rows = events(count);
    rows.sort_by_cached_key(|row| row[0].as_str().map(str::to_owned));
    for chunk in rows.chunks(ROWS) {
        let insert = "INSERT INTO events (site_id, source, message_id, type, name, visitor_id, person_id, session_id, sequence, occurred_at, received_at, \
             url, path, properties, context) \
             SELECT ?1, 'segment:0a1b2c3d', e.value ->> 0, e.value ->> 1, e.value ->> 2, e.value ->> 3, e.value ->> 3, e.value ->> 4, e.value ->> 5, \
               e.value ->> 6, e.value ->> 6, 'https://marea.example' || (e.value ->> 7), e.value ->> 7, e.value ->> 8, \
               json_object('language', 'es', 'device', 'mobile', 'source', e.value ->> 9) FROM json_each(?2) e";
        sql.query(Statement::new(insert).bind(SITE).bind(Json::from(chunk).to_string())).await.unwrap();
    }
    native.migrate(MIGRATIONS).await.unwrap();
    let visits = "INSERT INTO sessions SELECT site_id, session_id, visitor_id, min(occurred_at), max(occurred_at), 0, sum(type = 'page'), count(*), min(path), \
         min(context ->> 'source'), '', 'c' || (unicode(session_id) % 20), 'ES', 'es', 'mobile' FROM events GROUP BY site_id, session_id, visitor_id";
    let views = "INSERT INTO page_views SELECT site_id, occurred_at - occurred_at % 3600000, path, count(*), 0 FROM events WHERE type = 'page' GROUP BY 1, 2, 3";
    let site =
        Statement::new("INSERT INTO sites (id, definition, digest, link_secret, created_at, updated_at) VALUES (?1, ?2, '', x'01', 0, 0)");
    let definition = json!({ "id": SITE, "name": "Marea", "tracking": { "time_zone": "Europe/Madrid" } });
    sql.batch(vec![Statement::new(visits), Statement::new(views), site.bind(SITE).bind(definition.to_string())]).await.unwrap();
}

fn request(uri: &str, key: &str) -> Request {
    let received = END.parse::<DateTime<Utc>>().unwrap();
    let mut headers = HeaderMap::new();
    headers.insert("authorization", HeaderValue::from_str(&format!("Bearer {key}")).unwrap());
    Request {
        id: RequestId::new(received, &orilla_native::SystemRandom),
        method: Method::GET,
        uri: format!("http://localhost{uri}").parse().unwrap(),
        headers,
        body: bytes::Bytes::new(),
        is_truncated: false,
        client: None,
        country: None,
        received,
        is_origin_allowed: Cell::new(false),
    }
}

/// What the process has used of the processor. Source: proc_pid_stat(5), fields 14 and 15, in hundredths of a second.
fn processor() -> Duration {
    let stat = std::fs::read_to_string("/proc/self/stat").unwrap_or_default();
    let fields = stat.rsplit(") ").next().unwrap_or_default().split(' ').skip(11).take(2);
    Duration::from_millis(fields.filter_map(|ticks| ticks.parse::<u64>().ok()).sum::<u64>() * 10)
}

/// Asks one question; gives its name, its times in milliseconds and the size of its answer.
async fn ask(native: &Native, name: &str, uri: &str, key: &str) -> Json {
    let (mut walls, before, mut bytes) = (Vec::new(), processor(), 0);
    for _ in 0..RUNS {
        let start = Instant::now();
        let response = respond::<Native, TrackEvents<Native>>(native, request(uri, key)).await;
        walls.push(start.elapsed());
        let status = response.status();
        let Body::Full(body) = response.into_body() else { continue };
        assert!(status.is_success(), "{name}: {body:?}");
        bytes = body.len();
    }
    walls.sort();
    let cpu = (processor() - before) / u32::try_from(RUNS).unwrap();
    let millis = |time: Duration| time.as_secs_f64() * 1e3;
    json!({ "name": name, "wall_ms": millis(walls[RUNS / 2]), "processor_ms": millis(cpu), "bytes": bytes })
}

#[tokio::main(flavor = "current_thread")]
async fn main() {
    let is_json = std::env::args().any(|word| word == "--json");
    for count in std::env::args().skip(1).filter_map(|count| count.parse().ok()) {
        let folder = std::env::temp_dir().join(format!("orilla-reads-{}", std::process::id()));
        let native = Native::open(&folder, BTreeMap::new()).unwrap();
        native.migrate(MIGRATIONS).await.unwrap();
        let start = Instant::now();
        fill(&native, count).await;
        let key = sites::new_key(Kind::Read, &native.random());
        let sql = native.sql(DB).unwrap();
        sql.query(sites::store_key(&SiteId::parse(SITE).unwrap(), Kind::Read, &key, Utc::now())).await.unwrap();
        let sums = sql
            .query(Statement::new("SELECT count(*) AS events, count(DISTINCT person_id) AS people, min(person_id) AS one FROM events"))
            .await
            .unwrap();
        let sums = sums.first().unwrap();
        let pages =
            sql.query(Statement::new("SELECT page_count * page_size AS bytes FROM pragma_page_count(), pragma_page_size()")).await.unwrap();
        let (events, bytes) = (sums.integer("events").unwrap(), pages.first().unwrap().integer("bytes").unwrap());
        let people = sums.integer("people").unwrap();
        let made = start.elapsed();
        let mut answers = Vec::new();
        for (name, uri) in QUESTIONS {
            answers.push(ask(&native, name, &uri.replace("SPAN", SPAN).replace("PERSON", sums.text("one").unwrap()), &key).await);
        }
        if is_json {
            println!("{}", json!({ "events": events, "people": people, "bytes_each": bytes / events, "questions": answers }));
        } else {
            println!("{events} events of {people} people, {} bytes each, made in {made:.1?}", bytes / events);
            for it in &answers {
                let (name, wall, cpu) =
                    (it["name"].as_str().unwrap(), it["wall_ms"].as_f64().unwrap(), it["processor_ms"].as_f64().unwrap());
                println!("  {name:42} {wall:8.1} ms wall, {cpu:8.1} ms processor, {} bytes", it["bytes"]);
            }
        }
        drop((sql, native));
        std::fs::remove_dir_all(&folder).unwrap();
    }
}
