//! Golden vectors of peers, nights on which the clocks change, and a walk minute by minute through random calendars.

use chrono::{NaiveDateTime, Timelike};
use proptest::prelude::*;

use super::*;

fn hours(days: &[Day], from: &str, to: &str) -> Hours {
    Hours { days: days.to_vec(), from: from.into(), to: to.into() }
}

fn office(zone: &str, from: &str, to: &str) -> Definition {
    Definition { time_zone: zone.into(), hours: vec![hours(&Day::ALL[..5], from, to)], ..Definition::default() }
}

fn times(from: &str, to: &str) -> Times {
    Times { from: from.into(), to: to.into() }
}

fn date(text: &str) -> NaiveDate {
    text.parse().unwrap()
}

fn utc(text: &str) -> DateTime<Utc> {
    text.parse().unwrap()
}

fn calendar(definition: &Definition) -> Calendar {
    Calendar::new(definition).unwrap()
}

#[track_caller]
fn check_after(definition: &Definition, from: &str, minutes: i64, expect: &str) {
    let calendar = calendar(definition);
    let span = TimeDelta::minutes(minutes);
    let due = calendar.after(utc(from), span);
    assert_eq!(due, utc(expect), "{from} + {minutes} min");
    assert_eq!(calendar.open_between(utc(from), due), span, "{from} to {due}");
}

/// Source: chatwoot, `spec/enterprise/services/sla/business_hours_service_spec.rb`; 5 January 2026 is a Monday.
#[test]
fn deadlines_are_those_of_chatwoot() {
    let office_hours = office("UTC", "09:00", "17:00");
    check_after(&office_hours, "2026-01-09T16:00:00Z", 120, "2026-01-12T10:00:00Z");
    check_after(&office_hours, "2026-01-07T07:00:00Z", 120, "2026-01-07T11:00:00Z");
    check_after(&office_hours, "2026-01-07T18:00:00Z", 120, "2026-01-08T11:00:00Z");
    check_after(&office_hours, "2026-01-10T10:00:00Z", 120, "2026-01-12T11:00:00Z");
    check_after(&office_hours, "2026-01-05T16:00:00Z", 600, "2026-01-07T10:00:00Z");
    check_after(&office("America/New_York", "09:00", "17:00"), "2026-01-09T21:00:00Z", 120, "2026-01-12T15:00:00Z");
    let mut saturday = office_hours.clone();
    saturday.hours.push(hours(&[Day::Sat], "00:00", "24:00"));
    check_after(&saturday, "2026-01-10T00:00:00Z", 24 * 60, "2026-01-11T00:00:00Z");
    let mut long_tuesday = office("UTC", "09:00", "17:00");
    long_tuesday.hours = vec![hours(&[Day::Mon, Day::Wed, Day::Thu, Day::Fri], "09:00", "17:00"), hours(&[Day::Tue], "09:00", "20:00")];
    check_after(&long_tuesday, "2026-01-05T18:00:00Z", 600, "2026-01-06T19:00:00Z");
    check_after(&long_tuesday, "2026-01-05T16:00:00Z", 720, "2026-01-06T20:00:00Z");
}

/// Source: GLPI, pull request 22678, where the escalation came out at midnight.
#[test]
fn an_hour_before_a_deadline_is_an_hour_of_business_as_in_glpi_22678() {
    let office = office("UTC", "08:00", "18:00");
    check_after(&office, "2026-01-05T17:00:00Z", 240, "2026-01-06T11:00:00Z");
    let calendar = calendar(&office);
    assert_eq!(calendar.before(utc("2026-01-06T11:00:00Z"), TimeDelta::hours(1)), utc("2026-01-06T10:00:00Z"));
    assert_eq!(calendar.before(utc("2026-01-06T11:00:00Z"), TimeDelta::hours(4)), utc("2026-01-05T17:00:00Z"));
    assert_eq!(calendar.before(utc("2026-01-06T11:00:00Z"), TimeDelta::hours(3)), utc("2026-01-06T08:00:00Z"));
}

