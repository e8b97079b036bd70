//! `spin-host`: the command line of the test host. It takes the flags of `spin up` that it knows, so that scripts can call either.
#![allow(
    clippy::print_stdout,
    clippy::disallowed_methods,
    reason = "a command-line tool: its one line on standard output is its interface, and it hands the environment to the library"
)]

use std::collections::BTreeMap;
use std::net::SocketAddr;
use std::path::PathBuf;
use std::process::ExitCode;

use spin_host::{Journal, Options, SpinHost};
use tokio::net::TcpListener;
use tokio::signal::unix::{SignalKind, signal};

const USAGE: &str = "\
Serves a Spin 2 application (HTTP trigger, WASI 0.2 components) for tests and benchmarks.

Usage: spin-host [up] [options]
  -f, --from FILE        the manifest, or a folder that holds spin.toml (default: spin.toml)
      --listen ADDR      address and port; port 0 takes a free one (default: 127.0.0.1:3000)
      --state-dir DIR    where databases are kept (default: .spin beside the manifest)
      --cache-dir DIR    where compiled components are kept (default: compiled in the state folder)
      --variable K=V     value of an application variable; SPIN_VARIABLE_K in the environment does the same, below this
      --env K=V          environment variable for every component
      --sqlite SQL|@FILE statements run on the SQLite database at each start
      --journal MODE     spin (default: SQLite's own journal, as in Spin) or wal
  -h, --help             this text

It prints one line `listening http://ADDR` when ready and stops on Ctrl-C and SIGTERM. Its own route is /__spin-host/stats.";

struct Arguments {
    manifest: PathBuf,
    listen: SocketAddr,
    options: Options,
}

fn main() -> ExitCode {
    let arguments = match parse(std::env::args().skip(1)) {
        Ok(Some(arguments)) => arguments,
        Ok(None) => {
            println!("{USAGE}");
            return ExitCode::SUCCESS;
        }
        Err(reason) => {
            eprintln!("spin-host: {reason}\n\n{USAGE}");
            return ExitCode::from(2);
        }
    };
    match run(arguments) {
        Ok(()) => ExitCode::SUCCESS,
        Err(error) => {
            eprintln!("spin-host: {error}");
            ExitCode::FAILURE
        }
    }
}

fn run(arguments: Arguments) -> Result<(), Box<dyn std::error::Error>> {
    let runtime = tokio::runtime::Builder::new_multi_thread().enable_all().build()?;
    let served = runtime.block_on(async {
        let host = SpinHost::from_manifest(&arguments.manifest, &arguments.options)?;
        let listener = TcpListener::bind(arguments.listen).await.map_err(|e| format!("{} cannot be listened at: {e}", arguments.listen))?;
        let (mut interrupt, mut terminate) = (signal(SignalKind::interrupt())?, signal(SignalKind::terminate())?);
        println!("listening http://{}", listener.local_addr()?);
        let stop = async {
            tokio::select! {
                _ = interrupt.recv() => {}
                _ = terminate.recv() => {}
            }
        };
        host.serve_until(listener, stop).await?;
        Ok(())
    });
    // A guest that never returns must not keep the process.
    runtime.shutdown_background();
    served
}

/// Reads the command line; `None` asks for the help text.
fn parse(arguments: impl IntoIterator<Item = String>) -> Result<Option<Arguments>, String> {
    let mut manifest = PathBuf::from("spin.toml");
    let mut listen = SocketAddr::from(([127, 0, 0, 1], 3000));
    let mut options = Options { variables: variables_of_environment(), ..Options::default() };
    let mut arguments = arguments.into_iter().enumerate();
    while let Some((at, argument)) = arguments.next() {
        let (flag, inline) = match argument.split_once('=') {
            Some((flag, value)) if flag.starts_with("--") => (flag.to_owned(), Some(value.to_owned())),
            _ => (argument, None),
        };
        match flag.as_str() {
            "up" if at == 0 => continue,
            "-h" | "--help" => return Ok(None),
            _ => {}
        }
        let mut value =
            || inline.clone().or_else(|| arguments.next().map(|(_, value)| value)).ok_or_else(|| format!("{flag} needs a value"));
        match flag.as_str() {
            "-f" | "--from" | "--file" => manifest = value()?.into(),
            "--listen" => {
                let address = value()?;
                listen = address.parse().map_err(|_| format!("--listen {address:?} is not ADDRESS:PORT"))?;
            }
            "--state-dir" => options.state_dir = Some(value()?.into()),
            "--cache-dir" => options.cache_dir = Some(value()?.into()),
            "--variable" => insert(&mut options.variables, &flag, &value()?)?,
            "--env" => insert(&mut options.environment, &flag, &value()?)?,
            "--sqlite" => options.sqlite_statements.push(statements(value()?)?),
            "--journal" => {
                options.journal = match value()?.as_str() {
                    "spin" => Journal::AsSpin,
                    "wal" => Journal::Wal,
                    other => return Err(format!("--journal {other:?} is neither spin nor wal")),
                }
            }
            other => return Err(format!("{other:?} is not known")),
        }
    }
    if manifest.is_dir() {
        manifest.push("spin.toml");
    }
    Ok(Some(Arguments { manifest, listen, options }))
}

fn insert(into: &mut BTreeMap<String, String>, flag: &str, pair: &str) -> Result<(), String> {
    let (key, value) = pair.split_once('=').ok_or_else(|| format!("{flag} {pair:?} is not K=V"))?;
    into.insert(key.to_owned(), value.to_owned());
    Ok(())
}

fn statements(value: String) -> Result<String, String> {
    match value.strip_prefix('@') {
        Some(file) => std::fs::read_to_string(file).map_err(|e| format!("--sqlite {value}: {e}")),
        None => Ok(value),
    }
}

fn variables_of_environment() -> BTreeMap<String, String> {
    std::env::vars_os()
        .filter_map(|(name, value)| {
            let name = name.to_str()?.strip_prefix("SPIN_VARIABLE_")?.to_ascii_lowercase();
            Some((name, value.into_string().ok()?))
        })
        .collect()
}
