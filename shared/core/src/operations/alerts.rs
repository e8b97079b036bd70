//! Alert rules: what a site's files ask to be told of, and when it is told. Times and figures come in, news goes out.

pub mod notice;
pub mod reading;

use chrono::TimeDelta;
use serde::{Deserialize, Serialize};
use serde_json::json;

use super::FUNCTIONS;
use super::meter::BOUNDS_MILLIS;
use crate::sites::SiteId;
use crate::sql::Statement;

/// Something is as bad as a rule says.
pub const RAISED: &str = "alert.raised";
/// It is well again.
pub const CLEARED: &str = "alert.cleared";

/// The most rules of one site. Chosen: each is a question to the store every minute.
pub const MOST: usize = 20;

/// What a rule looks at.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Measure {
    /// The share of requests that failed by our own fault, from 0 to 1.
    ErrorRate,
    /// What 95 of 100 requests took at most, in milliseconds.
    P95,
    /// How long the site's delivery waits that is due longest, in seconds.
    OutboxAge,
    /// How many promises to the site's customers were broken.
    SlaBreaches,
}

impl Measure {
    /// Whether it is the whole deployment's, so that its operator alone may ask for it.
    #[must_use]
    pub const fn is_operators(self) -> bool {
        matches!(self, Self::ErrorRate | Self::P95)
    }
}

/// One rule, as `[[alerts]]` in `site.toml` has it.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Rule {
    /// Its name.
    pub id: String,
    /// What it looks at.
    pub measure: Measure,
    /// Beyond which value it is raised, in the measure's own unit.
    pub above: f64,
    /// Over how many minutes back it looks; of an age there is no such window.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub over_minutes: Option<u32>,
    /// At which function alone.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub function: Option<String>,
    /// With how many requests it begins to mean something.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub least_requests: Option<u32>,
}

/// Over how long a rule looks that does not say. Chosen: short enough to hear of it in time, longer than a hiccup.
const OVER_MINUTES: u32 = 5;
/// The longest window: half of what is kept of minutes.
const MOST_MINUTES: u32 = 24 * 60;
/// How many requests a rule wants that does not say. Chosen: so that one failure alone is none of five in a hundred.
const LEAST_REQUESTS: u32 = 20;
/// How far below its limit a raised alert has to come. Chosen: a fifth; a value that hovers around the limit is one alert, not many.
const CALM_SHARE: f64 = 0.8;
/// How many looks in a row have to find it there. Chosen: at a look a minute, a release or a restart is not the end of an incident.
const CALM_LOOKS: u32 = 3;

impl Rule {
    /// Over how long it looks.
    #[must_use]
    pub fn window(&self) -> TimeDelta {
        TimeDelta::minutes(self.over_minutes.unwrap_or(OVER_MINUTES).into())
    }

    /// Everything that is wrong, as field, code and sentence.
    #[must_use]
    pub fn check(&self) -> Vec<(&'static str, &'static str, String)> {
        let mut found = Vec::new();
        let most = match self.measure {
            Measure::ErrorRate => 1.0,
            // Beyond it no bucket tells one time from another.
            Measure::P95 => f64::from(BOUNDS_MILLIS.last().copied().unwrap_or_default()),
            Measure::OutboxAge | Measure::SlaBreaches => f64::from(u32::MAX),
        };
        if !(0.0..most).contains(&self.above) {
            found.push(("above", "range", format!("It is a number from 0 to below {most}.")));
        }
        if self.over_minutes.is_some_and(|minutes| !(1..=MOST_MINUTES).contains(&minutes)) {
            found.push(("over_minutes", "range", format!("It is a number from 1 to {MOST_MINUTES}.")));
        }
        if self.over_minutes.is_some() && self.measure == Measure::OutboxAge {
            found.push(("over_minutes", "not_applicable", "How long a delivery waits is looked at as it is.".to_owned()));
        }
        if !self.measure.is_operators() {
            let words = "Only requests have a function and a number; the measures are error_rate and p95.";
            found.extend(self.function.as_ref().map(|_| ("function", "not_applicable", words.to_owned())));
            found.extend(self.least_requests.map(|_| ("least_requests", "not_applicable", words.to_owned())));
        } else if self.function.as_ref().is_some_and(|name| !FUNCTIONS.contains(&name.as_str())) {
            found.push(("function", "function", format!("There is no such function; they are {}.", FUNCTIONS.join(", "))));
        }
        found
    }

    /// What one look makes of a rule that is raised or not, after so many calm looks.
    #[must_use]
    pub fn step(&self, is_raised: bool, calm: u32, reading: Reading) -> Step {
        if !is_raised {
            let is_enough = reading.requests.is_none_or(|n| n >= u64::from(self.least_requests.unwrap_or(LEAST_REQUESTS)));
            return if is_enough && reading.value > self.above { Step::Raise } else { Step::Stay };
        }
        let is_calm = reading.requests == Some(0) || reading.value <= self.above * CALM_SHARE;
        match (is_calm, calm) {
            (false, 0) => Step::Stay,
            (false, _) => Step::Calm(0),
            (true, calm) if calm + 1 >= CALM_LOOKS => Step::Clear,
            (true, calm) => Step::Calm(calm + 1),
        }
    }
}

/// What a look found.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Reading {
    /// The value, in the measure's own unit.
    pub value: f64,
    /// Of how many requests, where it is of requests.
    pub requests: Option<u64>,
}

