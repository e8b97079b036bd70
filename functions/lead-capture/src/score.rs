//! Lead score: how well a person fits, how much they engage, both from 0 to 100, one number of both, and a band A1 to C3.
//! Rules are data. The same rules, person, events and time give the same bytes; the browser never sees any of it.

mod check;
mod condition;
mod decay;
mod event;

use std::cmp::Ordering;
use std::collections::BTreeMap;

use chrono::{DateTime, Utc};
use orilla_text::Locale;
use serde::{Deserialize, Serialize};
use serde_json::{Value as Json, json};

pub use condition::{Condition, Deeds, Known, Named, Part, Person, Standing, Utm};
pub use event::{EventRule, Paths, Pattern, VisitorEvent};

use crate::form::Text;
use crate::tags::TagRules;

/// The top of every scale.
pub const MAX_SCORE: i64 = 100;

/// A site's rules, as its file `scoring.toml` describes them. Which version they are is the store's to count.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct RuleSet {
    /// Who the person is.
    pub fit: FitRules,
    /// What the person does.
    pub engagement: EngagementRules,
    /// How much each side counts.
    pub weights: Weights,
    /// Where the bands begin.
    pub bands: Bands,
    /// What follows beyond numbers.
    pub tags: TagRules,
    /// The segments that conditions here name, as they were when this version was applied: put in by the apply, never by a file.
    #[serde(skip_serializing_if = "Named::is_empty")]
    pub segments: Named,
}

/// Rules over what a person answered.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct FitRules {
    /// Groups by name; the four of [`BANT`] are there without being named.
    pub groups: BTreeMap<String, Group>,
    /// The rules; their order means nothing.
    pub rules: Vec<FitRule>,
}

/// Rules over what a person did.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct EngagementRules {
    /// Groups by name.
    pub groups: BTreeMap<String, Group>,
    /// The rules; their order means nothing.
    pub rules: Vec<EventRule>,
}

/// Rules that together add at most so much.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Group {
    /// The most that its rules add up to.
    pub cap: u32,
    /// What it is called.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub label: Option<Text>,
}

/// Points for who somebody is.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct FitRule {
    /// Its name in every explanation.
    pub id: String,
    /// The group whose cap it falls under.
    pub group: String,
    /// Why, in a few words.
    pub label: Text,
    /// What it is worth; less than zero takes away.
    pub points: i32,
    /// What it asks.
    pub when: Condition,
}

/// How much each side counts in the combined score.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Weights {
    /// Parts of fit.
    pub fit: u32,
    /// Parts of engagement.
    pub engagement: u32,
}

impl Default for Weights {
    /// Equal parts, as HubSpot's combined score splits its points (chosen).
    fn default() -> Self {
        Self { fit: 50, engagement: 50 }
    }
}

/// Where the bands begin: letters by fit, digits by engagement.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct Bands {
    /// A from `high`, B from `medium`, else C.
    pub fit: Steps,
    /// 1 from `high`, 2 from `medium`, else 3.
    pub engagement: Steps,
}

/// Two steps make three bands.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Steps {
    /// The best band begins here.
    pub high: u32,
    /// The middle band begins here.
    pub medium: u32,
}

impl Default for Steps {
    /// 70 and 40 (chosen): the upper and the middle third, with the bar for the best a little higher.
    fn default() -> Self {
        Self { high: 70, medium: 40 }
    }
}

/// What a person is worth, and why.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Score {
    /// Both sides by their weights, 0 to 100.
    pub combined: i64,
    /// Who they are, 0 to 100.
    pub fit: i64,
    /// What they do, 0 to 100.
    pub engagement: i64,
    /// A1 to C3.
    pub band: &'static str,
    /// Why: Σ `points` is `combined`, and Σ `side_points` of a side is that side's score, exactly.
    pub contributions: Vec<Contribution>,
}

/// One reason of a score.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Contribution {
    /// Which side it belongs to.
    pub side: Side,
    /// Which group.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub group: Option<String>,
    /// The rule's id, `cap:` and a group for what a cap took away, or `clamp:` and a side for what the scale's ends changed.
    pub rule: String,
    /// Why, in a few words.
    pub label: Text,
    /// What it adds to the side's score.
    pub side_points: i64,
    /// What it adds to the combined score: its side's weight, rounded so that the running total is always the rounded one.
    pub points: i64,
}

