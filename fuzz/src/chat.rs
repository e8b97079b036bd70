//! What the chat is asked by pages, by clients of OpenAI's and by programs that speak MCP; and what a model's server sends.

use faq_chat::said::{self, MAX_MESSAGE_BYTES};
use faq_chat::wire::{mcp, openai};
use orilla_generate::stream::{End, Reader};
use orilla_text::email;

use crate::sent::{LIMIT, post, read};

/// `POST /v1/chat`.
pub fn chat(input: &[u8]) {
    let Ok(said) = read(&post(input), |request| said::read(request, LIMIT)) else { return };
    assert!(said.text.len() <= MAX_MESSAGE_BYTES && !said.text.chars().any(|c| c.is_control() && c != '\n' && c != '\t'));
    assert!(!said.text.is_empty() || said.want.is_some() || said.contact.email.is_some(), "somebody says something");
    assert!(said.contact.email.as_deref().is_none_or(|address| email::parse(address).is_some()));
    assert!(said.contact.name.as_ref().is_none_or(|name| name.chars().count() <= 200 && !name.is_empty()));
    assert!(said.page.as_ref().is_none_or(|page| !page.contains(['?', '#'])), "a query is nobody's business");
}

/// OpenAI's chat completions.
pub fn openai(input: &[u8]) {
    let Ok(asked) = read(&post(input), |request| openai::read(request, LIMIT)) else { return };
    assert!(!asked.question.trim().is_empty() && asked.question.len() <= MAX_MESSAGE_BYTES);
    assert!(asked.earlier.iter().map(String::len).sum::<usize>() + asked.question.len() <= asked.prompt_chars);
}

/// The Model Context Protocol.
pub fn mcp(input: &[u8]) {
    let request = post(input);
    let Ok(Ok(call)) = read(&request, |request| mcp::read(request, LIMIT)) else { return };
    let again = serde_json::json!({ "jsonrpc": call.jsonrpc, "id": call.id, "method": call.method, "params": call.params });
    assert_eq!(mcp::read(&post(again.to_string().as_bytes()), LIMIT).unwrap(), Ok(call));
}

/// A model's stream: the same text and the same end, however the bytes are cut.
pub fn model_stream(input: &[u8]) {
    let whole = streamed([input].into_iter());
    assert_eq!(streamed(input.chunks(1)), whole, "byte by byte");
    let at = input.iter().fold(7, |at: usize, byte| at.wrapping_mul(31).wrapping_add(usize::from(*byte))) % (input.len() + 1);
    assert_eq!(streamed([&input[..at], &input[at..]].into_iter()), whole, "cut at {at}");
    assert_eq!(streamed(input.chunks(5)), whole, "in fives");
    assert!(whole.0.len() <= input.len() * 3);
}

fn streamed<'c>(chunks: impl Iterator<Item = &'c [u8]>) -> (String, End) {
    let mut reader = Reader::new();
    let mut text: String = chunks.map(|chunk| reader.push(chunk)).collect();
    let (rest, end) = reader.end();
    text.push_str(&rest);
    (text, end)
}
