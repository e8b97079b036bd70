//! What the route table does not say about each operation.

use content_score::routes::{Manage, Operation as Name};
use orilla_core::Code;
use orilla_core::openapi::schema::text;
use orilla_core::openapi::{Media, Operation, Parameter, Place, created, json_body, none, ok, query, reference};
use serde_json::{Value, json};

/// One operation, described. A match without a wildcard: a new route does not compile until it stands here.
pub fn operation(name: Name) -> Operation {
    match name {
        Name::Check => Operation {
            id: "checkContent",
            summary: "Judges a text for a page's visitor; nothing is fetched and nothing is kept.",
            description: "Where the site's `content.toml` has `public_editor`, for pages of its origins. The site is known by its write key, or by its \
                          public id as `site`.",
            request: json_body(reference("Check")),
            answers: vec![ok("The report.", json_body(reference("Report")))],
            failures: vec![Code::Unauthenticated, Code::Forbidden, Code::NotFound, Code::Invalid, Code::TooManyRequests],
            ..Operation::default()
        },
        Name::Manage(manage) => of_management(manage),
        Name::ApplySettings => Operation {
            id: "applyContentSettings",
            summary: "Applies how a site wants its content judged: `content.toml`.",
            parameters: vec![query("dry_run", "Only tells whether something would change.", json!({ "enum": ["0", "1"] }))],
            request: json_body(reference("Settings")),
            answers: vec![ok("Whether something changed, or would.", json_body(reference("Applied")))],
            failures: vec![Code::Invalid],
            ..Operation::default()
        },
    }
}

fn of_management(manage: Manage) -> Operation {
    match manage {
        Manage::Score => Operation {
            id: "scoreContent",
            summary: "Judges a text, or the page at `url`, with a reason and a place for every point.",
            description: "Spans are bytes of the text as UTF-8. With `document` and the admin key what came of it is kept as a version: scores, counts \
                          and what is not well, the text itself only where the site says so. A text that the latest version was is no new one. A page \
                          that cannot be read is 422 with why: `refused`, `unreachable`, `deadline`, `too_large`, `broken`, `redirects`, `status` or \
                          `content_type`. Of each document the latest 500 versions are kept, of each site 5,000 documents, unless its file says \
                          otherwise.",
            parameters: vec![idempotency_key()],
            request: json_body(reference("Text")),
            answers: vec![ok("The report.", json_body(reference("Report")))],
            failures: vec![Code::Invalid],
            ..Operation::default()
        },
        Manage::Suggest => Operation {
            id: "suggestContent",
            summary: "What could be written instead: title, meta description, slug, headline, call to action; only what makes the text better.",
            description: "Each candidate is put where it would stand and the text is judged again. Asked of the operator's generator, where there is one and \
                          the site wants it (`chat.generates`, `chat.daily_tokens`); else, and beside it, made by rules of the text's own words.",
            request: json_body(reference("Text")),
            answers: vec![ok("Improvements, and what to do about the rest.", json_body(reference("Suggestions")))],
            failures: vec![Code::Invalid],
            ..Operation::default()
        },
        Manage::ListDocuments => Operation {
            id: "listDocuments",
            summary: "Documents by their latest version, the latest first; or all of them as a spreadsheet.",
            parameters: [
                vec![
                    query("kind", "Only of this kind.", json!({ "enum": ["landing", "blog", "email", "whitepaper", "case_study"] })),
                    query("language", "Only in this language.", json!({ "enum": ["es", "en", "other"] })),
                    query("min_score", "Only from this score on.", score()),
                    query("max_score", "Only up to this score.", score()),
                ],
                paging(),
                vec![format()],
            ]
            .concat(),
            answers: vec![ok("A page.", or_csv("Documents"))],
            failures: vec![Code::Malformed],
            ..Operation::default()
        },
        Manage::ShowDocument => Operation {
            id: "showDocument",
            summary: "A document with its versions, the latest first, and where it goes.",
            description: "`trend.slope` is points per version by least squares over all that are kept; `trend.change` is from the last version but one to \
                          the last.",
            parameters: [paging(), vec![format()]].concat(),
            answers: vec![ok("The document.", or_csv("Document"))],
            failures: vec![Code::Malformed],
            ..Operation::default()
        },
        Manage::RemoveDocument => Operation {
            id: "removeDocument",
            summary: "Forgets a document with its versions; its page is not read any more either.",
            answers: vec![ok("A receipt.", json_body(reference("Erased")))],
            ..Operation::default()
        },
        Manage::ListPages => Operation {
            id: "listPages",
            summary: "Pages that are read again and again.",
            parameters: paging(),
            answers: vec![ok("A page of them.", json_body(reference("Pages")))],
            failures: vec![Code::Malformed],
            ..Operation::default()
        },
        Manage::ShowPage => Operation {
            id: "showPage",
            summary: "One of them, and how it stands.",
            answers: vec![ok("The page.", json_body(reference("Page")))],
            ..Operation::default()
        },
        Manage::PutPage => Operation {
            id: "putPage",
            summary: "Has a published page read again and again, at the next tick for the first time.",
            description: "Each reading that differs is a version of the document of the same name. Destinations hear `content.score_dropped` when it falls under \
                          its threshold, once until it was above it again, and `content.page_unreachable` when it could not be read several times in a row.",
            request: json_body(reference("Watch")),
            answers: vec![created("It was added.", json_body(reference("Page"))), ok("It was there.", json_body(reference("Page")))],
            failures: vec![Code::Invalid],
            ..Operation::default()
        },
        Manage::RemovePage => Operation {
            id: "removePage",
            summary: "Reads a page no longer; what was kept of it stays.",
            answers: vec![none("It is gone.")],
            ..Operation::default()
        },
        Manage::ShowSettings => Operation {
            id: "showContentSettings",
            summary: "How the site wants its content judged.",
            answers: vec![ok("The settings.", json_body(reference("Settings")))],
            ..Operation::default()
        },
    }
}

fn idempotency_key() -> Parameter {
    let description = "Sent again with the same text, nothing is kept twice and the version in the answer is the same.";
    let schema = json!({ "type": "string", "minLength": 1, "maxLength": 255 });
    Parameter { place: Place::Header, name: "Idempotency-Key", description, is_required: false, schema }
}

fn paging() -> Vec<Parameter> {
    vec![
        query("cursor", "Where the page begins.", text()),
        query("limit", "Rows of a page.", json!({ "type": "integer", "minimum": 1, "maximum": 200 })),
    ]
}

fn format() -> Parameter {
    query("format", "`csv` as a spreadsheet reads it; `Accept: text/csv` asks for the same.", json!({ "enum": ["json", "csv"] }))
}

fn or_csv(schema: &str) -> Vec<Media> {
    vec![
        Media { content_type: "application/json", schema: reference(schema) },
        Media { content_type: "text/csv", schema: json!({ "type": "string" }) },
    ]
}

fn score() -> Value {
    json!({ "type": "integer", "minimum": 0, "maximum": 100 })
}