/// Half of a score.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum Side {
    /// Who somebody is.
    Fit,
    /// What somebody does.
    Engagement,
}

impl Side {
    /// The wire name.
    #[must_use]
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Fit => "fit",
            Self::Engagement => "engagement",
        }
    }
}

/// The four fit groups every site has: name, cap unless the site says otherwise, and what they are called.
///
/// Source: BANT, the qualification questions of IBM's sales training. Caps chosen: equal parts of the scale.
pub const BANT: [(&str, u32, &str, &str); 4] = [
    ("budget", 25, "Presupuesto", "Budget"),
    ("authority", 25, "Autoridad", "Authority"),
    ("need", 25, "Necesidad", "Need"),
    ("timing", 25, "Plazo", "Timing"),
];

impl RuleSet {
    /// A person as these rules see them: by what they did up to `now`, and with nothing made of them yet.
    #[must_use]
    pub fn seen<'a>(&'a self, person: &Person<'a>, events: &'a [VisitorEvent], now: DateTime<Utc>) -> Person<'a> {
        let first_seen = person.known.first_seen;
        Person { known: Known { events, now, first_seen, standing: None, segments: Some(&self.segments) }, ..*person }
    }

    /// Each condition of these rules, with its path below `at`.
    pub(crate) fn conditions(&self, at: &str) -> impl Iterator<Item = (String, &Condition)> {
        let fit = self.fit.rules.iter().enumerate().map(move |(i, rule)| (format!("{at}.fit.rules[{i}].when"), &rule.when));
        let tags = self.tags.rules.iter().enumerate().map(move |(i, rule)| (format!("{at}.tags.rules[{i}].when"), &rule.when));
        fit.chain(tags)
    }

    /// Scores a person by what they answered and did up to `now`. Never fails, whatever the rules.
    ///
    /// Rounding happens once per rule. Caps and the ends of the scale then take away whole points, each as a contribution
    /// of its own, so that the sums are exact.
    #[must_use]
    pub fn score(&self, person: &Person<'_>, events: &[VisitorEvent], now: DateTime<Utc>) -> Score {
        let person = &self.seen(person, events, now);
        let fit = Tally::of(
            Side::Fit,
            self.fit.rules.iter().filter(|rule| rule.when.holds(person)).map(|rule| Line {
                group: &rule.group,
                rule: &rule.id,
                label: &rule.label,
                points: i64::from(rule.points),
            }),
            |group| self.fit.group(group),
        );
        let engagement = Tally::of(
            Side::Engagement,
            self.engagement.rules.iter().map(|rule| Line {
                group: &rule.group,
                rule: &rule.id,
                label: &rule.label,
                points: rule.points_for(events, now),
            }),
            |group| self.engagement.groups.get(group).cloned(),
        );
        let weigh = |fit: i64, engagement: i64| self.weights.weigh(fit, engagement);
        let mut contributions = fit.contributions;
        contributions.extend(engagement.contributions);
        share_out(&mut contributions, weigh);
        Score {
            combined: weigh(fit.score, engagement.score),
            fit: fit.score,
            engagement: engagement.score,
            band: self.bands.of(fit.score, engagement.score),
            contributions,
        }
    }
}

impl Score {
    /// What is stored beside the numbers.
    #[must_use]
    pub fn detail(&self, rules_version: i64) -> Json {
        json!({ "rules_version": rules_version, "contributions": self.contributions })
    }
}

impl FitRules {
    /// A group as the site names it, or one of the four that are always there and have a name already.
    fn group(&self, name: &str) -> Option<Group> {
        let always = bant(name);
        let Some(Group { cap, label }) = self.groups.get(name) else { return always };
        Some(Group { cap: *cap, label: label.clone().or_else(|| always?.label) })
    }
}

fn bant(name: &str) -> Option<Group> {
    let (_, cap, es, en) = BANT.into_iter().find(|(group, ..)| *group == name)?;
    Some(Group { cap, label: Some(in_both(es, en)) })
}

