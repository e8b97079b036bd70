//! The closed table of what the FAQ chat answers. Dispatch and the OpenAPI document both read it.

use http::Method;
use orilla_core::ports::MAX_VALUE_BYTES;
use orilla_core::router::{Access, Route, row};

use crate::said::MAX_MESSAGE_BYTES;

/// Everything a caller can ask of the FAQ chat, by who asks.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Operation {
    /// A visitor's, or a client's that speaks for one.
    Visit(Visit),
    /// A site's, with its read or admin key.
    Manage(Manage),
    /// The operator's, or the site's own admin key's.
    Operate(Operate),
}

/// What a visitor's page asks.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Visit {
    /// Says something.
    Chat,
    /// A conversation as it stands.
    Follow,
    /// Whether an answer helped.
    Rate,
    /// A question in OpenAI's words.
    Complete,
    /// OpenAI's list of models.
    ListModels,
    /// A call of the Model Context Protocol.
    SpeakMcp,
}

/// What a site's own people and programs ask.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Manage {
    /// Lists conversations.
    ListConversations,
    /// One conversation, whole.
    ShowConversation,
    /// Writes as an agent.
    Reply,
    /// Takes, releases or resolves.
    Steer,
    /// Erases a conversation.
    EraseConversation,
    /// Lists articles.
    ListArticles,
    /// One article in its languages.
    ShowArticle,
    /// Writes an article.
    PutArticle,
    /// Removes an article.
    RemoveArticle,
    /// Reads articles from a file.
    ImportArticles,
    /// Goes on with the index.
    BuildIndex,
    /// How good the knowledge is.
    ShowQuality,
    /// What it lacks.
    ShowGaps,
}

/// What whoever runs the deployment asks.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Operate {
    /// Applies the articles of a site's files.
    ApplyArticles,
}

/// The most bytes of what a visitor says: a message whose every character is escaped.
const MESSAGE_BYTES: usize = 3 * MAX_MESSAGE_BYTES;
/// The most bytes of a conversation that a client of OpenAI's keeps and sends with each question.
const HISTORY_BYTES: usize = 1024 * 1024;
/// The most bytes of a small JSON request.
const SMALL_BYTES: usize = 16 * 1024;
/// The most bytes of an article: its answer, escaped, and the rest.
const ARTICLE_BYTES: usize = 256 * 1024;
/// The most bytes of an import or of a site's articles. Source: what a host reads of any body, [`orilla_core::http::BODY_CAP_BYTES`].
const IMPORT_BYTES: usize = 8 * MAX_VALUE_BYTES;

/// The routes, visitors' first.
pub static ROUTES: &[Route<Operation>] = {
    use Access::{Admin, Operator, Public, Read};
    use Operation::{Manage as M, Operate as O, Visit as V};
    &[
        row(Method::POST, "/v1/chat", V(Visit::Chat), Public, MESSAGE_BYTES),
        row(Method::POST, "/v1/chat/completions", V(Visit::Complete), Public, HISTORY_BYTES),
        row(Method::GET, "/v1/models", V(Visit::ListModels), Public, 0),
        row(Method::POST, "/mcp", V(Visit::SpeakMcp), Public, MESSAGE_BYTES),
        row(Method::GET, "/v1/chat/{conversation}", V(Visit::Follow), Public, 0),
        row(Method::POST, "/v1/chat/{conversation}/feedback", V(Visit::Rate), Public, SMALL_BYTES),
        row(Method::GET, "/v1/conversations", M(Manage::ListConversations), Read, 0),
        row(Method::GET, "/v1/conversations/{conversation}", M(Manage::ShowConversation), Read, 0),
        row(Method::POST, "/v1/conversations/{conversation}/messages", M(Manage::Reply), Admin, MESSAGE_BYTES),
        row(Method::PATCH, "/v1/conversations/{conversation}", M(Manage::Steer), Admin, SMALL_BYTES),
        row(Method::DELETE, "/v1/conversations/{conversation}", M(Manage::EraseConversation), Admin, 0),
        row(Method::GET, "/v1/kb/articles", M(Manage::ListArticles), Read, 0),
        row(Method::GET, "/v1/kb/articles/{article}", M(Manage::ShowArticle), Read, 0),
        row(Method::PUT, "/v1/kb/articles/{article}", M(Manage::PutArticle), Admin, ARTICLE_BYTES),
        row(Method::DELETE, "/v1/kb/articles/{article}", M(Manage::RemoveArticle), Admin, 0),
        row(Method::POST, "/v1/kb/import", M(Manage::ImportArticles), Admin, IMPORT_BYTES),
        row(Method::POST, "/v1/kb/index", M(Manage::BuildIndex), Admin, SMALL_BYTES),
        row(Method::GET, "/v1/kb/quality", M(Manage::ShowQuality), Read, 0),
        row(Method::GET, "/v1/kb/gaps", M(Manage::ShowGaps), Read, 0),
        row(Method::PUT, "/v1/kb/sites/{site}", O(Operate::ApplyArticles), Operator, IMPORT_BYTES),
    ]
};
