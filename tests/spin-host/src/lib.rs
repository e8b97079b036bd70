//! A small host for Spin 2 applications (HTTP trigger, WASI 0.2), for tests and benchmarks where no `spin` binary is to be had.
//! It serves what `spin-sdk` 5.2's key-value, sqlite, sqlite3, variables and http modules need, and refuses the rest by name.
//!
//! It does as Spin 4 does, down to error texts, file names and header order, because what passes here is meant to pass there:
//! a new instance per request, a new SQLite connection per `open`, 404 and 500 without a body, a guest that may go on after its
//! answer, calls between components at `http://NAME.spin.internal` and to the application itself at `http://self`.
//! Where it departs:
//!
//! | | here | Spin |
//! |---|---|---|
//! | core modules (wasm32-wasip1) | refused at load | made into components |
//! | remote sources, `files` patterns, dependencies, other triggers and executors, address ranges among hosts | refused at load | served |
//! | an allowed host whose variable has no value | refused at load | refused at the call |
//! | two statements in one `execute` | an error | the first is run, the rest dropped (3.x, 4.0) |
//! | Nagle's algorithm on accepted connections | off | on |
//! | HTTP/2, TLS on the listening side | no | yes |

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
