//! What stands on what: our crates only on those below them, every dependency named in the code that lists it, and all of it under licences that ask
//! for no more than a notice (`deny.toml`).

#![allow(clippy::unwrap_used, clippy::panic, reason = "a test that cannot be set up should stop there")]

use std::collections::{BTreeMap, BTreeSet};
use std::fs;
use std::path::{Path, PathBuf};
use std::process::Command;

use serde_json::Value as Json;

fn root() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).parent().unwrap().to_owned()
}

fn metadata(arguments: &[&str]) -> Json {
    let mut cargo = Command::new(env!("CARGO"));
    let output = cargo.args(["metadata", "--format-version", "1"]).args(arguments).current_dir(root()).output().unwrap();
    assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));
    serde_json::from_slice(&output.stdout).unwrap()
}

/// Our own packages and which of our own they depend on, tests and tools aside.
fn dependencies() -> BTreeMap<String, BTreeSet<String>> {
    let metadata = metadata(&["--no-deps"]);
    let packages = metadata["packages"].as_array().unwrap();
    let ours: BTreeSet<_> = packages.iter().map(|package| package["name"].as_str().unwrap().to_owned()).collect();
    let of = |package: &serde_json::Value| {
        let normal = package["dependencies"].as_array().unwrap().iter().filter(|it| it["kind"].is_null());
        normal.map(|it| it["name"].as_str().unwrap().to_owned()).filter(|name| ours.contains(name)).collect()
    };
    packages.iter().map(|package| (package["name"].as_str().unwrap().to_owned(), of(package))).collect()
}

#[test]
fn crates_depend_only_downwards() {
    const ADAPTERS: [&str; 3] = ["orilla-native", "orilla-cloudflare", "orilla-spin"];
    const FUNCTIONS: [&str; 5] = ["content-score", "faq-chat", "lead-capture", "ticket-route", "track-events"];
    const SHARED: [&str; 8] = [
        "orilla-core",
        "orilla-desk",
        "orilla-generate",
        "orilla-infer",
        "orilla-knowledge",
        "orilla-learn",
        "orilla-prose",
        "orilla-text",
    ];
    let dependencies = dependencies();
    for (package, on) in &dependencies {
        let allowed: Vec<&str> = match package.as_str() {
            "orilla-core" | "orilla-desk" | "orilla-text" | "orilla-learn" | "orilla-infer" | "orilla-prose" => vec![],
            "orilla-knowledge" => vec!["orilla-core", "orilla-text", "orilla-learn", "orilla-infer"],
            "orilla-generate" => vec!["orilla-core", "orilla-text", "orilla-learn", "orilla-infer", "orilla-knowledge"],
            "orilla-contract" => vec!["orilla-core"],
            it if ADAPTERS.contains(&it) => vec!["orilla-core"],
            it if FUNCTIONS.contains(&it) => [&ADAPTERS[1..], &SHARED].concat(),
            _ => continue,
        };
        let strangers: Vec<_> = on.iter().filter(|it| !allowed.contains(&it.as_str())).collect();
        assert!(strangers.is_empty(), "{package} must not depend on {strangers:?}");
    }
    for function in fs::read_dir(root().join("functions")).unwrap() {
        let name = function.unwrap().file_name().into_string().unwrap();
        assert!(dependencies.contains_key(&name), "functions/{name} is not a package of the same name");
        assert!(FUNCTIONS.contains(&name.as_str()), "functions/{name} is missing from this test's list");
    }
}

/// All Rust sources of a folder.
fn sources(folder: &Path, into: &mut String) {
    for entry in fs::read_dir(folder).into_iter().flatten() {
        let path = entry.unwrap().path();
        if path.is_dir() {
            sources(&path, into);
        } else if path.extension().is_some_and(|it| it == "rs") {
            into.push_str(&fs::read_to_string(&path).unwrap());
        }
    }
}

#[test]
fn every_dependency_is_used_by_whoever_lists_it() {
    // Chosen for its feature alone: it gives the libraries below their randomness on one target.
    const FOR_A_FEATURE: [(&str, &str); 1] = [("orilla-infer", "getrandom")];
    let metadata = metadata(&["--no-deps"]);
    let mut seen = 0;
    for package in metadata["packages"].as_array().unwrap() {
        let name = package["name"].as_str().unwrap();
        let folder = Path::new(package["manifest_path"].as_str().unwrap()).parent().unwrap().to_owned();
        let [mut shipped, mut all] = [String::new(), String::new()];
        sources(&folder.join("src"), &mut shipped);
        sources(&folder, &mut all);
        for dependency in package["dependencies"].as_array().unwrap() {
            let listed = dependency["rename"].as_str().or(dependency["name"].as_str()).unwrap();
            let code = if dependency["kind"].is_null() { &shipped } else { &all };
            let spelt = listed.replace('-', "_");
            let is_named = ["::", "!", ";", " as "].iter().any(|after| code.contains(&format!("{spelt}{after}")));
            assert!(is_named || FOR_A_FEATURE.contains(&(name, listed)), "{name} lists {listed} and does not use it");
            seen += 1;
        }
    }
    assert!(seen > 100, "only {seen} dependencies found: this test looks in the wrong place");
}

#[test]
fn every_dependency_may_be_passed_on() {
    let rules: toml::Table = fs::read_to_string(root().join("deny.toml")).unwrap().parse().unwrap();
    let words =
        |list: &toml::Value| -> BTreeSet<String> { list.as_array().unwrap().iter().map(|it| it.as_str().unwrap().to_owned()).collect() };
    let allowed = words(&rules["licenses"]["allow"]);
    let exceptions = rules["licenses"]["exceptions"].as_array().unwrap();
    let exceptions: BTreeMap<&str, BTreeSet<String>> =
        exceptions.iter().map(|it| (it["name"].as_str().unwrap(), words(&it["allow"]))).collect();
    let metadata = metadata(&["--locked"]);
    let packages = metadata["packages"].as_array().unwrap();
    assert!(packages.len() > 200, "only {} packages found: this test looks in the wrong place", packages.len());
    for package in packages {
        let name = package["name"].as_str().unwrap();
        let license = package["license"].as_str().unwrap_or_else(|| panic!("{name} names no licence"));
        let expression = spdx::Expression::parse_mode(license, spdx::ParseMode::LAX).unwrap_or_else(|error| panic!("{name}: {error}"));
        let own = exceptions.get(name);
        let may = |requirement: &spdx::LicenseReq| {
            let term = requirement.to_string();
            let term = term.trim_end_matches('+').trim_end_matches("-or-later");
            allowed.contains(term) || own.is_some_and(|own| own.contains(term))
        };
        assert!(expression.evaluate(may), "{name} is under {license}");
    }
}
