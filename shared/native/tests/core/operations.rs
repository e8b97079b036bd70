//! Counters, lines of log and alerts, through the frame that every function stands in.

mod alerts;

use std::collections::{BTreeMap, BTreeSet};
use std::time::Duration;

use chrono::DateTime;
use http::{Method, StatusCode};
use orilla_core::error::{Code, Error};
use orilla_core::function::{OPERATOR_KEY, Tick};
use orilla_core::http::empty;
use orilla_core::operations::{LOG, METRICS};
use orilla_core::outbox::Courier;
use orilla_core::ports::DB;
use orilla_core::router::{self, Access, Route, row};
use orilla_core::sql::Statement;
use orilla_core::{Function, Platform, Request, Response};
use orilla_native::testing::{Call, Reply, SqlFault, TestHost};

/// What the toy answers.
const ROUTES: &[Route<()>] = &[
    row(Method::GET, "/v1/things/{thing}", (), Access::Public, 0),
    row(Method::POST, "/v1/things/{thing}", (), Access::Public, 0),
    row(Method::DELETE, "/v1/words/{word}", (), Access::Public, 0),
];

/// A function that takes as long and fails as a request says.
struct Toy<P: Platform> {
    host: TestHost,
    courier: Courier<P>,
}

impl Function<TestHost> for Toy<TestHost> {
    const NAME: &'static str = "lead-capture";
    const OPENAPI: &'static str = "{}";

    fn open(platform: &TestHost) -> Result<Self, Error> {
        Ok(Self { host: platform.clone(), courier: Courier::open(platform, platform.sql(DB)?)? })
    }

    fn route(method: &Method, path: &str) -> Option<&'static str> {
        router::template(ROUTES, method, path)
    }

    async fn preflight(&self, _: &Request) -> Result<(), Error> {
        Ok(())
    }

    async fn handle(&self, request: &Request) -> Result<Response, Error> {
        router::find(ROUTES, &request.method, request.uri.path())?;
        let millis = request.query("millis").and_then(|it| it.parse().ok()).unwrap_or_default();
        self.host.manual_clock().advance(Duration::from_millis(millis));
        match Code::ALL.into_iter().find(|code| request.query("fails").as_deref() == Some(code.name())) {
            Some(code) => Err(Error::new(code, "As the request said.")),
            None => Ok(empty(StatusCode::OK)),
        }
    }

    async fn tick(&self) -> Result<Tick, Error> {
        self.courier.tick().await
    }
}

/// A second function that shares the store.
struct Other;

impl Function<TestHost> for Other {
    const NAME: &'static str = "ticket-route";
    const OPENAPI: &'static str = "{}";

    fn open(_: &TestHost) -> Result<Self, Error> {
        Ok(Self)
    }

    fn route(_: &Method, _: &str) -> Option<&'static str> {
        Some("/v1/tickets")
    }

    async fn preflight(&self, _: &Request) -> Result<(), Error> {
        Ok(())
    }

    async fn handle(&self, _: &Request) -> Result<Response, Error> {
        Ok(empty(StatusCode::OK))
    }

    async fn tick(&self) -> Result<Tick, Error> {
        Err(Error::unavailable("the dog ate it"))
    }
}

async fn host() -> TestHost {
    let host = TestHost::new().await;
    host.set_variable(OPERATOR_KEY, "operator");
    host.manual_clock().set(DateTime::parse_from_rfc3339("2026-03-02T09:00:00Z").unwrap().to_utc());
    host
}

/// Sends, and lets what was deferred be done.
async fn send(host: &TestHost, call: Call) -> Reply {
    let reply = host.send::<Toy<TestHost>>(call).await;
    host.settle().await;
    reply
}

