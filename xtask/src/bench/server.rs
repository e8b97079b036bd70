//! The servers under measure, each started on its own with an empty store, and the builds they serve.
//!
//! Builds are copied before they are measured: `target/workers` and `target/spin` belong to whoever builds next.

use std::collections::{BTreeMap, BTreeSet};
use std::io::{BufRead, BufReader};
use std::path::{Path, PathBuf};
use std::process::{ChildStdout, Command, Stdio};
use std::time::Duration;

use anyhow::{Context, Result, anyhow, ensure};
use serde_json::Value as Json;

use super::http::{Answer, Client};
use crate::build::{self, Profile};
use crate::process::Group;
use crate::{apply, dev, node, paths, toolchain};

/// Chosen: the operator of a server that lives for minutes on this machine needs no better one.
const OPERATOR_KEY: &str = "operator-of-the-bench";
/// The function that sites are applied to.
const OWNER: &str = "lead-capture";
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
    /// Holds a folder like that for each function.
    workers: PathBuf,
    pub component: PathBuf,
    pub wasm_cargo: String,
    manifest: PathBuf,
}

/// What a server serves, and what its operator says.
#[derive(Debug, Clone)]
pub struct Setup {
    pub site: PathBuf,
    pub variables: Vec<(&'static str, String)>,
}

impl Default for Setup {
    fn default() -> Self {
        Self { site: paths::root().join("benches/site"), variables: Vec::new() }
    }
}

/// A server that is ready to be asked; it ends with this value.
#[derive(Debug)]
pub struct Server {
    pub port: u16,
    /// Where the function tells its linear memory.
    memory: Option<Memory>,
    /// The site's; a plain Worker has none.
    keys: Option<Keys>,
    group: Group,
    /// Kept open, or the server could not write to it.
    _stdout: BufReader<ChildStdout>,
}

/// What opens a site.
#[derive(Debug)]
struct Keys {
    read: String,
    write: String,
    admin: String,
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
        // The Workers' manifest names the pages, though none is asked for.
        crate::web::build()?;
        let toolchain = toolchain::ensure()?;
        // The one that sites are applied to serves beside it.
        let packages: Vec<String> = BTreeSet::from([OWNER, function]).into_iter().map(str::to_owned).collect();
        let built = build::workers::build(&toolchain, profile, &packages)?;
        let components = build::spin::build(&toolchain, profile, &packages)?;

        let folder = paths::target("bench").join(function);
        let keep = |from: &Path, to: PathBuf| {
            std::fs::create_dir_all(to.parent().unwrap_or(&folder)).with_context(|| format!("cannot create {}", folder.display()))?;
            std::fs::copy(from, &to).with_context(|| format!("cannot copy {}", from.display()))?;
            Ok::<_, anyhow::Error>(())
        };
        for ((package, built), component) in packages.iter().zip(&built).zip(&components) {
            keep(&built.script, folder.join(package).join("index.js"))?;
            keep(&built.module, folder.join(package).join("index.wasm"))?;
            keep(component, folder.join(format!("{package}.wasm")))?;
        }
        Ok(Self {
            function: function.to_owned(),
            profile,
            manifest: manifest(&packages, &folder)?,
            worker: folder.join(function),
            component: folder.join(format!("{function}.wasm")),
            workers: folder,
            native,
            spin_host: dev::spin_test_host()?,
            wasm_cargo: crate::process::output(toolchain.cargo().arg("--version"), "ask cargo for its version")?.trim().to_owned(),
        })
    }
}

