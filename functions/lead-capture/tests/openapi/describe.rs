//! What the route table does not say about each operation.

use http::StatusCode;
use lead_capture::routes::{Manage, Operate, Operation as Name, Preserve, Visit};
use orilla_core::Code;
use orilla_core::openapi::schema::{list, nullable, object, page};
use orilla_core::openapi::{Answer, Media, Operation, Parameter, Place, created, json_body, none, ok, query, reference};
use serde_json::json;

/// One operation, described. A match without a wildcard: a new route does not compile until it stands here.
pub fn operation(name: Name) -> Operation {
    match name {
        Name::Visit(visit) => of_visitors(visit),
        Name::Manage(manage) => of_sites(manage),
        Name::Operate(operate) => of_operators(operate),
        Name::Preserve(preserve) => of_the_operator_alone(preserve),
    }
}

/// What every public route can answer: a wrong key, a foreign origin.
const AT_THE_DOOR: [Code; 3] = [Code::Unauthenticated, Code::Forbidden, Code::NotFound];

fn of_visitors(visit: Visit) -> Operation {
    let locale = || query("locale", "The visitor's language; else `Accept-Language` decides.", json!({ "type": "string" }));
    let variant = || query("variant", "Shows this variant, uncounted.", json!({ "type": "string" }));
    let token = || query("token", "From the link.", json!({ "type": "string" }));
    let turned_away = [&AT_THE_DOOR[..], &[Code::Invalid, Code::TooManyRequests]].concat();
    let link = vec![Code::Malformed, Code::Forbidden, Code::NotFound, Code::Expired];
    match visit {
        Visit::ShowForm => Operation {
            id: "showForm",
            summary: "What a page needs to show a form.",
            parameters: vec![locale(), variant(), query("visitor", "The page's own name for the visitor.", json!({ "type": "string" }))],
            answers: vec![ok("The form, in the visitor's language and variant.", json_body(reference("FormView")))],
            failures: AT_THE_DOOR.to_vec(),
            ..Operation::default()
        },
        Visit::Submit => Operation {
            id: "submit",
            summary: "Takes a submission.",
            description: "What is held back as spam is answered exactly like what is accepted.",
            parameters: vec![idempotency_key()],
            request: submissions(),
            answers: vec![created("Stored.", json_body(reference("Submitted")))],
            failures: turned_away,
            ..Operation::default()
        },
        Visit::Expose => Operation {
            id: "expose",
            summary: "Counts that a visitor saw a variant, once.",
            request: json_body(json!({
                "type": "object", "properties": { "variant": { "type": "string" }, "visitor": { "type": "string" } },
            })),
            answers: vec![none("Counted, or nothing to count.")],
            failures: turned_away,
            ..Operation::default()
        },
        Visit::HostForm => Operation {
            id: "hostForm",
            summary: "A form as a page that needs no script.",
            parameters: vec![locale(), variant()],
            answers: vec![ok("The page.", page_of_html())],
            failures: AT_THE_DOOR.to_vec(),
            ..Operation::default()
        },
        Visit::SubmitFormspree => Operation {
            id: "submitFormspree",
            summary: "Takes a submission from Formspree's clients and from plain HTML forms.",
            parameters: vec![idempotency_key()],
            request: submissions(),
            answers: vec![
                ok("Stored.", json_body(reference("FormspreeSubmitted"))),
                Answer { status: StatusCode::SEE_OTHER, description: "Stored; a visitor's browser goes on.", ..Answer::default() },
            ],
            failures: turned_away,
            failure_forms: [json_body(reference("FormspreeFailure")), page_of_html()].concat(),
            ..Operation::default()
        },
        Visit::Thank => Operation {
            id: "thank",
            summary: "The thank-you page.",
            parameters: vec![locale(), query("asset", "What to offer.", json!({ "type": "string" })), token()],
            answers: vec![ok("The page.", page_of_html())],
            failures: AT_THE_DOOR.to_vec(),
            ..Operation::default()
        },
        Visit::AskConfirmation => Operation {
            id: "askConfirmation",
            summary: "The page a confirmation mail links to; it confirms nothing by itself.",
            parameters: vec![token(), locale()],
            answers: vec![ok("The page.", page_of_html())],
            failures: link,
            ..Operation::default()
        },
        Visit::Confirm => Operation {
            id: "confirm",
            summary: "Confirms a mailbox, once.",
            parameters: vec![locale()],
            request: vec![Media {
                content_type: "application/x-www-form-urlencoded",
                schema: json!({ "type": "object", "required": ["token"], "properties": { "token": { "type": "string" } } }),
            }],
            answers: vec![ok("The page.", page_of_html())],
            failures: [link, vec![Code::Invalid]].concat(),
            ..Operation::default()
        },
        Visit::Download => Operation {
            id: "download",
            summary: "What a form promised, by a signed link that expires.",
            parameters: vec![query("form", "From the link.", json!({ "type": "string" })), token()],
            answers: vec![ok("The file.", vec![Media { content_type: "*/*", schema: json!({}) }])],
            failures: link,
            ..Operation::default()
        },
    }
}

