//! Cloudflare Workers, on a stand-in for wrangler.

use serde_json::{Value as Json, json};

use super::{KEY, Place, settings, write};
use crate::deploy::tool::Tool;
use crate::deploy::workers::deploy;

const WRANGLER: &str = include_str!("wrangler.sh");

/// Deploys with the key at hand; gives what was said.
fn run(place: &Place) -> Result<String, String> {
    run_with(place, Some(KEY))
}

fn run_with(place: &Place, key: Option<&str>) -> Result<String, String> {
    let mut out = Vec::new();
    let wrangler = Tool::wrangler(&place.program, &place.plan);
    let done = deploy(&place.plan, &wrangler, &mut || Ok(key.map(str::to_owned)), &mut out);
    let said = String::from_utf8(out).unwrap();
    assert!(!said.contains(KEY), "the key was told: {said}");
    done.map(|()| said).map_err(|error| format!("{error:#}"))
}

fn config(place: &Place, name: &str) -> Json {
    serde_json::from_str(&std::fs::read_to_string(place.account(name).join("config")).unwrap()).unwrap()
}

fn is_change(call: &&String) -> bool {
    ["d1 create", "kv namespace create", "secret put", "deploy "].iter().any(|start| call.starts_with(start))
}

/// The Workers deployed by these calls, by the names of their files.
fn deployed(calls: &[String]) -> Vec<String> {
    let of = |call: &String| Some(call.strip_prefix("deploy -c ")?.split(".json").next()?.rsplit('/').next()?.to_owned());
    calls.iter().filter_map(of).collect()
}

#[test]
fn a_first_deployment_makes_what_is_missing_migrates_and_deploys_the_front_last() {
    let mut place = Place::new("first", WRANGLER);
    place.plan.settings =
        settings("url = \"https://forms.example.com\"\n[variables]\nMAIL_FROM = \"hola@marea.example\"\n[workers]\njurisdiction = \"eu\"");
    let said = run(&place).unwrap();
    let calls = place.calls();
    let at = |start: &str| calls.iter().position(|call| call.starts_with(start)).unwrap_or_else(|| panic!("no {start} in {calls:#?}"));
    assert!(at("whoami") < at("secret list") && at("secret list") < at("d1 create"), "{calls:#?}");
    assert!(at("d1 create") < at("d1 migrations apply DB") && at("kv namespace create") < at("d1 migrations apply DB"));
    assert!(at("d1 migrations apply DB") < at("secret put") && at("secret put") < at("deploy "));
    assert!(calls[at("d1 create")].contains("--jurisdiction eu"));
    assert!(calls[at("d1 migrations apply DB")].ends_with("--remote"));
    let mut expected = place.plan.functions.clone();
    expected.push("front".to_owned());
    assert_eq!(deployed(&calls), expected);
    assert!(calls.iter().all(|call| !call.contains(KEY)), "the key stands on a command line, which everybody may read");

    for function in &place.plan.functions {
        let name = format!("orilla-{function}");
        assert_eq!(std::fs::read_to_string(place.account(&name).join("value-of-OPERATOR_KEY")).unwrap(), KEY, "{function}");
        let config = config(&place, &name);
        assert_eq!(config["d1_databases"][0]["database_id"], "the-database-id");
        assert_eq!(config["kv_namespaces"][0]["id"], "the-namespace-id");
        assert_eq!(config["vars"]["MAIL_FROM"], "hola@marea.example");
        assert_eq!(config["compatibility_date"], "2026-04-01");
        assert_eq!(config.get("assets"), None, "a function has no pages");
        assert_eq!(config["workers_dev"], false);
        assert!(said.contains(&format!("wrangler secret put MAIL_API_KEY --name {name}")), "{said}");
    }
    assert_eq!(config(&place, "orilla-lead-capture")["vars"]["PUBLIC_URL"], "https://forms.example.com");
    assert_eq!(config(&place, "orilla-track-events")["migrations"][0]["tag"], "lanes");
    let front = config(&place, "orilla");
    assert_eq!(front["routes"], json!([{ "pattern": "forms.example.com", "custom_domain": true }]));
    assert_eq!(front.get("env"), None);
    assert_eq!(front["services"].as_array().unwrap().len(), place.plan.functions.len());
    let committed = std::fs::read_to_string(place.plan.root.join("wrangler.toml")).unwrap();
    assert!(!committed.contains("the-database-id") && committed.contains("00000000-0000"));
}

