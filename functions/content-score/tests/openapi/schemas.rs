//! The shapes of what content scoring takes and gives.

use orilla_core::openapi::reference;
use orilla_core::openapi::schema::{count, list, nullable, object, page, text, time};
use serde_json::{Map, Value, json};

/// Every named schema.
pub fn all() -> Vec<(&'static str, Value)> {
    vec![
        ("Text", sent(&["document", "version"], &[])),
        ("Check", sent(&["site"], &["content"])),
        ("Watch", open(with(judged_by(), json!({ "url": address(), "threshold": points() })), &["url"])),
        ("Report", report()),
        ("Assessment", assessment()),
        ("Span", object(json!({ "start": count(), "end": count() }))),
        ("Message", object(json!({ "es": text(), "en": text() }))),
        ("Fetched", fetched()),
        ("Suggestions", suggestions()),
        ("Improvement", improvement()),
        ("Advice", object(json!({ "id": text(), "rating": rating(), "message": reference("Message"), "spans": list(reference("Span")) }))),
        ("Documents", page("documents", "DocumentSummary")),
        ("DocumentSummary", object(document())),
        (
            "Document",
            object(with(document(), json!({ "trend": trend(), "versions": list(reference("Version")), "next": nullable("string") }))),
        ),
        ("Version", version()),
        ("Pages", page("pages", "Page")),
        ("Page", watched()),
        ("Settings", json!({ "type": "object", "description": "As `content.toml` has it; every part has a default." })),
        ("Applied", object(json!({ "site": text(), "is_dry_run": boolean(), "is_changed": boolean() }))),
        (
            "Erased",
            object(json!({ "receipt": text(), "erased_at": time(), "rows": { "type": "object", "additionalProperties": count() } })),
        ),
    ]
}

fn judged_by() -> Value {
    json!({
        "keyphrase": short(200), "synonyms": { "type": "array", "maxItems": 50, "items": short(200) },
        "locale": { "type": "string", "description": "`es` or `en`; without it the language is told from the text, block by block." },
        "kind": { "enum": ["landing", "blog", "email", "whitepaper", "case_study"], "default": "blog" },
        "profile": { "enum": ["brief", "yoast", "own"] },
        "persona": { "type": "string", "description": "The id of one of the site's personas, or words about somebody.", "maxLength": 1_000 },
    })
}

/// A text, with what else a request may say of it.
fn sent(more: &[&str], required: &[&str]) -> Value {
    let mut properties = with(
        judged_by(),
        json!({
            "content": { "type": "string", "description": "Without it the page at `url` is fetched." },
            "format": { "enum": ["html", "markdown", "plain", "text"], "description": "HTML where a tag begins, else plain, if it says nothing." },
            "title": short(1_000), "subject": short(1_000), "meta_description": short(5_000), "slug": short(200), "preview": short(1_000),
            "url": address(),
        }),
    );
    for name in more {
        properties[*name] = short(200);
    }
    open(properties, required)
}

fn short(most: u32) -> Value {
    json!({ "type": "string", "maxLength": most })
}

fn address() -> Value {
    json!({ "type": "string", "format": "uri", "maxLength": 2_048 })
}

fn points() -> Value {
    json!({ "type": ["integer", "null"], "minimum": 0, "maximum": 100 })
}

fn rating() -> Value {
    json!({ "enum": ["feedback", "bad", "ok", "good"] })
}

fn part() -> Value {
    json!({ "enum": ["seo", "readability", "structure", "persuasion"] })
}

fn boolean() -> Value {
    json!({ "type": "boolean" })
}

