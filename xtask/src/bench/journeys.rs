//! `cargo xtask bench journeys`: many visitors over all functions of one server, by an open loop; afterwards everything that was acknowledged
//! must be there, once.

mod audit;
mod drive;
mod plan;
mod report;
mod shots;

use std::path::{Path, PathBuf};
use std::sync::atomic::{AtomicBool, AtomicU64, Ordering};
use std::time::{Duration, Instant};

use anyhow::{Context, Result, bail};

use self::audit::Promised;
use self::plan::{Route, Step};
use self::report::Run;
use self::shots::{ADDRESS, Keys};
use super::http::Client;
use super::receiver::Receiver;
use super::server::{Server, Setup};
use super::{machine, usage};
use crate::args::Args;
use crate::build::{self, Profile};
use crate::{node, paths, process, toolchain};

/// Names this bench on the command line.
pub const NAME: &str = "journeys";
/// Source: the issue, 1,000 visitors over two minutes.
const VISITORS: u32 = 1_000;
const PERIOD: Duration = Duration::from_secs(120);
/// Visitors of a dry run, who come ten times as densely. Chosen: it ends within a minute.
const FEW: (u32, Duration) = (80, Duration::from_secs(10));
/// Requests that can be on their way at a time. Chosen: several times what is at these rates, unless the server stalls.
const SENDERS: usize = 96;
const SEED: u64 = 0x0411_11a0;

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Host {
    Native,
    Workers,
}

/// Measures, prints and writes; of a quick run nothing is written.
pub fn command(mut args: Args) -> Result<()> {
    let is_quick = args.switch("--quick");
    let hosts = hosts(args.value("--hosts")?.as_deref())?;
    let profile = Profile::from_args(&mut args)?;
    args.finish()?;
    let began = Instant::now();
    let (native, wasm_cargo) = builds(&hosts, profile)?;
    let (visitors, period) = if is_quick { FEW } else { (VISITORS, PERIOD) };
    let steps = plan::steps(visitors, period, SEED);
    let data = super::emptied("bench/journeys")?;
    let machine = machine::table(&machine::describe(profile, &wasm_cargo)?);
    let mut runs = Vec::new();
    for host in hosts {
        let folder = data.join(host.title());
        runs.push(run(host, &native, &folder, &steps).with_context(|| format!("journeys on {}", host.title()))?);
    }
    let command = format!("cargo xtask bench {NAME}{}", if is_quick { " --quick" } else { "" });
    let text = report::markdown(&command, &machine, &runs, visitors, period);
    println!("{text}");
    super::keep(NAME, &text, is_quick, profile, began)?;
    let errors = runs.iter().flat_map(|run| &run.done).filter(|done| done.outcome.is_err()).count();
    if errors > 0 {
        bail!("{errors} requests were not answered well");
    }
    Ok(())
}

impl Host {
    const fn title(self) -> &'static str {
        match self {
            Self::Native => "native",
            Self::Workers => "workerd",
        }
    }
}

fn hosts(list: Option<&str>) -> Result<Vec<Host>> {
    let host = |name: &str| match name {
        "native" => Ok(Host::Native),
        "workers" => Ok(Host::Workers),
        other => bail!("--hosts names `{other}`; it may be native, workers or both"),
    };
    list.unwrap_or("native,workers").split(',').map(host).collect()
}

/// The native host's program, and which cargo made the Wasm; every function for Workers where they are asked for.
fn builds(hosts: &[Host], profile: Profile) -> Result<(PathBuf, String)> {
    let native = match profile {
        Profile::Ship if hosts.contains(&Host::Native) => build::native::build()?,
        _ => std::env::current_exe()?,
    };
    let _lock = paths::lock("prepare")?;
    node::ensure()?;
    crate::web::build()?;
    if !hosts.contains(&Host::Workers) {
        return Ok((native, "none".to_owned()));
    }
    let toolchain = toolchain::ensure()?;
    build::workers::build(&toolchain, profile, &paths::functions()?)?;
    Ok((native, process::output(toolchain.cargo().arg("--version"), "ask cargo for its version")?.trim().to_owned()))
}

