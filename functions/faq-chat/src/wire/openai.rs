//! OpenAI's chat completions: any client of them is a client of the site's knowledge. The base URL is the deployment's with `/v1`, the API
//! key a key of the site. Source: the wire as `openai` for npm 6 and for PyPI 2 read it.

use bytes::Bytes;
use futures_util::StreamExt;
use futures_util::stream::{self, LocalBoxStream};
use http::StatusCode;
use orilla_core::http::json;
use orilla_core::ids::uuid_v7;
use orilla_core::{Code, Error, Platform, Request, Response, Violation, body};
use orilla_text::Locale;
use serde::Deserialize;
use serde_json::{Value as Json, json};

use crate::answer::shown;
use crate::consult::Consulted;
use crate::said::MAX_MESSAGE_BYTES;
use crate::write::Speech;
use crate::{FaqChat, desk, sse};

/// The only model there is.
const MODEL: &str = "orilla";

/// What of a request is read; everything else is taken and makes no difference.
#[derive(Debug, Deserialize)]
struct Sent {
    messages: Vec<Message>,
    #[serde(default)]
    model: Option<String>,
    #[serde(default)]
    stream: Option<bool>,
    #[serde(default)]
    stream_options: Option<StreamOptions>,
    #[serde(default)]
    n: Option<u32>,
}

#[derive(Debug, Deserialize)]
struct StreamOptions {
    #[serde(default)]
    include_usage: Option<bool>,
}

#[derive(Debug, Deserialize)]
struct Message {
    role: String,
    #[serde(default)]
    content: Option<Content>,
}

#[derive(Debug, Deserialize)]
#[serde(untagged)]
enum Content {
    Text(String),
    Parts(Vec<Part>),
}

#[derive(Debug, Deserialize)]
struct Part {
    #[serde(default)]
    text: Option<String>,
}

impl Message {
    fn text(&self) -> String {
        match &self.content {
            None => String::new(),
            Some(Content::Text(text)) => text.clone(),
            Some(Content::Parts(parts)) => parts.iter().filter_map(|part| part.text.as_deref()).collect::<Vec<_>>().join("\n"),
        }
    }
}

/// What is asked.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Asked {
    /// A user's last message, without white space around it.
    pub question: String,
    /// Those before it, in order.
    pub earlier: Vec<String>,
    /// What the client calls us.
    pub model: String,
    /// Whether the answer is to come in pieces.
    pub is_streamed: bool,
    /// Whether a last piece tells what it cost.
    pub is_usage_wanted: bool,
    /// How long everything is that was said.
    pub prompt_chars: usize,
}

/// Reads a request.
///
/// Errors: as [`body::json`]; `Invalid` for one without a question, with too long a one, or for several answers.
pub fn read(request: &Request, limit: usize) -> Result<Asked, Error> {
    let sent: Sent = body::json(request, limit)?;
    let mut asked: Vec<String> = sent.messages.iter().filter(|it| it.role == "user").map(|it| it.text().trim().to_owned()).collect();
    let Some(question) = asked.pop().filter(|question| !question.is_empty()) else {
        return Err(refused("messages", "The last message of a user is the question; there is none."));
    };
    if question.len() > MAX_MESSAGE_BYTES {
        return Err(refused("messages", "A question has 16,000 bytes at most."));
    }
    if sent.n.is_some_and(|n| n != 1) {
        return Err(refused("n", "There is one answer to a question."));
    }
    Ok(Asked {
        question,
        earlier: asked,
        model: sent.model.unwrap_or_else(|| MODEL.to_owned()),
        is_streamed: sent.stream == Some(true),
        is_usage_wanted: sent.stream_options.and_then(|it| it.include_usage) == Some(true),
        prompt_chars: sent.messages.iter().map(|it| it.text().len()).sum(),
    })
}

/// One completion in the making.
struct Completion {
    id: String,
    created: i64,
    model: String,
    prompt_chars: usize,
    consulted: Consulted,
}

impl<P: Platform> FaqChat<P> {
    /// `POST /v1/chat/completions`.
    pub(crate) async fn complete(&self, request: &Request, limit: usize) -> Result<Response, Error> {
        self.completed(request, limit).await.or_else(|error| failure(&error))
    }

    /// `GET /v1/models`.
    pub(crate) async fn list_models(&self, request: &Request) -> Result<Response, Error> {
        let listed = json!({ "object": "list", "data": [{ "id": MODEL, "object": "model", "created": 0, "owned_by": "orilla" }] });
        match desk::open(&self.sql, &self.random, request, None).await {
            Ok(_) => json(StatusCode::OK, &listed),
            Err(error) => failure(&error),
        }
    }