impl Weights {
    /// Both sides as one, halves up.
    fn weigh(self, fit: i64, engagement: i64) -> i64 {
        let (by_fit, by_engagement) = (i64::from(self.fit), i64::from(self.engagement));
        let parts = (by_fit + by_engagement).max(1);
        let sum = fit.saturating_mul(by_fit).saturating_add(engagement.saturating_mul(by_engagement));
        sum.saturating_mul(2).saturating_add(parts).div_euclid(2 * parts)
    }
}

impl Bands {
    /// The band of a pair of scores.
    #[must_use]
    pub fn of(&self, fit: i64, engagement: i64) -> &'static str {
        const NAMES: [[&str; 3]; 3] = [["A1", "A2", "A3"], ["B1", "B2", "B3"], ["C1", "C2", "C3"]];
        NAMES[self.fit.step(fit)][self.engagement.step(engagement)]
    }
}

impl Steps {
    fn step(self, score: i64) -> usize {
        usize::from(score < i64::from(self.high)) + usize::from(score < i64::from(self.medium.min(self.high)))
    }
}

/// What one rule gave.
struct Line<'a> {
    group: &'a str,
    rule: &'a str,
    label: &'a Text,
    points: i64,
}

/// One side, added up.
struct Tally {
    score: i64,
    contributions: Vec<Contribution>,
}

impl Tally {
    /// Adds up group by group, in an order that does not depend on the file's.
    fn of<'a>(side: Side, lines: impl Iterator<Item = Line<'a>>, group_of: impl Fn(&str) -> Option<Group>) -> Self {
        let mut groups: BTreeMap<&str, Vec<Line<'a>>> = BTreeMap::new();
        for line in lines.filter(|line| line.points != 0) {
            groups.entry(line.group).or_default().push(line);
        }
        let mut tally = Self { score: 0, contributions: Vec::new() };
        for (name, mut lines) in groups {
            lines.sort_by(|a, b| by_weight(a, b));
            let sum: i64 = lines.iter().map(|line| line.points).sum();
            for line in lines {
                tally.add(side, Some(name), line.rule.to_owned(), line.label.clone(), line.points);
            }
            let Some(group) = group_of(name) else { continue };
            let excess = sum - i64::from(group.cap);
            if excess > 0 {
                tally.add(side, Some(name), format!("cap:{name}"), cap_label(name, &group), -excess);
            }
        }
        let within = tally.score.clamp(0, MAX_SCORE);
        if within != tally.score {
            let rule = format!("clamp:{}", side.as_str());
            tally.add(side, None, rule, in_both("La escala va de 0 a 100", "The scale goes from 0 to 100"), within - tally.score);
        }
        tally
    }

    fn add(&mut self, side: Side, group: Option<&str>, rule: String, label: Text, side_points: i64) {
        self.score += side_points;
        self.contributions.push(Contribution { side, group: group.map(str::to_owned), rule, label, side_points, points: 0 });
    }
}

/// The weightiest first; ids decide between equals.
fn by_weight(a: &Line<'_>, b: &Line<'_>) -> Ordering {
    b.points.cmp(&a.points).then_with(|| a.rule.cmp(b.rule))
}

/// Gives every contribution its part of the combined score: the step of the rounded running total, so nothing is left over.
fn share_out(contributions: &mut [Contribution], weigh: impl Fn(i64, i64) -> i64) {
    let (mut fit, mut engagement) = (0, 0);
    let mut before = weigh(0, 0);
    for contribution in contributions {
        match contribution.side {
            Side::Fit => fit += contribution.side_points,
            Side::Engagement => engagement += contribution.side_points,
        }
        let after = weigh(fit, engagement);
        contribution.points = after - before;
        before = after;
    }
}

fn cap_label(name: &str, group: &Group) -> Text {
    let called = |locale| group.label.as_ref().map_or(name, |label| label.get(locale));
    let (es, en) = (called(Locale::Es), called(Locale::En));
    in_both(&format!("Tope de «{es}»: {}", group.cap), &format!("Cap of “{en}”: {}", group.cap))
}

fn in_both(es: &str, en: &str) -> Text {
    Text(BTreeMap::from([(Locale::Es, es.to_owned()), (Locale::En, en.to_owned())]))
}

#[cfg(test)]
mod tests;
