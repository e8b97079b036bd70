//! `cargo xtask dev`: one host with the demo site applied, ready for a browser or a script.
//!
//! Standard output carries one line, `ready URL` with the demo keys; progress goes to standard error. State stays in the data
//! folder, so a second run starts where the first ended. Whatever was started ends with this process.

mod keys;
mod native;
mod probe;
mod signals;
mod spin;
mod workers;

use std::collections::BTreeMap;
use std::net::{Ipv4Addr, TcpListener};
use std::path::{Path, PathBuf};
use std::process::Command;
use std::time::{Duration, Instant};

use anyhow::{Context, Result, anyhow, bail};
use lead_capture::config::PUBLIC_URL;

use crate::apply;
use crate::args::Args;
use crate::process::Group;
use crate::{node, paths, web};

/// What `core` calls the operator's key.
const OPERATOR_KEY: &str = "OPERATOR_KEY";
/// Chosen: a first start on a busy two-core machine compiles a component, which takes seconds.
const START_LIMIT: Duration = Duration::from_secs(120);

/// Where the functions run.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Host {
    Native,
    Workers,
    Spin,
}

/// What a host needs to know.
#[derive(Debug)]
struct Setup {
    port: u16,
    data: PathBuf,
    dev_json: PathBuf,
    /// By their environment names, the operator's key among them.
    variables: BTreeMap<String, String>,
}

/// A host that was started, and is stopped when dropped.
#[derive(Debug)]
enum Running {
    Thread(native::Server),
    Processes(Group),
}

impl Running {
    /// How it ended, if it did.
    fn ended(&mut self) -> Result<Option<String>> {
        match self {
            Self::Thread(server) => server.ended(),
            Self::Processes(group) => Ok(group.ended()?.map(|status| format!("the host ended with {status}"))),
        }
    }
}

/// `cargo xtask dev`.
pub fn command(mut args: Args) -> Result<()> {
    let host = match args.value("--host")?.as_deref() {
        None | Some("native") => Host::Native,
        Some("workers") => Host::Workers,
        Some("spin") => Host::Spin,
        Some(other) => bail!("--host is `{other}`; it may be `native`, `workers` or `spin`"),
    };
    let port = port(args.value("--port")?.as_deref())?;
    let data = args.value("--data")?.map_or_else(|| paths::target("dev").join(host.name()), PathBuf::from);
    let site = args.value("--site")?.map_or_else(|| paths::root().join("sites/demo"), PathBuf::from);
    let mut variables = variables(&args.values("--set")?)?;
    let is_opened = args.switch("--open");
    // Indexing them takes some seconds, which tests of anything else need not wait for.
    let is_without_articles = args.switch("--no-articles");
    args.finish()?;

    std::fs::create_dir_all(&data).with_context(|| format!("cannot create {}", data.display()))?;
    let data = data.canonicalize().with_context(|| format!("cannot find {}", data.display()))?;
    let operator_key = keys::operator(&data, variables.get(OPERATOR_KEY))?;
    variables.insert(OPERATOR_KEY.to_owned(), operator_key.clone());
    let url = format!("http://127.0.0.1:{port}");
    // Mails link to the server's own address, unless `--set` says otherwise.
    variables.entry(PUBLIC_URL.0.to_owned()).or_insert_with(|| url.clone());
    let setup = Setup { port, dev_json: data.join("dev.json"), data, variables };

    host.prepare()?;
    let signals = signals::listen()?;
    let mut running = host.start(&setup)?;
    if !wait_until_healthy(&url, port, &mut running, &signals)? {
        return Ok(());
    }
    eprintln!("applying {} …", site.display());
    let keys = {
        let (url, memory) = (url.clone(), setup.data.join("apply.json"));
        std::thread::spawn(move || apply::apply(&site, &url, &operator_key, &memory, !is_without_articles))
    };
    // What is not applied when somebody asks to stop is applied by the next start.
    while !keys.is_finished() {
        if signals.wait(Duration::from_millis(50)) {
            eprintln!("stopping …");
            return Ok(());
        }
    }
    let keys = keys.join().map_err(|_| anyhow!("the site was not applied; what went wrong stands above"))??;
    keys::publish(&setup.dev_json, &url, &keys)?;
    println!("ready {url}  {}", keys::line(&keys));
    if is_opened {
        open(&format!("{url}/demo"));
    }
    let outcome = watch(&mut running, &signals);
    // A script that finds the file may count on a server behind it.
    let _ = std::fs::remove_file(&setup.dev_json);
    outcome
}

