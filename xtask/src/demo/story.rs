//! Who visited Marea's page, and what they did there. Invented, and the same each time: a day's visitors follow from its date, so that
//! telling the story again adds only what is new since. Every event says that it is a demonstration's. Pure.

use chrono::{DateTime, Datelike, Days, NaiveDate, NaiveTime, TimeDelta, Utc};
use serde_json::{Value as Json, json};

/// How many begin on each day of the week, from Monday: people look for courses when the weekend is near.
const VISITORS: [u64; 7] = [24, 22, 23, 26, 31, 38, 34];
/// How many begin in each hour of the day, by our clock.
const HOURS: [u64; 24] = [0, 0, 0, 0, 0, 0, 1, 2, 3, 4, 5, 5, 6, 5, 4, 4, 5, 6, 8, 9, 8, 4, 0, 0];
/// Percent that come back within days, a week later, two weeks later and so on: of those who sent the form, and of the others.
const RETURNING: [[u64; 7]; 2] = [[38, 46, 34, 25, 20, 16, 14], [14, 13, 8, 5, 4, 3, 2]];
/// The weight of visits on a telephone, a computer and a tablet, and how such a browser calls itself.
const BROWSERS: [(u64, &str); 4] = [
    (38, "Mozilla/5.0 (Linux; Android 14; Pixel 7) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/131.0.0.0 Mobile Safari/537.36"),
    (
        24,
        "Mozilla/5.0 (iPhone; CPU iPhone OS 17_5 like Mac OS X) AppleWebKit/605.1.15 (KHTML, like Gecko) Version/17.5 Mobile/15E148 Safari/604.1",
    ),
    (32, "Mozilla/5.0 (Windows NT 10.0; Win64; x64) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/131.0.0.0 Safari/537.36"),
    (6, "Mozilla/5.0 (iPad; CPU OS 17_5 like Mac OS X) AppleWebKit/605.1.15 (KHTML, like Gecko) Version/17.5 Mobile/15E148 Safari/604.1"),
];

/// Where a visitor came from.
struct Source {
    /// What stands behind the page's address.
    query: &'static str,
    referrer: &'static str,
    /// Percent of such visitors that begin the form.
    begins: u64,
}

/// With their weights.
const SOURCES: [(u64, Source); 5] = [
    (30, Source { query: "", referrer: "", begins: 27 }),
    (28, Source { query: "", referrer: "https://buscador.example/", begins: 31 }),
    (18, Source { query: "?utm_source=redes&utm_medium=social&utm_campaign=temporada", referrer: "https://redes.example/", begins: 16 }),
    (14, Source { query: "?utm_source=boletin&utm_medium=email&utm_campaign=guia", referrer: "", begins: 44 }),
    (10, Source { query: "", referrer: "https://foro-de-olas.example/escuelas", begins: 24 }),
];

/// Every event of these weeks until now, the oldest first, in the words of the batch API.
pub fn events(now: DateTime<Utc>, weeks: u16) -> Vec<Json> {
    let today = now.date_naive();
    let first = today - Days::new(u64::from(weeks) * 7 - 1);
    let mut told: Vec<_> = first.iter_days().take_while(|date| *date <= today).flat_map(visitors).collect();
    told.retain(|(at, _)| *at <= now);
    told.sort_by_key(|(at, _)| *at);
    told.into_iter().map(|(_, event)| event).collect()
}

type Told = Vec<(DateTime<Utc>, Json)>;

/// All that those who begin on this day ever do.
fn visitors(date: NaiveDate) -> Told {
    let mut dice = Dice(u64::from(date.num_days_from_ce().unsigned_abs()));
    // Every fourth week the school's season is in the papers.
    let more = if date.iso_week().week().is_multiple_of(4) { 9 } else { 0 };
    let weekday = VISITORS.into_iter().nth(date.weekday().num_days_from_monday() as usize).unwrap_or_default();
    let count = weekday + more + dice.below(7);
    (0..count).flat_map(|number| Visitor::new(date, number, &mut dice).story(date, &mut dice)).collect()
}

struct Visitor {
    id: String,
    source: &'static Source,
    browser: &'static str,
    path: &'static str,
    language: &'static str,
    variant: &'static str,
    told: Told,
}

impl Visitor {
    fn new(date: NaiveDate, number: u64, dice: &mut Dice) -> Self {
        let (path, language) = if dice.chance(72) { ("/demo", "es") } else { ("/demo/en", "en") };
        let variant = if dice.chance(50) { "a" } else { "b" };
        Self {
            id: format!("demo-{date}-{number}"),
            source: dice.pick(&SOURCES),
            browser: *dice.pick::<&str>(&BROWSERS),
            path,
            language,
            variant,
            told: Vec::new(),
        }
    }

    fn story(mut self, date: NaiveDate, dice: &mut Dice) -> Told {
        let has_sent = self.visit(date, self.source.begins, dice);
        let [senders, others] = RETURNING;
        for (week, percent) in (0..).zip(if has_sent { senders } else { others }) {
            if dice.chance(percent) {
                let later = if week == 0 { 1 + dice.below(3) } else { week * 7 - 2 + dice.below(6) };
                self.visit(date + Days::new(later), if has_sent { 2 } else { 38 }, dice);
            }
        }
        self.told
    }

