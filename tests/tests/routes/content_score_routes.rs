//! A valid request for every route of content scoring.

use serde_json::json;

use crate::example::{Door, Example, ask};
use crate::world::Site;

/// By `METHOD /path`.
pub fn example(route: &str, of: &Site, _by: &Site) -> Option<Example> {
    let (document, page) = (format!("/v1/content/documents/{}", of.named("home")), format!("/v1/content/pages/{}", of.named("page")));
    let text = json!({ "content": "<h1>Clases</h1><p>Dos horas de surf.</p>" });
    Some(match route {
        "POST /v1/content/check" => ask("/v1/content/check").by(Door::WriteKey).json(text).about_the_caller(),
        "POST /v1/content/score" => ask("/v1/content/score").json(text).about_the_caller(),
        "POST /v1/content/suggest" => ask("/v1/content/suggest").json(text).about_the_caller(),
        "GET /v1/content/documents" => ask("/v1/content/documents").about_the_caller(),
        "GET /v1/content/documents/{document}" => ask(document),
        "DELETE /v1/content/documents/{document}" => ask(document),
        "GET /v1/content/pages" => ask("/v1/content/pages").about_the_caller(),
        "GET /v1/content/pages/{page}" => ask(page),
        "PUT /v1/content/pages/{page}" => ask(page).json(json!({ "url": "https://marea.example/" })).about_the_caller(),
        "DELETE /v1/content/pages/{page}" => ask(page),
        "GET /v1/content/settings" => ask("/v1/content/settings").about_the_caller(),
        "PUT /v1/content/sites/{site}" => ask(format!("/v1/content/sites/{}", of.id)).json(json!({})).foreign(403),
        _ => return None,
    })
}
