//! The contract inside workerd and inside Spin, and what only an outside caller can judge of their adapters.
//!
//! `cargo xtask test hosts` builds the guest and names the programs; natively the suite runs with `orilla-native`.

#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::explicit_write,
    clippy::disallowed_methods,
    reason = "a test that cannot be set up should stop there; what it runs on is named by the environment"
)]

use std::env;
use std::io::Write;
use std::net::{Ipv4Addr, SocketAddr, TcpListener, TcpStream};
use std::os::unix::process::CommandExt;
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Stdio};
use std::time::Duration;

use bytes::Bytes;
use futures_util::StreamExt;
use http::{HeaderMap, HeaderValue, Method, StatusCode};
use orilla_contract::platform::{EMPTY, SET, SET_VALUE};
use orilla_contract::{Finding, Host, Peer, Report, Verdict};
use orilla_core::ports::{FetchError, Inbound, Outbound};
use orilla_core::{Fetch, Platform, guard};
use orilla_native::Native;
use orilla_native::testing::PeerServer;
use serde_json::{Value, json};

/// Starting workerd on a busy machine takes a while; nothing here waits this long otherwise.
const PATIENCE: Duration = Duration::from_secs(60);

fn root() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).parent().unwrap().to_owned()
}

fn hosts() -> Vec<Host> {
    let wanted = env::var("ORILLA_HOSTS").unwrap_or_else(|_| "workers,spin".to_owned());
    let hosts: Vec<_> =
        [Host::Workers, Host::Spin].into_iter().filter(|host| wanted.split(',').any(|name| name == host.to_string())).collect();
    assert!(!hosts.is_empty(), "ORILLA_HOSTS names no edge host: {wanted}");
    hosts
}

/// The contract guest on one host, with stores of its own; ends with this value.
struct Guest {
    origin: String,
    process: Child,
    data: PathBuf,
}

impl Guest {
    async fn start(host: Host, test: &str) -> Self {
        let address = TcpListener::bind((Ipv4Addr::LOCALHOST, 0)).and_then(|free| free.local_addr()).unwrap();
        let data = env::temp_dir().join(format!("orilla-{test}-{host}-{}", std::process::id()));
        let mut command = match host {
            Host::Workers => workers(address, &data),
            Host::Spin => spin(address, &data),
            Host::Native => unreachable!("the native host runs the suite in its own tests"),
        };
        let process = command.current_dir(root()).stdin(Stdio::piped()).stdout(Stdio::null()).process_group(0).spawn().unwrap();
        let mut guest = Self { origin: format!("http://{address}"), process, data };
        guest.wait_until_ready(address).await;
        guest
    }

    async fn wait_until_ready(&mut self, address: SocketAddr) {
        let mut waited = Duration::ZERO;
        while TcpStream::connect(address).is_err() || self.send(Method::GET, "/healthz", Bytes::new()).await.status != StatusCode::OK {
            assert!(waited < PATIENCE, "{} does not answer", self.origin);
            assert!(self.process.try_wait().unwrap().is_none(), "the host ended by itself; see above");
            tokio::time::sleep(Duration::from_millis(100)).await;
            waited += Duration::from_millis(100);
        }
    }

    async fn send(&self, method: Method, path: &str, body: impl Into<Bytes>) -> Inbound {
        let headers =
            HeaderMap::from_iter([(http::HeaderName::from_static("x-obs-text"), HeaderValue::from_bytes("ñ".as_bytes()).unwrap())]);
        let destination = guard::trusted(&format!("{}{path}", self.origin)).unwrap();
        let request = Outbound { method, destination, headers, body: body.into(), deadline: PATIENCE, max_bytes: 1 << 20 };
        Native::in_memory([].into()).unwrap().fetch().fetch(request).await.unwrap()
    }