/// Source: zammad, issue 3180: the minute between 23:59 and 24:00 was lost.
#[test]
fn the_minute_before_midnight_counts_as_in_zammad_3180() {
    let mut whole_days = office("Europe/Berlin", "00:00", "24:00");
    check_after(&whole_days, "2026-01-05T22:00:00Z", 120, "2026-01-06T00:00:00Z");
    check_after(&whole_days, "2026-01-09T21:00:00Z", 120, "2026-01-09T23:00:00Z");
    whole_days.hours[0].to = "00:00".into();
    check_after(&whole_days, "2026-01-05T22:00:00Z", 120, "2026-01-06T00:00:00Z");
    whole_days.hours[0].to = "23:59".into();
    check_after(&whole_days, "2026-01-05T22:00:00Z", 120, "2026-01-06T00:01:00Z");
}

/// Source: frappe/helpdesk, issue 2212, and chatwoot, issue 14009.
#[test]
fn lunch_and_split_shifts_do_not_count_as_in_frappe_2212_and_chatwoot_14009() {
    let mut lunch = office("Europe/Madrid", "09:00", "18:00");
    lunch.breaks = vec![hours(&Day::ALL, "14:00", "15:30")];
    check_after(&lunch, "2026-01-05T12:30:00Z", 60, "2026-01-05T15:00:00Z");
    let mut split = office("Europe/Madrid", "09:00", "14:00");
    split.hours.push(hours(&Day::ALL[..5], "16:00", "19:00"));
    check_after(&split, "2026-01-05T12:30:00Z", 60, "2026-01-05T15:30:00Z");
    check_after(&split, "2026-01-05T12:30:00Z", 30, "2026-01-05T13:00:00Z");
    let calendar = calendar(&split);
    assert!(calendar.is_open(utc("2026-01-05T12:59:59Z")) && !calendar.is_open(utc("2026-01-05T13:00:00Z")));
    assert_eq!(calendar.next_opening(utc("2026-01-05T13:00:00Z")), Some(utc("2026-01-05T15:00:00Z")));
    assert_eq!(calendar.next_opening(utc("2026-01-05T15:30:00Z")), Some(utc("2026-01-05T15:30:00Z")));
}

#[test]
fn a_night_shift_is_as_long_as_the_night() {
    let night =
        |zone: &str| Definition { hours: vec![hours(&Day::ALL, "00:00", "08:00")], time_zone: zone.into(), ..Definition::default() };
    #[track_caller]
    fn check(definition: &Definition, day: &str, minutes: i64) {
        let calendar = calendar(definition);
        let from = instant(calendar.zone, date(day), 0);
        let to = instant(calendar.zone, date(day).succ_opt().unwrap(), 0);
        assert_eq!(calendar.open_between(from, to), TimeDelta::minutes(minutes), "{day} in {}", calendar.zone);
        assert_eq!(calendar.after(from, TimeDelta::minutes(minutes)), instant(calendar.zone, date(day), 8 * 3_600));
        assert_eq!(calendar.before(to, TimeDelta::minutes(minutes)), from);
    }
    check(&night("Europe/Madrid"), "2026-03-29", 7 * 60);
    check(&night("Europe/Madrid"), "2026-10-25", 9 * 60);
    check(&night("America/New_York"), "2026-03-08", 7 * 60);
    check(&night("America/New_York"), "2026-11-01", 9 * 60);
    check(&night("Australia/Lord_Howe"), "2026-10-04", 7 * 60 + 30);
    check(&night("Australia/Lord_Howe"), "2026-04-05", 8 * 60 + 30);
    check(&night("Asia/Kathmandu"), "2026-03-29", 8 * 60);
    check(&night("America/Bogota"), "2026-10-25", 8 * 60);
    // Cuba's clocks change at midnight itself, and Newfoundland's once did a minute after it.
    check(&night("America/Havana"), "2026-03-08", 7 * 60);
    check(&night("America/Havana"), "2026-11-01", 9 * 60);
    check(&night("America/St_Johns"), "2010-11-07", 9 * 60);
    // Samoa had no such day.
    check(&night("Pacific/Apia"), "2011-12-31", 8 * 60);
    let apia = calendar(&night("Pacific/Apia"));
    assert_eq!(apia.open_between(utc("2011-12-30T09:00:00Z"), utc("2011-12-30T19:00:00Z")), TimeDelta::hours(8));
}

