//! Lead capture: forms in, scored and consented leads out, nobody lost and nobody notified twice.

pub mod routes;
pub mod verdict;
