//! The host seen from a client and from inside a guest: each test serves the one guest under a manifest of its own.
#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::panic,
    clippy::disallowed_methods,
    reason = "test code, of which clippy knows only the functions marked as tests"
)]

mod support;

use std::time::{Duration, Instant};

use http_body_util::BodyExt;
use hyper::Request;
use serde_json::{Value, json};
use spin_host::{Journal, Options, SpinHost};
use support::{Answer, Client, Served, guest, manifest, options, read};

const STORES: &str = "key_value_stores = [\"default\"]\nsqlite_databases = [\"default\"]";

fn ok(body: &str) -> Answer {
    Answer { status: 200, body: body.to_owned() }
}

fn failed(status: u16) -> Answer {
    Answer { status, body: String::new() }
}

#[tokio::test]
async fn answers_every_request_from_a_fresh_instance_and_survives_a_trap() {
    let Some(guest) = guest() else { return };
    let served = Served::new(&manifest(guest, ""), options()).await;
    assert_eq!(served.get("/hello").await, ok("hello"));
    assert_eq!(served.get("/trap").await, failed(500));
    assert_eq!(served.get("/silent").await, failed(500));
    assert_eq!(served.get("/hello").await, ok("hello"));
    let body = "\u{0}\u{7f}ñ".repeat(100_000);
    assert_eq!(served.send(Request::post("/echo"), &body).await, ok(&body));
    let stats = served.host.stats();
    assert_eq!((stats.requests, stats.failures), (5, 2));
}