    async fn completed(&self, request: &Request, limit: usize) -> Result<Response, Error> {
        let desk = desk::open(&self.sql, &self.random, request, None).await?;
        let asked = read(request, limit)?;
        let page = Locale::negotiate(None, request.header(http::header::ACCEPT_LANGUAGE), &desk.locales);
        let consulted = self.consult(&desk, request, &asked.question, asked.earlier.last().map(String::as_str), page).await?;
        let mut speech = self.speak(&desk, &consulted, &asked.question, &asked.earlier, consulted.content(), request.received).await?;
        let mut completion = Completion {
            id: format!("chatcmpl-{}", uuid_v7(request.received, &self.random).as_simple()),
            created: request.received.timestamp(),
            model: asked.model,
            prompt_chars: asked.prompt_chars,
            consulted,
        };
        if asked.is_streamed {
            return Ok(completion.stream(speech, asked.is_usage_wanted));
        }
        let mut content = String::new();
        while let Some(said) = speech.next().await {
            match said {
                Speech::Text(text) => content.push_str(&text),
                Speech::End(spoken) => completion.consulted.settle(spoken),
            }
        }
        json(StatusCode::OK, &completion.whole(&content))
    }
}

impl Completion {
    fn whole(&self, content: &str) -> Json {
        let mut whole = self.frame("chat.completion");
        whole["choices"] = json!([{
            "index": 0,
            "message": { "role": "assistant", "content": content, "refusal": null },
            "logprobs": null,
            "finish_reason": "stop",
        }]);
        whole["usage"] = self.usage(content.len());
        self.extend(&mut whole);
        whole
    }

    /// A first chunk with the role, the words as they come, an empty one that ends them, the usage if it is wanted, and the mark of the end.
    fn stream(self, speech: LocalBoxStream<'static, Speech>, is_usage_wanted: bool) -> Response {
        let first = sse::data(&self.chunk(&json!({ "role": "assistant", "content": "", "refusal": null }), None, is_usage_wanted));
        let (mut completion, mut bytes) = (self, 0);
        let rest = speech.map(move |said| match said {
            Speech::Text(text) => {
                bytes += text.len();
                sse::data(&completion.chunk(&json!({ "content": text }), None, is_usage_wanted))
            }
            Speech::End(spoken) => {
                completion.consulted.settle(spoken);
                completion.end(is_usage_wanted, bytes)
            }
        });
        sse::response(stream::once(std::future::ready(first)).chain(rest))
    }

    fn end(&self, is_usage_wanted: bool, bytes: usize) -> Result<Bytes, Error> {
        let mut last = self.chunk(&json!({}), Some("stop"), is_usage_wanted);
        self.extend(&mut last);
        let mut end = sse::data(&last)?.to_vec();
        if is_usage_wanted {
            let mut usage = self.frame("chat.completion.chunk");
            usage["choices"] = json!([]);
            usage["usage"] = self.usage(bytes);
            end.extend(sse::data(&usage)?);
        }
        end.extend_from_slice(b"data: [DONE]\n\n");
        Ok(end.into())
    }

    fn chunk(&self, delta: &Json, finish: Option<&str>, is_usage_wanted: bool) -> Json {
        let mut chunk = self.frame("chat.completion.chunk");
        chunk["choices"] = json!([{ "index": 0, "delta": delta, "logprobs": null, "finish_reason": finish }]);
        if is_usage_wanted {
            chunk["usage"] = Json::Null;
        }
        chunk
    }

    fn frame(&self, object: &str) -> Json {
        json!({ "id": self.id, "object": object, "created": self.created, "model": self.model, "system_fingerprint": null })
    }

    /// What OpenAI's wire has no name for.
    fn extend(&self, answer: &mut Json) {
        let Consulted { decision, told, .. } = &self.consulted;
        answer["sources"] = json!(told.sources);
        answer["suggestions"] = json!(told.suggestions);
        answer["action"] = json!(decision.action);
        answer["confidence"] = json!(shown(decision.confidence));
        answer["reasons"] = json!(decision.reasons);
    }

    /// Nobody counts tokens where no model writes: four characters each, as is usual for an estimate.
    fn usage(&self, bytes: usize) -> Json {
        let (prompt, completion) = (self.prompt_chars.div_ceil(4), bytes.div_ceil(4));
        json!({ "prompt_tokens": prompt, "completion_tokens": completion, "total_tokens": prompt + completion })
    }
}

fn refused(field: &str, message: &str) -> Error {
    Error::invalid(message.to_owned(), vec![Violation { field: field.into(), code: "invalid".into(), message: message.into() }])
}

/// A failure as OpenAI's clients read it: they retry what is 429 or 5xx, and show `message` of the rest.
///
/// Errors: the failure itself where it is ours, so that it is logged.
fn failure(error: &Error) -> Result<Response, Error> {
    let kind = match error.code {
        Code::Unauthenticated => "authentication_error",
        Code::Forbidden => "permission_error",
        Code::NotFound => "not_found_error",
        Code::TooManyRequests => "rate_limit_error",
        Code::Internal | Code::Unavailable => "server_error",
        _ => "invalid_request_error",
    };
    let parameter = error.violations.first().map(|it| it.field.as_str());
    let told = json!({ "error": { "message": error.detail, "type": kind, "param": parameter, "code": error.code.name() } });
    let mut response = json(error.code.status(), &told)?;
    if let Some(wait) = error.retry_after {
        response.headers_mut().insert(http::header::RETRY_AFTER, wait.as_secs().into());
    }
    Ok(response)
}
