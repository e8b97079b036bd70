//! The shapes of what ticket routing takes and gives.

use orilla_core::openapi::reference;
use orilla_core::openapi::schema::{count, list, nullable, object, text, time};
use serde_json::{Value, json};

/// Every named schema.
pub fn all() -> Vec<(&'static str, Value)> {
    vec![
        ("NewTicket", new_ticket()),
        ("TakenTicket", taken()),
        ("TicketSummary", object(ticket())),
        ("Ticket", whole()),
        ("Event", event()),
        ("Clock", clock()),
        ("Tickets", object(json!({ "tickets": list(reference("TicketSummary")), "next_offset": { "type": ["integer", "null"] } }))),
        ("Change", change()),
        ("Comment", comment()),
        ("Claim", open(json!({ "agent": text() }), &["agent"])),
        (
            "Erased",
            object(json!({ "receipt": text(), "erased_at": time(), "rows": { "type": "object", "additionalProperties": count() } })),
        ),
        ("Merge", open(json!({ "into": text(), "agent": text() }), &["into"])),
        ("Suggestions", suggestions()),
        ("Suggestion", suggestion()),
        ("DraftWish", open(json!({ "agent": text(), "tone": { "enum": ["friendly", "formal"] } }), &[])),
        ("Draft", draft()),
        ("Report", report()),
        ("Problems", look("problems", with(problem(), trend()))),
        ("Gaps", gaps()),
        ("TicketExample", example()),
        ("Verdict", verdict()),
        ("Label", label()),
        ("Agents", object(json!({ "agents": list(reference("Agent")) }))),
        ("Agent", agent()),
        (
            "Presence",
            open(json!({ "presence": presence(), "out_until": { "type": ["string", "null"], "format": "date-time" } }), &["presence"]),
        ),
        ("Desk", json!({ "type": "object", "description": "As `desk.toml` has it; every part has a default." })),
        ("AppliedDesk", object(json!({ "site": text(), "is_dry_run": boolean(), "is_changed": boolean() }))),
        (
            "NewSource",
            open(
                json!({ "kind": kind_of_source(), "secret": { "type": ["string", "null"], "minLength": 1, "maxLength": 512 } }),
                &["kind"],
            ),
        ),
        ("Source", source()),
        ("Sources", object(json!({ "sources": list(reference("Source")) }))),
        (
            "Placed",
            object(json!({
                "is_ignored": { "const": false }, "ticket_id": text(), "number": count(), "is_reply": boolean(), "is_duplicate": boolean(),
            })),
        ),
        (
            "Ignored",
            object(json!({
                "is_ignored": { "const": true },
                "why": { "enum": ["automatic", "bulk", "bounce", "own_address", "empty", "unknown_event", "first_words"] },
            })),
        ),
        ("Holidays", holidays()),
        ("Quality", quality()),
        ("ZendeskTicketRequest", zendesk_request()),
        (
            "ZendeskTicket",
            json!({ "type": "object", "properties": { "ticket": zendesk_ticket(), "audit": { "type": "object" } }, "required": ["ticket"] }),
        ),
        ("ZendeskTickets", zendesk_page("tickets", zendesk_ticket())),
        ("ZendeskComments", zendesk_page("comments", json!({ "type": "object", "required": ["id", "body", "public", "created_at"] }))),
        ("ZendeskFailure", object(json!({ "error": text(), "description": text(), "details": { "type": "object" } }))),
        ("Vote", open(json!({ "score": { "type": "integer", "minimum": 1, "maximum": 5 }, "comment": comment_text() }), &["score"])),
        ("Voted", object(json!({ "score": count(), "comment": nullable("string"), "rated_at": time(), "changes_until": time() }))),
        ("SatisfactionLink", object(json!({ "url": text(), "expires_at": time() }))),
        ("Satisfaction", satisfaction()),
        ("NpsAnswer", survey_answer(0, 10)),
        ("CsatAnswer", survey_answer(1, 5)),
        ("SurveyVisitor", open(json!({ "site": text(), "visitor": text(), "email": text(), "locale": text() }), &[])),
        (
            "Invitation",
            open(
                json!({
                    "ask": boolean(), "survey": { "enum": ["nps", "csat"] }, "locale": text(),
                    "words": object(json!({ "question": text(), "low": text(), "high": text(), "thanks": text() })),
                }),
                &["ask"],
            ),
        ),
        ("Csat", csat()),
        ("NpsTaken", object(json!({ "is_change": boolean() }))),
        ("Nps", nps()),
        ("Macros", object(json!({ "macros": list(reference("Macro")) }))),
        ("Macro", macro_()),
        ("RenderedMacro", rendered()),
        (
            "ApplyMacro",
            open(
                json!({ "macro": text(), "agent": text(), "text": { "type": "string", "description": "Instead of the macro's own." } }),
                &["macro", "agent"],
            ),
        ),
        (
            "AppliedMacro",
            object(json!({
                "ticket": reference("Ticket"),
                "macro": object(json!({ "id": text(), "name": text(), "rendered": maybe("RenderedMacro") })),
            })),
        ),
        ("Trained", object(json!({ "category": trained(), "priority": trained() }))),
    ]
}

