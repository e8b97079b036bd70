//! The shapes of what the FAQ chat takes and gives.

use faq_chat::said::MAX_MESSAGE_BYTES;
use orilla_core::openapi::reference;
use orilla_core::openapi::schema::{count, list, nullable, object, text, time};
use serde_json::{Value, json};

/// Every named schema.
pub fn all() -> Vec<(&'static str, Value)> {
    vec![
        ("Said", said()),
        ("Answer", answer()),
        ("Source", source()),
        ("Choice", object(json!({ "id": text(), "title": text() }))),
        ("Followed", followed()),
        ("Message", message()),
        ("Rating", open(json!({ "site": text(), "number": count(), "is_helpful": boolean() }), &["number", "is_helpful"])),
        ("Rated", object(json!({ "number": count(), "is_helpful": boolean() }))),
        ("CompletionRequest", completion_request()),
        ("Completion", completion()),
        (
            "CompletionFailure",
            object(json!({ "error": object(json!({ "message": text(), "type": text(), "param": nullable("string"), "code": text() })) })),
        ),
        ("Models", object(json!({ "object": text(), "data": list(json!({ "type": "object" })) }))),
        (
            "RpcCall",
            open(json!({ "jsonrpc": { "const": "2.0" }, "id": {}, "method": text(), "params": { "type": "object" } }), &["jsonrpc"]),
        ),
        ("RpcAnswer", open(json!({ "jsonrpc": { "const": "2.0" }, "id": {}, "result": {}, "error": {} }), &["jsonrpc", "id"])),
        ("ConversationSummary", object(conversation())),
        ("Conversation", whole_conversation()),
        (
            "Reply",
            open(json!({ "text": { "type": "string", "minLength": 1, "maxLength": MAX_MESSAGE_BYTES }, "agent": text() }), &["text"]),
        ),
        ("Steering", open(json!({ "act": { "enum": ["take", "release", "resolve"] }, "agent": text() }), &["act"])),
        (
            "Erased",
            object(json!({ "receipt": text(), "erased_at": time(), "rows": { "type": "object", "additionalProperties": count() } })),
        ),
        ("Article", article()),
        ("StoredArticle", stored_article()),
        ("ArticleInLanguages", object(json!({ "id": text(), "articles": list(reference("StoredArticle")) }))),
        ("Written", object(json!({ "id": text(), "is_changed": boolean() }))),
        ("Removed", object(json!({ "id": text(), "removed": count() }))),
        (
            "Imported",
            object(
                json!({ "is_dry_run": boolean(), "read": count(), "changed": count(), "refused": count(), "refusals": list(json!({ "type": "object" })) }),
            ),
        ),
        ("Files", object(json!({ "articles": list(json!({ "type": ["string", "object"] })) }))),
        (
            "Applied",
            object(
                json!({ "site": text(), "is_dry_run": boolean(), "same": count(), "changed": count(), "removed": count(), "is_indexed": boolean(), "pending": count() }),
            ),
        ),
        ("IndexState", object(json!({ "is_current": boolean(), "version": count(), "pending": count() }))),
        ("Quality", quality()),
        ("Gaps", object(json!({ "questions": count(), "gaps": list(gap()) }))),
    ]
}

fn boolean() -> Value {
    json!({ "type": "boolean" })
}

fn locale() -> Value {
    json!({ "enum": ["es", "en"] })
}

fn state() -> Value {
    json!({ "enum": ["bot", "waiting", "human", "resolved"] })
}

fn share() -> Value {
    json!({ "type": "number", "minimum": 0, "maximum": 1 })
}

/// An object of which only some properties must be there.
fn open(properties: Value, required: &[&str]) -> Value {
    json!({ "type": "object", "properties": properties, "required": required })
}

fn said() -> Value {
    let message = json!({ "type": "string", "minLength": 1, "maxLength": MAX_MESSAGE_BYTES });
    let mut said = open(
        json!({
            "site": { "type": "string", "format": "uuid", "description": "The site's public id, where no key is shown." },
            "message": { "anyOf": [message, { "type": "array", "items": message, "minItems": 1, "maxItems": 20 }] },
            "choice": { "type": "string", "description": "The entry that was chosen of those offered; `message` then is its title." },
            "want": { "enum": ["person"] },
            "contact": open(json!({ "email": { "type": "string", "format": "email" }, "name": text() }), &[]),
            "conversation_id": { "type": "string", "format": "uuid" },
            "locale": { "type": "string", "description": "The language of the page." },
            "page": { "type": "string", "description": "The address of the page; its query is not kept." },
            "stream": boolean(),
        }),
        &[],
    );
    said["examples"] = json!([{ "message": "¿Cuánto cuesta?", "locale": "es" }, { "want": "person" }]);
    said
}

