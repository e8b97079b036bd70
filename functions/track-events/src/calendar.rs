//! A time zone's hours, days, weeks and months, with what a change of clocks takes from them or gives them. Pure.

use chrono::{DateTime, Datelike, LocalResult, NaiveDate, NaiveTime, Offset, TimeDelta, TimeZone, Timelike, Utc};
use chrono_tz::Tz;

/// What cohorts are counted by.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Period {
    /// From midnight to midnight.
    Day,
    /// From Monday to Sunday. Source: ISO 8601, §3.1.1.23.
    Week,
    /// A calendar month.
    Month,
}

impl Period {
    /// Every period.
    pub const ALL: [Self; 3] = [Self::Day, Self::Week, Self::Month];

    /// The word in a query.
    #[must_use]
    pub const fn name(self) -> &'static str {
        match self {
            Self::Day => "day",
            Self::Week => "week",
            Self::Month => "month",
        }
    }

    /// The period of this date, counted from the one of 1 January 1970, a Thursday.
    #[must_use]
    pub fn number(self, date: NaiveDate) -> i64 {
        match self {
            Self::Day => days(date),
            Self::Week => (days(date) + 3).div_euclid(7),
            Self::Month => i64::from(date.year() - 1970) * 12 + i64::from(date.month0()),
        }
    }

    /// The first date of a period; of one beyond what a calendar has, the epoch.
    #[must_use]
    pub fn first_date(self, number: i64) -> NaiveDate {
        let date = match self {
            Self::Day => epoch().checked_add_signed(TimeDelta::try_days(number).unwrap_or_default()),
            Self::Week => epoch().checked_add_signed(TimeDelta::try_days(number * 7 - 3).unwrap_or_default()),
            Self::Month => i32::try_from(number.div_euclid(12) + 1970)
                .ok()
                .zip(u32::try_from(number.rem_euclid(12) + 1).ok())
                .and_then(|(year, month)| NaiveDate::from_ymd_opt(year, month, 1)),
        };
        date.unwrap_or_else(epoch)
    }
}

fn epoch() -> NaiveDate {
    DateTime::UNIX_EPOCH.date_naive()
}

fn days(date: NaiveDate) -> i64 {
    (date - epoch()).num_days()
}

/// The hour of our clock.
#[must_use]
pub fn hour(time: DateTime<Utc>) -> DateTime<Utc> {
    local_hour(Tz::UTC, time)
}

/// The beginning of an hour of a time zone; where a zone is off by half an hour, so are its hours.
#[must_use]
pub fn local_hour(zone: Tz, time: DateTime<Utc>) -> DateTime<Utc> {
    let local = zone.from_utc_datetime(&time.naive_utc());
    let into = i64::from(local.minute()) * 60_000 + i64::from(local.second()) * 1_000 + i64::from(local.timestamp_subsec_millis());
    DateTime::from_timestamp_millis(time.timestamp_millis() - into).unwrap_or(time)
}

/// The date in a zone.
#[must_use]
pub fn date(zone: Tz, time: DateTime<Utc>) -> NaiveDate {
    time.with_timezone(&zone).date_naive()
}

/// The first moment of a date in a zone: midnight, or the first one after it where the clocks skip midnight.
#[must_use]
pub fn day_start(zone: Tz, date: NaiveDate) -> DateTime<Utc> {
    let midnight = date.and_time(NaiveTime::MIN);
    // Clocks are changed by a multiple of a quarter of an hour; Samoa once skipped a whole day.
    let first = (0..=96).find_map(|quarters| match zone.from_local_datetime(&(midnight + TimeDelta::minutes(15 * quarters))) {
        LocalResult::Single(time) | LocalResult::Ambiguous(time, _) => Some(time.to_utc()),
        LocalResult::None => None,
    });
    first.unwrap_or_else(|| midnight.and_utc())
}

/// The end of the hour of a zone in which this moment is, or the moment itself if it ends one.
#[must_use]
pub fn hour_end(zone: Tz, time: DateTime<Utc>) -> DateTime<Utc> {
    let hour = local_hour(zone, time);
    if hour == time { time } else { next_hour(zone, hour) }
}

fn next_hour(zone: Tz, hour: DateTime<Utc>) -> DateTime<Utc> {
    let later = hour + TimeDelta::hours(1);
    let next = local_hour(zone, later);
    if next > hour { next } else { later }
}

/// The hours from `from`, which begins one, until `until`: each with the moment after it.
#[must_use]
pub fn hours(zone: Tz, from: DateTime<Utc>, until: DateTime<Utc>) -> Vec<(DateTime<Utc>, DateTime<Utc>)> {
    let starts = std::iter::successors(Some(from), |hour| Some(next_hour(zone, *hour)));
    starts.take_while(|hour| *hour < until).map(|hour| (hour, next_hour(zone, hour).min(until))).collect()
}

/// The days from `from` until `until`, of 23 to 25 hours, the first and the last cut off at the span's ends.
#[must_use]
pub fn days_of(zone: Tz, from: DateTime<Utc>, until: DateTime<Utc>) -> Vec<(DateTime<Utc>, DateTime<Utc>)> {
    let dates = date(zone, from).iter_days();
    let spans = dates.map(|date| (day_start(zone, date), date.succ_opt().map_or(until, |next| day_start(zone, next))));
    let cut = spans.take_while(|(start, _)| *start < until).map(|(start, end)| (start.max(from), end.min(until)));
    // A day that a zone skipped has no moment.
    cut.filter(|(start, end)| start < end).collect()
}

/// How far a zone's clocks are ahead of UTC in a span: the milliseconds at its beginning, then each change with its moment.
#[must_use]
pub fn offsets(zone: Tz, from: DateTime<Utc>, until: DateTime<Utc>) -> (i64, Vec<(DateTime<Utc>, i64)>) {
    let at = |time: DateTime<Utc>| i64::from(zone.offset_from_utc_datetime(&time.naive_utc()).fix().local_minus_utc()) * 1_000;
    let first = at(from);
    let mut changes = Vec::new();
    let (mut time, mut offset) = (from, first);
    while time < until {
        let next = (time + TimeDelta::days(1)).min(until);
        let then = at(next);
        if then != offset {
            // No zone changes its clocks twice within a day.
            let (mut before, mut after) = (time.timestamp_millis(), next.timestamp_millis());
            while after - before > 1 {
                let middle = before.midpoint(after);
                let is_changed = DateTime::from_timestamp_millis(middle).is_some_and(|middle| at(middle) != offset);
                if is_changed { after = middle } else { before = middle }
            }
            changes.push((DateTime::from_timestamp_millis(after).unwrap_or(next), then));
            offset = then;
        }
        time = next;
    }
    (first, changes)
}

#[cfg(test)]
mod tests;