fn of_sites(manage: Manage) -> Operation {
    match manage {
        Manage::ListForms => Operation {
            id: "listForms",
            summary: "Forms with their counts.",
            answers: vec![ok("The forms.", json_body(object(json!({ "forms": list(reference("FormSummary")) }))))],
            ..Operation::default()
        },
        Manage::ListLeads => Operation {
            id: "listLeads",
            summary: "Leads, newest first.",
            parameters: [lead_filters(), paging()].concat(),
            answers: vec![ok("A page.", json_body(page("leads", "Lead")))],
            failures: vec![Code::Malformed, Code::NotFound],
            ..Operation::default()
        },
        Manage::ExportLeads => Operation {
            id: "exportLeads",
            summary: "Leads as CSV, streamed; cells that a spreadsheet would run are made text.",
            parameters: [
                lead_filters(),
                vec![query("dialect", "Commas, or what Excel reads in Spanish.", json!({ "enum": ["plain", "excel"] }))],
            ]
            .concat(),
            answers: vec![ok("The file.", vec![Media { content_type: "text/csv", schema: json!({ "type": "string" }) }])],
            failures: vec![Code::Malformed, Code::NotFound],
            ..Operation::default()
        },
        Manage::ListSegments => Operation {
            id: "listSegments",
            summary: "Segments with their counts.",
            description: "`is_settled` is false while leads are still being sorted by segments that changed.",
            answers: vec![ok(
                "The segments.",
                json_body(object(json!({ "segments": list(reference("Segment")), "is_settled": { "type": "boolean" } }))),
            )],
            ..Operation::default()
        },
        Manage::ListSegmentLeads => Operation {
            id: "listSegmentLeads",
            summary: "Who is in a segment, the newest lead first.",
            parameters: [lead_filters().into_iter().filter(|it| it.name != "segment").collect(), paging()].concat(),
            answers: vec![ok("A page.", json_body(page("leads", "Lead")))],
            failures: vec![Code::Malformed],
            ..Operation::default()
        },
        Manage::ShowLead => Operation {
            id: "showLead",
            summary: "One lead with its submissions, consents and journey, its conversations and tickets.",
            answers: vec![ok("The lead.", json_body(reference("LeadJourney")))],
            ..Operation::default()
        },
        Manage::ListSubmissions => Operation {
            id: "listSubmissions",
            summary: "Submissions with their verdicts, the held ones too.",
            parameters: [lead_filters().into_iter().filter(|it| it.name != "segment").collect(), paging()].concat(),
            answers: vec![ok("A page.", json_body(page("submissions", "PastSubmission")))],
            failures: vec![Code::Malformed],
            ..Operation::default()
        },
        Manage::Release => Operation {
            id: "release",
            summary: "Says \"not spam\": its notifications go out, once.",
            answers: vec![ok(
                "Released now or before.",
                json_body(object(json!({
                    "id": { "type": "string" }, "lead": { "type": "string" }, "is_released": { "type": "boolean" },
                }))),
            )],
            ..Operation::default()
        },
        Manage::ImportLeads => Operation {
            id: "importLeads",
            summary: "Reads leads from CSV; every bad row is told by its line.",
            parameters: vec![dry_run()],
            request: vec![Media { content_type: "text/csv", schema: json!({ "type": "string" }) }],
            answers: vec![ok("What became of every row.", json_body(reference("Import")))],
            failures: vec![Code::Invalid],
            ..Operation::default()
        },
        Manage::Rescore => Operation {
            id: "rescore",
            summary: "Scores one page of leads by the rules of today.",
            parameters: [vec![dry_run()], paging()].concat(),
            answers: vec![ok("What changed.", json_body(reference("Rescored")))],
            failures: vec![Code::Malformed, Code::NotFound],
            ..Operation::default()
        },
        Manage::EraseLead => Operation {
            id: "eraseLead",
            summary: "Erases a person everywhere; the receipt holds nothing of them.",
            answers: vec![ok(
                "Erased.",
                json_body(object(json!({
                    "receipt": { "type": "string" }, "erased_at": { "type": "string", "format": "date-time" }, "rows": { "type": "object" },
                }))),
            )],
            ..Operation::default()
        },
        Manage::ShowExperiment => Operation {
            id: "showExperiment",
            summary: "An experiment's counts, rates and sample-ratio test.",
            answers: vec![ok("The experiment.", json_body(reference("Experiment")))],
            ..Operation::default()
        },
        Manage::ListDeliveries => Operation {
            id: "listDeliveries",
            summary: "What was sent, waits or failed.",
            parameters: [vec![query("status", "Only these.", json!({ "enum": ["pending", "delivered", "failed"] }))], paging()].concat(),
            answers: vec![ok("A page.", json_body(page("deliveries", "Delivery")))],
            failures: vec![Code::Malformed],
            ..Operation::default()
        },
        Manage::ReplayDelivery => Operation {
            id: "replayDelivery",
            summary: "Sends one delivery again, with the same id.",
            answers: vec![replayed()],
            ..Operation::default()
        },
        Manage::ReplayFailed => Operation {
            id: "replayFailed",
            summary: "Sends every failed delivery again.",
            answers: vec![replayed()],
            ..Operation::default()
        },
        Manage::ListDestinations => Operation {
            id: "listDestinations",
            summary: "Who is told of leads.",
            answers: vec![ok("The destinations.", json_body(object(json!({ "destinations": list(reference("Destination")) }))))],
            ..Operation::default()
        },
        Manage::AddDestination => Operation {
            id: "addDestination",
            summary: "Adds a destination; a webhook's signing secret is shown this once.",
            request: json_body(json!({
                "type": "object", "required": ["kind", "target"], "additionalProperties": false,
                "properties": {
                    "kind": { "enum": ["webhook", "slack", "email"] }, "target": { "type": "string" },
                    "events": { "type": "array", "items": { "type": "string" } },
                    "segment": { "type": ["string", "null"], "description": "It hears only of leads in this segment." },
                },
            })),
            answers: vec![created(
                "Added.",
                json_body(object(json!({
                    "id": { "type": "string" }, "kind": { "type": "string" }, "events": list(json!({ "type": "string" })), "segment": nullable("string"), "secret": nullable("string"),
                }))),
            )],
            failures: vec![Code::Invalid],
            ..Operation::default()
        },
        Manage::RemoveDestination => Operation {
            id: "removeDestination",
            summary: "Removes a destination.",
            answers: vec![none("Removed.")],
            ..Operation::default()
        },
        Manage::RotateSecret => Operation {
            id: "rotateSecret",
            summary: "Gives a webhook a new signing secret; the old one signs too for a day.",
            answers: vec![ok(
                "The new secret, shown this once.",
                json_body(object(json!({ "id": { "type": "string" }, "secret": { "type": "string" } }))),
            )],
            ..Operation::default()
        },
        Manage::EnableDestination => Operation {
            id: "enableDestination",
            summary: "Switches a disabled destination on again.",
            answers: vec![ok("On.", json_body(object(json!({ "id": { "type": "string" } }))))],
            ..Operation::default()
        },
    }
}

