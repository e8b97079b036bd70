//! Segment tags of a lead: what a marketer filters by. Worked out from answers, origin and activity; nobody sets them by hand here.

use std::collections::BTreeSet;

use chrono::{DateTime, TimeDelta, Utc};
use serde::{Deserialize, Serialize};

use crate::fold::slug;
use crate::form::{Found, is_identifier};
use crate::score::{Condition, MAX_SCORE, Person, Utm};

/// Given to somebody whose engagement is high.
pub const ENGAGED: &str = "engaged";
/// Given to somebody who has done nothing for long; it and [`ENGAGED`] exclude each other.
pub const INACTIVE: &str = "inactive";
/// The longest tag that is made from a visitor's words. Chosen: a label, no sentence.
const MAX_TAG_CHARS: usize = 64;
const MAX_RULES: usize = 100;
/// Ten years (chosen): longer than any campaign.
const MAX_DAYS: u32 = 3_650;

/// Which tags a site gives.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct TagRules {
    /// The field whose answer makes `industry:…`.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub industry_field: Option<String>,
    /// Which UTM values make a tag, such as `source:google`.
    pub utm: Vec<Utm>,
    /// `engaged` from this engagement score on.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub engaged_from: Option<u32>,
    /// `inactive` after this long without a submission or an event.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub inactive_after_days: Option<u32>,
    /// Tags by condition.
    pub rules: Vec<TagRule>,
}

impl Default for TagRules {
    /// The field `industry`; source and campaign; engaged from 40, where the middle band begins; inactive after 90 days, a
    /// quarter (chosen).
    fn default() -> Self {
        Self {
            industry_field: Some("industry".to_owned()),
            utm: vec![Utm::Source, Utm::Campaign],
            engaged_from: Some(40),
            inactive_after_days: Some(90),
            rules: Vec::new(),
        }
    }
}

/// A tag for everybody of whom something holds.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct TagRule {
    /// The tag.
    pub tag: String,
    /// What it asks.
    pub when: Condition,
}

/// What somebody does, for tags.
#[derive(Debug, Clone, Copy)]
pub struct Activity {
    /// The engagement score.
    pub engagement: i64,
    /// Their last submission or event.
    pub last: DateTime<Utc>,
    /// When the tags are given.
    pub now: DateTime<Utc>,
}

impl TagRules {
    /// The tags of a person, sorted, each once.
    #[must_use]
    pub fn tags(&self, person: &Person<'_>, activity: &Activity) -> Vec<String> {
        let mut tags = BTreeSet::new();
        let industry = self.industry_field.iter().flat_map(|field| person.answers(field));
        tags.extend(industry.filter_map(|answer| prefixed("industry", &answer)));
        tags.extend(self.utm.iter().filter_map(|name| prefixed(name.as_str(), person.utm(*name)?)));
        tags.extend(self.activity_tag(activity).map(str::to_owned));
        tags.extend(self.rules.iter().filter(|rule| rule.when.holds(person)).map(|rule| rule.tag.clone()));
        tags.into_iter().collect()
    }

    /// Whether some person has this tag by these rules.
    #[must_use]
    pub fn can_give(&self, tag: &str) -> bool {
        let is_prefixed = |prefix: &str| tag.strip_prefix(prefix).is_some_and(|rest| rest.starts_with(':'));
        (self.industry_field.is_some() && is_prefixed("industry"))
            || self.utm.iter().any(|name| is_prefixed(name.as_str()))
            || [ENGAGED, INACTIVE].contains(&tag)
            || self.rules.iter().any(|rule| rule.tag == tag)
    }

    fn activity_tag(&self, activity: &Activity) -> Option<&'static str> {
        let idle = activity.now.signed_duration_since(activity.last);
        if self.inactive_after_days.is_some_and(|days| idle > TimeDelta::days(i64::from(days))) {
            return Some(INACTIVE);
        }
        self.engaged_from.is_some_and(|from| activity.engagement >= i64::from(from)).then_some(ENGAGED)
    }

    /// Everything that is wrong, with paths below `at`.
    pub(crate) fn check(&self, at: &str, found: &mut Found) {
        if self.industry_field.as_ref().is_some_and(|field| field.trim().is_empty()) {
            found.add(format!("{at}.industry_field"), "required", "Name the field.");
        }
        if self.engaged_from.is_some_and(|from| from == 0 || i64::from(from) > MAX_SCORE) {
            found.add(format!("{at}.engaged_from"), "range", format!("1 to {MAX_SCORE}."));
        }
        if self.inactive_after_days.is_some_and(|days| !(1..=MAX_DAYS).contains(&days)) {
            found.add(format!("{at}.inactive_after_days"), "range", format!("1 to {MAX_DAYS}."));
        }
        found.at_most(format!("{at}.rules"), self.rules.len(), MAX_RULES);
        for (i, rule) in self.rules.iter().enumerate() {
            let at = format!("{at}.rules[{i}]");
            if !is_identifier(&rule.tag) || [ENGAGED, INACTIVE].contains(&rule.tag.as_str()) {
                found.add(
                    format!("{at}.tag"),
                    "identifier",
                    format!("`{}` is no free name: lower-case letters, digits, `-` and `_`.", rule.tag),
                );
            }
            rule.when.check(&format!("{at}.when"), found);
        }
    }
}

