//! Lead capture: forms in, scored and consented leads out, nobody lost and nobody notified twice.

mod challenge;
pub mod form;
pub mod messages;
pub mod routes;
pub mod site;
pub mod submission;
pub mod verdict;
