//! The contract suite on the native host, and on a host that breaks a promise, to see the suite notice.

#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::panic,
    clippy::disallowed_methods,
    reason = "a test stops where something is wrong"
)]

use std::collections::BTreeMap;
use std::fmt;
use std::net::{IpAddr, Ipv4Addr};

use orilla_contract::platform::{EMPTY, SET, SET_VALUE};
use orilla_contract::{Host, Peer};
use orilla_core::ports::{Binding, OpenError, Variable};
use orilla_core::sql::{Rows, SqlError, Statement};
use orilla_core::{Platform, Sql};
use orilla_native::testing::PeerServer;
use orilla_native::{Native, NativeFetch, NativeKv, NativeSql, SystemClock, SystemRandom};

/// A public-looking name that the host under test finds at a loopback address.
const PRIVATE_NAME: &str = "inside.example.com";

fn native() -> Native {
    let variables = [(SET, SET_VALUE), (EMPTY, "")].map(|(Variable(name), value)| (name.to_owned(), value.to_owned()));
    let hosts = BTreeMap::from([(PRIVATE_NAME.to_owned(), IpAddr::from(Ipv4Addr::LOCALHOST))]);
    Native::in_memory(variables.into()).unwrap().with_hosts(hosts)
}

fn peer(server: &PeerServer) -> Peer {
    let (origin, closed) = (server.origin().to_owned(), server.closed().to_owned());
    Peer { origin, closed, private: format!("https://{PRIVATE_NAME}/") }
}

#[tokio::test]
async fn native_keeps_every_promise() {
    let server = PeerServer::start().unwrap();
    let verdict = orilla_contract::run(&native(), &peer(&server)).await.judge(Host::Native);
    println!("{verdict}");
    assert!(verdict.is_good(), "{verdict}");
}

#[tokio::test]
async fn a_file_keeps_every_promise_too() {
    let server = PeerServer::start().unwrap();
    let data = std::env::temp_dir().join(format!("orilla-contract-{}", std::process::id()));
    let variables = [(SET, SET_VALUE), (EMPTY, "")].map(|(Variable(name), value)| (name.to_owned(), value.to_owned()));
    let native = Native::open(&data, variables.into()).unwrap();
    let native = native.with_hosts([(PRIVATE_NAME.to_owned(), IpAddr::from(Ipv4Addr::LOCALHOST))].into());
    let verdict = orilla_contract::run(&native, &peer(&server)).await.judge(Host::Native);
    drop(native);
    std::fs::remove_dir_all(&data).unwrap();
    assert!(verdict.is_good(), "{verdict}");
}

/// The native host, except that its batches are not atomic.
#[derive(Clone)]
struct HalfHearted(Native);

#[derive(Clone)]
struct OneByOne(NativeSql);

impl Sql for OneByOne {
    async fn query(&self, statement: Statement) -> Result<Rows, SqlError> {
        self.0.query(statement).await
    }

    async fn batch(&self, statements: Vec<Statement>) -> Result<Vec<Rows>, SqlError> {
        let mut all = Vec::new();
        for statement in statements {
            all.push(self.0.query(statement).await?);
        }
        Ok(all)
    }
}

impl Platform for HalfHearted {
    type Sql = OneByOne;
    type Kv = NativeKv<SystemClock>;
    type Fetch = NativeFetch;
    type Clock = SystemClock;
    type Random = SystemRandom;

    fn sql(&self, binding: Binding) -> Result<OneByOne, OpenError> {
        self.0.sql(binding).map(OneByOne)
    }
    fn kv(&self, binding: Binding) -> Result<Self::Kv, OpenError> {
        self.0.kv(binding)
    }
    fn fetch(&self) -> NativeFetch {
        self.0.fetch()
    }
    fn clock(&self) -> SystemClock {
        self.0.clock()
    }
    fn random(&self) -> SystemRandom {
        self.0.random()
    }
    fn variable(&self, variable: Variable) -> Result<Option<String>, OpenError> {
        self.0.variable(variable)
    }
    fn defer(&self, work: impl Future<Output = ()> + 'static) {
        self.0.defer(work);
    }
    fn meter(&self) -> orilla_core::operations::Meter {
        self.0.meter()
    }
    fn log(&self, line: fmt::Arguments<'_>) {
        self.0.log(line);
    }
}

#[tokio::test]
async fn a_host_without_atomic_batches_is_found_out() {
    let server = PeerServer::start().unwrap();
    let verdict = orilla_contract::run(&HalfHearted(native()), &peer(&server)).await.judge(Host::Native);
    let broken: Vec<_> = verdict.failures.iter().filter_map(|failure| failure.split(':').next()).collect();
    assert!(broken.contains(&"sql.4"), "{verdict}");
    assert!(!verdict.is_good());
    assert!(verdict.passed > 20, "the other promises are judged on their own: {verdict}");
}
