//! The days that all ways of assigning live through: people, their hours and absences, and tickets.

use chrono::{DateTime, TimeDelta, TimeZone, Utc};
use chrono_tz::Tz;
use orilla_desk::Priority;
use orilla_desk::assign::{Agent, Presence, Waiting};
use orilla_desk::calendar::Calendar;

use crate::random::Random;

/// Monday to Friday. Tickets come until Thursday's end, so that most of what is asked can still be answered.
pub const MINUTES: usize = 5 * 24 * 60;
const ARRIVALS: usize = 4 * 24 * 60;

const CATEGORIES: [(&str, f64); 4] = [("technical", 0.4), ("billing", 0.3), ("account", 0.2), ("sales", 0.1)];
const LANGUAGES: [(&str, f64); 2] = [("es", 0.6), ("en", 0.4)];
const PRIORITIES: [(Priority, f64); 4] =
    [(Priority::Low, 0.2), (Priority::Normal, 0.55), (Priority::High, 0.2), (Priority::Critical, 0.05)];

/// Together they are there at most hours. With each the chances that its people write Spanish and English.
const ZONES: [(Tz, f64, f64); 3] = [(Tz::America__Mexico_City, 1.0, 0.5), (Tz::Europe__Madrid, 1.0, 0.6), (Tz::Asia__Manila, 0.2, 1.0)];

/// How much of a day's work comes in each hour of UTC: the afternoons of Europe and the mornings of America.
const HOURS: [f64; 24] =
    [2.0, 1.0, 1.0, 1.0, 1.0, 2.0, 3.0, 5.0, 7.0, 7.0, 7.0, 6.0, 5.0, 6.0, 8.0, 9.0, 9.0, 8.0, 7.0, 6.0, 5.0, 4.0, 3.0, 2.0];

/// Minutes that a first reply takes whoever knows the matter, and that a later one takes.
const FIRST: f64 = 14.0;
const LATER: f64 = 8.0;
/// How often a customer writes again.
const AGAIN: f64 = 0.4;

/// What it costs to answer without the skill or the language.
#[derive(Debug, Clone, Copy)]
pub struct Mismatch {
    /// How much longer each takes.
    pub times: f64,
    /// How often whoever lacks the skill must pass the ticket on, after [`Self::minutes`]; the next asks a colleague instead.
    pub fails: f64,
    pub minutes: f64,
}

impl Mismatch {
    pub const COSTS: Self = Self { times: 1.25, fails: 0.2, minutes: 6.0 };
    pub const FREE: Self = Self { times: 1.0, fails: 0.0, minutes: 0.0 };
}

#[derive(Debug, Clone)]
pub struct Person {
    skills: Vec<String>,
    languages: Vec<String>,
    pub capacity: u32,
    /// Whether their hours say that they work, in each minute.
    works: Vec<bool>,
    /// Whether they are there.
    is_there: Vec<bool>,
    /// When their hours end next, in each minute.
    leaves: Vec<usize>,
}

#[derive(Debug, Clone)]
pub struct Ticket {
    pub minute: usize,
    pub priority: Priority,
    category: &'static str,
    language: &'static str,
    minutes: f64,
    /// Below [`Mismatch::fails`] it is too hard for who lacks the skill.
    hardness: f64,
    /// After how many minutes the customer writes again, and what answering that takes; 0 if they do not.
    pub again: (usize, f64),
}

impl Ticket {
    /// Minutes to the first reply. Source: the brief; for low ones twice the next.
    pub fn target(&self) -> usize {
        60 * match self.priority {
            Priority::Critical => 1,
            Priority::High => 4,
            Priority::Normal => 24,
            Priority::Low => 48,
        }
    }
}

pub struct World {
    pub agents: Vec<Person>,
    pub tickets: Vec<Ticket>,
    mismatch: Mismatch,
}

/// A Monday in November.
pub fn at(minute: usize) -> DateTime<Utc> {
    Utc.timestamp_opt(1_794_787_200, 0).earliest().unwrap_or_default() + TimeDelta::minutes(minute as i64)
}

impl World {
    /// `load` is the share of the people's time that answering takes whoever knows the matter.
    pub fn new(seed: u64, load: f64, mismatch: Mismatch) -> Self {
        let mut random = Random(seed);
        let count = 6 + random.below(15);
        let agents: Vec<Person> = (0..count).map(|place| person(&mut random, place)).collect();
        let there: usize = agents.iter().map(|agent| agent.is_there.iter().filter(|is_there| **is_there).count()).sum();
        let days = there as f64 * ARRIVALS as f64 / MINUTES as f64;
        let wanted = load * days / (FIRST + AGAIN * LATER);
        let per_day: f64 = HOURS.iter().sum::<f64>() * 60.0;
        let mut tickets = Vec::new();
        for minute in 0..ARRIVALS {
            let mean = wanted / 4.0 * HOURS[minute / 60 % 24] / per_day;
            // As many as arrive within a minute when the time between two is exponential.
            let mut next = random.around(1.0);
            while next < mean {
                tickets.push(ticket(&mut random, minute));
                next += random.around(1.0);
            }
        }
        Self { agents, tickets, mismatch }
    }

    pub fn is_there(&self, agent: usize, minute: usize) -> bool {
        self.agents[agent].is_there[minute]
    }

    /// Minutes that an agent was there.
    pub fn present(&self, agent: usize) -> f64 {
        self.agents[agent].is_there.iter().filter(|is_there| **is_there).count() as f64
    }

    fn has_skill(&self, ticket: usize, agent: usize) -> bool {
        self.agents[agent].skills.iter().any(|skill| skill == self.tickets[ticket].category)
    }

