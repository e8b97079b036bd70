//! The server over real sockets: bodies, limits, static files, deferred work, ticks and the end.

#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::panic,
    clippy::disallowed_methods,
    reason = "a test stops where something is wrong"
)]

mod client;
mod toy;

use std::io::{Read, Write};
use std::net::{IpAddr, Ipv4Addr};
use std::time::{Duration, Instant};

use client::{Running, raw};
use orilla_native::serve::Options;
use serde_json::json;

/// A folder of static files that goes when the test does.
struct Folder(std::path::PathBuf);

impl Folder {
    fn new(name: &str, files: &[(&str, &str)]) -> Self {
        let folder = std::env::temp_dir().join(format!("orilla-serve-{name}-{}", std::process::id()));
        for (file, text) in files {
            let path = folder.join(file);
            std::fs::create_dir_all(path.parent().unwrap()).unwrap();
            std::fs::write(path, text).unwrap();
        }
        Self(folder)
    }
}

impl Drop for Folder {
    fn drop(&mut self) {
        std::fs::remove_dir_all(&self.0).unwrap();
    }
}

#[test]
fn a_request_arrives_whole_and_its_answer_goes_back() {
    let server = Running::start(Options::default());
    let reply = server.send("POST", "/v1/echo?a=%20b", &[("x-test", "yes"), ("x-real-ip", "9.9.9.9")], b"\x00\xffbody");
    assert_eq!(reply.status, 200);
    let echo = reply.json();
    assert_eq!(echo["method"], "POST");
    assert_eq!(echo["uri"], format!("http://{}/v1/echo?a=%20b", server.address));
    assert_eq!(echo["body"], json!(b"\x00\xffbody"));
    assert_eq!(echo["client"], "127.0.0.1", "nobody told the server to believe a header");
    assert_eq!(echo["test"], "yes");
    assert!(reply.header("x-request-id").is_some());
}

#[test]
fn the_address_is_the_trusted_proxys_last_word() {
    let server = Running::start(Options::default());
    let client = |value: &str| server.send("POST", "/v1/echo", &[(client::TRUSTED, value)], b"").json()["client"].clone();
    assert_eq!(client("203.0.113.9"), "203.0.113.9");
    assert_eq!(client("1.1.1.1, 2001:db8::7"), "2001:db8::7", "what the client claimed stands before it");
    assert_eq!(client("::ffff:203.0.113.9"), "203.0.113.9", "one visitor, one spelling");
    assert_eq!(client("nonsense"), IpAddr::from(Ipv4Addr::LOCALHOST).to_string());
}

#[test]
fn one_connection_carries_many_requests() {
    let server = Running::start(Options::default());
    let request = "POST /v1/echo HTTP/1.1\r\nhost: a\r\ncontent-length: 2\r\n\r\nhi";
    let last = "GET /v1/echo HTTP/1.1\r\nhost: a\r\nconnection: close\r\n\r\n";
    let answers = raw(server.address, format!("{request}{request}{last}").as_bytes());
    assert_eq!(answers.matches("HTTP/1.1 200 OK").count(), 3, "{answers}");
}

#[test]
fn idle_connections_keep_nobody_out() {
    let server = Running::start(Options { max_connections: Some(20), ..Options::default() });
    let connect = || std::net::TcpStream::connect(server.address).unwrap();
    let is_told_to_leave = |connection: &mut std::net::TcpStream| {
        connection.write_all(b"GET /v1/name HTTP/1.1\r\nhost: a\r\n\r\n").unwrap();
        let mut answer = [0; 1024];
        let length = connection.read(&mut answer).unwrap();
        String::from_utf8_lossy(&answer[..length]).contains("connection: close")
    };
    let mut idle = Vec::new();
    for number in 1..=100 {
        let mut connection = connect();
        // One slot is set aside for whoever comes next.
        assert_eq!(is_told_to_leave(&mut connection), number >= 10, "connection {number}");
        idle.push(connection);
    }
    drop(idle);
    let is_welcome = || {
        std::thread::sleep(Duration::from_millis(20));
        !is_told_to_leave(&mut connect())
    };
    assert!((0..100).any(|_| is_welcome()), "told to leave though all others have left");
}

#[test]
fn a_body_beyond_the_cap_is_refused_and_the_client_gets_to_know() {
    let server = Running::start(Options::default());
    let reply = server.send("POST", "/v1/echo", &[], &vec![7; 12 << 20]);
    assert_eq!(reply.json()["is_truncated"], true);
    assert_eq!(reply.json()["body"], json!([]));
    let exactly = server.send("POST", "/v1/length", &[], &vec![7; 8 << 20]);
    assert_eq!(exactly.json(), json!({"length": 8 << 20, "is_truncated": false}));
}

