//! `cargo xtask apply DIR --to URL`: reads a site's files, sends them, and prints what changed or every mistake with its line.
//! What the files mean is the server's to judge; this side knows TOML, the environment and where each line stands.

pub mod client;
mod files;
mod keys;
mod source;

use std::io::Write;
use std::path::Path;
use std::process::ExitCode;

use anyhow::{Context, Result, bail};
use serde_json::Value as Json;

use crate::args::Args;
use client::{Client, Failure};
use files::{Files, Problem};
pub use keys::DevKeys;

/// `cargo xtask apply`.
pub fn command(mut args: Args) -> Result<ExitCode> {
    let url = args.value("--to")?.context("--to URL says where the site is applied, such as --to http://127.0.0.1:8787")?;
    let given = args.value("--operator-key")?;
    let is_dry_run = args.switch("--dry-run");
    let keys_file = args.value("--keys")?;
    let words = args.positional()?;
    let [dir] = words.as_slice() else { bail!("name one folder, such as sites/demo") };
    let operator_key = given
        .or_else(|| std::env::var("OPERATOR_KEY").ok())
        .context("the operator's key is needed: set OPERATOR_KEY, or give --operator-key")?;
    let client = Client::new(&url, &operator_key);
    let mut out = std::io::stdout();
    let files = read(Path::new(dir))?;
    send(&files, &client, is_dry_run, &mut out)?;
    if let Some(file) = keys_file.filter(|_| !is_dry_run) {
        keys::ensure(&client, &files.site_id()?, Path::new(&file))?;
        writeln!(out, "keys in {file}")?;
    }
    Ok(ExitCode::SUCCESS)
}

/// Applies a site to a development server and gives its keys, which are kept in `keys_file` and reused while they are valid.
///
/// Errors: with every mistake in the files by file and line, or with what the server said.
pub fn apply(dir: &Path, url: &str, operator_key: &str, keys_file: &Path, is_with_articles: bool) -> Result<DevKeys> {
    let client = Client::new(url, operator_key);
    let mut files = read(dir)?;
    if !is_with_articles {
        files.articles = None;
    }
    send(&files, &client, false, &mut std::io::stderr())?;
    keys::ensure(&client, &files.site_id()?, keys_file)
}

fn read(dir: &Path) -> Result<Files> {
    files::read(dir, &|name| std::env::var(name).ok()).map_err(|problems| report(&problems))
}

/// Has the server check everything first, so that a mistake changes nothing; then assets, then the site that refers to them.
fn send(files: &Files, client: &Client, is_dry_run: bool, out: &mut dyn Write) -> Result<()> {
    for note in &files.notes {
        writeln!(out, "  {note}")?;
    }
    let path = format!("/v1/sites/{}", files.site_id()?);
    let planned = client.put_json(&format!("{path}?dry_run=1"), &files.body).map_err(|failure| explain(files, failure))?;
    let mut changed = print_changes(&planned, out)?;
    if is_dry_run {
        for asset in &files.assets {
            writeln!(out, "? assets/{} (compared when it is applied)", asset.name)?;
        }
        apply_articles(files, client, true, out)?;
        apply_desk(files, client, true, out)?;
        apply_content(files, client, true, out)?;
        writeln!(out, "dry run: nothing was changed")?;
        return Ok(());
    }
    for asset in &files.assets {
        let bytes = std::fs::read(&asset.path).with_context(|| format!("cannot read {}", asset.path.display()))?;
        let stored = client.put_bytes(&format!("{path}/assets/{}", asset.name), &bytes).map_err(|failure| explain(files, failure))?;
        if stored["is_changed"] == true {
            changed += 1;
            writeln!(out, "↑ assets/{} ({} bytes)", asset.name, bytes.len())?;
        }
    }
    let applied = client.put_json(&path, &files.body).map_err(|failure| explain(files, failure))?;
    for (id, secret) in applied["secrets"].as_object().into_iter().flatten() {
        writeln!(out, "  {id} is signed with {} (shown this once)", secret.as_str().unwrap_or_default())?;
    }
    changed += apply_articles(files, client, false, out)?;
    changed += apply_desk(files, client, false, out)?;
    changed += apply_content(files, client, false, out)?;
    match changed {
        0 => writeln!(out, "unchanged")?,
        1 => writeln!(out, "applied 1 change")?,
        more => writeln!(out, "applied {more} changes")?,
    }
    Ok(())
}

/// Sends the articles, again and again until their index is whole; gives how many changed. The site itself stands by then.
fn apply_articles(files: &Files, client: &Client, is_dry_run: bool, out: &mut dyn Write) -> Result<usize> {
    let Some(articles) = &files.articles else { return Ok(0) };
    let path = format!("/v1/kb/sites/{}{}", files.site_id()?, if is_dry_run { "?dry_run=1" } else { "" });
    let body = serde_json::json!({ "articles": articles });
    let send = || client.put_json(&path, &body).map_err(|failure| explain(files, failure));
    let mut answer = match send() {
        // Before its first apply the site is not there to be asked.
        Err(_) if is_dry_run => return Ok(0),
        outcome => outcome?,
    };
    let count = |answer: &Json, name: &str| answer[name].as_u64().unwrap_or_default();
    let (changed, removed) = (count(&answer, "changed"), count(&answer, "removed"));
    if changed + removed > 0 {
        writeln!(out, "~ kb: {changed} articles written, {removed} removed")?;
    }
    let mut patience = Patience::default();
    while !is_dry_run && answer["is_indexed"] == false {
        let pending = count(&answer, "pending");
        writeln!(out, "  kb: {pending} articles are yet to be indexed")?;
        anyhow::ensure!(patience.is_left(pending), "the index does not go on; see the server's log");
        answer = send()?;
    }
    Ok(usize::try_from(changed + removed)?)
}