fn of_operators(operate: Operate) -> Operation {
    match operate {
        Operate::ApplySite => Operation {
            id: "applySite",
            summary: "Applies a site's files: all of them, or nothing.",
            parameters: vec![dry_run()],
            request: json_body(reference("Site")),
            answers: vec![ok(
                "What changed.",
                json_body(object(json!({
                    "site": { "type": "string" }, "is_dry_run": { "type": "boolean" }, "changes": list(json!({ "type": "object" })), "secrets": { "type": "object" },
                }))),
            )],
            failures: vec![Code::Invalid, Code::Conflict],
            ..Operation::default()
        },
        Operate::ShowSite => Operation {
            id: "showSite",
            summary: "The site as applied, and which keys there are.",
            answers: vec![ok("The site.", json_body(reference("Site")))],
            ..Operation::default()
        },
        Operate::IssueKey => Operation {
            id: "issueKey",
            summary: "Makes a key, shown this once.",
            request: json_body(json!({
                "type": "object", "required": ["kind"], "additionalProperties": false,
                "properties": { "kind": { "enum": ["write", "read", "admin"] } },
            })),
            answers: vec![created("Made.", json_body(json!({ "type": "object", "required": ["key"] })))],
            failures: vec![Code::Invalid],
            ..Operation::default()
        },
        Operate::StoreAsset => Operation {
            id: "storeAsset",
            summary: "Stores a file that forms may promise.",
            request: vec![Media { content_type: "application/octet-stream", schema: json!({}) }],
            answers: vec![ok(
                "Stored.",
                json_body(object(json!({
                    "asset": { "type": "string" }, "bytes": { "type": "integer" }, "sha256": { "type": "string" }, "is_changed": { "type": "boolean" },
                }))),
            )],
            failures: vec![Code::Invalid],
            ..Operation::default()
        },
    }
}

