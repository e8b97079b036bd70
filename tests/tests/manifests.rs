//! Holds what the code asks of a host against both manifests, in both directions: stores, variables, secrets and routes.
//!
//! A name that only one side knows is a function that fails at its first request, or a setting that nobody reads.

#![allow(clippy::unwrap_used, reason = "a test that cannot be set up should stop there")]

use std::collections::BTreeSet;
use std::fs;
use std::path::{Path, PathBuf};

use orilla_core::ports::{DB, KV, LANES};
use orilla_core::router::Route;
use toml::{Table, Value};

/// Set with `wrangler secret put` and `spin up --variable`; no file has them.
const SECRETS: [&str; 5] = ["OPERATOR_KEY", "MAIL_API_KEY", "TURNSTILE_SECRET", "GENERATOR_KEY", "GENERATOR_FALLBACK_KEY"];

fn root() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).parent().unwrap().to_owned()
}

fn manifest(name: &str) -> Table {
    fs::read_to_string(root().join(name)).unwrap().parse().unwrap()
}

/// Those that a host can call, by their names.
fn functions() -> Vec<String> {
    let folders = fs::read_dir(root().join("functions")).unwrap().map(Result::unwrap);
    let with_entry = folders.filter(|folder| folder.path().join("src/entry.rs").is_file());
    let mut names: Vec<_> = with_entry.map(|folder| folder.file_name().into_string().unwrap()).collect();
    names.sort();
    assert!(!names.is_empty(), "no function found: this test looks in the wrong place");
    names
}

/// Every source file below a folder.
fn texts_in(folder: &Path) -> Vec<String> {
    let mut texts = Vec::new();
    for entry in fs::read_dir(folder).unwrap() {
        let path = entry.unwrap().path();
        if path.is_dir() {
            texts.extend(texts_in(&path));
        } else if path.extension().is_some_and(|it| it == "rs") {
            texts.push(fs::read_to_string(&path).unwrap());
        }
    }
    texts
}

/// The names in every `Variable("…")` below a folder.
fn variables_in(folder: &Path) -> BTreeSet<String> {
    let names =
        |text: &String| text.split("Variable(\"").skip(1).filter_map(|rest| Some(rest.split_once('"')?.0.to_owned())).collect::<Vec<_>>();
    texts_in(folder).iter().flat_map(names).collect()
}

/// Whether a function lets batches share commits.
fn asks_for_lanes(function: &str) -> bool {
    texts_in(&root().join("functions").join(function).join("src")).iter().any(|text| text.contains(".lane("))
}

/// What a function reads: its own variables, those of the frame it stands in, and the generator's if it has anything written.
fn variables_of(function: &str) -> BTreeSet<String> {
    let mut names = variables_in(&root().join("functions").join(function).join("src"));
    names.extend(variables_in(&root().join("shared/core/src")));
    if fs::read_to_string(root().join("functions").join(function).join("Cargo.toml")).unwrap().contains("orilla-generate") {
        names.extend(variables_in(&root().join("shared/generate/src")));
    }
    assert!(names.contains("OPERATOR_KEY"), "the search finds nothing: {names:?}");
    names
}

fn keys(table: &Value) -> BTreeSet<String> {
    table.as_table().unwrap().keys().cloned().collect()
}

fn upper(names: BTreeSet<String>) -> BTreeSet<String> {
    names.into_iter().map(|name| name.to_ascii_uppercase()).collect()
}

fn field(tables: &Value, name: &str) -> BTreeSet<String> {
    tables.as_array().unwrap().iter().map(|table| table[name].as_str().unwrap().to_owned()).collect()
}

fn set<const N: usize>(names: [&str; N]) -> BTreeSet<String> {
    names.into_iter().map(str::to_owned).collect()
}

fn labels(list: &Value) -> BTreeSet<String> {
    list.as_array().unwrap().iter().map(|label| label.as_str().unwrap().to_owned()).collect()
}