    fn writes(&self, ticket: usize, agent: usize) -> bool {
        self.agents[agent].languages.iter().any(|language| language == self.tickets[ticket].language)
    }

    pub fn fits(&self, ticket: usize, agent: usize) -> bool {
        self.has_skill(ticket, agent) && self.writes(ticket, agent)
    }

    /// What a first reply takes this agent.
    pub fn minutes(&self, ticket: usize, agent: usize) -> f64 {
        let lacks = [self.has_skill(ticket, agent), self.writes(ticket, agent)].into_iter().filter(|has| !has).count();
        self.tickets[ticket].minutes * self.mismatch.times.powi(lacks as i32)
    }

    /// After how many minutes this agent must pass it on, if nobody has before.
    pub fn fails_at(&self, ticket: usize, agent: usize, is_passed_on: bool) -> Option<f64> {
        let fails = !is_passed_on && !self.has_skill(ticket, agent) && self.tickets[ticket].hardness < self.mismatch.fails;
        fails.then_some(self.mismatch.minutes)
    }

    /// What a desk knows about an agent.
    pub fn agent(&self, place: usize, minute: usize, load: usize) -> Agent {
        let person = &self.agents[place];
        Agent {
            id: format!("{place:03}"),
            team: "desk".into(),
            skills: person.skills.clone(),
            languages: person.languages.clone(),
            capacity: person.capacity,
            load: load as u32,
            presence: if person.is_there[minute] { Presence::Online } else { Presence::Offline },
            is_working: person.works[minute],
            leaves_at: person.works[minute].then(|| at(person.leaves[minute])),
            out_until: None,
        }
    }

    /// What a desk knows about a ticket.
    pub fn waiting(&self, place: usize, refused: Option<&Vec<usize>>) -> Waiting {
        let ticket = &self.tickets[place];
        // Who has tried is not asked again, unless all have: somebody must answer.
        let refused = refused.filter(|refused| refused.len() < self.agents.len()).into_iter().flatten();
        Waiting {
            ticket: format!("{place:06}"),
            category: ticket.category.into(),
            language: ticket.language.into(),
            priority: ticket.priority,
            due: Some(at(ticket.minute + ticket.target())),
            since: at(ticket.minute),
            team: None,
            last_agent: None,
            refused: refused.map(|agent| format!("{agent:03}")).collect(),
        }
    }
}

fn person(random: &mut Random, place: usize) -> Person {
    let (zone, spanish, english) = ZONES[place % ZONES.len()];
    // Of six people or more each category has somebody.
    let (mut skills, mut languages) = (vec![CATEGORIES[place % CATEGORIES.len()].0.to_owned()], Vec::new());
    let second = random.of(&CATEGORIES).to_owned();
    if !skills.contains(&second) {
        skills.push(second);
    }
    languages.extend(random.is(spanish).then(|| "es".to_owned()));
    languages.extend(random.is(english).then(|| "en".to_owned()));
    let hours = hours(zone);
    let works: Vec<bool> = (0..MINUTES).map(|minute| hours.is_open(at(minute))).collect();
    let mut is_there = works.clone();
    for day in is_there.chunks_mut(24 * 60) {
        // A day off that no calendar knew of.
        if random.is(0.03) {
            day.fill(false);
        }
        // A meeting, or no connection, every second day.
        if random.is(0.5) {
            let from = random.below(day.len());
            let to = from + 20 + random.below(100);
            day.iter_mut().take(to).skip(from).for_each(|is_there| *is_there = false);
        }
    }
    let mut leaves = vec![MINUTES; MINUTES];
    for minute in (0..MINUTES - 1).rev() {
        leaves[minute] = if works[minute] && !works[minute + 1] { minute + 1 } else { leaves[minute + 1] };
    }
    Person { skills, languages, capacity: 4 + random.below(5) as u32, works, is_there, leaves }
}

/// Nine to six, with an hour for lunch.
fn hours(zone: Tz) -> Calendar {
    let days = ["mon", "tue", "wed", "thu", "fri"];
    let definition = serde_json::json!({
        "time_zone": zone.name(),
        "hours": [{ "days": days, "from": "09:00", "to": "18:00" }],
        "breaks": [{ "days": days, "from": "13:00", "to": "14:00" }],
    });
    Calendar::new(&serde_json::from_value(definition).unwrap()).unwrap()
}

fn ticket(random: &mut Random, minute: usize) -> Ticket {
    // No reply takes less than a third of the mean.
    let minutes = |random: &mut Random, mean: f64| mean / 3.0 + random.around(mean * 2.0 / 3.0);
    let first = minutes(random, FIRST);
    let (delay, later) = (20 + random.below(220), minutes(random, LATER));
    let later = if random.is(AGAIN) { later } else { 0.0 };
    Ticket {
        minute,
        priority: random.of(&PRIORITIES),
        category: random.of(&CATEGORIES),
        language: random.of(&LANGUAGES),
        minutes: first,
        hardness: random.unit(),
        again: (delay, later),
    }
}

/// A hundred people and ten thousand tickets at noon of the first day, for the clock.
pub fn crowd(random: &mut Random, capacity: u32) -> (Vec<Agent>, Vec<Waiting>) {
    let agents: Vec<Person> = (0..100).map(|place| Person { capacity, ..person(random, place) }).collect();
    let tickets: Vec<Ticket> = (0..10_000).map(|place| ticket(random, place * 720 / 10_000)).collect();
    let world = World { agents, tickets, mismatch: Mismatch::FREE };
    let agents =
        (0..100).map(|place| Agent { presence: Presence::Online, is_working: true, leaves_at: None, ..world.agent(place, 720, 0) });
    (agents.collect(), (0..10_000).map(|place| world.waiting(place, None)).collect())
}