fn of_the_operator_alone(preserve: Preserve) -> Operation {
    let lines = || vec![Media { content_type: "application/x-ndjson", schema: json!({ "type": "string" }) }];
    match preserve {
        Preserve::Backup => Operation {
            id: "backup",
            summary: "Everything of a site, streamed as lines of JSON.",
            description: "The operator's key alone opens this: the stream holds signing secrets and hashes of keys. The first line is a header; the last, `end`, \
                          has the counts and the SHA-256 of all before it, and is missing where the stream was cut. Whatever was committed before it \
                          began is in it; each page is of one moment, the whole is not.",
            parameters: vec![Parameter {
                is_required: true,
                ..query("site", "The site's id.", json!({ "type": "string", "format": "uuid" }))
            }],
            answers: vec![ok("The backup.", lines())],
            failures: vec![Code::Malformed, Code::NotFound],
            ..Operation::default()
        },
        Preserve::Restore => Operation {
            id: "restore",
            summary: "Puts a part of a backup in; the same again changes nothing.",
            description: "A part is the backup's first line and up to 999 of its lines, in their order. Rows that are there already stay; how the site is set up is \
                          replaced. Deliveries that wait are held as failed, `held by a restore`, until somebody replays them, and destinations are off \
                          until somebody enables them.",
            request: lines(),
            answers: vec![ok(
                "What became of it.",
                json_body(object(json!({
                    "rows": {
                        "type": "object",
                        "additionalProperties": object(json!({ "sent": { "type": "integer" }, "written": { "type": "integer" } })),
                    },
                    "assets": { "type": "integer" },
                }))),
            )],
            failures: vec![Code::Malformed, Code::Invalid, Code::Conflict],
            ..Operation::default()
        },
    }
}

fn idempotency_key() -> Parameter {
    Parameter {
        place: Place::Header,
        name: "Idempotency-Key",
        description: "Names this submission across retries, for seven days.",
        is_required: false,
        schema: json!({ "type": "string", "minLength": 1, "maxLength": 255, "pattern": "^[!-~]+$" }),
    }
}

fn dry_run() -> Parameter {
    query("dry_run", "`1`: only tells what would happen.", json!({ "enum": ["0", "1"] }))
}

fn paging() -> Vec<Parameter> {
    vec![
        query("cursor", "`next` of the page before.", json!({ "type": "string" })),
        query("limit", "Rows of a page.", json!({ "type": "integer", "minimum": 1, "maximum": 200, "default": 50 })),
    ]
}

fn lead_filters() -> Vec<Parameter> {
    let time = || json!({ "type": "string", "format": "date-time" });
    vec![
        query("form", "Only through this form.", json!({ "type": "string" })),
        query("verdict", "Only these.", json!({ "enum": ["accept", "quarantine"] })),
        query("band", "Only these, such as A1.", json!({ "type": "string", "pattern": "^[A-C][1-3]$" })),
        query("since", "From this time on.", time()),
        query("until", "Before this time.", time()),
        query("segment", "Only those in this segment.", json!({ "type": "string" })),
        query("q", "With this text in the address or a field.", json!({ "type": "string" })),
    ]
}

fn submissions() -> Vec<Media> {
    ["application/json", "application/x-www-form-urlencoded", "multipart/form-data"]
        .map(|content_type| Media { content_type, schema: reference("Submission") })
        .to_vec()
}

fn page_of_html() -> Vec<Media> {
    vec![Media { content_type: "text/html", schema: json!({ "type": "string" }) }]
}

fn replayed() -> Answer {
    Answer {
        status: StatusCode::ACCEPTED,
        ..ok("Will be sent.", json_body(object(json!({ "replayed": { "type": "integer", "minimum": 0 } }))))
    }
}
