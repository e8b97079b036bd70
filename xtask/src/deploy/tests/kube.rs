//! Manifests for Kubernetes: read back by a parser of YAML, held against what each kind takes, their scripts run against a server.

use std::collections::BTreeSet;
use std::io::{BufRead, BufReader, Read, Write};
use std::net::TcpListener;
use std::process::Command;
use std::thread;

use serde_json::Value as Json;

use super::{KEY, Place, settings, write};
use crate::deploy::{kube, yaml};

const SETTINGS: &str = "url = \"https://forms.example.com\"\n[variables]\nMAIL_FROM = \"Marea: <hola@marea.example> # 'ñ'\"\n[kube]\nnamespace = \"marea\"\n\
                        image = \"ghcr.io/marea/orilla:1\"\nlibsql = \"libsql://marea.turso.io\"";

fn place(name: &str) -> Place {
    let mut place = Place::new(name, "");
    place.plan.settings = settings(SETTINGS);
    place
}

/// Every document of the files, as a reader of YAML has them.
fn documents(place: &Place) -> Vec<Json> {
    let folder = place.folder.join("kube");
    kube::write(&place.plan, &folder, &mut Vec::new()).unwrap();
    let mut files: Vec<_> = std::fs::read_dir(&folder).unwrap().map(|entry| entry.unwrap().path()).collect();
    files.sort();
    let texts: String = files.iter().map(|file| std::fs::read_to_string(file).unwrap()).collect();
    serde_saphyr::from_multiple(&texts).unwrap()
}

fn keys(value: &Json) -> BTreeSet<&str> {
    value.as_object().unwrap().keys().map(String::as_str).collect()
}

#[test]
fn what_is_written_is_what_a_parser_of_yaml_reads() {
    let place = place("yaml");
    let meant: Vec<Json> = kube::manifests(&place.plan).unwrap().into_iter().flat_map(|(_, documents)| documents).collect();
    assert_eq!(documents(&place), meant);
    let nasty = serde_json::json!({
        "yes": "no", "1": "1.0", "text": "a: b # c", "many": "one\n\n  two\n", "cut": "one\ntwo", "space": " x\n", "tab": "a\tb\n", "empty": [], "none": {},
        "nested": [["a", { "b": [1, true, null] }], []], "sign": "ñ€😀\u{2028}\n",
    });
    let text = yaml::documents(std::slice::from_ref(&nasty));
    assert_eq!(serde_saphyr::from_str::<Json>(&text).unwrap(), nasty, "{text}");
}

#[test]
fn each_kind_has_the_fields_that_kubernetes_and_spinkube_know() {
    let place = place("kinds");
    let documents = documents(&place);
    let kinds: Vec<_> = documents.iter().map(|it| it["kind"].as_str().unwrap()).collect();
    assert_eq!(kinds, ["Namespace", "ConfigMap", "Job", "SpinApp", "CronJob", "Ingress"], "in the order they are applied");
    for document in &documents[1..] {
        assert_eq!(document["metadata"]["namespace"], "marea");
    }
    // Source: spinframework/spin-operator, api/v1alpha1/spinapp_types.go.
    let app = &documents[3];
    let known = BTreeSet::from(["checks", "executor", "image", "replicas", "runtimeConfig", "variables"]);
    assert_eq!(app["apiVersion"], "core.spinkube.dev/v1alpha1");
    assert_eq!(keys(&app["spec"]), known);
    let stores = &app["spec"]["runtimeConfig"];
    assert_eq!((&stores["sqliteDatabases"][0]["type"], &stores["keyValueStores"][0]["type"]), (&"libsql".into(), &"redis".into()));
    assert_eq!(stores["sqliteDatabases"][0]["options"][0]["value"], "https://marea.turso.io");
    assert_eq!(stores["sqliteDatabases"][0]["options"][1]["valueFrom"]["secretKeyRef"]["key"], "libsql_token");
    let variables = app["spec"]["variables"].as_array().unwrap();
    let variable = |name: &str| variables.iter().find(|it| it["name"] == name);
    assert_eq!(variable("public_url").unwrap()["value"], "https://forms.example.com");
    assert_eq!(variable("mail_from").unwrap()["value"], "Marea: <hola@marea.example> # 'ñ'");
    assert_eq!(variable("operator_key").unwrap()["valueFrom"]["secretKeyRef"].get("optional"), None);
    assert_eq!(variable("mail_api_key").unwrap()["valueFrom"]["secretKeyRef"]["optional"], true);
    assert_eq!(variable("generator_url"), None, "the manifest's own value stays");
    assert_eq!(app["spec"]["checks"]["readiness"]["httpGet"]["path"], "/healthz");
}

#[test]
fn the_clock_calls_every_function_and_no_secret_is_written() {
    let place = place("clock");
    let documents = documents(&place);
    let clock = &documents[4]["spec"];
    assert_eq!((&clock["schedule"], &clock["concurrencyPolicy"]), (&"* * * * *".into(), &"Forbid".into()));
    let containers = clock["jobTemplate"]["spec"]["template"]["spec"]["containers"].as_array().unwrap();
    let called: Vec<_> = containers.iter().map(|it| it["env"][0]["value"].as_str().unwrap()).collect();
    let expected: Vec<_> = place.plan.functions.iter().map(|it| format!("http://orilla.marea.svc:80/v1/tick/{it}")).collect();
    assert_eq!(called, expected);
    assert!(documents.iter().all(|it| it["kind"] != "Secret"));
}

