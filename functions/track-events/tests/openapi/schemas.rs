//! The shapes of what event tracking takes and gives.

use orilla_core::openapi::reference;
use orilla_core::openapi::schema::{count, list, nullable, object, text, time};
use serde_json::{Map, Value, json};
use track_events::event::{Kind, MAX_ID_BYTES, MAX_NAME_BYTES};
use track_events::verdict::{Reason, Verdict};
use track_events::wire::segment::MAX_EVENTS;

/// Every named schema.
pub fn all() -> Vec<(&'static str, Value)> {
    vec![
        ("Batch", batch()),
        ("Event", event()),
        ("Track", call(Kind::Track)),
        ("Page", call(Kind::Page)),
        ("Screen", call(Kind::Screen)),
        ("Identify", call(Kind::Identify)),
        ("Group", call(Kind::Group)),
        ("Alias", call(Kind::Alias)),
        ("Context", context()),
        ("Received", received()),
        ("SegmentSettings", segment_settings()),
        ("RudderConfig", rudder_config()),
        ("UmamiEvent", umami_event()),
        ("UmamiReceived", umami_received()),
        ("UmamiBatchReceived", umami_batch_received()),
        ("PlausibleEvent", plausible_event()),
        ("PostHogEvent", posthog_event()),
        ("PostHogBatch", posthog_batch()),
        ("PostHogReceived", posthog_received()),
        ("PostHogConfig", posthog_config()),
        ("PostHogFlags", posthog_flags()),
        ("StoredEvent", stored_event()),
        ("Ledger", ledger()),
        ("Stats", stats()),
        ("FunnelStep", funnel_step()),
        ("Funnel", funnel()),
        ("Retention", retention()),
        ("Journey", journey()),
        ("Erased", erased()),
    ]
}

/// A client's id: of a message, a visitor, a user, a session.
fn id(description: &str) -> Value {
    json!({ "type": "string", "minLength": 1, "maxLength": MAX_ID_BYTES, "description": description })
}

fn name(description: &str) -> Value {
    json!({ "type": "string", "maxLength": MAX_NAME_BYTES, "description": description })
}

/// A time as devices write it.
fn moment(description: &str) -> Value {
    json!({ "type": ["string", "number"], "description": format!("{description} RFC 3339, RFC 2822 or Unix time.") })
}

fn kind() -> Value {
    json!({ "enum": Kind::ALL.map(Kind::name) })
}

fn batch() -> Value {
    json!({
        "type": "object",
        "required": ["batch"],
        "properties": {
            "batch": {
                "type": "array", "items": reference("Event"),
                "description": format!("At most {MAX_EVENTS}; what stands beyond is refused one by one."),
            },
            "writeKey": { "type": ["string", "null"], "description": "Where no header shows a key. The site's public id will do here." },
            "sentAt": moment("When the device sent it, by its own clock: a wrong clock is corrected."),
            "context": { "$ref": "#/components/schemas/Context", "description": "Of every event; what its own context says wins." },
        },
    })
}

/// An event of any kind, within a batch.
fn event() -> Value {
    let mut properties: Map<_, _> = Kind::ALL.into_iter().flat_map(of_kind).collect();
    properties.extend(of_all());
    properties.insert("type".to_owned(), kind());
    let description = "`anonymousId` or `userId` is needed, unless its context or the batch's is `cookieless`.";
    json!({ "type": "object", "description": description, "required": ["type"], "properties": properties })
}

/// An event of which the path names the kind.
fn call(kind: Kind) -> Value {
    let mut properties = of_kind(kind);
    properties.extend(of_all());
    properties.insert(
        "writeKey".to_owned(),
        json!({ "type": "string", "description": "Where no header shows a key. The site's public id will do here." }),
    );
    properties.insert("sentAt".to_owned(), moment("When the device sent it, by its own clock: a wrong clock is corrected."));
    let required: &[&str] = if kind == Kind::Track { &["event"] } else { &[] };
    json!({ "type": "object", "required": required, "anyOf": who(), "properties": properties })
}

fn who() -> Value {
    let is_cookieless = json!({ "required": ["cookieless"], "properties": { "cookieless": { "const": true } } });
    json!([
        { "required": ["anonymousId"] },
        { "required": ["userId"] },
        { "required": ["context"], "properties": { "context": is_cookieless } },
    ])
}

fn of_all() -> Map<String, Value> {
    members(json!({
        "messageId": id("The client's own id of it: sent again, it is stored once."),
        "anonymousId": id("The visitor."),
        "userId": id("The person, as the site knows them."),
        "timestamp": moment("When it happened, by the device's clock."),
        "originalTimestamp": moment("As `timestamp`, and wins over it."),
        "context": reference("Context"),
    }))
}

