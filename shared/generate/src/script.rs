//! A stand-in for models' servers, for tests: it answers in order, and keeps what it was asked.

use std::cell::RefCell;
use std::collections::VecDeque;
use std::rc::Rc;
use std::time::Duration;

use bytes::Bytes;
use futures_util::StreamExt;
use futures_util::stream;
use http::{HeaderMap, HeaderValue, StatusCode, header};
use orilla_core::Fetch;
use orilla_core::guard;
use orilla_core::ports::{FetchError, Inbound, Outbound};
use serde_json::json;

use crate::config::{Endpoint, GeneratorConfig};

/// What one call is answered: a status, chunks, and whether it hangs after them.
pub type Reply = Result<(u16, Vec<Result<Bytes, FetchError>>, bool), FetchError>;

/// The servers.
#[derive(Clone, Default)]
pub struct Script {
    replies: Rc<RefCell<VecDeque<Reply>>>,
    /// What was asked.
    pub asked: Rc<RefCell<Vec<Outbound>>>,
}

impl Script {
    /// That give these answers in order; then nobody is there.
    pub fn new(replies: Vec<Reply>) -> Self {
        Self { replies: Rc::new(RefCell::new(replies.into())), asked: Rc::default() }
    }

    /// Two servers.
    pub fn config(&self) -> GeneratorConfig {
        GeneratorConfig { endpoints: vec![endpoint("first"), endpoint("second")], timeout: Duration::from_secs(9) }
    }

    /// Which were asked.
    pub fn hosts(&self) -> Vec<String> {
        self.asked.borrow().iter().map(|it| it.destination.url().host_str().unwrap_or_default().replace(".example", "")).collect()
    }
}

impl Fetch for Script {
    async fn fetch(&self, request: Outbound) -> Result<Inbound, FetchError> {
        self.asked.borrow_mut().push(request);
        let (status, chunks, hangs) = self.replies.borrow_mut().pop_front().unwrap_or(Err(FetchError::Connect("nobody".to_owned())))?;
        let mut headers = HeaderMap::new();
        headers.insert(header::RETRY_AFTER, HeaderValue::from_static("7"));
        let body = stream::iter(chunks);
        let body = if hangs { body.chain(stream::pending()).boxed_local() } else { body.boxed_local() };
        Ok(Inbound { status: StatusCode::from_u16(status).unwrap(), headers, body })
    }
}

/// A piece of a streamed answer.
pub fn chunk(text: &str) -> Result<Bytes, FetchError> {
    Ok(Bytes::from(format!("data: {}\n\n", json!({"choices": [{"delta": {"content": text}}]}))))
}

/// Its end.
pub fn done() -> Result<Bytes, FetchError> {
    Ok(Bytes::from("data: {\"choices\":[],\"usage\":{\"prompt_tokens\":300,\"completion_tokens\":20}}\n\ndata: [DONE]\n\n"))
}

/// A whole one.
pub fn told(text: &str) -> Reply {
    Ok((200, vec![chunk(text), done()], false))
}

/// One server.
pub fn endpoint(id: &str) -> Endpoint {
    let mut key = HeaderValue::from_static("Bearer secret");
    key.set_sensitive(true);
    let destination = guard::trusted(&format!("https://{id}.example/v1/chat/completions")).unwrap();
    Endpoint { id: id.to_owned(), destination, model: format!("{id}-model"), authorization: Some(key) }
}
