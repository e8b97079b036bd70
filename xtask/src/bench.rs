//! `cargo xtask bench`: events, the FAQ chat, ticket routing, content scoring and models in files of their own; here `lead-capture`, every host in one run, beside a plain
//! Worker that only inserts the row.
//!
//! Servers start with empty stores and are asked in turn, so that a noisy minute hits all of them. What is measured is what
//! ships: optimised builds, durable commits, distinct mailboxes. What the figures do not say stands in `BENCHMARKS.md`.

mod content_score;
mod document;
mod events;
mod faq_chat;
mod hosts;
mod http;
mod journeys;
mod load;
mod lost;
mod machine;
mod measure;
mod models;
mod receiver;
mod report;
mod server;
mod stores;
mod ticket_route;
mod usage;
mod visitor;

use std::path::PathBuf;
use std::time::{Duration, Instant};

use anyhow::{Context, Result, bail};

use self::load::Load;
use self::measure::{Plan, Subject};
use self::report::Report;
use self::server::{Builds, Server, Setup};
use crate::args::Args;
use crate::build::{Profile, size};
use crate::paths;

/// Names this bench on the command line.
const LEAD_CAPTURE: &str = "lead-capture";
/// Chosen: keeps two cores and their disk busy, and is no flood.
const CLIENTS: usize = 8;

/// `cargo xtask bench`.
pub fn command(mut args: Args) -> Result<()> {
    match args.command().as_deref() {
        Some(LEAD_CAPTURE) => lead_capture(args),
        Some(content_score::NAME) => content_score::command(args),
        Some(events::NAME) => events::command(args),
        Some(faq_chat::NAME) => faq_chat::command(args),
        Some(journeys::NAME) => journeys::command(args),
        Some(models::NAME) => models::command(args),
        Some(ticket_route::NAME) => ticket_route::command(args),
        None => bail!("name what to measure: cargo xtask bench {}", names().join(" or ")),
        Some(other) => bail!("there is no bench for `{other}`; there is one for each of {}", names().join(", ")),
    }
}

const fn names() -> [&'static str; 7] {
    [LEAD_CAPTURE, events::NAME, faq_chat::NAME, ticket_route::NAME, content_score::NAME, journeys::NAME, models::NAME]
}

fn lead_capture(mut args: Args) -> Result<()> {
    let is_quick = args.switch("--quick");
    let profile = Profile::from_args(&mut args)?;
    args.finish()?;
    let began = Instant::now();
    let builds = Builds::make(LEAD_CAPTURE, profile)?;
    let plan = plan(is_quick);
    let data = emptied("bench/data")?;
    let machine = machine::table(&machine::describe(builds.profile, &builds.wasm_cargo)?);

    eprintln!("starting the hosts …");
    let setup = Setup::default();
    let mut subjects = vec![
        Subject::new("native", None, Server::native(&builds.native, &data.join("native"), &setup, None)?),
        Subject::new("workerd", Some("Miniflare"), Server::workers(&builds, &data.join("workerd"), &setup)?),
        Subject::new("Spin test host", None, Server::spin(&builds, &data.join("spin"), &setup)?),
        Subject::new("plain Worker on workerd", Some("Miniflare"), Server::plain(&data.join("plain"), "leads")?),
    ];
    eprintln!("warming up …");
    subjects.iter_mut().try_for_each(|subject| subject.warm_up(&plan))?;
    for round in 1..=plan.rounds {
        eprintln!("round {round} of {} …", plan.rounds);
        subjects.iter_mut().try_for_each(|subject| subject.round(&plan))?;
    }
    let measured = subjects.into_iter().map(Subject::finish).collect::<Result<_>>()?;

    let submissions = if is_quick { 200 } else { 10_000 };
    eprintln!("{submissions} submissions with lost answers on native …");
    let report = Report {
        command: command_line(is_quick),
        machine,
        measured,
        sizes: vec![
            ("Workers: script and module", size::of(&[&builds.worker.join("index.js"), &builds.worker.join("index.wasm")])?),
            ("Workers: the module alone", size::of(&[&builds.worker.join("index.wasm")])?),
            ("Spin: component", size::of(&[&builds.component])?),
        ],
        lost: lost::run(&builds, &data.join("lost"), submissions)?,
        rounds: plan.rounds,
        clients: CLIENTS,
    };
    println!("{}\n{}\n{}\n{}\n{}", report.machine, report.figures(), report.ratios(), report.sizes(), report.lost_answers());
    keep(LEAD_CAPTURE, &report.markdown(), is_quick, profile, began)
}

/// A folder below `target` with nothing in it: servers start with empty stores.
fn emptied(name: &str) -> Result<PathBuf> {
    let folder = paths::target(name);
    if folder.exists() {
        std::fs::remove_dir_all(&folder).with_context(|| format!("cannot clear {}", folder.display()))?;
    }
    Ok(folder)
}

/// Writes a bench's section down where it is of a whole run and of what ships, and says how long all took.
fn keep(name: &str, text: &str, is_quick: bool, profile: Profile, began: Instant) -> Result<()> {
    if is_quick || profile == Profile::Test {
        eprintln!("done in {} s; no file is written of a quick run, nor of builds that do not ship", began.elapsed().as_secs());
    } else {
        document::write_benchmarks(name, text)?;
        eprintln!("done in {} s", began.elapsed().as_secs());
    }
    Ok(())
}

fn plan(is_quick: bool) -> Plan {
    let load = |clients, requests, seconds| Load { clients, requests, limit: Duration::from_secs(seconds) };
    if is_quick {
        Plan { rounds: 2, warm_up: load(CLIENTS, 40, 5), alone: load(1, 30, 2), together: load(CLIENTS, 150, 5) }
    } else {
        Plan { rounds: 3, warm_up: load(CLIENTS, 300, 4), alone: load(1, 100, 3), together: load(CLIENTS, 800, 8) }
    }
}

fn command_line(is_quick: bool) -> String {
    format!("cargo xtask bench {LEAD_CAPTURE}{}", if is_quick { " --quick" } else { "" })
}
