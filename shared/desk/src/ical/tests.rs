//! Feeds as they are found, with their surprises.

use proptest::prelude::*;

use super::*;

fn day(text: &str) -> NaiveDate {
    text.parse().unwrap()
}

fn feed(events: &[&str]) -> String {
    let events: String = events.iter().map(|event| format!("BEGIN:VEVENT\n{event}\nEND:VEVENT\n")).collect();
    format!("BEGIN:VCALENDAR\nVERSION:2.0\n{events}END:VCALENDAR\n").replace('\n', "\r\n")
}

fn read_years(text: &str) -> Result<Feed, Error> {
    read(text, day("2026-01-01"), day("2028-12-31"))
}

fn closed(text: &str) -> Vec<String> {
    let shown = |it: &Holiday| if it.from == it.to { it.from.to_string() } else { format!("{} to {}", it.from, it.to) };
    read_years(text).unwrap().holidays.iter().map(shown).collect()
}

#[track_caller]
fn check(event: &str, expect: &[&str]) {
    assert_eq!(closed(&feed(&[event])), expect, "{event}");
}

#[track_caller]
fn check_left_out(event: &str, why: Why) {
    let feed = read_years(&feed(&[&format!("SUMMARY:Fiesta\n{event}")])).unwrap();
    assert_eq!((feed.holidays, feed.left_out), (vec![], vec![LeftOut { name: "Fiesta".into(), why }]), "{event}");
}

#[test]
fn whole_days_close_and_their_end_is_the_day_after() {
    check("DTSTART;VALUE=DATE:20261225", &["2026-12-25"]);
    check("DTSTART;VALUE=DATE:20261225\nDTEND;VALUE=DATE:20261226", &["2026-12-25"]);
    check("DTSTART;VALUE=DATE:20261224\nDTEND;VALUE=DATE:20261227", &["2026-12-24 to 2026-12-26"]);
    check("DTSTART:20261225\nDTEND:20261225", &["2026-12-25"]);
    check("DTSTART;VALUE=DATE:20261225\nDURATION:P2D", &["2026-12-25 to 2026-12-26"]);
    check("DTSTART;VALUE=DATE:20261225\nDURATION:P1W", &["2026-12-25 to 2026-12-31"]);
    check("DTSTART;VALUE=DATE:20251230\nDTEND;VALUE=DATE:20260103", &["2025-12-30 to 2026-01-02"]);
}

#[test]
fn yearly_rules_close_every_year() {
    check("DTSTART;VALUE=DATE:20200106\nRRULE:FREQ=YEARLY", &["2026-01-06", "2027-01-06", "2028-01-06"]);
    check("DTSTART;VALUE=DATE:20200106\nRRULE:FREQ=YEARLY;UNTIL=20270105", &["2026-01-06"]);
    check("DTSTART;VALUE=DATE:20200106\nRRULE:FREQ=YEARLY;UNTIL=20270106T000000Z", &["2026-01-06", "2027-01-06"]);
    check("DTSTART;VALUE=DATE:20200106\nRRULE:FREQ=YEARLY;COUNT=8", &["2026-01-06", "2027-01-06"]);
    check("DTSTART;VALUE=DATE:20210106\nRRULE:FREQ=YEARLY;INTERVAL=3", &["2027-01-06"]);
    check("DTSTART;VALUE=DATE:20200229\nRRULE:FREQ=YEARLY", &["2028-02-29"]);
    check("DTSTART;VALUE=DATE:20201126\nRRULE:FREQ=YEARLY;BYMONTH=11;BYDAY=4TH", &["2026-11-26", "2027-11-25", "2028-11-23"]);
    check("DTSTART;VALUE=DATE:20200525\nRRULE:FREQ=YEARLY;BYMONTH=5;BYDAY=-1MO", &["2026-05-25", "2027-05-31", "2028-05-29"]);
    check("DTSTART;VALUE=DATE:20201223\nRRULE:FREQ=YEARLY;BYMONTH=12;BYDAY=-2WE", &["2026-12-23", "2027-12-22", "2028-12-20"]);
    check("DTSTART;VALUE=DATE:20201225\nRRULE:FREQ=YEARLY;BYMONTH=12;BYMONTHDAY=25,-1;UNTIL=20261231", &["2026-12-25", "2026-12-31"]);
    check(
        "DTSTART;VALUE=DATE:20200106\nRRULE:FREQ=YEARLY;WKST=MO\nEXDATE;VALUE=DATE:20270106,20280106\nRDATE;VALUE=DATE:20260107",
        &["2026-01-06", "2026-01-07"],
    );
}

#[test]
fn one_time_of_many_can_be_moved_or_cancelled() {
    let master = "UID:a\nDTSTART;VALUE=DATE:20260502\nRRULE:FREQ=YEARLY";
    let moved = "UID:a\nRECURRENCE-ID;VALUE=DATE:20270502\nDTSTART;VALUE=DATE:20270503";
    let cancelled = "UID:a\nRECURRENCE-ID;VALUE=DATE:20280502\nDTSTART;VALUE=DATE:20280502\nSTATUS:CANCELLED";
    assert_eq!(closed(&feed(&[master, moved, cancelled])), ["2026-05-02", "2027-05-03"]);
}

