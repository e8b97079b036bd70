//! Days at a desk that never closes, with people in three time zones who have lunch, meetings and days off: who breaches how many deadlines.
//! `cargo run --release -p orilla-desk --example day [-- SEEDS [RULES]]` prints a table for each kind of days; RULES are JSON.
//!
//! All ways of assigning see the same days: the same tickets, absences and handling times. Everybody works on what is due first. A desk counts
//! wall-clock time to the first reply. What is chosen here and not measured anywhere stands in the constants below and in `World::new`.
#![allow(
    clippy::print_stdout,
    clippy::disallowed_methods,
    clippy::unwrap_used,
    reason = "a measurement reads the clock and talks to its terminal"
)]

use std::collections::{BTreeMap, BTreeSet};
use std::time::Instant;

use chrono::{DateTime, TimeDelta, Utc};
use orilla_desk::Priority;
use orilla_desk::assign::{Agent, Next, Patience, Rules, Waiting, assign, obstacle, points, spare_points, urgency};

#[path = "day/random.rs"]
mod random;
#[path = "day/world.rs"]
mod world;

use random::Random;
use world::{MINUTES, Mismatch, Ticket, World};

/// One way of assigning: which ticket (its place among the waiting) goes to which agent.
type Way = fn(&mut usize, &[Agent], &[Waiting], &Rules, DateTime<Utc>) -> Vec<(usize, usize)>;

struct Contender {
    name: &'static str,
    way: Way,
    /// Whether who does not reply loses the ticket.
    reassigns: bool,
    /// Whether it needs nobody to be there.
    assigns_blindly: bool,
}

const CONTENDERS: [Contender; 7] = [
    Contender { name: "round robin, offline too (the peers' bug)", way: round_robin_of_all, reassigns: false, assigns_blindly: true },
    Contender { name: "round robin", way: round_robin, reassigns: false, assigns_blindly: false },
    Contender { name: "least loaded", way: least_loaded, reassigns: false, assigns_blindly: false },
    Contender { name: "by priority to the least loaded with skill", way: skill_groups, reassigns: false, assigns_blindly: false },
    Contender { name: "by score, one by one", way: greedy, reassigns: false, assigns_blindly: false },
    Contender { name: "by score, matched", way: matched, reassigns: false, assigns_blindly: false },
    Contender { name: "by score, matched, reassigned without reply", way: matched, reassigns: true, assigns_blindly: false },
];

/// The weights were chosen on the days from 0 on; these are others.
const FIRST_SEED: u64 = 1_000;

fn main() -> Result<(), Box<dyn std::error::Error>> {
    let seeds: u64 = std::env::args().nth(1).map_or(Ok(24), |count| count.parse())?;
    let rules: Rules = std::env::args().nth(2).map_or_else(|| Ok(Rules::default()), |text| serde_json::from_str(&text))?;
    for (title, load, mismatch) in [
        ("Calm days: answering takes 50 % of the people's time", 0.5, Mismatch::COSTS),
        ("Busy days: 75 %", 0.75, Mismatch::COSTS),
        ("Too much: 95 %", 0.95, Mismatch::COSTS),
        ("Busy days on which anybody can do anything", 0.75, Mismatch::FREE),
    ] {
        compare(title, load, mismatch, seeds, &rules);
    }
    time(&rules);
    Ok(())
}

fn row(name: &str, outcomes: &[Outcome]) {
    let cell = |of: fn(&Outcome) -> f64| spread(&outcomes.iter().map(of).collect::<Vec<_>>());
    let breached = [cell(|it| it.breached(None)), cell(|it| it.breached(Some(Priority::Critical)))];
    let others = [cell(|it| it.breached(Some(Priority::High))), cell(|it| it.breached(Some(Priority::Normal)))];
    let rest = [cell(Outcome::mean_wait), cell(Outcome::late_wait), cell(|it| it.load_spread), cell(|it| it.misfits)];
    println!("| {name} | {} |", [&breached[..], &others, &rest].concat().join(" | "));
}

