//! The site's knowledge: articles, and how they come in from files, spreadsheets and pages.

pub mod article;
pub mod import;
pub mod markdown;

pub use article::{Article, Link};
