//! Holidays from the text of an iCalendar feed: what it would close, and what it names that is not taken, before anything is stored.
//!
//! Written here, because the crates that read iCalendar bring clocks and randomness of their own, neither of which an edge guest has, and
//! holidays need little of it: whole days, yearly rules, exceptions. What is read and what is not is said in `LeftOut`.

mod lines;
mod rule;

#[cfg(test)]
mod tests;

use std::collections::{BTreeMap, BTreeSet};

use chrono::{Datelike, Days, NaiveDate};
use serde::Serialize;
use thiserror::Error as ThisError;

use crate::calendar::{Holiday, MOST_DATES};
use lines::{Line, lines};
use rule::{Rule, date};

/// How long a feed may be, in bytes. Chosen: twenty times a country's feed of five years.
pub const MOST_BYTES: usize = 1 << 20;
/// For how many years it is read. Chosen: beyond it nobody promises anything.
pub const MOST_YEARS: i32 = 20;
/// How many dates are looked at in rules. Chosen: two thousand holidays since 1900.
const MOST_LOOKS: usize = 300_000;
/// How long one holiday may be, in days. Chosen: who closes for longer has no calendar.
const MOST_DAYS: i64 = 366;
/// How much of a name is kept, in characters. Chosen: a line on a screen.
const NAME_CHARS: usize = 120;

/// What a feed says about some years.
#[derive(Debug, Clone, PartialEq, Eq, Default, Serialize)]
pub struct Feed {
    /// What it closes, in order, each once.
    pub holidays: Vec<Holiday>,
    /// What it names that closes nothing.
    pub left_out: Vec<LeftOut>,
}

/// An event that closes nothing.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct LeftOut {
    /// What people call it.
    pub name: String,
    /// Why.
    pub why: Why,
}

/// Why an event closes nothing.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum Why {
    /// It does not take place.
    Cancelled,
    /// It begins or ends at a time of the day: an appointment, not a holiday.
    Timed,
    /// Its beginning or its end is missing or no date.
    Dateless,
    /// It lasts longer than a year.
    TooLong,
    /// It recurs by a rule that is not read here: every week, say, or by the calendar of another faith.
    Rule,
    /// None of it is in the years asked for.
    Outside,
}

/// Why a text is no feed.
#[derive(Debug, Clone, Copy, PartialEq, Eq, ThisError)]
pub enum Error {
    /// It is too long.
    #[error("a feed of {0} bytes is too long")]
    TooLong(usize),
    /// It does not begin as one.
    #[error("line {line}: no iCalendar, which begins with BEGIN:VCALENDAR")]
    NotCalendar {
        /// Where something else stands, from 1.
        line: usize,
    },
    /// It is cut off in the middle of an event.
    #[error("line {line}: the feed ends within the event that begins here")]
    CutOff {
        /// Where the event begins, from 1.
        line: usize,
    },
    /// It has, or its rules make, more dates than are taken.
    #[error("the feed has too many dates")]
    TooMany,
    /// The years asked for end before they begin, or are too many.
    #[error("the years asked for are none or too many")]
    Years,
}

/// Reads a feed for the days from `from` to `to`.
pub fn read(text: &str, from: NaiveDate, to: NaiveDate) -> Result<Feed, Error> {
    if text.len() > MOST_BYTES {
        return Err(Error::TooLong(text.len()));
    }
    if to < from || to.year() - from.year() > MOST_YEARS {
        return Err(Error::Years);
    }
    let events = events(text)?;
    let mut replaced: BTreeMap<&str, BTreeSet<NaiveDate>> = BTreeMap::new();
    for event in &events {
        if let (Some(uid), Some(instead_of)) = (event.value("UID"), event.value("RECURRENCE-ID").and_then(date)) {
            replaced.entry(uid).or_default().insert(instead_of);
        }
    }
    let (mut feed, mut budget) = (Feed::default(), MOST_LOOKS);
    for event in &events {
        let name = event.line("SUMMARY").map(Line::text).unwrap_or_default().chars().take(NAME_CHARS).collect::<String>();
        // An event that stands for one date of another has no rule, and is not replaced by itself.
        let is_replacement = event.line("RECURRENCE-ID").is_some();
        let replaced = event.value("UID").filter(|_| !is_replacement).and_then(|uid| replaced.get(uid));
        match event.days(to, &mut budget)? {
            Err(why) => feed.left_out.push(LeftOut { name, why }),
            Ok((dates, days)) => {
                let gone = |date: &NaiveDate| replaced.is_some_and(|replaced| replaced.contains(date));
                let last = |from: NaiveDate| from.checked_add_days(Days::new(days.saturating_sub(1))).unwrap_or(from);
                let spans = dates.into_iter().filter(|date| !gone(date)).map(|date| (date, last(date)));
                let before = feed.holidays.len();
                feed.holidays.extend(spans.filter(|span| span.0 <= to && span.1 >= from).map(|(from, to)| Holiday {
                    from,
                    to,
                    name: name.clone(),
                }));
                if feed.holidays.len() == before {
                    feed.left_out.push(LeftOut { name, why: Why::Outside });
                }
            }
        }
    }
    feed.holidays.sort_unstable();
    feed.holidays.dedup();
    if feed.holidays.len() > MOST_DATES { Err(Error::TooMany) } else { Ok(feed) }
}

