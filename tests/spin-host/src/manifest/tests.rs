//! The manifest's accepted shape, and one refusal per thing this host does not serve.

use std::path::{Path, PathBuf};

use super::{Manifest, Mount, Trigger};

const MINIMAL: &str = r#"
spin_manifest_version = 2
[application]
name = "demo"
version = "0.1.0"
[[trigger.http]]
route = "/..."
component = "front"
[component.front]
source = "front.wasm"
"#;

fn parse(text: &str) -> Result<Manifest, String> {
    Manifest::parse(text, Path::new("app"))
}

fn refuses(text: &str, because: &str) {
    let reason = parse(text).expect_err("the manifest should be refused");
    assert!(reason.contains(because), "{reason:?} should speak of {because:?}");
}

#[test]
fn takes_paths_from_the_folder_of_the_manifest() {
    let manifest = parse(MINIMAL).unwrap();
    assert_eq!(manifest.name, "demo");
    assert_eq!(manifest.components["front"].source, PathBuf::from("app/front.wasm"));
    assert_eq!(manifest.triggers, [Trigger { route: Some("/...".into()), component: "front".into() }]);
}

#[test]
fn reads_every_table_that_a_component_may_have() {
    let manifest = parse(&format!(
        r#"{MINIMAL}
        environment = {{ RUST_LOG = "info" }}
        files = [{{ source = "assets", destination = "/" }}]
        allowed_outbound_hosts = ["https://*:*", "{{{{ hook_url }}}}"]
        key_value_stores = ["default"]
        sqlite_databases = ["default"]
        [component.front.variables]
        hook = "{{{{ hook_url }}}}"
        [component.front.build]
        command = "cargo build"
        [variables]
        hook_url = {{ default = "http://localhost:1" }}
        token = {{ required = true, secret = true }}
        "#
    ))
    .unwrap();
    let front = &manifest.components["front"];
    assert_eq!(front.environment["RUST_LOG"], "info");
    assert_eq!(front.files, [Mount { source: "app/assets".into(), destination: "/".into() }]);
    assert_eq!(front.allowed_outbound_hosts, ["https://*:*", "{{ hook_url }}"]);
    assert_eq!((front.key_value_stores.len(), front.sqlite_databases.len()), (1, 1));
    assert_eq!(front.variables["hook"], "{{ hook_url }}");
    assert_eq!(manifest.variables["hook_url"].default.as_deref(), Some("http://localhost:1"));
    assert!(manifest.variables["token"].required);
}

#[test]
fn a_private_route_has_no_pattern() {
    let manifest = parse(&MINIMAL.replace(r#""/...""#, "{ private = true }")).unwrap();
    assert_eq!(manifest.triggers[0].route, None);
    refuses(&MINIMAL.replace(r#""/...""#, "{ private = false }"), "private = true");
}

#[test]
fn refuses_what_it_does_not_serve_and_says_what() {
    refuses(&MINIMAL.replace("version = 2", "version = 1"), "only 2");
    refuses(&MINIMAL.replace("trigger.http", "trigger.redis"), "trigger.redis");
    refuses(&MINIMAL.replace(r#"component = "front""#, r#"component = "back""#), "\"back\"");
    refuses(&MINIMAL.replace(r#""front.wasm""#, r#"{ url = "https://a", digest = "b" }"#), "local file");
    refuses(&format!("{MINIMAL}surprise = 1\n"), "surprise");
    refuses(&format!("{MINIMAL}key_value_stores = [\"cache\"]\n"), "\"cache\"");
    refuses(&format!("{MINIMAL}sqlite_databases = [\"other\"]\n"), "\"other\"");
    refuses(&format!("{MINIMAL}files = [\"*.html\"]\n"), "patterns");
    refuses(&format!("{MINIMAL}ai_models = [\"llama2-chat\"]\n"), "ai_models");
    refuses(&format!("{MINIMAL}[variables]\nx = {{}}\n"), "\"x\"");
    refuses(&format!("{MINIMAL}[variables]\nx = {{ default = \"1\", required = true }}\n"), "\"x\"");
    refuses(&MINIMAL.replace("[[trigger.http]]\nroute = \"/...\"\ncomponent = \"front\"\n", ""), "nothing to serve");
    refuses(&MINIMAL.replace("[component.front]", "executor = { type = \"wagi\" }\n[component.front]"), "wagi");
}
