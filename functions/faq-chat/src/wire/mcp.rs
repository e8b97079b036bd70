//! The Model Context Protocol, for programs that look things up for people: one stateless door, JSON in and JSON out.
//! Source: the specification of 2025-11-25, streamable HTTP; as `@modelcontextprotocol/sdk` speaks it.

use futures_util::StreamExt;
use http::StatusCode;
use orilla_core::http::{empty, json};
use orilla_core::{Code, Error, Platform, Request, Response, body};
use orilla_knowledge::found::{Found, look_up, source};
use orilla_knowledge::model;
use orilla_knowledge::retrieve::retrieve;
use orilla_text::Locale;
use serde::Deserialize;
use serde_json::{Value as Json, json};

use crate::FaqChat;
use crate::answer::shown;
use crate::desk::{self, Desk};
use crate::said::{Contact, MAX_MESSAGE_BYTES, Said, Want};
use crate::write::Speech;

/// The versions that are spoken, the newest first; each is a superset of what is used here.
const VERSIONS: [&str; 3] = ["2025-11-25", "2025-06-18", "2025-03-26"];
/// The header that names the version after the first request.
const VERSION: &str = "mcp-protocol-version";
/// Articles that a search gives at most.
const FOUND: usize = 8;

/// Codes of JSON-RPC 2.0.
const INVALID_REQUEST: i32 = -32_600;
const NO_METHOD: i32 = -32_601;
const INVALID_PARAMETERS: i32 = -32_602;

/// A call.
#[derive(Debug, Clone, PartialEq, Deserialize)]
pub struct Call {
    /// The protocol's version, which is 2.0.
    pub jsonrpc: String,
    /// None of a notification, which is not answered.
    #[serde(default)]
    pub id: Option<Json>,
    /// What is to be done; none of an answer.
    #[serde(default)]
    pub method: Option<String>,
    /// With what.
    #[serde(default)]
    pub params: Json,
}

/// Reads a call; of what is none the id that it may have.
///
/// Errors: as [`body::json`].
pub fn read(request: &Request, limit: usize) -> Result<Result<Call, Json>, Error> {
    let sent: Json = body::json(request, limit)?;
    let id = sent.get("id").cloned().unwrap_or_default();
    Ok(serde_json::from_value(sent).map_err(|_| id))
}

/// What went wrong in the protocol's own words.
struct Refusal {
    code: i32,
    message: String,
}

/// What a method gives: its result, or a refusal; an error is ours.
type Outcome = Result<Result<Json, Refusal>, Error>;

impl<P: Platform> FaqChat<P> {
    /// `POST /mcp`.
    ///
    /// Errors: `Malformed` for what is no JSON or another version of the protocol; as [`desk::open`]; what the store gives.
    pub(crate) async fn speak_mcp(&self, request: &Request, limit: usize) -> Result<Response, Error> {
        if request.header(VERSION).is_some_and(|version| !VERSIONS.contains(&version)) {
            return Err(Error::malformed(format!("The versions of the protocol are {}.", VERSIONS.join(", "))));
        }
        let desk = desk::open(&self.sql, &self.random, request, None).await?;
        let call = match read(request, limit)? {
            Ok(call) => call,
            Err(id) => {
                let one = "One call at a time: an object with `jsonrpc`, `id`, `method` and `params`.";
                return refuse(&id, &refusal(INVALID_REQUEST, one));
            }
        };
        let (Some(id), Some(method)) = (call.id.as_ref().filter(|id| !id.is_null()), call.method.as_deref()) else {
            // A notification, or the answer to something that nobody asked.
            return Ok(empty(StatusCode::ACCEPTED));
        };
        if call.jsonrpc != "2.0" {
            return refuse(id, &refusal(INVALID_REQUEST, "`jsonrpc` is \"2.0\"."));
        }
        match self.perform(&desk, request, method, &call.params).await? {
            Ok(result) => json(StatusCode::OK, &json!({ "jsonrpc": "2.0", "id": id, "result": result })),
            Err(refusal) => refuse(id, &refusal),
        }
    }