fn compare(title: &str, load: f64, mismatch: Mismatch, seeds: u64, rules: &Rules) {
    let mut outcomes = vec![Vec::new(); CONTENDERS.len()];
    let mut alone = Vec::new();
    for seed in 0..seeds {
        let world = World::new(FIRST_SEED + seed, load, mismatch);
        for (contender, outcomes) in CONTENDERS.iter().zip(&mut outcomes) {
            outcomes.push(live(&world, contender, rules));
        }
        alone.push(live_alone(&world));
    }
    println!(
        "\n{title}\n\n| Assignment | Breached % | Critical % | High % | Normal % | Mean wait, min | 95th, min | Spread of load | Without skill or language % |"
    );
    println!("|---|---|---|---|---|---|---|---|---|");
    for (contender, outcomes) in CONTENDERS.iter().zip(&outcomes) {
        row(contender.name, outcomes);
    }
    row("what nobody can undercut: each ticket as if it were alone", &alone);
    let ours = &outcomes[CONTENDERS.len() - 1];
    for (contender, outcomes) in CONTENDERS.iter().zip(&outcomes).take(4) {
        let less: Vec<f64> = ours.iter().zip(outcomes).map(|(ours, theirs)| ours.breached(None) - theirs.breached(None)).collect();
        let (mean, deviation) = mean_and_deviation(&less);
        println!(
            "\nLast row less \"{}\": {mean:+.2} ± {:.2} points (standard error over {seeds} seeds).",
            contender.name,
            deviation / (seeds as f64).sqrt()
        );
    }
}

/// What became of a ticket.
#[derive(Debug, Clone)]
struct Fate {
    priority: Priority,
    /// Minutes to the first reply; `None` if there was none.
    wait: Option<usize>,
    is_breached: bool,
}

impl Fate {
    fn of(ticket: &Ticket, replied: Option<usize>) -> Self {
        let due = ticket.minute + ticket.target();
        Self { priority: ticket.priority, wait: replied.map(|at| at - ticket.minute), is_breached: replied.unwrap_or(MINUTES) > due }
    }
}

#[derive(Debug, Clone)]
struct Outcome {
    fates: Vec<Fate>,
    load_spread: f64,
    misfits: f64,
}

impl Outcome {
    fn breached(&self, priority: Option<Priority>) -> f64 {
        let of: Vec<_> = self.fates.iter().filter(|fate| priority.is_none_or(|priority| fate.priority == priority)).collect();
        100.0 * of.iter().filter(|fate| fate.is_breached).count() as f64 / of.len().max(1) as f64
    }

    /// Whoever is never answered waits until the end.
    fn waits(&self) -> Vec<f64> {
        let mut waits: Vec<f64> = self.fates.iter().map(|fate| fate.wait.unwrap_or(MINUTES) as f64).collect();
        waits.sort_by(f64::total_cmp);
        waits
    }

    fn mean_wait(&self) -> f64 {
        mean_and_deviation(&self.waits()).0
    }

    fn late_wait(&self) -> f64 {
        let waits = self.waits();
        waits.get(waits.len() * 95 / 100).copied().unwrap_or(0.0)
    }
}

/// A piece of work on somebody's desk.
#[derive(Debug, Clone)]
struct Task {
    ticket: usize,
    assigned: usize,
    due: usize,
    left: f64,
    is_first: bool,
    /// It turns out after some minutes that they cannot do it.
    fails_at: Option<f64>,
}

