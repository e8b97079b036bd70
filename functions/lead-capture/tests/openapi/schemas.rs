//! The shapes of what lead capture takes and gives.

use orilla_core::openapi::reference;
use orilla_core::openapi::schema::{count, list, nullable, object, text, time};
use serde_json::{Value, json};

/// Every named schema.
pub fn all() -> Vec<(&'static str, Value)> {
    vec![
        ("Submission", submission()),
        ("Submitted", submitted()),
        ("FormspreeSubmitted", formspree_submitted()),
        ("FormspreeFailure", formspree_failure()),
        ("FormView", form_view()),
        ("FormSummary", form_summary()),
        ("Contribution", contribution()),
        ("Lead", lead()),
        ("Segment", segment()),
        ("LeadJourney", journey()),
        ("PastSubmission", past_submission()),
        ("Experiment", experiment()),
        ("Delivery", delivery()),
        ("Destination", destination()),
        ("Import", import()),
        ("Rescored", rescored()),
        ("Site", site()),
    ]
}

fn score() -> Value {
    json!({ "type": "integer", "minimum": 0, "maximum": 100 })
}

fn verdict() -> Value {
    json!({ "enum": ["accept", "quarantine"] })
}

fn submission() -> Value {
    json!({
        "type": "object",
        "description": "A flat object of the form's field and consent names, or the same inside `fields`. Names that begin with `_` are signals and never stored as fields.",
        "properties": {
            "_locale": { "type": "string", "description": "The visitor's language." },
            "_idempotency_key": { "type": "string", "description": "As the header; the header wins." },
            "_next": { "type": "string", "description": "Where to go afterwards; only to hosts that the form lists." },
            "_gotcha": { "type": "string", "description": "The decoy: stays empty." },
            "_elapsed_ms": { "type": ["number", "string"], "description": "Milliseconds since the form was shown." },
            "_page": { "type": "string", "description": "The page the form stands on." },
            "_referrer": { "type": "string" },
            "_variant": { "type": "string" },
            "_visitor": { "type": "string", "description": "The page's own name for the visitor." },
            "_challenge": { "type": "string", "description": "The solved challenge." },
        },
        "additionalProperties": true,
        "examples": [{ "email": "ana@escuela.example", "consent": true, "company": "Olas del Sur", "_locale": "es" }],
    })
}

fn submitted() -> Value {
    object(json!({ "ok": { "const": true }, "id": text(), "message": text(), "next": nullable("string"), "download": nullable("string") }))
}

fn formspree_submitted() -> Value {
    object(json!({ "ok": { "const": true }, "next": text(), "submission": text() }))
}

fn formspree_failure() -> Value {
    let error = json!({
        "type": "object",
        "required": ["code", "message"],
        "properties": { "code": text(), "field": text(), "message": text() },
    });
    object(json!({ "errors": list(error) }))
}

fn form_view() -> Value {
    json!({
        "type": "object",
        "required": ["id", "version", "locale", "locales", "headline", "submit", "fields", "consents", "texts"],
        "properties": {
            "id": text(), "version": count(), "locale": text(), "locales": list(text()), "variant": text(), "headline": text(), "intro": text(),
            "submit": text(), "decoy": text(), "challenge": { "type": "object" }, "texts": { "type": "object" },
            "fields": list(json!({ "type": "object", "required": ["name", "type", "label", "required"] })),
            "consents": list(json!({ "type": "object", "required": ["name", "text", "required"] })),
        },
    })
}

fn form_summary() -> Value {
    object(json!({
        "id": text(), "title": { "type": "object" }, "locales": list(text()), "version": count(), "is_active": { "type": "boolean" },
        "accepted": count(), "quarantined": count(), "leads": count(), "last_submission_at": nullable("string"), "updated_at": time(),
    }))
}

fn contribution() -> Value {
    json!({
        "type": "object",
        "required": ["side", "rule", "label", "side_points", "points"],
        "properties": {
            "side": { "enum": ["fit", "engagement"] }, "group": text(), "rule": text(), "label": { "type": "object" },
            "side_points": { "type": "integer" }, "points": { "type": "integer" },
        },
    })
}

fn lead_properties() -> Value {
    json!({
        "id": text(), "email": text(), "name": nullable("string"), "fields": { "type": "object" }, "form": text(), "locale": text(),
        "verdict": verdict(), "reasons": list(text()), "score": score(), "fit": score(), "engagement": score(),
        "band": { "type": "string", "pattern": "^[A-C][1-3]$" }, "contributions": list(reference("Contribution")),
        "rules_version": nullable("integer"), "tags": list(text()), "segments": list(text()), "first_touch": { "type": "object" }, "last_touch": { "type": "object" },
        "is_confirmed": { "type": "boolean" }, "submissions": count(), "created_at": time(), "updated_at": time(),
    })
}