impl Host {
    fn name(self) -> &'static str {
        match self {
            Self::Native => "native",
            Self::Workers => "workers",
            Self::Spin => "spin",
        }
    }

    /// Builds what the host serves. One at a time: two servers that start together share their build folders.
    fn prepare(self) -> Result<()> {
        let _lock = paths::lock("prepare")?;
        web::build()?;
        match self {
            Self::Native => Ok(()),
            Self::Workers => workers::prepare(),
            Self::Spin => spin::prepare(),
        }
    }

    fn start(self, setup: &Setup) -> Result<Running> {
        eprintln!("starting the {} host …", self.name());
        match self {
            Self::Native => native::start(setup).map(Running::Thread),
            Self::Workers => workers::start(setup).map(Running::Processes),
            Self::Spin => spin::start(setup).map(Running::Processes),
        }
    }
}

/// Waits for `/healthz`; false if the user ended it first.
fn wait_until_healthy(url: &str, port: u16, running: &mut Running, signals: &signals::Signals) -> Result<bool> {
    let deadline = Instant::now() + START_LIMIT;
    let mut last = String::from("no answer");
    while Instant::now() < deadline {
        match probe::get(port, "/healthz") {
            Ok(200) => return Ok(true),
            Ok(status) => last = format!("status {status}"),
            Err(error) => last = error.to_string(),
        }
        if let Some(ended) = running.ended()? {
            bail!("{ended} before it served anything; what it said stands above");
        }
        if signals.wait(Duration::from_millis(50)) {
            return Ok(false);
        }
    }
    bail!("{url}/healthz did not become healthy within {} s; the last try gave {last}", START_LIMIT.as_secs())
}

/// Serves until a signal asks to stop, or the host fails.
fn watch(running: &mut Running, signals: &signals::Signals) -> Result<()> {
    loop {
        if signals.wait(Duration::from_millis(200)) {
            eprintln!("stopping …");
            return Ok(());
        }
        if let Some(ended) = running.ended()? {
            bail!("{ended}");
        }
    }
}

/// The port to listen on, refused here if it is taken: a host would say so less clearly.
fn port(given: Option<&str>) -> Result<u16> {
    let wanted = match given {
        None => 8787,
        Some(given) => {
            given.parse().with_context(|| format!("--port is `{given}`; it must be a number up to 65535, or 0 for a free one"))?
        }
    };
    let listener = TcpListener::bind((Ipv4Addr::LOCALHOST, wanted))
        .with_context(|| format!("port {wanted} is taken; choose another with --port, or 0 for a free one"))?;
    Ok(listener.local_addr()?.port())
}

fn variables(pairs: &[String]) -> Result<BTreeMap<String, String>> {
    pairs
        .iter()
        .map(|pair| match pair.split_once('=') {
            Some((name, value)) if !name.is_empty() => Ok((name.to_owned(), value.to_owned())),
            _ => bail!("--set {pair} is not KEY=VALUE"),
        })
        .collect()
}

/// What serves Spin applications here: `spin` or the test host, built if need be.
pub fn spin_program() -> Result<PathBuf> {
    spin::program()
}

/// Our test host for Spin, built if need be, even where `spin` is installed.
pub fn spin_test_host() -> Result<PathBuf> {
    spin::test_host()
}

/// A command in Node.js that runs one of our local servers.
fn local_server(script: &str) -> Command {
    node::node(&Path::new("web/dev").join(script).to_string_lossy())
}

fn open(url: &str) {
    let program = if cfg!(target_os = "macos") { "open" } else { "xdg-open" };
    if let Err(error) = Command::new(program).arg(url).spawn() {
        eprintln!("cannot open a browser with {program} ({error}); the page is {url}");
    }
}
