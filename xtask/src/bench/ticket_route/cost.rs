//! What a ticket, a lesson and a tick cost, host by host.

use std::fmt::Write as _;
use std::path::Path;
use std::sync::atomic::AtomicU64;
use std::time::Instant;

use anyhow::{Context, Result, ensure};
use serde_json::json;

use super::NAME;
use super::store::{self, PEOPLE, Row};
use crate::args::Args;
use crate::bench::events::reads::grouped;
use crate::bench::hosts::{Asked, Host, Took, asked, rest, took};
use crate::bench::load::{Shot, Work};
use crate::bench::measure::short;
use crate::bench::server::{Builds, Server};
use crate::bench::{document, emptied, machine};
use crate::build::{self, Profile};
use crate::{paths, process, toolchain};

/// Lessons that are learnt from. Source: the issue, which wants seconds for the last.
const LESSONS: [usize; 4] = [200, 500, 1_000, 2_000];
/// Open tickets of the site whose clock ticks. Source: the issue.
const OPEN: usize = 10_000;
/// Of these nobody has so many, and so many are due at one tick.
const WAITING: usize = 100;
const DUE: usize = 100;
/// Ticks of a site where nothing is due, of which each counts the same.
const QUIET: u32 = 5;

/// What came of one host.
#[derive(Debug)]
struct Figures {
    /// The first ticket after the start.
    first: Took,
    classified: Asked,
    taken: Asked,
    /// Of both heads, by lessons.
    learnt: Vec<(usize, Took)>,
    quiet: Took,
    /// None where the host's own clock is faster than we are.
    busy: Option<Took>,
    linear_bytes: Option<u64>,
}

/// Measures, prints and writes. Figures of builds for tests are kept, too: they name their profile.
pub fn command(mut args: Args) -> Result<()> {
    let is_quick = args.switch("--quick");
    let profile = Profile::from_args(&mut args)?;
    args.finish()?;
    let began = Instant::now();
    let mut builds = Builds::make(NAME, profile)?;
    builds.native = build::native::build()?;
    let mut versions = machine::describe(builds.profile, &builds.wasm_cargo)?;
    versions.iter_mut().filter(|it| it.0 == "Native build").for_each(|it| it.1 = it.1.replace("as for tests", "profile `release`"));
    let (lessons, requests) = if is_quick { (&LESSONS[..1], 20) } else { (&LESSONS[..], 200) };
    let folder = emptied("bench/ticket-cost")?;
    let rows = |name: &str| read(&paths::root().join("models/data/tickets").join(name));
    let (asked, taught) = (rows("dev.jsonl")?, rows("train.jsonl")?);
    let (mut hosts, mut failures) = (Vec::new(), Vec::new());
    for host in Host::ALL {
        eprintln!("{} …", host.title());
        let data = folder.join(host.title().replace(' ', "-"));
        let figures = measure(host, &builds, &data, &asked, &taught, lessons, requests);
        eprintln!("  {figures:?}");
        match figures {
            Ok(figures) => hosts.push((host, figures)),
            Err(error) => failures.push(format!("{} gave no figures: {error:#}", host.title())),
        }
    }
    eprintln!("days of work …");
    let days = days(is_quick)?;
    let command = format!("cargo xtask bench {NAME} --only cost{}", if profile == Profile::Test { " --profile wasm-test" } else { "" });
    let text = format!(
        include_str!("cost.md.in"),
        command = command,
        machine = machine::table(&versions).trim_end(),
        requests = requests,
        open = grouped(OPEN as u64),
        people = PEOPLE,
        waiting = WAITING,
        due = DUE,
        failures = failures.join("\n\n"),
        tickets = tickets(&hosts),
        learning = learning(&hosts, lessons),
        ticks = ticks(&hosts),
        days = days.trim(),
    );
    println!("{text}");
    if is_quick {
        eprintln!("no file is written of a quick run");
    } else {
        document::write_benchmarks("ticket-route-cost", &text)?;
    }
    eprintln!("done in {} s", began.elapsed().as_secs());
    Ok(())
}

fn read(file: &Path) -> Result<Vec<Row>> {
    let text = std::fs::read_to_string(file).with_context(|| format!("cannot read {}", file.display()))?;
    text.lines().map(|line| serde_json::from_str(line).with_context(|| format!("a line of {}", file.display()))).collect()
}