#[test]
fn a_time_that_does_not_exist_is_the_next_and_one_that_comes_twice_is_the_first() {
    let zone = chrono_tz::Europe::Madrid;
    let half_past_two = 2 * 3_600 + 1_800;
    assert_eq!(instant(zone, date("2026-03-29"), half_past_two), utc("2026-03-29T01:00:00Z"));
    assert_eq!(instant(zone, date("2026-10-25"), half_past_two), utc("2026-10-25T00:30:00Z"));
    let night = Definition {
        time_zone: "Europe/Madrid".into(),
        hours: vec![hours(&Day::ALL, "22:00", "06:00")],
        breaks: vec![hours(&Day::ALL, "02:00", "02:30")],
        ..Definition::default()
    };
    let calendar = calendar(&night);
    // The break is the first half hour from two, and the second two o'clock is worked.
    assert_eq!(calendar.open_between(utc("2026-10-24T20:00:00Z"), utc("2026-10-25T05:00:00Z")), TimeDelta::minutes(8 * 60 + 30));
    assert!(!calendar.is_open(utc("2026-10-25T00:15:00Z")) && calendar.is_open(utc("2026-10-25T01:15:00Z")));
    // In spring the break falls into the hour that is not.
    assert_eq!(calendar.open_between(utc("2026-03-28T21:00:00Z"), utc("2026-03-29T04:00:00Z")), TimeDelta::hours(7));
}

#[test]
fn a_holiday_closes_from_midnight_to_midnight_and_a_date_of_its_own_goes_first() {
    let definition = Definition {
        time_zone: "Europe/Madrid".into(),
        hours: vec![hours(&Day::ALL, "22:00", "06:00")],
        dates: vec![
            Exception { date: date("2026-12-27"), hours: vec![times("23:00", "01:00")] },
            Exception { date: date("2026-12-30"), hours: vec![] },
        ],
        holidays: vec![
            Holiday { from: date("2026-12-27"), to: date("2026-12-27"), name: "Inocentes".into() },
            Holiday { from: date("2026-12-25"), to: date("2026-12-25"), name: "Navidad".into() },
            Holiday { from: date("2026-12-24"), to: date("2026-12-25"), name: "Nochebuena".into() },
        ],
        ..Definition::default()
    };
    let calendar = calendar(&definition);
    let open: Vec<_> = (23..=31)
        .map(|day| {
            let from = instant(calendar.zone, date(&format!("2026-12-{day}")), 0);
            calendar.open_between(from, from + TimeDelta::days(1)).num_hours()
        })
        .collect();
    assert_eq!(open, [8, 0, 0, 8, 1, 3, 8, 0, 2]);
}

#[test]
fn a_calendar_without_an_open_hour_is_the_wall_clock() {
    let closed = Definition { time_zone: "Europe/Madrid".into(), ..Definition::default() };
    check_after(&closed, "2026-03-28T12:00:00Z", 48 * 60, "2026-03-30T12:00:00Z");
    let mut all_lunch = office("UTC", "09:00", "17:00");
    all_lunch.breaks = vec![hours(&Day::ALL, "08:00", "18:00")];
    check_after(&all_lunch, "2026-03-28T12:00:00Z", 60, "2026-03-28T13:00:00Z");
    let always = Definition { always: true, ..closed };
    check_after(&always, "2026-03-28T12:00:00Z", 48 * 60, "2026-03-30T12:00:00Z");
    assert_eq!(Calendar::always().after(utc("2026-01-01T00:00:00Z"), TimeDelta::hours(1)), utc("2026-01-01T01:00:00Z"));
}

