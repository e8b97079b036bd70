//! Where a function runs under measure, and what a piece of work takes there.

use std::path::Path;
use std::sync::atomic::AtomicU64;
use std::time::{Duration, Instant};

use anyhow::Result;

use super::load::{Load, Work, quantile};
use super::server::{Builds, Server, Setup};
use super::usage::{self, Tree};

/// The site of benches/site.
pub const SITE: &str = "b3f1c0de-5a7e-4d1b-9c32-0a6d4e8f7b21";
/// The load generator plays many visitors: one address alone may ask thirty things a minute.
const ADDRESS: (&str, &str) = ("CLIENT_HEADER", "cf-connecting-ip");

/// Where the function runs.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Host {
    Native,
    Workerd,
    Spin,
}

/// What a piece of work took.
#[derive(Debug, Clone, Copy)]
pub struct Took {
    pub wall: Duration,
    /// Of all the host's processes.
    pub cpu: Duration,
}

/// A request at a time.
#[derive(Debug, Clone, Copy)]
pub struct Asked {
    /// For each.
    pub cpu: Duration,
    pub p50: Duration,
    pub p95: Duration,
}

impl Host {
    pub const ALL: [Self; 3] = [Self::Native, Self::Workerd, Self::Spin];

    pub const fn title(self) -> &'static str {
        match self {
            Self::Native => "native",
            Self::Workerd => "workerd",
            Self::Spin => "Spin test host",
        }
    }

    /// Starts it with the site of benches/site.
    pub fn start(self, builds: &Builds, data: &Path) -> Result<Server> {
        let setup = Setup { variables: vec![(ADDRESS.0, ADDRESS.1.to_owned())], ..Setup::default() };
        match self {
            Self::Native => Server::native(&builds.native, data, &setup, None),
            Self::Workerd => Server::workers(builds, data, &setup),
            Self::Spin => Server::spin(builds, data, &setup),
        }
    }

    /// Ends it, does something with what it left, and starts it again.
    pub fn standing_still(self, server: Server, builds: &Builds, data: &Path, work: impl FnOnce() -> Result<()>) -> Result<Server> {
        drop(server);
        // Its children end a moment later.
        std::thread::sleep(Duration::from_secs(1));
        work()?;
        let server = self.start(builds, data)?;
        rest(&server)?;
        Ok(server)
    }
}

/// Waits until the host does nothing.
pub fn rest(server: &Server) -> Result<()> {
    loop {
        let before = usage::tree(server.process())?;
        std::thread::sleep(Duration::from_millis(700));
        if usage::tree(server.process())?.cpu_since(&before) < Duration::from_millis(50) {
            return Ok(());
        }
    }
}

/// How the processes stand once what follows an answer is done as well.
pub fn after(server: &Server) -> Result<Tree> {
    server.settle();
    usage::tree(server.process())
}

/// Does something, and tells what it took.
pub fn took<T>(server: &Server, work: impl FnOnce() -> Result<T>) -> Result<(T, Took)> {
    let before = usage::tree(server.process())?;
    let began = Instant::now();
    let done = work()?;
    let wall = began.elapsed();
    Ok((done, Took { wall, cpu: after(server)?.cpu_since(&before) }))
}

/// One client asks, a request at a time.
pub fn asked(server: &Server, requests: usize, numbers: &AtomicU64, work: Work<'_>) -> Result<Asked> {
    let load = Load { clients: 1, requests, limit: Duration::from_secs(60) };
    server.settle();
    let before = usage::tree(server.process())?;
    let round = load.run(server.port, numbers, work)?;
    let cpu = after(server)?.cpu_since(&before) / u32::try_from(round.latencies.len())?;
    Ok(Asked { cpu, p50: quantile(&round.latencies, 0.5), p95: quantile(&round.latencies, 0.95) })
}