    async fn json(&self, method: Method, path: &str, body: impl Into<Bytes>) -> Value {
        let mut answer = self.send(method, path, body).await;
        let mut whole = Vec::new();
        while let Some(chunk) = answer.body.next().await {
            whole.extend_from_slice(&chunk.unwrap());
        }
        assert_eq!(answer.status, StatusCode::OK, "{path}: {}", String::from_utf8_lossy(&whole));
        serde_json::from_slice(&whole).unwrap()
    }
}

impl Drop for Guest {
    fn drop(&mut self) {
        // Its own children end with it; whatever did not goes with the group.
        let id = self.process.id();
        kill(&id.to_string());
        let _ = self.process.wait();
        kill(&format!("-{id}"));
        let _ = std::fs::remove_dir_all(&self.data);
    }
}

fn kill(target: &str) {
    let _ = Command::new("kill").args(["-TERM", "--", target]).stderr(Stdio::null()).status();
}

fn workers(address: SocketAddr, data: &Path) -> Command {
    let variables = json!({ SET.0: SET_VALUE, EMPTY.0: "" });
    let mut command = Command::new("node");
    command.args(["web/dev/workers.mjs", "--worker", "contract-guest", "--port", &address.port().to_string()]);
    command.args(["--vars", &variables.to_string(), "--data"]).arg(data);
    command
}

fn spin(address: SocketAddr, data: &Path) -> Command {
    let program = env::var_os("ORILLA_SPIN").expect("ORILLA_SPIN names no program: run `cargo xtask test hosts`");
    let mut command = Command::new(&program);
    command.args(["up", "--from", "tests/contract-guest/spin.toml", "--listen", &address.to_string()]);
    command.args(["--variable", &format!("{}={SET_VALUE}", SET.0.to_lowercase()), "--state-dir"]).arg(data);
    if program.to_string_lossy().ends_with("spin-host") {
        // Ours can keep what it compiles; Spin does so by itself.
        command.args(["--cache-dir", "target/spin/compiled"]);
    }
    command
}

fn peer(server: &PeerServer) -> Peer {
    let (origin, closed) = (server.origin().to_owned(), server.closed().to_owned());
    // No name server answers for this name; the hosts that could refuse it do so for its address, which this test cannot give.
    Peer { origin, closed, private: "https://inside.example.com/".to_owned() }
}

/// What the suite finds inside, and whether a stream that fails is taken for a whole answer outside.
async fn examine(guest: &Guest, host: Host, server: &PeerServer, peer: &Peer) -> Verdict {
    let report = guest.json(Method::POST, "/v1/contract", serde_json::to_vec(peer).unwrap()).await;
    let mut report: Report = serde_json::from_value(report).unwrap();
    report.results.push(Finding { item: "serve.1".to_owned(), failure: a_failing_stream_is_cut_off(guest, host, server).await.err() });
    report.judge(host)
}

async fn a_failing_stream_is_cut_off(guest: &Guest, host: Host, server: &PeerServer) -> Result<(), String> {
    let id = format!("cut-{host}");
    let mut answer = guest.send(Method::GET, &format!("/v1/cut?gate={}/gate?id={id}", server.origin()), Bytes::new()).await;
    let first = answer.body.next().await;
    open(server, &id).await;
    let rest: Vec<_> = answer.body.collect().await;
    let is_cut = first == Some(Ok(Bytes::from_static(b"before "))) && matches!(rest.as_slice(), [Err(FetchError::Protocol(_))]);
    if is_cut { Ok(()) } else { Err(format!("{first:?}, then {rest:?}")) }
}

#[tokio::test]
async fn each_edge_host_keeps_every_promise() {
    let server = PeerServer::start().unwrap();
    for host in hosts() {
        let guest = Guest::start(host, "contract").await;
        let verdict = examine(&guest, host, &server, &peer(&server)).await;
        // Past the harness, which hides what a passing test prints with a macro: gaps are to be seen.
        writeln!(std::io::stderr(), "{verdict}").unwrap();
        assert!(verdict.is_good(), "{verdict}");
    }
}

