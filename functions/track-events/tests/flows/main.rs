//! Whole requests through the function on the native host: what is stored, what is told, what adds up.
#![allow(clippy::unwrap_used, clippy::panic, clippy::expect_used, reason = "tests")]

mod collecting;
mod embed;
mod faults;
mod forgetting;
mod funnels;
mod history;
mod joined;
mod judging;
mod people;
mod plausible;
mod posthog;
mod retention;
mod rudder;
mod stats;
mod support;
mod time;
mod umami;
