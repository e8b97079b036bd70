//! `cargo xtask deploy`: all functions to Cloudflare Workers, to a cloud that runs Spin, or as manifests for Spin on Kubernetes.
//!
//! It wraps the hosts' own programs and keeps no state: what stands already is asked of the account each time, so a second run changes
//! nothing and a run after a failure goes on. No secret stands in a file of this tree.

mod config;
mod kube;
mod secrets;
mod settings;
mod spin;
mod tool;
mod workers;
mod yaml;

use std::io::Write;
use std::path::{Path, PathBuf};

use anyhow::{Context, Result, bail};

use crate::args::Args;
use crate::build::{self, Profile};
use crate::{node, paths, toolchain, web};

use settings::Settings;

/// Where settings stand, if nobody says otherwise; git ignores it.
const SETTINGS: &str = "deploy.toml";

/// What every way of deploying needs to know.
#[derive(Debug)]
struct Plan {
    /// The repository, with `wrangler.toml`, `spin.toml` and `migrations/`.
    root: PathBuf,
    /// Where generated files go.
    folder: PathBuf,
    settings: Settings,
    /// The functions, in the order they are deployed.
    functions: Vec<String>,
    /// Only say what would happen, and ask no account.
    is_dry_run: bool,
}

/// `cargo xtask deploy`.
pub fn command(mut args: Args) -> Result<()> {
    let host = args.value("--host")?;
    let target = args.value("--target")?;
    let out = args.value("--out")?.map(PathBuf::from);
    let profile = Profile::from_args(&mut args)?;
    let named = args.value("--settings")?.map(PathBuf::from);
    let account = args.value("--account")?;
    let key_file = args.value("--key-file")?.map(PathBuf::from);
    let is_dry_run = args.switch("--dry-run");
    args.finish()?;

    let mut settings = match named {
        Some(file) => Settings::read(&file)?,
        None if paths::root().join(SETTINGS).is_file() => Settings::read(&paths::root().join(SETTINGS))?,
        None => Settings::default(),
    };
    settings.workers.account = account.or(settings.workers.account);
    let folder = paths::target("deploy").join(&settings.name);
    let plan = Plan { root: paths::root().to_owned(), folder, settings, functions: paths::functions()?, is_dry_run };
    plan.settings.check(&plan.root)?;
    let mut key = || secrets::operator_key(key_file.as_deref(), std::env::var(secrets::OPERATOR_KEY).ok(), &plan.root, plan.is_dry_run);
    let mut stdout = std::io::stdout().lock();
    match (host.as_deref(), target.as_deref()) {
        (Some("workers"), None) => {
            build_for(Host::Workers, profile, &plan.functions)?;
            let wrangler = tool::Tool::wrangler(&node::tool("wrangler"), &plan);
            workers::deploy(&plan, &wrangler, &mut key, &mut stdout)
        }
        (Some("spin"), None | Some("cloud")) => {
            build_for(Host::Spin, profile, &plan.functions)?;
            spin::deploy(&plan, &tool::Tool::spin(Path::new("spin"), &plan), &mut key, &mut stdout)
        }
        (Some("spin"), Some("kube")) => {
            let out = out.unwrap_or_else(|| plan.folder.join("kube"));
            kube::write(&plan, &out, &mut stdout)
        }
        (Some("spin"), Some(other)) => bail!("--target is `{other}`; it may be `cloud` or `kube`"),
        (Some("workers"), Some(_)) => bail!("--target is for `--host spin`"),
        (Some(other), _) => bail!("--host is `{other}`; it may be `workers` or `spin`"),
        (None, _) => bail!("say where: --host workers or --host spin"),
    }
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Host {
    Workers,
    Spin,
}

fn build_for(host: Host, profile: Profile, functions: &[String]) -> Result<()> {
    let _lock = paths::lock("prepare")?;
    let toolchain = toolchain::ensure()?;
    match host {
        Host::Workers => {
            build::workers::build(&toolchain, profile, functions)?;
            web::build()
        }
        Host::Spin => build::spin::build(&toolchain, profile, functions).map(drop),
    }
}

/// The steps of a deployment as they are done, so that a failure half-way can say what stands.
struct Steps<'a> {
    out: &'a mut dyn Write,
    stand: Vec<String>,
}

impl<'a> Steps<'a> {
    fn new(out: &'a mut dyn Write) -> Self {
        Self { out, stand: Vec::new() }
    }

    /// Notes what changed, with `+`.
    fn changed(&mut self, what: &str) -> Result<()> {
        writeln!(self.out, "+ {what}")?;
        self.stand.push(what.to_owned());
        Ok(())
    }

    /// Notes what was there already.
    fn unchanged(&mut self, what: &str) -> Result<()> {
        writeln!(self.out, "  {what}")?;
        Ok(())
    }

    /// Says something that is no step.
    fn say(&mut self, line: &str) -> Result<()> {
        writeln!(self.out, "{line}")?;
        Ok(())
    }

    /// Adds what stands, and what to do, to a step's failure.
    fn explain<T>(&self, result: Result<T>) -> Result<T> {
        result.with_context(|| {
            let stand = if self.stand.is_empty() { "nothing was changed".to_owned() } else { format!("done in this run: {}", self.stand.join("; ")) };
            format!("the deployment stopped half-way; {stand}. Run the same command again once the cause is mended: it goes on with what is missing")
        })
    }
}

#[cfg(test)]
mod tests;
