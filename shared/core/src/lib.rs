//! The platform-neutral core: HTTP types, errors, ports, tenancy, signing and deferred delivery.
//!
//! Knows no host: an adapter (`native`, `cloudflare`, `spin`) supplies a [`Platform`], a function supplies the business.

pub mod auth;
pub mod body;
pub mod chat;
pub mod cors;
pub mod erasure;
pub mod error;
pub mod function;
pub mod guard;
pub mod http;
pub mod idempotency;
pub mod ids;
pub mod limit;
pub mod openapi;
pub mod operations;
pub mod origins;
pub mod outbox;
pub mod paging;
pub mod ports;
pub mod problem;
pub mod router;
pub mod signing;
pub mod sites;
pub mod sql;
#[cfg(test)]
mod testing;
pub mod tracking;
pub mod visitors;

pub use error::{Code, Error, Violation};
pub use function::{Function, respond};
pub use http::{Body, Request, Response};
pub use ports::{Clock, Fetch, Kv, Platform, Random, Sql};
