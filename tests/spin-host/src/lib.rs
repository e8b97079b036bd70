//! A small host for Spin 2 applications (HTTP trigger, WASI 0.2), for tests and benchmarks where no `spin` binary is to be had.
//! It serves what `spin-sdk` 5.2's key-value, sqlite, sqlite3, variables and http modules need, and refuses the rest by name.

pub mod allowed_hosts;
mod app;
mod bindings;
mod component;
mod error;
mod guest;
mod key_value;
pub mod manifest;
mod outbound;
pub mod routes;
mod serve;
mod sqlite;
mod state;
pub mod variables;

pub use app::{Options, Stats};
pub use error::{Error, Result};
pub use serve::SpinHost;
pub use state::Journal;
