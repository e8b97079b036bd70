//! Text as people write it: what is an e-mail address, which language it is in, what a spreadsheet may run. Pure; knows nothing of HTTP or of sites.
#![warn(missing_docs)]

pub mod csv_out;
pub mod email;
pub mod locale;

pub use locale::Locale;
