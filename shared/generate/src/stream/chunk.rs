//! What one JSON document of an answer says: a piece of a stream, a whole completion, or an error.

use serde::Serialize;
use serde_json::Value as Json;

/// Why a model stopped.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum Finish {
    /// It had said all.
    Stop,
    /// It reached the most it may write: the last sentence is not whole.
    Length,
    /// Its operator's filter stopped it.
    Filter,
    /// Anything else, such as the wish to call a tool.
    Other,
}

/// What an answer cost.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize)]
pub struct Usage {
    /// Tokens that were read.
    pub prompt_tokens: u32,
    /// Tokens that were written.
    pub completion_tokens: u32,
}

impl Usage {
    /// Both.
    #[must_use]
    pub const fn total(self) -> u32 {
        self.prompt_tokens.saturating_add(self.completion_tokens)
    }

    /// That of two calls.
    #[must_use]
    pub const fn and(self, other: Self) -> Self {
        Self {
            prompt_tokens: self.prompt_tokens.saturating_add(other.prompt_tokens),
            completion_tokens: self.completion_tokens.saturating_add(other.completion_tokens),
        }
    }
}

/// What was understood.
#[derive(Debug, Default, PartialEq, Eq)]
pub(super) struct Chunk {
    pub(super) text: String,
    pub(super) finish: Option<Finish>,
    pub(super) usage: Option<Usage>,
    pub(super) is_error: bool,
    /// It has the form of an answer, even if it says nothing.
    pub(super) is_answer: bool,
}

impl Chunk {
    /// Reads one. After text has come in pieces, a whole message is those pieces again.
    pub(super) fn read(json: &Json, has_text: bool) -> Self {
        // Source: OpenAI's `error` object; vLLM before 0.10 sent `{"object": "error", "message": …}`.
        if json.get("error").is_some_and(|error| !error.is_null()) || json.get("object").is_some_and(|object| object == "error") {
            return Self { is_error: true, ..Self::default() };
        }
        let mut chunk = Self { usage: json.get("usage").and_then(usage), ..Self::default() };
        let Some(choices) = json.get("choices").and_then(Json::as_array) else { return chunk };
        chunk.is_answer = true;
        // Only one was asked for; the tail that has only a usage has none.
        let Some(choice) = choices.iter().find(|choice| choice.get("index").and_then(Json::as_u64).unwrap_or(0) == 0) else { return chunk };
        let piece = choice.get("delta").and_then(|delta| delta.get("content")).filter(|content| !content.is_null());
        let whole = || choice.get("message").and_then(|message| message.get("content")).or_else(|| choice.get("text"));
        chunk.text = piece.or_else(|| if has_text { None } else { whole() }).map(text).unwrap_or_default();
        chunk.finish = choice.get("finish_reason").and_then(Json::as_str).and_then(finish);
        chunk
    }
}

/// Text, or the texts of a list of parts.
fn text(content: &Json) -> String {
    match content {
        Json::String(text) => text.clone(),
        Json::Array(parts) => parts.iter().filter_map(|part| part.get("text").and_then(Json::as_str)).collect(),
        _ => String::new(),
    }
}

fn finish(word: &str) -> Option<Finish> {
    match word {
        "" => None,
        "stop" | "eos" | "eos_token" | "stop_sequence" | "end_turn" => Some(Finish::Stop),
        "length" | "max_tokens" => Some(Finish::Length),
        "content_filter" => Some(Finish::Filter),
        _ => Some(Finish::Other),
    }
}

fn usage(json: &Json) -> Option<Usage> {
    let number = |name| {
        let value: &Json = json.get(name)?;
        value.as_u64().or_else(|| value.as_f64().map(|value| value as u64)).map(|value| u32::try_from(value).unwrap_or(u32::MAX))
    };
    let [prompt_tokens, completion_tokens] = ["prompt_tokens", "completion_tokens"].map(number);
    if prompt_tokens.is_none() && completion_tokens.is_none() {
        return None;
    }
    Some(Usage { prompt_tokens: prompt_tokens.unwrap_or(0), completion_tokens: completion_tokens.unwrap_or(0) })
}
