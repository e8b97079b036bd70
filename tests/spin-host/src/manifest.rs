//! Reads `spin.toml`, manifest version 2, and checks what can be checked without the components.
//! What this host does not serve (other triggers, remote sources, other executors) is an error here, never a surprise later.

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};

use serde::Deserialize;

use crate::error::{Error, Result};

/// The only store label that `spin up` offers without a runtime configuration file.
const DEFAULT_LABEL: &str = "default";

/// An application as its manifest describes it.
#[derive(Debug, Clone)]
pub struct Manifest {
    /// The application's name.
    pub name: String,
    /// The HTTP triggers, in the order written.
    pub triggers: Vec<Trigger>,
    /// The application's variables by name.
    pub variables: BTreeMap<String, Variable>,
    /// The components by name.
    pub components: BTreeMap<String, ComponentSpec>,
}

/// One `[[trigger.http]]`.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Trigger {
    /// The route pattern, or `None` for `{ private = true }`, which only service chaining reaches.
    pub route: Option<String>,
    /// The component that answers.
    pub component: String,
}

/// One entry of `[variables]`.
#[derive(Debug, Clone, Default, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Variable {
    /// The value where nothing overrides it.
    pub default: Option<String>,
    /// Whether a value must come from outside.
    #[serde(default)]
    pub required: bool,
    #[serde(default, rename = "secret")]
    _secret: bool,
    #[serde(default, rename = "description")]
    _description: Option<String>,
}

/// One `[component.*]`, with paths made absolute or relative to the working folder.
#[derive(Debug, Clone)]
pub struct ComponentSpec {
    /// The component's name.
    pub id: String,
    /// The Wasm file.
    pub source: PathBuf,
    /// Environment variables given to the guest.
    pub environment: BTreeMap<String, String>,
    /// Folders shown to the guest, read only.
    pub files: Vec<Mount>,
    /// Where the guest may send requests; entries may be templates.
    pub allowed_outbound_hosts: Vec<String>,
    /// Key-value stores that the guest may open.
    pub key_value_stores: Vec<String>,
    /// SQLite databases that the guest may open.
    pub sqlite_databases: Vec<String>,
    /// The guest's variables: templates over the application's variables.
    pub variables: BTreeMap<String, String>,
}

/// A folder shown to the guest.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Mount {
    /// The folder on this machine.
    pub source: PathBuf,
    /// Where the guest sees it.
    pub destination: String,
}

impl Manifest {
    /// Reads and checks a manifest; relative paths in it are taken from its own folder.
    ///
    /// Errors: `File` if it cannot be read, `Manifest` with the reason otherwise.
    pub fn read(path: &Path) -> Result<Self> {
        let text = std::fs::read_to_string(path).map_err(|source| Error::File { path: path.to_owned(), source })?;
        let folder = path.parent().unwrap_or(Path::new(""));
        Self::parse(&text, folder).map_err(|reason| Error::Manifest { path: path.to_owned(), reason })
    }

