//! What an answer costs: parts in one process, then each host with knowledge bases of several sizes, one server at a time.

use std::path::Path;
use std::time::Instant;

use anyhow::Result;

use super::host::{self, Figures, Stock};
use super::report::Report;
use super::{NAME, split};
use crate::args::Args;
use crate::bench::hosts::Host;
use crate::bench::models::speed::Pace;
use crate::bench::server::Builds;
use crate::bench::{document, emptied, machine};
use crate::build::{self, Profile};

/// Entries of the knowledge bases.
const SIZES: [usize; 4] = [60, 500, 5_000, 10_000];
/// Up to which size a host makes its index itself.
const MADE: usize = 500;

/// Measures, prints and writes. Unlike other benches' figures these are kept of builds for tests as well: they name their profile.
pub fn command(mut args: Args) -> Result<()> {
    let is_quick = args.switch("--quick");
    let profile = Profile::from_args(&mut args)?;
    args.finish()?;
    let began = Instant::now();
    // The host and the example are optimised whatever the Wasm is.
    let mut builds = Builds::make(NAME, profile)?;
    builds.native = build::native::build()?;
    let mut versions = machine::describe(builds.profile, &builds.wasm_cargo)?;
    versions.iter_mut().filter(|it| it.0 == "Native build").for_each(|it| it.1 = it.1.replace("as for tests", "profile `release`"));
    let (sizes, requests, pace) = match is_quick {
        true => (&SIZES[..1], 40, Pace { rounds: 1, seconds: 0.3 }),
        false => (&SIZES[..], 150, Pace { rounds: 3, seconds: 0.6 }),
    };
    let folder = emptied("bench/faq-cost")?;
    eprintln!("taking an answer apart …");
    let (encoders, knowledge) = split::native(&folder, sizes)?;
    eprintln!("encoding …");
    let encoding = split::encoding(&encoders, profile, pace)?;
    eprintln!("searching …");
    let searching = split::searching(&knowledge, &folder, pace)?;
    let (mut hosts, mut failures) = (Vec::new(), Vec::new());
    for host in Host::ALL {
        for &entries in sizes {
            eprintln!("{} with {entries} entries …", host.title());
            let figures = measure(host, &builds, &folder, entries, &encoders.questions, requests);
            if let Err(error) = &figures {
                failures.push(format!("{} with {entries} entries gave no figures: {error:#}", host.title()));
            }
            eprintln!("  {figures:?}");
            hosts.push((host, entries, figures.ok()));
        }
    }
    let command = format!(
        "cargo xtask bench {NAME} --only cost{}{}",
        if profile == Profile::Test { " --profile wasm-test" } else { "" },
        if is_quick { " --quick" } else { "" }
    );
    let report =
        Report { command, machine: machine::table(&versions), encoders, knowledge, encoding, searching, hosts, failures, requests };
    let text = report.markdown();
    println!("{text}");
    if is_quick {
        eprintln!("no file is written of a quick run");
    } else {
        document::write_benchmarks("faq-chat-cost", &text)?;
    }
    eprintln!("done in {} s", began.elapsed().as_secs());
    Ok(())
}

fn measure(host: Host, builds: &Builds, folder: &Path, entries: usize, questions: &[String], requests: usize) -> Result<Figures> {
    let data = folder.join(format!("{}-{entries}", host.title().replace(' ', "-")));
    let (articles, index) = (folder.join(format!("articles-{entries}.jsonl")), folder.join(format!("index-{entries}.bin")));
    let stock = Stock { entries, articles: &articles, index: (entries > MADE).then_some(index.as_path()) };
    host::measure(host, builds, &data, stock, questions, requests)
}
