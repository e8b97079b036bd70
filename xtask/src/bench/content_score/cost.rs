//! What a text costs: in this process and host by host, beside `yoastseo` in Node.js on the same texts; and how the time grows with the text.

use std::path::Path;
use std::sync::atomic::AtomicU64;
use std::time::{Duration, Instant};

use anyhow::{Context, Result, ensure};
use serde::Deserialize;
use serde_json::json;

use super::NAME;
use super::groups::Version;
use super::report::Report;
use super::texts::{self, Text};
use crate::bench::hosts::{Host, after, rest};
use crate::bench::load::{Load, Shot, Work, quantile};
use crate::bench::models::speed::Pace;
use crate::bench::models::speed::figures::{Cost, cost};
use crate::bench::models::speed::subject::{Kind, Subject};
use crate::bench::server::{Builds, Server};
use crate::bench::usage;
use crate::bench::{document, emptied, machine};
use crate::build::{self, Profile};
use crate::{node, paths, process, toolchain};

/// Clients at a time. Chosen: keeps two cores busy, and is no flood.
pub const CLIENTS: usize = 4;
/// No load takes longer.
const LIMIT: Duration = Duration::from_secs(20);

/// What a text takes on a host.
#[derive(Debug, Clone, Copy)]
pub struct Figures {
    /// For each, of all the host's processes.
    pub cpu: Duration,
    pub p50: Duration,
    pub p95: Duration,
    /// By one client, which waits for each answer.
    pub alone_per_second: f64,
    /// By several.
    pub together_per_second: f64,
}

/// What a text takes without a host, as the example tells it.
#[derive(Debug, Deserialize)]
pub struct Bare {
    pub id: String,
    pub words: u64,
    pub cpu_us: f64,
    pub wall_us: f64,
}

/// How the time grows with a text, as the example tells it.
#[derive(Debug, Deserialize)]
pub struct Growth {
    pub name: String,
    pub steps: Vec<Step>,
    pub exponent: f64,
}

/// One length.
#[derive(Debug, Deserialize)]
pub struct Step {
    pub bytes: u64,
    pub ms: f64,
}

/// Measures, prints and writes. Figures of builds for tests are kept, too: they name their profile.
pub fn measure(versions: &[Version], is_quick: bool, profile: Profile) -> Result<()> {
    let began = Instant::now();
    let texts = texts::make(versions)?;
    node::install("tests")?;
    let mut builds = Builds::make(NAME, profile)?;
    // What is compared is optimised whatever the Wasm is.
    builds.native = build::native::build()?;
    let mut versions = machine::describe(builds.profile, &builds.wasm_cargo)?;
    versions.iter_mut().filter(|it| it.0 == "Native build").for_each(|it| it.1 = it.1.replace("as for tests", "profile `release`"));
    versions.push(("yoastseo", yoastseo_version()?));
    let folder = emptied("bench/content-cost")?;
    let file = folder.join("texts.jsonl");
    let lines: Vec<String> = texts.iter().map(serde_json::to_string).collect::<Result<_, _>>()?;
    paths::write(&file, &(lines.join("\n") + "\n"))?;

    eprintln!("without a host …");
    let (bare, growths) = example(&file, is_quick)?;
    ensure!(bare.iter().map(|it| &it.id).eq(texts.iter().map(|it| &it.id)), "the example told of other texts");
    let pace = if is_quick { Pace { rounds: 1, seconds: 0.3 } } else { Pace { rounds: 1, seconds: 2.0 } };
    let texts_file = file.clone();
    let mut yoast = Subject::new("yoastseo", Kind::Lines, move || {
        let mut node = node::node("tests/clients/content/cost.mjs");
        node.arg(&texts_file);
        Ok(node)
    })?;
    let (mut rounds, mut hosts, mut failures) = (Vec::new(), Vec::new(), Vec::new());
    for host in Host::ALL {
        // Between the hosts, so that a noisy minute hits both.
        eprintln!("yoastseo …");
        rounds.push(texts.iter().map(|text| cost(&mut yoast, &json!({ "id": text.id }), pace)).collect::<Result<Vec<_>>>()?);
        eprintln!("{} …", host.title());
        let figures = on_host(host, &builds, &folder.join(host.title().replace(' ', "-")), &texts, is_quick);
        eprintln!("  {figures:?}");
        match figures {
            Ok(figures) => hosts.push((host, figures)),
            Err(error) => failures.push(format!("{} gave no figures: {error:#}", host.title())),
        }
    }
    let command = format!("cargo xtask bench {NAME} --only cost{}", if profile == Profile::Test { " --profile wasm-test" } else { "" });
    let report = Report { command, machine: machine::table(&versions), texts, bare, yoast: medians(&rounds), hosts, failures, growths };
    let text = report.markdown();
    println!("{text}");
    if is_quick {
        eprintln!("no file is written of a quick run");
    } else {
        document::write_benchmarks(NAME, &text)?;
    }
    eprintln!("done in {} s", began.elapsed().as_secs());
    Ok(())
}

