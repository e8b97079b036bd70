//! What the route table does not say about each operation.

use faq_chat::routes::{Manage, Operate, Operation as Name, Visit};
use http::StatusCode;
use orilla_core::Code;
use orilla_core::openapi::schema::{count, page, text};
use orilla_core::openapi::{Answer, Media, Operation, Parameter, Place, json_body, ok, query, reference};
use serde_json::{Value, json};

/// One operation, described. A match without a wildcard: a new route does not compile until it stands here.
pub fn operation(name: Name) -> Operation {
    match name {
        Name::Visit(visit) => of_visits(visit),
        Name::Manage(manage) => of_management(manage),
        Name::Operate(Operate::ApplyArticles) => Operation {
            id: "applyArticles",
            summary: "Applies the articles of a site's files, and goes on with their index.",
            description: "What files made and no longer have goes; what was written over the API stays. Sent again until nothing is pending, the index is whole.",
            parameters: vec![dry_run()],
            request: json_body(reference("Files")),
            answers: vec![ok("What changed, or would.", json_body(reference("Applied")))],
            failures: vec![Code::Invalid],
            ..Operation::default()
        },
    }
}

/// Whose site it is.
const BY_SITE: &str = "The site is known by its write key, as a bearer token or in `X-Write-Key`, or by its public id as `site`.";
/// What every visitor can be answered: a wrong key, a foreign origin, too much of it, an unknown site.
const AT_THE_DOOR: [Code; 4] = [Code::Unauthenticated, Code::Forbidden, Code::TooManyRequests, Code::NotFound];

fn of_visits(visit: Visit) -> Operation {
    match visit {
        Visit::Chat => Operation {
            id: "chat",
            summary: "Says something, and is answered.",
            description: BY_SITE,
            parameters: vec![idempotency_key()],
            request: json_body(reference("Said")),
            answers: vec![ok(
                "The answer. In pieces: an event `start` with all but the words, events `text`, and an event `end` with the whole answer, which counts.",
                vec![
                    Media { content_type: "application/json", schema: reference("Answer") },
                    Media { content_type: "text/event-stream", schema: event() },
                ],
            )],
            failures: [&AT_THE_DOOR[..], &[Code::Invalid]].concat(),
            ..Operation::default()
        },
        Visit::Follow => Operation {
            id: "followConversation",
            summary: "What was said since, and who has the floor.",
            description: "The id is the right to read it.",
            parameters: vec![
                query("site", "The site's public id, where no key is shown.", text()),
                query("after", "The number of the last message that is known.", count()),
            ],
            answers: vec![ok("The conversation.", json_body(reference("Followed")))],
            failures: [&AT_THE_DOOR[..], &[Code::Malformed]].concat(),
            ..Operation::default()
        },
        Visit::Rate => Operation {
            id: "rateAnswer",
            summary: "Whether an answer helped.",
            description: "What did not help is kept as a question that the site's knowledge lacks.",
            request: json_body(reference("Rating")),
            answers: vec![ok("It is noted.", json_body(reference("Rated")))],
            failures: [&AT_THE_DOOR[..], &[Code::Invalid]].concat(),
            ..Operation::default()
        },
        Visit::Complete => Operation {
            id: "createChatCompletion",
            summary: "Answers a question as OpenAI's chat completions do.",
            description: "The API key is a key of the site. The last message of the user is the question, the one before helps to understand it; nothing is stored.",
            request: json_body(reference("CompletionRequest")),
            answers: vec![ok(
                "The answer, whole or in pieces.",
                vec![
                    Media { content_type: "application/json", schema: reference("Completion") },
                    Media { content_type: "text/event-stream", schema: event() },
                ],
            )],
            failures: [&AT_THE_DOOR[..], &[Code::Invalid]].concat(),
            failure_forms: json_body(reference("CompletionFailure")),
            ..Operation::default()
        },
        Visit::ListModels => Operation {
            id: "listModels",
            summary: "The one model that there is, as OpenAI lists models.",
            answers: vec![ok("The list.", json_body(reference("Models")))],
            failures: AT_THE_DOOR.to_vec(),
            failure_forms: json_body(reference("CompletionFailure")),
            ..Operation::default()
        },
        Visit::SpeakMcp => Operation {
            id: "callMcp",
            summary: "A call of the Model Context Protocol, without a session.",
            description: "The tools are `search_knowledge`, `ask` and `create_ticket`; the key is a key of the site.",
            parameters: vec![Parameter {
                place: Place::Header,
                name: "MCP-Protocol-Version",
                description: "The version that was agreed on.",
                is_required: false,
                schema: json!({ "enum": ["2025-11-25", "2025-06-18", "2025-03-26"] }),
            }],
            request: json_body(reference("RpcCall")),
            answers: vec![
                ok("The result, or what is wrong with the call.", json_body(reference("RpcAnswer"))),
                Answer { status: StatusCode::ACCEPTED, description: "A notification was heard.", ..Answer::default() },
            ],
            failures: AT_THE_DOOR.to_vec(),
            failure_forms: json_body(reference("RpcAnswer")),
        },
    }
}

