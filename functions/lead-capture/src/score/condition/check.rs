//! Tells everything that is wrong with a condition at once, each with its path.

use super::Condition;
use super::known::check_days;
use crate::fold::fold;
use crate::form::Found;

/// Chosen: enough for "this, and not one of those", low enough to be read.
const MAX_DEPTH: u32 = 4;
/// Chosen: every country fits.
const MAX_VALUES: usize = 300;

impl Condition {
    /// Everything that is wrong, with paths below `at`.
    pub(crate) fn check(&self, at: &str, found: &mut Found) {
        self.check_within(at, found, MAX_DEPTH);
    }

    fn check_within(&self, at: &str, found: &mut Found, depth: u32) {
        match self {
            Self::Present { field } | Self::Consent { name: field } => check_name(at, field, found),
            Self::OneOf { field, values } => {
                check_name(at, field, found);
                check_values(at, "values", values, found);
            }
            Self::HasWord { field, words } => {
                check_name(at, field, found);
                check_values(at, "words", words, found);
            }
            Self::Contains { field, parts } => {
                check_name(at, field, found);
                check_values(at, "parts", parts, found);
            }
            Self::Number { field, min, max } => {
                check_name(at, field, found);
                let is_range = min.is_some() || max.is_some();
                let is_ordered = min.unwrap_or(f64::MIN) <= max.unwrap_or(f64::MAX);
                if !is_range || !is_ordered {
                    found.add(at, "range", "A number lies between `min` and `max`; at least one of them is given, in order.");
                }
            }
            Self::EmailIsFree | Self::EmailIsBusiness | Self::Confirmed => {}
            Self::Did(deeds) => deeds.check(&format!("{at}.did"), found),
            Self::FirstSeen { within_days } => check_days(&format!("{at}.first_seen"), *within_days, found),
            Self::LastSeen { within_days } => check_days(&format!("{at}.last_seen"), *within_days, found),
            Self::Band { values } => {
                check_values(at, "values", values, found);
                if !values.iter().all(|band| matches!(band.as_bytes(), [b'A'..=b'C', b'1'..=b'3'])) {
                    found.add(format!("{at}.values"), "band", "A band is a letter A to C and a digit 1 to 3, such as A1.");
                }
            }
            Self::Score { min, max, .. } => check_between(at, *min, *max, found),
            Self::Nps { min, max } => check_between(at, *min, *max, found),
            Self::Segment(name) => check_name(at, name, found),
            Self::EmailDomain { values } | Self::Locale { values } | Self::Utm { values, .. } | Self::Tag { values } => {
                check_values(at, "values", values, found);
            }
            Self::Country { values } => {
                check_values(at, "values", values, found);
                let is_code = |value: &String| value.len() == 2 && value.bytes().all(|b| b.is_ascii_alphabetic());
                if !values.iter().all(is_code) {
                    found.add(format!("{at}.values"), "country", "Countries are two letters, such as MX. Source: ISO 3166-1.");
                }
            }
            Self::Not(condition) if depth > 0 => condition.check_within(&format!("{at}.not"), found, depth - 1),
            Self::All(conditions) | Self::Any(conditions) if depth > 0 => {
                let name = if matches!(self, Self::All(_)) { "all" } else { "any" };
                if conditions.is_empty() {
                    found.add(format!("{at}.{name}"), "required", "Name at least one condition.");
                }
                found.at_most(format!("{at}.{name}"), conditions.len(), MAX_VALUES);
                for (i, condition) in conditions.iter().enumerate() {
                    condition.check_within(&format!("{at}.{name}[{i}]"), found, depth - 1);
                }
            }
            Self::Not(_) | Self::All(_) | Self::Any(_) => {
                found.add(at, "too_deep", format!("Conditions stand at most {MAX_DEPTH} deep in one another."));
            }
        }
    }
}

fn check_name(at: &str, name: &str, found: &mut Found) {
    if name.trim().is_empty() {
        found.add(at, "required", "Name the field, consent or segment.");
    }
}

fn check_between(at: &str, min: Option<i64>, max: Option<i64>, found: &mut Found) {
    if (min, max) == (None, None) || min.zip(max).is_some_and(|(min, max)| min > max) {
        found.add(at, "range", "It lies between `min` and `max`; at least one of them is given, in order.");
    }
}

fn check_values(at: &str, name: &str, values: &[String], found: &mut Found) {
    let path = format!("{at}.{name}");
    if values.is_empty() {
        found.add(&path, "required", "Name at least one.");
    }
    found.at_most(&path, values.len(), MAX_VALUES);
    for (i, value) in values.iter().enumerate().filter(|(_, value)| fold(value).is_empty()) {
        found.add(format!("{path}[{i}]"), "required", format!("`{value}` is no text."));
    }
}