/// Judges in a process of its own, which is all that is measured there.
fn example(file: &Path, is_quick: bool) -> Result<(Vec<Bare>, Vec<Growth>)> {
    let mut cargo = toolchain::host_cargo();
    cargo.args(["run", "--release", "--quiet", "--target-dir", "target", "-p", NAME, "--example", "text", "--"]).arg(file);
    cargo.args(is_quick.then_some("--quick")).current_dir(paths::root());
    read(&process::output(&mut cargo, "judge texts without a host")?)
}

/// The example's lines: those of texts, then those of growth.
fn read(told: &str) -> Result<(Vec<Bare>, Vec<Growth>)> {
    let (bare, growths): (Vec<&str>, Vec<&str>) = told.lines().partition(|line| line.contains("\"cpu_us\""));
    let bare = bare.into_iter().map(|line| serde_json::from_str(line).with_context(|| format!("the example said: {line}")));
    let growths = growths.into_iter().map(|line| serde_json::from_str(line).with_context(|| format!("the example said: {line}")));
    Ok((bare.collect::<Result<_>>()?, growths.collect::<Result<_>>()?))
}

fn on_host(host: Host, builds: &Builds, data: &Path, texts: &[Text], is_quick: bool) -> Result<Vec<Figures>> {
    let server = host.start(builds, data)?;
    rest(&server)?;
    texts.iter().map(|text| figures(&server, text, is_quick).with_context(|| text.id.clone())).collect()
}

fn figures(server: &Server, text: &Text, is_quick: bool) -> Result<Figures> {
    let numbers = AtomicU64::new(0);
    let (headers, body) = (server.admin(), body(text));
    let shot = |_| Shot { path: "/v1/content/score", headers: headers.clone(), body: body.clone() };
    // Nothing is kept: a request that names no document only asks.
    let work = Work { shot: &shot, done: 200 };
    let load = |clients, requests| Load { clients, requests, limit: LIMIT };
    load(CLIENTS, if is_quick { 8 } else { 40 }).run(server.port, &numbers, work)?;
    server.settle();
    let before = usage::tree(server.process())?;
    let alone = load(1, if is_quick { 20 } else { 300 }).run(server.port, &numbers, work)?;
    let cpu = after(server)?.cpu_since(&before) / u32::try_from(alone.latencies.len())?;
    let together = load(CLIENTS, if is_quick { 40 } else { 400 }).run(server.port, &numbers, work)?;
    let rate = |count: usize, took: Duration| count as f64 / took.as_secs_f64();
    Ok(Figures {
        cpu,
        p50: quantile(&alone.latencies, 0.5),
        p95: quantile(&alone.latencies, 0.95),
        alone_per_second: rate(alone.latencies.len(), alone.took),
        together_per_second: rate(together.latencies.len(), together.took),
    })
}

fn body(text: &Text) -> String {
    json!({
        "content": text.content, "format": "html", "locale": text.language, "keyphrase": text.keyphrase,
        "title": text.title, "meta_description": text.meta_description, "profile": "brief", "meaning": false,
    })
    .to_string()
}

/// Of each text over all rounds.
fn medians(rounds: &[Vec<Cost>]) -> Vec<Cost> {
    let texts = rounds.first().map_or(0, Vec::len);
    let median = |of: &dyn Fn(&Vec<Cost>) -> Duration| {
        let mut values: Vec<Duration> = rounds.iter().map(of).collect();
        values.sort_unstable();
        quantile(&values, 0.5)
    };
    (0..texts).map(|at| Cost { wall: median(&|round| round[at].wall), cpu: median(&|round| round[at].cpu) }).collect()
}

fn yoastseo_version() -> Result<String> {
    let file = paths::root().join("tests/node_modules/yoastseo/package.json");
    let text = std::fs::read_to_string(&file).with_context(|| format!("cannot read {}", file.display()))?;
    let package: serde_json::Value = serde_json::from_str(&text)?;
    Ok(format!("{}, in Node.js", package["version"].as_str().unwrap_or("unknown")))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn reads_what_the_example_tells_and_says_what_it_cannot() {
        let bare = r#"{"id":"es-300","words":310,"bytes":2000,"score":80,"cpu_us":900.5,"wall_us":950.0}"#;
        let growth = r#"{"name":"full stops","steps":[{"bytes":1,"ms":0.5}],"exponent":1.01}"#;
        let (texts, growths) = read(&format!("{bare}\n{growth}\n")).unwrap();
        assert_eq!((texts[0].words, growths[0].steps.len(), growths[0].name.as_str()), (310, 1, "full stops"));
        assert!(read("panicked").unwrap_err().to_string().contains("panicked"));
    }

    #[test]
    fn takes_the_median_of_each_text() {
        let of = |wall, cpu| Cost { wall: Duration::from_millis(wall), cpu: Duration::from_millis(cpu) };
        let rounds = [vec![of(5, 1), of(50, 10)], vec![of(9, 3), of(40, 30)], vec![of(7, 2), of(60, 20)]];
        assert_eq!(medians(&rounds), [of(7, 2), of(50, 20)]);
        assert!(medians(&[]).is_empty());
    }
}
