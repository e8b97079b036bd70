//! Figures as they are told.

/// To thousandths: more says nothing of a share, a probability or a score.
#[must_use]
pub fn thousandths(value: f64) -> f64 {
    (value * 1_000.0).round() / 1_000.0
}
