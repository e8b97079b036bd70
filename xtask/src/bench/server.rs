//! The servers under measure, each started on its own with an empty store, and the builds they serve.
//!
//! Builds are copied before they are measured: `target/workers` and `target/spin` belong to whoever builds next.

use std::io::{BufRead, BufReader};
use std::path::{Path, PathBuf};
use std::process::{ChildStdout, Command, Stdio};
use std::time::Duration;

use anyhow::{Context, Result, anyhow, bail};
use serde_json::Value as Json;

use super::http::Client;
use crate::build::{self, Profile};
use crate::process::Group;
use crate::{apply, dev, node, paths, toolchain};

/// Chosen: the operator of a server that lives for minutes on this machine needs no better one.
const OPERATOR_KEY: &str = "operator-of-the-bench";
/// Names the receiver of webhooks in benches/site.
const WEBHOOK: &str = "ORILLA_BENCH_WEBHOOK";

/// What is built once and served many times.
#[derive(Debug)]
pub struct Builds {
    pub function: String,
    pub profile: Profile,
    pub native: PathBuf,
    pub spin_host: PathBuf,
    /// Holds `index.js` and `index.wasm`.
    pub worker: PathBuf,
    pub component: PathBuf,
    pub wasm_cargo: String,
    manifest: PathBuf,
}

/// A server that is ready to take submissions; it ends with this value.
#[derive(Debug)]
pub struct Server {
    pub port: u16,
    /// Where the function tells its linear memory.
    memory: Option<Memory>,
    /// Reads the site; a plain Worker has none.
    read_key: Option<String>,
    group: Group,
    /// Kept open, or the server could not write to it.
    _stdout: BufReader<ChildStdout>,
}

#[derive(Debug)]
enum Memory {
    Workers { port: u16 },
    Spin,
}

/// What a site's form counts.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Stored {
    pub accepted: u64,
    pub quarantined: u64,
    pub leads: u64,
}

impl Builds {
    /// Builds everything as it ships, or as it is tested.
    pub fn make(function: &str, profile: Profile) -> Result<Self> {
        let native = match profile {
            Profile::Ship => build::native::build()?,
            Profile::Test => std::env::current_exe()?,
        };
        let _lock = paths::lock("prepare")?;
        node::ensure()?;
        let toolchain = toolchain::ensure()?;
        let packages = [function.to_owned()];
        let built = build::workers::build(&toolchain, profile, &packages)?;
        let components = build::spin::build(&toolchain, profile, &packages)?;
        let (built, component) = built.first().zip(components.first()).context("nothing was built")?;

        let folder = paths::target("bench").join(function);
        std::fs::create_dir_all(&folder).with_context(|| format!("cannot create {}", folder.display()))?;
        let keep = |from: &Path, name: &str| {
            let to = folder.join(name);
            std::fs::copy(from, &to).with_context(|| format!("cannot copy {}", from.display()))?;
            Ok::<_, anyhow::Error>(to)
        };
        keep(&built.script, "index.js")?;
        keep(&built.module, "index.wasm")?;
        let component = keep(component, "component.wasm")?;
        Ok(Self {
            function: function.to_owned(),
            profile,
            manifest: manifest(function, &folder)?,
            worker: folder,
            component,
            native,
            spin_host: dev::spin_test_host()?,
            wasm_cargo: crate::process::output(toolchain.cargo().arg("--version"), "ask cargo for its version")?.trim().to_owned(),
        })
    }
}

/// The application's manifest with this function's kept build in place of the one that may change.
fn manifest(function: &str, folder: &Path) -> Result<PathBuf> {
    let original = paths::root().join("spin.toml");
    let text = std::fs::read_to_string(&original).with_context(|| format!("cannot read {}", original.display()))?;
    let source = format!("\"target/spin/{function}.wasm\"");
    if !text.contains(&source) {
        bail!("{} names no {source}", original.display());
    }
    let path = folder.join("spin.toml");
    paths::write(&path, &text.replace(&source, "\"component.wasm\""))?;
    Ok(path)
}

impl Server {
    /// The native host; with the address of a receiver, webhooks go there.
    pub fn native(builds: &Builds, data: &Path, receiver: Option<u16>) -> Result<Self> {
        let mut command = Command::new(&builds.native);
        command.args(["dev", "--host", "native", "--port", "0", "--set", &format!("OPERATOR_KEY={OPERATOR_KEY}"), "--data"]);
        command.arg(data).arg("--site").arg(site()).env_remove(WEBHOOK);
        if let Some(port) = receiver {
            command.args(["--set", &format!("ALLOWED_PRIVATE_HOSTS=127.0.0.1:{port}")]);
            command.env(WEBHOOK, format!("http://127.0.0.1:{port}/"));
        }
        let (mut server, _) = Self::start(&mut command, data, "ready")?;
        let published = std::fs::read_to_string(data.join("dev.json")).context("the native host published no dev.json")?;
        let published: Json = serde_json::from_str(&published)?;
        server.read_key = published["read_key"].as_str().map(str::to_owned);
        Ok(server)
    }

