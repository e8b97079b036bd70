//! A cloud that `spin cloud` deploys to: the database, its migrations, the application. Written from the plugin's source; see
//! `docs/deploy-spin.md` for what was tried.

use std::io::Write;

use anyhow::{Context, Result, bail};
use serde_json::Value as Json;

use super::secrets::{self, OPERATOR_KEY};
use super::settings::manifest;
use super::tool::Tool;
use super::{Plan, Steps};

/// Deploys, or says what a deployment would do.
pub fn deploy(plan: &Plan, spin: &Tool, key: &mut dyn FnMut() -> Result<Option<String>>, out: &mut dyn Write) -> Result<()> {
    let mut steps = Steps::new(out);
    let name = application(plan)?;
    let migrations = migrations(plan)?;
    if plan.is_dry_run {
        steps.say(&format!("spin cloud sqlite create {name}       # unless it is listed"))?;
        for file in &migrations {
            steps.say(&format!("spin cloud sqlite execute {name} @{file}"))?;
        }
        steps.say(&format!(
            "spin cloud deploy {}",
            variables(plan, None)?.iter().map(|(name, value)| format!("--variable {name}={value}")).collect::<Vec<_>>().join(" ")
        ))?;
        return steps.say("dry run: nothing was changed, and no account was asked");
    }
    spin.output(&["cloud", "--version"], "find `spin` and its cloud plugin")
        .context("install Spin (spinframework.dev), then `spin plugins install cloud` and `spin cloud login`")?;
    let set = variables_there(spin, &name);
    let key = if set.iter().any(|it| it == "operator_key") {
        None
    } else {
        Some(key()?.with_context(|| {
            format!("{OPERATOR_KEY} is not set at {name}, and nothing was changed; give it with --key-file FILE or in the environment")
        })?)
    };
    let done = carry_out(plan, spin, &name, &migrations, key.as_deref(), &mut steps);
    steps.explain(done)?;
    for secret in secrets_of(plan)?.iter().filter(|it| *it != OPERATOR_KEY && !set.contains(&it.to_ascii_lowercase())) {
        steps.say(&format!(
            "  no {secret} ({}): spin cloud variables set --app {name} {}=…",
            secrets::purpose(secret),
            secret.to_ascii_lowercase()
        ))?;
    }
    steps.say("next: let a clock call the tick of each function, and put web/dist on a file server: docs/deploy-spin.md")
}

fn carry_out(plan: &Plan, spin: &Tool, name: &str, migrations: &[String], key: Option<&str>, steps: &mut Steps<'_>) -> Result<()> {
    if is_listed(spin, name)? {
        steps.unchanged(&format!("the database {name} is there"))?;
    } else {
        spin.run(&["cloud", "sqlite", "create", name], &format!("create the database {name}"))?;
        steps.changed(&format!("the database {name}"))?;
    }
    for file in migrations {
        // Every statement may run again.
        spin.run(&["cloud", "sqlite", "execute", name, &format!("@{file}")], &format!("apply {file}"))?;
    }
    steps.changed(&format!("{} migrations, each of which may run again", migrations.len()))?;
    let mut arguments = vec!["cloud".to_owned(), "deploy".to_owned()];
    for (name, value) in variables(plan, key)? {
        arguments.extend(["--variable".to_owned(), format!("{name}={value}")]);
    }
    let arguments: Vec<&str> = arguments.iter().map(String::as_str).collect();
    spin.run_quietly(&arguments, &format!("deploy {name}"))?;
    steps.changed(name)
}

/// The application's name, which the cloud takes from `spin.toml`.
fn application(plan: &Plan) -> Result<String> {
    let spin = manifest(&plan.root, "spin.toml")?;
    let name =
        spin.get("application").and_then(|it| it.get("name")).and_then(toml::Value::as_str).context("spin.toml names no application")?;
    if name != plan.settings.name {
        bail!(
            "the cloud takes an application's name from spin.toml, where it is `{name}`, and the settings say `{}`: make them agree",
            plan.settings.name
        );
    }
    Ok(name.to_owned())
}

fn migrations(plan: &Plan) -> Result<Vec<String>> {
    super::kube::migrations(&plan.root).map(|files| files.iter().map(|(name, _)| format!("migrations/{name}")).collect())
}

/// What differs from `spin.toml`, in Spin's spelling.
fn variables(plan: &Plan, key: Option<&str>) -> Result<Vec<(String, String)>> {
    let spin = manifest(&plan.root, "spin.toml")?;
    let known = spin.get("variables").and_then(|it| it.as_table()).context("spin.toml has no [variables]")?;
    let ours = known.keys().filter_map(|name| Some((name.clone(), plan.settings.variable(&name.to_ascii_uppercase())?.to_owned())));
    Ok(key.map(|key| ("operator_key".to_owned(), key.to_owned())).into_iter().chain(ours).collect())
}

fn secrets_of(plan: &Plan) -> Result<Vec<String>> {
    let mut names: Vec<_> = secrets::by_function(&manifest(&plan.root, "spin.toml")?)?.into_values().flatten().collect();
    names.sort();
    names.dedup();
    Ok(names)
}

/// The names that the cloud lists; none where the application is new.
fn variables_there(spin: &Tool, name: &str) -> Vec<String> {
    let listed = spin.output(&["cloud", "variables", "list", "--app", name], "list the variables").unwrap_or_default();
    listed.lines().map(|line| line.trim().to_owned()).filter(|line| !line.is_empty()).collect()
}

fn is_listed(spin: &Tool, name: &str) -> Result<bool> {
    let said = spin.output(&["cloud", "sqlite", "list", "--format", "json"], "list the databases")?;
    // Source: fermyon/cloud-plugin, `sqlite list`: not JSON where there are none.
    let list: Json = serde_json::from_str(&said).unwrap_or_default();
    Ok(list.as_array().into_iter().flatten().any(|it| it["database"] == name))
}