#[test]
fn decades_of_holidays_end_in_the_wall_clock_and_nothing_overflows() {
    let mut closed = office("Europe/Madrid", "09:00", "17:00");
    closed.holidays = vec![Holiday { from: date("2026-01-01"), to: date("2099-12-31"), name: String::new() }];
    let calendar = calendar(&closed);
    let from = utc("2026-01-05T12:00:00Z");
    let due = calendar.after(from, TimeDelta::hours(1));
    assert_eq!(due, utc("2037-01-05T00:00:00Z"));
    assert_eq!(calendar.open_between(from, due), TimeDelta::hours(1));
    assert_eq!(calendar.next_opening(from), None);
    assert!(!calendar.is_open(from));
    let plain = Calendar::new(&office("Pacific/Kiritimati", "09:00", "17:00")).unwrap();
    for calendar in [&plain, &calendar, &Calendar::always()] {
        for at in [DateTime::<Utc>::MIN_UTC, DateTime::<Utc>::MAX_UTC, FIRST, LAST, from] {
            for span in [TimeDelta::MAX, TimeDelta::MIN, TimeDelta::zero(), TimeDelta::days(1_000_000)] {
                let (after, before) = (calendar.after(at, span), calendar.before(at, span));
                assert!(span > TimeDelta::zero() || (after, before) == (at, at));
                assert!(span <= TimeDelta::zero() || (FIRST <= before && after <= LAST), "{at} {span}");
            }
            assert_eq!(calendar.is_open(at), calendar.next_opening(at) == Some(at), "{at}");
            assert!(calendar.open_between(DateTime::<Utc>::MIN_UTC, at) >= TimeDelta::zero());
        }
    }
}