fn measure(host: Host, builds: &Builds, data: &Path, rows: &[Row], taught: &[Row], lessons: &[usize], requests: usize) -> Result<Figures> {
    let mut server = host.start(builds, data)?;
    rest(&server)?;
    let numbers = AtomicU64::new(0);
    let ask = |server: &Server, path: &'static str, done: u16, requests: usize| {
        let admin = server.admin();
        let shot = |number: u64| Shot { path, headers: admin.clone(), body: ticket(rows, number) };
        asked(server, requests, &numbers, Work { shot: &shot, done })
    };
    let (_, first) = took(&server, || ask(&server, "/v1/tickets", 201, 1))?;
    ask(&server, "/v1/tickets/classify", 200, 16)?;
    let classified = ask(&server, "/v1/tickets/classify", 200, requests)?;
    let taken = ask(&server, "/v1/tickets", 201, requests)?;

    let mut learnt = Vec::new();
    for &count in lessons {
        server = host.standing_still(server, builds, data, || store::teach(data, &taught[..count]))?;
        let (told, took) = took(&server, || server.manage("/v1/routing/train", "{}"))?;
        ensure!(told["category"]["lessons"] == count && told["priority"]["is_learnt"] == true, "it learnt {told}");
        learnt.push((count, took));
    }
    let linear_bytes = server.linear_memory()?;

    server = host.standing_still(server, builds, data, || store::open(data, OPEN))?;
    // What the copies owe is told once; then they are at rest.
    (0..3).try_for_each(|_| server.tick(NAME))?;
    let (_, ticks) = took(&server, || (0..QUIET).try_for_each(|_| server.tick(NAME)))?;
    let quiet = Took { wall: ticks.wall / QUIET, cpu: ticks.cpu / QUIET };
    server = host.standing_still(server, builds, data, || {
        store::wait(data, WAITING)?;
        store::make_due(data, DUE)
    })?;
    let busy = if host == Host::Native { None } else { Some(took(&server, || server.tick(NAME))?.1) };
    Ok(Figures { first, classified, taken, learnt, quiet, busy, linear_bytes })
}

/// Generated days under each way to assign, in tables, by the example that lives them.
fn days(is_quick: bool) -> Result<String> {
    let mut cargo = toolchain::host_cargo();
    cargo.args(["run", "--release", "--quiet", "--target-dir", "target", "-p", "orilla-desk", "--example", "day", "--"]);
    cargo.arg(if is_quick { "2" } else { "24" }).current_dir(paths::root());
    process::output(&mut cargo, "live days of work")
}

/// A row, sent by somebody else each time: the same words of the same person would be no new ticket.
fn ticket(rows: &[Row], number: u64) -> String {
    let row = &rows[usize::try_from(number).unwrap_or_default() % rows.len()];
    let requester = json!({ "email": format!("somebody-{number}@customers.example") });
    json!({ "subject": row.subject, "text": row.body, "requester": requester }).to_string()
}

fn tickets(hosts: &[(Host, Figures)]) -> String {
    let mut text = String::from(
        "| a ticket | CPU to tell what it is | CPU to take it | p50, p95 to take it | the first after the start: time, CPU | linear memory, at most |\n\
         |---|---:|---:|---:|---:|---:|\n",
    );
    for (host, it) in hosts {
        let linear = it.linear_bytes.map_or_else(|| "–".to_owned(), |bytes| format!("{:.1} MB", bytes as f64 / (1024.0 * 1024.0)));
        let [told, taken] = [&it.classified, &it.taken].map(|asked| short(asked.cpu));
        let (p50, p95) = (short(it.taken.p50), short(it.taken.p95));
        let (wall, cpu) = (short(it.first.wall), short(it.first.cpu));
        let _ = writeln!(text, "| {} | {told} | {taken} | {p50}, {p95} | {wall}, {cpu} | {linear} |", host.title());
    }
    text
}

fn learning(hosts: &[(Host, Figures)], lessons: &[usize]) -> String {
    let heads: Vec<String> = lessons.iter().map(|count| format!("{} lessons", grouped(*count as u64))).collect();
    let mut text = format!("| CPU, time of learning both heads | {} |\n|---|{}\n", heads.join(" | "), "---:|".repeat(heads.len()));
    for (host, it) in hosts {
        let cells: Vec<String> =
            it.learnt.iter().map(|(_, took)| format!("{:.1} s, {:.1} s", took.cpu.as_secs_f64(), took.wall.as_secs_f64())).collect();
        let _ = writeln!(text, "| {} | {} |", host.title(), cells.join(" | "));
    }
    text
}

fn ticks(hosts: &[(Host, Figures)]) -> String {
    let mut text = String::from("| a tick | nothing due: time, CPU | busy: time, CPU |\n|---|---:|---:|\n");
    for (host, it) in hosts {
        let cell = |took: &Took| format!("{}, {}", short(took.wall), short(took.cpu));
        let busy = it.busy.as_ref().map_or_else(|| "–".to_owned(), cell);
        let _ = writeln!(text, "| {} | {} | {busy} |", host.title(), cell(&it.quiet));
    }
    text
}