/// The days, minute by minute.
fn live(world: &World, contender: &Contender, rules: &Rules) -> Outcome {
    let mut waiting: Vec<usize> = Vec::new();
    let mut refused: BTreeMap<usize, Vec<usize>> = BTreeMap::new();
    let mut passed_on = BTreeSet::new();
    let mut handed: BTreeMap<usize, usize> = BTreeMap::new();
    let mut desks: Vec<Vec<Task>> = vec![Vec::new(); world.agents.len()];
    let mut comes_back: BTreeMap<usize, Vec<(usize, usize)>> = BTreeMap::new();
    let mut replied: Vec<Option<usize>> = vec![None; world.tickets.len()];
    let (mut answers, mut misfits) = (0, 0);
    let mut worked = vec![0.0; world.agents.len()];
    let (mut turn, mut arrived) = (0, 0);
    for minute in 0..MINUTES {
        while world.tickets.get(arrived).is_some_and(|ticket| ticket.minute <= minute) {
            waiting.push(arrived);
            arrived += 1;
        }
        for (ticket, agent) in comes_back.remove(&minute).unwrap_or_default() {
            let it = &world.tickets[ticket];
            desks[agent].push(Task {
                ticket,
                assigned: minute,
                due: minute + it.target(),
                left: it.again.1,
                is_first: false,
                fails_at: None,
            });
        }
        if contender.reassigns {
            for (agent, desk) in desks.iter_mut().enumerate() {
                desk.retain(|task| {
                    let patience = Patience { minutes: (world.tickets[task.ticket].target() / 2) as u32, ..Patience::default() };
                    let hands = handed.entry(task.ticket).or_default();
                    // Whoever is writing the reply keeps the ticket.
                    let is_begun = task.left < world.minutes(task.ticket, agent);
                    let next = patience.next(world::at(task.assigned), None, *hands, world::at(minute), |from, to| to - from);
                    let goes = task.is_first && !is_begun && next == Next::Reassign;
                    if goes {
                        *hands += 1;
                        refused.entry(task.ticket).or_default().push(agent);
                        waiting.push(task.ticket);
                    }
                    !goes
                });
            }
        }
        let has_seat = |agent: usize| world.is_there(agent, minute) && (desks[agent].len() as u32) < world.agents[agent].capacity;
        if !waiting.is_empty() && (contender.assigns_blindly || (0..desks.len()).any(has_seat)) {
            let agents: Vec<Agent> = (0..world.agents.len()).map(|agent| world.agent(agent, minute, desks[agent].len())).collect();
            let asked: Vec<Waiting> = waiting.iter().map(|ticket| world.waiting(*ticket, refused.get(ticket))).collect();
            let pairs = (contender.way)(&mut turn, &agents, &asked, rules, world::at(minute));
            for (place, agent) in &pairs {
                let ticket = waiting[*place];
                let it = &world.tickets[ticket];
                let fails_at = world.fails_at(ticket, *agent, passed_on.contains(&ticket));
                let left = world.minutes(ticket, *agent);
                desks[*agent].push(Task { ticket, assigned: minute, due: it.minute + it.target(), left, is_first: true, fails_at });
            }
            let gone: Vec<usize> = pairs.iter().map(|(place, _)| waiting[*place]).collect();
            waiting.retain(|ticket| !gone.contains(ticket));
        }
        for (agent, desk) in desks.iter_mut().enumerate().filter(|(agent, _)| world.is_there(*agent, minute)) {
            let begun = desk.iter().position(|task| task.left < world.minutes(task.ticket, agent) && task.is_first);
            let first = begun.or_else(|| (0..desk.len()).min_by_key(|place| (desk[*place].due, desk[*place].ticket)));
            let Some(place) = first else { continue };
            worked[agent] += 1.0;
            let task = &mut desk[place];
            task.left -= 1.0;
            let spent = world.minutes(task.ticket, agent) - task.left;
            if task.fails_at.is_some_and(|minutes| spent >= minutes) {
                let task = desk.swap_remove(place);
                passed_on.insert(task.ticket);
                refused.entry(task.ticket).or_default().push(agent);
                waiting.push(task.ticket);
            } else if task.left <= 0.0 {
                let task = desk.swap_remove(place);
                if task.is_first {
                    replied[task.ticket] = Some(minute + 1);
                    answers += 1;
                    misfits += usize::from(!world.fits(task.ticket, agent));
                    let (delay, minutes) = world.tickets[task.ticket].again;
                    if minutes > 0.0 {
                        comes_back.entry(minute + delay).or_default().push((task.ticket, agent));
                    }
                }
            }
        }
    }
    let fates = world.tickets.iter().zip(&replied).map(|(ticket, replied)| Fate::of(ticket, *replied));
    let shares: Vec<f64> = (0..worked.len()).map(|agent| worked[agent] / world.present(agent).max(1.0)).collect();
    let (mean, deviation) = mean_and_deviation(&shares);
    Outcome {
        fates: fates.collect(),
        load_spread: deviation / mean.max(f64::MIN_POSITIVE),
        misfits: 100.0 * f64::from(misfits as u32) / f64::from(answers.max(1)),
    }
}