/// The application's manifest with the kept builds in place of those that may change, and without the other components.
fn manifest(packages: &[String], folder: &Path) -> Result<PathBuf> {
    let original = paths::root().join("spin.toml");
    let text = std::fs::read_to_string(&original).with_context(|| format!("cannot read {}", original.display()))?;
    let mut manifest: toml::Table = text.parse().with_context(|| format!("cannot read {}", original.display()))?;
    let is_kept = |name: &str| packages.iter().any(|package| package == name);
    let components = manifest.get_mut("component").and_then(toml::Value::as_table_mut).context("spin.toml has no components")?;
    components.retain(|name, _| is_kept(name));
    for (name, component) in components.iter_mut() {
        component["source"] = format!("{name}.wasm").into();
    }
    let routes =
        manifest.get_mut("trigger").and_then(|trigger| trigger.get_mut("http")?.as_array_mut()).context("spin.toml has no routes")?;
    routes.retain(|route| route["component"].as_str().is_some_and(is_kept));
    let path = folder.join("spin.toml");
    paths::write(&path, &toml::to_string(&manifest)?)?;
    Ok(path)
}

impl Server {
    /// The native host, which a build of this tool serves; with the address of a receiver, webhooks go there.
    pub fn native(program: &Path, data: &Path, setup: &Setup, receiver: Option<u16>) -> Result<Self> {
        let mut command = Command::new(program);
        command.args(["dev", "--host", "native", "--port", "0", "--set", &format!("OPERATOR_KEY={OPERATOR_KEY}"), "--data"]);
        command.arg(data).arg("--site").arg(&setup.site).env_remove(WEBHOOK);
        for (name, value) in &setup.variables {
            command.args(["--set", &format!("{name}={value}")]);
        }
        if let Some(port) = receiver {
            command.args(["--set", &format!("ALLOWED_PRIVATE_HOSTS=127.0.0.1:{port}")]);
            command.env(WEBHOOK, format!("http://127.0.0.1:{port}/"));
        }
        let (mut server, _) = Self::start(&mut command, data, "ready")?;
        let published = std::fs::read_to_string(data.join("dev.json")).context("the native host published no dev.json")?;
        let published: Json = serde_json::from_str(&published)?;
        let key = |name: &str| published[name].as_str().map(str::to_owned);
        let keys = key("read_key").zip(key("write_key")).zip(key("admin_key"));
        server.keys = keys.map(|((read, write), admin)| Keys { read, write, admin });
        Ok(server)
    }

    /// The function on workerd.
    pub fn workers(builds: &Builds, data: &Path, setup: &Setup) -> Result<Self> {
        let mut command = node::node("benches/workers.mjs");
        command.arg("--data").arg(data).arg("--folder").arg(&builds.workers);
        command.args(["--environment", &builds.function, "--owner", OWNER, "--vars"]);
        command.arg(told(setup)?);
        let (mut server, rest) = Self::start(&mut command, data, "listening")?;
        let (memory, owner) = rest.trim().split_once(' ').with_context(|| format!("the Workers host tells only {rest}"))?;
        server.memory = Some(Memory::Workers { port: port(memory)? });
        let owner = port(owner)?;
        server.apply(owner, data, setup, false)
    }

    /// Every function on workerd, behind the front, as `cargo xtask dev` serves them; the site with its articles.
    pub fn whole_workers(data: &Path, setup: &Setup) -> Result<Self> {
        let mut command = node::node("web/dev/workers.mjs");
        command.arg("--data").arg(data).arg("--vars").arg(told(setup)?);
        let (server, _) = Self::start(&mut command, data, "listening")?;
        let owner = server.port;
        server.apply(owner, data, setup, true)
    }

    /// A plain Worker on workerd, one of those that benches/workers.mjs names.
    pub fn plain(data: &Path, name: &str) -> Result<Self> {
        let mut command = node::node("benches/workers.mjs");
        command.arg("--data").arg(data).args(["--plain", name]);
        Ok(Self::start(&mut command, data, "listening")?.0)
    }

