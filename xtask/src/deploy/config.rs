//! What wrangler is told: one file per Worker, made from `wrangler.toml`, the settings and the ids that the account knows.
//!
//! The committed file keeps its zeros. An environment of it would inherit the front's pages; a file of its own does not.

use std::path::{Path, PathBuf};

use anyhow::{Context, Result};
use serde_json::{Map, Value as Json, json};

use super::Plan;
use super::settings::manifest;
use crate::paths;

/// The front's name among the Workers.
pub const FRONT: &str = "front";

/// The ids that wrangler wants to be told.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Ids {
    /// The D1 database's.
    pub database: String,
    /// The KV namespace's.
    pub namespace: String,
}

impl Default for Ids {
    /// Those of nothing, as `wrangler.toml` has them: enough for a dry run.
    fn default() -> Self {
        Self { database: "00000000-0000-0000-0000-000000000000".to_owned(), namespace: "0".repeat(32) }
    }
}

/// One Worker and its file.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Worker {
    /// The function, or [`FRONT`].
    pub part: String,
    /// What it is called in the account.
    pub name: String,
    /// Its generated configuration.
    pub file: PathBuf,
    /// That file's text.
    pub text: String,
}

/// Writes the files; functions first, the front last.
pub fn write(plan: &Plan, ids: &Ids) -> Result<Vec<Worker>> {
    let committed = serde_json::to_value(manifest(&plan.root, "wrangler.toml")?)?;
    let mut workers = Vec::new();
    for part in plan.functions.iter().map(String::as_str).chain([FRONT]) {
        let config = if part == FRONT { front(plan, &committed)? } else { function(plan, &committed, part, ids)? };
        let worker = Worker {
            part: part.to_owned(),
            name: config["name"].as_str().unwrap_or_default().to_owned(),
            file: plan.folder.join(format!("{part}.json")),
            text: format!("{config:#}\n"),
        };
        paths::write(&worker.file, &worker.text)?;
        workers.push(worker);
    }
    Ok(workers)
}

/// What a Worker of this deployment is called.
pub fn name_of(plan: &Plan, part: &str) -> String {
    let name = &plan.settings.name;
    if part == FRONT { name.clone() } else { format!("{name}-{part}") }
}

fn function(plan: &Plan, committed: &Json, function: &str, ids: &Ids) -> Result<Json> {
    let environment = committed["env"][function].as_object();
    let mut config = environment.with_context(|| format!("wrangler.toml has no [env.{function}]"))?.clone();
    config.insert("name".to_owned(), json!(name_of(plan, function)));
    config.insert("compatibility_date".to_owned(), committed["compatibility_date"].clone());
    rebase(&mut config, "main", &plan.root);
    for database in list(&mut config, "d1_databases") {
        database.insert("database_id".to_owned(), json!(ids.database));
        database.insert("database_name".to_owned(), json!(plan.settings.name));
        rebase(database, "migrations_dir", &plan.root);
    }
    for namespace in list(&mut config, "kv_namespaces") {
        namespace.insert("id".to_owned(), json!(ids.namespace));
    }
    if let Some(variables) = config.get_mut("vars").and_then(Json::as_object_mut) {
        for (name, value) in variables {
            if let Some(ours) = plan.settings.variable(name) {
                *value = json!(ours);
            }
        }
    }
    Ok(Json::Object(config))
}

fn front(plan: &Plan, committed: &Json) -> Result<Json> {
    let mut config = committed.as_object().context("wrangler.toml is empty")?.clone();
    config.remove("env");
    config.insert("name".to_owned(), json!(name_of(plan, FRONT)));
    rebase(&mut config, "main", &plan.root);
    if let Some(assets) = config.get_mut("assets").and_then(Json::as_object_mut) {
        rebase(assets, "directory", &plan.root);
    }
    for service in list(&mut config, "services") {
        let binding = service.get("binding").and_then(Json::as_str).unwrap_or_default();
        let function = binding.to_ascii_lowercase().replace('_', "-");
        service.insert("service".to_owned(), json!(name_of(plan, &function)));
    }
    if let Some(domain) = plan.settings.domain()? {
        config.insert("routes".to_owned(), json!([{ "pattern": domain, "custom_domain": true }]));
        config.insert("workers_dev".to_owned(), json!(false));
    }
    Ok(Json::Object(config))
}

/// The tables of a list.
fn list<'a>(config: &'a mut Map<String, Json>, name: &str) -> impl Iterator<Item = &'a mut Map<String, Json>> {
    config.get_mut(name).and_then(Json::as_array_mut).into_iter().flatten().filter_map(Json::as_object_mut)
}

/// Wrangler reads paths from where the file stands, which is elsewhere now.
fn rebase(config: &mut Map<String, Json>, name: &str, root: &Path) {
    if let Some(path) = config.get(name).and_then(Json::as_str) {
        let path = root.join(path);
        config.insert(name.to_owned(), json!(path));
    }
}