#[test]
fn what_closes_nothing_is_told_with_its_reason() {
    check_left_out("DTSTART;VALUE=DATE:20261225\nSTATUS:CANCELLED", Why::Cancelled);
    check_left_out("DTSTART:20261224T170000Z\nDTEND:20261224T190000Z", Why::Timed);
    check_left_out("DTSTART;TZID=Europe/Madrid:20261224T170000\nDURATION:PT2H", Why::Timed);
    check_left_out("DTSTART;VALUE=DATE:20261224\nDURATION:PT2H", Why::Timed);
    check_left_out("DTSTART;VALUE=DATE:20261324", Why::Dateless);
    check_left_out("DTSTART;VALUE=DATE:Navidad", Why::Dateless);
    check_left_out("DTEND;VALUE=DATE:20261225", Why::Dateless);
    check_left_out("DTSTART;VALUE=DATE:20261224\nDURATION:P-1D", Why::Dateless);
    check_left_out("DTSTART;VALUE=DATE:20260101\nDTEND;VALUE=DATE:20270103", Why::TooLong);
    check_left_out("DTSTART;VALUE=DATE:20260101\nRRULE:FREQ=WEEKLY;BYDAY=SU", Why::Rule);
    check_left_out("DTSTART;VALUE=DATE:20260217\nRRULE:RSCALE=CHINESE;FREQ=YEARLY", Why::Rule);
    check_left_out("DTSTART;VALUE=DATE:20260217\nRRULE:FREQ=YEARLY;BYDAY=0MO", Why::Rule);
    check_left_out("DTSTART;VALUE=DATE:20260217\nRRULE:FREQ=YEARLY;BYDAY=ñ", Why::Rule);
    check_left_out("DTSTART;VALUE=DATE:20201225", Why::Outside);
}

/// Source: zammad, issue 390: a feed brought in days that nobody meant, and nobody saw which.
#[test]
fn a_feed_with_surprises_is_shown_before_it_counts_as_in_zammad_390() {
    let text = feed(&[
        "SUMMARY:Navidad\\, fiesta nacional\nDTSTART;VALUE=DATE:20261225\nBEGIN:VALARM\nSUMMARY:Aviso\nSTATUS:CANCELLED\nEND:VALARM\nTRANSP:TRANSPARENT",
        "DTSTART;VALUE=DATE:20261225\nSUMMARY;LANGUAGE=\"es:ES\":Navidad\\, fie\n sta nacional",
        "SUMMARY:Día de los\n \u{301} Inocentes\nDTSTART;VALUE=DATE:20261228",
        "SUMMARY:Cena\nDTSTART:20261224T200000Z",
    ]);
    let feed = read_years(&text).unwrap();
    let names: Vec<_> = feed.holidays.iter().map(|holiday| holiday.name.as_str()).collect();
    assert_eq!(names, ["Navidad, fiesta nacional", "Día de los\u{301} Inocentes"]);
    assert_eq!(feed.left_out, [LeftOut { name: "Cena".into(), why: Why::Timed }]);
}

#[test]
fn what_is_no_feed_or_too_much_of_one_is_refused() {
    #[track_caller]
    fn check(text: &str, expect: Error) {
        assert_eq!(read_years(text), Err(expect));
    }
    check("", Error::NotCalendar { line: 1 });
    check("<html>404: not found</html>", Error::NotCalendar { line: 1 });
    check("\n\nVERSION:2.0\nBEGIN:VCALENDAR\n", Error::NotCalendar { line: 3 });
    check("BEGIN:VCALENDAR\nX-A:folded\n here\nBEGIN:VEVENT\nDTSTART;VALUE=DATE:20261225\n", Error::CutOff { line: 4 });
    check(&" ".repeat(MOST_BYTES + 1), Error::TooLong(MOST_BYTES + 1));
    check(&feed(&vec!["DTSTART;VALUE=DATE:20261225"; 2_001]), Error::TooMany);
    let daily = "DTSTART;VALUE=DATE:00010101\nRRULE:FREQ=YEARLY;BYMONTHDAY=1,2,3,4,5,6,7,8,9,10,11,12,13,14,15,16,17,18,19,20";
    check(&feed(&[daily]), Error::TooMany);
    assert_eq!(read(&feed(&[]), day("2026-01-01"), day("2025-01-01")), Err(Error::Years));
    assert_eq!(read(&feed(&[]), day("2026-01-01"), day("2047-01-01")), Err(Error::Years));
    assert_eq!(read_years("\u{feff}BEGIN:VCALENDAR\nEND:VCALENDAR"), Ok(Feed::default()));
}

proptest! {
    #[test]
    fn no_text_makes_it_panic(text in "[A-Z0-9:;=,.\\\\\"\n \tñ-]{0,200}") {
        let _ = read_years(&feed(&[&text]));
        let _ = read_years(&feed(&[&format!("DTSTART;VALUE=DATE:20260101\nRRULE:FREQ=YEARLY;{text}")]));
    }

    #[test]
    fn what_is_closed_is_within_the_years_and_makes_a_calendar(
        first in 0u64..12_000,
        days in 1u64..30,
        rule in prop::sample::select(&["", "RRULE:FREQ=YEARLY", "RRULE:FREQ=YEARLY;BYDAY=2MO", "RRULE:FREQ=YEARLY;BYMONTHDAY=-3;COUNT=40"][..]),
    ) {
        let first = day("2000-01-01") + Days::new(first);
        let end = first + Days::new(days);
        let text = feed(&[&format!("DTSTART;VALUE=DATE:{}\nDTEND;VALUE=DATE:{}\n{rule}", first.format("%Y%m%d"), end.format("%Y%m%d"))]);
        let feed = read_years(&text).unwrap();
        for holiday in &feed.holidays {
            prop_assert!(holiday.from <= day("2028-12-31") && holiday.to >= day("2026-01-01") && holiday.from >= first);
            prop_assert_eq!((holiday.to - holiday.from).num_days() + 1, days as i64);
        }
        prop_assert_eq!(feed.holidays.is_empty(), !feed.left_out.is_empty());
        let definition = crate::calendar::Definition { time_zone: "UTC".into(), holidays: feed.holidays, ..Default::default() };
        prop_assert!(crate::calendar::Calendar::new(&definition).is_ok());
    }
}