    async fn perform(&self, desk: &Desk, request: &Request, method: &str, params: &Json) -> Outcome {
        match method {
            "initialize" => Ok(Ok(initialized(desk, params))),
            "ping" => Ok(Ok(json!({}))),
            "tools/list" => Ok(Ok(json!({ "tools": tools(&desk.name) }))),
            "tools/call" => {
                let arguments = &params["arguments"];
                match params["name"].as_str() {
                    Some("search_knowledge") => self.search_knowledge(desk, request, arguments).await,
                    Some("ask") => self.ask(desk, request, arguments).await,
                    Some("create_ticket") => self.create_ticket(desk, request, arguments).await,
                    _ => Ok(Err(refusal(INVALID_PARAMETERS, "The tools are search_knowledge, ask and create_ticket."))),
                }
            }
            _ => Ok(Err(refusal(NO_METHOD, "There is no such method."))),
        }
    }

    async fn search_knowledge(&self, desk: &Desk, request: &Request, arguments: &Json) -> Outcome {
        let query = match text(arguments, "query") {
            Ok(query) => query,
            Err(refusal) => return Ok(Err(refusal)),
        };
        let most = arguments["limit"].as_u64().map_or(5, |limit| usize::try_from(limit).unwrap_or(FOUND)).clamp(1, FOUND);
        let shelf = self.admit(desk, request).await?;
        let index = self.index(&desk.site, &shelf, request.received).await?;
        let retrieved = retrieve(&index, &model::shipped()?, query).map_err(Error::internal)?;
        let locale = locale(arguments, query, desk);
        let sources: Vec<_> = retrieved.candidates.iter().take(most).filter_map(|it| source(&index, &retrieved, it, locale)).collect();
        let found = look_up(&self.sql, &desk.site, &sources.iter().collect::<Vec<_>>()).await?;
        let results: Vec<Json> = found.iter().map(result).collect();
        let lines: Vec<_> = found.iter().map(|it| format!("{}\n{}", it.article.question, it.passage.text)).collect();
        Ok(Ok(content(&lines.join("\n\n"), &json!({ "results": results }))))
    }

    async fn ask(&self, desk: &Desk, request: &Request, arguments: &Json) -> Outcome {
        let question = match text(arguments, "question") {
            Ok(question) => question,
            Err(refusal) => return Ok(Err(refusal)),
        };
        let mut consulted = self.consult(desk, request, question, None, locale(arguments, question, desk)).await?;
        let mut speech = self.speak(desk, &consulted, question, &[], consulted.content(), request.received).await?;
        while let Some(said) = speech.next().await {
            if let Speech::End(spoken) = said {
                consulted.settle(spoken);
            }
        }
        let decision = &consulted.decision;
        let structured = json!({
            "action": decision.action,
            "answer": consulted.told.text,
            "locale": decision.locale,
            "confidence": shown(decision.confidence),
            "sources": consulted.told.sources,
            "suggestions": consulted.told.suggestions,
            "reasons": decision.reasons,
        });
        Ok(Ok(content(&consulted.content(), &structured)))
    }

    async fn create_ticket(&self, desk: &Desk, request: &Request, arguments: &Json) -> Outcome {
        let message = match text(arguments, "message") {
            Ok(message) => message,
            Err(refusal) => return Ok(Err(refusal)),
        };
        let email = arguments["email"].as_str().map(str::trim).filter(|email| !email.is_empty());
        if email.is_some_and(|email| orilla_text::email::parse(email).is_none()) {
            return Ok(Err(refusal(INVALID_PARAMETERS, "`email` is no e-mail address.")));
        }
        let said = Said {
            text: message.to_owned(),
            want: Some(Want::Person),
            contact: Contact { email: email.map(str::to_owned), name: None },
            locale: Some(locale(arguments, message, desk).as_str().to_owned()),
            ..Said::default()
        };
        let answer = self.converse(desk, &said, request).await?.answer;
        let structured = json!({ "conversation_id": answer.conversation_id, "ticket_id": answer.ticket_id, "state": answer.state });
        Ok(Ok(content(&answer.answer, &structured)))
    }
}

