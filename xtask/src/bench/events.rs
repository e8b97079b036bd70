//! `cargo xtask bench track-events`: every host in one run, beside plain Workers that only insert the rows; then how long the questions take.

mod measure;
mod parcel;
pub mod reads;
mod report;

use std::path::{Path, PathBuf};
use std::time::{Duration, Instant};

use anyhow::{Context, Result};

use self::measure::{Kind, Subject};
use self::report::Report;
use super::load::Load;
use super::server::{Builds, Server, Setup};
use super::{CLIENTS, machine};
use crate::args::Args;
use crate::build::Profile;
use crate::paths;

/// Names this bench on the command line.
pub const NAME: &str = "track-events";

/// Events of one request.
const SIZES: [u64; 4] = [1, 10, 100, 1_000];
/// A site that many visit at a time, each of them with little to tell: what `shares_commits` is for.
const CROWD: usize = 64;
const CROWD_SIZES: [u64; 2] = [1, 10];
/// Events in the stores that are asked.
const STORES: [u64; 3] = [10_000, 100_000, 1_000_000];
/// The load generator plays 250 visitors' addresses; without it the native host would see one.
const ADDRESS: (&str, &str) = ("CLIENT_HEADER", "cf-connecting-ip");

/// What a command line asks for.
struct Plan {
    rounds: usize,
    warm_up: Load,
    load: Load,
    stores: &'static [u64],
}

/// Measures, prints and writes; of a quick run nothing is written.
pub fn command(mut args: Args) -> Result<()> {
    let is_quick = args.switch("--quick");
    let profile = Profile::from_args(&mut args)?;
    args.finish()?;
    let began = Instant::now();
    let builds = Builds::make(NAME, profile)?;
    let plan = plan(is_quick);
    let data = super::emptied("bench/events")?;
    let machine = machine::table(&machine::describe(builds.profile, &builds.wasm_cargo)?);

    eprintln!("starting the hosts …");
    let mut subjects = subjects(&builds, &data)?;
    eprintln!("warming up …");
    subjects.iter_mut().try_for_each(|subject| subject.warm_up(&plan.warm_up, &SIZES))?;
    for round in 1..=plan.rounds {
        for size in SIZES {
            eprintln!("round {round} of {}, {size} events a request …", plan.rounds);
            subjects.iter_mut().try_for_each(|subject| subject.round(&plan.load, size))?;
        }
        for size in CROWD_SIZES {
            eprintln!("round {round} of {}, {CROWD} clients …", plan.rounds);
            let load = Load { clients: CROWD, ..plan.load };
            subjects.iter_mut().try_for_each(|subject| subject.round(&load, size))?;
        }
    }
    eprintln!("adding up …");
    let measured = subjects.into_iter().map(Subject::finish).collect::<Result<_>>()?;
    eprintln!("asking stores of up to {} events …", plan.stores.last().copied().unwrap_or_default());
    let stores = reads::run(plan.stores)?;

    let command = format!("cargo xtask bench {NAME}{}", if is_quick { " --quick" } else { "" });
    let report = Report { command, machine, measured, stores, rounds: plan.rounds, clients: CLIENTS, crowd: CROWD };
    let text = report.markdown();
    println!("{text}");
    super::keep(NAME, &text, is_quick, profile, began)
}

/// The plain Workers come last, the one with the same store before the other.
fn subjects(builds: &Builds, data: &Path) -> Result<Vec<Subject>> {
    let own = Setup { variables: vec![(ADDRESS.0, ADDRESS.1.to_owned())], ..Setup::default() };
    let sharing = Setup { site: sharing_site(&own.site, &data.join("sharing-site"))?, ..own.clone() };
    let at = |name: &str| data.join(name);
    Ok(vec![
        Subject::new("native", Kind::Function, Server::native(&builds.native, &at("native"), &own, None)?),
        Subject::new("workerd, D1", Kind::Function, Server::workers(builds, &at("workerd"), &own)?),
        Subject::new("workerd, D1 behind a Durable Object", Kind::Function, Server::workers(builds, &at("lane"), &sharing)?),
        Subject::new("Spin test host", Kind::Function, Server::spin(builds, &at("spin"), &own)?),
        Subject::new("plain Worker, D1", Kind::Plain, Server::plain(&at("plain-d1"), "events-d1")?),
        Subject::new("plain Worker, a Durable Object's SQLite", Kind::Plain, Server::plain(&at("plain-object"), "events-object")?),
    ])
}

/// The bench's site, but that its requests share commits.
fn sharing_site(original: &Path, folder: &Path) -> Result<PathBuf> {
    let forms = folder.join("forms");
    std::fs::create_dir_all(&forms).with_context(|| format!("cannot create {}", forms.display()))?;
    for name in ["forms/bench.toml", "scoring.toml"] {
        std::fs::copy(original.join(name), folder.join(name)).with_context(|| format!("cannot copy {name}"))?;
    }
    let site = std::fs::read_to_string(original.join("site.toml")).context("cannot read the bench's site")?;
    paths::write(&folder.join("site.toml"), &format!("{site}\n[tracking]\nshares_commits = true\n"))?;
    Ok(folder.to_owned())
}

fn plan(is_quick: bool) -> Plan {
    let load = |requests, millis| Load { clients: CLIENTS, requests, limit: Duration::from_millis(millis) };
    if is_quick {
        Plan { rounds: 1, warm_up: load(20, 1_000), load: load(100, 2_000), stores: &STORES[..1] }
    } else {
        Plan { rounds: 3, warm_up: load(100, 2_000), load: load(20_000, 3_000), stores: &STORES }
    }
}