/// What only events of a kind have. A match without a wildcard, as in `describe`.
fn of_kind(kind: Kind) -> Map<String, Value> {
    let any = json!({ "type": "object" });
    members(match kind {
        Kind::Track => json!({ "event": name("What happened."), "properties": any }),
        Kind::Page | Kind::Screen => json!({ "name": name("What was seen."), "properties": any }),
        Kind::Identify => json!({ "traits": any }),
        Kind::Group => json!({ "groupId": { "type": ["string", "number"] }, "traits": any }),
        Kind::Alias => json!({ "previousId": id("The id that was."), "properties": any }),
    })
}

fn members(object: Value) -> Map<String, Value> {
    object.as_object().cloned().unwrap_or_default()
}

fn context() -> Value {
    json!({
        "type": "object",
        "properties": {
            "page": { "type": "object", "properties": { "url": text(), "title": text(), "referrer": text() } },
            "campaign": {
                "type": "object",
                "properties": { "source": text(), "medium": text(), "name": text(), "term": text(), "content": text() },
            },
            "library": { "type": "object", "properties": { "name": text(), "version": text() } },
            "locale": text(),
            "userAgent": { "type": "string", "description": "The browser; believed of callers with a secret key." },
            "sessionId": id("The session, as the client counts it; else half an hour of silence ends one."),
            "cookieless": { "type": "boolean", "description": "The visitor is whoever sends, for one day; a user is who that visitor is." },
            "consent": {
                "type": "object",
                "properties": { "given": { "type": "boolean", "description": "Whether the visitor agreed to be tracked." } },
            },
            "orilla": {
                "type": "object",
                "properties": { "sequence": { "type": "integer", "description": "The client's count of its events." } },
            },
        },
    })
}

/// What became of a request's events; the codes are the ledger's.
fn tally() -> Value {
    json!({
        "accepted": count(),
        "duplicate": count(),
        "rejected": told(true, "What cannot be an event, by its place in the request."),
        "filtered": told(false, "What is kept out, by its place in the request."),
    })
}

/// Places in a request with reasons, those of what cannot be an event or the others.
fn told(are_invalid: bool, description: &str) -> Value {
    let mut list = list(object(json!({ "index": count(), "code": { "enum": reasons(are_invalid) } })));
    list["description"] = description.into();
    list
}

fn reasons(are_invalid: bool) -> Vec<&'static str> {
    let reasons = Reason::ALL.into_iter().filter(|reason| (reason.verdict() == Verdict::Invalid) == are_invalid);
    reasons.map(Reason::name).collect()
}

fn received() -> Value {
    let mut properties = tally();
    properties["success"] = json!({ "const": true });
    object(properties)
}

fn segment_settings() -> Value {
    object(json!({
        "integrations": object(json!({ "Segment.io": object(json!({ "apiKey": text() })) })),
        "plan": { "type": "object" },
    }))
}

fn rudder_config() -> Value {
    let any = json!({ "type": "object" });
    object(json!({
        "source": object(json!({
            "id": text(), "name": text(), "writeKey": text(), "workspaceId": text(), "enabled": { "const": true }, "config": any,
            "connections": list(any.clone()), "destinations": list(any), "updatedAt": time(),
        })),
        "updatedAt": time(),
    }))
}

fn umami_event() -> Value {
    json!({
        "type": "object",
        "required": ["type", "payload"],
        "properties": {
            "type": { "enum": ["event", "identify", "performance", "engagement"] },
            "payload": {
                "type": "object",
                "properties": {
                    "website": { "type": "string", "format": "uuid", "description": "The site's id; not needed beside a key." },
                    "name": { "type": "string", "maxLength": 50, "description": "What happened; without it a page was seen." },
                    "url": text(), "title": text(), "referrer": text(), "hostname": text(), "language": text(), "screen": text(), "tag": text(),
                    "data": { "type": "object" },
                    "id": id("The person, as the site knows them."),
                    "vid": id("The visitor."),
                    "ip": { "type": "string", "description": "The visitor's address; believed beside a secret key." },
                    "userAgent": { "type": "string", "description": "The visitor's browser; believed beside a secret key." },
                    "timestamp": moment("When it happened; believed beside a secret key."),
                },
            },
        },
    })
}

/// Whose visit it was, in Umami's words; nothing of it if the event is kept out.
fn umami_ids() -> Value {
    json!({ "cache": text(), "sessionId": { "type": "string", "format": "uuid" }, "visitId": text() })
}