    /// The function on workerd.
    pub fn workers(builds: &Builds, data: &Path) -> Result<Self> {
        let mut command = node::node("benches/workers.mjs");
        command.arg("--data").arg(data).arg("--folder").arg(&builds.worker).args(["--environment", &builds.function, "--vars"]);
        command.arg(serde_json::json!({ "OPERATOR_KEY": OPERATOR_KEY }).to_string());
        let (mut server, rest) = Self::start(&mut command, data, "listening")?;
        server.memory = Some(Memory::Workers { port: port(rest.trim())? });
        server.apply(data)
    }

    /// The plain Worker on workerd.
    pub fn plain(data: &Path) -> Result<Self> {
        let mut command = node::node("benches/workers.mjs");
        command.arg("--data").arg(data).arg("--plain");
        Ok(Self::start(&mut command, data, "listening")?.0)
    }

    /// The function on the test host for Spin.
    pub fn spin(builds: &Builds, data: &Path) -> Result<Self> {
        let mut command = Command::new(&builds.spin_host);
        command.args(["up", "--listen", "127.0.0.1:0", "--variable", &format!("operator_key={OPERATOR_KEY}"), "--from"]);
        command.arg(&builds.manifest).arg("--state-dir").arg(data).arg("--cache-dir").arg(paths::target("spin/compiled"));
        for migration in paths::migrations()? {
            command.arg("--sqlite").arg(format!("@{}", migration.display()));
        }
        let (mut server, _) = Self::start(&mut command, data, "listening")?;
        server.memory = Some(Memory::Spin);
        server.apply(data)
    }

    /// Starts a server that prints `WORD URL …` once it serves; gives what follows.
    fn start(command: &mut Command, data: &Path, word: &str) -> Result<(Self, String)> {
        std::fs::create_dir_all(data).with_context(|| format!("cannot create {}", data.display()))?;
        let log = data.with_extension("log");
        let file = std::fs::File::create(&log).with_context(|| format!("cannot create {}", log.display()))?;
        let mut group = Group::spawn(command.stdout(Stdio::piped()).stderr(file), "start a server")?;
        let mut stdout = BufReader::new(group.stdout().context("the server has no standard output")?);
        let mut line = String::new();
        stdout.read_line(&mut line)?;
        let said = line.strip_prefix(word).map(str::trim_start);
        let (url, rest) = said.map(|said| said.split_once(' ').unwrap_or((said.trim(), ""))).ok_or_else(|| {
            anyhow!("a server did not become ready; it said:\n{}", std::fs::read_to_string(&log).unwrap_or_default().trim_end())
        })?;
        let server = Self { port: port(url)?, memory: None, read_key: None, group, _stdout: stdout };
        Ok((server, rest.to_owned()))
    }

    fn apply(mut self, data: &Path) -> Result<Self> {
        let url = format!("http://127.0.0.1:{}", self.port);
        let keys = apply::apply(&site(), &url, OPERATOR_KEY, &data.join("apply.json"))?;
        self.read_key = Some(keys.read_key);
        Ok(self)
    }

    /// The process to look at.
    pub fn process(&self) -> u32 {
        self.group.id()
    }

    /// The most linear memory that one instance of the function held, in bytes, where the host tells.
    pub fn linear_memory(&self) -> Result<Option<u64>> {
        let (port, path, name) = match self.memory {
            None => return Ok(None),
            Some(Memory::Workers { port }) => (port, "/", "bytes"),
            Some(Memory::Spin) => (self.port, "/__spin-host/stats", "peak_memory_bytes"),
        };
        let answer = Client::new(port).get(path, "")?;
        let told: Json = serde_json::from_slice(&answer.body).context("the host does not tell its memory")?;
        Ok(told[name].as_u64())
    }

    /// What the site counts now; none for a server without a site.
    pub fn stored(&self) -> Result<Option<Stored>> {
        let Some(key) = &self.read_key else { return Ok(None) };
        let answer = Client::new(self.port).get("/v1/forms", &format!("authorization: Bearer {key}\r\n"))?;
        let told: Json = serde_json::from_slice(&answer.body)
            .with_context(|| format!("/v1/forms answers {}: {}", answer.status, String::from_utf8_lossy(&answer.body)))?;
        let form = &told["forms"][0];
        let count = |name: &str| form[name].as_u64().with_context(|| format!("/v1/forms tells no `{name}`"));
        Ok(Some(Stored { accepted: count("accepted")?, quarantined: count("quarantined")?, leads: count("leads")? }))
    }

    /// Waits until nothing more is being worked on, so that what follows is not measured with it.
    pub fn settle(&self) {
        std::thread::sleep(Duration::from_millis(300));
    }
}

fn site() -> PathBuf {
    paths::root().join("benches/site")
}

fn port(url: &str) -> Result<u16> {
    url.rsplit_once(':').and_then(|(_, port)| port.parse().ok()).with_context(|| format!("`{url}` names no port"))
}
