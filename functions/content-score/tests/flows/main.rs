//! Whole requests and ticks through the function on the native host: what is judged, what is kept, what is fetched, and what is told.
#![allow(clippy::unwrap_used, clippy::panic, clippy::expect_used, reason = "tests")]

mod bad_input;
mod documents;
mod fetching;
mod pages;
mod scoring;
mod suggesting;
mod support;
mod tenancy;
