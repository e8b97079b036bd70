//! What the route table does not say about each operation.

use http::StatusCode;
use orilla_core::Code;
use orilla_core::openapi::schema::{list, text, time};
use orilla_core::openapi::{Answer, Header, Media, Operation, Parameter, Place, json_body, ok, query, reference};
use serde_json::{Value, json};
use track_events::event::Kind;
use track_events::routes::{Operation as Name, Read, Setup};
use track_events::verdict::Reason;
use track_events::wire::Wire;

/// One operation, described. A match without a wildcard: a new route does not compile until it stands here.
pub fn operation(name: Name) -> Operation {
    match name {
        Name::Collect(wire) => of_wires(wire),
        Name::Settle(setup) => of_setups(setup),
        Name::Read(read) => of_reads(read),
    }
}

/// What every client can be answered: a wrong key, a foreign origin, too much of it.
const AT_THE_DOOR: [Code; 3] = [Code::Unauthenticated, Code::Forbidden, Code::TooManyRequests];

/// Whose site it is, on most wires.
const BY_KEY: &str = "The site's write key stands in the `Authorization` header, as a bearer token or as the user name of basic \
                      authentication, in `X-Write-Key`, in the query's `write_key`, or in the body, where the site's public id will do.";

fn of_wires(wire: Wire) -> Operation {
    let by_site = || [&AT_THE_DOOR[..], &[Code::NotFound]].concat();
    match wire {
        Wire::SegmentBatch => Operation {
            id: "sendBatch",
            summary: "Takes a list of events, as Segment's and RudderStack's clients send it.",
            description: BY_KEY,
            request: loose(reference("Batch")),
            answers: vec![received()],
            failures: by_site(),
            ..Operation::default()
        },
        Wire::SegmentOne(kind) => {
            let (id, summary, schema) = of_calls(kind);
            Operation {
                id,
                summary,
                description: BY_KEY,
                request: loose(reference(schema)),
                answers: vec![received()],
                failures: by_site(),
                ..Operation::default()
            }
        }
        Wire::RudderBeacon => Operation {
            id: "sendBeacon",
            summary: "Takes a list of events from a page that is being closed, as RudderStack's browser client sends it.",
            parameters: vec![query_key()],
            request: loose(reference("Batch")),
            answers: vec![received()],
            failures: by_site(),
            ..Operation::default()
        },
        Wire::RudderPixel(kind) => {
            let (id, summary, name) = of_pixels(kind);
            Operation {
                id,
                summary,
                description: "What the query names beside these is a part of the event too; dots lead into objects, as in `context.page.url`.",
                parameters: vec![
                    query_key(),
                    query("anonymousId", "The visitor.", text()),
                    query("userId", "The person, as the site knows them.", text()),
                    query("messageId", "The client's own id of it: sent again, it is stored once.", text()),
                    query(name, "What happened, or what was seen.", text()),
                ],
                answers: vec![Answer {
                    headers: vec![reason()],
                    ..ok("A transparent dot, whatever became of the event.", vec![Media { content_type: "image/gif", schema: json!({}) }])
                }],
                failures: AT_THE_DOOR.to_vec(),
                ..Operation::default()
            }
        }
        Wire::Umami => Operation {
            id: "sendUmami",
            summary: "Takes one event, as Umami's clients send it.",
            description: "The site is the one whose id is `payload.website`.",
            request: loose(reference("UmamiEvent")),
            answers: vec![ok("Stored, or kept out.", json_body(reference("UmamiReceived")))],
            failures: by_site(),
            ..Operation::default()
        },
        Wire::UmamiBatch => Operation {
            id: "sendUmamiBatch",
            summary: "Takes a list of events, as Umami's clients send it.",
            description: "The site is the one whose id is the first `payload.website`; events of another are refused.",
            request: loose(list(reference("UmamiEvent"))),
            answers: vec![ok("What became of them.", json_body(reference("UmamiBatchReceived")))],
            failures: by_site(),
            ..Operation::default()
        },
        Wire::Plausible => Operation {
            id: "sendPlausible",
            summary: "Takes one event, as Plausible's clients send it.",
            description: "The site is the one whose domain is `domain`, or the first of several with commas that is one's.",
            request: loose(reference("PlausibleEvent")),
            answers: vec![Answer {
                status: StatusCode::ACCEPTED,
                headers: vec![
                    Header { name: "X-Plausible-Dropped", description: "`1` if the event was not kept.", schema: json!({ "const": "1" }) },
                    reason(),
                ],
                ..ok("Read.", vec![Media { content_type: "text/plain", schema: json!({ "const": "ok" }) }])
            }],
            failures: by_site(),
            ..Operation::default()
        },
        Wire::PostHog => Operation {
            id: "sendPostHog",
            summary: "Takes one event or a list, as PostHog's clients send it.",
            description: "The project's key is the site's write key. JSON may be compressed by gzip, or stand in base64 or in a form's `data`.",
            request: of_posthog(
                json!({ "anyOf": [reference("PostHogEvent"), list(reference("PostHogEvent")), reference("PostHogBatch")] }),
            ),
            answers: vec![ok("What became of each event; one that is refused spoils no other.", json_body(reference("PostHogReceived")))],
            failures: AT_THE_DOOR.to_vec(),
            ..Operation::default()
        },
    }
}

