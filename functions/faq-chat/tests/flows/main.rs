//! Whole requests through the function on the native host: what is answered, what is stored, who has the floor.
#![allow(clippy::unwrap_used, clippy::panic, clippy::expect_used, reason = "tests")]

mod agents;
mod answering;
mod articles;
mod faults;
mod feedback;
mod floor;
mod support;
mod tenancy;
mod written;
