//! A cloud for Spin, on a stand-in for `spin`.

use super::{KEY, Place, settings};
use crate::deploy::spin::deploy;
use crate::deploy::tool::Tool;

const SPIN: &str = include_str!("spin.sh");

fn run(place: &Place, key: Option<&str>) -> Result<String, String> {
    let mut out = Vec::new();
    let spin = Tool::spin(&place.program, &place.plan);
    let done = deploy(&place.plan, &spin, &mut || Ok(key.map(str::to_owned)), &mut out);
    let said = String::from_utf8(out).unwrap();
    assert!(!said.contains(KEY), "the key was told: {said}");
    done.map(|()| said).map_err(|error| format!("{error:#}"))
}

#[test]
fn a_database_is_made_and_migrated_before_the_application_is_deployed() {
    let mut place = Place::new("spin", SPIN);
    place.plan.settings = settings("url = \"https://forms.example.com\"");
    let said = run(&place, Some(KEY)).unwrap();
    let calls = place.calls();
    let create = calls.iter().position(|call| call == "cloud sqlite create orilla").unwrap();
    let applied: Vec<_> =
        calls.iter().enumerate().filter(|(_, call)| call.starts_with("cloud sqlite execute orilla @migrations/")).collect();
    assert_eq!(applied.len(), crate::paths::migrations().unwrap().len());
    assert!(applied.is_sorted_by_key(|(_, call)| *call) && applied[0].0 > create);
    let deploy = calls.iter().position(|call| call.starts_with("cloud deploy")).unwrap();
    assert!(deploy > applied[applied.len() - 1].0, "{calls:#?}");
    assert_eq!(calls[deploy], format!("cloud deploy --variable operator_key={KEY} --variable public_url=https://forms.example.com"));
    assert!(said.contains("spin cloud variables set --app orilla mail_api_key=…"), "{said}");

    run(&place, None).unwrap();
    let calls = place.calls();
    assert!(!calls.iter().any(|call| call.contains("create") || call.contains("operator_key")), "{calls:#?}");
}

#[test]
fn a_deployment_that_fails_does_not_tell_the_key() {
    let place = Place::new("spin-fails", SPIN);
    place.fail(Some("cloud deploy"));
    let error = run(&place, Some(KEY)).unwrap_err();
    assert!(error.contains("the database orilla") && error.contains("cannot deploy orilla"), "{error}");
    assert!(!error.contains(KEY), "{error}");
    assert!(run(&place, None).unwrap_err().contains("nothing was changed"));
}

#[test]
fn a_dry_run_calls_nothing() {
    let mut place = Place::new("spin-dry", SPIN);
    place.plan.is_dry_run = true;
    let said = run(&place, None).unwrap();
    assert!(said.contains("spin cloud sqlite execute orilla @migrations/0001_frame.sql"), "{said}");
    assert_eq!(place.calls(), Vec::<String>::new());
}

#[test]
fn an_application_of_another_name_is_refused() {
    let mut place = Place::new("spin-name", SPIN);
    place.plan.settings = settings("name = \"marea\"");
    assert!(run(&place, Some(KEY)).unwrap_err().contains("spin.toml"));
}
