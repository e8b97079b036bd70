//! FAQ chat: answers from the site's own articles, and says so where it has none.
//!
//! Pure so far: articles in, an index out, a decision on each message. What a host calls is not here yet.

pub mod decide;
pub mod index;
pub mod kb;
pub mod locale;
pub mod model;
pub mod passage;
pub mod retrieve;
pub mod smalltalk;
