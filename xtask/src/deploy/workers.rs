//! Cloudflare Workers: what is missing is made, then migrations, then the functions, the front last.

use std::io::Write;
use std::path::{Path, PathBuf};

use anyhow::{Context, Result, bail};
use serde_json::Value as Json;

use super::config::{self, FRONT, Ids, Worker};
use super::secrets::{self, OPERATOR_KEY};
use super::settings::manifest;
use super::tool::Tool;
use super::{Plan, Steps};
use crate::build::{fingerprint, size};

/// The most a Worker may weigh, uncompressed, on either plan.
///
/// Source: developers.cloudflare.com/workers/platform/limits, "Worker size", 2026.
const MOST: u64 = 64 << 20;
/// What Free and Paid plans took, compressed, before that; their readers are warned.
///
/// Source: the same page, 2025.
const MOST_BEFORE: [(u64, &str); 2] = [(10 << 20, "10 MB (Paid)"), (3 << 20, "3 MB (Free)")];
/// What made a version that has the code of the one before it. Source: wrangler 4.86, `versions list`.
const TRIGGERED_BY_SECRET: &str = "secret";

/// Deploys, or says what a deployment would do.
pub fn deploy(plan: &Plan, wrangler: &Tool, key: &mut dyn FnMut() -> Result<Option<String>>, out: &mut dyn Write) -> Result<()> {
    let mut steps = Steps::new(out);
    check_sizes(plan, &mut steps)?;
    if plan.is_dry_run {
        return dry_run(plan, wrangler, &mut steps);
    }
    check_login(plan, wrangler)?;
    let missing = missing_secrets(plan, wrangler)?;
    let lacks_key: Vec<_> =
        missing.iter().filter(|(_, names)| names.iter().any(|name| name == OPERATOR_KEY)).map(|(part, _)| part.as_str()).collect();
    let key = if lacks_key.is_empty() { None } else { Some(key()?.with_context(|| how_to_give_the_key(&lacks_key))?) };

    let done = carry_out(plan, wrangler, key.as_deref(), &mut steps);
    steps.explain(done)?;
    tell_what_is_left(plan, &missing, &mut steps)
}

fn carry_out(plan: &Plan, wrangler: &Tool, key: Option<&str>, steps: &mut Steps<'_>) -> Result<()> {
    // A file to be read by commands that need no ids yet, so that none of them looks at the committed one.
    let workers = config::write(plan, &Ids::default())?;
    let config = shown(&workers.last().context("no Worker")?.file);
    let ids = Ids { database: database(plan, wrangler, &config, steps)?, namespace: namespace(plan, wrangler, &config, steps)? };
    let workers = config::write(plan, &ids)?;
    migrate(wrangler, &workers, steps)?;
    if let Some(key) = key {
        // All of them get it, those that had one too: nobody can read whether that was the same.
        for worker in workers.iter().filter(|worker| worker.part != FRONT) {
            wrangler.feed(
                &["secret", "put", OPERATOR_KEY, "-c", &shown(&worker.file)],
                key,
                &format!("set {OPERATOR_KEY} of {}", worker.name),
            )?;
        }
        steps.changed(&format!("{OPERATOR_KEY} of every function"))?;
    }
    for worker in &workers {
        let tag = tag(plan, worker)?;
        if deployed_tag(wrangler, worker).as_deref() == Some(&tag) {
            // A deployment that failed after its upload left the mark, and perhaps no clock, route or domain: they are put again.
            wrangler.run(&["triggers", "deploy", "-c", &shown(&worker.file)], &format!("set the triggers of {}", worker.name))?;
            steps.unchanged(&format!("{} is as it was", worker.name))?;
            continue;
        }
        wrangler.run(
            &["deploy", "-c", &shown(&worker.file), "--tag", &tag, "--message", "cargo xtask deploy"],
            &format!("deploy {}", worker.name),
        )?;
        steps.changed(&worker.name)?;
    }
    Ok(())
}

/// Everything but the account.
fn dry_run(plan: &Plan, wrangler: &Tool, steps: &mut Steps<'_>) -> Result<()> {
    for worker in config::write(plan, &Ids::default())? {
        let out = plan.folder.join("dry-run").join(&worker.part);
        let arguments = ["deploy", "-c", &shown(&worker.file), "--dry-run", "--outdir", &shown(&out)];
        wrangler.run(&arguments, &format!("try to deploy {}", worker.name))?;
        steps.unchanged(&format!("{} would be deployed", worker.name))?;
    }
    let spin = manifest(&plan.root, "spin.toml")?;
    for (function, names) in secrets::by_function(&spin)? {
        steps.unchanged(&format!("{} reads the secrets {}", config::name_of(plan, &function), names.join(", ")))?;
    }
    steps.say("dry run: nothing was changed, and no account was asked")
}