#[test]
fn the_ingress_reaches_every_route_of_the_application() {
    let place = place("ingress");
    let documents = documents(&place);
    let paths = documents[5]["spec"]["rules"][0]["http"]["paths"].as_array().unwrap().clone();
    let reaches = |asked: &str| {
        paths.iter().any(|it| {
            let path = it["path"].as_str().unwrap();
            asked == path || (it["pathType"] == "Prefix" && asked.strip_prefix(path).is_some_and(|rest| rest.starts_with('/')))
        })
    };
    for path in ["/v1/leads", "/v1/chat", "/f/demo", "/healthz", "/metrics", "/e/x", "/mcp", "/api/v2/tickets.json"] {
        assert!(reaches(path), "{path}");
    }
    for path in ["/", "/demo", "/orilla.js", "/healthz/x"] {
        assert!(!reaches(path), "{path}");
    }
    assert!(!paths.iter().any(|it| it["path"] == "/v1/chat"), "one path for all below /v1");
}

#[test]
fn settings_without_an_image_are_refused() {
    let mut place = place("imageless");
    place.plan.settings = settings("");
    let error = kube::write(&place.plan, &place.folder, &mut Vec::new()).unwrap_err().to_string();
    assert!(error.contains("kube.image"), "{error}");
}

/// Serves these answers, one a connection; gives what was asked.
fn server(answers: Vec<&'static str>) -> (String, thread::JoinHandle<Vec<String>>) {
    let listener = TcpListener::bind("127.0.0.1:0").unwrap();
    let url = format!("http://{}", listener.local_addr().unwrap());
    let thread = thread::spawn(move || {
        let answer = |answer: &str| {
            let mut reader = BufReader::new(listener.accept().unwrap().0);
            let mut asked = String::new();
            while !asked.ends_with("\r\n\r\n") {
                assert!(reader.read_line(&mut asked).unwrap() > 0, "{asked}");
            }
            let length =
                asked.to_ascii_lowercase().split("content-length: ").nth(1).map_or(0, |rest| rest.lines().next().unwrap().parse().unwrap());
            let mut body = vec![0; length];
            reader.read_exact(&mut body).unwrap();
            asked.push_str(&String::from_utf8(body).unwrap());
            let head = format!("HTTP/1.1 200 OK\r\nconnection: close\r\ncontent-length: {}\r\n\r\n", answer.len());
            reader.get_mut().write_all((head + answer).as_bytes()).unwrap();
            asked
        };
        answers.into_iter().map(answer).collect()
    });
    (url, thread)
}

fn sh(script: &str, environment: &[(&str, &str)]) -> std::process::Output {
    Command::new("sh").args(["-c", script]).envs(environment.iter().copied()).output().unwrap()
}

#[test]
fn the_job_sends_every_migration_in_order_and_stops_at_one_that_fails() {
    let place = place("job");
    let folder = place.folder.join("sent");
    let migrations = kube::migrations(&place.plan.root).unwrap();
    for (name, sql) in &migrations[..2] {
        write(&folder.join(name.replace(".sql", ".json")), &kube::sequence(sql));
    }
    const DONE: &str =
        r#"{"baton":null,"results":[{"type":"ok","response":{"type":"sequence"}},{"type":"ok","response":{"type":"close"}}]}"#;
    const FAILED: &str = r#"{"baton":null,"results":[{"type":"error","error":{"message":"near \"CREATE\": syntax error"}}]}"#;
    let migrations_at = folder.to_string_lossy();
    let run = |url: &str| sh(kube::MIGRATE, &[("MIGRATIONS", &migrations_at), ("LIBSQL_URL", url), ("LIBSQL_TOKEN", "t0ken")]);

    let (url, asked) = server(vec![DONE, DONE]);
    let done = run(&url);
    assert!(done.status.success(), "{done:?}");
    for (asked, (_, sql)) in asked.join().unwrap().iter().zip(&migrations) {
        assert!(asked.starts_with("POST /v2/pipeline ") && asked.contains("uthorization: Bearer t0ken"), "{asked}");
        let body: Json = serde_json::from_str(asked.split("\r\n\r\n").nth(1).unwrap()).unwrap();
        assert_eq!(body["requests"][0]["sql"], sql.as_str());
    }
    let (url, asked) = server(vec![FAILED]);
    let failed = run(&url);
    assert!(!failed.status.success() && String::from_utf8_lossy(&failed.stderr).contains("syntax error"), "{failed:?}");
    assert_eq!(asked.join().unwrap().len(), 1);
}

#[test]
fn a_tick_is_a_post_with_the_key() {
    let (url, asked) = server(vec!["{}"]);
    let done = sh(kube::TICK, &[("TICK_URL", &format!("{url}/v1/tick/lead-capture")), ("OPERATOR_KEY", KEY)]);
    assert!(done.status.success(), "{done:?}");
    let asked = asked.join().unwrap().remove(0);
    assert!(asked.starts_with("POST /v1/tick/lead-capture ") && asked.contains(&format!("uthorization: Bearer {KEY}")), "{asked}");
}
