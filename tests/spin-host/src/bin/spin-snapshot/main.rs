//! Runs a component's `wizer-initialize` and writes the component as it stands then: `spin-snapshot IN.wasm OUT.wasm`.
//!
//! It stands beside the test host because both are wasmtime, which takes minutes to compile.
//!
//! Every instance begins where the snapshot was taken, so what the function opened there is open in each of them. What is in the
//! snapshot is the same for all: the seeds of hash maps above all, which are drawn at random here, once for each build. A function
//! that reads the clock, a file or the environment there is refused, since it would keep what it read for ever.

mod guest;
mod imports;
mod state;

use std::path::Path;
use std::process::ExitCode;

use wasmtime::component::Component;
use wasmtime::error::Context as _;
use wasmtime::{Engine, Result, Store};
use wasmtime_wizer::Wizer;

use crate::guest::Guest;
use crate::state::State;

/// Source: wizer's own default.
const EXPORT: &str = "wizer-initialize";

fn main() -> ExitCode {
    let mut arguments = std::env::args_os().skip(1);
    let (Some(input), Some(output), None) = (arguments.next(), arguments.next(), arguments.next()) else {
        eprintln!("usage: spin-snapshot IN.wasm OUT.wasm");
        return ExitCode::FAILURE;
    };
    match run(input.as_ref(), output.as_ref()) {
        Ok(()) => ExitCode::SUCCESS,
        Err(error) => {
            eprintln!("cannot take a snapshot of {}: {error:?}", Path::new(&input).display());
            ExitCode::FAILURE
        }
    }
}

fn run(input: &Path, output: &Path) -> Result<()> {
    let component = std::fs::read(input).context("it cannot be read")?;
    let snapshot = tokio::runtime::Builder::new_current_thread().build()?.block_on(snapshot(&component))?;
    std::fs::write(output, snapshot).with_context(|| format!("{} cannot be written", output.display()))
}

async fn snapshot(component: &[u8]) -> Result<Vec<u8>> {
    let mut wizer = Wizer::new();
    // Without it, the module would lose a function that its component still names.
    wizer.keep_init_func(true);
    let (context, instrumented) = wizer.instrument_component(component)?;
    let engine = Engine::default();
    let compiled = Component::new(&engine, instrumented)?;
    let linker = imports::linker(&engine, &compiled)?;
    let mut store = Store::new(&engine, Guest::default());
    let instance = linker.instantiate_async(&mut store, &compiled).await?;
    let initialise = instance.get_typed_func::<(), ()>(&mut store, EXPORT).with_context(|| format!("it exports no `{EXPORT}`"))?;
    initialise.call_async(&mut store, ()).await.with_context(|| format!("`{EXPORT}` failed"))?;
    wizer.snapshot_component(&context, &mut State { store, instance }).await
}
