//! What wasmtime generates from `wit/`: the traits that `key_value`, `sqlite` and `guest` implement. Nothing is written by hand here.
#![allow(missing_docs, reason = "generated code")]

wasmtime::component::bindgen!({
    path: "wit",
    world: "imports",
    imports: { default: async | trappable },
    with: {
        "fermyon:spin/key-value@2.0.0.store": crate::key_value::Store,
        "fermyon:spin/sqlite@2.0.0.connection": crate::sqlite::Connection,
        "spin:sqlite/sqlite@3.0.0.connection": crate::sqlite::Connection,
    },
    require_store_data_send: true,
});