#[test]
fn a_second_run_changes_nothing_and_asks_for_no_key() {
    let place = Place::new("second", WRANGLER);
    run(&place).unwrap();
    place.calls();
    let said = run_with(&place, None).unwrap();
    let calls = place.calls();
    assert_eq!(calls.iter().filter(is_change).collect::<Vec<_>>(), Vec::<&String>::new());
    assert!(!said.lines().any(|line| line.starts_with('+')), "{said}");
}

#[test]
fn only_what_changed_is_deployed_again() {
    let place = Place::new("changed", WRANGLER);
    run(&place).unwrap();
    place.calls();
    write(&place.plan.root.join("target/workers/faq-chat/index.wasm"), "another");
    run(&place).unwrap();
    assert_eq!(deployed(&place.calls()), ["faq-chat"]);
    write(&place.plan.root.join("web/dist/orilla.js"), "2");
    run(&place).unwrap();
    assert_eq!(deployed(&place.calls()), ["front"]);
}

#[test]
fn a_new_secret_is_no_reason_to_deploy_and_a_rollback_is() {
    let place = Place::new("secret", WRANGLER);
    run(&place).unwrap();
    let wrangler = Tool::wrangler(&place.program, &place.plan);
    let file = place.plan.folder.join("faq-chat.json");
    wrangler.feed(&["secret", "put", "GENERATOR_KEY", "-c", &file.to_string_lossy()], "x", "set a secret").unwrap();
    place.calls();
    run(&place).unwrap();
    assert_eq!(deployed(&place.calls()), Vec::<String>::new());
    let folder = place.account("orilla-faq-chat");
    wrangler.run(&["note", &folder.to_string_lossy(), "orilla-of-last-week", "rollback"], "roll back").unwrap();
    run(&place).unwrap();
    assert_eq!(deployed(&place.calls()), ["faq-chat"]);
}

#[test]
fn a_failure_half_way_says_what_stands_and_the_next_run_goes_on() {
    let place = Place::new("half", WRANGLER);
    place.fail(Some("faq-chat.json --tag"));
    let error = run(&place).unwrap_err();
    let before: Vec<_> = place.plan.functions.iter().take_while(|it| *it != "faq-chat").cloned().collect();
    for stands in [
        "the D1 database orilla",
        "migrations",
        "OPERATOR_KEY of every function",
        "cannot deploy orilla-faq-chat",
        "Run the same command again",
    ] {
        assert!(error.contains(stands), "{stands} is not in: {error}");
    }
    assert!(before.iter().all(|it| error.contains(&format!("orilla-{it}"))), "{error}");
    place.fail(None);
    place.calls();
    run(&place).unwrap();
    let again = deployed(&place.calls());
    assert!(again.first().is_some_and(|it| it == "faq-chat") && again.last().is_some_and(|it| it == "front"), "{again:?}");
    assert!(!before.iter().any(|it| again.contains(it)), "{again:?}");
}

#[test]
fn a_worker_that_was_uploaded_and_got_no_clock_gets_it_from_the_next_run() {
    let place = Place::new("late", WRANGLER);
    write(&place.account("fail-late"), "");
    assert!(run(&place).unwrap_err().contains("cannot deploy"));
    let first = place.account(&format!("orilla-{}", place.plan.functions[0]));
    assert!(first.join("versions").exists() && !first.join("triggers").exists());
    run(&place).unwrap();
    assert!(first.join("triggers").exists());
}