fn of_management(manage: Manage) -> Operation {
    let of_conversation = || vec![ok("The conversation as it is now.", json_body(reference("Conversation")))];
    match manage {
        Manage::ListConversations => Operation {
            id: "listConversations",
            summary: "Conversations, the latest first.",
            parameters: vec![
                query("state", "Only those in this state.", states()),
                query("limit", "How many.", json!({ "type": "integer", "minimum": 1, "maximum": 200 })),
                query("cursor", "Where the page begins.", text()),
            ],
            answers: vec![ok("A page.", json_body(page("conversations", "ConversationSummary")))],
            failures: vec![Code::Malformed],
            ..Operation::default()
        },
        Manage::ShowConversation => Operation {
            id: "showConversation",
            summary: "One conversation with its messages.",
            answers: of_conversation(),
            ..Operation::default()
        },
        Manage::Reply => Operation {
            id: "replyAsAgent",
            summary: "Writes as an agent, which takes the floor.",
            request: json_body(reference("Reply")),
            answers: of_conversation(),
            failures: vec![Code::Invalid],
            ..Operation::default()
        },
        Manage::Steer => Operation {
            id: "steerConversation",
            summary: "Takes the floor, gives it back to the bot, or says that it is done.",
            request: json_body(reference("Steering")),
            answers: of_conversation(),
            failures: vec![Code::Invalid],
            ..Operation::default()
        },
        Manage::EraseConversation => Operation {
            id: "eraseConversation",
            summary: "Erases a conversation with all that it has left elsewhere.",
            answers: vec![ok("A receipt.", json_body(reference("Erased")))],
            ..Operation::default()
        },
        Manage::ListArticles => Operation {
            id: "listArticles",
            summary: "Articles in the order of their ids.",
            parameters: vec![
                locale(),
                query("limit", "How many.", json!({ "type": "integer", "minimum": 1, "maximum": 500 })),
                query("after", "The `next` of the page before.", text()),
            ],
            answers: vec![ok("A page.", json_body(page("articles", "StoredArticle")))],
            failures: vec![Code::Malformed],
            ..Operation::default()
        },
        Manage::ShowArticle => Operation {
            id: "showArticle",
            summary: "One article in each of its languages.",
            answers: vec![ok("The article.", json_body(reference("ArticleInLanguages")))],
            ..Operation::default()
        },
        Manage::PutArticle => Operation {
            id: "putArticle",
            summary: "Writes an article of one language.",
            request: json_body(reference("Article")),
            answers: vec![ok("It is stored; the index follows.", json_body(reference("Written")))],
            failures: vec![Code::Invalid],
            ..Operation::default()
        },
        Manage::RemoveArticle => Operation {
            id: "removeArticle",
            summary: "Removes an article, in one language or in all.",
            parameters: vec![locale()],
            answers: vec![ok("It is gone; the index follows.", json_body(reference("Removed")))],
            failures: vec![Code::Malformed],
            ..Operation::default()
        },
        Manage::ImportArticles => Operation {
            id: "importArticles",
            summary: "Reads articles from lines of JSON, a spreadsheet's CSV, or a page of questions and answers.",
            description: "Rows that are right are taken, the others are told with their lines.",
            parameters: vec![
                query("format", "What it is; else its content type or its beginning tells.", json!({ "enum": ["jsonl", "csv", "html"] })),
                query("locale", "The language of a page.", json!({ "enum": ["es", "en"] })),
                query("url", "Where a page stands, as the source of its answers.", text()),
                dry_run(),
            ],
            request: ["application/jsonl", "text/csv", "text/html"].map(|content_type| Media { content_type, schema: text() }).into(),
            answers: vec![ok("What was read.", json_body(reference("Imported")))],
            failures: vec![Code::Invalid],
            ..Operation::default()
        },
        Manage::BuildIndex => Operation {
            id: "buildIndex",
            summary: "Goes on with the index, for as long as one request may.",
            answers: vec![ok("Where it stands.", json_body(reference("IndexState")))],
            ..Operation::default()
        },
        Manage::ShowQuality => Operation {
            id: "showQuality",
            summary: "What the knowledge is worth: by the site's own questions, and by its visitors.",
            parameters: vec![days()],
            answers: vec![ok("Figures.", json_body(reference("Quality")))],
            failures: vec![Code::Malformed],
            ..Operation::default()
        },
        Manage::ShowGaps => Operation {
            id: "showGaps",
            summary: "Questions without a good answer, like ones together, the commonest first.",
            parameters: vec![days()],
            answers: vec![ok("Groups, each with the draft of an article.", json_body(reference("Gaps")))],
            failures: vec![Code::Malformed],
            ..Operation::default()
        },
    }
}

fn idempotency_key() -> Parameter {
    Parameter {
        place: Place::Header,
        name: "Idempotency-Key",
        description: "Sent again with the same message, nothing new is stored and the answer is the same.",
        is_required: false,
        schema: json!({ "type": "string", "minLength": 1, "maxLength": 255 }),
    }
}

/// One event of a stream.
fn event() -> Value {
    json!({ "type": "object", "properties": { "event": text(), "data": text() }, "required": ["data"] })
}

fn states() -> Value {
    json!({ "enum": ["bot", "waiting", "human", "resolved"] })
}

fn locale() -> Parameter {
    query("locale", "Only this language.", json!({ "enum": ["es", "en"] }))
}

fn dry_run() -> Parameter {
    query("dry_run", "Only tells what would change.", json!({ "enum": ["0", "1"] }))
}

fn days() -> Parameter {
    query("days", "How far back.", json!({ "type": "integer", "minimum": 1, "maximum": 365 }))
}