#[test]
fn what_is_no_http_gets_a_400_or_nothing() {
    let server = Running::start(Options::default());
    for junk in [
        "\x16\x03\x01\0\0",
        "GET\r\n\r\n",
        "GET /v1/echo HTTP/1.1\r\nbad header\r\n\r\n",
        "POST /v1/echo HTTP/1.1\r\nhost: a\r\ncontent-length: x\r\n\r\n",
    ] {
        let answer = raw(server.address, junk.as_bytes());
        assert!(answer.is_empty() || answer.starts_with("HTTP/1.1 400"), "{junk:?}: {answer}");
    }
    let many = format!("GET /v1/echo HTTP/1.1\r\n{}\r\n", "x: y\r\n".repeat(200));
    assert!(raw(server.address, many.as_bytes()).starts_with("HTTP/1.1 431"));
    let long = format!("GET /v1/echo HTTP/1.1\r\nhost: a\r\nx: {}\r\n\r\n", "y".repeat(1_000_000));
    assert!(!raw(server.address, long.as_bytes()).contains(" 200 "), "a head of a megabyte");
    assert_eq!(server.send("GET", "/v1/echo", &[], b"").status, 200, "the server goes on");
}

#[test]
fn a_streamed_answer_arrives_in_pieces_and_breaks_when_its_source_does() {
    let server = Running::start(Options::default());
    let whole = raw(server.address, b"GET /v1/stream HTTP/1.1\r\nhost: a\r\nconnection: close\r\n\r\n");
    assert!(whole.contains("transfer-encoding: chunked") && whole.ends_with("0\r\n\r\n"), "{whole}");
    let broken = raw(server.address, b"GET /v1/stream?break=1 HTTP/1.1\r\nhost: a\r\nconnection: close\r\n\r\n");
    assert!(broken.contains("two") && !broken.ends_with("0\r\n\r\n"), "a cut answer must not look whole: {broken}");
}

#[test]
fn a_panic_is_one_clients_500_and_nobody_elses_trouble() {
    let server = Running::start(Options::default());
    assert_eq!(server.send("GET", "/v1/panic", &[], b"").status, 500);
    assert_eq!(server.send("GET", "/v1/echo", &[], b"").status, 200);
}

#[test]
fn deferred_work_runs_after_the_answer_and_does_not_delay_it() {
    let server = Running::start(Options::default());
    let began = Instant::now();
    assert_eq!(server.send("POST", "/v1/defer", &[], b"").status, 200);
    assert!(began.elapsed() < toy::DEFERRED, "the answer waited for the deferred work");
    server.wait_until(|counts| counts["deferred"] == 1);
}

#[test]
fn ticks_come_by_themselves_and_survive_one_that_hangs() {
    let server = Running::start(Options::default());
    server.send("POST", "/v1/hang-next-tick", &[], b"");
    server.wait_until(|counts| counts["ticks"].as_u64() >= Some(2));
}

#[test]
fn the_longest_prefix_wins() {
    let server = Running::start(Options::default());
    let name = |path: &str| server.send("GET", path, &[], b"").json()["function"].clone();
    assert_eq!(name("/v1/name"), "toy");
    assert_eq!(name("/v1/other/name"), "other");
    assert_eq!(name("/v1/other"), "other");
    assert_eq!(name("/v1/others"), "toy");
    assert_eq!(name("/healthz"), "toy");
    assert_eq!(name("/nobody's"), "toy");
}

#[test]
fn static_texts_are_packed_for_who_takes_it() {
    let text = "hola orilla ".repeat(500);
    let files = Folder::new("packed", &[("demo/index.html", &text), ("small.css", "a{}"), ("guide.pdf", &text)]);
    let server = Running::start(Options { public: Some(files.0.clone()), ..Options::default() });
    let get = |path: &str, more: &[(&str, &str)]| server.send("GET", path, more, b"");
    let gzip = [("accept-encoding", "gzip, br")];
    let (packed, plain) = (get("/demo", &gzip), get("/demo", &[]));
    assert_eq!((packed.header("content-encoding").as_deref(), plain.header("content-encoding")), (Some("gzip"), None));
    assert_eq!(plain.text(), text);
    let length = packed.header("content-length").unwrap().parse::<usize>().unwrap();
    assert!(length < text.len() / 10, "{length} of {}", text.len());
    for reply in [&packed, &plain] {
        assert_eq!(reply.header("vary").as_deref(), Some("accept-encoding"));
    }
    let tag = packed.header("etag").unwrap();
    assert_ne!(Some(&tag), plain.header("etag").as_ref(), "a cache tells them apart");
    let again = get("/demo", &[gzip[0], ("if-none-match", &tag)]);
    assert_eq!((again.status, again.header("content-encoding")), (304, None));
    for path in ["/small.css", "/guide.pdf"] {
        assert_eq!(get(path, &gzip).header("content-encoding"), None, "{path}");
    }
}

