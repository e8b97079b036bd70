//! The invariants of ARCHITECTURE.md that a program can see: where `cfg` may stand, which tables are scoped
//! by site, and that nothing unfinished or machine-bound is committed.

#![allow(clippy::unwrap_used, reason = "a test that cannot be set up should stop there")]

use std::fs;
use std::path::{Path, PathBuf};
use std::process::Command;

fn root() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).parent().unwrap().to_owned()
}

/// Every tracked or new file with this extension, as a path from the root and its text.
fn files(extension: &str) -> Vec<(String, String)> {
    let listing =
        Command::new("git").args(["ls-files", "--cached", "--others", "--exclude-standard"]).current_dir(root()).output().unwrap();
    let names = String::from_utf8(listing.stdout).unwrap();
    let wanted = names.lines().filter(|name| Path::new(name).extension().is_some_and(|it| it == extension));
    let found: Vec<_> = wanted.filter_map(|name| Some((name.to_owned(), fs::read_to_string(root().join(name)).ok()?))).collect();
    assert!(!found.is_empty(), "no .{extension} file found: this test looks in the wrong place");
    found
}

#[test]
fn the_target_chooses_the_host_in_one_place() {
    let is_host_cfg = |line: &str| {
        let line = line.trim();
        line.contains("cfg(")
            && ["target_", "feature", "unix", "windows", "wasm"].iter().any(|word| line.contains(word))
            && !line.starts_with("//")
    };
    for (name, text) in files("rs") {
        // What multiplies vectors has a kind of lane for each instruction set, and a graph runtime for benches.
        let is_apart = ["cloudflare", "native", "spin", "infer", "learn"].iter().any(|it| name.starts_with(&format!("shared/{it}/")));
        let is_neutral = name.starts_with("functions/") || name.starts_with("shared/");
        if is_neutral && !is_apart && !name.ends_with("/entry.rs") {
            let found: Vec<_> = text.lines().filter(|line| is_host_cfg(line)).collect();
            assert!(found.is_empty(), "{name} asks for its host: {found:?}");
        }
    }
}

#[test]
fn unsafe_code_is_allowed_in_entries_alone() {
    // Of the tests' own host: wasmtime has no safe way to say which instructions it may use.
    const TEST_HOST: &str = "tests/spin-host/src/app.rs";
    let manifest = fs::read_to_string(root().join("Cargo.toml")).unwrap();
    assert!(manifest.contains("\nunsafe_code = \"deny\"\n"), "the workspace no longer denies unsafe code");
    // Spelt in two pieces, so that this file does not find itself.
    let mark = ["(unsafe", "_code"].concat();
    let allowed: Vec<_> = files("rs").into_iter().filter(|(_, text)| text.contains(&mark)).map(|(name, _)| name).collect();
    assert!(!allowed.is_empty(), "no entry allows it: this test looks for the wrong thing");
    let strangers: Vec<_> = allowed.iter().filter(|name| !name.ends_with("/entry.rs") && *name != TEST_HOST).collect();
    assert!(strangers.is_empty(), "{strangers:?} allow unsafe code; only the export in an entry.rs may");
}

#[test]
fn every_table_of_tenants_is_scoped_by_site() {
    // The generator is the operator's: how its servers are is the same for every site. So are counters and what the clock does for all.
    const SHARED: [&str; 7] = ["sites", "salts", "limits", "generator_health", "metric_totals", "metric_minutes", "duties"];
    let mut tables = 0;
    for (name, text) in files("sql") {
        for statement in text.split("CREATE TABLE IF NOT EXISTS ").skip(1) {
            let table = statement.split_whitespace().next().unwrap();
            let body = statement.split(");").next().unwrap();
            tables += 1;
            assert!(SHARED.contains(&table) || body.contains("site_id TEXT NOT NULL"), "{name}: {table} has no site_id");
        }
        assert_eq!(text.matches("CREATE TABLE").count(), text.matches("CREATE TABLE IF NOT EXISTS").count(), "{name} cannot run again");
        assert_eq!(text.matches("INDEX").count(), text.matches("INDEX IF NOT EXISTS").count(), "{name} cannot run again");
    }
    assert!(tables > 10, "only {tables} tables found");
}

#[test]
fn every_file_says_what_it_is_for() {
    for (name, text) in files("rs") {
        let is_ours = ["functions/", "shared/", "xtask/", "tests/"].iter().any(|folder| name.starts_with(folder));
        let is_test_module = name.ends_with("/tests.rs");
        if is_ours && !is_test_module {
            assert!(text.starts_with("//!"), "{name} does not open with what it is for");
        }
    }
}

#[test]
fn nothing_unfinished_is_committed() {
    // Spelt in pieces, so that this file does not find itself.
    let marks = [["TO", "DO"], ["FIX", "ME"], ["todo", "!("], ["unimpl", "emented!("], ["#[ig", "nore"]].map(|[a, b]| format!("{a}{b}"));
    for extension in ["rs", "js", "mjs", "toml", "sql"] {
        for (name, text) in files(extension) {
            let found: Vec<_> = marks.iter().filter(|mark| text.contains(mark.as_str())).collect();
            assert!(found.is_empty(), "{name} holds {found:?}");
        }
    }
}

#[test]
fn every_invariant_has_the_tests_that_its_row_names() {
    let map = fs::read_to_string(root().join("ARCHITECTURE.md")).unwrap();
    let section = map.split("\n## ").find(|section| section.starts_with("Invariants\n")).unwrap();
    let rows: Vec<&str> = section.lines().filter(|line| line.starts_with("| ")).skip(1).collect();
    assert!(rows.len() > 8, "only {} invariants found", rows.len());
    let sources = files("rs");
    for row in rows {
        let (invariant, holders) = row.trim_end_matches(" |").rsplit_once(" | ").unwrap();
        let named: Vec<&str> = holders.split('`').skip(1).step_by(2).collect();
        assert!(!named.is_empty(), "nothing holds {invariant}");
        for name in named {
            let declared = format!("fn {name}");
            assert!(sources.iter().any(|(_, text)| text.contains(&declared)), "{invariant}: no test is called {name}");
        }
    }
}

#[test]
fn clocks_chance_and_environment_are_ports() {
    let lints = fs::read_to_string(root().join("clippy.toml")).unwrap();
    for method in ["SystemTime::now", "Instant::now", "Utc::now", "env::var", "Uuid::new_v4", "getrandom::fill"] {
        assert!(lints.contains(&format!("{method}\"")), "clippy.toml lets {method} pass");
    }
    for (name, text) in files("rs").iter().filter(|(name, _)| name.starts_with("functions/") || name.starts_with("shared/core/")) {
        assert!(
            !text.contains("allow(clippy::disallowed_methods"),
            "{name} takes its time, chance or environment from elsewhere than its ports"
        );
    }
}

#[test]
fn secrets_stay_out_of_files() {
    let marks = [["whsec", "_"], ["orl_adm", "in_"], ["orl_re", "ad_"]].map(|[a, b]| format!("{a}{b}"));
    for (name, text) in files("toml") {
        let found: Vec<_> = marks.iter().filter(|mark| text.contains(mark.as_str())).collect();
        assert!(found.is_empty(), "{name} holds {found:?}");
    }
}
