//! What a component finds of what it imports: WASI as in `guest`, and of Spin's own interfaces functions that refuse to be called.

use wasmtime::component::types::ComponentItem;
use wasmtime::component::{Component, Linker, ResourceType};
use wasmtime::{Engine, Result};

use crate::guest::Guest;

/// Stands for every resource that nobody can hold.
struct Nothing;

/// A linker with everything that the component asks for.
pub fn linker(engine: &Engine, component: &Component) -> Result<Linker<Guest>> {
    let mut linker = Linker::new(engine);
    wasmtime_wasi::p2::add_to_linker_async(&mut linker)?;
    wasmtime_wasi_http::p2::add_only_http_to_linker_async(&mut linker)?;
    for (interface, item) in component.component_type().imports(engine).filter(|(name, _)| !name.starts_with("wasi:")) {
        let ComponentItem::ComponentInstance(items) = item.ty else { continue };
        let mut instance = linker.instance(interface)?;
        for (name, item) in items.exports(engine) {
            match item.ty {
                ComponentItem::ComponentFunc(_) => {
                    let called = format!("{interface}#{name}");
                    instance.func_new(name, move |_, _, _, _| {
                        wasmtime::bail!("the component calls {called} while its snapshot is taken, and would keep what it said for ever")
                    })?;
                }
                ComponentItem::Resource(_) => instance.resource(name, ResourceType::host::<Nothing>(), |_, _| Ok(()))?,
                _ => {}
            }
        }
    }
    Ok(linker)
}
