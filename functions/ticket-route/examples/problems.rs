//! How well problems are found among other tickets, beside words alone and beside vectors as they are, and what it costs. Run from the repository root:
//! `cargo run --release -p ticket-route --example problems`. Thresholds are chosen on `train.jsonl`; `dev.jsonl` has other problems and strangers.
#![allow(
    clippy::print_stdout,
    clippy::unwrap_used,
    clippy::disallowed_methods,
    reason = "a command-line tool talks to its terminal, and stops at the first fault"
)]

use std::time::Instant;

use orilla_knowledge::model::{self, Embed as _};
use orilla_learn::Sparse;
use orilla_learn::clusters::{Likenesses, groups};
use orilla_learn::matrix::{dot, normalise};
use orilla_text::Locale;
use serde::Deserialize;
use ticket_route::classify::heads::Heads;
use ticket_route::classify::text::Readable;
use ticket_route::learn::{packed, unpacked};
use ticket_route::problems::centres::Centres;
use ticket_route::problems::found::{self, ALIKE, LEAST};

/// Tickets of no problem, evenly out of the file, among those of problems.
const STRANGERS: usize = 300;

#[derive(Deserialize)]
struct Row {
    subject: String,
    body: String,
    lang: String,
    #[serde(default)]
    problem: Option<String>,
}

/// Tickets as they are looked at.
struct Set {
    problems: Vec<Option<String>>,
    locales: Vec<Locale>,
    vectors: Vec<Vec<f32>>,
    words: Vec<Sparse>,
}

fn rows(path: &str) -> Vec<Row> {
    std::fs::read_to_string(path).unwrap().lines().map(|line| serde_json::from_str(line).unwrap()).collect()
}

fn set(name: &str) -> Set {
    let mut all = rows(&format!("models/data/problems/{name}.jsonl"));
    let strangers = rows(&format!("models/data/tickets/{name}.jsonl"));
    let step = strangers.len() / STRANGERS;
    all.extend(strangers.into_iter().step_by(step).take(STRANGERS));
    let (lens, model) = (&Heads::shipped().unwrap().lens, model::glance().unwrap());
    let texts = all.iter().map(|row| Readable::new(&row.subject, &row.body).whole());
    let seen: Vec<_> = texts.map(|text| lens.see(model.embed(&[&text]).unwrap(), &text).unwrap()).collect();
    Set {
        locales: all.iter().map(|row| Locale::of_tag(&row.lang).unwrap()).collect(),
        problems: all.into_iter().map(|row| row.problem).collect(),
        // As they are stored.
        vectors: seen.iter().map(|it| unpacked(&packed(&it.vector))).collect(),
        words: seen.into_iter().map(|it| it.words.unit()).collect(),
    }
}

/// B-cubed over the tickets of problems (Bagga & Baldwin 1998), strangers counting where they are in a group; adjusted Rand over all pairs (Hubert & Arabie
/// 1985), whoever is left over being alone; and the share of strangers in groups.
#[derive(Clone, Copy)]
struct Score {
    precision: f64,
    recall: f64,
    rand: f64,
    strangers: f64,
    groups: usize,
}

impl Score {
    fn f1(self) -> f64 {
        2.0 * self.precision * self.recall / (self.precision + self.recall)
    }

    fn of(gold: &[Option<String>], found: &[Vec<usize>]) -> Self {
        let mut group = vec![None; gold.len()];
        for (at, members) in found.iter().enumerate() {
            members.iter().for_each(|member| group[*member] = Some(at));
        }
        let is_same = |a: usize, b: usize| a == b || (gold[a].is_some() && gold[a] == gold[b]);
        let is_together = |a: usize, b: usize| a == b || (group[a].is_some() && group[a] == group[b]);
        let count = |of: &dyn Fn(usize) -> bool| (0..gold.len()).filter(|at| of(*at)).count() as f64;
        let known: Vec<usize> = (0..gold.len()).filter(|at| gold[*at].is_some()).collect();
        let (mut precision, mut recall) = (0.0, 0.0);
        for &at in &known {
            let both = count(&|other| is_same(at, other) && is_together(at, other));
            precision += both / count(&|other| is_together(at, other)) / known.len() as f64;
            recall += both / count(&|other| is_same(at, other)) / known.len() as f64;
        }
        let (mut both, mut same, mut together, mut pairs) = (0.0, 0.0, 0.0, 0.0);
        for a in 0..gold.len() {
            for b in 0..a {
                let (s, t) = (f64::from(u8::from(is_same(a, b))), f64::from(u8::from(is_together(a, b))));
                (both, same, together, pairs) = (both + s * t, same + s, together + t, pairs + 1.0);
            }
        }
        let by_chance = same * together / pairs;
        let rand = (both - by_chance) / (f64::midpoint(same, together) - by_chance);
        let strangers = count(&|at| gold[at].is_none() && group[at].is_some()) / count(&|at| gold[at].is_none());
        Self { precision, recall, rand, strangers, groups: found.len() }
    }

