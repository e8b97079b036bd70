//! Content scoring: what a Spanish-and-English editor would say of a page, post or e-mail, each point with its reason and its place.

pub mod asked;
pub mod assessment;
pub mod report;
