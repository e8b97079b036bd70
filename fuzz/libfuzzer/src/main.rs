//! libFuzzer's loop around one target, which `ORILLA_FUZZ_TARGET` names.
//!
//! With `ORILLA_FUZZ_REPEAT` each input is repeated up to that many bytes before it is fed: what takes time by the square then shows.
#![no_main]

use std::sync::LazyLock;

use libfuzzer_sys::fuzz_target;
use orilla_fuzz::{Target, find};

static TARGET: LazyLock<Target> = LazyLock::new(|| {
    let name = std::env::var("ORILLA_FUZZ_TARGET").unwrap_or_default();
    find(&name).unwrap_or_else(|| panic!("ORILLA_FUZZ_TARGET={name} names no target"))
});

static REPEAT: LazyLock<Option<usize>> = LazyLock::new(|| std::env::var("ORILLA_FUZZ_REPEAT").ok()?.parse().ok());

fuzz_target!(|input: &[u8]| match *REPEAT {
    Some(most) if !input.is_empty() => (TARGET.run)(&input.repeat((most / input.len()).max(1))),
    _ => (TARGET.run)(input),
});