    fn row(self, name: &str, alike: f32) -> String {
        format!(
            "| {name} | {alike:.2} | {:.3} | {:.3} | {:.3} | {:.3} | {:.3} | {} |",
            self.precision,
            self.recall,
            self.f1(),
            self.rand,
            self.strangers,
            self.groups
        )
    }
}

fn scored(set: &Set, likenesses: &Likenesses, alike: f32) -> Score {
    let found: Vec<_> = groups(likenesses, alike, LEAST).into_iter().map(|group| group.members).collect();
    Score::of(&set.problems, &found)
}

/// Each way of telling how like two tickets are, by name.
fn ways(set: &Set) -> Vec<(&'static str, Likenesses)> {
    let count = set.vectors.len();
    let pairs: Vec<_> = set.locales.iter().copied().zip(set.vectors.iter().map(|it| &it[..])).collect();
    let centred = Centres::shipped().centred(&pairs);
    vec![
        ("words (TF-IDF)", Likenesses::new(count, |a, b| set.words[a].dot(&set.words[b])).unwrap()),
        ("vectors as they are", Likenesses::new(count, |a, b| dot(&set.vectors[a], &set.vectors[b])).unwrap()),
        ("the function", Likenesses::new(count, |a, b| dot(&centred[a], &centred[b])).unwrap()),
    ]
}

fn main() {
    let (train, dev) = (set("train"), set("dev"));
    println!(
        "| | alike from | B-cubed precision | recall | F1 | adjusted Rand | strangers in groups | groups |\n|---|---:|---:|---:|---:|---:|---:|---:|"
    );
    for ((name, on_train), (_, on_dev)) in ways(&train).iter().zip(ways(&dev).iter()) {
        let steps = (1..=45).map(|step| step as f32 * 0.02);
        let best = steps.max_by(|a, b| scored(&train, on_train, *a).f1().total_cmp(&scored(&train, on_train, *b).f1())).unwrap();
        let alike = if *name == "the function" { ALIKE } else { best };
        println!("{}", scored(&train, on_train, alike).row(&format!("train: {name}"), alike));
        println!("{}", scored(&dev, on_dev, alike).row(&format!("dev: {name}"), alike));
    }
    println!("\n| tickets | ms, one thread, natively | groups |\n|---:|---:|---:|");
    for count in [250, 500, 1_000, 2_000] {
        let vectors: Vec<_> = (0..count).map(made_up).collect();
        let pairs: Vec<_> = vectors.iter().enumerate().map(|(at, it)| (Locale::ALL[at % 2], &it[..])).collect();
        let began = Instant::now();
        let found = found::groups(&pairs).unwrap().len();
        println!("| {count} | {:.0} | {found} |", began.elapsed().as_secs_f64() * 1e3);
    }
}

/// One of a hundred directions, well shaken, so that there are groups and strangers.
fn made_up(at: usize) -> Vec<f32> {
    let mut state = at as u64 + 1;
    let mut next = || {
        // Source: Marsaglia 2003, xorshift.
        state ^= state << 13;
        state ^= state >> 7;
        state ^= state << 17;
        (state >> 40) as f32 / (1_u64 << 24) as f32 - 0.5
    };
    // The first ones of neighbouring seeds are alike.
    (0..32).for_each(|_| {
        next();
    });
    let mut vector: Vec<f32> = (0..Centres::shipped().dimensions()).map(|_| next() * 0.2).collect();
    vector[at % 100] += 1.0;
    normalise(&mut vector);
    vector
}
