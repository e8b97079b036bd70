//! Yearly recurrence, as holidays have it: the same date each year, or the fourth Thursday of November.
//!
//! Source: RFC 5545, section 3.3.10. Rules by week number, by day of the year or by position are not read, nor are other frequencies.

use chrono::{Datelike, NaiveDate, Weekday};

/// A yearly rule.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Rule {
    interval: i32,
    count: Option<usize>,
    until: Option<NaiveDate>,
    months: Vec<u32>,
    month_days: Vec<i32>,
    /// With the how many-th of the month or year; zero for each.
    days: Vec<(i32, Weekday)>,
}

impl Rule {
    /// Reads a rule's value; `None` if it is wrong or more than is read here.
    pub fn parse(text: &str) -> Option<Self> {
        let mut rule = Self { interval: 1, count: None, until: None, months: vec![], month_days: vec![], days: vec![] };
        let mut is_yearly = false;
        for part in text.split(';').filter(|part| !part.is_empty()) {
            let (name, value) = part.split_once('=')?;
            match name.to_ascii_uppercase().as_str() {
                "FREQ" => is_yearly = value.eq_ignore_ascii_case("YEARLY"),
                "INTERVAL" => rule.interval = value.parse().ok().filter(|interval| (1..=1_000).contains(interval))?,
                "COUNT" => rule.count = Some(value.parse().ok()?),
                "UNTIL" => rule.until = Some(date(value)?),
                "BYMONTH" => rule.months = list(value, |month| month.parse().ok().filter(|month| (1..=12).contains(month)))?,
                "BYMONTHDAY" => rule.month_days = list(value, |day| day.parse().ok().filter(|day: &i32| (1..=31).contains(&day.abs())))?,
                "BYDAY" => rule.days = list(value, weekday)?,
                // Matters to weeks alone.
                "WKST" => {}
                _ => return None,
            }
        }
        let has_places = rule.days.iter().any(|(place, _)| *place != 0);
        (is_yearly && (rule.month_days.is_empty() || !has_places)).then_some(rule)
    }

    /// The dates from the first on, none after `last`. Takes what it looks at from `budget`; `None` when that is used up.
    pub fn dates(&self, first: NaiveDate, last: NaiveDate, budget: &mut usize) -> Option<Vec<NaiveDate>> {
        let last = self.until.map_or(last, |until| until.min(last));
        let mut dates = Vec::new();
        for year in (first.year()..=last.year()).step_by(self.interval.unsigned_abs() as usize) {
            let mut found = self.year(first, year);
            *budget = budget.checked_sub(found.len() + 1)?;
            found.sort_unstable();
            found.dedup();
            dates.extend(found.into_iter().filter(|date| *date >= first && *date <= last));
            if self.count.is_some_and(|count| dates.len() >= count) {
                break;
            }
        }
        dates.truncate(self.count.unwrap_or(usize::MAX));
        Some(dates)
    }

    fn year(&self, first: NaiveDate, year: i32) -> Vec<NaiveDate> {
        let all: Vec<u32> = (1..=12).collect();
        if !self.month_days.is_empty() {
            let months = if self.months.is_empty() { &all } else { &self.months };
            let dates = months.iter().flat_map(|month| self.month_days.iter().filter_map(|day| month_day(year, *month, *day)));
            return dates.filter(|date| self.days.is_empty() || self.days.iter().any(|(_, day)| *day == date.weekday())).collect();
        }
        if !self.days.is_empty() {
            let spans: Vec<_> = match self.months.as_slice() {
                [] => NaiveDate::from_ymd_opt(year, 1, 1).zip(NaiveDate::from_ymd_opt(year, 12, 31)).into_iter().collect(),
                months => months.iter().filter_map(|month| month_day(year, *month, 1).zip(month_day(year, *month, -1))).collect(),
            };
            return spans.iter().flat_map(|span| self.days.iter().flat_map(|(place, day)| weekdays(*span, *place, *day))).collect();
        }
        let month = [first.month()];
        let months = if self.months.is_empty() { &month } else { self.months.as_slice() };
        months.iter().filter_map(|month| NaiveDate::from_ymd_opt(year, *month, first.day())).collect()
    }
}

/// `20261225`, also as the beginning of a date with a time.
pub(super) fn date(text: &str) -> Option<NaiveDate> {
    let digits = text.get(..8).filter(|digits| digits.bytes().all(|digit| digit.is_ascii_digit()))?;
    NaiveDate::from_ymd_opt(digits[..4].parse().ok()?, digits[4..6].parse().ok()?, digits[6..].parse().ok()?)
}

fn list<T>(text: &str, read: impl Fn(&str) -> Option<T>) -> Option<Vec<T>> {
    let list: Option<Vec<T>> = text.split(',').map(|one| read(one.trim())).collect();
    // A year has no more days than this; a list that repeats itself is no rule.
    list.filter(|list| list.len() <= 366)
}

fn weekday(text: &str) -> Option<(i32, Weekday)> {
    let (place, day) = text.split_at_checked(text.len().checked_sub(2)?)?;
    let days = [
        ("MO", Weekday::Mon),
        ("TU", Weekday::Tue),
        ("WE", Weekday::Wed),
        ("TH", Weekday::Thu),
        ("FR", Weekday::Fri),
        ("SA", Weekday::Sat),
        ("SU", Weekday::Sun),
    ];
    let (_, day) = days.into_iter().find(|(name, _)| name.eq_ignore_ascii_case(day))?;
    let place = if place.is_empty() { 0 } else { place.parse().ok().filter(|place: &i32| *place != 0 && place.abs() <= 53)? };
    Some((place, day))
}

fn month_day(year: i32, month: u32, day: i32) -> Option<NaiveDate> {
    let first = NaiveDate::from_ymd_opt(year, month, 1)?;
    let length = i32::from(first.num_days_in_month());
    let day = if day > 0 { day } else { length + 1 + day };
    NaiveDate::from_ymd_opt(year, month, u32::try_from(day).ok()?)
}

fn weekdays((from, to): (NaiveDate, NaiveDate), place: i32, day: Weekday) -> Vec<NaiveDate> {
    let all: Vec<NaiveDate> = from.iter_days().take_while(|date| *date <= to).filter(|date| date.weekday() == day).collect();
    let from_the_end = |place: i32| all.len().checked_sub(place.unsigned_abs() as usize);
    let index = match place {
        0 => return all,
        1.. => (place as usize).checked_sub(1),
        _ => from_the_end(place),
    };
    index.and_then(|index| all.get(index)).copied().into_iter().collect()
}
