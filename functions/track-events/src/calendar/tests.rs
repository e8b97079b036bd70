use proptest::prelude::*;

use super::*;

fn at(text: &str) -> DateTime<Utc> {
    text.parse().unwrap()
}

fn zone(name: &str) -> Tz {
    name.parse().unwrap()
}

#[track_caller]
fn check_start(name: &str, day: &str, expect: &str) {
    assert_eq!(day_start(zone(name), day.parse().unwrap()), at(expect), "{day} in {name}");
}

#[test]
fn days_begin_when_their_zone_says() {
    check_start("UTC", "2026-03-29", "2026-03-29T00:00:00Z");
    check_start("Europe/Madrid", "2026-03-29", "2026-03-28T23:00:00Z");
    check_start("Europe/Madrid", "2026-03-30", "2026-03-29T22:00:00Z");
    check_start("America/Mexico_City", "2026-07-01", "2026-07-01T06:00:00Z");
    check_start("Asia/Kolkata", "2026-01-01", "2025-12-31T18:30:00Z");
    // Clocks went from midnight to one o'clock.
    check_start("America/Sao_Paulo", "2018-11-04", "2018-11-04T03:00:00Z");
    // Clocks went from midnight back to eleven.
    check_start("America/Havana", "2025-11-02", "2025-11-02T04:00:00Z");
    // There was no such day.
    check_start("Pacific/Apia", "2011-12-30", "2011-12-30T10:00:00Z");
    check_start("Pacific/Apia", "2011-12-31", "2011-12-30T10:00:00Z");
}

#[test]
fn a_day_has_the_hours_that_the_clocks_leave_it() {
    let of_day = |day: &str| {
        let day: NaiveDate = day.parse().unwrap();
        let madrid = zone("Europe/Madrid");
        hours(madrid, day_start(madrid, day), day_start(madrid, day.succ_opt().unwrap())).len()
    };
    assert_eq!(["2026-03-28", "2026-03-29", "2026-10-25", "2026-10-26"].map(of_day), [24, 23, 25, 24]);
}

#[test]
fn days_are_cut_off_at_the_spans_ends() {
    let madrid = zone("Europe/Madrid");
    let days = days_of(madrid, at("2026-03-28T12:00:00Z"), at("2026-03-30T01:00:00Z"));
    let expect = [
        ("2026-03-28T12:00:00Z", "2026-03-28T23:00:00Z"),
        ("2026-03-28T23:00:00Z", "2026-03-29T22:00:00Z"),
        ("2026-03-29T22:00:00Z", "2026-03-30T01:00:00Z"),
    ];
    assert_eq!(days, expect.map(|(start, end)| (at(start), at(end))));
    let apia = days_of(zone("Pacific/Apia"), at("2011-12-29T10:00:00Z"), at("2011-12-31T10:00:00Z"));
    assert_eq!(apia.len(), 2);
}

#[test]
fn weeks_begin_on_monday() {
    let week = |day: &str| Period::Week.number(day.parse().unwrap());
    assert_eq!(week("2026-03-01") + 1, week("2026-03-02"));
    assert_eq!(week("2026-03-02"), week("2026-03-08"));
    assert_eq!(Period::Week.first_date(week("2026-03-08")), "2026-03-02".parse().unwrap());
    assert_eq!(Period::Week.number(epoch()), 0);
}

#[test]
fn an_hour_ends_at_its_end() {
    let kolkata = zone("Asia/Kolkata");
    assert_eq!(hour_end(kolkata, at("2026-01-01T10:30:00Z")), at("2026-01-01T10:30:00Z"));
    assert_eq!(hour_end(kolkata, at("2026-01-01T10:30:01Z")), at("2026-01-01T11:30:00Z"));
}

const ZONES: [&str; 8] = [
    "UTC",
    "Europe/Madrid",
    "America/Mexico_City",
    "Australia/Lord_Howe",
    "Asia/Kathmandu",
    "Africa/Casablanca",
    "America/Sao_Paulo",
    "Pacific/Apia",
];

proptest! {
    #[test]
    fn a_period_holds_its_dates(day in -30_000i64..60_000, period in 0usize..3) {
        let period = Period::ALL[period];
        let date = Period::Day.first_date(day);
        prop_assert_eq!(Period::Day.number(date), day);
        let number = period.number(date);
        prop_assert!(period.first_date(number) <= date && date < period.first_date(number + 1));
        prop_assert_eq!(period.number(period.first_date(number)), number);
    }

    /// What the retention query does with the offsets is what the calendar does.
    #[test]
    fn offsets_give_the_date(zone_at in 0usize..ZONES.len(), from in 1_200_000_000i64..1_900_000_000, into in 0i64..100_000_000) {
        let tz = zone(ZONES[zone_at]);
        let (from, time) = (DateTime::from_timestamp(from, 0).unwrap(), DateTime::from_timestamp(from + into, 0).unwrap());
        let (first, changes) = offsets(tz, from, from + TimeDelta::seconds(100_000_000));
        let offset = changes.iter().rfind(|(since, _)| *since <= time).map_or(first, |(_, offset)| *offset);
        prop_assert_eq!((time.timestamp_millis() + offset).div_euclid(86_400_000), days(date(tz, time)));
    }

    #[test]
    fn hours_and_days_leave_no_gap(zone_at in 0usize..ZONES.len(), from in 1_200_000_000i64..1_900_000_000, length in 0i64..10_000_000) {
        let tz = zone(ZONES[zone_at]);
        let from = local_hour(tz, DateTime::from_timestamp(from, 0).unwrap());
        let until = hour_end(tz, from + TimeDelta::seconds(length));
        for spans in [hours(tz, from, until), days_of(tz, from, until)] {
            prop_assert!(spans.windows(2).all(|pair| pair[0].1 == pair[1].0));
            prop_assert!(spans.iter().all(|(start, end)| start < end));
            if from < until {
                prop_assert_eq!((spans[0].0, spans[spans.len() - 1].1), (from, until));
            }
        }
    }
}