/// Every sample of a page by its name and labels.
fn samples(page: &str) -> BTreeMap<String, f64> {
    let lines = page.lines().filter(|line| !line.starts_with('#'));
    let read = |line: &str| line.rsplit_once(' ').map(|(name, value)| (name.to_owned(), value.parse().unwrap())).unwrap();
    let samples: Vec<_> = lines.map(read).collect();
    let whole: BTreeMap<_, _> = samples.iter().cloned().collect();
    assert_eq!(samples.len(), whole.len(), "a sample stands twice: {page}");
    whole
}

async fn scrape(host: &TestHost, path: &str) -> BTreeMap<String, f64> {
    let reply = send(host, Call::get(path).key("operator")).await;
    assert_eq!((reply.status, reply.header("content-type")), (StatusCode::OK, "text/plain; version=0.0.4; charset=utf-8"));
    samples(&reply.text())
}

fn requests(route: &str, method: &str, outcome: &str) -> String {
    format!("orilla_requests_total{{function=\"lead-capture\",route=\"{route}\",method=\"{method}\",outcome=\"{outcome}\"}}")
}

async fn rows_of(host: &TestHost, query: &'static str) -> i64 {
    host.rows(Statement::new(query)).await.first().unwrap().integer("n").unwrap()
}

#[tokio::test]
async fn counters_say_exactly_what_was_answered() {
    let host = host().await;
    for name in ["a", "b", "c"] {
        send(&host, Call::get(format!("/v1/things/{name}?millis=30"))).await;
    }
    for fails in ["invalid", "invalid", "unavailable"] {
        send(&host, Call::post(format!("/v1/things/a?fails={fails}"))).await;
    }
    send(&host, Call::delete("/v1/things/a")).await;
    send(&host, Call::new(Method::HEAD, "/healthz")).await;
    host.send::<Other>(Call::get("/v1/tickets")).await;
    host.tick::<Toy<TestHost>>().await.unwrap();
    host.tick::<Other>().await.unwrap_err();
    let page = scrape(&host, "/metrics").await;
    let expect = [
        (requests("/v1/things/{thing}", "GET", "ok"), 3.0),
        (requests("/v1/things/{thing}", "POST", "invalid"), 2.0),
        (requests("/v1/things/{thing}", "POST", "unavailable"), 1.0),
        (requests("/v1/things/{thing}", "DELETE", "method_not_allowed"), 1.0),
        (requests("/healthz", "HEAD", "ok"), 1.0),
        ("orilla_requests_total{function=\"ticket-route\",route=\"/v1/tickets\",method=\"GET\",outcome=\"ok\"}".to_owned(), 1.0),
        ("orilla_ticks_total{function=\"lead-capture\",outcome=\"ok\"}".to_owned(), 1.0),
        ("orilla_ticks_total{function=\"ticket-route\",outcome=\"unavailable\"}".to_owned(), 1.0),
    ];
    for (name, count) in &expect {
        assert_eq!(page.get(name), Some(count), "{name} in {page:#?}");
    }
    let counters = page.keys().filter(|name| name.contains("_total"));
    assert_eq!(counters.count(), expect.len(), "and nothing else: {page:#?}");
    let again = scrape(&host, "/metrics").await;
    assert_eq!(again[&requests("/metrics", "GET", "ok")], 1.0, "a scrape is in the next one");
}

#[tokio::test]
async fn histograms_only_rise_and_end_with_the_count() {
    let host = host().await;
    for millis in [0, 10, 11, 60, 400, 1_500, 20_000] {
        send(&host, Call::get(format!("/v1/things/a?millis={millis}"))).await;
    }
    let page = scrape(&host, "/metrics").await;
    let labels = "function=\"lead-capture\",route=\"/v1/things/{thing}\"";
    let bucket = |end: &str| page[&format!("orilla_request_duration_seconds_bucket{{{labels},le=\"{end}\"}}")];
    let buckets = ["0.01", "0.05", "0.1", "0.25", "0.5", "1", "2", "5", "10", "+Inf"].map(bucket);
    assert_eq!(buckets, [2.0, 3.0, 4.0, 4.0, 5.0, 5.0, 6.0, 6.0, 6.0, 7.0]);
    assert_eq!(page[&format!("orilla_request_duration_seconds_count{{{labels}}}")], 7.0);
    assert!((page[&format!("orilla_request_duration_seconds_sum{{{labels}}}")] - 21.981).abs() < 1e-9);
}