/// Segment's six calls: id, summary, schema.
fn of_calls(kind: Kind) -> (&'static str, &'static str, &'static str) {
    match kind {
        Kind::Track => ("track", "Somebody did something.", "Track"),
        Kind::Page => ("page", "Somebody saw a page.", "Page"),
        Kind::Screen => ("screen", "Somebody saw a screen of an app.", "Screen"),
        Kind::Identify => ("identify", "Somebody said who they are.", "Identify"),
        Kind::Group => ("group", "Somebody belongs to a group.", "Group"),
        Kind::Alias => ("alias", "Two ids are one person.", "Alias"),
    }
}

/// The same by an image: id, summary, and what names what happened.
fn of_pixels(kind: Kind) -> (&'static str, &'static str, &'static str) {
    match kind {
        Kind::Track => ("trackByPixel", "Somebody did something, told by an image.", "event"),
        Kind::Page => ("pageByPixel", "Somebody saw a page, told by an image.", "name"),
        Kind::Screen => ("screenByPixel", "Somebody saw a screen of an app, told by an image.", "name"),
        Kind::Identify => ("identifyByPixel", "Somebody said who they are, told by an image.", "traits.email"),
        Kind::Group => ("groupByPixel", "Somebody belongs to a group, told by an image.", "groupId"),
        Kind::Alias => ("aliasByPixel", "Two ids are one person, told by an image.", "previousId"),
    }
}

fn of_setups(setup: Setup) -> Operation {
    match setup {
        Setup::Segment => Operation {
            id: "showSegmentSettings",
            summary: "What Segment's browser client loads before it sends.",
            answers: vec![ok("The settings of this write key.", json_body(reference("SegmentSettings")))],
            ..Operation::default()
        },
        Setup::Rudder => Operation {
            id: "showRudderConfig",
            summary: "What RudderStack's browser client loads before it sends.",
            parameters: vec![query_key()],
            answers: vec![ok("The configuration of this write key.", json_body(reference("RudderConfig")))],
            failures: vec![Code::Unauthenticated],
            ..Operation::default()
        },
        Setup::PostHogConfig => Operation {
            id: "showPostHogConfig",
            summary: "What PostHog's browser client loads before it sends.",
            answers: vec![ok("The configuration of this write key.", json_body(reference("PostHogConfig")))],
            ..Operation::default()
        },
        Setup::PostHogScript => Operation {
            id: "showPostHogScript",
            summary: "The same as a script.",
            answers: vec![ok("The script.", vec![Media { content_type: "application/javascript", schema: text() }])],
            ..Operation::default()
        },
        Setup::PostHogFlags => Operation {
            id: "showPostHogFlags",
            summary: "Tells PostHog's clients that there are no feature flags.",
            request: of_posthog(json!({ "type": "object", "required": ["token"], "properties": { "token": text() } })),
            answers: vec![ok("None.", json_body(reference("PostHogFlags")))],
            failures: vec![Code::Unauthenticated],
            ..Operation::default()
        },
    }
}

