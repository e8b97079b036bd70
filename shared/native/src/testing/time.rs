//! Time and randomness that a test decides.

use std::cell::Cell;
use std::rc::Rc;
use std::time::Duration;

use chrono::{DateTime, TimeZone, Utc};
use orilla_core::{Clock, Random};

/// A clock that moves only when told to. Clones show the same time.
#[derive(Debug, Clone)]
pub struct ManualClock(Rc<Cell<DateTime<Utc>>>);

impl Default for ManualClock {
    /// A Monday noon, so that nothing is accidentally at the edge of a day, a month or the epoch.
    fn default() -> Self {
        let noon = Utc.with_ymd_and_hms(2026, 3, 16, 12, 0, 0).single();
        Self(Rc::new(Cell::new(noon.unwrap_or(DateTime::UNIX_EPOCH))))
    }
}

impl ManualClock {
    /// Sets the time.
    pub fn set(&self, now: DateTime<Utc>) {
        self.0.set(now);
    }

    /// Moves on.
    pub fn advance(&self, by: Duration) {
        self.0.set(self.0.get() + by);
    }
}

impl Clock for ManualClock {
    fn now(&self) -> DateTime<Utc> {
        self.0.get()
    }
}

/// Bytes that look random and are the same in every run. Clones continue one sequence.
#[derive(Debug, Clone)]
pub struct SeededRandom(Rc<Cell<u64>>);

impl SeededRandom {
    /// A sequence of its own for each seed.
    #[must_use]
    pub fn new(seed: u64) -> Self {
        Self(Rc::new(Cell::new(seed)))
    }

    /// Source: `SplitMix64`, Steele, Lea & Flood 2014, with its published constants.
    fn next(&self) -> u64 {
        let state = self.0.get().wrapping_add(0x9e37_79b9_7f4a_7c15);
        self.0.set(state);
        let mixed = (state ^ (state >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
        let mixed = (mixed ^ (mixed >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
        mixed ^ (mixed >> 31)
    }
}

impl Random for SeededRandom {
    fn fill(&self, bytes: &mut [u8]) {
        for chunk in bytes.chunks_mut(8) {
            let random = self.next().to_le_bytes();
            chunk.copy_from_slice(&random[..chunk.len()]);
        }
    }
}