fn umami_received() -> Value {
    let mut properties = umami_ids();
    properties["beep"] = json!({ "const": "boop", "description": "It is a robot's." });
    properties["filtered"] = json!({ "enum": reasons(false), "description": "Why it is kept out." });
    json!({ "type": "object", "properties": properties })
}

fn umami_batch_received() -> Value {
    let mut properties = json!({
        "size": count(), "processed": count(), "errors": count(), "duplicate": count(),
        "details": list(object(json!({
            "index": count(), "response": object(json!({ "error": object(json!({ "code": { "enum": reasons(true) } })) })),
        }))),
        "filtered": told(false, "What is kept out, by its place in the request."),
    });
    let required: Vec<_> = members(properties.clone()).into_iter().map(|(name, _)| name).collect();
    members(umami_ids()).into_iter().for_each(|(name, schema)| properties[name] = schema);
    json!({ "type": "object", "required": required, "properties": properties })
}

fn plausible_event() -> Value {
    json!({
        "type": "object",
        "description": "The tracker writes `n`, `u`, `d`, `r` and `p` for `name`, `url`, `domain`, `referrer` and `props`.",
        "anyOf": [{ "required": ["name", "url", "domain"] }, { "required": ["n", "u", "d"] }],
        "properties": {
            "name": { "type": "string", "maxLength": 120, "description": "What happened; `pageview` if a page was seen." },
            "url": text(),
            "domain": { "type": "string", "description": "The site's, or several with commas." },
            "referrer": nullable("string"),
            "props": { "type": ["object", "null"], "maxProperties": 30 },
            "revenue": {
                "type": ["object", "null"],
                "properties": { "amount": { "type": ["number", "string"] }, "currency": text() },
            },
            "interactive": { "type": "boolean" },
            "n": text(), "u": text(), "d": text(), "r": nullable("string"), "p": { "type": ["object", "null"] },
        },
    })
}

/// One event, with its key where no batch has it.
fn posthog_event() -> Value {
    json!({
        "type": "object",
        "required": ["event"],
        "properties": {
            "event": { "type": "string", "maxLength": MAX_NAME_BYTES, "description": "What happened; `$pageview` if a page was seen." },
            "distinct_id": id("The visitor or the person."),
            "uuid": id("The client's own id of it: sent again, it is stored once."),
            "properties": {
                "type": "object",
                "properties": {
                    "distinct_id": text(), "token": text(), "$session_id": text(), "$device_id": text(), "$user_id": text(),
                    "$is_identified": { "type": "boolean" }, "$current_url": text(), "$referrer": text(), "$lib": text(), "$lib_version": text(),
                },
            },
            "$set": { "type": "object", "description": "What the person said of themselves." },
            "$set_once": { "type": "object" },
            "timestamp": moment("When it happened, by the device's clock."),
            "offset": { "type": "integer", "description": "How many milliseconds before it was sent it happened." },
            "api_key": { "type": "string", "description": "The site's write key; `token` will do as well." },
            "token": text(),
        },
    })
}

fn posthog_batch() -> Value {
    json!({
        "type": "object",
        "required": ["batch"],
        "properties": {
            "batch": list(reference("PostHogEvent")),
            "api_key": { "type": "string", "description": "The site's write key; `token` will do as well." },
            "token": text(),
            "sent_at": moment("When the device sent it, by its own clock: a wrong clock is corrected."),
        },
    })
}

fn posthog_received() -> Value {
    let mut properties = tally();
    properties["status"] = json!({ "const": 1 });
    object(properties)
}

fn posthog_config() -> Value {
    json!({ "type": "object", "required": ["token", "hasFeatureFlags", "supportedCompression"], "properties": {
        "token": text(), "hasFeatureFlags": { "const": false }, "supportedCompression": list(text()),
    } })
}

fn posthog_flags() -> Value {
    let none = json!({ "type": "object", "maxProperties": 0 });
    object(json!({
        "flags": none, "featureFlags": none, "featureFlagPayloads": none, "errorsWhileComputingFlags": { "const": false },
        "supportedCompression": list(text()),
    }))
}

fn stored_event() -> Value {
    object(json!({
        "source": text(), "id": text(), "type": kind(), "name": text(), "visitor": text(), "user": nullable("string"), "person": text(),
        "lead": nullable("string"), "session": text(), "sequence": { "type": "integer" }, "occurred_at": time(),
        "occurred_raw": nullable("string"), "sent_raw": nullable("string"), "received_at": time(), "url": nullable("string"),
        "path": nullable("string"), "properties": { "type": "object" }, "context": { "type": "object" },
    }))
}