fn answer() -> Value {
    let mut answer = object(json!({
        "conversation_id": text(),
        "number": count(),
        "state": state(),
        "action": { "enum": ["answer", "clarify", "handoff", "smalltalk"] },
        "answer": text(),
        "locale": locale(),
        "confidence": share(),
        "sources": list(reference("Source")),
        "suggestions": list(reference("Choice")),
        "reasons": list(text()),
        "is_generated": boolean(),
        "offers_person": boolean(),
    }));
    answer["properties"]["ticket_id"] = text();
    answer["properties"]["answers_at"] = time();
    answer
}

fn source() -> Value {
    object(json!({ "id": text(), "title": text(), "url": nullable("string"), "score": share(), "locale": locale() }))
}

fn message() -> Value {
    let mut message = object(
        json!({ "number": count(), "author": { "enum": ["visitor", "bot", "agent", "notice"] }, "text": text(), "created_at": time() }),
    );
    for (name, schema) in [
        ("sources", list(reference("Source"))),
        ("suggestions", list(reference("Choice"))),
        ("locale", locale()),
        ("reasons", list(text())),
        ("is_helpful", boolean()),
    ] {
        message["properties"][name] = schema;
    }
    message
}

fn followed() -> Value {
    let mut followed =
        object(json!({ "conversation_id": text(), "state": state(), "locale": locale(), "messages": list(reference("Message")) }));
    followed["properties"]["answers_at"] = time();
    followed
}

fn completion_request() -> Value {
    open(
        json!({
            "model": text(),
            "messages": list(open(json!({ "role": text(), "content": { "type": ["string", "array", "null"] } }), &["role"])),
            "stream": boolean(),
            "stream_options": open(json!({ "include_usage": boolean() }), &[]),
        }),
        &["messages"],
    )
}

fn completion() -> Value {
    object(json!({
        "id": text(),
        "object": { "const": "chat.completion" },
        "created": count(),
        "model": text(),
        "choices": list(json!({ "type": "object" })),
        "usage": object(json!({ "prompt_tokens": count(), "completion_tokens": count(), "total_tokens": count() })),
        "sources": list(reference("Source")),
        "suggestions": list(reference("Choice")),
        "action": text(),
        "confidence": share(),
        "reasons": list(text()),
    }))
}

fn conversation() -> Value {
    json!({
        "id": text(),
        "state": state(),
        "locale": locale(),
        "page": nullable("string"),
        "agent": nullable("string"),
        "contact": { "type": "object" },
        "ticket_id": nullable("string"),
        "handoffs": count(),
        "unanswered": count(),
        "created_at": time(),
        "updated_at": time(),
    })
}

fn whole_conversation() -> Value {
    let mut properties = conversation();
    properties["messages"] = list(reference("Message"));
    object(properties)
}

fn article() -> Value {
    let mut article = open(
        json!({
            "id": text(),
            "locale": locale(),
            "question": { "type": "string", "minLength": 1, "maxLength": 500 },
            "paraphrases": list(text()),
            "tags": list(text()),
            "links": list(json!({ "type": ["string", "object"] })),
            "answer": { "type": "string", "minLength": 1, "description": "Markdown, shown as text." },
        }),
        &["locale", "question", "answer"],
    );
    article["examples"] = json!([{ "locale": "es", "question": "¿Hay duchas?", "answer": "Sí, con agua caliente." }]);
    article
}

fn stored_article() -> Value {
    let mut stored = article();
    stored["properties"]["updated_at"] = time();
    stored
}

fn quality() -> Value {
    let percent = || nullable("number");
    object(json!({
        "index": object(json!({ "is_current": boolean(), "pending": count(), "entries": count(), "bytes": count(), "built_at": nullable("string") })),
        "own_questions": object(json!({
            "asked": nullable("integer"),
            "found_first_percent": percent(),
            "answered_percent": percent(),
            "wrong_percent": percent(),
            "strangers_answered_percent": percent(),
        })),
        "visitors": object(json!({
            "conversations": count(),
            "handed_off": count(),
            "unhelpful": count(),
            "deflection_percent": percent(),
            "answers_rated_helpful": count(),
            "answers_rated_unhelpful": count(),
        })),
    }))
}

fn gap() -> Value {
    object(json!({
        "question": text(),
        "locale": locale(),
        "people": count(),
        "asked": count(),
        "unhelpful": count(),
        "last_asked_at": nullable("string"),
        "conversations": list(text()),
        "draft": { "type": "object" },
    }))
}