/// A tag from somebody's words; none if nothing of them is left.
fn prefixed(prefix: &str, words: &str) -> Option<String> {
    let name = slug(words, MAX_TAG_CHARS - prefix.len() - 1);
    (!name.is_empty()).then(|| format!("{prefix}:{name}"))
}

#[cfg(test)]
mod tests {
    use serde_json::{Value as Json, json};

    use super::*;
    use crate::score::Known;

    #[track_caller]
    fn check(rules: &Json, fields: &Json, touch: &Json, engagement: i64, idle_days: i64, expected: &[&str]) {
        let rules: TagRules = serde_json::from_value(rules.clone()).unwrap();
        let now = DateTime::from_timestamp(1_700_000_000, 0).unwrap();
        let person = Person {
            fields: fields.as_object().unwrap(),
            email: "a@b.co",
            country: None,
            locale: "es",
            consents: &[],
            touch,
            known: Known::default(),
        };
        let activity = Activity { engagement, last: now - TimeDelta::days(idle_days), now };
        assert_eq!(rules.tags(&person, &activity), expected);
    }

    #[test]
    fn industry_origin_and_activity_make_tags() {
        let nothing = json!({});
        let touch = json!({"utm": {"source": "Google Ads", "medium": "cpc", "campaign": "Otoño 2026"}});
        check(&nothing, &nothing, &nothing, 0, 0, &[]);
        check(
            &nothing,
            &json!({"industry": "Educación"}),
            &touch,
            0,
            0,
            &["campaign:otono-2026", "industry:educacion", "source:google-ads"],
        );
        check(&json!({"utm": ["medium"]}), &nothing, &touch, 0, 0, &["medium:cpc"]);
        check(
            &json!({"industry_field": "sector"}),
            &json!({"sector": ["Salud", "Pública"]}),
            &nothing,
            0,
            0,
            &["industry:publica", "industry:salud"],
        );
        check(&nothing, &json!({"industry": "&&&"}), &nothing, 0, 0, &[]);
        check(&nothing, &nothing, &nothing, 40, 90, &["engaged"]);
        check(&nothing, &nothing, &nothing, 39, 90, &[]);
        check(&nothing, &nothing, &nothing, 100, 91, &["inactive"]);
    }

    #[test]
    fn rules_make_tags_once() {
        let rules = json!({"rules": [
            {"tag": "b2b", "when": "email_is_business"},
            {"tag": "b2b", "when": {"present": {"field": "company"}}},
            {"tag": "free", "when": "email_is_free"}
        ]});
        check(&rules, &json!({"company": "x"}), &json!(null), 0, 0, &["b2b"]);
    }

    #[test]
    fn a_tag_from_words_stays_short() {
        let fields = json!({"industry": "x".repeat(500)});
        check(&json!({}), &fields, &json!(null), 0, 0, &[&format!("industry:{}", "x".repeat(55))]);
    }

    #[test]
    fn check_tells_everything_that_is_wrong() {
        let rules: TagRules = serde_json::from_value(json!({
            "industry_field": "", "engaged_from": 101, "inactive_after_days": 0,
            "rules": [{"tag": "Not good", "when": "email_is_free"}, {"tag": "engaged", "when": {"all": []}}, {"tag": "ok", "when": "email_is_free"}]
        }))
        .unwrap();
        let mut found = Found::default();
        rules.check("t", &mut found);
        let told: Vec<_> = found.0.iter().map(|violation| violation.field.as_str()).collect();
        assert_eq!(
            told,
            ["t.industry_field", "t.engaged_from", "t.inactive_after_days", "t.rules[0].tag", "t.rules[1].tag", "t.rules[1].when.all"]
        );
        let mut found = Found::default();
        TagRules::default().check("t", &mut found);
        assert_eq!(found.0, []);
    }
}
