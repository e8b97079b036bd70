//! A valid request for every route of the FAQ chat.

use serde_json::json;

use crate::example::{Door, Example, ask};
use crate::world::Site;

/// By `METHOD /path`.
pub fn example(route: &str, of: &Site, _by: &Site) -> Option<Example> {
    let (conversation, article) = (&of.conversation, of.named("price"));
    let visitor = |uri: String| ask(uri).by(Door::WriteKey);
    let written = json!({ "locale": "es", "question": "¿Hay duchas?", "answer": "Sí, calientes." });
    Some(match route {
        "POST /v1/chat" => visitor("/v1/chat".into()).json(json!({ "message": "¿cuánto cuesta?", "conversation_id": conversation })),
        "POST /v1/chat/completions" => {
            let body = json!({ "model": "orilla", "messages": [{ "role": "user", "content": "¿Cuánto cuesta una clase de surf?" }] });
            visitor("/v1/chat/completions".into()).json(body).about_the_caller()
        }
        "GET /v1/models" => visitor("/v1/models".into()).about_the_caller(),
        "POST /mcp" => {
            let call = json!({ "name": "search_knowledge", "arguments": { "query": "¿Cuánto cuesta una clase de surf?" } });
            let body = json!({ "jsonrpc": "2.0", "id": 1, "method": "tools/call", "params": call });
            visitor("/mcp".into()).json(body).about_the_caller()
        }
        "GET /v1/chat/{conversation}" => visitor(format!("/v1/chat/{conversation}")),
        "POST /v1/chat/{conversation}/feedback" => {
            visitor(format!("/v1/chat/{conversation}/feedback")).json(json!({ "number": of.answer, "is_helpful": false }))
        }
        "GET /v1/conversations" => ask("/v1/conversations").about_the_caller(),
        "GET /v1/conversations/{conversation}" => ask(format!("/v1/conversations/{conversation}")),
        "POST /v1/conversations/{conversation}/messages" => {
            ask(format!("/v1/conversations/{conversation}/messages")).json(json!({ "text": "Te ayudo yo.", "agent": "leo" }))
        }
        "PATCH /v1/conversations/{conversation}" => ask(format!("/v1/conversations/{conversation}")).json(json!({ "act": "take" })),
        "DELETE /v1/conversations/{conversation}" => ask(format!("/v1/conversations/{conversation}")),
        "GET /v1/kb/articles" => ask("/v1/kb/articles").about_the_caller(),
        "GET /v1/kb/articles/{article}" => ask(format!("/v1/kb/articles/{article}")),
        "PUT /v1/kb/articles/{article}" => ask(format!("/v1/kb/articles/{article}")).json(written).about_the_caller(),
        "DELETE /v1/kb/articles/{article}" => ask(format!("/v1/kb/articles/{article}")),
        "POST /v1/kb/import" => {
            let line = json!({ "id": article, "lang": "es", "question": "¿Hay duchas?", "answer": "Sí, calientes." });
            ask("/v1/kb/import?format=jsonl").body(line.to_string()).about_the_caller()
        }
        "POST /v1/kb/index" => ask("/v1/kb/index").json(json!({})).about_the_caller(),
        "GET /v1/kb/quality" => ask("/v1/kb/quality").about_the_caller(),
        "GET /v1/kb/gaps" => ask("/v1/kb/gaps").about_the_caller(),
        "PUT /v1/kb/sites/{site}" => ask(format!("/v1/kb/sites/{}", of.id)).json(json!({ "articles": [] })).foreign(403),
        _ => return None,
    })
}