    /// One visit; whether the form was sent in it.
    fn visit(&mut self, date: NaiveDate, begins: u64, dice: &mut Dice) -> bool {
        let mut at = date.and_time(NaiveTime::MIN).and_utc() + dice.hour() + dice.pause(3_600);
        self.view(at, self.path);
        while dice.chance(24) {
            at += TimeDelta::seconds(15) + dice.pause(80);
            let other = if self.path == "/demo" { "/demo/en" } else { "/demo" };
            self.view(at, if dice.chance(30) { other } else { self.path });
        }
        let is_handy = !self.browser.contains("Mobile") || dice.chance(80);
        let better = if self.variant == "b" { 6 } else { 0 };
        if !is_handy || !dice.chance(begins + better) {
            return false;
        }
        at += TimeDelta::seconds(12) + dice.pause(90);
        self.act(at, "Form Started");
        let has_sent = dice.chance(54 + better);
        if has_sent {
            at += TimeDelta::seconds(25) + dice.pause(150);
            self.act(at, "Form Submitted");
        }
        has_sent
    }

    fn view(&mut self, at: DateTime<Utc>, path: &str) {
        self.tell(at, path, json!({ "type": "page", "properties": { "demo": true } }));
    }

    fn act(&mut self, at: DateTime<Utc>, name: &str) {
        let properties = json!({ "demo": true, "form": "demo", "variant": self.variant });
        self.tell(at, self.path, json!({ "type": "track", "event": name, "properties": properties }));
    }

    fn tell(&mut self, at: DateTime<Utc>, path: &str, mut event: Json) {
        let Source { query, referrer, .. } = self.source;
        event["messageId"] = format!("{}-{}", self.id, self.told.len()).into();
        event["anonymousId"] = self.id.as_str().into();
        event["timestamp"] = at.to_rfc3339().into();
        event["context"] = json!({
            "library": { "name": "orilla-demo" },
            "locale": self.language,
            "page": { "url": format!("https://marea.example{path}{query}"), "referrer": referrer },
            "userAgent": self.browser,
        });
        self.told.push((at, event));
    }
}

/// Numbers that look like chance and are the same for the same seed.
///
/// Source: Steele, Lea and Flood 2014, "Fast Splittable Pseudorandom Number Generators": SplitMix64.
struct Dice(u64);

impl Dice {
    fn below(&mut self, limit: u64) -> u64 {
        self.0 = self.0.wrapping_add(0x9e37_79b9_7f4a_7c15);
        let mut number = self.0;
        number = (number ^ (number >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
        number = (number ^ (number >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
        (number ^ (number >> 31)) % limit
    }

    fn chance(&mut self, percent: u64) -> bool {
        self.below(100) < percent
    }

    fn pause(&mut self, seconds: u64) -> TimeDelta {
        TimeDelta::milliseconds(i64::try_from(self.below(seconds * 1_000)).unwrap_or_default())
    }

    fn hour(&mut self) -> TimeDelta {
        TimeDelta::hours(self.place(HOURS.into_iter()).try_into().unwrap_or_default())
    }

    /// One of these by weight.
    fn pick<T>(&mut self, choices: &'static [(u64, T)]) -> &'static T {
        &choices[self.place(choices.iter().map(|(weight, _)| *weight))].1
    }

    /// A place by the weights of all.
    fn place(&mut self, weights: impl Iterator<Item = u64> + Clone) -> usize {
        let chosen = self.below(weights.clone().sum());
        let ends = weights.scan(0, |sum, weight| {
            *sum += weight;
            Some(*sum)
        });
        ends.take_while(|end| *end <= chosen).count()
    }
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeSet;

    use super::*;

    fn at(text: &str) -> DateTime<Utc> {
        text.parse().unwrap()
    }

    fn ids(events: &[Json]) -> BTreeSet<&str> {
        events.iter().map(|event| event["messageId"].as_str().unwrap()).collect()
    }

    #[test]
    fn the_same_days_are_told_the_same_and_later_days_are_added() {
        let now = at("2026-11-27T12:00:00Z");
        let told = events(now, 2);
        assert_eq!(told, events(now, 2));
        assert_eq!(ids(&told).len(), told.len(), "each event has an id of its own");
        let later = events(now + TimeDelta::days(7), 3);
        assert!(ids(&told).is_subset(&ids(&later)));
        assert!(later.len() > told.len() + 100);
    }

    #[test]
    fn nothing_is_in_the_future_and_everything_says_that_it_is_invented() {
        let now = at("2026-11-27T12:00:00Z");
        let told = events(now, 8);
        let times: Vec<_> = told.iter().map(|event| at(event["timestamp"].as_str().unwrap())).collect();
        assert!(times.is_sorted());
        assert!(times.last().is_some_and(|last| *last <= now && now - *last < TimeDelta::hours(6)));
        assert!(times.first().is_some_and(|first| *first < now - TimeDelta::days(54)));
        for event in &told {
            assert_eq!((&event["properties"]["demo"], &event["context"]["library"]["name"]), (&json!(true), &json!("orilla-demo")));
        }
    }

    #[test]
    fn a_request_has_room_for_a_batch() {
        let told = events(at("2026-11-27T12:00:00Z"), 2);
        let largest = told.chunks(super::super::BATCH).map(|batch| json!(batch).to_string().len()).max();
        assert!(largest.is_some_and(|bytes| bytes < 500 * 1024), "{largest:?}");
    }
}
