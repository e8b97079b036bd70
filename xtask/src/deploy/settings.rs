//! `deploy.toml`: what is this deployment's own and no secret. Without the file there is one deployment, `orilla`, on `workers.dev`.

use std::collections::BTreeMap;
use std::path::Path;

use anyhow::{Context, Result, bail};
use serde::Deserialize;
use toml::Table;

use super::secrets;

/// A deployment as its owner describes it.
#[derive(Debug, Clone, PartialEq, Eq, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub struct Settings {
    /// What Workers, database, namespace and Spin application are called, or begin with.
    pub name: String,
    /// The origin that visitors see.
    pub url: Option<String>,
    /// Variables of the functions, by the names of `wrangler.toml`; no secrets.
    pub variables: BTreeMap<String, String>,
    /// Cloudflare's own.
    pub workers: Workers,
    /// Kubernetes' own.
    pub kube: Kube,
}

/// Cloudflare's own settings.
#[derive(Debug, Clone, PartialEq, Eq, Default, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub struct Workers {
    /// The account's id, where a login has more than one.
    pub account: Option<String>,
    /// Where a new database stands: a hint as `weur`.
    pub location: Option<String>,
    /// What a new database never leaves: `eu` or `fedramp`.
    pub jurisdiction: Option<String>,
}

/// Kubernetes' own settings.
#[derive(Debug, Clone, PartialEq, Eq, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub struct Kube {
    /// The namespace of all that is made.
    pub namespace: String,
    /// The application's image, as `spin registry push` was told.
    pub image: String,
    /// Where libSQL answers, within the cluster or outside.
    pub libsql: String,
    /// How many run.
    pub replicas: u32,
    /// What runs migrations and the clock: any image with `sh`, `curl` and `grep`.
    pub curl: String,
}

impl Default for Settings {
    fn default() -> Self {
        Self { name: "orilla".to_owned(), url: None, variables: BTreeMap::new(), workers: Workers::default(), kube: Kube::default() }
    }
}

impl Default for Kube {
    fn default() -> Self {
        Self {
            namespace: "orilla".to_owned(),
            image: String::new(),
            libsql: String::new(),
            // Chosen: one may be restarted while the other answers.
            replicas: 2,
            curl: "docker.io/curlimages/curl:8.11.1".to_owned(),
        }
    }
}

impl Settings {
    /// Reads a file.
    ///
    /// Errors: unreadable, not TOML, or a name that does not exist.
    pub fn read(file: &Path) -> Result<Self> {
        let text = std::fs::read_to_string(file).with_context(|| format!("cannot read {}", file.display()))?;
        toml::from_str(&text).with_context(|| format!("{} is not right", file.display()))
    }

    /// Refuses what no host would take: names, secrets among variables, variables that nobody reads.
    pub fn check(&self, root: &Path) -> Result<()> {
        // Source: RFC 1123 labels, which Workers' names, Kubernetes' and a workers.dev host have to be; the longest function's name goes behind.
        let is_label = |name: &str| {
            let inner = |c: char| c.is_ascii_lowercase() || c.is_ascii_digit() || c == '-';
            (1..=40).contains(&name.len()) && name.chars().all(inner) && !name.starts_with('-') && !name.ends_with('-')
        };
        if !is_label(&self.name) {
            bail!("name = `{}`: lower-case letters, digits and hyphens, 40 at most", self.name);
        }
        if !is_label(&self.kube.namespace) {
            bail!("kube.namespace = `{}`: lower-case letters, digits and hyphens, 40 at most", self.kube.namespace);
        }
        if self.url.is_some() {
            self.domain()?;
        }
        let spin: Table = manifest(root, "spin.toml")?;
        let known = spin.get("variables").and_then(|it| it.as_table()).context("spin.toml has no [variables]")?;
        for name in self.variables.keys() {
            if secrets::is_secret(&spin, name) {
                bail!("{name} is a secret: it is set at the host and stands in no file");
            }
            if !known.contains_key(&name.to_ascii_lowercase()) || name.to_ascii_uppercase() != *name {
                bail!("no function reads a variable {name}; `wrangler.toml` lists them");
            }
        }
        Ok(())
    }

    /// The host of `url`, which must be an origin over HTTPS.
    pub fn domain(&self) -> Result<Option<&str>> {
        let Some(url) = &self.url else { return Ok(None) };
        let host = url.strip_prefix("https://").filter(|host| !host.is_empty() && host.contains('.'));
        let is_host = |host: &&str| host.chars().all(|c| c.is_ascii_alphanumeric() || c == '.' || c == '-');
        host.filter(is_host)
            .map(Some)
            .with_context(|| format!("url = `{url}`: an origin such as https://forms.example.com, without a path"))
    }

    /// The value that a variable has here, if it is not the manifest's.
    pub fn variable(&self, name: &str) -> Option<&str> {
        let given = self.variables.get(name).map(String::as_str);
        given.or_else(|| if name == "PUBLIC_URL" { self.url.as_deref() } else { None })
    }
}

/// One of the tree's manifests.
pub fn manifest(root: &Path, name: &str) -> Result<Table> {
    let file = root.join(name);
    let text = std::fs::read_to_string(&file).with_context(|| format!("cannot read {}", file.display()))?;
    text.parse().with_context(|| format!("{name} is not TOML"))
}