fn lead() -> Value {
    object(lead_properties())
}

fn segment() -> Value {
    object(json!({
        "id": text(), "label": { "type": "object" }, "when": { "type": ["object", "string"] }, "leads": count(),
        "last_entered_at": nullable("string"), "updated_at": time(),
    }))
}

fn journey() -> Value {
    let mut properties = lead_properties();
    properties["history"] = list(reference("PastSubmission"));
    properties["consents"] = list(object(json!({
        "submission": text(), "item": text(), "is_given": { "type": "boolean" }, "text_hash": text(), "form_version": count(),
        "locale": text(), "given_at": time(), "confirmed_at": nullable("string"),
    })));
    properties["events"] = list(object(json!({
        "type": text(), "name": text(), "url": nullable("string"), "properties": { "type": "object" }, "occurred_at": time(),
    })));
    properties["conversations"] = list(object(json!({
        "id": text(), "state": text(), "locale": text(), "page": nullable("string"), "ticket": nullable("string"), "messages": count(),
        "created_at": time(), "updated_at": time(),
    })));
    properties["tickets"] = list(object(json!({
        "id": text(), "number": count(), "subject": text(), "status": text(), "priority": text(), "category": text(),
        "assignee": nullable("string"), "due_at": nullable("string"), "created_at": time(),
    })));
    object(properties)
}

fn past_submission() -> Value {
    object(json!({
        "id": text(), "lead": text(), "form": text(), "form_version": count(), "fields": { "type": "object" }, "extra": { "type": "object" },
        "locale": text(), "verdict": verdict(), "reasons": list(text()), "variant": nullable("string"), "touch": { "type": "object" },
        "score": score(), "released_at": nullable("string"), "received_at": time(),
    }))
}

fn experiment() -> Value {
    object(json!({
        "experiment": text(), "exposed": count(), "converted": count(),
        "variants": list(object(json!({
            "id": text(), "weight": count(), "exposed": count(), "converted": count(), "rate": nullable("number"),
            "rate_low": nullable("number"), "rate_high": nullable("number"),
        }))),
        "sample_ratio": object(json!({
            "chi_squared": nullable("number"), "degrees_of_freedom": count(), "p_value": nullable("number"), "is_mismatch": { "type": "boolean" },
        })),
        "comparisons": list(json!({ "type": "object", "required": ["variant", "control", "method", "is_significant"] })),
    }))
}

fn delivery() -> Value {
    json!({
        "type": "object",
        "required": ["id", "destination", "kind", "event", "subject", "status", "attempts", "created_at"],
        "properties": {
            "id": text(), "destination": text(), "kind": { "enum": ["webhook", "slack", "email"] }, "event": text(), "subject": text(),
            "status": { "enum": ["pending", "delivered", "failed"] }, "attempts": count(), "next_at": nullable("string"),
            "last_status": nullable("integer"), "last_error": nullable("string"), "created_at": time(), "finished_at": nullable("string"),
        },
    })
}

fn destination() -> Value {
    json!({
        "type": "object",
        "required": ["id", "kind", "target", "events", "is_managed"],
        "properties": {
            "id": text(), "kind": { "enum": ["webhook", "slack", "email"] }, "target": text(), "events": list(text()), "segment": nullable("string"),
            "is_managed": { "type": "boolean" }, "disabled_at": nullable("string"), "disabled_reason": nullable("string"), "created_at": time(),
        },
    })
}

fn import() -> Value {
    let bad =
        object(json!({ "line": count(), "raw": text(), "errors": list(json!({ "type": "object", "required": ["code", "message"] })) }));
    object(json!({
        "is_dry_run": { "type": "boolean" }, "encoding": text(), "delimiter": text(), "columns": list(json!({ "type": "object" })),
        "rows": count(), "imported": count(), "known": count(), "repeated": list(count()), "bad": list(bad),
    }))
}

fn rescored() -> Value {
    object(json!({
        "is_dry_run": { "type": "boolean" }, "rules_version": count(), "scored": count(),
        "changes": list(json!({ "type": "object", "required": ["lead", "before", "after"] })), "next": nullable("string"),
    }))
}

fn site() -> Value {
    json!({
        "type": "object",
        "required": ["site", "forms"],
        "properties": { "site": { "type": "object" }, "forms": { "type": "object" }, "scoring": { "type": ["object", "null"] }, "segments": {} },
    })
}
