//! Points for what somebody did: which events count, how often, and how much of them time has left.

use chrono::{DateTime, TimeDelta, Utc};
use serde::{Deserialize, Serialize};

use super::decay;
use crate::form::Text;

/// Something a visitor did.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct VisitorEvent {
    /// Its type, such as `page` or `track`.
    pub kind: String,
    /// Its name.
    pub name: String,
    /// Where.
    pub url: Option<String>,
    /// When.
    pub occurred_at: DateTime<Utc>,
}

impl VisitorEvent {
    /// A submission, as rules see it: of type `submission`, named after its form.
    #[must_use]
    pub fn submitted(form: &str, page: Option<&str>, at: DateTime<Utc>) -> Self {
        Self { kind: "submission".to_owned(), name: form.to_owned(), url: page.map(str::to_owned), occurred_at: at }
    }
}

/// Points for doing something, each time.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct EventRule {
    /// Its name in every explanation.
    pub id: String,
    /// The group whose cap it falls under.
    pub group: String,
    /// Why, in a few words.
    pub label: Text,
    /// What each occurrence is worth; less than zero takes away, and then does not fade.
    pub points: i32,
    /// Which events count.
    pub event: Pattern,
    /// Fewer occurrences than this give nothing.
    #[serde(default = "once", skip_serializing_if = "is_once")]
    pub at_least: u32,
    /// This many of the newest occurrences count; 1 gives the points once.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub at_most: Option<u32>,
    /// Older occurrences do not count.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub within_days: Option<u32>,
    /// After this long an occurrence is worth half.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub half_life_days: Option<u32>,
}

/// Which events a rule means; all that is given has to hold.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct Pattern {
    /// The type, whole.
    #[serde(rename = "type", skip_serializing_if = "Option::is_none")]
    pub kind: Option<String>,
    /// The name, whole.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub name: Option<String>,
    /// The URL's path, or one above it: `/precios` means `/precios` and `/precios/anual`, not `/precios-2020`. Of a list, any.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub path: Option<Paths>,
}

/// One path, or several that mean the same: a page in two languages, say.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(untagged)]
pub enum Paths {
    /// This one.
    One(String),
    /// Any of these.
    Any(Vec<String>),
}

impl Paths {
    /// Each of them.
    #[must_use]
    pub fn all(&self) -> &[String] {
        match self {
            Self::One(path) => std::slice::from_ref(path),
            Self::Any(paths) => paths,
        }
    }
}

impl Pattern {
    /// Whether it says anything.
    pub(crate) fn is_empty(&self) -> bool {
        *self == Self::default()
    }

    pub(crate) fn fits(&self, event: &VisitorEvent) -> bool {
        self.kind.as_ref().is_none_or(|kind| *kind == event.kind)
            && self.name.as_ref().is_none_or(|name| *name == event.name)
            && self
                .path
                .as_ref()
                .is_none_or(|paths| event.url.as_deref().is_some_and(|url| paths.all().iter().any(|path| is_below(path_of(url), path))))
    }
}

impl EventRule {
    /// What a visitor's events are worth at `now`, rounded once. Later events have not happened yet.
    pub(super) fn points_for(&self, events: &[VisitorEvent], now: DateTime<Utc>) -> i64 {
        let oldest = self.within_days.map(days);
        let mut ages: Vec<TimeDelta> = events
            .iter()
            .filter(|event| self.event.fits(event))
            .map(|event| now.signed_duration_since(event.occurred_at))
            .filter(|age| *age >= TimeDelta::zero() && oldest.is_none_or(|oldest| *age <= oldest))
            .collect();
        if ages.len() < self.at_least as usize {
            return 0;
        }
        ages.sort_unstable();
        ages.truncate(self.at_most.map_or(usize::MAX, |most| most as usize));
        let points = i64::from(self.points);
        match self.half_life_days.map(days) {
            Some(half_life) if points > 0 => {
                let units = ages.iter().map(|age| i128::from(points) * i128::from(decay::remaining(*age, half_life)));
                decay::round(units.sum())
            }
            _ => points.saturating_mul(i64::try_from(ages.len()).unwrap_or(i64::MAX)),
        }
    }
}

fn days(count: u32) -> TimeDelta {
    TimeDelta::days(i64::from(count))
}

/// A URL's path, without the parser's opinions: rules see what the page reported.
fn path_of(url: &str) -> &str {
    let after_scheme = url.split_once("://").map_or(url, |(_, rest)| rest.find('/').map_or("/", |slash| &rest[slash..]));
    let path = after_scheme.split(['?', '#']).next().unwrap_or_default();
    if path.is_empty() { "/" } else { path }
}

