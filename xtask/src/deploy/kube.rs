//! Manifests for Spin on Kubernetes (SpinKube): migrations, the application, its clock and its paths, in the order they are applied.
//!
//! libSQL and Redis are the managed stores. Secrets are named and never written: `kubectl create secret` makes them.

use std::collections::BTreeSet;
use std::io::Write;
use std::path::Path;

use anyhow::{Context, Result, bail};
use serde_json::{Value as Json, json};

use super::secrets;
use super::settings::manifest;
use super::{Plan, yaml};
use crate::paths;

/// Where the operator of SpinKube puts an application's service. Source: spinframework/spin-operator, `SpinApp`.
const PORT: u16 = 80;
/// Sends each file of a folder to libSQL's HTTP interface, which answers 200 to SQL that fails.
///
/// Source: libSQL, Hrana over HTTP v2, `sequence`.
pub(super) const MIGRATE: &str = r#"set -eu
answer=$(mktemp)
for file in "$MIGRATIONS"/*.json; do
  printf 'header = "Authorization: Bearer %s"\n' "$LIBSQL_TOKEN" |
    curl --config - --fail --silent --show-error --retry 5 --retry-connrefused -H 'content-type: application/json' --data-binary "@$file" -o "$answer" "$LIBSQL_URL/v2/pipeline"
  if grep -q '"type" *: *"error"' "$answer"; then cat "$answer" >&2; exit 1; fi
  echo "applied $file"
done
"#;
/// One call of a function's clock.
pub(super) const TICK: &str = r#"set -eu
printf 'header = "Authorization: Bearer %s"\n' "$OPERATOR_KEY" | curl --config - --fail --silent --show-error --max-time 50 -X POST "$TICK_URL"
"#;

/// Writes the manifests and says what to do with them.
pub fn write(plan: &Plan, folder: &Path, out: &mut dyn Write) -> Result<()> {
    let kube = &plan.settings.kube;
    for (name, value) in [("image", &kube.image), ("libsql", &kube.libsql)] {
        if value.is_empty() {
            bail!("the settings lack kube.{name}: docs/deploy-spin.md says what belongs there");
        }
    }
    let files = manifests(plan)?;
    if plan.is_dry_run {
        for (_, documents) in &files {
            write!(out, "{}", yaml::documents(documents))?;
        }
        return Ok(());
    }
    for (name, documents) in &files {
        paths::write(&folder.join(name), &yaml::documents(documents))?;
        writeln!(out, "+ {}", folder.join(name).display())?;
    }
    let (name, namespace, image, folder) = (&plan.settings.name, &kube.namespace, &kube.image, folder.display());
    writeln!(
        out,
        "next:\n  cargo xtask build --host spin && spin registry push {image}\n  kubectl apply -f {folder}/00-namespace.yaml\n  \
         kubectl -n {namespace} create secret generic {name} --from-file=operator_key=… --from-file=libsql_token=… --from-file=redis_url=…\n  \
         kubectl -n {namespace} delete job {name}-migrate --ignore-not-found && kubectl apply -f {folder}/10-migrate.yaml\n  \
         kubectl -n {namespace} wait --for=condition=complete --timeout=120s job/{name}-migrate\n  kubectl apply -f {folder}/20-app.yaml -f {folder}/30-clock.yaml"
    )?;
    if plan.settings.url.is_some() {
        writeln!(out, "  kubectl apply -f {folder}/40-ingress.yaml")?;
    }
    Ok(())
}

/// Each file's name and its documents.
pub fn manifests(plan: &Plan) -> Result<Vec<(&'static str, Vec<Json>)>> {
    let namespace = json!({ "apiVersion": "v1", "kind": "Namespace", "metadata": { "name": plan.settings.kube.namespace } });
    let mut files = vec![
        ("00-namespace.yaml", vec![namespace]),
        ("10-migrate.yaml", migrate(plan)?),
        ("20-app.yaml", vec![application(plan)?]),
        ("30-clock.yaml", vec![clock(plan)]),
    ];
    if let Some(domain) = plan.settings.domain()? {
        files.push(("40-ingress.yaml", vec![ingress(plan, domain)?]));
    }
    Ok(files)
}

/// The names and texts of the migrations, in order.
pub fn migrations(root: &Path) -> Result<Vec<(String, String)>> {
    let folder = root.join("migrations");
    let mut files = Vec::new();
    for entry in std::fs::read_dir(&folder).with_context(|| format!("cannot list {}", folder.display()))? {
        let path = entry?.path();
        if path.extension().is_some_and(|kind| kind == "sql") {
            let name = path.file_name().unwrap_or_default().to_string_lossy().into_owned();
            files.push((name, std::fs::read_to_string(&path).with_context(|| format!("cannot read {}", path.display()))?));
        }
    }
    files.sort();
    Ok(files)
}

/// What `MIGRATE` sends for one migration.
pub(super) fn sequence(sql: &str) -> String {
    json!({ "requests": [{ "type": "sequence", "sql": sql }, { "type": "close" }] }).to_string()
}

fn meta(plan: &Plan, name: &str) -> Json {
    json!({ "name": name, "namespace": plan.settings.kube.namespace, "labels": { "app.kubernetes.io/part-of": plan.settings.name } })
}

/// A value of the one secret that the operator makes.
fn from_secret(plan: &Plan, key: &str, is_optional: bool) -> Json {
    let mut reference = json!({ "name": plan.settings.name, "key": key });
    if is_optional {
        reference["optional"] = json!(true);
    }
    json!({ "secretKeyRef": reference })
}

fn migrate(plan: &Plan) -> Result<Vec<Json>> {
    let name = format!("{}-migrate", plan.settings.name);
    let data: serde_json::Map<String, Json> =
        migrations(&plan.root)?.into_iter().map(|(name, sql)| (name.replace(".sql", ".json"), json!(sequence(&sql)))).collect();
    let files = json!({ "apiVersion": "v1", "kind": "ConfigMap", "metadata": meta(plan, &name), "data": data });
    let container = json!({
        "name": "migrate",
        "image": plan.settings.kube.curl,
        "command": ["sh", "-c", MIGRATE],
        "env": [
            { "name": "MIGRATIONS", "value": "/migrations" },
            { "name": "LIBSQL_URL", "value": http(&plan.settings.kube.libsql) },
            { "name": "LIBSQL_TOKEN", "valueFrom": from_secret(plan, "libsql_token", true) },
        ],
        "volumeMounts": [{ "name": "migrations", "mountPath": "/migrations" }],
    });
    let pod = json!({ "restartPolicy": "Never", "containers": [container], "volumes": [{ "name": "migrations", "configMap": { "name": name } }] });
    let job = json!({
        "apiVersion": "batch/v1",
        "kind": "Job",
        "metadata": meta(plan, &name),
        // Every statement may run again.
        "spec": { "backoffLimit": 3, "template": { "spec": pod } },
    });
    Ok(vec![files, job])
}

/// `libsql://` is a name for HTTPS.
fn http(url: &str) -> String {
    url.trim_end_matches('/').replacen("libsql://", "https://", 1)
}

/// Source: spinframework/spin-operator, `api/v1alpha1/spinapp_types.go`.
fn application(plan: &Plan) -> Result<Json> {
    let spin = manifest(&plan.root, "spin.toml")?;
    let names = spin.get("variables").and_then(|it| it.as_table()).context("spin.toml has no [variables]")?;
    let mut variables = Vec::new();
    for name in names.keys() {
        let upper = name.to_ascii_uppercase();
        if secrets::is_secret(&spin, name) {
            variables.push(json!({ "name": name, "valueFrom": from_secret(plan, name, upper != secrets::OPERATOR_KEY) }));
        } else if let Some(value) = plan.settings.variable(&upper) {
            variables.push(json!({ "name": name, "value": value }));
        }
    }
    let probe = json!({ "httpGet": { "path": "/healthz" }, "timeoutSeconds": 5, "periodSeconds": 10 });
    Ok(json!({
        "apiVersion": "core.spinkube.dev/v1alpha1",
        "kind": "SpinApp",
        "metadata": meta(plan, &plan.settings.name),
        "spec": {
            "image": plan.settings.kube.image,
            "executor": "containerd-shim-spin",
            "replicas": plan.settings.kube.replicas,
            "checks": { "readiness": probe, "liveness": probe },
            "variables": variables,
            "runtimeConfig": {
                "sqliteDatabases": [{ "name": "default", "type": "libsql", "options": [
                    { "name": "url", "value": http(&plan.settings.kube.libsql) },
                    { "name": "token", "valueFrom": from_secret(plan, "libsql_token", false) },
                ] }],
                "keyValueStores": [{ "name": "default", "type": "redis", "options": [{ "name": "url", "valueFrom": from_secret(plan, "redis_url", false) }] }],
            },
        },
    }))
}

/// One pod a minute, with a container for each function, so that a slow one holds up no other.
fn clock(plan: &Plan) -> Json {
    let (name, namespace) = (&plan.settings.name, &plan.settings.kube.namespace);
    let container = |function: &String| {
        json!({
            "name": function,
            "image": plan.settings.kube.curl,
            "command": ["sh", "-c", TICK],
            "env": [
                { "name": "TICK_URL", "value": format!("http://{name}.{namespace}.svc:{PORT}/v1/tick/{function}") },
                { "name": "OPERATOR_KEY", "valueFrom": from_secret(plan, "operator_key", false) },
            ],
        })
    };
    let pod = json!({ "restartPolicy": "Never", "containers": plan.functions.iter().map(container).collect::<Vec<_>>() });
    let job = json!({ "backoffLimit": 0, "activeDeadlineSeconds": 55, "template": { "spec": pod } });
    json!({
        "apiVersion": "batch/v1",
        "kind": "CronJob",
        "metadata": meta(plan, &format!("{name}-clock")),
        "spec": {
            "schedule": "* * * * *",
            "concurrencyPolicy": "Forbid",
            "successfulJobsHistoryLimit": 1,
            "failedJobsHistoryLimit": 3,
            "jobTemplate": { "spec": job },
        },
    })
}

/// Every path of `spin.toml`; all others belong to whatever serves `web/dist`.
fn ingress(plan: &Plan, domain: &str) -> Result<Json> {
    let spin = manifest(&plan.root, "spin.toml")?;
    let routes = spin.get("trigger").and_then(|it| it.get("http")).and_then(|it| it.as_array()).context("spin.toml has no route")?;
    let routes: BTreeSet<&str> = routes.iter().filter_map(|it| it.get("route")).filter_map(toml::Value::as_str).collect();
    let is_covered =
        |route: &str| routes.iter().any(|wide| *wide != route && wide.strip_suffix("...").is_some_and(|prefix| route.starts_with(prefix)));
    let backend = json!({ "service": { "name": plan.settings.name, "port": { "number": PORT } } });
    let path = |route: &&str| match route.strip_suffix("/...") {
        Some(prefix) => json!({ "path": prefix, "pathType": "Prefix", "backend": backend }),
        None => json!({ "path": route, "pathType": "Exact", "backend": backend }),
    };
    let paths: Vec<_> = routes.iter().filter(|route| !is_covered(route)).map(path).collect();
    Ok(json!({
        "apiVersion": "networking.k8s.io/v1",
        "kind": "Ingress",
        "metadata": meta(plan, &plan.settings.name),
        "spec": {
            "tls": [{ "hosts": [domain], "secretName": format!("{}-tls", plan.settings.name) }],
            "rules": [{ "host": domain, "http": { "paths": paths } }],
        },
    }))
}
