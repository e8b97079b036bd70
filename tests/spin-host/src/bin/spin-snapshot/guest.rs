//! What the component may ask of its host meanwhile: random numbers, and a place to say why it fails. It finds no file, no
//! environment, no network; a clock ends the run.

use wasmtime::component::ResourceTable;
use wasmtime_wasi::{HostMonotonicClock, HostWallClock, WasiCtx, WasiCtxView, WasiView};
use wasmtime_wasi_http::{WasiHttpCtx, WasiHttpCtxView, WasiHttpView};

/// The data of the store.
pub struct Guest {
    wasi: WasiCtx,
    http: WasiHttpCtx,
    table: ResourceTable,
}

impl Default for Guest {
    fn default() -> Self {
        let mut wasi = WasiCtx::builder();
        wasi.inherit_stderr().wall_clock(NoClock).monotonic_clock(NoClock);
        Self { wasi: wasi.build(), http: WasiHttpCtx::new(), table: ResourceTable::new() }
    }
}

impl WasiView for Guest {
    fn ctx(&mut self) -> WasiCtxView<'_> {
        WasiCtxView { ctx: &mut self.wasi, table: &mut self.table }
    }
}

impl WasiHttpView for Guest {
    fn http(&mut self) -> WasiHttpCtxView<'_> {
        WasiHttpCtxView { ctx: &mut self.http, table: &mut self.table, hooks: wasmtime_wasi_http::default_hooks() }
    }
}

struct NoClock;

#[allow(clippy::panic, reason = "the traits have no error, and a time that is kept for ever is one")]
fn refuse() -> ! {
    panic!("the component reads a clock while its snapshot is taken");
}

impl HostWallClock for NoClock {
    fn resolution(&self) -> std::time::Duration {
        refuse()
    }

    fn now(&self) -> std::time::Duration {
        refuse()
    }
}

impl HostMonotonicClock for NoClock {
    fn resolution(&self) -> u64 {
        refuse()
    }

    fn now(&self) -> u64 {
        refuse()
    }
}
