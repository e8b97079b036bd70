//! Opening hours, and what can be reckoned with them: how much of a stretch is open, and when so much of it will have passed.
//!
//! Exact over changes of the clocks: a shift from 00:00 to 08:00 is seven hours in one night of the year and nine in another. It knows
//! no policy and no ticket.

mod definition;
mod spans;
mod zone;

#[cfg(test)]
mod tests;

use std::borrow::Cow;
use std::collections::BTreeMap;

use chrono::{DateTime, Datelike, Days, NaiveDate, TimeDelta, Utc};
use chrono_tz::Tz;

use definition::{DAY, Span, at_most, span};
pub use definition::{Day, Definition, Error, Exception, Holiday, Hours, MOST_DATES, MOST_SPANS, Times};
use zone::{FIRST, LAST, instant};

/// How many days are walked through in search of open hours. Chosen: eleven years; who is closed for longer is better served by the wall
/// clock than by a deadline that never comes.
const HORIZON_DAYS: u64 = 4_018;

/// Opening hours in a time zone.
///
/// Without a single open hour, and beyond eleven years of holidays, time counts by the wall clock. Instants before the year 1 and after
/// 9999 are taken for the nearest within.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Calendar {
    zone: Tz,
    /// Of each weekday after an ordinary day, whose last shift may reach into it.
    week: [Vec<Span>; 7],
    /// Of each weekday after a date with hours of its own.
    alone: [Vec<Span>; 7],
    dates: BTreeMap<NaiveDate, Vec<Span>>,
    /// First and last days, in order and apart.
    holidays: Vec<(NaiveDate, NaiveDate)>,
    is_wall_clock: bool,
}

/// A date, from its first instant to that of the next.
struct Date<'a> {
    date: NaiveDate,
    begins: DateTime<Utc>,
    ends: DateTime<Utc>,
    spans: Cow<'a, [Span]>,
}

impl Calendar {
    /// Reads a definition.
    pub fn new(definition: &Definition) -> Result<Self, Error> {
        let zone: Tz = definition.time_zone.parse().map_err(|_| Error::Zone(definition.time_zone.chars().take(60).collect()))?;
        at_most("hours", &definition.hours, MOST_SPANS)?;
        at_most("breaks", &definition.breaks, MOST_SPANS)?;
        at_most("dates", &definition.dates, MOST_DATES)?;
        at_most("holidays", &definition.holidays, MOST_DATES)?;
        if definition.always && !definition.hours.is_empty() {
            return Err(Error::AlwaysWithHours);
        }
        let hours = if definition.always { std::array::from_fn(|_| vec![(0, DAY)]) } else { weekly("hours", &definition.hours)? };
        let breaks = weekly("breaks", &definition.breaks)?;
        let of = |day: usize, has_yesterday: bool| {
            let whole = |week: &[Vec<Span>; 7]| -> Vec<Span> {
                let yesterday = if has_yesterday { week[(day + 6) % 7].as_slice() } else { &[] };
                spans::today(&week[day]).chain(spans::tomorrow(yesterday)).collect()
            };
            spans::without(&spans::joined(whole(&hours)), &whole(&breaks))
        };
        let (week, alone) = (std::array::from_fn(|day| of(day, true)), std::array::from_fn(|day| of(day, false)));
        let dates = dates(&definition.dates)?;
        let holidays = holidays(&definition.holidays)?;
        let never = week.iter().chain(&alone).chain(dates.values()).all(Vec::is_empty);
        let always = week.iter().chain(&alone).all(|spans| *spans == [(0, DAY)]) && dates.is_empty() && holidays.is_empty();
        Ok(Self { zone, week, alone, dates, holidays, is_wall_clock: never || always })
    }

    /// The wall clock: open day and night, every day.
    #[must_use]
    pub const fn always() -> Self {
        const NONE: Vec<Span> = Vec::new();
        Self { zone: Tz::UTC, week: [NONE; 7], alone: [NONE; 7], dates: BTreeMap::new(), holidays: Vec::new(), is_wall_clock: true }
    }

    /// The zone whose clocks count.
    #[must_use]
    pub const fn zone(&self) -> Tz {
        self.zone
    }