/// The files of a Worker that are uploaded as its code.
fn code(plan: &Plan, part: &str) -> Result<Vec<PathBuf>> {
    if part != FRONT {
        let folder = plan.root.join("target/workers").join(part);
        return Ok(vec![folder.join("index.js"), folder.join("index.wasm")]);
    }
    files_below(&plan.root.join("web/front"))
}

fn check_sizes(plan: &Plan, steps: &mut Steps<'_>) -> Result<()> {
    for part in &plan.functions {
        let files = code(plan, part)?;
        let raw: u64 = files.iter().filter_map(|file| file.metadata().ok()).map(|file| file.len()).sum();
        if raw > MOST {
            bail!(
                "{part} weighs {} KB, and Cloudflare takes {} KB: leave something out, or build it with --profile wasm",
                raw >> 10,
                MOST >> 10
            );
        }
        let size = size::of(&files.iter().map(PathBuf::as_path).collect::<Vec<_>>())?;
        steps.unchanged(&format!("{part}: {size}"))?;
        if let Some((_, before)) = MOST_BEFORE.iter().find(|(most, _)| size.gzip > *most) {
            steps.say(&format!(
                "  note: before 2026 Cloudflare took {before}, compressed; an account that is still held to that refuses {part}"
            ))?;
        }
    }
    Ok(())
}

/// Says how to log in, or which account to name, before anything is asked of it.
fn check_login(plan: &Plan, wrangler: &Tool) -> Result<()> {
    let who = wrangler
        .json(&["whoami", "--json"], "ask who is logged in")
        .context("log in with `web/node_modules/.bin/wrangler login`, or set CLOUDFLARE_API_TOKEN")?;
    let accounts: Vec<_> = who["accounts"].as_array().into_iter().flatten().collect();
    let is_named = plan.settings.workers.account.is_some() || std::env::var_os("CLOUDFLARE_ACCOUNT_ID").is_some();
    if accounts.len() > 1 && !is_named {
        let listed =
            accounts.iter().map(|it| format!("\n  {}  {}", it["id"].as_str().unwrap_or_default(), it["name"].as_str().unwrap_or_default()));
        bail!("this login has {} accounts; name one with --account:{}", accounts.len(), listed.collect::<String>());
    }
    Ok(())
}

/// The secrets that each function lacks. A Worker that does not exist lacks all.
fn missing_secrets(plan: &Plan, wrangler: &Tool) -> Result<Vec<(String, Vec<String>)>> {
    let wanted = secrets::by_function(&manifest(&plan.root, "spin.toml")?)?;
    let mut missing = Vec::new();
    for function in &plan.functions {
        let name = config::name_of(plan, function);
        let set: Vec<String> =
            match wrangler.json(&["secret", "list", "--name", &name, "--format", "json"], &format!("list the secrets of {name}")) {
                Ok(list) => names(&list, "name"),
                // Source: wrangler 4.86, `secret list`: `Worker "…" not found.`
                Err(error) if format!("{error:#}").contains("not found") => Vec::new(),
                Err(error) => return Err(error),
            };
        let lacks = wanted.get(function).into_iter().flatten().filter(|name| !set.contains(name)).cloned().collect::<Vec<_>>();
        missing.push((function.clone(), lacks));
    }
    Ok(missing)
}

fn how_to_give_the_key(lacking: &[&str]) -> String {
    format!(
        "{OPERATOR_KEY} is not set for {}, and nothing was changed. Give it one of these ways; every function gets the same:\n  \
         --key-file FILE           reads it from a file outside this tree, and makes one if the file does not exist\n  \
         OPERATOR_KEY=… cargo xtask deploy …   from your password store",
        lacking.join(", ")
    )
}

/// Finds the database by its name, or makes it; gives its id.
fn database(plan: &Plan, wrangler: &Tool, config: &str, steps: &mut Steps<'_>) -> Result<String> {
    let name = &plan.settings.name;
    let find = || -> Result<Option<String>> {
        Ok(find(&wrangler.json(&["d1", "list", "--json", "-c", config], "list the D1 databases")?, "name", name, "uuid"))
    };
    if let Some(id) = find()? {
        steps.unchanged(&format!("the D1 database {name} is there"))?;
        return Ok(id);
    }
    let mut arguments = vec!["d1", "create", name, "-c", config];
    for (flag, value) in [("--location", &plan.settings.workers.location), ("--jurisdiction", &plan.settings.workers.jurisdiction)] {
        if let Some(value) = value {
            arguments.extend([flag, value]);
        }
    }
    wrangler.run(&arguments, &format!("create the D1 database {name}"))?;
    steps.changed(&format!("the D1 database {name}"))?;
    find()?.with_context(|| format!("the D1 database {name} was made and is not listed"))
}

