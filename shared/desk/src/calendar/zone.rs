//! Local times as instants.

use chrono::{DateTime, NaiveDate, NaiveDateTime, NaiveTime, TimeDelta, TimeZone, Utc};
use chrono_tz::Tz;

/// The earliest instant that a calendar knows: the year 1 begins.
pub(super) const FIRST: DateTime<Utc> = match DateTime::from_timestamp(-62_135_596_800, 0) {
    Some(at) => at,
    None => DateTime::<Utc>::MIN_UTC,
};

/// The last: the last day of 9999 begins. Source: RFC 3339 writes years with four digits.
pub(super) const LAST: DateTime<Utc> = match DateTime::from_timestamp(253_402_214_400, 0) {
    Some(at) => at,
    None => DateTime::<Utc>::MAX_UTC,
};

/// The first instant at which the zone's clocks show this time of this date, or a later one.
///
/// So a time that the clocks pass over is the moment they jump, and one that comes twice is the first of the two, as a beginning and as
/// an end alike. Times keep their order: spans that meet on the clock meet in fact, and a break is never longer or gone.
pub(super) fn instant(zone: Tz, date: NaiveDate, seconds: u32) -> DateTime<Utc> {
    let Some(local) = date.and_time(NaiveTime::MIN).checked_add_signed(TimeDelta::seconds(i64::from(seconds))) else { return LAST };
    let first = zone.from_local_datetime(&local).earliest().map(|time| time.to_utc());
    first.unwrap_or_else(|| jump(zone, local)).clamp(FIRST, LAST)
}

/// The moment at which the clocks pass over a local time.
fn jump(zone: Tz, local: NaiveDateTime) -> DateTime<Utc> {
    // No zone was ever a whole day off, and none jumps twice within two days.
    let day = TimeDelta::days(1);
    let (Some(mut before), Some(mut after)) = (local.and_utc().checked_sub_signed(day), local.and_utc().checked_add_signed(day)) else {
        return LAST;
    };
    while after - before > TimeDelta::seconds(1) {
        let middle = before + TimeDelta::seconds((after - before).num_seconds() / 2);
        if middle.with_timezone(&zone).naive_local() < local {
            before = middle;
        } else {
            after = middle;
        }
    }
    after
}
