//! The core's statements on a real SQLite: what unit tests in `core` cannot show, since it knows no host.

#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic, reason = "a test that cannot go on should stop there")]

mod counting;
mod deliveries;
mod keys;
mod operations;

use orilla_core::ports::DB;
use orilla_core::sites::SiteId;
use orilla_core::{Platform, Sql};
use orilla_native::testing::TestHost;

/// A site that exists.
fn site() -> SiteId {
    SiteId::parse("0190a8c0-0000-7000-8000-000000000001").expect("a UUID")
}

/// Another site that exists.
fn other_site() -> SiteId {
    SiteId::parse("0190a8c0-0000-7000-8000-000000000002").expect("a UUID")
}

fn sql(host: &TestHost) -> impl Sql + use<> {
    host.sql(DB).expect("the store")
}
