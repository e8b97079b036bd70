//! A host's own program, called in one way: without prompts, without telemetry, secrets through standard input only.

use std::io::Write;
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};

use anyhow::{Context, Result, bail};
use serde_json::Value as Json;

use super::Plan;
use crate::process;

/// `wrangler` or `spin`.
#[derive(Debug)]
pub struct Tool {
    program: PathBuf,
    folder: PathBuf,
    environment: Vec<(&'static str, String)>,
}

impl Tool {
    /// Wrangler, at the version that `web/package.json` pins.
    pub fn wrangler(program: &Path, plan: &Plan) -> Self {
        // With `CI` it asks nothing and takes its documented answers.
        let mut environment = vec![("CI", "1".to_owned()), ("WRANGLER_SEND_METRICS", "false".to_owned())];
        if let Some(account) = &plan.settings.workers.account {
            environment.push(("CLOUDFLARE_ACCOUNT_ID", account.clone()));
        }
        Self { program: program.to_owned(), folder: plan.root.clone(), environment }
    }

    /// Spin, from PATH.
    pub fn spin(program: &Path, plan: &Plan) -> Self {
        Self { program: program.to_owned(), folder: plan.root.clone(), environment: Vec::new() }
    }

    fn command(&self, arguments: &[&str]) -> Command {
        let mut command = Command::new(&self.program);
        command.current_dir(&self.folder).args(arguments).envs(self.environment.iter().map(|(name, value)| (name, value)));
        command
    }

    /// Runs it to its end; what it says goes to standard error.
    pub fn run(&self, arguments: &[&str], what: &str) -> Result<()> {
        process::run(&mut self.command(arguments), what)
    }

    /// Runs it, and keeps its arguments, which may hold a secret, out of what is said when it fails.
    pub fn run_quietly(&self, arguments: &[&str], what: &str) -> Result<()> {
        let mut command = self.command(arguments);
        let status = process::to_stderr(&mut command)?.status().with_context(|| format!("cannot {what}"))?;
        if !status.success() {
            bail!("cannot {what}: it ended with {status}");
        }
        Ok(())
    }

    /// Runs it and gives what it wrote.
    pub fn output(&self, arguments: &[&str], what: &str) -> Result<String> {
        process::output(&mut self.command(arguments), what)
    }

    /// Runs it and reads the JSON it wrote, after any banner.
    pub fn json(&self, arguments: &[&str], what: &str) -> Result<Json> {
        let text = self.output(arguments, what)?;
        let start = text.find(['[', '{']).unwrap_or(text.len());
        serde_json::from_str(&text[start..]).with_context(|| format!("cannot {what}: `{}` did not answer with JSON", arguments.join(" ")))
    }

    /// Runs it with a secret on its standard input.
    pub fn feed(&self, arguments: &[&str], secret: &str, what: &str) -> Result<()> {
        let mut command = self.command(arguments);
        let mut child = process::to_stderr(&mut command)?.stdin(Stdio::piped()).spawn().with_context(|| format!("cannot {what}"))?;
        if let Some(mut input) = child.stdin.take() {
            input.write_all(secret.as_bytes()).with_context(|| format!("cannot {what}"))?;
        }
        let status = child.wait().with_context(|| format!("cannot {what}"))?;
        if !status.success() {
            bail!("cannot {what}: `{}` ended with {status}", arguments.join(" "));
        }
        Ok(())
    }
}