fn comment_text() -> Value {
    json!({ "type": "string", "maxLength": 2_000 })
}

fn maybe(schema: &str) -> Value {
    json!({ "anyOf": [reference(schema), { "type": "null" }] })
}

fn maybe_interval() -> Value {
    let interval = object(json!({ "low": { "type": "number" }, "high": { "type": "number" } }));
    json!({ "description": "Of 95 %.", "anyOf": [interval, { "type": "null" }] })
}

fn satisfaction() -> Value {
    let figures = || json!({ "answers": count(), "share": nullable("number"), "interval": maybe_interval(), "mean": nullable("number") });
    let mut of_agent = figures();
    of_agent["agent"] = nullable("string");
    let mut all = figures();
    all["agents"] = list(object(of_agent));
    let mut schema = object(all);
    schema["description"] = "How many rated the help, the share of 4 and 5 with Wilson's interval, and the mean.".into();
    schema
}

fn survey_answer(least: u32, most: u32) -> Value {
    open(
        json!({
            "site": text(), "score": { "type": "integer", "minimum": least, "maximum": most }, "comment": comment_text(), "locale": text(),
            "page": { "type": "string", "maxLength": 2_048 }, "visitor": { "type": "string", "maxLength": 128 }, "email": text(),
        }),
        &["score"],
    )
}

fn nps() -> Value {
    let mut nps = results(|| {
        json!({
            "answers": count(), "promoters": count(), "passives": count(), "detractors": count(), "nps": nullable("number"),
            "interval": maybe_interval(),
        })
    });
    nps["satisfaction"] = reference("Satisfaction");
    object(nps)
}

fn csat() -> Value {
    object(results(|| {
        json!({
            "answers": count(), "satisfied": count(), "neutral": count(), "dissatisfied": count(), "share": nullable("number"),
            "interval": maybe_interval(), "mean": nullable("number"),
        })
    }))
}

/// Figures, the same by week, language and segment, and comments.
fn results(figures: impl Fn() -> Value) -> Value {
    let of = |name: &str, schema: Value| {
        let mut part = figures();
        part[name] = schema;
        list(object(part))
    };
    let comment = object(json!({
        "id": text(), "score": count(), "comment": text(), "locale": text(), "page": nullable("string"), "visitor": text(),
        "email": nullable("string"), "answered_at": time(),
    }));
    let mut told = figures();
    told["from"] = time();
    told["to"] = time();
    told["weeks"] =
        of("week", json!({ "type": "string", "format": "date", "description": "Its Monday; weeks without answers are left out." }));
    told["locales"] = of("locale", text());
    told["segments"] = of("segment", text());
    told["comments"] = list(comment);
    told["next"] = nullable("string");
    told
}

fn macro_() -> Value {
    let then = open(
        json!({
            "status": status(), "priority": priority(), "category": text(), "team": text(), "tags_add": list(text()), "assignee": text(),
            "is_public": boolean(),
        }),
        &["tags_add", "is_public"],
    );
    let mut it = object(json!({ "id": text(), "name": text(), "then": then }));
    it["properties"]["rendered"] = maybe("RenderedMacro");
    it["properties"]["text"] = json!({ "type": "object", "additionalProperties": text() });
    it
}

fn rendered() -> Value {
    object(json!({
        "text": text(), "locale": { "enum": ["es", "en"] }, "is_other_language": boolean(),
        "missing": { "type": "array", "items": text(), "description": "Variables without a value or anything that stands in for it." },
    }))
}

/// What was looked at, and what was found in it.
fn look(found: &str, schema: Value) -> Value {
    let mut look = json!({ "from": time(), "to": time(), "tickets": count(), "is_capped": boolean(), "left_over": count() });
    look[found] = list(object(schema));
    object(look)
}

fn with(mut one: Value, other: Value) -> Value {
    if let (Some(one), Value::Object(other)) = (one.as_object_mut(), other) {
        one.extend(other);
    }
    one
}

fn problem() -> Value {
    json!({
        "tickets": count(), "words": list(text()), "likeness": share(), "category": text(), "unsolved": count(),
        "locales": object(json!({ "es": count(), "en": count() })), "examples": list(reference("TicketExample")), "numbers": list(count()),
    })
}

