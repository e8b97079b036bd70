//! What one instance owns while it answers one request. Dropping it drops every handle the guest held: an open SQLite
//! connection rolls back, a pending outgoing request is cancelled.

use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};

use wasmtime::ResourceLimiter;
use wasmtime::component::ResourceTable;
use wasmtime_wasi::{FsPerms, WasiCtx, WasiCtxView, WasiView};
use wasmtime_wasi_http::{WasiHttpCtx, WasiHttpCtxView, WasiHttpView};

use crate::bindings::fermyon::spin::variables as wit;
use crate::component::Component;
use crate::outbound::Outbound;
use crate::state::State;
use crate::variables::{self, VariableError};

/// The data of one store.
pub struct Guest {
    pub(crate) component: Arc<Component>,
    pub(crate) state: Arc<State>,
    pub(crate) table: ResourceTable,
    pub(crate) meter: Meter,
    wasi: WasiCtx,
    http: WasiHttpCtx,
    outbound: Outbound,
}

impl Guest {
    pub(crate) fn new(component: Arc<Component>, state: Arc<State>, outbound: Outbound, peak: Arc<AtomicUsize>) -> wasmtime::Result<Self> {
        let mut wasi = WasiCtx::builder();
        // Our own standard output carries the one line that scripts read.
        wasi.stdout(std::io::stderr()).stderr(std::io::stderr());
        for (name, value) in &component.environment {
            wasi.env(name, value);
        }
        for mount in &component.spec.files {
            wasi.preopened_dir(&mount.source, &mount.destination, FsPerms::ReadOnly)?;
        }
        Ok(Self {
            wasi: wasi.build(),
            component,
            state,
            table: ResourceTable::new(),
            meter: Meter { used: 0, peak },
            http: WasiHttpCtx::new(),
            outbound,
        })
    }
}

impl WasiView for Guest {
    fn ctx(&mut self) -> WasiCtxView<'_> {
        WasiCtxView { ctx: &mut self.wasi, table: &mut self.table }
    }
}

impl WasiHttpView for Guest {
    fn http(&mut self) -> WasiHttpCtxView<'_> {
        WasiHttpCtxView { ctx: &mut self.http, table: &mut self.table, hooks: &mut self.outbound }
    }
}

impl wit::Host for Guest {
    async fn get(&mut self, name: String) -> wasmtime::Result<Result<String, wit::Error>> {
        let component = &self.component;
        let value = variables::get(&component.application, &component.spec.id, &component.spec.variables, &name);
        Ok(value.map_err(|error| match error {
            VariableError::InvalidName(text) => wit::Error::InvalidName(text),
            VariableError::Undefined(text) => wit::Error::Undefined(text),
            VariableError::Provider(text) => wit::Error::Provider(text),
            VariableError::InvalidTemplate(_) => wit::Error::Other(error.to_string()),
        }))
    }
}

/// Counts linear memory; it limits nothing, as Spin by default limits nothing.
pub(crate) struct Meter {
    used: usize,
    peak: Arc<AtomicUsize>,
}

impl ResourceLimiter for Meter {
    fn memory_growing(&mut self, current: usize, desired: usize, _: Option<usize>) -> wasmtime::Result<bool> {
        self.used = self.used.saturating_add(desired.saturating_sub(current));
        self.peak.fetch_max(self.used, Ordering::Relaxed);
        Ok(true)
    }

    fn table_growing(&mut self, _: usize, _: usize, _: Option<usize>) -> wasmtime::Result<bool> {
        Ok(true)
    }
}
