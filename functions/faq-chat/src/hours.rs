//! When a person answers: the site's hours in its own time zone, whatever its clocks do in March and October.

use chrono::{DateTime, Datelike, Days, NaiveDate, TimeDelta, TimeZone, Utc};
use chrono_tz::Tz;
use orilla_core::chat::{Day, Policy};

/// How far ahead is looked, in days. Chosen: hours repeat each week.
const DAYS_AHEAD: u64 = 8;

/// When a person answers next; `None` if one does now, or if the site names no hours.
#[must_use]
pub fn answers_at(policy: &Policy, now: DateTime<Utc>) -> Option<DateTime<Utc>> {
    let zone: Tz = policy.time_zone.parse().unwrap_or(Tz::UTC);
    let today = now.with_timezone(&zone).date_naive();
    // Yesterday's hours may end after this day's midnight in UTC, never in the zone itself.
    let days = (0..DAYS_AHEAD).filter_map(|ahead| today.checked_add_days(Days::new(ahead)));
    let mut spans: Vec<_> = days.flat_map(|day| spans(policy, zone, day)).filter(|(_, to)| *to > now).collect();
    spans.sort_unstable();
    spans.first().map(|(from, _)| *from).filter(|from| *from > now)
}

/// The hours of one day.
fn spans(policy: &Policy, zone: Tz, day: NaiveDate) -> Vec<(DateTime<Utc>, DateTime<Utc>)> {
    let weekday = Day::ALL.get(day.weekday().num_days_from_monday() as usize);
    let of_day = policy.hours.iter().filter(|hours| weekday.is_some_and(|weekday| hours.days.contains(weekday)));
    of_day.filter_map(|hours| hours.seconds()).filter_map(|(from, to)| Some((at(zone, day, from)?, at(zone, day, to)?))).collect()
}

/// A time of a day. One that the clocks pass over is the next there is; of one that comes twice the first.
fn at(zone: Tz, day: NaiveDate, seconds: u32) -> Option<DateTime<Utc>> {
    let local = day.and_hms_opt(0, 0, 0)? + TimeDelta::seconds(i64::from(seconds));
    let later = (0..4).map(|half_hours| local + TimeDelta::minutes(30 * half_hours));
    later.filter_map(|local| zone.from_local_datetime(&local).earliest()).next().map(|time| time.to_utc())
}

#[cfg(test)]
mod tests {
    use orilla_core::chat::Hours;

    use super::*;

    fn policy() -> Policy {
        let hours = |days: &[Day], from: &str, to: &str| Hours { days: days.to_vec(), from: from.into(), to: to.into() };
        Policy {
            time_zone: "Europe/Madrid".into(),
            hours: vec![
                hours(&Day::ALL[..5], "09:00", "14:00"),
                hours(&Day::ALL[..5], "16:00", "19:00"),
                hours(&[Day::Sun], "02:30", "04:00"),
            ],
            ..Policy::default()
        }
    }

    #[track_caller]
    fn check(now: &str, expect: Option<&str>) {
        let now = now.parse().unwrap();
        assert_eq!(answers_at(&policy(), now), expect.map(|time| time.parse().unwrap()), "{now}");
    }

    #[test]
    fn a_person_answers_in_hours_and_the_next_ones_are_told() {
        check("2026-11-27T09:00:00Z", None);
        check("2026-11-27T12:59:59Z", None);
        check("2026-11-27T13:00:00Z", Some("2026-11-27T15:00:00Z"));
        check("2026-11-27T18:00:00Z", Some("2026-11-29T01:30:00Z"));
        check("2026-11-29T03:00:00Z", Some("2026-11-30T08:00:00Z"));
        // Madrid is two hours ahead in summer.
        check("2026-07-01T06:59:00Z", Some("2026-07-01T07:00:00Z"));
        // On this Sunday 02:30 does not exist; 03:00 does.
        check("2026-03-28T23:00:00Z", Some("2026-03-29T01:00:00Z"));
        // On this one it comes twice.
        check("2026-10-24T23:00:00Z", Some("2026-10-25T00:30:00Z"));
    }

    #[test]
    fn a_site_without_hours_always_answers() {
        assert_eq!(answers_at(&Policy::default(), "2026-11-27T03:00:00Z".parse().unwrap()), None);
    }
}
