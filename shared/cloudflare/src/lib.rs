//! Cloudflare Workers as a [`Platform`]: D1, Workers KV, `fetch`, `waitUntil`.
//!
//! The only crate that names the `worker` crate's bindings. It translates and decides nothing.

mod fetch;
mod kv;
mod serve;
mod sql;

use std::fmt;
use std::rc::Rc;

use chrono::{DateTime, Utc};
use orilla_core::operations::Meter;
use orilla_core::ports::{Binding, Clock, LANES, OpenError, Platform, Random, Variable};
use worker::js_sys::{self, Date, Reflect};
use worker::wasm_bindgen::{JsCast, JsValue};
use worker::{Context, Env, ScheduleContext};

pub use fetch::WorkersFetch;
pub use kv::WorkersKv;
pub use serve::{fetch, scheduled};
pub use sql::D1;

thread_local! {
    /// An isolate has one thread, and serves many requests.
    static METER: Meter = Meter::default();
}

/// One Worker invocation: its bindings, and what keeps it alive after the answer.
#[derive(Clone)]
pub struct Cloudflare {
    env: Env,
    lifetime: Rc<Lifetime>,
}

/// What extends an invocation past its answer: each kind of event has its own.
enum Lifetime {
    Request(Context),
    Schedule(ScheduleContext),
}

impl Cloudflare {
    fn new(env: Env, lifetime: Lifetime) -> Self {
        Self { env, lifetime: Rc::new(lifetime) }
    }
}

impl Platform for Cloudflare {
    type Sql = D1;
    type Kv = WorkersKv;
    type Fetch = WorkersFetch;
    type Clock = DateClock;
    type Random = CryptoRandom;

    fn sql(&self, binding: Binding) -> Result<Self::Sql, OpenError> {
        let database = self.env.d1(binding.workers);
        // A function whose environment has none writes without them.
        let lanes = self.env.durable_object(LANES).ok();
        database.map(|database| D1::new(database, lanes)).map_err(|error| OpenError { name: binding.workers, reason: error.to_string() })
    }

    fn kv(&self, binding: Binding) -> Result<Self::Kv, OpenError> {
        let store = self.env.kv(binding.workers);
        store.map(WorkersKv::new).map_err(|error| OpenError { name: binding.workers, reason: error.to_string() })
    }

    fn fetch(&self) -> Self::Fetch {
        WorkersFetch
    }

    fn clock(&self) -> Self::Clock {
        DateClock
    }

    fn random(&self) -> Self::Random {
        CryptoRandom
    }

    fn variable(&self, variable: Variable) -> Result<Option<String>, OpenError> {
        let refused = |reason: &str| OpenError { name: variable.0, reason: reason.to_owned() };
        let value = Reflect::get(&self.env, &JsValue::from_str(variable.0)).map_err(|_| refused("the environment cannot be read"))?;
        if value.is_undefined() {
            return Ok(None);
        }
        let text = value.as_string().ok_or_else(|| refused("it is a binding, not a text variable"))?;
        Ok(Some(text).filter(|text| !text.is_empty()))
    }

    fn defer(&self, work: impl Future<Output = ()> + 'static) {
        match &*self.lifetime {
            Lifetime::Request(context) => context.wait_until(work),
            Lifetime::Schedule(context) => context.wait_until(work),
        }
    }

    fn meter(&self) -> Meter {
        METER.with(Meter::clone)
    }

    fn log(&self, line: fmt::Arguments<'_>) {
        worker::console_log!("{line}");
    }
}

/// `Date.now()`: stands still between I/O, on purpose of the host's.
#[derive(Debug, Clone, Copy)]
pub struct DateClock;

impl Clock for DateClock {
    fn now(&self) -> DateTime<Utc> {
        // Whole milliseconds, far below 2^53.
        #[allow(clippy::cast_possible_truncation)]
        let millis = Date::now() as i64;
        DateTime::from_timestamp_millis(millis).unwrap_or_default()
    }
}

/// `crypto.getRandomValues`.
#[derive(Debug, Clone, Copy)]
pub struct CryptoRandom;

impl Random for CryptoRandom {
    // This is what the port stands for.
    #[allow(clippy::disallowed_methods)]
    fn fill(&self, bytes: &mut [u8]) {
        if getrandom::fill(bytes).is_err() {
            // Going on would hand out keys and ids that somebody can guess.
            std::process::abort();
        }
    }
}

/// What JavaScript threw, in its own words and without its stack.
fn sentence(error: &JsValue) -> String {
    let message = error.dyn_ref::<js_sys::Error>().map(|error| String::from(error.message()));
    message.unwrap_or_else(|| format!("{error:?}"))
}
