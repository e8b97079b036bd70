//! Tells everything that is wrong with a site's scoring rules at once, each with its path.
//! Types and unknown names are serde's to tell; this is about meaning.

use std::collections::BTreeMap;

use orilla_core::Violation;

use super::{BANT, EventRule, FitRule, Group, MAX_SCORE, RuleSet, Steps};
use crate::form::{Found, Text, is_identifier};

/// Limits of a rule set. Chosen: far above what a marketer keeps in mind, low enough that scoring stays well under a millisecond.
const MAX_RULES: usize = 200;
const MAX_GROUPS: usize = 50;
const MAX_LABEL_CHARS: usize = 200;
const MAX_TIMES: u32 = 1_000;
/// Ten years (chosen): longer than any campaign.
const MAX_DAYS: u32 = 3_650;
const MAX_WEIGHT: u32 = 1_000;

impl RuleSet {
    /// Everything that is wrong, with paths below `at`.
    #[must_use]
    pub fn check(&self, at: &str) -> Vec<Violation> {
        let mut found = Found::default();
        self.check_into(at, &mut found);
        found.0
    }

    fn check_into(&self, at: &str, found: &mut Found) {
        let fit_at = format!("{at}.fit");
        let engagement_at = format!("{at}.engagement");
        check_groups(&fit_at, &self.fit.groups, found);
        check_groups(&engagement_at, &self.engagement.groups, found);
        found.at_most(format!("{fit_at}.rules"), self.fit.rules.len(), MAX_RULES);
        found.at_most(format!("{engagement_at}.rules"), self.engagement.rules.len(), MAX_RULES);
        for (i, rule) in self.fit.rules.iter().enumerate() {
            let is_group = self.fit.group(&rule.group).is_some();
            check_fit_rule(&format!("{fit_at}.rules[{i}]"), rule, is_group, found);
        }
        for (i, rule) in self.engagement.rules.iter().enumerate() {
            let is_group = self.engagement.groups.contains_key(&rule.group);
            check_event_rule(&format!("{engagement_at}.rules[{i}]"), rule, is_group, found);
        }
        let fit_ids = self.fit.rules.iter().enumerate().map(|(i, rule)| (format!("{fit_at}.rules[{i}].id"), rule.id.as_str()));
        let event_ids =
            self.engagement.rules.iter().enumerate().map(|(i, rule)| (format!("{engagement_at}.rules[{i}].id"), rule.id.as_str()));
        found.repeats(fit_ids.chain(event_ids));
        for (path, condition) in self.conditions(at) {
            condition.each(&path, &mut |path, leaf| {
                if leaf.asks_what_was_made() {
                    found.add(path, "circular", "A score cannot ask what is made of it; only a segment can.");
                }
            });
        }
        self.check_scale(at, found);
        self.tags.check(&format!("{at}.tags"), found);
    }

    fn check_scale(&self, at: &str, found: &mut Found) {
        let weights = [self.weights.fit, self.weights.engagement];
        if weights == [0, 0] || weights.iter().any(|weight| *weight > MAX_WEIGHT) {
            found.add(format!("{at}.weights"), "range", format!("Weights are 0 to {MAX_WEIGHT}, not both 0."));
        }
        for (name, Steps { high, medium }) in [("fit", self.bands.fit), ("engagement", self.bands.engagement)] {
            if !(medium < high && i64::from(high) <= MAX_SCORE && medium > 0) {
                found.add(format!("{at}.bands.{name}"), "range", format!("0 < medium < high ≤ {MAX_SCORE}."));
            }
        }
    }
}

fn check_groups(at: &str, groups: &BTreeMap<String, Group>, found: &mut Found) {
    found.at_most(format!("{at}.groups"), groups.len(), MAX_GROUPS);
    for (name, group) in groups {
        let at = format!("{at}.groups.{name}");
        check_id(&at, name, found);
        if i64::from(group.cap) > MAX_SCORE {
            found.add(format!("{at}.cap"), "range", format!("A cap is at most {MAX_SCORE}."));
        }
        if let Some(label) = &group.label {
            check_label(&format!("{at}.label"), label, found);
        }
    }
}

fn check_fit_rule(at: &str, rule: &FitRule, is_group: bool, found: &mut Found) {
    check_rule(at, &rule.id, &rule.label, rule.points, found);
    if !is_group {
        let bant = BANT.map(|(name, ..)| name).join(", ");
        let message = format!("There is no group `{}`; name one of {bant}, or add it to `fit.groups`.", rule.group);
        found.add(format!("{at}.group"), "unknown", message);
    }
    rule.when.check(&format!("{at}.when"), found);
}

fn check_event_rule(at: &str, rule: &EventRule, is_group: bool, found: &mut Found) {
    check_rule(at, &rule.id, &rule.label, rule.points, found);
    if !is_group {
        let message = format!("There is no group `{}`; add it to `engagement.groups`.", rule.group);
        found.add(format!("{at}.group"), "unknown", message);
    }
    if rule.event.is_empty() {
        found.add(format!("{at}.event"), "required", "Say which events count: `type`, `name` or `path`.");
    }
    if rule.event.path.as_ref().is_some_and(|paths| paths.all().is_empty() || paths.all().iter().any(|path| !path.starts_with('/'))) {
        found.add(format!("{at}.event.path"), "path", "A path starts with `/`.");
    }
    let is_count = |count: u32| (1..=MAX_TIMES).contains(&count);
    for (name, count) in [("at_least", Some(rule.at_least)), ("at_most", rule.at_most)] {
        if count.is_some_and(|count| !is_count(count)) {
            found.add(format!("{at}.{name}"), "range", format!("A count is 1 to {MAX_TIMES}."));
        }
    }
    for (name, days) in [("within_days", rule.within_days), ("half_life_days", rule.half_life_days)] {
        if days.is_some_and(|days| !(1..=MAX_DAYS).contains(&days)) {
            found.add(format!("{at}.{name}"), "range", format!("Days are 1 to {MAX_DAYS}."));
        }
    }
    if rule.points < 0 && rule.half_life_days.is_some() {
        found.add(format!("{at}.half_life_days"), "negative", "What takes points away does not fade; bound it by `within_days`.");
    }
}

fn check_rule(at: &str, id: &str, label: &Text, points: i32, found: &mut Found) {
    check_id(&format!("{at}.id"), id, found);
    check_label(&format!("{at}.label"), label, found);
    if points == 0 || i64::from(points).abs() > MAX_SCORE {
        found.add(format!("{at}.points"), "range", format!("Points are 1 to {MAX_SCORE}, or as many less than zero."));
    }
}

/// Ids have no colon, so none can be mistaken for `cap:…` or `clamp:…`.
fn check_id(at: &str, id: &str, found: &mut Found) {
    if !is_identifier(id) {
        found.add(at, "identifier", format!("`{id}` is no name: lower-case letters, digits, `-` and `_`, up to 64."));
    }
}

fn check_label(at: &str, label: &Text, found: &mut Found) {
    if label.0.is_empty() || label.0.values().any(|text| text.trim().is_empty()) {
        found.add(at, "required", "Say it in at least one language.");
    }
    if label.0.values().any(|text| text.chars().count() > MAX_LABEL_CHARS) {
        found.add(at, "too_long", format!("At most {MAX_LABEL_CHARS} characters."));
    }
}
