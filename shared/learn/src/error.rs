//! Why something could not be learnt or answered.

use thiserror::Error as ThisError;

/// Every way this crate can refuse its input; it never panics on one.
#[derive(Debug, Clone, Copy, PartialEq, Eq, ThisError)]
pub enum Error {
    /// Two sizes that must agree do not.
    #[error("expected {expected} values, found {found}")]
    Dimension {
        /// What the other side has.
        expected: usize,
        /// What this side has.
        found: usize,
    },
    /// Nothing to learn from: no example, a class without one, or fewer classes than the head needs.
    #[error("too few examples")]
    TooFew,
    /// More than fits.
    #[error("{found} where {most} is the most")]
    TooMany {
        /// What fits.
        most: usize,
        /// What was given.
        found: usize,
    },
    /// A label at or beyond the number of classes.
    #[error("label {label} of {classes} classes")]
    Label {
        /// The label.
        label: usize,
        /// How many classes there are.
        classes: usize,
    },
    /// A parameter outside the range that its documentation names.
    #[error("{0} is out of range")]
    Range(&'static str),
    /// A value is infinite or not a number.
    #[error("a value is not finite")]
    NotFinite,
    /// The matrix has no Cholesky factor.
    #[error("the matrix is not positive definite")]
    NotPositive,
    /// A file that is not what it should be.
    #[error("malformed file: {0}")]
    Malformed(&'static str),
}