fn of_reads(read: Read) -> Operation {
    match read {
        Read::Events => Operation {
            id: "exportEvents",
            summary: "Events, in the order in which they came.",
            parameters: [
                vec![
                    query("format", "Lines of JSON, or a table.", json!({ "enum": ["ndjson", "csv"], "default": "ndjson" })),
                    query("cursor", "`X-Next-Cursor` of the answer before.", text()),
                    query("limit", "Events of one answer.", number(100, 1000)),
                ],
                span("Received from this time on.", "Received before this time."),
                vec![
                    query("name", "Only events of this name.", text()),
                    query("user", "Only of this user, as the site knows them.", text()),
                    query("visitor", "Only of this visitor.", text()),
                ],
            ]
            .concat(),
            answers: vec![Answer {
                headers: vec![Header {
                    name: "X-Next-Cursor",
                    description: "Where the next answer begins; absent from the last one.",
                    schema: text(),
                }],
                ..ok("The events.", lines_or_table("StoredEvent"))
            }],
            failures: vec![Code::Malformed],
            ..Operation::default()
        },
        Read::Ledger => Operation {
            id: "showLedger",
            summary: "What was received and what became of it, by source and hour.",
            parameters: span("From the hour of this time on; a day before `until` if not given.", "Before this time; now if not given."),
            answers: vec![ok("The ledger.", json_body(reference("Ledger")))],
            failures: vec![Code::Malformed],
            ..Operation::default()
        },
        Read::Stats => Operation {
            id: "showStats",
            summary: "Visitors, visits and views, by hour or day of the site's time zone.",
            parameters: [
                span("From the hour of this time on; the last seven days if not given.", "Until the end of this hour; now if not given."),
                vec![
                    query("interval", "What the series has a point for.", json!({ "enum": ["hour", "day"], "default": "day" })),
                    query("limit", "Names of each list.", number(10, 200)),
                ],
            ]
            .concat(),
            answers: vec![ok("The statistics.", json_body(reference("Stats")))],
            failures: vec![Code::Malformed],
            ..Operation::default()
        },
        Read::Funnels => Operation {
            id: "showFunnel",
            summary: "How many people did one thing after another, and where they were lost.",
            description: "Whoever did the first step in the span is counted once, by the furthest they came.",
            parameters: [
                vec![
                    Parameter {
                        is_required: true,
                        ..query(
                            "steps",
                            "The steps in their order: each the name of an event, or `page:/path`.",
                            json!({ "type": "array", "minItems": 2, "maxItems": 8, "items": { "type": "string", "minLength": 1 } }),
                        )
                    },
                    query(
                        "window",
                        "How long a person may take from the first step to the last, such as 30m, 24h, 7d or 2w; a year at most.",
                        json!({ "type": "string", "pattern": "^[1-9][0-9]{0,4}[mhdw]$", "default": "7d" }),
                    ),
                    query(
                        "by",
                        "Breaks it down by a word of the visit, by `property:<name>` of the first step, or by `variant:<experiment>`.",
                        json!({ "type": "string", "pattern": "^(source|medium|campaign|country|language|device|(property|variant):.+)$" }),
                    ),
                    query("limit", "Groups.", number(10, 100)),
                ],
                span(
                    "First steps from this time on; thirty days before `until` if not given.",
                    "First steps before this time; now if not given.",
                ),
            ]
            .concat(),
            answers: vec![ok("The funnel.", json_body(reference("Funnel")))],
            failures: vec![Code::Malformed],
            ..Operation::default()
        },
        Read::Retention => Operation {
            id: "showRetention",
            summary: "Of those who began in one day, week or month, how many came back in each that followed.",
            parameters: [
                vec![
                    query(
                        "cohort",
                        "The event that begins; `first`: the first of any.",
                        json!({ "type": "string", "minLength": 1, "default": "first" }),
                    ),
                    query(
                        "returning",
                        "The event that counts as coming back; `any`.",
                        json!({ "type": "string", "minLength": 1, "default": "any" }),
                    ),
                    query("period", "What people are grouped by.", json!({ "enum": ["day", "week", "month"], "default": "week" })),
                    query("periods", "How many periods after the first are looked at.", number(8, 60)),
                ],
                span(
                    "From the period of this time on; `periods` before the last if not given.",
                    "Until the period just before this time; now if not given.",
                ),
            ]
            .concat(),
            answers: vec![ok("The table.", json_body(reference("Retention")))],
            failures: vec![Code::Malformed],
            ..Operation::default()
        },
        Read::Journey => Operation {
            id: "showJourney",
            summary: "What one person did, oldest first, with who they are and their visits.",
            parameters: vec![
                person(),
                query("cursor", "`next_cursor` of the answer before.", text()),
                query("limit", "Events of one answer.", number(100, 1000)),
            ],
            answers: vec![ok("The journey.", json_body(reference("Journey")))],
            failures: vec![Code::Malformed],
            ..Operation::default()
        },
        Read::Erase => Operation {
            id: "erasePerson",
            summary: "Erases a person everywhere and keeps them out from then on; the receipt holds nothing of them.",
            description: "Events, forms, conversations, tickets and answers to surveys. `leads` went; `other_leads` were seen with the same browsers and stay.",
            parameters: vec![person()],
            answers: vec![ok("Erased.", json_body(reference("Erased")))],
            ..Operation::default()
        },
    }
}