    /// Whether somebody works at this instant. A closing time is no longer open.
    #[must_use]
    pub fn is_open(&self, at: DateTime<Utc>) -> bool {
        let at = at.clamp(FIRST, LAST);
        // Where clocks went back over midnight, an evening comes after the next day's first instant and belongs to that day.
        self.is_wall_clock || self.days_from(at).take(2).any(|day| self.instants(&day).any(|(from, to)| from <= at && at < to))
    }

    /// How much of a stretch is open; none if it ends before it begins.
    #[must_use]
    pub fn open_between(&self, from: DateTime<Utc>, to: DateTime<Utc>) -> TimeDelta {
        let (from, to) = (from.clamp(FIRST, LAST), to.clamp(FIRST, LAST));
        if to <= from {
            return TimeDelta::zero();
        }
        if self.is_wall_clock {
            return to - from;
        }
        let (mut open, mut walked) = (TimeDelta::zero(), from);
        for day in self.days_from(from) {
            if day.begins >= to {
                return open;
            }
            for (begin, end) in self.instants(&day) {
                open += (end.min(to) - begin.max(from)).max(TimeDelta::zero());
            }
            walked = walked.max(day.ends);
        }
        open + (to - walked).max(TimeDelta::zero())
    }

    /// The earliest instant by which so much open time has passed; at once where that is none.
    ///
    /// What is used up at a closing time is used up then, not at the next opening.
    #[must_use]
    pub fn after(&self, from: DateTime<Utc>, span: TimeDelta) -> DateTime<Utc> {
        if span <= TimeDelta::zero() {
            return from;
        }
        let from = from.clamp(FIRST, LAST);
        if self.is_wall_clock {
            return later(from, span);
        }
        let (mut left, mut walked) = (span, from);
        for day in self.days_from(from) {
            for (begin, end) in self.instants(&day) {
                let begin = begin.max(from);
                let open = end - begin;
                if open >= left {
                    return begin + left;
                }
                left -= open.max(TimeDelta::zero());
            }
            walked = walked.max(day.ends);
        }
        later(walked, left)
    }

    /// The latest instant from which so much open time passes until `at`.
    #[must_use]
    pub fn before(&self, at: DateTime<Utc>, span: TimeDelta) -> DateTime<Utc> {
        if span <= TimeDelta::zero() {
            return at;
        }
        let at = at.clamp(FIRST, LAST);
        let earlier = |at: DateTime<Utc>, span| at.checked_sub_signed(span).map_or(FIRST, |earlier| earlier.max(FIRST));
        if self.is_wall_clock {
            return earlier(at, span);
        }
        let (mut left, mut walked) = (span, at);
        // From the day after, for the same evening as in `is_open`.
        let last = at.with_timezone(&self.zone).date_naive().checked_add_days(Days::new(1));
        let dates = (0..HORIZON_DAYS).map_while(|ago| last?.checked_sub_days(Days::new(ago)));
        for day in dates.map(|date| self.day(date)) {
            let instants: Vec<_> = self.instants(&day).collect();
            for (begin, end) in instants.into_iter().rev() {
                let end = end.min(at);
                let open = end - begin;
                if open >= left {
                    return end - left;
                }
                left -= open.max(TimeDelta::zero());
            }
            walked = walked.min(day.begins);
        }
        earlier(walked, left)
    }

    /// `at` itself if somebody works then, or else when somebody does next; `None` if nobody does within eleven years.
    #[must_use]
    pub fn next_opening(&self, at: DateTime<Utc>) -> Option<DateTime<Utc>> {
        if self.is_wall_clock {
            return Some(at);
        }
        let from = at.clamp(FIRST, LAST);
        let days = self.days_from(from);
        days.flat_map(|day| self.instants(&day).collect::<Vec<_>>()).find(|(_, end)| *end > from).map(|(begin, _)| begin.max(from))
    }

