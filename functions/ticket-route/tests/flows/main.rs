//! Whole requests and ticks through the function on the native host: what is stored, who gets it, what is told, and when.
#![allow(clippy::unwrap_used, clippy::panic, clippy::expect_used, reason = "tests")]

mod analysing;
mod assigning;
mod day;
mod deadlines;
mod drafting;
mod feeds;
mod inbound;
mod intake;
mod learning;
mod macros;
mod quiet;
mod satisfaction;
mod support;
mod surveys;
mod tenancy;
mod working;