fn is_below(path: &str, top: &str) -> bool {
    let top = top.trim_end_matches('/');
    path.strip_prefix(top).is_some_and(|rest| rest.is_empty() || rest.starts_with('/'))
}

const fn once() -> u32 {
    1
}

#[expect(clippy::trivially_copy_pass_by_ref, reason = "serde passes a reference")]
const fn is_once(count: &u32) -> bool {
    *count == 1
}

#[cfg(test)]
mod tests {
    use super::*;

    fn at(days_ago: i64) -> VisitorEvent {
        VisitorEvent {
            kind: "page".to_owned(),
            name: "view".to_owned(),
            url: Some("https://acme.es/precios/anual?x=/blog#/blog".to_owned()),
            occurred_at: now() - TimeDelta::days(days_ago),
        }
    }

    fn now() -> DateTime<Utc> {
        DateTime::from_timestamp(1_700_000_000, 0).unwrap()
    }

    fn rule(json: &str) -> EventRule {
        let mut rule: serde_json::Value = serde_json::from_str(json).unwrap();
        rule["id"] = "r".into();
        rule["group"] = "g".into();
        rule["label"] = serde_json::json!({"es": "x"});
        serde_json::from_value(rule).unwrap()
    }

    #[track_caller]
    fn check(json: &str, days_ago: &[i64], expected: i64) {
        let events: Vec<_> = days_ago.iter().copied().map(at).collect();
        assert_eq!(rule(json).points_for(&events, now()), expected, "{json} {days_ago:?}");
    }

    #[test]
    fn counts_occurrences() {
        check(r#"{"points": 5, "event": {"type": "page"}}"#, &[], 0);
        check(r#"{"points": 5, "event": {"type": "page"}}"#, &[0, 1, 400], 15);
        check(r#"{"points": 5, "event": {"type": "page"}, "at_most": 2}"#, &[0, 1, 400], 10);
        check(r#"{"points": 5, "event": {"type": "page"}, "at_least": 3, "at_most": 1}"#, &[0, 1], 0);
        check(r#"{"points": 5, "event": {"type": "page"}, "at_least": 3, "at_most": 1}"#, &[0, 1, 400], 5);
        check(r#"{"points": 5, "event": {"type": "page"}, "within_days": 1}"#, &[0, 1, 2], 10);
        check(r#"{"points": -5, "event": {"name": "view"}}"#, &[0, 1], -10);
        check(r#"{"points": 5, "event": {"name": "views"}}"#, &[0, 1], 0);
    }

    #[test]
    fn fades_by_half_lives_and_rounds_once() {
        let fading = r#"{"points": 10, "event": {"type": "page"}, "half_life_days": 10}"#;
        check(fading, &[0], 10);
        check(fading, &[10], 5);
        check(fading, &[20], 3);
        check(fading, &[10, 20, 20], 10);
        check(fading, &[1_000], 0);
        check(r#"{"points": 10, "event": {"type": "page"}, "half_life_days": 10, "at_most": 1}"#, &[20, 0, 10], 10);
    }

    #[test]
    fn what_has_not_happened_yet_does_not_count() {
        check(r#"{"points": 5, "event": {"type": "page"}}"#, &[-1, 0], 5);
    }

    #[test]
    fn paths_are_whole_segments() {
        let cases = [
            ("/precios", true),
            ("/precios/", true),
            ("/precios/anual", true),
            ("/precio", false),
            ("/precios/anual/x", false),
            ("/blog", false),
            ("/", true),
        ];
        for (path, expected) in cases {
            for paths in [Paths::One(path.to_owned()), Paths::Any(vec!["/elsewhere".to_owned(), path.to_owned()])] {
                let pattern = Pattern { path: Some(paths), ..Pattern::default() };
                assert_eq!(pattern.fits(&at(0)), expected, "{path}");
            }
        }
        for (url, expected) in [("https://a.es", "/"), ("https://a.es?x", "/"), ("/p?q", "/p"), ("", "/"), ("//a/b", "//a/b")] {
            assert_eq!(path_of(url), expected, "{url}");
        }
    }

    #[test]
    fn a_submission_is_an_event_like_any_other() {
        let pattern = Pattern { kind: Some("submission".to_owned()), name: Some("demo".to_owned()), path: None };
        assert!(pattern.fits(&VisitorEvent::submitted("demo", None, now())));
        assert!(!pattern.fits(&VisitorEvent::submitted("other", None, now())));
    }
}
