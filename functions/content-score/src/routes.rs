//! The closed table of what content scoring answers. Dispatch and the OpenAPI document both read it.

use http::Method;
use orilla_core::router::{Access, Route, row};

/// Everything a caller can ask of content scoring, by who asks.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Operation {
    /// A page with an editor in it.
    Check,
    /// A site's, with its read or admin key.
    Manage(Manage),
    /// The operator's, or the site's own admin key's.
    ApplySettings,
}

/// What a site's own people and programs ask.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Manage {
    /// Judges a text, and keeps what came of it where a document is named.
    Score,
    /// How what is not well could be worded.
    Suggest,
    /// Lists documents.
    ListDocuments,
    /// One document with its versions.
    ShowDocument,
    /// Forgets one.
    RemoveDocument,
    /// Lists pages that are read again.
    ListPages,
    /// One of them.
    ShowPage,
    /// Has one read again and again.
    PutPage,
    /// No longer.
    RemovePage,
    /// How the site wants its content judged.
    ShowSettings,
}

/// The most bytes of a text. Source: what the issue has refused or scored.
pub const CONTENT_BYTES: usize = 5 * 1024 * 1024;
/// The most bytes of a request with a text: five million of them with what JSON escapes. Chosen: below what an adapter reads of any body, so that a
/// client is told what was too large.
const SCORE_BYTES: usize = 7 * 1024 * 1024;
/// The most bytes of a text that a visitor of the editor may have judged. Chosen: thirty thousand words; who has more has a key.
const CHECK_BYTES: usize = 256 * 1024;
/// The most bytes of a small JSON request.
const SMALL_BYTES: usize = 16 * 1024;
/// The most bytes of a site's settings: a profile and fifty personas.
const SETTINGS_BYTES: usize = 128 * 1024;

/// The routes, visitors' first.
pub static ROUTES: &[Route<Operation>] = {
    use Access::{Admin, Operator, Public, Read};
    use Operation::{ApplySettings, Check, Manage as M};
    &[
        row(Method::POST, "/v1/content/check", Check, Public, CHECK_BYTES),
        row(Method::POST, "/v1/content/score", M(Manage::Score), Read, SCORE_BYTES),
        row(Method::POST, "/v1/content/suggest", M(Manage::Suggest), Admin, SCORE_BYTES),
        row(Method::GET, "/v1/content/documents", M(Manage::ListDocuments), Read, 0),
        row(Method::GET, "/v1/content/documents/{document}", M(Manage::ShowDocument), Read, 0),
        row(Method::DELETE, "/v1/content/documents/{document}", M(Manage::RemoveDocument), Admin, 0),
        row(Method::GET, "/v1/content/pages", M(Manage::ListPages), Read, 0),
        row(Method::GET, "/v1/content/pages/{page}", M(Manage::ShowPage), Read, 0),
        row(Method::PUT, "/v1/content/pages/{page}", M(Manage::PutPage), Admin, SMALL_BYTES),
        row(Method::DELETE, "/v1/content/pages/{page}", M(Manage::RemovePage), Admin, 0),
        row(Method::GET, "/v1/content/settings", M(Manage::ShowSettings), Read, 0),
        row(Method::PUT, "/v1/content/sites/{site}", ApplySettings, Operator, SETTINGS_BYTES),
    ]
};