#[test]
fn no_code_is_deployed_on_a_store_that_could_not_be_migrated() {
    let place = Place::new("migrate", WRANGLER);
    place.fail(Some("d1 migrations apply"));
    let error = run(&place).unwrap_err();
    assert!(error.contains("cannot apply the migrations"), "{error}");
    let calls = place.calls();
    assert!(!calls.iter().any(|call| call.starts_with("deploy ") || call.starts_with("secret put")), "{calls:#?}");
}

#[test]
fn without_a_key_nothing_is_changed() {
    let place = Place::new("keyless", WRANGLER);
    let error = run_with(&place, None).unwrap_err();
    assert!(error.contains("--key-file FILE") && error.contains("lead-capture") && error.contains("nothing was changed"), "{error}");
    assert_eq!(place.calls().iter().filter(is_change).count(), 0);
}

#[test]
fn a_function_that_lacks_the_key_has_every_function_get_the_same() {
    let place = Place::new("one-key", WRANGLER);
    run(&place).unwrap();
    let worker = place.account("orilla-faq-chat");
    std::fs::remove_file(worker.join("secrets")).unwrap();
    write(&place.account("orilla-lead-capture/value-of-OPERATOR_KEY"), "one that nobody can read");
    place.calls();
    run(&place).unwrap();
    assert_eq!(place.calls().iter().filter(|call| call.starts_with("secret put")).count(), place.plan.functions.len());
    assert_eq!(std::fs::read_to_string(place.account("orilla-lead-capture/value-of-OPERATOR_KEY")).unwrap(), KEY);
}

#[test]
fn of_many_accounts_one_must_be_named() {
    let mut place = Place::new("accounts", WRANGLER);
    write(&place.account("accounts"), r#"{"accounts":[{"id":"a1","name":"Marea"},{"id":"b2","name":"Otra"}]}"#);
    let error = run(&place).unwrap_err();
    assert!(error.contains("a1  Marea") && error.contains("b2  Otra") && error.contains("--account"), "{error}");
    assert_eq!(place.calls().iter().filter(is_change).count(), 0);
    place.plan.settings = settings("[workers]\naccount = \"b2\"");
    run(&place).unwrap();
}

#[test]
fn an_account_that_does_not_answer_is_not_taken_for_an_empty_one() {
    let place = Place::new("down", WRANGLER);
    place.fail(Some("whoami"));
    assert!(run(&place).unwrap_err().contains("wrangler login"));
    place.fail(Some("secret list"));
    assert!(run(&place).unwrap_err().contains("cannot list the secrets"));
    place.fail(Some("d1 list"));
    assert!(run(&place).unwrap_err().contains("cannot list the D1 databases"));
    assert_eq!(place.calls().iter().filter(is_change).count(), 0);
}

#[test]
fn a_worker_that_cloudflare_would_not_take_is_refused_before_anything_happens() {
    let place = Place::new("large", WRANGLER);
    let module = std::fs::File::create(place.plan.root.join("target/workers/faq-chat/index.wasm")).unwrap();
    module.set_len((64 << 20) + 1).unwrap();
    let error = run(&place).unwrap_err();
    assert!(error.contains("faq-chat weighs"), "{error}");
    assert_eq!(place.calls(), Vec::<String>::new());
}

#[test]
fn a_dry_run_tries_every_worker_and_asks_no_account() {
    let mut place = Place::new("dry", WRANGLER);
    place.plan.is_dry_run = true;
    let said = run_with(&place, None).unwrap();
    let calls = place.calls();
    assert_eq!(calls.len(), place.plan.functions.len() + 1);
    assert!(calls.iter().all(|call| call.starts_with("deploy -c ") && call.contains(" --dry-run --outdir ")), "{calls:#?}");
    assert!(said.contains("no account was asked") && said.contains("orilla-faq-chat reads the secrets GENERATOR_FALLBACK_KEY"), "{said}");
}
