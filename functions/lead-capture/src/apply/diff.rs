//! What an apply changes: which parts, and where inside them, for a person to read before and after.

use std::collections::BTreeMap;

use serde::Serialize;
use serde_json::Value as Json;

use super::parts::Parts;
use super::stored::Stored;

/// The most places named per part. Chosen: beyond it, the file itself is the better reading.
const MAX_PATHS: usize = 20;

/// What happens to a part.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
#[serde(rename_all = "lowercase")]
pub enum Op {
    /// It is new.
    Add,
    /// It is different.
    Change,
    /// It is gone from the files.
    Remove,
}

/// One part that changes.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Change {
    /// What happens.
    pub op: Op,
    /// To what: `site`, `scoring`, `forms/{id}`, `destinations/{id}`, `segments/{id}`.
    pub what: String,
    /// Where inside it, for a change.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub paths: Vec<String>,
}

impl Change {
    /// The kind of part and its id.
    pub fn split(&self) -> (&str, &str) {
        self.what.split_once('/').unwrap_or((&self.what, ""))
    }
}

/// Every part that differs between the store and the files.
pub fn changes(stored: &Stored, parts: &Parts) -> Vec<Change> {
    let mut changes = Vec::new();
    push(&mut changes, "site".to_owned(), stored.site.as_ref(), Some(&parts.definition));
    let forms = parts.forms.iter().map(|(id, form)| (id.as_str(), &form.json)).collect();
    each(&mut changes, "forms", &stored.forms, &forms);
    let destinations = parts.destinations.iter().map(|(id, destination)| (id.as_str(), destination)).collect();
    each(&mut changes, "destinations", &stored.destinations, &destinations);
    let segments = parts.segments.iter().map(|(id, segment)| (id.as_str(), segment)).collect();
    each(&mut changes, "segments", &stored.segments, &segments);
    let (old, new) = (stored.scoring.as_ref(), &parts.scoring.json);
    if old.is_some() || parts.scoring.is_given {
        push(&mut changes, "scoring".to_owned(), old, Some(new));
    }
    changes
}

fn each(changes: &mut Vec<Change>, kind: &str, old: &BTreeMap<String, Json>, new: &BTreeMap<&str, &Json>) {
    let gone = old.keys().filter(|id| !new.contains_key(id.as_str()));
    for id in gone.map(String::as_str).chain(new.keys().copied()) {
        push(changes, format!("{kind}/{id}"), old.get(id), new.get(id).copied());
    }
}

fn push(changes: &mut Vec<Change>, what: String, old: Option<&Json>, new: Option<&Json>) {
    let (op, paths) = match (old, new) {
        (None, Some(_)) => (Op::Add, Vec::new()),
        (Some(_), None) => (Op::Remove, Vec::new()),
        (Some(old), Some(new)) if old != new => (Op::Change, differences(old, new)),
        _ => return,
    };
    changes.push(Change { op, what, paths });
}

/// Where two documents differ; longer lists end with an ellipsis.
fn differences(old: &Json, new: &Json) -> Vec<String> {
    let mut paths = Vec::new();
    compare("", Some(old), Some(new), &mut paths);
    if paths.len() > MAX_PATHS {
        paths.truncate(MAX_PATHS);
        paths.push("…".to_owned());
    }
    paths
}

fn compare(at: &str, old: Option<&Json>, new: Option<&Json>, paths: &mut Vec<String>) {
    match (old, new) {
        (Some(Json::Object(old)), Some(Json::Object(new))) => {
            let added = new.keys().filter(|name| !old.contains_key(*name));
            for name in old.keys().chain(added) {
                let below = if at.is_empty() { name.clone() } else { format!("{at}.{name}") };
                compare(&below, old.get(name), new.get(name), paths);
            }
        }
        (Some(Json::Array(old)), Some(Json::Array(new))) => {
            for i in 0..old.len().max(new.len()) {
                compare(&format!("{at}[{i}]"), old.get(i), new.get(i), paths);
            }
        }
        (old, new) if old != new => paths.push(at.to_owned()),
        _ => {}
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    #[track_caller]
    fn check(old: &Json, new: &Json, expect: &[&str]) {
        assert_eq!(differences(old, new), expect, "{old} and {new}");
    }

    #[test]
    fn names_the_places_that_differ() {
        check(&json!({"a": 1}), &json!({"a": 1}), &[]);
        check(&json!({"a": {"b": [1, 2]}}), &json!({"a": {"b": [1, 3]}}), &["a.b[1]"]);
        check(&json!({"a": [1]}), &json!({"a": [1, 2]}), &["a[1]"]);
        check(&json!({"a": 1, "b": 2}), &json!({"a": 1, "c": 3}), &["b", "c"]);
        check(&json!({"a": {"b": 1}}), &json!({"a": "b"}), &["a"]);
    }

    #[test]
    fn a_rewritten_part_is_summed_up() {
        let old: Json = (0..100).collect();
        let new: Json = (1..101).collect();
        let paths = differences(&old, &new);
        assert_eq!((paths.len(), paths.last().map(String::as_str)), (MAX_PATHS + 1, Some("…")));
    }
}