/// Everybody has nothing else to do, and each ticket is answered by whoever is done first.
fn live_alone(world: &World) -> Outcome {
    let fates = world.tickets.iter().enumerate().map(|(ticket, it)| {
        let done = |agent: usize| {
            let needed = world.minutes(ticket, agent).ceil() as usize;
            let minutes = (it.minute..MINUTES).filter(|minute| world.is_there(agent, *minute));
            minutes.take(needed).enumerate().find(|(count, _)| count + 1 == needed).map(|(_, minute)| minute + 1)
        };
        Fate::of(it, (0..world.agents.len()).filter_map(done).min())
    });
    Outcome { fates: fates.collect(), load_spread: f64::NAN, misfits: f64::NAN }
}

/// In the order in which they came.
fn oldest_first(waiting: &[Waiting]) -> Vec<usize> {
    let mut order: Vec<usize> = (0..waiting.len()).collect();
    order.sort_by_key(|place| (waiting[*place].since, &waiting[*place].ticket));
    order
}

fn round_robin_of_all(turn: &mut usize, agents: &[Agent], waiting: &[Waiting], _: &Rules, _: DateTime<Utc>) -> Vec<(usize, usize)> {
    let mut next = || {
        *turn += 1;
        *turn % agents.len()
    };
    oldest_first(waiting).into_iter().map(|place| (place, next())).collect()
}

/// Each ticket in this order to whom `choose` prefers of those who are there and have room; `None` leaves it.
fn one_by_one(
    agents: &[Agent],
    waiting: &[Waiting],
    order: Vec<usize>,
    rules: &Rules,
    now: DateTime<Utc>,
    mut choose: impl FnMut(&Waiting, &[(usize, u32)]) -> Option<usize>,
) -> Vec<(usize, usize)> {
    let mut taken = vec![0; agents.len()];
    let mut pairs = Vec::new();
    for place in order {
        let able = agents
            .iter()
            .enumerate()
            .filter(|(at, agent)| taken[*at] < agent.spare() && obstacle(agent, &waiting[place], rules, now).is_none());
        let able: Vec<(usize, u32)> = able.map(|(at, _)| (at, taken[at])).collect();
        if let Some(agent) = choose(&waiting[place], &able) {
            taken[agent] += 1;
            pairs.push((place, agent));
        }
    }
    pairs
}

fn round_robin(turn: &mut usize, agents: &[Agent], waiting: &[Waiting], rules: &Rules, now: DateTime<Utc>) -> Vec<(usize, usize)> {
    one_by_one(agents, waiting, oldest_first(waiting), rules, now, |_, able| {
        let after = able.iter().find(|(agent, _)| *agent > *turn).or(able.first()).map(|(agent, _)| *agent);
        *turn = after.unwrap_or(*turn);
        after
    })
}

fn least_loaded(_: &mut usize, agents: &[Agent], waiting: &[Waiting], rules: &Rules, now: DateTime<Utc>) -> Vec<(usize, usize)> {
    let choose =
        |_: &Waiting, able: &[(usize, u32)]| able.iter().min_by_key(|(agent, taken)| agents[*agent].load + taken).map(|(agent, _)| *agent);
    one_by_one(agents, waiting, oldest_first(waiting), rules, now, choose)
}