fn trend() -> Value {
    let trend = object(json!({
        "this_week": count(), "earlier_mean": nullable("number"), "p_value": nullable("number"), "is_rising": boolean(),
    }));
    json!({ "weeks": list(count()), "trend": trend, "median_reply_seconds": nullable("integer") })
}

fn gaps() -> Value {
    let mut nearest = object(json!({ "article": text(), "title": text(), "locale": text(), "score": share() }));
    nearest["type"] = json!(["object", "null"]);
    let mut gaps = look("gaps", with(problem(), json!({ "asked": count(), "unanswered": count(), "nearest": nearest })));
    gaps["properties"]["asked"] = count();
    gaps
}

fn example() -> Value {
    object(json!({
        "id": text(), "number": count(), "subject": text(), "text": text(), "locale": text(), "status": status(), "created_at": time(),
    }))
}

fn kind_of_source() -> Value {
    json!({ "enum": ["postmark", "mailgun", "resend", "zendesk"] })
}

fn source() -> Value {
    let mut source = object(
        json!({ "name": text(), "kind": kind_of_source(), "id": text(), "path": text(), "has_secret": boolean(), "takes_lists": boolean(), "created_at": time() }),
    );
    source["properties"]["secret"] = text();
    source
}

fn holidays() -> Value {
    let date = json!({ "type": "string", "format": "date" });
    let why = json!({ "enum": ["cancelled", "timed", "dateless", "too_long", "rule", "outside"] });
    object(json!({
        "calendar": text(), "is_dry_run": boolean(), "is_changed": boolean(),
        "holidays": list(object(json!({ "from": date, "to": date, "name": text() }))),
        "left_out": list(object(json!({ "name": text(), "why": why }))),
    }))
}

fn boolean() -> Value {
    json!({ "type": "boolean" })
}

fn share() -> Value {
    json!({ "type": "number", "minimum": 0, "maximum": 1 })
}

fn status() -> Value {
    json!({ "enum": ["new", "open", "pending", "on_hold", "solved", "closed"] })
}

fn priority() -> Value {
    json!({ "enum": ["low", "normal", "high", "critical"] })
}

fn presence() -> Value {
    json!({ "enum": ["online", "away", "offline"] })
}

fn maybe_time() -> Value {
    json!({ "type": ["string", "null"], "format": "date-time" })
}

/// An object that may leave out what is not required.
fn open(properties: Value, required: &[&str]) -> Value {
    json!({ "type": "object", "properties": properties, "required": required, "additionalProperties": false })
}

fn requester() -> Value {
    open(json!({ "name": text(), "email": text() }), &[])
}

fn new_ticket() -> Value {
    open(
        json!({
            "site": text(), "subject": { "type": "string", "maxLength": 300 }, "text": text(), "html": text(), "requester": requester(), "locale": text(),
            "external_id": { "type": "string", "minLength": 1, "maxLength": 200 },
            "tags": { "type": "array", "maxItems": 20, "items": { "type": "string", "minLength": 1, "maxLength": 64 } },
        }),
        &[],
    )
}

fn taken() -> Value {
    let mut taken = object(json!({ "ticket_id": text(), "number": count(), "is_duplicate": boolean() }));
    taken["properties"]["ticket"] = reference("TicketSummary");
    taken
}

fn ticket() -> Value {
    json!({
        "id": text(), "number": count(), "source": text(), "external_id": nullable("string"), "subject": text(), "requester": requester(),
        "locale": { "enum": ["es", "en"] }, "status": status(), "priority": priority(), "category": text(), "team": text(),
        "assignee": nullable("string"), "assigned_at": maybe_time(), "tags": list(text()), "verdict": reference("Verdict"),
        "routing": { "type": ["object", "null"] }, "merged_into": nullable("string"), "due_at": maybe_time(), "replied_at": maybe_time(),
        "created_at": time(), "updated_at": time(), "solved_at": maybe_time(),
    })
}

fn whole() -> Value {
    let mut whole = ticket();
    whole["events"] = list(reference("Event"));
    whole["clocks"] = list(reference("Clock"));
    let rating = object(json!({ "score": count(), "comment": nullable("string"), "agent": nullable("string"), "rated_at": time() }));
    whole["satisfaction"] = json!({ "description": "The vote that counts.", "anyOf": [rating, { "type": "null" }] });
    object(whole)
}

fn event() -> Value {
    let kinds = json!({ "enum": ["opened", "comment", "status", "priority", "category", "team", "assigned", "tags", "alarm", "duplicate", "merged", "macro", "rated"] });
    let mut event = object(json!({ "number": count(), "kind": kinds, "actor": text(), "created_at": time() }));
    event["properties"]["text"] = text();
    event["description"] = "With what its kind has beside.".into();
    event
}