/// What follows from a look.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Step {
    /// Nothing changes.
    Stay,
    /// Everybody is told that it is bad.
    Raise,
    /// It is raised, and found calm so many times in a row.
    Calm(u32),
    /// Everybody is told that it is well.
    Clear,
}

/// Makes a site's rules those of its files. A rule that stays keeps whether it is raised; one that goes takes that with it, and nobody is told.
#[must_use]
pub fn apply(site: &SiteId, rules: &[Rule]) -> [Statement; 2] {
    let ids: Vec<_> = rules.iter().map(|rule| rule.id.as_str()).collect();
    let rows: Vec<_> = rules.iter().map(|rule| json!([rule.id, json!(rule).to_string()])).collect();
    [
        Statement::new("DELETE FROM alerts WHERE site_id = ?1 AND id NOT IN (SELECT value FROM json_each(?2))")
            .bind(site)
            .bind(json!(ids).to_string()),
        Statement::new(
            "INSERT INTO alerts (site_id, id, rule) SELECT ?1, value ->> '$[0]', value ->> '$[1]' FROM json_each(?2) WHERE true \
             ON CONFLICT (site_id, id) DO UPDATE SET rule = excluded.rule WHERE rule <> excluded.rule",
        )
        .bind(site)
        .bind(json!(rows).to_string()),
    ]
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    fn rule(measure: Measure, above: f64) -> Rule {
        Rule { id: "r".to_owned(), measure, above, over_minutes: None, function: None, least_requests: None }
    }

    #[track_caller]
    fn check(rule: Rule, expect: &[&str]) {
        let found: Vec<_> = rule.check().iter().map(|(field, code, _)| format!("{field} {code}")).collect();
        assert_eq!(found, expect, "{rule:?}");
    }

    #[test]
    fn rules_say_what_is_wrong_with_them() {
        check(rule(Measure::ErrorRate, 0.05), &[]);
        check(rule(Measure::ErrorRate, 5.0), &["above range"]);
        check(rule(Measure::P95, 10_000.0), &["above range"]);
        check(rule(Measure::OutboxAge, -1.0), &["above range"]);
        check(Rule { over_minutes: Some(5), ..rule(Measure::OutboxAge, 300.0) }, &["over_minutes not_applicable"]);
        check(Rule { over_minutes: Some(0), ..rule(Measure::P95, 300.0) }, &["over_minutes range"]);
        check(Rule { function: Some("lead-captur".to_owned()), ..rule(Measure::P95, 300.0) }, &["function function"]);
        check(Rule { function: Some("lead-capture".to_owned()), ..rule(Measure::P95, 300.0) }, &[]);
        let stray = Rule { function: Some("lead-capture".to_owned()), least_requests: Some(1), ..rule(Measure::SlaBreaches, 0.0) };
        check(stray, &["function not_applicable", "least_requests not_applicable"]);
    }

    #[track_caller]
    fn walk(rule: &Rule, readings: &[(f64, u64)], expect: &str) {
        let (mut is_raised, mut calm, mut steps) = (false, 0, String::new());
        for (value, requests) in readings {
            steps.push(match rule.step(is_raised, calm, Reading { value: *value, requests: Some(*requests) }) {
                Step::Stay => '.',
                Step::Calm(looks) => {
                    calm = looks;
                    'c'
                }
                step => {
                    (is_raised, calm) = (step == Step::Raise, 0);
                    if is_raised { 'R' } else { 'C' }
                }
            });
        }
        assert_eq!(steps, expect, "{readings:?}");
    }

    #[test]
    fn a_value_that_hovers_is_one_alert() {
        let five = rule(Measure::ErrorRate, 0.05);
        walk(&five, &[(0.05, 100), (0.06, 100), (0.045, 100), (0.06, 100), (0.041, 100)], ".R...");
        walk(&five, &[(0.06, 100), (0.04, 100), (0.04, 100), (0.06, 100), (0.0, 100), (0.0, 100), (0.0, 100), (0.0, 100)], "RcccccC.");
        walk(&five, &[(0.5, 19), (0.5, 20), (0.5, 3), (0.0, 0), (0.0, 0), (0.0, 0)], ".R.ccC");
    }

    #[test]
    fn a_limit_of_nothing_is_reached_again_by_nothing() {
        walk(&rule(Measure::SlaBreaches, 0.0), &[(0.0, 20), (1.0, 20), (1.0, 20), (0.0, 20), (0.0, 20), (0.0, 20)], ".R.ccC");
    }

    proptest! {
        #[test]
        fn news_alternates_and_clears_only_what_was_calm(values in proptest::collection::vec(0.0f64..0.2, 0..200)) {
            let rule = rule(Measure::ErrorRate, 0.1);
            let (mut is_raised, mut calm) = (false, 0);
            for (at, value) in values.iter().enumerate() {
                match rule.step(is_raised, calm, Reading { value: *value, requests: Some(100) }) {
                    Step::Raise => {
                        prop_assert!(!is_raised && *value > 0.1);
                        (is_raised, calm) = (true, 0);
                    }
                    Step::Clear => {
                        prop_assert!(is_raised && values[at - 2..=at].iter().all(|value| *value <= 0.08));
                        is_raised = false;
                    }
                    Step::Calm(looks) => calm = looks,
                    Step::Stay => {}
                }
            }
        }
    }
}