/// The lines of one event.
#[derive(Debug, Default)]
struct Event(Vec<Line>);

impl Event {
    fn line(&self, name: &str) -> Option<&Line> {
        self.0.iter().find(|line| line.name == name)
    }

    fn value(&self, name: &str) -> Option<&str> {
        self.line(name).map(|line| line.value.as_str())
    }

    /// The first days of each time it takes place, none after `last`, and how many days each has.
    fn days(&self, last: NaiveDate, budget: &mut usize) -> Result<Result<(Vec<NaiveDate>, u64), Why>, Error> {
        let first = match self.length() {
            Ok((first, days)) => (first, days),
            Err(why) => return Ok(Err(why)),
        };
        let (first, days) = first;
        let mut dates: BTreeSet<NaiveDate> = match self.value("RRULE").map(Rule::parse) {
            None => [first].into(),
            Some(None) => return Ok(Err(Why::Rule)),
            Some(Some(rule)) => rule.dates(first, last, budget).ok_or(Error::TooMany)?.into_iter().collect(),
        };
        let listed = |name: &'static str| {
            let lines = self.0.iter().filter(move |line| line.name == name);
            lines.flat_map(|line| line.value.split(',')).filter_map(|value| date(value.trim()))
        };
        dates.extend(listed("RDATE"));
        for except in listed("EXDATE") {
            dates.remove(&except);
        }
        Ok(Ok((dates.into_iter().collect(), days)))
    }

    /// Its first day, and how many it has.
    fn length(&self) -> Result<(NaiveDate, u64), Why> {
        if self.value("STATUS").is_some_and(|status| status.eq_ignore_ascii_case("CANCELLED")) {
            return Err(Why::Cancelled);
        }
        let first = whole_day(self.line("DTSTART").ok_or(Why::Dateless)?)?;
        let days = match (self.line("DTEND"), self.value("DURATION")) {
            (Some(end), _) => (whole_day(end)? - first).num_days(),
            (None, Some(duration)) => duration_days(duration)?,
            (None, None) => 1,
        };
        // The end is the day after the last; some feeds name the last, which makes a day of none.
        let days = days.max(1);
        if days > MOST_DAYS { Err(Why::TooLong) } else { Ok((first, days.unsigned_abs())) }
    }
}

/// The events of a feed; what stands within one, such as an alarm, is passed over.
fn events(text: &str) -> Result<Vec<Event>, Error> {
    let (mut events, mut event, mut within, mut is_calendar, mut begun) = (Vec::new(), None::<Event>, 0usize, false, 1);
    for line in lines(text) {
        let is = |name: &str, value: &str| line.name == name && line.value.eq_ignore_ascii_case(value);
        if !is_calendar {
            if !is("BEGIN", "VCALENDAR") {
                return Err(Error::NotCalendar { line: line.number });
            }
            is_calendar = true;
        } else if is("BEGIN", "VEVENT") && event.is_none() {
            event = Some(Event::default());
            begun = line.number;
        } else if is("END", "VEVENT") && within == 0 {
            events.extend(event.take());
        } else if line.name == "BEGIN" {
            within += usize::from(event.is_some());
        } else if line.name == "END" {
            within = within.saturating_sub(1);
        } else if let (Some(event), 0) = (&mut event, within) {
            event.0.push(line);
        }
    }
    match (is_calendar, event) {
        (false, _) => Err(Error::NotCalendar { line: 1 }),
        (true, Some(_)) => Err(Error::CutOff { line: begun }),
        (true, None) if events.len() > MOST_DATES => Err(Error::TooMany),
        (true, None) => Ok(events),
    }
}

/// A date without a time, whether or not it says that it is one.
fn whole_day(line: &Line) -> Result<NaiveDate, Why> {
    let says_time = line.parameter("VALUE").is_some_and(|kind| kind.eq_ignore_ascii_case("DATE-TIME"));
    match date(&line.value) {
        Some(day) if line.value.len() == 8 && !says_time => Ok(day),
        Some(_) => Err(Why::Timed),
        None => Err(Why::Dateless),
    }
}

/// `P1D` or `P2W`.
fn duration_days(text: &str) -> Result<i64, Why> {
    let text = text.trim_start_matches('+');
    let number = |unit: char, days: i64| {
        let digits = text.strip_prefix('P')?.strip_suffix(unit)?;
        digits.parse::<i64>().ok().filter(|number| (0..=MOST_DAYS * 2).contains(number)).map(|number| number * days)
    };
    number('D', 1).or_else(|| number('W', 7)).ok_or(if text.contains('T') { Why::Timed } else { Why::Dateless })
}