#[test]
fn every_mistake_is_named_by_its_field() {
    #[track_caller]
    fn check(change: impl FnOnce(&mut Definition), expect: &str) {
        let mut definition = office("Europe/Madrid", "09:00", "17:00");
        change(&mut definition);
        assert_eq!(Calendar::new(&definition).unwrap_err().to_string(), expect);
    }
    check(|it| it.time_zone = "Europe/Marte".into(), "time_zone: the tz database knows no `Europe/Marte`");
    check(|it| it.hours[0].from = "9:00".into(), "hours[0].from: `9:00` is no time such as 09:00");
    check(|it| it.hours[0].from = "24:00".into(), "hours[0].from: `24:00` is no time such as 09:00");
    check(|it| it.hours[0].to = "24:01".into(), "hours[0].to: `24:01` is no time such as 09:00");
    check(|it| it.hours[0].to = "12:60".into(), "hours[0].to: `12:60` is no time such as 09:00");
    check(|it| it.hours[0].to = "+1:00".into(), "hours[0].to: `+1:00` is no time such as 09:00");
    check(|it| it.breaks = vec![hours(&[], "12:00", "13:00")], "breaks[0].days: names no day");
    check(|it| it.always = true, "hours: must be empty where `always` is set");
    let exception = |hours| Exception { date: date("2026-12-24"), hours };
    check(|it| it.dates = vec![exception(vec![]), exception(vec![])], "dates[1].date: 2026-12-24 stands there already");
    check(|it| it.dates = vec![exception(vec![times("x", "y")])], "dates[0].hours[0].from: `x` is no time such as 09:00");
    let holiday = Holiday { from: date("2026-12-25"), to: date("2026-12-24"), name: String::new() };
    check(|it| it.holidays = vec![holiday.clone()], "holidays[0]: ends before it begins");
    check(|it| it.holidays = vec![holiday.clone(); 2_001], "holidays: has 2001 entries, 2000 is the most");
    assert!(serde_json::from_str::<Definition>(r#"{"time_zone":"UTC","hourz":[]}"#).is_err());
}

/// A calendar by what it says, asked for one minute after the other.
struct Oracle<'a> {
    definition: &'a Definition,
    zone: Tz,
    /// The latest time that the clocks have shown: after they went back, what was over stays over.
    latest: NaiveDateTime,
}

impl<'a> Oracle<'a> {
    fn new(definition: &'a Definition, at: DateTime<Utc>) -> Self {
        let zone: Tz = definition.time_zone.parse().unwrap();
        let past = (0..=120).map(|ago| (at - TimeDelta::minutes(ago)).with_timezone(&zone).naive_local());
        Self { definition, zone, latest: past.max().unwrap() }
    }

    fn is_open(&mut self, at: DateTime<Utc>) -> bool {
        self.latest = self.latest.max(at.with_timezone(&self.zone).naive_local());
        let (date, minute) = (self.latest.date(), self.latest.hour() * 60 + self.latest.minute());
        if let Some(own) = self.own(date) {
            return own.iter().any(|hours| covers(hours, minute));
        }
        if self.is_holiday(date) {
            return false;
        }
        let yesterday = date.pred_opt().unwrap();
        let night = minute + 24 * 60;
        if self.own(yesterday).is_some_and(|own| own.iter().any(|hours| covers(hours, night))) {
            return true;
        }
        let had_yesterday = self.own(yesterday).is_none();
        let within = |list: &[Hours]| {
            list.iter().any(|hours| {
                let times = times(&hours.from, &hours.to);
                let on = |date: NaiveDate| hours.days.contains(&Day::ALL[date.weekday().num_days_from_monday() as usize]);
                (on(date) && covers(&times, minute)) || (had_yesterday && on(yesterday) && covers(&times, night))
            })
        };
        within(&self.definition.hours) && !within(&self.definition.breaks)
    }

    fn own(&self, date: NaiveDate) -> Option<&[Times]> {
        self.definition.dates.iter().find(|exception| exception.date == date).map(|exception| exception.hours.as_slice())
    }

    fn is_holiday(&self, date: NaiveDate) -> bool {
        self.definition.holidays.iter().any(|holiday| holiday.from <= date && date <= holiday.to)
    }
}

fn covers(hours: &Times, minute: u32) -> bool {
    let minutes = |text: &str| text[..2].parse::<u32>().unwrap() * 60 + text[3..].parse::<u32>().unwrap();
    let (from, to) = (minutes(&hours.from), minutes(&hours.to));
    from <= minute && minute < if to > from { to } else { to + 24 * 60 }
}

const ZONES: [&str; 9] = [
    "Europe/Madrid",
    "America/New_York",
    "Australia/Lord_Howe",
    "Asia/Kathmandu",
    "America/Havana",
    "Africa/Casablanca",
    "Pacific/Chatham",
    "America/Bogota",
    "UTC",
];

/// Weeks in which clocks change, somewhere in the list, and two in which they do not.
const WEEKS: [&str; 9] =
    ["2026-03-05", "2026-03-26", "2026-10-22", "2026-10-29", "2026-04-02", "2026-10-01", "2026-02-12", "2026-07-15", "2026-12-30"];

fn any_time() -> impl Strategy<Value = String> {
    (0u32..96).prop_map(|quarter| format!("{:02}:{:02}", quarter / 4, quarter % 4 * 15))
}

fn any_hours() -> impl Strategy<Value = Hours> {
    (prop::sample::subsequence(&Day::ALL[..], 1..=7), any_time(), any_time()).prop_map(|(days, from, to)| Hours { days, from, to })
}

prop_compose! {
    fn any_case()(
        zone in prop::sample::select(&ZONES[..]),
        week in prop::sample::select(&WEEKS[..]),
        hours in prop::collection::vec(any_hours(), 1..4),
        breaks in prop::collection::vec(any_hours(), 0..2),
        dates in prop::collection::btree_map(0u64..8, prop::collection::vec((any_time(), any_time()), 0..3), 0..3),
        holidays in prop::collection::vec((0u64..9, 0u64..3), 0..2),
        minute in 0i64..4 * 24 * 60,
    ) -> (Definition, DateTime<Utc>) {
        let first = date(week);
        let on = |ahead: u64| first.checked_add_days(Days::new(ahead)).unwrap();
        let dates = dates.into_iter().map(|(ahead, hours)| Exception {
            date: on(ahead),
            hours: hours.into_iter().map(|(from, to)| Times { from, to }).collect(),
        });
        let holidays = holidays.into_iter().map(|(ahead, more)| Holiday { from: on(ahead), to: on(ahead + more), name: String::new() });
        let (dates, holidays) = (dates.collect(), holidays.collect());
        let definition = Definition { time_zone: zone.into(), hours, breaks, dates, holidays, always: false };
        (definition, first.and_hms_opt(0, 0, 0).unwrap().and_utc() + TimeDelta::minutes(minute))
    }
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(128))]

    #[test]
    fn a_walk_minute_by_minute_agrees((definition, from) in any_case(), wanted in 1i64..900) {
        let calendar = calendar(&definition);
        let mut oracle = Oracle::new(&definition, from);
        prop_assume!(!calendar.is_wall_clock);
        let (mut open, mut due) = (0, None);
        for minute in 0..5 * 24 * 60 {
            let at = from + TimeDelta::minutes(minute);
            let is_open = oracle.is_open(at);
            prop_assert_eq!(calendar.is_open(at), is_open, "{}", at);
            open += i64::from(is_open);
            if open == wanted {
                due = due.or(Some(at + TimeDelta::minutes(1)));
            }
        }
        let end = from + TimeDelta::days(5);
        prop_assert_eq!(calendar.open_between(from, end), TimeDelta::minutes(open));
        let after = calendar.after(from, TimeDelta::minutes(wanted));
        match due {
            Some(due) => prop_assert_eq!(after, due),
            None => prop_assert!(after > end),
        }
    }

    #[test]
    fn what_after_adds_between_finds_and_before_takes_back(
        (definition, from) in any_case(),
        seconds in 1i64..2_000_000,
        more in 0i64..500_000,
    ) {
        let calendar = calendar(&definition);
        let (span, more) = (TimeDelta::seconds(seconds), TimeDelta::seconds(more));
        let due = calendar.after(from, span);
        // Where two open days are all there is, the wall clock takes over after eleven years, and whence they count matters.
        prop_assume!(calendar.after(from, span + more) < from + TimeDelta::days(4_000));
        prop_assert_eq!(calendar.open_between(from, due), span);
        // The earliest such instant, and the latest such beginning.
        let second = TimeDelta::seconds(1);
        prop_assert!(calendar.open_between(from, due - second) < span);
        let back = calendar.before(due, span);
        prop_assert!(back >= from);
        prop_assert_eq!(calendar.open_between(back, due), span);
        prop_assert!(calendar.open_between(back + second, due) < span);
        prop_assert_eq!(calendar.after(due, more), calendar.after(from, span + more));
        prop_assert!(calendar.after(from + more, span) >= due);
    }

    #[test]
    fn open_time_adds_up_however_it_is_cut((definition, from) in any_case(), cuts in prop::collection::vec(0i64..30 * 86_400, 1..8)) {
        let calendar = calendar(&definition);
        let mut ends: Vec<_> = cuts.into_iter().map(|ahead| from + TimeDelta::seconds(ahead)).collect();
        ends.sort_unstable();
        let mut at = from;
        let mut sum = TimeDelta::zero();
        for end in &ends {
            sum += calendar.open_between(at, *end);
            at = *end;
        }
        prop_assert_eq!(sum, calendar.open_between(from, at));
        prop_assert!(sum >= TimeDelta::zero() && sum <= at - from);
    }
}
