//! Learns the shipped heads and the centres of languages from our own tickets and writes them to `models/tickets` with their checksums. Run from the
//! repository root.
#![allow(
    clippy::print_stdout,
    clippy::unwrap_used,
    clippy::disallowed_methods,
    reason = "a command-line tool talks to its terminal, and stops at the first fault"
)]

use std::time::Instant;

use orilla_desk::Priority;
use orilla_knowledge::model::{self, Embed as _};
use orilla_learn::matrix::Matrix;
use orilla_text::Locale;
use serde::Deserialize;
use sha2::{Digest as _, Sha256};
use ticket_route::classify::heads::{CATEGORIES, Example, Heads};
use ticket_route::classify::lens::{Lens, Seen};
use ticket_route::classify::text::Readable;
use ticket_route::problems::centres::Centres;

#[derive(Deserialize)]
struct Row {
    subject: String,
    body: String,
    lang: String,
    category: String,
    priority: Priority,
}

fn main() {
    let file = std::fs::read_to_string("models/data/tickets/train.jsonl").unwrap();
    let rows: Vec<Row> = file.lines().map(|line| serde_json::from_str(line).unwrap()).collect();
    let category = |row: &Row| CATEGORIES.iter().position(|name| *name == row.category).unwrap();
    let examples: Vec<_> = rows
        .iter()
        .map(|row| Example { category: category(row), priority: row.priority, ticket: Readable::new(&row.subject, &row.body) })
        .collect();
    let began = Instant::now();
    let model = model::glance().unwrap();
    let texts: Vec<String> = examples.iter().map(|it| it.ticket.whole()).collect();
    let vectors: Vec<Vec<f32>> = texts.iter().map(|text| model.embed(&[text]).unwrap()).collect();
    let lens = Lens::learn(examples.iter().map(|it| &it.ticket), &Matrix::from_rows(&vectors).unwrap()).unwrap();
    let seen: Vec<Seen> = vectors.into_iter().zip(&texts).map(|(vector, text)| lens.see(vector, text).unwrap()).collect();
    println!("{} tickets looked at in {:.1} s", examples.len(), began.elapsed().as_secs_f64());
    let locales = rows.iter().map(|row| Locale::of_tag(&row.lang).unwrap());
    let centres = Centres::learn(&locales.zip(seen.iter().map(|it| &it.vector[..])).collect::<Vec<_>>());
    let began = Instant::now();
    let heads = Heads::learn_seen(&examples, lens, &seen).unwrap();
    println!("learnt in {:.1} s", began.elapsed().as_secs_f64());
    let mut sums = String::new();
    for (name, bytes) in [("model.bin", heads.to_bytes().unwrap()), ("centres.bin", centres.to_bytes())] {
        std::fs::write(format!("models/tickets/{name}"), &bytes).unwrap();
        let sum: String = Sha256::digest(&bytes).iter().map(|byte| format!("{byte:02x}")).collect();
        sums += &format!("{sum}  {name}\n");
        println!("{name}: {} bytes", bytes.len());
    }
    std::fs::write("models/tickets/SHA256SUMS", sums).unwrap();
}