    /// Parses a manifest whose relative paths are taken from `folder`.
    ///
    /// Errors: one sentence that names the table and the value at fault.
    pub fn parse(text: &str, folder: &Path) -> Result<Self, String> {
        let raw: RawManifest = toml::from_str(text).map_err(|e| e.to_string())?;
        if raw.spin_manifest_version != 2 {
            return Err(format!("spin_manifest_version is {}, only 2 is served", raw.spin_manifest_version));
        }
        if let Some(base) = raw.application.trigger.get("http").and_then(|t| t.get("base"))
            && base.as_str() != Some("/")
        {
            return Err("application.trigger.http.base was removed in manifest version 2".to_owned());
        }
        if let Some(kind) = raw.trigger.keys().find(|kind| *kind != "http") {
            return Err(format!("trigger.{kind} is not served, only trigger.http"));
        }
        for (name, variable) in &raw.variables {
            if variable.required == variable.default.is_some() {
                return Err(format!("variable {name:?} needs either `default` or `required = true`"));
            }
        }
        let components = raw
            .component
            .into_iter()
            .map(|(id, component)| Ok((id.clone(), component.check(id, folder)?)))
            .collect::<Result<BTreeMap<_, _>, String>>()?;
        let triggers = raw.trigger.into_values().flatten().map(|trigger| trigger.check(&components)).collect::<Result<Vec<_>, String>>()?;
        if triggers.is_empty() {
            return Err("no [[trigger.http]]: nothing to serve".to_owned());
        }
        Ok(Self { name: raw.application.name, triggers, variables: raw.variables, components })
    }
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct RawManifest {
    spin_manifest_version: u32,
    application: RawApplication,
    #[serde(default)]
    variables: BTreeMap<String, Variable>,
    #[serde(default)]
    trigger: BTreeMap<String, Vec<RawTrigger>>,
    #[serde(default)]
    component: BTreeMap<String, RawComponent>,
}

#[derive(Deserialize)]
struct RawApplication {
    name: String,
    #[serde(default)]
    trigger: BTreeMap<String, toml::Table>,
}

#[derive(Deserialize)]
struct RawTrigger {
    component: toml::Value,
    route: RawRoute,
    executor: Option<toml::Table>,
}

#[derive(Deserialize)]
#[serde(untagged)]
enum RawRoute {
    Pattern(String),
    Private { private: bool },
}

impl RawTrigger {
    fn check(self, components: &BTreeMap<String, ComponentSpec>) -> Result<Trigger, String> {
        let toml::Value::String(component) = self.component else {
            return Err("trigger.http.component must name a [component.*] table; inline ones are not served".to_owned());
        };
        if !components.contains_key(&component) {
            return Err(format!("trigger.http names component {component:?}, which has no [component.{component}]"));
        }
        if let Some(kind) = self.executor.as_ref().and_then(|e| e.get("type"))
            && kind.as_str() != Some("http")
        {
            return Err(format!("executor {kind} of component {component:?} is not served, only \"http\""));
        }
        let route = match self.route {
            RawRoute::Pattern(pattern) => Some(pattern),
            RawRoute::Private { private: true } => None,
            RawRoute::Private { private: false } => {
                return Err(format!("route of component {component:?} must be a pattern or {{ private = true }}"));
            }
        };
        Ok(Trigger { route, component })
    }
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct RawComponent {
    source: toml::Value,
    #[serde(default)]
    environment: BTreeMap<String, String>,
    #[serde(default)]
    files: Vec<toml::Value>,
    #[serde(default)]
    allowed_outbound_hosts: Vec<String>,
    #[serde(default)]
    key_value_stores: Vec<String>,
    #[serde(default)]
    sqlite_databases: Vec<String>,
    #[serde(default)]
    variables: BTreeMap<String, String>,
    #[serde(default)]
    ai_models: Vec<String>,
    #[serde(default)]
    dependencies: toml::Table,
    #[serde(default, rename = "description")]
    _description: Option<String>,
    #[serde(default, rename = "build")]
    _build: Option<toml::Table>,
    #[serde(default, rename = "tool")]
    _tool: Option<toml::Table>,
    #[serde(default, rename = "targets")]
    _targets: Option<toml::Value>,
    #[serde(default, rename = "exclude_files")]
    _exclude_files: Option<toml::Value>,
}

impl RawComponent {
    fn check(self, id: String, folder: &Path) -> Result<ComponentSpec, String> {
        let toml::Value::String(source) = self.source else {
            return Err(format!("component {id:?}: only a local file is served as `source`"));
        };
        if !self.ai_models.is_empty() || !self.dependencies.is_empty() {
            return Err(format!("component {id:?}: ai_models and dependencies are not served"));
        }
        for (key, labels) in [("key_value_stores", &self.key_value_stores), ("sqlite_databases", &self.sqlite_databases)] {
            if let Some(label) = labels.iter().find(|label| *label != DEFAULT_LABEL) {
                return Err(format!(
                    "component {id:?}: {key} names {label:?}, but without a runtime configuration only {DEFAULT_LABEL:?} exists"
                ));
            }
        }
        let files = self
            .files
            .into_iter()
            .map(|file| {
                Mount::check(file, folder).ok_or_else(|| {
                    format!("component {id:?}: `files` takes only {{ source = \"folder\", destination = \"/path\" }} here, not patterns")
                })
            })
            .collect::<Result<Vec<_>, _>>()?;
        Ok(ComponentSpec {
            id,
            source: folder.join(source),
            environment: self.environment,
            files,
            allowed_outbound_hosts: self.allowed_outbound_hosts,
            key_value_stores: self.key_value_stores,
            sqlite_databases: self.sqlite_databases,
            variables: self.variables,
        })
    }
}

impl Mount {
    fn check(file: toml::Value, folder: &Path) -> Option<Self> {
        let source = folder.join(file.get("source")?.as_str()?);
        let destination = file.get("destination")?.as_str()?.to_owned();
        Some(Self { source, destination })
    }
}

#[cfg(test)]
mod tests;
