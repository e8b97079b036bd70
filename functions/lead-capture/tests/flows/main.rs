//! What lead capture does, told as sentences: whole requests through the function on the native stores, with time, randomness,
//! faults and the outside world in the test's hands.
#![allow(clippy::unwrap_used, clippy::panic, clippy::expect_used, reason = "tests")]

mod deliveries;
mod hostile;
mod journey;
mod leads;
mod people;
mod privacy;
mod segments;
mod spam;
mod submissions;
mod support;