fn span(from: &'static str, until: &'static str) -> Vec<Parameter> {
    vec![query("from", from, time()), query("until", until, time())]
}

fn number(default: u32, most: u32) -> Value {
    json!({ "type": "integer", "minimum": 1, "maximum": most, "default": default })
}

fn person() -> Parameter {
    Parameter {
        place: Place::Path,
        is_required: true,
        ..query(
            "id",
            "A person's, a visitor's, a user's or a lead's id, or an e-mail address.",
            json!({ "type": "string", "minLength": 1 }),
        )
    }
}

/// JSON, which browsers may call a text: a page of another origin then needs no preflight. Gzip is recognised in either.
fn loose(schema: Value) -> Vec<Media> {
    let as_text = json!({ "type": "string", "contentMediaType": "application/json", "contentSchema": schema });
    [json_body(schema), vec![Media { content_type: "text/plain", schema: as_text }]].concat()
}

/// The same, or wrapped as PostHog's older clients wrap it.
fn of_posthog(schema: Value) -> Vec<Media> {
    let form = json!({
        "type": "object", "required": ["data"],
        "properties": { "data": { "type": "string", "description": "JSON, or JSON in base64.", "contentSchema": schema } },
    });
    [loose(schema), vec![Media { content_type: "application/x-www-form-urlencoded", schema: form }]].concat()
}

fn received() -> Answer {
    ok("What became of each event; one that is refused spoils no other.", json_body(reference("Received")))
}

/// Where a client can set no header and has no body.
fn query_key() -> Parameter {
    query("writeKey", "The site's write key, where no header shows one.", text())
}

/// Why the one event of a request is not kept, where the answer has no room for it.
fn reason() -> Header {
    Header {
        name: "X-Orilla-Reason",
        description: "Why the event is not kept; absent if it is.",
        schema: json!({ "enum": Reason::ALL.map(Reason::name) }),
    }
}

/// One item a line, or one a row.
fn lines_or_table(item: &str) -> Vec<Media> {
    // JSON Schema has no word for a text of many JSON texts: the line's own schema stands beside it.
    let lines = json!({ "type": "string", "description": "A JSON object on each line.", "x-line-schema": reference(item) });
    vec![
        Media { content_type: "application/x-ndjson", schema: lines },
        Media { content_type: "text/csv", schema: json!({ "type": "string", "description": "The same members as columns." }) },
    ]
}
