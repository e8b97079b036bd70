//! Whole requests and ticks through the function on the native host: what is stored, who gets it, what is told, and when.
#![allow(clippy::unwrap_used, clippy::panic, clippy::expect_used, reason = "tests")]

mod analysing;
mod assigning;
mod day;
mod deadlines;
mod drafting;
mod intake;
mod learning;
mod macros;
mod satisfaction;
mod support;
mod surveys;
mod tenancy;
mod working;