fn clock() -> Value {
    object(json!({
        "metric": { "enum": ["first_reply", "next_reply", "periodic_update", "resolution"] }, "cycle": count(),
        "state": { "enum": ["running", "paused", "met", "breached", "cancelled"] }, "at": maybe_time(), "started_at": time(), "due_at": maybe_time(),
        "spent_seconds": { "type": "integer" }, "left_seconds": { "type": "integer" },
    }))
}

fn change() -> Value {
    open(
        json!({
            "agent": text(), "status": status(), "priority": priority(), "category": text(), "team": text(),
            "tags": { "type": "array", "maxItems": 20, "items": { "type": "string", "minLength": 1, "maxLength": 64 } }, "assignee": nullable("string"),
        }),
        &[],
    )
}

fn comment() -> Value {
    open(json!({ "text": { "type": "string", "minLength": 1 }, "is_public": boolean(), "agent": text(), "status": status() }), &["text"])
}

fn label() -> Value {
    let reason = object(json!({ "by": { "enum": ["rule", "words", "meaning"] }, "text": text(), "weight": { "type": "number" } }));
    object(json!({
        "label": text(), "probability": share(), "confidence": { "enum": ["low", "medium", "high"] }, "others": list(json!({ "type": "array" })),
        "reasons": list(reason),
    }))
}

fn verdict() -> Value {
    object(json!({
        "category": reference("Label"), "priority": reference("Label"), "locale": { "enum": ["es", "en"] }, "signals": list(json!({ "type": "array" })),
        "is_unsure": boolean(), "rules": list(text()), "team": nullable("string"), "tags": list(text()),
    }))
}

fn agent() -> Value {
    object(json!({
        "id": text(), "name": nullable("string"), "team": text(), "skills": list(text()), "languages": list(text()), "capacity": count(), "load": count(),
        "presence": presence(), "is_working": boolean(), "out_until": maybe_time(),
    }))
}

fn quality() -> Value {
    let task = object(json!({
        "said": count(), "accuracy": nullable("number"),
        "confusion": list(object(json!({ "guessed": text(), "said": text(), "tickets": count() }))),
    }));
    object(json!({
        "tickets": count(), "confidence": object(json!({ "high": share(), "medium": share(), "low": share() })),
        "bar": object(json!({ "high": share(), "medium_or_better": share() })), "is_above_bar": boolean(), "category": task.clone(), "priority": task,
        "heads": list(object(json!({ "task": text(), "lessons": count(), "learnt_at": time() }))),
    }))
}

fn zendesk_request() -> Value {
    let comment = json!({ "type": "object", "properties": { "body": text(), "html_body": text(), "public": boolean() } });
    let ticket = json!({ "type": "object", "properties": {
        "subject": { "type": "string", "maxLength": 300 }, "comment": comment, "priority": { "enum": ["low", "normal", "high", "urgent"] },
        "status": { "enum": ["new", "open", "pending", "hold", "solved", "closed"] }, "external_id": text(),
        "requester": { "type": "object", "properties": { "name": text(), "email": text() } },
        "tags": { "type": "array", "maxItems": 20, "items": { "type": "string", "minLength": 1, "maxLength": 64 } },
    } });
    json!({ "type": "object", "properties": { "ticket": ticket }, "required": ["ticket"] })
}

fn zendesk_ticket() -> Value {
    json!({ "type": "object", "properties": { "id": count(), "subject": text(), "status": text(), "priority": text(), "tags": list(text()) },
        "required": ["id", "url", "subject", "status", "priority", "tags", "created_at", "updated_at"] })
}

fn zendesk_page(name: &str, item: Value) -> Value {
    json!({ "type": "object", "properties": { name: list(item), "count": count() }, "required": [name, "count", "next_page", "previous_page"] })
}

fn suggestions() -> Value {
    object(json!({ "suggestions": list(reference("Suggestion")), "confidence": share() }))
}

fn suggestion() -> Value {
    object(json!({
        "article": text(), "title": text(), "url": nullable("string"), "text": text(), "locale": { "enum": ["es", "en"] }, "score": share(),
    }))
}

fn draft() -> Value {
    object(json!({
        "draft": nullable("string"), "locale": { "enum": ["es", "en"] }, "sources": list(reference("Suggestion")), "dropped": count(),
        "model": nullable("string"), "problem": nullable("string"),
    }))
}

fn report() -> Value {
    let table = || list(json!({ "type": "object" }));
    object(json!({
        "from": time(), "to": time(), "tickets": count(), "solved": count(), "first_contact_resolution": nullable("number"), "breaches": table(),
        "agents": table(), "categories": table(), "priorities": table(), "satisfaction": reference("Satisfaction"),
    }))
}

fn trained() -> Value {
    object(json!({ "lessons": count(), "is_learnt": boolean() }))
}