    /// The function on the test host for Spin.
    pub fn spin(builds: &Builds, data: &Path, setup: &Setup) -> Result<Self> {
        let mut command = Command::new(&builds.spin_host);
        command.args(["up", "--listen", "127.0.0.1:0", "--variable", &format!("operator_key={OPERATOR_KEY}")]);
        for (name, value) in &setup.variables {
            command.args(["--variable", &format!("{}={value}", name.to_ascii_lowercase())]);
        }
        command.arg("--from");
        command.arg(&builds.manifest).arg("--state-dir").arg(data).arg("--cache-dir").arg(paths::target("spin/compiled"));
        for migration in paths::migrations()? {
            command.arg("--sqlite").arg(format!("@{}", migration.display()));
        }
        let (mut server, _) = Self::start(&mut command, data, "listening")?;
        server.memory = Some(Memory::Spin);
        let owner = server.port;
        server.apply(owner, data, setup, false)
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
        let server = Self { port: port(url)?, memory: None, keys: None, group, _stdout: stdout };
        Ok((server, rest.to_owned()))
    }

    /// Applies the site, by whoever serves sites.
    fn apply(mut self, owner: u16, data: &Path, setup: &Setup, is_with_articles: bool) -> Result<Self> {
        let url = format!("http://127.0.0.1:{owner}");
        let keys = apply::apply(&setup.site, &url, OPERATOR_KEY, &data.join("apply.json"), is_with_articles)?;
        self.keys = Some(Keys { read: keys.read_key, write: keys.write_key, admin: keys.admin_key });
        Ok(self)
    }

    /// The site's public key; empty for a server without a site.
    pub fn write_key(&self) -> &str {
        self.keys.as_ref().map_or("", |keys| &keys.write)
    }

    /// The header of whoever manages the site.
    pub fn admin(&self) -> String {
        format!("authorization: Bearer {}\r\n", self.keys.as_ref().map_or("", |keys| &keys.admin))
    }

    /// Asks with the key that reads.
    pub fn read(&self, path: &str) -> Result<Answer> {
        let key = self.keys.as_ref().map_or("", |keys| &keys.read);
        let answer = Client::new(self.port).get(path, &format!("authorization: Bearer {key}\r\n"))?;
        ensure!(answer.status == 200, "{path} answers {}: {}", answer.status, String::from_utf8_lossy(&answer.body));
        Ok(answer)
    }

    /// Posts with the key that manages the site.
    pub fn manage(&self, path: &str, body: &str) -> Result<Json> {
        let answer = Client::new(self.port).post(path, &self.admin(), body)?;
        ensure!(answer.status == 200, "{path} answers {}: {}", answer.status, String::from_utf8_lossy(&answer.body));
        Ok(serde_json::from_slice(&answer.body)?)
    }

    /// Drives the function's clock, as whoever runs the deployment does.
    pub fn tick(&self, function: &str) -> Result<()> {
        let path = format!("/v1/tick/{function}");
        let answer = Client::new(self.port).post(&path, &format!("authorization: Bearer {OPERATOR_KEY}\r\n"), "")?;
        ensure!(answer.status == 200, "{path} answers {}: {}", answer.status, String::from_utf8_lossy(&answer.body));
        Ok(())
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
        if self.keys.is_none() {
            return Ok(None);
        }
        let told: Json = serde_json::from_slice(&self.read("/v1/forms")?.body).context("/v1/forms answers no JSON")?;
        let form = &told["forms"][0];
        let count = |name: &str| form[name].as_u64().with_context(|| format!("/v1/forms tells no `{name}`"));
        Ok(Some(Stored { accepted: count("accepted")?, quarantined: count("quarantined")?, leads: count("leads")? }))
    }

    /// Waits until nothing more is being worked on, so that what follows is not measured with it.
    pub fn settle(&self) {
        std::thread::sleep(Duration::from_millis(300));
    }
}

/// What Workers are told, as JSON.
fn told(setup: &Setup) -> Result<String> {
    let own = [("OPERATOR_KEY", OPERATOR_KEY)];
    let variables: BTreeMap<_, _> = setup.variables.iter().map(|(name, value)| (*name, value.as_str())).chain(own).collect();
    Ok(serde_json::to_string(&variables)?)
}

fn port(url: &str) -> Result<u16> {
    url.rsplit_once(':').and_then(|(_, port)| port.parse().ok()).with_context(|| format!("`{url}` names no port"))
}
