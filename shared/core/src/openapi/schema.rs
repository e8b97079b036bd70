//! Schemas that every document needs.

use serde_json::{Value, json};

use super::reference;

/// An object with these properties, all of them there.
#[must_use]
pub fn object(properties: Value) -> Value {
    let required: Vec<_> = properties.as_object().into_iter().flatten().map(|(name, _)| name.clone()).collect();
    json!({ "type": "object", "required": required, "properties": properties })
}

/// A list.
#[must_use]
pub fn list(items: Value) -> Value {
    json!({ "type": "array", "items": items })
}

/// A page of a list, and where the next one begins.
#[must_use]
pub fn page(name: &str, item: &str) -> Value {
    object(json!({ name: list(reference(item)), "next": nullable("string") }))
}

/// A value of this type, or `null`.
#[must_use]
pub fn nullable(kind: &str) -> Value {
    json!({ "type": [kind, "null"] })
}

/// A text.
#[must_use]
pub fn text() -> Value {
    json!({ "type": "string" })
}

/// How many.
#[must_use]
pub fn count() -> Value {
    json!({ "type": "integer", "minimum": 0 })
}

/// A time as RFC 3339 writes it.
#[must_use]
pub fn time() -> Value {
    json!({ "type": "string", "format": "date-time" })
}