#[test]
fn static_files_are_served_with_care() {
    let secret = Folder::new("secret", &[("secret.txt", "no")]);
    let files = Folder::new(
        "files",
        &[
            ("orilla.js", "js"),
            ("demo/index.html", "es"),
            ("demo/en/index.html", "en"),
            ("demo/inbox/index.html", "inbox"),
            ("demo/analytics/en/index.html", "analytics"),
            ("demo/desk/index.html", "desk"),
            (".env", "no"),
        ],
    );
    std::os::unix::fs::symlink(&secret.0, files.0.join("link")).unwrap();
    let server = Running::start(Options { public: Some(files.0.clone()), ..Options::default() });
    let get = |path: &str| server.send("GET", path, &[], b"");
    let script = get("/orilla.js");
    assert_eq!((script.status, script.text().as_str()), (200, "js"));
    assert_eq!(script.header("content-type").unwrap(), "text/javascript; charset=utf-8");
    assert_eq!(script.header("x-content-type-options").unwrap(), "nosniff");
    let tag = script.header("etag").unwrap();
    let again = server.send("GET", "/orilla.js", &[("if-none-match", &tag)], b"");
    assert_eq!((again.status, again.text().as_str()), (304, ""));
    let head = server.send("HEAD", "/orilla.js", &[], b"");
    assert_eq!((head.status, head.text().as_str()), (200, ""));
    assert_eq!(head.header("content-length").unwrap(), "2");
    for (path, text) in [("/demo", "es"), ("/demo/", "es"), ("/demo/en", "en"), ("/demo/en/", "en")] {
        assert_eq!(get(path).text(), text, "{path}");
        assert_eq!(get(path).header("content-type").unwrap(), "text/html; charset=utf-8");
    }
    for path in [
        "/demo/inbox",
        "/demo/inbox/",
        "/demo/inbox/index.html",
        "/demo/%69nbox",
        "/demo/analytics/en",
        "/demo/desk",
        "/demo/keys.json",
        "/.env",
        "/link/secret.txt",
        "/../secret.txt",
        "/%2e%2e/secret.txt",
        "/none",
    ] {
        assert_eq!(get(path).json()["function"], "toy", "{path} is nobody's file, so the function answers");
    }
    assert_eq!(server.send("POST", "/orilla.js", &[], b"").json()["function"], "toy");
}

#[test]
fn development_keys_are_read_when_asked_for() {
    let files = Folder::new("dev", &[("public/demo/inbox/index.html", "inbox")]);
    let dev_json = Some(files.0.join("dev.json"));
    let server = Running::start(Options { public: Some(files.0.join("public")), dev_json, ..Options::default() });
    assert_eq!(server.send("GET", "/demo/inbox", &[], b"").text(), "inbox");
    assert_eq!(server.send("GET", "/demo/keys.json", &[], b"").json()["function"], "toy", "there are no keys yet");
    std::fs::write(files.0.join("dev.json"), r#"{"site":"x"}"#).unwrap();
    let keys = server.send("GET", "/demo/keys.json", &[], b"");
    assert_eq!(keys.json(), json!({"site": "x"}));
    assert_eq!(keys.header("cache-control").unwrap(), "no-store");
}

#[test]
fn the_end_waits_for_requests_and_deferred_work_but_not_for_idle_clients() {
    let server = Running::start(Options::default());
    let idle = std::net::TcpStream::connect(server.address).unwrap();
    server.send("POST", "/v1/defer", &[], b"");
    let address = server.address;
    let slow = std::thread::spawn(move || client::send(address, "POST", "/v1/slow", &[], b""));
    std::thread::sleep(Duration::from_millis(100));
    let began = Instant::now();
    let counts = server.stop();
    assert_eq!(slow.join().unwrap().status, 200);
    assert_eq!(counts["deferred"], 1);
    assert!(began.elapsed() < Duration::from_secs(3), "an idle connection held up the end");
    drop(idle);
    assert!(std::net::TcpStream::connect(address).is_err(), "still listening");
}