fn initialized(desk: &Desk, params: &Json) -> Json {
    let wanted = params["protocolVersion"].as_str().unwrap_or_default();
    let version = VERSIONS.into_iter().find(|version| *version == wanted).unwrap_or(VERSIONS[0]);
    json!({
        "protocolVersion": version,
        "capabilities": { "tools": { "listChanged": false } },
        "serverInfo": { "name": "orilla", "title": format!("{}: knowledge", desk.name), "version": env!("CARGO_PKG_VERSION") },
        "instructions": format!(
            "What {} has published, in Spanish and English. Ask one thing at a time; where an answer is not sure, choices are offered instead.", desk.name
        ),
    })
}

fn tools(site: &str) -> Json {
    let locale = json!({ "type": "string", "enum": ["es", "en"], "description": "The language to prefer; else the question's own." });
    json!([
        {
            "name": "search_knowledge",
            "title": "Search the help centre",
            "description": format!("Finds the articles of {site}'s help centre that are nearest to a question, the nearest first."),
            "inputSchema": {
                "type": "object",
                "properties": {
                    "query": { "type": "string", "description": "A question or some words." },
                    "limit": { "type": "integer", "minimum": 1, "maximum": FOUND },
                    "locale": locale,
                },
                "required": ["query"],
            },
            "annotations": { "readOnlyHint": true, "openWorldHint": false },
        },
        {
            "name": "ask",
            "title": "Ask the help centre",
            "description": format!("Answers a question from {site}'s help centre with its source, or says that it does not know and offers what is near."),
            "inputSchema": {
                "type": "object",
                "properties": { "question": { "type": "string" }, "locale": locale },
                "required": ["question"],
            },
            "annotations": { "readOnlyHint": true, "openWorldHint": false },
        },
        {
            "name": "create_ticket",
            "title": "Ask a person",
            "description": format!("Opens a ticket for {site}'s team with a message, and an e-mail address to answer to."),
            "inputSchema": {
                "type": "object",
                "properties": { "message": { "type": "string" }, "email": { "type": "string", "format": "email" }, "locale": locale },
                "required": ["message"],
            },
            "annotations": { "readOnlyHint": false, "destructiveHint": false, "idempotentHint": false, "openWorldHint": false },
        },
    ])
}

fn result(found: &Found) -> Json {
    json!({
        "id": found.source.id,
        "title": found.article.question,
        "url": found.article.url(),
        "locale": found.source.locale,
        "score": shown(found.source.score),
        "text": found.passage.text,
    })
}

fn content(text: &str, structured: &Json) -> Json {
    json!({ "content": [{ "type": "text", "text": text }], "structuredContent": structured, "isError": false })
}

fn text<'a>(arguments: &'a Json, name: &str) -> Result<&'a str, Refusal> {
    let text = arguments[name].as_str().map(str::trim).filter(|text| !text.is_empty() && text.len() <= MAX_MESSAGE_BYTES);
    text.ok_or_else(|| refusal(INVALID_PARAMETERS, &format!("`{name}` is a text of 1 to 16,000 bytes.")))
}

fn locale(arguments: &Json, text: &str, desk: &Desk) -> Locale {
    let own = desk.locales.first().copied().unwrap_or(Locale::Es);
    arguments["locale"].as_str().and_then(Locale::of_tag).unwrap_or_else(|| orilla_knowledge::locale::spoken(text, own).answered_in(own))
}

fn refusal(code: i32, message: &str) -> Refusal {
    Refusal { code, message: message.to_owned() }
}

/// A refusal is an answer: the protocol's errors travel in 200.
fn refuse(id: &Json, refusal: &Refusal) -> Result<Response, Error> {
    let status = if refusal.code == INVALID_REQUEST { Code::Malformed.status() } else { StatusCode::OK };
    json(status, &json!({ "jsonrpc": "2.0", "id": id, "error": { "code": refusal.code, "message": refusal.message } }))
}