/// How long an index may stand still: the server's clock may build the same part at the same time, and of the two one is for nothing.
#[derive(Debug, Default)]
struct Patience {
    least: Option<u64>,
    stalls: u32,
}

impl Patience {
    /// Calls without progress, one after the other. Chosen: a clock that ticks each second wins a few times on a busy machine, not ten.
    const MOST: u32 = 10;

    /// Whether to send again, with so much left to do.
    fn is_left(&mut self, pending: u64) -> bool {
        let goes_on = self.least.is_none_or(|least| pending < least);
        self.stalls = if goes_on { 0 } else { self.stalls + 1 };
        self.least = Some(self.least.map_or(pending, |least| least.min(pending)));
        self.stalls < Self::MOST
    }
}

/// Sends the desk; gives how many changed. The site itself stands by then.
fn apply_desk(files: &Files, client: &Client, is_dry_run: bool, out: &mut dyn Write) -> Result<usize> {
    let Some(desk) = &files.desk else { return Ok(0) };
    let path = format!("/v1/routing/sites/{}", files.site_id()?);
    let problem = |path: &str, message: &str| files.problem_of_desk(path, message);
    apply_file(&path, desk, ("desk", &problem), client, is_dry_run, out)
}

/// Sends how content is judged, as the desk.
fn apply_content(files: &Files, client: &Client, is_dry_run: bool, out: &mut dyn Write) -> Result<usize> {
    let Some(content) = &files.content else { return Ok(0) };
    let path = format!("/v1/content/sites/{}", files.site_id()?);
    let problem = |path: &str, message: &str| files.problem_of_content(path, message);
    apply_file(&path, content, ("content", &problem), client, is_dry_run, out)
}

/// What a file is called when it is told of, and where a mistake in it stands.
type Told<'a> = (&'a str, &'a dyn Fn(&str, &str) -> Problem);

/// Sends what one file says; gives how many changed.
fn apply_file(path: &str, said: &Json, (name, problem): Told<'_>, client: &Client, is_dry_run: bool, out: &mut dyn Write) -> Result<usize> {
    let path = format!("{path}{}", if is_dry_run { "?dry_run=1" } else { "" });
    let answer = match client.put_json(&path, said) {
        Err(Failure::Invalid(violations)) => {
            let problems: Vec<_> = violations.into_iter().map(|(path, message)| problem(&path, &message)).collect();
            return Err(report(&problems));
        }
        // Before its first apply the site is not there to be asked.
        Err(Failure::Other(_)) if is_dry_run => return Ok(0),
        Err(Failure::Other(error)) => return Err(error),
        Ok(answer) => answer,
    };
    let is_changed = answer["is_changed"] == true;
    if is_changed {
        writeln!(out, "~ {name}")?;
    }
    Ok(usize::from(is_changed))
}

/// Prints one line per changed part; gives their number.
fn print_changes(answer: &Json, out: &mut dyn Write) -> Result<usize> {
    let changes = answer["changes"].as_array().context("the server's answer has no `changes`; is it of another version?")?;
    for change in changes {
        let sign = match change["op"].as_str() {
            Some("add") => "+",
            Some("remove") => "-",
            _ => "~",
        };
        let what = change["what"].as_str().unwrap_or_default();
        let paths: Vec<_> = change["paths"].as_array().into_iter().flatten().filter_map(Json::as_str).collect();
        let places = if paths.is_empty() { String::new() } else { format!(": {}", paths.join(", ")) };
        writeln!(out, "{sign} {what}{places}")?;
    }
    Ok(changes.len())
}

/// A failure in terms of the files, as far as it is about them.
fn explain(files: &Files, failure: Failure) -> anyhow::Error {
    match failure {
        Failure::Invalid(violations) if !violations.is_empty() => {
            let problems: Vec<_> = violations.into_iter().map(|(path, message)| files.problem(&path, &message)).collect();
            report(&problems)
        }
        Failure::Invalid(_) => anyhow::anyhow!("the server refused the site without saying why"),
        Failure::Other(error) => error,
    }
}

/// All problems as one error, a line each, in the order of the files.
fn report(problems: &[Problem]) -> anyhow::Error {
    let mut lines: Vec<_> = problems.iter().collect();
    lines.sort_by(|a, b| (&a.file, a.line).cmp(&(&b.file, b.line)));
    let lines: Vec<_> = lines.into_iter().map(|problem| format!("\n  {problem}")).collect();
    let noun = if problems.len() == 1 { "problem" } else { "problems" };
    anyhow::anyhow!("{} {noun} in the site's files; nothing was changed{}", problems.len(), lines.concat())
}

#[cfg(test)]
mod tests;
