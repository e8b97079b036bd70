//! Content scoring: what a Spanish-and-English editor would say of a page, post or e-mail, each point with its reason and its place.

pub mod asked;
mod assess;
pub mod assessment;
pub mod grade;
pub mod page;
pub mod profile;
pub mod report;
pub mod score;