fn ledger() -> Value {
    // Of what is damaged, the kind is not known.
    let kinds = Kind::ALL.map(|kind| Some(kind.name())).into_iter().chain([None]);
    let mut line = members(json!({
        "hour": time(),
        "source": { "type": "string", "description": "The wire, and the beginning of the key's hash." },
        "received": { "type": "integer", "minimum": 0, "description": "The sum of the five." },
        "reasons": {
            "type": "object", "description": "How many were not kept, by reason.",
            "propertyNames": { "enum": Reason::ALL.map(Reason::name) }, "additionalProperties": count(),
        },
        "samples": list(object(json!({
            "reason": { "enum": Reason::ALL.map(Reason::name) }, "type": { "enum": kinds.collect::<Vec<_>>() }, "path": nullable("string"), "library": nullable("string"),
            "referrer": nullable("string"),
        }))),
    }));
    line.extend(Verdict::ALL.map(|verdict| (verdict.name().to_owned(), count())));
    object(json!({ "from": time(), "until": time(), "lines": list(object(line.into())) }))
}

/// A share of a whole; `null` of nothing.
fn rate() -> Value {
    json!({ "type": ["number", "null"], "minimum": 0, "maximum": 1 })
}

/// Seconds; `null` of nothing.
fn lasting() -> Value {
    json!({ "type": ["number", "null"], "minimum": 0 })
}

fn stats() -> Value {
    let mut properties = json!({
        "from": time(), "until": time(), "time_zone": text(),
        "totals": object(json!({
            "visitors": count(), "sessions": count(), "views": count(),
            "uncounted_views": { "type": "integer", "minimum": 0, "description": "Those of the views of which nobody is remembered." },
            "events": count(), "views_per_session": { "type": ["number", "null"], "minimum": 0 }, "bounce_rate": rate(),
            "mean_duration_s": lasting(), "median_duration_s": lasting(),
        })),
        "series": list(object(json!({ "at": time(), "visitors": count(), "sessions": count(), "views": count(), "events": count() }))),
        "pages": list(object(json!({ "name": text(), "views": count() }))),
    });
    for visits_by in ["sources", "mediums", "campaigns", "entry_pages", "countries", "languages", "devices"] {
        properties[visits_by] = list(object(json!({ "name": text(), "sessions": count() })));
    }
    object(properties)
}

fn funnel_step() -> Value {
    object(json!({
        "step": text(), "people": count(), "of_first": rate(), "of_previous": rate(),
        "median_s": { "type": ["number", "null"], "minimum": 0, "description": "From the step before, of who came this far." },
    }))
}

fn funnel() -> Value {
    let steps = || list(reference("FunnelStep"));
    json!({
        "type": "object",
        "required": ["from", "until", "window_s", "sampled", "people", "steps"],
        "properties": {
            "from": time(), "until": time(), "window_s": count(), "sampled": { "const": false }, "people": count(), "steps": steps(),
            "by": { "type": "string", "description": "There if it was asked for, as are the groups." },
            "groups": list(object(json!({ "name": nullable("string"), "people": count(), "steps": steps() }))),
            "groups_left_out": count(),
        },
    })
}

fn retention() -> Value {
    object(json!({
        "cohort": text(), "returning": text(), "period": { "enum": ["day", "week", "month"] }, "periods": count(), "time_zone": text(),
        "cohorts": list(object(json!({
            "start": { "type": "string", "format": "date" },
            "size": count(),
            "returned": { "type": "array", "items": count(), "description": "From the cohort's own period to the one that runs now." },
            "rates": list(rate()),
        }))),
    }))
}

fn journey() -> Value {
    object(json!({
        "leads": list(text()),
        "identities": list(object(json!({
            "visitor": text(), "person": text(), "lead": nullable("string"), "traits": { "type": "object" }, "first_at": time(), "last_at": time(),
        }))),
        "sessions": list(object(json!({
            "id": text(), "visitor": text(), "started_at": time(), "last_at": time(), "views": count(), "events": count(),
            "entry_page": nullable("string"), "source": text(), "medium": text(), "campaign": text(), "country": text(), "language": text(),
            "device": text(),
        }))),
        "events": list(reference("StoredEvent")),
        "next_cursor": nullable("string"),
    }))
}

fn erased() -> Value {
    object(json!({
        "receipt": text(), "erased_at": time(), "leads": list(text()), "other_leads": list(text()),
        "rows": { "type": "object", "additionalProperties": count(), "description": "How many were erased, by table." },
    }))
}