    /// This date and those after it.
    fn days_from(&self, at: DateTime<Utc>) -> impl Iterator<Item = Date<'_>> {
        let date = at.with_timezone(&self.zone).date_naive();
        let mut begins = instant(self.zone, date, 0);
        (0..HORIZON_DAYS).map_while(move |ahead| {
            let day = self.day_that_begins(date.checked_add_days(Days::new(ahead))?, begins);
            begins = day.ends;
            Some(day)
        })
    }

    fn day(&self, date: NaiveDate) -> Date<'_> {
        self.day_that_begins(date, instant(self.zone, date, 0))
    }

    fn day_that_begins(&self, date: NaiveDate, begins: DateTime<Utc>) -> Date<'_> {
        let ends = date.succ_opt().map_or(LAST, |next| instant(self.zone, next, 0));
        Date { date, begins, ends, spans: self.spans(date) }
    }

    /// The open seconds of a date.
    fn spans(&self, date: NaiveDate) -> Cow<'_, [Span]> {
        if let Some(own) = self.dates.get(&date) {
            return Cow::Owned(spans::joined(spans::today(own).collect()));
        }
        if self.is_holiday(date) {
            return Cow::Borrowed(&[]);
        }
        let day = date.weekday().num_days_from_monday() as usize;
        let Some(yesterday) = date.pred_opt() else { return Cow::Borrowed(&self.alone[day]) };
        match self.dates.get(&yesterday) {
            Some(own) => Cow::Owned(spans::joined(self.alone[day].iter().copied().chain(spans::tomorrow(own)).collect())),
            None => Cow::Borrowed(&self.week[day]),
        }
    }

    fn is_holiday(&self, date: NaiveDate) -> bool {
        let begun = self.holidays.partition_point(|(from, _)| *from <= date);
        begun.checked_sub(1).is_some_and(|last| date <= self.holidays[last].1)
    }

    /// The open spans of a date as instants. On most days one addition each: the zone is asked only where the clocks change.
    fn instants(&self, day: &Date<'_>) -> impl DoubleEndedIterator<Item = (DateTime<Utc>, DateTime<Utc>)> {
        let is_even = day.ends - day.begins == TimeDelta::seconds(i64::from(DAY));
        let at = move |seconds: u32| match seconds {
            DAY => day.ends,
            _ if is_even => day.begins + TimeDelta::seconds(i64::from(seconds)),
            _ => instant(self.zone, day.date, seconds),
        };
        day.spans.iter().map(move |(from, to)| (at(*from), at(*to)))
    }
}

/// By the wall clock.
fn later(from: DateTime<Utc>, span: TimeDelta) -> DateTime<Utc> {
    from.checked_add_signed(span).map_or(LAST, |later| later.min(LAST))
}

fn weekly(field: &str, hours: &[Hours]) -> Result<[Vec<Span>; 7], Error> {
    let mut week = [const { Vec::new() }; 7];
    for (place, hours) in hours.iter().enumerate() {
        let field = format!("{field}[{place}]");
        if hours.days.is_empty() {
            return Err(Error::NoDay(format!("{field}.days")));
        }
        let span = span(&field, &hours.from, &hours.to)?;
        for day in &hours.days {
            week[*day as usize].push(span);
        }
    }
    Ok(week)
}

fn dates(exceptions: &[Exception]) -> Result<BTreeMap<NaiveDate, Vec<Span>>, Error> {
    let mut dates = BTreeMap::new();
    for (place, exception) in exceptions.iter().enumerate() {
        at_most("dates.hours", &exception.hours, MOST_SPANS)?;
        let field = |of: usize| format!("dates[{place}].hours[{of}]");
        let hours = exception.hours.iter().enumerate().map(|(of, hours)| span(&field(of), &hours.from, &hours.to));
        if dates.insert(exception.date, hours.collect::<Result<_, _>>()?).is_some() {
            return Err(Error::Twice { field: format!("dates[{place}].date"), date: exception.date });
        }
    }
    Ok(dates)
}

fn holidays(holidays: &[Holiday]) -> Result<Vec<(NaiveDate, NaiveDate)>, Error> {
    if let Some(place) = holidays.iter().position(|holiday| holiday.to < holiday.from) {
        return Err(Error::Backwards(format!("holidays[{place}]")));
    }
    let mut days: Vec<_> = holidays.iter().map(|holiday| (holiday.from, holiday.to)).collect();
    days.sort_unstable();
    let mut apart: Vec<(NaiveDate, NaiveDate)> = Vec::with_capacity(days.len());
    for (from, to) in days {
        match apart.last_mut() {
            Some(last) if from <= last.1 => last.1 = last.1.max(to),
            _ => apart.push((from, to)),
        }
    }
    Ok(apart)
}