#[tokio::test]
async fn routes_by_the_manifest_and_answers_404_elsewhere() {
    let Some(guest) = guest() else { return };
    let manifest = manifest(guest, "environment = { WHO = \"all\" }").replace(
        "[[trigger.http]]\nroute = \"/...\"",
        "[[trigger.http]]\nroute = \"/only/:id/...\"\ncomponent = \"one\"\n\
         [component.one]\nsource = \"one.wasm\"\nenvironment = { WHO = \"one\" }\n\
         [[trigger.http]]\nroute = \"/all/...\"",
    );
    let folder = tempfile::tempdir().unwrap();
    std::fs::copy(guest, folder.path().join("one.wasm")).unwrap();
    let served = Served::in_folder(folder, &manifest, options()).await;
    assert_eq!(served.get("/all/environment").await, ok(r#"[["WHO","all"]]"#));
    assert_eq!(served.get("/only/7/environment").await, ok(r#"[["WHO","one"]]"#));
    assert_eq!(served.get("/elsewhere").await, failed(404));
    assert_eq!(served.get("/.well-known/spin/health").await, ok("OK"));
    assert_eq!(served.get("/.well-known/spin/other").await, failed(404));

    let request = Request::get("/only/7/headers?a=1").header("x-two", "1").header("x-two", "2");
    let headers = served.send(request.header("spin-client-addr", "forged"), "").await.body;
    let headers: Vec<(String, String)> = serde_json::from_str(&headers).unwrap();
    let values = |name: &str| headers.iter().filter(|(n, _)| n == name).map(|(_, v)| v.as_str()).collect::<Vec<_>>();
    assert_eq!(values("x-two"), ["1", "2"]);
    assert_eq!(values("spin-path-match-id"), ["7"]);
    assert_eq!(values("spin-path-info"), ["/headers"]);
    assert_eq!(values("spin-full-url"), [format!("http://{}/only/7/headers?a=1", served.address)]);
    let addresses = values("spin-client-addr");
    assert_eq!((addresses.len(), addresses[0]), (2, "forged"), "Spin's own value comes last: {addresses:?}");
    assert!(addresses[1].starts_with("127.0.0.1:"), "{addresses:?}");
}

#[tokio::test]
async fn gives_variables_environment_and_files_as_declared() {
    let Some(guest) = guest() else { return };
    let lines = "files = [{ source = \"assets\", destination = \"/assets\" }]\nenvironment = { A = \"1\", B = \"2\" }\n\
         [component.guest.variables]\nurl = \"http://{{ host }}/\"\nsecret = \"{{ token }}\"\n\
         [variables]\nhost = { default = \"localhost\" }\ntoken = { required = true, secret = true }";
    let folder = tempfile::tempdir().unwrap();
    std::fs::create_dir(folder.path().join("assets")).unwrap();
    std::fs::write(folder.path().join("assets/a.txt"), "text").unwrap();
    let options = Options {
        variables: [("host".to_owned(), "a.example".to_owned())].into(),
        environment: [("B".to_owned(), "3".to_owned())].into(),
        ..options()
    };
    let served = Served::in_folder(folder, &manifest(guest, lines), options).await;
    assert_eq!(served.get("/variable?url").await, ok("Ok(\"http://a.example/\")"));
    assert!(served.get("/variable?secret").await.body.starts_with("Err(Error::Provider("));
    assert!(served.get("/variable?host").await.body.starts_with("Err(Error::Undefined("));
    assert!(served.get("/variable?No").await.body.starts_with("Err(Error::InvalidName("));
    assert_eq!(served.get("/environment").await, ok(r#"[["A","1"],["B","3"]]"#));
    assert_eq!(served.get("/file?/assets/a.txt").await, ok("Ok(\"text\")"));
    assert!(served.get("/file?/etc/passwd").await.body.starts_with("Err("));
    assert_eq!(served.get("/write-file?/assets/a.txt").await, ok("false"));
}

#[tokio::test]
async fn keeps_key_value_pairs_byte_for_byte_and_across_restarts() {
    let Some(guest) = guest() else { return };
    let served = Served::new(&manifest(guest, STORES), options()).await;
    let every_byte: Vec<u8> = (0..=255).collect();
    let results = served
        .post(
            "/key-value",
            json!([
                ["open", "other"],
                ["open", "default"],
                ["get", "ñ"],
                ["exists", "ñ"],
                ["set", "ñ", every_byte],
                ["set", "", []],
                ["get", "ñ"],
                ["exists", "ñ"],
                ["keys"],
                ["delete", ""],
                ["delete", "absent"],
                ["keys"],
            ]),
        )
        .await;
    assert_eq!(
        results,
        json!([
            { "error": "Error::AccessDenied" }, true, null, false, true, true, every_byte, true, ["", "ñ"], true, true, ["ñ"],
        ])
    );
    let again = Served::in_folder(served.folder, &manifest(guest, STORES), options()).await;
    assert_eq!(again.post("/key-value", json!([["open", "default"], ["get", "ñ"]])).await, json!([true, every_byte]));
    let denied = Served::new(&manifest(guest, ""), options()).await;
    assert_eq!(denied.post("/key-value", json!([["open", "default"]])).await, json!([{ "error": "Error::AccessDenied" }]));
}

#[tokio::test]
async fn runs_sql_with_sqlites_own_values_and_error_texts() {
    let Some(guest) = guest() else { return };
    let options =
        Options { sqlite_statements: vec!["CREATE TABLE IF NOT EXISTS t (a INTEGER PRIMARY KEY, b TEXT UNIQUE)".to_owned()], ..options() };
    let served = Served::new(&manifest(guest, STORES), options).await;
    let steps = json!([
        { "open": "other" }, { "open": "default" },
        { "sql": "SELECT ?, ?, ?, ?, ?", "params": [i64::MIN, 0.5, "ñ\u{0}", [0, 255], null] },
        { "sql": "INSERT INTO t (b) VALUES (?)", "params": ["x"] },
        { "sql": "INSERT INTO t (b) VALUES (?)", "params": ["x"] },
        { "sql": "SELECT a, b FROM t" },
        { "sql": "SELEC" },
        { "sql": "SELECT ?" },
        { "sql": "SELECT CAST(x'ff' AS TEXT)" },
    ]);
    for (path, extra) in [("/sqlite", json!(null)), ("/sqlite3", json!([1, 1]))] {
        let results = served.post(path, steps.clone()).await;
        assert_eq!(results[0], json!({ "error": "Error::AccessDenied" }), "{path}");
        assert_eq!(results[2]["rows"], json!([[i64::MIN, 0.5, "ñ\u{0}", [0, 255], null]]), "{path}");
        let unique = "Error::Io(\"UNIQUE constraint failed: t.b\")";
        assert_eq!(results[4]["error"], unique, "{path}");
        assert_eq!(results[5]["columns"], json!(["a", "b"]), "{path}");
        assert_eq!(results[5]["rows"], json!([[1, "x"]]), "{path}");
        assert!(results[6]["error"].as_str().unwrap().contains("syntax error"), "{path}: {results}");
        assert!(results[7]["error"].as_str().unwrap().contains("parameters"), "{path}: {results}");
        assert!(results[8]["error"].is_string(), "{path}: {results}");
        if path == "/sqlite" {
            served.post(path, json!([{ "open": "default" }, { "sql": "DELETE FROM t" }])).await;
        } else {
            assert_eq!(results[3]["extra"], extra, "{path}");
        }
    }
}

#[tokio::test]
async fn an_open_transaction_is_unseen_by_others_and_rolled_back_with_its_instance() {
    let Some(guest) = guest() else { return };
    for journal in [Journal::AsSpin, Journal::Wal] {
        let served = Served::new(&manifest(guest, STORES), Options { journal, ..options() }).await;
        let mode = if journal == Journal::Wal { "wal" } else { "delete" };
        let sql = async |steps: Value| served.post("/sqlite", steps).await;
        let created = sql(json!([{ "open": "default" }, { "sql": "CREATE TABLE t (a)" }, { "sql": "PRAGMA journal_mode" }])).await;
        assert_eq!(created[2]["rows"], json!([[mode]]));
        let insert = json!({ "sql": "INSERT INTO t VALUES (1)" });
        let begun = json!([{ "open": "default" }, { "sql": "BEGIN IMMEDIATE" }, insert, { "sleep": 400 }, { "panic": true }]).to_string();
        let count = json!([{ "open": "default" }, { "sql": "SELECT count(*) FROM t" }]);
        let (dying, meanwhile) = tokio::join!(served.send(Request::post("/sqlite"), &begun), async {
            tokio::time::sleep(Duration::from_millis(200)).await;
            sql(count.clone()).await
        });
        assert_eq!(dying, failed(500));
        assert_eq!(meanwhile[1]["rows"], json!([[0]]), "a transaction was seen before its commit");
        // It waits for no time-out: the dead instance's lock is gone with it.
        let began = Instant::now();
        sql(json!([{ "open": "default" }, { "sql": "BEGIN" }, insert, { "sql": "COMMIT" }])).await;
        assert!(began.elapsed() < Duration::from_secs(4), "the dead instance still held its lock");
        assert_eq!(sql(count).await[1]["rows"], json!([[1]]));
    }
}

#[tokio::test]
async fn lets_requests_out_only_to_allowed_hosts() {
    let Some(guest) = guest() else { return };
    let target = Served::new(&manifest(guest, ""), options()).await;
    let lines = format!(
        "allowed_outbound_hosts = [\"http://{{{{ target }}}}\", \"http://self\", \"http://back.spin.internal\"]\n\
         [variables]\ntarget = {{ default = \"{}\" }}\n\
         [component.back]\nsource = {guest:?}\nenvironment = {{ WHO = \"back\" }}",
        target.address
    );
    let served = Served::new(&manifest(guest, &lines), options()).await;
    let fetch = async |url: &str| served.post("/fetch", json!({ "url": url })).await;
    assert_eq!(fetch(&format!("http://{}/hello", target.address)).await, json!({ "status": 200, "body": "hello" }));
    let echoed = served.post("/fetch", json!({ "url": format!("http://{}/echo", target.address), "body": "ñ" })).await;
    assert_eq!(echoed, json!({ "status": 200, "body": "ñ" }));
    for url in ["http://127.0.0.1:1/", "http://localhost/", "https://example.com/", "http://front.spin.internal/"] {
        let refused = fetch(url).await;
        assert!(refused["error"].as_str().is_some_and(|e| e.contains("HttpRequestDenied")), "{url}: {refused}");
    }
    assert_eq!(fetch("/hello").await, json!({ "status": 200, "body": "hello" }), "to the application itself");
    assert_eq!(
        fetch("http://back.spin.internal/environment").await,
        json!({ "status": 200, "body": "[[\"WHO\",\"back\"]]" }),
        "from one component to another"
    );

    let closed = {
        let listener = tokio::net::TcpListener::bind("127.0.0.1:0").await.unwrap();
        listener.local_addr().unwrap()
    };
    let lines = "allowed_outbound_hosts = [\"*://*:*\"]";
    let any = Served::new(&manifest(guest, lines), options()).await;
    let refused = any.post("/fetch", json!({ "url": format!("http://{closed}/") })).await;
    assert!(refused["error"].as_str().is_some_and(|e| e.contains("ConnectionRefused")), "{refused}");
}

#[tokio::test]
async fn streams_an_answer_and_lets_the_guest_go_on_after_it() {
    let Some(guest) = guest() else { return };
    let served = Served::new(&manifest(guest, STORES), options()).await;
    let mut response = served.begin(Request::get("/stream"), "").await;
    let first = response.body_mut().frame().await.unwrap().unwrap().into_data().unwrap();
    let at_first = Instant::now();
    assert_eq!(&first[..], b"one ");
    assert_eq!(read(response).await.body, "two");
    assert!(at_first.elapsed() > Duration::from_millis(150), "both parts came at once");

    assert_eq!(served.get("/after").await, ok("first"));
    let deadline = Instant::now() + Duration::from_secs(5);
    while served.host.stats().running > 0 && Instant::now() < deadline {
        tokio::time::sleep(Duration::from_millis(20)).await;
    }
    let stored = served.post("/key-value", json!([["open", "default"], ["get", "after"]])).await;
    assert_eq!(stored[1], json!(b"then"));
}

#[tokio::test]
async fn reports_requests_and_the_peak_of_one_guests_memory() {
    let Some(guest) = guest() else { return };
    let served = Served::new(&manifest(guest, ""), options()).await;
    served.get("/hello").await;
    let small = served.host.stats().peak_memory_bytes;
    served.get("/grow?64").await;
    let stats: Value = serde_json::from_str(&served.get("/__spin-host/stats").await.body).unwrap();
    let large = stats["peak_memory_bytes"].as_u64().unwrap() as usize;
    assert!(small > 0 && large >= small + (60 << 20), "{small} then {large}");
    assert_eq!(stats["requests"], 2);
}

#[tokio::test]
async fn stops_when_told_and_finishes_what_it_has_begun() {
    let Some(guest) = guest() else { return };
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("spin.toml");
    std::fs::write(&path, manifest(guest, "")).unwrap();
    let host = SpinHost::from_manifest(&path, &options()).unwrap();
    let listener = tokio::net::TcpListener::bind("127.0.0.1:0").await.unwrap();
    let address = listener.local_addr().unwrap().to_string();
    let (stop, stopped) = tokio::sync::oneshot::channel::<()>();
    let serving = tokio::spawn({
        let host = host.clone();
        async move { host.serve_until(listener, async { drop(stopped.await) }).await }
    });
    let served = Served { folder, host, client: Client { address } };
    let response = served.begin(Request::get("/stream"), "").await;
    stop.send(()).unwrap();
    assert_eq!(read(response).await.body, "one two");
    serving.await.unwrap().unwrap();
    assert!(tokio::net::TcpStream::connect(&served.address).await.is_err());
}

#[tokio::test]
async fn what_it_cannot_serve_is_told_at_load() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("spin.toml");
    let source = folder.path().join("c.wasm");
    let check = |bytes: Option<&[u8]>, lines: &str, because: &str| {
        std::fs::write(&path, manifest(&source, lines)).unwrap();
        match bytes {
            Some(bytes) => std::fs::write(&source, bytes).unwrap(),
            None => drop(std::fs::remove_file(&source)),
        }
        let error = SpinHost::from_manifest(&path, &options()).err().expect("it should not load").to_string();
        assert!(error.contains(because), "{error:?} should speak of {because:?}");
    };
    // An empty component: a preamble and nothing else.
    let empty = b"\0asm\x0d\0\x01\0";
    check(None, "", "c.wasm");
    check(Some(b"\0asm\x01\0\0\0"), "", "wasm32-wasip2");
    check(Some(empty), "", "HTTP");
    check(Some(empty), "allowed_outbound_hosts = [\"nowhere\"]", "scheme");
    check(Some(empty), "[component.guest.variables]\na = \"{{ b }}\"", "unknown variable");
}