/// Finds the KV namespace by its title, or makes it; gives its id.
fn namespace(plan: &Plan, wrangler: &Tool, config: &str, steps: &mut Steps<'_>) -> Result<String> {
    let title = &plan.settings.name;
    let find = || -> Result<Option<String>> {
        Ok(find(&wrangler.json(&["kv", "namespace", "list", "-c", config], "list the KV namespaces")?, "title", title, "id"))
    };
    if let Some(id) = find()? {
        steps.unchanged(&format!("the KV namespace {title} is there"))?;
        return Ok(id);
    }
    wrangler.run(&["kv", "namespace", "create", title, "-c", config], &format!("create the KV namespace {title}"))?;
    steps.changed(&format!("the KV namespace {title}"))?;
    find()?.with_context(|| format!("the KV namespace {title} was made and is not listed"))
}

/// Before any code: what is deployed must read the old shape and the new one, since migrations only add.
fn migrate(wrangler: &Tool, workers: &[Worker], steps: &mut Steps<'_>) -> Result<()> {
    let file = shown(&workers.first().context("no Worker")?.file);
    let said = wrangler.output(&["d1", "migrations", "apply", "DB", "-c", &file, "--remote"], "apply the migrations")?;
    // Source: wrangler 4.86, `d1 migrations apply`.
    if said.contains("No migrations to apply") { steps.unchanged("no migration is new") } else { steps.changed("migrations") }
}

/// What a deployment of this very code and configuration is marked with.
///
/// Units: 23 bytes; a version's tag has a hundred.
fn tag(plan: &Plan, worker: &Worker) -> Result<String> {
    let mut files = code(plan, &worker.part)?;
    if worker.part == FRONT {
        files.extend(files_below(&plan.root.join("web/dist"))?);
    }
    files.push(plan.root.join("web/package-lock.json"));
    let mut state = worker.text.clone();
    for file in files {
        let bytes = std::fs::read(&file).with_context(|| format!("cannot read {}", file.display()))?;
        state.push_str(&format!("\n{} {:x}", shown(&file), fingerprint(&bytes)));
    }
    // The same tree elsewhere is the same deployment.
    let state = state.replace(&shown(&plan.root), "");
    Ok(format!("orilla-{:016x}", fingerprint(state.as_bytes())))
}

/// The mark of what is deployed now, if it can be told: a Worker that is not there, was made by hand or rolled back has none.
fn deployed_tag(wrangler: &Tool, worker: &Worker) -> Option<String> {
    let ask = |what: &str| wrangler.json(&[what, "list", "--json", "--name", &worker.name], "ask what is deployed").ok();
    let (deployments, versions) = (ask("deployments")?, ask("versions")?);
    let newest = deployments.as_array()?.iter().max_by_key(|it| it["created_on"].as_str().unwrap_or_default().to_owned())?;
    let parts = newest["versions"].as_array()?;
    let [only] = parts.as_slice() else { return None };
    let mut versions: Vec<&Json> = versions.as_array()?.iter().collect();
    versions.sort_by_key(|it| it["number"].as_u64());
    let at = versions.iter().position(|it| it["id"] == only["version_id"])?;
    // A change of a secret makes a version of the same code.
    let code = versions[..=at].iter().rev().find(|it| it["annotations"]["workers/triggered_by"] != TRIGGERED_BY_SECRET)?;
    code["annotations"]["workers/tag"].as_str().map(str::to_owned)
}

fn tell_what_is_left(plan: &Plan, missing: &[(String, Vec<String>)], steps: &mut Steps<'_>) -> Result<()> {
    for (function, names) in missing {
        for name in names.iter().filter(|name| *name != OPERATOR_KEY) {
            steps.say(&format!(
                "  {} has no {name} ({}): web/node_modules/.bin/wrangler secret put {name} --name {}",
                config::name_of(plan, function),
                secrets::purpose(name),
                config::name_of(plan, function)
            ))?;
        }
    }
    let url = plan.settings.url.as_deref().unwrap_or("https://…workers.dev, as wrangler said above");
    steps.say(&format!("next: OPERATOR_KEY=… cargo xtask apply sites/YOURS --to {url}"))
}

fn names(list: &Json, field: &str) -> Vec<String> {
    list.as_array().into_iter().flatten().filter_map(|it| it[field].as_str()).map(str::to_owned).collect()
}

fn find(list: &Json, field: &str, wanted: &str, id: &str) -> Option<String> {
    let found = list.as_array()?.iter().find(|it| it[field] == wanted)?;
    found[id].as_str().map(str::to_owned)
}

/// The files below a folder, in order.
fn files_below(folder: &Path) -> Result<Vec<PathBuf>> {
    let mut files = Vec::new();
    for entry in std::fs::read_dir(folder).with_context(|| format!("cannot list {}", folder.display()))? {
        let path = entry?.path();
        if path.is_dir() { files.extend(files_below(&path)?) } else { files.push(path) }
    }
    files.sort();
    Ok(files)
}

fn shown(path: &Path) -> String {
    path.to_string_lossy().into_owned()
}