#[tokio::test]
async fn whatever_strangers_ask_for_there_are_no_more_series() {
    let host = host().await;
    for i in 0..50 {
        send(&host, Call::get(format!("/ana{i}@olas.example"))).await;
        send(&host, Call::new(Method::from_bytes(format!("ANA{i}").as_bytes()).unwrap(), "/v1/things/ana@olas.example")).await;
    }
    let page = scrape(&host, "/metrics").await;
    assert_eq!(page[&requests("other", "GET", "not_found")], 50.0);
    assert_eq!(page[&requests("/v1/things/{thing}", "other", "method_not_allowed")], 50.0);
    assert_eq!(page.keys().filter(|name| name.starts_with("orilla_requests_total")).count(), 2);
    let kept = host.rows(Statement::new("SELECT * FROM metric_totals JOIN metric_minutes")).await;
    assert!(!format!("{kept:?}").to_lowercase().contains("ana"), "nothing of it is kept");
}

#[tokio::test]
async fn a_function_tells_its_own_counters_by_its_own_name() {
    let host = host().await;
    send(&host, Call::get("/v1/things/a")).await;
    host.send::<Other>(Call::get("/v1/tickets")).await;
    let own = scrape(&host, "/v1/functions/lead-capture/metrics").await;
    assert_eq!(own[&requests("/v1/things/{thing}", "GET", "ok")], 1.0);
    assert!(own.keys().all(|name| name.contains("function=\"lead-capture\"")), "{own:#?}");
}

#[tokio::test]
async fn only_the_operator_reads_them() {
    let host = host().await;
    for path in ["/metrics", "/v1/functions/lead-capture/metrics"] {
        for call in [Call::get(path), Call::get(path).key("guess")] {
            assert_eq!(send(&host, call).await.status, StatusCode::UNAUTHORIZED);
        }
    }
}

#[tokio::test]
async fn an_instance_writes_once_in_half_a_minute() {
    let host = host().await;
    let written = "SELECT coalesce(sum(count), 0) AS n FROM metric_totals";
    let mut seen = Vec::new();
    for seconds in [0, 10, 10, 10, 1] {
        host.manual_clock().advance(Duration::from_secs(seconds));
        send(&host, Call::get("/v1/things/a")).await;
        seen.push(rows_of(&host, written).await);
    }
    assert_eq!(seen, [1, 1, 1, 4, 4]);
    host.manual_clock().advance(Duration::from_secs(30));
    host.tick::<Toy<TestHost>>().await.unwrap();
    assert_eq!(rows_of(&host, written).await, 6, "when no request comes, the clock writes");
}

#[tokio::test]
async fn a_tick_over_http_is_counted_before_its_instance_ends() {
    let host = host().await;
    assert_eq!(send(&host, Call::post("/v1/tick/lead-capture").key("operator")).await.status, StatusCode::OK);
    // On Spin the instance is gone by now: what is not in the store is lost.
    let written = host.rows(Statement::new("SELECT family, route, outcome, count FROM metric_totals ORDER BY family")).await;
    let written: Vec<_> = written
        .iter()
        .map(|row| format!("{} {} {}", row.text("family").unwrap(), row.text("route").unwrap(), row.integer("count").unwrap()))
        .collect();
    assert_eq!(written, ["request /v1/tick/{function} 1", "tick  1"]);
}

