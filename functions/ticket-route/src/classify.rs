//! What a ticket is about, and how much it matters: the site's own rules first, then heads that learn from the site's corrections, on top
//! of the shipped ones. Every answer has its reasons. Pure: texts and numbers in, labels out.

pub mod decide;
pub mod heads;
pub mod lens;
pub mod rules;
pub mod signals;
pub mod text;
