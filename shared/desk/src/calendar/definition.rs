//! Opening hours as a site writes them down, and what can be wrong with them.

use chrono::NaiveDate;
use serde::{Deserialize, Serialize};
use thiserror::Error as ThisError;

/// How many spans of hours or of breaks are taken. Chosen: four a day, written one by one, with room.
pub const MOST_SPANS: usize = 64;
/// How many holidays or dates are taken. Chosen: forty a year for fifty years.
pub const MOST_DATES: usize = 2_000;
/// Seconds in a day of the clock's face.
pub(super) const DAY: u32 = 24 * 3_600;

/// When a team works.
#[derive(Debug, Clone, PartialEq, Eq, Default, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Definition {
    /// A name of the tz database.
    pub time_zone: String,
    /// The hours of each week.
    #[serde(default)]
    pub hours: Vec<Hours>,
    /// What is taken out of them, such as lunch.
    #[serde(default)]
    pub breaks: Vec<Hours>,
    /// Dates with hours of their own, in the place of the week's, of breaks and of holidays; none means closed.
    #[serde(default)]
    pub dates: Vec<Exception>,
    /// Days that are closed from midnight to midnight, no more and no less: a shift over midnight loses the part that falls on one.
    #[serde(default)]
    pub holidays: Vec<Holiday>,
    /// Day and night, all week; then `hours` stays empty. Breaks, dates and holidays count as ever.
    #[serde(default)]
    pub always: bool,
}

/// The same span on some days of the week.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Hours {
    /// The days on which it begins.
    pub days: Vec<Day>,
    /// Its beginning, as `09:00`.
    pub from: String,
    /// Its end, up to `24:00`; one that is not after the beginning is on the next day.
    pub to: String,
}

/// A day of the week.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
#[allow(missing_docs, reason = "their names say it")]
pub enum Day {
    Mon,
    Tue,
    Wed,
    Thu,
    Fri,
    Sat,
    Sun,
}

impl Day {
    /// Every day, Monday first.
    pub const ALL: [Self; 7] = [Self::Mon, Self::Tue, Self::Wed, Self::Thu, Self::Fri, Self::Sat, Self::Sun];
}

/// The hours of one date.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Exception {
    /// The date.
    pub date: NaiveDate,
    /// Its hours.
    #[serde(default)]
    pub hours: Vec<Times>,
}

/// A span of a date.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Times {
    /// As [`Hours::from`].
    pub from: String,
    /// As [`Hours::to`].
    pub to: String,
}

/// Closed days.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Holiday {
    /// The first.
    pub from: NaiveDate,
    /// The last.
    pub to: NaiveDate,
    /// What people call it.
    #[serde(default)]
    pub name: String,
}

/// Why a definition makes no calendar.
#[derive(Debug, Clone, PartialEq, Eq, ThisError)]
pub enum Error {
    /// The tz database has no such name.
    #[error("time_zone: the tz database knows no `{0}`")]
    Zone(String),
    /// Not `HH:MM`.
    #[error("{field}: `{found}` is no time such as 09:00")]
    Time {
        /// Where, as a path.
        field: String,
        /// What stands there.
        found: String,
    },
    /// A span without a day.
    #[error("{0}: names no day")]
    NoDay(String),
    /// A holiday that ends before it begins.
    #[error("{0}: ends before it begins")]
    Backwards(String),
    /// The same date twice.
    #[error("{field}: {date} stands there already")]
    Twice {
        /// Where, as a path.
        field: String,
        /// Which date.
        date: NaiveDate,
    },
    /// More than is taken.
    #[error("{field}: has {found} entries, {most} is the most")]
    TooMany {
        /// Which list.
        field: &'static str,
        /// What it has.
        found: usize,
        /// What is taken.
        most: usize,
    },
    /// Hours beside `always`.
    #[error("hours: must be empty where `always` is set")]
    AlwaysWithHours,
}

/// Seconds from a day's midnight; the end may be past the next one.
pub(super) type Span = (u32, u32);

/// Reads both ends of a span.
pub(super) fn span(field: &str, from: &str, to: &str) -> Result<Span, Error> {
    let wrong = |end: &str, found: &str| Error::Time { field: format!("{field}.{end}"), found: found.chars().take(20).collect() };
    let begin = seconds(from).filter(|begin| *begin < DAY).ok_or_else(|| wrong("from", from))?;
    let end = seconds(to).ok_or_else(|| wrong("to", to))?;
    Ok((begin, if end > begin { end } else { end + DAY }))
}

fn seconds(text: &str) -> Option<u32> {
    let (hours, minutes) = text.split_once(':')?;
    let number = |digits: &str| (digits.len() == 2 && digits.bytes().all(|digit| digit.is_ascii_digit())).then(|| digits.parse().ok())?;
    let (hours, minutes): (u32, u32) = (number(hours)?, number(minutes)?);
    let seconds = hours * 3_600 + minutes * 60;
    (minutes < 60 && seconds <= DAY).then_some(seconds)
}

/// Refuses a list that is too long.
pub(super) fn at_most<T>(field: &'static str, list: &[T], most: usize) -> Result<(), Error> {
    if list.len() > most { Err(Error::TooMany { field, found: list.len(), most }) } else { Ok(()) }
}
