//! Lead capture: forms in, scored and consented leads out, nobody lost and nobody notified twice.

mod challenge;
mod fold;
pub mod form;
pub mod messages;
pub mod routes;
pub mod score;
pub mod site;
pub mod submission;
pub mod tags;
pub mod verdict;