#[test]
fn workers_get_the_stores_and_variables_that_the_code_names() {
    let manifest = manifest("wrangler.toml");
    assert_eq!(keys(&manifest["env"]), functions().into_iter().collect(), "one environment per function");
    let bindings = functions().iter().map(|name| name.to_ascii_uppercase().replace('-', "_")).collect();
    assert_eq!(field(&manifest["services"], "binding"), bindings, "the front reaches each");
    for function in functions() {
        let environment = &manifest["env"][&function];
        assert_eq!(field(&environment["d1_databases"], "binding"), set([DB.workers]), "{function}");
        assert_eq!(field(&environment["kv_namespaces"], "binding"), set([KV.workers]), "{function}");
        let has_lanes = environment.get("durable_objects").is_some_and(|objects| field(&objects["bindings"], "name") == set([LANES]));
        assert_eq!(has_lanes, asks_for_lanes(&function), "{function}: left wrangler.toml, right the code");
        let mut given = keys(&environment["vars"]);
        let wanted = variables_of(&function);
        for secret in SECRETS.into_iter().filter(|secret| wanted.contains(*secret)) {
            assert!(given.insert(secret.to_owned()), "{function}: {secret} is a secret and must not stand in wrangler.toml");
        }
        assert_eq!(given, wanted, "{function}: left wrangler.toml and the secrets, right the code");
    }
}

#[test]
fn alerts_know_every_function() {
    assert_eq!(functions(), orilla_core::operations::FUNCTIONS);
}

#[test]
fn spin_gets_the_stores_and_variables_that_the_code_names() {
    let manifest = manifest("spin.toml");
    assert_eq!(keys(&manifest["component"]), functions().into_iter().collect(), "one component per function");
    let mut passed_on = BTreeSet::new();
    for function in functions() {
        let component = &manifest["component"][&function];
        assert_eq!(labels(&component["sqlite_databases"]), set([DB.spin]), "{function}");
        assert_eq!(labels(&component["key_value_stores"]), set([KV.spin]), "{function}");
        let given = keys(&component["variables"]);
        for name in &given {
            assert_eq!(*name, name.to_ascii_lowercase(), "{function}: Spin spells variables in lower case");
            assert_eq!(
                component["variables"][name].as_str(),
                Some(format!("{{{{ {name} }}}}").as_str()),
                "{function}: {name} is passed on as it is"
            );
        }
        passed_on.extend(given.clone());
        assert_eq!(upper(given), variables_of(&function), "{function}: left spin.toml, right the code");
    }
    assert_eq!(keys(&manifest["variables"]), passed_on, "left what the application takes, right what components get");
    let is_secret = |name: &&String| manifest["variables"][name.as_str()].get("secret") == Some(&Value::Boolean(true));
    let secrets = keys(&manifest["variables"]);
    assert_eq!(upper(secrets.iter().filter(is_secret).cloned().collect()), set(SECRETS));
}

#[test]
fn spin_routes_reach_every_path_of_the_code() {
    let manifest = manifest("spin.toml");
    let routes: Vec<_> = manifest["trigger"]["http"]
        .as_array()
        .unwrap()
        .iter()
        .map(|route| (route["route"].as_str().unwrap(), route["component"].as_str().unwrap()))
        .collect();
    // The longest route wins, as in Spin's router.
    let reached = |path: &str| {
        let fits = |route: &str| match route.strip_suffix("/...") {
            Some(prefix) => path.strip_prefix(prefix).is_some_and(|rest| rest.is_empty() || rest.starts_with('/')),
            None => path == route,
        };
        routes.iter().filter(|(route, _)| fits(route)).max_by_key(|(route, _)| route.len()).map(|(_, component)| *component)
    };
    fn of<N>(name: &'static str, routes: &'static [Route<N>]) -> (&'static str, Vec<&'static str>) {
        (name, routes.iter().map(|route| route.path).collect())
    }
    let tables = [
        of("content-score", content_score::routes::ROUTES),
        of("faq-chat", faq_chat::routes::ROUTES),
        of("lead-capture", lead_capture::routes::ROUTES),
        of("ticket-route", ticket_route::routes::ROUTES),
        of("track-events", track_events::routes::ROUTES),
    ];
    assert_eq!(tables.iter().map(|(name, _)| (*name).to_owned()).collect::<Vec<_>>(), functions(), "left this list, right the folders");
    for (function, paths) in tables {
        let own = match function {
            "lead-capture" => vec!["/healthz".to_owned(), "/metrics".to_owned()],
            _ => vec![format!("/v1/functions/{function}/healthz")],
        };
        for path in paths.into_iter().map(str::to_owned).chain(own).chain([format!("/v1/tick/{function}")]) {
            assert_eq!(reached(&path), Some(function), "{path}");
        }
    }
    assert_eq!(reached("/orilla.js"), None, "static pages are not a component's");
}
