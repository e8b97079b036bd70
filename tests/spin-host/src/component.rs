//! One component made ready: compiled, linked against what this host serves, its allowed hosts and environment resolved.

use std::collections::BTreeMap;
use std::sync::Arc;

use wasmtime::Engine;
use wasmtime::component::{Component as Compiled, HasSelf, Linker};
use wasmtime_wasi_http::p2::bindings::ProxyPre;

use crate::allowed_hosts::AllowedHosts;
use crate::bindings::Imports;
use crate::error::{Error, Result};
use crate::guest::Guest;
use crate::manifest::ComponentSpec;
use crate::variables::Variables;

/// A component that requests can be sent to.
pub(crate) struct Component {
    pub(crate) spec: ComponentSpec,
    pub(crate) application: Arc<Variables>,
    pub(crate) allowed_hosts: AllowedHosts,
    /// The manifest's environment with what `--env` set over it.
    pub(crate) environment: BTreeMap<String, String>,
    pub(crate) pre: ProxyPre<Guest>,
}

impl Component {
    /// Compiles and links one component.
    ///
    /// Errors: `Component` with the reason, `File` if the Wasm file cannot be read.
    pub(crate) fn load(
        engine: &Engine,
        linker: &Linker<Guest>,
        spec: ComponentSpec,
        application: Arc<Variables>,
        extra_environment: &BTreeMap<String, String>,
    ) -> Result<Self> {
        let fault = |reason: String| Error::Component { id: spec.id.clone(), reason };
        for template in spec.variables.values() {
            application.check(template).map_err(|e| fault(e.to_string()))?;
        }
        let allowed_hosts = AllowedHosts::parse(&spec.allowed_outbound_hosts, &application).map_err(fault)?;
        let bytes = std::fs::read(&spec.source).map_err(|source| Error::File { path: spec.source.clone(), source })?;
        check_is_component(&bytes).map_err(fault)?;
        let compiled = Compiled::from_binary(engine, &bytes).map_err(|e| fault(format!("{e:#}")))?;
        let instance = linker.instantiate_pre(&compiled).map_err(|e| fault(unserved(&e)))?;
        let pre = ProxyPre::new(instance).map_err(|e| fault(format!("it is no HTTP component: {e:#}")))?;
        let mut environment = spec.environment.clone();
        environment.extend(extra_environment.iter().map(|(k, v)| (k.clone(), v.clone())));
        Ok(Self { spec, application, allowed_hosts, environment, pre })
    }
}

/// A linker with everything this host serves.
pub(crate) fn linker(engine: &Engine) -> wasmtime::Result<Linker<Guest>> {
    let mut linker = Linker::new(engine);
    wasmtime_wasi::p2::add_to_linker_async(&mut linker)?;
    wasmtime_wasi_http::p2::add_only_http_to_linker_async(&mut linker)?;
    Imports::add_to_linker::<_, HasSelf<Guest>>(&mut linker, |guest| guest)?;
    Ok(linker)
}

fn unserved(error: &wasmtime::Error) -> String {
    format!("it imports what this host does not serve (WASI 0.2, key-value, sqlite, variables): {error:#}")
}

/// Tells a component from a core module by the layer field of its preamble.
///
/// Source: WebAssembly component model, `design/mvp/Binary.md`: magic, version, then layer 1 (a core module has layer 0).
fn check_is_component(bytes: &[u8]) -> Result<(), String> {
    match bytes {
        [b'\0', b'a', b's', b'm', _, _, 1, 0, ..] => Ok(()),
        [b'\0', b'a', b's', b'm', _, _, 0, 0, ..] => Err(
            "its source is a core module (wasm32-wasip1), which `spin` would componentize and this host does not: build for wasm32-wasip2"
                .to_owned(),
        ),
        _ => Err("its source is not a Wasm file".to_owned()),
    }
}

#[cfg(test)]
mod tests {
    use super::check_is_component;

    #[test]
    fn core_modules_and_other_files_are_told_apart_from_components() {
        assert_eq!(check_is_component(b"\0asm\x0d\0\x01\0rest"), Ok(()));
        assert!(check_is_component(b"\0asm\x01\0\0\0rest").unwrap_err().contains("wasm32-wasip2"));
        assert!(check_is_component(b"<html>").unwrap_err().contains("not a Wasm file"));
        assert!(check_is_component(b"").is_err());
    }
}
