//! Deployments against stand-ins for `wrangler` and `spin` that keep an account in a folder: order, failures, and a second run.

mod kube;
mod spin;
mod workers;

use std::os::unix::fs::PermissionsExt;
use std::path::{Path, PathBuf};

use super::Plan;
use super::secrets::operator_key;
use super::settings::Settings;
use crate::paths;

const KEY: &str = "0123456789abcdef0123456789abcdef";

/// A tree to deploy from, and an account beside it; gone when the test is.
struct Place {
    folder: PathBuf,
    program: PathBuf,
    plan: Plan,
}

impl Place {
    fn new(name: &str, script: &str) -> Self {
        let folder = std::env::temp_dir().join(format!("orilla-deploy-{name}-{}", std::process::id()));
        let _ = std::fs::remove_dir_all(&folder);
        let root = folder.join("tree");
        let functions = paths::functions().unwrap();
        for function in &functions {
            write(&root.join("target/workers").join(function).join("index.js"), "export default {}");
            write(&root.join("target/workers").join(function).join("index.wasm"), function);
        }
        for file in ["wrangler.toml", "spin.toml", "web/package-lock.json", "web/front/index.js"] {
            write(&root.join(file), &std::fs::read_to_string(paths::root().join(file)).unwrap());
        }
        for file in paths::migrations().unwrap() {
            write(&root.join("migrations").join(file.file_name().unwrap()), &std::fs::read_to_string(&file).unwrap());
        }
        write(&root.join("web/dist/orilla.js"), "1");
        let program = folder.join("account/program");
        write(&program, script);
        std::fs::set_permissions(&program, std::fs::Permissions::from_mode(0o755)).unwrap();
        write(&folder.join("account/accounts"), r#"{"loggedIn":true,"accounts":[{"id":"a1","name":"Marea"}]}"#);
        let plan = Plan { folder: root.join("target/deploy/orilla"), root, settings: Settings::default(), functions, is_dry_run: false };
        Self { folder, program, plan }
    }

    fn account(&self, file: &str) -> PathBuf {
        self.folder.join("account").join(file)
    }

    /// The calls so far, forgotten by asking.
    fn calls(&self) -> Vec<String> {
        let calls = std::fs::read_to_string(self.account("calls")).unwrap_or_default();
        let _ = std::fs::remove_file(self.account("calls"));
        calls.lines().filter(|line| !line.starts_with("note ")).map(str::to_owned).collect()
    }

    /// Fails every call that has these words, until none are given.
    fn fail(&self, words: Option<&str>) {
        match words {
            Some(words) => write(&self.account("fail"), words),
            None => std::fs::remove_file(self.account("fail")).unwrap(),
        }
    }
}

impl Drop for Place {
    fn drop(&mut self) {
        let _ = std::fs::remove_dir_all(&self.folder);
    }
}

fn write(file: &Path, text: &str) {
    std::fs::create_dir_all(file.parent().unwrap()).unwrap();
    std::fs::write(file, text).unwrap();
}

fn settings(text: &str) -> Settings {
    toml::from_str(text).unwrap()
}

#[test]
fn settings_that_no_host_would_take_are_refused() {
    let refused = |text: &str| {
        toml::from_str::<Settings>(text).map_err(anyhow::Error::from).and_then(|it| it.check(paths::root())).unwrap_err().to_string()
    };
    for (text, word) in [
        ("name = \"Orilla\"", "lower-case"),
        ("name = \"-\"", "lower-case"),
        ("url = \"http://forms.example.com\"", "https://"),
        ("url = \"https://forms.example.com/x\"", "without a path"),
        ("nmae = \"x\"", "nmae"),
        ("[variables]\nOPERATOR_KEY = \"x\"", "secret"),
        ("[variables]\nMAIL_API_KEY = \"x\"", "secret"),
        ("[variables]\nMAIL_FORM = \"x\"", "MAIL_FORM"),
        ("[variables]\nmail_from = \"x\"", "mail_from"),
        ("[kube]\nnamespace = \"a_b\"", "kube.namespace"),
    ] {
        let said = refused(text);
        assert!(said.contains(word), "{text}: {said}");
    }
    settings("url = \"https://forms.example.com\"\n[variables]\nMAIL_FROM = \"hola@marea.example\"").check(paths::root()).unwrap();
}

#[test]
fn a_key_is_made_once_outside_the_tree_for_its_owner_alone() {
    let place = Place::new("key", "");
    let root = &place.plan.root;
    let file = place.folder.join("operator.key");
    assert_eq!(operator_key(Some(&file), None, root, true).unwrap(), None, "a dry run makes none");
    let made = operator_key(Some(&file), None, root, false).unwrap().unwrap();
    assert_eq!(made.len(), 64);
    assert_eq!(std::fs::metadata(&file).unwrap().permissions().mode() & 0o777, 0o600);
    assert_eq!(operator_key(Some(&file), Some(KEY.to_owned()), root, false).unwrap(), Some(made));
    assert_eq!(operator_key(None, Some(format!("{KEY}\n")), root, false).unwrap().as_deref(), Some(KEY));
    assert_eq!(operator_key(None, Some(" ".to_owned()), root, false).unwrap(), None);
    assert!(operator_key(None, Some("short".to_owned()), root, false).unwrap_err().to_string().contains("too short"));
    let within = operator_key(Some(&root.join("operator.key")), None, root, false).unwrap_err().to_string();
    assert!(within.contains("within this tree"), "{within}");
}