#[tokio::test]
async fn a_peer_that_is_not_as_promised_is_found_out() {
    let server = PeerServer::start().unwrap();
    for host in hosts() {
        let guest = Guest::start(host, "control").await;
        let open = Peer { closed: server.origin().to_owned(), ..peer(&server) };
        let verdict = examine(&guest, host, &server, &open).await;
        let broken: Vec<_> = verdict.failures.iter().filter_map(|failure| failure.split(':').next()).collect();
        assert_eq!(broken, ["fetch.6"], "{verdict}");
    }
}

#[tokio::test]
async fn requests_come_through_whole() {
    for host in hosts() {
        let guest = Guest::start(host, "requests").await;
        let body: Vec<u8> = (0..=255).collect();
        let seen = guest.json(Method::POST, "/v1/request?a=%C3%B1&b=+%2F", body.clone()).await;
        assert_eq!(seen["method"], "POST", "{host}");
        assert_eq!((&seen["path"], &seen["query"]), (&json!("/v1/request"), &json!("a=%C3%B1&b=+%2F")), "{host}");
        assert_eq!(seen["authority"], guest.origin.trim_start_matches("http://"), "{host}");
        assert_eq!(seen["body"], json!(body), "{host}");
        assert_eq!(seen["client"], "127.0.0.1", "{host}");
        let headers = seen["headers"].as_array().unwrap();
        assert!(headers.contains(&json!(["x-obs-text", "ñ"])), "{host}: {headers:?}");

        let cap = usize::try_from(seen["cap"].as_u64().unwrap()).unwrap();
        for (length, is_truncated) in [(cap, false), (cap + 1, true)] {
            let seen = guest.json(Method::PUT, "/v1/request", vec![b'x'; length]).await;
            let kept = if is_truncated { 0 } else { length };
            assert_eq!((&seen["is_truncated"], &seen["body_bytes"]), (&json!(is_truncated), &json!(kept)), "{host}");
        }
    }
}

#[tokio::test]
async fn answers_stream() {
    let server = PeerServer::start().unwrap();
    for host in hosts() {
        let guest = Guest::start(host, "stream").await;
        let gate = format!("{}/gate?id=stream-{host}", server.origin());
        let mut answer = guest.send(Method::GET, &format!("/v1/stream?gate={gate}"), Bytes::new()).await;
        let first = answer.body.next().await.unwrap().unwrap();
        assert_eq!(first, "before ", "{host}: the first chunk must not wait for the second");
        open(&server, &format!("stream-{host}")).await;
        let rest: Vec<_> = answer.body.map(|chunk| chunk.unwrap()).collect().await;
        assert_eq!(rest.concat(), b"first second", "{host}");
    }
}

#[tokio::test]
async fn deferred_work_waits_for_the_answer_and_not_the_other_way_round() {
    let server = PeerServer::start().unwrap();
    for host in hosts() {
        let guest = Guest::start(host, "deferred").await;
        let id = format!("deferred-{host}");
        let path = format!("/v1/deferred?key={id}&gate={}/gate?id={id}", server.origin());
        let answer = guest.send(Method::POST, &path, Bytes::new()).await;
        assert_eq!(answer.status, StatusCode::ACCEPTED, "{host}");
        let is_done = || guest.json(Method::GET, &path, Bytes::new());
        assert_eq!(is_done().await, json!(false), "{host}: the work cannot be done, its gate is closed");
        open(&server, &id).await;
        let mut waited = 0;
        while is_done().await != json!(true) {
            assert!(waited < 100, "{host}: the work is never done");
            waited += 1;
            tokio::time::sleep(Duration::from_millis(50)).await;
        }
    }
}

/// Opens one of the peer's gates.
async fn open(server: &PeerServer, id: &str) {
    let destination = guard::trusted(&format!("{}/open?id={id}", server.origin())).unwrap();
    let request =
        Outbound { method: Method::GET, destination, headers: HeaderMap::new(), body: Bytes::new(), deadline: PATIENCE, max_bytes: 100 };
    let opened = Native::in_memory([].into()).unwrap().fetch().fetch(request).await.unwrap();
    assert_eq!(opened.status, StatusCode::OK);
}