fn report() -> Value {
    let formula = object(json!({ "id": text(), "value": { "type": "number" }, "band": nullable("string") }));
    object(json!({
        "score": count(), "grade": text(), "seo": points(), "readability": points(), "structure": points(), "persuasion": points(),
        "yoast": object(json!({ "seo": points(), "readability": points() })),
        "assessments": list(reference("Assessment")),
        "language": object(json!({ "main": text(), "is_detected": boolean(), "is_mixed": boolean(), "is_supported": boolean() })),
        "stats": object(json!({
            "words": count(), "sentences": count(), "paragraphs": count(), "syllables": count(), "letters": count(), "long_words": count(), "reading_seconds": count(),
            "formulas": list(formula),
        })),
        "profile": text(),
        "fetched": { "anyOf": [reference("Fetched"), { "type": "null" }] },
        "document": { "anyOf": [object(json!({ "id": text(), "number": count(), "is_new": boolean() })), { "type": "null" }] },
    }))
}

fn assessment() -> Value {
    let target = object(json!({ "min": nullable("number"), "max": nullable("number") }));
    let mut schema = json!({
        "id": text(), "part": part(), "score": { "type": "integer" }, "rating": rating(), "value": nullable("number"),
        "target": { "anyOf": [target, { "type": "null" }] }, "message": reference("Message"), "spans": list(reference("Span")),
    });
    schema["costs"] = json!({ "type": "number", "description": "Points of the whole score that mending it gives." });
    object(schema)
}

fn fetched() -> Value {
    object(json!({
        "url": text(), "status": count(), "redirects": count(), "charset": text(), "is_noindex": boolean(), "bytes": count(),
    }))
}

fn suggestions() -> Value {
    object(json!({
        "score": count(), "profile": text(), "fetched": { "anyOf": [reference("Fetched"), { "type": "null" }] },
        "improvements": list(reference("Improvement")), "advice": list(reference("Advice")),
        "generator": object(json!({ "model": nullable("string"), "problem": nullable("string") })),
    }))
}

fn improvement() -> Value {
    let change = object(json!({ "id": text(), "before": nullable("integer"), "after": nullable("integer") }));
    object(json!({
        "place": { "enum": ["title", "meta_description", "slug", "headline", "call_to_action"] }, "current": nullable("string"), "text": text(),
        "author": { "enum": ["rule", "generator"] }, "before": count(), "after": count(), "changes": list(change),
    }))
}

fn document() -> Value {
    json!({
        "id": text(), "kind": text(), "title": nullable("string"), "url": nullable("string"), "language": text(), "version": count(),
        "score": count(), "grade": text(), "created_at": time(), "updated_at": time(),
    })
}

fn trend() -> Value {
    let change: Map<String, Value> =
        ["score", "seo", "readability", "structure", "persuasion"].map(|part| (part.to_owned(), nullable("integer"))).into_iter().collect();
    object(json!({ "slope": nullable("number"), "versions": count(), "change": object(change.into()) }))
}

fn version() -> Value {
    let failing = object(json!({ "id": text(), "part": part(), "score": { "type": "integer" }, "rating": rating() }));
    object(json!({
        "version": count(), "label": nullable("string"), "profile": text(), "language": text(), "grade": text(), "stats": { "type": "object" },
        "failing": list(failing), "content_hash": text(), "has_text": boolean(), "created_at": time(), "score": points(), "seo": points(),
        "readability": points(), "structure": points(), "persuasion": points(),
    }))
}

fn watched() -> Value {
    object(json!({
        "id": text(), "url": text(), "is_low": boolean(), "is_lost": boolean(), "failures": count(), "problem": nullable("string"),
        "score": points(), "checked_at": { "type": ["string", "null"], "format": "date-time" }, "next_at": time(), "created_at": time(),
        "updated_at": time(), "threshold": points(), "keyphrase": nullable("string"), "synonyms": { "type": ["array", "null"] },
        "kind": nullable("string"), "locale": nullable("string"), "profile": nullable("string"), "persona": nullable("string"),
    }))
}

fn with(mut one: Value, other: Value) -> Value {
    if let (Some(one), Value::Object(other)) = (one.as_object_mut(), other) {
        one.extend(other);
    }
    one
}

fn open(properties: Value, required: &[&str]) -> Value {
    json!({ "type": "object", "properties": properties, "required": required, "additionalProperties": false })
}
