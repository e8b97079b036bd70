//! The program: what it prints, how it ends, and that databases and compiled components outlive it.
#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::panic,
    clippy::disallowed_methods,
    reason = "test code, of which clippy knows only the functions marked as tests"
)]

mod support;

use std::io::{BufRead, BufReader};
use std::path::Path;
use std::process::{Child, Command, Output, Stdio};

use serde_json::json;
use support::{Client, guest, manifest};

fn program() -> Command {
    let mut command = Command::new(env!("CARGO_BIN_EXE_spin-host"));
    command.stdin(Stdio::null());
    command
}

/// Runs to the end; for what is refused.
fn output(arguments: &[&str]) -> Output {
    program().args(arguments).output().unwrap()
}

/// Starts and waits for the line that says where it listens.
fn start(folder: &Path, arguments: &[&str]) -> (Child, Client) {
    let mut child = program()
        .args(["up", "--from"])
        .arg(folder)
        .args(["--listen=127.0.0.1:0"])
        .args(arguments)
        .env("SPIN_VARIABLE_FROM_ENV", "environment")
        .env("SPIN_VARIABLE_FROM_FLAG", "environment")
        .stdout(Stdio::piped())
        .spawn()
        .unwrap();
    let mut line = String::new();
    BufReader::new(child.stdout.take().unwrap()).read_line(&mut line).unwrap();
    let address = line.trim().strip_prefix("listening http://").unwrap_or_else(|| panic!("it said {line:?}")).to_owned();
    (child, Client { address })
}

fn stop(mut child: Child, signal: &str) {
    let killed = Command::new("kill").args([signal, &child.id().to_string()]).status().unwrap();
    assert!(killed.success());
    assert!(child.wait().unwrap().success(), "{signal} should end it cleanly");
}

fn files(folder: &Path) -> usize {
    std::fs::read_dir(folder).into_iter().flatten().flatten().map(|e| if e.path().is_dir() { files(&e.path()) } else { 1 }).sum()
}

#[tokio::test]
async fn takes_the_flags_of_spin_and_keeps_its_state_across_restarts() {
    let Some(guest) = guest() else { return };
    let lines = "key_value_stores = [\"default\"]\nsqlite_databases = [\"default\"]\n[component.guest.variables]\na = \"{{ from_env }}\"\n\
         b = \"{{ from_flag }}\"\n[variables]\nfrom_env = { default = \"manifest\" }\nfrom_flag = { required = true }";
    let folder = tempfile::tempdir().unwrap();
    std::fs::write(folder.path().join("spin.toml"), manifest(guest, lines)).unwrap();
    let schema = folder.path().join("schema.sql");
    std::fs::write(&schema, "CREATE TABLE IF NOT EXISTS t (a);\nCREATE INDEX IF NOT EXISTS i ON t (a);").unwrap();
    let schema = format!("@{}", schema.display());
    let arguments = ["--variable", "from_flag=a=b", "--env", "WHO=me", "--sqlite", &schema];

    let (child, client) = start(folder.path(), &arguments);
    assert_eq!(client.get("/variable?a").await.body, "Ok(\"environment\")");
    assert_eq!(client.get("/variable?b").await.body, "Ok(\"a=b\")");
    assert_eq!(client.get("/environment").await.body, "[[\"WHO\",\"me\"]]");
    client.get("/say").await;
    client.post("/sqlite", json!([{ "open": "default" }, { "sql": "INSERT INTO t VALUES (7)" }])).await;
    client.post("/key-value", json!([["open", "default"], ["set", "k", [7]]])).await;
    stop(child, "-TERM");
    let compiled = files(&folder.path().join(".spin/compiled"));
    assert!(compiled > 0, "the compiled component is kept");

    let (child, client) = start(folder.path(), &arguments);
    let rows = client.post("/sqlite", json!([{ "open": "default" }, { "sql": "SELECT a FROM t" }])).await;
    assert_eq!(rows[1]["rows"], json!([[7]]));
    assert_eq!(client.post("/key-value", json!([["open", "default"], ["get", "k"]])).await[1], json!([7]));
    stop(child, "-INT");
    let names: Vec<_> = std::fs::read_dir(folder.path().join(".spin")).unwrap().map(|e| e.unwrap().file_name()).collect();
    for file in ["sqlite_db.db", "sqlite_key_value.db"] {
        assert!(names.iter().any(|name| name == file), "{file} should be named as in Spin: {names:?}");
    }
}

#[test]
fn refuses_what_it_does_not_understand_and_says_why() {
    let check = |arguments: &[&str], code: i32, because: &str| {
        let output = output(arguments);
        let said = String::from_utf8_lossy(&output.stderr);
        assert_eq!(output.status.code(), Some(code), "{arguments:?}: {said}");
        assert!(said.contains(because), "{arguments:?}: {said:?} should speak of {because:?}");
        assert!(output.stdout.is_empty(), "{arguments:?}");
    };
    check(&["--lisen", "127.0.0.1:0"], 2, "--lisen");
    check(&["--listen"], 2, "needs a value");
    check(&["--listen", "localhost"], 2, "ADDRESS:PORT");
    check(&["--variable", "novalue"], 2, "K=V");
    check(&["--journal", "off"], 2, "spin nor wal");
    check(&["--sqlite", "@/nonexistent.sql"], 2, "/nonexistent.sql");
    check(&["--from", "/nonexistent/spin.toml"], 1, "/nonexistent/spin.toml");
    let help = output(&["--help"]);
    assert!(help.status.success() && String::from_utf8_lossy(&help.stdout).contains("--state-dir"));
}
