//! Text as people write it: what is an e-mail address, what a spreadsheet may run. Pure; knows nothing of HTTP or of sites.
#![warn(missing_docs)]

pub mod csv_out;
pub mod email;
