//! Segments: saved rules over leads and what they did, as a site's file `segments.toml` describes them, and who is in each.
//! A lead is sorted when something happens to it, and when time alone may change the answer; nobody is looked at for nothing.

pub mod sorting;
pub mod store;
mod sweep;
mod views;

pub(crate) use views::{list, list_leads, require};

use std::collections::{BTreeMap, BTreeSet};

use orilla_core::ids::hex;
use serde::{Deserialize, Serialize};
use sha2::{Digest, Sha256};

use crate::form::{Found, IDENTIFIER, Text, is_identifier};
use crate::score::{Condition, Named, RuleSet};

/// A lead is in a segment now that it was not in before.
pub const ENTERED: &str = "segment.entered";
/// A lead is no longer in a segment.
pub const LEFT: &str = "segment.left";
/// The most segments of a site. Chosen: each lead is asked about all of them.
const MAX_SEGMENTS: usize = 100;
/// The longest label. Chosen: as for rules of scores.
const MAX_LABEL_CHARS: usize = 200;

/// One segment as a site's file describes it.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Segment {
    /// Its name.
    pub id: String,
    /// What people call it.
    pub label: Text,
    /// Who is in it.
    pub when: Condition,
}

/// One segment as it is stored under its id.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Definition {
    /// What people call it.
    pub label: Text,
    /// Who is in it.
    pub when: Condition,
    /// SHA-256 of what the segments say that it names, in hex: it is another segment when one of them is.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub uses: Option<String>,
}

/// A segment of the store.
#[derive(Debug, Clone, PartialEq, Deserialize)]
pub struct Saved {
    /// Its name.
    pub id: String,
    /// The version of the site's segments at which this one last changed.
    pub version: i64,
    /// What it says.
    #[serde(flatten)]
    pub definition: Definition,
}

/// The segments of a site, and their version.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct Segments {
    /// Grows with every change; 0 of a site that never had any.
    pub version: i64,
    /// All of them, by name.
    pub saved: Vec<Saved>,
    named: Named,
}

impl Segments {
    /// These, at this version.
    #[must_use]
    pub fn new(version: i64, saved: Vec<Saved>) -> Self {
        let named = saved.iter().map(|it| (it.id.clone(), it.definition.when.clone())).collect();
        Self { version, saved, named }
    }

    /// Whether anybody has to be sorted at all.
    #[must_use]
    pub const fn is_empty(&self) -> bool {
        self.saved.is_empty()
    }
}

/// The segments of a file, checked, by name.
///
/// What is wrong is noted with paths below `at`.
pub(crate) fn checked(segments: Vec<Segment>, at: &str, found: &mut Found) -> BTreeMap<String, Definition> {
    found.at_most(at, segments.len(), MAX_SEGMENTS);
    found.repeats(segments.iter().enumerate().map(|(i, it)| (format!("{at}[{i}].id"), it.id.as_str())));
    let all: Named = segments.iter().map(|it| (it.id.clone(), it.when.clone())).collect();
    for (i, segment) in segments.iter().enumerate() {
        let at = format!("{at}[{i}]");
        if !is_identifier(&segment.id) {
            found.add(format!("{at}.id"), "name", IDENTIFIER);
        }
        let texts = &segment.label.0;
        if texts.is_empty() || texts.values().any(|text| text.trim().is_empty() || text.chars().count() > MAX_LABEL_CHARS) {
            found.add(
                format!("{at}.label"),
                "required",
                format!("Say it in at least one language, in at most {MAX_LABEL_CHARS} characters."),
            );
        }
        segment.when.check(&format!("{at}.when"), found);
        check_names(&format!("{at}.when"), &segment.when, &all, found);
        if reached(&segment.when, &all).contains_key(&segment.id) {
            found.add(format!("{at}.when"), "circular", format!("`{}` asks for itself, by the segments that it names.", segment.id));
        }
    }
    segments
        .into_iter()
        .map(|it| (it.id.clone(), Definition { uses: digest(&reached(&it.when, &all)), label: it.label, when: it.when }))
        .collect()
}

/// Puts into scoring rules the segments that they name. A score cannot name a segment that asks for the score.
pub(crate) fn lend(rules: &mut RuleSet, all: &BTreeMap<String, Definition>, at: &str, found: &mut Found) {
    let all: Named = all.iter().map(|(id, it)| (id.clone(), it.when.clone())).collect();
    let mut lent = Named::new();
    for (path, condition) in rules.conditions(at) {
        check_names(&path, condition, &all, found);
        let mut asks = None;
        for (id, behind) in reached(condition, &all) {
            behind.each("", &mut |_, leaf| asks = asks.take().or_else(|| leaf.asks_what_was_made().then(|| id.clone())));
            lent.insert(id, behind.clone());
        }
        if let Some(id) = asks {
            let message =
                format!("The segment `{id}` asks for scores, tags or answers that a score is not made of; name one that does not.");
            found.add(path, "circular", message);
        }
    }
    rules.segments = lent;
}

fn check_names(at: &str, condition: &Condition, all: &Named, found: &mut Found) {
    condition.each(at, &mut |at, leaf| {
        if let Condition::Segment(name) = leaf
            && !all.contains_key(name)
        {
            found.add(at, "unknown", format!("There is no segment `{name}`."));
        }
    });
}

/// The segments that a condition names, that those name, and so on.
fn reached<'a>(condition: &'a Condition, all: &'a Named) -> BTreeMap<String, &'a Condition> {
    let mut reached = BTreeMap::new();
    let mut open = vec![condition];
    while let Some(condition) = open.pop() {
        condition.each("", &mut |_, leaf| {
            let Condition::Segment(name) = leaf else { return };
            let Some(behind) = all.get(name) else { return };
            if reached.insert(name.clone(), behind).is_none() {
                open.push(behind);
            }
        });
    }
    reached
}

fn digest(used: &BTreeMap<String, &Condition>) -> Option<String> {
    let text = serde_json::to_string(used).unwrap_or_default();
    (!used.is_empty()).then(|| hex(&Sha256::digest(text)))
}

/// The names that changed, of two sets of names.
#[must_use]
pub fn apart<'a>(before: &'a BTreeSet<String>, after: &'a BTreeSet<String>) -> (Vec<&'a String>, Vec<&'a String>) {
    (after.difference(before).collect(), before.difference(after).collect())
}

#[cfg(test)]
mod tests;
