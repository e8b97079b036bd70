//! The outside world of a test: records every request and answers as the test says, without a network.

use std::cell::RefCell;
use std::fmt;
use std::rc::Rc;

use bytes::Bytes;
use futures_util::StreamExt;
use futures_util::stream;
use http::{HeaderMap, StatusCode};
use orilla_core::Fetch;
use orilla_core::ports::{FetchError, Inbound, Outbound};

/// What the outside answers.
#[derive(Debug, Clone)]
pub struct Answer {
    /// The status.
    pub status: StatusCode,
    /// The headers.
    pub headers: HeaderMap,
    /// The body; longer than the request's cap, it fails as it would on a network.
    pub body: Bytes,
}

impl From<StatusCode> for Answer {
    fn from(status: StatusCode) -> Self {
        Self { status, headers: HeaderMap::new(), body: Bytes::new() }
    }
}

type Handler = dyn Fn(&Outbound) -> Result<Answer, FetchError>;

/// An outside that answers 200 to everything until told otherwise. Clones share what they recorded.
#[derive(Clone)]
pub struct Outside(Rc<State>);

struct State {
    handler: RefCell<Rc<Handler>>,
    requests: RefCell<Vec<Outbound>>,
}

impl Default for Outside {
    fn default() -> Self {
        let handler: Rc<Handler> = Rc::new(|_| Ok(StatusCode::OK.into()));
        Self(Rc::new(State { handler: RefCell::new(handler), requests: RefCell::default() }))
    }
}

impl Outside {
    pub(super) fn answer(&self, handler: impl Fn(&Outbound) -> Result<Answer, FetchError> + 'static) {
        self.0.handler.replace(Rc::new(handler));
    }

    pub(super) fn take(&self) -> Vec<Outbound> {
        self.0.requests.take()
    }
}

impl fmt::Debug for Outside {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Outside({} requests)", self.0.requests.borrow().len())
    }
}

impl Fetch for Outside {
    async fn fetch(&self, request: Outbound) -> Result<Inbound, FetchError> {
        let handler = self.0.handler.borrow().clone();
        let outcome = handler(&request);
        let cap = request.max_bytes;
        self.0.requests.borrow_mut().push(request);
        let Answer { status, headers, body } = outcome?;
        let chunk = if body.len() > cap { Err(FetchError::TooLarge) } else { Ok(body) };
        Ok(Inbound { status, headers, body: stream::iter([chunk]).boxed_local() })
    }
}