/// As the best of the peers do it: by priority and age, to the least loaded of those who know the matter and the language, else of all.
fn skill_groups(_: &mut usize, agents: &[Agent], waiting: &[Waiting], rules: &Rules, now: DateTime<Utc>) -> Vec<(usize, usize)> {
    let mut order = oldest_first(waiting);
    order.sort_by_key(|place| std::cmp::Reverse(waiting[*place].priority));
    one_by_one(agents, waiting, order, rules, now, |ticket, able| {
        let lacks = |agent: &Agent| !(agent.skills.contains(&ticket.category) && agent.languages.contains(&ticket.language));
        able.iter().min_by_key(|(agent, taken)| (lacks(&agents[*agent]), agents[*agent].load + taken)).map(|(agent, _)| *agent)
    })
}

/// The crate's own score, each ticket taking the best that is left.
fn greedy(_: &mut usize, agents: &[Agent], waiting: &[Waiting], rules: &Rules, now: DateTime<Utc>) -> Vec<(usize, usize)> {
    let mut order = oldest_first(waiting);
    order.sort_by_cached_key(|place| -urgency(&waiting[*place], rules, now).iter().map(|reason| reason.points).sum::<i64>());
    one_by_one(agents, waiting, order, rules, now, |ticket, able| {
        let fit = |(at, taken): (usize, u32)| {
            let sum: i64 = points(&agents[at], ticket, rules, now).iter().map(|reason| reason.points).sum();
            sum + spare_points(&agents[at], taken, rules)
        };
        able.iter().max_by_key(|pair| (fit(**pair), std::cmp::Reverse(pair.0))).map(|(agent, _)| *agent)
    })
}

fn matched(_: &mut usize, agents: &[Agent], waiting: &[Waiting], rules: &Rules, now: DateTime<Utc>) -> Vec<(usize, usize)> {
    let plan = assign(agents, waiting, rules, now);
    let place = |ticket: &str| waiting.iter().position(|it| it.ticket == ticket);
    let agent = |id: &str| agents.iter().position(|it| it.id == id);
    plan.assignments.iter().filter_map(|it| Some((place(&it.ticket)?, agent(&it.agent)?))).collect()
}

fn mean_and_deviation(values: &[f64]) -> (f64, f64) {
    let count = values.len().max(1) as f64;
    let mean = values.iter().sum::<f64>() / count;
    (mean, (values.iter().map(|value| (value - mean).powi(2)).sum::<f64>() / (count - 1.0).max(1.0)).sqrt())
}

fn spread(values: &[f64]) -> String {
    let (mean, deviation) = mean_and_deviation(values);
    if mean.is_nan() {
        return "–".into();
    }
    if mean < 1.0 { format!("{mean:.2} ± {deviation:.2}") } else { format!("{mean:.1} ± {deviation:.1}") }
}

/// How long a plan takes for ten thousand tickets and a hundred people.
fn time(rules: &Rules) {
    println!("\n| Plan of 10,000 tickets for 100 people | Seats | Assigned | ms |\n|---|---|---|---|");
    for capacity in [1, 10, 100] {
        let mut random = Random(7);
        let (agents, waiting) = world::crowd(&mut random, capacity);
        for (name, way) in [("one by one", greedy as Way), ("matched", matched_count)] {
            let began = Instant::now();
            let pairs = way(&mut 0, &agents, &waiting, rules, world::at(0) + TimeDelta::hours(12));
            println!(
                "| {name} | {} | {} | {:.1} |",
                agents.iter().map(Agent::spare).sum::<u32>(),
                pairs.len(),
                began.elapsed().as_secs_f64() * 1e3
            );
        }
    }
}

/// As [`matched`], without the search for places, which is this example's and not the crate's.
fn matched_count(_: &mut usize, agents: &[Agent], waiting: &[Waiting], rules: &Rules, now: DateTime<Utc>) -> Vec<(usize, usize)> {
    assign(agents, waiting, rules, now).assignments.iter().map(|_| (0, 0)).collect()
}