fn run(host: Host, native: &Path, folder: &Path, steps: &[Step]) -> Result<Run> {
    eprintln!("starting {} …", host.title());
    let receiver = Receiver::start()?;
    let setup = Setup {
        site: site(&folder.join("site"), receiver.port)?,
        variables: vec![("CLIENT_HEADER", ADDRESS.to_owned()), ("ALLOWED_PRIVATE_HOSTS", format!("127.0.0.1:{}", receiver.port))],
    };
    let data = folder.join("data");
    let server = match host {
        Host::Native => Server::native(native, &data, &setup, None)?,
        Host::Workers => Server::whole_workers(&data, &setup)?,
    };
    let keys = Keys { write: server.write_key().to_owned(), admin: server.admin() };
    warm_up(&server, &keys, steps)?;
    server.settle();
    eprintln!("  {} requests …", steps.len());
    let before = usage::tree(server.process())?;
    let most = AtomicU64::new(before.server.resident_bytes + before.launcher.resident_bytes);
    let is_over = AtomicBool::new(false);
    let began = Instant::now();
    let done = std::thread::scope(|scope| {
        scope.spawn(|| {
            while !is_over.load(Ordering::Relaxed) {
                if let Ok(tree) = usage::tree(server.process()) {
                    most.fetch_max(tree.server.resident_bytes + tree.launcher.resident_bytes, Ordering::Relaxed);
                }
                std::thread::sleep(Duration::from_millis(500));
            }
        });
        let done = drive::drive(server.port, steps, SENDERS, &|step| shots::shot(step, &keys));
        is_over.store(true, Ordering::Relaxed);
        done
    });
    let took = began.elapsed();
    server.settle();
    let cpu = usage::tree(server.process())?.cpu_since(&before);
    for failed in done.iter().filter(|done| done.outcome.is_err()).take(5) {
        eprintln!("  {:?}: {:?}", failed.step, failed.outcome);
    }
    eprintln!("  asking for what is there …");
    let kept = Promised::of(&done)?.check(&server, &receiver)?;
    let resident = (before.server.resident_bytes + before.launcher.resident_bytes, most.into_inner());
    Ok(Run { host: host.title(), done, took, cpu, resident, kept })
}

/// The first of each kind once by itself, as somebody else: hosts compile and load what they will. What it stores is judged as nothing of the run's.
fn warm_up(server: &Server, keys: &Keys, steps: &[Step]) -> Result<()> {
    for path in ["/v1/forms", "/v1/tickets", "/v1/conversations", "/v1/ledger", "/v1/content/documents"] {
        server.read(path)?;
    }
    let mut client = Client::new(server.port);
    if let Some(step) = steps.iter().find(|step| step.route == Route::Judge) {
        // Without a document nothing is kept.
        let (mut shot, wanted) = shots::shot(step, keys);
        shot.body = shot.body.replace(&format!("\"{}\"", shots::document(step)), "null");
        let answer = client.post(shot.path, &shot.headers, &shot.body)?;
        if answer.status != wanted {
            bail!("the first text was answered {}: {}", answer.status, String::from_utf8_lossy(&answer.body));
        }
    }
    Ok(())
}

/// The bench's site with a receiver of its news, the demo's articles and the demo's desk.
fn site(folder: &Path, receiver: u16) -> Result<PathBuf> {
    let (bench, demo) = (paths::root().join("benches/site"), paths::root().join("sites/demo"));
    let read = |path: &Path| std::fs::read_to_string(path).with_context(|| format!("cannot read {}", path.display()));
    let mut site: toml::Table = read(&bench.join("site.toml"))?.parse().context("cannot read the bench's site")?;
    let hook = format!(
        "id = \"receiver\"\nkind = \"webhook\"\nurl = \"http://127.0.0.1:{receiver}/\"\nevents = [\"lead.created\", \"ticket.created\"]"
    );
    let hook: toml::Table = hook.parse().context("cannot write the receiver")?;
    site.insert("destinations".to_owned(), vec![toml::Value::Table(hook)].into());
    paths::write(&folder.join("site.toml"), &toml::to_string(&site)?)?;
    for (from, names) in [(&bench, &["scoring.toml", "forms/bench.toml"][..]), (&demo, &["desk.toml"][..])] {
        for name in names {
            paths::write(&folder.join(name), &read(&from.join(name))?)?;
        }
    }
    for entry in std::fs::read_dir(demo.join("kb")).context("the demo has no articles")? {
        let path = entry?.path();
        paths::write(&folder.join("kb").join(path.file_name().unwrap_or_default()), &read(&path)?)?;
    }
    Ok(folder.to_owned())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn hosts_are_named_one_by_one() {
        assert_eq!(hosts(None).unwrap(), [Host::Native, Host::Workers]);
        assert_eq!(hosts(Some("workers")).unwrap(), [Host::Workers]);
        assert!(hosts(Some("spin")).is_err());
    }
}