#[tokio::test]
async fn a_store_that_is_away_costs_no_answer_and_no_count() {
    let host = host().await;
    host.fail_sql(SqlFault::always());
    for _ in 0..3 {
        assert_eq!(send(&host, Call::get("/v1/things/a")).await.status, StatusCode::OK);
        host.manual_clock().advance(Duration::from_secs(31));
    }
    let log = host.take_log();
    assert!(log.iter().all(|line| line.contains("\"event\":\"metrics\"")) && log.len() == 3, "{log:?}");
    host.heal();
    assert_eq!(scrape(&host, "/metrics").await[&requests("/v1/things/{thing}", "GET", "ok")], 3.0);
    assert_eq!(rows_of(&host, "SELECT sum(count) AS n FROM metric_minutes").await, 4, "three requests and a scrape that came after");
}

#[tokio::test]
async fn counting_can_be_switched_off() {
    let host = host().await;
    host.set_variable(METRICS, "off");
    send(&host, Call::get("/v1/things/a")).await;
    host.tick::<Toy<TestHost>>().await.unwrap();
    let page = scrape(&host, "/metrics").await;
    let names: BTreeSet<_> = page.keys().map(String::as_str).collect();
    let gauges = ["orilla_alerts_raised", "orilla_outbox_oldest_due_seconds", "orilla_outbox_pending", "orilla_sla_breaches_last_hour"];
    assert_eq!(names, gauges.into_iter().collect());
    assert_eq!(rows_of(&host, "SELECT count(*) AS n FROM metric_totals").await, 0);
}

#[tokio::test]
async fn minutes_go_after_two_days_and_counters_stay() {
    let host = host().await;
    send(&host, Call::get("/v1/things/a")).await;
    for (hours, kept) in [(47, 1), (2, 0)] {
        host.manual_clock().advance(Duration::from_secs(hours * 3_600));
        host.tick::<Toy<TestHost>>().await.unwrap();
        assert_eq!(rows_of(&host, "SELECT count(*) AS n FROM metric_minutes").await, kept);
    }
    assert_eq!(scrape(&host, "/metrics").await[&requests("/v1/things/{thing}", "GET", "ok")], 1.0);
}

#[tokio::test]
async fn a_request_has_one_line_of_closed_words() {
    let host = host().await;
    let ask = async || {
        send(&host, Call::get("/v1/things/ana@olas.example?q=secretissimo&millis=12").key("orl_read_made-up")).await;
        send(&host, Call::post("/v1/things/ana@olas.example?fails=invalid").body("leo@olas.example")).await;
        send(&host, Call::get("/ana@olas.example")).await;
        host.take_log()
    };
    let failures = ask().await;
    host.set_variable(LOG, "all");
    let all = ask().await;
    assert_eq!((failures.len(), all.len()), (2, 3));
    let read = |lines: &[String]| lines.iter().map(|line| serde_json::from_str::<serde_json::Value>(line).unwrap()).collect::<Vec<_>>();
    let (failures, all) = (read(&failures), read(&all));
    let shape = |line: &serde_json::Value| {
        ["function", "event", "method", "route", "status", "code", "millis"]
            .map(|name| line[name].clone())
            .into_iter()
            .collect::<serde_json::Value>()
    };
    let told: Vec<_> = all.iter().map(shape).collect();
    let expect = serde_json::json!([
        ["lead-capture", "request", "GET", "/v1/things/{thing}", 200, "ok", 12],
        ["lead-capture", "request", "POST", "/v1/things/{thing}", 422, "invalid", 0],
        ["lead-capture", "request", "GET", "other", 404, "not_found", 0],
    ]);
    assert_eq!(serde_json::Value::from(told), expect);
    assert_eq!(failures.iter().map(shape).collect::<Vec<_>>(), all[1..].iter().map(shape).collect::<Vec<_>>(), "one shape, whoever failed");
    let ids: BTreeSet<_> = failures.iter().chain(&all).map(|line| line["request_id"].as_str().unwrap().to_owned()).collect();
    assert_eq!(ids.len(), 5);
    for trace in ["ana", "leo", "olas", "secretissimo", "made-up"] {
        assert!(!format!("{all:?}{failures:?}").contains(trace), "{trace}");
    }
}
