//! Files that people and programs send whole: leads as CSV, calendars, a site's TOML.

use std::collections::BTreeMap;

use chrono::{Days, NaiveDate};
use content_score::settings::Settings as Content;
use lead_capture::csv_in;
use lead_capture::form::Form;
use orilla_desk::calendar::{Calendar, Definition};
use orilla_desk::ical;
use orilla_text::csv_out::{self, Dialect, neutralised, restored};
use ticket_route::settings::{Desk, Settings};

use crate::sent::now;
use crate::text;

#[allow(dead_code, reason = "the command's own reader of TOML, which stands in a program and not in a library")]
#[path = "../../xtask/src/apply/source.rs"]
pub mod source;

/// Leads: every row is taken or told once, with its own text; what is taken can be exported and comes back.
pub fn leads(input: &[u8]) {
    let names = ["email", "name", "company", "message"];
    let Ok(import) = csv_in::read(input, &names, now()) else { return };
    let mut lines: Vec<u64> = import.rows.iter().map(|row| row.line).chain(import.bad.iter().map(|row| row.line)).collect();
    lines.sort_unstable();
    assert!(lines.first().is_none_or(|line| *line >= 1) && lines.windows(2).all(|pair| pair[0] < pair[1]), "{lines:?}");
    for bad in &import.bad {
        assert!(!bad.errors.is_empty(), "a row is refused for a reason");
    }
    for row in &import.rows {
        assert!(row.repeats.is_none_or(|line| line < row.line));
        assert!(row.created_at.is_none_or(|at| at <= now()));
    }
    for dialect in [Dialect::Plain, Dialect::Excel] {
        let head = ["email", "name", "company", "message"];
        let cell = |fields: &BTreeMap<String, String>, name: &str| fields.get(name).cloned().unwrap_or_default();
        let written = import.rows.iter().map(|row| {
            let own = head[1..].iter().map(|name| cell(&row.fields, name));
            std::iter::once(row.email.address.clone()).chain(own).collect::<Vec<_>>()
        });
        let mut file = csv_out::header(dialect, &head).unwrap();
        file.extend(csv_out::rows(dialect, written).unwrap());
        let again = csv_in::read(&file, &names, now()).unwrap();
        assert!(again.bad.is_empty(), "{:?}", again.bad);
        let kept = |import: &csv_in::Import| -> Vec<_> {
            let of = |row: &csv_in::Row| (row.email.key.clone(), head[1..].iter().map(|name| cell(&row.fields, name)).collect::<Vec<_>>());
            import.rows.iter().map(of).collect()
        };
        assert_eq!(kept(&again), kept(&import));
    }
}

/// Cells, parted by tabs, as a spreadsheet reads them: none is a formula, and all come back.
pub fn csv_out(input: &[u8]) {
    let input = text(input);
    let rows: Vec<Vec<&str>> = input.split('\u{b}').map(|row| row.split('\u{c}').collect()).collect();
    for (dialect, delimiter) in [(Dialect::Plain, b','), (Dialect::Excel, b';')] {
        let file = csv_out::rows(dialect, rows.iter().map(|row| std::iter::once("id").chain(row.iter().copied()))).unwrap();
        let mut reader = csv::ReaderBuilder::new().has_headers(false).flexible(true).delimiter(delimiter).from_reader(file.as_slice());
        let again: Vec<csv::StringRecord> = reader.records().collect::<Result<_, _>>().unwrap();
        assert_eq!(again.len(), rows.len());
        for (written, read) in rows.iter().zip(&again) {
            for (cell, read) in written.iter().zip(read.iter().skip(1)) {
                assert_eq!(restored(read), *cell);
                assert!(!read.starts_with(['=', '+', '-', '@', '\t', '\r', '\n']), "{read:?} may run");
            }
            assert_eq!(written.len() + 1, read.len());
        }
    }
    assert_eq!(restored(&neutralised(&input)), input);
}

/// Holidays: within the years, in order, a calendar; written and read again they are the same.
pub fn ical(input: &[u8]) {
    let (from, to) = (NaiveDate::from_ymd_opt(2026, 1, 1).unwrap(), NaiveDate::from_ymd_opt(2028, 12, 31).unwrap());
    let Ok(feed) = ical::read(&text(input), from, to) else { return };
    assert!(feed.holidays.windows(2).all(|pair| pair[0] < pair[1]), "in order, each once");
    let mut written = String::from("BEGIN:VCALENDAR\r\n");
    for holiday in &feed.holidays {
        assert!(holiday.from <= to && holiday.to >= from && holiday.from <= holiday.to);
        let name = holiday.name.replace('\\', "\\\\").replace(';', "\\;").replace(',', "\\,");
        let end = holiday.to + Days::new(1);
        let (begin, end) = (holiday.from.format("%Y%m%d"), end.format("%Y%m%d"));
        written += &format!("BEGIN:VEVENT\r\nDTSTART;VALUE=DATE:{begin}\r\nDTEND;VALUE=DATE:{end}\r\nSUMMARY:{name}\r\nEND:VEVENT\r\n");
    }
    written += "END:VCALENDAR\r\n";
    let trimmed = |feed: &ical::Feed| feed.holidays.iter().map(|it| (it.from, it.to, it.name.trim().to_owned())).collect::<Vec<_>>();
    let is_dated = feed.holidays.iter().all(|it| it.from.format("%Y%m%d").to_string().len() == 8);
    if is_dated && written.len() <= ical::MOST_BYTES {
        let again = ical::read(&written, from, to).expect("what was written");
        assert_eq!((trimmed(&again), &again.left_out), (trimmed(&feed), &vec![]));
    }
    let definition = Definition { time_zone: "UTC".into(), holidays: feed.holidays, ..Definition::default() };
    assert!(Calendar::new(&definition).is_ok());
}

/// A site's TOML: read as TOML says, every place on a line of the file; and what the server's own types make of it.
pub fn site_toml(input: &[u8]) {
    let input = text(input);
    let read = source::read(&input, "site", &|name| (name == "SET").then(|| "value".to_owned()));
    let lines = input.bytes().filter(|byte| *byte == b'\n').count() + 1;
    assert!(read.lines.values().chain(read.problems.iter().map(|(line, _)| line)).all(|line| (1..=lines).contains(line)));
    let is_toml = toml::from_str::<toml::Table>(&input).is_ok();
    assert!(is_toml || !read.problems.is_empty(), "what is no TOML is told");
    let is_plain = !input.contains("${ENV:") && !input.contains("nan") && !input.contains("inf");
    let is_wide = read.problems.iter().any(|(_, message)| message.contains("too large") || message.contains("finite"));
    assert!(!is_toml || !is_plain || is_wide || read.problems.is_empty(), "{:?}", read.problems);
    let _ = serde_json::from_value::<Form>(read.json.clone()).map(|form| form.default_locale());
    let _ = serde_json::from_value::<Settings>(read.json.clone()).map(Desk::new);
    let _ = serde_json::from_value::<Content>(read.json).map(|settings| settings.violations());
}
