//! How the snapshot reads an instance: through functions that wizer added to it.

use wasmtime::Store;
use wasmtime::component::{Instance, Lift, WasmList};
use wasmtime_wizer::ComponentInstanceState;

use crate::guest::Guest;

/// An instance that has been initialised.
pub struct State {
    pub store: Store<Guest>,
    pub instance: Instance,
}

impl State {
    /// Calls `instance#func`. Wizer wrote both a moment ago and its traits have no error: one that is missing is a fault in it.
    #[allow(clippy::expect_used, reason = "see above")]
    async fn call<R: Lift + Send + Sync + 'static>(&mut self, instance: &str, func: &str) -> R {
        let (_, interface) = self.instance.get_export(&mut self.store, None, instance).expect("wizer's own interface");
        let (_, index) = self.instance.get_export(&mut self.store, Some(&interface), func).expect("wizer's own function");
        let func = self.instance.get_typed_func::<(), (R,)>(&mut self.store, index).expect("wizer's own type");
        func.call_async(&mut self.store, ()).await.expect("wizer's own code").0
    }
}

impl ComponentInstanceState for State {
    async fn call_func_ret_list_u8(&mut self, instance: &str, func: &str, contents: impl FnOnce(&[u8]) + Send) {
        let list: WasmList<u8> = self.call(instance, func).await;
        contents(list.as_le_slice(&self.store));
    }

    async fn call_func_ret_s32(&mut self, instance: &str, func: &str) -> i32 {
        self.call(instance, func).await
    }

    async fn call_func_ret_s64(&mut self, instance: &str, func: &str) -> i64 {
        self.call(instance, func).await
    }

    async fn call_func_ret_f32(&mut self, instance: &str, func: &str) -> u32 {
        self.call::<f32>(instance, func).await.to_bits()
    }

    async fn call_func_ret_f64(&mut self, instance: &str, func: &str) -> u64 {
        self.call::<f64>(instance, func).await.to_bits()
    }
}
